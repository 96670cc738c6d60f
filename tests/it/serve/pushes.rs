//! The subscriber of WebSub: what it asks hubs, what it answers them, and what becomes of what they push.

use std::fs;
use std::io::{Read as _, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::hub_stand::{Came, Stand, signature};
use super::stand::{Answer, PATIENCE, Service, feed, in_hours, scene, serving, split};
use crate::scene::{Page, Scene};

const TOKEN: &str = "0123456789abcdef0123";
const TOPIC: &str = "https://a.example/feed?x=1&y=2";

/// A feed of `titles` that names `hub` and [`TOPIC`].
fn named(titles: &[&str], hub: &str) -> Page {
    let page = feed(titles);
    let text = String::from_utf8(page.body).unwrap();
    let links = format!(
        "<channel xmlns:atom=\"http://www.w3.org/2005/Atom\"><atom:link rel=\"hub\" href=\"{hub}\"/>\
         <atom:link rel=\"self\" href=\"{}\"/>",
        TOPIC.replace('&', "&amp;")
    );
    Page { body: text.replace("<channel>", &links).into_bytes(), ..page }
}

/// A service with a source that names `hub`, and what it asked the hub.
fn asking(hub: &Stand, more: &str) -> (Scene, Service, Came) {
    let scene = scene(more);
    fs::write(scene.path("token"), TOKEN).unwrap();
    scene.serve("a", named(&["first"], &hub.url("/hub")));
    let service = Service::start(&scene);
    let asked = hub.wait_for(1);
    (scene, service, asked)
}

/// The path of the callback that a hub was given.
fn path(asked: &Came) -> String {
    let callback = asked.fields()["hub.callback"].clone();
    callback.strip_prefix("https://feeds.example.org").unwrap_or_else(|| panic!("{callback}")).to_owned()
}

/// A subscription that was verified: its callback and its secret.
fn verified(hub: &Stand, more: &str) -> (Scene, Service, String, String) {
    let (scene, service, asked) = asking(hub, more);
    let path = path(&asked);
    let answer = verify(&service, &path, "subscribe", TOPIC, "&hub.lease_seconds=864000");
    assert_eq!((answer.status, answer.text().as_str()), (200, "ch all+enge&"));
    (scene, service, path, asked.fields()["hub.secret"].clone())
}

fn verify(service: &Service, path: &str, mode: &str, topic: &str, more: &str) -> Answer {
    let topic: String = url::form_urlencoded::byte_serialize(topic.as_bytes()).collect();
    service.get(&format!("{path}?hub.mode={mode}&hub.topic={topic}&hub.challenge=ch+all%2Benge%26{more}"), &[])
}

/// Sends `body` to `path`, with further lines of a head.
fn push(service: &Service, path: &str, body: &[u8], lines: &[String]) -> Answer {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/rss+xml\r\n\
         Content-Length: {}\r\n{lines}\r\n",
        body.len()
    );
    let mut stream = service.connect();
    // It may have refused already.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    let mut answers = Vec::new();
    let _ = stream.read_to_end(&mut answers);
    split(&answers).into_iter().next_back().expect("an answer")
}

fn signed(method: &str, secret: &str, body: &[u8]) -> Vec<String> {
    vec![format!("X-Hub-Signature: {}", signature(method, secret, body))]
}

fn ask_database<T: rusqlite::types::FromSql>(scene: &Scene, question: &str) -> T {
    let conn = Connection::open(scene.path("data/feedloom.db")).unwrap();
    conn.busy_timeout(PATIENCE).unwrap();
    conn.query_row(question, [], |row| row.get(0)).unwrap()
}

