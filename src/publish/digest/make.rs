//! The making of an issue, once it is due.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::file::{IssueFile, Noted};
use super::issue::{Issue, IssueStory, Issues, Lead, OfDigest, PublicIssues};
use super::schedule::{self, Due};
use crate::config::{Config, Digest, Order, OutputConfig};
use crate::model::{Item, Rank, Source, SourceId, StoryId};
use crate::publish::item_set::DraftSet;
use crate::publish::plan::{AtHand, at_hand};
use crate::publish::read::Known;
use crate::publish::write::Mode;
use crate::store::{Reader, StoreError};

/// An issue looks back this far beyond the last one: nothing that came in between is lost to a clock.
const MARGIN: SignedDuration = SignedDuration::from_hours(48);
/// Stories looked at for an issue.
const MOST_STORIES: usize = 1_000;

/// The issues of every digest of `config`, those that are due at `now` made and, with [`Mode::Write`], kept: before
/// anything is published of them.
///
/// # Errors
/// If the store or the file of the issues cannot be read or written.
pub(in crate::publish) fn make(
    store: &Reader,
    config: &Config,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
    mode: Mode,
) -> Result<Issues, StoreError> {
    if config.digests().next().is_none() {
        return Ok(Issues::default());
    }
    let file = IssueFile::beside(&config.database);
    let mut issues = file.read()?;
    for (output, digest) in config.digests() {
        let of = issues.of.entry(output.file.clone()).or_default();
        of.public = PublicIssues::read(config, output, digest, of);
        let news = news(&Making { store, config, sources, output, digest, of, now })?;
        if mode == Mode::Write {
            file.add(&output.file, &news)?;
        }
        news.into_iter().for_each(|noted| of.add(noted));
    }
    if mode == Mode::Write {
        file.shorten(&issues)?;
    }
    Ok(issues)
}

/// The issues that are kept, as they are.
///
/// # Errors
/// If their file cannot be read.
pub(in crate::publish) fn kept(config: &Config) -> Result<Issues, StoreError> {
    IssueFile::beside(&config.database).read()
}

/// The digests of `config` that hold a story, each with the day of the issue.
///
/// # Errors
/// If the file of the issues cannot be read.
pub(crate) fn issues_with(config: &Config, story: &StoryId) -> Result<Vec<(String, String)>, StoreError> {
    if config.digests().next().is_none() {
        return Ok(Vec::new());
    }
    let issues = kept(config)?;
    let found = config.digests().filter_map(|(output, _)| {
        let has = |issue: &&Issue| issue.stories.iter().any(|of_it| of_it.id == *story);
        let issue = issues.of.get(&output.file)?.issues.iter().find(has)?;
        Some((output.file.clone(), issue.date.to_string()))
    });
    Ok(found.collect())
}

/// When the next issue of any digest is due after `now`.
pub(in crate::publish) fn next_due(config: &Config, now: Timestamp) -> Option<Timestamp> {
    config.digests().filter_map(|(_, digest)| schedule::next_due(digest, now)).min()
}

/// What happened to a digest by now.
fn news(making: &Making<'_>) -> Result<Vec<Noted>, StoreError> {
    let Making { digest, of, now, .. } = *making;
    // Nothing is kept, or less than what is public: it goes on from the last issue that there is.
    let lost = of.public.as_ref().filter(|_| of.began.is_none());
    let last = of.last.into_iter().chain(of.public.as_ref().map(PublicIssues::last)).max_by_key(|(_, at)| *at);
    let Some(began) = of.began.or(lost.map(|lost| lost.last().1)) else { return Ok(vec![Noted::Begin(now)]) };
    let Some(due) = due(digest, began, last, now) else { return Ok(Vec::new()) };
    // What came since the last issue but one and is in none of them was late for the last.
    let began_with = lost.map_or(began, |lost| lost.before(digest));
    let since = last.map_or(began, |(_, at)| at).min(began_with);
    let issue = issue(making, Span { began: began_with, since }, due)?;
    let of_lost = lost.map(PublicIssues::last).map(|(date, at)| [Noted::Begin(at), Noted::Skip(date, at)]);
    Ok(of_lost.into_iter().flatten().chain([issue]).collect())
}

/// The issue that is due after the `last` and was not made; one a day, wherever the digest has moved meanwhile.
fn due(digest: &Digest, began: Timestamp, last: Option<(Date, Timestamp)>, now: Timestamp) -> Option<Due> {
    let due = schedule::last_due(digest, now).filter(|due| due.at > began)?;
    last.is_none_or(|(date, at)| due.date > date && due.at > at).then_some(due)
}

/// What issues are made from.
struct Making<'a> {
    store: &'a Reader,
    config: &'a Config,
    sources: &'a BTreeMap<SourceId, Source>,
    output: &'a OutputConfig,
    digest: &'a Digest,
    of: &'a OfDigest,
    now: Timestamp,
}

/// Since when an issue looks for stories.
#[derive(Clone, Copy)]
struct Span {
    /// Nothing that came before is in it.
    began: Timestamp,
    /// When the last one was due.
    since: Timestamp,
}

fn issue(making: &Making<'_>, Span { began, since }: Span, due: Due) -> Result<Noted, StoreError> {
    let Making { store, config, sources, output, of, now, .. } = *making;
    let span = now.duration_since(since.min(now)).saturating_add(MARGIN).max(output.span);
    let whole = OutputConfig { digest: None, order: Order::FirstSeen, items: MOST_STORIES, span, ..output.clone() };
    let config = Config { outputs: vec![whole], posts: Vec::new(), ..config.clone() };
    let known = Known::read(store, &config, sources.clone(), now)?;
    let none = Issues::default();
    let derived = known.derived();
    let input = known.input(&config, now, &none, &derived);
    let AtHand { stories, refused } = at_hand(&input);
    let (items, _) = DraftSet::new(&input, &config.outputs[0], &stories, &refused).into_items();
    let (ids, leads) = of.issued();
    let is_new = |since: Timestamp, item: &Item| {
        let is_public = of.public.as_ref().is_some_and(|public| public.holds(item));
        since >= began && !is_public && !ids.contains(&item.story) && !leads.contains(&Lead::of(item))
    };
    let mut items: Vec<Item> =
        items.into_iter().filter(|(since, item)| is_new(*since, item)).map(|(_, item)| item).collect();
    let height = |item: &Item| item.rank.as_ref().map_or(f64::NEG_INFINITY, Rank::height);
    items.sort_by(|one, other| {
        height(other)
            .total_cmp(&height(one))
            .then_with(|| other.published.cmp(&one.published))
            .then_with(|| one.story.cmp(&other.story))
    });
    items.truncate(output.items);
    let id = Issue::id_of(&output.file, due.date).filter(|_| !items.is_empty());
    let Some(id) = id else { return Ok(Noted::Skip(due.date, due.at)) };
    let stories = items.iter().map(|item| IssueStory::of(item, section(output, item, sources))).collect();
    Ok(Noted::Issue(Issue { id, date: due.date, due: due.at, made: now, stories }))
}

/// The first section of `output` that the source of a story is tagged with.
fn section<'a>(output: &'a OutputConfig, item: &Item, sources: &BTreeMap<SourceId, Source>) -> &'a str {
    let Some(digest) = &output.digest else { return "" };
    let source = sources.values().find(|source| source.id.as_str() == item.lead().source.id);
    let has = |tag: &&String| source.is_some_and(|source| source.tags.contains(tag));
    digest.sections.iter().find(has).map_or("", String::as_str)
}
