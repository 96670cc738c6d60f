//! How much of one source is kept: as much as a busy outlet writes in a week. Beyond that, entries are kept with the
//! beginning of their texts, as excerpts are cut from it, and with the first of what else they say, so that no source fills
//! the disk.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Enclosure, Entry, Markup, NamedOutlet, Person, Signal, SignalKind, SourceId};
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

/// What one poll of a source may still bring.
pub(super) struct TextBudget<'a> {
    source: &'a SourceId,
    now: Timestamp,
    /// Brought by this poll so far.
    brought: usize,
    /// Left of the week when it was first asked for; `None`: not asked for.
    left: Option<usize>,
    /// Entries whose texts were cut.
    pub(super) cut: usize,
}

impl<'a> TextBudget<'a> {
    pub(super) fn new(source: &'a SourceId, now: Timestamp) -> Self {
        Self { source, now, brought: 0, left: None, cut: 0 }
    }

    /// Cuts the texts of a new entry where the week has no room for them.
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

    /// Cuts the texts of an edited entry that grew where the week has no room for them, or where the entry is older.
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
        let grows = bytes.saturating_sub(before.bytes);
        let is_of_the_week = before.first_seen > self.since();
        if grows == 0 || (is_of_the_week && self.has_room(batch, grows)?) {
            self.brought += grows;
        } else {
            self.cut(entry);
        }
        Ok(())
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
        cut_lists(entry);
        cut_rights(entry);
        if size_of_texts(entry) <= 2 * BEGINNING_BYTES {
            return;
        }
        self.cut += 1;
        entry.is_cut = true;
        entry.text = beginning(&entry.text).to_owned();
        let is_short = |summary: &Markup| !summary.is_blank() && summary.raw().len() <= BEGINNING_BYTES;
        entry.summary = entry.summary.take().filter(is_short);
        // As what it is, the beginning of a body: how much of one may be shown is another matter than a teaser.
        entry.content = entry.summary.is_none().then(|| Markup::Text(entry.text.clone()));
    }
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

/// Leaves the beginning of what is stated of rights in words; what programs read stays whole.
fn cut_rights(entry: &mut Entry) {
    let said = entry.signals.iter_mut().filter(|signal| is_in_words(signal)).map(|signal| &mut signal.value);
    for words in said.chain(&mut entry.rights) {
        words.truncate(words.floor_char_boundary(RIGHTS_BYTES));
    }
}

fn is_in_words(signal: &Signal) -> bool {
    matches!(signal.kind, SignalKind::Rights | SignalKind::MediaRights)
}

/// Bytes of all that an entry says.
fn size(entry: &Entry) -> usize {
    let credits = entry.credits.as_deref();
    let outlets = credits.into_iter().flat_map(|credits| &credits.outlets).map(size_of_outlet);
    let pages = credits.into_iter().flat_map(|credits| &credits.discussions);
    let via = entry.via.as_ref().map_or(0, |via| length(&via.title) + length(&via.url) + length(&via.site));
    let lists = entry.authors.iter().map(size_of_person).sum::<usize>()
        + entry.categories.iter().map(String::len).sum::<usize>()
        + entry.enclosures.iter().map(size_of_enclosure).sum::<usize>()
        + entry.signals.iter().map(|signal| signal.value.len()).sum::<usize>()
        + outlets.sum::<usize>()
        + pages.map(|page| page.name.len() + page.url.as_str().len()).sum::<usize>();
    size_of_texts(entry) + lists + via + length(&entry.rights)
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
