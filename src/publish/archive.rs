//! Pages of single days: each story can still be read after it has left the page of the newest ones.
//!
//! A page is made anew only if its day, or an adjacent day, changed, or its file is not as it was left. What was taken down, or may not be
//! published any more, leaves them as it leaves every other output. What is on them was frozen before: they are read,
//! made and written one day at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::channel::channel;
use super::coverage;
use super::document::document;
use super::file_stamp::file_stamp;
use super::filter::Filters;
use super::input::Input;
use super::isolate::{RefusedItem, isolated};
use super::item_set::{DraftSet, ItemSet};
use super::page_folder::PageFolder;
use super::plan::{Plan, touched_by_takedowns};
use super::remainder::remainder;
use super::render::{DayFile, Nav, list_of_days};
use super::rendered::Rendered;
use super::report::PublishStageError;
use super::rule::Rule;
use super::shared_print::shared_print;
use super::story_pages::nav_of_page;
use super::write::{Mode, PublishError, Shrink, reduce, write};
use crate::config::{Images, Order, OutputConfig};
use crate::model::{Story, StoryId};
use crate::store::{ArchivedDay, DaySpan, Reader, StoreError, StoryDay};
use crate::text::Fingerprint;

/// A page of a day shows everything it has, however old.
const FOR_EVER: SignedDuration = SignedDuration::MAX;
/// Stories on the page of a day.
const MOST_OF_A_DAY: usize = 1_000;

/// What became of the pages of days.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// Pages as they are now, by file: to be remembered.
    pub(super) days: BTreeMap<String, ArchivedDay>,
    /// Files that are gone: to be forgotten.
    pub(super) gone: Vec<String>,
    /// Items that the gate refuses.
    pub(super) refused: Vec<RefusedItem>,
    /// What could not be written.
    pub(super) failed: Vec<(String, PublishError)>,
}

/// Makes and removes pages of days, so that those of every output match what `store` holds.
pub(super) fn update(
    store: &Reader,
    input: &Input<'_>,
    plan: &Plan,
    filters: &mut Filters,
) -> Result<Archive, PublishStageError> {
    let _moment = store.at_one_moment()?;
    let known = store.archived_days()?;
    let mut archivist = Archivist { store, input, plan, filters, known: &known, archive: Archive::default() };
    for output in &input.config.outputs {
        if let Some(folder) = output.archive_folder() {
            archivist.of_output(output, &folder)?;
        }
    }
    for file in known.keys().filter(|file| !archivist.archive.days.contains_key(*file)).collect::<Vec<_>>() {
        archivist.remove(file);
        archivist.archive.gone.push(file.clone());
    }
    if !input.outputs_are_as_left {
        archivist.remove_strays();
    }
    Ok(archivist.archive)
}

/// Who looks after the pages.
struct Archivist<'a> {
    store: &'a Reader,
    input: &'a Input<'a>,
    plan: &'a Plan,
    filters: &'a mut Filters,
    known: &'a BTreeMap<String, ArchivedDay>,
    archive: Archive,
}

/// A day of an output, as an output of its own.
struct DayOutput<'a> {
    stories: StoryDay,
    date: Date,
    output: OutputConfig,
    /// The output that it is a day of.
    of_all: &'a OutputConfig,
}

/// The page of a day.
struct Day<'a> {
    of: &'a DayOutput<'a>,
    file: DayFile,
    /// Changes with everything on it.
    content: i64,
    /// What is on it, if it was already read.
    set: Option<ItemSet<'a>>,
}

