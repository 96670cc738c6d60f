//! The program as its first user meets it: what it prints, how it exits, and what it leaves on the disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::home::{HEAD, Home, KITES, OWLS, ok, rss};
use crate::publisher::{Publisher, Response};
use crate::scene::files;

#[test]
fn the_demo_needs_nothing_and_shows_it_all() {
    let home = Home::empty();
    let done = home.does(&["demo", "--dir", "demo"]).exits(0);
    let shared = done.out.lines().find_map(|line| line.strip_prefix("Covered by several outlets: ")).unwrap();
    assert!(shared.parse::<u32>().unwrap() >= 6, "{shared}");
    done.prints(&["\nBroken\n", "the server answered 404", "feedloom init", "feedloom run", " why "]);
    let public = files(&home.path("demo/data/public"));
    let names: Vec<&str> = public.keys().map(String::as_str).filter(|name| !name.contains('/')).collect();
    assert!(public.keys().filter(|name| name.starts_with("archive/20")).count() >= 2, "pages of single days");
    assert_eq!(names, ["about.html", "atom.xml", "feed.json", "feed.xml", "index.html", "sources.opml"]);
    // A link list that points at the leading article, by another form of its address, is linked at its discussion.
    let page = String::from_utf8(public["index.html"].0.clone()).unwrap();
    let outlet = "<a href=\"https://stacklist.example/item?id=90412\">Stacklist</a>";
    assert!(page.contains(outlet));
    // What it says to type next works.
    home.does(&["--config", "demo/feeds.toml", "status"]).exits(0).prints(&["failing", "15 sources"]);
    home.does(&["--config", "demo/feeds.toml", "run"]).exits(0).silent();
}

#[test]
fn nothing_reachable_and_nothing_stored_is_told_source_by_source() {
    let home = Home::new(&[("owls", "http://127.0.0.1:1/owls"), ("kites", "http://127.0.0.1:1/kites")]);
    let done = home.runs(1, &[]).exits(1);
    done.says(&["failed  2 sources: fetch: ", ": owls, kites; ", "hint: ", "feedloom demo"])
        .says(&["next attempt after 20", " UTC (it failed; the wait doubles with each failure)"]);
    for file in ["feed.xml", "atom.xml", "feed.json", "index.html"] {
        assert!(!home.path("data/public").join(file).exists(), "{file} is published empty");
    }
    // Nothing is due any more: that is no failure.
    home.does(&["run", "--now", "2026-03-02T01:00:30Z"]).exits(0).silent();
}

#[test]
fn a_connection_error_is_one_short_sentence() {
    let home = Home::new(&[("owls", "http://127.0.0.1:1/owls")]);
    let done = home.runs(1, &[]).exits(1).says(&["refused"]);
    assert!(!done.said.contains("client error"), "{}", done.said);
}

/// T77.
#[test]
fn when_all_fails_after_a_good_run_the_outputs_stay() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("owls", OWLS)), Response::new(500, &[], b"")]);
    let home = Home::new(&[("owls", &publisher.url("/owls"))]);
    home.runs(1, &[]).exits(0).silent();
    let before = home.outputs();
    assert_eq!(before.keys().filter(|name| !name.contains('/')).count(), 6);
    home.runs(2, &[]).exits(1).says(&["failed  owls: fetch: the server answered 500"]);
    assert_eq!(home.outputs(), before);
    home.runs(3, &["--strict"]).exits(3);
    assert_eq!(home.outputs(), before);
}

#[test]
fn nothing_new_is_silent_and_touches_no_file() {
    let home = Home::empty();
    let (owls, kites) = (home.feed("owls.xml", OWLS), home.feed("kites.xml", KITES));
    home.subscribe(&[("owls", &owls), ("kites", &kites)]);
    home.runs(1, &[]).exits(0).silent();
    let before = home.outputs();
    for hour in 2..5 {
        home.runs(hour, &[]).exits(0).silent();
    }
    home.does(&["run", "--offline"]).exits(0).silent();
    assert_eq!(home.outputs(), before);
}

