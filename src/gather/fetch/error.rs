use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;

use super::certificate_fault::in_words;
use super::guard::Refused;
use crate::config::SourceConfig;

/// Why a source yielded no document in this run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address guard blocks it; nothing was sent there.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name has no address.
    #[error("cannot find the server {host}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver reported.
        #[source]
        source: reqwest::Error,
    },
    /// No connection.
    #[error("cannot connect to {host}")]
    Connect {
        /// The host.
        host: String,
        /// What the system reported.
        #[source]
        source: reqwest::Error,
    },
    /// This machine has no room for another connection: not the source's fault.
    #[error("this machine has no room for one more connection")]
    OwnLimit {
        /// What the system reported.
        #[source]
        source: reqwest::Error,
    },
    /// No connection in time, including TLS.
    #[error("no connection with {host} in time")]
    ConnectTimeout {
        /// The host.
        host: String,
    },
    /// An untrustworthy certificate: nothing was requested.
    #[error("no secure connection with {host}: its certificate {fault}")]
    Certificate {
        /// The host.
        host: String,
        /// `has expired`.
        fault: String,
    },
    /// No secure connection for another reason: no common ground.
    #[error("no secure connection with {host}")]
    Tls {
        /// The host.
        host: String,
        /// What TLS reported.
        #[source]
        source: rustls::Error,
    },
    /// This machine trusts no certificate authority.
    #[error("no secure connection with {host}: this machine has no CA certificates")]
    NoCertificates {
        /// The host.
        host: String,
    },
    /// Too slow.
    #[error("no complete answer within {} s", .limit.as_secs())]
    Timeout {
        /// The time limit of the request, including the body.
        limit: Duration,
    },
    /// A large body of which no more came.
    #[error("nothing more of a large answer came for {} s", .after.as_secs())]
    Stalled {
        /// How long.
        after: Duration,
    },
    /// No answer in its share of a run that had too many to ask.
    #[error("no complete answer within {:.1} s: it made room for sources that waited", .after.as_secs_f64())]
    CutOff {
        /// How long it was waited for.
        after: Duration,
    },
    /// Closed or reset before the answer was complete: tried once more in the same run.
    #[error("the connection broke off before the answer was complete")]
    Incomplete {
        /// What was seen.
        #[source]
        source: reqwest::Error,
    },
    /// Not HTTP, or more headers than anyone needs.
    #[error("the server's answer cannot be understood")]
    BadAnswer {
        /// What was wrong with it.
        #[source]
        source: reqwest::Error,
    },
    /// The decoded body is larger than `[fetch] max_body`.
    #[error("too_large: the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// A `Content-Encoding` that is not read, over something that is no document.
    #[error("the body has the encoding {encoding:?}, which was not asked for")]
    Encoding {
        /// As sent.
        encoding: String,
    },
    /// The body does not match its `Content-Encoding`.
    #[error("the compressed body is damaged")]
    Decode {
        /// What the decoder reported.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A status that is not an answer to a feed reader.
    #[error("the server answered {status}")]
    Status {
        /// The status.
        status: u16,
        /// How long the server asked to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// 429.
    #[error("the server answered 429: too many requests")]
    TooManyRequests {
        /// How long the server asked to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// 401, 402, 403 or 451.
    #[error("the server refuses access ({status})")]
    Forbidden {
        /// The status.
        status: u16,
        /// How long the server asked to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// A challenge that only a browser passes.
    #[error("blocked: a bot challenge comes before the feed")]
    Challenge {
        /// How long the server asked to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// 410.
    #[error("the server says that it is gone (410)")]
    Gone {
        /// How long the server asked to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// 304 although nothing was asked that 304 could answer.
    #[error("the server answered 304 (not modified) to a request without validators")]
    NotModifiedUnasked,
    /// More redirects than allowed, or a loop.
    #[error("redirected {hops} times without end")]
    Redirects {
        /// How many.
        hops: usize,
    },
    /// A redirect to the same address that asks for a cookie, which is never sent.
    #[error("it answers only those who send its cookie back")]
    WantsCookie,
    /// A redirect that leads nowhere.
    #[error("a redirect ({status}) leads nowhere: {what}")]
    BadRedirect {
        /// The status.
        status: u16,
        /// What is wrong with its target.
        what: String,
    },
    /// A header of feeds.toml that cannot be sent. The value is not shown.
    #[error("the header {name:?} cannot be sent")]
    Header {
        /// Its name.
        name: String,
    },
    /// A local file that cannot be read.
    #[error("cannot read {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system reported.
        #[source]
        source: std::io::Error,
    },
    /// robots.txt disallows it.
    #[error("robots.txt of {host} forbids it")]
    Robots {
        /// The host.
        host: String,
    },
    /// robots.txt is unavailable, which forbids everything (RFC 9309 §2.3.1.4).
    #[error("robots.txt of {host} cannot be read, so nothing is fetched there for now: {why}")]
    NoRobots {
        /// The host.
        host: String,
        /// What was wrong with it.
        why: String,
        /// How the host was not reached, if it was not.
        unreached: Option<Unreached>,
    },
    /// What was there instead of a page.
    #[error("it is not a web page but {kind}")]
    NotAPage {
        /// The media type.
        kind: String,
    },
    /// A page that is not shown to everyone.
    #[error("it redirects to {where_to}")]
    LeadsAway {
        /// `a login page`.
        where_to: &'static str,
    },
    /// The host asked for a rest.
    #[error("{host} asked to be left alone for now")]
    HostAtRest {
        /// The host.
        host: String,
    },
    /// A fault of ours; the rest of the run goes on.
    #[error("fetching it failed in an unforeseen way: {what}")]
    Fault {
        /// What is known.
        what: String,
    },
}

impl FetchError {
    /// What `error` of a request to `host` means.
    pub(crate) fn from_request(error: reqwest::Error, host: &str, limit: Duration) -> Self {
        let host = host.to_owned();
        if let Some(refused) = find::<Refused>(&error) {
            return Self::Refused(refused.clone());
        }
        if error.is_timeout() {
            return if error.is_connect() { Self::ConnectTimeout { host } } else { Self::Timeout { limit } };
        }
        if let Some(source) = find::<rustls::Error>(&error) {
            return match source {
                rustls::Error::InvalidCertificate(fault) => Self::Certificate { host, fault: in_words(fault) },
                _ => Self::Tls { host, source: source.clone() },
            };
        }
        // The address is in the message already, and may hold a password.
        let error = error.without_url();
        if is_own_limit(&error) {
            return Self::OwnLimit { source: error };
        }
        if error.is_dns() {
            return Self::Resolve { host, source: error };
        }
        if error.is_connect() {
            return Self::Connect { host, source: error };
        }
        match find::<hyper::Error>(&error) {
            Some(http) if http.is_parse() || http.is_parse_too_large() => Self::BadAnswer { source: error },
            Some(_) => Self::Incomplete { source: error },
            None if error.is_body() || error.is_decode() => Self::Decode { source: error.into() },
            None => Self::Incomplete { source: error },
        }
    }

    /// Whether it may have been an accident that one more request clears up (502, 504, a reset, a
    /// short body).
    pub(crate) fn is_worth_a_retry(&self) -> bool {
        matches!(self, Self::Incomplete { .. } | Self::Status { status: 502 | 504, .. })
    }

    /// How long the server asked to be left alone.
    pub(crate) fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Status { retry_after, .. }
            | Self::TooManyRequests { retry_after }
            | Self::Forbidden { retry_after, .. }
            | Self::Challenge { retry_after }
            | Self::Gone { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// How the host was not reached; `None`: it was.
    pub(crate) fn unreached(&self) -> Option<Unreached> {
        match self {
            Self::Resolve { .. } => Some(Unreached::Lookup),
            Self::Connect { source, .. } if has_no_route(source) => Some(Unreached::Route),
            Self::Connect { .. } | Self::ConnectTimeout { .. } => Some(Unreached::Connection),
            Self::OwnLimit { .. } => Some(Unreached::OwnLimit),
            Self::NoRobots { unreached, .. } => *unreached,
            _ => None,
        }
    }

    /// Whether the connection worked but the answer did not.
    pub(crate) fn is_broken_off(&self) -> bool {
        matches!(self, Self::Incomplete { .. } | Self::BadAnswer { .. })
    }

    /// What the operator can do about it; the caller states where the source is in feeds.toml.
    #[must_use]
    pub fn hint(&self, source: &SourceConfig) -> Option<String> {
        let hint = match self {
            Self::Refused(Refused::NotPublic { address, .. }) => {
                return Some(format!("if it is yours, write `allow = [\"{address}\"]` under [fetch] in feeds.toml"));
            }
            Self::Refused(Refused::Port { port, .. }) => {
                return Some(format!(
                    "name the port in the source's address, or write `allow = [\"ADDRESS:{port}\"]` under [fetch]"
                ));
            }
            Self::Resolve { .. } => "check the name in its address",
            Self::Status { status: 404, .. } => "the feed may have moved: look for it on the publisher's site",
            Self::Certificate { .. } | Self::Tls { .. } => {
                "open the address in a browser; a wrong clock on this machine does the same"
            }
            Self::NoCertificates { .. } => "install your system's CA certificates (package ca-certificates)",
            Self::TooLarge { .. } => "`max_body` under [fetch] in feeds.toml raises the limit",
            Self::CutOff { .. } => {
                "`deadline` and `parallelism` under [fetch] in feeds.toml give each source more time"
            }
            Self::Timeout { .. } => "`timeout` under [fetch] in feeds.toml raises the limit",
            Self::Forbidden { .. } if source.headers.is_empty() => {
                "where it needs a password or token, give the source `headers`"
            }
            Self::Forbidden { .. } | Self::Header { .. } => "look at the source's `headers`",
            Self::Robots { .. } => "robots = \"articles\" under [fetch] asks robots.txt for article pages only",
            Self::Gone { .. } => "if it stays gone, delete the source: what it published stays",
            Self::Challenge { .. } => "ask the publisher to let feed readers through",
            Self::File { .. } => "check the path; relative ones count from the folder of feeds.toml",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// How a host was not reached. Any of these may be this machine's own trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreached {
    /// Its name was not found.
    Lookup,
    /// No route leads there.
    Route,
    /// No connection was established.
    Connection,
    /// This machine has no room for another one.
    OwnLimit,
}

/// Codes by which systems report that a process or the machine has no more descriptors or memory: ENFILE and EMFILE
/// everywhere, ENOBUFS of Linux and of the BSDs.
const NO_ROOM: [i32; 4] = [23, 24, 105, 55];

fn is_own_limit(error: &(dyn Error + 'static)) -> bool {
    let is_no_room = |error: &std::io::Error| {
        error.kind() == ErrorKind::OutOfMemory || error.raw_os_error().is_some_and(|code| NO_ROOM.contains(&code))
    };
    io_errors(error).any(is_no_room)
}

fn has_no_route(error: &(dyn Error + 'static)) -> bool {
    let kinds = [
        ErrorKind::NetworkUnreachable,
        ErrorKind::HostUnreachable,
        ErrorKind::NetworkDown,
        ErrorKind::AddrNotAvailable,
    ];
    io_errors(error).any(|error| kinds.contains(&error.kind()))
}

fn io_errors<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a std::io::Error> {
    chain(error).filter_map(|error| error.downcast_ref())
}

/// The first error of type `T` in the chain of `error`.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// `error` and its causes, including those wrapped in an [`std::io::Error`].
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let cause = |error: &&'a (dyn Error + 'static)| -> Option<&'a (dyn Error + 'static)> {
        let error: &'a (dyn Error + 'static) = *error;
        // `source` of an io::Error skips the error that it wraps.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    };
    std::iter::successors(Some(error), cause)
}
