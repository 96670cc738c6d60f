//! Entries of one source → rows of the store: new, edited, unchanged, withheld.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::guid_change::{Duplicates, Recognised, recognise};
use super::other_news::tells_other_news;
use super::pages;
use super::reused_guid::{LEAST_MOVED, have_moved, is_another_article};
use super::text_budget::TextBudget;
use crate::config::SourceConfig;
use crate::model::{Entry, Markup};
use crate::parse::guid_of_address;
use crate::store::{Arrival, Batch, EntryNumber, Known, Sighting, StoreError};
use crate::text::EditHash;

/// A poll with more unseen entries than this may be a back-fill; this many of the newest are published
/// nevertheless. As many as a feed commonly holds: an ordinary feed is never cut.
const BACKFILL_ENTRIES: usize = 20;

/// Entries of one source for which a new guid may be another name: the last month of a busy one.
const REMEMBERED: usize = 1_000;

/// An entry of a poll, with a number that changes when the publisher edits it.
struct Hashed {
    entry: Entry,
    hash: i64,
    /// One that the store holds precedes it in the document.
    follows_known: bool,
}

/// What became of the entries of one poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Saved {
    /// Not seen before.
    pub(super) new: usize,
    /// Seen before and edited since.
    pub(super) updated: usize,
    /// Seen before and unchanged.
    pub(super) unchanged: usize,
    /// Of the new ones: recorded, but not published by themselves, being part of a back-fill.
    pub(super) held_back: usize,
    /// Of the new ones: no part of a back-fill, however old they say they are.
    pub(super) arrived: usize,
    /// With the guids of other articles.
    pub(super) reused: usize,
    /// New or edited, and kept with the beginning of their texts only.
    pub(super) cut: usize,
}

/// Saves the entries of one poll of `source`, in the transaction that also takes its validators; the
/// pages behind new ones are wanted from then on, if the source asks for them.
///
/// # Errors
/// If the database cannot be written.
pub(super) fn save_entries(
    batch: &mut Batch<'_>,
    source: &SourceConfig,
    entries: Vec<Entry>,
    polls: Polls,
) -> Result<Saved, StoreError> {
    let budget = TextBudget::new(&source.id, polls.now);
    let mut saving = Saving { batch, source, polls, now: polls.now, saved: Saved::default(), budget };
    saving.all(entries)?;
    Ok(Saved { cut: saving.budget.cut, ..saving.saved })
}

/// When a source was polled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Polls {
    pub(super) now: Timestamp,
    /// The last time before that its answer was good and whole; `None`: it never was.
    pub(super) vouched: Option<Timestamp>,
}

/// The entries of one poll on their way into the store.
struct Saving<'a, 'b> {
    batch: &'a mut Batch<'b>,
    source: &'a SourceConfig,
    polls: Polls,
    now: Timestamp,
    saved: Saved,
    budget: TextBudget<'a>,
}

impl Saving<'_, '_> {
    fn all(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let mut unseen = Vec::new();
        let mut present = HashSet::new();
        let mut read = Vec::with_capacity(entries.len());
        for entry in newest_of_each(entries) {
            let known = self.batch.known_entry(&entry.key)?;
            read.push((Hashed { hash: fingerprint(&entry), entry, follows_known: false }, known));
        }
        self.tell_apart(&mut read)?;
        for (mut hashed, known) in read {
            hashed.follows_known = !present.is_empty();
            match known {
                None if is_forgotten(self.batch, self.source, &hashed.entry)? => self.saved.unchanged += 1,
                None => unseen.push(hashed),
                Some(known) => {
                    present.insert(known.number);
                    self.again(&known, hashed)?;
                }
            }
        }
        let known_until = self.batch.known_until(&self.source.id)?;
        if known_until.is_some() {
            self.batch.forget_known_until(&self.source.id)?;
        }
        if unseen.is_empty() {
            return Ok(());
        }
        let newest_before = self.batch.newest_entry(&self.source.id)?;
        if newest_before.is_some() {
            unseen = self.recognised(&present, unseen)?;
        }
        let times: Vec<Timestamp> = unseen.iter().map(|new| new.entry.time_or(self.now)).collect();
        self.saved.arrived = back_fill(&times, newest_before).iter().filter(|is_part| !**is_part).count();
        let held_back = held_back(&times, newest_before, oldest(self.source, self.now));
        for (new, held_back) in unseen.into_iter().zip(held_back) {
            let dated = new.entry.published;
            let is_old = |until| dated.map_or(new.follows_known || newest_before.is_none(), |at| at < until);
            let arrival = match known_until.is_some_and(is_old) {
                true => None,
                false if held_back => Some(Arrival::HeldBack),
                false => Some(Arrival::Fresh),
            };
            self.unseen(new, arrival)?;
        }
        Ok(())
    }