#[test]
fn cron_hears_of_the_third_miss_once_and_once_that_it_is_back() {
    let publisher = Publisher::start();
    let broken = || Response::new(500, &[], b"");
    let answers = [ok(&rss("owls", OWLS)), broken(), broken(), broken(), broken(), broken(), ok(&rss("owls", KITES))];
    publisher.script("/owls", answers);
    publisher.script("/kites", [ok(&rss("kites", KITES))]);
    let home = Home::new(&[("owls", &publisher.url("/owls")), ("kites", &publisher.url("/kites"))]);
    let mut told = Vec::new();
    for hour in 1..10 {
        let done = home.runs(hour, &[]).exits(0);
        assert_eq!(done.out, "");
        if !done.said.is_empty() {
            told.push((hour, done.said.split_whitespace().next().unwrap().to_owned()));
        }
    }
    assert_eq!(told, [(4, "failed".to_owned()), (7, "back".to_owned())]);
}

#[test]
fn a_run_as_json_has_every_source() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls), ("gone", "http://127.0.0.1:1/")]);
    let done = home.runs(1, &["--json", "--strict"]).exits(3).json();
    let outcome = |at: usize| (done["sources"][at]["id"].as_str(), done["sources"][at]["outcome"].as_str());
    assert_eq!(outcome(0), (Some("owls"), Some("read")));
    assert_eq!(outcome(1), (Some("gone"), Some("failed")));
    assert_eq!(done["sources"][1]["stage"], "fetch");
    assert_eq!(done["outputs"].as_array().unwrap().len(), 6);
}

#[test]
fn a_wrong_feeds_toml_makes_nothing() {
    let home = Home::empty();
    home.write("feeds.toml", "[[source]]\nurl = \"https://a.example/\"\nnmae = \"A\"\nevery = \"30\"\n");
    let before = home.disk();
    for command in ["run", "check", "status", "publish", "gather"] {
        home.does(&[command]).exits(2).says(&["feeds.toml:3", "feeds.toml:4", "name"]);
    }
    assert_eq!(home.disk(), before);
}

#[test]
fn a_missing_feeds_toml_names_the_next_step() {
    let home = Home::empty();
    for command in ["run", "check", "status"] {
        let told = home.does(&[command]).exits(2).says(&["there is no feeds.toml", "feedloom init"]);
        let (here, own) = (home.path("feeds.toml"), home.path("no-config/feedloom/feeds.toml"));
        let here = fs::canonicalize(here.parent().unwrap()).unwrap().join("feeds.toml");
        told.says(&[&format!("it was looked for at {} and {};", here.display(), own.display())]);
    }
    // Nobody wants a starter where another one was to be compared with.
    home.write("feeds.toml", &format!("{HEAD}\n[[source]]\nurl = \"https://a.example/\"\n"));
    let with = home.does(&["run", "--dry-run", "--with", "other.toml"]).exits(2).says(&["there is no other.toml"]);
    assert!(!with.said.contains("init"), "{}", with.said);
    fs::remove_file(home.path("feeds.toml")).unwrap();
    let other = home.does(&["--config", "my feeds.toml", "run"]).exits(2);
    other.says(&["feedloom init --config 'my feeds.toml'"]);
    assert!(home.disk().is_empty());
}

#[test]
fn init_writes_a_starter_that_checks_and_never_overwrites() {
    let home = Home::empty();
    home.does(&["init"]).exits(0).says(&["feedloom run"]);
    home.does(&["check"]).exits(0).prints(&["is fine", "12 sources"]);
    let before = home.disk();
    home.does(&["init"]).exits(1).says(&["feeds.toml", "nothing was changed"]);
    assert_eq!(home.disk(), before);
    // Also into a folder that is not there yet; its hints name the place.
    let path = home.path("config/feedloom/feeds.toml").display().to_string();
    home.does(&["init", "--config", &path]).exits(0).says(&[&format!("feedloom run --config {path}")]);
    home.does(&["init", "--config", &path]).exits(1).says(&[&format!("feedloom check --config {path}")]);
}

