//! What one post has done and has still to do: the lines of the ledger, one after the other, as a state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::config::PostEvent;
use crate::model::StoryId;
use crate::publish::program::again_after;

/// A story that failed this often in a row lets those behind it go first.
const STEP_BACK: u32 = 3;
/// More failures than this are not counted.
const MOST_FAILURES: u32 = 8;
/// How long it is known how a story stands to which nothing happens: to tell a program of an edit or a takedown, say.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 400);
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Something that happened to a story in a post.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Happened {
    pub(super) at: Timestamp,
    pub(super) story: StoryId,
    pub(super) event: PostEvent,
    pub(super) what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// These stories count as posted.
    Pass { stories: Vec<StoryId> },
    /// It is to be posted: the source that leads it, its title, its address, a hash of what is posted, and hashes of its articles.
    Want { source: String, title: String, url: String, print: i64, keys: Vec<i64> },
    /// The program is called.
    Call,
    /// The program did it; the first line that it wrote.
    Done { receipt: String },
    /// The program says that it did not.
    Fail { why: String },
    /// The program did not end by itself.
    Doubt { why: String },
    /// It will not be posted.
    Drop { why: String },
}

/// How a story stands with a post.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) outcome: Outcome,
    /// When it was first to be posted.
    pub(crate) wanted: Timestamp,
    /// When anything last happened to it.
    pub(crate) at: Timestamp,
    pub(crate) title: String,
    /// Address of its leading article.
    pub(crate) url: String,
    /// What the program wrote: an address, or a number of its own.
    pub(crate) receipt: String,
    /// Why it is in doubt, failed last or was dropped.
    pub(crate) why: String,
    /// How often it failed, up to eight.
    pub(crate) failures: u32,
    /// Changes with what is posted.
    pub(super) print: i64,
    keys: Vec<i64>,
    /// The source that leads it.
    pub(super) source: String,
    /// Its place among all that was ever to be posted.
    order: usize,
}

impl Standing {
    /// How far it has stepped back.
    fn step(&self) -> u32 {
        self.failures / STEP_BACK
    }
}

/// How far a story has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It waits.
    Wanted,
    /// The program was called and did not end by itself, or we did not: it may be posted, and is not posted again.
    Doubt,
    /// It is posted.
    Done,
    /// It is not posted.
    Dropped,
}

/// Everything that is known of a post.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Account {
    /// Number of its lines in the ledger.
    pub(super) lines: usize,
    /// When it was first in feeds.toml; `None`: it is new.
    pub(super) began: Option<Timestamp>,
    /// How often it failed in a row, up to eight.
    pub(crate) failures: u32,
    /// When it failed last, and why; `None`: the last call went well.
    pub(crate) last_failure: Option<(Timestamp, String)>,
    passed: BTreeSet<StoryId>,
    /// The story that each article was posted with.
    by_key: BTreeMap<i64, StoryId>,
    stories: BTreeMap<(StoryId, PostEvent), Standing>,
    /// The calls of the hour before the last one.
    calls: Vec<Timestamp>,
    ordered: usize,
}

impl Account {
    /// The post exists from `at` on.
    pub(super) fn begin(&mut self, at: Timestamp) {
        self.lines += 1;
        self.began.get_or_insert(at);
    }

    /// Takes in what happened next.
    pub(super) fn add(&mut self, happened: Happened) {
        self.lines += 1;
        let Happened { at, story, event, what } = happened;
        match what {
            What::Pass { stories } => self.passed.extend(stories),
            What::Want { source, title, url, print, keys } => {
                self.want(at, story, event, Wanted { source, title, url, print, keys });
            }
            What::Call => {
                self.calls.retain(|call| at.duration_since(*call) < AN_HOUR);
                self.calls.push(at);
                self.change(at, story, event, Outcome::Doubt, String::new());
            }
            What::Done { receipt } => {
                (self.failures, self.last_failure) = (0, None);
                if let Some(standing) = self.change(at, story, event, Outcome::Done, String::new()) {
                    standing.receipt = receipt;
                    standing.failures = 0;
                }
            }
            What::Fail { why } => {
                self.failed(at, &why);
                if let Some(standing) = self.change(at, story, event, Outcome::Wanted, why) {
                    standing.failures = (standing.failures + 1).min(MOST_FAILURES);
                }
            }
            What::Doubt { why } => {
                self.failed(at, &why);
                self.change(at, story, event, Outcome::Doubt, why);
            }
            What::Drop { why } => drop(self.change(at, story, event, Outcome::Dropped, why)),
        }
    }

