//! The items of an output, made once for all outputs that would choose the same.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::chosen::Chosen;
use super::coverage::Coverage;
use super::filter::{self, Filters, Passed, Question};
use super::input::Input;
use super::item;
use super::rewrite::{Material, Standing, rewritten_item};
use super::rule::Rule;
use super::select;
use super::top_items::selection;
use crate::config::{Order, OutputConfig, Program};
use crate::model::{Item, Story, StoryId};
use crate::text::Fingerprint;

/// An item that a filter program failed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterFailure {
    /// The story.
    pub(crate) story: StoryId,
    /// The first output with that filter.
    pub(crate) file: String,
    /// The program and its arguments.
    pub(crate) program: String,
    /// Title of the item.
    pub(crate) title: String,
    /// What went wrong.
    pub(crate) reason: String,
}

/// The items of all outputs that differ only in file, format and title.
#[derive(Debug)]
pub(super) struct ItemSet<'a> {
    pub(super) output: &'a OutputConfig,
    /// The items, first to last.
    pub(super) items: Vec<Item>,
    /// Ids of stories that a rule leaves out, and which rule.
    pub(super) left_out: BTreeMap<String, Rule>,
    /// Items that the filter failed on.
    pub(super) failures: Vec<FilterFailure>,
    /// Stories that it was not asked about, and on how many of their source it had failed before.
    pub(super) unasked: Vec<(StoryId, usize)>,
    /// What waits to be rewritten.
    pub(super) unanswered: BTreeSet<StoryId>,
    /// When to look again at it.
    pub(super) again_at: Option<Timestamp>,
    /// Why none of its outputs can be made: their filter fails.
    pub(super) broken: Option<(String, String)>,
    /// Then: the items that it let through before.
    pub(super) let_through: Vec<Item>,
}

/// Items as they were chosen, before any filter has seen them.
#[derive(Debug)]
pub(super) struct DraftSet<'o, 's> {
    pub(super) output: &'o OutputConfig,
    made: Vec<(Chosen<'s>, Item)>,
    left_out: BTreeMap<String, Rule>,
    /// What waits to be rewritten.
    unanswered: BTreeSet<StoryId>,
    /// When to look again at it.
    again_at: Option<Timestamp>,
}

impl<'o, 's> DraftSet<'o, 's> {
    /// Those of `stories`; `refused`: stories that no output may show, and why.
    pub(super) fn new(
        input: &Input<'_>,
        output: &'o OutputConfig,
        stories: &[(&'s Story, Coverage<'s>)],
        refused: &BTreeMap<String, Rule>,
    ) -> Self {
        Self::with_made(input, output, stories, refused, &[])
    }

    /// The same where `made` has items of this very pass that an output made which shows its stories in the same way.
    pub(super) fn with_made(
        input: &Input<'_>,
        output: &'o OutputConfig,
        stories: &[(&'s Story, Coverage<'s>)],
        refused: &BTreeMap<String, Rule>,
        made: &[Item],
    ) -> Self {
        let known: BTreeMap<&StoryId, &Item> = made.iter().map(|item| (&item.story, item)).collect();
        let selection = select::select(input, output, stories);
        let made = selection.chosen.into_iter().filter_map(|chosen| {
            let item = match known.get(chosen.story) {
                Some(known) => {
                    let mut item = (*known).clone();
                    item.place = chosen.place;
                    debug_assert_eq!(Some(&item), item::from_story(&chosen, input, output).as_ref());
                    item
                }
                None => item::from_story(&chosen, input, output)?,
            };
            Some((chosen, item))
        });
        let made = made.collect();
        let mut left_out = selection.left_out;
        left_out.extend(refused.clone());
        Self { output, made, left_out, unanswered: BTreeSet::new(), again_at: None }
    }

    /// The items, first to last, and since when the output has each; ids of stories that a rule leaves out, and which rule.
    pub(super) fn into_items(self) -> (Vec<(Timestamp, Item)>, BTreeMap<String, Rule>) {
        let items = self.made.into_iter().map(|(chosen, item)| (chosen.entered, item));
        (items.collect(), self.left_out)
    }

