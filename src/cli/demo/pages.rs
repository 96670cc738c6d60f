//! A few pages held in memory and served over HTTP on loopback.
//!
//! A request is answered by looking up its path among the pages; no path from outside ever reaches the
//! file system, so path traversal is impossible.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a connection may delay the end: browsers open some ahead and send nothing on them.
const GRACE: Duration = Duration::from_millis(500);

/// One answer, always the same.
#[derive(Debug, Clone)]
pub(super) struct Page {
    content_type: &'static str,
    body: Vec<u8>,
    etag: String,
    changed: Timestamp,
}

impl Page {
    /// A page that exists, last changed at `changed` (in whole seconds: HTTP carries no more).
    pub(super) fn found(content_type: &'static str, body: Vec<u8>, changed: Timestamp) -> Self {
        let mut etag = String::from("\"");
        for byte in &crate::text::content_hash(&body)[..8] {
            write!(etag, "{byte:02x}").expect("writing to a string");
        }
        etag.push('"');
        Self { content_type, body, etag, changed }
    }

    /// The answer, byte for byte.
    #[cfg(test)]
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the client has it already (RFC 9110 §13.2.2: `If-None-Match` decides if it is given).
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let text = |name| asked.get(name).and_then(|value| value.to_str().ok());
        if let Some(tags) = text(header::IF_NONE_MATCH) {
            return tags
                .split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag);
        }
        text(header::IF_MODIFIED_SINCE)
            .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
            .is_some_and(|date| self.changed.as_second() <= date.timestamp().as_second())
    }
}

/// Pages by path; each path starts with `/`.
pub(super) type Pages = BTreeMap<String, Page>;

/// A port of this machine that is bound but not answered yet.
#[derive(Debug)]
pub(super) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// If the port is taken or not ours to take.
    pub(super) async fn new(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address it listens on, with the real port.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts to answer with `pages`.
    pub(super) fn serve(self, pages: Pages) -> Serving {
        let (stop, stopped) = oneshot::channel::<()>();
        let app = Router::new().fallback(answer).with_state(Arc::new(pages));
        let server = axum::serve(self.listener, app).with_graceful_shutdown(async {
            // Dropped or sent: both mean stop.
            let _ = stopped.await;
        });
        Serving { stop, task: tokio::spawn(server.into_future()) }
    }
}

/// Pages that are being served until [`Serving::stop`].
#[derive(Debug)]
pub(super) struct Serving {
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// Ends serving; open requests are answered first, half-sent ones get [`GRACE`].
    ///
    /// # Errors
    /// What ended the server earlier, if anything did.
    pub(super) async fn stop(mut self) -> io::Result<()> {
        // An error means that the server has already ended; its result says why.
        let _ = self.stop.send(());
        match tokio::time::timeout(GRACE, &mut self.task).await {
            Ok(ended) => ended.map_err(io::Error::other)?,
            Err(_) => {
                self.task.abort();
                // It was stopped just now, so it did not end by itself.
                let _ = self.task.await;
                Ok(())
            }
        }
    }
}

