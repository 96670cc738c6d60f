//! One source among others: none can stop, crowd out, impersonate or speak for another.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use feedloom::{OutputFormat as Format, SourceKind};
use serde_json::Value;
use tempfile::TempDir;

use super::world::{World, entry, source, time, url};
use crate::scene::{Page, Scene, files};

fn run(folder: &Path, now: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.arg("--config").arg(folder.join("feeds.toml")).args(["run", "--all", "--now", now]);
    command.output().unwrap()
}

/// The feed of outlet `name`: title and what else is in each item.
fn feed(folder: &Path, name: &str, items: &[(String, &str)]) {
    let items: String = (0_usize..)
        .zip(items)
        .map(|(at, (title, more))| {
            format!(
                "<item><title>{title}</title><link>https://{name}.example/{at}</link>\
                 <pubDate>Mon, 02 Nov 2026 10:{:02}:00 GMT</pubDate>{more}</item>",
                at % 60
            )
        })
        .collect();
    let namespaces =
        "xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" xmlns:rsl=\"https://rslstandard.org/rsl\"";
    let feed = format!(
        "<rss version=\"2.0\" {namespaces}><channel><title>Outlet {name}</title><link>https://{name}.example/</link>\
         {items}</channel></rss>"
    );
    fs::write(folder.join(format!("{name}.xml")), feed).unwrap();
}

fn titles(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("Matter {} of {name} and thing {}", at * 37 + 5, at * 91 + 7)).collect()
}

fn folder(toml: &str, sources: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sources: String =
        sources.iter().map(|name| format!("[[source]]\nid = \"{name}\"\nurl = \"file:{name}.xml\"\n")).collect();
    fs::write(folder.path().join("feeds.toml"), format!("link = \"https://f.example/\"\n{toml}\n{sources}")).unwrap();
    folder
}

fn public(folder: &TempDir, file: &str) -> String {
    fs::read_to_string(folder.path().join("data/public").join(file)).unwrap_or_default()
}

#[test]
fn most_of_an_output_may_take_its_word_back_and_the_others_go_out_all_the_same() {
    for denial in [
        "<itunes:block>yes</itunes:block>",
        "<rsl:content url=\"/\"><rsl:license><rsl:prohibits>all</rsl:prohibits></rsl:license></rsl:content>",
    ] {
        let folder = folder("", &["few", "many"]);
        let of = |name: &str, count, more| -> Vec<(String, &str)> {
            titles(name, count).into_iter().map(|title| (title, more)).collect()
        };
        feed(folder.path(), "few", &of("few", 2, ""));
        feed(folder.path(), "many", &of("many", 12, ""));
        assert_eq!(run(folder.path(), "2026-11-03T00:00:00Z").status.code(), Some(0));
        feed(folder.path(), "few", &of("few", 3, ""));
        feed(folder.path(), "many", &of("many", 12, denial));
        let done = run(folder.path(), "2026-11-03T02:00:00Z");
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        for file in ["feed.xml", "atom.xml", "feed.json", "index.html"] {
            let text = public(&folder, file);
            assert!(!text.contains("of many"), "{denial}: {file} obeys");
            assert!(text.contains(&titles("few", 3)[2]), "{denial}: {file} has what is new");
        }
        // Where nothing is left, nothing stays.
        feed(folder.path(), "few", &of("few", 3, denial));
        run(folder.path(), "2026-11-03T04:00:00Z");
        assert!(!public(&folder, "feed.xml").contains("of few"), "{denial}");
    }
}

#[test]
fn a_page_goes_without_the_item_that_becomes_active_in_its_template() {
    for (of_item, hostile) in [
        ("title={{ item.title }}", "News onclick=alert(1) for all"),
        ("data-x={{ item.title }}", "A style=color:red onfocus=x() tabindex=0 matter"),
        ("title={{ item.title }}", "x id=s-aaaaaaaaaaaaaaaa y"),
    ] {
        let folder = folder(
            "[[output]]\nfile = \"index.html\"\ntemplate = \"t.html\"\n[[output]]\nfile = \"feed.xml\"\n",
            &["a"],
        );
        let template = format!(
            "<!doctype html>\n<html lang=en><meta charset=utf-8><title>t</title>{{% for day in days %}}{{% for item in day.items %}}\
             <p {of_item} id=\"s-{{{{ item.id }}}}\"><a href=\"{{{{ item.url }}}}\">x</a></p>{{% endfor %}}{{% endfor %}}</html>\n"
        );
        fs::write(folder.path().join("t.html"), template).unwrap();
        let harmless = "Copper prices rise again".to_owned();
        feed(folder.path(), "a", &[(harmless, ""), (hostile.to_owned(), ""), ("Plain words".to_owned(), "")]);
        let done = run(folder.path(), "2026-11-03T00:00:00Z");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(0), "{said}");
        assert!(said.contains("is left out, the gate refuses it"), "{said}");
        let page = public(&folder, "index.html");
        assert!(page.contains("https://a.example/0") && page.contains("https://a.example/2"), "{page}");
        assert!(!page.contains("https://a.example/1"), "{hostile}: {page}");
        assert_eq!(public(&folder, "feed.xml").matches("<item>").count(), 3);
        let warned = say(&folder, "check");
        assert!(warned.contains("line 2 of ") && warned.contains("t.html prints something in a tag"), "{warned}");
        // `status` says it as long as it is so.
        assert!(status(&folder).contains("is left out of index.html"), "{}", status(&folder));
        run(folder.path(), "2026-11-03T01:00:00Z");
        assert!(status(&folder).contains("is left out of index.html"), "nothing changed");
    }
}

