//! The pages of single stories, through the binary: what is on them, and that no address of one ever ends in nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use scraper::{Html, Selector};
use serde_json::Value;

use crate::scene::{Page, Scene, files};

const NEWS: &str = "Harbour city opens its first tidal power station";
const OTHER: &str = "Parliament votes on the new railway budget today";

fn feed(source: &str, items: &[(&str, &str, u8)]) -> Page {
    feed_called(source, source, items)
}

/// A feed with this title, of (guid, title, hour of 2 November).
pub(super) fn feed_called(title: &str, source: &str, items: &[(&str, &str, u8)]) -> Page {
    let mut text =
        format!("<rss version=\"2.0\"><channel><title>{title}</title><link>https://{source}.example/</link>");
    for (guid, title, hour) in items {
        write!(
            text,
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>https://{source}.example/{guid}</link>\
             <title>{title}</title><description>What {source} says of it: {title}, at some length.</description>\
             <pubDate>02 Nov 2026 {hour:02}:00:00 GMT</pubDate></item>"
        )
        .unwrap();
    }
    Page::xml(text + "</channel></rss>")
}

/// Three outlets with the same news, and another piece of the first; after one run.
fn scene(more: &str) -> Scene {
    let scene = Scene::new(&["alpha", "beta", "gamma"], more);
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8), ("a2", OTHER, 7)]));
    scene.serve("beta", feed("beta", &[("b1", NEWS, 6)]));
    scene.serve("gamma", feed("gamma", &[("c1", NEWS, 9)]));
    scene.run_well("2026-11-02T10:00:00Z");
    scene
}

#[track_caller]
fn well(scene: &Scene, words: &[&str]) -> String {
    let done = scene.say(words);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{words:?}: {said}");
    String::from_utf8(done.stdout).unwrap()
}

fn items(scene: &Scene) -> Vec<Value> {
    let feed: Value = serde_json::from_slice(&fs::read(scene.outputs().join("feed.json")).unwrap()).unwrap();
    feed["items"].as_array().unwrap().clone()
}

