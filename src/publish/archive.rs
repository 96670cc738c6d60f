//! Pages of single days: each story stays to be read after it has left the page of the newest ones.
//!
//! A page is made anew only where its day, or a day beside it, changed. What was taken down, or may not be
//! published any more, leaves them as it leaves every other output.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::item_set::ItemSet;
use super::render::{DayFile, Nav, list_of_days};
use super::stage::PublishStageError;
use super::{Input, Mode, PublishError, Rendered, Shrink, channel, coverage, fingerprint, render_output, write};
use crate::config::{Format, OutputConfig};
use crate::model::Story;
use crate::store::{ArchivedDay, Store, StoreError, StoryDay};
use crate::text::Fingerprint;

/// Stories on the page of a day.
const MOST_OF_A_DAY: usize = 1_000;

/// What became of the pages of days.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// Pages as they are now, by file: to be remembered.
    pub days: BTreeMap<String, ArchivedDay>,
    /// Files that are gone: to be forgotten.
    pub gone: Vec<String>,
    /// What could not be written.
    pub failed: Vec<(String, PublishError)>,
}

/// Makes and removes pages of days, so that those of every output are what `store` holds.
pub(super) fn keep(store: &Store, input: &Input<'_>, dir: &Path) -> Result<Archive, PublishStageError> {
    let known = store.archived_days()?;
    let mut archive = Archive::default();
    for output in &input.config.outputs {
        let Some(folder) = output.archive_folder() else { continue };
        of_output(store, input, dir, (output, &folder), &known, &mut archive)?;
    }
    let gone: Vec<&String> = known.keys().filter(|file| !archive.days.contains_key(*file)).collect();
    for file in gone {
        remove(dir, file, &mut archive);
        archive.gone.push(file.clone());
    }
    Ok(archive)
}

/// A day of an output.
struct Day<'a> {
    number: i64,
    file: DayFile,
    content: i64,
    output: &'a OutputConfig,
    set: Option<ItemSet<'a>>,
}

fn of_output(
    store: &Store,
    input: &Input<'_>,
    dir: &Path,
    (output, folder): (&OutputConfig, &str),
    known: &BTreeMap<String, ArchivedDay>,
    archive: &mut Archive,
) -> Result<(), PublishStageError> {
    let found = store.story_days(output.archive)?;
    let outputs: Vec<(StoryDay, Date, OutputConfig)> = found
        .into_iter()
        .filter_map(|day| {
            let date = date_of(day.day)?;
            let file = format!("{folder}{date}.html");
            Some((day, date, OutputConfig { file, items: MOST_OF_A_DAY, max_age: None, ..output.clone() }))
        })
        .collect();
    let shared = shared_print(input, output);
    let mut days = Vec::new();
    for (day, date, own) in &outputs {
        let content = print(&[shared, day.print]);
        let before = known.get(&own.file).filter(|before| before.content == content);
        let set = if before.is_none() { Some(choose(store, input, own, day.day)?) } else { None };
        let items = before.map_or(0, |before| before.items);
        let items = set.as_ref().map_or(items, |set| set.items.len());
        let broken = set.as_ref().is_some_and(|set| set.broken.is_some());
        if items == 0 && !broken {
            remove(dir, &own.file, archive);
            archive.days.insert(own.file.clone(), ArchivedDay { content, print: 0, items: 0 });
            continue;
        }
        let file = DayFile { day: *date, file: own.file.clone(), items };
        days.push(Day { number: day.day, file, content, output: own, set });
    }
    let files: Vec<DayFile> = days.iter().map(|day| day.file.clone()).collect();
    let all = format!("{folder}index.html");
    for (at, day) in days.iter_mut().enumerate() {
        let nav = Nav {
            all: Some(all.clone()),
            home: Some(output.file.clone()),
            day: Some(day.file.day),
            newer: at.checked_sub(1).map(|newer| files[newer].clone()),
            older: files.get(at + 1).cloned(),
        };
        keep_day(store, input, dir, day, &nav, known, archive)?;
    }
    if !files.is_empty() {
        let bytes = list_of_days(&channel(input, output), &all, &output.file, &files)?;
        let list = Rendered::without_items(&OutputConfig { file: all.clone(), ..output.clone() }, bytes, files.len());
        let list = Rendered { format: Format::About, ..list };
        archive.days.insert(all.clone(), ArchivedDay { content: 0, print: 0, items: files.len() });
        if let Err(error) = write(dir, &list, Shrink::Allow, Mode::Write) {
            archive.failed.push((all, error));
        }
    }
    Ok(())
}

