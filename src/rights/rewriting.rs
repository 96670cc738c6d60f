//! Whether a program of the operator's may make a text of its own from an entry, and how much of it that program is given.
//!
//! A publisher's "no" wins over everything: to machines that use the text, to texts that are made from it, to any text at
//! all. Drafts count here whatever feeds.toml says of them elsewhere: nobody has to be rewritten.

use super::decide::{Allowance, Cause, licenses};
use super::license::License;
use super::rsl::Rsl;
use super::{ai_preferences, directives};
use crate::model::{Republish, Signal, SignalKind};

/// How much of an entry a program that rewrites is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Given {
    /// Title and excerpt, as they may be published.
    Excerpt,
    /// The whole text, too.
    Text,
}

impl Given {
    /// Its name in the store; never changes.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Excerpt => "excerpt",
            Self::Text => "text",
        }
    }

    /// That of this name.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Excerpt, Self::Text].into_iter().find(|given| given.code() == code)
    }
}

/// What a signal has against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Against {
    Nothing,
    /// The whole text.
    Text,
    /// All of it.
    All,
}

/// How much of an entry, of which `allowed` may be published, a program that rewrites is given.
///
/// # Errors
/// Why it is given nothing, as a sentence.
pub(crate) fn rewriting(allowed: &Allowance, of_source: &[Signal], of_entry: &[Signal]) -> Result<Given, String> {
    let all = || of_source.iter().chain(of_entry);
    if let Some(signal) = all().find(|signal| against(signal) == Against::All) {
        return Err(signal.clause());
    }
    let unchanged = |signal: &&&Signal| License::parse(&signal.value).is_some_and(|license| license.no_derivatives);
    if let Some(signal) = licenses(of_source, of_entry).iter().find(unchanged) {
        return Err(format!("{}, which allows no changes", signal.clause()));
    }
    if allowed.extent >= Republish::Headline || allowed.uncut {
        return Err(allowed.sentence());
    }
    let is_text_withheld = all().any(|signal| against(signal) == Against::Text);
    let is_granted = || allowed.cause == Cause::Silence && !allowed.withholds_text && all().any(grants);
    let is_given = allowed.extent == Republish::Full || is_granted();
    Ok(if is_given && !is_text_withheld { Given::Text } else { Given::Excerpt })
}

fn against(signal: &Signal) -> Against {
    match signal.kind {
        SignalKind::TdmReservation if signal.value == "1" => Against::All,
        SignalKind::ContentUsage | SignalKind::ContentSignal if ai_preferences::refuses_use(&signal.value) => {
            Against::All
        }
        // The program may be the client of a model whose maker learns from what it is given.
        SignalKind::ContentUsage | SignalKind::ContentSignal if ai_preferences::refuses_training(&signal.value) => {
            Against::Text
        }
        SignalKind::Robots if directives::refuse_ai(&signal.value) => Against::All,
        SignalKind::Rsl => match Rsl::parse(&signal.value).map(|rsl| rsl.terms()) {
            Some(terms) if terms.prohibits_ai_use || terms.permits_others_only => Against::All,
            Some(terms) if terms.prohibits_training => Against::Text,
            _ => Against::Nothing,
        },
        // Terms that nobody has read: the publisher is not silent.
        SignalKind::RslDocument => Against::Text,
        _ => Against::Nothing,
    }
}

