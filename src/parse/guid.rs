//! What tells the entries of a source apart: a guid that stays the same at every poll.
//!
//! 1. `identity = "link"` or `"title"` in feeds.toml says what to use; if an entry lacks it, the
//!    rules below apply.
//! 2. The entry's own id **as written**: not resolved, so that it survives a feed that moves. It is of no use if it is
//!    empty, a bare scheme and host, or the same for three entries of different titles, or of different dates and texts,
//!    unless these say that they are one live page; in a document with such an id, also if two share it. Two are enough for the site's own address.
//! 3. Its address as written. It is of no use if it is the site's own, or if entries of the document share it
//!    that have different titles, or dates and texts, and no id: a news page without a page per item.
//! 4. A hash of its title, with its date if an address is of no use, else of its text: an entry whose only mark is
//!    edited becomes a new entry.
//!
//! Guids made by 3 and 4 start with `link:` and `hash:`, so that they never clash with one given.
//! Two entries of one document with one guid: the newer one by its dates stays if address or
//! title are the same too (a repetition); otherwise the later one gets its address added to the
//! guid, because the publisher uses one guid for two posts.

use std::collections::{HashMap, HashSet, hash_map};
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::document::{Fields, Post};
use crate::config::Identity;
use crate::model::Markup;
use crate::text::{TitleKinds, short_hash};

/// Longest guid that is kept as it is, in bytes; longer ones are hashed.
const LONGEST_BYTES: usize = 1_024;

/// So many entries with one id and one title, each with a date and a text of its own, are no repetitions.
const LEAST_VERSIONS: usize = 3;

type Texts = HashSet<String, FixedState>;

/// Knows, for a whole document, which ids are of use.
#[derive(Debug)]
pub(super) struct Guids {
    identity: Identity,
    /// Ids that do not tell entries apart.
    useless_ids: Texts,
    /// Addresses that do not tell them apart.
    useless_links: Texts,
    /// Guids given so far, with hashes of their entry's address and title.
    given: HashMap<String, (u64, u64), FixedState>,
}

/// Whether the document holds an earlier entry with the same guid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurrence {
    First,
    Repetition,
}

impl Guids {
    /// Looks at all `posts` of a document whose site is at `site`.
    pub(super) fn new(identity: Identity, posts: &[Post], site: Option<&str>) -> Self {
        let mut useless_ids = shared(posts, written, 3);
        if !useless_ids.is_empty() {
            // Where one id is that of many, one of two is no better.
            useless_ids = shared(posts, written, 2);
        }
        if let Some(site) = site {
            let of_site = |post| written(post).filter(|id| *id == site && link(post) == Some(site));
            useless_ids.extend(shared(posts, of_site, 2));
        }
        // The entries of a page that is written as things happen are one.
        if !useless_ids.is_empty() {
            for id in posts.iter().filter(|post| is_live(post)).filter_map(written) {
                useless_ids.remove(id);
            }
        }
        let keyless = |post: &Post| written(post).is_none_or(|id| !is_of_use(id) || useless_ids.contains(id));
        let mut useless_links = shared(posts, |post| link(post).filter(|_| keyless(post)), 2);
        useless_links.extend(site.map(str::to_owned));
        Self {
            identity,
            useless_ids,
            useless_links,
            given: HashMap::with_capacity_and_hasher(posts.len(), FixedState::default()),
        }
    }

    /// Entries whose own ids are of no use, because others of the document have the same.
    pub(super) fn useless(&self, posts: &[Post]) -> usize {
        let is_useless = |post: &&Post| written(post).is_some_and(|id| self.useless_ids.contains(id));
        if self.useless_ids.is_empty() { 0 } else { posts.iter().filter(is_useless).count() }
    }

    /// The guid of `post`, and whether this repeats an earlier entry with it.
    pub(super) fn guid(&mut self, post: &Post, url: &str, title: &str, text: &str) -> (String, Occurrence) {
        let guid = self.first_choice(post, url, title, text);
        let hasher = FixedState::default();
        let marks = (hasher.hash_one(url), hasher.hash_one(title));
        let guid = match self.given.get(&guid) {
            Some(known) if known.0 == marks.0 || known.1 == marks.1 => return (guid, Occurrence::Repetition),
            Some(_) => short(format!("{guid} {url}")),
            None => guid,
        };
        let known = self.given.insert(guid.clone(), marks);
        (guid, if known.is_none() { Occurrence::First } else { Occurrence::Repetition })
    }

