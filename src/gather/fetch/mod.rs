//! One request, guarded: conditional GET, headers exactly as wanted, a time and a size limit.

mod error;
mod file;
mod freshness;
mod guard;
pub(crate) mod hosts;
mod inflate;
mod redirect;
pub(crate) mod robots;
pub(crate) mod tdmrep;
pub(crate) mod validators;

use std::sync::{Arc, Once};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Method, Request, Response, redirect::Policy};
use url::Url;

use crate::config::{Config, FetchConfig, SourceAddress, SourceConfig};
use crate::store::Validators;
use guard::{Guard, GuardedResolver};
use inflate::Inflater;
use validators::Asked;

pub use error::FetchError;
pub(crate) use file::read_file;
pub(crate) use freshness::Freshness;
pub use guard::Refused;
pub(crate) use redirect::{Chain, Watched, watch};

/// What is asked for; a server that negotiates should send a feed.
const FEED_TYPES: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
                          application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";
/// The same for a page behind an entry.
const PAGE_TYPES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";
/// And for robots.txt.
const ROBOTS_TYPES: &str = "text/plain, */*;q=0.1";
/// The encodings that are read. The client knows the first three; `deflate` is two things, and ours to read.
const ENCODINGS: &str = "gzip, br, zstd, deflate";
/// Largest decoded page: of 181 real ones the largest has a third of it.
const MOST_PAGE_BYTES: u64 = 3 * 1024 * 1024;
/// Time limit of a connection, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Idle connections are dropped this long after the host's next request could have started.
const IDLE: Duration = Duration::from_millis(500);
/// A small body of a redirect is read to its end, so that the connection can be used again.
const SMALL_BODY_BYTES: u64 = 16 * 1024;

/// The one client of a run.
#[derive(Debug)]
pub(crate) struct Fetcher {
    client: Client,
    guard: Arc<Guard>,
    max_body_bytes: u64,
    /// Names by which robots.txt may call us, lower case.
    tokens: Vec<String>,
    /// This machine has no CA certificates: https cannot work.
    trusts_nobody: bool,
}

/// The HTTP client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client")]
pub struct ClientError(#[source] reqwest::Error);

/// One request.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) wanted: Wanted<'a>,
    /// Without user info.
    pub(crate) url: &'a Url,
    /// Time limit, body included.
    pub(crate) limit: Duration,
    /// The time it starts.
    pub(crate) now: Timestamp,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// The feed of a source.
    Feed { source: &'a SourceConfig, validators: Option<&'a Validators> },
    /// The page behind an entry.
    Page,
    /// A host's robots.txt, as much of it as is read.
    Robots,
}

impl Wanted<'_> {
    fn accept(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Feed { .. } => FEED_TYPES,
            Self::Page => PAGE_TYPES,
            Self::Robots => ROBOTS_TYPES,
        })
    }
}

/// A usable answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 301, 302, 303, 307, 308.
    Redirect { status: u16, headers: HeaderMap },
    /// 304 to a conditional request.
    NotModified { validators: Option<Validators>, freshness: Freshness },
    /// 200, 226.
    Document(Document),
}

/// The body of a good answer and what its headers say.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) fetched: Fetched,
    pub(crate) validators: Option<Validators>,
    pub(crate) freshness: Freshness,
    pub(crate) extent: Extent,
}

/// How much of a feed an answer brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// 226: some new entries (RFC 3229).
    SomeNew,
}

/// A document as fetched: what the reader gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The address it came from, after redirects; a `file:` address for a local file.
    pub url: Url,
    /// The body, decompressed and complete.
    pub bytes: Vec<u8>,
    /// All headers of the answer, names in lower case, values as sent.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Fetched {
    /// Names and values of its headers.
    pub(crate) fn named_headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

impl Fetcher {
    /// A client by the rules of `[fetch]`.
    ///
    /// # Errors
    /// Where the User-Agent cannot be sent or TLS cannot be set up.
    pub(crate) fn new(config: &Config) -> Result<Self, ClientError> {
        install_crypto();
        let guard = Arc::new(Guard::new(config));
        let builder = || client(&config.fetch, config.contact.as_deref(), Arc::clone(&guard));
        // The platform's verifier refuses to start without any CA certificate; feeds over plain http
        // are still of use then, and https fails with a message of its own.
        let (client, trusts_nobody) = match builder().build() {
            Ok(client) => (client, false),
            Err(_) => (builder().tls_certs_only([]).build().map_err(ClientError)?, true),
        };
        let tokens = robots_tokens(&config.fetch);
        Ok(Self { client, guard, max_body_bytes: config.fetch.max_body_bytes, tokens, trusts_nobody })
    }

