//! Takedowns through the binary: at once, for good, and taken back (T81, T86).

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::scene::{Page, Scene, files};

const NEWS: &str = "Harbour city opens its first tidal power station";
const OTHER: &str = "Parliament votes on the new railway budget today";

/// A feed of (guid, address, title).
fn feed(source: &str, items: &[(&str, &str, &str)]) -> Page {
    let mut text =
        format!("<rss version=\"2.0\"><channel><title>{source}</title><link>https://{source}.example/</link>");
    for (guid, address, title) in items {
        write!(
            text,
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>{address}</link><title>{title}</title>\
             <description>What {title} is about.</description><pubDate>02 Nov 2026 06:00:00 GMT</pubDate></item>"
        )
        .unwrap();
    }
    Page::xml(text + "</channel></rss>")
}

const A: &str = "https://alpha.example/news/tidal";
const B: &str = "https://beta.example/tidal-power";
const OLD: &str = "https://alpha.example/old/railway";

/// Two outlets with the same news, and another piece of the first; after one run.
fn scene(more: &str) -> Scene {
    let scene = Scene::new(&["alpha", "beta"], more);
    scene.serve("alpha", feed("alpha", &[("a1", A, NEWS), ("a2", OLD, OTHER)]));
    scene.serve("beta", feed("beta", &[("b1", B, NEWS)]));
    scene.run_well("2026-11-02T10:00:00Z");
    scene
}

/// Whether any output holds `text`.
fn is_public(scene: &Scene, text: &str) -> bool {
    files(&scene.outputs()).values().any(|(bytes, _)| String::from_utf8_lossy(bytes).contains(text))
}

fn items(scene: &Scene) -> Vec<Value> {
    let feed: Value = serde_json::from_slice(&fs::read(scene.outputs().join("feed.json")).unwrap()).unwrap();
    feed["items"].as_array().unwrap().clone()
}

#[track_caller]
fn says(scene: &Scene, words: &[&str]) -> String {
    let done = scene.say(words);
    let told = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{words:?}: {told}");
    String::from_utf8(done.stdout).unwrap() + &told
}

#[track_caller]
fn take_down(scene: &Scene, what: &[&str]) -> String {
    says(scene, &[&["takedown", "--now", "2026-11-02T10:30:00Z"], what].concat())
}

/// T86.
#[test]
fn an_article_leaves_every_output_at_once_and_never_returns() {
    let scene = scene("");
    assert!(is_public(&scene, A) && is_public(&scene, OLD));
    let id = items(&scene).iter().find(|item| item["title"] == NEWS).unwrap()["id"].clone();
    take_down(&scene, &["https://www.alpha.example/news/tidal?utm_source=x"]);
    assert!(!is_public(&scene, "alpha.example/news/tidal"), "another form of its address means it too");
    let why = says(&scene, &["why", A]);
    assert_eq!(why.matches("nothing: it was taken down").count(), 1, "{why}");
    assert!(says(&scene, &["corrections"]).contains("1 takedown"));
    let story = items(&scene).into_iter().find(|item| item["title"] == NEWS).unwrap();
    assert_eq!((&story["id"], story["url"].as_str()), (&id, Some(B)), "the other outlet's article stays, under one id");

    // Again, under another guid, by another outlet, and as one that also covers the story.
    scene.serve("alpha", feed("alpha", &[("new-guid", A, NEWS), ("a2", OLD, OTHER)]));
    scene.serve("beta", feed("beta", &[("b1", B, NEWS), ("b2", A, "Seen elsewhere: a tidal power station")]));
    for hour in 12..15 {
        scene.run_well(&format!("2026-11-02T{hour}:00:00Z"));
        assert!(!is_public(&scene, "alpha.example/news/tidal"));
    }
    assert!(is_public(&scene, OLD));
}

