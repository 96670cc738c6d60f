//! What servers answer, and what a person sees of it: the binary against a scripted publisher.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use crate::publisher::{Publisher, Response};
use crate::scene::Scene;

const OUTPUT: &str =
    "[weave]\nsame_story = \"exact\"\n[[output]]\nfile = \"feed.xml\"\nformat = \"rss\"\nitems = 300\n";

/// A feed of one item that is called `title`.
fn feed(title: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>The {title}</title><link>https://{title}.example/</link>\
         <item><title>News of the {title}</title><link>https://{title}.example/news</link>\
         <pubDate>Tue, 03 Nov 2026 10:00:00 GMT</pubDate><description>About it.</description></item></channel></rss>"
    );
    Response::new(200, &[("Content-Type", b"application/rss+xml")], body.as_bytes())
}

fn source(id: &str, url: &str) -> String {
    format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n")
}

/// What a command prints, on both channels; it exits with `code` and without a word of a panic.
#[track_caller]
fn says(scene: &Scene, code: i32, words: &[&str]) -> String {
    let done = scene.say(words);
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(code), "{words:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn output(scene: &Scene) -> String {
    fs::read_to_string(scene.outputs().join("feed.xml")).unwrap()
}

/// T24: the items of a source that is refused, lost or gone stay published, also when it is gone for good.
#[test]
fn items_of_a_source_that_is_refused_or_gone_stay_published() {
    for status in [404, 403, 410] {
        let publisher = Publisher::start();
        publisher.script("/f", [feed("anvil"), Response::new(status, &[], b"")]);
        let good = Publisher::start();
        good.script("/f", [feed("bellows"), Response::new(200, &[], b"x")]);
        let text = OUTPUT.to_owned() + &source("anvil", &publisher.url("/f")) + &source("bellows", &good.url("/f"));
        let scene = Scene::new(&[], &text);
        says(&scene, 0, &["run", "--now", "2026-11-03T12:00:00Z"]);
        for (day, asked) in [("04", 2), ("06", 3), ("09", if status == 410 { 3 } else { 4 })] {
            // Both sources fail: nothing could be fetched, but what is out stays current.
            scene.say(&["run", "--now", &format!("2026-11-{day}T12:00:00Z")]);
            assert_eq!(publisher.asked().len(), asked, "{status} on the {day}th");
            let out = output(&scene);
            assert!(out.contains("News of the anvil") && out.contains("News of the bellows"), "{status}: {out}");
        }
        let told = says(&scene, 0, &["status", "-v", "--now", "2026-11-09T13:00:00Z"]);
        let word = if status == 410 { "gone for good (410 twice)" } else { "failed 3 times in a row" };
        assert!(told.contains(word), "{told}");
    }
}

/// T25: a source that moved for good is asked at its new address, `status` says where that is, and feeds.toml is
/// left to the person.
#[test]
fn a_move_is_told_by_status_and_never_written_into_feeds_toml() {
    let publisher = Publisher::start();
    publisher.script("/a", [Response::new(301, &[("Location", b"/b")], b"")]);
    publisher.script("/b", [Response::new(308, &[("Location", b"/c")], b"")]);
    publisher.script("/c", [feed("anvil")]);
    let scene = Scene::new(&[], &(OUTPUT.to_owned() + &source("anvil", &publisher.url("/a"))));
    let config = scene.path("feeds.toml");
    let before = fs::read(&config).unwrap();
    for time in ["03T12:00", "03T20:00", "04T13:00"] {
        says(&scene, 0, &["run", "--now", &format!("2026-11-{time}:00Z")]);
    }
    assert_eq!(publisher.take_asked().len(), 9);
    says(&scene, 0, &["run", "--now", "2026-11-04T21:00:00Z"]);
    let paths: Vec<_> = publisher.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/c"]);
    let told = says(&scene, 0, &["status", "-v", "--now", "2026-11-04T21:01:00Z"]);
    assert!(told.contains(&format!("moved for good to {}: change feeds.toml", publisher.url("/c"))), "{told}");
    assert!(told.lines().any(|line| line.starts_with("anvil") && line.contains("moved")), "{told}");
    assert_eq!(fs::read(&config).unwrap(), before);
}