/// Writes the page of a day where it or its neighbours changed, or its file is missing.
fn keep_day(
    store: &Store,
    input: &Input<'_>,
    dir: &Path,
    day: &mut Day<'_>,
    nav: &Nav,
    known: &BTreeMap<String, ArchivedDay>,
    archive: &mut Archive,
) -> Result<(), PublishStageError> {
    let neighbour = |day: &Option<DayFile>| day.as_ref().map_or_else(String::new, |day| day.file.clone());
    let mut whole = Fingerprint::new();
    whole.add(&day.content.to_string());
    whole.add(&neighbour(&nav.newer));
    whole.add(&neighbour(&nav.older));
    let now = ArchivedDay { content: day.content, print: whole.finish(), items: day.file.items };
    let file = day.file.file.clone();
    if known.get(&file) == Some(&now) && dir.join(&file).is_file() {
        archive.days.insert(file, now);
        return Ok(());
    }
    let set = match day.set.take() {
        Some(set) => set,
        None => choose(store, input, day.output, day.number)?,
    };
    let rendered = render_output(input, day.output, &set, usize::MAX, nav)?;
    match write(dir, &rendered, Shrink::Allow, Mode::Write) {
        Ok(_) => drop(archive.days.insert(file, now)),
        Err(error) => {
            // The last version stays, and is looked at again at the next publish.
            archive.days.insert(file.clone(), ArchivedDay { print: 0, ..now });
            archive.failed.push((file, error));
        }
    }
    Ok(())
}

/// The items of a day.
fn choose<'a>(
    store: &Store,
    input: &Input<'_>,
    output: &'a OutputConfig,
    day: i64,
) -> Result<ItemSet<'a>, PublishStageError> {
    let numbers = store.stories_of_day(day, MOST_OF_A_DAY)?;
    let stories: Vec<Story> =
        numbers.into_iter().map(|number| store.story(number)).collect::<Result<_, StoreError>>()?;
    let filtering = coverage::filtering(input.config);
    let of_day = Input { stories: &stories, ..*input };
    let seen: Vec<_> = stories.iter().map(|story| coverage::of(story, &of_day, &filtering)).collect();
    let shown: Vec<_> = stories.iter().zip(&seen).filter_map(|(story, seen)| Some((story, seen.as_ref()?))).collect();
    Ok(ItemSet::new(&of_day, output, &shown))
}

/// Changes with all that is not the stories of a day and decides how they are shown.
fn shared_print(input: &Input<'_>, output: &OutputConfig) -> i64 {
    let mut print = Fingerprint::new();
    print.add(env!("CARGO_PKG_VERSION"));
    print.add(&input.config.fingerprint.to_string());
    print.add(input.tag_base);
    input.taken_down.add_to(&mut print);
    print.add(&output.file);
    for source in input.sources.values() {
        fingerprint::add_source(&mut print, source);
    }
    if input.sources.values().any(|source| source.max_age.is_some()) {
        print.add(&day_of(input.now).to_string());
    }
    print.finish()
}

fn print(parts: &[i64]) -> i64 {
    let mut print = Fingerprint::new();
    for part in parts {
        print.add(&part.to_string());
    }
    print.finish()
}

fn day_of(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

fn date_of(day: i64) -> Option<Date> {
    Timestamp::from_second(day.checked_mul(86_400)?).ok().map(day_of)
}

/// Removes a page; that it is not there is as good.
fn remove(dir: &Path, file: &str, archive: &mut Archive) {
    let path = dir.join(file);
    if let Err(source) = std::fs::remove_file(&path)
        && source.kind() != std::io::ErrorKind::NotFound
    {
        archive.failed.push((file.to_owned(), PublishError::Io { doing: "remove", path, source }));
    }
}
