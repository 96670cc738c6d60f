//! T85: signals of article pages, of the answers that bring them, and of robots.txt.

use std::time::Duration;

use feedloom::config::{ArticleWanted, Config, SourceConfig};
use feedloom::gather::{Fetched, GatherOptions, ReadFailure, Silent};
use feedloom::model::{Article, PageRights};
use feedloom::pass::{self, PassOptions};
use feedloom::publish::Shrink;
use feedloom::store::Store;

use super::Stand;
use crate::publisher::Response;

const NOW: &str = "2026-11-03T12:00:00Z";
/// A sentence of 40 characters on the page; the feed has none of it.
const ON_PAGE: &str = "This sentence stands on the page alone. ";

/// Reads pages as the tests here write them: what they say of rights, and their text. How real pages are read is
/// no matter of rights.
fn reader(page: &Fetched, _: &SourceConfig) -> Result<Article, ReadFailure> {
    let text = String::from_utf8_lossy(&page.bytes);
    let value = |mark: &str| text.split_once(mark).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
    let body = text.split_once("<p>").and_then(|(_, rest)| rest.split_once("</body>")).map_or("", |(body, _)| body);
    if text.contains("unreadable") {
        return Err(ReadFailure { sentence: "this is no article".to_owned(), hint: None });
    }
    let says = PageRights {
        robots: value("name=\"robots\" content=\"").into_iter().map(str::to_owned).collect(),
        is_free: value("isAccessibleForFree\":\"").map(|free| free == "true"),
        licenses: value("rel=\"license\" href=\"").and_then(|url| url.parse().ok()).into_iter().collect(),
        tdm_reservation: value("name=\"tdm-reservation\" content=\"").map(|reserved| reserved == "1"),
        ..PageRights::default()
    };
    Ok(Article {
        title: None,
        byline: None,
        site: None,
        published: None,
        description: value("name=\"description\" content=\"").map(str::to_owned),
        canonical: None,
        image: None,
        language: None,
        html: format!("<p>{body}</p>"),
        text: body.trim().to_owned(),
        says,
    })
}

impl Stand {
    /// A pass in this process, with that reader of pages.
    pub(super) fn pass(&self, now: &str) {
        let mut config = Config::load(&self.folder.path().join("feeds.toml")).unwrap();
        config.sources.iter_mut().for_each(|source| source.article = ArticleWanted::Always);
        let mut store = Store::open(&config.database).unwrap();
        let gather = GatherOptions {
            all: true,
            retry_delay: Duration::ZERO,
            article_reader: Some(reader),
            ..GatherOptions::default()
        };
        let options = PassOptions { gather: Some(gather), shrink: Shrink::Refuse };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(pass::run(&mut store, &config, now.parse().unwrap(), &options, &Silent)).unwrap();
    }

    /// An entry of the source `id` with its page; its feed gives a teaser unless `teaser` is empty.
    fn page(&self, id: &str, headers: &[(&str, &str)], head: &str, teaser: &str, keys: &str) {
        let url = self.publisher.url(&format!("/{id}/page"));
        let description =
            if teaser.is_empty() { String::new() } else { format!("<description>{teaser}</description>") };
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>Of {id}</title><item><title>About {id}</title><link>{url}</link>{description}</item></channel></rss>"
        );
        self.source(id, &[], &feed, keys);
        let mut all: Vec<(&str, &[u8])> = vec![("Content-Type", b"text/html; charset=utf-8")];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let page = format!(
            "<!doctype html><html><head><meta name=\"description\" content=\"What the page says of itself.\">{head}</head><body><p>{}</body></html>",
            ON_PAGE.repeat(50)
        );
        self.publisher.script(&format!("/{id}/page"), [Response::new(200, &all, page.as_bytes())]);
    }
}

/// What an item shows: of the page, of the feed's teaser, how many characters of excerpt.
fn shown(stand: &Stand, id: &str) -> (bool, bool, usize) {
    let item = stand.item(&format!("About {id}"));
    let html = item["content_html"].as_str().unwrap();
    let summary = item.get("summary").and_then(serde_json::Value::as_str).unwrap_or_default();
    (html.contains(ON_PAGE.trim()), html.contains("The teaser of it"), summary.chars().count())
}

