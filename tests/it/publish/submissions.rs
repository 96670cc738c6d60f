//! Entries of link lists as services write them, and items that another feedloom made: who is credited for what.

use serde_json::{Value, json};

use super::composition::{folder, items, public, rss, text};

const ARTICLES: [(&str, &str); 3] = [
    ("A study of tram bells", "https://tram-paper.example/bells"),
    ("Why lighthouses hum", "https://hum.example/light"),
    ("Notes on a bakery oven", "https://oven.example/bread"),
];
const LIST: &str = "https://list.example/";

fn talk(n: usize) -> String {
    format!("{LIST}item?id={n}")
}

fn atom(entries: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>The List</title><id>{LIST}</id><link href=\"{LIST}\"/>\
         <updated>2026-11-02T09:00:00Z</updated>{entries}</feed>"
    )
}

fn all(entry: impl Fn(usize, &str, &str) -> String) -> String {
    ARTICLES.iter().enumerate().map(|(n, (title, address))| entry(n, title, address)).collect()
}

/// The same three submissions as services write them: a name, and the feed.
fn lists() -> Vec<(&'static str, String)> {
    let labels = |n: usize, address: &str| {
        format!(
            "&lt;p&gt;Article URL: &lt;a href=\"{address}\"&gt;{address}&lt;/a&gt;&lt;/p&gt;&lt;p&gt;Comments URL: &lt;a \
             href=\"{0}\"&gt;{0}&lt;/a&gt;&lt;/p&gt;&lt;p&gt;Points: 12&lt;/p&gt;&lt;p&gt;# Comments: 4&lt;/p&gt;",
            talk(n)
        )
    };
    let turned: Vec<Value> = ARTICLES
        .iter()
        .enumerate()
        .map(|(n, (title, address))| {
            json!({"id": talk(n), "title": title, "url": address, "external_url": talk(n), "author": {"name": "ingve"},
                   "date_published": "2026-11-02T09:00:00Z"})
        })
        .collect();
    let turned = json!({"version": "https://jsonfeed.org/version/1", "title": "The List", "home_page_url": LIST, "items": turned});
    let dated = "<updated>2026-11-02T09:00:00Z</updated>";
    let labelled = all(|n, title, address| {
        format!(
            "<entry><title>{title}</title><id>{}</id><link href=\"{address}\"/>{dated}<author><name>zed</name></author>\
             <content type=\"html\">{}</content></entry>",
            talk(n),
            labels(n, address)
        )
    });
    let linked = all(|n, title, address| {
        format!(
            "<entry><title>{title}</title><id>{0}</id><link href=\"{address}\"/>{dated}<link rel=\"replies\" \
             type=\"application/atom+xml\" href=\"{0}&amp;feed\"/><link rel=\"replies\" type=\"text/html\" href=\"{0}\"/></entry>",
            talk(n)
        )
    });
    let counted = all(|n, title, address| {
        let page = talk(n);
        format!(
            "<item><title>{title}</title><link>{page}</link><comments>{page}</comments><guid>{page}</guid>\
             <pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate><dc:creator>{LIST}u/zed</dc:creator><description><![CDATA[submitted \
             by <a href=\"{LIST}u/zed\">zed</a> to <a href=\"{LIST}c/tech\">tech</a><br>12 points | <a href=\"{page}\">4 \
             comments</a><br><a href=\"{address}\">{address}</a>]]></description></item>"
        )
    });
    let with_names = |feed: String| feed.replacen("<rss ", "<rss xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ", 1);
    vec![
        ("turned.json", turned.to_string()),
        ("labelled.xml", atom(&labelled)),
        ("linked.xml", atom(&linked)),
        ("counted.xml", with_names(rss("The List", LIST, &counted))),
    ]
}

#[test]
fn each_service_names_the_article_and_the_discussion_in_its_way() {
    for (name, feed) in lists() {
        let folder = folder(&[(name, feed)], "");
        let items = items(folder.path());
        assert_eq!(items.len(), 3, "{name}");
        for (n, (title, address)) in ARTICLES.iter().enumerate() {
            let item = items.iter().find(|item| item["title"] == *title).unwrap();
            let credits = &item["_feedloom"];
            let outlet = address.split('/').nth(2).unwrap();
            assert_eq!(item["url"], *address, "{name}");
            assert_eq!(
                (&credits["sources"][0]["name"], &credits["sources"][0]["via"]),
                (&outlet.into(), &"The List".into())
            );
            assert_eq!(item["authors"], json!([{"name": outlet}]), "{name}: a submitter is no author");
            assert_eq!(credits["discussions"], json!([{"name": "The List", "url": talk(n)}]), "{name}");
            let body = text(&item["content_html"]);
            for no_text in ["Points", "points", "Article URL", "submitted by"] {
                assert!(!body.contains(no_text), "{name}: {body}");
            }
        }
    }
}

