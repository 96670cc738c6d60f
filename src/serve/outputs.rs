//! The answer for a file of the outputs.

use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Response, StatusCode};

use super::admit::METHODS;
use super::encoding::preferred;
use super::on_disk::OnDisk;
use super::page::{Kind, Page};
use super::precondition::{Outcome, weigh};
use super::reply::{Reply, plain};
use super::site::{Found, Site};

/// Headers of a request that a script of another site may send to a feed.
const CORS_HEADERS: &str = "If-None-Match, If-Modified-Since, Cache-Control";
/// … and of an answer that it may read, besides those that it always may.
const CORS_READABLE: &str = "ETag";

/// Bytes of the body that a 304 stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saved(pub(super) usize);

/// What is asked for, and for how many seconds the answer is fresh.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) headers: &'a HeaderMap,
    pub(super) fresh_s: i64,
}

/// What the outputs have at a path.
#[derive(Debug)]
pub(super) enum Answer {
    Ready(Reply),
    /// It is to be read first; see [`of_page`].
    OnDisk(OnDisk),
}

/// The answer for `path`; `None`: the outputs have nothing there.
pub(super) fn answer(site: &Site, path: &str, asked: Asked<'_>) -> Option<Answer> {
    Some(Answer::Ready(match site.find(path)? {
        Found::Folder(name) => to_folder(&name),
        Found::OnDisk(file) => return Some(Answer::OnDisk(file)),
        Found::Page(page) => {
            let mut reply = of_page(&page, asked);
            if let Some(link) = site.link(path).filter(|_| reply.status() == StatusCode::OK) {
                reply.headers_mut().insert(header::LINK, link.clone());
            }
            reply
        }
    }))
}

/// A year is what caches take for ever (RFC 8246).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// What may be asked of a thing of this kind, also to a browser that asks before another site may (the Fetch standard's
/// preflight).
pub(super) fn options(kind: &Kind) -> Reply {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = StatusCode::NO_CONTENT;
    let headers = reply.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    if *kind == Kind::Feed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(CORS_HEADERS));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    reply
}

/// Relative, so that it holds behind a proxy that serves a folder of its own.
fn to_folder(name: &str) -> Reply {
    let mut reply = plain(StatusCode::MOVED_PERMANENTLY, "it is a folder");
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    if let Ok(place) = HeaderValue::try_from(format!("{}/", name.replace('+', "%20"))) {
        reply.headers_mut().insert(header::LOCATION, place);
    }
    reply
}

/// The answer for `page`.
pub(super) fn of_page(page: &Page, asked: Asked<'_>) -> Reply {
    if *asked.method == Method::OPTIONS {
        return options(&page.kind);
    }
    let lines = asked.headers.get_all(header::ACCEPT_ENCODING).iter().map(HeaderValue::as_bytes);
    let (encoding, variant) = page.variant(preferred(lines));
    let mut reply = match weigh(asked.headers, variant.tag.as_bytes(), page.changed_s) {
        Outcome::Failed => return plain(StatusCode::PRECONDITION_FAILED, "it is not what the request asks for"),
        Outcome::NotModified => {
            let mut reply = Response::new(Bytes::new());
            *reply.status_mut() = StatusCode::NOT_MODIFIED;
            reply.extensions_mut().insert(Saved(variant.bytes.len()));
            reply
        }
        Outcome::Send => {
            let mut reply = Response::new(variant.bytes.clone());
            let headers = reply.headers_mut();
            headers.reserve(12);
            headers.insert(header::CONTENT_TYPE, page.media_type.clone());
            headers.insert(header::LAST_MODIFIED, page.last_modified.clone());
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
            if let Some(name) = encoding.name() {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
            }
            add_security(headers, &page.kind);
            reply
        }
    };
    let headers = reply.headers_mut();
    headers.insert(header::ETAG, variant.tag.clone());
    let cache = match page.kind {
        Kind::Named => Ok(FOR_EVER),
        _ => HeaderValue::try_from(format!("public, max-age={}", asked.fresh_s)),
    };
    if let Ok(cache) = cache {
        headers.insert(header::CACHE_CONTROL, cache);
    }
    if page.varies() {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if page.kind == Kind::Feed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(CORS_READABLE));
    }
    reply
}

