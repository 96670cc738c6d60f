//! What rewriting did, and how it stands.

use jiff::Timestamp;

use super::programs::programs;
use crate::config::{Config, RewriteConfig};
use crate::model::StoryId;
use crate::store::{LeftState, Reader, RewriteAnswer, RewriteLeft, StoreError};

/// What a program that rewrites did in one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RewriteReport {
    /// The words that call it.
    pub(crate) program: String,
    /// Stories that it answered.
    pub(crate) answered: usize,
    /// Stories whose turn did not come.
    pub(crate) waiting: usize,
    /// Stories that it failed on in this run: title and why.
    pub(crate) failed: Vec<(String, String)>,
    /// Those among them that it is not asked about again.
    pub(crate) given_up: Vec<String>,
    /// Stories that may not be rewritten: title and why.
    pub(crate) forbidden: Vec<(String, String)>,
    /// Until when it is left alone after failures, and what went wrong last.
    pub(crate) paused: Option<(Timestamp, String)>,
}

/// How a program that rewrites stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RewriteStanding {
    /// The words that call it.
    pub(crate) program: String,
    /// Stories that it answered, ever.
    pub(crate) answered: u32,
    /// How often it failed in a row, and why last; `None`: it did not.
    pub(crate) failing: Option<(u32, String)>,
    /// Stories that it has still to be asked about.
    pub(crate) waiting: usize,
    /// Stories that it failed on: title and why.
    pub(crate) failed: Vec<(String, String)>,
    /// Stories that may not be rewritten: title and why.
    pub(crate) forbidden: Vec<(String, String)>,
}

/// How the programs of `config` that rewrite stand.
///
/// # Errors
/// If the store cannot be read.
pub(crate) fn rewrite_standings(store: &Reader, config: &Config) -> Result<Vec<RewriteStanding>, StoreError> {
    let names: Vec<String> = programs(config).into_iter().map(RewriteConfig::name).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let (left, known) = (store.rewrites_left()?, store.rewrite_programs()?);
    let of = |program: &str, states: &[LeftState]| -> Vec<(String, String)> {
        let of_it = left.iter().filter(|left| left.program == program && states.contains(&left.state));
        of_it.map(|left| (left.title.clone(), left.why.clone())).collect()
    };
    let one = |program: String| {
        let fares = known.iter().find(|known| known.program == program).cloned().unwrap_or_default();
        RewriteStanding {
            answered: fares.answered,
            failing: (fares.failures > 0).then_some((fares.failures, fares.why)),
            waiting: of(&program, &[LeftState::Waiting]).len(),
            failed: of(&program, &[LeftState::Failed, LeftState::GivenUp]),
            forbidden: of(&program, &[LeftState::Forbidden]),
            program,
        }
    };
    Ok(names.into_iter().map(one).collect())
}

/// What the programs of `config` made of a story, as sentences.
///
/// # Errors
/// If the store cannot be read.
pub(crate) fn rewrites_of(store: &Reader, config: &Config, story: &StoryId) -> Result<Vec<String>, StoreError> {
    let names: Vec<String> = programs(config).into_iter().map(RewriteConfig::name).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let answers = store.rewrite_answers(std::slice::from_ref(story))?;
    let left = store.rewrites_left()?;
    let mut sentences = Vec::new();
    for program in names {
        sentences.extend(answers.iter().filter(|answer| answer.program == program).map(of_answer));
        sentences.extend(left.iter().filter(|left| left.program == program && left.story == *story).map(of_left));
    }
    Ok(sentences)
}

fn of_answer(answer: &RewriteAnswer) -> String {
    let at = answer.at.strftime("%Y-%m-%d %H:%M UTC");
    let from: Vec<String> =
        answer.made_from.iter().map(|(key, given)| format!("{} ({})", key.source, given.code())).collect();
    format!("rewritten by {} at {at} as {:?}, from {}", answer.program, answer.title, from.join(", "))
}

fn of_left(left: &RewriteLeft) -> String {
    let RewriteLeft { program, why, failures, .. } = left;
    match left.state {
        LeftState::Forbidden => format!("not rewritten by {program}: {why}"),
        LeftState::Waiting => format!("to be rewritten by {program}: {why}"),
        LeftState::Failed => format!("to be rewritten by {program}, which failed on it {}: {why}", times(*failures)),
        LeftState::GivenUp => format!("not rewritten by {program}, which failed on it {}: {why}", times(*failures)),
    }
}

fn times(number: u32) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}