/// T87.
#[test]
fn a_hub_is_asked_verified_and_what_it_pushes_is_published_at_once() {
    let hub = Stand::accepting();
    let (scene, service, asked) = asking(&hub, "");
    let fields = asked.fields();
    let of = |name: &str| fields.get(name).map_or("", String::as_str);
    assert_eq!((of("hub.mode"), of("hub.topic")), ("subscribe", TOPIC));
    assert!(of("hub.lease_seconds").parse::<u32>().unwrap() >= 86_400);
    let secret = of("hub.secret").to_owned();
    assert!(secret.len() >= 32 && secret.len() < 200, "{secret}");
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    let path = path(&asked);
    // Only what was asked is verified.
    for (mode, topic, path) in [
        ("subscribe", "https://a.example/feed", path.as_str()),
        ("unsubscribe", TOPIC, &path),
        ("publish", TOPIC, &path),
        ("subscribe", TOPIC, "/websub/0123456789abcdef0123456789abcdef01234567"),
        ("subscribe", TOPIC, "/websub/"),
    ] {
        assert_eq!(
            verify(&service, path, mode, topic, "&hub.lease_seconds=864000").status,
            404,
            "{mode} {topic} {path}"
        );
    }
    let answer = verify(&service, &path, "subscribe", TOPIC, "&hub.lease_seconds=864000");
    assert_eq!((answer.status, answer.text().as_str()), (200, "ch all+enge&"));
    assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
    assert_eq!(verify(&service, &path, "subscribe", TOPIC, "&hub.lease_seconds=864000").status, 404, "it was verified");
    // A hub sends what is new alone: what is missing stays.
    let requests = scene.requests();
    let body = feed(&["second"]).body;
    let began = Instant::now();
    assert_eq!(push(&service, &path, &body, &signed("sha256", &secret, &body)).status, 202);
    let shown = service.wait_for("/feed.xml", |answer| answer.text().contains("second"));
    println!("pushed and published in {} ms", began.elapsed().as_millis());
    assert!(shown.text().contains("first"));
    assert_eq!(scene.requests(), requests, "nothing was fetched");
    assert_eq!(hub.count(), 1);
    // It is asked once a day from now on.
    assert_eq!(ask_database::<String>(&scene, "SELECT due_rule FROM source"), "pushed");
    assert_eq!(ask_database::<i64>(&scene, "SELECT (due - last_request) / 3600 FROM source"), 24);
    // `status` tells it, and nothing of what only the hub may know.
    let status = String::from_utf8(scene.say(&["status", "a"]).stdout).unwrap();
    assert!(status.contains("  hub  ") && status.contains("(confirmed, for another "), "{status}");
    let json = String::from_utf8(scene.say(&["status", "--json"]).stdout).unwrap();
    assert!(json.contains("\"state\":\"active\""), "{json}");
    assert!(![status, json].iter().any(|said| said.contains(&secret) || said.contains(&path)));
}

/// T87.
#[test]
fn every_method_signs_and_what_is_not_signed_changes_nothing() {
    let hub = Stand::accepting();
    let (_scene, service, path, secret) = verified(&hub, "token = \"file:token\"");
    for (number, method) in ["sha1", "sha256", "sha384", "sha512"].into_iter().enumerate() {
        let title = format!("good{number}");
        let body = feed(&[&title]).body;
        assert_eq!(push(&service, &path, &body, &signed(method, &secret, &body)).status, 202);
        service.wait_for("/feed.xml", |answer| answer.text().contains(&title));
    }
    let body = feed(&["forged"]).body;
    let good = signature("sha256", &secret, &body);
    let unsigned = [
        vec![],
        vec!["X-Hub-Signature:".to_owned()],
        vec![format!("X-Hub-Signature: {}", &good[7..])],
        vec![format!("X-Hub-Signature: {}", good.replace("sha256", "sha512"))],
        vec![format!("X-Hub-Signature: md5={}", "0".repeat(32))],
        vec![format!("X-Hub-Signature: {good}"), format!("X-Hub-Signature: {good}")],
        signed("sha256", "other", &body),
        signed("sha256", &secret, b"another body"),
    ];
    for lines in &unsigned {
        assert_eq!(push(&service, &path, &body, lines).status, 202, "{lines:?}");
    }
    // What came after them is there, and they are not.
    let last = feed(&["last"]).body;
    assert_eq!(push(&service, &path, &last, &signed("sha1", &secret, &last)).status, 202);
    let shown = service.wait_for("/feed.xml", |answer| answer.text().contains("last"));
    assert!(!shown.text().contains("forged"));
    let metrics = service.get("/metrics", &[&format!("Authorization: Bearer {TOKEN}")]).text();
    assert!(metrics.contains("feedloom_websub_pushes_total{result=\"unsigned\"} 8"), "{metrics}");
    assert!(metrics.contains("feedloom_websub_pushes_total{result=\"taken\"} 5"), "{metrics}");
    assert!(metrics.contains("feedloom_websub_subscriptions{state=\"active\"} 1"), "{metrics}");
}

