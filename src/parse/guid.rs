//! What tells the entries of a source apart: a guid that stays the same at every poll.
//!
//! 1. `identity = "link"` or `"title"` in feeds.toml says what to use; where an entry lacks it, the
//!    rules below go on.
//! 2. The entry's own id **as written**: not resolved, so that it survives a feed that moves. It is of no use
//!    where it is empty, a bare scheme and host, or the same for every one of three entries or more.
//! 3. Its address as written.
//! 4. A hash of its title, else of its text: an entry whose only mark is edited is a new entry.
//!
//! Guids made by 3 and 4 start with `link:` and `hash:`, so that they never clash with one given.
//! Two entries of one document with one guid: the first in document order stays where address or
//! title are the same too (a repetition); otherwise the later one gets its address added to the
//! guid, because the publisher uses one guid for two posts.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::document::Post;
use crate::config::Identity;
use crate::text::short_hash;

/// Longest guid that is kept as it is, in bytes; longer ones are hashed.
const LONGEST_BYTES: usize = 1_024;

/// Knows for a whole document which ids are of use.
#[derive(Debug)]
pub(super) struct Guids {
    identity: Identity,
    /// The id that every entry has.
    useless: Option<String>,
    /// Guids given so far, with hashes of their entry's address and title.
    given: HashMap<String, (u64, u64), FixedState>,
}

impl Guids {
    pub(super) fn new(identity: Identity, posts: &[Post]) -> Self {
        Self {
            identity,
            useless: same_for_all(posts),
            given: HashMap::with_capacity_and_hasher(posts.len(), FixedState::default()),
        }
    }

    /// The guid of `post`; `None` where the document repeats an entry.
    pub(super) fn guid(&mut self, post: &Post, url: &str, title: &str, text: &str) -> Option<String> {
        let guid = self.first_choice(post, url, title, text);
        let hasher = FixedState::default();
        let marks = (hasher.hash_one(url), hasher.hash_one(title));
        let guid = match self.given.get(&guid) {
            Some(known) if known.0 == marks.0 || known.1 == marks.1 => return None,
            Some(_) => short(format!("{guid} {url}")),
            None => guid,
        };
        self.given.insert(guid.clone(), marks).is_none().then_some(guid)
    }

    fn first_choice(&self, post: &Post, url: &str, title: &str, text: &str) -> String {
        let link = (!url.is_empty()).then(|| short(format!("link:{url}")));
        match self.identity {
            Identity::Link => {
                if let Some(link) = link {
                    return link;
                }
            }
            Identity::Title if !title.is_empty() => return format!("hash:{}", short_hash(&[title])),
            Identity::Title | Identity::Guid => {}
        }
        let id = written(post).filter(|id| is_of_use(id) && self.useless.as_deref() != Some(*id));
        match (id, link) {
            (Some(id), _) => short(id.to_owned()),
            (None, Some(link)) => link,
            (None, None) if !title.is_empty() => format!("hash:{}", short_hash(&[title])),
            (None, None) => format!("hash:{}", short_hash(&[text])),
        }
    }
}

/// The id of an entry as written.
fn written(post: &Post) -> Option<&str> {
    post.fields.id_as_written.as_deref().or(post.fields.id.as_deref()).map(str::trim)
}

fn is_of_use(id: &str) -> bool {
    let bare_host = id.split_once("://").is_some_and(|(_, rest)| !rest.trim_end_matches('/').contains(['/', '?', '#']));
    !id.is_empty() && !bare_host
}

/// The id that all of three entries or more share.
fn same_for_all(posts: &[Post]) -> Option<String> {
    let first = written(posts.first()?)?;
    (posts.len() >= 3 && posts.iter().all(|post| written(post) == Some(first))).then(|| first.to_owned())
}

fn short(guid: String) -> String {
    if guid.len() <= LONGEST_BYTES { guid } else { format!("hash:{}", short_hash(&[&guid])) }
}
