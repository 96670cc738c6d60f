//! The HTTP client of a run.

use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, ClientBuilder, Method, Request, Response, redirect::Policy};
use tokio::time::Instant;
use url::Url;

use super::answer::{Answer, Ask, Document, Extent, Keep, Protocol, Wanted};
use super::body::{self, Room};
use super::challenge;
use super::error::FetchError;
use super::freshness::Freshness;
use super::guard::{Guard, GuardedResolver, Refused};
use super::large_bodies::LargeBodies;
use super::part::{Part, part};
use super::retry_after::retry_after;
use super::robots;
use super::server_clocks::ServerClocks;
use super::validators::{self, Asked};
use super::whole::is_whole;
use crate::config::{Config, FetchConfig, SourceAddress, SourceConfig};

/// The encodings that are read.
const ENCODINGS: &str = "gzip, br, zstd, deflate";
/// Header lines of an answer that are read; more are an error. Some publishers send a hundred cookies or links.
const MOST_HEADERS: usize = 1_000;
/// All header lines of an answer over HTTP/2, as in browsers; over HTTP/1.1 the client itself stops at 400 KiB.
const LONGEST_HEADERS_BYTES: u32 = 256 * 1024;
/// Time for the small body of a redirect: the redirect stands without it.
const REDIRECT_BODY_LIMIT: Duration = Duration::from_millis(500);
/// Time for the body of a refusal, which may be the page of a challenge.
const REFUSAL_BODY_LIMIT: Duration = Duration::from_secs(2);
/// Time limit of a connection, including TLS, …
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// … which is always shorter than that of the whole request: so it is known which of the two was missed.
const CONNECT_PART: f64 = 0.7;
/// Idle connections are dropped this long after the host's next request could have started.
const IDLE: Duration = Duration::from_millis(500);
/// A small body of a redirect is read to its end, so that the connection can be used again.
const SMALL_BODY_BYTES: u64 = 16 * 1024;

/// The one client of a run.
#[derive(Debug)]
pub(crate) struct Fetcher {
    /// By protocol and [`Keep`], each created when first needed: reading the CA certificates takes longer than a run with
    /// nothing to ask.
    clients: [OnceLock<Client>; 4],
    fetch: FetchConfig,
    contact: Option<String>,
    guard: Arc<Guard>,
    max_body_bytes: u64,
    large_bodies: LargeBodies,
    /// Names by which robots.txt may call us, lower case.
    tokens: Vec<String>,
    /// This machine has no CA certificates: https cannot work. Known once the first client is made.
    trusts_nobody: OnceLock<bool>,
    /// Where the clocks of servers are noted; `None`: nobody asks.
    server_clocks: Option<Arc<ServerClocks>>,
}

