//! The items of an output, made once for all outputs that would choose the same.

use std::collections::BTreeMap;

use super::{FilterFailure, Input, Rule, coverage, filter, item, select};
use crate::config::{FilterProgram, Format, OutputConfig};
use crate::model::{Item, Story};

/// The items of all outputs that differ in no more than file, format and title.
pub(super) struct ItemSet<'a> {
    pub output: &'a OutputConfig,
    /// The items, first to last.
    pub items: Vec<Item>,
    /// Ids of stories that a rule leaves out, and which rule.
    pub left_out: BTreeMap<String, Rule>,
    /// Items that the filter failed on.
    pub failures: Vec<FilterFailure>,
    /// Why none of its outputs can be made: their filter fails.
    pub broken: Option<(String, String)>,
}

impl<'a> ItemSet<'a> {
    pub(super) fn new(
        input: &Input<'_>,
        output: &'a OutputConfig,
        stories: &[(&Story, &coverage::Coverage<'_>)],
    ) -> Self {
        let selection = select::select(input, output, stories);
        let made =
            selection.chosen.iter().filter_map(|chosen| Some((chosen, item::from_story(chosen, input, output)?)));
        let mut set =
            Self { output, items: Vec::new(), left_out: selection.left_out, failures: Vec::new(), broken: None };
        match output.filter.as_ref().filter(|_| output.format != Format::Opml) {
            None => set.items = made.map(|(_, item)| item).collect(),
            Some(program) => set.filter(input, program, made.collect()),
        }
        set
    }

    /// Sends the items through a program. What it drops is left out by a rule; what it fails on is left out
    /// too, but counts as lost, so that the gate notices where it is much.
    fn filter(&mut self, input: &Input<'_>, program: &FilterProgram, made: Vec<(&select::Chosen<'_>, Item)>) {
        for (chosen, item) in made {
            let (title, story) = (item.title.clone(), item.story.clone());
            match input.filters.filtered(program, item, chosen, self.output, input) {
                Ok(Some(item)) => self.items.push(item),
                Ok(None) => drop(self.left_out.insert(story.to_string(), Rule::Program(program.to_string()))),
                Err(error) => self.failures.push(FilterFailure {
                    story,
                    file: self.output.file.clone(),
                    program: program.to_string(),
                    title,
                    reason: error.to_string(),
                }),
            }
            if filter::are_too_many(self.failures.len()) {
                break;
            }
        }
        let is_broken = filter::are_too_many(self.failures.len()) || self.items.is_empty();
        if let Some(last) = self.failures.last().filter(|_| is_broken) {
            self.broken = Some((last.program.clone(), last.reason.clone()));
            self.items.clear();
        }
    }

    pub(super) fn is_that_of(&self, other: &OutputConfig) -> bool {
        let key = |output: &'_ OutputConfig| {
            (output.items, output.max_age, output.order, output.republish, output.commercial)
        };
        let own = self.output;
        key(own) == key(other)
            && (&own.tags, &own.sources) == (&other.tags, &other.sources)
            && (&own.attribution, own.attribution_place) == (&other.attribution, other.attribution_place)
            && (&own.disclosure, &own.filter) == (&other.disclosure, &other.filter)
    }
}
