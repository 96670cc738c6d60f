//! The pages of tags and sources, through the binary: what is on them, when they are made again, and that no address of
//! one ends in nothing.

use std::collections::BTreeSet;
use std::fs;

use super::story_pages::{dead_links, feed_called};
use crate::scene::{Page, Scene, files};

const NEWS: &str = "Harbour city opens its first tidal power station";
const OTHER: &str = "Parliament votes on the new railway budget today";
const QUIET: &str = "Museum finds a lost sketchbook in its attic";

fn feed(source: &str, items: &[(&str, &str, u8)]) -> Page {
    feed_called(&format!("The {source}"), source, items)
}

/// Sources with these tags, and what else feeds.toml says.
fn untold(tags: &[(&str, &str)], more: &str) -> Scene {
    let names: Vec<&str> = tags.iter().map(|(name, _)| *name).collect();
    let scene = Scene::new(&names, more);
    let mut toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    for (name, tags) in tags {
        toml = toml.replace(&format!("id = \"{name}\"\n"), &format!("id = \"{name}\"\ntags = {tags}\n"));
    }
    fs::write(scene.path("feeds.toml"), toml).unwrap();
    scene
}

/// Two outlets with the same news, another piece of the first, a third with news of its own; after one run.
fn scene(more: &str) -> Scene {
    let scene =
        untold(&[("alpha", "[\"energy\"]"), ("beta", "[\"energy\", \"C++ & co\"]"), ("gamma", "[\"art\"]")], more);
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 6), ("a2", OTHER, 7)]));
    scene.serve("beta", feed("beta", &[("b1", "Tidal power station opens in harbour city, its first", 8)]));
    scene.serve("gamma", feed("gamma", &[("c1", QUIET, 5)]));
    scene.run_well("2026-11-02T10:00:00Z");
    scene
}

