//! The whole of a republished post, in every format, read back: title, disclosure, lead, the article's own
//! headings with their text, and the source at its end.

use std::fs;
use std::process::Command;

use scraper::{Html, Selector};
use serde_json::Value;

const ADDRESS: &str = "https://alpha.example/2026/heat-pumps?id=7";
const TITLE: &str = "Heat pumps & old houses: <what> works";
const LINE: &str = "Here is the source article for this story: ";
/// What has to be read back in this order, the source's and the output's disclosure first.
const PARTS: [&str; 8] = [
    "Alpha earns from links to shops.",
    "Woven by a machine.",
    "The lead of the article, in a sentence.",
    "What was measured",
    "Forty houses, over two winters.",
    "What it costs",
    "Less than a new roof.",
    LINE,
];

/// A folder with one source that may be given whole, after one run.
fn published() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let article = "<p>The lead of the article, in a sentence.</p><h2>What was measured</h2><p>Forty houses, over two winters.</p>\
        <ul><li>one</li><li>two</li></ul><h2>What it costs</h2><p>Less than a new roof.</p>";
    let feed = format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Alpha</title>\
         <link>https://alpha.example/</link><item><title>Heat pumps &amp; old houses: &amp;lt;what&amp;gt; works</title>\
         <link>{ADDRESS}</link><guid isPermaLink=\"false\">7</guid><pubDate>Mon, 02 Nov 2026 10:15:00 GMT</pubDate>\
         <content:encoded><![CDATA[{article}]]></content:encoded></item></channel></rss>"
    );
    fs::write(folder.path().join("alpha.xml"), feed).unwrap();
    let outputs: String = ["feed.xml", "atom.xml", "feed.json", "index.html"]
        .map(|file| {
            format!(
                "[[output]]\nfile = \"{file}\"\nattribution_place = \"end\"\ndisclosure = \"Woven by a machine.\"\n"
            )
        })
        .concat();
    let source = "[[source]]\nurl = \"file:alpha.xml\"\nrepublish = \"full\"\ndisclosure = \"Alpha earns from links to shops.\"\n";
    fs::write(folder.path().join("feeds.toml"), format!("link = \"https://f.example/\"\n{source}{outputs}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.arg("--config").arg(folder.path().join("feeds.toml")).args([
        "run",
        "--all",
        "--now",
        "2026-11-03T00:00:00Z",
    ]);
    let done = command.output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    folder
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    html.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect::<String>()).collect()
}

/// Reads a post back: its parts in order, its headings, and the link at its end.
#[track_caller]
fn check(what: &str, title: &str, html: &str) {
    assert_eq!(title, TITLE, "{what}");
    let html = Html::parse_document(html);
    let text = html.root_element().text().collect::<String>();
    let mut from = 0;
    for part in PARTS {
        let at = text[from..].find(part).unwrap_or_else(|| panic!("{what}: {part:?} is not in its place in {text}"));
        from += at + part.len();
    }
    assert_eq!(texts(&html, "h2, h4"), ["What was measured", "What it costs"], "{what}: the article's own headings");
    let to_article = Selector::parse(&format!("a[href={ADDRESS:?}]")).unwrap();
    let last = html.select(&to_article).next_back().unwrap_or_else(|| panic!("{what}: no link to the article"));
    assert_eq!(last.text().collect::<String>(), TITLE, "{what}: the line links the title");
    assert!(text.trim_end().ends_with("(Alpha, 2 Nov 2026)"), "{what}: the post ends with its source: {text}");
}

#[test]
fn a_whole_post_can_be_given_in_every_format_and_is_read_back() {
    let folder = published();
    let file = |name: &str| fs::read(folder.path().join("data/public").join(name)).unwrap();

    let rss = rss::Channel::read_from(&file("feed.xml")[..]).unwrap();
    let title = rss.items()[0].title().unwrap().replace('\u{200B}', "");
    check("rss", &title, rss.items()[0].content().unwrap());
    assert_eq!(rss.items()[0].link(), Some(ADDRESS));

    let atom = feed_rs::parser::parse(&file("atom.xml")[..]).unwrap();
    let entry = &atom.entries[0];
    check("atom", &entry.title.as_ref().unwrap().content, entry.content.as_ref().unwrap().body.as_deref().unwrap());

    let json: Value = serde_json::from_slice(&file("feed.json")).unwrap();
    let item = &json["items"][0];
    check("json", item["title"].as_str().unwrap(), item["content_html"].as_str().unwrap());
    let disclosure = item["_feedloom"]["disclosure"].as_str().unwrap();
    assert!(disclosure.contains(PARTS[0]) && disclosure.contains(PARTS[1]), "{disclosure}");

    let page = String::from_utf8(file("index.html")).unwrap();
    let article = page.split_once("<article").unwrap().1.split_once("</article>").unwrap().0;
    // The list of sources is folded away beside the byline.
    let (before, rest) = article.split_once("<details>").unwrap();
    let article = format!("{before}{}", rest.split_once("</details>").unwrap().1);
    let html = Html::parse_document(&format!("<article{article}</article>"));
    check("page", &texts(&html, "h3")[0], &format!("<article{article}"));
}
