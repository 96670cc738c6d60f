//! Something between this machine and the web answers instead of the sources.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::home::{Done, HEAD, Home, OWLS, ok, rss};
use crate::publisher::{Asked, Publisher, Response};

const NAMES: [&str; 10] = ["owls", "kites", "bats", "eels", "newts", "moths", "crabs", "foxes", "hares", "wrens"];
const LINE: &str = "something between this machine and the web answers instead of the sources: a login page? ";

/// Publishers on hosts of their own, and what answers instead of them where it does.
struct Net {
    publishers: Vec<Publisher>,
    is_caught: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Net {
    /// `instead`: what comes where the net is caught, for the request to the publisher with this number.
    fn new(size: usize, instead: impl Fn(usize, &Asked) -> Response + Send + Sync + 'static) -> Self {
        let (is_caught, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let instead = Arc::new(instead);
        let publisher = |number: usize| {
            let (is_caught, asked, instead) = (Arc::clone(&is_caught), Arc::clone(&asked), Arc::clone(&instead));
            Publisher::answering(move |request| {
                asked.lock().unwrap().push(request.clone());
                match (is_caught.load(Ordering::SeqCst), request.path.as_str()) {
                    (true, _) => instead(number, request),
                    (_, "/robots.txt") => Response::new(200, &[], b"User-agent: *\nDisallow: /private\n"),
                    _ if request.header("if-none-match").is_some() => Response::new(304, &[], b""),
                    _ => own(NAMES[number]),
                }
            })
        };
        Self { publishers: (0..size).map(publisher).collect(), is_caught, asked }
    }

    fn home(&self) -> Home {
        let urls: Vec<String> = self.publishers.iter().map(|publisher| publisher.url("/f")).collect();
        let sources: Vec<(&str, &str)> = NAMES.iter().copied().zip(urls.iter().map(String::as_str)).collect();
        Home::new(&sources)
    }

    fn catch(&self, is_caught: bool) {
        self.is_caught.store(is_caught, Ordering::SeqCst);
    }

    fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn own(name: &str) -> Response {
    let body = rss(name, OWLS);
    Response::new(200, &[("Content-Type", b"application/rss+xml"), ("ETag", b"\"1\"")], body.as_bytes())
}

fn html(body: &str) -> Response {
    Response::new(200, &[("Content-Type", b"text/html"), ("ETag", b"\"portal\"")], body.as_bytes())
}

fn to(status: u16, address: &str) -> Response {
    Response::new(status, &[("Location", address.as_bytes())], b"")
}

fn run(home: &Home, time: &str) -> Done {
    home.does(&["run", "--all", "--now", &format!("2026-03-{time}:00Z")])
}

/// Failures in a row of each source, with its error and where it moved.
fn sources(home: &Home) -> Vec<(u64, String, String)> {
    let status = home.does(&["status", "--json", "--now", "2026-03-09T00:00:00Z"]).exits(0).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of = |source: &serde_json::Value| {
        (source["failures"].as_u64().unwrap(), text(&source["error"]), text(&source["moved_to"]))
    };
    status["sources"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_login_page_to_which_all_are_redirected_counts_against_nobody() {
    let portal = Publisher::start();
    let login = portal.url("/login");
    portal.script("/login", [html("<!DOCTYPE html><html><title>Hotel</title><p>Room number?</p></html>")]);
    let host = login.split('/').nth(2).unwrap().split(':').next().unwrap().to_owned();
    let net = Net::new(4, move |_, _| to(301, &login));
    let home = net.home();
    // Also on a first run.
    net.catch(true);
    let told = run(&home, "02T00:00").exits(1).says(&[&format!("offline {LINE}at {host}; open any page in a browser")]);
    assert_eq!(told.said.matches("offline").count(), 1, "{}", told.said);
    net.catch(false);
    run(&home, "02T01:00").exits(0).says(&["back    online: offline since 2026-03-02 00:00 UTC"]);
    net.catch(true);
    run(&home, "02T03:00").exits(1).says(&[LINE, "owls, kites, bats, eels", "counts against none of them"]);
    for time in ["02T05:00", "03T05:00", "04T05:00", "05T05:00"] {
        run(&home, time).exits(0).silent();
    }
    home.does(&["status", "--now", "2026-03-05T05:01:00Z"]).exits(0).prints(&[
        "4 sources: 4 ok; offline since 2026-03-02 03:00 UTC (3 d): something between",
        &format!("{LINE}at {host}\n"),
        "  hint: open any page in a browser on this network, and check the proxy, then: feedloom run --all\n",
    ]);
    assert!(sources(&home).iter().all(|source| *source == (0, String::new(), String::new())), "{:?}", sources(&home));
    let json = home.does(&["status", "--json", "--now", "2026-03-05T05:01:00Z"]).json();
    assert!(json["in_between"].as_str().unwrap().starts_with(LINE), "{json}");
    net.catch(false);
    net.take_asked();
    run(&home, "05T06:00").exits(0).says(&["back    online: offline since 2026-03-02 03:00 UTC"]);
    let asked = net.take_asked();
    assert_eq!(asked.len(), 4, "each at its own address");
    assert!(asked.iter().all(|asked| asked.header("if-none-match").as_deref() == Some(b"\"1\"")), "their validators");
    let json = home.does(&["status", "--json", "--now", "2026-03-05T06:01:00Z"]).json();
    assert!(json["in_between"].is_null() && json["offline_since"].is_null(), "{json}");
}

#[test]
fn the_same_in_place_of_all_feeds_counts_against_nobody() {
    type Instead = fn(usize, &Asked) -> Response;
    let ways: [(&str, Instead); 9] = [
        ("it is a web page (\"Hotel\")", |number, asked| {
            let (host, path) = (String::from_utf8(asked.header("host").unwrap()).unwrap(), &asked.path);
            html(&format!(
                "<!DOCTYPE html><html><title>Hotel</title><p>You asked for {host}{path}</p><form action=\"/?{number}\">"
            ))
        }),
        ("it is a web page", |number, _| html(&format!("<html><script>location='/?s={number}'</script></html>"))),
        // Where no address of the network's own is allowed.
        ("at 192.168.7.1", |_, _| to(302, "http://192.168.7.1/")),
        ("it answers 511", |_, _| Response::new(511, &[("Content-Type", b"text/html")], b"<html>Log in</html>")),
        ("it answers 407", |number, _| Response::new(407, &[], format!("<html>{number}</html>").as_bytes())),
        ("the document is empty", |_, _| Response::new(200, &[], b"")),
        ("it is plain text: \"Blocked", |_, _| Response::new(200, &[], b"Blocked by the office.")),
        // It takes the connection and closes it, at once or within the answer.
        ("no answer comes: the connection broke off", |_, _| Response::hang_up()),
        ("no answer comes: the connection broke off", |_, _| {
            Response::raw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<rss>")
        }),
    ];
    for (what, instead) in ways {
        let net = Net::new(3, instead);
        let home = net.home();
        run(&home, "02T01:00").exits(0);
        net.catch(true);
        run(&home, "02T03:00").exits(1).says(&["offline something between this machine and the web ", what]);
        assert!(sources(&home).iter().all(|source| source.0 == 0 && source.1.is_empty()), "{what}");
        net.catch(false);
        run(&home, "02T04:00").exits(0).says(&["back    online"]);
    }
}

#[test]
fn what_the_login_page_says_instead_of_robots_txt_is_not_kept() {
    // Its page for robots.txt allows everything, or is refused and forbids everything.
    for place in ["", "http://192.168.7.1/"] {
        let net = Net::new(3, move |_, _| match place {
            "" => html("<!DOCTYPE html><html><title>Hotel</title>"),
            place => to(302, place),
        });
        let home = net.home();
        let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
        home.write("feeds.toml", &text.replace(HEAD, &format!("{HEAD}robots = \"all\"\n")));
        net.catch(true);
        run(&home, "02T01:00").exits(1).says(&[LINE]);
        assert!(sources(&home).iter().all(|source| source.0 == 0), "{:?}", sources(&home));
        net.catch(false);
        net.take_asked();
        run(&home, "02T01:31").exits(0).says(&["back    online"]);
        let of_robots = net.take_asked().iter().filter(|asked| asked.path == "/robots.txt").count();
        assert_eq!(of_robots, 3, "asked for at once");
    }
}

#[test]
fn a_page_that_is_read_as_a_list_brings_no_entries_of_the_login_page() {
    let net = Net::new(3, |_, _| {
        html("<!DOCTYPE html><html><title>Hotel</title><ul><li><a href=\"/wifi\">Buy a day of Wi-Fi</a></li></ul>")
    });
    let home = net.home();
    let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
    let (first, rest) = text.split_once("\n[[source]]\nid = \"kites\"").unwrap();
    home.write("feeds.toml", &format!("{first}items = \"li\"\n\n[[source]]\nid = \"kites\"{rest}"));
    net.catch(true);
    run(&home, "02T01:00").exits(1).says(&[LINE]);
    assert!(sources(&home).iter().all(|source| source.0 == 0), "{:?}", sources(&home));
    let status = home.does(&["status", "--json", "--now", "2026-03-02T01:01:00Z"]).json();
    assert_eq!(status["entries"], 0);
}

#[test]
fn who_answers_well_stays_unaffected() {
    let net = Net::new(10, |number, _| match number {
        9 => ok(&rss("wrens", &["Something new"])),
        _ => html("<!DOCTYPE html><html><title>Hotel</title>"),
    });
    let home = net.home();
    run(&home, "02T01:00").exits(0);
    net.catch(true);
    run(&home, "02T03:00").exits(0).says(&[LINE]);
    assert!(sources(&home).iter().all(|source| source.0 == 0 && source.1.is_empty()));
    assert!(home.titles().contains(&"Something new".to_owned()));
}

#[test]
fn no_source_can_make_an_outage_for_others() {
    // One that redirects, with others that fail in their own ways; two of ten; many sources of one host.
    let net = Net::new(4, |number, _| match number {
        0 => to(301, "http://192.168.7.1/"),
        1 => Response::new(500, &[], b""),
        2 => html("<!DOCTYPE html><html><title>We have moved</title>"),
        _ => Response::new(404, &[], b""),
    });
    let home = net.home();
    run(&home, "02T01:00").exits(0);
    net.catch(true);
    run(&home, "02T03:00").exits(1).says(&["failed "]);
    assert!(sources(&home).iter().all(|source| source.0 == 1), "{:?}", sources(&home));

    let net = Net::new(10, |number, _| match number {
        0..=2 => to(301, "http://192.168.7.1/"),
        number => own(NAMES[number]),
    });
    let home = net.home();
    run(&home, "02T01:00").exits(0);
    net.catch(true);
    run(&home, "02T03:00").exits(0);
    let failures: Vec<u64> = sources(&home).iter().map(|source| source.0).collect();
    assert_eq!(failures, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);

    let hostile = Publisher::answering(|_| to(301, "http://192.168.7.1/"));
    let sources_of_one: Vec<(&str, String)> =
        NAMES.iter().map(|name| (*name, hostile.url(&format!("/{name}")))).collect();
    let sources_of_one: Vec<(&str, &str)> = sources_of_one.iter().map(|(id, url)| (*id, url.as_str())).collect();
    let home = Home::new(&sources_of_one);
    run(&home, "02T03:00").exits(1).says(&["failed "]);
    assert!(sources(&home).iter().all(|source| source.0 == 1), "{:?}", sources(&home));
}

#[test]
fn a_service_that_many_sources_moved_to_speaks_for_itself() {
    let service = Publisher::start();
    for (status, headers) in
        [(503, &[("Retry-After", &b"86400"[..])][..]), (429, &[]), (404, &[]), (410, &[]), (403, &[])]
    {
        service.script("/feeds", [Response::new(status, headers, b"")]);
        let address = service.url("/feeds");
        let net = Net::new(3, move |_, _| to(302, &address));
        let home = net.home();
        net.catch(true);
        let told = run(&home, "02T01:00").exits(1);
        assert!(!told.said.contains("offline"), "{status}: {}", told.said);
    }
}
