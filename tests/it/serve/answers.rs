//! What is answered for a file of the outputs.

use std::io::Read as _;

use super::stand::{Answer, serving};

#[test]
fn conditional_requests_are_answered_in_their_order() {
    let (_scene, service) = serving("");
    let whole = service.get("/feed.xml", &[]);
    let (tag, date) = (whole.header("etag").unwrap().to_owned(), whole.header("last-modified").unwrap().to_owned());
    assert_eq!((whole.status, whole.header("content-type")), (200, Some("application/rss+xml; charset=utf-8")));
    let old = "Sun, 06 Nov 1994 08:49:37 GMT";
    let future = "Thu, 01 Jan 2099 00:00:00 GMT";
    for (lines, want) in [
        (vec![format!("If-None-Match: {tag}")], 304),
        (vec![format!("If-None-Match: W/{tag}")], 304),
        (vec![format!("If-None-Match: \"x\", {tag} ,\"y\"")], 304),
        (vec!["If-None-Match: \"x\"".to_owned(), format!("If-None-Match: {tag}")], 304),
        (vec!["If-None-Match: *".to_owned()], 304),
        (vec!["If-None-Match: \"x\"".to_owned()], 200),
        (vec![format!("If-Modified-Since: {date}")], 304),
        (vec![format!("If-Modified-Since: {future}")], 304),
        (vec![format!("If-Modified-Since: {old}")], 200),
        (vec!["If-Modified-Since: soon".to_owned()], 200),
        (vec![format!("If-None-Match: \"x\""), format!("If-Modified-Since: {date}")], 200),
        (vec![format!("If-None-Match: {tag}"), format!("If-Modified-Since: {old}")], 304),
        (vec![format!("If-Match: {tag}")], 200),
        (vec!["If-Match: *".to_owned()], 200),
        (vec![format!("If-Match: W/{tag}")], 412),
        (vec!["If-Match: \"x\"".to_owned()], 412),
        (vec![format!("If-Match: {tag}"), format!("If-None-Match: {tag}")], 304),
        (vec!["If-Match: \"x\"".to_owned(), format!("If-None-Match: {tag}")], 412),
        (vec![format!("If-Unmodified-Since: {date}")], 200),
        (vec![format!("If-Unmodified-Since: {old}")], 412),
        (vec![format!("If-Match: {tag}"), format!("If-Unmodified-Since: {old}")], 200),
        (vec![format!("If-Unmodified-Since: {old}"), format!("If-None-Match: {tag}")], 412),
        (vec![format!("If-Unmodified-Since: {date}"), format!("If-Modified-Since: {date}")], 304),
        (vec!["Range: bytes=0-9".to_owned(), format!("If-Range: {tag}")], 200),
        (vec!["Range: lines=x".to_owned()], 200),
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for method in ["GET", "HEAD"] {
            let answer = service.ask(method, "/feed.xml", &lines);
            assert_eq!(answer.status, want, "{method} {lines:?}");
            match want {
                304 => {
                    assert!(answer.body.is_empty() && answer.header("content-type").is_none(), "{answer:?}");
                    for name in ["etag", "cache-control", "vary", "date"] {
                        assert!(answer.header(name).is_some(), "{name}: {answer:?}");
                    }
                }
                200 if method == "GET" => assert_eq!(answer.body, whole.body, "{lines:?}"),
                _ => {}
            }
        }
    }
    // What is not there has no preconditions.
    assert_eq!(service.get("/nothing", &["If-None-Match: *"]).status, 404);
}

#[test]
fn head_is_get_without_a_body_and_a_range_is_not_served() {
    let (_scene, service) = serving("");
    for path in ["/feed.xml", "/", "/atom.xml", "/feed.json", "/sources.opml", "/about.html", "/healthz", "/nothing"] {
        let without_date = |text: &str| -> Vec<String> {
            let mut lines: Vec<String> =
                text.lines().filter(|line| !line.starts_with("date")).map(str::to_owned).collect();
            lines.sort();
            lines
        };
        // Once more if a pass of the service ended in between.
        let ask = || (service.get(path, &[]), service.ask("HEAD", path, &[]));
        let is_one = |(get, head): &(Answer, Answer)| without_date(&get.head) == without_date(&head.head);
        let (get, head) = Some(ask()).filter(is_one).unwrap_or_else(ask);
        assert_eq!(without_date(&get.head), without_date(&head.head), "{path}");
        assert_eq!(get.header("content-length").unwrap(), get.body.len().to_string());
    }
    let part = service.get("/feed.xml", &["Range: bytes=0-0"]);
    assert_eq!((part.status, part.header("accept-ranges")), (200, Some("none")));
}

