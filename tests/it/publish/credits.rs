//! Credit in every format at once: the demo's outputs are read back with other people's parsers and held against what
//! the database says was shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

const DISCLOSURE: &str = "May earn from links & <other> things";

fn say(words: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_feedloom")).args(words).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The demo, published once more with a disclosure and a statement of rights for every source.
fn demo(folder: &Path) {
    let home = folder.to_str().unwrap();
    say(&["demo", "--dir", home]);
    let config = folder.join("feeds.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text + &format!("\n[defaults]\ndisclosure = {DISCLOSURE:?}\nrights = \"© the outlet\"\n"))
        .unwrap();
    say(&["--config", config.to_str().unwrap(), "run", "--offline"]);
}

/// Story → (source, guid) of every entry that the database calls shown.
fn shown(folder: &Path) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let store = rusqlite::Connection::open(folder.join("data/feedloom.db")).unwrap();
    let mut stmt = store
        .prepare(
            "SELECT story.key, entry.source_id, entry.guid FROM story
               JOIN member ON member.story_id = story.id JOIN entry ON entry.id = member.entry_id
              WHERE member.shown_at IS NOT NULL",
        )
        .unwrap();
    let rows = stmt.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).unwrap();
    let mut found: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for row in rows {
        let (story, entry) = row.unwrap();
        found.entry(story).or_default().insert(entry);
    }
    found
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Links of a fragment, and its words.
fn read_html(html: &str) -> (BTreeSet<String>, String) {
    within(Html::parse_fragment(html).root_element())
}

fn within(element: ElementRef<'_>) -> (BTreeSet<String>, String) {
    let anchors = Selector::parse("a[href]").unwrap();
    let links = element.select(&anchors).map(|a| a.attr("href").unwrap().to_owned()).collect();
    (links, element.text().collect())
}

/// What a reader must find of `item` in a body: every outlet with its link, who wrote it, the disclosure.
fn missing(item: &Value, (links, words): &(BTreeSet<String>, String), all_authors: bool) -> Vec<String> {
    let mut missing = Vec::new();
    for (at, credit) in item["_feedloom"]["sources"].as_array().unwrap().iter().enumerate() {
        let linked = links.contains(text(&credit["url"])) || links.contains(text(&credit["comments"]));
        if !linked {
            missing.push(format!("link {}", credit["url"]));
        }
        for (what, known) in [("name", true), ("author", all_authors || at == 0)] {
            let value = text(&credit[what]);
            if known && !words.contains(value) {
                missing.push(format!("{what} {value}"));
            }
        }
    }
    if !words.contains(DISCLOSURE) {
        missing.push("disclosure".to_owned());
    }
    missing
}

/// `dc:rights` and `source` of each item of an RSS document, by its guid.
fn rss_extras(xml: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let (mut reader, mut path) = (Reader::from_str(xml), Vec::<String>::new());
    let (mut found, mut item) = (BTreeMap::new(), BTreeMap::<String, String>::new());
    loop {
        let words = match reader.read_event().unwrap() {
            Event::Start(tag) => {
                path.push(tag.name().as_ref().to_owned());
                continue;
            }
            Event::End(tag) => {
                path.pop();
                if tag.name().as_ref() == "item" {
                    found.insert(item["guid"].clone(), std::mem::take(&mut item));
                }
                continue;
            }
            Event::Text(words) => words.xml10_content().into_owned(),
            Event::CData(words) => words.xml10_content().into_owned(),
            Event::GeneralRef(name) => {
                quick_xml::escape::unescape(&format!("&{};", &*name.xml10_content())).unwrap().into_owned()
            }
            Event::Eof => return found,
            _ => continue,
        };
        item.entry(path.last().cloned().unwrap_or_default()).or_default().push_str(&words);
    }
}