    fn want(&mut self, at: Timestamp, story: StoryId, event: PostEvent, wanted: Wanted) {
        let Wanted { source, title, url, print, keys } = wanted;
        for key in &keys {
            if self.by_key.get(key).is_none_or(|other| self.is_dropped(other)) {
                self.by_key.insert(*key, story.clone());
            }
        }
        self.ordered += 1;
        let standing = Standing {
            outcome: Outcome::Wanted,
            wanted: at,
            at,
            title,
            url,
            receipt: String::new(),
            why: String::new(),
            failures: 0,
            print,
            keys,
            source,
            order: self.ordered,
        };
        self.stories.insert((story, event), standing);
    }

    fn change(
        &mut self,
        at: Timestamp,
        story: StoryId,
        event: PostEvent,
        outcome: Outcome,
        why: String,
    ) -> Option<&mut Standing> {
        let standing = self.stories.get_mut(&(story, event))?;
        (standing.outcome, standing.at, standing.why) = (outcome, at, why);
        Some(standing)
    }

    fn failed(&mut self, at: Timestamp, why: &str) {
        self.failures = (self.failures + 1).min(MOST_FAILURES);
        self.last_failure = Some((at, why.to_owned()));
    }

    /// Whether the story counts as posted, or is to be.
    pub(super) fn has(&self, story: &StoryId) -> bool {
        self.passed.contains(story) || self.standing(story, PostEvent::New).is_some()
    }

    /// The other story with which an article of these was posted, or is to be.
    pub(super) fn posted_with(&self, story: &StoryId, keys: &[i64]) -> Option<&StoryId> {
        let mut others = keys.iter().filter_map(|key| self.by_key.get(key));
        others.find(|other| *other != story && !self.is_dropped(other))
    }

    fn is_dropped(&self, story: &StoryId) -> bool {
        self.standing(story, PostEvent::New).is_some_and(|new| new.outcome == Outcome::Dropped)
    }

    pub(crate) fn standing(&self, story: &StoryId, event: PostEvent) -> Option<&Standing> {
        self.stories.get(&(story.clone(), event))
    }

