//! What was decided, as a sentence for people.

use super::{Allowance, Cause, Rsl};
use crate::model::{Republish, Signal, SignalKind};

impl Allowance {
    /// Such as `an excerpt of at most 50 characters: the article page says "max-snippet:50"`.
    #[must_use]
    pub(crate) fn sentence(&self) -> String {
        let what = match self.extent {
            Republish::Full if self.uncut => "the whole text, uncut".to_owned(),
            Republish::Full => "the whole text".to_owned(),
            Republish::Excerpt => format!("an excerpt of at most {} characters", self.excerpt_chars),
            Republish::Headline => "title and link only".to_owned(),
            Republish::Off => "nothing".to_owned(),
        };
        let mut why = self.cause.clause(self.extent);
        if self.extent == Republish::Excerpt
            && let Some(signal) = &self.shortened_by
            && self.cause != Cause::Signal(signal.clone())
        {
            why = format!("{why}, and {}", signal.clause());
        }
        format!("{what}: {why}")
    }
}

impl Cause {
    fn clause(&self, extent: Republish) -> String {
        match self {
            Self::Silence => "no licence that allows more was seen".to_owned(),
            Self::SourcePolicy => format!("feeds.toml says republish = \"{}\" for the source", extent.code()),
            Self::OutputPolicy => format!("feeds.toml says republish = \"{}\" for the output", extent.code()),
            Self::Licensed(signal) => format!("{}, which allows it", signal.clause()),
            Self::Signal(signal) => signal.clause(),
            Self::Kept => "only the beginning of the text is kept".to_owned(),
        }
    }
}

impl Signal {
    /// Who states what: `the feed names the licence https://…`.
    #[must_use]
    pub(crate) fn clause(&self) -> String {
        let (who, value) = (self.origin.phrase(), &self.value);
        match self.kind {
            SignalKind::AccessRestriction => format!("{who} forbids republishing (access:restriction {value})"),
            SignalKind::FeedRobots => format!("{who} forbids republishing (meta robots {value:?} inside it)"),
            SignalKind::Block => format!("{who} forbids republishing ({value})"),
            SignalKind::License => format!("{who} names the licence {value}"),
            SignalKind::Rights => format!("{who} states {value:?}"),
            SignalKind::MediaRights => format!("{who} states {value:?} of its media"),
            SignalKind::MediaRestriction if value == "*" => format!("{who} keeps its media back (media:restriction)"),
            SignalKind::MediaRestriction => format!("{who} keeps {value} back (media:restriction)"),
            SignalKind::Rsl => match Rsl::parse(value).map(|rsl| rsl.words()).filter(|words| !words.is_empty()) {
                Some(words) => format!("{who} carries an RSL licence ({words})"),
                None => format!("{who} carries an RSL licence"),
            },
            SignalKind::RslDocument => format!("{who} names the RSL document {value}"),
            SignalKind::Robots => format!("{who} says {value:?} to robots"),
            SignalKind::TdmReservation if value == "1" => format!("{who} reserves text and data mining"),
            SignalKind::TdmReservation => format!("{who} does not reserve text and data mining"),
            SignalKind::ContentUsage => format!("{who} says \"Content-Usage: {value}\""),
            SignalKind::ContentSignal => format!("{who} says \"Content-Signal: {value}\""),
            SignalKind::AccessibleForFree if value == "false" => {
                format!("{who} says that the article has to be paid for")
            }
            SignalKind::AccessibleForFree => format!("{who} says that the article is free"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Origin, Republish, Signal, SignalKind};
    use crate::rights::{House, allowance};

    #[test]
    fn a_decision_is_told_in_a_sentence() {
        let house = House {
            source: None,
            output: Republish::Full,
            excerpt_chars: 280,
            is_commercial: false,
            obeys_drafts: false,
        };
        let say = |house: House, signals: &[(SignalKind, Origin, &str)]| {
            let signals: Vec<_> =
                signals.iter().map(|(kind, origin, value)| Signal::new(*kind, *origin, *value)).collect();
            allowance(&house, &[], &signals).sentence()
        };
        let full = House { source: Some(Republish::Full), ..house };
        assert_eq!(say(house, &[]), "an excerpt of at most 280 characters: no licence that allows more was seen");
        assert_eq!(say(full, &[]), "the whole text: feeds.toml says republish = \"full\" for the source");
        assert_eq!(
            say(House { output: Republish::Headline, ..full }, &[]),
            "title and link only: feeds.toml says republish = \"headline\" for the output"
        );
        assert_eq!(
            say(house, &[(SignalKind::License, Origin::Feed, "CC0")]),
            "the whole text: the feed names the licence CC0, which allows it"
        );
        assert_eq!(
            say(full, &[(SignalKind::Robots, Origin::Page, "max-snippet:50")]),
            "an excerpt of at most 50 characters: the article page says \"max-snippet:50\" to robots"
        );
        assert_eq!(
            say(house, &[(SignalKind::Robots, Origin::Page, "max-snippet:50")]),
            "an excerpt of at most 50 characters: no licence that allows more was seen, and the article page says \
             \"max-snippet:50\" to robots"
        );
        assert_eq!(
            say(full, &[(SignalKind::AccessRestriction, Origin::Feed, "deny")]),
            "nothing: the feed forbids republishing (access:restriction deny)"
        );
    }
}