/// T29: two hundred hosts, one of which never answers: the others are published, at most 16 are asked at a time.
#[test]
fn one_of_two_hundred_hosts_hangs_and_the_others_are_published() {
    let hanging = Publisher::start();
    hanging.script("/hang", [Response::raw("").after(Duration::from_secs(20))]);
    let mut hosts = vec![hanging.start_beside()];
    let mut text = OUTPUT.to_owned() + &source("hanging", &hanging.url("/hang"));
    for number in 1..200 {
        let host = hanging.start_beside();
        let path = format!("/{number}");
        host.script(&path, [feed(&format!("engine{number}")).after(Duration::from_millis(5))]);
        text += &source(&format!("engine{number}"), &host.url(&path));
        hosts.push(host);
    }
    let scene = Scene::new(&[], &text);
    let config = scene.path("feeds.toml");
    let limits = fs::read_to_string(&config).unwrap().replace("[fetch]\n", "[fetch]\ntimeout = \"2s\"\n");
    fs::write(&config, limits).unwrap();
    let began = Instant::now();
    says(&scene, 0, &["run", "--now", "2026-11-03T12:00:00Z"]);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let out = output(&scene);
    for number in 1..200 {
        assert!(out.contains(&format!("<title>News of the engine{number}</title>")), "engine{number}");
    }
    let most = hanging.most_in_flight();
    assert!((2..=16).contains(&most), "{most} at a time");
    assert_eq!(hanging.asked().len(), 200, "each once");
}

/// T76: passes on both sides of the hour that comes twice. The clock of the wall goes back, time does not.
#[test]
fn the_end_of_summer_time_asks_nobody_twice_and_lets_nobody_wait() {
    let publisher = Publisher::start();
    publisher.script("/f", [feed("anvil")]);
    let scene = Scene::new(&[], &(OUTPUT.to_owned() + &source("anvil", &publisher.url("/f"))));
    let pass = |now: &str| {
        let done = scene.command(&["run", "--now", now]).env("TZ", "Europe/Berlin").output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        publisher.take_asked().len()
    };
    assert_eq!(pass("2026-10-25T02:30:00+02:00"), 1);
    assert_eq!(pass("2026-10-25T02:59:00+02:00"), 0);
    assert_eq!(pass("2026-10-25T02:05:00+01:00"), 0, "35 minutes later, 25 earlier by the wall");
    assert_eq!(pass("2026-10-25T02:40:00+01:00"), 1, "70 minutes later");
    assert_eq!(pass("2026-03-29T01:30:00+01:00"), 0, "months back: that clock is wrong");
}

/// A bot challenge is a state of its own: nobody but the publisher can mend it.
#[test]
fn a_source_behind_a_bot_challenge_is_blocked() {
    let publisher = Publisher::start();
    publisher.script("/f", [feed("anvil"), Response::new(403, &[("cf-mitigated", b"challenge")], b""), feed("anvil")]);
    let scene = Scene::new(&[], &(OUTPUT.to_owned() + &source("anvil", &publisher.url("/f"))));
    says(&scene, 0, &["run", "--now", "2026-11-03T12:00:00Z"]);
    scene.say(&["run", "--now", "2026-11-03T14:00:00Z"]);
    let state = |now: &str| {
        let told = says(&scene, 0, &["status", "-v", "--now", now]);
        let line = told.lines().find(|line| line.starts_with("anvil ")).unwrap().to_owned();
        (line.split_whitespace().nth(1).unwrap().to_owned(), told)
    };
    let (word, told) = state("2026-11-03T15:00:00Z");
    assert_eq!(word, "blocked", "{told}");
    assert!(told.contains("bot challenge"), "{told}");
    says(&scene, 0, &["run", "--now", "2026-11-04T15:00:00Z"]);
    assert_eq!(state("2026-11-04T16:00:00Z").0, "ok");
}

