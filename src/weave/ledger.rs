//! The stories of a pass: as they were read, and as they become. Every change is recorded for the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::FixedState;
use jiff::Timestamp;

use super::elect_lead::{Facts, elect_lead, takes_over};
use super::exact::title_key;
use super::prepared::Prepared;
use crate::model::{EntryKey, Reason, Sites, SourceId, StoryId};
use crate::store::{Arrivals, EntryNumber, IdOf, MemberRow, StoryChange, StoryHead, StoryNumber, WeaveChanges};

/// Number of entries at one address that are looked at, the oldest ones.
const SAME_ADDRESS: usize = 8;

/// A story of the ledger.
#[derive(Debug, Default)]
pub(super) struct LedgerStory {
    /// Its id and its lead, if it was read on its own.
    pub(super) head: Option<(StoryId, EntryNumber)>,
    /// Who leads it, however it was read.
    leading: Option<EntryNumber>,
    pub(super) published: Option<Timestamp>,
    pub(super) date: Option<Timestamp>,
    entries: Vec<EntryNumber>,
}

/// Whether two titles ([`title_key`]) have a fourth of their words in common.
fn share_words(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|title| title.split(' ').collect::<BTreeSet<_>>());
    one.intersection(&other).count() * 4 >= one.len().min(other.len())
}

/// An entry that was found by its address.
#[derive(Debug)]
struct AtAddress {
    entry: EntryNumber,
    source: SourceId,
    title: String,
}

/// The stories that a pass may change.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    sites: &'a Sites<'a>,
    now: Timestamp,
    stories: BTreeMap<StoryNumber, LedgerStory>,
    members: HashMap<EntryNumber, (StoryNumber, Facts), FixedState>,
    addresses: HashMap<i64, Vec<AtAddress>, FixedState>,
    next: StoryNumber,
    /// Entries that most others of their story do not resemble.
    pub(super) unlike: BTreeSet<EntryKey>,
    /// What the store has to do.
    pub(super) changes: WeaveChanges,
}

impl<'a> Ledger<'a> {
    /// An empty one; `next` is the number of the first story that is opened.
    pub(super) fn new(sites: &'a Sites<'a>, now: Timestamp, next: StoryNumber) -> Self {
        Self {
            sites,
            now,
            stories: BTreeMap::new(),
            members: HashMap::default(),
            addresses: HashMap::default(),
            next,
            unlike: BTreeSet::new(),
            changes: WeaveChanges::default(),
        }
    }

    /// Takes in a story as it was read.
    pub(super) fn know_story(&mut self, head: StoryHead) {
        let story = self.stories.entry(head.number).or_default();
        (story.head, story.leading) = (Some((head.id, head.lead)), Some(head.lead));
        (story.published, story.date) = (head.published, head.date);
    }

    /// Takes in a member as it was read.
    pub(super) fn know_member(&mut self, entry: EntryNumber, story: StoryNumber, facts: Facts) {
        if self.members.insert(entry, (story, facts)).is_none() {
            self.stories.entry(story).or_default().entries.push(entry);
        }
    }

    /// Records when the story of a member was published.
    pub(super) fn know_published(&mut self, story: StoryNumber, published: Option<Timestamp>) {
        self.stories.entry(story).or_default().published = published;
    }

    /// Records that a member leads its story.
    pub(super) fn know_lead(&mut self, story: StoryNumber, lead: EntryNumber) {
        self.stories.entry(story).or_default().leading = Some(lead);
    }

    /// Takes in an entry that is at the same address as new ones.
    pub(super) fn know_address(&mut self, row: &MemberRow) {
        let MemberRow { entry, key, title, .. } = row;
        let at = AtAddress { entry: *entry, source: key.source.clone(), title: title_key(title) };
        self.addresses.entry(row.address).or_default().push(at);
    }

    /// The stories in it.
    pub(super) fn stories(&self) -> impl Iterator<Item = (StoryNumber, &LedgerStory)> {
        self.stories.iter().map(|(number, story)| (*number, story))
    }

    pub(super) fn story(&self, number: StoryNumber) -> Option<&LedgerStory> {
        self.stories.get(&number)
    }

    pub(super) fn story_of(&self, entry: EntryNumber) -> Option<StoryNumber> {
        self.members.get(&entry).map(|(story, _)| *story)
    }

