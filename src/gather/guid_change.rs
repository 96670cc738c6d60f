//! Entries that reappear under a different guid: an update of what the source sent before, not news.
//!
//! A source that moves its host, changes its software or renames a page gives new guids to old entries.
//! [`recognise`] finds the old entry by rules from sure to fuzzy, and the store remembers the new guid.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use url::Url;

use crate::model::Entry;
use crate::store::{EntryNumber, Held};
use crate::text::{canonical, is_site_root};

/// Most entries of one poll that are recognised by title and text alone, which is a guess.
const MOST_GUESSES: usize = 3;

/// So many entries of one poll, and half of its unseen ones, with the titles and texts of older ones are no coincidence.
const LEAST_MOVED: usize = 3;

/// Seconds within which the same title of one source is the same article.
const SAME_TITLE_SECONDS: i64 = 24 * 3600;

/// Share of the text's words that an edited article keeps.
const KEPT_WORDS: f64 = 0.85;

/// The same for entries with the same title that were published in the same second.
const KEPT_WORDS_AT_A_MOMENT: f64 = 0.5;

/// A text of this many words is unique.
const LEAST_TEXT_WORDS: usize = 12;

const DAY_SECONDS: i64 = 24 * 3600;

/// Share of the title's words that an article keeps at its address.
pub(super) const KEPT_TITLE_WORDS: f64 = 1.0 / 3.0;

/// A title that occurred on this many of the last [`RECURRING_DAYS`] days recurs: it proves nothing.
const RECURS_ON_DAYS: usize = 3;
const RECURRING_DAYS: i64 = 30;

/// Shortest path by which a guid proves something.
const LEAST_FORM_BYTES: usize = 4;

/// What makes two entries of one source the same, from sure to fuzzy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SameBy {
    /// The guid without scheme, host and fragment.
    GuidForm,
    /// The canonical address.
    Address,
    /// The time of publication to the second, with title and text.
    Moment,
    /// The title and the whole text, as most of the new entries of a poll have them.
    Whole,
    /// The title within 24 h, and the text.
    Title,
}

impl SameBy {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::GuidForm => "guid without its host",
            Self::Address => "address",
            Self::Moment => "time, title and text",
            Self::Whole => "title and whole text, as others of its poll",
            Self::Title => "title and text",
        }
    }
}

/// Whether a source repeats itself on purpose (`allow_duplicates`): then only its guids count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    Wanted,
    Unwanted,
}

/// An entry that is an older one again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recognised {
    pub(super) old: EntryNumber,
    pub(super) by: SameBy,
}

/// For each of the `unseen` entries of one poll the older one that it is, among `held`: those of the same
/// source that the poll of `now` does not bring under their own guids. Each older entry is found at most once.
///
/// `text_of` reads the text of an older entry; it is called only if titles agree.
///
/// # Errors
/// Those of `text_of`.
pub(super) fn recognise<E>(
    unseen: &[&Entry],
    held: &[Held],
    duplicates: Duplicates,
    now: Timestamp,
    mut text_of: impl FnMut(EntryNumber) -> Result<String, E>,
) -> Result<Vec<Option<Recognised>>, E> {
    let mut found: Vec<Option<Recognised>> = vec![None; unseen.len()];
    let mut taken: HashSet<EntryNumber> = HashSet::new();
    let known = Known::of(held);
    let rules: &[SameBy] = match duplicates {
        Duplicates::Unwanted => &[SameBy::GuidForm, SameBy::Address, SameBy::Moment, SameBy::Whole, SameBy::Title],
        Duplicates::Wanted => &[SameBy::GuidForm],
    };
    for &by in rules {
        let mut guesses = 0;
        let unseen_before = found.iter().filter(|found| found.is_none()).count();
        for (entry, found) in unseen.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            let candidates: Vec<&Held> = known.candidates(entry, by, now);
            let mut candidates = candidates.into_iter().filter(|old| !taken.contains(&old.number));
            let old = match by {
                SameBy::GuidForm => candidates.find(|old| is_same_article(old, entry)),
                SameBy::Address => candidates.find(|old| keeps_title(old, entry)),
                SameBy::Moment => first_where(candidates, |old| Ok(is_same_moment(old, entry, &text_of(old.number)?)))?,
                SameBy::Whole => first_where(candidates, |old| Ok(is_whole(&text_of(old.number)?, entry)))?,
                SameBy::Title if guesses == MOST_GUESSES => None,
                SameBy::Title => {
                    let same = first_where(candidates, |old| Ok(keeps_text(&text_of(old.number)?, &entry.text)))?;
                    guesses += usize::from(same.is_some());
                    same
                }
            };
            if let Some(old) = old {
                taken.insert(old.number);
                *found = Some(Recognised { old: old.number, by });
            }
        }
        if by == SameBy::Whole {
            drop_few(&mut found, &mut taken, unseen_before);
        }
    }
    Ok(found)
}