    /// An entry that the store does not hold; `None` for one that was published before the store knew its source.
    fn unseen(&mut self, new: Hashed, arrival: Option<Arrival>) -> Result<(), StoreError> {
        let Hashed { mut entry, hash, .. } = new;
        self.budget.fit(self.batch, &mut entry)?;
        self.saved.new += 1;
        let Some(arrival) = arrival else {
            self.saved.held_back += 1;
            return self.batch.insert_past_entry(&entry, hash, self.now);
        };
        let sighting = Sighting { first: self.now, absent: self.polls.vouched, arrival };
        let number = self.batch.insert_sighted(&entry, hash, &sighting)?;
        if arrival == Arrival::HeldBack {
            self.saved.held_back += 1;
        } else {
            self.want_page(number, &entry)?;
        }
        Ok(())
    }

    /// Gives the entries of a poll guids of their own where those that they have moved on to other articles.
    fn tell_apart(&mut self, read: &mut Vec<(Hashed, Option<Known>)>) -> Result<(), StoreError> {
        let mut others = Vec::new();
        for (at, (Hashed { entry, hash, .. }, known)) in read.iter().enumerate() {
            let Some(known) = known.as_ref().filter(|known| !known.is_recovered() && known.hash != *hash) else {
                continue;
            };
            if is_another_article(&self.batch.headline_of(known.number)?, entry) {
                others.push(at);
            }
        }
        if others.len() < LEAST_MOVED {
            return Ok(());
        }
        let held = self.batch.held_entries(&self.source.id, REMEMBERED)?;
        if !have_moved(others.iter().map(|at| &read[*at].0.entry), &held) {
            return Ok(());
        }
        for at in others {
            let (hashed, known) = &mut read[at];
            hashed.entry.key.guid = guid_of_address(hashed.entry.url.as_str());
            *known = self.batch.known_entry(&hashed.entry.key)?;
            self.saved.reused += 1;
        }
        // The document may hold it under that guid, too.
        let mut guids = HashSet::new();
        read.retain(|(hashed, _)| guids.insert(hashed.entry.key.guid.clone()));
        Ok(())
    }

    /// An entry that the store already holds.
    fn again(&mut self, known: &Known, again: Hashed) -> Result<(), StoreError> {
        let Hashed { mut entry, hash, .. } = again;
        if known.is_recovered() {
            self.budget.fit(self.batch, &mut entry)?;
            self.batch.complete_entry(known.number, &entry, hash)?;
            self.want_page(known.number, &entry)?;
            self.saved.unchanged += 1;
        } else if known.hash == hash || self.source.ignore_updates {
            // Not an edit of the text, and never ignored.
            let signals = self.budget.fit_signals(self.batch, known.number, &known.signals, entry.signals)?;
            if known.signals != signals {
                self.batch.set_entry_signals(known.number, &signals, self.now)?;
            }
            self.saved.unchanged += 1;
        } else {
            if tells_other_news(&self.batch.headline_of(known.number)?, &entry, self.source) {
                self.batch.note_retold(known.number, self.polls.vouched)?;
            }
            self.budget.fit_edit(self.batch, known.number, &mut entry)?;
            self.batch.update_entry(known.number, &entry, hash, self.now)?;
            self.saved.updated += 1;
        }
        Ok(())
    }

    fn want_page(&mut self, number: EntryNumber, entry: &Entry) -> Result<(), StoreError> {
        let Some(page) = pages::wanted(self.source, entry) else { return Ok(()) };
        self.batch.want_article(number, &self.source.id, &page, pages::choice(self.source), self.now)
    }

