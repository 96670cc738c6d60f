//! What may never be published: takedowns of a person, in the store and in feeds.toml.

use std::collections::BTreeSet;

use url::Url;

use super::fingerprint;
use crate::config::Config;
use crate::model::{Entry, SourceId, Story, StoryId};
use crate::store::{Reader, StoreError, Taken};
use crate::text::{Fingerprint, canonical};

/// Everything that was taken down.
#[derive(Debug, Clone, Default)]
pub struct TakenDown {
    stories: BTreeSet<StoryId>,
    articles: BTreeSet<String>,
    prefixes: Vec<String>,
    sources: BTreeSet<SourceId>,
}

impl TakenDown {
    /// What `store` remembers and `config` says.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn load(store: &Reader, config: &Config) -> Result<Self, StoreError> {
        let mut down = Self::default();
        for taken in store.takedowns()?.into_iter().flat_map(|takedown| takedown.taken) {
            down.add(taken);
        }
        for prefix in &config.takedown {
            let feed_of = |address: &Url| without_scheme(address) == without_scheme(prefix);
            let ids = config.sources.iter().filter(|source| feed_of(&source.address.to_url()));
            down.sources.extend(ids.map(|source| source.id.clone()));
            down.add(Taken::Prefix(prefix.clone()));
        }
        Ok(down)
    }

    fn add(&mut self, taken: Taken) {
        match taken {
            Taken::Story(id) => drop(self.stories.insert(id)),
            Taken::Article(url) => drop(self.articles.insert(canonical(&url))),
            Taken::Prefix(url) => self.prefixes.push(without_scheme(&url)),
        }
    }

    /// Adds all of it to `print`.
    pub(super) fn add_to(&self, print: &mut Fingerprint) {
        fingerprint::add_list(print, self.stories.iter().map(StoryId::as_str).collect::<Vec<_>>());
        fingerprint::add_list(print, self.articles.iter().collect::<Vec<_>>());
        fingerprint::add_list(print, &self.prefixes);
        fingerprint::add_list(print, self.sources.iter().map(SourceId::as_str).collect::<Vec<_>>());
    }

    /// Whether nothing of `story` may be published, whoever else tells it.
    #[must_use]
    pub(crate) fn has_story(&self, story: &Story) -> bool {
        self.stories.contains(&story.id)
    }

    /// Whether `entry` may not be published.
    #[must_use]
    pub fn has(&self, entry: &Entry) -> bool {
        if self.sources.contains(&entry.key.source) {
            return true;
        }
        if self.articles.is_empty() && self.prefixes.is_empty() {
            return false;
        }
        // A link list's discussion may be what was meant, too.
        let addresses = || std::iter::once(&entry.url).chain(&entry.comments);
        addresses().any(|url| self.articles.contains(&canonical(url)))
            || addresses().any(|url| {
                let (written, key) = (without_scheme(url), canonical(url));
                self.prefixes.iter().any(|prefix| written.starts_with(prefix) || key.starts_with(prefix))
            })
    }
}

/// An address as far as a prefix is compared: http or https, with or without `www.`, is all the same.
fn without_scheme(url: &Url) -> String {
    let text = url.as_str();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.strip_prefix("www.").unwrap_or(text).to_owned()
}
