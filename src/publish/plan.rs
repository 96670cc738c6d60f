//! Stories → documents, in memory.
//!
//! In two halves, since filter programs are asked in between: [`draft`] chooses and makes the items,
//! [`Draft::finish`] filters and renders them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::about::about;
use super::coverage::{self, Coverage};
use super::digest;
use super::document::{document, list_of_sources};
use super::facets;
use super::filter::Filters;
use super::gate::check_document;
use super::input::Input;
use super::isolate::{RefusedItem, isolated, isolated_issues};
use super::item_set::{DraftSet, FilterFailure, ItemSet, have_same_items};
use super::remainder::{redrawn, remainder};
use super::render::{Nav, RenderError};
use super::rendered::Rendered;
use super::rule::Rule;
use super::story_pages::nav_of_feed;
use super::top_items::{TopItems, selection};
use crate::config::{Format, Order, OutputConfig};
use crate::model::{Item, Story, StoryId};
use crate::store::Publication;

/// What one pass publishes.
#[derive(Debug)]
pub struct Plan {
    /// The documents, in the order of feeds.toml.
    pub outputs: Vec<Rendered>,
    /// What the store has to keep, by story.
    pub publications: Vec<Publication>,
    /// What each choice of top stories holds now.
    pub(super) top_items: TopItems,
    /// When waiting entries or stories may be shown; `None`: none waits.
    pub(crate) again_at: Option<Timestamp>,
    /// Items that a filter failed on and that are left out, or with which it failed altogether.
    pub(crate) filter_failures: Vec<FilterFailure>,
    /// Stories that no filter was asked about, and why.
    pub(super) unasked: Vec<(StoryId, usize)>,
    /// Stories that wait to be rewritten, by program.
    pub(super) unanswered: BTreeMap<String, BTreeSet<StoryId>>,
    made: Vec<MadeItems>,
}

/// The items of one set, filtered.
#[derive(Debug)]
struct MadeItems {
    /// Place of its first output in feeds.toml.
    first: usize,
    items: Vec<Item>,
    /// Where their filter cannot be used: those that it let through before.
    let_through: Vec<Item>,
}

impl MadeItems {
    fn let_through(&self) -> &[Item] {
        if self.items.is_empty() { &self.let_through } else { &self.items }
    }
}

/// The items of every output before its filter has seen them.
#[derive(Debug)]
pub struct Draft<'a> {
    input: Input<'a>,
    stories: Vec<(&'a Story, Coverage<'a>)>,
    sets: Vec<DraftSet<'a, 'a>>,
    /// When a story that waits for other outlets may be published.
    settled_at: Option<Timestamp>,
}

/// Chooses the stories of every output and makes their items.
#[must_use]
pub fn draft<'a>(input: &Input<'a>) -> Draft<'a> {
    let AtHand { stories, refused } = at_hand(input);
    let mut sets: Vec<DraftSet<'_, '_>> = Vec::new();
    for output in input.config.outputs.iter().filter(|output| has_items(output)) {
        if !sets.iter().any(|set| have_same_items(set.output, output)) {
            sets.push(DraftSet::new(input, output, &stories, &refused));
        }
    }
    let settled_at = input.stories.iter().filter_map(|story| coverage::settles_until(story, input)).min();
    Draft { input: *input, stories, sets, settled_at }
}

/// The stories that may be shown somewhere, and those that may not.
pub(super) struct AtHand<'a> {
    pub(super) stories: Vec<(&'a Story, Coverage<'a>)>,
    /// By id, and why.
    pub(super) refused: BTreeMap<String, Rule>,
}

/// What of `input` may be shown.
pub(super) fn at_hand<'a>(input: &Input<'a>) -> AtHand<'a> {
    let filtering = coverage::filtering(input.config);
    let ready = input.stories.iter().filter(|story| coverage::settles_until(story, input).is_none());
    let stories: Vec<(&Story, Coverage<'_>)> =
        ready.filter_map(|story| Some((story, coverage::of(story, input, &filtering)?))).collect();
    let covered: BTreeSet<&StoryId> = stories.iter().map(|(story, _)| &story.id).collect();
    let uncovered = input.stories.iter().filter(|story| !covered.contains(&story.id));
    let refused = uncovered
        .filter_map(|story| Some((story.id.to_string(), coverage::why_not(story, input, &filtering)?)))
        .collect();
    AtHand { stories, refused }
}

fn has_items(output: &OutputConfig) -> bool {
    (output.format.is_feed() || output.format == Format::Html) && output.digest.is_none()
}

