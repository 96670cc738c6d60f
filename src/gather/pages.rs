//! Pages behind entries: which are wanted, where a redirect leads away from one, and what a failure means. Pure.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::fetch::FetchError;
use super::outcome::Unfinished;
use super::report::SourceError;
use super::schedule::later;
use crate::config::{ArticleWanted, SourceConfig};
use crate::model::{Entry, Markup};
use crate::text::{Fingerprint, Selector, plain_text_within, unwrap_redirect, without_tracking};

/// A text of fewer characters is a teaser: feeds that carry whole articles have several times that.
const SHORT_CHARS: usize = 1_000;
/// The waits after a failed try; after one more failure it is given up.
const WAITS: [SignedDuration; 2] = [SignedDuration::from_hours(1), SignedDuration::from_hours(4)];
/// A page that had no turn for this long because its host is resting is given up.
const WANTED_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The page that is wanted for a new entry of `source`; `None`: none is.
pub(super) fn wanted(source: &SourceConfig, entry: &Entry) -> Option<Url> {
    let wanted = match source.article {
        ArticleWanted::Never => false,
        ArticleWanted::WhenShort => is_short(entry),
        ArticleWanted::Always => true,
    };
    // The address that is published, so that two entries with the same article share a page.
    wanted.then(|| {
        let mut url = without_tracking(&unwrap_redirect(&entry.url).unwrap_or_else(|| entry.url.clone()));
        url.set_fragment(None);
        url
    })
}

/// Stands for the settings by which a page of `source` is read.
pub(super) fn choice(source: &SourceConfig) -> i64 {
    let mut print = Fingerprint::new();
    print.add(source.select.as_ref().map(Selector::as_str).unwrap_or_default());
    for selector in &source.remove {
        print.add(selector.as_str());
    }
    print.finish()
}

/// Whether the feed's own text is no more than a teaser.
fn is_short(entry: &Entry) -> bool {
    let chars = |markup: &Markup| match markup {
        Markup::Text(text) => text.trim().chars().count(),
        // A character has at most four bytes.
        Markup::Html(html) => plain_text_within(html, SHORT_CHARS * 4).chars().count(),
    };
    [&entry.content, &entry.summary].into_iter().flatten().map(chars).max().unwrap_or(0) < SHORT_CHARS
}

/// Names of places that stand in for articles but are not.
const GATES: [&str; 18] = [
    "login",
    "log-in",
    "signin",
    "sign-in",
    "signup",
    "sign-up",
    "register",
    "registration",
    "subscribe",
    "subscription",
    "auth",
    "authorize",
    "sso",
    "oauth",
    "consent",
    "paywall",
    "account",
    "accounts",
];

/// What a redirect from the page at `from` leads to instead of an article; `None`: nothing of that kind.
pub(super) fn leads_away(from: &Url, to: &Url) -> Option<&'static str> {
    let is_root = |url: &Url| url.path() == "/" && url.query().is_none();
    if is_root(to) && !is_root(from) && from.path() != "/" {
        return Some("the site's front page");
    }
    let is_gate =
        |word: &str| GATES.contains(&word.split('.').next().unwrap_or_default().to_ascii_lowercase().as_str());
    let path_gate = |url: &Url| url.path().split('/').any(is_gate);
    let host_gate =
        |url: &Url| url.domain().and_then(|name| name.split_once('.')).is_some_and(|(first, _)| is_gate(first));
    let gate = (path_gate(to) && !path_gate(from)) || (host_gate(to) && !host_gate(from));
    gate.then_some("a login page")
}

/// What becomes of a page that yielded nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It did not have its turn.
    StillWanted,
    /// It is tried again then.
    Again { at: Timestamp, tries: u32, reason: String },
    /// It is given up.
    Failed { reason: String },
}

/// How long something is wanted already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    /// When it was first wanted.
    pub(super) since: Timestamp,
    /// Tries so far that failed.
    pub(super) tries: u32,
}

/// Judges a page or a picture that yielded nothing at `now`.
pub(super) fn judge(wanted: Wait, why: &Unfinished, now: Timestamp) -> Verdict {
    let error = match why {
        Unfinished::Failed(SourceError::Fetch(FetchError::TooManyRequests { .. }))
        | Unfinished::Held
        | Unfinished::OutOfTime
            if now.duration_since(wanted.since) < WANTED_FOR =>
        {
            return Verdict::StillWanted;
        }
        Unfinished::Held | Unfinished::OutOfTime => {
            return Verdict::Failed { reason: "it had no turn in three days".to_owned() };
        }
        Unfinished::Failed(error) => error,
    };
    let (reason, tries) = (error.sentence(), wanted.tries.saturating_add(1));
    let wait = usize::try_from(wanted.tries).ok().and_then(|tried| WAITS.get(tried)).filter(|_| may_pass(error));
    match wait {
        Some(wait) => Verdict::Again { at: later(now, (*wait).max(asked_wait(error))), tries, reason },
        None => Verdict::Failed { reason },
    }
}