    /// Entries held under a different guid, which the poll does not bring: they are updates. Returns
    /// the rest.
    fn recognised(&mut self, present: &HashSet<EntryNumber>, unseen: Vec<Hashed>) -> Result<Vec<Hashed>, StoreError> {
        let source = self.source;
        let mut held = self.batch.held_entries(&source.id, REMEMBERED)?;
        held.retain(|old| !present.contains(&old.number));
        let entries: Vec<&Entry> = unseen.iter().map(|new| &new.entry).collect();
        let duplicates = if source.allow_duplicates { Duplicates::Wanted } else { Duplicates::Unwanted };
        let found = recognise(&entries, &held, duplicates, self.now, |number| self.batch.text_of(number))?;
        let mut rest = Vec::new();
        for (new, found) in unseen.into_iter().zip(found) {
            let Some(Recognised { old, by }) = found else {
                rest.push(new);
                continue;
            };
            tracing::debug!(source = source.id.as_str(), by = by.code(), "an entry came again under another guid");
            self.batch.add_guid(&new.entry.key, old)?;
            if let Some(known) = self.batch.known_entry(&new.entry.key)? {
                self.again(&known, new)?;
            }
        }
        Ok(rest)
    }
}

/// Whether it was held once, and forgotten when it was old: then it is not news.
fn is_forgotten(batch: &Batch<'_>, source: &SourceConfig, entry: &Entry) -> Result<bool, StoreError> {
    Ok(!source.allow_duplicates && batch.is_remembered(&entry.key, &entry.url, &entry.title)?)
}

/// Of the entries of one document with the same guid only the newest, by its dates; among equals the first.
fn newest_of_each(entries: Vec<Entry>) -> Vec<Entry> {
    let mut newest: HashMap<String, Timestamp> = HashMap::new();
    for entry in &entries {
        let time = newest.entry(entry.key.guid.clone()).or_insert(Timestamp::MIN);
        *time = (*time).max(dated(entry));
    }
    let is_newest = |entry: &Entry| newest.get(&entry.key.guid) == Some(&dated(entry));
    let mut taken = HashSet::new();
    entries.into_iter().filter(|entry| is_newest(entry) && taken.insert(entry.key.guid.clone())).collect()
}

fn dated(entry: &Entry) -> Timestamp {
    entry.updated.max(entry.published).unwrap_or(Timestamp::MIN)
}

/// Which of the entries of a source that was never read before would be recorded, but not published.
#[must_use]
pub(crate) fn would_be_held_back(entries: &[Entry], source: &SourceConfig, now: Timestamp) -> Vec<bool> {
    let times: Vec<Timestamp> = entries.iter().map(|entry| entry.time_or(now)).collect();
    held_back(&times, None, oldest(source, now))
}

/// What is older than that is not news at `now`, when `source` brings it for the first time.
fn oldest(source: &SourceConfig, now: Timestamp) -> Timestamp {
    source.max_age.and_then(|age| now.checked_sub(age).ok()).unwrap_or(Timestamp::MIN)
}

/// Which of the unseen entries of one poll are withheld: those of a back-fill, and whatever is older than `oldest`.
fn held_back(times: &[Timestamp], newest_before: Option<Timestamp>, oldest: Timestamp) -> Vec<bool> {
    let back_fill = back_fill(times, newest_before).into_iter();
    back_fill.zip(times).map(|(is_part, time)| is_part || *time < oldest).collect()
}

/// Which of the unseen entries of one poll, by their times in the order of the feed, are part of a back-fill: for
/// a new source, or a poll that mostly brings what is older than the newest seen before, all but the
/// newest [`BACKFILL_ENTRIES`].
fn back_fill(times: &[Timestamp], newest_before: Option<Timestamp>) -> Vec<bool> {
    let older = newest_before.map_or(times.len(), |newest| times.iter().filter(|time| **time < newest).count());
    if times.len() <= BACKFILL_ENTRIES || older * 2 <= times.len() {
        return vec![false; times.len()];
    }
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|&place| (std::cmp::Reverse(times[place]), place));
    let mut back_fill = vec![true; times.len()];
    for &place in order.iter().take(BACKFILL_ENTRIES) {
        back_fill[place] = false;
    }
    back_fill
}

