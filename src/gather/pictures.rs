//! The pictures of stories, after feeds and pages and after they are published: no page waits for one. They are fetched
//! with the same manners as pages, by a run of their own that ends in time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::{JoinSet, block_in_place};

use super::attempt::Context;
use super::clock::Clock;
use super::fetch::{Fetcher, kept_for, robots_tokens, room_for_connections};
use super::host_policy::HostPolicies;
use super::host_queues::HostQueues;
use super::hosts::Hosts;
use super::options::GatherOptions;
use super::order::in_rounds;
use super::outage::unreached;
use super::outcome::{Completed, Outcome, Unfinished};
use super::pages::{Verdict, Wait, judge};
use super::report::Pages;
use super::request::{PictureTarget, Target};
use super::run::GatherError;
use super::scheduler::{self, Limits};
use super::task::Task;
use crate::config::{Config, SourceConfig};
use crate::model::SourceId;
use crate::store::{Batch, PictureEnd, Store, StoreError, WantedPicture};
use crate::text::{content_hash, content_name, for_terminal};

/// Most pictures of a pass: those of a first page, and far more than a pass brings later.
const MOST_PICTURES: usize = 300;
/// The longest that they take of a pass.
const MOST_TIME: Duration = Duration::from_secs(60);
/// Outcomes of one transaction.
const BATCH: usize = 32;

/// Fetches the pictures that are wanted at `now`, and keeps a small copy of each.
///
/// # Errors
/// If the store cannot be read or written, or the client cannot be set up. What was committed stays.
pub(crate) async fn fetch_pictures(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    options: &GatherOptions,
) -> Result<Pages, GatherError> {
    // Whatever answers instead of the sources answers instead of their pictures.
    if !config.copies_pictures() || block_in_place(|| store.outage_since())?.is_some() {
        return Ok(Pages::default());
    }
    let tasks = block_in_place(|| wanted(store, config, now, options))?;
    if tasks.is_empty() {
        return Ok(Pages::default());
    }
    // The last request of the run before this may have been to one of these hosts.
    tokio::time::sleep(config.fetch.spacing).await;
    let clock = Clock::starting_at(now);
    let mut hosts = Hosts {
        queues: HostQueues::new(config.fetch.spacing, block_in_place(|| store.host_states())?),
        policies: HostPolicies::new(config.fetch.robots, robots_tokens(&config.fetch)),
    };
    hosts.policies.remember(block_in_place(|| store.robots())?);
    let context = Arc::new(Context {
        fetcher: Arc::new(Fetcher::new(config)?),
        reader: options.reader,
        article_reader: options.article_reader,
        clock,
        max_body_bytes: config.fetch.max_body_bytes,
        // One picture at a time: unpacked, it is large.
        parse_permits: Semaphore::new(1),
    });
    let limits = Limits {
        parallelism: config.fetch.parallelism.clamp(1, room_for_connections()),
        kept_for: kept_for(&config.fetch),
        deadline: clock.after(config.fetch.deadline.min(MOST_TIME)),
        timeout: config.fetch.timeout,
        retry_delay: options.retry_delay,
    };
    let (tasks_in, queued) = mpsc::unbounded_channel();
    let (sender, receiver) = mpsc::channel(BATCH);
    // The receiver is there until the scheduler ends.
    let _ = tasks_in.send(tasks);
    drop(tasks_in);
    // Dropping it stops the scheduler, whatever ends this.
    let mut scheduler = JoinSet::new();
    scheduler.spawn(async move { scheduler::run(queued, &mut hosts, context, limits, sender).await });
    let done = commit(store, receiver).await?;
    if let Some(Err(died)) = scheduler.join_next().await
        && let Ok(panic) = died.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
    Ok(done)
}

