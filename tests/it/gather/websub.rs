//! The ping of a WebSub hub: after changed bytes only, guarded, and never the end of a run (T88).

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::publisher::{Publisher, Response};
use crate::scene::{Page, Scene, files};

fn feed(entries: usize) -> Page {
    let items: String = (0..entries)
        .map(|n| {
            format!(
                "<item><title>Report {n} on subject{n}</title><link>https://a.example/{n}</link>\
                 <pubDate>Mon, 02 Nov 2026 0{n}:00:00 GMT</pubDate><description>Words of report {n}.</description></item>"
            )
        })
        .collect();
    Page::xml(format!(
        "<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}</channel></rss>"
    ))
}

fn scene(hub: &str) -> Scene {
    let outputs = ["feed.xml", "atom.xml", "feed.json"]
        .map(|file| format!("[[output]]\nfile = \"{file}\"\nhub = {hub:?}\n"))
        .concat();
    let scene = Scene::new(&["a"], &format!("{outputs}[[output]]\nfile = \"plain.xml\"\n"));
    scene.serve("a", feed(2));
    scene
}

fn run_as_json(scene: &Scene, now: &str) -> Value {
    let done = scene.say(&["run", "--all", "--json", "--now", now]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// T88.
#[test]
fn a_hub_is_told_of_changed_bytes_and_of_nothing_else() {
    let hub = Publisher::start();
    hub.script("/hub", [Response::new(204, &[], b"")]);
    let scene = scene(&hub.url("/hub"));
    scene.run_well("2026-11-02T12:00:00Z");
    let asked = hub.take_asked();
    let bodies: Vec<_> = asked.iter().map(|asked| String::from_utf8_lossy(&asked.body)).collect();
    let of = |file| format!("hub.mode=publish&hub.url=https%3A%2F%2Ffeeds.example.org%2F{file}");
    assert_eq!(bodies, [of("feed.xml"), of("atom.xml"), of("feed.json")]);
    for asked in &asked {
        assert!(asked.head.starts_with(b"POST /hub HTTP/1.1\r\n"));
        assert_eq!(asked.header("content-type").as_deref(), Some(&b"application/x-www-form-urlencoded"[..]));
    }
    scene.run_well("2026-11-02T13:00:00Z");
    assert_eq!(hub.take_asked().len(), 0, "nothing changed");
    scene.serve("a", feed(3));
    let done = run_as_json(&scene, "2026-11-02T14:00:00Z");
    assert_eq!(hub.take_asked().len(), 3);
    assert_eq!(done["hubs"].as_array().unwrap().len(), 3);
    assert_eq!(done["hubs"][0]["error"], Value::Null);
}

#[test]
fn what_a_killed_run_could_not_tell_the_next_one_tells() {
    let hub = Publisher::start();
    hub.script("/hub", [Response::new(204, &[], b"").after(Duration::from_secs(30))]);
    let scene = scene(&hub.url("/hub"));
    let mut run = scene.start("2026-11-02T12:00:00Z");
    let began = Instant::now();
    while hub.asked().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(30), "the hub is never told");
        std::thread::sleep(Duration::from_millis(10));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let written = files(&scene.outputs());
    assert_eq!(written.len(), 4, "the hub is told of what is there already");
    hub.take_asked();
    hub.script("/hub", [Response::new(204, &[], b"")]);
    scene.run_well("2026-11-02T13:00:00Z");
    assert_eq!(files(&scene.outputs()), written);
    assert_eq!(hub.take_asked().len(), 3, "all three are news to it");
    scene.run_well("2026-11-02T14:00:00Z");
    assert_eq!(hub.take_asked().len(), 0);
}

#[test]
fn a_hub_that_hangs_holds_up_a_run_for_seconds_and_is_not_asked_again_without_news() {
    let hub = Publisher::start();
    hub.script("/hub", [Response::new(204, &[], b"").after(Duration::from_secs(60))]);
    let output = format!("[[output]]\nfile = \"feed.xml\"\nhub = {:?}\n", hub.url("/hub"));
    let scene = Scene::new(&["a"], &output);
    scene.serve("a", feed(2));
    let began = Instant::now();
    let done = run_as_json(&scene, "2026-11-02T12:00:00Z");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert!(done["hubs"][0]["error"].is_string(), "{done}");
    assert!(scene.outputs().join("feed.xml").exists());
    hub.take_asked();
    scene.run_well("2026-11-02T13:00:00Z");
    assert_eq!(hub.take_asked().len(), 0);
}

#[test]
fn a_takedown_is_news_to_a_hub_at_once() {
    let hub = Publisher::start();
    hub.script("/hub", [Response::new(204, &[], b"")]);
    let scene = scene(&hub.url("/hub"));
    scene.run_well("2026-11-02T12:00:00Z");
    hub.take_asked();
    let done = scene.say(&["takedown", "https://a.example/1", "--now", "2026-11-02T12:30:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(hub.take_asked().len(), 3);
}

#[test]
fn a_feed_with_a_hub_says_so_beside_its_own_address() {
    let hub = Publisher::start();
    hub.script("/hub?a=1&b=2", [Response::new(202, &[], b"")]);
    let address = hub.url("/hub?a=1&b=2");
    let scene = scene(&address);
    scene.run_well("2026-11-02T12:00:00Z");
    let read = |file: &str| fs::read_to_string(scene.outputs().join(file)).unwrap();
    for (file, own) in [("feed.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml")] {
        let links = feed_rs::parser::parse(read(file).as_bytes()).unwrap().links;
        let of = |rel: &str| links.iter().find(|link| link.rel.as_deref() == Some(rel));
        assert_eq!(of("hub").map(|link| &link.href), Some(&address), "{file}");
        assert_eq!(of("self").and_then(|link| link.media_type.as_deref()), Some(own));
        assert_eq!(of("self").map(|link| link.href.as_str()), Some(&*format!("https://feeds.example.org/{file}")));
    }
    let json: Value = serde_json::from_str(&read("feed.json")).unwrap();
    assert_eq!(json["hubs"], serde_json::json!([{"type": "WebSub", "url": address}]));
    assert!(!read("plain.xml").contains("hub"));
}

/// T88.
#[test]
fn a_hub_that_is_down_fails_no_run() {
    let refused = "http://127.0.0.1:1/hub".to_owned();
    let hub = Publisher::start();
    hub.script("/broken", [Response::new(500, &[], b"no")]);
    hub.script("/moved", [Response::new(307, &[("Location", b"/elsewhere")], b"")]);
    hub.script("/silent", [Response::hang_up()]);
    for (address, error) in [
        (refused, "cannot connect to 127.0.0.1"),
        (hub.url("/broken"), "the server answered 500"),
        (hub.url("/moved"), "the server answered 307"),
        (hub.url("/silent"), "broke off"),
    ] {
        let scene = scene(&address);
        let done = run_as_json(&scene, "2026-11-02T12:00:00Z");
        assert!(scene.outputs().join("feed.xml").exists());
        let told = done["hubs"][0]["error"].as_str().unwrap();
        assert!(told.contains(error), "{address}: {told}");
    }
    assert!(hub.asked().iter().all(|asked| asked.path != "/elsewhere"), "a redirect is not followed");
}

#[test]
fn a_hub_is_guarded_as_every_address_is() {
    for address in ["http://10.0.0.1/hub", "http://[::1]:8080/hub", "http://169.254.169.254/", "http://0x7f.1.2.3/"] {
        let scene = scene(address);
        let done = run_as_json(&scene, "2026-11-02T12:00:00Z");
        let told = done["hubs"][0]["error"].as_str().unwrap_or_default().to_owned();
        assert!(told.contains("address guard"), "{address}: {told}");
    }
}

#[test]
fn a_failed_ping_is_one_line_to_a_person() {
    let scene = scene("http://127.0.0.1:1/hub");
    let done = scene.say(&["-v", "run", "--all", "--now", "2026-11-02T12:00:00Z"]);
    assert_eq!(done.status.code(), Some(0));
    let said = String::from_utf8_lossy(&done.stderr);
    let lines: Vec<_> = said.lines().filter(|line| line.contains("could not be pinged")).collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].contains("http://127.0.0.1:1/hub") && lines[0].contains("https://feeds.example.org/feed.xml"));
}