    fn first_choice(&self, post: &Post, url: &str, title: &str, text: &str) -> String {
        let link = (!url.is_empty()).then(|| guid_of_address(url));
        match self.identity {
            Identity::Link => {
                if let Some(link) = link {
                    return link;
                }
            }
            Identity::Title if !title.is_empty() => return format!("hash:{}", short_hash(&[title])),
            Identity::Title | Identity::Guid => {}
        }
        let id = written(post).filter(|id| is_of_use(id) && !self.useless_ids.contains(*id));
        let is_shared = is_bare_host(url) || self.useless_links.contains(url);
        let link = link.filter(|_| !is_shared);
        let date = || {
            post.fields.published.or(post.fields.created).or(post.fields.updated).map(|at| at.as_second().to_string())
        };
        match (id, link) {
            (Some(id), _) => short(id.to_owned()),
            (None, Some(link)) => link,
            (None, None) if is_shared && !title.is_empty() => {
                format!("hash:{}", short_hash(&[title, &date().unwrap_or_default()]))
            }
            (None, None) if !title.is_empty() => format!("hash:{}", short_hash(&[title])),
            (None, None) => format!("hash:{}", short_hash(&[text])),
        }
    }
}

/// The id of an entry as written.
fn written(post: &Post) -> Option<&str> {
    post.fields.id_as_written.as_deref().or(post.fields.id.as_deref()).map(str::trim)
}

/// The address of an entry as written.
fn link(post: &Post) -> Option<&str> {
    post.fields.link.as_deref()
}

/// Whether an entry says that it is a page written as things happen, under an address of its own.
fn is_live(post: &Post) -> bool {
    let Some(title) = post.fields.title.as_ref().map(|title| title.raw().trim()) else { return false };
    let opens = title.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("live"))
        && title[4..].trim_start().starts_with([':', '|', '–', '—', '-', '•']);
    (opens || TitleKinds::of(title).has(TitleKinds::LIVE)) && written(post).is_some_and(|id| Some(id) == link(post))
}

fn is_of_use(id: &str) -> bool {
    !id.is_empty() && !is_bare_host(id)
}

fn is_bare_host(address: &str) -> bool {
    address.split_once("://").is_some_and(|(_, rest)| !rest.trim_end_matches('/').contains(['/', '?', '#']))
}

/// Values of `of` that at least `least` entries of different titles share, or [`LEAST_VERSIONS`] that differ in date and
/// text.
fn shared<'p>(posts: &'p [Post], of: impl Fn(&'p Post) -> Option<&'p str>, least: usize) -> Texts {
    // The first entry with a value, and the looks of all once there is a second one.
    let mut seen: HashMap<&str, (&Post, Vec<Look>), FixedState> =
        HashMap::with_capacity_and_hasher(posts.len(), FixedState::default());
    for post in posts {
        let Some(value) = of(post) else { continue };
        match seen.entry(value) {
            hash_map::Entry::Vacant(slot) => {
                slot.insert((post, Vec::new()));
            }
            hash_map::Entry::Occupied(slot) => {
                let (first, looks) = slot.into_mut();
                if looks.is_empty() {
                    looks.push(Look::of(first));
                }
                let look = Look::of(post);
                if looks.len() < LEAST_VERSIONS && looks.iter().all(|known| known.is_other(&look)) {
                    looks.push(look);
                }
            }
        }
    }
    let have_two_titles = |looks: &[Look]| matches!(looks, [one, other, ..] if one.title != other.title);
    let is_shared = |looks: &[Look]| looks.len() >= LEAST_VERSIONS || least == 2 && have_two_titles(looks);
    let shared = seen.into_iter().filter(|(_, (_, looks))| is_shared(looks));
    shared.map(|(value, _)| value.to_owned()).collect()
}

/// What tells an entry from another one with its id: hashes of its title, its dates as written and its texts.
struct Look {
    title: u64,
    dates: u64,
    texts: u64,
}

impl Look {
    fn of(post: &Post) -> Self {
        let Fields { title, summary, contents, published, created, updated, .. } = &post.fields;
        let hasher = FixedState::default();
        let texts: Vec<&str> = contents.iter().map(|content| content.value.raw()).collect();
        Self {
            title: hasher.hash_one(title.as_ref().or(summary.as_ref()).map(Markup::raw)),
            dates: hasher.hash_one((published, created, updated)),
            texts: hasher.hash_one((summary.as_ref().map(Markup::raw), texts)),
        }
    }

    fn is_other(&self, look: &Self) -> bool {
        self.title != look.title || (self.dates != look.dates && self.texts != look.texts)
    }
}

/// The guid of an entry that only its address tells apart.
pub(crate) fn guid_of_address(url: &str) -> String {
    short(format!("link:{url}"))
}