/// Takes back what was recognised by its whole text if too few of the `unseen` entries were.
fn drop_few(found: &mut [Option<Recognised>], taken: &mut HashSet<EntryNumber>, unseen: usize) {
    let is_whole = |found: &Option<Recognised>| found.is_some_and(|found| found.by == SameBy::Whole);
    let moved = found.iter().filter(|found| is_whole(found)).count();
    if moved >= LEAST_MOVED && moved * 2 >= unseen {
        return;
    }
    for found in found.iter_mut().filter(|found| is_whole(found)) {
        if let Some(Recognised { old, .. }) = found.take() {
            taken.remove(&old);
        }
    }
}

fn first_where<'a, E>(
    candidates: impl Iterator<Item = &'a Held>,
    mut is_same: impl FnMut(&Held) -> Result<bool, E>,
) -> Result<Option<&'a Held>, E> {
    for old in candidates {
        if is_same(old)? {
            return Ok(Some(old));
        }
    }
    Ok(None)
}

/// Older entries, by what they may be found by.
struct Known<'a> {
    forms: HashMap<String, Vec<&'a Held>>,
    addresses: HashMap<String, Vec<&'a Held>>,
    titles: HashMap<String, Vec<&'a Held>>,
    moments: HashMap<i64, Vec<&'a Held>>,
}

impl<'a> Known<'a> {
    fn of(held: &'a [Held]) -> Self {
        let mut known =
            Self { forms: HashMap::new(), addresses: HashMap::new(), titles: HashMap::new(), moments: HashMap::new() };
        for old in held {
            if let Some(form) = guid_form(&old.guid) {
                known.forms.entry(form).or_default().push(old);
            }
            let address = canonical(&old.url);
            if !is_site_root(&address) {
                known.addresses.entry(address).or_default().push(old);
            }
            known.titles.entry(plain(&old.title)).or_default().push(old);
            if let Some(published) = old.published {
                known.moments.entry(published.as_second()).or_default().push(old);
            }
        }
        known
    }

    fn candidates(&self, entry: &Entry, by: SameBy, now: Timestamp) -> Vec<&'a Held> {
        let none = Vec::new();
        match by {
            SameBy::GuidForm => {
                let same = guid_form(&entry.key.guid).and_then(|form| self.forms.get(&form)).unwrap_or(&none);
                same.iter().copied().filter(|old| same_place(&old.guid, &entry.key.guid)).collect()
            }
            SameBy::Address => {
                let same = self.addresses.get(&canonical(&entry.url)).unwrap_or(&none);
                same.iter().copied().filter(|old| old.url.fragment() == entry.url.fragment()).collect()
            }
            SameBy::Moment => {
                let same = entry.published.and_then(|time| self.moments.get(&time.as_second())).unwrap_or(&none);
                let is_elsewhere = |old: &&Held| same_place(old.url.as_str(), entry.url.as_str());
                same.iter().copied().filter(is_elsewhere).collect()
            }
            SameBy::Whole | SameBy::Title => {
                let title = plain(&entry.title);
                let same = self.titles.get(&title).filter(|_| !title.is_empty()).unwrap_or(&none);
                let time = entry.time_or(now);
                if recurs(same, time) {
                    return Vec::new();
                }
                let is_near = |old: &&Held| seconds_between(old.time, time) <= SAME_TITLE_SECONDS;
                same.iter().copied().filter(|old| by == SameBy::Whole || is_near(old)).collect()
            }
        }
    }
}