    /// Everything that was ever to be posted.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&StoryId, PostEvent, &Standing)> {
        self.stories.iter().map(|((story, event), standing)| (story, *event, standing))
    }

    /// What waits, as it came; what failed again and again lets all others go first.
    pub(super) fn waiting(&self) -> Vec<(StoryId, PostEvent)> {
        self.standing_in_line().into_iter().map(|(story, event, _)| (story.clone(), event)).collect()
    }

    /// The same in the order in which it is to be posted where no more than `most` are: if more wait, sources take turns.
    pub(super) fn in_turn(&self, most: usize) -> Vec<(StoryId, PostEvent)> {
        let waiting = self.standing_in_line();
        if waiting.len() <= most {
            return self.waiting();
        }
        let mut turns: BTreeMap<(u32, &str), usize> = BTreeMap::new();
        let mut in_turn = Vec::new();
        for (story, event, standing) in waiting {
            let turn = turns.entry((standing.step(), &standing.source)).or_default();
            *turn += 1;
            in_turn.push(((standing.step(), *turn, standing.order), (story.clone(), event)));
        }
        in_turn.sort_by_key(|(key, _)| *key);
        in_turn.into_iter().map(|(_, one)| one).collect()
    }

    fn standing_in_line(&self) -> Vec<(&StoryId, PostEvent, &Standing)> {
        let mut waiting: Vec<_> = self.all().filter(|(.., standing)| standing.outcome == Outcome::Wanted).collect();
        waiting.sort_by_key(|(.., standing)| (standing.step(), standing.order));
        waiting
    }

    /// Calls that were made in the hour before `now`.
    pub(super) fn calls_within_an_hour(&self, now: Timestamp) -> usize {
        let is_recent = |call: &&Timestamp| **call <= now && now.duration_since(**call) < AN_HOUR;
        self.calls.iter().filter(is_recent).count()
    }

    /// Calls that were made in the run of `now`.
    pub(super) fn calls_at(&self, now: Timestamp) -> usize {
        self.calls.iter().filter(|call| **call == now).count()
    }

    /// Until when nothing is called after what failed; `None`: it may be called.
    pub(super) fn waits_until(&self, now: Timestamp) -> Option<Timestamp> {
        let (last, _) = self.last_failure.as_ref().filter(|(last, _)| *last <= now)?;
        again_after(*last, self.failures.saturating_sub(1)).filter(|until| now < *until)
    }

    /// The fewest lines that say the same at `now`, but for when it began; of a story to which nothing happened for
    /// [`REMEMBERED`], that it is not to be posted again.
    pub(super) fn in_short(&self, now: Timestamp) -> Vec<Happened> {
        let mut lines = Vec::new();
        let last_of = |story: &StoryId| {
            let of_it = PostEvent::NAMES.iter().filter_map(|(_, event)| self.standing(story, *event));
            of_it.map(|standing| (standing.outcome == Outcome::Wanted, standing.at)).max()
        };
        let is_over =
            |story: &StoryId| last_of(story).is_some_and(|(waits, at)| !waits && now.duration_since(at) > REMEMBERED);
        let (over, mut all): (Vec<_>, Vec<_>) = self.all().partition(|(story, ..)| is_over(story));
        let passed: BTreeSet<&StoryId> = self.passed.iter().chain(over.into_iter().map(|(story, ..)| story)).collect();
        if let Some(first) = passed.first() {
            let what = What::Pass { stories: passed.iter().copied().cloned().collect() };
            let at = self.began.unwrap_or_default();
            lines.push(Happened { at, story: (*first).clone(), event: PostEvent::New, what });
        }
        all.sort_by_key(|(.., standing)| standing.order);
        for (story, event, standing) in all {
            let Standing { source, title, url, keys, print, wanted, .. } = standing.clone();
            let at = |at: Timestamp, what| Happened { at, story: story.clone(), event, what };
            lines.push(at(wanted, What::Want { source, title, url, print, keys }));
            let why = || standing.why.clone();
            let (last, times) = match standing.outcome {
                Outcome::Wanted => (What::Fail { why: why() }, standing.failures),
                Outcome::Doubt if standing.why.is_empty() => (What::Call, 1),
                Outcome::Doubt => (What::Doubt { why: why() }, 1),
                Outcome::Done => (What::Done { receipt: standing.receipt.clone() }, 1),
                Outcome::Dropped => (What::Drop { why: why() }, 1),
            };
            lines.extend((0..times).map(|_| at(standing.at.max(wanted), last.clone())));
        }
        // What failed last decides whether it waits.
        lines.sort_by_key(|line| line.at);
        lines
    }
}

/// What is noted of a story that is to be posted.
struct Wanted {
    source: String,
    title: String,
    url: String,
    print: i64,
    keys: Vec<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn story(letter: char) -> StoryId {
        StoryId::parse(&letter.to_string().repeat(16)).unwrap()
    }

    fn add(account: &mut Account, second: i64, letter: char, what: What) {
        account.add(Happened { at: time(second), story: story(letter), event: PostEvent::New, what });
    }

    fn want(key: i64) -> What {
        want_of("a", key)
    }

    fn want_of(source: &str, key: i64) -> What {
        let (title, url) = ("T".to_owned(), "https://a.example/".to_owned());
        What::Want { source: source.to_owned(), title, url, print: 1, keys: vec![key] }
    }

    fn fail() -> What {
        What::Fail { why: "so".to_owned() }
    }