/// The id of the story with this title.
#[track_caller]
fn id_of(scene: &Scene, title: &str) -> String {
    let item = items(scene).into_iter().find(|item| item["title"] == title).unwrap();
    item["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[track_caller]
fn page(scene: &Scene, file: &str) -> String {
    fs::read_to_string(scene.outputs().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The pages of stories, by name.
fn stories(scene: &Scene) -> BTreeSet<String> {
    files(&scene.outputs()).into_keys().filter(|name| name.starts_with("s/")).collect()
}

/// Where a signpost leads.
fn way(page: &str) -> Option<&str> {
    page.split("content=\"0; url=").nth(1)?.split('"').next()
}

/// The local links of every page that lead nowhere.
pub(super) fn dead_links(outputs: &Path) -> Vec<String> {
    let mut dead = Vec::new();
    let links = Selector::parse("[href], [src]").unwrap();
    let all = files(outputs);
    for (name, (bytes, _)) in all.iter().filter(|(name, _)| name.ends_with(".html")) {
        let html = Html::parse_document(&String::from_utf8_lossy(bytes));
        let ids: BTreeSet<&str> =
            html.tree.root().descendants().filter_map(|node| node.value().as_element()?.id()).collect();
        let base = url::Url::parse("https://here.example/").unwrap().join(name).unwrap();
        for element in html.select(&links) {
            let href = element.attr("href").or(element.attr("src")).unwrap();
            if let Some(part) = href.strip_prefix('#') {
                if !ids.contains(part) {
                    dead.push(format!("{name}: {href}"));
                }
                continue;
            }
            let to = base.join(href).unwrap();
            let is_here = to.host_str() == Some("here.example");
            let path = to.path().trim_start_matches('/').to_owned();
            if is_here && !all.contains_key(&path) {
                dead.push(format!("{name}: {href}"));
            }
        }
        if let Some(to) = way(&String::from_utf8_lossy(bytes)) {
            let to = base.join(to).unwrap();
            if !all.contains_key(to.path().trim_start_matches('/')) {
                dead.push(format!("{name}: leads to {to}"));
            }
        }
    }
    dead
}

#[track_caller]
fn no_link_is_dead(scene: &Scene) {
    assert_eq!(dead_links(&scene.outputs()), Vec::<String>::new());
}

#[test]
fn a_story_has_a_page_with_every_outlet_in_order_of_time() {
    let scene = scene("");
    let news = id_of(&scene, NEWS);
    assert_eq!(stories(&scene).len(), 2, "one for each story");
    let page = page(&scene, &format!("s/{news}.html"));
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what} is not in {page}"));
    let told = at("id=\"told\"");
    let of = |outlet: &str| told + page[told..].find(&format!("href=\"https://{outlet}.example/")).unwrap();
    assert!(of("beta") < of("alpha") && of("alpha") < of("gamma"), "the earliest first");
    let lead = items(&scene).iter().find(|item| item["title"] == NEWS).unwrap()["url"].as_str().unwrap().to_owned();
    at(&format!("<link rel=\"canonical\" href=\"{lead}\">"));
    at("What gamma says of it");
    at("itemtype=\"https://schema.org/NewsArticle\"");
    assert!(!page.contains("<script"));
    let front = self::page(&scene, "index.html");
    assert!(front.contains(&format!("<a href=\"s/{news}.html\">3 outlets</a>")), "{front}");
    assert!(self::page(&scene, "archive/2026-11-02.html").contains(&format!("href=\"../s/{news}.html\"")));
    let item = items(&scene).into_iter().find(|item| item["title"] == NEWS).unwrap();
    assert_eq!(item["_feedloom"]["story_page"], format!("https://feeds.example.org/s/{news}.html"));
    no_link_is_dead(&scene);
}

#[test]
fn an_unchanged_pass_writes_nothing_and_a_changed_story_alone_is_written_again() {
    let scene = scene("");
    let (news, other) = (id_of(&scene, NEWS), id_of(&scene, OTHER));
    let before = files(&scene.outputs());
    scene.run_well("2026-11-02T11:00:00Z");
    assert_eq!(files(&scene.outputs()), before);
    scene.serve("gamma", feed("gamma", &[("c1", "Tidal power station opens in harbour city, edited", 9)]));
    scene.run_well("2026-11-02T12:00:00Z");
    let after = files(&scene.outputs());
    let file = |id: &str| format!("s/{id}.html");
    assert_eq!(after[&file(&other)], before[&file(&other)], "the other story is as it was");
    assert_ne!(after[&file(&news)], before[&file(&news)]);
    let page = page(&scene, &file(&news));
    assert!(page.contains("Tidal power station opens in harbour city, edited"));
    assert!(
        page.contains("Edited by its publisher: <time itemprop=\"dateModified\" datetime=\"2026-11-02T12:00:00Z\">"),
        "{page}"
    );
}

#[test]
fn a_page_stays_when_its_story_leaves_the_window_and_still_changes_with_it() {
    let scene = scene("[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\nmax_age = \"6h\"\n");
    let news = id_of(&scene, NEWS);
    scene.serve("beta", feed("beta", &[("b2", "Orchid theft in the palm house", 19)]));
    scene.run_well("2026-11-02T20:00:00Z");
    assert!(!page(&scene, "index.html").contains(&news), "it has left");
    let left = page(&scene, &format!("s/{news}.html"));
    assert!(left.contains(NEWS));
    no_link_is_dead(&scene);
    scene.serve("gamma", feed("gamma", &[("c1", "A power station in the harbour, edited", 9)]));
    scene.run_well("2026-11-02T21:00:00Z");
    assert!(page(&scene, &format!("s/{news}.html")).contains("A power station in the harbour, edited"));
}

#[test]
fn a_first_run_makes_pages_of_what_stands_on_the_page_alone() {
    let scene =
        Scene::new(&["alpha"], "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\nitems = 3\n");
    let titles = ["Walrus census", "Granite prices", "Orchid theft", "Tunnel opening", "Bakery strike", "Harp tuning"];
    let items: Vec<(&str, &str, u8)> = titles.iter().zip(1..).map(|(title, hour)| (*title, *title, hour)).collect();
    scene.serve("alpha", feed("alpha", &items));
    scene.run_well("2026-11-02T10:00:00Z");
    assert_eq!(stories(&scene).len(), 3);
    let with_page = self::items(&scene).into_iter().filter(|item| item["_feedloom"]["story_page"].is_string());
    assert_eq!(with_page.count(), 3, "the feed names those that are there");
    no_link_is_dead(&scene);
}

#[test]
fn a_joined_story_leads_to_the_one_it_is_in_and_is_back_when_that_is_undone() {
    let scene = scene("");
    let (news, other) = (id_of(&scene, NEWS), id_of(&scene, OTHER));
    let before = page(&scene, &format!("s/{other}.html"));
    well(&scene, &["join", &other, "https://alpha.example/a1", "--now", "2026-11-02T11:00:00Z"]);
    scene.run_well("2026-11-02T12:30:00Z");
    assert_eq!(id_of(&scene, NEWS), news, "the news stays what it was: the other piece is a part of it");
    let signpost = page(&scene, &format!("s/{other}.html"));
    assert_eq!(way(&signpost), Some(format!("../s/{news}.html").as_str()), "{signpost}");
    assert!(page(&scene, &format!("s/{news}.html")).contains("this was two stories"));
    no_link_is_dead(&scene);
    well(&scene, &["corrections", "--undo", "1", "--now", "2026-11-02T13:00:00Z"]);
    scene.run_well("2026-11-02T14:30:00Z");
    assert_eq!(page(&scene, &format!("s/{other}.html")), before, "it is what it was");
    assert!(!page(&scene, &format!("s/{news}.html")).contains("this was two stories"));
    no_link_is_dead(&scene);
}

#[test]
fn what_is_split_off_has_a_page_and_leads_back_when_that_is_undone() {
    let scene = scene("");
    let news = id_of(&scene, NEWS);
    let file = format!("s/{news}.html");
    well(&scene, &["split", &news, "https://gamma.example/c1", "--now", "2026-11-02T11:00:00Z"]);
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(!page(&scene, &file).contains("gamma.example/c1"));
    let off = items(&scene).into_iter().find(|item| item["url"] == "https://gamma.example/c1").unwrap();
    let off = off["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert!(
        page(&scene, &file).contains(&format!("a part of this is <a href=\"../s/{off}.html\">")),
        "{}",
        page(&scene, &file)
    );
    assert!(
        page(&scene, &format!("s/{off}.html")).contains(&format!("this was a part of <a href=\"../s/{news}.html\">"))
    );
    no_link_is_dead(&scene);
    well(&scene, &["corrections", "--undo", "1", "--now", "2026-11-02T13:00:00Z"]);
    scene.run_well("2026-11-02T14:00:00Z");
    assert_eq!(way(&page(&scene, &format!("s/{off}.html"))), Some(format!("../s/{news}.html").as_str()));
    assert!(page(&scene, &file).contains("gamma.example/c1"));
    no_link_is_dead(&scene);
}

#[test]
fn a_takedown_reaches_the_page_at_once_and_the_address_says_so() {
    let scene = scene("");
    let news = id_of(&scene, NEWS);
    let file = format!("s/{news}.html");
    let whole = page(&scene, &file);
    well(&scene, &["takedown", "--now", "2026-11-02T10:30:00Z", "https://beta.example/b1"]);
    let without = page(&scene, &file);
    assert!(!without.contains("beta.example/b1") && !without.contains("What beta says"), "{without}");
    assert!(without.contains("alpha.example/a1"), "the others stay");
    well(&scene, &["takedown", "--now", "2026-11-02T10:40:00Z", &news]);
    let closed = page(&scene, &file);
    assert!(
        closed.contains("This story was taken down") && !closed.contains("alpha.example") && !closed.contains(NEWS)
    );
    for hour in 12..14 {
        scene.run_well(&format!("2026-11-02T{hour}:00:00Z"));
        assert_eq!(page(&scene, &file), closed, "it stays gone");
    }
    no_link_is_dead(&scene);
    for number in ["2", "1"] {
        well(&scene, &["takedown", "--now", "2026-11-02T14:00:00Z", "--undo", number]);
    }
    assert_eq!(page(&scene, &file), whole, "and is back when it is taken back");
}

#[test]
fn a_takedown_reaches_the_page_of_a_story_that_no_output_shows() {
    let scene = scene(
        "[[output]]\nfile = \"feed.json\"\nmax_age = \"6h\"\n[[output]]\nfile = \"index.html\"\nmax_age = \"6h\"\narchive = 0\n",
    );
    let news = id_of(&scene, NEWS);
    scene.run_well("2026-11-02T23:00:00Z");
    let file = format!("s/{news}.html");
    assert!(page(&scene, &file).contains("gamma.example/c1"));
    well(&scene, &["takedown", "--now", "2026-11-02T23:30:00Z", "--prefix", "https://gamma.example/"]);
    assert!(!page(&scene, &file).contains("gamma.example/c1") && page(&scene, &file).contains("alpha.example/a1"));
}

#[test]
fn a_page_shows_the_sources_of_its_output_alone() {
    let outputs = "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\nsources = [\"alpha\", \"beta\"]\n\
                   [[output]]\nfile = \"mine/all.html\"\n[publish]\nmode = \"0600\"\n";
    let scene = scene(outputs);
    let news = id_of(&scene, NEWS);
    let public = page(&scene, &format!("s/{news}.html"));
    assert!(public.contains("beta.example/b1") && !public.contains("gamma"), "{public}");
    let mine = format!("mine/all-s/{news}.html");
    assert!(page(&scene, &mine).contains("gamma.example/c1"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |file: &str| fs::metadata(scene.outputs().join(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&mine), mode("mine/all-s")), (0o600, 0o700));
    }
    let named = items(&scene).into_iter().map(|item| item["_feedloom"]["story_page"].as_str().unwrap().to_owned());
    assert!(named.into_iter().all(|page| page.contains("/mine/all-s/")), "a feed names the page of the same sources");
    no_link_is_dead(&scene);
}

#[test]
fn a_source_that_becomes_private_leaves_the_pages_whatever_their_age() {
    let page_of = |tags: &str| {
        format!(
            "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\nmax_age = \"6h\"\narchive = 0\n{tags}"
        )
    };
    let scene = scene(&page_of(""));
    let (news, other) = (id_of(&scene, NEWS), id_of(&scene, OTHER));
    scene.run_well("2026-11-02T23:00:00Z");
    let toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    fs::write(scene.path("feeds.toml"), toml + "sources = [\"beta\", \"gamma\"]\n").unwrap();
    scene.run_well("2026-11-03T00:00:00Z");
    let rest = page(&scene, &format!("s/{news}.html"));
    assert!(!rest.contains("alpha") && rest.contains("gamma.example/c1"), "{rest}");
    let closed = page(&scene, &format!("s/{other}.html"));
    assert!(closed.contains("no longer shown here") && !closed.contains("alpha"), "{closed}");
    no_link_is_dead(&scene);
}

#[test]
fn pages_of_an_output_with_another_name_lead_to_the_new_ones() {
    let scene = scene("[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\n");
    let (news, other) = (id_of(&scene, NEWS), id_of(&scene, OTHER));
    let before = page(&scene, &format!("s/{news}.html"));
    let toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    fs::write(scene.path("feeds.toml"), toml.replace("index.html", "news.html")).unwrap();
    fs::remove_file(scene.outputs().join("index.html")).unwrap();
    scene.run_well("2026-11-02T11:00:00Z");
    for id in [&news, &other] {
        assert_eq!(way(&page(&scene, &format!("s/{id}.html"))), Some(format!("../news-s/{id}.html").as_str()));
    }
    assert!(page(&scene, &format!("news-s/{news}.html")).contains("gamma.example/c1"));
    assert_eq!(dead_links(&scene.outputs()), Vec::<String>::new());
    fs::write(scene.path("feeds.toml"), toml.clone()).unwrap();
    scene.run_well("2026-11-02T12:00:00Z");
    assert_eq!(page(&scene, &format!("s/{news}.html")), before);
    assert_eq!(way(&page(&scene, &format!("news-s/{news}.html"))), Some(format!("../s/{news}.html").as_str()));
    // Without any page, the addresses say that there is none any more.
    fs::write(scene.path("feeds.toml"), toml.replace("[[output]]\nfile = \"index.html\"\n", "")).unwrap();
    scene.run_well("2026-11-02T13:00:00Z");
    assert!(page(&scene, &format!("s/{news}.html")).contains("no longer shown here"));
    assert!(page(&scene, &format!("news-s/{news}.html")).contains("no longer shown here"));
}

#[test]
fn without_story_pages_none_is_added_and_those_that_were_public_stay() {
    let scene = scene("[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\n");
    let before = stories(&scene);
    let toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    fs::write(scene.path("feeds.toml"), toml + "story_pages = false\n").unwrap();
    scene.serve("beta", feed("beta", &[("b1", NEWS, 6), ("b2", "Orchid theft in the palm house", 9)]));
    scene.run_well("2026-11-02T11:00:00Z");
    assert_eq!(stories(&scene), before);
    assert!(!page(&scene, "index.html").contains("href=\"s/"));
    no_link_is_dead(&scene);
}

#[test]
fn forgotten_stories_lose_their_pages_and_nothing_leads_to_them() {
    let outputs = "[store]\nkeep = \"5d\"\n[weave]\nlookback = \"3d\"\n[[output]]\nfile = \"feed.json\"\nitems = 1\n\
                   [[output]]\nfile = \"index.html\"\nitems = 1\narchive = 3\n";
    let scene = Scene::new(&["alpha"], outputs);
    let words = ["amber", "birch", "cobalt", "dune", "ember", "fjord", "glade", "heron", "indigo", "juniper", "krill"];
    let mut gone = BTreeSet::new();
    for day in 1..16_usize {
        let mut text =
            "<rss version=\"2.0\"><channel><title>alpha</title><link>https://alpha.example/</link>".to_owned();
        for number in 0..10_usize {
            let word =
                |place: usize| format!("{}{}", words[(day * 7 + number * 5 + place * 3) % 11], day * 10 + number);
            let title = format!("{} {} {} {}", word(0), word(1), word(2), word(3));
            write!(
                text,
                "<item><title>{title}</title><link>https://alpha.example/{day}/{number}</link>\
                 <pubDate>{day:02} Nov 2026 06:{number:02}:00 GMT</pubDate></item>"
            )
            .unwrap();
        }
        scene.serve("alpha", Page::xml(text + "</channel></rss>"));
        for hour in ["09", "10"] {
            scene.run_well(&format!("2026-11-{day:02}T{hour}:00:00Z"));
            no_link_is_dead(&scene);
        }
        if day == 2 {
            gone = stories(&scene);
            assert_eq!(gone.len(), 2, "one of each day");
            let one = gone.first().unwrap().trim_start_matches("s/").trim_end_matches(".html").to_owned();
            well(&scene, &["takedown", "--now", "2026-11-02T11:00:00Z", &one]);
        }
    }
    let there = stories(&scene);
    assert_eq!(there.intersection(&gone).collect::<Vec<_>>(), Vec::<&String>::new(), "{}", there.len());
    assert!((5..=8).contains(&there.len()), "{}", there.len());
}

fn lose_database(scene: &Scene) {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut path = scene.database().into_os_string();
        path.push(suffix);
        let _ = fs::remove_file(path);
    }
}

#[test]
fn a_lost_database_takes_its_pages_over_and_takedowns_reach_those_that_it_does_not_know() {
    let outputs = "[[output]]\nfile = \"feed.json\"\nmax_age = \"6h\"\n[[output]]\nfile = \"index.html\"\nmax_age = \"6h\"\narchive = 0\n";
    let scene = scene(outputs);
    let (news, other) = (id_of(&scene, NEWS), id_of(&scene, OTHER));
    let before = stories(&scene);
    scene.serve("alpha", feed("alpha", &[("a3", "Orchid theft in the palm house", 22)]));
    scene.serve("beta", feed("beta", &[]));
    scene.serve("gamma", feed("gamma", &[]));
    scene.run_well("2026-11-02T23:00:00Z");
    let kept = page(&scene, &format!("s/{news}.html"));
    lose_database(&scene);
    scene.run_well("2026-11-03T00:00:00Z");
    assert!(stories(&scene).is_superset(&before));
    assert_eq!(page(&scene, &format!("s/{news}.html")), kept);
    no_link_is_dead(&scene);
    well(&scene, &["takedown", "--now", "2026-11-03T01:00:00Z", "--prefix", "https://gamma.example/"]);
    assert!(page(&scene, &format!("s/{news}.html")).contains("taken down"));
    assert!(page(&scene, &format!("s/{other}.html")).contains(OTHER));
    // What nobody asked for again goes with everything as old.
    let old = scene.outputs().join(format!("s/{other}.html"));
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    lose_database(&scene);
    scene.run_well("2026-11-03T02:00:00Z");
    scene.serve("alpha", feed("alpha", &[("a4", "Harp tuning for beginners", 23)]));
    scene.run_well("2026-11-03T03:00:00Z");
    assert!(!old.exists(), "it is older than `keep`");
    no_link_is_dead(&scene);
}

#[test]
fn an_older_database_knows_what_came_after_it() {
    let scene = scene("");
    let copy = scene.path("copy.db");
    well(&scene, &["backup", copy.to_str().unwrap()]);
    scene.serve("gamma", feed("gamma", &[("c1", NEWS, 9), ("c2", "Orchid theft in the palm house", 10)]));
    scene.run_well("2026-11-02T11:00:00Z");
    let after = files(&scene.outputs());
    lose_database(&scene);
    fs::copy(&copy, scene.database()).unwrap();
    scene.run_well("2026-11-02T12:00:00Z");
    let names = |files: &std::collections::BTreeMap<String, _>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&files(&scene.outputs())), names(&after));
    no_link_is_dead(&scene);
}

