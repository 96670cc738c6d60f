//! Single documents (`check --fetch`, `inspect URL`) are fetched by the scheduler of a pass: robots.txt and tdmrep.json are
//! asked first where a pass asks them, and an accident gets its second try.

use super::home::{HEAD, Home, OWLS, ok, rss};
use crate::publisher::{Publisher, Response};

const TDMREP: &str = "/.well-known/tdmrep.json";

fn paths(publisher: &Publisher) -> Vec<String> {
    publisher.take_asked().into_iter().map(|asked| asked.path).collect()
}

fn article() -> Response {
    let text =
        "<p>A heron was seen at the harbour, and the harbour was seen by the heron, says the warden.</p>".repeat(8);
    let page = format!(
        "<!doctype html><html><head><title>A heron</title></head><body><article><h1>A heron</h1>{text}</article></body></html>"
    );
    Response::new(200, &[("Content-Type", b"text/html; charset=utf-8")], page.as_bytes())
}

fn redirect(to: &str) -> Response {
    Response::new(302, &[("Location", to.as_bytes())], b"")
}

fn rules(text: &str) -> Response {
    Response::new(200, &[("Content-Type", b"application/json")], text.as_bytes())
}

/// What `inspect --article` finds out about the rights of a page.
fn reserved(home: &Home, url: &str) -> serde_json::Value {
    home.does(&["inspect", "--article", "--json", url]).exits(0).json()["rights"]["tdm_reservation"].clone()
}

#[test]
fn tdmrep_json_counts_for_a_page_that_is_looked_at_alone() {
    let publisher = Publisher::start();
    for path in ["/deep/one", "/open", "/other"] {
        publisher.script(path, [article()]);
    }
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    let deep = rules(r#"[{"location": "/deep/*", "tdm-reservation": 1}, {"location": "/open", "tdm-reservation": 0}]"#);
    publisher.script(TDMREP, [deep]);
    for (path, wanted) in
        [("/deep/one", true.into()), ("/open", serde_json::Value::Null), ("/other", serde_json::Value::Null)]
    {
        assert_eq!(reserved(&home, &publisher.url(path)), wanted, "{path}");
        assert_eq!(
            paths(&publisher),
            ["/robots.txt", TDMREP, path],
            "robots.txt first, then tdmrep.json, then the page"
        );
    }
    // Where there is none, or one that cannot be read, nothing is reserved by it.
    for answer in [Response::new(404, &[], b""), rules("{]"), rules("[]")] {
        publisher.script(TDMREP, [answer]);
        assert_eq!(reserved(&home, &publisher.url("/deep/one")), serde_json::Value::Null);
        assert_eq!(paths(&publisher), ["/robots.txt", TDMREP, "/deep/one"]);
    }
}

#[test]
fn tdmrep_json_of_the_host_that_a_page_is_redirected_to_counts_as_well() {
    let (first, second) = (Publisher::start(), Publisher::start());
    first.script("/short", [redirect(&second.url("/long"))]);
    second.script("/long", [article()]);
    second.script(TDMREP, [rules(r#"[{"location": "/", "tdm-reservation": 1}]"#)]);
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    assert_eq!(reserved(&home, &first.url("/short")), true);
    assert_eq!(paths(&second), ["/robots.txt", TDMREP, "/long"]);
}

#[test]
fn robots_txt_keeps_us_from_a_page_and_from_tdmrep_json() {
    let publisher = Publisher::start();
    publisher.script("/page", [article()]);
    publisher.script(TDMREP, [rules(r#"[{"location": "/", "tdm-reservation": 1}]"#)]);
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    publisher.script("/robots.txt", [Response::new(200, &[], b"User-agent: *\nDisallow: /.well-known/\n")]);
    assert_eq!(reserved(&home, &publisher.url("/page")), serde_json::Value::Null);
    assert_eq!(paths(&publisher), ["/robots.txt", "/page"]);
    publisher.script("/robots.txt", [Response::new(200, &[], b"User-agent: *\nDisallow: /page\n")]);
    let done = home.does(&["inspect", "--article", &publisher.url("/page")]).exits(1);
    done.says(&["robots.txt of 127.0.0.1 forbids it"]);
    assert_eq!(paths(&publisher), ["/robots.txt"]);
}

#[test]
fn check_asks_robots_txt_before_a_feed_where_feeds_toml_says_so() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    publisher.script("/robots.txt", [Response::new(200, &[], b"User-agent: *\nDisallow: /owls\n")]);
    let home = Home::new(&[("owls", &publisher.url("/owls"))]);
    home.does(&["check", "--fetch"]).exits(0).prints(&["ok      owls: 2 entries"]);
    assert_eq!(paths(&publisher), ["/owls"], "as in a pass: a feed is there to be fetched");
    let text = std::fs::read_to_string(home.path("feeds.toml")).unwrap();
    home.write("feeds.toml", &text.replace("[fetch]\n", "[fetch]\nrobots = \"all\"\n"));
    home.does(&["check", "--fetch"]).exits(1).prints(&["failed  owls", "robots.txt of 127.0.0.1 forbids it"]);
    assert_eq!(paths(&publisher), ["/robots.txt"]);
}

#[test]
fn an_accident_gets_one_second_try_and_a_clear_answer_none() {
    let feed = || ok(&rss("owls", OWLS));
    let status = |status: u16| Response::new(status, &[], b"");
    let cases = [
        (vec![Response::hang_up(), feed()], 2, 0),
        (vec![status(502), feed()], 2, 0),
        (vec![status(504), feed()], 2, 0),
        (vec![Response::raw(*b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss"), feed()], 2, 0),
        (vec![status(502), status(502), feed()], 2, 1),
        (vec![status(500), feed()], 1, 1),
        (vec![status(404), feed()], 1, 1),
    ];
    // The second try comes some seconds later: they wait side by side.
    std::thread::scope(|scope| {
        for (answers, tries, exit) in cases {
            scope.spawn(move || {
                let publisher = Publisher::start();
                let what = format!("{answers:?}");
                publisher.script("/owls", answers);
                let home = Home::new(&[("owls", &publisher.url("/owls"))]);
                home.does(&["check", "--fetch"]).exits(exit);
                assert_eq!(paths(&publisher), vec!["/owls"; tries], "{what}");
            });
        }
    });
}
