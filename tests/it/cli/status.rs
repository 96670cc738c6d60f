//! `status`, the findings of `check`, and messages that group what has one cause.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::home::{HEAD, Home, KITES, OWLS, ok, rss};
use crate::publisher::{Publisher, Response};

fn broken() -> Response {
    Response::new(500, &[], b"")
}

#[test]
fn the_first_line_says_how_all_of_it_does() {
    let home = Home::empty();
    let (owls, kites) = (home.feed("owls.xml", OWLS), home.feed("kites.xml", KITES));
    home.subscribe(&[("owls", &owls), ("kites", &kites)]);
    home.runs(1, &[]).exits(0);
    let first = |args: &[&str]| home.does(args).exits(0).out.lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(&["status", "--now", "2026-03-02T01:00:30Z"]), "2 sources: 2 ok; last run 30 s ago");
    let all = home.does(&["status", "--now", "2026-03-02T01:00:30Z"]).exits(0);
    assert!(all.out.lines().count() <= 3, "two healthy sources need no more: {}", all.out);
    all.prints(&["4 entries, 4 stories; database ", "; outputs "]);
}

#[test]
fn how_a_document_had_to_be_understood_is_said_once_for_all_whom_it_concerns() {
    let home = Home::empty();
    let item = |n: usize, date: &str, guid: &str| {
        format!(
            "<item><title>Owls {n}</title><link>https://a.example/{n}</link><guid isPermaLink=\"false\">{guid}</guid>\
             <pubDate>{date}</pubDate></item>"
        )
    };
    let document =
        |items: &[String]| format!("<rss version=\"2.0\"><channel><title>a</title>{}</channel></rss>", items.concat());
    let (zoned, known) = ("Sun, 01 Mar 2026 09:00:00 QXT", "Sun, 01 Mar 2026 09:00:00 GMT");
    let feeds = [
        ("zone-a", document(&[item(1, zoned, "1")])),
        ("zone-b", document(&[item(2, zoned, "2"), item(3, known, "3")])),
        ("shared", document(&[item(4, known, "x"), item(5, known, "x"), item(6, known, "x")])),
        ("fine", document(&[item(7, known, "7")])),
    ];
    for (id, text) in &feeds {
        home.write(&format!("{id}.xml"), text);
    }
    let urls: Vec<(&str, String)> = feeds.iter().map(|(id, _)| (*id, format!("file:{id}.xml"))).collect();
    home.subscribe(&urls.iter().map(|(id, url)| (*id, url.as_str())).collect::<Vec<_>>());
    home.runs(2, &[]).exits(0);
    let all = home.does(&["status"]).exits(0);
    all.prints(&[
        "read with care",
        "2 sources: date in an unknown zone, taken by its day: zone-a, zone-b",
        "shared: its entries share their ids: they are told apart by address, title and date",
    ]);
    let out = home.does(&["status"]).exits(0).out;
    assert!(!out.contains("fine"), "{out}");
    home.does(&["status", "shared"]).exits(0).prints(&["share their ids"]);
    home.write("zone-a.xml", &document(&[item(1, known, "1")]));
    home.runs(3, &[]).exits(0);
    home.does(&["status"]).exits(0).prints(&["zone-b: date in an unknown zone"]);
}

#[test]
fn days_without_a_run_are_no_ok() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    let home = Home::new(&[("owls", &publisher.url("/owls"))]);
    home.runs(1, &[]).exits(0);
    let late = home.does(&["status", "--now", "2026-03-25T01:00:00Z"]).exits(0);
    late.prints(&["1 source: 1 ok; last run 23 d ago: is cron running?\n"]);
}