    /// The items as they were chosen.
    pub(super) fn made(&self) -> &[(Chosen<'s>, Item)] {
        &self.made
    }

    /// The stories that its program may have rewritten.
    pub(super) fn rewritten_stories(&self) -> impl Iterator<Item = StoryId> {
        self.made.iter().filter(|_| self.output.rewrite.is_some()).map(|(_, item)| item.story.clone())
    }

    /// Puts what the program of the output made of the items in their place; what it has not answered is as it was, or
    /// waits.
    pub(super) fn rewrite(&mut self, input: &Input<'_>, filters: &mut Filters) {
        let Some(rewrite) = &self.output.rewrite else { return };
        let output = self.output;
        for (mut chosen, mut item) in std::mem::take(&mut self.made) {
            let material = Material::of(&item, &chosen, output, input);
            let rewrites = filters.rewrites();
            let standing =
                material.as_ref().map(|material| rewrites.standing(rewrite, &item.story, material, input.now));
            if let Ok(Standing::Answered { again, .. } | Standing::Open { again, .. }) = &standing {
                self.unanswered.extend(again.map(|_| item.story.clone()));
                self.again_at = self.again_at.into_iter().chain(*again).min();
            }
            match standing {
                Ok(Standing::Answered { answer, .. }) => {
                    item = rewritten_item(item, answer, chosen.lead.source, output);
                }
                Ok(Standing::Open { why, .. }) if rewrite.wait => {
                    self.left_out.insert(item.story.to_string(), Rule::Unwritten(why));
                    continue;
                }
                // What is not answered, or may not be rewritten, is shown as it is.
                Ok(Standing::Open { .. }) | Err(_) => {}
            }
            if rewrite.wait {
                let passed = Passed { file: &output.file, story: &item.story, since: chosen.entered };
                chosen.entered = filters.entered(&passed, input.now);
            }
            self.made.push((chosen, item));
        }
        if rewrite.wait && output.order == Order::FirstSeen {
            // By their entry into this output; those of one pass keep their order.
            self.made.sort_by_key(|(chosen, _)| Reverse(chosen.entered));
        }
    }

    /// Hashes of what its filter will be asked.
    pub(super) fn questions(&self, input: &Input<'_>) -> Vec<[u8; 32]> {
        let of = |program: &Program| -> Vec<[u8; 32]> {
            self.made
                .iter()
                .map(|(chosen, item)| Question::new(program, item, chosen, self.output, input).key)
                .collect()
        };
        self.output.filter.as_ref().map(of).unwrap_or_default()
    }

    /// The items as the filter leaves them; all of them if there is none.
    pub(super) fn filtered(self, input: &Input<'_>, filters: &mut Filters) -> ItemSet<'o> {
        let Self { output, made, left_out, unanswered, again_at } = self;
        let mut set = ItemSet {
            output,
            items: Vec::new(),
            left_out,
            failures: Vec::new(),
            unasked: Vec::new(),
            unanswered,
            again_at,
            broken: None,
            let_through: Vec::new(),
        };
        match &output.filter {
            None => set.items = made.into_iter().map(|(_, item)| item).collect(),
            Some(program) => set.filter(input, program, made, filters),
        }
        set
    }
}

impl ItemSet<'_> {
    /// Whether this many failures of its filter are enough.
    fn are_too_many(&self, failures: usize) -> bool {
        failures >= self.output.filter_limits.failures
    }

    /// Sends the items through a program. What it drops is left out by a rule, and so is what it fails on, unless it fails
    /// for most sources: then that counts as lost, so that the gate notices if it is much.
    ///
    /// Sources take turns, and one on whose items it fails again and again is not asked for any more: it cannot use up
    /// the time of the others, in no output, nor make the program look broken that answers for them. Its items take turns,
    /// too: those that the program can take come through in one of the next passes.
    fn filter(&mut self, input: &Input<'_>, program: &Program, made: Vec<(Chosen<'_>, Item)>, filters: &mut Filters) {
        let mut kept = Vec::new();
        let (mut failed, mut answered) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
        for (at, (chosen, item)) in by_turns(made, input.now) {
            let question = Question::new(program, &item, &chosen, self.output, input);
            let source = item.lead().source.id.clone();
            let failed = failed.entry(source.clone()).or_default();
            let answer = match filters.recall(&question) {
                Some(known) => known,
                None => {
                    let limits = &self.output.filter_limits;
                    let failures = filters.failures_enough(&source, limits);
                    if let Some(failures) = failures.or(self.are_too_many(*failed).then_some(*failed)) {
                        self.unasked.push((item.story, failures));
                        continue;
                    }
                    filters.ask(program, &question, &source, limits)
                }
            };
            if answer.is_ok() {
                answered.insert(source);
            }
            match answer {
                Ok(Some(changed)) => {
                    let passed = Passed { file: &self.output.file, story: &item.story, since: chosen.entered };
                    let entered = filters.entered(&passed, input.now);
                    kept.push((at, entered, filter::changed_item(item, changed, &chosen, self.output, input)));
                }
                Ok(None) => drop(self.left_out.insert(item.story.to_string(), Rule::Program(program.to_string()))),
                Err(error) => {
                    *failed += 1;
                    self.failures.push(FilterFailure {
                        story: item.story,
                        file: self.output.file.clone(),
                        program: program.to_string(),
                        title: item.title,
                        reason: error.to_string(),
                    });
                }
            }
        }
        self.settle(kept, failed, &answered);
    }

