//! The page through the binary: what it shows, and templates of the operator's own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const FIRST: &str = "2026-11-03T12:00:00Z";

fn feedloom(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.arg("--config").arg(folder.join("feeds.toml")).args(words).output().unwrap()
}

fn run(folder: &Path, now: &str) -> Output {
    feedloom(folder, &["run", "--all", "--now", now])
}

/// A folder with two sources that share a story, and `toml` below them.
fn scene(toml: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let feed = |name: &str, items: &str| {
        let site = format!("https://{name}.example");
        let text = format!(
            "<rss version=\"2.0\"><channel><title>The {name}</title><link>{site}/</link>{items}</channel></rss>"
        );
        fs::write(folder.path().join(format!("{name}.xml")), text).unwrap();
    };
    let item = |address: &str, title: &str, day: &str| {
        format!(
            "<item><title>{title}</title><link>{address}</link><guid isPermaLink=\"false\">{title}</guid>\
             <pubDate>{day} Nov 2026 10:15:00 GMT</pubDate><description>What {title} is about, in a sentence.</description></item>"
        )
    };
    let shared = item("https://alpha.example/shared", "A shared story &amp; its title", "Mon, 02");
    let old = item("https://alpha.example/old", "An older story", "Sun, 01");
    feed("alpha", &(shared.clone() + &old));
    feed("beta", &shared.replace("alpha.example", "beta.example"));
    let sources =
        "[[source]]\nid = \"alpha\"\nurl = \"file:alpha.xml\"\n[[source]]\nid = \"beta\"\nurl = \"file:beta.xml\"\n";
    fs::write(folder.path().join("feeds.toml"), format!("link = \"https://f.example/\"\n{toml}\n{sources}")).unwrap();
    folder
}

fn page(folder: &Path) -> String {
    fs::read_to_string(folder.join("data/public/index.html")).unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

const WITH_TEMPLATE: &str = "[[output]]\nfile = \"index.html\"\ntemplate = \"own.html\"\n";
const OWN: &str = "<!doctype html>\n<title>{{ title }}</title>\n{% for day in days %}{% for item in day.items %}\
    <p id=\"s-{{ item.id }}\"><a href=\"{{ item.url }}\">{{ item.title }}</a></p>{% endfor %}{% endfor %}\n</html>\n";

#[test]
fn the_page_is_by_day_and_names_every_outlet_and_how_each_source_does() {
    let folder = scene("");
    assert_eq!(run(folder.path(), FIRST).status.code(), Some(0));
    let page = page(folder.path());
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what} is not on the page"));
    assert!(at("datetime=\"2026-11-02\"") < at("A shared story &amp; its title"));
    assert!(at("A shared story &amp; its title") < at("datetime=\"2026-11-01\""));
    assert!(at("datetime=\"2026-11-01\"") < at("An older story"));
    assert!(page.contains("Also covered by <a href=\"https://beta.example/shared\""), "the other outlet is linked");
    assert_eq!(page.matches(" · ok</li>").count(), 2);
    assert!(!page.contains("<script") && !page.contains("<img"));
}

#[test]
fn a_source_that_fails_for_good_says_so_on_the_page_and_nothing_else_changes_it() {
    let folder = scene("");
    assert_eq!(run(folder.path(), FIRST).status.code(), Some(0));
    let (good, beta) = (page(folder.path()), folder.path().join("beta.xml"));
    let feed = fs::read(&beta).unwrap();
    fs::remove_file(&beta).unwrap();
    for hour in 13..15 {
        run(folder.path(), &format!("2026-11-03T{hour}:00:00Z"));
        assert_eq!(page(folder.path()), good, "two misses are no news");
    }
    run(folder.path(), "2026-11-03T15:00:00Z");
    let failing = page(folder.path());
    assert!(failing.contains("failing since <time datetime=\"2026-11-03T13:00:00Z\">3 Nov 2026</time>"));
    run(folder.path(), "2026-11-03T16:00:00Z");
    assert_eq!(page(folder.path()), failing, "the next miss changes nothing");
    fs::write(&beta, feed).unwrap();
    run(folder.path(), "2026-11-03T17:00:00Z");
    assert_eq!(page(folder.path()), good);
}

#[test]
fn a_template_of_the_operators_own_makes_the_page() {
    let folder = scene(WITH_TEMPLATE);
    fs::write(folder.path().join("own.html"), OWN).unwrap();
    assert_eq!(run(folder.path(), FIRST).status.code(), Some(0));
    let first = page(folder.path());
    assert!(first.starts_with("<!doctype html>\n<title>Combined feed</title>"), "{first}");
    assert_eq!(first.matches("<p id=\"s-").count(), 2);
    fs::write(folder.path().join("own.html"), OWN.replace("<title>", "<title>New: ")).unwrap();
    assert_eq!(run(folder.path(), FIRST).status.code(), Some(0));
    assert!(page(folder.path()).contains("New: "), "another template is another page");
}