async fn answer(State(pages): State<Arc<Pages>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(page) = pages.get(request.uri().path()) else {
        return (StatusCode::NOT_FOUND, "there is no such page here\n").into_response();
    };
    let validators = [
        (header::ETAG, page.etag.clone()),
        (header::LAST_MODIFIED, http_date(page.changed)),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    if page.is_known(request.headers()) {
        return (StatusCode::NOT_MODIFIED, validators).into_response();
    }
    (validators, [(header::CONTENT_TYPE, page.content_type)], page.body.clone()).into_response()
}

/// RFC 9110 §5.6.7.
fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// Serves `pages` on a free loopback port while `ask` runs.
    pub(crate) fn while_served(pages: Pages, ask: impl FnOnce(SocketAddr)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let bound = runtime.block_on(Bound::new(([127, 0, 0, 1], 0).into())).unwrap();
        let address = bound.address();
        let serving = runtime.block_on(async { bound.serve(pages) });
        ask(address);
        runtime.block_on(serving.stop()).unwrap();
    }

    /// Sends `request` verbatim, so that no client normalises its path, and returns the whole answer.
    pub(crate) fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{request}\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn header_of<'a>(answer: &'a str, name: &str) -> &'a str {
        let line = answer.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("{name} is in {answer}")).split_once(": ").unwrap().1
    }

    fn one_page() -> Pages {
        let changed = "2026-03-01T01:30:07.9Z".parse().unwrap();
        let page = Page::found("application/rss+xml", b"<rss/>".to_vec(), changed);
        Pages::from([("/feed.xml".to_owned(), page)])
    }

    #[test]
    fn a_second_request_with_the_validators_is_answered_304() {
        while_served(one_page(), |address| {
            let first = ask(address, "GET /feed.xml HTTP/1.1");
            assert!(first.starts_with("HTTP/1.1 200 "), "{first}");
            assert!(first.ends_with("<rss/>"), "{first}");
            assert_eq!(header_of(&first, "content-type"), "application/rss+xml");
            let (etag, date) = (header_of(&first, "etag"), header_of(&first, "last-modified"));
            assert_eq!(date, "Sun, 01 Mar 2026 01:30:07 GMT");
            for validator in [
                format!("If-None-Match: {etag}"),
                format!("If-None-Match: \"other\", W/{etag}"),
                format!("If-Modified-Since: {date}"),
            ] {
                let second = ask(address, &format!("GET /feed.xml HTTP/1.1\r\n{validator}"));
                assert!(second.starts_with("HTTP/1.1 304 "), "{validator}: {second}");
                assert!(second.ends_with("\r\n\r\n"), "{second}");
            }
        });
    }

    #[test]
    fn stale_validators_are_answered_in_full() {
        while_served(one_page(), |address| {
            for validator in [
                "If-None-Match: \"other\"",
                "If-Modified-Since: Sun, 01 Mar 2026 01:30:06 GMT",
                "If-Modified-Since: yesterday",
                // The tag decides if both are given.
                "If-None-Match: \"other\"\r\nIf-Modified-Since: Sun, 01 Mar 2026 01:30:07 GMT",
            ] {
                let answer = ask(address, &format!("GET /feed.xml HTTP/1.1\r\n{validator}"));
                assert!(answer.starts_with("HTTP/1.1 200 "), "{validator}: {answer}");
            }
        });
    }

    #[test]
    fn nothing_but_the_pages_is_there() {
        while_served(one_page(), |address| {
            for path in [
                "/",
                "/feed.xml/",
                "//feed.xml",
                "/FEED.XML",
                "/../feed.xml",
                "/../../../../../../etc/passwd",
                "/..%2f..%2f..%2fetc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/feed.xml%00",
                "/./feed.xml",
            ] {
                let answer = ask(address, &format!("GET {path} HTTP/1.1"));
                assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
            }
            let posted = ask(address, "POST /feed.xml HTTP/1.1\r\nContent-Length: 0");
            assert!(posted.starts_with("HTTP/1.1 405 "), "{posted}");
        });
    }

    #[test]
    fn a_half_sent_request_does_not_hold_up_the_end() {
        let mut held = None;
        // That this returns is the test: without a time limit the server waits for the rest of the first request,
        // whose connection it accepted before that of the second.
        while_served(one_page(), |address| {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET /feed.xml HTTP/1.1\r\n").unwrap();
            held = Some(stream);
            assert!(ask(address, "GET /feed.xml HTTP/1.1").starts_with("HTTP/1.1 200 "));
        });
        assert!(held.is_some());
    }

    #[test]
    fn a_head_request_has_no_body() {
        while_served(one_page(), |address| {
            let answer = ask(address, "HEAD /feed.xml HTTP/1.1");
            assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{answer}");
        });
    }
}
