//! Whose text the page behind an entry is, and whose licence it names.

use std::fs;
use std::process::Command;

use crate::publisher::{Publisher, Response};

const FREE: &str = "https://creativecommons.org/licenses/by/4.0/";

fn article(before: &str, after: &str) -> Response {
    let words: String = (0..20)
        .map(|at| format!("<p>Paragraph {at} of what its outlet wrote and owns, in words enough for a body.</p>"))
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><title>Heron</title>{before}</head><body><article><h1>The Heron is here</h1>\
         {words}{after}</article></body></html>"
    );
    Response::new(200, &[("Content-Type", b"text/html; charset=utf-8")], page.as_bytes())
}

/// Whether the whole page behind the one entry of a feed is published: the feed at one host names `license`, the entry
/// links to `link` there.
fn is_published_whole(list: &Publisher, link: &str, license: &str) -> bool {
    let feed = format!(
        "<rss version=\"2.0\" xmlns:cc=\"http://backend.userland.com/creativeCommonsRssModule\"><channel><title>List</title>\
         <link>{home}</link>{license}<item><title>The Heron is here, a list says</title><link>{link}</link>\
         <description>A few words.</description><pubDate>02 Nov 2026 20:00:00 GMT</pubDate></item></channel></rss>",
        home = list.url("/")
    );
    list.script("/feed", [Response::new(200, &[("Content-Type", b"application/xml")], feed.as_bytes())]);
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "link = \"https://f.example/\"\n[fetch]\nallow = [\"127.0.0.1\"]\nspacing = \"0s\"\n\
         [[source]]\nid = \"list\"\nurl = \"{}\"\narticle = \"always\"\n",
        list.url("/feed")
    );
    fs::write(folder.path().join("feeds.toml"), toml).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.current_dir(&folder).args(["run", "--all", "--now", "2026-11-03T00:00:00Z"]);
    let done = command.output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let text = fs::read_to_string(folder.path().join("data/public/feed.xml")).unwrap();
    assert!(text.contains("The Heron is here, a list says"), "{text}");
    text.contains("Paragraph 15")
}

#[test]
fn the_licence_of_a_feed_covers_no_page_of_a_stranger_that_its_address_leads_to() {
    let (list, outlet) = (Publisher::start(), Publisher::start());
    outlet.script("/article", [article("", "")]);
    list.script("/own", [article("", "")]);
    list.script("/go", [Response::new(302, &[("Location", outlet.url("/article").as_bytes())], b"")]);
    list.script("/moved", [Response::new(302, &[("Location", b"/own")], b"")]);
    let license = format!("<cc:license>{FREE}</cc:license>");
    for (link, want) in [
        (list.url("/own"), true),
        (list.url("/moved"), true),
        (list.url("/go"), false),
        (outlet.url("/article"), false),
    ] {
        assert_eq!(is_published_whole(&list, &link, &license), want, "{link}");
    }
}

#[test]
fn the_licence_of_a_picture_a_comment_or_another_article_is_not_that_of_the_page() {
    let (list, outlet) = (Publisher::start(), Publisher::start());
    let link = format!("<a rel=\"license\" href=\"{FREE}\">CC BY 4.0</a>");
    let stricter = "<a rel=\"license\" href=\"https://creativecommons.org/licenses/by-nc-nd/4.0/\">CC</a>";
    let head = format!("<link rel=\"license\" href=\"{FREE}\">");
    let marked = format!("<a itemprop=\"license\" href=\"{FREE}\">CC BY 4.0</a>");
    for (at, (before, after, want)) in [
        (&*head, String::new(), true),
        ("", format!("<p>{link}</p>"), true),
        ("", format!("<figure><img src=\"/x.png\"><figcaption>Photo: N, {link}</figcaption></figure>"), false),
        ("", format!("<aside><h2>Another article</h2>{link}</aside>"), false),
        ("", format!("<div id=\"comments\"><div class=\"comment\">{link}</div></div>"), false),
        ("", format!("<div itemscope itemtype=\"https://schema.org/ImageObject\">{marked}</div>"), false),
        // Beside what the page allows, it may forbid.
        (&head, format!("<figure><figcaption>{stricter}</figcaption></figure>"), false),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/article{at}");
        outlet.script(&path, [article(before, &after)]);
        assert_eq!(is_published_whole(&list, &outlet.url(&path), ""), want, "{before} {after}");
    }
}
