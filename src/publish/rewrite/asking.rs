//! The calls of one program: which stories it is asked about in a run, in which order, and what its failures mean.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::answer::{Answer, NoAnswer};
use super::material::Material;
use super::memory::Rewrites;
use super::question::Question;
use super::report::RewriteReport;
use crate::config::{OutputConfig, RewriteConfig};
use crate::model::Item;
use crate::publish::chosen::Chosen;
use crate::publish::input::Input;
use crate::publish::program::{self, Limits};
use crate::store::{LeftState, RewriteAnswer, RewriteLeft, RewriteProgram, Store, StoreError};

/// After this many failures in a row a program is broken: the next run tries one story.
const BROKEN: u32 = 3;
/// After this many failures on one version of a story, the program is not asked about it any more.
const GIVEN_UP: u32 = 5;
/// More failures than this are not counted.
const MOST_FAILURES: u32 = 100;
/// How long a program may take in one run for all its stories; what is left waits for the next: nothing else is published
/// meanwhile.
const ALTOGETHER: Duration = Duration::from_secs(15 * 60);

/// An item that a program could rewrite.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    pub(super) rewrite: &'a RewriteConfig,
    pub(super) output: &'a OutputConfig,
    pub(super) chosen: &'a Chosen<'a>,
    pub(super) item: &'a Item,
    /// What the program may be given, or why nothing.
    pub(super) material: Result<Material, String>,
}

/// Who asks one program.
pub(super) struct Asker<'a> {
    rewrite: &'a RewriteConfig,
    input: &'a Input<'a>,
    memory: &'a mut Rewrites,
    fares: &'a mut RewriteProgram,
    began: Option<Instant>,
    asked: usize,
    failed_now: BTreeSet<[u8; 32]>,
    pub(super) left: Vec<RewriteLeft>,
    pub(super) report: RewriteReport,
}

impl<'a> Asker<'a> {
    pub(super) fn new(
        rewrite: &'a RewriteConfig,
        input: &'a Input<'a>,
        memory: &'a mut Rewrites,
        fares: &'a mut RewriteProgram,
    ) -> Self {
        let report = RewriteReport { program: rewrite.name(), ..RewriteReport::default() };
        Self {
            rewrite,
            input,
            memory,
            fares,
            began: None,
            asked: 0,
            failed_now: BTreeSet::new(),
            left: Vec::new(),
            report,
        }
    }

    /// Asks about what has no answer yet, until a limit is reached.
    pub(super) fn ask_all(
        &mut self,
        store: &mut Store,
        wishes: &[&Wish<'_>],
        go_on: &impl Fn(&Store) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut is_told = BTreeSet::new();
        for wish in wishes {
            if let Err(why) = &wish.material
                && is_told.insert(&wish.item.story)
            {
                self.report.forbidden.push((wish.item.title.clone(), why.clone()));
            }
        }
        for wish in self.in_turn(wishes) {
            let Ok(material) = &wish.material else { continue };
            // It may have been asked about just now, for another output.
            let was_asked = self.failed_now.contains(&material.version);
            if was_asked || self.memory.answer(self.rewrite, material).is_some() {
                continue;
            }
            let known = self.memory.left(self.rewrite, &wish.item.story, &material.version).cloned();
            match self.obstacle(known.as_ref()) {
                Some((state, why, again)) => self.leave(wish, material, &Left { state, why, again, known }),
                None if !go_on(store)? => {
                    let why = "something was taken down meanwhile".to_owned();
                    let (state, again) = (LeftState::Waiting, Some(self.input.now));
                    self.leave(wish, material, &Left { state, why, again, known });
                }
                None => self.ask(store, wish, material, known.as_ref())?,
            }
        }
        self.report.paused = self.paused().map(|until| (until, self.fares.why.clone()));
        Ok(())
    }

    /// What waits, the newest first; what failed before comes last, and if more wait than may be asked about, sources take
    /// turns.
    fn in_turn<'w>(&self, wishes: &[&'w Wish<'w>]) -> Vec<&'w Wish<'w>> {
        let is_open = |wish: &&&Wish<'_>| {
            wish.material.as_ref().is_ok_and(|material| self.memory.answer(self.rewrite, material).is_none())
        };
        let mut turns: BTreeMap<(bool, &str), usize> = BTreeMap::new();
        let mut in_turn: Vec<((bool, usize, usize), &Wish<'_>)> = Vec::new();
        for (at, wish) in wishes.iter().filter(is_open).enumerate() {
            let version = wish.material.as_ref().map(|material| material.version).unwrap_or_default();
            let known = self.memory.left(self.rewrite, &wish.item.story, &version);
            let has_failed = known.is_some_and(|known| known.failures > 0);
            let turn = turns.entry((has_failed, wish.item.lead().source.id.as_str())).or_default();
            *turn += 1;
            in_turn.push(((has_failed, *turn, at), *wish));
        }
        if in_turn.len() <= self.rewrite.budget {
            in_turn.iter_mut().for_each(|((_, turn, _), _)| *turn = 0);
        }
        in_turn.sort_by_key(|(key, _)| *key);
        in_turn.into_iter().map(|(_, wish)| wish).collect()
    }