/// T43: a `Content-Length` that is too small. Nothing on the wire tells it from a feed that is written so; the reader
/// sees that it ends in the middle: whole entries are kept, nothing vouches for them, and `status` says so.
#[test]
fn a_document_cut_by_its_own_length_is_told_until_a_whole_one_comes() {
    let publisher = Publisher::start();
    let item = |n: u32| format!("<item><title>Report {n} of it</title><link>https://a.example/{n}</link></item>");
    let body = format!("<rss version=\"2.0\"><channel><title>A</title>{}{}</channel></rss>", item(1), item(2));
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {length}\r\n\r\n{body}");
    publisher.script("/f", [Response::raw(head(body.len() - 40)), Response::raw(head(body.len()))]);
    let scene = Scene::new(&[], &(OUTPUT.to_owned() + &source("anvil", &publisher.url("/f"))));
    says(&scene, 0, &["run", "--now", "2026-11-03T12:00:00Z"]);
    let out = output(&scene);
    assert!(out.contains("Report 1 of it") && !out.contains("Report 2"), "{out}");
    let told = says(&scene, 0, &["status", "-v", "--now", "2026-11-03T12:01:00Z"]);
    assert!(told.contains("anvil: its last document was cut short"), "{told}");
    says(&scene, 0, &["run", "--now", "2026-11-03T14:00:00Z"]);
    assert_eq!(publisher.asked()[1].header("if-none-match"), None);
    assert!(output(&scene).contains("Report 2 of it"));
    let told = says(&scene, 0, &["status", "-v", "--now", "2026-11-03T14:01:00Z"]);
    assert!(!told.contains("in the middle"), "{told}");
}

/// `run -v` has a line for each source: what it brought, until when it is left alone, and by which rule.
#[test]
fn a_run_that_is_asked_to_tells_of_each_source_when_it_is_due_and_why() {
    let publisher = Publisher::start();
    let mut text = OUTPUT.to_owned();
    let answers: [(&str, Response, &str); 5] = [
        ("anvil", feed("anvil"), "half the usual time"),
        ("held", Response::new(503, &[("Retry-After", b"86400")], b""), "Retry-After"),
        ("gone", Response::new(410, &[], b""), "says that it is gone"),
        ("barred", Response::new(403, &[], b""), "refuse"),
        ("blocked", Response::new(403, &[("cf-mitigated", b"challenge")], b""), "challenge"),
    ];
    for (id, answer, _) in &answers {
        publisher.script(&format!("/{id}"), [answer.clone()]);
        write!(text, "{}", source(id, &publisher.url(&format!("/{id}")))).unwrap();
    }
    text += "[[source]]\nid = \"file\"\nurl = \"file:local.xml\"\n";
    let scene = Scene::new(&[], &text);
    let local = "<rss version=\"2.0\"><channel><title>L</title></channel></rss>";
    fs::write(scene.path("local.xml"), local).unwrap();
    for pass in ["2026-11-03T12:00:00Z", "2026-11-03T12:10:00Z"] {
        let told = says(&scene, 0, &["-v", "run", "--now", pass]);
        for (id, _, why) in &answers {
            let line = told.lines().find(|line| line.contains(&format!("source=\"{id}\""))).unwrap();
            assert!(line.contains("next=\"2026-11-0") && !line.contains('.'), "to the second: {line}");
            assert!(line.contains("rule=\"") && line.contains(why), "{line}");
        }
        let file = told.lines().find(|line| line.contains("source=\"file\"")).unwrap();
        assert!(file.contains("next=\"every run\"") && file.contains("a local file is read on every run"), "{file}");
    }
}

/// `check --fetch` and `inspect` ask at once, but not whom a pass may not ask: a host at rest, a path that robots.txt
/// keeps to itself; and never twice within the spacing.
#[test]
fn looking_at_a_source_obeys_holds_robots_and_the_spacing() {
    let publisher = Publisher::start();
    publisher.script("/robots.txt", [Response::new(200, &[], b"User-agent: *\nDisallow: /shut\n")]);
    publisher.script("/shut", [feed("anvil")]);
    publisher.script("/moved", [Response::new(302, &[("Location", b"/open")], b"")]);
    publisher.script("/open", [feed("bellows")]);
    let text =
        OUTPUT.to_owned() + &source("shut", &publisher.url("/shut")) + &source("moved", &publisher.url("/moved"));
    let scene = Scene::new(&[], &text);
    let config = fs::read_to_string(scene.path("feeds.toml")).unwrap();
    let config = config.replace("spacing = \"0s\"", "spacing = \"1s\"\nrobots = \"all\"");
    fs::write(scene.path("feeds.toml"), config).unwrap();
    let told = says(&scene, 1, &["check", "--fetch", "--now", "2026-11-03T12:00:00Z"]);
    assert!(told.contains("failed  shut: robots.txt of 127.0.0.1 forbids it"), "{told}");
    assert!(told.contains("ok      moved: 1 entry"), "{told}");
    let asked = publisher.take_asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/robots.txt", "/moved", "/open"]);
    // A busy machine lets the server see a request later than it was sent, never sooner.
    assert!(asked.windows(2).all(|two| two[1].at.duration_since(two[0].at) > Duration::from_millis(700)));
    let told = says(&scene, 1, &["inspect", &publisher.url("/shut")]);
    assert!(told.contains("robots.txt of 127.0.0.1 forbids it"), "{told}");
    assert_eq!(publisher.take_asked().len(), 1, "robots.txt alone");
}

