//! What a publish depends on, as fingerprints in the store: while they are the same, nothing is made anew.
//!
//! They are written out field by field, so that no stored byte depends on a name in this program.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::model::{NameClaim, Republish, SiteClaim, Source, SourceKind};
use crate::text::Fingerprint;

/// What a publish depended on: as long as it is the same, the next one would write the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublishFingerprint {
    /// feeds.toml.
    pub(super) config: i64,
    /// The store's count of changes that a reader could see.
    pub(super) generation: i64,
    /// From then on the passing of time alone may change an output.
    pub(super) again_at: Option<Timestamp>,
}

impl PublishFingerprint {
    /// Whether a publish at `now` under `config` and `generation` would write what this one wrote.
    pub(super) fn is_current(&self, config: i64, generation: i64, now: Timestamp) -> bool {
        self.config == config && self.generation == generation && self.again_at.is_none_or(|at| now < at)
    }

    /// Reads what [`fmt::Display`] wrote; a text of a different version of the program counts as nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        if parts.next()? != env!("CARGO_PKG_VERSION") {
            return None;
        }
        let config = parts.next()?.parse().ok()?;
        let generation = parts.next()?.parse().ok()?;
        let again_at = match parts.next()? {
            "-" => None,
            seconds => Some(Timestamp::from_second(seconds.parse().ok()?).ok()?),
        };
        Some(Self { config, generation, again_at })
    }
}

impl fmt::Display for PublishFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, generation, again_at } = self;
        write!(f, "{} {config} {generation} ", env!("CARGO_PKG_VERSION"))?;
        match again_at {
            None => f.write_str("-"),
            Some(at) => write!(f, "{}", at.as_second()),
        }
    }
}

/// Adds everything of `source` that can change the page of a day.
///
/// How a source fares is on the page of the newest stories alone, and how often it is asked is on no page of a day:
/// `asked_every` and `health` do not count.
pub(super) fn add_source(print: &mut Fingerprint, source: &Source) {
    let Source {
        id,
        name,
        name_claim,
        feed_url,
        site,
        site_claim,
        owner,
        trusted,
        tags,
        weight,
        kind,
        is_kind_guessed,
        max_items,
        max_age,
        republish,
        excerpt_length,
        attribution,
        disclosure,
        rights,
        signals,
        language,
        asked_every: _,
        allow_duplicates,
        title_tail,
        health: _,
    } = source;
    [id.as_str(), name, feed_url.as_str()].into_iter().for_each(|text| print.add(text));
    if let NameClaim::Alike(_) = name_claim {
        print.add("alike");
    }
    add_optional(print, site.as_ref().map(url::Url::as_str));
    add_list(print, tags);
    print.add(&weight.to_string());
    print.add(match (kind, is_kind_guessed) {
        (SourceKind::Original, _) => "original",
        (SourceKind::Aggregator, false) => "aggregator",
        (SourceKind::Aggregator, true) => "guessed aggregator",
    });
    add_optional(print, max_items.map(|most| most.to_string()).as_deref());
    add_optional(print, max_age.map(seconds).as_deref());
    add_optional(print, republish.map(Republish::code));
    print.add(&excerpt_length.to_string());
    for text in [attribution, disclosure, rights, language] {
        add_optional(print, text.as_deref());
    }
    print.add(&signals.len().to_string());
    for signal in signals {
        for text in [signal.kind.code(), signal.origin.code(), &signal.value] {
            print.add(text);
        }
    }
    add_optional(print, owner.as_deref());
    print.add(if *trusted { "trusted" } else { "not trusted" });
    print.add(claim_code(*site_claim));
    print.add(if *allow_duplicates { "duplicates" } else { "no duplicates" });
    // Only where there is one: what is in a database stays comparable.
    title_tail.iter().for_each(|tail| print.add(tail));
}

const fn claim_code(claim: SiteClaim) -> &'static str {
    match claim {
        SiteClaim::Stated => "stated",
        SiteClaim::Announced => "announced",
        SiteClaim::Contested => "contested",
    }
}

/// Adds a list, so that two adjacent lists are distinguished.
pub(super) fn add_list<T: AsRef<str>>(
    print: &mut Fingerprint,
    list: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
) {
    let list = list.into_iter();
    print.add(&list.len().to_string());
    list.for_each(|text| print.add(text.as_ref()));
}