/// Whether a title occurred on three of the last 30 days.
fn recurs(same: &[&Held], now: Timestamp) -> bool {
    let day = |time: Timestamp| time.as_second().div_euclid(24 * 3600);
    let recent = same.iter().filter(|old| seconds_between(old.time, now) <= RECURRING_DAYS * 24 * 3600);
    recent.map(|old| day(old.time)).collect::<BTreeSet<_>>().len() >= RECURS_ON_DAYS
}

fn seconds_between(a: Timestamp, b: Timestamp) -> i64 {
    (a.as_second() - b.as_second()).abs()
}

/// Whether guids of one form mean one article: `/?p=12` is a different one on a different host of a planet.
fn is_same_article(old: &Held, new: &Entry) -> bool {
    keeps_title(old, new) || old.published.is_some_and(|time| Some(time) == new.published)
}

/// Whether entries that were published in the same second are one: a publisher that changes its system changes guids
/// and addresses, and keeps titles and texts. `text` is that of `old`. A time that is only a date proves much less.
fn is_same_moment(old: &Held, new: &Entry, text: &str) -> bool {
    let is_date_alone = old.time.as_second() % DAY_SECONDS == 0;
    let same_title = plain(&old.title) == plain(&new.title);
    match (same_title, is_date_alone) {
        (true, false) => {
            (text.is_empty() && new.text.is_empty()) || shared_words(text, &new.text) >= KEPT_WORDS_AT_A_MOMENT
        }
        (true, true) => keeps_text(text, &new.text),
        // Title and slug were edited together; a boilerplate of few words proves nothing.
        (false, false) => text == new.text && text.split_whitespace().count() >= LEAST_TEXT_WORDS,
        (false, true) => false,
    }
}

/// Whether nothing of it changed but where it is; `text` is that of the older entry. Too few words prove nothing.
fn is_whole(text: &str, new: &Entry) -> bool {
    let words = new.title.split_whitespace().count() + text.split_whitespace().count();
    text == new.text && !text.is_empty() && words >= LEAST_TEXT_WORDS
}

fn keeps_title(old: &Held, new: &Entry) -> bool {
    let (before, after) = (plain(&old.title), plain(&new.title));
    before == after || shared_words(&before, &after) >= KEPT_TITLE_WORDS
}

fn keeps_text(before: &str, after: &str) -> bool {
    !after.is_empty() && (before == after || shared_words(before, after) >= KEPT_WORDS)
}