const SOUND: &str = "<!doctype html>\n<html lang=en><meta charset=utf-8><title>t</title>{% for day in days %}{% for item in day.items %}\
    <p id=\"s-{{ item.id }}\"><a href=\"{{ item.url }}\">{{ item.title }}</a></p>{% endfor %}{% endfor %}</html>\n";

fn script(folder: &Path, body: &str) {
    let path = folder.join("filter");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Whatever keeps the new version from being published: what is taken down or denied leaves the last one, the rest stays.
#[test]
fn what_is_denied_leaves_at_once_whatever_else_is_wrong() {
    type Breaks = fn(&Path);
    let failures: [(&str, Breaks); 5] = [
        ("a filter that fails", |folder| script(folder, "exit 1")),
        ("a filter that lies", |folder| script(folder, "sed s/example/evil/g")),
        ("a template with a mistake", |folder| {
            fs::write(folder.join("t.html"), SOUND.replace("item.title", "item.title.of.it")).unwrap();
        }),
        ("a template without marks", |folder| {
            fs::write(folder.join("t.html"), SOUND.replace("id=\"s-", "id=\"")).unwrap();
        }),
        ("a template that runs something", |folder| {
            fs::write(folder.join("t.html"), SOUND.replace("<title>", "<script>x</script><title>")).unwrap();
        }),
    ];
    let block = "<itunes:block>yes</itunes:block>";
    for (what, breaks) in failures {
        let is_filter = what.contains("filter");
        for denial in ["takedown", block] {
            let folder = folder(
                "[[output]]\nfile = \"feed.xml\"\nfilter = [\"./filter\"]\n[[output]]\nfile = \"feed.json\"\nfilter = [\"./filter\"]\n\
                 [[output]]\nfile = \"atom.xml\"\nfilter = [\"./filter\"]\n[[output]]\nfile = \"index.html\"\ntemplate = \"t.html\"\n",
                &["a", "b"],
            );
            script(folder.path(), "cat");
            fs::write(folder.path().join("t.html"), SOUND).unwrap();
            let of = |more: &'static str| -> Vec<(String, &str)> {
                titles("a", 4)
                    .into_iter()
                    .enumerate()
                    .map(|(at, title)| (title, if at == 2 { more } else { "" }))
                    .collect()
            };
            feed(folder.path(), "a", &of(""));
            feed(folder.path(), "b", &[("Plain words".to_owned(), "")]);
            assert_eq!(run(folder.path(), "2026-11-03T00:00:00Z").status.code(), Some(0));
            let files: &[&str] = if is_filter {
                &["feed.xml", "feed.json", "atom.xml"]
            } else {
                &["index.html", "archive/2026-11-02.html"]
            };
            let denied = titles("a", 4)[2].clone();
            files.iter().for_each(|file| assert!(public(&folder, file).contains(&denied), "{what}: {file}"));
            breaks(folder.path());
            let done = if denial == block {
                feed(folder.path(), "a", &of(block));
                run(folder.path(), "2026-11-03T02:00:00Z")
            } else {
                let config = folder.path().join("feeds.toml");
                let words = ["--config", config.to_str().unwrap(), "takedown", "https://a.example/2"];
                Command::new(env!("CARGO_BIN_EXE_feedloom")).args(words).output().unwrap()
            };
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(said.contains("without what may no longer be in it"), "{what}: {said}");
            for file in files {
                let text = public(&folder, file);
                assert!(!text.contains(&denied) && !text.contains("a.example/2"), "{what}, {denial}: {file}\n{text}");
                for stays in [&titles("a", 4)[0], &titles("a", 4)[3], &"Plain words".to_owned()] {
                    assert!(text.contains(stays), "{what}, {denial}: {stays} is not in {file}\n{text}");
                }
            }
            run(folder.path(), "2026-11-03T04:00:00Z");
            files.iter().for_each(|file| assert!(!public(&folder, file).contains(&denied), "{what}: {file} later"));
        }
    }
}