#[test]
fn one_cause_is_one_line_and_what_needs_nobody_yet_stands_apart() {
    let publisher = Publisher::start();
    let mut sources = Vec::new();
    for name in ["a", "b", "c", "d"] {
        publisher.script(&format!("/{name}"), [broken()]);
        sources.push((name, publisher.url(&format!("/{name}"))));
    }
    publisher.script("/fine", [ok(&rss("owls", OWLS))]);
    publisher.script("/late", [ok(&rss("kites", KITES)), ok(&rss("kites", KITES)), broken()]);
    sources.push(("fine", publisher.url("/fine")));
    sources.push(("late", publisher.url("/late")));
    let sources: Vec<(&str, &str)> = sources.iter().map(|(id, url)| (*id, url.as_str())).collect();
    let home = Home::new(&sources);
    home.runs(1, &[]).exits(0);
    home.runs(2, &[]).exits(0);
    // Cron is told of the third miss, in one line.
    let told = home.runs(3, &[]).exits(0);
    assert_eq!(told.said.matches("failed  ").count(), 1, "{}", told.said);
    told.says(&["failed  4 sources: fetch: ", "500", ": a, b, c, d; next attempt after "]);
    let status = home.does(&["status", "--now", "2026-03-02T03:01:00Z"]).exits(0);
    let status = status.prints(&["6 sources: 1 ok, 5 failing", "\nneeds attention\n  4 sources: ", ": a, b, c, d\n"]);
    let (needs, later) = status.out.split_once("failed recently, will be retried automatically").unwrap();
    assert!(later.contains("late: ") && later.contains("failed once") && !needs.contains("late"), "{}", status.out);
    assert!(status.out.contains("feedloom status -v"));
    // One source, and all of them.
    home.does(&["status", "b", "--now", "2026-03-02T03:01:00Z"]).exits(0).prints(&[
        "failing",
        "/b\n",
        "failed 3 times in a row",
        "feeds.toml:",
    ]);
    home.does(&["status", "nobody"]).exits(1).says(&["no source `nobody`", "feedloom status -v"]);
    home.does(&["status", "-v", "--now", "2026-03-02T03:01:00Z"])
        .exits(0)
        .prints(&["last good", "what may be published"]);
    let json = home.does(&["status", "--json"]).exits(0).json();
    assert!(json["database_bytes"].as_u64().unwrap() > 10_000 && json["outputs_bytes"].as_u64().unwrap() > 1_000);
    assert_eq!(json["last_run"], "2026-03-02T03:00:00Z");
}

#[test]
fn every_hint_can_be_pasted_as_it_stands() {
    let home = Home::empty();
    home.write("my own/feeds.toml", &format!("{HEAD}\n[[source]]\nid = \"gone\"\nurl = \"http://127.0.0.1:1/gone\"\n"));
    let at = |args: &[&str]| home.does(&[&["--config", "my own/feeds.toml"], args].concat());
    let mut hints = Vec::new();
    for args in [
        &["status"][..],
        &["run", "--all", "-v"],
        &["status"],
        &["why", "nothing"],
        &["remove", "none"],
        &["takedown", "--undo", "7"],
    ] {
        let done = at(args);
        let text = format!("{}\n{}", done.out, done.said);
        hints.extend(text.lines().filter(|line| line.contains("feedloom ")).map(str::to_owned));
    }
    assert!(hints.len() >= 5, "{hints:?}");
    let mut tried = 0;
    for hint in hints {
        if hint.contains("another feedloom") || hint.contains("demo") {
            continue;
        }
        let command = &hint[hint.find("feedloom ").unwrap() + "feedloom ".len()..];
        assert!(command.contains("--config 'my own/feeds.toml'"), "{hint}");
        if command.contains("WORDS") || command.contains("; ") || command.contains(", ") {
            continue;
        }
        let command = format!("{} {}", env!("CARGO_BIN_EXE_feedloom"), command.trim_end_matches(')'));
        let done = Command::new("sh").arg("-c").arg(&command).current_dir(home.folder.path()).output().unwrap();
        assert_ne!(done.status.code(), Some(2), "{command}: {}", String::from_utf8_lossy(&done.stderr));
        tried += 1;
    }
    assert!(tried >= 3);
}