/// The same after a 429: neither command asks the host before that is over, and both say until when.
#[test]
fn looking_at_a_source_waits_until_its_host_may_be_asked_again() {
    let publisher = Publisher::start();
    publisher.script("/f", [Response::new(429, &[("Retry-After", b"600000")], b""), feed("anvil")]);
    publisher.script("/g", [feed("bellows")]);
    let text = OUTPUT.to_owned() + &source("anvil", &publisher.url("/f")) + &source("bellows", &publisher.url("/g"));
    let scene = Scene::new(&[], &text);
    let now = jiff::Timestamp::now();
    scene.say(&["run", "--now", &now.to_string()]);
    assert_eq!(publisher.take_asked().len(), 1);
    let told = says(&scene, 1, &["check", "--fetch"]);
    assert_eq!(told.matches("not asked before 20").count(), 2, "{told}");
    let told = says(&scene, 1, &["inspect", &publisher.url("/g")]);
    assert!(told.contains("not asked before 20") && told.contains("its host asked to be left alone"), "{told}");
    assert_eq!(publisher.take_asked().len(), 0);
    let later = now + jiff::SignedDuration::from_hours(169);
    says(&scene, 0, &["check", "--fetch", "--now", &later.to_string()]);
    assert_eq!(publisher.asked().len(), 2);
}

/// T55, T60: dates that cannot be, and an entry without guid, link and title: one story each however often it is polled,
/// in the same order, and none of the seventies.
#[test]
fn impossible_dates_and_nameless_entries_stay_what_they_are_at_every_poll() {
    let item = |n: u32, date: &str| {
        format!("<item><title>Dated {n}</title><link>https://a.example/{n}</link><pubDate>{date}</pubDate></item>")
    };
    let dates = [
        "Fri, 01 Jan 2099 00:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Wed, 32 Foo",
        "",
        "Mo, 02 Nov 2026 10:00:00 EST",
    ];
    let items: String = (0..).zip(dates).map(|(n, date)| item(n, date)).collect();
    let body = |comment: u32| {
        let text = format!(
            "<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}\
             <item><description>Nameless words.</description></item></channel></rss><!-- {comment} -->"
        );
        Response::new(200, &[], text.as_bytes())
    };
    let publisher = Publisher::start();
    publisher.script("/f", (0..5).map(body));
    let scene = Scene::new(&[], &(OUTPUT.to_owned() + &source("anvil", &publisher.url("/f"))));
    let mut seen: Vec<Vec<String>> = Vec::new();
    for hour in 0..5 {
        says(&scene, 0, &["run", "--all", "--now", &format!("2026-11-03T{:02}:00:00Z", 10 + 2 * hour)]);
        let out = output(&scene);
        assert!(!out.contains("1970") && !out.contains("2099"), "{out}");
        seen.push(out.lines().filter(|line| line.contains("<guid")).map(str::to_owned).collect());
    }
    assert_eq!(publisher.asked().len(), 5);
    assert_eq!(seen[0].len(), 6, "{seen:?}");
    assert!(seen.iter().all(|guids| *guids == seen[0]), "{seen:?}");
}

/// T58: a web page, nothing, an error as JSON, an image in place of the feed: told, and what is published stays.
#[test]
fn what_is_no_feed_is_told_and_takes_nothing_away() {
    for (body, word) in [
        (&b"<!DOCTYPE html><html><title>Sorry</title></html>"[..], "web page"),
        (b"", "empty"),
        (b"{\"error\": 1}", "JSON"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
    ] {
        let publisher = Publisher::start();
        publisher.script("/f", [feed("anvil"), Response::new(200, &[], body)]);
        let scene = Scene::new(&[], &(OUTPUT.to_owned() + &source("anvil", &publisher.url("/f"))));
        says(&scene, 0, &["run", "--now", "2026-11-03T12:00:00Z"]);
        let before = output(&scene);
        scene.say(&["run", "--now", "2026-11-03T14:00:00Z"]);
        assert_eq!(output(&scene), before);
        let told = says(&scene, 0, &["status", "-v", "--now", "2026-11-03T14:01:00Z"]);
        assert!(told.contains(word) && told.contains("failed once"), "{told}");
    }
}