impl Archivist<'_> {
    fn of_output(&mut self, output: &OutputConfig, folder: &str) -> Result<(), PublishStageError> {
        let outputs = self.day_outputs(output, folder)?;
        let shared = shared_print(self.input, output);
        let mut days = Vec::new();
        for of in &outputs {
            days.extend(self.day(of, shared)?);
        }
        let files: Vec<DayFile> = days.iter().map(|day| day.file.clone()).collect();
        if files.is_empty() {
            return Ok(());
        }
        let all = format!("{folder}index.html");
        for (at, day) in days.into_iter().enumerate() {
            let nav = Nav {
                all: Some(all.clone()),
                home: Some(output.file.clone()),
                day: Some(day.file.day),
                newer: at.checked_sub(1).map(|newer| files[newer].clone()),
                older: files.get(at + 1).cloned(),
                ..Nav::default()
            };
            self.keep(day, &nav)?;
        }
        self.keep_list(output, all, &files)
    }

    fn day_outputs<'o>(&self, output: &'o OutputConfig, folder: &str) -> Result<Vec<DayOutput<'o>>, StoreError> {
        let zone = &self.input.config.zone;
        let Some(newest) = self.store.newest_story_date()? else { return Ok(Vec::new()) };
        let spans: Vec<DaySpan> = days_until(newest, zone).take(output.archive).collect();
        let of_day = |stories: StoryDay| {
            let date = zone.to_datetime(stories.span.from).date();
            let file = format!("{folder}{date}.html");
            let of_day = OutputConfig {
                file,
                items: MOST_OF_A_DAY,
                span: FOR_EVER,
                max_age: None,
                order: if output.order == Order::Top { Order::FirstSeen } else { output.order },
                ..output.clone()
            };
            DayOutput { stories, date, output: of_day, of_all: output }
        };
        Ok(self.store.story_days(&spans)?.into_iter().map(of_day).collect())
    }

    /// The page of a day; `None`: nothing is on it, and there is no file.
    fn day<'a>(&mut self, of: &'a DayOutput<'a>, shared: i64) -> Result<Option<Day<'a>>, PublishStageError> {
        let file = &of.output.file;
        let shared = match of.output.images {
            Images::Copy => {
                let (pictures, numbers) = self.store.pictures_of_day(of.stories.span)?;
                print(&[shared, pictures, numbers].map(|part| part.to_string()).each_ref().map(String::as_str))
            }
            Images::None | Images::Link => shared,
        };
        let content = match &of.output.rewrite {
            None => print(&[&shared.to_string(), &of.stories.print.to_string()]),
            Some(_) => {
                let (answers, newest) = self.store.rewrites_of_day(of.stories.span)?;
                let parts = [shared, of.stories.print, answers, newest].map(|part| part.to_string());
                print(&parts.each_ref().map(String::as_str))
            }
        };
        let before = self.known.get(file).filter(|before| before.content == content);
        let set = if before.is_none() { Some(self.items(of)?) } else { None };
        let items = set.as_ref().map(|set| set.items.len()).or(before.map(|before| before.items)).unwrap_or(0);
        if items == 0 && set.as_ref().is_none_or(|set| set.broken.is_none()) {
            self.remove(file);
            self.archive.days.insert(file.clone(), ArchivedDay { content, print: 0, items: 0, stamp: None });
            return Ok(None);
        }
        Ok(Some(Day { of, file: DayFile { day: of.date, file: file.clone(), items }, content, set }))
    }

    /// The items of a day.
    fn items<'a>(&mut self, of: &'a DayOutput<'a>) -> Result<ItemSet<'a>, PublishStageError> {
        let numbers = self.store.stories_of_day(of.stories.span, MOST_OF_A_DAY)?;
        let stories: Vec<Story> =
            numbers.into_iter().map(|number| self.store.story(number)).collect::<Result<_, StoreError>>()?;
        let input = Input { stories: &stories, ..*self.input };
        let filtering = coverage::filtering(input.config);
        let covered = stories
            .iter()
            .filter_map(|story| Some((story, coverage::of(story, &input, &filtering)?)))
            .collect::<Vec<_>>();
        let ids: BTreeSet<&StoryId> = covered.iter().map(|(story, _)| &story.id).collect();
        let uncovered = stories.iter().filter(|story| !ids.contains(&story.id));
        let why_not = |story: &Story| Some((story.id.to_string(), coverage::why_not(story, &input, &filtering)?));
        let mut refused: BTreeMap<String, Rule> = uncovered.filter_map(why_not).collect();
        refused.extend(touched_by_takedowns(&input).into_iter().map(|story| (story, Rule::TakenDown)));
        // What a program made of an item is made of it again below.
        let is_plain = of.output.filter.is_none() && of.output.rewrite.is_none();
        let made = if is_plain { self.plan.items_of(self.input, of.of_all) } else { &[] };
        let mut draft = DraftSet::with_made(&input, &of.output, &covered, &refused, made);
        let rewritten: Vec<StoryId> = draft.rewritten_stories().collect();
        if !rewritten.is_empty() {
            self.filters.load_rewrites(self.store, &rewritten)?;
            draft.rewrite(&input, self.filters);
        }
        self.filters.remember(self.store.filter_answers(&draft.questions(&input))?);
        Ok(draft.filtered(&input, self.filters))
    }

    /// Writes the page of a day if it or its neighbours changed, or its file is not as it was left.
    fn keep(&mut self, day: Day<'_>, nav: &Nav) -> Result<(), PublishStageError> {
        let neighbour = |day: &Option<DayFile>| day.as_ref().map_or_else(String::new, |day| day.file.clone());
        let print = print(&[&day.content.to_string(), &neighbour(&nav.newer), &neighbour(&nav.older)]);
        let file = day.file.file;
        let stamp = self.stamp(&file);
        let now = ArchivedDay { content: day.content, print, items: day.file.items, stamp };
        if now.stamp.is_some() && self.known.get(&file) == Some(&now) {
            self.archive.days.insert(file, now);
            return Ok(());
        }
        let set = match day.set {
            Some(set) => set,
            None => self.items(day.of)?,
        };
        let nav = &nav_of_page(self.store, day.of.of_all.story_folder().as_deref(), &set.items, nav)?;
        let rendered = document(self.input, &day.of.output, &set, usize::MAX, nav)?;
        let written = match write(self.dir(), &rendered, Shrink::Allow, Mode::Write) {
            Err(PublishError::Refused { file, reason }) => {
                match isolated(self.input, &day.of.output, &set.items, &rendered, nav) {
                    Some((rendered, refused)) => {
                        self.archive.refused.extend(refused);
                        write(self.dir(), &rendered, Shrink::Allow, Mode::Write)
                    }
                    None => Err(PublishError::Refused { file, reason }),
                }
            }
            written => written,
        };
        match written {
            Ok(_) => {
                let stamp = self.stamp(&file);
                self.archive.days.insert(file, ArchivedDay { stamp, ..now });
            }
            Err(error) => {
                let error = self.without_denied(&rendered, &day.of.output, &set, nav, error);
                // The last version stays, and is checked again at the next publish.
                self.archive.days.insert(file.clone(), ArchivedDay { print: 0, ..now });
                self.archive.failed.push((file, error));
            }
        }
        Ok(())
    }

    /// What is denied leaves the last version of a page that could not be published.
    fn without_denied(
        &self,
        failed: &Rendered,
        output: &OutputConfig,
        set: &ItemSet<'_>,
        nav: &Nav,
        error: PublishError,
    ) -> PublishError {
        let items = if set.broken.is_some() { &set.let_through } else { &set.items };
        let rest = remainder(self.input, output, nav, items, |story| failed.is_denied(story));
        match rest.filter(|_| error.is_of_the_document()) {
            Some(rest) => reduce(self.dir(), &rest, error, Mode::Write),
            None => error,
        }
    }

    fn keep_list(&mut self, output: &OutputConfig, all: String, files: &[DayFile]) -> Result<(), PublishStageError> {
        let bytes = list_of_days(&channel(self.input, output), &all, &output.file, files)?;
        let list = Rendered::list(&OutputConfig { file: all.clone(), ..output.clone() }, bytes, files.len());
        if let Err(error) = write(self.dir(), &list, Shrink::Allow, Mode::Write) {
            self.archive.failed.push((all.clone(), error));
        }
        let stamp = self.stamp(&all);
        self.archive.days.insert(all, ArchivedDay { content: 0, print: 0, items: files.len(), stamp });
        Ok(())
    }

    /// Removes pages of days that were gone and came back, as with a folder of outputs from a backup.
    fn remove_strays(&mut self) {
        for output in &self.input.config.outputs {
            let Some(folder) = output.archive_folder() else { continue };
            let names = match PageFolder::new(self.dir(), &folder, output.mode).names() {
                Ok(names) => names,
                Err(error) => {
                    self.archive.failed.push((folder, error));
                    continue;
                }
            };
            for name in names.into_iter().filter(|name| name.parse::<Date>().is_ok()) {
                let file = format!("{folder}{name}.html");
                if !self.archive.days.contains_key(&file) {
                    self.remove(&file);
                }
            }
        }
    }

    /// Removes a page; if it is already missing, that is fine too.
    fn remove(&mut self, file: &str) {
        let path = self.dir().join(file);
        if let Err(source) = std::fs::remove_file(&path)
            && source.kind() != std::io::ErrorKind::NotFound
        {
            self.archive.failed.push((file.to_owned(), PublishError::Io { doing: "remove", path, source }));
        }
    }

    /// By what the file of a page is known to be as it was left.
    fn stamp(&self, file: &str) -> Option<String> {
        file_stamp(&self.dir().join(file))
    }

    fn dir(&self) -> &Path {
        &self.input.config.output_dir
    }
}

