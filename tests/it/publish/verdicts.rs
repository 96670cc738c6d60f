//! Outputs of one store by tags, sources, age, number and order; what is kept and dropped, and by which rule.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const NOW: &str = "2026-11-10T00:00:00Z";

fn feedloom(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.arg("--config").arg(folder.join("feeds.toml")).args(words).output().unwrap()
}

#[track_caller]
fn well(folder: &Path, words: &[&str]) -> String {
    let done = feedloom(folder, words);
    assert_eq!(done.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Items of a feed: title, day of November, category, author.
type Posts<'a> = &'a [(&'a str, u8, &'a str, &'a str)];

fn feed(folder: &Path, name: &str, more: &str, posts: Posts<'_>) {
    let mut items = String::new();
    for (title, day, category, author) in posts {
        let guid = title.to_lowercase().replace(' ', "-");
        write!(
            items,
            "<item><title>{title}</title><link>https://{name}.example/{guid}</link><guid isPermaLink=\"false\">{guid}</guid>\
             <category>{category}</category><dc:creator>{author}</dc:creator><pubDate>{day:02} Nov 2026 06:00:00 GMT</pubDate>\
             <description>All about {title}.</description></item>"
        )
        .unwrap();
    }
    let text = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>{name}</title>\
         <link>https://{name}.example/</link>{more}{items}</channel></rss>"
    );
    fs::write(folder.join(format!("{name}.xml")), text).unwrap();
}

fn scene(toml: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("feeds.toml"), format!("link = \"https://f.example/\"\n{toml}")).unwrap();
    folder
}

/// Titles of a JSON output, first to last.
fn titles(folder: &Path, file: &str) -> Vec<String> {
    let bytes = fs::read(folder.join("data/public").join(file)).unwrap();
    let feed: Value = serde_json::from_slice(&bytes).unwrap();
    feed["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

/// Title → name of the rule that drops it from the first output; of what is kept, none.
fn rules(folder: &Path) -> BTreeMap<String, Option<String>> {
    let told: Value = serde_json::from_str(&well(folder, &["run", "--dry-run", "--json", "--now", NOW])).unwrap();
    let held = told["held_back"].as_array().unwrap().iter();
    let stories = told["outputs"][0]["stories"].as_array().unwrap().iter();
    let one = |story: &Value| (story["title"].as_str().unwrap().to_owned(), story["rule"].as_str().map(str::to_owned));
    held.chain(stories).map(one).collect()
}

#[track_caller]
fn check(rules: &BTreeMap<String, Option<String>>, title: &str, want: Option<&str>) {
    assert_eq!(rules.get(title).map(Option::as_deref), Some(want), "{title}: {rules:?}");
}

#[test]
fn outputs_of_one_store_by_tags_sources_age_number_and_order() {
    let scene = scene(
        "[defaults]\nmax_age = \"none\"\n[[source]]\nid = \"a\"\nurl = \"file:a.xml\"\ntags = [\"red\"]\n[[source]]\nid = \"b\"\nurl = \"file:b.xml\"\ntags = [\"blue\", \"red\"]\n\
         [[source]]\nid = \"c\"\nurl = \"file:c.xml\"\ntags = [\"blue\"]\nmax_items = 1\n\
         [[output]]\nfile = \"red.json\"\ntags = [\"red\"]\n[[output]]\nfile = \"c.json\"\nsources = [\"c\"]\n\
         [[output]]\nfile = \"young.json\"\nmax_age = \"45h\"\n[[output]]\nfile = \"short.json\"\nitems = 2\norder = \"published\"\n",
    );
    let folder = scene.path();
    feed(folder, "a", "", &[("Walrus census", 8, "", ""), ("Granite prices", 2, "", "")]);
    feed(folder, "b", "", &[("Orchid theft", 7, "", "")]);
    feed(folder, "c", "", &[("Tunnel opening", 9, "", ""), ("Bakery strike", 6, "", "")]);
    well(folder, &["run", "--all", "--now", NOW]);
    assert_eq!(titles(folder, "red.json"), ["Walrus census", "Orchid theft", "Granite prices"]);
    assert_eq!(titles(folder, "c.json"), ["Tunnel opening"], "max_items of the source");
    assert_eq!(titles(folder, "young.json"), ["Tunnel opening", "Walrus census"]);
    assert_eq!(titles(folder, "short.json"), ["Tunnel opening", "Walrus census"]);
    let told: Value = serde_json::from_str(&well(folder, &["run", "--dry-run", "--json", "--now", NOW])).unwrap();
    let young = told["outputs"][2]["stories"].as_array().unwrap();
    let rule = |title: &str| young.iter().find(|story| story["title"] == title).unwrap()["rule"].clone();
    assert_eq!((rule("Granite prices"), rule("Walrus census")), ("max_age".into(), Value::Null));
    // What arrives late is first by first sight, and at its place by date.
    feed(folder, "b", "", &[("Orchid theft", 7, "", ""), ("Meadow sale", 5, "", "")]);
    well(folder, &["run", "--all", "--now", "2026-11-10T02:00:00Z"]);
    assert_eq!(titles(folder, "red.json")[0], "Meadow sale");
    assert_eq!(titles(folder, "short.json"), ["Tunnel opening", "Walrus census"]);
}

#[test]
fn each_rule_names_what_it_drops() {
    let scene = scene(
        "takedown = \"https://a.example/taken-down\"\n[defaults]\nmax_age = \"none\"\n[[source]]\nid = \"a\"\nurl = \"file:a.xml\"\nmax_items = 2\nmax_age = \"6d\"\n\
         [[source]]\nid = \"off\"\nurl = \"file:off.xml\"\n[[source]]\nid = \"other\"\nurl = \"file:other.xml\"\ntags = [\"other\"]\n\
         [[source]]\nid = \"many\"\nurl = \"file:many.xml\"\ntags = [\"other\"]\n\
         [[output]]\nfile = \"out.json\"\nsources = [\"a\", \"off\"]\nitems = 4\nfilter = [\"./f\"]\n",
    );
    let folder = scene.path();
    fs::write(
        folder.join("f"),
        "#!/bin/sh\ninput=$(cat); case $input in *Marzipan*) exit 0;; *Volcano*) exit 1;; esac; printf '%s' \"$input\"\n",
    )
    .unwrap();
    fs::set_permissions(folder.join("f"), fs::Permissions::from_mode(0o755)).unwrap();
    feed(
        folder,
        "a",
        "",
        &[
            ("Zebra parade", 9, "", ""),
            ("Marzipan shortage", 9, "", ""),
            ("Cellar flood", 8, "", ""),
            ("Ancient ruins", 3, "", ""),
            ("Taken down", 9, "", ""),
        ],
    );
    feed(
        folder,
        "off",
        "",
        &[
            ("Volcano insurance", 9, "", ""),
            ("Pencil museum", 9, "", ""),
            ("Harp tuning", 8, "", ""),
            ("Old coins", 1, "", ""),
        ],
    );
    feed(folder, "other", "", &[("Glacier walk", 9, "", "")]);
    let words = ["apple", "brick", "cloud", "drum", "eagle", "fern", "goat", "hill", "ink", "jug", "kite", "lamp"];
    let titles: Vec<String> =
        (0..24).map(|n| format!("{} {}", words[n % 12], words[(n * 5 + n / 12 + 1) % 12])).collect();
    let many: Vec<_> =
        titles.iter().enumerate().map(|(n, title)| (&**title, u8::try_from(n / 3 + 1).unwrap(), "", "")).collect();
    feed(folder, "many", "", &many);
    well(folder, &["run", "--all", "--now", NOW]);
    let rules = rules(folder);
    check(&rules, "Zebra parade", None);
    check(&rules, "Marzipan shortage", Some("filter"));
    check(&rules, "Cellar flood", Some("max_items"));
    check(&rules, "Ancient ruins", Some("source_max_age"));
    check(&rules, "Taken down", Some("takedown"));
    check(&rules, "Volcano insurance", Some("filter_failed"));
    check(&rules, "Pencil museum", None);
    check(&rules, "Harp tuning", Some("items"));
    check(&rules, "Old coins", Some("items"));
    check(&rules, &titles[0], Some("held_back"));

    let told = well(folder, &["run", "--dry-run", "--now", NOW]);
    for line in [
        "out.json: 2 kept",
        "kept     Zebra parade (a)",
        "Marzipan shortage (a): the filter ./f dropped it",
        "Cellar flood (a): max_items = 2 of its source is reached",
        "Harp tuning (off): items = 4 of the output is reached",
        "Volcano insurance (off): the filter failed on it: it ended with exit status: 1",
        "in no output: 5 held back",
    ] {
        assert!(told.contains(line), "{line:?} in\n{told}");
    }
}

#[test]
fn rights_tags_and_size_name_what_they_drop() {
    let scene = scene(
        "[[source]]\nid = \"a\"\nurl = \"file:a.xml\"\ntags = [\"mine\"]\nrepublish = \"full\"\n[[source]]\nid = \"denied\"\nurl = \"file:denied.xml\"\ntags = [\"mine\"]\n\
         [[source]]\nid = \"off\"\nurl = \"file:off.xml\"\nrepublish = \"off\"\n[[source]]\nid = \"c\"\nurl = \"file:c.xml\"\n\
         [[output]]\nfile = \"mine.json\"\ntags = [\"mine\"]\n[[output]]\nfile = \"all.json\"\n",
    );
    let folder = scene.path();
    let long = format!("Opera house {}", "roof ".repeat(60_000));
    feed(folder, "a", "", &[("Lantern festival", 9, "", "")]);
    let text = fs::read_to_string(folder.join("a.xml")).unwrap().replace("All about Lantern festival.", &long);
    let second = text.replace("Lantern festival", "Canal dredging").replace("lantern-festival", "canal-dredging");
    let item = second.split("<item>").nth(1).unwrap().split("</item>").next().unwrap();
    fs::write(folder.join("a.xml"), text.replace("</channel>", &format!("<item>{item}</item></channel>"))).unwrap();
    let deny =
        "<access:restriction xmlns:access=\"http://www.bloglines.com/about/specs/fac-1.0\" relationship=\"deny\"/>";
    feed(folder, "denied", deny, &[("Secret garden", 9, "", "")]);
    feed(folder, "off", "", &[("Silent cinema", 9, "", "")]);
    feed(folder, "c", "", &[("Copper thieves", 9, "", "")]);
    well(folder, &["run", "--all", "--now", NOW]);
    let told: Value = serde_json::from_str(&well(folder, &["run", "--dry-run", "--json", "--now", NOW])).unwrap();
    let of = |output: usize, title: &str| {
        let stories = told["outputs"][output]["stories"].as_array().unwrap();
        let story = stories.iter().find(|story| story["title"] == title);
        story.map(|story| {
            (story["rule"].as_str().map(str::to_owned), story["why"].as_str().unwrap_or_default().to_owned())
        })
    };
    assert_eq!(of(0, "Copper thieves").unwrap().0.as_deref(), Some("other_sources"));
    assert_eq!(of(1, "Copper thieves").unwrap().0, None);
    let big: Vec<_> =
        ["Lantern festival", "Canal dredging"].map(|title| of(0, title).unwrap().0).into_iter().flatten().collect();
    assert_eq!(big, [""; 0], "long texts are shortened before an item goes");
    // Nothing of a source that may not be published is even at hand; check --fetch tells of each entry.
    for source in ["denied", "off"] {
        let tried: Value =
            serde_json::from_str(&well(folder, &["check", "--fetch", "--json", "--now", NOW, source])).unwrap();
        assert_eq!(tried[0]["entries"][0]["rule"], "rights", "{tried}");
    }
}

#[test]
fn check_fetch_tells_of_each_entry_the_rule_with_its_line() {
    let scene = scene(
        "[[source]]\nid = \"a\"\nurl = \"file:a.xml\"\nmax_age = \"5d\"\nfuture_dates = \"drop\"\n\
         include = [{ field = \"tag\", contains = \"Ferry\" }, { field = \"author\", matches = \"^Jo\" }]\n\
         exclude = [\n  { field = \"title\", contains = \"sponsored\" },\n  { field = \"content\", matches = \"(?i)gambl\" },\n  { field = \"url\", contains = \"/ad-\" },\n]\n",
    );
    let folder = scene.path();
    feed(
        folder,
        "a",
        "",
        &[
            ("Kept by tag", 9, "ferry routes", ""),
            ("Kept by author", 9, "", "Jo Doe"),
            ("Sponsored thing", 9, "ferry", ""),
            ("Gambling den", 9, "ferry", ""),
            ("Ad number one", 9, "ferry", ""),
            ("Something else", 9, "", "Al Poe"),
            ("Too old", 2, "ferry", ""),
            ("From the future", 20, "ferry", ""),
        ],
    );
    let tried: Value = serde_json::from_str(&well(folder, &["check", "--fetch", "--json", "--now", NOW])).unwrap();
    let entries = tried[0]["entries"].as_array().unwrap();
    let of = |title: &str| {
        let entry = entries.iter().find(|entry| entry["title"] == title).unwrap_or_else(|| panic!("{title}: {tried}"));
        (entry["rule"].as_str().map(str::to_owned), entry["why"].as_str().unwrap_or_default().to_owned())
    };
    for (title, rule, why) in [
        ("Kept by tag", None, ""),
        ("Kept by author", None, ""),
        ("Sponsored thing", Some("exclude"), "title contains \"sponsored\" (feeds.toml:9)"),
        ("Gambling den", Some("exclude"), "content matches '(?i)gambl' (feeds.toml:10)"),
        ("Ad number one", Some("exclude"), "url contains \"/ad-\" (feeds.toml:11)"),
        ("Something else", Some("include"), "no include rule matches it (feeds.toml:7)"),
        ("Too old", Some("source_max_age"), "max_age"),
        ("From the future", Some("future"), "future"),
    ] {
        let (found, told) = of(title);
        assert_eq!(found.as_deref(), rule, "{title}");
        assert!(told.contains(why), "{title}: {told}");
    }
    let told = well(folder, &["check", "--fetch", "--now", NOW]);
    assert!(told.contains("8 entries, 2 kept") && told.contains("kept: Kept by tag"), "{told}");
    assert!(
        told.contains("dropped: Sponsored thing (exclude matches it: title contains \"sponsored\" (feeds.toml:9))"),
        "{told}"
    );
    assert!(!folder.join("data").exists(), "nothing is stored");
}

#[test]
fn a_rule_that_is_added_later_takes_items_out_and_one_that_goes_brings_them_back() {
    let plain = "[[source]]\nid = \"a\"\nurl = \"file:a.xml\"\n";
    let output = "[[output]]\nfile = \"out.json\"\n";
    let scene = scene(&format!("{plain}{output}"));
    let folder = scene.path();
    feed(folder, "a", "", &[("Walrus census", 8, "", ""), ("Deal of the day", 9, "", "")]);
    well(folder, &["run", "--all", "--now", NOW]);
    assert_eq!(titles(folder, "out.json").len(), 2);
    let toml = |rule: &str| {
        fs::write(folder.join("feeds.toml"), format!("link = \"https://f.example/\"\n{plain}{rule}{output}"))
    };
    toml("exclude = [{ field = \"title\", contains = \"deal\" }]\n").unwrap();
    well(folder, &["publish", "--now", "2026-11-10T01:00:00Z"]);
    assert_eq!(titles(folder, "out.json"), ["Walrus census"]);
    check(&rules(folder), "Deal of the day", Some("exclude"));
    toml("").unwrap();
    well(folder, &["publish", "--now", "2026-11-10T02:00:00Z"]);
    assert_eq!(titles(folder, "out.json").len(), 2);
}
