//! The stage: what the outputs would show and no program has answered yet is asked about, before it is published.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::asking::{Asker, Wish};
use super::material::Material;
use super::memory::Rewrites;
use super::programs::programs;
use super::report::RewriteReport;
use crate::config::{Config, OutputConfig};
use crate::model::{Source, SourceId, StoryId};
use crate::publish::digest::Issues;
use crate::publish::fingerprint::PublishFingerprint;
use crate::publish::input::Input;
use crate::publish::item_set::{DraftSet, have_same_items};
use crate::publish::plan::{AtHand, at_hand};
use crate::publish::read::Known;
use crate::store::{LeftState, RewriteAnswer, RewriteLeft, Store, StoreError};

/// Asks the programs of `config` that rewrite about what a publish at `now` would show, as far as their limits allow.
/// `go_on` is asked before each call: something may have been taken down meanwhile.
///
/// # Errors
/// If the store cannot be read or written.
pub(crate) fn rewrite(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    sources: impl FnOnce(&Store) -> Result<BTreeMap<SourceId, Source>, StoreError>,
    go_on: impl Fn(&Store) -> Result<bool, StoreError>,
) -> Result<Vec<RewriteReport>, StoreError> {
    let programs = programs(config);
    if programs.is_empty() {
        return Ok(Vec::new());
    }
    let last = store.last_publish()?.and_then(|text| PublishFingerprint::parse(&text));
    let generation = store.generation()?;
    if last.is_some_and(|last| last.is_current(config.fingerprint, generation, now)) {
        return Ok(Vec::new());
    }
    let known = Known::read(store, config, sources(store)?, now)?;
    let issues = Issues::default();
    let derived = known.derived();
    let input = known.input(config, now, &issues, &derived);
    let sets = sets(&input);
    let mut wishes = Vec::new();
    for set in &sets {
        let Some(rewrite) = &set.output.rewrite else { continue };
        for (chosen, item) in set.made() {
            let material = Material::of(item, chosen, set.output, &input);
            wishes.push(Wish { rewrite, output: set.output, chosen, item, material });
        }
    }
    let mut memory = Rewrites::default();
    let stories: BTreeSet<StoryId> = wishes.iter().map(|wish| wish.item.story.clone()).collect();
    memory.load(store, &stories.into_iter().collect::<Vec<_>>())?;
    let mut left = forbidden(&wishes);
    let mut fares: BTreeMap<String, _> =
        store.rewrite_programs()?.into_iter().map(|program| (program.program.clone(), program)).collect();
    let mut reports = Vec::new();
    for rewrite in programs {
        let of_program: Vec<&Wish<'_>> = wishes.iter().filter(|wish| wish.rewrite.name() == rewrite.name()).collect();
        let fares = fares.entry(rewrite.name()).or_default();
        fares.program = rewrite.name();
        let mut asker = Asker::new(rewrite, &input, &mut memory, fares);
        asker.ask_all(store, &of_program, &go_on)?;
        left.extend(asker.left);
        reports.push(asker.report);
    }
    let fares: Vec<_> = fares.into_values().collect();
    let gone: Vec<RewriteAnswer> = memory
        .all()
        .filter(|answer| is_void(answer, &wishes) || is_superseded(answer, &memory, &wishes))
        .cloned()
        .collect();
    store.save_rewrites_left(&left, &fares, &gone)?;
    Ok(reports)
}

/// The items of every output with a program, those of outputs with the same items once.
fn sets<'a>(input: &Input<'a>) -> Vec<DraftSet<'a, 'a>> {
    let AtHand { stories, refused } = at_hand(input);
    let mut outputs: Vec<&OutputConfig> = Vec::new();
    for output in input.config.outputs.iter().filter(|output| output.rewrite.is_some()) {
        if !outputs.iter().any(|other| have_same_items(other, output)) {
            outputs.push(output);
        }
    }
    outputs.into_iter().map(|output| DraftSet::new(input, output, &stories, &refused)).collect()
}

/// Whether a part of what `answer` was made from may not be given any longer in any output: it was taken down, forbidden, or
/// left the story.
fn is_void(answer: &RewriteAnswer, wishes: &[Wish<'_>]) -> bool {
    let mut of_story = wishes.iter().filter(|wish| wish.item.story == answer.story).peekable();
    of_story.peek().is_some()
        && !of_story.filter_map(|wish| wish.material.as_ref().ok()).any(|material| material.allows(answer))
}

/// Whether the program has answered what the story is now, and `answer` is to what it was.
fn is_superseded(answer: &RewriteAnswer, memory: &Rewrites, wishes: &[Wish<'_>]) -> bool {
    let is_of_it = |wish: &&Wish<'_>| wish.item.story == answer.story && wish.rewrite.name() == answer.program;
    let of_it = || wishes.iter().filter(is_of_it).filter_map(|wish| Some((wish, wish.material.as_ref().ok()?)));
    !of_it().any(|(_, material)| material.version == answer.version)
        && of_it().any(|(wish, material)| memory.answer(wish.rewrite, material).is_some())
}

/// What may not be rewritten.
fn forbidden(wishes: &[Wish<'_>]) -> Vec<RewriteLeft> {
    let of = |wish: &Wish<'_>| {
        let why = wish.material.as_ref().err()?.clone();
        Some(RewriteLeft {
            program: wish.rewrite.name(),
            story: wish.item.story.clone(),
            version: None,
            title: wish.item.title.clone(),
            state: LeftState::Forbidden,
            why,
            failures: 0,
            again: None,
        })
    };
    wishes.iter().filter_map(of).collect()
}