#[track_caller]
fn page(scene: &Scene, file: &str) -> String {
    fs::read_to_string(scene.outputs().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn facets(scene: &Scene) -> BTreeSet<String> {
    let is_facet = |name: &String| ["t/", "o/"].iter().any(|folder| name.starts_with(folder));
    files(&scene.outputs()).into_keys().filter(is_facet).collect()
}

/// The file of the one tag that cannot be taken as it is.
fn odd_tag(scene: &Scene) -> String {
    facets(scene).into_iter().find(|name| name.starts_with("t/c-co~")).expect("a page of C++ & co")
}

#[track_caller]
fn no_link_is_dead(scene: &Scene) {
    assert_eq!(dead_links(&scene.outputs()), Vec::<String>::new());
}

#[track_caller]
fn edit(scene: &Scene, from: &str, to: &str) {
    let toml = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    assert!(toml.contains(from), "{from}: {toml}");
    fs::write(scene.path("feeds.toml"), toml.replace(from, to)).unwrap();
}

#[track_caller]
fn says_it_is_gone(scene: &Scene, file: &str) {
    let gone = page(scene, file);
    assert!(gone.contains("no longer kept") && gone.contains("href=\"../index.html\""), "{gone}");
    for word in ["alpha", "beta", "gamma", NEWS] {
        assert!(!gone.contains(word), "{word}: {gone}");
    }
}

#[test]
fn each_tag_and_each_source_has_a_page_with_its_stories_and_no_others() {
    let scene = scene("");
    let odd = odd_tag(&scene);
    let want = ["o/alpha.html", "o/beta.html", "o/gamma.html", "t/art.html", &odd, "t/energy.html"];
    assert_eq!(facets(&scene), want.map(str::to_owned).into());
    let energy = page(&scene, "t/energy.html");
    for there in [
        "<title>energy · Replayed</title>",
        "<link rel=\"canonical\" href=\"https://feeds.example.org/t/energy.html\">",
        "<meta property=\"og:url\" content=\"https://feeds.example.org/t/energy.html\">",
        "<meta property=\"og:title\" content=\"energy · Replayed\">",
        "<a href=\"../index.html\">Newest</a>",
        "aria-current=\"page\"><bdi>energy</bdi>",
        "<a href=\"../o/beta.html\"><bdi>The beta</bdi></a>",
        NEWS,
        OTHER,
    ] {
        assert!(energy.contains(there), "{there}: {energy}");
    }
    assert!(
        !energy.contains(QUIET) && !energy.contains("rel=\"alternate\"") && !energy.contains("<script"),
        "{energy}"
    );
    let art = page(&scene, "t/art.html");
    assert!(art.contains(QUIET) && !art.contains(NEWS), "{art}");
    let beta = page(&scene, "o/beta.html");
    assert!(
        beta.contains("<h1 dir=\"auto\">The beta</h1>") && beta.contains("href=\"https://beta.example/\">Its own site")
    );
    assert!(beta.contains(NEWS) && beta.contains("Tidal power station opens in harbour city, its first"), "{beta}");
    assert!(beta.contains(&format!("<a href=\"../{odd}\"><bdi>C++ &amp; co</bdi></a>")), "{beta}");
    assert!(!beta.contains(OTHER) && !beta.contains(QUIET), "{beta}");
    let front = page(&scene, "index.html");
    assert!(front.contains("<a href=\"t/energy.html\"><bdi>energy</bdi></a>"), "{front}");
    assert!(front.contains("<a href=\"o/gamma.html\">The gamma</a> · <a href=\"https://gamma.example/\">site</a>"));
    let stories = files(&scene.outputs()).into_keys().filter(|name| name.starts_with("s/"));
    let of_beta = stories.map(|name| page(&scene, &name)).find(|page| page.contains("beta.example/b1")).unwrap();
    assert!(of_beta.contains("class=\"outlet\" href=\"../o/beta.html\""), "{of_beta}");
    assert!(of_beta.contains("<a href=\"../t/energy.html\"><bdi>energy</bdi></a>"), "{of_beta}");
    no_link_is_dead(&scene);
}

#[test]
fn only_what_changed_is_written_again() {
    let scene = scene("");
    let before = files(&scene.outputs());
    scene.run_well("2026-11-02T11:00:00Z");
    assert_eq!(files(&scene.outputs()), before, "nothing new, the same files");
    scene.serve("gamma", feed("gamma", &[("c1", QUIET, 5), ("c2", "Orchid theft in the palm house", 11)]));
    scene.run_well("2026-11-02T12:00:00Z");
    let after = files(&scene.outputs());
    let changed: BTreeSet<&str> =
        after.iter().filter(|(name, file)| before.get(*name) != Some(file)).map(|(name, _)| name.as_str()).collect();
    let facets: Vec<&str> =
        changed.into_iter().filter(|name| name.starts_with("t/") || name.starts_with("o/")).collect();
    assert_eq!(facets, ["o/gamma.html", "t/art.html"]);
}

#[test]
fn what_somebody_removed_is_back_with_the_next_pass() {
    let scene = scene("");
    let before = files(&scene.outputs());
    fs::remove_file(scene.outputs().join("t/energy.html")).unwrap();
    fs::write(scene.outputs().join("o/.alpha.html.feedloom-tmp"), "half").unwrap();
    scene.run_well("2026-11-02T11:00:00Z");
    let bytes = |files: std::collections::BTreeMap<String, (Vec<u8>, _)>| {
        files.into_iter().map(|(name, (bytes, _))| (name, bytes)).collect::<Vec<_>>()
    };
    assert_eq!(bytes(files(&scene.outputs())), bytes(before));
}

const FEW: &str = "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\nitems = 1\narchive = 0\n";

/// The page has room for one story; three passes bring one each.
fn with_older() -> Scene {
    let scene = untold(&[("alpha", "[\"energy\"]"), ("gamma", "[\"art\"]")], FEW);
    scene.serve("gamma", feed("gamma", &[("c1", QUIET, 5)]));
    scene.serve("alpha", feed("alpha", &[]));
    scene.run_well("2026-11-02T06:00:00Z");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8)]));
    scene.run_well("2026-11-02T09:00:00Z");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8), ("a2", OTHER, 11)]));
    scene.run_well("2026-11-02T12:00:00Z");
    scene
}

