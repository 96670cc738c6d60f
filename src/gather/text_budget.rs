//! How much of one source is kept: as much as a busy outlet writes in a week. Beyond that, entries are kept with the
//! beginning of their texts, as excerpts are cut from it, and with the first of what else they say, so that no source fills
//! the disk.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Enclosure, Entry, Markup, NamedOutlet, Origin, Person, Signal, SignalKind, SourceId};
use crate::store::{Batch, EntryNumber, StoreError};

/// What the entries of one source may bring in a week: text, markup and all else.
const A_WEEK_BYTES: usize = 8 * 1024 * 1024;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A poll that brings less is kept as it is: what the week brought is not added up for it.
const A_POLL_BYTES: usize = 32 * 1024;

/// What is kept of a text beyond the budget.
const BEGINNING_BYTES: usize = 600;
/// What is kept of each list beyond the budget: of authors, of categories, of files, of credits.
const LIST_BYTES: usize = 1_200;
/// What is kept of a statement of rights beyond the budget.
const RIGHTS_BYTES: usize = 1_000;
/// What is kept beyond the budget of that which programs read about rights: real entries have a tenth.
const TERMS_BYTES: usize = 4_000;
/// What stands for more than that: in doubt, an entry may not be shown.
const NO_TERMS: &str = "<content><license><prohibits type=\"usage\">all</prohibits></license></content>";

/// What one poll of a source may still bring.
pub(super) struct TextBudget<'a> {
    source: &'a SourceId,
    now: Timestamp,
    /// Brought by this poll so far.
    brought: usize,
    /// Left of the week when it was first asked for; `None`: not asked for.
    left: Option<usize>,
    /// Entries of which something was cut.
    pub(super) cut: usize,
}

impl<'a> TextBudget<'a> {
    pub(super) fn new(source: &'a SourceId, now: Timestamp) -> Self {
        Self { source, now, brought: 0, left: None, cut: 0 }
    }

    /// Cuts a new entry where the week has no room for it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn fit(&mut self, batch: &Batch<'_>, entry: &mut Entry) -> Result<(), StoreError> {
        let bytes = size(entry);
        if self.has_room(batch, bytes)? {
            self.brought += bytes;
        } else {
            self.cut(entry);
        }
        Ok(())
    }

    /// Cuts an edited entry that grew where the week has no room for it, or where the entry is older.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn fit_edit(
        &mut self,
        batch: &Batch<'_>,
        held: EntryNumber,
        entry: &mut Entry,
    ) -> Result<(), StoreError> {
        let bytes = size(entry);
        if bytes <= 2 * BEGINNING_BYTES {
            return Ok(());
        }
        let before = batch.text_held(held)?;
        if !self.may_grow(batch, before.first_seen, bytes.saturating_sub(before.bytes))? {
            self.cut(entry);
        }
        Ok(())
    }

    /// What is kept of what an entry, unchanged otherwise, says about its rights by now; it said `said` before.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn fit_signals(
        &mut self,
        batch: &Batch<'_>,
        held: EntryNumber,
        said: &[Signal],
        mut signals: Vec<Signal>,
    ) -> Result<Vec<Signal>, StoreError> {
        let grows = size_of_signals(&signals).saturating_sub(size_of_signals(said));
        if grows > 0 && !self.may_grow(batch, batch.text_held(held)?.first_seen, grows)? {
            cut_signals(&mut signals);
        }
        Ok(signals)
    }

    /// Whether an entry that is held may have so many bytes more.
    fn may_grow(&mut self, batch: &Batch<'_>, first_seen: Timestamp, bytes: usize) -> Result<bool, StoreError> {
        let may = bytes == 0 || (first_seen > self.since() && self.has_room(batch, bytes)?);
        self.brought += if may { bytes } else { 0 };
        Ok(may)
    }

    fn has_room(&mut self, batch: &Batch<'_>, bytes: usize) -> Result<bool, StoreError> {
        if self.brought + bytes <= A_POLL_BYTES {
            return Ok(true);
        }
        let left = match self.left {
            Some(left) => left,
            // What this poll brought so far is held already, but for what it is about to save.
            None => A_WEEK_BYTES.saturating_sub(batch.text_bytes_since(self.source, self.since())?) + self.brought,
        };
        self.left = Some(left);
        Ok(self.brought + bytes <= left)
    }

    fn since(&self) -> Timestamp {
        self.now.checked_sub(WEEK).unwrap_or(Timestamp::MIN)
    }

    fn cut(&mut self, entry: &mut Entry) {
        let bytes = size(entry);
        cut_lists(entry);
        cut_signals(&mut entry.signals);
        for address in [&mut entry.image, &mut entry.comments] {
            *address = address.take().filter(|address| address.as_str().len() <= LIST_BYTES);
        }
        entry.rights.iter_mut().for_each(cut_words);
        if size_of_texts(entry) > 2 * BEGINNING_BYTES {
            cut_texts(entry);
        }
        self.cut += usize::from(size(entry) < bytes);
    }
}

