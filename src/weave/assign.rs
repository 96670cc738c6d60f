//! Which story every entry is assigned to: turns what was read into what is to be written. Reads nothing itself.

use std::collections::BTreeMap;

use super::context::Context;
use super::corrections;
use super::input::{Absorbed, Clustering};
use super::ledger::Ledger;
use super::prepared::Prepared;
use super::read::PassInput;
use super::window::Window;
use crate::config::SameStory;
use crate::model::Reason;
use crate::store::{Arrivals, NearPair, SignatureChanges, StoryChange, StoryNumber, WeaveChanges};
use crate::text::is_site_root;

/// What weaving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WeaveReport {
    /// Entries that were given a story.
    pub woven: usize,
    /// Stories that were opened.
    pub opened: usize,
    /// Entries that joined a story.
    pub joined: usize,
    /// Stories whose entries were edited.
    pub edited: usize,
    /// Entries that would have joined a story too large to grow on its own.
    pub stopped: usize,
    /// Stories that were split or joined because feeds.toml says so.
    pub(crate) by_hand: usize,
}

impl WeaveReport {
    /// Whether a reader of the outputs could see a difference.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.woven > 0 || self.edited > 0 || self.by_hand > 0
    }
}

impl WeaveReport {
    /// Combines what this and then `later` did.
    #[must_use]
    pub(crate) fn and(self, later: Self) -> Self {
        Self {
            woven: self.woven + later.woven,
            opened: self.opened + later.opened,
            joined: self.joined + later.joined,
            edited: self.edited + later.edited,
            stopped: self.stopped + later.stopped,
            by_hand: self.by_hand + later.by_hand,
        }
    }
}

/// Finds the story of every waiting entry.
pub(super) fn assign(input: PassInput<'_>, context: &Context<'_>) -> (WeaveChanges, WeaveReport) {
    let PassInput { edited, old, young, ledger, window, pairs, signatures, forgets_signatures } = input;
    let mut pass = Pass { context, ledger, report: WeaveReport::default() };
    let mut signatures = signatures;
    for entry in &edited {
        pass.take_over_edit(entry);
        if entry.entry.time >= context.horizon() && !forgets_signatures {
            signatures.add(&entry.signed(context));
        }
    }
    for entry in old {
        pass.weave_old(entry);
    }
    if !young.is_empty() {
        let mut window = window;
        window.complete(&corrections::pairs_kept_apart(&pass.ledger, context.config, &pairs));
        young.iter().for_each(|entry| signatures.add(&entry.signed(context)));
        pass.weave_young(young, window);
    }
    pass.report.by_hand = corrections::obey(&mut pass.ledger, context.config);
    let mut changes = pass.ledger.changes;
    changes.edits_are_done = true;
    changes.signatures = Some(SignatureChanges {
        forgets_all: forgets_signatures,
        forgets_before: Some(context.horizon()),
        added: signatures.into_runs(),
    });
    (changes, pass.report)
}

struct Pass<'p, 'a> {
    context: &'p Context<'a>,
    ledger: Ledger<'a>,
    report: WeaveReport,
}

impl Pass<'_, '_> {
    /// An entry was edited: its story knows its new address and text. It stays where it is, unless it became something
    /// else.
    fn take_over_edit(&mut self, entry: &Prepared) {
        let Some(woven) = entry.entry.woven else { return };
        self.ledger.readdress(entry.entry.number, entry.address(), &entry.entry.title);
        // Who tells of the article of another source there does so whatever he says of it.
        let is_about_article = || self.by_stored_address(entry).is_some_and(|(story, _)| story == woven.story);
        if entry.leaves && !(entry.is_stranger && is_about_article()) {
            self.ledger.leave(entry.entry.number, woven.story);
        } else {
            self.ledger.elect(woven.story, Arrivals::HeldBack);
        }
        self.report.edited += 1;
    }

