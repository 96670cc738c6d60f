//! The hub of WebSub: whom it takes, what it asks them, and what it delivers.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::hub_stand::{Came, Stand, signature};
use super::stand::{Answer, PATIENCE, Service, feed, run_beside, scene, serving};
use crate::scene::Scene;

const TOPIC: &str = "https://feeds.example.org/feed.xml";
const HUB: &str = "hub = true";

/// Asks the hub; the status of its answer.
fn ask(service: &Service, mode: &str, callback: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("hub.mode", mode).append_pair("hub.callback", callback);
    if !more.iter().any(|(name, _)| *name == "hub.topic") {
        form.append_pair("hub.topic", TOPIC);
    }
    send(service, &form.extend_pairs(more).finish(), "application/x-www-form-urlencoded")
}

fn send(service: &Service, form: &str, media_type: &str) -> Answer {
    let head = format!(
        "POST /hub HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    super::stand::split(&service.raw(&(head + form))).into_iter().next_back().unwrap()
}

/// Answers what is to be confirmed with the challenge, and deliveries with `delivered`.
fn confirming(delivered: &'static str) -> Stand {
    Stand::new(move |came| {
        if came.is_get() {
            ("200 OK".to_owned(), came.query().get("hub.challenge").cloned().unwrap_or_default())
        } else {
            (delivered.to_owned(), String::new())
        }
    })
}

/// How many rows `table` has.
fn rows(scene: &Scene, table: &str) -> i64 {
    let conn = rusqlite::Connection::open(scene.path("data/feedloom.db")).unwrap();
    conn.busy_timeout(PATIENCE).unwrap();
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn subscribers(scene: &Scene) -> i64 {
    rows(scene, "hub_subscriber")
}

#[track_caller]
fn wait_for_rows(scene: &Scene, table: &str, count: i64) {
    let began = Instant::now();
    while rows(scene, table) != count {
        assert!(began.elapsed() < PATIENCE, "{table} has {} and not {count} rows", rows(scene, table));
        thread::sleep(Duration::from_millis(20));
    }
}

#[track_caller]
fn wait_for_subscribers(scene: &Scene, count: i64) {
    wait_for_rows(scene, "hub_subscriber", count);
}

/// Has the service publish a feed with these titles.
fn publish(scene: &Scene, titles: &[&str], hour: i64) {
    scene.serve("a", feed(titles));
    run_beside(scene, hour);
}

/// A service that is a hub, and has published.
fn hub() -> (Scene, Service) {
    let (scene, service) = serving(HUB);
    service.wait_for("/feed.xml", |answer| answer.header("link").is_some_and(|link| link.contains("hub")));
    wait_until_open(&service);
    (scene, service)
}

/// As long as it does not know its subscribers, it has no room; then this address is one that it never calls.
fn wait_until_open(service: &Service) {
    let began = Instant::now();
    while ask(service, "subscribe", "http://10.0.0.1/", &[]).status != 403 {
        assert!(began.elapsed() < PATIENCE, "{}", service.said());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn feeds_name_their_hub_and_themselves() {
    let (_scene, service) = hub();
    for (file, inside) in [
        ("feed.xml", "<atom:link href=\"https://feeds.example.org/hub\" rel=\"hub\""),
        ("atom.xml", "<link rel=\"hub\" href=\"https://feeds.example.org/hub\""),
        ("feed.json", "\"url\": \"https://feeds.example.org/hub\""),
    ] {
        let answer = service.get(&format!("/{file}"), &[]);
        assert!(answer.text().contains(inside), "{file}: {}", answer.text());
        let want =
            format!("<https://feeds.example.org/hub>; rel=\"hub\", <https://feeds.example.org/{file}>; rel=\"self\"");
        assert_eq!(answer.header("link"), Some(want.as_str()));
    }
    assert_eq!(service.get("/", &[]).header("link"), None);
    assert_eq!(service.get("/hub", &[]).status, 200);
    let (_scene, service) = serving("");
    assert_eq!(
        service.get("/feed.xml", &[]).header("link"),
        Some("<https://feeds.example.org/feed.xml>; rel=\"self\"")
    );
    assert_eq!(ask(&service, "subscribe", "http://127.0.0.1:9/", &[]).status, 405, "it is no hub");
}

#[test]
fn a_kill_while_a_callback_is_to_confirm_loses_nothing() {
    let (scene, mut service) = hub();
    let is_up = Arc::new(AtomicBool::new(false));
    let answers = Arc::clone(&is_up);
    let reader = Stand::new(move |came| {
        let challenge = came.query().get("hub.challenge").cloned().unwrap_or_default();
        if !answers.load(Ordering::Relaxed) {
            // The service is killed before it hears.
            thread::sleep(PATIENCE);
        }
        ("200 OK".to_owned(), challenge)
    });
    assert_eq!(ask(&service, "subscribe", &reader.url("/cb"), &[("hub.secret", "sesame")]).status, 202);
    reader.wait_for(1);
    service.kill();
    assert_eq!((rows(&scene, "hub_petition"), subscribers(&scene)), (1, 0));
    is_up.store(true, Ordering::Relaxed);
    let mut service = Service::start(&scene);
    wait_for_subscribers(&scene, 1);
    assert_eq!((rows(&scene, "hub_petition"), reader.wait_for(2).query()["hub.mode"].as_str()), (0, "subscribe"));
    // The same for its end; what is not confirmed is not kept either.
    wait_until_open(&service);
    is_up.store(false, Ordering::Relaxed);
    assert_eq!(ask(&service, "unsubscribe", &reader.url("/cb"), &[]).status, 202);
    reader.wait_for(3);
    service.kill();
    is_up.store(true, Ordering::Relaxed);
    let service = Service::start(&scene);
    wait_for_subscribers(&scene, 0);
    wait_until_open(&service);
    let silent = Stand::new(|_| ("404 Not Found".to_owned(), String::new()));
    assert_eq!(ask(&service, "subscribe", &silent.url("/cb"), &[]).status, 202);
    silent.wait_for(1);
    wait_for_rows(&scene, "hub_petition", 0);
    assert_eq!(subscribers(&scene), 0);
}

#[test]
fn what_waits_for_an_output_that_is_gone_waits_for_nothing() {
    let (scene, mut service) = hub();
    service.kill();
    let reader = Stand::accepting();
    let conn = rusqlite::Connection::open(scene.path("data/feedloom.db")).unwrap();
    conn.execute(
        "INSERT INTO hub_petition (callback, topic, wish, lease_s)
         VALUES (?1, 'https://feeds.example.org/gone.xml', 'subscribe', 3600)",
        [reader.url("/cb")],
    )
    .unwrap();
    drop(conn);
    let service = Service::start(&scene);
    wait_for_rows(&scene, "hub_petition", 0);
    wait_until_open(&service);
    assert_eq!((reader.count(), subscribers(&scene)), (0, 0), "nobody is called for it");
}

#[test]
fn a_call_at_which_the_service_dies_again_and_again_is_not_made_for_ever() {
    let (scene, mut service) = hub();
    let silent = Stand::new(|_| {
        thread::sleep(PATIENCE);
        ("404 Not Found".to_owned(), String::new())
    });
    assert_eq!(ask(&service, "subscribe", &silent.url("/cb"), &[]).status, 202);
    for call in 1..=4 {
        silent.wait_for(call);
        service.kill();
        service = Service::start(&scene);
    }
    wait_for_rows(&scene, "hub_petition", 0);
}

#[test]
fn a_subscriber_confirms_is_sent_each_change_and_leaves() {
    let (scene, mut service) = hub();
    let reader = confirming("204 No Content");
    let callback = reader.url("/cb?x=1%20y");
    let asked = ask(&service, "subscribe", &callback, &[("hub.secret", "sesame"), ("hub.lease_seconds", "3600")]);
    assert_eq!((asked.status, asked.text().as_str()), (202, ""));
    let confirmed = reader.wait_for(1);
    assert!(confirmed.target.starts_with("/cb?x=1%20y&hub.mode=subscribe"), "{}", confirmed.target);
    let query = confirmed.query();
    assert_eq!((query["hub.topic"].as_str(), query["hub.lease_seconds"].as_str()), (TOPIC, "3600"));
    assert!(query["hub.challenge"].len() >= 32);
    wait_for_subscribers(&scene, 1);
    publish(&scene, &["first", "second"], 1);
    let sent = reader.wait_for(2);
    let shown = service.get("/feed.xml", &[]);
    assert_eq!((sent.target.as_str(), &sent.body), ("/cb?x=1%20y", &shown.body));
    assert_eq!(sent.headers["content-type"], "application/rss+xml; charset=utf-8");
    assert_eq!(sent.headers["link"], shown.header("link").unwrap());
    assert_eq!(sent.headers["x-hub-signature"], signature("sha256", "sesame", &sent.body));
    // A kill forgets nobody.
    service.kill();
    let service = Service::start(&scene);
    service.wait_for("/feed.xml", |answer| answer.status == 200);
    publish(&scene, &["first", "second", "third"], 2);
    // What a kill kept from being noted as delivered is delivered again.
    let mut count = 3;
    while !String::from_utf8_lossy(&reader.wait_for(count).body).contains("third") {
        count += 1;
    }
    // Asked again, it is replaced.
    assert_eq!(ask(&service, "subscribe", &callback, &[("hub.secret", "other")]).status, 202);
    assert_eq!(reader.wait_for(count + 1).query()["hub.lease_seconds"], "864000");
    thread::sleep(Duration::from_millis(300));
    wait_for_subscribers(&scene, 1);
    publish(&scene, &["first", "second", "third", "fourth"], 3);
    let sent = reader.wait_for(count + 2);
    assert_eq!(sent.headers["x-hub-signature"], signature("sha256", "other", &sent.body));
    assert_eq!(ask(&service, "unsubscribe", &callback, &[]).status, 202);
    let query = reader.wait_for(count + 3).query();
    assert!(query["hub.mode"] == "unsubscribe" && !query.contains_key("hub.lease_seconds"));
    wait_for_subscribers(&scene, 0);
}

#[test]
fn a_callback_that_does_not_confirm_exactly_is_not_subscribed() {
    let (scene, service) = hub();
    type Lie = fn(&Came) -> (String, String);
    let lies: [Lie; 6] = [
        |_| ("200 OK".to_owned(), "x".to_owned()),
        |_| ("200 OK".to_owned(), String::new()),
        |came| ("200 OK".to_owned(), came.query()["hub.challenge"].clone() + "\n"),
        |came| ("200 OK".to_owned(), came.query()["hub.challenge"][1..].to_owned()),
        |came| ("404 Not Found".to_owned(), came.query()["hub.challenge"].clone()),
        |came| ("302 Found\r\nLocation: /yes".to_owned(), came.query()["hub.challenge"].clone()),
    ];
    let reader = Stand::accepting();
    for (number, lie) in lies.into_iter().enumerate() {
        reader.answer(lie);
        assert_eq!(ask(&service, "subscribe", &reader.url("/cb"), &[]).status, 202);
        reader.wait_for(number + 1);
    }
    thread::sleep(Duration::from_millis(300));
    assert_eq!((reader.count(), subscribers(&scene)), (6, 0), "nothing is followed and nobody is subscribed");
    // Nor is one unsubscribed by somebody else.
    let honest = confirming("200 OK");
    assert_eq!(ask(&service, "subscribe", &honest.url("/cb"), &[]).status, 202);
    wait_for_subscribers(&scene, 1);
    honest.answer(|_| ("404 Not Found".to_owned(), String::new()));
    assert_eq!(ask(&service, "unsubscribe", &honest.url("/cb"), &[]).status, 202);
    honest.wait_for(2);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(subscribers(&scene), 1);
}

#[test]
fn what_the_hub_is_asked_is_checked() {
    let (_scene, service) = hub();
    let secret = "x".repeat(200);
    let good = "http://127.0.0.1:9/";
    for (mode, callback, more, want) in [
        ("publish", good, &[][..], 400),
        ("subscribe", "ftp://127.0.0.1/", &[], 400),
        ("subscribe", "http://me:pw@127.0.0.1/", &[], 400),
        ("subscribe", good, &[("hub.secret", secret.as_str())], 400),
        ("subscribe", good, &[("hub.lease_seconds", "x")], 400),
        ("subscribe", good, &[("hub.lease_seconds", "1.5")], 400),
        ("subscribe", good, &[("hub.mode", "subscribe")], 400),
        ("subscribe", good, &[("hub.callback", "http://127.0.0.1:9/other")], 400),
        ("SUBSCRIBE", good, &[], 400),
        ("subscribe", "http://127.0.0.1:9/#", &[], 400),
        ("subscribe", good, &[("hub.topic", "HTTPS://feeds.example.org/feed.xml")], 404),
        ("subscribe", good, &[("hub.topic", "/feed.xml")], 404),
        ("unsubscribe", good, &[("hub.topic", "https://feeds.example.org/other.xml")], 404),
        ("subscribe", good, &[("hub.topic", "https://feeds.example.org/other.xml")], 404),
        ("subscribe", good, &[("hub.topic", "https://feeds.example.org/index.html")], 404),
        ("subscribe", "http://10.0.0.1/", &[], 403),
        ("subscribe", "http://[::1]/", &[], 403),
        ("subscribe", "http://0/", &[], 403),
        ("subscribe", "http://0x7f000002/", &[], 403),
        ("subscribe", "http://2130706434/", &[], 403),
        ("subscribe", "http://[::ffff:10.0.0.1]/", &[], 403),
        ("subscribe", "http://[64:ff9b::a00:1]/", &[], 403),
        ("subscribe", "http://[2002:a00:1::]/", &[], 403),
        ("subscribe", "http://100.64.0.1/", &[], 403),
        ("subscribe", "http://169.254.169.254/latest", &[], 403),
        ("subscribe", "https://x.example:22/", &[], 403),
    ] {
        let answer = ask(&service, mode, callback, more);
        assert_eq!(answer.status, want, "{mode} {callback} {more:?}: {}", answer.text());
    }
    assert_eq!(send(&service, "{}", "application/json").status, 415);
    assert_eq!(send(&service, &"x".repeat(20_000), "application/x-www-form-urlencoded").status, 413);
    let refused = service.ask("PUT", "/hub", &[]);
    assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD, OPTIONS, POST")));
}

#[test]
fn whoever_looks_at_the_hub_is_told_what_it_is() {
    let (_scene, service) = hub();
    let (shown, head) = (service.get("/hub", &[]), service.ask("HEAD", "/hub", &[]));
    assert_eq!((shown.status, head.status, head.body.len()), (200, 200, 0));
    assert_eq!(head.header("content-length"), Some(shown.body.len().to_string().as_str()));
    let options = service.ask("OPTIONS", "/hub", &[]);
    assert_eq!((options.status, options.header("allow")), (204, Some("GET, HEAD, OPTIONS, POST")));
}

#[test]
fn what_the_hub_has_still_to_do_is_counted() {
    let (scene, mut service) = hub();
    service.kill();
    let file = scene.path("feeds.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(HUB, "hub = true\ntoken = \"file:token\"")).unwrap();
    fs::write(scene.path("token"), "correct horse").unwrap();
    let service = Service::start(&scene);
    wait_until_open(&service);
    let count = |line: &str| {
        let metrics = service.get("/metrics", &["Authorization: Bearer correct horse"]).text();
        metrics.contains(&format!("feedloom_hub_queue_length{line}\n"))
    };
    assert!(count("{kind=\"confirmation\"} 0") && count("{kind=\"delivery\"} 0"));
    let failing = confirming("503 Service Unavailable");
    assert_eq!(ask(&service, "subscribe", &failing.url("/cb"), &[]).status, 202);
    wait_for_subscribers(&scene, 1);
    publish(&scene, &["first", "second"], 1);
    failing.wait_for(2);
    assert!(count("{kind=\"delivery\"} 1"), "what failed is owed");
    failing.answer(|_| ("204 No Content".to_owned(), String::new()));
    let began = Instant::now();
    while !count("{kind=\"delivery\"} 0") {
        assert!(began.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(100));
    }
}

/// What two servers could read differently ends the connection, also where a body is read.
#[test]
fn a_body_whose_end_is_in_doubt_ends_the_connection() {
    let (_scene, service) = hub();
    let hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let (body, chunked) = ("hub.mode=subscribe", "12\r\nhub.mode=subscribe\r\n0\r\n\r\n");
    let (length, coding) = ("Content-Length: 18\r\n", "Transfer-Encoding: chunked\r\n");
    for (version, lines, body, want) in [
        ("1.1", length.to_owned(), body, &[400, 200][..]),
        ("1.1", coding.to_owned(), chunked, &[400, 200]),
        ("1.1", coding.to_owned(), "12;a=b\r\nhub.mode=subscribe\r\n0\r\nHost: y\r\n\r\n", &[400, 200]),
        ("1.1", String::new(), "", &[400, 200]),
        ("1.1", format!("Content-Length: 5\r\n{coding}"), chunked, &[400]),
        ("1.1", format!("{coding}Content-Length: 5\r\n"), chunked, &[400]),
        ("1.1", format!("{coding}{coding}"), chunked, &[501]),
        ("1.1", "Transfer-Encoding: gzip, chunked\r\n".to_owned(), chunked, &[501]),
        ("1.0", format!("{coding}Connection: keep-alive\r\n"), chunked, &[400]),
        ("1.1", coding.to_owned(), "12\nhub.mode=subscribe\n0\n\n", &[400]),
        ("1.1", coding.to_owned(), "-12\r\nhub.mode=subscribe\r\n0\r\n\r\n", &[400]),
        ("1.1", coding.to_owned(), "0x12\r\nhub.mode=subscribe\r\n0\r\n\r\n", &[400]),
        ("1.1", coding.to_owned(), "fffffffffffffffff\r\nhub.mode=subscribe\r\n0\r\n\r\n", &[400]),
        ("1.1", format!("{length}Content-Length: 5\r\n"), body, &[400]),
        ("1.1", format!("{length}Host: y\r\n"), body, &[400]),
    ] {
        let request = format!(
            "POST /hub HTTP/{version}\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{lines}\r\n{body}{hidden}"
        );
        let answers = super::stand::split(&service.raw(&request));
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), want, "{request:?}");
    }
}

#[test]
fn a_stranger_cannot_have_others_called_again_and_again() {
    let (_scene, service) = hub();
    let victim = Stand::new(|_| ("404 Not Found".to_owned(), String::new()));
    let statuses: Vec<u16> =
        (0..40).map(|number| ask(&service, "subscribe", &victim.url(&format!("/{number}")), &[]).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 20, "{statuses:?}");
    assert!(statuses[20..].iter().all(|status| *status == 429), "{statuses:?}");
    victim.wait_for(20);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(victim.count(), 20);
}

#[test]
fn a_subscriber_that_is_gone_leaves_and_one_that_fails_is_sent_it_again() {
    let (scene, service) = hub();
    let gone = confirming("410 Gone");
    let failing = confirming("500 Internal Server Error");
    assert_eq!(ask(&service, "subscribe", &gone.url("/cb"), &[]).status, 202);
    assert_eq!(ask(&service, "subscribe", &failing.url("/cb"), &[]).status, 202);
    wait_for_subscribers(&scene, 2);
    publish(&scene, &["first", "second"], 1);
    wait_for_subscribers(&scene, 1);
    failing.wait_for(2);
    // After half a minute.
    assert!(String::from_utf8(failing.wait_for(3).body).unwrap().contains("second"));
}

#[test]
fn a_topic_that_ends_is_denied() {
    let (scene, service) = hub();
    let reader = confirming("200 OK");
    assert_eq!(ask(&service, "subscribe", &reader.url("/cb"), &[]).status, 202);
    wait_for_subscribers(&scene, 1);
    let file = scene.path("feeds.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(HUB, "")).unwrap();
    let denied = reader.wait_for(2).query();
    assert_eq!((denied["hub.mode"].as_str(), denied["hub.topic"].as_str()), ("denied", TOPIC));
    wait_for_subscribers(&scene, 0);
    drop(service);
}

#[test]
fn a_thousand_subscribers_are_sent_one_publish_once_each() {
    let (scene, service) = hub();
    let reader = confirming("200 OK");
    for number in 0..1_000 {
        let began = Instant::now();
        // A client that asks faster than it confirms is told to wait.
        while ask(&service, "subscribe", &reader.url(&format!("/cb/{number}")), &[("hub.secret", "s")]).status != 202 {
            assert!(began.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(20));
        }
    }
    wait_for_subscribers(&scene, 1_000);
    let before = reader.count();
    publish(&scene, &["first", "second"], 1);
    let began = Instant::now();
    reader.wait_for(before + 1_000);
    println!("1,000 deliveries in {} ms", began.elapsed().as_millis());
    thread::sleep(Duration::from_millis(500));
    let sent: Vec<String> = reader.all().into_iter().filter(|came| !came.is_get()).map(|came| came.target).collect();
    assert_eq!((sent.len(), sent.iter().collect::<BTreeSet<_>>().len()), (1_000, 1_000));
}

#[test]
fn one_feedloom_is_pushed_by_another() {
    let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (here, there) = (port(), port());
    let at = |scene: &Scene, port: u16| {
        let file = scene.path("feeds.toml");
        let text = fs::read_to_string(&file).unwrap();
        let text = text.replace("https://feeds.example.org/", &format!("http://127.0.0.1:{port}/"));
        fs::write(&file, text.replace("127.0.0.1:0\"", &format!("127.0.0.1:{port}\""))).unwrap();
    };
    let publisher = scene(HUB);
    at(&publisher, here);
    publisher.serve("a", feed(&["first"]));
    let first = Service::start(&publisher);
    first.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    let reader = Scene::new(
        &[],
        &format!(
            "[[source]]\nid = \"up\"\nurl = \"http://127.0.0.1:{here}/feed.xml\"\n[serve]\nlisten = \"127.0.0.1:0\"\n"
        ),
    );
    at(&reader, there);
    let second = Service::start(&reader);
    second.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    wait_for_subscribers(&publisher, 1);
    for (hour, titles) in [(1, &["first", "second"][..]), (2, &["first", "second", "third"])] {
        publish(&publisher, titles, hour);
        let newest = titles.last().unwrap();
        let began = Instant::now();
        second.wait_for("/feed.xml", |answer| answer.text().contains(newest));
        println!("from one to the other in {} ms", began.elapsed().as_millis());
    }
}