#[test]
fn a_template_that_cannot_be_parsed_is_an_error_with_its_line_before_anything_is_fetched() {
    let folder = scene(WITH_TEMPLATE);
    fs::write(folder.path().join("own.html"), "<!doctype html>\n<p>\n{% for day in %}\n</html>").unwrap();
    for words in [&["check"][..], &["run"]] {
        let refused = feedloom(folder.path(), words);
        assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
        assert!(told(&refused).contains("own.html:3:"), "{}", told(&refused));
        assert!(told(&refused).contains("feeds.toml:4:"), "{}", told(&refused));
    }
    assert!(!folder.path().join("data").exists(), "nothing was done");
    fs::remove_file(folder.path().join("own.html")).unwrap();
    assert_eq!(feedloom(folder.path(), &["check"]).status.code(), Some(2));
}

#[test]
fn a_template_that_fails_or_loses_items_leaves_the_last_page() {
    let folder = scene(WITH_TEMPLATE);
    let own = folder.path().join("own.html");
    fs::write(&own, OWN).unwrap();
    assert_eq!(run(folder.path(), FIRST).status.code(), Some(0));
    let before = page(folder.path());
    for (template, why) in [
        (OWN.replace("item.title", "item.titel"), "line 3"),
        (OWN.replace("item.title", "item.title|safe"), "safe"),
        (OWN.replace("href=\"{{ item.url }}\"", "href=\"https://f.example/\""), "lacks the item"),
        (OWN.replace("day.items", "day.items[1:]"), "lacks the item"),
        (OWN.replace("</html>", "<script>x</script></html>"), "<script"),
    ] {
        fs::write(&own, template).unwrap();
        let refused = run(folder.path(), "2026-11-03T13:00:00Z");
        assert_eq!(refused.status.code(), Some(1), "{why}");
        assert!(told(&refused).contains(why), "{why}: {}", told(&refused));
        assert_eq!(page(folder.path()), before, "{why}");
    }
}

/// A source with a story on each of `days`, of November.
fn days(folder: &Path, days: &[u8]) {
    let words = ["Walrus census", "Granite prices", "Orchid theft", "Tunnel opening", "Bakery strike", "Harp tuning"];
    let items: String = days
        .iter()
        .map(|day| {
            let title = words[usize::from(*day) % words.len()];
            format!(
                "<item><title>{title}</title><link>https://alpha.example/{day}</link><guid isPermaLink=\"false\">g{day}</guid>\
                 <pubDate>{day:02} Nov 2026 10:15:00 GMT</pubDate><description>All about {title}.</description></item>"
            )
        })
        .collect();
    let text = format!(
        "<rss version=\"2.0\"><channel><title>Alpha</title><link>https://alpha.example/</link>{items}</channel></rss>"
    );
    fs::write(folder.join("alpha.xml"), text).unwrap();
}