#[test]
fn what_is_missing_is_made_again_and_what_was_left_aside_goes() {
    let scene = scene("");
    let news = format!("s/{}.html", id_of(&scene, NEWS));
    let before = page(&scene, &news);
    fs::remove_file(scene.outputs().join(&news)).unwrap();
    fs::write(scene.outputs().join("s/.aaaaaaaaaaaaaaaa.html.feedloom-tmp"), "half").unwrap();
    scene.run_well("2026-11-02T11:00:00Z");
    assert_eq!(page(&scene, &news), before);
    assert!(!scene.outputs().join("s/.aaaaaaaaaaaaaaaa.html.feedloom-tmp").exists());
}

#[test]
fn a_template_shows_single_stories_or_the_built_in_one_does() {
    let own = "<!doctype html>\n<title>{{ title }}</title>\n{% if story %}<p id=\"s-{{ story.item.id }}\">OWN \
               {% for telling in story.tellings %}<a href=\"{{ telling.credit.url }}\">{{ telling.excerpt }}</a>{% endfor %}</p>{% endif %}\
               {% for day in days %}{% for item in day.items %}\
               <p id=\"s-{{ item.id }}\"><a href=\"{{ item.url }}\">{{ item.title }}</a></p>{% endfor %}{% endfor %}\n</html>\n";
    let scene = Scene::new(
        &["alpha"],
        "[[output]]\nfile = \"index.html\"\ntemplate = \"own.html\"\n[[output]]\nfile = \"feed.json\"\n",
    );
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8)]));
    fs::write(
        scene.path("own.html"),
        own.replace("{% if story %}", "{% if false %}")
            .replace("story.", "stori.")
            .replace("in stori.tellings", "in days"),
    )
    .unwrap();
    let said = scene.run_well("2026-11-02T10:00:00Z");
    let said =
        String::from_utf8_lossy(&said.stderr).into_owned() + &String::from_utf8_lossy(&scene.say(&["check"]).stderr);
    let news = format!("s/{}.html", id_of(&scene, NEWS));
    assert!(page(&scene, &news).contains("schema.org/NewsArticle"), "the built-in one");
    let front = page(&scene, "index.html");
    assert!(said.contains("own.html does not use `story`"), "{said}");
    fs::write(scene.path("own.html"), own).unwrap();
    scene.run_well("2026-11-02T11:00:00Z");
    assert!(page(&scene, &news).contains("OWN"));
    assert_eq!(page(&scene, "index.html"), front);
    // One that loses a link, or fails, gives way to the built-in one, and the run says why.
    let lost = own.replace("<a href=\"{{ telling.credit.url }}\">", "<a href=\"https://f.example/\">");
    let failing = own.replace("OWN", "OWN {{ story.nothing.at_all }}");
    for (hour, broken) in [(12, lost), (13, failing)] {
        fs::write(scene.path("own.html"), broken).unwrap();
        let said = scene.run(&format!("2026-11-02T{hour}:00:00Z"));
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        let shown = page(&scene, &news);
        assert!(shown.contains("schema.org/NewsArticle") && shown.contains("https://alpha.example/a1"), "{shown}");
        assert!(!shown.contains("f.example") && !shown.contains("OWN"), "{shown}");
        assert!(said.contains(NEWS), "{said}");
        no_link_is_dead(&scene);
    }
}