/// A title without case and punctuation.
pub(super) fn plain(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A guid that is an address without scheme, host and fragment; `None` for other guids, which no host
/// changes, and for a site's root.
fn guid_form(guid: &str) -> Option<String> {
    let url = Url::parse(guid.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let form = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    (form.len() >= LEAST_FORM_BYTES).then_some(form)
}

/// Whether two guids that are addresses name the same place in the page: a page of many entries distinguishes
/// them by the fragment alone.
fn same_place(a: &str, b: &str) -> bool {
    let fragment = |guid: &str| Url::parse(guid).ok().and_then(|url| url.fragment().map(str::to_owned));
    match (fragment(a), fragment(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// Words that both have, as a share of those of the longer one, 0 to 1.
pub(super) fn shared_words(a: &str, b: &str) -> f64 {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<BTreeSet<_>>();
    let (a, b) = (words(a), words(b));
    let larger = a.len().max(b.len());
    if larger == 0 { 0.0 } else { a.intersection(&b).count() as f64 / larger as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryKey, SourceId};

    #[derive(Clone, Copy)]
    struct Post {
        guid: &'static str,
        url: &'static str,
        title: &'static str,
        text: &'static str,
        hour: i64,
    }

    const OLD: Post = Post {
        guid: "http://a.example/?p=12345",
        url: "https://a.example/2026/maker-unveils-phone",
        title: "Maker unveils phone",
        text: "It folds twice and costs more than a car",
        hour: 0,
    };

    fn held(post: &Post, number: i64) -> Held {
        let time = Timestamp::from_second(post.hour * 3600).unwrap();
        Held {
            number: EntryNumber::from_raw(number),
            guid: post.guid.to_owned(),
            hash: 0,
            url: Url::parse(post.url).unwrap(),
            title: post.title.to_owned(),
            time,
            published: Some(time),
        }
    }

    fn entry(post: &Post) -> Entry {
        let time = Timestamp::from_second(post.hour * 3600).unwrap();
        Entry {
            text: post.text.to_owned(),
            published: Some(time),
            ..Entry::new(
                EntryKey { source: SourceId::new("a").unwrap(), guid: post.guid.to_owned() },
                Url::parse(post.url).unwrap(),
                post.title,
            )
        }
    }

    /// By which rules `new` are found among `old`.
    fn found(old: &[Post], new: &[Post], duplicates: Duplicates) -> Vec<Option<SameBy>> {
        let known: Vec<Held> = old.iter().zip(1..).map(|(post, number)| held(post, number)).collect();
        let entries: Vec<Entry> = new.iter().map(entry).collect();
        let text_of = |number: EntryNumber| Ok::<_, ()>(old[number.get() as usize - 1].text.to_owned());
        let found =
            recognise(&entries.iter().collect::<Vec<_>>(), &known, duplicates, Timestamp::UNIX_EPOCH, text_of).unwrap();
        found.into_iter().map(|found| found.map(|found| found.by)).collect()
    }

    #[track_caller]
    fn check(new: Post, want: Option<SameBy>) {
        assert_eq!(found(&[OLD], &[new], Duplicates::Unwanted), [want]);
    }

    const ELSEWHERE: Post = Post { guid: "77", url: "https://b.example/other", ..OLD };

    #[test]
    fn a_guid_is_known_without_its_host_where_the_article_is() {
        check(Post { guid: "https://www.b.example/?p=12345#top", ..ELSEWHERE }, Some(SameBy::GuidForm));
        check(
            Post { guid: "https://b.example/?p=12345", title: "Bank raises rates", hour: 9, ..ELSEWHERE },
            None, // a different blog of a planet
        );
        let (one, two) = ("http://a.example/changes#one", "http://a.example/changes#two");
        let old = Post { guid: one, url: one, ..OLD };
        assert_eq!(found(&[old], &[Post { guid: two, url: two, text: "", ..OLD }], Duplicates::Unwanted), [None]);
    }

    #[test]
    fn an_address_needs_a_title_that_is_not_anothers() {
        let url = "http://www.a.example/2026/maker-unveils-phone/?utm_source=rss";
        check(Post { url, title: "Maker unveils its phone", text: "", hour: 99, ..ELSEWHERE }, Some(SameBy::Address));
        check(Post { url, title: "Outage is over", text: "", hour: 9, ..ELSEWHERE }, None);
    }

    #[test]
    fn a_title_needs_its_text_and_a_day() {
        check(Post { hour: 23, ..ELSEWHERE }, Some(SameBy::Title));
        check(Post { hour: 25, ..ELSEWHERE }, None);
        check(Post { text: "Something else entirely", ..ELSEWHERE }, None);
        check(Post { text: "", ..ELSEWHERE }, None);
        assert_eq!(found(&[OLD], &[ELSEWHERE], Duplicates::Wanted), [None]);
    }

    #[test]
    fn a_title_that_comes_back_says_nothing() {
        let days = |hours: &[i64]| hours.iter().map(|hour| Post { hour: *hour, ..OLD }).collect::<Vec<_>>();
        let today = || Post { hour: 75, ..ELSEWHERE };
        assert_eq!(found(&days(&[0, 24, 72]), &[today()], Duplicates::Unwanted), [None]);
        assert_eq!(found(&days(&[0, 72]), &[today()], Duplicates::Unwanted), [Some(SameBy::Title)]);
    }

    #[test]
    fn a_changed_system_keeps_the_second_the_title_and_the_text() {
        const TEXT: &str = "It folds twice, costs more than a car, and nobody we asked has seen one in a shop";
        let old = || Post { hour: 7, text: TEXT, ..OLD };
        let check = |new: Post, want| assert_eq!(found(&[old()], &[new], Duplicates::Unwanted), [want]);
        let new = || Post { hour: 7, text: TEXT, ..ELSEWHERE };
        check(new(), Some(SameBy::Moment));
        check(
            Post { text: "It folds twice, costs more than a car, and we have now seen one", ..new() },
            Some(SameBy::Moment),
        );
        check(Post { title: "Folding phone unveiled at last", ..new() }, Some(SameBy::Moment));
        check(Post { title: "Folding phone unveiled at last", text: "It folds", ..new() }, None);
        check(Post { text: "A second phone was shown behind closed doors", ..new() }, None);
        check(Post { title: "Folding phone unveiled at last", hour: 8, ..new() }, None);
        let many = |base: Post| (0..30).map(move |n| Post { hour: 7 + n, ..base }).collect::<Vec<_>>();
        let found = found(
            &many(Post { title: "Links", ..old() }),
            &many(Post { title: "Links", ..new() }),
            Duplicates::Unwanted,
        );
        assert!(found.iter().all(|by| *by == Some(SameBy::Moment)), "any number: {found:?}");
    }

    #[test]
    fn what_moves_together_is_known_by_titles_and_whole_texts() {
        const TEXT: &str = "It folds twice, costs more than a car, and nobody we asked has seen one in a shop";
        let titles = ["One phone", "Two phones", "Three phones", "Four phones", "Five phones"];
        let old: Vec<Post> = titles.iter().map(|title| Post { title, text: TEXT, ..OLD }).collect();
        let moved = |titles: &[&'static str], text| {
            let new = titles.iter().map(|title| Post { title, text, hour: 900, ..ELSEWHERE });
            found(&old, &new.collect::<Vec<_>>(), Duplicates::Unwanted).iter().flatten().count()
        };
        assert_eq!(moved(&titles, TEXT), 5, "dated anew, or not at all");
        assert_eq!(moved(&titles[..3], TEXT), 3);
        assert_eq!(moved(&titles[..2], TEXT), 0, "a series comes back");
        assert_eq!(moved(&titles, "It folds twice, costs more than a car, and nobody we asked wants one in a shop"), 0);
        let with_news = ["One phone", "Two phones", "Three phones", "Sea", "Sky", "Sun", "Fog"];
        assert_eq!(moved(&with_news, TEXT), 0, "most of it is new");
    }

    #[test]
    fn at_most_three_are_guessed_and_each_older_one_is_found_once() {
        let titles = ["One phone", "Two phones", "Three phones", "Four phones"];
        let old: Vec<Post> = titles.iter().map(|title| Post { title, ..OLD }).collect();
        let new: Vec<Post> = titles.iter().map(|title| Post { title, hour: 1, ..ELSEWHERE }).collect();
        let guessed = found(&old, &new, Duplicates::Unwanted);
        assert_eq!(guessed.iter().flatten().count(), 3);
        let again = || Post { hour: 1, ..ELSEWHERE };
        assert_eq!(found(&[OLD], &[again(), again()], Duplicates::Unwanted), [Some(SameBy::Title), None]);
    }
}