#[test]
fn a_story_leaves_whole_and_comes_back_as_it_was() {
    let scene = scene("");
    let before = files(&scene.outputs());
    let id = items(&scene).iter().find(|item| item["title"] == NEWS).unwrap()["id"].as_str().unwrap().to_owned();
    let short = id.rsplit('/').next().unwrap().to_owned();
    take_down(&scene, &[&short]);
    assert!(!is_public(&scene, NEWS) && !is_public(&scene, &short) && is_public(&scene, OTHER));
    assert!(take_down(&scene, &[&id]).contains("already"));
    let why: Value = serde_json::from_str(&says(&scene, &["why", &short, "--json"])).unwrap();
    assert!(why["entries"].as_array().unwrap().iter().all(|entry| entry["taken_down"] == true), "{why}");
    let list: Value = serde_json::from_str(&says(&scene, &["takedown", "--list", "--json"])).unwrap();
    assert_eq!((&list[0]["said"], &list[0]["title"]), (&short.clone().into(), &NEWS.into()));
    assert!(says(&scene, &["takedown", "--list"]).contains(NEWS));
    take_down(&scene, &["--undo", &list[0]["number"].to_string()]);
    let bytes = |files: &std::collections::BTreeMap<String, (Vec<u8>, std::time::SystemTime)>| {
        files.iter().map(|(name, (bytes, _))| (name.clone(), bytes.clone())).collect::<Vec<_>>()
    };
    assert_eq!(bytes(&files(&scene.outputs())), bytes(&before), "same ids, same dates, same place");
    assert_eq!(says(&scene, &["takedown", "--list", "--json"]).trim(), "[]");
}

#[test]
fn the_last_item_of_an_output_leaves_too() {
    let scene = scene("[[output]]\nfile = \"feed.json\"\nsources = [\"beta\"]\n[[output]]\nfile = \"page.html\"\n");
    assert_eq!(items(&scene).len(), 1);
    take_down(&scene, &["--prefix", "https://beta.example/"]);
    assert_eq!(items(&scene).len(), 0);
    assert!(!is_public(&scene, B) && is_public(&scene, A));
    take_down(&scene, &["--prefix", "https://alpha.example/"]);
    assert!(!is_public(&scene, A) && !is_public(&scene, NEWS), "nothing is left, and no gate stops that");
}

#[test]
fn feeds_toml_takes_addresses_and_whole_feeds_down() {
    let scene = scene("");
    let toml = scene.outputs().join("../../feeds.toml");
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, format!("takedown = [\"https://alpha.example/old/\"]\n{text}")).unwrap();
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(!is_public(&scene, OLD) && is_public(&scene, A));
    let beta = text.lines().find_map(|line| line.strip_prefix("url = ").filter(|url| url.contains("/beta"))).unwrap();
    fs::write(&toml, format!("takedown = {beta}\n{text}")).unwrap();
    scene.run_well("2026-11-02T13:00:00Z");
    assert!(is_public(&scene, OLD) && is_public(&scene, A) && !is_public(&scene, "beta.example/tidal"));
    fs::write(&toml, format!("takedown = [\"alpha.example\"]\n{text}")).unwrap();
    let refused = scene.say(&["check"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("feeds.toml:1:13"));
}

#[test]
fn what_was_never_seen_is_taken_down_in_advance_and_nonsense_is_refused() {
    let scene = scene("");
    assert!(take_down(&scene, &["https://beta.example/later"]).contains("no entry has that address yet"));
    scene
        .serve("beta", feed("beta", &[("b1", B, NEWS), ("b9", "http://beta.example/later/", "Later news of the day")]));
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(!is_public(&scene, "Later news"));
    for nonsense in ["tidal power", "ftp://e.org/", "aaaaaaaaaaaaaaaa"] {
        assert_eq!(scene.say(&["takedown", nonsense]).status.code(), Some(1), "{nonsense}");
    }
    assert_eq!(scene.say(&["takedown", "--undo", "77"]).status.code(), Some(1));
    assert_eq!(scene.say(&["takedown"]).status.code(), Some(2));
}