#[test]
fn whose_items_a_filter_cannot_take_holds_no_other_back() {
    let folder = folder("[[output]]\nfile = \"feed.json\"\nfilter = [\"./filter\"]\n", &["a", "b"]);
    script(folder.path(), "input=$(cat); case $input in *poison*) exit 3;; esac; printf '%s' \"$input\"");
    let plain = |count| titles("a", count).into_iter().map(|title| (title, "")).collect::<Vec<_>>();
    let poison: Vec<(String, &str)> =
        (0..30).map(|at| (format!("Some poison {} to be had", at * 53 + 11), "")).collect();
    feed(folder.path(), "b", &[("Harmless words".to_owned(), "")]);
    for hour in 0..4 {
        feed(folder.path(), "a", &plain(2 + hour));
        let done = run(folder.path(), &format!("2026-11-03T{:02}:00:00Z", hour * 2));
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(0), "{said}");
        let items = public(&folder, "feed.json");
        titles("a", 2 + hour).iter().for_each(|title| assert!(items.contains(title), "{title}"));
        assert!(!items.contains("poison") && items.contains("Harmless words"), "{items}");
        assert!(said.matches("the filter ./filter failed on").count() <= 5, "{said}");
        let after = [vec![("Harmless words".to_owned(), "")], poison.clone()].concat();
        feed(folder.path(), "b", &after);
    }
}

fn status(folder: &TempDir) -> String {
    say(folder, "status")
}

/// What a command prints, and what it warns of.
fn say(folder: &TempDir, command: &str) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .args(["--config", folder.path().join("feeds.toml").to_str().unwrap(), command])
        .output()
        .unwrap();
    String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr)
}

#[test]
fn an_output_whose_database_is_lost_does_not_shrink_in_silence() {
    // Where a JSON Feed stands beside it, all of it is taken over; else the gate speaks.
    for (outputs, exit, said) in [("", 0, ""), ("[[output]]\nfile = \"feed.xml\"\n", 1, "gone without a reason")] {
        let folder = folder(outputs, &["a"]);
        let all: Vec<(String, &str)> = titles("a", 20).into_iter().map(|title| (title, "")).collect();
        feed(folder.path(), "a", &all);
        assert_eq!(run(folder.path(), "2026-11-03T00:00:00Z").status.code(), Some(0));
        let before = public(&folder, "feed.xml");
        for file in fs::read_dir(folder.path().join("data")).unwrap().map(|entry| entry.unwrap().path()) {
            if file.is_file() {
                fs::remove_file(file).unwrap();
            }
        }
        feed(folder.path(), "a", &all[..1]);
        let done = run(folder.path(), "2026-11-03T02:00:00Z");
        assert_eq!(done.status.code(), Some(exit));
        assert!(String::from_utf8_lossy(&done.stderr).contains(said));
        let ids = |text: &str| text.matches("<guid").count();
        assert_eq!(ids(&public(&folder, "feed.xml")), ids(&before));
    }
}

fn one(world: &World) -> Value {
    let items = world.items();
    assert_eq!(items.len(), 1);
    items[0].clone()
}

#[test]
fn nobody_fills_the_item_of_another_with_links() {
    let mut entries = vec![entry("alpha", "1", "One", 0)];
    for at in 0..30 {
        entries.push(entry("beta", &format!("same-{at}"), "One", 1));
        // As many domains as one likes: they came by one source.
        let mut elsewhere = entry("gamma", &format!("many-{at}"), "One", 2);
        elsewhere.url = url(&format!("https://many-{at}.example/1"));
        entries.push(elsewhere);
    }
    let mut world = World::new().with(entries);
    world.sources.insert(source("gamma").id, source("gamma"));
    let item = one(&world);
    let text = item.to_string();
    let linked = |start: &str| (0..30).filter(|at| text.contains(&format!("{start}-{at}"))).count();
    assert_eq!((linked("beta.example/same"), linked("//many")), (1, 1), "an outlet is credited once");
    assert_eq!(item["_feedloom"]["coverage"]["outlets"], 3);
    assert_eq!(item["_feedloom"]["coverage"]["entries"].as_array().unwrap().len(), 7, "the rest is only counted");
}

