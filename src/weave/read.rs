//! What a pass reads, all of it before anything is decided: the waiting entries, the window that they are compared
//! with (all of it, or as much as a few new entries need), the stories that may change.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use jiff::Timestamp;

use super::candidates;
use super::context::Context;
use super::edits::{Edit, Place, Subjects};
use super::elect_lead::Facts;
use super::ledger::Ledger;
use super::prepared::{Prepared, limits};
use super::signature::{SignatureLog, Signatures};
use super::templates::stable_hash;
use super::tokenizer::Tokenizer;
use super::window::Window;
use crate::model::{Source, SourceKind};
use crate::store::{
    CorrectionKind, CorrectionPair, EntryNumber, ReadLimits, Reader, Reserved, StoreError, StoryNumber,
};
use crate::text::address_hash;

/// Number of new entries up to which only a part of the window is read: with more it costs more than all of it.
const FEW: usize = 200;

/// Everything that a pass works with.
pub(super) struct PassInput<'a> {
    /// Entries that their publishers edited.
    pub(super) edited: Vec<Prepared>,
    /// Entries that wait for a story and are too old to be compared, and the others; the earliest first.
    pub(super) old: Vec<Prepared>,
    pub(super) young: Vec<Prepared>,
    pub(super) ledger: Ledger<'a>,
    pub(super) window: Window,
    pub(super) pairs: Vec<CorrectionPair>,
    /// Signatures of entries of the window that had none.
    pub(super) signatures: SignatureLog,
    /// The stored ones are of no use.
    pub(super) forgets_signatures: bool,
}

/// Reads what a pass needs.
pub(super) fn read<'a>(reader: &Reader, context: &Context<'a>) -> Result<PassInput<'a>, StoreError> {
    let mut reading =
        Reading { reader, context, limits: limits(context), reserved: reader.reserved()?, tokenizer: Tokenizer::new() };
    let pairs = reader.correction_pairs()?;
    let mut edited = reading.edited()?;
    let (old, young) = reading.waiting()?;
    let mut input = PassInput {
        edited: Vec::new(),
        old,
        young,
        ledger: Ledger::new(context.sites, context.now, reader.next_story()?),
        window: Window::empty(context, &pairs),
        pairs,
        signatures: SignatureLog::new(),
        forgets_signatures: false,
    };
    let beside = reading.beside(&mut input, &edited)?;
    reading.judge_edits(&input, &mut edited)?;
    if input.young.is_empty() {
        edited.iter().for_each(|entry| know(entry, &mut input.ledger));
    } else {
        reading.window(&mut input, &mut edited, &beside)?;
    }
    input.edited = edited;
    let since = if input.young.is_empty() { Timestamp::MAX } else { context.horizon() };
    let stories: Vec<StoryNumber> = input.ledger.stories().map(|(number, _)| number).collect();
    for row in reader.members_before(&stories, since)? {
        input.ledger.know_member(row.entry, row.story, Facts::from(row));
    }
    Ok(input)
}

/// A published story does not become empty: where all of its entries would leave it in one pass, its lead stays.
fn keep_one(input: &PassInput<'_>, others: &[Prepared], edited: &mut [Prepared]) {
    let mut held: BTreeSet<Option<StoryNumber>> = others.iter().map(Prepared::story).collect();
    held.extend(edited.iter().filter(|entry| !entry.leaves).map(Prepared::story));
    let is_lead = |entry: &Prepared| {
        let head = entry.story().and_then(|story| input.ledger.story(story)?.head.as_ref());
        head.is_some_and(|(_, lead)| *lead == entry.entry.number)
    };
    let stays = |entry: &mut Prepared| entry.leaves = !held.insert(entry.story());
    let (leads, followers): (Vec<_>, Vec<_>) =
        edited.iter_mut().filter(|entry| entry.leaves).partition(|entry| is_lead(entry));
    leads.into_iter().chain(followers).for_each(stays);
}

fn know(entry: &Prepared, ledger: &mut Ledger<'_>) {
    if let Some(woven) = entry.entry.woven {
        ledger.know_member(entry.entry.number, woven.story, entry.facts());
    }
}

struct Reading<'r, 'a> {
    reader: &'r Reader,
    context: &'r Context<'a>,
    limits: ReadLimits,
    reserved: Reserved,
    tokenizer: Tokenizer,
}

impl Reading<'_, '_> {
    fn edited(&mut self) -> Result<Vec<Prepared>, StoreError> {
        let rows = self.reader.edited_since_woven(&self.limits)?;
        Ok(rows.into_iter().map(|row| Prepared::new(row, self.context, &self.reserved, &mut self.tokenizer)).collect())
    }