#[test]
fn what_is_denied_leaves_the_page_of_its_story_though_a_filter_fails() {
    let filter = |code: u8| format!("#!/bin/sh\ncat\nexit {code}\n");
    let scene = Scene::new(
        &["alpha", "beta", "gamma"],
        "[[output]]\nfile = \"index.html\"\nfilter = [\"sh\", \"filter.sh\"]\n[[output]]\nfile = \"feed.json\"\n",
    );
    for (source, guid, hour) in [("alpha", "a1", 8), ("beta", "b1", 6), ("gamma", "c1", 9)] {
        scene.serve(source, feed(source, &[(guid, NEWS, hour)]));
    }
    fs::write(scene.path("filter.sh"), filter(0)).unwrap();
    scene.run_well("2026-11-02T10:00:00Z");
    let news = format!("s/{}.html", id_of(&scene, NEWS));
    let shown = page(&scene, &news);
    assert!(shown.contains("https://gamma.example/c1"), "{shown}");
    // What the filter was not given is named and not quoted.
    assert!(!shown.contains("What gamma says of it"), "{shown}");
    fs::write(scene.path("filter.sh"), filter(1)).unwrap();
    scene.say(&["takedown", "https://gamma.example/c1"]);
    scene.run("2026-11-02T11:00:00Z");
    let left = page(&scene, &news);
    assert!(!left.contains("gamma.example"), "{left}");
    fs::write(scene.path("filter.sh"), filter(0)).unwrap();
    scene.run("2026-11-02T12:00:00Z");
    scene.run("2026-11-02T19:00:00Z");
    let again = page(&scene, &news);
    assert!(again.contains("https://alpha.example/a1") && !again.contains("gamma.example"), "{again}");
}