fn archived(folder: &Path) -> Vec<String> {
    let Ok(found) = fs::read_dir(folder.join("data/public/archive")) else { return Vec::new() };
    let mut names: Vec<_> = found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn day_page(folder: &Path, day: &str) -> String {
    fs::read_to_string(folder.join("data/public/archive").join(day)).unwrap()
}

const ONE_SOURCE: &str = "link = \"https://f.example/\"\n[[source]]\nid = \"alpha\"\nurl = \"file:alpha.xml\"\n";

#[test]
fn each_day_with_stories_has_a_page_that_leads_to_the_days_beside_it() {
    let folder = scene("");
    fs::write(folder.path().join("feeds.toml"), format!("{ONE_SOURCE}[[output]]\nfile = \"index.html\"\nitems = 1\n"))
        .unwrap();
    for day in [1, 2, 4] {
        days(folder.path(), &[1, 2, 4][..[1, 2, 4].iter().position(|known| *known == day).unwrap() + 1]);
        assert_eq!(run(folder.path(), &format!("2026-11-{day:02}T12:00:00Z")).status.code(), Some(0));
    }
    let (first, second, last) = ("2026-11-01.html", "2026-11-02.html", "2026-11-04.html");
    assert_eq!(archived(folder.path()), [first, second, last, "index.html"], "no page for a day without stories");
    assert!(
        page(folder.path()).contains("<a href=\"archive/index.html\">")
            && !page(folder.path()).contains("alpha.example/1\"")
    );
    let middle = day_page(folder.path(), second);
    assert!(middle.contains("https://alpha.example/2\"") && !middle.contains("https://alpha.example/1\""));
    assert!(middle.contains(&format!("rel=\"prev\" href=\"../archive/{first}\"")), "{middle}");
    assert!(
        middle.contains(&format!("rel=\"next\" href=\"../archive/{last}\""))
            && middle.contains("href=\"../index.html\"")
    );
    assert!(middle.contains("href=\"../archive/index.html\""));
    let list = day_page(folder.path(), "index.html");
    assert_eq!(list.matches("<li id=").count(), 3);

    // An unchanged day is not touched, nor is anything by a pass with nothing new.
    let written =
        |name: &str| fs::metadata(folder.path().join("data/public/archive").join(name)).unwrap().modified().unwrap();
    let before = (written(first), written(second));
    days(folder.path(), &[1, 2, 4, 5]);
    assert_eq!(run(folder.path(), "2026-11-05T12:00:00Z").status.code(), Some(0));
    assert_eq!(archived(folder.path()).len(), 5);
    assert_eq!((written(first), written(second)), before);
    assert!(day_page(folder.path(), last).contains("2026-11-05.html"));
    // A page that somebody removed is made again.
    fs::remove_file(folder.path().join("data/public/archive").join(first)).unwrap();
    assert_eq!(run(folder.path(), "2026-11-05T13:00:00Z").status.code(), Some(0));
    assert_eq!(archived(folder.path()).len(), 5);
    // What is taken down leaves its day; a day that has nothing left has no page, nor a link to it.
    let taken = feedloom(folder.path(), &["takedown", "https://alpha.example/2", "--now", "2026-11-05T14:00:00Z"]);
    assert_eq!(taken.status.code(), Some(0), "{}", told(&taken));
    assert_eq!(archived(folder.path()), [first, last, "2026-11-05.html", "index.html"]);
    for name in archived(folder.path()) {
        assert!(!day_page(folder.path(), &name).contains("2026-11-02.html"), "{name}");
    }
}

#[test]
fn the_pages_of_days_are_bounded_and_follow_feeds_toml() {
    let folder = scene("");
    let toml = |output: &str| {
        let text = format!("{ONE_SOURCE}[[output]]\nfile = \"sub/news.html\"\n{output}\n");
        fs::write(folder.path().join("feeds.toml"), text).unwrap();
    };
    let files = || {
        let found = fs::read_dir(folder.path().join("data/public/sub/news-archive"));
        found.map_or(0, |found| found.filter(|entry| entry.as_ref().unwrap().file_name() != "index.html").count())
    };
    toml("");
    for day in 1..6 {
        days(folder.path(), &(1..=day).collect::<Vec<u8>>());
        assert_eq!(run(folder.path(), &format!("2026-11-{day:02}T12:00:00Z")).status.code(), Some(0));
    }
    assert_eq!(files(), 5);
    toml("archive = 2");
    assert_eq!(run(folder.path(), "2026-11-05T13:00:00Z").status.code(), Some(0));
    assert_eq!(files(), 2, "the days up to the newest story's");
    toml("archive = 0");
    assert_eq!(run(folder.path(), "2026-11-05T14:00:00Z").status.code(), Some(0));
    assert_eq!(files(), 0);
    let page = fs::read_to_string(folder.path().join("data/public/sub/news.html")).unwrap();
    assert!(!page.contains("day by day"));
    toml("archive = 2\n[[output]]\nfile = \"sub/news-archive/mine.xml\"");
    let refused = feedloom(folder.path(), &["check"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("sub/news-archive/"), "{}", told(&refused));
}

#[test]
fn a_source_taken_out_leaves_the_pages_of_days_too() {
    let folder = scene("");
    assert_eq!(run(folder.path(), FIRST).status.code(), Some(0));
    assert_eq!(archived(folder.path()), ["2026-11-01.html", "2026-11-02.html", "index.html"]);
    let toml = fs::read_to_string(folder.path().join("feeds.toml")).unwrap();
    fs::write(
        folder.path().join("feeds.toml"),
        toml.replace("[[source]]\nid = \"alpha\"\nurl = \"file:alpha.xml\"\n", ""),
    )
    .unwrap();
    assert_eq!(run(folder.path(), "2026-11-03T14:00:00Z").status.code(), Some(0));
    assert_eq!(archived(folder.path()), ["2026-11-02.html", "index.html"]);
    assert!(!day_page(folder.path(), "2026-11-02.html").contains("The alpha"));
}