/// The HTTP client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client")]
pub struct ClientError(#[source] reqwest::Error);

impl Fetcher {
    /// A client by the rules of `[fetch]`.
    ///
    /// # Errors
    /// If the User-Agent cannot be sent or TLS cannot be set up.
    pub(crate) fn new(config: &Config) -> Result<Self, ClientError> {
        install_crypto();
        // What can be wrong with `[fetch]` shows without the certificates.
        let guard = Arc::new(Guard::new(config));
        let tried = client(&config.fetch, config.contact.as_deref(), Arc::clone(&guard)).tls_certs_only([]);
        tried.build().map_err(ClientError)?;
        Ok(Self {
            clients: Default::default(),
            fetch: config.fetch.clone(),
            contact: config.contact.clone(),
            guard,
            max_body_bytes: config.fetch.max_body_bytes,
            large_bodies: LargeBodies::default(),
            tokens: robots_tokens(&config.fetch),
            trusts_nobody: OnceLock::new(),
            server_clocks: None,
        })
    }

    /// The same client, which notes there what servers say of the time.
    pub(crate) fn noting(self, server_clocks: Option<Arc<ServerClocks>>) -> Self {
        Self { server_clocks, ..self }
    }

    /// Names by which robots.txt may call us, lower case.
    pub(crate) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Whether the address guard lets a request leave for `url`, as far as is known without a look-up.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refused> {
        self.guard.check(url)
    }

    /// Sends one request and reads the answer to its end.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Answer, FetchError> {
        self.guard.check(ask.url)?;
        let host = ask.url.host_str().unwrap_or_default();
        if ask.url.scheme() == "https" && self.trusts_nobody() {
            return Err(FetchError::NoCertificates { host: host.to_owned() });
        }
        let exchange = async {
            self.guard.check_for_proxy(ask.url).await?;
            self.exchange(&ask, host).await
        };
        tokio::pin!(exchange);
        let mut until = Instant::now() + ask.limit;
        let latest = until;
        loop {
            if let Ok(answer) = tokio::time::timeout_at(until, &mut exchange).await {
                return answer;
            }
            // The time for which a body waited for its place is not its server's.
            let later = latest + ask.waited.so_far();
            if later <= until {
                return Err(FetchError::Timeout { limit: ask.limit });
            }
            until = later;
        }
    }

    async fn exchange(&self, ask: &Ask<'_>, host: &str) -> Result<Answer, FetchError> {
        let failed = |error| FetchError::from_request(error, host, ask.limit);
        let room = Room { most_bytes: self.max_body_bytes, large: &self.large_bodies, waited: ask.waited };
        let (request, asked) = self.request(ask)?;
        let mut response = self.client(ask.protocol, ask.keep)?.execute(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        if let Some(clocks) = &self.server_clocks {
            clocks.note(ask.url, response.headers(), ask.now);
        }
        if challenge::in_headers(status, response.headers()) {
            return Err(challenged(response.headers(), ask.now));
        }
        match status {
            // An unknown 2xx is a 200 (RFC 9110 §15); 204 and 205 have no body, which says all of a file of rules.
            200..=299
                if (!matches!(status, 204 | 205) || matches!(ask.wanted, Wanted::HostFile))
                    && part(status, response.headers()) != Part::Some =>
            {
                if let Wanted::Page = ask.wanted {
                    body::check_is_page(response.headers())?;
                }
                let body = body::read(&mut response, ask.wanted, room).await?.map_err(failed)?;
                if ask.wanted.is_feed_document() && challenge::in_body(response.headers(), &body.bytes) {
                    return Err(challenged(response.headers(), ask.now));
                }
                if part(status, response.headers()) == Part::Unsaid && !is_whole(&body.bytes) {
                    return Err(refusal(status, response.headers(), ask.now));
                }
                let headers = std::mem::take(response.headers_mut());
                let extent = if status == 226 { Extent::SomeNew } else { Extent::Whole };
                Ok(Answer::Document(Document::new(ask, body, &headers, extent)))
            }
            304 if asked == Asked::Anew => Err(FetchError::NotModifiedUnasked),
            304 => Ok(Answer::NotModified {
                validators: validators::renewed(ask.wanted.validators(), response.headers(), ask.url),
                freshness: Freshness::of(response.headers(), ask.now),
                headers: response.headers().clone(),
            }),
            300 | 301 | 302 | 303 | 307 | 308 if status != 300 || response.headers().contains_key(LOCATION) => {
                let headers = response.headers().clone();
                if response.content_length().is_some_and(|length| (1..=SMALL_BODY_BYTES).contains(&length)) {
                    // Only for the connection's sake: the redirect stands whatever becomes of its body.
                    let reading = body::read(&mut response, ask.wanted, room);
                    let _ = tokio::time::timeout(REDIRECT_BODY_LIMIT, reading).await;
                }
                Ok(Answer::Redirect { status, headers })
            }
            _ => Err(refused(&mut response, ask.now).await),
        }
    }

    pub(super) fn guard(&self) -> &Guard {
        &self.guard
    }

    pub(super) fn client(&self, protocol: Protocol, keep: Keep) -> Result<&Client, FetchError> {
        let trusts_nobody = self.trusts_nobody();
        let protocol = if trusts_nobody { Protocol::Any } else { protocol };
        let number = match (protocol, keep) {
            (Protocol::Any, Keep::Close) => 0,
            (Protocol::Any, Keep::Open) => 1,
            (Protocol::Http1, Keep::Close) => 2,
            (Protocol::Http1, Keep::Open) => 3,
        };
        if let Some(client) = self.clients[number].get() {
            return Ok(client);
        }
        let mut builder = self.builder();
        if protocol == Protocol::Http1 {
            builder = builder.http1_only();
        }
        if keep == Keep::Open {
            builder = builder.pool_max_idle_per_host(1);
        }
        if trusts_nobody {
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| FetchError::Fault { what: error.to_string() })?;
        Ok(self.clients[number].get_or_init(|| client))
    }

    /// The platform's verifier refuses to start without any CA certificate; feeds over plain http are still usable then,
    /// and https fails with a message of its own.
    pub(super) fn trusts_nobody(&self) -> bool {
        *self.trusts_nobody.get_or_init(|| match self.builder().build() {
            Ok(client) => {
                let _ = self.clients[0].set(client);
                false
            }
            Err(_) => true,
        })
    }

    fn builder(&self) -> ClientBuilder {
        client(&self.fetch, self.contact.as_deref(), Arc::clone(&self.guard))
    }

    fn request(&self, ask: &Ask<'_>) -> Result<(Request, Asked), FetchError> {
        let mut request = Request::new(Method::GET, ask.url.clone());
        request.headers_mut().insert(ACCEPT, ask.wanted.accept());
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS));
        let asked = validators::ask_with(ask.wanted.validators(), ask.url, request.headers_mut());
        if let Wanted::Feed { source, .. } = ask.wanted {
            self.add_credentials(source, &mut request)?;
        }
        Ok((request, asked))
    }

    /// Sends `form` to `url`; the body of the answer is not read.
    pub(crate) async fn post_form(&self, url: &Url, form: String, limit: Duration) -> Result<(), FetchError> {
        self.guard.check(url)?;
        let host = url.host_str().unwrap_or_default();
        if url.scheme() == "https" && self.trusts_nobody() {
            return Err(FetchError::NoCertificates { host: host.to_owned() });
        }
        self.guard.check_for_proxy(url).await?;
        let request = self
            .client(Protocol::Any, Keep::Close)?
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

    /// Adds the source's own headers and the user info of its address, if `request` goes to the
    /// exact origin that feeds.toml names.
    fn add_credentials(&self, source: &SourceConfig, request: &mut Request) -> Result<(), FetchError> {
        let SourceAddress::Http(own) = &source.address else { return Ok(()) };
        let has_user_info = !own.username().is_empty() || own.password().is_some();
        if (source.headers.is_empty() && !has_user_info) || own.origin() != request.url().origin() {
            return Ok(());
        }
        if has_user_info {
            // The client makes the header (RFC 7617) when it builds a request for such an address.
            let bad = |_| FetchError::Header { name: "Authorization".to_owned() };
            let built = self.client(Protocol::Any, Keep::Close)?.get(own.clone()).build().map_err(bad)?;
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
}

/// Makes rustls use the `ring` provider, once for the process.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that a provider is installed already: then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn client(fetch: &FetchConfig, contact: Option<&str>, guard: Arc<Guard>) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(fetch.agent(contact))
        .dns_resolver(GuardedResolver(guard))
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        // Headers that nobody needs may be sloppy, many and long: browsers read them all.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_max_headers(MOST_HEADERS)
        .http2_max_header_list_size(LONGEST_HEADERS_BYTES)
        .connect_timeout(CONNECT_LIMIT.min(fetch.timeout.mul_f64(CONNECT_PART)))
        .pool_max_idle_per_host(0)
        .pool_idle_timeout(kept_for(fetch));
    // An address that was checked is one that the client takes.
    let proxy = fetch.proxy.as_ref().and_then(|proxy| reqwest::Proxy::all(proxy.address().clone()).ok());
    match proxy {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    }
}

/// How long a connection is kept open for a host's next request.
pub(crate) fn kept_for(fetch: &FetchConfig) -> Duration {
    fetch.spacing + IDLE
}

/// Our own token, and that of a User-Agent with which feeds.toml replaces ours.
pub(crate) fn robots_tokens(fetch: &FetchConfig) -> Vec<String> {
    let own = fetch.user_agent.iter().map(|agent| {
        let token = agent.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).next();
        token.unwrap_or_default().to_ascii_lowercase()
    });
    std::iter::once(robots::TOKEN.to_owned()).chain(own.filter(|token| !token.is_empty())).collect()
}