#[test]
fn nothing_that_a_feed_writes_is_active_on_the_page_of_its_story() {
    let payloads: Vec<&str> =
        include_str!("../../fixtures/xss.txt").lines().filter(|line| !line.starts_with("# ")).collect();
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // A first run shows the newest twenty of a source.
    let names: Vec<String> = (0..payloads.len().div_ceil(19)).map(|number| format!("source{number}")).collect();
    let paths: Vec<&str> = names.iter().map(String::as_str).collect();
    // Two pages, since one of a hundred kilobytes does not hold them all.
    let scene = Scene::new(
        &paths,
        "[defaults]\nrepublish = \"full\"\n[weave]\nsame_story = \"exact\"\n\
         [[output]]\nfile = \"index.html\"\nitems = 1000\ntags = [\"even\"]\n\
         [[output]]\nfile = \"odd.html\"\nitems = 1000\ntags = [\"odd\"]\n",
    );
    let mut toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    for (number, name) in paths.iter().enumerate() {
        let tag = if number % 2 == 0 { "even" } else { "odd" };
        toml = toml.replace(&format!("id = \"{name}\"\n"), &format!("id = \"{name}\"\ntags = [\"{tag}\"]\n"));
    }
    fs::write(scene.path("feeds.toml"), toml).unwrap();
    for (name, payloads) in paths.iter().zip(payloads.chunks(19)) {
        let mut text =
            format!("<rss version=\"2.0\"><channel><title>{name}</title><link>https://{name}.example/</link>");
        for (number, payload) in payloads.iter().enumerate() {
            let payload = escaped(payload);
            write!(
                text,
                "<item><guid isPermaLink=\"false\">{number}</guid><link>https://{name}.example/{number}</link>\
                 <title>{number} {payload}</title><author>{payload}</author><category>{payload}</category>\
                 <description>{payload} and {number} words more of it, so that it stands alone</description>\
                 <copyright>{payload}</copyright><pubDate>02 Nov 2026 06:00:00 GMT</pubDate></item>"
            )
            .unwrap();
        }
        scene.serve(name, Page::xml(text + "</channel></rss>"));
    }
    let done = scene.run("2026-11-02T10:00:00Z");
    assert!(done.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&done.stderr));
    let all = Selector::parse("*").unwrap();
    let mut seen = 0;
    let of_story = |name: &str| name.starts_with("s/") || name.starts_with("odd-s/");
    for (name, (bytes, _)) in files(&scene.outputs()).iter().filter(|(name, _)| of_story(name)) {
        let text = std::str::from_utf8(bytes).unwrap();
        seen += usize::from(text.contains("id=\"told\""));
        let html = Html::parse_document(text);
        for element in html.select(&all) {
            let tag = element.value();
            assert!(
                !["script", "iframe", "object", "embed", "form", "img", "svg", "base"].contains(&tag.name()),
                "{name}"
            );
            for (key, value) in tag.attrs() {
                assert!(!key.starts_with("on") && key != "srcdoc" && key != "style", "{name}: {key}");
                let is_address = ["href", "src", "action"].contains(&key);
                let is_ours = ["https://", "http://", "#", "../", "mailto:", "data:image/svg+xml,%3Csvg"]
                    .iter()
                    .any(|start| value.starts_with(start));
                assert!(!is_address || is_ours, "{name}: {key}={value}");
            }
        }
    }
    assert!(seen > 100, "{seen} of {}", payloads.len());
}