    /// Names by which robots.txt may call us, lower case.
    pub(crate) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Whether the address guard lets a request leave for `url`, as far as that can be told without a look-up.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refused> {
        self.guard.check(url)
    }

    /// Sends one request and reads the answer to its end.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Answer, FetchError> {
        self.guard.check(ask.url)?;
        let host = ask.url.host_str().unwrap_or_default();
        if self.trusts_nobody && ask.url.scheme() == "https" {
            return Err(FetchError::NoCertificates { host: host.to_owned() });
        }
        match tokio::time::timeout(ask.limit, self.exchange(&ask, host)).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::Timeout { limit: ask.limit }),
        }
    }

    async fn exchange(&self, ask: &Ask<'_>, host: &str) -> Result<Answer, FetchError> {
        let failed = |error| FetchError::from_request(error, host, ask.limit);
        let mut request = Request::new(Method::GET, ask.url.clone());
        request.headers_mut().insert(ACCEPT, ask.wanted.accept());
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS));
        let mut asked = Asked::Anew;
        let mut known = None;
        if let Wanted::Feed { source, validators } = ask.wanted {
            known = validators;
            asked = validators::ask_with(validators, ask.url, request.headers_mut());
            self.add_credentials(source, &mut request)?;
        }
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        match status {
            200 | 226 => {
                check_encoding(&response)?;
                if let Wanted::Page = ask.wanted {
                    check_is_page(response.headers())?;
                }
                let bytes = self.body(&mut response, ask.wanted).await?.map_err(failed)?;
                let headers = std::mem::take(response.headers_mut());
                let extent = if status == 226 { Extent::SomeNew } else { Extent::Whole };
                Ok(Answer::Document(Document { extent, ..document(ask, bytes, &headers) }))
            }
            304 if asked == Asked::Anew => Err(FetchError::NotModifiedUnasked),
            304 => Ok(Answer::NotModified {
                validators: validators::renewed(known, response.headers(), ask.url),
                freshness: Freshness::of(response.headers(), ask.now),
            }),
            301 | 302 | 303 | 307 | 308 => {
                let headers = response.headers().clone();
                if response.content_length().is_some_and(|length| (1..=SMALL_BODY_BYTES).contains(&length)) {
                    // Only for the connection's sake: the redirect stands whatever becomes of its body.
                    let _ = self.body(&mut response, ask.wanted).await;
                }
                Ok(Answer::Redirect { status, headers })
            }
            _ => Err(refusal(status, response.headers(), ask.now)),
        }
    }

    /// Sends `form` to `url`; the answer's body is nobody's business.
    pub(crate) async fn post_form(&self, url: &Url, form: String, limit: Duration) -> Result<(), FetchError> {
        self.guard.check(url)?;
        let host = url.host_str().unwrap_or_default();
        if self.trusts_nobody && url.scheme() == "https" {
            return Err(FetchError::NoCertificates { host: host.to_owned() });
        }
        let request = self
            .client
            .post(url.clone())
            .header(ACCEPT, "*/*")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        match tokio::time::timeout(limit, request.send()).await {
            Err(_) => Err(FetchError::Timeout { limit }),
            Ok(Err(error)) => Err(FetchError::from_request(error, host, limit)),
            Ok(Ok(answer)) if answer.status().is_success() => Ok(()),
            Ok(Ok(answer)) => Err(FetchError::Status { status: answer.status().as_u16(), retry_after: None }),
        }
    }

    /// Adds the source's own headers and the user info of its address, where `request` goes to the
    /// exact origin that feeds.toml names.
    fn add_credentials(&self, source: &SourceConfig, request: &mut Request) -> Result<(), FetchError> {
        let SourceAddress::Http(own) = &source.address else { return Ok(()) };
        let has_user_info = !own.username().is_empty() || own.password().is_some();
        if (source.headers.is_empty() && !has_user_info) || own.origin() != request.url().origin() {
            return Ok(());
        }
        if has_user_info {
            // The client makes the header (RFC 7617) where it builds a request for such an address.
            let bad = |_| FetchError::Header { name: "Authorization".to_owned() };
            let built = self.client.get(own.clone()).build().map_err(bad)?;
            for (name, value) in built.headers() {
                let mut value = value.clone();
                value.set_sensitive(true);
                request.headers_mut().insert(name.clone(), value);
            }
        }
        for (name, value) in &source.headers {
            let bad = || FetchError::Header { name: name.clone() };
            let header: HeaderName = name.parse().map_err(|_| bad())?;
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| bad())?;
            value.set_sensitive(true);
            request.headers_mut().insert(header, value);
        }
        Ok(())
    }

    /// The decoded body, counted as it comes.
    async fn body(
        &self,
        response: &mut Response,
        wanted: Wanted<'_>,
    ) -> Result<Result<Vec<u8>, reqwest::Error>, FetchError> {
        let limit_bytes = match wanted {
            Wanted::Feed { .. } => self.max_body_bytes,
            Wanted::Page => self.max_body_bytes.min(MOST_PAGE_BYTES),
            Wanted::Robots => robots::MOST_BYTES as u64,
        };
        let is_cut = matches!(wanted, Wanted::Robots);
        let announced = response.content_length().unwrap_or(0);
        if announced > limit_bytes && !is_cut {
            return Err(FetchError::TooLarge { limit_bytes });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(announced.min(256 * 1024)).unwrap_or(0));
        let mut inflater = is_deflated(response.headers()).then(Inflater::default);
        let damaged = |error: inflate::InflateError| FetchError::Decode { source: error.into() };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    match &mut inflater {
                        Some(inflater) => inflater.push(&chunk, &mut bytes, limit_bytes).map_err(damaged)?,
                        None => bytes.extend_from_slice(&chunk),
                    }
                    if bytes.len() as u64 > limit_bytes {
                        return if is_cut { Ok(Ok(bytes)) } else { Err(FetchError::TooLarge { limit_bytes }) };
                    }
                }
                Ok(None) => {
                    inflater.map_or(Ok(()), |inflater| inflater.finish()).map_err(damaged)?;
                    return Ok(Ok(bytes));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    }
}