fn add_optional(print: &mut Fingerprint, text: Option<&str>) {
    print.add(if text.is_some() { "some" } else { "none" });
    print.add(text.unwrap_or_default());
}

fn seconds(duration: SignedDuration) -> String {
    duration.as_secs().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Health, Origin, Signal, SignalKind, SourceId};

    fn source() -> Source {
        Source {
            id: SourceId::new("a").unwrap(),
            name: "A".to_owned(),
            feed_url: "https://a.example/feed".parse().unwrap(),
            site: Some("https://a.example/".parse().unwrap()),
            name_claim: NameClaim::Stated,
            site_claim: SiteClaim::Stated,
            owner: None,
            trusted: false,
            tags: vec!["news".to_owned(), "rust".to_owned()],
            weight: 2,
            kind: SourceKind::Aggregator,
            is_kind_guessed: false,
            max_items: Some(5),
            max_age: Some(SignedDuration::from_hours(48)),
            republish: Some(Republish::Headline),
            excerpt_length: 280,
            attribution: Some("{link}".to_owned()),
            disclosure: None,
            rights: Some("All rights reserved".to_owned()),
            signals: vec![Signal::new(SignalKind::Robots, Origin::FeedHeader, "noarchive")],
            language: Some("en".to_owned()),
            asked_every: Some(SignedDuration::from_hours(1)),
            allow_duplicates: true,
            title_tail: None,
            health: Health::New,
        }
    }

    fn print_of(source: &Source) -> i64 {
        let mut print = Fingerprint::new();
        add_source(&mut print, source);
        print.finish()
    }

    /// What is in a database stays comparable: a new value here makes every page of a day anew.
    #[test]
    fn the_stored_form_of_a_source_stays_the_same() {
        assert_eq!(print_of(&source()), -3_783_191_200_175_362_513);
    }

    #[test]
    fn every_field_counts_but_how_the_source_fares() {
        let before = print_of(&source());
        let changes: [fn(&mut Source); 22] = [
            |source| source.id = SourceId::new("b").unwrap(),
            |source| source.name.push('x'),
            |source| source.name_claim = NameClaim::Alike(SourceId::new("b").unwrap()),
            |source| source.feed_url = "https://b.example/feed".parse().unwrap(),
            |source| source.site = None,
            |source| source.site_claim = SiteClaim::Contested,
            |source| source.owner = Some("A".to_owned()),
            |source| source.trusted = true,
            |source| drop(source.tags.pop()),
            |source| source.weight = 3,
            |source| source.kind = SourceKind::Original,
            |source| source.max_items = None,
            |source| source.max_age = Some(SignedDuration::from_hours(47)),
            |source| source.republish = None,
            |source| source.excerpt_length = 281,
            |source| source.attribution = None,
            |source| source.disclosure = Some(String::new()),
            |source| source.rights = None,
            |source| source.signals[0].origin = Origin::PageHeader,
            |source| source.language = None,
            |source| source.allow_duplicates = false,
            |source| source.title_tail = Some(" - A".to_owned()),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut changed = source();
            change(&mut changed);
            assert_ne!(print_of(&changed), before, "change {at}");
        }
        let fares = Source { asked_every: None, health: Health::Paused, ..source() };
        assert_eq!(print_of(&fares), before);
    }

    #[test]
    fn a_publish_fingerprint_reads_back_what_it_wrote() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        for again_at in [None, Some(at(1_800_000_000))] {
            let print = PublishFingerprint { config: -5, generation: 12, again_at };
            assert_eq!(PublishFingerprint::parse(&print.to_string()), Some(print));
        }
        for text in ["", "0.0.0 1 2 -", "nonsense"] {
            assert_eq!(PublishFingerprint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_publish_is_current_until_something_changed_or_its_time_came() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let print = PublishFingerprint { config: 1, generation: 3, again_at: Some(at(100)) };
        let check = |config, generation, now, want| assert_eq!(print.is_current(config, generation, at(now)), want);
        check(1, 3, 99, true);
        check(1, 3, 100, false);
        check(2, 3, 99, false);
        check(1, 4, 99, false);
    }
}
