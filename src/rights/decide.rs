//! Signals and policies → how much of one entry may be published. The stricter wins.

use super::license::License;
use super::rsl::Rsl;
use super::{ai_preferences, directives};
use crate::model::{Origin, Republish, Signal, SignalKind};

/// What the operator states about a source and about an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct House {
    /// `republish` of the source; `None`: not stated, so an excerpt, or the whole text by its licence.
    pub(crate) source: Option<Republish>,
    /// `republish` of the output: the loosest it accepts.
    pub(crate) output: Republish,
    /// Longest excerpt in characters.
    pub(crate) excerpt_chars: usize,
    /// The output earns money (`commercial = true`).
    pub(crate) is_commercial: bool,
    /// Signals that are drafts count (`obey_drafts = true`).
    pub(crate) obeys_drafts: bool,
}

/// How much of one entry may be published, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// The whole text, an excerpt, the title alone, nothing.
    pub(crate) extent: Republish,
    /// Longest excerpt in characters, if the extent is one.
    pub(crate) excerpt_chars: usize,
    /// Only text that the feed itself carries: neither body nor description of the article page.
    pub(crate) only_from_feed: bool,
    /// The whole text exactly as it is, or the title alone: nothing may be cut.
    pub(crate) uncut: bool,
    /// Somebody allows no more than an excerpt: a publisher, or feeds.toml for the output. That may not show in the extent,
    /// which is an excerpt where all are silent.
    pub(crate) withholds_text: bool,
    /// What decided the extent.
    pub(crate) cause: Cause,
    /// What made the excerpt shorter than `excerpt_length`.
    pub(crate) shortened_by: Option<Signal>,
}

/// What decided how much may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Nobody stated anything: the default.
    Silence,
    /// `republish` of the source in feeds.toml.
    SourcePolicy,
    /// `republish` of the output in feeds.toml.
    OutputPolicy,
    /// A licence that allows it.
    Licensed(Signal),
    /// A signal that allows no more.
    Signal(Signal),
    /// Only the beginning of the text is kept.
    Kept,
}

/// Weighs what the source says (`of_source`), what the entry, its page and its response say (`of_entry`), and
/// what `house` says. A licence of the entry replaces those of its source.
#[must_use]
pub(crate) fn allowance(house: &House, of_source: &[Signal], of_entry: &[Signal]) -> Allowance {
    let licenses = licenses(of_source, of_entry);
    let (wanted, cause) = wanted(house, &licenses);
    let mut weighed = Allowance {
        extent: wanted,
        excerpt_chars: house.excerpt_chars,
        only_from_feed: false,
        uncut: false,
        withholds_text: false,
        cause,
        shortened_by: None,
    };
    weighed.at_most(house.output, || Cause::OutputPolicy);
    for signal in of_source.iter().chain(of_entry).filter(|signal| signal.kind != SignalKind::License) {
        weighed.weigh(signal, house);
    }
    for (signal, license) in licenses.iter().filter_map(|signal| Some((*signal, License::parse(&signal.value)?))) {
        if license.non_commercial && house.is_commercial {
            weighed.at_most(Republish::Excerpt, || Cause::Signal(signal.clone()));
        }
    }
    for (signal, license) in licenses.iter().filter_map(|signal| Some((*signal, License::parse(&signal.value)?))) {
        if license.no_derivatives {
            weighed.uncut = true;
            if weighed.extent > Republish::Full {
                weighed.at_most(Republish::Headline, || Cause::Signal(signal.clone()));
            }
        }
    }
    weighed
}

/// Whether `signal` alone forbids republishing anything.
#[must_use]
pub(crate) fn forbids_all(signal: &Signal) -> bool {
    let house =
        House { source: None, output: Republish::Full, excerpt_chars: 0, is_commercial: false, obeys_drafts: false };
    meaning(signal, &house).limit == Some(Republish::Off)
}

/// Whether a text may be compared with others by its words (text and data mining): TDMRep does not
/// reserve that.
#[must_use]
pub(crate) fn may_be_mined(of_source: &[Signal], of_entry: &[Signal]) -> bool {
    let reserves = |signal: &Signal| signal.kind == SignalKind::TdmReservation && signal.value == "1";
    !of_source.iter().chain(of_entry).any(reserves)
}

/// Whether the page of an entry lets its lead picture be shown.
#[must_use]
pub(crate) fn may_show_picture(of_entry: &[Signal]) -> bool {
    let directives = of_entry.iter().filter(|signal| signal.kind == SignalKind::Robots);
    directives.into_iter().all(|signal| directives::lets_picture(&signal.value))
}

