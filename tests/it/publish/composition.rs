//! Who is credited: by a link list, by an item that names its outlet, and through three feedlooms one behind the other,
//! whichever format each of them reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const NOW: &str = "2026-11-02T12:00:00Z";

/// A folder with feeds of these names and bodies as its sources.
fn folder(feeds: &[(&str, String)], more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut toml = format!("link = \"https://feeds.example.org/\"\ntitle = \"Woven\"\n{more}\n");
    for (name, text) in feeds {
        fs::write(folder.path().join(name), text).unwrap();
        let id = name.split('.').next().unwrap();
        toml += &format!("[[source]]\nid = \"{id}\"\nurl = \"file:{name}\"\n");
    }
    fs::write(folder.path().join("feeds.toml"), toml).unwrap();
    let config = folder.path().join("feeds.toml");
    let done = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .args(["--config", config.to_str().unwrap(), "run", "--now", NOW])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    folder
}

fn public(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join("data/public").join(file)).unwrap()
}

fn items(folder: &Path) -> Vec<Value> {
    let feed: Value = serde_json::from_str(&public(folder, "feed.json")).unwrap();
    feed["items"].as_array().unwrap().clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// (title of the story, outlet, link) of every credit.
fn credits(folder: &Path) -> BTreeSet<(String, String, String)> {
    let items = items(folder);
    let of = |item: &Value| {
        let sources = item["_feedloom"]["sources"].as_array().unwrap().clone();
        let title = text(&item["title"]);
        sources.into_iter().map(move |source| (title.clone(), text(&source["name"]), text(&source["url"])))
    };
    items.iter().flat_map(of).collect()
}

fn rss(title: &str, site: &str, items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>{title}</title><link>{site}</link>{items}</channel></rss>")
}

fn item(title: &str, address: &str, hour: u32, more: &str) -> String {
    format!(
        "<item><title>{title}</title><link>{address}</link><guid>{address}</guid>\
         <pubDate>Mon, 02 Nov 2026 {hour:02}:00:00 GMT</pubDate>\
         <description>{title}, in a sentence that says what it is about.</description>{more}</item>"
    )
}

const STORY: &str = "Harbour authority opens the tidal power station at Fairhaven";

fn originals() -> Vec<(&'static str, String)> {
    let submitted = "<author>someone@list.example (someone)</author>";
    let listed = |at: usize, title: &str, address: &str| {
        item(title, address, 9, &format!("<comments>https://list.example/talk/{at}</comments>{submitted}"))
    };
    let list: String = [
        listed(1, "A study of tram bells", "https://www.tram-paper.example/2026/bells"),
        listed(2, "Rust compiler learns to whistle", "https://whistle.example/a?id=1"),
        listed(3, STORY, "https://alpha.example/tidal"),
        listed(4, "Why lighthouses hum", "https://hum.example/lighthouse"),
        listed(5, "Ask: which lamp do you use", "https://list.example/talk/5"),
        listed(6, "Old maps redrawn by pigeons", "https://maps.example/pigeons"),
    ]
    .concat();
    let planet = [
        ("Kite weather tables", "Jane at Sea", "https://jane.example/feed", "https://jane.example/kites"),
        ("Notes from a bakery", "The Oven", "https://oven.example/feed", "https://oven.example/notes"),
        ("Spoofed headline", "Alpha Paper", "https://alpha.example/feed", "https://liar.example/x"),
        ("Bricks and mortar", "Walls", "https://walls.example/feed", "https://walls.example/bricks"),
        ("Deep sea cables", "Cables", "https://cables.example/feed", "https://cables.example/deep"),
    ];
    let planet: String = planet
        .iter()
        .map(|(title, name, feed, address)| item(title, address, 8, &format!("<source url=\"{feed}\">{name}</source>")))
        .collect();
    vec![
        (
            "alpha.xml",
            rss("Alpha Paper - Top News", "https://alpha.example/", &item(STORY, "https://alpha.example/tidal", 6, "")),
        ),
        (
            "beta.xml",
            rss("Beta: a daily", "https://beta.example/", &item(STORY, "https://www.beta.example/harbour", 7, "")),
        ),
        ("list.xml", rss("Link List: Newest", "https://list.example/", &list)),
        ("planet.xml", rss("Planet of Blogs", "https://planet.example/", &planet)),
    ]
}

/// The item of that title.
fn one(folder: &Path, title: &str) -> Value {
    items(folder).into_iter().find(|item| text(&item["title"]) == title).unwrap_or_else(|| panic!("no {title}"))
}

#[test]
fn whoever_wrote_it_is_credited_and_not_the_list_that_led_to_it() {
    let folder = folder(&originals(), "");
    let lead = |title: &str| one(folder.path(), title)["_feedloom"]["sources"][0].clone();
    let bells = one(folder.path(), "A study of tram bells");
    assert_eq!(bells["_feedloom"]["sources"][0]["name"], "tram-paper.example");
    assert_eq!(bells["_feedloom"]["sources"][0]["via"], "Link List", "a list is known by what it links to");
    assert_eq!(bells["authors"][0]["name"], "tram-paper.example", "a submitter is no author");
    assert_eq!(bells["_feedloom"]["discussions"][0]["name"], "Link List");
    assert!(text(&bells["content_html"]).contains("(tram-paper.example, via Link List, "), "{bells:#}");
    assert_eq!(lead("Kite weather tables")["name"], "Jane at Sea");
    assert_eq!(lead("Kite weather tables")["via"], "Planet of Blogs");
    assert_eq!(lead("Spoofed headline")["name"], "liar.example", "a name does not stand on another's domain");
    let ask = one(folder.path(), "Ask: which lamp do you use");
    assert_eq!(ask["_feedloom"]["sources"][0]["name"], "Link List");
    assert!(ask["_feedloom"]["sources"][0]["via"].is_null());

    let story = one(folder.path(), STORY);
    let names: Vec<String> =
        story["_feedloom"]["sources"].as_array().unwrap().iter().map(|source| text(&source["name"])).collect();
    assert_eq!(names, ["Alpha Paper", "Beta: a daily"]);
    assert_eq!(story["_feedloom"]["coverage"]["outlets"], 2);
    assert_eq!(story["_feedloom"]["coverage"]["articles"], 2);
    let page = public(folder.path(), "feed.xml");
    assert!(page.contains("rel=\"related\"") && page.contains("https://www.beta.example/harbour"), "RSS links it too");
}

#[test]
fn three_feedlooms_deep_the_credits_are_the_same() {
    let first = folder(&originals(), "");
    let want = credits(first.path());
    assert!(want.len() >= 11, "{want:#?}");
    for format in ["feed.xml", "atom.xml", "feed.json"] {
        let second = folder(&[(format, public(first.path(), format))], "");
        assert_eq!(credits(second.path()), want, "the second, by {format}");
        for next in ["feed.xml", "atom.xml", "feed.json"] {
            let third = folder(&[(next, public(second.path(), next))], "");
            assert_eq!(credits(third.path()), want, "the third, by {format} and {next}");
        }
    }
}

#[test]
fn nothing_of_a_feedloom_between_is_shown_twice() {
    let first = folder(&originals(), "");
    for format in ["feed.xml", "atom.xml", "feed.json"] {
        let second = folder(&[(format, public(first.path(), format))], "");
        let whole = one(second.path(), STORY);
        let body = text(&whole["content_html"]);
        assert_eq!(body.matches("Here is the source article").count(), 1, "{format}: {body}");
        assert_eq!(body.matches("Also covered by").count(), 1, "{format}: {body}");
        assert_eq!(whole["authors"][0]["name"], "Alpha Paper", "{format}");
    }
}

#[test]
fn a_liar_invents_no_coverage() {
    let outlets: Vec<Value> = (0..6)
        .map(|at| serde_json::json!({"name": format!("Outlet {at}"), "url": format!("https://outlet-{at}.example/1")}))
        .collect();
    let feed = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Liar", "home_page_url": "https://liar.example/",
        "items": [{"id": "1", "url": "https://liar.example/1", "title": "Much ado about a lamp", "content_text": "Ado.",
                   "date_published": "2026-11-02T10:00:00Z", "_feedloom": {"sources": outlets}}],
    });
    let told = |more: &str| {
        let folder = folder(&[("liar.json", feed.to_string())], more);
        items(folder.path())[0]["_feedloom"]["coverage"]["outlets"].clone()
    };
    assert_eq!(told(""), 1);
    assert_eq!(told("[defaults]\ntrusted = true"), 6);
}
