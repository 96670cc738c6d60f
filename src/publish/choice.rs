//! What the outputs of a configuration would show of the stored stories, entry by entry. Nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::coverage::{self, Shown};
use super::digest::Issues;
use super::filter::Filters;
use super::input::Input;
use super::read::Known;
use super::report::PublishStageError;
use super::rule::Rule;
use super::rules;
use super::scope::qualifies;
use super::stage::think;
use super::verdict::verdicts;
use crate::config::{Config, OutputConfig};
use crate::model::{EntryKey, Source, SourceId, Story, StoryId};
use crate::store::{Reader, StoreError};

/// A story in an output, or left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) story: StoryId,
    /// Title of its leading entry.
    pub(crate) title: String,
    /// Source of its leading entry.
    pub(crate) source: SourceId,
    /// Why it is not there; `None`: it is.
    pub(crate) dropped: Option<Rule>,
    /// Its entries; of a story that is kept, those that the output may show.
    pub(crate) entries: BTreeSet<EntryKey>,
}

/// What one output does with the stories at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputChoices {
    /// File name under the output folder.
    pub(crate) file: String,
    pub(crate) choices: Vec<Choice>,
}

/// What the outputs of `config` would show. `regroup` may change the stories before.
///
/// # Errors
/// [`PublishStageError`].
pub(crate) fn choices(
    store: &Reader,
    config: &Config,
    sources: BTreeMap<SourceId, Source>,
    now: Timestamp,
    regroup: impl FnOnce(&mut Vec<Story>) -> Result<(), StoreError>,
) -> Result<Vec<OutputChoices>, PublishStageError> {
    let mut known = Known::read(store, config, sources, now)?;
    known.change_stories(regroup)?;
    let issues = Issues::default();
    let derived = known.derived();
    let input = known.input(config, now, &issues, &derived);
    let plan = think(store, &input, &mut Filters::default())?;
    let filtering = coverage::filtering(config);
    let stories: HashMap<&StoryId, &Story> = input.stories.iter().map(|story| (&story.id, story)).collect();
    let mut found = Vec::new();
    for output in verdicts(&input, &plan) {
        let Some(of) = config.outputs.iter().find(|of| of.file == output.file) else { continue };
        let choices = output.verdicts.into_iter().filter_map(|verdict| {
            let story = *stories.get(&verdict.story)?;
            let entries = match verdict.dropped {
                None => shown(story, of, &input, &filtering),
                Some(_) => story.members.iter().map(|member| member.entry.key.clone()).collect(),
            };
            let super::Verdict { story, title, source, dropped, rank: _ } = verdict;
            Some(Choice { story, title, source, dropped, entries })
        });
        found.push(OutputChoices { file: output.file, choices: choices.collect() });
    }
    Ok(found)
}

/// The entries of a story that an output credits sooner or later.
fn shown(
    story: &Story,
    output: &OutputConfig,
    input: &Input<'_>,
    filtering: &coverage::Filtering<'_>,
) -> BTreeSet<EntryKey> {
    let of_it = story.members.iter().filter_map(|member| {
        let source = input.sources.get(&member.entry.key.source).filter(|source| qualifies(output, source))?;
        let shown = Shown { entry: &member.entry, source };
        coverage::refusal(&member.entry, input, filtering).is_none().then_some((shown, member.joined))
    });
    let mut seen = of_it.collect();
    // Where nothing is left, the story has been left out already.
    let _ = rules::keep_shown(output, &input.derived.outlets, &mut seen);
    seen.into_iter().map(|(shown, _)| shown.entry.key.clone()).collect()
}