/// What keeps a browser from taking a thing for something else.
fn add_security(headers: &mut HeaderMap, kind: &Kind) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Kind::Page(policy) = kind {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::config::Format;
    use crate::serve::site::Place;
    use crate::serve::watch::FileStamp;

    fn site() -> Site {
        let page = |name: &str, format: Format| {
            let text = "<p>each story once, every outlet credited".repeat(40);
            let page = Page::new(name, Some(format), text.into_bytes(), FileStamp::at(0));
            (name.to_owned(), Place::Memory(Arc::new(page)))
        };
        Site::new(
            PathBuf::new(),
            BTreeMap::from([
                page("feed.xml", Format::Rss),
                page("index.html", Format::Html),
                page("the days/index.html", Format::Html),
            ]),
        )
    }

    fn get(path: &str, lines: &[(&'static str, &str)]) -> Option<Reply> {
        let headers = lines
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        ready(&Method::GET, path, &headers.collect())
    }

    fn ready(method: &Method, path: &str, headers: &HeaderMap) -> Option<Reply> {
        match answer(&site(), path, Asked { method, headers, fresh_s: 60 })? {
            Answer::Ready(reply) => Some(reply),
            Answer::OnDisk(file) => panic!("{file:?}"),
        }
    }

    fn lines(reply: &Reply) -> Vec<String> {
        reply.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn a_304_has_what_a_cache_needs_and_nothing_of_the_body() {
        let sent = get("feed.xml", &[("accept-encoding", "gzip")]).unwrap();
        assert_eq!(sent.headers()[header::CONTENT_ENCODING], "gzip");
        let tag = sent.headers()[header::ETAG].to_str().unwrap().to_owned();
        let kept = get("feed.xml", &[("accept-encoding", "gzip"), ("if-none-match", &tag)]).unwrap();
        assert_eq!((kept.status(), kept.body().len()), (StatusCode::NOT_MODIFIED, 0));
        let want = [
            format!("etag: {tag}"),
            "cache-control: public, max-age=60".to_owned(),
            "vary: Accept-Encoding".to_owned(),
            "access-control-allow-origin: *".to_owned(),
            "access-control-expose-headers: ETag".to_owned(),
        ];
        assert_eq!(lines(&kept), want);
        for line in want {
            assert!(lines(&sent).contains(&line), "{line}");
        }
        // In another encoding it is something else.
        let other = get("feed.xml", &[("accept-encoding", "br"), ("if-none-match", &tag)]).unwrap();
        assert_eq!(
            (other.status(), &other.headers()[header::CONTENT_ENCODING]),
            (StatusCode::OK, &HeaderValue::from_static("br"))
        );
    }

    #[test]
    fn every_answer_says_what_it_depends_on() {
        for asked in ["", "gzip", "identity", "*;q=0"] {
            let reply = get("feed.xml", &[("accept-encoding", asked)]).unwrap();
            assert_eq!(reply.headers()[header::VARY], "Accept-Encoding", "{asked}");
            assert_eq!(reply.headers()[header::ACCEPT_RANGES], "none");
        }
    }

    #[test]
    fn a_range_is_not_served_and_a_failed_precondition_has_no_thing() {
        let reply = get("feed.xml", &[("range", "bytes=0-1"), ("if-range", "\"x\"")]).unwrap();
        assert_eq!(
            (reply.status(), reply.body().len()),
            (StatusCode::OK, site().output("feed.xml").unwrap().identity.bytes.len())
        );
        let reply = get("feed.xml", &[("if-match", "\"x\"")]).unwrap();
        assert_eq!(reply.status(), StatusCode::PRECONDITION_FAILED);
        assert!(!reply.headers().contains_key(header::ETAG));
    }

    #[test]
    fn a_page_is_guarded_and_a_feed_is_for_every_site() {
        let page = get("", &[]).unwrap();
        assert!(page.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        assert!(!page.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        let feed = get("feed.xml", &[]).unwrap();
        assert!(!feed.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        assert_eq!(feed.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let options = ready(&Method::OPTIONS, "feed.xml", &HeaderMap::new()).unwrap();
        assert_eq!(options.status(), StatusCode::NO_CONTENT);
        assert_eq!(options.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], CORS_HEADERS);
    }

    #[test]
    fn a_folder_has_a_slash_and_nothing_else_is_there() {
        let reply = get("the days", &[]).unwrap();
        assert_eq!(
            (reply.status(), &reply.headers()[header::LOCATION]),
            (StatusCode::MOVED_PERMANENTLY, &HeaderValue::from_static("the%20days/"))
        );
        assert_eq!(get("the days/", &[]).unwrap().status(), StatusCode::OK);
        for path in
            ["x", "feed.xml/", "../feeds.toml", "./feed.xml", "the days/../feed.xml", "/", "/feed.xml", "FEED.XML"]
        {
            assert!(get(path, &[]).is_none(), "{path}");
        }
    }
}
