use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;

use super::exit::Exit;
use super::plural::count;
use super::session::{Session, clock};
use super::{console, rights};
use crate::config::Config;
use crate::model::{
    CountedEntry, Coverage, EntryKey, Ground, Rank, Reason, Signal, Source, SourceId, StoredEntry, Story,
};
use crate::ops::{self, OpError};
use crate::pass;
use crate::publish::{self, EntryAllowance, TakenDown};
use crate::store::{Logged, NearMiss, Store, StoreError, StoryNumber};
use crate::text::for_terminal;
use crate::weave;

/// Most near misses shown per story.
const RELATED: usize = 5;

/// Show a story's entries, why each is in it, and what was nearly joined
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A story's id, an article's address, or words of a title
    #[arg(value_name = "STORY|URL|TITLE", required = true)]
    what: Vec<String>,

    /// Print it as JSON
    #[arg(long)]
    json: bool,

    /// The time it is (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let store = session.look_into(&config)?;
    let what = args.what.join(" ");
    let found = ops::stories(&store, what.trim())?;
    if found.is_empty() {
        return Err(OpError::NoStory { what: what.trim().to_owned() }.into());
    }
    let sources = pass::sources(&store, &config)?;
    for (place, number) in found.iter().take(ops::MOST_NAMED).enumerate() {
        let known = Known::of(&store, *number, &config, &sources, clock(args.now))?;
        if args.json {
            console::print_json(&known.json());
        } else {
            if place > 0 {
                console::print("");
            }
            known.print();
        }
    }
    let more = found.len().saturating_sub(ops::MOST_NAMED);
    if more > 0 {
        console::note(&format!(
            "\nthe newest {} of {}; more words of a title show fewer",
            ops::MOST_NAMED,
            count(found.len(), "story")
        ));
    }
    Ok(Exit::Current)
}

/// A story, and what is remembered about how it came to be.
struct Known {
    story: Story,
    log: Vec<Logged>,
    related: Vec<NearMiss>,
    /// Titles of the entries that reasons name, wherever they are now.
    titles: BTreeMap<EntryKey, String>,
    /// How much of each entry may be published and why, in the order of the story; `None`: its source is not in
    /// feeds.toml.
    rights: Vec<Option<(EntryAllowance, Vec<Signal>)>>,
    taken_down: TakenDown,
    /// How many outlets cover it, and what each entry counts for.
    coverage: Coverage,
    /// How it ranks in the outputs of top stories, by file, and what it counts for there now.
    ranks: Vec<(String, Rank, f64)>,
    /// What programs made of it, as sentences.
    rewrites: Vec<String>,
    /// What posts did with it, as sentences.
    posts: Vec<String>,
    /// What became of the small copy of its picture, as a sentence.
    picture: Option<String>,
    /// The digests that hold it, and the day of the issue.
    issues: Vec<(String, String)>,
}

impl Known {
    fn of(
        store: &Store,
        number: StoryNumber,
        config: &Config,
        sources: &BTreeMap<SourceId, Source>,
        now: Timestamp,
    ) -> Result<Self> {
        let story = store.story(number)?;
        if story.members.is_empty() {
            // No pass leaves one behind.
            return Err(StoreError::Damaged { path: None, what: format!("story {} has no entries", story.id) }.into());
        }
        let log = store.log_of(number)?;
        let related = store.near_misses(number, RELATED)?;
        let mut titles = BTreeMap::new();
        let reasons = story.members.iter().map(|member| &member.reason).chain(log.iter().map(|line| &line.reason));
        for key in reasons.filter_map(named) {
            if let Some(title) = store.title_of(key)? {
                titles.insert(key.clone(), title);
            }
        }
        let rights = story.members.iter().map(|member| {
            let source = sources.get(&member.entry.key.source)?;
            let allowed = publish::entry_allowance(config, None, source, &member.entry);
            Some((allowed, [&*source.signals, &*member.entry.signals].concat()))
        });
        let rights = rights.collect();
        let taken_down = TakenDown::load(store, config)?;
        let coverage = publish::coverage_of(&story, sources);
        let ranks = config.outputs.iter().filter_map(|output| {
            let rank = publish::rank_of(&story, output, sources)?;
            let left = rank.weight_at(now);
            Some((output.file.clone(), rank, left))
        });
        let ranks = ranks.collect();
        let rewrites = publish::rewrites_of(store, config, &story.id)?;
        let posts = publish::posts_of(config, &story.id)?;
        let picture = publish::picture_of(store, config, &story.id)?;
        let issues = publish::issues_with(config, &story.id)?;
        Ok(Self { story, log, related, titles, rights, taken_down, coverage, ranks, rewrites, posts, picture, issues })
    }