    /// The stories that hold entries with these keys.
    pub(super) fn stories_of<'k>(
        &self,
        keys: impl Iterator<Item = &'k EntryKey>,
    ) -> HashMap<&'k EntryKey, StoryNumber> {
        let wanted: std::collections::HashSet<&EntryKey> = keys.collect();
        let known = self.members.values().filter_map(|(story, facts)| Some((*wanted.get(&facts.key)?, *story)));
        known.collect()
    }

    pub(super) fn facts(&self, entry: EntryNumber) -> Option<&Facts> {
        self.members.get(&entry).map(|(_, facts)| facts)
    }

    /// The entries of a story in the order in which they joined; of those that joined together the earliest first.
    pub(super) fn entries_of(&self, story: StoryNumber) -> Vec<EntryNumber> {
        let mut entries = self.stories.get(&story).map(|story| story.entries.clone()).unwrap_or_default();
        entries.sort_by_key(|entry| {
            let facts = self.facts(*entry);
            facts.map(|facts| (facts.joined.unwrap_or(self.now), facts.time, &facts.key))
        });
        entries
    }

    /// The entries at an address and their stories, the oldest first.
    pub(super) fn at_address(&self, address: i64) -> Vec<(EntryNumber, StoryNumber)> {
        let at = self.addresses.get(&address).into_iter().flatten();
        at.filter_map(|at| Some((at.entry, self.story_of(at.entry)?))).collect()
    }

    /// The story of an article that is sent again, or listed late: the first of its oldest entries that is from another
    /// source or has the same title. One source with other entries at the address has a page of many entries. Only a
    /// stranger joins strangers, and nobody follows an entry of a link list that stands among other articles, or one that
    /// claims their site, if it says something else; and no list leads an article to others.
    pub(super) fn same_article(&self, entry: &Prepared) -> Option<StoryNumber> {
        let known = self.addresses.get(&entry.address())?.iter().filter(|known| known.entry != entry.entry.number);
        let (source, title) = (&entry.entry.key.source, title_key(&entry.entry.title));
        let is_stranger = |source: &SourceId| self.sites.is_stranger(entry.owner.as_deref(), source);
        let is_elsewhere = |other: &AtAddress| {
            let story = self.story_of(other.entry).and_then(|story| self.stories.get(&story));
            let mut beside = story.iter().flat_map(|story| &story.entries).filter_map(|entry| self.facts(*entry));
            let is_contested = |source| self.sites.is_contested(entry.owner.as_deref(), source);
            let both_claim_it = is_contested(source) && is_contested(&other.source);
            let is_article = |of: &SourceId| self.sites.sources().get(of).is_none_or(|source| !source.is_list());
            let is_another = |facts: &Facts| is_article(&facts.key.source) && facts.address != entry.address();
            let is_listed_elsewhere = !is_article(&other.source) && beside.any(is_another);
            let is_led = is_listed_elsewhere && is_article(source);
            is_led || (both_claim_it || is_listed_elsewhere) && !share_words(&other.title, &title)
        };
        let known = known.filter(|other| entry.is_stranger || !is_stranger(&other.source));
        let found = known.take(SAME_ADDRESS).find(|other| match other.source == *source {
            true => other.title == title,
            false => entry.is_stranger || !is_elsewhere(other),
        })?;
        self.story_of(found.entry)
    }

    /// Opens a story with `founder` as its lead; the founder still has to be added or moved there.
    pub(super) fn open(&mut self, founder: EntryNumber, facts: &Facts) -> StoryNumber {
        let id_of = if facts.is_stranger(self.sites) { IdOf::Entry } else { IdOf::Address };
        self.open_as(founder, facts, id_of)
    }

    fn open_as(&mut self, founder: EntryNumber, facts: &Facts, id_of: IdOf) -> StoryNumber {
        let story = self.new_number();
        self.stories.entry(story).or_default();
        let (key, held_back) = (facts.key.clone(), facts.held_back);
        self.changes.steps.push(StoryChange::Open { story, founder, key, held_back, id_of });
        story
    }

    fn new_number(&mut self) -> StoryNumber {
        let story = self.next;
        self.next = StoryNumber::from_raw(story.get() + 1);
        story
    }

    /// Adds an entry that no story held.
    pub(super) fn add(&mut self, entry: EntryNumber, title: &str, facts: Facts, story: StoryNumber, reason: Reason) {
        let (address, time) = (facts.address, facts.time);
        let at = AtAddress { entry, source: facts.key.source.clone(), title: title_key(title) };
        self.put_at(address, at);
        self.stories.entry(story).or_default().entries.push(entry);
        self.members.insert(entry, (story, facts));
        self.changes.steps.push(StoryChange::Add { entry, story, address, time, reason });
    }

    fn put_at(&mut self, address: i64, at: AtAddress) {
        let known = self.addresses.entry(address).or_default();
        known.insert(known.partition_point(|other| other.entry < at.entry), at);
    }

    /// Moves an entry to another story.
    pub(super) fn move_entry(&mut self, entry: EntryNumber, story: StoryNumber, reason: Reason) {
        let Some((of, _)) = self.members.get_mut(&entry) else { return };
        let from = std::mem::replace(of, story);
        if let Some(from) = self.stories.get_mut(&from) {
            from.entries.retain(|member| *member != entry);
        }
        self.stories.entry(story).or_default().entries.push(entry);
        self.changes.steps.push(StoryChange::Move { entry, story, reason });
    }

    /// Takes an entry that its publisher made something else of out of its story. It has one of its own from now on; an
    /// edit is no news: what was published is not announced again.
    pub(super) fn leave(&mut self, entry: EntryNumber, story: StoryNumber) {
        let Some(known) = self.stories.get(&story) else { return };
        if known.entries == [entry] {
            return;
        }
        let (Some((from, _)), Some(facts)) = (known.head.clone(), self.facts(entry).cloned()) else { return };
        let held_back = facts.held_back || known.published.is_some();
        // The address may already name a story: that of the entry that leads this one.
        let own = self.open_as(entry, &Facts { held_back, ..facts }, IdOf::Entry);
        self.move_entry(entry, own, Reason::EditedAway { from: from.to_string() });
        self.tidy(story);
    }

    /// Moves all entries of a story to another one, whose alias it is from now on.
    pub(super) fn absorb(&mut self, gone: StoryNumber, into: StoryNumber, reason: Reason) {
        let Some(moved) = self.stories.remove(&gone) else { return };
        for entry in &moved.entries {
            if let Some((story, _)) = self.members.get_mut(entry) {
                *story = into;
            }
        }
        self.stories.entry(into).or_default().entries.extend(moved.entries);
        self.changes.steps.push(StoryChange::Absorb { gone, into, reason });
    }

    /// An edit gave an entry another address.
    pub(super) fn readdress(&mut self, entry: EntryNumber, address: i64, title: &str) {
        let Some((_, facts)) = self.members.get_mut(&entry) else { return };
        if let Some(known) = self.addresses.get_mut(&std::mem::replace(&mut facts.address, address)) {
            known.retain(|at| at.entry != entry);
        }
        let at = AtAddress { entry, source: facts.key.source.clone(), title: title_key(title) };
        self.put_at(address, at);
        self.changes.steps.push(StoryChange::Readdress { entry, address });
    }

    /// Makes an alias a story again, still empty.
    pub(super) fn revive(&mut self, correction: &crate::store::Correction) -> StoryNumber {
        let story = self.new_number();
        let known = self.stories.entry(story).or_default();
        (known.head, known.leading) =
            (Some((correction.other.clone(), correction.other_lead)), Some(correction.other_lead));
        (known.published, known.date) = correction.other_published.unzip();
        self.changes.steps.push(StoryChange::Revive { story, correction: correction.clone() });
        story
    }

    /// A story gained entries or one of them was edited: who leads it may change. What is published keeps its lead, unless
    /// that is a link list, a roundup or a live page.
    pub(super) fn elect(&mut self, story: StoryNumber, arrivals: Arrivals) {
        let is_published = self.stories.get(&story).is_some_and(|known| known.published.is_some());
        let lead = if is_published { self.successor(story) } else { self.best(story) };
        self.changes.steps.push(StoryChange::Lead { story, lead, arrivals });
    }

    /// A story whose entries were moved by hand or by a replay: it keeps its lead if that is still there and it
    /// was published.
    pub(super) fn tidy(&mut self, story: StoryNumber) {
        let entries = self.entries_of(story);
        if entries.is_empty() {
            return;
        }
        let arrivals = Arrivals::of(entries.iter().filter_map(|entry| self.facts(*entry)).map(|facts| facts.held_back));
        let lead = self.stories.get(&story).and_then(|story| story.head.as_ref()).map(|(_, lead)| *lead);
        if lead.is_none_or(|lead| entries.contains(&lead)) {
            self.elect(story, arrivals);
        } else {
            let lead = self.best(story);
            self.changes.steps.push(StoryChange::Lead { story, lead, arrivals });
        }
    }

    fn best(&self, story: StoryNumber) -> Option<EntryNumber> {
        let (entries, facts) = self.candidates(story);
        entries.get(elect_lead(&facts, self.sites, &self.unlike)).copied()
    }

    /// Who takes the lead of what is published over.
    fn successor(&self, story: StoryNumber) -> Option<EntryNumber> {
        let lead = self.stories.get(&story)?.leading?;
        let (entries, facts) = self.candidates(story);
        let leading = entries.iter().position(|entry| *entry == lead)?;
        entries.get(takes_over(&facts, leading, self.sites, &self.unlike)?).copied()
    }

    fn candidates(&self, story: StoryNumber) -> (Vec<EntryNumber>, Vec<&Facts>) {
        self.entries_of(story).into_iter().filter_map(|entry| Some((entry, self.facts(entry)?))).unzip()
    }
}
