//! The loop: what makes a pass, what is taken over, and how it ends.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::stand::{PATIENCE, Service, feed, run_beside, scene, serving, split};
use crate::scene::Scene;
use std::io::{Read as _, Write as _};

/// Titles in a feed of ours.
fn titles(text: &str) -> usize {
    text.matches("<item>").count() + text.matches("\"external_url\"").count()
}

#[test]
fn an_edited_feeds_toml_is_taken_over_and_a_wrong_one_changes_nothing() {
    let (scene, service) = serving("");
    scene.serve("b", feed(&["second"]));
    let path = scene.path("feeds.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.clone() + "\n[[source]]\nurl = 5\n").unwrap();
    service.wait_until_said("what was in force stays so");
    assert!(service.said().contains("feeds.toml:"), "{}", service.said());
    assert_eq!(service.get("/feed.xml", &[]).status, 200);
    std::fs::write(&path, format!("{good}\n[[source]]\nid = \"b\"\nurl = \"{}\"\n", scene.url("b"))).unwrap();
    service.wait_for("/feed.xml", |answer| answer.text().contains("second"));
    assert_eq!(service.said().matches("what was in force stays so").count(), 1, "{}", service.said());
}

#[test]
fn a_place_to_listen_that_cannot_be_taken_over_is_told_and_its_return_is_not() {
    let (scene, service) = serving("");
    let file = scene.path("feeds.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let told = || service.said().matches("changes when it is started again").count();
    let taken = || service.said().matches("is taken over").count();
    let other = text.replace("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:9\"");
    let private =
        text.replace("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:0\"\nmetrics_listen = \"127.0.0.1:9\"");
    assert!(other != text && private != text);
    for (number, (text, want)) in
        [(&other, 1), (&text, 1), (&private, 2), (&(private.clone() + "\n"), 2), (&other, 3), (&text, 3)]
            .into_iter()
            .enumerate()
    {
        std::fs::write(&file, text).unwrap();
        let began = Instant::now();
        while taken() <= number {
            assert!(began.elapsed() < PATIENCE, "{number}: {}", service.said());
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(told(), want, "{number}: {}", service.said());
    }
}

#[test]
fn sighup_reads_feeds_toml_again_and_sigterm_ends_it() {
    let (scene, mut service) = serving("access_log = \"log\"");
    service.signal("HUP");
    service.wait_until_said("is taken over");
    assert!(std::fs::read_to_string(scene.path("log")).unwrap().contains("\"GET /feed.xml HTTP/1.1\" 200 "));
    // It was moved away, and is opened anew.
    std::fs::rename(scene.path("log"), scene.path("log.1")).unwrap();
    service.signal("HUP");
    let began = Instant::now();
    while !scene.path("log").exists() {
        assert!(began.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_millis(20));
    }
    service.signal("TERM");
    assert_eq!(service.end(), Some(0), "{}", service.said());
}

#[test]
fn a_pass_that_runs_ends_within_ten_seconds_and_the_next_one_goes_on() {
    let scene = scene("");
    scene.serve("a", feed(&["first"]));
    scene.hold();
    let mut service = Service::start(&scene);
    scene.wait_for_path("a");
    assert_eq!(service.get("/feed.xml", &[]).status, 503, "nothing is published yet");
    assert_eq!(service.get("/healthz", &[]).status, 200);
    assert_eq!(service.get("/readyz", &[]).status, 503);
    let began = Instant::now();
    service.signal("INT");
    assert_eq!(service.end(), Some(0), "{}", service.said());
    assert!(began.elapsed() < Duration::from_secs(10));
    scene.release();
    let service = Service::start(&scene);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    assert_eq!(service.get("/readyz", &[]).status, 200);
}

#[test]
fn an_answer_in_flight_is_finished() {
    let (_scene, mut service) = serving("");
    let mut stream = service.connect();
    stream.write_all(b"GET /feed.xml HTTP/1.1\r\nHost: x\r\n").unwrap();
    thread::sleep(Duration::from_millis(200));
    let mut idle = service.connect();
    // More than the system takes off the service's hands: it waits for who reads slowly.
    let mut slow = service.connect();
    let whole = service.get("/feed.xml", &[]).body;
    let times = 12_000_000 / whole.len();
    slow.write_all("GET /feed.xml HTTP/1.1\r\nHost: x\r\n\r\n".repeat(times).as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(500));
    service.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    stream.write_all(b"\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    // A head that was not whole may be let go, an answer that was begun may not.
    let answers = split(&answer);
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.body.ends_with(b"</rss>\n")), "{answers:?}");
    let mut answer = Vec::new();
    let _ = slow.read_to_end(&mut answer);
    let answers = split(&answer);
    assert!(!answers.is_empty() && answers.iter().all(|answer| answer.body == whole), "{} answers", answers.len());
    let mut nothing = Vec::new();
    let _ = idle.read_to_end(&mut nothing);
    assert!(nothing.is_empty());
    assert_eq!(service.end(), Some(0));
}

#[test]
fn readers_see_the_set_of_one_publish_while_it_changes() {
    let (scene, service) = serving("");
    let service = Arc::new(service);
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (service, is_over) = (Arc::clone(&service), Arc::clone(&is_over));
            thread::spawn(move || {
                let mut rounds = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let before = service.get("/feed.xml", &[]);
                    let between = service.get("/feed.json", &[]);
                    let after = service.get("/feed.xml", &[]);
                    for answer in [&before, &between, &after] {
                        assert_eq!(answer.status, 200);
                        assert_eq!(answer.header("content-length").unwrap(), answer.body.len().to_string());
                    }
                    assert!(before.text().ends_with("</rss>\n"));
                    let counts = [&before, &between, &after].map(|answer| titles(&answer.text()));
                    assert!(counts[0] <= counts[1] && counts[1] <= counts[2], "one set after the other: {counts:?}");
                    rounds += 1;
                }
                rounds
            })
        })
        .collect();
    let names = ["first", "apple", "banana", "cherry", "damson", "elder", "fig"];
    for (hour, count) in (2..=names.len()).enumerate() {
        scene.serve("a", feed(&names[..count]));
        run_beside(&scene, i64::try_from(hour).unwrap());
        service.wait_for("/feed.json", |answer| titles(&answer.text()) == count);
    }
    is_over.store(true, Ordering::Relaxed);
    let rounds: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
    assert!(rounds > 10, "{rounds}");
}

