//! What sources of different owners get alike only where something between this machine and the web answers instead of
//! them: a captive portal, a proxy, a name server that lies. Pure.

use std::net::IpAddr;

use url::{Host, Url};

use super::fetch::FetchError;
use super::host_key::owner_key;
use super::outcome::{FeedAnswer, FeedBody, Outcome};
use super::page_mark::PageMark;
use super::report::SourceError;
use super::task::Attempt;

/// The statuses by which a network (RFC 6585 §6) and a proxy (RFC 9110 §15.5.8) say that one has to log in.
const LOG_IN: [u16; 2] = [511, 407];

/// What came instead of a feed, without what differs from source to source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alike {
    /// A redirect to this host of somebody else, and no feed there.
    Redirect(String),
    /// This address, which is not public, for a public name.
    Address(IpAddr),
    /// This page.
    Page(PageMark),
    /// A certificate with this fault.
    Certificate(String),
    /// This in place of TLS.
    NoTls(String),
    /// This status of the network or a proxy.
    LogIn(u16),
    /// A connection, and then no complete answer.
    NoAnswer,
}

impl Alike {
    /// What came for `outcome`; `None`: a feed, or the word of a server about itself.
    pub(super) fn of(outcome: &Outcome, attempt: &Attempt) -> Option<Self> {
        let came = match outcome {
            // A page that is read as a list may be any page.
            Outcome::Feed(_, Ok(FeedAnswer { body: FeedBody::Read { out, .. }, .. })) => Some(Self::Page(out.page?)),
            _ => match outcome.error()? {
                SourceError::Fetch(error) if is_own_word(error) => return None,
                error => Self::of_error(error, &attempt.url),
            },
        };
        let is_elsewhere = attempt.chain.start().is_some_and(|start| owner_key(start) != owner_key(&attempt.url));
        if is_elsewhere { attempt.url.host_str().map(|host| Self::Redirect(host.to_owned())) } else { came }
    }

    fn of_error(error: &SourceError, asked: &Url) -> Option<Self> {
        match error {
            SourceError::Read(failure) => failure.page.map(Self::Page),
            SourceError::Fetch(FetchError::Refused(refused)) => {
                let is_name = matches!(asked.host(), Some(Host::Domain(_)));
                refused.not_public().filter(|_| is_name).map(Self::Address)
            }
            SourceError::Fetch(FetchError::Certificate { fault, .. }) => Some(Self::Certificate(fault.clone())),
            SourceError::Fetch(FetchError::Tls { source, .. }) => Some(Self::NoTls(source.to_string())),
            SourceError::Fetch(FetchError::Status { status, .. }) if LOG_IN.contains(status) => {
                Some(Self::LogIn(*status))
            }
            SourceError::Fetch(FetchError::Timeout { .. } | FetchError::Incomplete { .. }) => Some(Self::NoAnswer),
            SourceError::Fetch(_) => None,
        }
    }

    /// What it may be; `said`: what was said of the first one.
    pub(super) fn sentence(&self, said: &str) -> String {
        let what = match self {
            Self::Redirect(host) => format!("a login page? at {host}"),
            Self::Address(address) => format!("a login page? at {address}"),
            Self::Page(_) => format!("a login page? {said}"),
            Self::Certificate(fault) => format!("a login page, or a wrong clock? the certificate of each {fault}"),
            Self::NoTls(fault) => format!("a login page, or something that looks into connections? {fault}"),
            Self::LogIn(status) => format!("a login page? it answers {status}"),
            Self::NoAnswer => {
                return format!(
                    "something between this machine and the web takes the connections, and no answer comes: {said}"
                );
            }
        };
        format!("something between this machine and the web answers instead of the sources: {what}")
    }
}

