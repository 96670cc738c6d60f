//! Sources without a feed: a news sitemap, a page as a list.

use std::fs;

use super::home::{HEAD, Home};
use crate::publisher::{Publisher, Response};

const PAGE: &str = "<!doctype html><html lang=en><head><title>The Village News</title></head><body><nav><a href=/>Home</a></nav><main>\
    <article><h2 class=headline>Owls learn to juggle</h2><a href=/owls>Read</a><time datetime=2026-03-02T00:10:00Z>today</time><p>Three at once.</p></article>\
    <article><h2 class=headline>Lighthouse sold to a choir</h2><a href=/light>Read</a><time datetime=2026-03-02T00:20:00Z>today</time></article>\
    </main></body></html>";
const ITEM_LIST: &str = "<!doctype html><html><head><title>Listed</title><script type=\"application/ld+json\">{\"@type\":\"ItemList\",\
    \"itemListElement\":[{\"@type\":\"ListItem\",\"url\":\"/a\",\"name\":\"Kite maker opens a school\"},\
    {\"@type\":\"ListItem\",\"url\":\"/b\",\"name\":\"Bridge painted in one night\"}]}</script></head><body><p>x</body></html>";
const SITEMAP: &str = "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
    xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\"><url><loc>https://map.example/owls</loc><news:news>\
    <news:publication><news:name>Map News</news:name><news:language>fr</news:language></news:publication>\
    <news:publication_date>2026-03-02T00:30:00Z</news:publication_date><news:title>Des hiboux jonglent</news:title></news:news></url></urlset>";

fn answer(kind: &str, body: &str) -> Response {
    Response::new(200, &[("Content-Type", kind.as_bytes()), ("ETag", b"\"1\"")], body.as_bytes())
}

fn html(body: &str) -> Response {
    answer("text/html; charset=utf-8", body)
}

fn none() -> Response {
    Response::new(404, &[], b"")
}

fn home(url: &str, keys: &str) -> Home {
    let home = Home::empty();
    home.write("feeds.toml", &format!("{HEAD}\n[[source]]\nid = \"it\"\nurl = \"{url}\"\n{keys}"));
    home
}

#[test]
fn a_page_is_read_as_a_list_with_the_manners_of_a_page() {
    let publisher = Publisher::start();
    publisher.script("/robots.txt", [none()]);
    publisher.script("/.well-known/tdmrep.json", [none()]);
    publisher.script("/news", [html(PAGE), html(PAGE), Response::new(304, &[], b"")]);
    let home = home(&publisher.url("/news"), "items = \"main article\"\nsummary = \"p\"\n");
    home.runs(1, &[]).exits(0);
    let asked: Vec<String> = publisher.take_asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(asked, ["/robots.txt", "/.well-known/tdmrep.json", "/news"]);
    let mut titles = home.titles();
    titles.sort();
    assert_eq!(titles, ["Lighthouse sold to a choir", "Owls learn to juggle"]);
    let feed = fs::read_to_string(home.path("data/public/feed.json")).unwrap();
    assert!(feed.contains("Three at once.") && feed.contains("The Village News"), "{feed}");
    assert!(feed.contains(&publisher.url("/owls")) && feed.contains("2026-03-02T00:10:00Z"), "{feed}");
    home.does(&["check", "--fetch", "--now", "2026-03-02T02:00:00Z"])
        .exits(0)
        .prints(&["ok      it: 2 entries, 2 kept", "Owls learn to juggle"]);
    home.does(&["search", "three"]).exits(0).prints(&["Owls learn to juggle"]);
    publisher.take_asked();
    home.runs(3, &[]).exits(0);
    let again = publisher.take_asked();
    let again = again.iter().find(|asked| asked.path == "/news").unwrap();
    assert_eq!(again.header("if-none-match").as_deref(), Some(&b"\"1\""[..]));
}

#[test]
fn robots_txt_and_a_reservation_count_for_a_page_as_a_list() {
    let publisher = Publisher::start();
    publisher.script("/robots.txt", [answer("text/plain", "User-agent: *\nDisallow: /news\n")]);
    publisher.script("/news", [html(PAGE)]);
    let forbidden = home(&publisher.url("/news"), "items = \"article\"\n");
    forbidden.runs(1, &[]).exits(1);
    assert!(publisher.take_asked().iter().all(|asked| asked.path != "/news"));
    forbidden.does(&["check", "--fetch"]).exits(1).prints(&["robots.txt"]);

    let publisher = Publisher::start();
    publisher.script("/robots.txt", [none()]);
    let reserved = "[{\"location\": \"/news\", \"tdm-reservation\": 1}]";
    publisher.script("/.well-known/tdmrep.json", [answer("application/json", reserved)]);
    publisher.script("/news", [html(PAGE)]);
    let reserved = home(&publisher.url("/news"), "items = \"article\"\nsummary = \"p\"\n");
    reserved.runs(1, &[]).exits(0);
    assert_eq!(reserved.titles().len(), 2);
    let found = reserved.does(&["search", "three"]);
    assert!(!found.out.contains("Owls"), "its text is not mined: {}", found.out);
}

