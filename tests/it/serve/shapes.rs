//! Requests in every shape, byte for byte.

use std::io::{Read as _, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use super::stand::{serving, split};

#[test]
fn requests_that_come_together_are_answered_one_after_another() {
    let (_scene, service) = serving("");
    let one = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n");
    let all = [
        one("/feed.xml", ""),
        one("/nothing", ""),
        one("/feed.json", ""),
        one("/", "Connection: close\r\n"),
        one("/", ""),
    ];
    let answers = split(&service.raw(&all.concat()));
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 404, 200, 200], "what follows the last one is not answered");
    assert_eq!(answers[2].header("content-type"), Some("application/feed+json; charset=utf-8"));
    let many = one("/feed.xml", "If-None-Match: *\r\n").repeat(500) + &one("/", "Connection: close\r\n");
    assert_eq!(split(&service.raw(&many)).len(), 501);
}

#[test]
fn a_connection_is_kept_open_and_a_request_may_come_in_pieces() {
    let (_scene, service) = serving("");
    let mut stream = service.connect();
    for pause in [0, 30, 1_300] {
        for piece in ["GET /feed.xml HT", "TP/1.1\r\nHost: x\r\nIf-None", "-Match: *\r\n\r", "\n"] {
            stream.write_all(piece.as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(pause));
        }
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).unwrap();
        assert_eq!(split(&buffer[..read])[0].status, 304);
        // Idle for so long that hyper has it no more.
        thread::sleep(Duration::from_millis(2_500));
    }
}

