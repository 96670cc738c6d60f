//! What is to be posted, noted before a publish shows it: whatever ends the program then, it is not forgotten.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::account::{Account, Happened, Outcome, Standing, What};
use super::known::{KnownItems, keys, known_items, print, wanted};
use super::ledger::Ledger;
use crate::config::{PostConfig, PostEvent};
use crate::model::{Item, StoryId};
use crate::publish::input::Input;
use crate::store::StoreError;

/// Notes what the posts of feeds.toml have to do once `input` is published.
///
/// # Errors
/// If the ledger cannot be read or written.
pub(in crate::publish) fn note(input: &Input<'_>) -> Result<(), StoreError> {
    if input.config.posts.is_empty() {
        return Ok(());
    }
    let ledger = Ledger::beside(&input.config.database);
    let mut accounts = ledger.read()?;
    for (post, known) in input.config.posts.iter().zip(known_items(input)) {
        let account = accounts.entry(post.name.clone()).or_default();
        let news = news(post, account, &known, input);
        ledger.note(&post.name, account, news, input.now)?;
    }
    Ok(())
}

/// How many calls each post has to make once `input` is published, by name.
///
/// # Errors
/// If the ledger cannot be read.
pub(in crate::publish) fn would_post(input: &Input<'_>) -> Result<Vec<(String, usize)>, StoreError> {
    if input.config.posts.is_empty() {
        return Ok(Vec::new());
    }
    let mut accounts = Ledger::beside(&input.config.database).read()?;
    let posts = input.config.posts.iter().zip(known_items(input));
    let waiting = posts.map(|(post, known)| {
        let account = accounts.entry(post.name.clone()).or_default();
        news(post, account, &known, input).into_iter().for_each(|happened| account.add(happened));
        (post.name.clone(), account.waiting().len())
    });
    Ok(waiting.collect())
}

/// What is not in the account yet.
fn news(post: &PostConfig, account: &Account, known: &KnownItems, input: &Input<'_>) -> Vec<Happened> {
    let mut news = Vec::new();
    let mut add = |story: &StoryId, event, what| {
        news.push(Happened { at: input.now, story: story.clone(), event, what });
    };
    let (fresh, passed) = new_stories(post, account, known, input);
    if let Some(first) = passed.first() {
        add(&first.clone(), PostEvent::New, What::Pass { stories: passed });
    }
    for item in fresh {
        add(&item.story, PostEvent::New, wanted(item));
    }
    if post.events.contains(&PostEvent::Updated) {
        for (_, item) in &known.items {
            if is_updated(account, item) {
                add(&item.story, PostEvent::Updated, wanted(item));
            }
        }
    }
    if post.events.contains(&PostEvent::TakenDown) {
        for (story, standing) in gone(account, known, input) {
            let keys = Vec::new();
            let Standing { source, title, url, print, .. } = standing.clone();
            add(story, PostEvent::TakenDown, What::Want { source, title, url, print, keys });
        }
    }
    news
}

/// The stories that this publish brings, and those that count as posted.
///
/// Each publish is noted before it shows anything: what was shown earlier and is not in the account was there before the
/// post, or before its ledger was lost. An issue is made before it is noted: if the program ended in between, it is noted
/// by the next publish. On its first run, a post takes no more than its burst, the newest.
fn new_stories<'a>(
    post: &PostConfig,
    account: &Account,
    known: &'a KnownItems,
    input: &Input<'_>,
) -> (Vec<&'a Item>, Vec<StoryId>) {
    let began = account.began.unwrap_or(input.now);
    let is_new = |since: Timestamp| if post.output.digest.is_some() { since >= began } else { since == input.now };
    let unknown = known.items.iter().filter(|(_, item)| !account.has(&item.story));
    let (mut fresh, mut passed): (Vec<&Item>, Vec<StoryId>) = (Vec::new(), Vec::new());
    for (since, item) in unknown {
        let is_known_as_another = account.posted_with(&item.story, &keys(item)).is_some();
        if is_new(*since) && !is_known_as_another {
            fresh.push(item);
        } else {
            passed.push(item.story.clone());
        }
    }
    if began == input.now {
        let noted = account.all().filter(|(_, event, _)| *event == PostEvent::New).count();
        let beyond = fresh.len().saturating_sub(post.burst.saturating_sub(noted));
        passed.extend(fresh.drain(..beyond).map(|item| item.story.clone()));
    }
    (fresh, passed)
}

fn is_updated(account: &Account, item: &Item) -> bool {
    let is_done = account.standing(&item.story, PostEvent::New).filter(|new| new.outcome == Outcome::Done);
    let Some(posted) = is_done else { return false };
    let last = account.standing(&item.story, PostEvent::Updated).unwrap_or(posted);
    last.print != print(item)
}

/// What was posted, or may have been, and was taken down since.
fn gone<'a>(
    account: &'a Account,
    known: &'a KnownItems,
    input: &'a Input<'_>,
) -> impl Iterator<Item = (&'a StoryId, &'a Standing)> {
    let shown: BTreeSet<&StoryId> = known.items.iter().map(|(_, item)| &item.story).collect();
    let posted = account.all().filter(|(_, event, standing)| {
        *event == PostEvent::New && matches!(standing.outcome, Outcome::Done | Outcome::Doubt)
    });
    posted.filter_map(move |(story, _, standing)| {
        let is_gone = !shown.contains(story)
            && (known.taken_down.contains(story) || input.taken_down.names(story, &standing.url))
            && account.standing(story, PostEvent::TakenDown).is_none();
        is_gone.then_some((story, standing))
    })
}
