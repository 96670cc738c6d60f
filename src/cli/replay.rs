//! `weave --replay`: what different settings would have made of the stored entries.

use anyhow::{Result, bail};
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};

use super::console;
use super::exit::Exit;
use super::plural::count;
use super::same_story::SameStoryArg;
use super::session::Session;
use crate::config::{WeaveConfig, parse_duration};
use crate::pass;
use crate::store::Store;
use crate::text::for_terminal;
use crate::weave::{self, Apply, Change, Group, Replay};

/// What to replay, and how.
pub(super) struct Options<'a> {
    pub(super) since: SignedDuration,
    pub(super) set: &'a [String],
    pub(super) apply: Apply,
    pub(super) now: Timestamp,
}

pub(super) fn run(session: &Session, options: &Options<'_>) -> Result<Exit> {
    let config = session.load()?;
    let mut settings = config.weave.clone();
    for one in options.set {
        set(&mut settings, one)?;
    }
    let mut store = Store::open(&config.database)?;
    let sources = pass::sources(&store, &config)?;
    let since = options.now.saturating_sub(options.since).unwrap_or(Timestamp::MIN);
    let (replay, moved) = weave::weave_again(&mut store, &settings, &sources, since, options.now, options.apply)?;
    print(&replay, since);
    let end = match options.apply {
        Apply::No if replay.changes.is_empty() => return Ok(Exit::Current),
        Apply::No => "nothing was changed; --apply moves the entries of stories that are not published yet".to_owned(),
        Apply::Yes => format!(
            "{} moved; those of published stories stay: see feedloom split and feedloom join",
            count(moved, "entry")
        ),
    };
    console::print(&end);
    Ok(Exit::Current)
}

/// Parses `key=value` of `[weave]`.
fn set(settings: &mut WeaveConfig, text: &str) -> Result<()> {
    let Some((key, value)) = text.split_once('=') else {
        bail!("--set takes KEY=VALUE, such as same_story=eager, not {text:?}");
    };
    match key.trim() {
        "same_story" => match SameStoryArg::from_str(value.trim(), false) {
            Ok(mode) => settings.same_story = mode.into(),
            Err(_) => bail!("same_story cannot be {value:?}; write off, exact, balanced or eager"),
        },
        "lookback" => {
            let Ok(lookback) = parse_duration(value.trim()) else {
                bail!("lookback cannot be {value:?}; write a number with a unit, such as 48h");
            };
            if !(SignedDuration::from_hours(1)..=SignedDuration::from_hours(24 * 30)).contains(&lookback) {
                bail!("lookback is out of range; write 1h to 30d");
            }
            settings.lookback = lookback;
        }
        _ => bail!("--set takes same_story or lookback, not {key:?}"),
    }
    Ok(())
}

fn print(replay: &Replay, since: Timestamp) {
    let after = replay.after;
    let since = since.strftime("%Y-%m-%d %H:%M UTC");
    console::print(&format!(
        "{} since {since}: {} now, {after} then",
        count(replay.entries, "entry"),
        count(replay.before, "story")
    ));
    for change in &replay.changes {
        print_change(change);
    }
    let merged = replay.changes.iter().filter(|change| change.is_merge()).count();
    let split = replay.changes.iter().filter(|change| change.is_split()).count();
    let regrouped = replay.changes.len() - merged - split;
    let unchanged = replay.unchanged;
    console::print(&format!("\n{merged} merged, {split} split, {regrouped} regrouped, {unchanged} unchanged"));
}

fn print_change(change: &Change) {
    if change.is_merge() {
        console::print("\nwould be one story:");
        change.before.iter().for_each(print_group);
    } else if change.is_split() {
        console::print("\nwould be several stories:");
        change.after.iter().for_each(print_group);
    } else {
        console::print("\nare now:");
        change.before.iter().for_each(print_group);
        console::print("  would be:");
        change.after.iter().for_each(print_group);
    }
}

/// A story by the title of its first entry, with the titles of the others if it has several.
fn print_group(group: &Group) {
    for (place, entry) in group.entries.iter().enumerate() {
        let mark = if place == 0 { "-" } else { " " };
        let published = if place == 0 && group.is_published { ", published" } else { "" };
        console::print(&format!("  {mark} {} ({}{published})", for_terminal(entry.title()), entry.source()));
    }
}