#[test]
fn where_an_article_is_discussed_is_for_its_outlet_and_for_link_lists_to_say() {
    let mut stranger = entry("beta", "2", "One", 1);
    stranger.comments = Some(url("https://beta.example/talk-of-beta"));
    let mut list = entry("links", "3", "One", 2);
    list.url = url("https://alpha.example/1");
    list.comments = Some(url("https://links.example/talk-of-links"));
    let world = World::new().with(vec![entry("alpha", "1", "One", 0), stranger, list]);
    let item = one(&world);
    assert_eq!(item["_feedloom"]["comments"], "https://links.example/talk-of-links");
    assert!(!item.to_string().contains("talk-of-beta"));
}

#[test]
fn who_takes_the_name_of_another_stands_there_with_their_own_host() {
    let mut liar = entry("beta", "1", "Coins for all", 0);
    liar.url = url("https://www.evil.example/1");
    let mut world = World::new().with(vec![liar]);
    let beta = world.source("beta");
    beta.name = "The alpha paper".to_owned();
    beta.feed_url = url("https://feeds.hoster.example/beta");
    beta.site = Some(url("https://alpha.example/"));
    let page = world.document(Format::Html);
    assert!(page.contains("The alpha paper (evil.example)"), "{page}");
    for format in [Format::Rss, Format::Atom, Format::Json] {
        let text = world.document(format);
        assert!(text.contains("(evil.example)") && !text.contains("https://alpha.example/"), "{text}");
    }
    let honest = World::new().with(vec![entry("alpha", "1", "Honest", 0)]);
    assert_eq!(one(&honest)["_feedloom"]["sources"][0]["host"], Value::Null);
    assert!(!honest.document(Format::Html).contains("(alpha.example)"));
}

#[test]
fn an_address_that_leads_on_by_a_counter_is_that_of_its_article() {
    for counted in [
        "http://alpha.feedsportal.com/c/3/f/5/s/1/l/0Lblog0Balpha0Bexample0Ca0Eb0Bhtml/story01.htm",
        "https://www.google.com/url?q=https://blog.alpha.example/a-b.html&sa=D",
    ] {
        let mut counted_entry = entry("alpha", "1", "One", 0);
        counted_entry.url = url(counted);
        let item = one(&World::new().with(vec![counted_entry]));
        let source = &item["_feedloom"]["sources"][0];
        assert!(source["url"].as_str().unwrap().starts_with("http"), "{item}");
        assert!(source["url"].as_str().unwrap().contains("//blog.alpha.example/a-b.html"), "{item}");
        assert_eq!(source["host"], Value::Null, "{item}");
        assert!(!item["authors"].to_string().contains('('), "its own article: {item}");
    }
}

/// Through the binary: what a feed calls itself reads on a page as it is written.
#[test]
fn a_name_has_no_controls_of_direction() {
    for (name, shown) in [
        ("\u{202e}ateb teltuO\u{202c}", "ateb teltuO"),
        ("\u{2067}\u{200f}Outlet gamma\u{2069}", "Outlet gamma"),
        ("Outlet\u{200e} beta\u{202c}", "Outlet beta"),
        ("Outlet\u{61c} beta\u{202d}", "Outlet beta"),
    ] {
        let scene = Scene::new(&["alpha"], "");
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>{name}</title><link>https://alpha.example/</link><item>\
             <title>News of alpha</title><link>https://alpha.example/1</link></item></channel></rss>"
        );
        scene.serve("alpha", Page::xml(feed));
        scene.run_well("2026-11-02T10:00:00Z");
        for (file, (bytes, _)) in files(&scene.outputs()) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let controls =
                ["\u{202c}", "\u{202d}", "\u{202e}", "\u{2067}", "\u{2069}", "\u{200e}", "\u{200f}", "\u{61c}"];
            assert!(!controls.iter().any(|control| text.contains(control)), "{name:?}: {file}");
        }
        let json: Value = serde_json::from_slice(&fs::read(scene.outputs().join("feed.json")).unwrap()).unwrap();
        let author = json["items"][0]["authors"][0]["name"].as_str().unwrap();
        assert!(author.starts_with(shown), "{author:?}");
    }
}

