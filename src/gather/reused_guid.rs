//! Guids that move on to other articles: places in the document (`item-0`, `item-1`), which every new entry shifts.
//!
//! Such an entry is no edit of the one that had its guid before, and is told apart by its address from then on. Who gives
//! one guid to another article edits an entry; only where known articles turn up under the guids of others it is the guids
//! that moved.

use std::collections::HashSet;

use crate::model::Entry;
use crate::store::{Headline, Held};
use crate::text::{canonical, is_site_root};

use super::guid_change::{KEPT_TITLE_WORDS, plain, shared_words};

/// Fewest articles under the guids of others by which guids moved.
pub(super) const LEAST_MOVED: usize = 2;

/// Whether `after` has the guid of an article that it does not look like: another address, another title.
pub(super) fn is_another_article(before: &Headline, after: &Entry) -> bool {
    let address = canonical(&after.url);
    address != canonical(&before.url)
        && !is_site_root(&address)
        && shared_words(&plain(&before.title), &plain(&after.title)) < KEPT_TITLE_WORDS
}

/// Whether guids moved on: at least half of the entries `others`, which are not what had their guids before, are articles
/// that are `held` under another guid.
pub(super) fn have_moved<'e>(others: impl Iterator<Item = &'e Entry>, held: &[Held]) -> bool {
    let known: HashSet<(String, String)> = held.iter().map(|old| (canonical(&old.url), plain(&old.title))).collect();
    let (mut all, mut moved) = (0, 0);
    for entry in others {
        all += 1;
        moved += usize::from(known.contains(&(canonical(&entry.url), plain(&entry.title))));
    }
    moved >= LEAST_MOVED && moved * 2 >= all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryKey, SourceId};
    use crate::store::EntryNumber;

    /// Address and title.
    type Article = (&'static str, &'static str);

    const FERRY: Article = ("ferry", "Ferry line closes for the winter");
    const LAB: Article = ("lab", "Lab grows a heart valve from cells");
    const MOSS: Article = ("moss", "Moss covers the roofs of the old town");

    fn url(path: &str) -> url::Url {
        format!("https://site.example/{path}").parse().unwrap()
    }

    fn entry(article: Article) -> Entry {
        let key = EntryKey { source: SourceId::new("a").unwrap(), guid: "item-0".to_owned() };
        Entry::new(key, url(article.0), article.1)
    }

    #[track_caller]
    fn check(before: Article, after: Article, want: bool) {
        let headline = Headline { title: before.1.to_owned(), url: url(before.0) };
        assert_eq!(is_another_article(&headline, &entry(after)), want, "{before:?} {after:?}");
    }

    #[test]
    fn what_keeps_its_address_or_some_of_its_title_is_the_same_article() {
        check(FERRY, LAB, true);
        check(FERRY, FERRY, false);
        check(FERRY, (FERRY.0, LAB.1), false);
        check(FERRY, (LAB.0, FERRY.1), false);
        check(FERRY, (LAB.0, "Ferry line closes early"), false);
        check(FERRY, ("", LAB.1), false);
    }

    #[test]
    fn guids_have_moved_where_known_articles_are_under_those_of_others() {
        let held: Vec<Held> = [FERRY, LAB]
            .into_iter()
            .zip(1..)
            .map(|((path, title), number)| Held {
                number: EntryNumber::from_raw(number),
                guid: format!("item-{number}"),
                hash: 0,
                url: url(path),
                title: title.to_owned(),
                time: jiff::Timestamp::UNIX_EPOCH,
                published: None,
            })
            .collect();
        let moved = |entries: &[Entry]| have_moved(entries.iter(), &held);
        assert!(moved(&[entry(FERRY), entry(LAB), entry(MOSS)]));
        assert!(!moved(&[entry(FERRY), entry(MOSS)]), "one may be chance");
        assert!(!moved(&[entry((FERRY.0, MOSS.1)), entry((LAB.0, MOSS.1))]), "known addresses with other titles");
        assert!(!moved(&[]));
    }
}
