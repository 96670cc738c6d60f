//! `images`: pictures of stories on a page, through the binary.

use std::fs;

use crate::scene::{Page, Scene, files};

const CLOSED: &str = "img-src data:;";
const OPEN: &str = "img-src data: https:;";

/// A feed with an item for each picture, named by its place, and with `more` in it.
pub(super) fn feed(source: &str, pictures: &[impl AsRef<str>], more: &str) -> Page {
    let items: String = pictures
        .iter()
        .enumerate()
        .map(|(at, picture)| {
            let picture = picture.as_ref();
            format!(
                "<item><guid isPermaLink=\"false\">{source}{at}</guid><link>https://{source}.example/{at}</link>\
                 <title>Number {at} of {source} has news about topic {source}-{at}</title>\
                 <description>What {source} says of number {at}, at some length.</description>\
                 <pubDate>02 Nov 2026 0{at}:00:00 GMT</pubDate><media:thumbnail url=\"{picture}\"/>{more}</item>"
            )
        })
        .collect();
    Page::xml(format!(
        "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:cc=\"http://backend.userland.com/creativeCommonsRssModule\"><channel><title>{source}</title>\
         <link>https://{source}.example/</link>{items}</channel></rss>"
    ))
}

/// Two sources, of the second of which only headlines may be shown, and what the page says of pictures; after one run.
fn scene(images: &str) -> Scene {
    let scene = Scene::new(&["alpha", "beta"], &format!("[[output]]\nfile = \"index.html\"\n{images}"));
    let toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    let toml = toml.replace("id = \"beta\"\n", "id = \"beta\"\nrepublish = \"headline\"\n");
    fs::write(scene.path("feeds.toml"), toml).unwrap();
    let odd = "https://img.alpha.example/b.jpg?&quot;onerror=&quot;x()";
    let strange = [
        "http://img.alpha.example/c.jpg",
        "https://192.168.0.1/c.jpg",
        "https://8.8.8.8/c.jpg",
        "https://router.local/c.jpg",
        "https://router/c.jpg",
        "https://img.alpha.example:8443/c.jpg",
    ];
    scene.serve("alpha", feed("alpha", &[&["https://img.alpha.example/a.jpg", odd], &strange[..]].concat(), ""));
    scene.serve("beta", feed("beta", &["https://img.beta.example/d.jpg"], ""));
    scene.run_well("2026-11-02T10:00:00Z");
    scene
}

fn pages(scene: &Scene) -> Vec<(String, String)> {
    let all = files(&scene.outputs()).into_iter().filter(|(name, _)| name.ends_with(".html"));
    all.map(|(name, (bytes, _))| (name, String::from_utf8(bytes).unwrap())).collect()
}

#[test]
fn by_default_no_page_has_a_picture() {
    for scene in [scene(""), scene("images = \"none\"\n")] {
        for (name, page) in pages(&scene) {
            assert!(!page.contains("<img") && page.contains(CLOSED), "{name}");
        }
    }
}

#[test]
fn linked_pictures_are_those_of_stories_that_may_show_more_than_a_headline() {
    let scene = scene("images = \"link\"\n");
    let all = pages(&scene);
    let of = |name: &str| &all.iter().find(|(file, _)| file == name).unwrap_or_else(|| panic!("no {name}")).1;
    for name in ["index.html", "archive/2026-11-02.html", "o/alpha.html"] {
        let page = of(name);
        assert!(page.contains(OPEN), "{name}");
        assert_eq!(page.matches("<img ").count(), 2, "{name}");
        assert!(page.contains(
            "<img class=\"picture\" src=\"https://img.alpha.example/a.jpg\" alt=\"\" width=\"96\" height=\"64\" \
             loading=\"lazy\" decoding=\"async\" referrerpolicy=\"no-referrer\">"
        ));
        assert!(!page.contains("\"onerror") && !page.contains("/c.jpg") && !page.contains("/d.jpg"), "{name}");
    }
    let shown = all.iter().filter(|(name, page)| name.starts_with("s/") && page.contains("<img class=\"picture\""));
    assert_eq!(shown.count(), 2, "the pages of the two stories");
}

#[test]
fn a_change_of_the_key_reaches_every_page() {
    let scene = scene("images = \"link\"\n");
    let toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    fs::write(scene.path("feeds.toml"), toml.replace("images = \"link\"\n", "")).unwrap();
    scene.run_well("2026-11-02T11:00:00Z");
    for (name, page) in pages(&scene) {
        assert!(!page.contains("<img") && page.contains(CLOSED), "{name}");
    }
}

#[test]
fn only_pages_have_the_key() {
    for (images, want) in [
        ("[[output]]\nfile = \"feed.xml\"\nimages = \"link\"\n", "only a page shows pictures"),
        ("[[output]]\nfile = \"index.html\"\nimages = \"all\"\n", "\"link\""),
    ] {
        let scene = Scene::new(&["alpha"], images);
        let said = scene.run("2026-11-02T10:00:00Z");
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains(want), "{said}");
    }
}