#[test]
fn each_encoding_is_another_thing_with_the_same_content() {
    let (_scene, service) = serving("");
    for path in ["/feed.xml", "/", "/feed.json"] {
        let plain = service.get(path, &[]);
        assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("Accept-Encoding")));
        let gzip = service.get(path, &["Accept-Encoding: deflate, gzip;q=0.8"]);
        assert_eq!(gzip.header("content-encoding"), Some("gzip"));
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip.body[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body, "{path}");
        let brotli = service.get(path, &["Accept-Encoding: gzip, deflate, br"]);
        assert_eq!(brotli.header("content-encoding"), Some("br"));
        let mut text = Vec::new();
        brotli_decompressor::Decompressor::new(&brotli.body[..], 4096).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body, "{path}");
        let tags = [&plain, &gzip, &brotli].map(|answer| answer.header("etag").unwrap().to_owned());
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
        let line = format!("If-None-Match: {}", tags[1]);
        assert_eq!(service.get(path, &[&line, "Accept-Encoding: gzip"]).status, 304);
        assert_eq!(service.get(path, &[&line]).status, 200, "{path}: as it is, it is another thing");
        assert_eq!(service.get(path, &["Accept-Encoding: *;q=0"]).body, plain.body);
    }
}

#[test]
fn types_policies_and_what_other_sites_may_read() {
    let (_scene, service) = serving("");
    for (path, media_type) in [
        ("/feed.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json; charset=utf-8"),
        ("/sources.opml", "text/x-opml; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/archive/", "text/html; charset=utf-8"),
    ] {
        let answer = service.get(path, &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)), "{path}");
        let is_page = media_type.starts_with("text/html");
        assert_eq!(answer.header("access-control-allow-origin").is_some(), !is_page, "{path}");
        assert_eq!(answer.header("content-security-policy").is_some(), is_page, "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let cache = answer.header("cache-control").unwrap();
        let age: u32 = cache.strip_prefix("public, max-age=").unwrap().parse().unwrap();
        assert!((60..=1800).contains(&age), "{cache}");
    }
    let folder = service.get("/archive", &[]);
    assert_eq!((folder.status, folder.header("location")), (301, Some("archive/")));
    let options =
        service.ask("OPTIONS", "/feed.xml", &["Origin: https://x.example", "Access-Control-Request-Method: GET"]);
    assert_eq!((options.status, options.header("access-control-allow-origin")), (204, Some("*")));
}

#[test]
fn nothing_but_the_outputs_is_there() {
    let (scene, service) = serving("");
    std::fs::write(scene.outputs().join("secret.txt"), "x").unwrap();
    std::fs::write(scene.outputs().join(".feed.xml.feedloom-tmp"), "x").unwrap();
    for path in [
        "/secret.txt",
        "/.feed.xml.feedloom-tmp",
        "/../feeds.toml",
        "/..%2ffeeds.toml",
        "/%2e%2e/feedloom.db",
        "/archive/../feed.xml",
        "/./feed.xml",
        "//feed.xml",
        "/feed.xml/",
        "/archive/..%2f..%2f..%2fetc/passwd",
        "/FEED.XML",
        "/feed.xml%20",
        "/data/public/feed.xml",
        "/..\\feeds.toml",
        "/metrics",
        "/status",
    ] {
        assert_eq!(service.get(path, &[]).status, 404, "{path}");
    }
    for path in ["/%", "/%zz", "/%ff", "/a%00b", "/a%0ab"] {
        assert_eq!(service.get(path, &[]).status, 400, "{path}");
    }
    assert_eq!(service.get("/feed.xml?utm_source=x", &[]).status, 200);
    assert_eq!(service.get("/f%65ed.xml", &[]).status, 200);
}

#[test]
fn an_address_that_readers_know_may_have_encoded_letters() {
    let (_scene, service) = serving("public_url = \"https://f.example/neu%20es/nachrichten-%C3%BCber/\"");
    for path in ["/feed.xml", "/neu%20es/nachrichten-%C3%BCber/feed.xml", "/neu%20es/nachrichten-%c3%bcber/search?q=x"]
    {
        assert_eq!(service.get(path, &[]).status, 200, "{path}");
    }
    for path in ["/neu+es/nachrichten-%C3%BCber/feed.xml", "/neu%20es/feed.xml", "/other/feed.xml"] {
        assert_eq!(service.get(path, &[]).status, 404, "{path}");
    }
}