#[test]
fn a_dry_run_changes_nothing() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    let before = home.disk();
    home.does(&["run", "--dry-run"]).exits(0).prints(&["would fetch owls: file://", "data/feedloom.db"]);
    assert_eq!(home.disk(), before, "before the first run");
    home.runs(1, &[]).exits(0);
    home.feed("owls.xml", KITES);
    let before = home.disk();
    let done = home.does(&["run", "--dry-run", "--now", "2026-03-02T02:00:00Z"]).exits(0);
    done.prints(&["would fetch owls", "would keep", "feed.xml"]);
    fs::remove_file(home.path("data/public/feed.xml")).unwrap();
    home.does(&["run", "--dry-run", "--offline"]).exits(0).prints(&["would write", "feed.xml (2 items)"]);
    home.does(&["status"]).exits(0);
    home.does(&["why", "owls"]).exits(0);
    let mut without = before;
    without.remove(&home.path("data/public/feed.xml"));
    assert_eq!(home.disk(), without, "after the first run");
}

#[test]
fn a_second_run_at_the_same_time_is_told_to_wait() {
    let home = Home::new(&[]);
    home.write("data/feedloom.db.lock", "");
    let lock = fs::File::options().write(true).open(home.path("data/feedloom.db.lock")).unwrap();
    lock.try_lock().unwrap();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    home.does(&["run"]).exits(75).says(&["another feedloom is at work", "hint: "]);
    drop(lock);
    home.runs(1, &[]).exits(0).silent();
}

#[test]
fn what_cannot_be_written_is_named_and_left() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    // The output folder is a file.
    home.write("data/public", "mine");
    home.runs(1, &[]).exits(1).says(&["data/public"]);
    assert_eq!(fs::read_to_string(home.path("data/public")).unwrap(), "mine");
    fs::remove_file(home.path("data/public")).unwrap();
    home.runs(2, &[]).exits(0).silent();
    assert_eq!(home.titles().len(), 2);
}

#[test]
fn outputs_that_fail_for_one_reason_are_one_message() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    home.write("data/public", "mine");
    let told = home.runs(1, &[]).exits(1).says(&["error: ", "  and so ", " more: atom.xml, feed.json, "]);
    assert_eq!(told.said.matches("error: ").count(), 1, "one cause, once: {}", told.said);
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    home.write("data", "a file where the folder should be");
    let before = home.disk();
    home.runs(1, &[]).exits(1).says(&["data", "hint: "]);
    assert_eq!(home.disk(), before);
}

/// T74: read-only.
#[test]
fn a_read_only_database_is_named_and_left() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    home.runs(1, &[]).exits(0);
    let path = home.path("data/feedloom.db");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let before = home.disk();
    home.runs(2, &[]).exits(1).says(&["feedloom.db is read-only", "chmod u+w"]);
    assert_eq!(home.disk(), before);
    home.does(&["status", "owls"]).exits(0).prints(&["owls"]);
}

/// T74: of another program, empty, garbage.
#[test]
fn a_database_that_is_not_ours_is_left() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    home.write("data/feedloom.db", "");
    fs::remove_file(home.path("data/feedloom.db")).unwrap();
    let other = rusqlite::Connection::open(home.path("data/feedloom.db")).unwrap();
    other.execute_batch("CREATE TABLE mine (a); INSERT INTO mine VALUES (1);").unwrap();
    drop(other);
    let foreign = home.disk();
    for command in ["run", "status", "publish"] {
        home.does(&[command]).exits(1).says(&["is not a feedloom database", "another program", "mv "]);
    }
    assert_eq!(home.disk(), foreign);
    for garbage in ["", "garbage", &"garbage ".repeat(100)] {
        home.write("data/feedloom.db", garbage);
        let before = home.disk();
        home.does(&["run"]).exits(1).says(&["is not a feedloom database", "nothing was changed"]);
        assert_eq!(home.disk(), before);
    }
}

/// T81.
#[test]
fn a_source_taken_out_takes_its_items_along_and_no_others() {
    let home = Home::empty();
    let (owls, kites) = (home.feed("owls.xml", OWLS), home.feed("kites.xml", KITES));
    home.subscribe(&[("owls", &owls), ("kites", &kites)]);
    home.runs(1, &[]).exits(0).silent();
    assert_eq!(home.titles().len(), 4);
    let item = |home: &Home| {
        let text = fs::read_to_string(home.path("data/public/feed.xml")).unwrap();
        text.split("<item>")
            .find(|item| item.contains("Kite maker"))
            .unwrap()
            .split("</item>")
            .next()
            .unwrap()
            .to_owned()
    };
    let kept = item(&home);
    home.subscribe(&[("kites", &kites)]);
    home.runs(2, &[]).exits(0).silent();
    let mut titles = home.titles();
    titles.sort();
    assert_eq!(titles, ["Bridge painted in one night", "Kite maker opens a school"]);
    assert_eq!(item(&home), kept);
    for (name, (bytes, _)) in home.outputs() {
        assert!(!String::from_utf8(bytes).unwrap().contains("owls.example"), "{name}");
    }
}