    /// Why a story that failed `known` times is not asked about now, and when it may be.
    fn obstacle(&self, known: Option<&RewriteLeft>) -> Option<(LeftState, String, Option<Timestamp>)> {
        let now = self.input.now;
        if let Some(known) = known.filter(|known| known.failures > 0) {
            if known.failures >= GIVEN_UP {
                return Some((LeftState::GivenUp, known.why.clone(), None));
            }
            if known.again.is_some_and(|again| again > now) {
                return Some((LeftState::Failed, known.why.clone(), known.again));
            }
        }
        if let Some(until) = self.paused() {
            let why = format!("the program fails: {}", self.fares.why);
            return Some((LeftState::Waiting, why, Some(until)));
        }
        if self.asked >= self.rewrite.budget {
            let why = format!("budget = {} of a run is used up", self.rewrite.budget);
            return Some((LeftState::Waiting, why, Some(now)));
        }
        if self.began.is_some_and(|began| began.elapsed() > ALTOGETHER) {
            let why = format!("the program has taken {} min in this run", ALTOGETHER.as_secs() / 60);
            return Some((LeftState::Waiting, why, Some(now)));
        }
        None
    }

    /// Until when the program is left alone; `None`: it may be asked.
    fn paused(&self) -> Option<Timestamp> {
        let failed = self.fares.failed.filter(|failed| self.fares.failures >= BROKEN && *failed <= self.input.now)?;
        program::again_after(failed, self.fares.failures - BROKEN).filter(|until| *until > self.input.now)
    }

    fn ask(
        &mut self,
        store: &mut Store,
        wish: &Wish<'_>,
        material: &Material,
        known: Option<&RewriteLeft>,
    ) -> Result<(), StoreError> {
        self.began.get_or_insert_with(Instant::now);
        self.asked += 1;
        let question = Question::new(wish.item, wish.chosen, material, wish.output, self.input);
        match self.call(&question, wish) {
            Ok(Answer { title, html }) => {
                let answer = RewriteAnswer {
                    program: self.rewrite.name(),
                    version: material.version,
                    story: wish.item.story.clone(),
                    title,
                    html,
                    at: self.input.now,
                    made_from: question.made_from,
                };
                let answered = self.fares.answered.saturating_add(1);
                *self.fares = RewriteProgram { program: self.rewrite.name(), answered, ..RewriteProgram::default() };
                store.save_rewrite(&answer, self.fares)?;
                self.memory.add(answer);
                self.report.answered += 1;
            }
            Err(error) => {
                self.failed_now.insert(material.version);
                let failures = known.map_or(0, |known| known.failures) + 1;
                self.fares.failures = (self.fares.failures + 1).min(MOST_FAILURES);
                (self.fares.failed, self.fares.why) = (Some(self.input.now), error.to_string());
                self.report.failed.push((wish.item.title.clone(), error.to_string()));
                let state = if failures >= GIVEN_UP { LeftState::GivenUp } else { LeftState::Failed };
                if state == LeftState::GivenUp {
                    self.report.given_up.push(wish.item.title.clone());
                }
                let again = program::again_after(self.input.now, failures - 1).filter(|_| state == LeftState::Failed);
                let left = self.left_of(wish, material, state, error.to_string(), failures, again);
                store.save_failed_rewrite(&left, self.fares)?;
                self.left.push(left);
            }
        }
        Ok(())
    }

    fn call(&self, question: &Question, wish: &Wish<'_>) -> Result<Answer, NoAnswer> {
        let limits = Limits {
            time: self.rewrite.timeout,
            output_bytes: self.rewrite.max_answer,
            environment: &self.rewrite.env,
            laid_down_in: None,
        };
        let written = program::run(&self.rewrite.program, &question.text, &limits)?;
        Answer::read(&written, question, &wish.output.phrases, &wish.item.lead().url)
    }

    fn leave(&mut self, wish: &Wish<'_>, material: &Material, left: &Left) {
        let Left { state, why, again, known } = left;
        self.report.waiting += usize::from(*state == LeftState::Waiting);
        let failures = known.as_ref().map_or(0, |known| known.failures);
        self.left.push(self.left_of(wish, material, *state, why.clone(), failures, *again));
    }

    fn left_of(
        &self,
        wish: &Wish<'_>,
        material: &Material,
        state: LeftState,
        why: String,
        failures: u32,
        again: Option<Timestamp>,
    ) -> RewriteLeft {
        RewriteLeft {
            program: self.rewrite.name(),
            story: wish.item.story.clone(),
            version: Some(material.version),
            title: wish.item.title.clone(),
            state,
            why,
            failures,
            again,
        }
    }
}

/// What keeps a story from being asked about.
struct Left {
    state: LeftState,
    why: String,
    again: Option<Timestamp>,
    known: Option<RewriteLeft>,
}
