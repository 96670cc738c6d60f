//! What of a private feed's address never leaves: its own entries may repeat the key that stands in it.

use url::Position;

use crate::config::{SourceAddress, SourceConfig};
use crate::model::{Entry, Markup};
use crate::text::{secret_values, short_hash};

/// Shorter texts stand in any address.
const LEAST_CHARS: usize = 8;

/// The keys in the address of a source.
#[derive(Debug)]
pub(super) struct Private(Vec<String>);

impl Private {
    pub(super) fn of(source: &SourceConfig) -> Self {
        let SourceAddress::Http(url) = &source.address else { return Self(Vec::new()) };
        let mut keys = if source.secret_in_address().is_some() { secret_values(url) } else { Vec::new() };
        if source.address_variable.is_some() {
            keys.extend(secret_values(url));
            // A path alone may be the beginning of every article's address.
            keys.extend(url.query().map(|_| url[Position::BeforePath..Position::AfterQuery].to_owned()));
        }
        keys.retain(|key| key.len() >= LEAST_CHARS);
        Self(keys)
    }

    /// Whether a key stands in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|key| text.contains(key.as_str()))
    }

    /// `guid`, or what stands for one with a key in it.
    pub(super) fn guid(&self, guid: String) -> String {
        if self.is_in(&guid) { format!("private:{}", short_hash(&[&guid])) } else { guid }
    }

    /// Takes the keys out of what else `entry` says: addresses with one go, texts lose it.
    pub(super) fn hide(&self, entry: &mut Entry) {
        if self.0.is_empty() {
            return;
        }
        entry.enclosures.retain(|media| !self.is_in(media.url.as_str()));
        for address in [&mut entry.image, &mut entry.comments, &mut entry.license] {
            *address = address.take().filter(|url| !self.is_in(url.as_str()));
        }
        if let Some(via) = &mut entry.via {
            for address in [&mut via.url, &mut via.site] {
                *address = address.take().filter(|url| !self.is_in(url.as_str()));
            }
        }
        for author in &mut entry.authors {
            author.uri = author.uri.take().filter(|uri| !self.is_in(uri));
        }
        // What is stated of rights stays: it may deny something.
        let signals = entry.signals.iter_mut().map(|signal| &mut signal.value);
        for text in [&mut entry.title, &mut entry.text].into_iter().chain(&mut entry.rights).chain(signals) {
            self.strike_out(text);
        }
        for markup in entry.summary.iter_mut().chain(&mut entry.content) {
            let (Markup::Text(text) | Markup::Html(text)) = markup;
            self.strike_out(text);
        }
    }

    fn strike_out(&self, text: &mut String) {
        for key in &self.0 {
            if text.contains(key.as_str()) {
                *text = text.replace(key.as_str(), "…");
            }
        }
    }
}