/// Whether a small copy of the picture of an entry may be given away, by what is said to robots: that asks for more than to
/// show it.
#[must_use]
pub(crate) fn may_copy_picture(of_entry: &[Signal]) -> bool {
    let mut directives = of_entry.iter().filter(|signal| signal.kind == SignalKind::Robots);
    directives.all(|signal| directives::lets_picture(&signal.value) && !directives::asked(&signal.value).no_archive)
}

/// The licences that apply: the entry's, else the source's; and always those of the page.
#[must_use]
pub(crate) fn licenses<'a>(of_source: &'a [Signal], of_entry: &'a [Signal]) -> Vec<&'a Signal> {
    let is_license = |signal: &&Signal| signal.kind == SignalKind::License;
    let of_page = |signal: &&Signal| matches!(signal.origin, Origin::Page | Origin::PageHeader);
    let (page, own): (Vec<_>, Vec<_>) = of_entry.iter().filter(is_license).partition(of_page);
    let own = if own.is_empty() { of_source.iter().filter(is_license).collect() } else { own };
    own.into_iter().chain(page).collect()
}

/// What the operator asks for; if they state nothing, all that every named licence allows.
fn wanted(house: &House, licenses: &[&Signal]) -> (Republish, Cause) {
    if let Some(policy) = house.source {
        return (policy, Cause::SourcePolicy);
    }
    let permissive = |signal: &&Signal| License::parse(&signal.value).is_some_and(License::is_permissive);
    match licenses.first() {
        Some(first) if licenses.iter().all(permissive) => (Republish::Full, Cause::Licensed((*first).clone())),
        _ => (Republish::Excerpt, Cause::Silence),
    }
}

impl Allowance {
    /// The same where only the beginning of the text is kept: an excerpt at most, or the title alone if nothing may be
    /// cut.
    #[must_use]
    pub(crate) fn of_beginning(mut self) -> Self {
        self.at_most(if self.uncut { Republish::Headline } else { Republish::Excerpt }, || Cause::Kept);
        self
    }

    fn at_most(&mut self, limit: Republish, cause: impl FnOnce() -> Cause) {
        self.withholds_text |= limit > Republish::Full;
        if limit > self.extent {
            self.extent = limit;
            self.cause = cause();
        }
    }

    fn weigh(&mut self, signal: &Signal, house: &House) {
        let Meaning { limit, chars, only_from_feed } = meaning(signal, house);
        if let Some(limit) = limit {
            self.at_most(limit, || Cause::Signal(signal.clone()));
        }
        if let Some(chars) = chars.filter(|chars| *chars < self.excerpt_chars) {
            self.excerpt_chars = chars;
            self.shortened_by = Some(signal.clone());
        }
        self.only_from_feed |= only_from_feed;
    }
}

/// What one signal allows at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Meaning {
    limit: Option<Republish>,
    chars: Option<usize>,
    only_from_feed: bool,
}

impl Meaning {
    const NOTHING: Self = Self { limit: Some(Republish::Off), chars: None, only_from_feed: false };
    const HEADLINE: Self = Self { limit: Some(Republish::Headline), chars: None, only_from_feed: false };
    const FEEDS_EXCERPT: Self = Self { limit: Some(Republish::Excerpt), chars: None, only_from_feed: true };
    const ALL: Self = Self { limit: None, chars: None, only_from_feed: false };
}

fn meaning(signal: &Signal, house: &House) -> Meaning {
    match signal.kind {
        SignalKind::AccessRestriction | SignalKind::FeedRobots | SignalKind::Block => Meaning::NOTHING,
        SignalKind::Robots => of_robots(signal),
        SignalKind::Rsl => of_rsl(&signal.value),
        SignalKind::TdmReservation if signal.value == "1" => Meaning::FEEDS_EXCERPT,
        SignalKind::AccessibleForFree if signal.value == "false" => Meaning::FEEDS_EXCERPT,
        SignalKind::ContentUsage | SignalKind::ContentSignal
            if house.obeys_drafts && ai_preferences::refuses_search(&signal.value) =>
        {
            Meaning::HEADLINE
        }
        // A licence is weighed separately; nothing is known about statements and what is elsewhere.
        SignalKind::License
        | SignalKind::Rights
        | SignalKind::MediaRights
        | SignalKind::MediaRestriction
        | SignalKind::RslDocument
        | SignalKind::TdmReservation
        | SignalKind::AccessibleForFree
        | SignalKind::ContentUsage
        | SignalKind::ContentSignal => Meaning::ALL,
    }
}

fn of_robots(signal: &Signal) -> Meaning {
    let asked = directives::asked(&signal.value);
    // On a feed, `none` is the `noindex` that plug-ins send with every feed.
    let none = asked.none && signal.origin != Origin::FeedHeader;
    if asked.no_snippet || none || asked.max_snippet == Some(0) {
        return Meaning::HEADLINE;
    }
    Meaning {
        limit: (asked.no_archive || asked.max_snippet.is_some()).then_some(Republish::Excerpt),
        chars: asked.max_snippet,
        only_from_feed: asked.no_archive,
    }
}

