//! T85, through the whole program: signals of article pages, of the answers that bring them, and of robots.txt.

use super::stand::Stand;
use crate::publisher::Response;

const NOW: &str = "2026-11-03T12:00:00Z";
/// A sentence of 40 characters on the page; the feed has none of it.
const ON_PAGE: &str = "This sentence stands on the page alone. ";

impl Stand {
    /// An entry of the source `id` with its page; its feed gives a teaser unless `teaser` is empty.
    fn page(&self, id: &str, headers: &[(&str, &str)], head: &str, teaser: &str, keys: &str) {
        let url = self.publisher.url(&format!("/{id}/page"));
        let description =
            if teaser.is_empty() { String::new() } else { format!("<description>{teaser}</description>") };
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>Of {id}</title><item><title>About {id}</title><link>{url}</link>{description}</item></channel></rss>"
        );
        self.source(id, &[], &feed, &format!("article = \"always\"\n{keys}"));
        let mut all: Vec<(&str, &[u8])> = vec![("Content-Type", b"text/html; charset=utf-8")];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let page = format!(
            "<!doctype html><html><head><meta name=\"description\" content=\"What the page says of itself.\">{head}</head><body><article>{}</article></body></html>",
            format!("<p>{}</p>", ON_PAGE.repeat(10)).repeat(5)
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
    stand.page(
        "paid",
        &[],
        "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"isAccessibleForFree\":\"False\"}</script>",
        teaser,
        full,
    );
    stand.page("noindex", &tag("noindex"), "", teaser, full);
    stand.page("others", &tag("googlebot: nosnippet"), "", teaser, full);
    stand.page(
        "licensed",
        &[],
        "<link rel=\"license\" href=\"https://creativecommons.org/licenses/by/4.0/\">",
        teaser,
        "",
    );
    stand.page("unreadable", &tag("nosnippet"), "", teaser, full);
    // What comes with it counts, though it is no page.
    let answer = [("Content-Type", &b"text/html"[..]), ("X-Robots-Tag", b"nosnippet")];
    stand.publisher.script("/unreadable/page", [Response::new(200, &answer, b"%PDF-1.7 \x01\x02\x03")]);
    stand.run(NOW);
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
    // Five paragraphs of the four that allow it; JSON Feed has each as HTML and as text.
    for (name, count) in [("feed.xml", 20), ("atom.xml", 20), ("feed.json", 40), ("index.html", 20)] {
        assert_eq!(stand.file(name).matches(&ON_PAGE.repeat(9)).count(), count, "{name}");
    }
}

#[test]
fn an_excerpt_may_come_from_the_page_and_a_teaser_goes_out_whole() {
    let stand = Stand::new("");
    stand.page("bare", &[], "", "", "");
    stand.page("long", &[], "", &"The teaser of it goes on. ".repeat(20), "excerpt_length = 1000");
    stand.run(NOW);
    let summary = |id: &str| stand.item(&format!("About {id}"))["summary"].as_str().unwrap().to_owned();
    assert_eq!(summary("bare"), "What the page says of itself.");
    // The publisher wrote it to be shown: the length of the article is no limit to it, `excerpt_length` is.
    assert_eq!(summary("long"), "The teaser of it goes on. ".repeat(20).trim_end());
}

#[test]
fn t84_lines_of_robots_txt_are_recorded_and_passed_on() {
    let stand = Stand::new("");
    let robots = "License: https://a.example/rsl.xml\nUser-agent: *\nAllow: /\nContent-Signal: search=no\n\
                  User-agent: other\nContent-Usage: search=n\n";
    stand.publisher.script("/robots.txt", [Response::new(200, &[], robots.as_bytes())]);
    stand.page("one", &[], "", "The teaser of it.", "");
    stand.run(NOW);
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
fn tdmrep_json_of_a_site_is_asked_for_once_and_holds_for_the_pages_that_it_names() {
    let stand = Stand::new("[weave]\nsame_story = \"off\"\n");
    let rules = br#"[{"location": "/reserved/*", "tdm-reservation": 1}, {"location": "/free", "tdm-reservation": 0}]"#;
    let file = "/.well-known/tdmrep.json";
    stand.publisher.script(file, [Response::new(200, &[("Content-Type", b"application/json")], rules)]);
    stand.page("reserved", &[], "", "The teaser of it.", "republish = \"full\"");
    stand.page("free", &[], "", "The teaser of it.", "republish = \"full\"");
    stand.run(NOW);
    assert_eq!(shown(&stand, "reserved"), (false, true, "The teaser of it.".len()), "what the feed gives stays");
    assert!(shown(&stand, "free").0);
    let why: serde_json::Value = serde_json::from_str(&stand.tell(&["why", "About reserved", "--json"])).unwrap();
    let signal = serde_json::json!({"kind": "tdm_reservation", "origin": "site", "value": "1"});
    assert!(why["entries"][0]["rights"]["signals"].as_array().unwrap().contains(&signal), "{why}");
    assert!(stand.tell(&["why", "About reserved"]).contains("tdmrep.json"));

    stand.page("later", &[], "", "The teaser of it.", "");
    stand.run("2026-11-03T13:00:00Z");
    let asked = stand.publisher.asked();
    assert_eq!(asked.iter().filter(|asked| asked.path == file).count(), 1, "once a day");
    stand.page("tomorrow", &[], "", "The teaser of it.", "");
    stand.run("2026-11-04T13:00:00Z");
    assert_eq!(stand.publisher.asked().iter().filter(|asked| asked.path == file).count(), 2);
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
        stand.run(NOW);
        stand.source("b", of_second, &item("two", "An event in Lisbon, and what came of it"), "");
        stand.run("2026-11-03T13:00:00Z");
        stand.items().len()
    };
    let reserved = [("tdm-reservation", "1")];
    assert_eq!(stories(&[], &[]), 1, "the two are one story by their words");
    assert_eq!(stories(&[], &reserved), 2, "the one that comes");
    assert_eq!(stories(&reserved, &[]), 2, "the one that is there");
}