/// What is to be fetched at `now`: each source has its first picture before any has its second.
fn wanted(store: &Store, config: &Config, now: Timestamp, options: &GatherOptions) -> Result<Vec<Task>, StoreError> {
    let is_asked =
        |source: &&SourceConfig| !source.disabled && (options.only.is_empty() || options.only.contains(&source.id));
    let sources: HashMap<&SourceId, Arc<SourceConfig>> =
        config.sources.iter().filter(is_asked).map(|source| (&source.id, Arc::new(source.clone()))).collect();
    let wanted = store.wanted_pictures(&sources.keys().copied().collect::<Vec<_>>(), now, MOST_PICTURES)?;
    let in_turn = in_rounds(wanted, |wanted| wanted.source.clone());
    let task = |wanted: WantedPicture| {
        let source = Arc::clone(sources.get(&wanted.source)?);
        let url = wanted.address.clone();
        let target = PictureTarget { wanted: Arc::new(wanted), source };
        Some(Task::new(Target::Picture(target), url, config.fetch.timeout))
    };
    Ok(in_turn.into_iter().filter_map(task).collect())
}

/// Commits what comes, in groups, until nothing more does.
async fn commit(store: &mut Store, mut receiver: Receiver<Completed>) -> Result<Pages, StoreError> {
    let (mut done, mut pending, mut without_answer) = (Pages::default(), Vec::new(), Vec::new());
    let mut has_answers = false;
    while let Some(completed) = receiver.recv().await {
        match completed.outcome.error().and_then(unreached) {
            Some(_) if matches!(completed.outcome, Outcome::Picture(..)) => without_answer.push(completed),
            is_unreached => {
                has_answers |= is_unreached.is_none();
                pending.push(completed);
            }
        }
        if pending.len() >= BATCH {
            done.add(&block_in_place(|| flush(store, std::mem::take(&mut pending)))?);
        }
    }
    if has_answers {
        pending.append(&mut without_answer);
    }
    // Where nobody was reached, that is this machine's trouble: they had no turn.
    done.waiting += without_answer.len() as u64;
    done.add(&block_in_place(|| flush(store, pending))?);
    Ok(done)
}

fn flush(store: &mut Store, completed: Vec<Completed>) -> Result<Pages, StoreError> {
    let mut done = Pages::default();
    let mut batch = store.batch()?;
    for Completed { outcome, attempt, at, changed, .. } in completed {
        if let Some((key, state)) = &changed.state {
            batch.save_host_state(key, state)?;
        }
        if let Some((key, state)) = &changed.robots {
            batch.save_robots(key, state)?;
        }
        done.requests += u64::from(attempt.requests);
        if let Outcome::Picture(picture, answer) = outcome {
            done.bytes += attempt.bytes;
            done.add(&commit_picture(&mut batch, &picture, answer, at)?);
        }
    }
    batch.commit()?;
    Ok(done)
}

/// Keeps a copy, or why there is none: the story is then shown without.
fn commit_picture(
    batch: &mut Batch<'_>,
    picture: &PictureTarget,
    answer: Result<Vec<u8>, Unfinished>,
    at: Timestamp,
) -> Result<Pages, StoreError> {
    let PictureTarget { wanted, source } = picture;
    let (source, url) = (source.id.as_str(), wanted.address.as_str());
    let why = match answer {
        Ok(bytes) => {
            tracing::debug!(source, url, bytes = bytes.len(), "picture copied");
            let hash = content_name(&content_hash(&bytes));
            batch.end_picture(wanted.number, &PictureEnd::Kept { bytes: &bytes, hash: &hash }, at)?;
            return Ok(Pages { kept: 1, ..Pages::default() });
        }
        Err(why) => why,
    };
    match judge(Wait { since: wanted.since, tries: wanted.tries }, &why, at) {
        Verdict::StillWanted => Ok(Pages { waiting: 1, ..Pages::default() }),
        Verdict::Again { at: next, tries, reason } => {
            let error = for_terminal(&reason).to_string();
            tracing::debug!(source, url, error, "picture failed for now");
            batch.end_picture(wanted.number, &PictureEnd::Again { at: next, tries, reason: &reason }, at)?;
            Ok(Pages { waiting: 1, ..Pages::default() })
        }
        Verdict::Failed { reason } => {
            let error = for_terminal(&reason).to_string();
            tracing::debug!(source, url, error, "no copy of a picture");
            batch.end_picture(wanted.number, &PictureEnd::Failed { reason: &reason }, at)?;
            Ok(Pages { failed: 1, ..Pages::default() })
        }
    }
}