/// Whether the same request may get a different answer later.
fn may_pass(error: &SourceError) -> bool {
    let SourceError::Fetch(error) = error else { return false };
    match error {
        FetchError::Status { status, .. } => matches!(status, 408 | 425 | 500..=599),
        FetchError::TooManyRequests { .. }
        | FetchError::Resolve { .. }
        | FetchError::Connect { .. }
        | FetchError::OwnLimit { .. }
        | FetchError::ConnectTimeout { .. }
        | FetchError::Certificate { .. }
        | FetchError::Tls { .. }
        | FetchError::NoCertificates { .. }
        | FetchError::Timeout { .. }
        | FetchError::Stalled { .. }
        | FetchError::CutOff { .. }
        | FetchError::Incomplete { .. }
        | FetchError::NoRobots { .. }
        | FetchError::Fault { .. } => true,
        _ => false,
    }
}

/// How long the server itself asked to be left alone.
fn asked_wait(error: &SourceError) -> SignedDuration {
    match error {
        SourceError::Fetch(FetchError::Status { retry_after: Some(wait), .. }) => *wait,
        _ => SignedDuration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[track_caller]
    fn leads(from: &str, to: &str, want: Option<&str>) {
        assert_eq!(leads_away(&url(from), &url(to)), want, "{from} -> {to}");
    }

    #[test]
    fn redirects_to_a_gate_or_to_the_front_page_lead_away() {
        const LOGIN: Option<&str> = Some("a login page");
        const ROOT: Option<&str> = Some("the site's front page");
        let from = "https://a.example/2026/11/story";
        leads(from, "https://a.example/2026/11/story/", None);
        leads(from, "https://www.a.example/2026/11/the-login-problem", None);
        leads(from, "https://a.example/login?next=/2026/11/story", LOGIN);
        leads(from, "https://a.example/user/Sign-In.php", LOGIN);
        leads(from, "https://login.a.example/?to=x", LOGIN);
        leads(from, "https://accounts.a.example/x", LOGIN);
        leads(from, "https://a.example/", ROOT);
        leads(from, "https://b.example", ROOT);
        leads(from, "https://a.example/?p=5", None);
        leads("https://a.example/?p=5", "https://a.example/2026/story", None);
        leads("http://a.example/", "https://a.example/", None);
        leads("https://a.example/login/cve", "https://a.example/login/cve-2026", None);
    }

    fn wanted(tries: u32) -> Wait {
        Wait { since: at(0), tries }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn failed(error: FetchError) -> Unfinished {
        Unfinished::Failed(error.into())
    }

    #[test]
    fn what_may_pass_is_tried_again_twice_and_then_given_up() {
        let busy = || failed(FetchError::Status { status: 502, retry_after: None });
        let again = |tries, at| Verdict::Again { at, tries, reason: "the server answered 502".to_owned() };
        assert_eq!(judge(wanted(0), &busy(), at(0)), again(1, at(1)));
        assert_eq!(judge(wanted(1), &busy(), at(1)), again(2, at(5)));
        assert!(matches!(judge(wanted(2), &busy(), at(5)), Verdict::Failed { .. }));
        let asked = failed(FetchError::Status { status: 503, retry_after: Some(SignedDuration::from_hours(9)) });
        assert!(matches!(judge(wanted(0), &asked, at(0)), Verdict::Again { at: when, .. } if when == at(9)));
    }

    #[test]
    fn what_will_not_pass_is_given_up_at_once() {
        for error in [
            FetchError::Status { status: 404, retry_after: None },
            FetchError::Forbidden { status: 403, retry_after: None },
            FetchError::Gone { retry_after: None },
            FetchError::Challenge { retry_after: None },
            FetchError::Robots { host: "a.example".to_owned() },
            FetchError::TooLarge { limit_bytes: 1 },
            FetchError::NotAPage { kind: "image/png".to_owned() },
            FetchError::LeadsAway { where_to: "a login page" },
            FetchError::Redirects { hops: 6 },
        ] {
            assert!(matches!(judge(wanted(0), &failed(error), at(0)), Verdict::Failed { .. }));
        }
        assert!(matches!(
            judge(wanted(0), &Unfinished::Failed(crate::gather::reader::ReadFailure::panicked("x").into()), at(0)),
            Verdict::Failed { .. }
        ));
    }

    #[test]
    fn a_host_at_rest_is_waited_for_three_days() {
        let rests = || failed(FetchError::TooManyRequests { retry_after: None });
        for why in [Unfinished::Held, Unfinished::OutOfTime, rests()] {
            assert_eq!(judge(wanted(2), &why, at(71)), Verdict::StillWanted);
            assert!(matches!(judge(wanted(2), &why, at(72)), Verdict::Failed { .. }));
        }
    }
}