#[test]
fn a_quiet_source_keeps_its_last_stories_as_they_are_by_now() {
    let scene = with_older();
    let front = page(&scene, "index.html");
    assert!(front.contains(OTHER) && !front.contains(QUIET), "{front}");
    for file in ["o/gamma.html", "t/art.html"] {
        assert!(page(&scene, file).contains(QUIET), "{file}");
    }
    let alpha = page(&scene, "o/alpha.html");
    assert!(alpha.find(OTHER).unwrap() < alpha.find(NEWS).unwrap(), "{alpha}");
    no_link_is_dead(&scene);
    // An edit of what is on no other page any more, and a takedown of it.
    scene.serve("gamma", feed("gamma", &[("c1", "Museum finds a lost sketchbook in its attic, edited", 5)]));
    scene.run_well("2026-11-02T13:00:00Z");
    assert!(page(&scene, "o/gamma.html").contains("attic, edited"));
    let done = scene.say(&["takedown", "--now", "2026-11-02T14:00:00Z", "https://gamma.example/c1"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    for file in ["o/gamma.html", "t/art.html"] {
        let now = page(&scene, file);
        assert!(!now.contains("sketchbook") && now.contains("nothing here at the moment"), "{now}");
    }
    no_link_is_dead(&scene);
}

#[test]
fn an_address_says_that_its_tag_or_source_is_gone_until_it_is_forgotten() {
    let scene = scene("[store]\nkeep = \"33d\"\n");
    let odd = odd_tag(&scene);
    edit(&scene, "tags = [\"energy\", \"C++ & co\"]\n", "");
    edit(&scene, "id = \"gamma\"\n", "id = \"gamma\"\ndisabled = true\n");
    scene.run_well("2026-11-02T11:00:00Z");
    says_it_is_gone(&scene, &odd);
    assert!(page(&scene, "t/energy.html").contains("The alpha"));
    no_link_is_dead(&scene);
    edit(&scene, "id = \"beta\"\n", "id = \"other\"\n");
    scene.run_well("2026-11-02T12:00:00Z");
    says_it_is_gone(&scene, "o/beta.html");
    assert!(!page(&scene, "index.html").contains("o/beta.html"));
    no_link_is_dead(&scene);
    let closed = page(&scene, &odd);
    scene.run_well("2026-11-20T12:00:00Z");
    assert_eq!(page(&scene, &odd), closed);
    scene.run_well("2026-12-08T12:00:00Z");
    assert!(!facets(&scene).contains(&odd) && !facets(&scene).contains("o/beta.html"), "{:?}", facets(&scene));
    no_link_is_dead(&scene);
}

#[test]
fn keys_turn_them_off_and_on_and_another_name_of_the_page_leads_on() {
    let outputs = "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\ntag_pages = true\n";
    let scene = scene(outputs);
    let before = page(&scene, "t/energy.html");
    edit(&scene, "tag_pages = true\n", "tag_pages = false\nsource_pages = false\n");
    scene.run_well("2026-11-02T11:00:00Z");
    let front = page(&scene, "index.html");
    assert!(!front.contains("href=\"t/") && !front.contains("href=\"o/"), "{front}");
    for file in facets(&scene) {
        says_it_is_gone(&scene, &file);
    }
    no_link_is_dead(&scene);
    edit(&scene, "tag_pages = false\nsource_pages = false\n", "tag_pages = true\n");
    scene.run_well("2026-11-02T12:00:00Z");
    assert_eq!(page(&scene, "t/energy.html"), before);
    edit(&scene, "index.html", "news.html");
    fs::remove_file(scene.outputs().join("index.html")).unwrap();
    scene.run_well("2026-11-02T13:00:00Z");
    let moved = page(&scene, "t/energy.html");
    assert!(moved.contains("content=\"0; url=../news-t/energy.html\""), "{moved}");
    assert!(page(&scene, "news-o/beta.html").contains(NEWS));
    no_link_is_dead(&scene);
    edit(&scene, "news.html", "index.html");
    fs::remove_file(scene.outputs().join("news.html")).unwrap();
    scene.run_well("2026-11-02T14:00:00Z");
    assert_eq!(page(&scene, "t/energy.html"), before);
    assert!(page(&scene, "news-t/energy.html").contains("url=../t/energy.html"));
    no_link_is_dead(&scene);
}

#[test]
fn a_database_that_is_lost_leaves_no_page_that_nobody_looks_after() {
    let scene = with_older();
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut path = scene.database().into_os_string();
        path.push(suffix);
        let _ = fs::remove_file(path);
    }
    edit(&scene, "tags = [\"art\"]\n", "");
    scene.run_well("2026-11-02T14:00:00Z");
    says_it_is_gone(&scene, "t/art.html");
    no_link_is_dead(&scene);
}

#[test]
fn what_may_not_be_public_any_more_leaves_them_even_if_a_filter_fails() {
    let outputs = "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\nfilter = [\"./mine\"]\n";
    let filter = |scene: &Scene, text: &str| {
        fs::write(scene.path("mine"), text).unwrap();
        fs::set_permissions(scene.path("mine"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    };
    let scene = untold(&[("alpha", "[\"energy\"]"), ("gamma", "[\"art\"]")], outputs);
    filter(&scene, "#!/bin/sh\nsed 's/Parliament/A parliament/'\n");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8), ("a2", OTHER, 7)]));
    scene.serve("gamma", feed("gamma", &[("c1", QUIET, 5)]));
    scene.run_well("2026-11-02T10:00:00Z");
    assert!(page(&scene, "t/energy.html").contains("A parliament votes"), "as the page has it");
    filter(&scene, "#!/bin/sh\nexit 7\n");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8), ("a2", OTHER, 7), ("a3", "Ferries stop for the winter", 9)]));
    scene.run("2026-11-02T11:00:00Z");
    assert!(page(&scene, "t/energy.html").contains("A parliament votes"));
    scene.say(&["takedown", "--now", "2026-11-02T12:00:00Z", "https://alpha.example/a2"]);
    for file in ["t/energy.html", "o/alpha.html"] {
        let rest = page(&scene, file);
        assert!(!rest.contains("arliament votes"), "{rest}");
    }
}