impl Draft<'_> {
    /// Hashes of what the filter programs will be asked: earlier answers to these are worth reading.
    #[must_use]
    pub fn questions(&self) -> Vec<[u8; 32]> {
        self.sets.iter().flat_map(|set| set.questions(&self.input)).collect()
    }

    /// The stories that programs may have rewritten.
    pub(super) fn rewritten_stories(&self) -> Vec<StoryId> {
        let stories: BTreeSet<StoryId> = self.sets.iter().flat_map(DraftSet::rewritten_stories).collect();
        stories.into_iter().collect()
    }

    /// Whether an output leaves out what waits to be rewritten.
    pub(super) fn has_waiting(&self) -> bool {
        self.sets.iter().any(|set| set.output.rewrite.as_ref().is_some_and(|rewrite| rewrite.wait))
    }

    /// Puts what programs that rewrite made of the items in their place.
    pub(super) fn rewrite(&mut self, filters: &mut Filters) {
        let Self { input, sets, .. } = self;
        sets.iter_mut().for_each(|set| set.rewrite(input, filters));
    }

    /// Filters the items and writes them in the format of every output, in memory.
    ///
    /// # Errors
    /// [`RenderError`], which only a bug in a writer could cause.
    pub fn finish(self, filters: &mut Filters) -> Result<Plan, RenderError> {
        let Self { input, stories, sets, settled_at } = self;
        let sets: Vec<ItemSet<'_>> = sets.into_iter().map(|set| set.filtered(&input, filters)).collect();
        // Pages first: feeds link to the pages of the stories that are on them.
        let (mut pages, mut others) = (Vec::new(), Vec::new());
        for (at, output) in input.config.outputs.iter().enumerate().filter(|(_, output)| output.format == Format::Html)
        {
            let items = sets.iter().find(|set| has_items(output) && have_same_items(set.output, output));
            let nav = nav_of_front(&input, output, items.map_or(&[], |set| &set.items));
            pages.push((at, render_output(&input, output, &sets, &nav)?));
        }
        let (mut places, shown): (Vec<usize>, Vec<Rendered>) = pages.into_iter().unzip();
        for (at, output) in input.config.outputs.iter().enumerate().filter(|(_, output)| output.format != Format::Html)
        {
            let nav = nav_of_feed(&input, output, &shown);
            places.push(at);
            others.push(render_output(&input, output, &sets, &nav)?);
        }
        let mut outputs: Vec<(usize, Rendered)> = places.into_iter().zip(shown.into_iter().chain(others)).collect();
        outputs.sort_by_key(|(at, _)| *at);
        let mut outputs: Vec<Rendered> = outputs.into_iter().map(|(_, rendered)| rendered).collect();
        let touched = touched_by_takedowns(&input);
        for rendered in &mut outputs {
            rendered.taken_down.clone_from(&touched);
            rendered.config_is_new = input.config_is_new;
        }
        Ok(Plan {
            outputs,
            publications: stories.iter().filter_map(|(story, seen)| seen.publication(story, input.now)).collect(),
            again_at: {
                let coverage = stories.iter().filter_map(|(_, seen)| seen.waits_until);
                coverage.chain(settled_at).chain(sets.iter().filter_map(|set| set.again_at)).min()
            },
            top_items: top_items(&input, &sets),
            filter_failures: sets.iter().flat_map(|set| set.failures.clone()).collect(),
            unasked: sets.iter().flat_map(|set| set.unasked.clone()).collect(),
            unanswered: unanswered(&sets),
            made: sets.into_iter().filter_map(|set| made_items(&input, set)).collect(),
        })
    }
}

impl Plan {
    /// The items that `output` was made of.
    pub(super) fn items_of(&self, input: &Input<'_>, output: &OutputConfig) -> &[Item] {
        let of_it = |made: &&MadeItems| have_same_items(&input.config.outputs[made.first], output);
        self.made.iter().find(of_it).map_or(&[], |made| &made.items)
    }

    /// The stories on the page `file`.
    pub(super) fn shown_in(&self, file: &str) -> BTreeSet<StoryId> {
        self.outputs.iter().filter(|rendered| rendered.file == file).flat_map(Rendered::stories).collect()
    }

    /// The document at `at`, which the gate refused, without the items that it was refused for, and those items; `None`
    /// if the fault is not theirs.
    pub(super) fn isolated(&self, input: &Input<'_>, at: usize) -> Option<(Rendered, Vec<RefusedItem>)> {
        let (output, refused) = (input.config.outputs.get(at)?, self.outputs.get(at)?);
        if output.digest.is_some() {
            return isolated_issues(input, output, refused, &check_document);
        }
        isolated(input, output, &self.made_for(input, output)?.items, refused, &self.nav(input, output))
    }