/// Makes rustls use the `ring` provider, once for the process.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that a provider is installed already: then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn client(fetch: &FetchConfig, contact: Option<&str>, guard: Arc<Guard>) -> ClientBuilder {
    Client::builder()
        .user_agent(fetch.agent(contact))
        .dns_resolver(GuardedResolver(guard))
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(CONNECT_LIMIT.min(fetch.timeout))
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(fetch.spacing + IDLE)
}

fn document(ask: &Ask<'_>, bytes: Vec<u8>, headers: &HeaderMap) -> Document {
    let all = headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    Document {
        validators: validators::of_answer(headers, ask.url),
        freshness: Freshness::of(headers, ask.now),
        fetched: Fetched { url: ask.url.clone(), bytes, headers: all },
        extent: Extent::Whole,
    }
}

/// Our own token, and that of a User-Agent that feeds.toml puts in the place of ours.
pub(crate) fn robots_tokens(fetch: &FetchConfig) -> Vec<String> {
    let own = fetch.user_agent.iter().map(|agent| {
        let token = agent.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).next();
        token.unwrap_or_default().to_ascii_lowercase()
    });
    std::iter::once(robots::TOKEN.to_owned()).chain(own.filter(|token| !token.is_empty())).collect()
}

/// A page says that it is one, or says nothing.
fn check_is_page(headers: &HeaderMap) -> Result<(), FetchError> {
    let Some(given) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let given = String::from_utf8_lossy(given.as_bytes());
    let kind = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "" | "text/html" | "application/xhtml+xml" => Ok(()),
        _ => Err(FetchError::NotAPage { kind }),
    }
}

fn is_deflated(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"deflate"))
}

fn check_encoding(response: &Response) -> Result<(), FetchError> {
    // The client takes the header away where it decodes.
    let encodings = response.headers().get_all(CONTENT_ENCODING).iter().count();
    if encodings == 1 && is_deflated(response.headers()) {
        return Ok(());
    }
    let left_over = response
        .headers()
        .get_all(CONTENT_ENCODING)
        .iter()
        .find(|value| !value.as_bytes().is_empty() && !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    match left_over {
        None => Ok(()),
        Some(value) => Err(FetchError::Encoding { encoding: String::from_utf8_lossy(value.as_bytes()).into_owned() }),
    }
}

/// What a status that brings no document means.
fn refusal(status: u16, headers: &HeaderMap, now: Timestamp) -> FetchError {
    if headers.get("cf-mitigated").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"challenge")) {
        return FetchError::Challenge;
    }
    let retry_after = || freshness::retry_after(headers, now);
    match status {
        401 | 403 => FetchError::Forbidden { status },
        410 => FetchError::Gone,
        429 => FetchError::TooManyRequests { retry_after: retry_after() },
        503 => FetchError::Status { status, retry_after: retry_after() },
        _ => FetchError::Status { status, retry_after: None },
    }
}