#[test]
fn a_source_that_may_not_be_published_leaves_them_and_its_page_says_so() {
    let scene = scene("");
    edit(&scene, "id = \"alpha\"\n", "id = \"alpha\"\nrepublish = \"off\"\n");
    scene.run_well("2026-11-02T11:00:00Z");
    says_it_is_gone(&scene, "o/alpha.html");
    let energy = page(&scene, "t/energy.html");
    assert!(!energy.contains("alpha") && energy.contains("beta.example/b1"), "{energy}");
    no_link_is_dead(&scene);
}

#[test]
fn a_template_of_the_operators_makes_them_too_and_one_that_cannot_is_replaced() {
    let outputs = "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"index.html\"\ntemplate = \"own.html\"\nstory_pages = false\n";
    let body = "{% for day in days %}{% for item in day.items %}<p id=\"s-{{ item.id }}\"><a href=\"{{ item.url }}\">\
                {{ item.title }}</a></p>{% endfor %}{% endfor %}</html>\n";
    let scene = untold(&[("alpha", "[\"energy\"]")], outputs);
    let own =
        |head: &str| fs::write(scene.path("own.html"), format!("<!doctype html><html lang=en>{head}{body}")).unwrap();
    own("<title>{{ title }}</title>");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8)]));
    scene.run_well("2026-11-02T10:00:00Z");
    let energy = page(&scene, "t/energy.html");
    assert!(energy.contains("<title>energy · Replayed</title>") && energy.contains("id=\"s-"), "{energy}");
    own("<title>{% if facet %}Only {{ facet.name }}{% else %}{{ title }}{% endif %}</title>");
    scene.run_well("2026-11-02T11:00:00Z");
    assert!(page(&scene, "t/energy.html").contains("<title>Only energy</title>"));
    own("<title>{% if facet %}{{ facet.nothing.at.all }}{% else %}{{ title }}{% endif %}</title>");
    scene.run_well("2026-11-02T12:00:00Z");
    let built_in = page(&scene, "t/energy.html");
    assert!(
        built_in.contains("<title>energy · Replayed</title>") && built_in.contains("class=\"masthead\""),
        "{built_in}"
    );
}