    /// Gives an entry that is too old to be compared its story: one with its address, otherwise its own.
    fn weave_old(&mut self, mut entry: Prepared) {
        let held_back = entry.entry.held_back;
        match self.by_stored_address(&entry) {
            Some((story, reason)) => {
                self.add(&mut entry, story, reason);
                self.ledger.elect(story, Arrivals::of([held_back]));
            }
            None => {
                let story = self.ledger.open(entry.entry.number, &entry.facts());
                self.add(&mut entry, story, Reason::Opened);
            }
        }
    }

    /// Gives the entries of the window their stories, all in one go; then strangers theirs, who join what is there.
    fn weave_young(&mut self, young: Vec<Prepared>, mut window: Window) {
        let (strangers, young): (Vec<_>, Vec<_>) = young.into_iter().partition(|entry| entry.is_stranger);
        self.weave_together(young, &mut window);
        if !strangers.is_empty() {
            window.clusterer.settle();
            self.weave_together(strangers, &mut window);
        }
    }

    fn weave_together(&mut self, young: Vec<Prepared>, window: &mut Window) {
        young.iter().for_each(|entry| self.place(window, entry));
        let Clustering { placed, absorbed, stopped, unlike } = window.clusterer.cluster();
        self.ledger.unlike.extend(unlike);
        // Whether only withheld entries came to a story.
        let mut touched: BTreeMap<StoryNumber, bool> = BTreeMap::new();
        for Absorbed { gone, into, reason } in absorbed {
            if let Some((gone, into)) = window.story(gone).zip(window.story(into)) {
                self.ledger.absorb(gone, into, reason);
                touched.insert(into, true);
            }
        }
        for (placement, mut entry) in placed.into_iter().zip(young) {
            let (number, held_back) = (entry.entry.number, entry.entry.held_back);
            let story = window.story(placement.story).unwrap_or_else(|| {
                let story = self.ledger.open(number, &entry.facts());
                window.set_story(placement.story, story);
                story
            });
            for near in placement.related.into_iter().filter(|_| !held_back) {
                let near = NearPair { entry: number, nearest: near.nearest, score: near.score, shared: near.shared };
                self.ledger.changes.near.push(near);
            }
            if placement.reason != Reason::Opened {
                *touched.entry(story).or_insert(true) &= held_back;
            }
            self.add(&mut entry, story, placement.reason);
        }
        for (story, held_back) in touched {
            self.ledger.elect(story, Arrivals::of([held_back]));
        }
        for story in stopped.into_iter().filter_map(|story| window.story(story)) {
            self.report.stopped += 1;
            self.ledger.changes.steps.push(StoryChange::Stop { story });
        }
    }

    /// Takes an entry into the window.
    fn place(&self, window: &mut Window, entry: &Prepared) {
        let placed = window.clusterer.place_tokens(&entry.input(self.context), &entry.tokens);
        // Who speaks of the article of another source is shown with that, whatever it says.
        if placed.is_certain || placed.is_stopped || placed.is_told_otherwise && !entry.is_stranger {
            return;
        }
        if let Some((story, reason)) = self.by_stored_address(entry) {
            let handle = window.handle(story);
            window.clusterer.assign(handle, reason);
            if self.ledger.story(story).is_some_and(|story| story.published.is_some()) {
                window.clusterer.mark_published(handle);
            }
        }
    }

    fn add(&mut self, entry: &mut Prepared, story: StoryNumber, reason: Reason) {
        self.report.woven += 1;
        if reason == Reason::Opened {
            self.report.opened += 1;
        } else {
            self.report.joined += 1;
        }
        let number = entry.entry.number;
        if let Some(sketch) = entry.sketch().filter(|_| entry.new_sketch) {
            self.ledger.changes.sketches.push((number, sketch.to_bytes()));
        }
        self.ledger.add(number, &entry.entry.title, entry.facts(), story, reason);
    }

    /// The story of an entry with the same address, however old: an article that is sent again, or listed late, is not
    /// news.
    fn by_stored_address(&self, entry: &Prepared) -> Option<(StoryNumber, Reason)> {
        if self.context.stands_alone(&entry.entry.key.source) || self.context.settings.same_story == SameStory::Off {
            return None;
        }
        let story = self.ledger.same_article(entry)?;
        let address = entry.address_text();
        (!is_site_root(&address)).then_some((story, Reason::SameAddress { address }))
    }
}