fn print(parts: &[&str]) -> i64 {
    let mut print = Fingerprint::new();
    for part in parts {
        print.add(part);
    }
    print.finish()
}

/// The days of `zone` from that of `newest` back: one on which the clocks change is shorter or longer than others.
fn days_until(newest: Timestamp, zone: &TimeZone) -> impl Iterator<Item = DaySpan> {
    let begin = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).ok();
    let last = zone.to_datetime(newest).date();
    std::iter::successors(Some(last), |date| date.yesterday().ok())
        .map_while(move |date| Some(DaySpan { from: begin(date)?, to: begin(date.tomorrow().ok()?)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: &str, newest: &str, want: &[(&str, i64)]) {
        let zone = TimeZone::get(zone).unwrap();
        let days = days_until(newest.parse().unwrap(), &zone).take(want.len());
        let days: Vec<(String, i64)> =
            days.map(|day| (day.from.to_string(), day.to.duration_since(day.from).as_hours())).collect();
        let want: Vec<(String, i64)> = want.iter().map(|(from, hours)| ((*from).to_owned(), *hours)).collect();
        assert_eq!(days, want);
    }

    #[test]
    fn a_day_is_that_of_the_zone_however_long() {
        check("UTC", "2026-11-02T23:59:59Z", &[("2026-11-02T00:00:00Z", 24), ("2026-11-01T00:00:00Z", 24)]);
        check("Europe/Berlin", "2026-10-25T23:30:00Z", &[("2026-10-25T23:00:00Z", 24), ("2026-10-24T22:00:00Z", 25)]);
        check("Europe/Berlin", "2026-03-29T12:00:00Z", &[("2026-03-28T23:00:00Z", 23), ("2026-03-27T23:00:00Z", 24)]);
        // Midnight itself is skipped there on that day.
        check(
            "America/Santiago",
            "2026-09-06T12:00:00Z",
            &[("2026-09-06T04:00:00Z", 23), ("2026-09-05T04:00:00Z", 24)],
        );
    }
}