/// What an answer that brings no document means, which may be the page of a challenge.
async fn refused(response: &mut Response, now: Timestamp) -> FetchError {
    let status = response.status().as_u16();
    let refusal = refusal(status, response.headers(), now);
    if challenge::may_come_with(status, response.headers()) && refusal.retry_after().is_none() {
        let reading = body::head(response, challenge::LOOKED_AT_BYTES);
        let head = tokio::time::timeout(REFUSAL_BODY_LIMIT, reading).await.unwrap_or_default();
        if challenge::in_body(response.headers(), &head) {
            return FetchError::Challenge { retry_after: None };
        }
    }
    refusal
}

fn challenged(headers: &HeaderMap, now: Timestamp) -> FetchError {
    FetchError::Challenge { retry_after: retry_after(headers, now) }
}

/// What a status that brings no document means.
fn refusal(status: u16, headers: &HeaderMap, now: Timestamp) -> FetchError {
    let retry_after = retry_after(headers, now);
    match status {
        // 402: pay per crawl; 451: not in this country.
        401 | 402 | 403 | 451 => FetchError::Forbidden { status, retry_after },
        410 => FetchError::Gone { retry_after },
        429 => FetchError::TooManyRequests { retry_after },
        _ => FetchError::Status { status, retry_after },
    }
}