fn cut_texts(entry: &mut Entry) {
    entry.is_cut = true;
    entry.text = beginning(&entry.text).to_owned();
    let is_short = |summary: &Markup| !summary.is_blank() && summary.raw().len() <= BEGINNING_BYTES;
    entry.summary = entry.summary.take().filter(is_short);
    // As what it is, the beginning of a body: how much of one may be shown is another matter than a teaser.
    entry.content = entry.summary.is_none().then(|| Markup::Text(entry.text.clone()));
}

/// The beginning of a text, whole words.
fn beginning(text: &str) -> &str {
    let near = &text[..text.floor_char_boundary(BEGINNING_BYTES)];
    if near.len() == text.len() { text } else { near.rsplit_once(' ').map_or(near, |(words, _)| words) }
}

/// Leaves the first of each list.
fn cut_lists(entry: &mut Entry) {
    keep_first(&mut entry.authors, size_of_person);
    keep_first(&mut entry.categories, String::len);
    keep_first(&mut entry.enclosures, size_of_enclosure);
    if let Some(credits) = &mut entry.credits {
        // Without any, the item would be its source's own.
        let others = credits.outlets.split_off(1.min(credits.outlets.len()));
        credits.outlets.extend(first_of(others, size_of_outlet));
        keep_first(&mut credits.discussions, |page| page.name.len() + page.url.as_str().len());
    }
}

fn keep_first<T>(list: &mut Vec<T>, size: impl Fn(&T) -> usize) {
    *list = first_of(std::mem::take(list), size);
}