#[test]
fn a_killed_service_is_still_subscribed_and_has_what_was_pushed() {
    let hub = Stand::accepting();
    let (scene, mut service, path, secret) = verified(&hub, "");
    for round in 0..5 {
        let title = format!("round{round}");
        let body = feed(&[&title]).body;
        assert_eq!(push(&service, &path, &body, &signed("sha1", &secret, &body)).status, 202);
        // What was taken is stored: it is published by whoever comes next.
        service.kill();
        service = Service::start(&scene);
        service.wait_for("/feed.xml", |answer| answer.text().contains(&title));
    }
    assert_eq!(hub.count(), 1, "the hub is not asked again");
}

#[test]
fn a_secret_is_nowhere_but_in_the_database_and_at_the_hub() {
    let hub = Stand::accepting();
    let (scene, service, path, secret) = verified(&hub, "access_log = \"log\"");
    let body = feed(&["second"]).body;
    push(&service, &path, &body, &signed("sha1", &secret, &body));
    service.wait_for("/feed.xml", |answer| answer.text().contains("second"));
    let log = fs::read_to_string(scene.path("log")).unwrap();
    let token = path.rsplit('/').next().unwrap();
    for text in [&log, &service.said()] {
        assert!(!text.contains(&secret) && !text.contains(token), "{text}");
    }
    assert!(log.contains("POST /websub/... "), "{log}");
}

#[test]
fn a_hub_that_lies_about_its_lease_is_not_believed() {
    let hub = Stand::accepting();
    for (lease, want) in [("0", 404), ("-5", 404), ("x", 404), ("315360000", 200)] {
        let before = hub.count();
        let scene = scene("");
        scene.serve("a", named(&["first"], &hub.url("/hub")));
        let service = Service::start(&scene);
        let path = path(&hub.wait_for(before + 1));
        let answer = verify(&service, &path, "subscribe", TOPIC, &format!("&hub.lease_seconds={lease}"));
        assert_eq!(answer.status, want, "{lease}");
        let days: Option<i64> = ask_database(&scene, "SELECT (lease_until - unixepoch()) / 86400 FROM subscription");
        assert!(days.is_none_or(|days| days <= 30) && days.is_some() == (want == 200), "{lease}: {days:?}");
    }
}

