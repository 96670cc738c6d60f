//! When a story is first published: `settle`, and the warning where too many are.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::scene::{Page, Scene, files};

/// A feed with one entry, told in the words of `outlet`.
fn told_by(outlet: &str, time: &str) -> Page {
    Page::xml(format!(
        "<rss version=\"2.0\"><channel><title>{outlet}</title><link>https://{outlet}.example/</link><item>\
         <title>Harbour crane learns to knit by itself</title><link>https://{outlet}.example/crane</link>\
         <pubDate>Mon, 02 Nov 2026 {time}:00 GMT</pubDate><description>The crane knits, says {outlet}.</description></item>\
         </channel></rss>"
    ))
}

fn items(scene: &Scene) -> Vec<Value> {
    let Ok(text) = fs::read(scene.outputs().join("feed.json")) else { return Vec::new() };
    serde_json::from_slice::<Value>(&text).unwrap()["items"].as_array().unwrap().clone()
}

#[test]
fn a_story_waits_for_others_before_it_is_first_published() {
    let scene = Scene::new(&["early", "late"], "");
    let path = scene.database().parent().unwrap().parent().unwrap().join("feeds.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("settle = \"10m\"\n{text}")).unwrap();
    scene.serve("early", told_by("early", "08:00"));
    scene.serve("late", Page::xml("<rss version=\"2.0\"><channel><title>l</title></channel></rss>"));

    scene.run_well("2026-11-02T08:05:00Z");
    assert_eq!(items(&scene).len(), 0, "it waits");
    scene.serve("late", told_by("late", "08:08"));
    scene.run_well("2026-11-02T08:10:00Z");
    assert_eq!(items(&scene).len(), 0, "ten minutes from its first entry");
    scene.run_well("2026-11-02T08:15:00Z");
    let item = items(&scene).remove(0);
    assert_eq!(item["date_published"], "2026-11-02T08:00:00Z", "its date is its first entry's");
    let outlets: Vec<_> = item["_feedloom"]["sources"].as_array().unwrap().iter().map(|s| &s["id"]).collect();
    assert_eq!(outlets, ["early", "late"], "both from the first publish on");

    let before = files(&scene.outputs());
    scene.run_well("2026-11-02T09:00:00Z");
    assert_eq!(files(&scene.outputs()), before);
}

#[test]
fn without_settle_a_story_is_published_at_once() {
    let scene = Scene::new(&["early"], "");
    scene.serve("early", told_by("early", "08:00"));
    scene.run_well("2026-11-02T08:05:00Z");
    assert_eq!(items(&scene).len(), 1);
}

/// `count` sources of twenty entries each in `folder`, and the feeds.toml that names them.
fn sources(folder: &Path, count: usize) {
    let mut toml = "link = \"https://feeds.example.org/\"\n[weave]\nsame_story = \"off\"\n\
                    [[output]]\nfile = \"feed.xml\"\nitems = 300\n"
        .to_owned();
    for source in 0..count {
        let items: String = (0..20)
            .map(|n| format!("<item><title>T{source}x{n}</title><link>https://a{source}.example/{n}</link></item>"))
            .collect();
        let feed = format!("<rss version=\"2.0\"><channel><title>a{source}</title>{items}</channel></rss>");
        fs::write(folder.join(format!("a{source}.xml")), feed).unwrap();
        write!(toml, "[[source]]\nurl = \"file:a{source}.xml\"\n").unwrap();
    }
    fs::write(folder.join("feeds.toml"), toml).unwrap();
}

fn say(folder: &TempDir, words: &[&str]) -> (String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_feedloom"));
    let done = command.arg("-v").arg("--config").arg(folder.path().join("feeds.toml")).args(words).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
}