    /// What is left of the last version of the document at `at`, which cannot be published, once what may no longer be
    /// public is out of it; `None` if nothing in it is denied.
    pub(super) fn remainder(&self, input: &Input<'_>, at: usize) -> Option<Rendered> {
        let (output, failed) = (input.config.outputs.get(at)?, self.outputs.get(at)?);
        let nav = Nav::of_newest(output);
        if output.digest.is_some() {
            // Its issues stay, without the stories that are denied.
            let issues = digest::items_of(input, output, &|_| true);
            return digest::has_denied(input, output).then(|| redrawn(input, output, &nav, &issues)).flatten();
        }
        let items = self.made_for(input, output)?.let_through();
        remainder(input, output, &self.nav(input, output), items, |story| failed.is_denied(story))
    }

    fn nav(&self, input: &Input<'_>, output: &OutputConfig) -> Nav {
        match output.format {
            Format::Html => nav_of_front(input, output, self.items_of(input, output)),
            _ => nav_of_feed(input, output, &self.outputs),
        }
    }

    /// Whether the items of `output` are not known: its filter fails.
    pub(super) fn lacks_items(&self, input: &Input<'_>, output: &OutputConfig) -> bool {
        let has_failed = self.outputs.iter().any(|rendered| rendered.file == output.file && rendered.failed.is_some());
        has_failed && self.items_of(input, output).is_empty()
    }

    /// Then: those that it let through before.
    pub(super) fn let_through(&self, input: &Input<'_>, output: &OutputConfig) -> &[Item] {
        self.made_for(input, output).map_or(&[], MadeItems::let_through)
    }

    /// Whether `story` may not be public in the output `file` any more.
    pub(super) fn is_denied(&self, file: &str, story: &str) -> bool {
        self.outputs.iter().any(|rendered| rendered.file == file && rendered.is_denied(story))
    }

    fn made_for(&self, input: &Input<'_>, output: &OutputConfig) -> Option<&MadeItems> {
        let of_it = |made: &&MadeItems| have_same_items(&input.config.outputs[made.first], output);
        self.made.iter().find(of_it).filter(|_| has_items(output))
    }
}

/// The place of a page, which links to those of its tags and sources.
fn nav_of_front(input: &Input<'_>, output: &OutputConfig, items: &[Item]) -> Nav {
    Nav { facets: facets::links(input, output, items), ..Nav::of_newest(output) }
}

/// What the outputs of top stories hold; those whose filter fails hold what they held.
fn top_items(input: &Input<'_>, sets: &[ItemSet<'_>]) -> TopItems {
    let held = |set: &ItemSet<'_>| match set.broken {
        None => set.items.iter().map(|item| item.story.clone()).collect(),
        Some(_) => input.top_items(set.output).clone(),
    };
    let of_top = sets.iter().filter(|set| set.output.order == Order::Top);
    of_top.map(|set| (selection(set.output), held(set))).collect()
}

fn unanswered(sets: &[ItemSet<'_>]) -> BTreeMap<String, BTreeSet<StoryId>> {
    let mut unanswered: BTreeMap<String, BTreeSet<StoryId>> = BTreeMap::new();
    for (set, rewrite) in sets.iter().filter_map(|set| Some((set, set.output.rewrite.as_ref()?))) {
        unanswered.entry(rewrite.name()).or_default().extend(set.unanswered.iter().cloned());
    }
    unanswered
}

fn made_items(input: &Input<'_>, set: ItemSet<'_>) -> Option<MadeItems> {
    let first = input.config.outputs.iter().position(|output| have_same_items(set.output, output))?;
    Some(MadeItems { first, items: set.items, let_through: set.let_through })
}

fn render_output(
    input: &Input<'_>,
    output: &OutputConfig,
    sets: &[ItemSet<'_>],
    nav: &Nav,
) -> Result<Rendered, RenderError> {
    match sets.iter().find(|set| has_items(output) && have_same_items(set.output, output)) {
        Some(set) => document(input, output, set, usize::MAX, nav),
        None if output.digest.is_some() => digest::document(input, output),
        None if output.format == Format::About => about(input, output),
        None => list_of_sources(input, output),
    }
}

/// Ids of the stories of which an entry was taken down: an output may lose them.
pub(super) fn touched_by_takedowns(input: &Input<'_>) -> BTreeSet<String> {
    let is_gone = |story: &&Story| {
        input.taken_down.has_story(story)
            || story.members.iter().any(|member| input.taken_down.has_stored(&member.entry))
    };
    input.stories.iter().filter(is_gone).map(|story| story.id.to_string()).collect()
}