fn first_of<T>(list: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<T> {
    let mut bytes = 0;
    let fits = |one: &T| {
        bytes += size(one);
        bytes <= LIST_BYTES
    };
    list.into_iter().take_while(fits).collect()
}

/// Leaves the beginning of what is stated of rights in words; what programs read stays whole, or prohibits all.
fn cut_signals(signals: &mut Vec<Signal>) {
    signals.iter_mut().filter(|signal| is_in_words(signal)).for_each(|signal| cut_words(&mut signal.value));
    let (mut words, terms): (Vec<Signal>, Vec<Signal>) = signals.drain(..).partition(is_in_words);
    words = first_of(words, |signal| signal.value.len());
    signals.append(&mut words);
    if size_of_signals(&terms) > TERMS_BYTES {
        signals.push(Signal::new(SignalKind::Rsl, Origin::Entry, NO_TERMS));
    } else {
        signals.extend(terms);
    }
}

fn cut_words(words: &mut String) {
    words.truncate(words.floor_char_boundary(RIGHTS_BYTES));
}

fn is_in_words(signal: &Signal) -> bool {
    matches!(signal.kind, SignalKind::Rights | SignalKind::MediaRights)
}

/// Bytes of all that an entry says beside its id, its address and its title, as the store adds them up.
fn size(entry: &Entry) -> usize {
    let credits = entry.credits.as_deref();
    let outlets = credits.into_iter().flat_map(|credits| &credits.outlets).map(size_of_outlet);
    let pages = credits.into_iter().flat_map(|credits| &credits.discussions);
    let via = entry.via.as_ref().map_or(0, |via| length(&via.title) + length(&via.url) + length(&via.site));
    let lists = entry.authors.iter().map(size_of_person).sum::<usize>()
        + entry.categories.iter().map(String::len).sum::<usize>()
        + entry.enclosures.iter().map(size_of_enclosure).sum::<usize>()
        + outlets.sum::<usize>()
        + pages.map(|page| page.name.len() + page.url.as_str().len()).sum::<usize>();
    let addresses = [&entry.image, &entry.license, &entry.comments];
    let addresses = addresses.into_iter().map(length).sum::<usize>();
    let said = length(&entry.language) + length(&entry.rights);
    size_of_texts(entry) + size_of_signals(&entry.signals) + lists + via + addresses + said
}

fn size_of_signals(signals: &[Signal]) -> usize {
    signals.iter().map(|signal| signal.value.len()).sum()
}

fn size_of_person(person: &Person) -> usize {
    length(&person.name) + length(&person.email) + length(&person.uri)
}

fn size_of_enclosure(media: &Enclosure) -> usize {
    media.url.as_str().len() + length(&media.media_type)
}

fn size_of_outlet(outlet: &NamedOutlet) -> usize {
    let texts = [&outlet.name, &outlet.host, &outlet.title, &outlet.author, &outlet.via];
    let addresses = length(&outlet.feed) + length(&outlet.site) + outlet.url.as_str().len();
    texts.into_iter().map(length).sum::<usize>() + addresses
}

fn length(text: &Option<impl AsRef<str>>) -> usize {
    text.as_ref().map_or(0, |text| text.as_ref().len())
}

/// Bytes of the texts of an entry.
fn size_of_texts(entry: &Entry) -> usize {
    let markup = |markup: &Option<Markup>| markup.as_ref().map_or(0, |markup| markup.raw().len());
    entry.text.len() + markup(&entry.summary) + markup(&entry.content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntryKey;

    fn entry(signals: Vec<Signal>) -> Entry {
        let key = EntryKey { source: SourceId::new("a").unwrap(), guid: "1".into() };
        let mut entry = Entry::new(key, "https://a.example/1".parse().unwrap(), "A title");
        entry.signals = signals;
        entry
    }

    fn signal(kind: SignalKind, bytes: usize) -> Signal {
        Signal::new(kind, Origin::Entry, "x".repeat(bytes))
    }

    fn cut(mut entry: Entry) -> (Entry, usize) {
        let source = SourceId::new("a").unwrap();
        let mut budget = TextBudget::new(&source, Timestamp::UNIX_EPOCH);
        budget.cut(&mut entry);
        (entry, budget.cut)
    }

    #[test]
    fn terms_beyond_the_budget_stay_whole_or_prohibit_all() {
        let few = vec![signal(SignalKind::Robots, 40), signal(SignalKind::Rsl, 2_000)];
        let (kept, cut_entries) = cut(entry(few.clone()));
        assert_eq!((&kept.signals, cut_entries), (&few, 0));
        let many =
            vec![signal(SignalKind::Block, 40), signal(SignalKind::Rights, 16_000), signal(SignalKind::Rsl, 16_000)];
        let (kept, cut_entries) = cut(entry(many));
        assert_eq!(cut_entries, 1);
        assert!(size(&kept) <= RIGHTS_BYTES + NO_TERMS.len(), "{}", size(&kept));
        assert!(crate::rights::forbids_all(kept.signals.last().unwrap()));
    }

    #[test]
    fn what_is_cut_stays_as_it_is_when_it_is_cut_again() {
        let kinds = [SignalKind::Rights, SignalKind::MediaRights, SignalKind::License, SignalKind::Rsl];
        for many in [1, 3, 40] {
            let signals = (0..many).flat_map(|_| kinds.map(|kind| signal(kind, 9_000))).collect();
            let (once, _) = cut(entry(signals));
            let (twice, cut_entries) = cut(once.clone());
            assert_eq!((&twice, cut_entries), (&once, 0));
            assert!(size(&once) < 4_000, "{}", size(&once));
        }
    }
}
