//! Guids that move on to other articles: places in the document (`item-0`, `item-1`), which every new entry shifts.
//!
//! Such an entry is no edit of the one that had its guid before, and is told apart by its address from then on. Who gives
//! one guid to another article edits an entry; only where known articles turn up under the guids of others it is the guids
//! that moved.

use std::collections::HashSet;

use crate::model::Entry;
use crate::store::{Headline, Held};
use crate::text::{canonical, is_site_root, short_hash};

use super::guid_change::{KEPT_TITLE_WORDS, KEPT_WORDS_AT_A_MOMENT, LEAST_TEXT_WORDS, plain, shared_words};

/// Seconds between two dates that are not those of one article.
const ANOTHER_TIME_SECONDS: i64 = 3600;

/// Fewest articles under the guids of others by which guids moved.
pub(super) const LEAST_MOVED: usize = 2;

/// Longest guid that is kept as it is, in bytes.
const LONGEST_BYTES: usize = 1_024;

/// Whether `after` has the guid of an article that it is not: another address, another title, another date, and by
/// `text_before` another text, unless that is too short to tell.
///
/// # Errors
/// Those of `text_before`, which is called only if all the rest differs.
pub(super) fn is_another_article<E>(
    before: &Headline,
    after: &Entry,
    text_before: impl FnOnce() -> Result<String, E>,
) -> Result<bool, E> {
    let address = canonical(&after.url);
    if address == canonical(&before.url) || is_site_root(&address) {
        return Ok(false);
    }
    if shared_words(&plain(&before.title), &plain(&after.title)) >= KEPT_TITLE_WORDS {
        return Ok(false);
    }
    let seconds = before.published.zip(after.published).map(|(before, after)| (before - after).as_secs().abs());
    if seconds.is_none_or(|seconds| seconds < ANOTHER_TIME_SECONDS) {
        return Ok(false);
    }
    let before = text_before()?;
    let says_something = before.split_whitespace().count() >= LEAST_TEXT_WORDS;
    Ok(!says_something || shared_words(&before, &after.text) < KEPT_WORDS_AT_A_MOMENT)
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

/// The guid of such an entry.
pub(super) fn guid_of_address(entry: &Entry) -> String {
    let guid = format!("link:{}", entry.url);
    if guid.len() <= LONGEST_BYTES { guid } else { format!("hash:{}", short_hash(&[&guid])) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryKey, SourceId};

    /// Address, title, hour and text.
    type Article = (&'static str, &'static str, i64, &'static str);

    const FERRY: Article = (
        "ferry",
        "Ferry line closes for the winter",
        0,
        "The last boat leaves the old pier on Sunday, and the next one comes in May.",
    );
    const LAB: Article = ("lab", "Lab grows a heart valve from cells", 5, "It was sewn into a sheep, which is well.");

    #[track_caller]
    fn check(before: Article, after: Article, want: bool) {
        let url = |path: &str| format!("https://site.example/{path}").parse().unwrap();
        let time = |hour: i64| Some(jiff::Timestamp::from_second(hour * 3600).unwrap());
        let headline = Headline { title: before.1.to_owned(), url: url(before.0), published: time(before.2) };
        let key = EntryKey { source: SourceId::new("a").unwrap(), guid: "item-0".to_owned() };
        let mut entry = Entry::new(key, url(after.0), after.1);
        (entry.published, entry.text) = (time(after.2), after.3.to_owned());
        let found = is_another_article(&headline, &entry, || Ok::<_, ()>(before.3.to_owned()));
        assert_eq!(found, Ok(want), "{before:?} {after:?}");
    }

    #[test]
    fn only_what_has_nothing_of_an_article_is_another_one() {
        check(FERRY, LAB, true);
        check(LAB, FERRY, true);
        // An edit of any kind keeps something.
        check(FERRY, FERRY, false);
        check(FERRY, (FERRY.0, LAB.1, LAB.2, LAB.3), false);
        check(FERRY, (LAB.0, FERRY.1, LAB.2, LAB.3), false);
        check(FERRY, (LAB.0, LAB.1, FERRY.2, LAB.3), false);
        check(FERRY, (LAB.0, LAB.1, LAB.2, FERRY.3), false);
        check(FERRY, (LAB.0, "Ferry line closes early", LAB.2, LAB.3), false);
        check(FERRY, ("", LAB.1, LAB.2, LAB.3), false);
        // What all entries say proves nothing.
        let release = |article: Article| (article.0, article.1, article.2, "Download it.");
        check(release(FERRY), release(LAB), true);
    }

    #[test]
    fn an_entry_without_a_date_is_the_one_that_had_its_guid() {
        let url: url::Url = "https://site.example/ferry".parse().unwrap();
        let headline = Headline { title: FERRY.1.to_owned(), url, published: None };
        let key = EntryKey { source: SourceId::new("a").unwrap(), guid: "1".to_owned() };
        let entry = Entry::new(key, "https://site.example/lab".parse().unwrap(), LAB.1);
        assert_eq!(is_another_article(&headline, &entry, || Err(())), Ok(false));
    }
}