    /// The entries that no story holds: those that are too old to be compared, and the others.
    fn waiting(&mut self) -> Result<(Vec<Prepared>, Vec<Prepared>), StoreError> {
        let Self { reader, context, limits, reserved, tokenizer } = self;
        let (mut old, mut young) = (Vec::new(), Vec::new());
        reader.each_unwoven(context.horizon(), limits, |entry| {
            if entry.time < context.horizon() {
                old.push(Prepared::without_words(entry, context));
            } else {
                young.push(Prepared::new(entry, context, reserved, tokenizer));
            }
        })?;
        // Strangers come last: what the others become does not depend on them.
        let order = |entry: &Prepared| (entry.is_stranger, entry.entry.time);
        for entries in [&mut old, &mut young] {
            entries.sort_by(|a, b| (order(a), &a.entry.key).cmp(&(order(b), &b.entry.key)));
        }
        Ok((old, young))
    }

    /// The stories outside the window that may change, read into the ledger: those of edited entries, and those at the
    /// addresses of waiting entries, of edited ones that are about others' articles, or of those that feeds.toml names.
    fn beside(&self, input: &mut PassInput<'_>, edited: &[Prepared]) -> Result<Vec<StoryNumber>, StoreError> {
        let config = self.context.config;
        let named = config.join.iter().chain(&config.split).flat_map(|(a, b)| [address_hash(a), address_hash(b)]);
        let waiting = input.old.iter().chain(&input.young).map(Prepared::address);
        let of_others = edited.iter().filter(|entry| entry.is_stranger).map(Prepared::address);
        let addresses: BTreeSet<i64> = waiting.chain(of_others).chain(named).collect();
        let addresses: Vec<i64> = addresses.into_iter().collect();
        let mut stories: BTreeSet<StoryNumber> =
            edited.iter().filter_map(|entry| entry.entry.woven).map(|w| w.story).collect();
        for row in self.reader.members_at(&addresses)? {
            stories.insert(row.story);
            input.ledger.know_address(&row);
        }
        let stories: Vec<StoryNumber> = stories.into_iter().collect();
        for head in self.reader.story_heads(&stories)? {
            input.ledger.know_story(head);
        }
        Ok(stories)
    }

    /// Finds out which edited entries leave their stories.
    fn judge_edits(&mut self, input: &PassInput<'_>, edited: &mut [Prepared]) -> Result<(), StoreError> {
        let before = if edited.is_empty() { BTreeMap::new() } else { self.reader.before_edits()? };
        let changes: Vec<Edit> = edited.iter().map(|entry| Edit::of(entry, before.get(&entry.entry.number))).collect();
        let stories: Vec<StoryNumber> =
            edited.iter().zip(&changes).filter(|(_, edit)| edit.may_leave()).filter_map(|(e, _)| e.story()).collect();
        if stories.is_empty() {
            return Ok(());
        }
        let rows = self.reader.woven_beside(&[], &stories, Timestamp::MIN, &self.limits)?;
        let others: Vec<Prepared> =
            rows.into_iter().map(|row| Prepared::new(row, self.context, &self.reserved, &mut self.tokenizer)).collect();
        let bound = |entry: &Prepared| {
            let of = |pair: &&CorrectionPair| [&pair.entry, &pair.with].contains(&&entry.entry.key);
            input.pairs.iter().filter(of).any(|pair| pair.kind == CorrectionKind::Join)
        };
        let mut subjects = Subjects::default();
        let leaves: Vec<bool> = edited
            .iter()
            .zip(&changes)
            .map(|(entry, edit)| {
                // What a source that is no longer in feeds.toml told is shown nowhere.
                let is_mate = |other: &&Prepared| {
                    let source = &other.entry.key.source;
                    other.story() == entry.story()
                        && *source != entry.entry.key.source
                        && self.context.sources.contains_key(source)
                };
                let mates: Vec<&Prepared> = others.iter().chain(&*edited).filter(is_mate).collect();
                let place = Place::of(entry, self.context.sites);
                !mates.is_empty()
                    && !bound(entry)
                    && edit.leaves(entry, place, &mates, self.context.sites, &mut subjects)
            })
            .collect();
        for (entry, leaves) in edited.iter_mut().zip(leaves) {
            entry.leaves = leaves;
        }
        keep_one(input, &others, edited);
        Ok(())
    }