/// T81: a source taken out of feeds.toml leaves, its entries stay in the store, and so do all other items.
#[test]
fn a_source_taken_out_of_feeds_toml_leaves_and_its_entries_stay_in_the_store() {
    let scene = scene("");
    let toml = scene.outputs().join("../../feeds.toml");
    let text = fs::read_to_string(&toml).unwrap();
    let alpha = text.split("[[source]]").find(|part| part.contains("\"alpha\"")).unwrap();
    fs::write(&toml, text.replace(&format!("[[source]]{alpha}"), "")).unwrap();
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(!is_public(&scene, "alpha.example"), "two of three entries are gone, and no gate stops that");
    let left = items(&scene);
    assert_eq!((left.len(), left[0]["url"].as_str()), (1, Some(B)));
    assert!(says(&scene, &["why", OLD]).contains(OTHER));
    fs::write(&toml, &text).unwrap();
    scene.run_well("2026-11-02T14:00:00Z");
    assert!(is_public(&scene, OLD) && is_public(&scene, A));
}

/// An agency's text at two outlets, one of which is asked to take it down; what follows is the same text again.
const TEXT: &str = "The harbour city has opened a tidal power station after nine years of work, and fourteen thousand homes \
                    get their electricity from it since Monday morning, says the operator of the grid.";

fn with_text(source: &str, items: &[(&str, &str, &str)]) -> Page {
    let mut text =
        format!("<rss version=\"2.0\"><channel><title>{source}</title><link>https://{source}.example/</link>");
    for (guid, address, title) in items {
        write!(
            text,
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>{address}</link><title>{title}</title>\
             <description>{TEXT}</description><pubDate>02 Nov 2026 06:00:00 GMT</pubDate></item>"
        )
        .unwrap();
    }
    Page::xml(text + "</channel></rss>")
}

#[test]
fn no_way_leads_back_to_what_was_taken_down() {
    for (what, guid, address, title) in [
        ("another address under the same guid", "a1", "https://alpha.example/news/tidal-updated", NEWS),
        ("a re-post", "a9", "https://alpha.example/2026/power", NEWS),
        ("a re-post with another title", "a9", "https://alpha.example/2026/power", "Tides give power to a city"),
        ("a page of it", "a9", "https://alpha.example/news/tidal?page=2", "Page two"),
        ("an archive", "a9", "https://web.archive.org/web/20261102/https://alpha.example/news/tidal", "Seen today"),
        ("a translation", "a9", "https://alpha-example.translate.goog/news/tidal?_x_tr_tl=de", "Auf Deutsch"),
        ("a reader", "a9", "https://12ft.io/https://alpha.example/news/tidal", "Read it here"),
    ] {
        for source in ["alpha", "gamma"] {
            if guid == "a1" && source == "gamma" {
                continue;
            }
            let scene = Scene::new(&["alpha", "beta", "gamma"], "[weave]\nsame_story = \"off\"\n");
            scene.serve("alpha", with_text("alpha", &[("a1", A, NEWS)]));
            scene.serve("beta", with_text("beta", &[("b1", B, NEWS)]));
            scene.serve("gamma", feed("gamma", &[("c1", "https://gamma.example/other", OTHER)]));
            scene.run_well("2026-11-02T10:00:00Z");
            take_down(&scene, &[A]);
            assert!(!is_public(&scene, A) && is_public(&scene, B), "the agency's text at another outlet stays");
            let again = [(guid, address, title)];
            scene.serve(source, if title == NEWS { with_text(source, &again) } else { feed(source, &again) });
            if title.starts_with("Tides") {
                scene.serve(source, with_text(source, &again));
            }
            scene.run_well("2026-11-02T12:00:00Z");
            assert!(!is_public(&scene, address), "{what} through {source}");
            assert!(is_public(&scene, B));
        }
    }
}