#[test]
fn a_flood_is_told_by_the_run_and_by_status_and_a_first_publish_is_none() {
    let folder = tempfile::tempdir().unwrap();
    sources(folder.path(), 8);
    let (_, said) = say(&folder, &["run", "--now", "2026-11-02T08:00:00Z"]);
    assert!(said.contains("160 items") && !said.contains("flood"), "{said}");
    sources(folder.path(), 16);
    let (_, said) = say(&folder, &["run", "--now", "2026-11-06T08:30:00Z"]);
    assert!(said.contains("flood   160 stories were published within a day in feed.xml; usually it is 0"), "{said}");
    let (out, _) = say(&folder, &["status", "-v", "--now", "2026-11-06T09:00:00Z"]);
    assert!(out.contains("flood   160 stories"), "{out}");
    let (out, _) = say(&folder, &["status", "--json", "--now", "2026-11-07T09:00:00Z"]);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["flood"], 0, "a day later it is over");
}

/// A feed of `posts`: number, day of November.
fn archive(posts: impl Iterator<Item = (u32, u32)>) -> Page {
    let items: String = posts
        .map(|(n, day)| {
            format!(
                "<item><title>Post{n} on matter{n}</title><link>https://a.example/{n}</link>\
                 <pubDate>{day:02} Nov 2026 06:00:00 GMT</pubDate><description>Word{n} of post{n}.</description></item>"
            )
        })
        .collect();
    Page::xml(format!(
        "<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}</channel></rss>"
    ))
}

fn titles(scene: &Scene) -> Vec<String> {
    let of = |item: &Value| item["title"].as_str().unwrap().to_owned();
    items(scene).iter().map(of).collect()
}

#[test]
fn of_a_new_source_and_of_an_archive_the_newest_are_published_and_status_tells_of_the_rest() {
    let scene = Scene::new(&["a"], "\n[defaults]\nmax_age = \"none\"\n");
    let status = |now: &str| String::from_utf8(scene.say(&["status", "-v", "--now", now]).stdout).unwrap();
    // A new source of 28 posts, one a day: twenty are published.
    scene.serve("a", archive((1..=28).map(|n| (n, n))));
    scene.run_well("2026-11-28T08:00:00Z");
    let first = titles(&scene);
    assert_eq!(first.len(), 20);
    assert!((9..=28).all(|n| first.contains(&format!("Post{n} on matter{n}"))), "{first:?}");
    assert!(status("2026-11-28T09:00:00Z").contains("a: 8 older entries recorded, not published"));

    // Its whole archive, 40 posts that were never seen and are older, with two that are news.
    let old = (100..140).map(|n| (n, 1 + n % 27));
    scene.serve("a", archive(old.chain((1..=28).map(|n| (n, n))).chain([(200, 29), (201, 29)])));
    scene.run_well("2026-11-29T08:00:00Z");
    let second = titles(&scene);
    let news: Vec<&String> = second.iter().filter(|title| !first.contains(title)).collect();
    assert!(news.len() < 40 && news.iter().any(|title| title.starts_with("Post200")), "{news:?}");
    assert!(news.iter().any(|title| title.starts_with("Post201")));
    assert!(news.len() <= 22, "{}", news.len());
    let told = status("2026-11-29T09:00:00Z");
    let held: usize =
        told.split(" older entries recorded").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert_eq!(held + second.len(), 70, "{told}");

    // What was held back stays so.
    scene.run_well("2026-11-30T08:00:00Z");
    assert_eq!(titles(&scene), second);
}

#[test]
fn a_story_is_dated_by_its_earliest_entry_whoever_was_fetched_first() {
    for order in [["late", "early"], ["early", "late"]] {
        let scene = Scene::new(&["early", "late"], "");
        scene.serve("early", told_by("early", "08:00"));
        scene.serve("late", told_by("late", "08:08"));
        for source in order {
            let done = scene.say(&["gather", source, "--now", "2026-11-02T08:10:00Z"]);
            assert_eq!(done.status.code(), Some(0));
        }
        for command in ["weave", "publish"] {
            assert_eq!(scene.say(&[command, "--now", "2026-11-02T08:10:00Z"]).status.code(), Some(0));
        }
        let items = items(&scene);
        let outlets: Vec<_> = items[0]["_feedloom"]["sources"].as_array().unwrap().iter().map(|s| &s["id"]).collect();
        assert_eq!((items.len(), outlets), (1, vec![&Value::from("early"), &Value::from("late")]), "{order:?}");
        assert_eq!(items[0]["date_published"], "2026-11-02T08:00:00Z", "{order:?}");
    }
}
