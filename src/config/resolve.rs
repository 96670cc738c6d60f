//! What feeds.toml states about a source, with the gaps filled from what its feed declares.

use super::source::{SourceAddress, SourceConfig};
use crate::model::{Feed, Health, NameClaim, Origin, Signal, SignalKind, SiteClaim, Source, SourceKind};
use crate::rights::License;
use crate::text::{secret_part, tidy_outlet_name};

impl SourceConfig {
    /// The source as weaving and publishing know it; `feed` is what its feed last declared.
    #[must_use]
    pub fn resolved(&self, feed: Option<&Feed>) -> Source {
        let feed_url = self.public_address();
        let site_of_feed = || feed.and_then(|feed| feed.link.clone()).filter(|site| secret_part(site).is_none());
        let host = || match &self.address {
            SourceAddress::Http(url) => url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned(),
            SourceAddress::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        };
        let signals = self.signals(feed);
        let title = feed.and_then(|feed| feed.title.as_deref()).map(tidy_outlet_name).filter(|title| !title.is_empty());
        Source {
            id: self.id.clone(),
            name: self.name.clone().or(title).unwrap_or_else(host),
            name_claim: if self.name.is_some() && self.list.is_none() {
                NameClaim::Stated
            } else {
                NameClaim::Announced
            },
            feed_url,
            site: self.site.clone().or_else(site_of_feed),
            site_claim: if self.site.is_some() { SiteClaim::Stated } else { SiteClaim::Announced },
            owner: self.owner.clone(),
            trusted: self.trusted,
            tags: self.tags.clone(),
            weight: self.weight,
            kind: self.kind.unwrap_or(if feed.and_then(|feed| feed.lists) == Some(true) {
                SourceKind::Aggregator
            } else {
                SourceKind::Original
            }),
            is_kind_guessed: self.kind.is_none(),
            max_items: self.max_items,
            max_age: self.max_age,
            republish: self.republish,
            excerpt_length: self.excerpt_length,
            attribution: self.attribution.clone(),
            disclosure: self.disclosure.clone(),
            rights: self.rights.clone().or_else(|| feed.and_then(|feed| feed.rights.clone())),
            signals,
            language: feed.and_then(|feed| feed.language.clone()),
            asked_every: None,
            allow_duplicates: self.allow_duplicates,
            title_tail: feed.and_then(|feed| feed.title_tail.clone()).filter(|tail| !tail.is_empty()),
            health: if self.disabled { Health::Paused } else { Health::New },
        }
    }

    /// What the feed declares about its rights, and `rights`.
    fn signals(&self, feed: Option<&Feed>) -> Vec<Signal> {
        let mut signals = feed.map(|feed| feed.signals.clone()).unwrap_or_default();
        let mut say = |kind, origin, value: &str| signals.push(Signal::new(kind, origin, value));
        if let Some(feed) = feed {
            feed.licenses.iter().for_each(|license| say(SignalKind::License, Origin::Feed, license));
            feed.rights.iter().for_each(|rights| say(SignalKind::Rights, Origin::Feed, rights));
        }
        if let Some(rights) = &self.rights {
            let kind = if License::parse(rights).is_some() { SignalKind::License } else { SignalKind::Rights };
            say(kind, Origin::Config, rights);
        }
        signals
    }
}