/// The text of what is taken down, and the same in other letters, under another title at another outlet.
#[test]
fn the_same_text_in_other_letters_does_not_come_back() {
    const JAPANESE: &str = "地方裁判所は火曜日、ボート部の元会計係が四年間で九万ユーロ以上を私的口座に移したと認定し、三人の証人の氏名を\
                            春の控訴審まで非公開とするよう命じた。部はそれまでコメントしないと述べた。";
    const CHINESE: &str = "地方法院星期二裁定，划船俱乐部的前司库在四年内将九万多欧元转入私人账户，并命令三名证人的姓名在春季上诉\
                           审理之前保持密封。俱乐部表示在此之前不会发表评论，而邻居们形容他是一个安静的人。";
    let soft =
        |word: &str| if word.len() > 5 { format!("{}\u{ad}{}", &word[..3], &word[3..]) } else { word.to_owned() };
    let every_eighth = |(at, word): (usize, &str)| if at % 8 == 7 { format!("x{word}") } else { word.to_owned() };
    let words = |words: Vec<String>| words.join(" ");
    for (what, text, again) in [
        ("Japanese", JAPANESE, JAPANESE.to_owned()),
        ("Chinese, one letter replaced", CHINESE, CHINESE.replace('的', "之")),
        ("soft hyphens", TEXT, words(TEXT.split_whitespace().map(soft).collect())),
        ("Cyrillic letters", TEXT, TEXT.replace('a', "\u{430}").replace('e', "\u{435}")),
        ("every eighth word changed", TEXT, words(TEXT.split_whitespace().enumerate().map(every_eighth).collect())),
    ] {
        let scene = Scene::new(&["alpha", "beta"], "[weave]\nsame_story = \"off\"\n");
        let told = |source: &str, guid: &str, address: &str, title: &str, text: &str| {
            let Page { kind, body, etag } = with_text(source, &[(guid, address, title)]);
            Page { kind, body: String::from_utf8(body).unwrap().replace(TEXT, text).into_bytes(), etag }
        };
        scene.serve("alpha", told("alpha", "a1", A, NEWS, text));
        scene.serve("beta", feed("beta", &[("b1", B, OTHER)]));
        scene.run_well("2026-11-02T10:00:00Z");
        take_down(&scene, &[A]);
        let address = "https://beta.example/again";
        scene.serve("beta", told("beta", "b2", address, "Seen by the river", &again));
        scene.run_well("2026-11-02T12:00:00Z");
        assert!(!is_public(&scene, address), "{what}");
        let other =
            "A violin workshop in Cremona has taken over its oldest rival, and both names stay, say the families.";
        scene.serve("beta", told("beta", "b3", "https://beta.example/own", "Another matter", other));
        scene.run_well("2026-11-02T14:00:00Z");
        assert!(is_public(&scene, "https://beta.example/own"), "{what}: a text of its own stays");
    }
}

#[test]
fn what_only_looks_alike_stays() {
    let scene = scene("");
    take_down(&scene, &[A]);
    let others = [
        ("a3", "https://alpha.example/news/tides", "Harbour city closes its last coal power station"),
        ("a4", "https://alpha.example/news?id=4", "Open thread"),
        ("a5", "https://alpha.example/news?id=5", "Open thread"),
    ];
    scene.serve("alpha", feed("alpha", &others));
    scene.run_well("2026-11-02T12:00:00Z");
    // The two of one title are one story of one outlet, which is credited once.
    let public: Vec<bool> = others.iter().map(|(_, address, _)| is_public(&scene, address)).collect();
    assert!(public[0] && (public[1] || public[2]), "{public:?}");
}

#[test]
fn the_place_of_an_item_on_a_page_of_ours_names_it_too() {
    let scene = scene("");
    let id = items(&scene).iter().find(|item| item["title"] == OTHER).unwrap()["id"].as_str().unwrap().to_owned();
    let place = format!("https://feeds.example.org/#s-{}", id.rsplit('/').next().unwrap());
    assert!(take_down(&scene, &[&place]).contains(OTHER));
    assert!(!is_public(&scene, OTHER) && is_public(&scene, NEWS));
}

#[test]
fn a_takedown_during_a_run_is_noted_and_obeyed_before_the_next_publish() {
    let scene = scene("");
    let lock = scene.database().with_file_name("feedloom.db.lock");
    let held = fs::File::options().write(true).open(lock).unwrap();
    held.try_lock().unwrap();
    let told = take_down(&scene, &[A]);
    assert!(told.contains("a run is in progress") && is_public(&scene, A), "{told}");
    assert!(says(&scene, &["takedown", "--list"]).contains("next run"));
    assert!(take_down(&scene, &[A]).contains("already"), "it is remembered");
    drop(held);
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(!is_public(&scene, A) && is_public(&scene, B));
    assert!(says(&scene, &["takedown", "--list"]).starts_with("1  "));
}