#[test]
fn a_hub_that_refuses_is_heard_and_the_source_is_fetched_as_before() {
    let hub = Stand::accepting();
    let (scene, service, asked) = asking(&hub, "");
    let path = path(&asked);
    let denied = service.get(
        &format!("{path}?hub.mode=denied&hub.topic=https%3A%2F%2Fa.example%2Ffeed%3Fx%3D1%26y%3D2&hub.reason=not+here"),
        &[],
    );
    assert_eq!(denied.status, 200);
    assert_eq!(ask_database::<String>(&scene, "SELECT problem FROM subscription"), "the hub refuses it: not here");
    assert_eq!(push(&service, &path, b"<rss/>", &[]).status, 410);
    assert_ne!(ask_database::<String>(&scene, "SELECT due_rule FROM source"), "pushed");
    let lines = ["403 Forbidden", "500 Internal Server Error", "302 Found\r\nLocation: /elsewhere"];
    for head in lines {
        let before = hub.count();
        hub.answer(move |_| (head.to_owned(), "no, thanks".to_owned()));
        let scene = self::scene("");
        scene.serve("a", named(&["first"], &hub.url("/hub")));
        let service = Service::start(&scene);
        hub.wait_for(before + 1);
        let began = Instant::now();
        let problem = || ask_database::<Option<String>>(&scene, "SELECT problem FROM subscription");
        while problem().is_none() {
            assert!(began.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(problem().unwrap(), format!("the hub answered {}: no, thanks", &head[..3]));
        service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    }
}

#[test]
fn a_hub_may_send_a_request_on() {
    let hub = Stand::accepting();
    hub.answer(|came| match came.target.as_str() {
        "/hub" => ("308 Permanent Redirect\r\nLocation: /second".to_owned(), String::new()),
        _ => ("202 Accepted".to_owned(), String::new()),
    });
    let (_scene, service, _) = asking(&hub, "");
    let second = hub.wait_for(2);
    assert_eq!(second.target, "/second");
    assert_eq!(verify(&service, &path(&second), "subscribe", TOPIC, "").status, 200);
}

#[test]
fn the_guard_refuses_a_hub_inside_a_network() {
    let hub = Stand::new(|_| ("307 Temporary Redirect\r\nLocation: https://10.1.2.3/".to_owned(), String::new()));
    for address in ["http://10.1.2.3/hub", "http://192.168.0.1/", "http://[::1]:9/", "http://169.254.169.254/", "LOCAL"]
    {
        let address = if address == "LOCAL" { hub.url("/hub") } else { address.to_owned() };
        let scene = scene("");
        scene.serve("a", named(&["first"], &address));
        let service = Service::start(&scene);
        service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
        let began = Instant::now();
        loop {
            let question = "SELECT (SELECT problem FROM subscription WHERE problem IS NOT NULL)";
            if let Some(problem) = ask_database::<Option<String>>(&scene, question) {
                assert!(problem.contains("the address guard refuses"), "{address}: {problem}");
                break;
            }
            assert!(began.elapsed() < PATIENCE, "{address}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn what_leaves_feeds_toml_is_unsubscribed() {
    let hub = Stand::accepting();
    let (scene, service, path, secret) = verified(&hub, "");
    scene.serve("b", feed(&["other"]));
    let file = scene.path("feeds.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("id = \"a\"", "id = \"b\"").replace("/a\"", "/b\"")).unwrap();
    let asked = hub.wait_for(2).fields();
    assert_eq!((asked["hub.mode"].as_str(), asked["hub.topic"].as_str()), ("unsubscribe", TOPIC));
    assert!(!asked.contains_key("hub.secret") && asked["hub.callback"].ends_with(&path));
    let body = feed(&["late"]).body;
    assert_eq!(push(&service, &path, &body, &signed("sha1", &secret, &body)).status, 410);
    assert_eq!(verify(&service, &path, "subscribe", TOPIC, "").status, 404);
    assert_eq!(verify(&service, &path, "unsubscribe", TOPIC, "").status, 200);
    assert_eq!(push(&service, &path, &body, &signed("sha1", &secret, &body)).status, 404);
    assert_eq!(ask_database::<i64>(&scene, "SELECT count(*) FROM subscription"), 0);
}

#[test]
fn a_poll_that_finds_what_was_not_pushed_brings_the_usual_polls_back() {
    let hub = Stand::accepting();
    let (scene, service, path, secret) = verified(&hub, "");
    let body = feed(&["second"]).body;
    push(&service, &path, &body, &signed("sha1", &secret, &body));
    service.wait_for("/feed.xml", |answer| answer.text().contains("second"));
    let rule = || ask_database::<String>(&scene, "SELECT due_rule FROM source");
    let soon = in_hours(1);
    // It finds what it knows: nothing is missing.
    scene.serve("a", named(&["first", "second"], &hub.url("/hub")));
    scene.run_well(&soon);
    assert_eq!(rule(), "pushed");
    scene.serve("a", named(&["first", "second", "third"], &hub.url("/hub")));
    scene.run_well(&soon);
    assert_ne!(rule(), "pushed");
    let body = feed(&["fourth"]).body;
    push(&service, &path, &body, &signed("sha1", &secret, &body));
    service.wait_for("/feed.xml", |answer| answer.text().contains("fourth"));
    assert_eq!(rule(), "pushed");
}

#[test]
fn without_an_address_of_its_own_or_when_it_is_not_wanted_nothing_is_subscribed() {
    let hub = Stand::accepting();
    let without = scene("");
    let file = without.path("feeds.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("link = \"https://feeds.example.org/\"\n", "")).unwrap();
    without.serve("a", named(&["first"], &hub.url("/hub")));
    let service = Service::start(&without);
    service.wait_until_said("[serve] public_url is missing");
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    let off = scene("websub = false");
    off.serve("a", named(&["first"], &hub.url("/hub")));
    let service = Service::start(&off);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    thread::sleep(Duration::from_millis(500));
    assert_eq!(hub.count(), 0);
}

/// T87.
#[test]
fn what_is_pushed_is_bounded_and_what_is_no_feed_changes_nothing() {
    let hub = Stand::accepting();
    let (scene, service, path, secret) = verified(&hub, "");
    drop(service);
    let file = scene.path("feeds.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("[fetch]\n", "[fetch]\nmax_body = \"20KiB\"\n")).unwrap();
    let service = Service::start(&scene);
    service.wait_for("/feed.xml", |answer| answer.status == 200);
    let large = vec![b' '; 30_000];
    assert_eq!(push(&service, &path, &large, &signed("sha1", &secret, &large)).status, 413);
    // Without a length it is counted as it comes.
    let mut stream = service.connect();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7530\r\n");
    stream.write_all(&[head.as_bytes(), &large].concat()).unwrap();
    let mut answers = Vec::new();
    let _ = stream.read_to_end(&mut answers);
    assert_eq!(split(&answers)[0].status, 413);
    for body in [&b""[..], b"<html><body>no feed</body></html>", b"<rss", &[0xff; 100]] {
        assert_eq!(push(&service, &path, body, &signed("sha1", &secret, body)).status, 202);
    }
    let body = feed(&["after"]).body;
    assert_eq!(push(&service, &path, &body, &signed("sha1", &secret, &body)).status, 202);
    let shown = service.wait_for("/feed.xml", |answer| answer.text().contains("after"));
    assert!(shown.text().contains("first"));
    assert_eq!(ask_database::<i64>(&scene, "SELECT failures FROM source"), 0, "a push is no answer of the source");
}

#[test]
fn a_body_is_asked_for_and_waited_for_only_so_long() {
    let hub = Stand::accepting();
    let (_scene, service, path, secret) = verified(&hub, "");
    let body = feed(&["second"]).body;
    let lines = signed("sha1", &secret, &body).concat();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{lines}\r\n\r\n", body.len());
    let mut stream = service.connect();
    stream
        .write_all(head.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut first = [0; 25];
    stream.read_exact(&mut first).unwrap();
    assert!(first.starts_with(b"HTTP/1.1 100 Continue\r\n"), "{}", String::from_utf8_lossy(&first));
    stream.write_all(&body).unwrap();
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).unwrap();
    assert_eq!(split(&answers)[0].status, 202);
    // What is not taken is not asked for.
    let unknown =
        service.raw("POST /websub/00 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(split(&unknown)[0].status, 404);
    let mut slow = service.connect();
    slow.write_all(head.as_bytes()).unwrap();
    slow.write_all(&body[..10]).unwrap();
    let mut answers = Vec::new();
    slow.read_to_end(&mut answers).unwrap();
    assert_eq!(split(&answers)[0].status, 408);
    for method in ["PUT", "DELETE", "HEAD", "OPTIONS"] {
        let answer = service.raw(&format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        let text = String::from_utf8(answer).unwrap();
        assert!(text.starts_with("HTTP/1.1 405") && text.to_lowercase().contains("allow: get, post"), "{text}");
    }
    assert_eq!(service.ask("POST", "/feed.xml", &[]).status, 405, "nothing else can be written");
}

#[test]
fn a_service_without_hubs_has_no_callbacks() {
    let (_scene, service) = serving("");
    service.wait_for("/websub/0a?hub.mode=subscribe&hub.topic=t&hub.challenge=c", |answer| answer.status == 404);
    assert_eq!(push(&service, "/websub/0a", b"<rss/>", &[]).status, 404);
    assert_eq!(verify(&service, "/websub/0a", "subscribe", TOPIC, "").status, 404);
}