#[test]
fn a_planet_is_no_author_of_what_it_takes_from_others() {
    let source = |author: &str| {
        format!(
            "<source><title>Alpha News</title><id>https://alpha.example/feed</id><link href=\"https://alpha.example/\"/>\
             <link rel=\"self\" href=\"https://alpha.example/feed\"/>{author}</source>"
        )
    };
    let entry = |n: usize, more: &str| {
        format!(
            "<entry><title>Number {n} of alpha</title><id>https://alpha.example/{n}</id><link href=\"https://alpha.example/{n}\"/>\
             <updated>2026-11-02T09:00:00Z</updated>{more}</entry>"
        )
    };
    let named = |name: &str| format!("<author><name>{name}</name></author>");
    let entries = [
        entry(0, &source("")),
        entry(1, &source(&named("Bea Writer"))),
        entry(2, &(named("Ann Own") + &source(&named("Bea Writer")))),
    ];
    let planet = atom(&(named("Planet X") + &entries.concat())).replace("The List", "Planet X");
    let folder = folder(&[("planet.xml", planet)], "");
    let of = |title: &str| {
        let items = items(folder.path());
        text(&items.iter().find(|item| item["title"] == title).unwrap()["authors"][0]["name"])
    };
    assert_eq!(of("Number 0 of alpha"), "Alpha News");
    assert_eq!(of("Number 1 of alpha"), "Alpha News (Bea Writer)");
    assert_eq!(of("Number 2 of alpha"), "Alpha News (Ann Own)");
}

/// An item without an excerpt has a description that is our own line.
#[test]
fn our_own_line_is_no_teaser_for_the_next_feedloom() {
    let (name, list) = lists().remove(2);
    let settings = ["", "language = \"de\"\n", "[phrases]\nsource = \"Quelle\"\n", "republish = \"headline\"\n"];
    for more in settings {
        let more = more.replace("republish", "[defaults]\nrepublish");
        let mut before = folder(&[(name, list.clone())], &more);
        for format in ["feed.xml", "feed.xml", "atom.xml", "feed.json", "feed.xml"] {
            let next = folder(&[(format, public(before.path(), format))], "");
            for item in items(next.path()) {
                let body = text(&item["content_html"]);
                assert!(item["summary"].is_null(), "{more}, {format}: {item:#}");
                assert_eq!(body.matches("<p").count(), 2, "{more}, {format}: discussion and source: {body}");
                assert_eq!(item["_feedloom"]["discussions"][0]["name"], "The List", "{more}, {format}");
            }
            before = next;
        }
    }
}

/// Items of an output with this in feeds.toml, read by a second feedloom from each format.
fn through(output: &str, top: &str) -> Vec<(&'static str, Vec<Value>)> {
    let article = format!(
        "<item><title>{STORY}</title><link>https://alpha.example/t</link><guid>t</guid><dc:creator>Ann Paper</dc:creator>\
         <pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate><description>The station opens on Monday after ten years of \
         work.</description></item>"
    );
    let feed = rss("Alpha Paper", "https://alpha.example/", &article);
    let feed = feed.replacen("<rss ", "<rss xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ", 1);
    let files = ["feed.xml", "atom.xml", "feed.json"];
    let outputs: String = files.iter().map(|file| format!("[[output]]\nfile = \"{file}\"\n{output}\n")).collect();
    let first = folder(&[("alpha.xml", feed)], &format!("{top}{outputs}"));
    let read = |file: &'static str| (file, items(folder(&[(file, public(first.path(), file))], "").path()));
    files.into_iter().map(read).collect()
}

const STORY: &str = "Harbour authority opens the tidal power station";

#[test]
fn what_a_machine_wrote_is_no_word_of_the_paper_in_the_next_feedloom() {
    let programs = tempfile::tempdir().unwrap();
    let program = programs.path().join("p");
    let answers = [
        r#"{"title":"Power from the sea","lead":"A machine says this.","sections":[{"heading":"What","html":"It opens."}]}"#,
        // With the paper's own title.
        r#"{"title":"Harbour authority opens the tidal power station","lead":"A machine says this."}"#,
    ];
    for answer in answers {
        std::fs::write(&program, format!("#!/bin/sh\ncat > /dev/null\nprintf '%s' '{answer}'\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).unwrap();
        for (format, items) in through(&format!("rewrite = [{:?}]", program.to_str().unwrap()), "") {
            let item = &items[0];
            assert_eq!(item["title"], STORY, "{format}: {item:#}");
            let whole = item.to_string();
            assert!(!whole.contains("machine says") && !whole.contains("It opens"), "{format}: {whole}");
            assert!(whole.contains("https://alpha.example/t") && whole.contains("Alpha Paper"), "{format}: {whole}");
        }
    }
}

#[test]
fn what_has_to_be_said_of_a_text_stays_with_it_in_the_next_feedloom() {
    for (format, items) in through("", "[defaults]\ndisclosure = \"Paid for by <Whale> Inc.\"\n") {
        let item = &items[0];
        let (body, summary) = (text(&item["content_html"]), text(&item["summary"]));
        assert!(summary.starts_with("Paid for by <Whale> Inc.") && summary.contains("ten years"), "{format}: {item:#}");
        assert_eq!(body.matches("Paid for by &lt;Whale&gt; Inc.").count(), 1, "{format}: {body}");
        assert_eq!(item["title"], STORY, "{format}");
        assert_eq!(item["authors"][0]["name"], "Alpha Paper (Ann Paper)", "{format}");
    }
}