    #[test]
    fn a_call_that_did_not_end_is_never_made_again() {
        let mut account = Account::default();
        for (second, letter) in (1..).zip("abcd".chars()) {
            add(&mut account, second, letter, want(second));
        }
        add(&mut account, 10, 'a', What::Call);
        add(&mut account, 11, 'b', What::Call);
        add(&mut account, 12, 'b', What::Done { receipt: "9".to_owned() });
        add(&mut account, 13, 'c', What::Call);
        add(&mut account, 14, 'c', fail());
        let waiting: Vec<StoryId> = account.waiting().into_iter().map(|(story, _)| story).collect();
        assert_eq!(waiting, [story('c'), story('d')]);
        assert_eq!(account.posted_with(&story('z'), &[2]), Some(&story('b')));
        assert_eq!(account.posted_with(&story('b'), &[2]), None);
        assert_eq!(account.calls_within_an_hour(time(100)), 3);
        assert_eq!(account.calls_within_an_hour(time(3_612)), 1);
    }

    #[test]
    fn an_article_that_was_dropped_with_one_story_is_posted_with_another() {
        let mut account = Account::default();
        add(&mut account, 1, 'a', want(7));
        assert_eq!(account.posted_with(&story('b'), &[7]), Some(&story('a')));
        add(&mut account, 2, 'a', What::Drop { why: "it was taken down".to_owned() });
        assert_eq!(account.posted_with(&story('b'), &[7]), None);
        add(&mut account, 3, 'b', want(7));
        assert_eq!(account.posted_with(&story('c'), &[7]), Some(&story('b')));
    }

    #[test]
    fn sources_take_turns_however_much_one_of_them_brings() {
        let mut account = Account::default();
        for (second, letter) in (1..).zip("abcdefgh".chars()) {
            add(&mut account, second, letter, want_of("flood", second));
        }
        add(&mut account, 20, 'x', want_of("one", 20));
        add(&mut account, 21, 'y', want_of("two", 21));
        add(&mut account, 22, 'z', want_of("one", 22));
        let of = |waiting: Vec<(StoryId, PostEvent)>| -> String {
            waiting.iter().map(|(story, _)| &story.as_str()[..1]).collect()
        };
        assert_eq!(of(account.in_turn(10)), "axybzcdefgh");
        assert_eq!(of(account.in_turn(11)), "abcdefghxyz", "there is room for all");
    }

    #[test]
    fn what_ended_long_ago_is_known_by_its_id() {
        let mut account = Account::default();
        for (second, letter) in (1..).zip("abc".chars()) {
            add(&mut account, second, letter, want(second));
        }
        add(&mut account, 10, 'a', What::Done { receipt: "9".to_owned() });
        add(&mut account, 11, 'b', What::Drop { why: "so".to_owned() });
        let later = time(20).checked_add(REMEMBERED).unwrap();
        let mut short = Account::default();
        account.in_short(later).into_iter().for_each(|happened| short.add(happened));
        assert!("abc".chars().all(|letter| short.has(&story(letter))));
        assert_eq!(short.waiting(), account.waiting(), "what waits stays");
        assert_eq!(short.lines, 2);
        assert_eq!(account.in_short(time(20)).len(), 5, "two lines for each that ended");
    }

    #[test]
    fn what_fails_again_and_again_waits_longer_and_steps_back() {
        let mut account = Account::default();
        add(&mut account, 1, 'a', want(1));
        add(&mut account, 2, 'b', want(2));
        let mut waits = Vec::new();
        for _ in 0..10 {
            add(&mut account, 100, 'a', fail());
            waits.push(account.waits_until(time(100)).unwrap().as_second() - 100);
        }
        assert_eq!(waits[..4], [300, 600, 1_200, 2_400]);
        assert_eq!(waits[9], 6 * 3_600);
        assert_eq!(account.waiting()[0].0, story('b'));
        // A clock that was set back does not hold it for years.
        assert_eq!(account.waits_until(time(50)), None);
        add(&mut account, 200, 'b', What::Done { receipt: String::new() });
        assert_eq!(account.waits_until(time(200)), None);
    }
}