/// A number that changes when the publisher edits the entry. Dates are left out: bulk re-dating is
/// common and not an edit, and a date in the future is read afresh at each poll.
fn fingerprint(entry: &Entry) -> i64 {
    let mut print = EditHash::default();
    print.add(entry.url.as_str());
    print.add(&entry.title);
    for part in [&entry.summary, &entry.content] {
        let (kind, text) = match part {
            None => ("none", ""),
            Some(Markup::Text(text)) => ("text", text.as_str()),
            Some(Markup::Html(html)) => ("html", html.as_str()),
        };
        print.add(kind);
        print.add(text);
    }
    for person in &entry.authors {
        for part in [&person.name, &person.email, &person.uri] {
            print.add(part.as_deref().unwrap_or_default());
        }
    }
    print.add("categories");
    for category in &entry.categories {
        print.add(category);
    }
    print.add("enclosures");
    for enclosure in &entry.enclosures {
        print.add(enclosure.url.as_str());
        print.add(enclosure.media_type.as_deref().unwrap_or_default());
        print.add(&enclosure.length_bytes.unwrap_or_default().to_string());
    }
    for url in [&entry.image, &entry.license, &entry.comments] {
        print.add(url.as_ref().map_or("", url::Url::as_str));
    }
    add_credits(&mut print, entry);
    print.add(entry.rights.as_deref().unwrap_or_default());
    print.add(entry.language.as_deref().unwrap_or_default());
    print.finish()
}

/// The outlet it credits besides its source, if it states one.
fn add_credits(print: &mut EditHash, entry: &Entry) {
    if let Some(via) = &entry.via {
        print.add(via.title.as_deref().unwrap_or_default());
        print.add(via.url.as_ref().map_or("", url::Url::as_str));
    }
    let Some(credits) = &entry.credits else { return };
    for outlet in &credits.outlets {
        print.add(outlet.name.as_deref().unwrap_or_default());
        print.add(outlet.url.as_str());
        print.add(outlet.title.as_deref().unwrap_or_default());
    }
    for page in &credits.discussions {
        print.add(&page.name);
        print.add(page.url.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(times: &[i64], newest_before: Option<i64>, want_held: usize) {
        let time = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let held =
            held_back(&times.iter().map(|t| time(*t)).collect::<Vec<_>>(), newest_before.map(time), Timestamp::MIN);
        assert_eq!(held.len(), times.len());
        assert_eq!(held.iter().filter(|held| **held).count(), want_held);
    }

    #[test]
    fn a_new_source_publishes_its_newest_twenty() {
        check(&(0..50).collect::<Vec<_>>(), None, 30);
        check(&(0..20).collect::<Vec<_>>(), None, 0);
        let held =
            held_back(&(0..30).map(|t| Timestamp::from_second(t).unwrap()).collect::<Vec<_>>(), None, Timestamp::MIN);
        assert!(held[..10].iter().all(|held| *held) && held[10..].iter().all(|held| !held));
    }

    #[test]
    fn what_is_too_old_is_no_news_from_a_known_source_either() {
        let time = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let held =
            |times: &[i64], before| held_back(&times.iter().map(|t| time(*t)).collect::<Vec<_>>(), before, time(10));
        assert_eq!(held(&[5, 15], Some(time(20))), [true, false]);
        assert_eq!(held(&[9, 10], None), [true, false]);
        let many: Vec<i64> = (0..30).collect();
        assert_eq!(held(&many, None).iter().filter(|held| !**held).count(), 20);
    }

    #[test]
    fn a_source_that_sends_its_archive_again_publishes_only_the_newest() {
        check(&(0..100).collect::<Vec<_>>(), Some(90), 80);
    }

    #[test]
    fn a_busy_source_after_a_long_pause_is_no_backfill() {
        check(&(100..150).collect::<Vec<_>>(), Some(90), 0);
    }

    #[test]
    fn entries_of_one_time_are_taken_in_the_order_of_the_feed() {
        let held = held_back(&[Timestamp::UNIX_EPOCH; 25], None, Timestamp::MIN);
        assert!(held[..20].iter().all(|held| !held) && held[20..].iter().all(|held| *held));
    }
}
