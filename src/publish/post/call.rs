//! The calls: what waits is given to its program, one story after the other, each noted before and after.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::account::{Account, Happened, Standing, What};
use super::known::{KnownItems, keys, known_items};
use super::ledger::Ledger;
use super::message::{of_item, of_taken_down};
use super::report::PostReport;
use crate::config::{Config, PostConfig, PostEvent};
use crate::model::{Item, Source, SourceId, StoryId};
use crate::publish::digest::{self, Issues};
use crate::publish::input::Input;
use crate::publish::plain_line::short_line;
use crate::publish::program::{self, Limits, ProgramError};
use crate::publish::read::Known;
use crate::store::{Reader, StoreError};

/// The exit status of a program that cannot tell whether it posted (`EX_IOERR` of sysexits.h).
const NOBODY_KNOWS: i32 = 74;
/// What a program may write; only its first line is kept.
const OUTPUT_BYTES: usize = 64 * 1024;

/// Calls the programs of `config` for what waits, as far as their limits allow. `go_on` is asked before each call:
/// something may have been taken down meanwhile.
///
/// # Errors
/// If the store or the ledger cannot be read.
pub(crate) fn post(
    store: &Reader,
    config: &Config,
    now: Timestamp,
    sources: impl FnOnce() -> Result<BTreeMap<SourceId, Source>, StoreError>,
    go_on: impl Fn() -> Result<bool, StoreError>,
) -> Result<Vec<PostReport>, StoreError> {
    if config.posts.is_empty() {
        return Ok(Vec::new());
    }
    let ledger = Ledger::beside(&config.database);
    let mut accounts = ledger.read()?;
    let mut is_due = |post: &PostConfig| {
        let account = accounts.entry(post.name.clone()).or_default();
        !account.waiting().is_empty() && account.waits_until(now).is_none()
    };
    let due: Vec<bool> = config.posts.iter().map(&mut is_due).collect();
    let mut known_items_of_all = Vec::new();
    let known = if due.contains(&true) { Some(Known::read(store, config, sources()?, now)?) } else { None };
    let issues = match &known {
        Some(_) => digest::with_rights(store, digest::kept(config)?)?,
        None => Issues::default(),
    };
    let derived = known.as_ref().map(Known::derived);
    let input = known.as_ref().zip(derived.as_ref()).map(|(known, derived)| known.input(config, now, &issues, derived));
    if let Some(input) = &input {
        known_items_of_all = known_items(input);
    }
    let mut reports = Vec::new();
    for (at, post) in config.posts.iter().enumerate() {
        let account = accounts.entry(post.name.clone()).or_default();
        let mut report = PostReport { name: post.name.clone(), ..PostReport::default() };
        if let (true, Some(input), Some(known)) = (due[at], &input, known_items_of_all.get(at)) {
            let mut caller = Caller { store, ledger: &ledger, post, account: &mut *account, known, input, report };
            caller.call_for_all(&go_on)?;
            report = caller.report;
        }
        report.waiting = account.waiting().len();
        reports.push(report);
    }
    ledger.shorten(&accounts, now)?;
    Ok(reports)
}

/// Whether a program that ended like this has surely not posted anything: these are its own words, and what was ended from
/// outside may have done it before.
fn is_sure(error: &ProgramError) -> bool {
    match error {
        ProgramError::NotStarted(_) => true,
        ProgramError::Failed { code, .. } => *code != NOBODY_KNOWS,
        _ => false,
    }
}

/// Who makes the calls of one post.
struct Caller<'a> {
    store: &'a Reader,
    ledger: &'a Ledger,
    post: &'a PostConfig,
    account: &'a mut Account,
    known: &'a KnownItems,
    input: &'a Input<'a>,
    report: PostReport,
}

/// What becomes of a story whose turn it is.
enum Turn<'a> {
    /// The program is called for this; `None`: for what is gone.
    Call(Option<&'a Item>),
    /// It is never posted, and why.
    Drop(String),
    /// It is in no publish at the moment.
    Wait,
}

impl<'a> Caller<'a> {
    /// Goes on until a limit is reached, or the first call that does not end well: what comes next would not, either.
    fn call_for_all(&mut self, go_on: &impl Fn() -> Result<bool, StoreError>) -> Result<(), StoreError> {
        let (post, now) = (self.post, self.input.now);
        let in_this_run = post.burst.saturating_sub(self.account.calls_at(now));
        let mut most = in_this_run.min(post.per_hour.saturating_sub(self.account.calls_within_an_hour(now)));
        for (story, event) in self.account.in_turn(most) {
            match self.turn(&story, event)? {
                Turn::Drop(why) => self.drop(&story, event, why),
                Turn::Call(item) if most > 0 => match self.message(&story, event, item) {
                    Ok(message) => {
                        let is_well = go_on()? && self.call(&story, event, &message);
                        most = if is_well { most - 1 } else { 0 };
                    }
                    Err(why) => self.drop(&story, event, why),
                },
                Turn::Call(_) | Turn::Wait => {}
            }
        }
        Ok(())
    }