/// Whether the server that answered says so of itself: however many sources have moved there, it is no login page.
fn is_own_word(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::TooManyRequests { .. }
            | FetchError::Forbidden { .. }
            | FetchError::Gone { .. }
            | FetchError::Challenge { .. }
    ) || matches!(error, FetchError::Status { status, .. } if !LOG_IN.contains(status))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderValue, LOCATION};

    use super::*;
    use crate::config::Config;
    use crate::gather::fetch::Refused;
    use crate::gather::outcome::Unfinished;
    use crate::gather::reader::ReadFailure;
    use crate::gather::request::{FeedTarget, Target};
    use crate::gather::task::Task;
    use crate::store::SourceState;

    /// What comes of `error` for a feed at `a.example` that was redirected to these addresses.
    #[track_caller]
    fn check(error: impl Into<SourceError>, redirects: &[&str], want: Option<&str>) {
        let text = "title = \"T\"\n[[source]]\nurl = \"https://a.example/f\"\n";
        let source = Config::parse(Path::new("/feeds.toml"), text).unwrap().sources.remove(0);
        let state = SourceState::new(source.id.clone(), String::new(), String::new());
        let url = source.address.to_url();
        let target = FeedTarget::new(0, Arc::new(source), Arc::new(state));
        let mut attempt = Task::new(Target::Feed(target.clone()), url, Duration::ZERO).attempt;
        for to in redirects {
            let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_str(to).unwrap())]);
            attempt.url = attempt.chain.follow(&attempt.url, 302, &headers).unwrap();
        }
        let error = error.into();
        let said = error.sentence();
        let outcome = Outcome::Feed(target, Err(Unfinished::Failed(error)));
        let found = Alike::of(&outcome, &attempt).map(|what| what.sentence("that"));
        let found = found.as_deref().map(|text| text.trim_start_matches("something between this machine and the web "));
        let found = found.map(|text| text.trim_start_matches("answers instead of the sources: "));
        assert_eq!(found, want, "{said} {redirects:?}");
    }

    #[test]
    fn what_comes_instead_of_a_feed_is_told_by_where_it_comes_from() {
        let page = || ReadFailure { page: Some(PageMark::of(b"<html>")), ..ReadFailure::new("it is a web page") };
        let status = |status| FetchError::Status { status, retry_after: None };
        let elsewhere = ["https://www.a.example/f", "http://portal.example/login?from=a"];
        let at = Some("a login page? at portal.example");
        check(page(), &[], Some("a login page? that"));
        check(page(), &["https://www.a.example/f"], Some("a login page? that"));
        check(page(), &elsewhere, at);
        check(ReadFailure::new("it is broken JSON"), &[], None);
        check(ReadFailure::new("it is broken JSON"), &elsewhere, at);
        check(status(511), &[], Some("a login page? it answers 511"));
        check(status(511), &elsewhere, at);
        check(status(407), &[], Some("a login page? it answers 407"));
        check(status(407), &elsewhere, at);
        let no_tls = || FetchError::Tls {
            host: "a.example".to_owned(),
            source: rustls::InvalidMessage::InvalidContentType.into(),
        };
        let looks_in = "a login page, or something that looks into connections? received corrupt message of type InvalidContentType";
        check(no_tls(), &[], Some(looks_in));
        check(no_tls(), &elsewhere, at);
        let late = || FetchError::Timeout { limit: Duration::from_secs(30) };
        check(late(), &[], Some("takes the connections, and no answer comes: that"));
        check(late(), &elsewhere, at);
        check(FetchError::WantsCookie, &elsewhere, at);
        check(FetchError::WantsCookie, &[], None);
        let certificate = || FetchError::Certificate { host: "a.example".to_owned(), fault: "has expired".to_owned() };
        check(certificate(), &[], Some("a login page, or a wrong clock? the certificate of each has expired"));
        check(certificate(), &elsewhere, at);
        let local = |host: &str| Refused::NotPublic { host: host.to_owned(), address: [10, 0, 0, 1].into() };
        check(FetchError::Refused(local("a.example")), &[], Some("a login page? at 10.0.0.1"));
        check(FetchError::Refused(local("10.0.0.1")), &["http://10.0.0.1/"], Some("a login page? at 10.0.0.1"));
        // A server that speaks of itself.
        for error in [
            status(404),
            status(503),
            FetchError::Gone { retry_after: None },
            FetchError::Challenge { retry_after: None },
        ] {
            check(error, &elsewhere, None);
        }
        check(FetchError::TooManyRequests { retry_after: None }, &elsewhere, None);
    }
}
