//! What posts did, and how they stand.

use jiff::{SignedDuration, Timestamp};

use super::account::{Account, Outcome, Standing};
use super::ledger::Ledger;
use crate::config::{Config, PostEvent};
use crate::model::StoryId;
use crate::store::StoreError;

/// What is in doubt or was dropped is told for this long.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What a post did in one pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PostReport {
    /// Its name.
    pub(crate) name: String,
    /// Calls that ended well.
    pub(crate) posted: usize,
    /// What is still to be posted.
    pub(crate) waiting: usize,
    /// A call that failed: its title, and why.
    pub(crate) failed: Option<(String, String)>,
    /// A call that did not end by itself: its title, and why.
    pub(crate) in_doubt: Option<(String, String)>,
    /// Titles of what will not be posted, and why.
    pub(crate) dropped: Vec<(String, String)>,
    /// Why the ledger cannot be written.
    pub(crate) broken: Option<String>,
}

/// How a post stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostStanding {
    /// Its name.
    pub(crate) name: String,
    /// Stories that were posted, ever.
    pub(crate) posted: usize,
    /// When the last one was.
    pub(crate) last: Option<Timestamp>,
    /// What is still to be posted.
    pub(crate) waiting: usize,
    /// How often it failed in a row, and why the last time; `None`: the last call went well.
    pub(crate) failing: Option<(u32, String)>,
    /// Titles of what may or may not have been posted lately, and why.
    pub(crate) in_doubt: Vec<(String, String)>,
    /// Titles of what was not posted lately, and why.
    pub(crate) dropped: Vec<(String, String)>,
}

/// How the posts of `config` stand at `now`.
///
/// # Errors
/// If the ledger cannot be read.
pub(crate) fn standings(config: &Config, now: Timestamp) -> Result<Vec<PostStanding>, StoreError> {
    if config.posts.is_empty() {
        return Ok(Vec::new());
    }
    let accounts = Ledger::beside(&config.database).read()?;
    let none = Account::default();
    let of = |name: &String| standing(name, accounts.get(name).unwrap_or(&none), now);
    Ok(config.posts.iter().map(|post| of(&post.name)).collect())
}

fn standing(name: &str, account: &Account, now: Timestamp) -> PostStanding {
    let of = |outcome| account.all().filter(move |(.., standing)| standing.outcome == outcome);
    let lately = |outcome| {
        let recent = of(outcome).filter(|(.., standing)| now.duration_since(standing.at) < TOLD_FOR);
        let mut recent: Vec<&Standing> = recent.map(|(.., standing)| standing).collect();
        recent.sort_by_key(|standing| standing.at);
        recent.into_iter().map(|standing| (standing.title.clone(), why(standing))).collect()
    };
    PostStanding {
        name: name.to_owned(),
        posted: of(Outcome::Done).filter(|(_, event, _)| *event == PostEvent::New).count(),
        last: of(Outcome::Done).map(|(.., standing)| standing.at).max(),
        waiting: of(Outcome::Wanted).count(),
        failing: account.last_failure.as_ref().map(|(_, why)| (account.failures, why.clone())),
        in_doubt: lately(Outcome::Doubt),
        dropped: lately(Outcome::Dropped),
    }
}

/// What the posts of `config` did with a story, each a sentence.
///
/// # Errors
/// If the ledger cannot be read.
pub(crate) fn posts_of(config: &Config, story: &StoryId) -> Result<Vec<String>, StoreError> {
    if config.posts.is_empty() {
        return Ok(Vec::new());
    }
    let accounts = Ledger::beside(&config.database).read()?;
    let mut sentences = Vec::new();
    for post in &config.posts {
        let Some(account) = accounts.get(&post.name) else { continue };
        let of_it = account.all().filter(|(of, ..)| *of == story).map(|(_, event, standing)| (event, standing));
        sentences.extend(of_it.map(|(event, standing)| sentence(&post.name, event, standing)));
        if account.standing(story, PostEvent::New).is_none() && account.has(story) {
            sentences
                .push(format!("post {}: not called: the story was there before it, or known by another id", post.name));
        }
    }
    Ok(sentences)
}

fn sentence(post: &str, event: PostEvent, standing: &Standing) -> String {
    let at = standing.at.strftime("%Y-%m-%d %H:%M UTC");
    let what = match standing.outcome {
        Outcome::Wanted if standing.failures > 0 => format!("waits, failed at {at}: {}", why(standing)),
        Outcome::Wanted => format!("waits since {at}"),
        Outcome::Doubt => format!("may have been called at {at}: {}", why(standing)),
        Outcome::Done if standing.receipt.is_empty() => format!("called at {at}"),
        Outcome::Done => format!("called at {at}: {}", standing.receipt),
        Outcome::Dropped => format!("not called: {}", why(standing)),
    };
    format!("post {post}, {}: {what}", event.name())
}

/// Why a story stands as it does.
fn why(standing: &Standing) -> String {
    match (standing.outcome, &*standing.why) {
        (Outcome::Doubt, "") => "feedloom ended before the program did".to_owned(),
        (_, why) => why.to_owned(),
    }
}
