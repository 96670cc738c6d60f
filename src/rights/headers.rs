//! HTTP response headers → signals.

use super::directives;
use crate::model::{Origin, Signal, SignalKind};

/// Signals of one response; a hostile one may have a thousand headers.
const MOST: usize = 20;

/// What the headers of a feed's response say. `noindex` and `none` count for nothing there: common plug-ins
/// send them with every feed, to keep the feed itself out of search results.
pub(crate) fn of_feed_headers<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<Signal> {
    let mut signals = of_headers(headers, Origin::FeedHeader);
    for signal in signals.iter_mut().filter(|signal| signal.kind == SignalKind::Robots) {
        let meant = |part: &&str| !matches!(*part, "noindex" | "none" | "nofollow" | "index" | "follow");
        signal.value = signal.value.split(", ").filter(meant).collect::<Vec<_>>().join(", ");
    }
    signals.retain(|signal| !signal.value.is_empty());
    signals
}

/// What the headers of an article page's response say.
pub(crate) fn of_page_headers<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<Signal> {
    of_headers(headers, Origin::PageHeader)
}

/// What the headers of an answer without a body (304) say of a feed. They take the place of what the last answer said by the
/// same headers; one that is absent says nothing (RFC 9111 §3.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Renewed {
    /// What they speak of, even if they ask for nothing.
    kinds: Vec<SignalKind>,
    signals: Vec<Signal>,
}

impl Renewed {
    /// What `headers` say; names in any case, values as received.
    pub(crate) fn of(headers: &[(&str, &[u8])]) -> Self {
        let signals = of_feed_headers(headers.iter().copied());
        let of_links = [SignalKind::License, SignalKind::RslDocument];
        let has_link = signals.iter().any(|signal| of_links.contains(&signal.kind));
        let named = headers.iter().filter_map(|(name, _)| match name.to_ascii_lowercase().as_str() {
            "x-robots-tag" => Some(SignalKind::Robots),
            "tdm-reservation" => Some(SignalKind::TdmReservation),
            "content-usage" => Some(SignalKind::ContentUsage),
            "content-signal" => Some(SignalKind::ContentSignal),
            _ => None,
        });
        Self { kinds: named.chain(of_links.into_iter().filter(|_| has_link)).collect(), signals }
    }

    /// Whether they say nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What holds from now on where `stored` held; `None`: the same.
    pub(crate) fn over(&self, stored: &[Signal]) -> Option<Vec<Signal>> {
        let is_renewed = |signal: &&Signal| signal.origin == Origin::FeedHeader && self.kinds.contains(&signal.kind);
        if stored.iter().filter(is_renewed).eq(&self.signals) {
            return None;
        }
        let stays = stored.iter().filter(|signal| !is_renewed(signal));
        Some(stays.chain(&self.signals).cloned().collect())
    }
}

/// What the headers of a response say; names in any case, values as received.
fn of_headers<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>, origin: Origin) -> Vec<Signal> {
    let mut signals = Vec::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value);
        let value = value.trim();
        let mut say = |kind, value: String| {
            let signal = Signal::new(kind, origin, value);
            if !signal.value.is_empty() && signals.len() < MOST && !signals.contains(&signal) {
                signals.push(signal);
            }
        };
        match name.to_ascii_lowercase().as_str() {
            "x-robots-tag" => say(SignalKind::Robots, directives::for_us(value)),
            "tdm-reservation" if matches!(value, "0" | "1") => say(SignalKind::TdmReservation, value.to_owned()),
            "content-usage" => say(SignalKind::ContentUsage, one_line(value)),
            "content-signal" => say(SignalKind::ContentSignal, one_line(value)),
            "link" => links(value).into_iter().for_each(|(kind, address)| say(kind, address)),
            _ => {}
        }
    }
    signals
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The licences among the links of one `Link` header (RFC 8288), absolute http(s) addresses only.
fn links(value: &str) -> Vec<(SignalKind, String)> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((address, after)) = after.split_once('>') else { break };
        let parameters = &after[..end_of_link(after)];
        rest = &after[parameters.len()..];
        let Some(url) = crate::text::web_url(address, None) else { continue };
        if !parameter(parameters, "rel")
            .is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("license")))
        {
            continue;
        }
        let is_rsl = parameter(parameters, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/rsl+xml"));
        found.push((if is_rsl { SignalKind::RslDocument } else { SignalKind::License }, url.to_string()));
    }
    found
}

/// Length of the parameters of one link: to the comma outside quotes that separates it from the next.
fn end_of_link(parameters: &str) -> usize {
    let mut is_quoted = false;
    let end = parameters.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b',' && !is_quoted
    });
    end.unwrap_or(parameters.len())
}

fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &str, want: &[(SignalKind, &str)]) {
        let signals = of_headers([(name, value.as_bytes())].into_iter(), Origin::PageHeader);
        let found: Vec<_> = signals.iter().map(|signal| (signal.kind, signal.value.as_str())).collect();
        assert_eq!(found, want, "{name}: {value}");
    }

    #[test]
    fn each_header_is_read() {
        check("X-Robots-Tag", "noindex, nosnippet", &[(SignalKind::Robots, "noindex, nosnippet")]);
        check("X-Robots-Tag", "otherbot: nosnippet", &[]);
        check("x-robots-tag", "feedloom: max-snippet:50", &[(SignalKind::Robots, "max-snippet:50")]);
        check("tdm-reservation", "1", &[(SignalKind::TdmReservation, "1")]);
        check("TDM-Reservation", "yes", &[]);
        check("Content-Usage", "train-ai=n,  search=n", &[(SignalKind::ContentUsage, "train-ai=n, search=n")]);
        check("Content-Signal", "search=yes", &[(SignalKind::ContentSignal, "search=yes")]);
        check(
            "Link",
            "<https://a.example/rsl.xml>; rel=\"license\"; type=\"application/rsl+xml\", <https://a.example/l>;rel=license,\
             <https://a.example/feed>; rel=self, </rel>; rel=license, <https://a.example/,x>; title=\"a, <b\"; rel=\"x license\"",
            &[
                (SignalKind::RslDocument, "https://a.example/rsl.xml"),
                (SignalKind::License, "https://a.example/l"),
                (SignalKind::License, "https://a.example/,x"),
            ],
        );
        check("Link", "<https://a.example/x", &[]);
        check("Content-Type", "text/xml", &[]);
    }

    #[test]
    fn noindex_on_a_feed_is_about_the_feed_itself() {
        let robots = |value: &str| {
            let signals = of_feed_headers([("X-Robots-Tag", value.as_bytes())].into_iter());
            signals.first().map(|signal| signal.value.clone())
        };
        assert_eq!(robots("noindex, follow"), None);
        assert_eq!(robots("none"), None);
        assert_eq!(robots("noindex, nosnippet").as_deref(), Some("nosnippet"));
    }
}
