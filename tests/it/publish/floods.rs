//! However much some sources bring in one pass, what another one brings stands in every output.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

/// The only news of a source that brings little, the oldest of its pass.
const NEWS: &str = "Maker unveils the Heron X2 chip for laptops";

/// A feed of `count` fresh entries, each with a title of so many words and with `more`.
fn flood(name: &str, count: usize, words: usize, more: &str) -> String {
    let mut text = format!("<rss version=\"2.0\"><channel><title>{name}</title><link>https://{name}.example/</link>");
    for at in 0..count {
        let title = format!("Matter {} of {name} and sort {}{}", at * 37 + 5, at * 91 + 7, " and on".repeat(words));
        write!(
            text,
            "<item><title>{title}</title><link>https://{name}.example/{at}</link>\
             <pubDate>Mon, 02 Nov 2026 12:{:02}:{:02} GMT</pubDate>{more}</item>",
            at % 60,
            at / 60
        )
        .unwrap();
    }
    text + "</channel></rss>"
}

#[test]
fn whatever_others_bring_the_one_story_of_a_source_is_in_every_output() {
    let categories: String = (0..60).map(|at| format!("<category>{at} {}</category>", "x".repeat(60))).collect();
    for (case, sources, count, words, more, limits) in [
        ("one source", 1, 300, 0, "", ""),
        ("more than is looked at by default", 5, 330, 0, "", ""),
        ("more than is looked at for few", 1, 300, 0, "", "items = 20\n"),
        ("long titles", 1, 300, 60, "", "max_bytes = \"64KiB\"\n"),
        ("many categories", 1, 300, 0, &*categories, "max_bytes = \"64KiB\"\n"),
        ("by date", 1, 300, 0, "", "order = \"published\"\nitems = 30\n"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let files = ["feed.xml", "atom.xml", "feed.json", "index.html"];
        let mut toml = "link = \"https://f.example/\"\n[[source]]\nid = \"few\"\nurl = \"file:few.xml\"\n".to_owned();
        for source in 0..sources {
            write!(toml, "[[source]]\nid = \"many{source}\"\nurl = \"file:many{source}.xml\"\n").unwrap();
            let text = flood(&format!("many{source}"), count, words, more);
            fs::write(folder.path().join(format!("many{source}.xml")), text).unwrap();
        }
        for file in files {
            let limits = if file == "index.html" { "" } else { limits };
            write!(toml, "[[output]]\nfile = \"{file}\"\n{limits}").unwrap();
        }
        fs::write(folder.path().join("feeds.toml"), toml).unwrap();
        let few = format!(
            "<rss version=\"2.0\"><channel><title>Few</title><link>https://few.example/</link><item><title>{NEWS}</title>\
             <link>https://few.example/1</link><pubDate>Mon, 02 Nov 2026 11:10:00 GMT</pubDate></item></channel></rss>"
        );
        fs::write(folder.path().join("few.xml"), few).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.current_dir(&folder).args(["run", "--all", "--now", "2026-11-02T13:00:00Z"]);
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{case}: {}", String::from_utf8_lossy(&done.stderr));
        for file in files {
            let text = fs::read_to_string(folder.path().join("data/public").join(file)).unwrap();
            assert!(text.contains(NEWS), "{case}: {file}");
            assert!(text.contains("of many0"), "{case}: {file} has the others too");
        }
    }
}

/// One article in the morning, and a source that brings sixty each hour.
#[test]
fn a_flood_that_lasts_carries_nobody_out_of_an_output_within_its_span() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["feed.xml", "atom.xml", "feed.json", "index.html"];
    let toml = "link = \"https://f.example/\"\n[weave]\nsame_story = \"exact\"\n\
                [[source]]\nid = \"few\"\nurl = \"file:few.xml\"\n[[source]]\nid = \"many\"\nurl = \"file:many.xml\"\n";
    fs::write(folder.path().join("feeds.toml"), toml).unwrap();
    let few = format!(
        "<rss version=\"2.0\"><channel><title>Few</title><link>https://few.example/</link><item><title>{NEWS}</title>\
         <link>https://few.example/1</link><pubDate>Mon, 02 Nov 2026 12:10:00 GMT</pubDate></item></channel></rss>"
    );
    fs::write(folder.path().join("few.xml"), few).unwrap();
    for hour in 0..10 {
        let text = flood("many", 60, 0, "").replace("sort ", &format!("sort {hour}-"));
        let text = text
            .replace("many.example/", &format!("many.example/{hour}/"))
            .replace(" 12:", &format!(" {}:", 12 + hour));
        fs::write(folder.path().join("many.xml"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        let now = format!("2026-11-02T{}:59:59Z", 12 + hour);
        let done = command.current_dir(&folder).args(["run", "--all", "--now", &now]).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        for file in files {
            let text = fs::read_to_string(folder.path().join("data/public").join(file)).unwrap();
            assert!(text.contains(NEWS), "{file} after {hour} hours");
            assert!(text.contains(&format!("sort {hour}-")), "{file} after {hour} hours has the newest of the other");
        }
    }
}