#[test]
fn status_tells_what_is_known() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls), ("gone", "http://127.0.0.1:1/")]);
    home.does(&["status"]).exits(1).says(&["there is no database", "feedloom run"]);
    home.runs(1, &[]).exits(0);
    let at = |minute: &str| format!("2026-03-02T01:{minute}:00Z");
    home.does(&["status", "--now", &at("30")]).exits(0).prints(&["gone: ", "failing", "failed once", "2 stories"]);
    let known = home.does(&["status", "--json", "--now", &at("30")]).exits(0).json();
    assert_eq!(known["stories"], 2);
    assert_eq!(known["sources"][0]["failures"], 0);
    assert_eq!(known["sources"][1]["failures"], 1);
    home.does(&["status", "--fail-if-older", "20m", "--now", &at("10")]).exits(0);
    home.does(&["status", "--fail-if-older", "20m", "--now", &at("30")]).exits(1);
}

#[test]
fn why_finds_a_story_by_id_address_and_title() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", OWLS);
    home.subscribe(&[("owls", &owls)]);
    home.runs(1, &[]).exits(0);
    let found = home.does(&["why", "to", "juggle", "--json"]).exits(0).json();
    let id = found["story"].as_str().unwrap().to_owned();
    for what in [id.as_str(), "https://owls.example/owls-learn-to-juggle", "owls learn to juggle"] {
        home.does(&["why", what]).exits(0).prints(&["Owls learn to juggle", &id, "https://owls.example/"]);
    }
    home.does(&["why", "zebra"]).exits(1).says(&["no story", "zebra"]);
}

#[test]
fn completions_name_the_commands() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish"] {
        home.does(&["completions", shell]).exits(0).prints(&["feedloom", "status", "demo"]);
    }
}

#[test]
fn wrong_usage_is_2() {
    let home = Home::empty();
    for args in
        [&["rnu"][..], &["run", "--alll"], &["run", "--all", "--with", "other.toml"], &["demo", "--serve", "0.0.0.0:1"]]
    {
        home.does(args).exits(2).says(&["error: "]);
    }
    assert!(!Path::new(&home.path("data")).exists());
}

/// A private feed's address, in feeds.toml or in the environment: no output shows it, nor does anything printed.
#[test]
fn the_token_of_a_private_feed_stays_inside() {
    const SECRET: &str = "s3cr3tT0kenABCDEF";
    let publisher = Publisher::start();
    for (key, from_environment) in [("token", false), ("auth", false), ("api_key", false), ("page", true)] {
        let path = format!("/feed?{key}={SECRET}");
        publisher.script(&path, [ok(&rss("owls", OWLS)), ok(&rss("owls", OWLS))]);
        let home = Home::empty();
        let address = publisher.url(&path);
        home.subscribe(&[("owls", if from_environment { "env:OWLS_FEED" } else { &address })]);
        let subscribed = std::fs::read_to_string(home.path("feeds.toml")).unwrap();
        home.write("feeds.toml", &(subscribed + "\n[defaults]\nmax_age = \"none\"\n"));
        let mut shown = String::new();
        for args in [&["run", "--all", "-v", "--json"][..], &["status"], &["status", "--json"], &["run", "--dry-run"]] {
            let done = home.command(args).env("OWLS_FEED", &address).output().unwrap();
            assert_eq!(done.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
            if from_environment {
                shown += &String::from_utf8_lossy(&[done.stdout, done.stderr].concat());
            }
        }
        assert!(!shown.contains(SECRET), "{shown}");
        let outputs = home.outputs();
        assert!(outputs.contains_key("feed.xml") && outputs.contains_key("sources.opml"));
        for (name, (bytes, _)) in outputs {
            assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "{name} shows {key}");
        }
    }
}