    fn turn(&self, story: &StoryId, event: PostEvent) -> Result<Turn<'a>, StoreError> {
        let Some(standing) = self.account.standing(story, event) else { return Ok(Turn::Wait) };
        if event == PostEvent::TakenDown {
            return Ok(Turn::Call(None));
        }
        let is_of_story = self.post.output.digest.is_none();
        let is_taken_down =
            || self.known.taken_down.contains(story) || self.input.taken_down.names(story, &standing.url);
        if is_of_story && is_taken_down() {
            return Ok(Turn::Drop("it was taken down".to_owned()));
        }
        let until = standing.wanted.checked_add(self.post.output.span);
        if until.is_ok_and(|until| until < self.input.now) {
            return Ok(Turn::Drop(self.too_late(story, standing)));
        }
        let Some(item) = self.item(story) else {
            // Two stories were joined, before or after they were published.
            let Some(number) = self.store.story_by_id(story)? else { return Ok(Turn::Wait) };
            let id = self.store.story(number)?.id;
            let is_joined = id != *story;
            return Ok(if is_joined { Turn::Drop(format!("it is part of {id} now")) } else { Turn::Wait });
        };
        let other = self.account.posted_with(story, &keys(item)).filter(|_| event == PostEvent::New);
        Ok(other.map_or(Turn::Call(Some(item)), |other| Turn::Drop(format!("it was posted as {other}"))))
    }

    /// What the program is given.
    ///
    /// # Errors
    /// Why it is given nothing.
    fn message(&self, story: &StoryId, event: PostEvent, item: Option<&Item>) -> Result<String, String> {
        let posted = self.account.standing(story, PostEvent::New);
        let receipt = posted.map(|posted| posted.receipt.as_str());
        match (item, self.account.standing(story, event)) {
            (Some(item), _) => of_item(item, event, self.post, receipt, self.input),
            (None, Some(standing)) => Ok(of_taken_down(story, standing, self.post, receipt, self.input)),
            (None, None) => Err("nothing is known of it".to_owned()),
        }
    }

    fn drop(&mut self, story: &StoryId, event: PostEvent, why: String) {
        self.report.dropped.push((self.title(story, event), why.clone()));
        self.note(story, event, What::Drop { why });
    }

    /// Why a story was not posted for as long as it was new.
    fn too_late(&self, story: &StoryId, standing: &Standing) -> String {
        let rule = self.known.left_out.get(story.as_str()).map(ToString::to_string);
        let why = match (&*standing.why, rule, &self.account.last_failure) {
            ("", Some(rule), _) => rule,
            ("", None, Some((_, failure))) => failure.clone(),
            ("", None, None) => "its turn did not come".to_owned(),
            (failure, ..) => failure.to_owned(),
        };
        format!("it is no longer new; before, {why}")
    }

    fn item(&self, story: &StoryId) -> Option<&'a Item> {
        self.known.items.iter().map(|(_, item)| item).find(|item| item.story == *story)
    }

    fn title(&self, story: &StoryId, event: PostEvent) -> String {
        self.account.standing(story, event).map(|standing| standing.title.clone()).unwrap_or_default()
    }

    /// Calls the program; whether it did what it should.
    fn call(&mut self, story: &StoryId, event: PostEvent, message: &str) -> bool {
        // What cannot be noted is not done.
        if !self.note(story, event, What::Call) {
            return false;
        }
        let message_file = self.ledger.message_file();
        let limits = Limits {
            time: self.post.timeout,
            output_bytes: OUTPUT_BYTES,
            environment: &self.post.env,
            laid_down_in: Some(&message_file),
        };
        let title = self.title(story, event);
        let what = match program::run(&self.post.program, message, &limits) {
            Ok(written) => {
                self.report.posted += 1;
                let written = String::from_utf8_lossy(&written);
                What::Done { receipt: written.lines().find_map(short_line).unwrap_or_default() }
            }
            Err(error) if is_sure(&error) => {
                self.report.failed = Some((title, error.to_string()));
                What::Fail { why: error.to_string() }
            }
            Err(error) => {
                self.report.in_doubt = Some((title, error.to_string()));
                What::Doubt { why: error.to_string() }
            }
        };
        let is_done = matches!(what, What::Done { .. });
        self.note(story, event, what) && is_done
    }

    /// Whether it could be noted.
    fn note(&mut self, story: &StoryId, event: PostEvent, what: What) -> bool {
        let happened = Happened { at: self.input.now, story: story.clone(), event, what };
        let noted = self.ledger.add(&self.post.name, self.account, vec![happened]);
        if let Err(error) = &noted {
            self.report.broken = Some(error.to_string());
        }
        noted.is_ok()
    }
}