fn of_rsl(xml: &str) -> Meaning {
    let Some(terms) = Rsl::parse(xml).map(|rsl| rsl.terms()) else { return Meaning::ALL };
    if terms.prohibits_all {
        Meaning::NOTHING
    } else if terms.prohibits_search || terms.wants_payment {
        Meaning::HEADLINE
    } else {
        Meaning::ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: &str = "https://creativecommons.org/licenses/by/4.0/";
    const NC: &str = "https://creativecommons.org/licenses/by-nc/4.0/";
    const ND: &str = "https://creativecommons.org/licenses/by-nd/4.0/";
    const NC_ND: &str = "https://creativecommons.org/licenses/by-nc-nd/4.0/";

    fn house(source: Option<Republish>) -> House {
        House { source, output: Republish::Full, excerpt_chars: 280, is_commercial: false, obeys_drafts: false }
    }

    fn signal(kind: SignalKind, origin: Origin, value: &str) -> Signal {
        Signal::new(kind, origin, value)
    }

    /// The extent if the operator states nothing, and if they state `full`.
    #[track_caller]
    fn check(signal: &Signal, silent: Republish, full: Republish) {
        for (source, want) in [(None, silent), (Some(Republish::Full), full)] {
            let found = allowance(&house(source), &[], std::slice::from_ref(signal));
            assert_eq!(found.extent, want, "{signal:?} under {source:?}");
        }
    }

    #[test]
    fn a_copy_of_a_picture_asks_for_more_than_a_picture() {
        for (directives, is_shown, is_copied) in [
            ("noindex, max-image-preview:large", true, true),
            ("noarchive", true, false),
            ("nocache", true, false),
            ("noimageindex", false, false),
            ("max-image-preview: none", false, false),
        ] {
            let said = [signal(SignalKind::Robots, Origin::Page, directives)];
            assert_eq!((may_show_picture(&said), may_copy_picture(&said)), (is_shown, is_copied), "{directives}");
        }
        assert!(may_copy_picture(&[]));
    }

    #[test]
    fn each_signal_has_its_effect() {
        use Origin::{Entry, Feed, FeedHeader, Page, PageHeader};
        use Republish::{Excerpt, Full, Headline, Off};
        use SignalKind as Kind;
        let rsl = |inside: &str| signal(Kind::Rsl, Entry, &format!("<content url=\"/\">{inside}</content>"));
        for (signal, silent, full) in [
            (signal(Kind::AccessRestriction, Feed, "deny"), Off, Off),
            (signal(Kind::FeedRobots, Feed, "noindex"), Off, Off),
            (signal(Kind::Block, Entry, "itunes:block"), Off, Off),
            (signal(Kind::License, Feed, BY), Full, Full),
            (signal(Kind::License, Entry, "https://creativecommons.org/publicdomain/zero/1.0/"), Full, Full),
            (signal(Kind::License, Entry, NC), Excerpt, Full),
            (signal(Kind::License, Entry, ND), Headline, Full),
            (signal(Kind::License, Entry, NC_ND), Headline, Full),
            (signal(Kind::License, Entry, "https://example.org/terms"), Excerpt, Full),
            (signal(Kind::Rights, Feed, "All rights reserved"), Excerpt, Full),
            (signal(Kind::MediaRights, Entry, "© Photo"), Excerpt, Full),
            (signal(Kind::MediaRestriction, Entry, "*"), Excerpt, Full),
            (rsl("<license><prohibits type=\"usage\">all</prohibits></license>"), Off, Off),
            (rsl("<license><prohibits type=\"usage\">ai-train</prohibits></license>"), Excerpt, Full),
            (rsl("<license><payment type=\"purchase\"/></license>"), Headline, Headline),
            (rsl("<license><payment type=\"attribution\"/></license>"), Excerpt, Full),
            (signal(Kind::RslDocument, Page, "https://a.example/rsl.xml"), Excerpt, Full),
            (signal(Kind::Robots, PageHeader, "nosnippet"), Headline, Headline),
            (signal(Kind::Robots, Page, "none"), Headline, Headline),
            (signal(Kind::Robots, Page, "noarchive"), Excerpt, Excerpt),
            (signal(Kind::Robots, Page, "max-snippet:50"), Excerpt, Excerpt),
            (signal(Kind::Robots, Page, "max-snippet:0"), Headline, Headline),
            (signal(Kind::Robots, Page, "max-snippet:-1, noindex"), Excerpt, Full),
            (signal(Kind::Robots, FeedHeader, "none"), Excerpt, Full),
            (signal(Kind::Robots, FeedHeader, "nosnippet"), Headline, Headline),
            (signal(Kind::TdmReservation, PageHeader, "1"), Excerpt, Excerpt),
            (signal(Kind::TdmReservation, PageHeader, "0"), Excerpt, Full),
            (signal(Kind::AccessibleForFree, Page, "false"), Excerpt, Excerpt),
            (signal(Kind::AccessibleForFree, Page, "true"), Excerpt, Full),
            (signal(Kind::ContentSignal, PageHeader, "search=no"), Excerpt, Full),
            (signal(Kind::ContentUsage, PageHeader, "search=n"), Excerpt, Full),
        ] {
            check(&signal, silent, full);
        }
    }

    #[test]
    fn the_stricter_wins_and_the_operator_overrides_silence_only() {
        use Republish::{Excerpt, Full, Headline, Off};
        let nosnippet = signal(SignalKind::Robots, Origin::Page, "nosnippet");
        let by = signal(SignalKind::License, Origin::Feed, BY);
        for (source, output, want) in [
            (None, Full, Full),
            (Some(Full), Full, Full),
            (Some(Excerpt), Full, Excerpt),
            (Some(Headline), Excerpt, Headline),
            (Some(Off), Full, Off),
            (Some(Full), Headline, Headline),
            (None, Off, Off),
        ] {
            let house = House { output, ..house(source) };
            assert_eq!(allowance(&house, std::slice::from_ref(&by), &[]).extent, want, "{source:?} {output:?}");
        }
        let both = allowance(&house(Some(Full)), std::slice::from_ref(&by), std::slice::from_ref(&nosnippet));
        assert_eq!((both.extent, both.cause), (Headline, Cause::Signal(nosnippet.clone())));
        let deny = signal(SignalKind::Block, Origin::Entry, "itunes:block");
        assert_eq!(allowance(&house(Some(Full)), &[by], &[nosnippet, deny]).extent, Off);
    }

    #[test]
    fn a_licence_of_the_entry_stands_in_place_of_the_feeds_and_the_page_counts_too() {
        let license = |origin, url| signal(SignalKind::License, origin, url);
        let extent = |of_source: &[Signal], of_entry: &[Signal]| allowance(&house(None), of_source, of_entry).extent;
        let feed = [license(Origin::Feed, ND)];
        assert_eq!(extent(&feed, &[]), Republish::Headline);
        assert_eq!(extent(&feed, &[license(Origin::Entry, BY)]), Republish::Full);
        assert_eq!(extent(&feed, &[license(Origin::Page, BY)]), Republish::Headline);
        assert_eq!(extent(&[], &[license(Origin::Page, BY)]), Republish::Full);
        let two = [license(Origin::Entry, BY), license(Origin::Entry, NC)];
        assert_eq!(extent(&[], &two), Republish::Excerpt, "all of them have to allow it");
    }

    #[test]
    fn money_and_drafts_count_where_feeds_toml_says_so() {
        let of = |kind, value: &str| {
            allowance(
                &House { is_commercial: true, obeys_drafts: true, ..house(Some(Republish::Full)) },
                &[signal(kind, Origin::Feed, value)],
                &[],
            )
        };
        assert_eq!(of(SignalKind::License, NC).extent, Republish::Excerpt);
        assert_eq!(of(SignalKind::License, NC_ND).extent, Republish::Headline);
        assert_eq!(of(SignalKind::License, BY).extent, Republish::Full);
        assert_eq!(of(SignalKind::ContentSignal, "search=no").extent, Republish::Headline);
        assert_eq!(of(SignalKind::ContentUsage, "train-ai=n").extent, Republish::Full);
    }

    #[test]
    fn what_may_not_be_cut_or_kept_is_marked() {
        let of =
            |kind, value: &str| allowance(&house(Some(Republish::Full)), &[], &[signal(kind, Origin::Page, value)]);
        assert!(of(SignalKind::License, ND).uncut);
        assert!(!of(SignalKind::License, BY).uncut);
        assert!(of(SignalKind::Robots, "noarchive").only_from_feed);
        let tdm = signal(SignalKind::TdmReservation, Origin::Page, "1");
        assert!(of(SignalKind::TdmReservation, "1").only_from_feed && !may_be_mined(&[], &[tdm]));
        assert!(may_be_mined(&[signal(SignalKind::TdmReservation, Origin::Feed, "0")], &[]));
        let short = of(SignalKind::Robots, "max-snippet:50");
        assert_eq!((short.excerpt_chars, short.only_from_feed), (50, false));
        assert_eq!(of(SignalKind::Robots, "max-snippet:500").excerpt_chars, 280);
    }
}