/// Whether a signal states that a machine may use the whole text.
fn grants(signal: &Signal) -> bool {
    let terms = || Rsl::parse(&signal.value).map(|rsl| rsl.terms());
    signal.kind == SignalKind::Rsl && terms().is_some_and(|terms| terms.permits_ai_use && !terms.wants_payment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;
    use crate::rights::{House, allowance};

    /// What is given if the operator states nothing, and if they state `full`.
    #[track_caller]
    fn check(signal: Option<(SignalKind, Origin, &str)>, silent: Option<Given>, full: Option<Given>) {
        let signals: Vec<Signal> =
            signal.into_iter().map(|(kind, origin, value)| Signal::new(kind, origin, value)).collect();
        for (source, want) in [(None, silent), (Some(Republish::Full), full)] {
            let house = House {
                source,
                output: Republish::Full,
                excerpt_chars: 280,
                is_commercial: false,
                obeys_drafts: false,
            };
            for (of_source, of_entry) in [(&signals[..], &[][..]), (&[], &signals)] {
                let found = rewriting(&allowance(&house, of_source, of_entry), of_source, of_entry);
                assert_eq!(found.ok(), want, "{signals:?} under {source:?}");
            }
        }
    }

    #[test]
    fn silence_gives_an_excerpt_consent_the_text_and_a_no_wins() {
        use Origin::{Entry, Feed, FeedHeader, Page, PageHeader, RobotsTxt, Site};
        use SignalKind as Kind;
        let (excerpt, text) = (Some(Given::Excerpt), Some(Given::Text));
        check(None, excerpt, text);
        let rsl = |inside: &str| format!("<content url=\"/\"><license>{inside}</license></content>");
        let prohibits = |what: &str| rsl(&format!("<prohibits type=\"usage\">{what}</prohibits>"));
        let permits = |what: &str| rsl(&format!("<permits type=\"usage\">{what}</permits>"));
        let creative = |name: &str| format!("https://creativecommons.org/licenses/{name}/4.0/");
        for (kind, origin, value, silent, full) in [
            (Kind::TdmReservation, PageHeader, "1".to_owned(), None, None),
            (Kind::TdmReservation, Site, "1".to_owned(), None, None),
            (Kind::TdmReservation, Page, "0".to_owned(), excerpt, text),
            (Kind::ContentUsage, PageHeader, "ai-use=n".to_owned(), None, None),
            (Kind::ContentUsage, RobotsTxt, "/news/ search=y, bots=n".to_owned(), None, None),
            (Kind::ContentUsage, FeedHeader, "train-ai=n".to_owned(), excerpt, excerpt),
            (Kind::ContentUsage, FeedHeader, "search=n".to_owned(), excerpt, text),
            (Kind::ContentUsage, FeedHeader, "ai-use=y".to_owned(), excerpt, text),
            (Kind::ContentSignal, RobotsTxt, "search=yes, ai-input=no, ai-train=no".to_owned(), None, None),
            (Kind::ContentSignal, RobotsTxt, "search=yes, ai-train=no".to_owned(), excerpt, excerpt),
            (Kind::Robots, Page, "noindex, noai".to_owned(), None, None),
            (Kind::Robots, PageHeader, "noimageai".to_owned(), excerpt, text),
            (Kind::Robots, Page, "nosnippet".to_owned(), None, None),
            (Kind::Robots, Page, "noarchive".to_owned(), excerpt, excerpt),
            (Kind::AccessibleForFree, Page, "false".to_owned(), excerpt, excerpt),
            (Kind::Rsl, Entry, prohibits("ai-all"), None, None),
            (Kind::Rsl, Feed, prohibits("ai-input"), None, None),
            (Kind::Rsl, Entry, prohibits("ai-train"), excerpt, excerpt),
            (Kind::Rsl, Entry, permits("search"), None, None),
            (Kind::Rsl, Entry, permits("search ai-input"), text, text),
            (Kind::Rsl, Entry, rsl("<permits>ai-all</permits><payment type=\"attribution\"/>"), text, text),
            (Kind::Rsl, Entry, rsl("<permits>all</permits><payment type=\"subscription\"/>"), None, None),
            (Kind::Rsl, Entry, rsl("<permits type=\"geo\">EU</permits>"), excerpt, text),
            (Kind::RslDocument, RobotsTxt, "https://a.example/rsl.xml".to_owned(), excerpt, excerpt),
            (Kind::License, Feed, creative("by"), text, text),
            (Kind::License, Entry, creative("by-sa"), text, text),
            (Kind::License, Feed, creative("by-nc"), excerpt, text),
            (Kind::License, Feed, creative("by-nd"), None, None),
            (Kind::License, Feed, "https://a.example/terms".to_owned(), excerpt, text),
            (Kind::Rights, Feed, "All rights reserved".to_owned(), excerpt, text),
        ] {
            check(Some((kind, origin, &value)), silent, full);
        }
    }

    #[test]
    fn a_permission_gives_no_text_that_something_else_withholds() {
        use Origin::{Entry, Feed, Page, PageHeader, Site};
        use SignalKind as Kind;
        let (excerpt, text) = (Some(Given::Excerpt), Some(Given::Text));
        let silence = House {
            source: None,
            output: Republish::Full,
            excerpt_chars: 280,
            is_commercial: false,
            obeys_drafts: false,
        };
        let paid = House { is_commercial: true, ..silence };
        let strict = House { output: Republish::Excerpt, ..silence };
        let noncommercial = "https://creativecommons.org/licenses/by-nc/4.0/";
        for (house, kind, origin, value, want) in [
            (silence, Kind::Rights, Feed, "All rights reserved", text),
            (silence, Kind::Robots, Page, "max-snippet:-1", text),
            (silence, Kind::AccessibleForFree, Page, "true", text),
            (silence, Kind::License, Feed, noncommercial, text),
            (silence, Kind::ContentUsage, PageHeader, "search=y", text),
            (silence, Kind::Robots, Page, "noarchive", excerpt),
            (silence, Kind::Robots, PageHeader, "max-snippet:120", excerpt),
            (silence, Kind::AccessibleForFree, Page, "false", excerpt),
            (silence, Kind::ContentSignal, PageHeader, "ai-train=no", excerpt),
            (silence, Kind::RslDocument, Page, "https://a.example/rsl.xml", excerpt),
            (paid, Kind::License, Feed, noncommercial, excerpt),
            (strict, Kind::Rights, Feed, "All rights reserved", excerpt),
            (silence, Kind::ContentSignal, PageHeader, "ai-input=no", None),
            (silence, Kind::Robots, Page, "nosnippet", None),
            (silence, Kind::TdmReservation, Site, "1", None),
        ] {
            for permission in ["ai-input", "ai-all", "search ai-input"] {
                let terms = format!("<content url=\"/\"><license><permits>{permission}</permits></license></content>");
                let (permits, other) = (Signal::new(Kind::Rsl, Entry, terms), Signal::new(kind, origin, value));
                for of_entry in [[permits.clone(), other.clone()], [other, permits]] {
                    let found = rewriting(&allowance(&house, &[], &of_entry), &[], &of_entry);
                    assert_eq!(found.ok(), want, "{permission} and {value} in {house:?}");
                }
            }
        }
    }

    #[test]
    fn a_refusal_names_who_refuses() {
        let house = House {
            source: Some(Republish::Full),
            output: Republish::Full,
            excerpt_chars: 280,
            is_commercial: false,
            obeys_drafts: false,
        };
        let say = |kind, origin, value: &str| {
            let signals = [Signal::new(kind, origin, value)];
            rewriting(&allowance(&house, &[], &signals), &[], &signals).unwrap_err()
        };
        assert_eq!(
            say(SignalKind::TdmReservation, Origin::Site, "1"),
            "a file of the site (tdmrep.json) reserves text and data mining"
        );
        assert_eq!(
            say(SignalKind::License, Origin::Feed, "CC BY-ND 4.0"),
            "the feed names the licence CC BY-ND 4.0, which allows no changes"
        );
        assert_eq!(
            say(SignalKind::Robots, Origin::Page, "nosnippet"),
            "title and link only: the article page says \"nosnippet\" to robots"
        );
    }
}