fn short(guid: String) -> String {
    if guid.len() <= LONGEST_BYTES { guid } else { format!("hash:{}", short_hash(&[&guid])) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guids(titles: &[&str], id: &str, link: &str) -> usize {
        guids_at("https://e.org/", titles, id, link)
    }

    fn guids_at(site: &str, titles: &[&str], id: &str, link: &str) -> usize {
        all_at(site, titles, id, link).into_iter().collect::<HashSet<_>>().len()
    }

    fn first_guid_at(site: &str, title: &str, address: &str) -> String {
        all_at(site, &[title], address, address).remove(0)
    }

    fn all_at(site: &str, titles: &[&str], id: &str, link: &str) -> Vec<String> {
        let post = |title: &&str| Post {
            fields: Fields {
                title: Some(Markup::Text((*title).to_owned())),
                id: Some(id.to_owned()).filter(|id| !id.is_empty()),
                link: Some(link.to_owned()),
                ..Fields::default()
            },
            ..Post::default()
        };
        let posts: Vec<Post> = titles.iter().map(post).collect();
        let mut guids = Guids::new(Identity::Guid, &posts, Some(site));
        posts.iter().zip(titles).map(|(post, title)| guids.guid(post, link, title, "").0).collect()
    }

    #[test]
    fn thousands_of_ids_that_entries_share_are_told_apart_at_once() {
        let post = |n: usize| Post {
            fields: Fields {
                title: Some(Markup::Text(format!("Release {n}"))),
                id: Some(format!("{}{}", "x".repeat(1_000), n / 3)),
                ..Fields::default()
            },
            ..Post::default()
        };
        let posts: Vec<Post> = (0..25_000).map(post).collect();
        assert_eq!(Guids::new(Identity::Guid, &posts, None).useless_ids.len(), 25_000 / 3);
    }

    #[test]
    fn two_ids_for_five_entries_are_none() {
        let post = |n: usize| Post {
            fields: Fields {
                title: Some(Markup::Text(format!("Release {n}"))),
                id: Some(format!("id-{}", n / 3)),
                link: Some(format!("https://e.org/{n}")),
                ..Fields::default()
            },
            ..Post::default()
        };
        let posts: Vec<Post> = (0..5).map(post).collect();
        let mut guids = Guids::new(Identity::Guid, &posts, None);
        for (n, post) in posts.iter().enumerate() {
            let link = format!("https://e.org/{n}");
            assert_eq!(guids.guid(post, &link, &format!("Release {n}"), "").0, format!("link:{link}"));
        }
    }

    #[test]
    fn the_sites_own_address_tells_no_two_entries_apart() {
        let titles = ["Pool opens in May", "Library closes early"];
        let count = |site: &str, id: &str, link: &str, titles: &[&str]| guids_at(site, titles, id, link);
        let blog = "https://e.org/blog/";
        assert_eq!(count(blog, blog, blog, &titles), 2);
        assert_eq!(count("https://e.org", "https://e.org/", "https://e.org/", &titles), 2, "a root, as ever");
        // Of any other page, two versions are one entry; so is what is there twice.
        assert_eq!(count("https://e.org/", blog, blog, &titles), 1);
        assert_eq!(count(blog, "https://e.org/blog/pool", "https://e.org/blog/pool", &titles), 1);
        assert_eq!(count(blog, "7", blog, &titles), 1);
        assert_eq!(count(blog, blog, blog, &["Pool opens in May"; 2]), 1);
        assert_eq!(count(blog, blog, blog, &["Live: vote, minute 1", "Live: vote, minute 2"]), 1);
        // One alone stays the same under an edited title.
        let alone = |title| first_guid_at(blog, title, blog);
        assert_eq!(alone("Pool opens in May"), alone("Pool opens in June"));
    }

    #[test]
    fn one_id_for_all_is_none_unless_it_is_a_live_page() {
        let page = "https://e.org/page";
        assert_eq!(guids(&["Release 1", "Release 2", "Release 3"], page, page), 3);
        assert_eq!(guids(&["Live: vote, minute 1", "Live: vote, minute 2", "Live: vote, minute 3"], page, page), 1);
        assert_eq!(guids(&["Vote: live updates", "Vote: live updates 2", "Vote: live updates 3"], page, page), 1);
        assert_eq!(guids(&["Live: a", "Live: b", "Live: c"], "7", page), 3);
        assert_eq!(guids(&["Live: a", "Live: b", "Live: c"], "", page), 3);
        assert_eq!(guids(&["Live music a", "Live music b", "Live music c"], page, page), 3);
    }
}