#[test]
fn whatever_a_liar_says_stays_text_on_them_and_in_no_path() {
    let evil = "\\\"><script>alert(1)</script>../../../x";
    let scene = untold(&[("alpha", &format!("[\"{evil}\", \"..\", \"<b>\", \"con\"]")), ("gamma", "[\"art\"]")], "");
    let liar = "<rss version=\"2.0\"><channel><title>&lt;/title&gt;&lt;script&gt;alert(2)&lt;/script&gt; The gamma</title>\
                <link>javascript:alert(3)</link><item><guid>../../o/gamma.html</guid><link>https://gamma.example/x</link>\
                <title>&lt;img src=x onerror=alert(4)&gt; A tidal power station, by gamma</title><category>t/art</category>\
                <description>&lt;script&gt;alert(5)&lt;/script&gt;&lt;p id=\"s-aaaaaaaaaaaaaaaa\"&gt;x&lt;/p&gt;</description>\
                <pubDate>02 Nov 2026 07:00:00 GMT</pubDate></item></channel></rss>";
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 8)]));
    scene.serve("gamma", Page::xml(liar));
    scene.run_well("2026-11-02T10:00:00Z");
    let made = facets(&scene);
    assert_eq!(made.len(), 7, "{made:?}");
    for name in &made {
        let text = page(&scene, name);
        for active in ["<script", "<img", "onerror=\"", "javascript:", "id=\"s-aaaa"] {
            assert!(!text.contains(active), "{active} in {name}: {text}");
        }
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._~-".contains(c);
        assert!(name.chars().all(is_plain) && !name.contains(".."), "{name}");
    }
    let outside = files(scene.outputs().parent().unwrap()).into_keys().filter(|name| name.contains("passwd"));
    assert_eq!(outside.count(), 0);
    no_link_is_dead(&scene);
}

#[test]
fn a_page_goes_by_the_clocks_and_days_of_the_zone_and_may_be_found() {
    let scene = scene("");
    let front = page(&scene, "index.html");
    assert!(front.contains("content=\"noindex\"") && front.contains("Times are UTC.") && front.contains(">08:00<"));
    assert!(front.contains("rel=\"icon\" href=\"data:image/svg+xml,"), "{front}");
    edit(&scene, "title = \"Replayed\"\n", "title = \"Replayed\"\nzone = \"Pacific/Auckland\"\nnoindex = false\n");
    scene.run_well("2026-11-02T11:00:00Z");
    for file in ["index.html", "o/beta.html", "archive/2026-11-02.html", "archive/index.html", "about.html"] {
        let there = page(&scene, file);
        assert!(!there.contains("noindex"), "{file}: {there}");
        assert!(!file.contains("archive") || there.contains("2 November"), "{file}");
    }
    let front = page(&scene, "index.html");
    // Thirteen hours ahead: 07:00 is 20:00 of the same day.
    assert!(front.contains(">20:00<") && front.contains("Times are those of Pacific/Auckland."), "{front}");
    scene.serve("gamma", feed("gamma", &[("c1", QUIET, 5), ("c2", "Orchid theft in the palm house", 12)]));
    scene.run_well("2026-11-02T13:00:00Z");
    let next = page(&scene, "archive/2026-11-03.html");
    assert!(next.contains("Orchid theft") && next.contains(">01:00<"), "{next}");
    assert!(!page(&scene, "archive/2026-11-02.html").contains("Orchid"));
    no_link_is_dead(&scene);
}