/// Through the binary: `check` warns of what the outputs keep inside.
#[test]
fn what_the_outputs_keep_inside_is_what_check_warns_of() {
    for (address, secret) in [
        ("private.rss?feed=5ecaa11bb22cc33dd44ee55ff66aa77bb88cc99dd&user=me", "5ecaa11bb"),
        ("feed/?t=5ekretaa11bb22cc33dd44ee55ff6601", "5ekretaa"),
        ("rss/secret:abc1237/u:me/", "abc1237"),
        ("content/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.abcdefghijk.rss", "eyJhbGci"),
        ("feeds/5ecaa11bb22cc33dd44ee55ff6601aabb/rss.xml?page=1", "5ecaa11bb"),
        ("feed/3f2504e0-4f89-41d3-9a0c-0305e82c3301/a.xml", "3f2504e0"),
        ("rss?token=abc1237", "abc1237"),
        ("rss?key=abc1234", "abc1234"),
        ("rss?os_username=me&os_password=5ekret", "5ekret"),
        ("rss?pin=5ekret99", "5ekret99"),
    ] {
        let scene = Scene::new(&["alpha"], "");
        let outputs = scene.outputs();
        let toml = outputs.ancestors().nth(2).unwrap().join("feeds.toml");
        let text = fs::read_to_string(&toml).unwrap();
        let at = text.lines().find_map(|line| line.strip_prefix("url = \"")).unwrap().trim_end_matches('"');
        let origin = at.rsplit_once('/').unwrap().0;
        let told_anew = text.replace(at, &format!("{origin}/{address}"));
        fs::write(&toml, told_anew.replace("id = \"alpha\"\n", "")).unwrap();
        let told = scene.say(&["check"]);
        let told = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(told.contains("seems to hold a secret") && told.contains("env:NAME"), "{address}: {told}");
        let feed = "<rss version=\"2.0\"><channel><title>Alpha</title><link>https://alpha.example/</link><item>\
                    <title>News of alpha</title><link>https://alpha.example/1</link></item></channel></rss>";
        scene.serve(address, Page::xml(feed.to_owned()));
        scene.run_well("2026-11-02T10:00:00Z");
        let public = files(&scene.outputs());
        let json = String::from_utf8_lossy(&public["feed.json"].0).into_owned();
        assert!(json.contains("News of alpha") && public.contains_key("sources.opml"), "{address}");
        for (file, (bytes, _)) in public {
            assert!(!String::from_utf8_lossy(&bytes).contains(secret), "{address}: {file}");
        }
    }
}

#[test]
fn a_key_to_a_feed_stays_inside() {
    for query in [
        "token=S3CRET",
        "x=1&api_key=S3CRET",
        "Auth=S3CRET",
        "t=S3CRETaa11bb22cc33dd44ee",
        "pin=S3CRET",
        "auth%5Btoken%5D=S3CRET",
    ] {
        let mut world = World::new().with(vec![entry("alpha", "1", "One", 0)]);
        world.source("alpha").feed_url = url(&format!("https://alpha.example/feed?{query}"));
        world.source("beta").site = Some(url(&format!("https://beta.example/?{query}")));
        for rendered in world.plan().outputs {
            let text = String::from_utf8(rendered.bytes).unwrap();
            assert!(!text.contains("S3CRET"), "{query}: {}", rendered.file);
        }
    }
}

#[test]
fn each_source_gets_its_turn_before_any_gets_its_twentieth_in_one_pass_and_in_many() {
    let mut world = World::new();
    for at in 0..60 {
        world = world.with(vec![entry("beta", &at.to_string(), &format!("Beta {at}"), 10 + at)]);
    }
    world = world.with(vec![entry("alpha", "1", "Alpha", 0)]);
    let count = |world: World, items| {
        let titles = world.each_output(|output| output.items = items).titles();
        (titles.len(), titles.iter().filter(|title| *title == "Alpha").count())
    };
    assert_eq!(count(world.clone(), 20), (20, 1));
    for items in [2, 3, 10, 19] {
        assert_eq!(count(world.clone(), items), (items, 1), "nobody has more than half of a small output first");
    }
    assert_eq!(count(world.clone(), 40), (40, 1));
    // What came in an earlier pass gives way to nobody's twentieth either.
    for (at, story) in world.stories.iter_mut().enumerate() {
        let published = if at == 60 { "2026-11-03T11:00:00Z" } else { "2026-11-03T11:59:00Z" };
        story.first_published = Some(time(published));
        story.date = Some(time("2026-11-03T10:00:00Z"));
        story.members[0].shown = story.first_published;
    }
    assert_eq!(count(world, 40), (40, 1));
}

#[test]
fn a_link_list_is_known_by_its_kind_and_may_lead_elsewhere() {
    let mut listed = entry("links", "1", "Found", 0);
    listed.url = url("https://far.example/1");
    let mut world = World::new().with(vec![listed]);
    assert_eq!(world.source("links").kind, SourceKind::Aggregator);
    assert!(!world.document(Format::Json).contains("(far.example)"));
}