#[test]
fn killed_anywhere_it_goes_on_where_it_was() {
    let scene = scene("");
    let names = ["first", "apple", "banana", "cherry", "damson", "elder", "fig", "grape"];
    let mut state = 7_u64;
    for (round, count) in (1..=names.len()).enumerate() {
        scene.serve("a", feed(&names[..count]));
        let mut service = Service::start(&scene);
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        thread::sleep(Duration::from_millis((state >> 33) % 400));
        service.kill();
        // What is shown after it is never half of a set.
        if round % 3 == 2 {
            let service = Service::start(&scene);
            let json = service.wait_for("/feed.json", |answer| answer.status == 200);
            let xml = service.wait_for("/feed.xml", |answer| titles(&answer.text()) >= titles(&json.text()));
            assert!(xml.text().contains("first"));
        }
    }
    let mut service = Service::start(&scene);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    assert!(!service.said().contains("error"), "{}", service.said());
    service.kill();
    // Nothing was read and then never shown.
    let done = scene.say(&["run", "--all"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let shown = fs::read_to_string(scene.outputs().join("feed.xml")).unwrap();
    for name in names {
        assert_eq!(shown.matches(&format!("<title>{name}")).count(), 1, "{name}: {shown}");
    }
}

/// A service that was killed during a pass, after a takedown of what it shows was noted. Its source `b` never answers.
fn killed_with_a_takedown_noted(more: &str) -> Scene {
    let (scene, mut service) = serving(more);
    scene.serve("b", feed(&["second"]));
    scene.hold_path("b");
    scene.configure(&format!("[[source]]\nid = \"b\"\nurl = \"{}\"\n", scene.url("b")));
    scene.wait_for_path("b");
    let done = scene.say(&["takedown", "https://a.example/first"]);
    assert!(String::from_utf8_lossy(&done.stdout).contains("a run is in progress"));
    service.kill();
    scene
}

#[test]
fn a_takedown_that_a_killed_service_did_not_come_to_is_obeyed_before_anything_is_fetched() {
    let scene = killed_with_a_takedown_noted("");
    let service = Service::start(&scene);
    service.wait_until_said("pass: ");
    let said = service.said();
    let first = said.lines().find(|line| line.starts_with("pass: ")).unwrap();
    assert!(first.contains("0 sources asked"), "{said}");
    let feed = service.get("/feed.xml", &[]);
    assert!(feed.status == 200 && !feed.text().contains("<title>first"), "{}", feed.text());
    scene.release();
}

#[test]
fn a_takedown_that_cannot_be_obeyed_is_not_tried_every_second() {
    let token = "Authorization: Bearer correct horse";
    let scene = killed_with_a_takedown_noted("token = \"file:token\"");
    std::fs::write(scene.path("token"), "correct horse\n").unwrap();
    let mut permissions = std::fs::metadata(scene.database()).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(scene.database(), permissions).unwrap();
    let service = Service::start(&scene);
    let failed = || -> u32 {
        let metrics = service.get("/metrics", &[token]).text();
        let line = metrics.lines().find_map(|line| line.strip_prefix("feedloom_passes_total{result=\"failed\"} "));
        line.map_or(0, |count| count.parse().unwrap())
    };
    let began = Instant::now();
    while failed() == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", service.said());
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(4_500));
    assert_eq!(failed(), 1, "{}", service.said());
    thread::sleep(Duration::from_millis(3_000));
    assert!(failed() > 1, "it is tried again all the same: {}", service.said());
    scene.release();
}