#[test]
fn a_takedown_outlives_a_restored_backup_and_a_lost_database_and_so_does_its_undoing() {
    let scene = scene("");
    let database = scene.database();
    let backup = fs::read(&database).unwrap();
    take_down(&scene, &[A]);
    let with_takedown = fs::read(&database).unwrap();
    fs::write(&database, &backup).unwrap();
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(!is_public(&scene, A) && is_public(&scene, B), "with the database of before");
    fs::remove_file(&database).unwrap();
    scene.serve("alpha", feed("alpha", &[("a1", "https://alpha.example/news/moved", NEWS), ("a2", OLD, OTHER)]));
    scene.run_well("2026-11-02T13:00:00Z");
    assert!(!is_public(&scene, "alpha.example/news") && is_public(&scene, OLD), "with a new database");
    // What is new to a story is shown an hour after it last grew.
    says(&scene, &["takedown", "--undo", "1", "--now", "2026-11-02T14:10:00Z"]);
    assert!(is_public(&scene, "https://alpha.example/news/moved"));
    fs::write(&database, &with_takedown).unwrap();
    scene.run_well("2026-11-02T16:00:00Z");
    assert!(is_public(&scene, "https://alpha.example/news/"), "it stays undone");
}

/// Written over the files as they are: no folder changes, and neither does the number of pages in it.
#[test]
fn outputs_of_a_backup_written_over_those_of_today_show_nothing_that_was_taken_down() {
    let scene = scene("[[output]]\nfile = \"feed.json\"\n\n[[output]]\nfile = \"index.html\"\narchive = 30\n");
    let backup = files(&scene.outputs());
    let held: Vec<&str> = backup
        .iter()
        .filter(|(_, (bytes, _))| String::from_utf8_lossy(bytes).contains(OLD))
        .map(|(name, _)| &**name)
        .collect();
    for folder in ["s/", "o/", "archive/"] {
        assert!(held.iter().any(|name| name.starts_with(folder)), "{folder}: {held:?}");
    }
    take_down(&scene, &[OLD]);
    take_down(&scene, &[A]);
    take_down(&scene, &[B]);
    let gone = [OLD, OTHER, A, B, NEWS];
    for (hour, what) in [(12, "all of it"), (13, "twice"), (14, "the pages and one feed")] {
        for (name, (bytes, _)) in &backup {
            if hour < 14 || name.contains('/') || name == "feed.json" {
                fs::write(scene.outputs().join(name), bytes).unwrap();
            }
        }
        assert!(gone.iter().all(|text| is_public(&scene, text)));
        scene.run_well(&format!("2026-11-02T{hour}:00:00Z"));
        for text in gone {
            assert!(!is_public(&scene, text), "{what}: {text}");
        }
    }
}

/// What was noted is lost, and the database is one of before.
#[test]
fn a_list_of_takedowns_that_is_not_whole_stops_the_run_and_changes_nothing() {
    let scene = scene("");
    let backup = fs::read(scene.database()).unwrap();
    take_down(&scene, &[A]);
    take_down(&scene, &[OLD]);
    let (list, seal) = (scene.path("data/feedloom.db.takedowns"), scene.path("data/feedloom.db.takedowns.seal"));
    let whole = fs::read(&list).unwrap();
    let end_of_line = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let garbage = [&vec![b'x'; end_of_line - 1][..], &whole[end_of_line - 1..]].concat();
    let damages: [(&str, Vec<u8>); 5] = [
        ("cut in half", whole[..whole.len() / 2].to_vec()),
        ("cut at the end of a line", whole[..end_of_line].to_vec()),
        ("garbage in the first line", garbage),
        ("emptied", Vec::new()),
        ("zeros", vec![0; whole.len()]),
    ];
    for (what, damaged) in &damages {
        fs::write(scene.database(), &backup).unwrap();
        fs::write(&list, damaged).unwrap();
        let before = files(&scene.outputs());
        let done = scene.run("2026-11-02T12:00:00Z");
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{what}: {told}");
        assert!(told.contains("feedloom.db.takedowns is damaged") && told.contains("hint: "), "{what}: {told}");
        assert!(files(&scene.outputs()) == before && !is_public(&scene, A) && !is_public(&scene, OLD), "{what}");
        for words in [&["takedown", B][..], &["takedown", "--undo", "1"]] {
            assert_ne!(scene.say(words).status.code(), Some(0), "{what}: {words:?}");
        }
        assert_eq!(&fs::read(&list).unwrap(), damaged, "{what}: nothing is written over it");
    }
    // A line that was being written when the power went, on a whole list.
    fs::write(&list, [&whole[..], &whole[..20]].concat()).unwrap();
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(!is_public(&scene, A) && !is_public(&scene, OLD) && is_public(&scene, B));
    // One of before there were seals.
    fs::write(scene.database(), &backup).unwrap();
    fs::write(&list, &whole).unwrap();
    fs::remove_file(&seal).unwrap();
    scene.run_well("2026-11-02T13:00:00Z");
    assert!(!is_public(&scene, A) && !is_public(&scene, OLD) && is_public(&scene, B));
}