#[test]
fn every_item_credits_every_outlet_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let read = |file: &str| fs::read_to_string(folder.path().join("data/public").join(file)).unwrap();
    let json: Value = serde_json::from_str(&read("feed.json")).unwrap();
    let items = json["items"].as_array().unwrap();
    let rss = feed_rs::parser::parse(read("feed.xml").as_bytes()).unwrap();
    let atom = feed_rs::parser::parse(read("atom.xml").as_bytes()).unwrap();
    let extras = rss_extras(&read("feed.xml"));
    let page = Html::parse_document(&read("index.html"));
    let shown = shown(folder.path());
    assert!(items.len() >= 40, "{}", items.len());
    let (mut on_page, mut outlets, mut wrong) = (0, 0, Vec::new());
    for item in items {
        let id = text(&item["id"]);
        let story = id.rsplit('/').next().unwrap();
        let credits = item["_feedloom"]["sources"].as_array().unwrap();
        outlets += credits.len();
        let credited = credits.iter().map(|credit| (text(&credit["id"]).to_owned(), text(&credit["guid"]).to_owned()));
        let lead = &credits[0];
        let mut note =
            |format: &str, what: Vec<String>| wrong.extend(what.iter().map(|what| format!("{format} {id}: {what}")));
        let mut equal = |format: &str, what: &str, found: Option<&str>, want: &str| {
            if found != Some(want) {
                note(format, vec![format!("{what}: {found:?}, not {want:?}")]);
            }
        };

        assert!(credited.collect::<BTreeSet<_>>().is_subset(&shown[story]), "{id}");
        let counted = item["_feedloom"]["coverage"]["entries"].as_array().unwrap().iter();
        let counted = counted.map(|entry| (text(&entry["id"]).to_owned(), text(&entry["guid"]).to_owned()));
        assert_eq!(counted.collect::<BTreeSet<_>>(), shown[story], "each entry has its reason: {id}");
        equal("json", "url", item["url"].as_str(), text(&lead["url"]));
        equal("json", "author", item["authors"][0]["name"].as_str(), text(&item["author"]["name"]));
        equal("json", "disclosure", item["_feedloom"]["disclosure"].as_str(), DISCLOSURE);
        assert!(credits.iter().all(|c| !text(&c["rights"]).is_empty() || c["via"].is_string()), "rights of {id}");

        let of_rss = rss.entries.iter().find(|entry| entry.id == id).unwrap();
        equal("rss", "link", of_rss.links.first().map(|link| link.href.as_str()), text(&lead["url"]));
        equal(
            "rss",
            "creator",
            of_rss.authors.first().map(|person| person.name.as_deref().unwrap_or_default()),
            text(&item["author"]["name"]),
        );
        let rights = extras[id].get("dc:rights").map_or("", |words| words.trim());
        equal("rss", "rights", Some(rights), text(&lead["rights"]));
        equal("rss", "source", extras[id].get("source").map(|words| words.trim()), text(&lead["name"]));

        let of_atom = atom.entries.iter().find(|entry| entry.id == id).unwrap();
        let alternate = of_atom.links.iter().find(|link| link.rel.as_deref() == Some("alternate"));
        equal("atom", "link", alternate.map(|link| link.href.as_str()), text(&lead["url"]));
        equal(
            "atom",
            "author",
            of_atom.authors.first().map(|person| person.name.as_deref().unwrap_or_default()),
            text(&item["author"]["name"]),
        );
        let rights = of_atom.rights.as_ref().map_or("", |words| words.content.as_str());
        equal("atom", "rights", Some(rights), text(&lead["rights"]));
        let related = of_atom.links.iter().filter(|link| link.rel.as_deref() == Some("related")).count();
        assert_eq!(related, credits.len() - 1, "{id}");

        let body = |entry: &feed_rs::model::Entry| entry.content.as_ref().unwrap().body.clone().unwrap();
        for (format, html) in
            [("json", text(&item["content_html"]).to_owned()), ("rss", body(of_rss)), ("atom", body(of_atom))]
        {
            note(format, missing(item, &read_html(&html), true));
        }
        let plain = text(&item["content_text"]);
        let links = plain.split(['\n', ' ']).map(str::to_owned).collect();
        note("plain text", missing(item, &(links, plain.to_owned()), true));
        if let Some(article) = page.select(&Selector::parse(&format!("#s-{story}")).unwrap()).next() {
            on_page += 1;
            let found = within(article);
            note("page", missing(item, &found, true));
            for credit in credits.iter().filter(|credit| !found.1.contains(text(&credit["rights"]))) {
                note("page", vec![format!("rights {}", credit["rights"])]);
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(on_page >= 20 && outlets >= items.len() + 10, "{on_page} on the page, {outlets} outlets");
    let list = Html::parse_document(&read("sources.opml"));
    let listed = list.select(&Selector::parse("outline").unwrap()).count();
    assert_eq!(listed, 15, "every source is in the list");
}