    /// Why the entry `of` is in its story, as a sentence.
    fn sentence(&self, reason: &Reason, of: &EntryKey) -> String {
        let title = named(reason).and_then(|key| self.titles.get(key));
        let entry = self.story.members.iter().map(|member| &member.entry).find(|entry| entry.key == *of);
        weave::sentence(reason, title.map(String::as_str), entry.map(|entry| &**entry))
    }

    /// Whether an entry may no longer be published.
    fn is_taken_down(&self, entry: &StoredEntry) -> bool {
        self.taken_down.has_story(&self.story) || self.taken_down.has_stored(entry)
    }

    /// How much of the entry at `place` may be published, and why, as a sentence.
    fn may_go_out(&self, place: usize) -> String {
        match &self.rights[place] {
            _ if self.is_taken_down(&self.story.members[place].entry) => {
                "nothing: it was taken down (feedloom takedown --list, and takedown in feeds.toml)".to_owned()
            }
            Some((allowed, _)) => allowed.sentence(),
            None => "nothing: its source is not in feeds.toml".to_owned(),
        }
    }

    fn print(&self) {
        let story = &self.story;
        console::print(&for_terminal(&story.members[story.lead].entry.title));
        let published = match story.first_published {
            Some(at) => format!("published {}", at.strftime("%Y-%m-%d %H:%M UTC")),
            None => "not published yet".to_owned(),
        };
        let Coverage { outlets, articles, .. } = self.coverage;
        let covered = format!("{}, {}", count(outlets, "outlet"), count(articles, "article"));
        console::print(&format!(
            "story {} · {} · {covered} · {published}",
            story.id,
            count(story.members.len(), "entry")
        ));
        for (file, rank, left) in &self.ranks {
            console::print(&format!("{file}: {rank}: {left:.2} now"));
        }
        for (file, date) in &self.issues {
            console::print(&format!("{file}: in the issue of {date}"));
        }
        for sentence in self.rewrites.iter().chain(&self.posts).chain(&self.picture) {
            console::print(&for_terminal(sentence));
        }
        for (place, member) in story.members.iter().enumerate() {
            let entry = &member.entry;
            let leads = if place == story.lead { ", leads" } else { "" };
            let time = entry.effective_time().strftime("%Y-%m-%d %H:%M");
            console::print(&format!("\n  {} ({time}{leads})", entry.key.source));
            console::print(&format!("    {}", for_terminal(&entry.title)));
            console::print(&format!("    {}", entry.url));
            console::print(&format!("    {}", for_terminal(&self.sentence(&member.reason, &entry.key))));
            if entry.told() > entry.effective_time() {
                let told = entry.told().strftime("%Y-%m-%d %H:%M");
                console::print(&format!(
                    "    its source did not have it as it is at {told}: that time counts for the lead"
                ));
            }
            console::print(&format!("    may be published: {}", for_terminal(&self.may_go_out(place))));
            for counted in self.counted(&entry.key) {
                let counts = if counted.counts { "counts" } else { "does not count" };
                let (outlet, why) = (for_terminal(&counted.outlet), for_terminal(&counted.why));
                console::print(&format!("    coverage: {outlet} {counts}: {why}"));
            }
            for line in self.moves(&entry.key) {
                let at = line.at.strftime("%Y-%m-%d %H:%M");
                let sentence = self.sentence(&line.reason, &line.entry);
                console::print(&format!("    before, since {at} in story {}: {}", line.story, for_terminal(&sentence)));
            }
        }
        if !self.related.is_empty() {
            console::print("\n  related, but not the same story:");
        }
        let titles = story.members.iter().map(|member| &*member.entry.title).collect::<Vec<_>>().join("\n");
        for near in &self.related {
            console::print(&format!("    {:.2}  {} ({})", near.score, for_terminal(&near.title), near.source));
            let shared = weave::as_written(&near.shared, &near.title, &titles, None).join(", ");
            console::print(&format!("          story {}; shares {}", near.story, for_terminal(&shared)));
        }
    }

    /// What an entry counts for: once per outlet behind it.
    fn counted(&self, key: &EntryKey) -> impl Iterator<Item = &CountedEntry> {
        let source = key.source.as_str();
        self.coverage
            .entries
            .iter()
            .filter(move |counted| counted.source == source && key.guid.starts_with(&counted.guid))
    }