/// Every address of the item that an output shows takes it out.
#[test]
fn a_story_is_named_by_any_address_that_an_output_shows() {
    let of_item = |scene: &Scene| items(scene).into_iter().find(|item| item["title"] == NEWS).unwrap();
    let code = |item: &Value| item["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let page = |item: &Value| item["_feedloom"]["story_page"].as_str().unwrap().to_owned();
    for name in ["id", "anchor", "page", "page of a folder"] {
        let scene = scene("");
        let item = of_item(&scene);
        let request = match name {
            "id" => item["id"].as_str().unwrap().to_owned(),
            "anchor" => format!("https://feeds.example.org/index.html#s-{}", code(&item)),
            "page" => page(&item),
            _ => page(&item).replace("/s/", "/news/s/"),
        };
        take_down(&scene, &[&request]);
        assert!(!is_public(&scene, A) && !is_public(&scene, B) && is_public(&scene, OLD), "{name}: {request}");
        scene.serve("alpha", feed("alpha", &[("a1", "https://alpha.example/news/tidal-2", NEWS), ("a2", OLD, OTHER)]));
        scene.run_well("2026-11-02T12:00:00Z");
        assert!(!is_public(&scene, "alpha.example/news/tidal"), "{name}: a slug is edited");
    }
}

/// The article comes again among those that an item of another feedloom credits, itself or by an archive.
#[test]
fn what_was_taken_down_is_credited_in_no_item_of_another_feedloom() {
    for keys in ["", "trusted = true\n"] {
        for address in [A, "https://web.archive.org/web/2026/https://alpha.example/news/tidal"] {
            let scene = scene(&format!("[defaults]\n{keys}"));
            take_down(&scene, &[A]);
            let outlet = |name: &str, title: &str, url: &str| {
                let host = url.split('/').nth(2).unwrap();
                let (feed, home) = (format!("https://{host}/feed"), format!("https://{host}/"));
                serde_json::json!({ "id": name, "name": name, "title": title, "url": url, "feed_url": feed, "home_page_url": home })
            };
            let sources = [
                outlet("Gamma", "A visit to the coast", "https://gamma.example/visit"),
                outlet("Alpha", "The tide told anew", address),
                outlet("Delta", "A coast is visited", "https://delta.example/coast"),
            ];
            let woven = serde_json::json!({
                "version": "https://jsonfeed.org/version/1.1", "title": "Loom", "home_page_url": "https://loom.example/",
                "items": [{
                    "id": "tag:loom.example,2026:s/x", "url": "https://gamma.example/visit", "title": "A visit to the coast",
                    "date_published": "2026-11-02T11:00:00Z", "_feedloom": { "sources": sources }
                }]
            });
            let page = Page { kind: "application/feed+json", body: woven.to_string().into_bytes(), etag: None };
            scene.serve("beta", page);
            scene.run_well("2026-11-02T12:00:00Z");
            assert!(is_public(&scene, "https://gamma.example/visit"), "{keys}{address}");
            assert!(is_public(&scene, "https://delta.example/coast"), "{keys}{address}");
            assert!(!is_public(&scene, "news/tidal") && !is_public(&scene, "told anew"), "{keys}{address}");
        }
    }
}
