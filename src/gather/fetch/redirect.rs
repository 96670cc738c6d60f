//! Redirects: where one leads, and when a move is believed.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use url::Url;

use super::error::FetchError;
use crate::store::Moving;

/// Redirects followed for one source.
pub(crate) const MAX_HOPS: usize = 5;
/// Longest `Location` that is read, in bytes.
const MAX_LOCATION_BYTES: usize = 8192;
/// Good answers behind permanent redirects before a move is believed …
const MOVE_TIMES: u32 = 3;
/// … and the least time between the first and the last of them.
const MOVE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The redirects of one fetch so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    visited: Vec<Url>,
    temporary: bool,
    downgraded: bool,
    /// It led to the address that it came from: that is followed once.
    to_itself: bool,
    /// Some answer set a cookie.
    sets_cookie: bool,
}

impl Chain {
    /// Follows a redirect from `from`, an answer with `status` and these headers.
    pub(crate) fn follow(&mut self, from: &Url, status: u16, headers: &HeaderMap) -> Result<Url, FetchError> {
        let to = target(from, status, headers)?;
        if to == *from && !self.to_itself && self.visited.len() < MAX_HOPS {
            self.sets_cookie |= headers.contains_key(SET_COOKIE);
            self.to_itself = true;
            return Ok(to);
        }
        self.sets_cookie |= headers.contains_key(SET_COOKIE);
        if self.sets_cookie && (to == *from || self.visited.contains(&to)) {
            return Err(FetchError::WantsCookie);
        }
        self.visited.push(from.clone());
        if self.visited.len() > MAX_HOPS || self.visited.contains(&to) {
            return Err(FetchError::Redirects { hops: self.visited.len() });
        }
        self.temporary |= !matches!(status, 301 | 308);
        self.downgraded |= from.scheme() == "https" && to.scheme() == "http";
        Ok(to)
    }

    /// Where it began; `None`: there was no redirect.
    pub(crate) fn start(&self) -> Option<&Url> {
        self.visited.first()
    }

    /// Whether every redirect was permanent and none led from https to http; there was at least one.
    pub(crate) fn is_a_move(&self) -> bool {
        !self.visited.is_empty() && !self.temporary && !self.downgraded
    }
}

fn target(from: &Url, status: u16, headers: &HeaderMap) -> Result<Url, FetchError> {
    let bad = |what: &str| FetchError::BadRedirect { status, what: what.to_owned() };
    let location = headers.get(LOCATION).ok_or_else(|| bad("it has no Location"))?;
    let location = as_text(location.as_bytes());
    let location = location.trim();
    if location.is_empty() {
        return Err(bad("its Location is empty"));
    }
    if location.len() > MAX_LOCATION_BYTES {
        return Err(bad("its Location is too long"));
    }
    let mut to = from.join(location).map_err(|_| bad("its Location is not an address"))?;
    to.set_fragment(None);
    // A server has no business choosing credentials; a URL without a host refuses, and has none.
    let _ = to.set_username("");
    let _ = to.set_password(None);
    Ok(to)
}

/// UTF-8 as it is; otherwise the bytes beyond ASCII percent-encoded, as browsers do.
fn as_text(location: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(location) {
        Ok(text) => text.into(),
        Err(_) => {
            let encoded = location.iter().map(|byte| match byte {
                0x80.. => format!("%{byte:02X}"),
                _ => char::from(*byte).to_string(),
            });
            encoded.collect::<String>().into()
        }
    }
}

/// What a move under watch becomes by one more good answer from `end`, at `now`.
///
/// A move is believed after three good answers over at least 24 h.
pub(crate) fn watch(old: Option<Moving>, end: &Url, now: Timestamp) -> Watched {
    let mut moving = match old {
        Some(old) if old.to == *end => old,
        _ => Moving { to: end.clone(), since: now, times: 0 },
    };
    moving.times = moving.times.saturating_add(1);
    if moving.times >= MOVE_TIMES && now.duration_since(moving.since) >= MOVE_AFTER {
        Watched::Moved(moving.to)
    } else {
        Watched::Moving(moving)
    }
}