    /// The joins and moves of an entry before the last one, which is its current reason.
    fn moves(&self, key: &EntryKey) -> Vec<&Logged> {
        let mut lines: Vec<&Logged> = self.log.iter().filter(|line| line.entry == *key).collect();
        lines.pop();
        lines
    }

    fn json(&self) -> serde_json::Value {
        let story = &self.story;
        let entries: Vec<serde_json::Value> = story
            .members
            .iter()
            .enumerate()
            .map(|(place, member)| {
                let entry = &member.entry;
                json!({
                    "source": entry.key.source.as_str(),
                    "guid": entry.key.guid,
                    "url": entry.url.as_str(),
                    "title": entry.title,
                    "time": entry.effective_time().to_string(),
                    "told": entry.told().to_string(),
                    "joined": member.joined.to_string(),
                    "leads": place == story.lead,
                    "reason": reason_json(&member.reason),
                    "sentence": self.sentence(&member.reason, &entry.key),
                    "coverage": self.counted(&entry.key).map(|counted| {
                        json!({"outlet": counted.outlet, "counts": counted.counts, "why": counted.why})
                    }).collect::<Vec<_>>(),
                    "taken_down": self.is_taken_down(entry),
                    "rights": self.rights[place].as_ref().map(|(allowed, said)| rights::json(allowed, said.iter())),
                })
            })
            .collect();
        let log: Vec<serde_json::Value> = self.log.iter().map(|line| self.line_json(line)).collect();
        let related: Vec<serde_json::Value> = self
            .related
            .iter()
            .map(|near| {
                json!({
                    "story": near.story.as_str(), "title": near.title, "source": near.source, "score": near.score,
                    "shared": near.shared,
                })
            })
            .collect();
        json!({
            "story": story.id.as_str(),
            "first_published": story.first_published.map(|at| at.to_string()),
            "date": story.date.map(|at| at.to_string()),
            "coverage": {"outlets": self.coverage.outlets, "articles": self.coverage.articles},
            "ranks": self.ranks.iter().map(|(file, rank, left)| {
                json!({"file": file, "outlets": rank.outlets, "weight": rank.weight, "weight_now": left})
            }).collect::<Vec<_>>(),
            "rewrites": self.rewrites,
            "posts": self.posts,
            "picture": self.picture,
            "issues": self.issues.iter().map(|(file, date)| json!({"file": file, "date": date})).collect::<Vec<_>>(),
            "entries": entries,
            "related": related,
            "log": log,
        })
    }

    fn line_json(&self, line: &Logged) -> serde_json::Value {
        json!({
            "source": line.entry.source.as_str(),
            "guid": line.entry.guid,
            "story": line.story,
            "at": line.at.to_string(),
            "by": if line.reason.is_by_hand() { "hand" } else { "rules" },
            "rules": line.rules,
            "reason": reason_json(&line.reason),
            "sentence": self.sentence(&line.reason, &line.entry),
        })
    }
}

/// The entry that a reason names.
fn named(reason: &Reason) -> Option<&EntryKey> {
    match reason {
        Reason::Similar { nearest: key, .. } | Reason::Bridged { by: key } => Some(key),
        _ => None,
    }
}

fn reason_json(reason: &Reason) -> serde_json::Value {
    match reason {
        Reason::Opened => json!({"rule": "opened"}),
        Reason::SameAddress { address } => json!({"rule": "same_address", "address": address}),
        Reason::LinksTo { address } => json!({"rule": "links_to", "address": address}),
        Reason::SameTitle { title, hours_apart } => {
            json!({"rule": "same_title", "title": title, "hours_apart": hours_apart})
        }
        Reason::Similar { score, nearest, shared, hours_apart, grounds } => json!({
            "rule": "similar", "score": score, "shared": shared, "hours_apart": hours_apart,
            "nearest": {"source": nearest.source.as_str(), "guid": nearest.guid},
            "for": grounds.supporting.iter().map(|ground| ground.code()).collect::<Vec<_>>(),
            "against": grounds.opposing.map(Ground::code),
        }),
        Reason::Bridged { by } => {
            json!({"rule": "bridged", "by": {"source": by.source.as_str(), "guid": by.guid}})
        }
        Reason::ByHand => json!({"rule": "by_hand"}),
        Reason::Recovered => json!({"rule": "recovered"}),
        Reason::EditedAway { from } => json!({"rule": "edited_away", "from": from}),
        Reason::SplitByHand { from } => json!({"rule": "split_by_hand", "from": from}),
    }
}
