//! The outputs of whole runs: what failed is tried again, what is too long is shortened.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn run(folder: &Path, now: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.arg("--config").arg(folder.join("feeds.toml")).args(["run", "--all", "--now", now]);
    command.output().unwrap()
}

/// A folder with a feeds.toml of one local source that has `entries` entries of `bytes` bytes each.
fn scene(entries: usize, bytes: usize, toml: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut items = String::new();
    for number in 0..entries {
        let text = format!("word{number} ").repeat(bytes / 8);
        writeln!(
            items,
            "<item><title>Report {number} on subject{number}</title><link>https://a.example/{number}</link>\
             <pubDate>Mon, 02 Nov 2026 10:{:02}:00 GMT</pubDate><description>{text}</description></item>",
            number % 60
        )
        .unwrap();
    }
    let feed =
        format!("<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}</channel></rss>");
    fs::write(folder.path().join("a.xml"), feed).unwrap();
    let source = "[[source]]\nurl = \"file:a.xml\"\n";
    fs::write(folder.path().join("feeds.toml"), format!("{toml}\n{source}")).unwrap();
    folder
}

#[test]
fn an_output_that_failed_is_written_by_the_next_run() {
    let folder = scene(3, 80, "link = \"https://f.example/\"\n[[output]]\nfile = \"sub/feed.xml\"\n");
    let public = folder.path().join("data/public");
    fs::create_dir_all(&public).unwrap();
    fs::write(public.join("sub"), "in the way").unwrap();
    let blocked = run(folder.path(), "2026-11-03T00:00:00Z");
    assert_eq!(blocked.status.code(), Some(1));
    let told = String::from_utf8(blocked.stderr).unwrap();
    assert!(told.contains("data/public/sub"), "{told}");
    fs::remove_file(public.join("sub")).unwrap();
    let free = run(folder.path(), "2026-11-03T01:00:00Z");
    assert_eq!(free.status.code(), Some(0), "{}", String::from_utf8_lossy(&free.stderr));
    assert_eq!(fs::read_to_string(public.join("sub/feed.xml")).unwrap().matches("<item>").count(), 3);
}

#[test]
fn texts_that_are_too_long_together_are_shortened_before_any_item_goes() {
    let outputs: String = ["feed.xml", "atom.xml", "feed.json"]
        .map(|file| format!("[[output]]\nfile = \"{file}\"\nmax_bytes = \"512KiB\"\n"))
        .concat();
    let folder =
        scene(20, 40_000, &format!("link = \"https://f.example/\"\n[defaults]\nrepublish = \"full\"\n{outputs}"));
    assert_eq!(run(folder.path(), "2026-11-03T00:00:00Z").status.code(), Some(0));
    let count = |file: &str, mark: &str| {
        let text = fs::read_to_string(folder.path().join("data/public").join(file)).unwrap();
        assert!(text.len() <= 512 * 1024, "{file} has {} bytes", text.len());
        text.matches(mark).count()
    };
    let items = count("feed.xml", "<item>");
    assert_eq!(items, 20);
    assert_eq!((count("atom.xml", "<entry>"), count("feed.json", "\"content_html\"")), (items, items));
}

/// T77: some give nothing.
#[test]
fn nothing_is_published_empty_when_other_sources_give_nothing() {
    let folder = scene(3, 80, "link = \"https://f.example/\"\n");
    assert_eq!(run(folder.path(), "2026-11-03T00:00:00Z").status.code(), Some(0));
    let feed = folder.path().join("data/public/feed.xml");
    let before = fs::read(&feed).unwrap();
    let toml = fs::read_to_string(folder.path().join("feeds.toml")).unwrap();
    fs::write(folder.path().join("feeds.toml"), toml.replace("a.xml", "missing.xml")).unwrap();
    let failed = run(folder.path(), "2026-11-03T02:00:00Z");
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("missing"), "the source that fails is named");
    assert_eq!(fs::read(&feed).unwrap(), before);
}

/// Address and text of an entry of source `name`, all of one story.
fn write_feed(folder: &Path, name: &str, minute: u32, text: &str) {
    let item = format!(
        "<item><title>Maker unveils a folding phone with two hinges</title><link>https://{name}.example/phone</link>\
         <pubDate>Mon, 02 Nov 2026 10:{minute:02}:00 GMT</pubDate><description>{text}</description></item>"
    );
    let feed = format!("<rss version=\"2.0\"><channel><title>{name}</title>{item}</channel></rss>");
    fs::write(folder.join(format!("{name}.xml")), feed).unwrap();
}

/// What the tagged output says of its one item: its address.
fn tagged_lead(folder: &Path, untagged: &str) -> String {
    write_feed(folder, "early", 0, "Short.");
    write_feed(folder, "long", 30, "A text that says more of the phone, of both of its hinges and of its price.");
    write_feed(folder, "heavy", 45, "Another text.");
    let source = |id: &str, more: &str| format!("[[source]]\nid = \"{id}\"\nurl = \"file:{id}.xml\"\n{more}\n");
    let output = "[[output]]\nfile = \"tagged.json\"\ntags = [\"tech\"]\n";
    let tagged = source("early", "tags = [\"tech\"]") + &source("long", "tags = [\"tech\"]");
    fs::write(folder.join("feeds.toml"), format!("link = \"https://f.example/\"\n{output}{tagged}{untagged}")).unwrap();
    assert_eq!(run(folder, "2026-11-03T00:00:00Z").status.code(), Some(0));
    let document = fs::read(folder.join("data/public/tagged.json")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(document["items"].as_array().unwrap().len(), 1, "one story");
    document["items"][0]["url"].as_str().unwrap().to_owned()
}

#[test]
fn a_source_that_an_output_is_not_for_does_not_change_who_leads_there() {
    let (without, with) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(tagged_lead(without.path(), ""), "https://long.example/phone");
    let heavy = "[[source]]\nid = \"heavy\"\nurl = \"file:heavy.xml\"\nweight = 9\n";
    assert_eq!(tagged_lead(with.path(), heavy), "https://long.example/phone");
}