    /// The window for the new entries. Nothing older is read; for a few entries only what can matter for them. What
    /// has no signature yet gets one.
    fn window(
        &mut self,
        input: &mut PassInput<'_>,
        edited: &mut [Prepared],
        beside: &[StoryNumber],
    ) -> Result<(), StoreError> {
        edited.sort_by_key(|entry| (entry.entry.time, entry.entry.number));
        let mut edits = SignatureLog::new();
        edited
            .iter()
            .filter(|entry| entry.entry.time >= self.context.horizon())
            .for_each(|entry| edits.add(&entry.signed(self.context)));
        let mut signatures = self.signatures(&edits)?;
        let leaving: BTreeSet<EntryNumber> =
            edited.iter().filter(|entry| entry.leaves).map(|entry| entry.entry.number).collect();
        if let Some(signatures) = signatures.as_mut().filter(|_| !leaving.is_empty()) {
            signatures.retain(|signature| !leaving.contains(&signature.number()));
        }
        if let Some(signatures) = signatures.as_ref().filter(|_| input.young.len() <= FEW)
            && self.part(input, edited, beside, signatures)?
        {
            return Ok(());
        }
        let has_signatures = signatures.is_some();
        drop(signatures);
        input.forgets_signatures = !has_signatures;
        let Self { reader, context, limits, reserved, tokenizer } = self;
        let mut edited = edited.iter().peekable();
        let mut restore = |entry: &Prepared| {
            input.window.restore(entry, context, &mut input.ledger);
            if !has_signatures {
                input.signatures.add(&entry.signed(context));
            }
        };
        reader.each_woven(context.horizon(), limits, |row| {
            while let Some(entry) =
                edited.next_if(|entry| (entry.entry.time, entry.entry.number) < (row.time, row.number))
            {
                restore(entry);
            }
            restore(&Prepared::new(row, context, reserved, tokenizer));
        })?;
        edited.for_each(restore);
        Ok(())
    }

    /// The part of the window that can matter for the new entries. Returns whether that is enough: not if the operator
    /// corrected anything about one of them.
    fn part(
        &mut self,
        input: &mut PassInput<'_>,
        edited: &[Prepared],
        beside: &[StoryNumber],
        signatures: &Signatures,
    ) -> Result<bool, StoreError> {
        let PassInput { young, window, ledger, .. } = input;
        let is_corrected = |entry: &Prepared| window.clusterer.has_constraints_on(&entry.entry.key, entry.address());
        if young.iter().any(is_corrected) {
            return Ok(false);
        }
        let plan = candidates::plan(self.context, signatures, young);
        let rows = self.reader.woven_beside(plan.needed(), beside, self.context.horizon(), &self.limits)?;
        let read: Vec<Prepared> =
            rows.into_iter().map(|row| Prepared::new(row, self.context, &self.reserved, &mut self.tokenizer)).collect();
        let is_young = |entry: &&Prepared| entry.entry.time >= self.context.horizon();
        let mut rows: Vec<&Prepared> = read.iter().chain(edited.iter().filter(is_young)).collect();
        rows.sort_by_key(|row| (row.entry.time, row.entry.number));
        plan.restore(window, &rows, young, self.context, ledger);
        Ok(true)
    }

    /// The signatures of all entries of the window that are compared; `None` if one is missing, or was made when
    /// its source was another kind or its text was reserved or free.
    fn signatures(&self, edits: &SignatureLog) -> Result<Option<Signatures>, StoreError> {
        let since = self.context.horizon();
        let mut signatures = Signatures::default();
        self.reader.each_signatures_since(since, |bytes| signatures.add(bytes, since))?;
        edits.bytes().for_each(|bytes| signatures.add(bytes, since));
        signatures.sort();
        if signatures.len() != self.reader.count_woven_since(since)? {
            return Ok(None);
        }
        let hash = |id: &str| stable_hash(id.as_bytes());
        let lists = |source: &Source| source.kind == SourceKind::Aggregator;
        let those = |is: &dyn Fn(&Source) -> bool| -> Hashes {
            self.context.sources.iter().filter(|(_, source)| is(source)).map(|(id, _)| hash(id.as_str())).collect()
        };
        let (lists, alone) = (those(&lists), those(&|source| source.allow_duplicates));
        let reserved: Hashes = self.reserved.sources().map(hash).collect();
        let is_current = signatures.iter().all(|signature| {
            let is_reserved = reserved.contains(&signature.source()) || self.reserved.has_entry(signature.number());
            signature.is_reserved() == is_reserved && signature.is_listed() == lists.contains(&signature.source())
        });
        let is_off = self.context.settings.same_story == crate::config::SameStory::Off;
        signatures.retain(|signature| !is_off && !signature.is_stranger() && !alone.contains(&signature.source()));
        Ok(is_current.then_some(signatures))
    }
}

type Hashes = std::collections::HashSet<u64, FixedState>;