#[test]
fn check_finds_what_is_valid_and_will_not_do() {
    let home = Home::empty();
    home.write(
        "feeds.toml",
        "link = \"https://x.example/feed.xml\"\n\n[[source]]\nid = \"fast\"\nurl = \"https://a.example/\"\nevery = \"5m\"\n\n\
         [[source]]\nid = \"inner\"\nurl = \"http://192.168.1.4/feed\"\n\n[[source]]\nid = \"pw\"\nurl = \"file:///etc/passwd\"\n",
    );
    home.does(&["check"]).exits(0).says(&[
        "`fast` (line 3)",
        "every = \"30m\"",
        "`inner` (line 8) will be refused",
        "allow = [\"192.168.1.4\"]",
        "`pw` (line 12)",
        "url = \"file:passwd\"",
        "link = \"https://x.example/\"",
    ]);
    home.write("feeds.toml", "[[source]]\nurl = \"wired.com/feed\"\n");
    home.does(&["check"]).exits(2).says(&["it does not begin with https://", "write \"https://wired.com/feed\""]);
}

#[test]
fn what_cannot_be_written_is_told_until_it_can() {
    let home = Home::empty();
    let feed = home.feed("owls.xml", &["Owls"]);
    home.subscribe(&[("owls", &feed)]);
    fs::create_dir_all(home.path("data/public/feed.json/in-the-way")).unwrap();
    home.runs(1, &[]).exits(1).says(&["feed.json"]);
    let told = home.does(&["status"]).exits(0);
    told.prints(&[
        "1 source: 1 ok; last run ",
        "; 1 file not published\n",
        "not published\n  feed.json stays as it was: cannot ",
    ]);
    let json = home.does(&["status", "--json"]).exits(0).json();
    assert_eq!((&json["refused"][0]["file"], &json["refused"][0]["title"]), (&"feed.json".into(), &Value::Null));
    fs::remove_dir_all(home.path("data/public/feed.json")).unwrap();
    home.runs(2, &[]).exits(0);
    let out = home.does(&["status"]).exits(0).out;
    assert!(!out.contains("not published"), "{out}");
}

#[test]
fn what_fits_many_stories_is_told_with_their_number() {
    let home = Home::empty();
    let titles = [
        "Owls return to the bridge of Ulm",
        "A book of owls wins in Lagos",
        "Snowy owls were counted by radar",
        "Who paid for the opera about owls",
        "Owls: seven pictures from Quito",
        "No owls in this winter's budget",
        "Factory named after owls burns down",
    ];
    let feed = home.feed("owls.xml", &titles);
    home.subscribe(&[("owls", &feed)]);
    home.runs(1, &[]).exits(0);
    home.does(&["why", "owls"]).exits(0).says(&["the newest 5 of 7 stories"]);
    home.does(&["join", "owls", "opera"]).exits(1).says(&["\"owls\" fits 7 stories", "… and 2 more"]);
    let one = home.does(&["why", "opera", "--json"]).exits(0);
    assert!(!one.said.contains("the newest"), "{}", one.said);
    let id = one.json()["story"].as_str().unwrap().to_owned();
    home.does(&["why", &format!("https://feeds.example.org/s/{id}.html")]).exits(0).prints(&["opera"]);
}

#[test]
fn what_cannot_be_printed_is_told_and_nobody_who_stops_reading_is_scolded() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    home.runs(1, &[]).exits(0);
    for command in [&["schema"][..], &["man"], &["licenses"], &["status"], &["completions", "bash"]] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let done = home.command(command).stdout(full).output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{command:?}");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(said.contains("cannot write to the standard output: No space left"), "{command:?}: {said}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = home.command(command).stdout(writer).output().unwrap();
        assert_eq!((done.status.code(), done.stderr.len()), (Some(0), 0), "{command:?}");
    }
}