#[test]
fn targets_and_versions() {
    let (_scene, service) = serving("");
    for (request, want) in [
        ("GET http://other.example/feed.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200),
        ("GET http://other.example HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200),
        ("GET /feed.xml HTTP/1.0\r\n\r\n", 200),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 204),
        ("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("GET feed.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
        ("GET /feed.xml HTTP/2.0\r\nHost: x\r\n\r\n", 400),
        ("GET /feed.xml HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", 200),
        ("GET /feed.xml HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417),
        ("POST /feed.xml HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", 405),
        ("\r\nGET /feed.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200),
    ] {
        let answers = split(&service.raw(request));
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [want], "{request}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "BREW"] {
        let answer = service.ask(method, "/feed.xml", &[]);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")), "{method}");
    }
}

#[test]
fn what_two_servers_could_read_differently_is_refused_and_ends_the_connection() {
    let (_scene, service) = serving("");
    let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    for (lines, want) in [
        (format!("Content-Length: {}\r\n\r\n{hidden}", hidden.len()), 413),
        (format!("Content-Length: 0, {}\r\n\r\n{hidden}", hidden.len()), 400),
        (format!("Content-Length: 0\r\nContent-Length: {}\r\n\r\n{hidden}", hidden.len()), 400),
        (format!("Content-Length: +{}\r\n\r\n{hidden}", hidden.len()), 400),
        (format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}", 5), 413),
        (format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n\r\n0\r\n\r\n{hidden}", 5), 413),
        (format!("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"), 413),
        (format!("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}"), 400),
        (format!("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n{hidden}"), 501),
        (format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{hidden}"), 400),
        (format!("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{hidden}"), 400),
        (format!("X: a\r\n folded: b\r\n\r\n{hidden}"), 400),
        (format!("X\0: a\r\n\r\n{hidden}"), 400),
        (format!("X: a\0b\r\n\r\n{hidden}"), 400),
        (format!("X: a\rb\r\n\r\n{hidden}"), 400),
        (format!("No colon\r\n\r\n{hidden}"), 400),
        (format!("Host: y\r\n\r\n{hidden}"), 400),
    ] {
        let request = format!("GET /feed.xml HTTP/1.1\r\nHost: x\r\n{lines}");
        let answers = split(&service.raw(&request));
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [want], "{request:?}");
    }
    for request in [
        "GET /feed.xml HTTP/1.1\r\n\r\n",
        "GET /feed.xml\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        "GET  /feed.xml HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let answers = split(&service.raw(request));
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [400], "{request:?}");
    }
    assert_eq!(service.get("/feed.xml", &[]).status, 200);
}

#[test]
fn a_head_has_a_largest_size() {
    let (_scene, service) = serving("");
    let request = |head: &str| split(&service.raw(head)).first().map(|answer| answer.status);
    let long = "a".repeat(9_000);
    assert_eq!(request(&format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n")), Some(414));
    assert_eq!(request(&format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}{long}\r\n\r\n")), Some(431));
    assert_eq!(request(&format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(150))), Some(431));
    let endless = format!("GET / HTTP/1.1\r\nHost: x\r\n{}", "X: y\r\n".repeat(200_000));
    assert_eq!(request(&endless), Some(431));
    let endless = format!("GET /{}", "a".repeat(2_000_000));
    assert!(matches!(request(&endless), Some(414 | 431)));
}

/// Also what is answered before anybody looks at it.
#[test]
fn every_answer_is_counted_by_its_code() {
    let (scene, service) = serving("token = \"file:token\"\nhub = true");
    std::fs::write(scene.path("token"), "correct horse").unwrap();
    service.signal("HUP");
    service.wait_until_said("is taken over");
    let metrics = || service.get("/metrics", &["Authorization: Bearer correct horse"]).text();
    let count = |text: &str, code: &str| -> u64 {
        let name = format!("feedloom_http_requests_total{{code=\"{code}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name));
        line.unwrap_or_else(|| panic!("{code}: {text}")).parse().unwrap()
    };
    let before = metrics();
    for (request, code) in [
        ("GET  /feed.xml HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), "400"),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(150)), "431"),
        ("POST /hub HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}".to_owned(), "415"),
        ("GET /feed.xml HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n".to_owned(), "417"),
    ] {
        assert_eq!(split(&service.raw(&request))[0].status.to_string(), code, "{request}");
        // It is counted when it has been sent.
        let began = Instant::now();
        while count(&metrics(), code) != count(&before, code) + 1 {
            assert!(began.elapsed() < Duration::from_secs(10), "{code}: {}", metrics());
            thread::sleep(Duration::from_millis(20));
        }
    }
    let after = metrics();
    assert_eq!(count(&after, "other"), count(&before, "other"));
    assert!(after.contains("feedloom_http_malformed_requests_total 2\n"), "{after}");
}

#[test]
fn a_head_has_ten_seconds() {
    let (_scene, service) = serving("");
    let began = Instant::now();
    let mut stream = service.connect();
    let mut dripping = stream.try_clone().unwrap();
    let drip = thread::spawn(move || {
        dripping.write_all(b"GET /feed.xml HTTP/1.1\r\nHost: x\r\nX: ").unwrap();
        for _ in 0..40 {
            thread::sleep(Duration::from_millis(500));
            if dripping.write_all(b"y").is_err() {
                break;
            }
        }
    });
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let took = began.elapsed().as_secs();
    let late = &split(&answer)[0];
    assert_eq!(late.status, 408, "{}", String::from_utf8_lossy(&answer));
    assert!(late.header("date").is_some(), "{late:?}");
    assert!((9..20).contains(&took), "{took} s");
    drop(stream);
    drip.join().unwrap();
}

/// Its time begins with it: what the connection asked before is not counted.
#[test]
fn a_head_that_follows_others_has_ten_seconds_of_its_own() {
    let (_scene, service) = serving("");
    let mut stream = service.connect();
    let asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut buffer = [0; 4096];
    for _ in 0..24 {
        stream.write_all(asked).unwrap();
        assert!(stream.read(&mut buffer).unwrap() > 0);
        thread::sleep(Duration::from_millis(450));
    }
    stream.write_all(&asked[..20]).unwrap();
    thread::sleep(Duration::from_secs(4));
    stream.write_all(&asked[20..]).unwrap();
    let read = stream.read(&mut buffer).unwrap();
    assert_eq!(split(&buffer[..read])[0].status, 200, "{}", String::from_utf8_lossy(&buffer[..read]));
}