#[test]
fn what_no_longer_matches_is_told_with_what_to_do() {
    let publisher = Publisher::start();
    publisher.script("/robots.txt", [none()]);
    publisher.script("/.well-known/tdmrep.json", [none()]);
    publisher.script("/news", [html(PAGE)]);
    let home = home(&publisher.url("/news"), "items = \"li.story\"\n");
    home.does(&["check", "--fetch"])
        .exits(1)
        .prints(&["nothing on the page matches items = \"li.story\"", "hint: the page may have changed"]);
    home.runs(1, &[]).exits(1);
    // Other selectors read the same bytes anew.
    let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
    home.write("feeds.toml", &text.replace("li.story", "article"));
    home.runs(3, &[]).exits(0);
    assert_eq!(home.titles().len(), 2);
    home.write("feeds.toml", &text.replace("items = \"li.story\"", "items = \"article\"\ntitle = \"p\""));
    home.runs(5, &[]).exits(0);
}

#[test]
fn a_news_sitemap_is_a_source_like_any_other() {
    let publisher = Publisher::start();
    publisher.script("/map.xml", [answer("application/xml", SITEMAP)]);
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    home.does(&["add", &publisher.url("/map.xml")]).exits(0).prints(&["added map-news: Map News", "1 entry"]);
    home.runs(1, &[]).exits(0);
    assert_eq!(home.titles(), ["Des hiboux jonglent"]);
    let feed = fs::read_to_string(home.path("data/public/feed.json")).unwrap();
    assert!(feed.contains("https://map.example/owls") && feed.contains("\"fr\""), "{feed}");
    home.does(&["inspect", &publisher.url("/map.xml"), "--json"]).exits(0).prints(&["\"sitemap\""]);

    let index = "<sitemapindex><sitemap><loc>https://map.example/all.xml</loc></sitemap>\
                 <sitemap><loc>https://map.example/news.xml</loc></sitemap></sitemapindex>";
    publisher.script("/index.xml", [answer("application/xml", index)]);
    home.does(&["add", &publisher.url("/index.xml")])
        .exits(1)
        .says(&["it is an index of sitemaps", "write url = \"https://map.example/news.xml\""]);
    let pages = "<urlset><url><loc>https://map.example/about</loc></url></urlset>";
    publisher.script("/pages.xml", [answer("application/xml", pages)]);
    home.does(&["add", &publisher.url("/pages.xml")]).exits(1).says(&["it is a sitemap without news"]);
}

#[test]
fn a_page_that_lists_its_articles_is_added_as_it_is_and_another_with_advice() {
    let publisher = Publisher::start();
    publisher.script("/list", [html(ITEM_LIST)]);
    publisher.script("/plain", [html(PAGE)]);
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    home.does(&["add", &publisher.url("/list")]).exits(0).prints(&["added listed", "2 entries"]);
    home.does(&["add", &publisher.url("/plain")])
        .exits(1)
        .says(&["it is a web page (\"The Village News\")", "items = \"article\""]);
    home.runs(1, &[]).exits(0);
    assert_eq!(home.titles().len(), 2);
}

/// That it is a page is known once it came: it is used only if robots.txt allows it, and not asked for again if not.
#[test]
fn robots_txt_counts_for_a_page_that_turned_out_to_list_its_articles() {
    for (rules, allowed) in [("User-agent: *\nDisallow: /list\n", false), ("User-agent: *\nDisallow: /other\n", true)] {
        let publisher = Publisher::start();
        publisher.script("/robots.txt", [answer("text/plain", rules)]);
        publisher.script("/list", [html(ITEM_LIST)]);
        let home = home(&publisher.url("/list"), "");
        home.runs(1, &[]).exits(if allowed { 0 } else { 1 });
        let asked = |path: &str| publisher.asked().iter().filter(|asked| asked.path == path).count();
        assert_eq!((asked("/list"), asked("/robots.txt")), (if allowed { 2 } else { 1 }, 1), "{rules}");
        for day in 2..5 {
            publisher.take_asked();
            home.runs(day, &[]);
            assert_eq!(asked("/list"), usize::from(allowed), "{rules} {day}");
        }
        if allowed {
            assert_eq!(home.titles().len(), 2);
        } else {
            home.does(&["status", "--now", "2026-11-07T00:00:00Z"]).prints(&["robots.txt"]);
            assert!(!home.path("data/public/feed.json").exists() || home.titles().is_empty());
        }
    }
}
