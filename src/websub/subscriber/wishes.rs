//! What is to be pushed: sources whose feeds name a hub and themselves.

use url::{Host, Url};

use crate::config::{Config, SourceAddress};
use crate::model::SourceId;
use crate::store::{Store, StoreError};

/// Hubs of a feed that are tried.
const MOST_HUBS: usize = 4;

/// A source that is to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) source: SourceId,
    /// The source's own address, as the database has it.
    pub(super) address: String,
    /// What the feed calls itself.
    pub(super) topic: String,
    /// One of them at least.
    pub(super) hubs: Vec<Url>,
}

/// The wishes of `config`, by what the feeds said when they were read last.
pub(super) fn wishes(store: &Store, config: &Config) -> Result<Vec<Wish>, StoreError> {
    let feeds = store.feeds()?;
    if feeds.values().all(|feed| feed.hubs.is_empty()) {
        return Ok(Vec::new());
    }
    let states = store.source_states()?;
    let wish = |source: &crate::config::SourceConfig| {
        let SourceAddress::Http(own) = &source.address else { return None };
        let (feed, state) = (feeds.get(&source.id)?, states.get(&source.id)?);
        let mut plain = own.clone();
        // Only a URL that can have none refuses.
        let _ = plain.set_username("");
        let _ = plain.set_password(None);
        // What is known may be of another feed, which stood here before.
        if source.disabled || state.address != plain.as_str() || !source.headers.is_empty() || plain != *own {
            return None;
        }
        let hubs: Vec<Url> = feed.hubs.iter().filter(|hub| is_good(hub, own)).take(MOST_HUBS).cloned().collect();
        let topic = feed.self_url.as_ref()?.to_string();
        let wish = Wish { source: source.id.clone(), address: state.address.clone(), topic, hubs };
        Some(wish).filter(|wish| !wish.hubs.is_empty())
    };
    Ok(config.sources.iter().filter_map(wish).collect())
}

/// Whether a feed from `source` may be pushed by `hub`: what is fetched over https does not come over anything less.
fn is_good(hub: &Url, source: &Url) -> bool {
    let has_user_info = !hub.username().is_empty() || hub.password().is_some();
    !has_user_info && (source.scheme() != "https" || may_know_secrets(hub))
}

/// Whether `hub` may be told a secret: over https, or without leaving this machine.
pub(super) fn may_know_secrets(hub: &Url) -> bool {
    hub.scheme() == "https"
        || match hub.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_came_over_https_comes_over_less() {
        let good = |hub: &str, source: &str| is_good(&Url::parse(hub).unwrap(), &Url::parse(source).unwrap());
        for (hub, source, want) in [
            ("https://h.example/", "https://a.example/f", true),
            ("https://h.example/", "http://a.example/f", true),
            ("http://h.example/", "http://a.example/f", true),
            ("http://h.example/", "https://a.example/f", false),
            ("http://127.0.0.1:9/", "https://a.example/f", true),
            ("http://[::1]:9/", "https://a.example/f", true),
            ("http://localhost/", "https://a.example/f", false),
            ("https://me:pw@h.example/", "https://a.example/f", false),
        ] {
            assert_eq!(good(hub, source), want, "{hub} {source}");
        }
    }
}