/// See [`watch`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// Not believed yet.
    Moving(Moving),
    /// Believed: asked there from now on.
    Moved(Url),
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn location(value: &[u8]) -> HeaderMap {
        HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(value).unwrap())])
    }

    #[track_caller]
    fn leads(to: &str, want: Option<&str>) {
        let got = Chain::default().follow(&url("https://a.example/x/f"), 302, &location(to.as_bytes()));
        assert_eq!(got.ok().map(String::from), want.map(str::to_owned), "{to}");
    }

    #[test]
    fn a_location_is_resolved_and_stripped() {
        leads("g", Some("https://a.example/x/g"));
        leads("//b.example/", Some("https://b.example/"));
        leads("https://user:pw@b.example/f#top", Some("https://b.example/f"));
        leads("  /g  ", Some("https://a.example/g"));
        for (bytes, path) in [(&b"/caf\xE9?\xFC"[..], "/caf%E9?%FC"), ("/café".as_bytes(), "/caf%C3%A9")] {
            let to = Chain::default().follow(&url("https://a.example/"), 301, &location(bytes)).unwrap();
            assert_eq!(to.as_str(), format!("https://a.example{path}"));
        }
    }

    #[test]
    fn a_location_that_is_no_address_is_an_error() {
        for to in ["", "http://[bad", "https://", "http://exa mple/"] {
            leads(to, None);
        }
        leads(&format!("/{}", "x".repeat(9000)), None);
        assert!(Chain::default().follow(&url("https://a.example/"), 301, &HeaderMap::new()).is_err());
    }

    #[test]
    fn five_redirects_are_followed_and_circles_are_not() {
        let mut chain = Chain::default();
        let mut here = url("http://a.example/0");
        for n in 1..=5 {
            here = chain.follow(&here, 302, &location(format!("/{n}").as_bytes())).unwrap();
        }
        assert!(matches!(chain.follow(&here, 302, &location(b"/6")), Err(FetchError::Redirects { hops: 6 })));
    }

    #[test]
    fn a_redirect_to_itself_is_followed_once() {
        let here = url("http://a.example/0");
        let mut chain = Chain::default();
        assert_eq!(chain.follow(&here, 302, &location(b"/0")).unwrap(), here);
        assert!(!chain.is_a_move());
        assert!(matches!(chain.follow(&here, 302, &location(b"/0")), Err(FetchError::Redirects { .. })));
        let mut wants = location(b"/0");
        wants.insert(SET_COOKIE, HeaderValue::from_static("seen=1"));
        let mut chain = Chain::default();
        assert!(chain.follow(&here, 302, &wants).is_ok());
        assert!(matches!(chain.follow(&here, 302, &wants), Err(FetchError::WantsCookie)));
        // Over a page that sets it.
        let mut chain = Chain::default();
        let there = chain.follow(&here, 302, &location(b"/check")).unwrap();
        assert!(matches!(chain.follow(&there, 302, &wants), Err(FetchError::WantsCookie)));
    }

    #[track_caller]
    fn a_move(hops: &[(u16, &str)], want: bool) {
        let mut chain = Chain::default();
        let mut here = url("https://a.example/");
        for (status, to) in hops {
            here = chain.follow(&here, *status, &location(to.as_bytes())).unwrap();
        }
        assert_eq!(chain.is_a_move(), want);
    }

    #[test]
    fn only_a_wholly_permanent_chain_without_a_downgrade_is_a_move() {
        a_move(&[(301, "/b"), (308, "https://b.example/")], true);
        a_move(&[], false);
        a_move(&[(301, "/b"), (302, "/c")], false);
        a_move(&[(307, "/b")], false);
        a_move(&[(301, "http://a.example/b")], false);
        a_move(&[(301, "http://a.example/b"), (301, "https://a.example/b")], false);
    }

    #[test]
    fn a_move_is_believed_after_three_times_over_a_day() {
        let end = url("https://b.example/");
        let at = |hours: i64| Timestamp::from_second(hours * 3600).unwrap();
        let mut moving = None;
        for hours in [0, 5, 10] {
            let Watched::Moving(next) = watch(moving, &end, at(hours)) else { panic!("believed after {hours} h") };
            moving = Some(next);
        }
        assert_eq!(watch(moving.clone(), &end, at(25)), Watched::Moved(end));
        let other = url("https://c.example/");
        assert!(matches!(watch(moving, &other, at(25)), Watched::Moving(Moving { times: 1, .. })));
    }
}