    /// Takes what was kept, and says what becomes of the rest; `failed`: how often by source; `answered`: sources with an answer.
    fn settle(
        &mut self,
        mut kept: Vec<(usize, Timestamp, Item)>,
        mut failed: BTreeMap<String, usize>,
        answered: &BTreeSet<String>,
    ) {
        kept.sort_by_key(|(at, entered, _)| match self.output.order {
            // By their entry into this output; those of one pass keep their order.
            Order::FirstSeen => (Some(Reverse(*entered)), *at),
            _ => (None, *at),
        });
        self.items = kept.into_iter().map(|(.., item)| item).collect();
        failed.retain(|_, failed| *failed > 0);
        // Whoever it fails for does not make it look broken to those that it answers for.
        let served = answered.iter().filter(|source| !failed.contains_key(*source)).count();
        let is_broken = (served == 0 && self.are_too_many(self.failures.len())) || self.items.is_empty();
        if let Some(last) = self.failures.last().filter(|_| is_broken) {
            self.broken = Some((last.program.clone(), last.reason.clone()));
            self.let_through = std::mem::take(&mut self.items);
        } else if served >= failed.len() {
            let failures =
                self.failures.iter().map(|failure| (&failure.story, Rule::ProgramFailed(failure.reason.clone())));
            let unasked = self.unasked.iter().map(|(story, failed)| (story, Rule::Unasked(*failed)));
            self.left_out.extend(failures.chain(unasked).map(|(story, rule)| (story.to_string(), rule)));
        }
    }
}

/// The items of every source in turn, each with its place. Which one of a source comes first differs from hour to hour.
fn by_turns(made: Vec<(Chosen<'_>, Item)>, now: Timestamp) -> Vec<(usize, (Chosen<'_>, Item))> {
    let hour = (now.as_second() / 3600).to_string();
    let lot = |item: &Item| {
        let mut print = Fingerprint::new();
        print.add(&hour);
        print.add(item.story.as_str());
        print.finish()
    };
    let mut drawn: Vec<(i64, usize, (Chosen<'_>, Item))> =
        made.into_iter().enumerate().map(|(at, made)| (lot(&made.1), at, made)).collect();
    drawn.sort_by_key(|(lot, at, _)| (*lot, *at));
    let mut turns: BTreeMap<String, usize> = BTreeMap::new();
    let mut placed: Vec<(usize, usize, (Chosen<'_>, Item))> = Vec::with_capacity(drawn.len());
    for (_, at, made) in drawn {
        let turn = turns.entry(made.1.lead().source.id.clone()).or_default();
        placed.push((*turn, at, made));
        *turn += 1;
    }
    placed.sort_by_key(|(turn, at, _)| (*turn, *at));
    placed.into_iter().map(|(_, at, made)| (at, made)).collect()
}

/// Whether two outputs have the same items.
pub(super) fn have_same_items(one: &OutputConfig, other: &OutputConfig) -> bool {
    selection(one) == selection(other)
        && one.phrases == other.phrases
        && (&one.attribution, one.attribution_place) == (&other.attribution, other.attribution_place)
        && (&one.disclosure, &one.filter, one.filter_limits, &one.rewrite)
            == (&other.disclosure, &other.filter, other.filter_limits, &other.rewrite)
}
