//! What feeds.toml says of a source, with the gaps filled from what its feed says of itself.

use super::{SourceAddress, SourceConfig};
use crate::model::{Feed, Health, Source};

impl SourceConfig {
    /// The source as weaving and publishing know it; `feed` is what its feed said last.
    #[must_use]
    pub fn told(&self, feed: Option<&Feed>) -> Source {
        let feed_url = self.address.to_url();
        let host = || match &self.address {
            SourceAddress::Http(url) => url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned(),
            SourceAddress::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        };
        let title = feed.and_then(|feed| feed.title.clone()).filter(|title| !title.trim().is_empty());
        Source {
            id: self.id.clone(),
            name: self.name.clone().or(title).unwrap_or_else(host),
            feed_url,
            site: self.site.clone().or_else(|| feed.and_then(|feed| feed.link.clone())),
            tags: self.tags.clone(),
            weight: self.weight,
            kind: self.kind,
            max_items: self.max_items,
            max_age: self.max_age,
            republish: self.republish,
            excerpt_length: self.excerpt_length,
            attribution: self.attribution.clone(),
            disclosure: self.disclosure.clone(),
            rights: self.rights.clone().or_else(|| feed.and_then(|feed| feed.rights.clone())),
            license: feed.and_then(|feed| feed.licenses.first().cloned()),
            language: feed.and_then(|feed| feed.language.clone()),
            allow_duplicates: self.allow_duplicates,
            health: if self.disabled { Health::Paused } else { Health::New },
        }
    }
}