#[test]
fn t85_what_the_page_and_its_answer_say_is_obeyed() {
    let full = "republish = \"full\"";
    let teaser = "The teaser of it, which is a bit longer than the limit of fifty. A second sentence.";
    let stand = Stand::new("[weave]\nsame_story = \"off\"\n");
    let meta = |content: &str| format!("<meta name=\"robots\" content=\"{content}\">");
    let tag = |value: &'static str| [("X-Robots-Tag", value)];
    stand.page("nothing", &[], "", teaser, full);
    stand.page("nosnippet", &tag("nosnippet"), "", teaser, full);
    stand.page("none-meta", &[], &meta("none"), teaser, full);
    stand.page("noarchive", &tag("noarchive"), "", teaser, full);
    stand.page("noarchive-bare", &[], &meta("noarchive"), "", full);
    stand.page("short", &tag("max-snippet:50"), "", teaser, full);
    stand.page("tdm", &[("tdm-reservation", "1")], "", teaser, full);
    stand.page("tdm-meta", &[], "<meta name=\"tdm-reservation\" content=\"1\">", teaser, full);
    stand.page("paid", &[], "{\"isAccessibleForFree\":\"false\"}", teaser, full);
    stand.page("noindex", &tag("noindex"), "", teaser, full);
    stand.page("others", &tag("googlebot: nosnippet"), "", teaser, full);
    stand.page(
        "licensed",
        &[],
        "<a rel=\"license\" href=\"https://creativecommons.org/licenses/by/4.0/\">",
        teaser,
        "",
    );
    stand.page("unreadable", &tag("nosnippet"), "unreadable", teaser, full);
    stand.pass(NOW);
    let all = teaser.chars().count();
    for (id, of_page, of_teaser, chars) in [
        ("nothing", true, false, all),
        ("nosnippet", false, false, 0),
        ("none-meta", false, false, 0),
        ("noarchive", false, true, all),
        ("noarchive-bare", false, false, 0),
        ("tdm", false, true, all),
        ("tdm-meta", false, true, all),
        ("paid", false, true, all),
        ("noindex", true, false, all),
        ("others", true, false, all),
        ("licensed", true, false, all),
        ("unreadable", false, false, 0),
    ] {
        assert_eq!(shown(&stand, id), (of_page, of_teaser, chars), "{id}");
    }
    let (of_page, _, chars) = shown(&stand, "short");
    assert!(!of_page && (1..=50).contains(&chars), "{chars}");
    let why = stand.tell(&["why", "About nosnippet"]);
    let told = "title and link only: an HTTP header of the article page says \"nosnippet\" to robots";
    assert!(why.contains(told), "{why}");
    let why = stand.tell(&["why", "--json", "About tdm-meta"]);
    let why: serde_json::Value = serde_json::from_str(&why).unwrap();
    let signals = &why["entries"][0]["rights"]["signals"];
    assert_eq!(signals[0], serde_json::json!({"kind": "tdm_reservation", "origin": "page", "value": "1"}));
    // Of the four that allow it; JSON Feed has each as HTML and as text.
    for (name, count) in [("feed.xml", 4), ("atom.xml", 4), ("feed.json", 8), ("index.html", 4)] {
        assert_eq!(stand.file(name).matches(&ON_PAGE.repeat(49)).count(), count, "{name}");
    }
}

#[test]
fn an_excerpt_may_come_from_the_page_and_is_never_more_than_a_tenth_of_it() {
    let stand = Stand::new("");
    stand.page("bare", &[], "", "", "");
    stand.page("long", &[], "", &"The teaser of it goes on. ".repeat(20), "excerpt_length = 1000");
    stand.pass(NOW);
    let summary = |id: &str| stand.item(&format!("About {id}"))["summary"].as_str().unwrap().to_owned();
    assert_eq!(summary("bare"), "What the page says of itself.");
    let tenth = ON_PAGE.repeat(50).chars().count() / 10;
    assert!(summary("long").chars().count() <= tenth, "{}", summary("long"));
}

#[test]
fn t84_lines_of_robots_txt_are_recorded_and_passed_on() {
    let stand = Stand::new("");
    let robots = "License: https://a.example/rsl.xml\nUser-agent: *\nAllow: /\nContent-Signal: search=no\n\
                  User-agent: other\nContent-Usage: search=n\n";
    stand.publisher.script("/robots.txt", [Response::new(200, &[], robots.as_bytes())]);
    stand.page("one", &[], "", "The teaser of it.", "");
    stand.pass(NOW);
    let status: serde_json::Value = serde_json::from_str(&stand.tell(&["status", "--json", "--now", NOW])).unwrap();
    let signals = status["sources"][0]["rights"]["signals"].as_array().unwrap();
    let of_robots: Vec<_> = signals.iter().filter(|signal| signal["origin"] == "robots_txt").collect();
    assert_eq!(of_robots.len(), 2, "{signals:?}");
    assert_eq!(of_robots[0]["value"], "https://a.example/rsl.xml");
    assert_eq!(of_robots[1]["value"], "search=no");
    let ours = &stand.item("About one")["_feedloom"]["sources"][0];
    assert_eq!(ours["rsl_documents"], serde_json::json!(["https://a.example/rsl.xml"]));
    assert_eq!(shown(&stand, "one").2, "The teaser of it.".len(), "a draft counts where feeds.toml says so");
    let toml = stand.folder.path().join("feeds.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, format!("obey_drafts = true\n{text}")).unwrap();
    stand.tell(&["publish", "--now", "2026-11-03T12:01:00Z"]);
    assert_eq!(shown(&stand, "one"), (false, false, 0));
}

#[test]
fn a_text_whose_mining_is_reserved_is_not_compared_by_its_words() {
    let stories = |of_first: &[(&str, &str)], of_second: &[(&str, &str)]| {
        let stand = Stand::new("[weave]\nsame_story = \"eager\"\n");
        let item = |outlet: &str, title: &str| {
            format!(
                "<rss version=\"2.0\"><channel><title>{outlet}</title><item><title>{title}</title><link>https://{outlet}.example/1\
                 </link><description>Corvane launches the Heron X2, a laptop chip of 24 cores that promises two days on a charge, \
                 at its event in Lisbon; prices start at 899 dollars and the first machines ship in March.</description></item>\
                 </channel></rss>"
            )
        };
        stand.source("a", of_first, &item("one", "Corvane launches Heron X2 laptop chip with 24 cores"), "");
        stand.pass(NOW);
        stand.source("b", of_second, &item("two", "An event in Lisbon, and what came of it"), "");
        stand.pass("2026-11-03T13:00:00Z");
        stand.items().len()
    };
    let reserved = [("tdm-reservation", "1")];
    assert_eq!(stories(&[], &[]), 1, "the two are one story by their words");
    assert_eq!(stories(&[], &reserved), 2, "the one that comes");
    assert_eq!(stories(&reserved, &[]), 2, "the one that is there");
}
