//! The pages of stories as they have to be: what is new is made, what changed is made again, what left stays.

use std::collections::{BTreeMap, BTreeSet};

use super::elsewhere::Elsewhere;
use super::keeper::{Keeper, StoryPagesReport, folder_of};
use super::output::{OutputPages, Shown};
use crate::config::{Config, OutputConfig};
use crate::model::StoryId;
use crate::publish::file_stamp::file_stamp;
use crate::publish::filter::Filters;
use crate::publish::input::Input;
use crate::publish::page_folder::PageFolder;
use crate::publish::plan::Plan;
use crate::publish::render::story_file;
use crate::publish::report::PublishStageError;
use crate::publish::shared_print::shared_print;
use crate::store::{PageKind, Reader, Store, StoreError, StoryFolder, StoryPage, StoryPageChanges};

/// Makes the pages of stories match what `store` holds and `plan` shows: before anything leads to them.
pub(in crate::publish) fn update(
    store: &mut Store,
    input: &Input<'_>,
    plan: &Plan,
    filters: &mut Filters,
) -> Result<StoryPagesReport, PublishStageError> {
    let moment = store.at_one_moment()?;
    let mut keeper = Keeper::new(store, input)?;
    keeper.update(plan, filters)?;
    let Keeper { changes, report, .. } = keeper;
    drop(moment);
    if !changes.pages.is_empty() || !changes.folders.is_empty() || !changes.gone.is_empty() {
        store.save_story_pages(&changes)?;
    }
    Ok(report)
}

/// Removes the pages whose stories are forgotten: now that nothing leads to them.
pub(in crate::publish) fn remove_gone(
    store: &mut Store,
    input: &Input<'_>,
    report: &mut StoryPagesReport,
) -> Result<(), StoreError> {
    let gone = std::mem::take(&mut report.gone);
    if gone.is_empty() {
        return Ok(());
    }
    let mut changes = StoryPageChanges::default();
    for known in store.story_folders()? {
        let mut disk = PageFolder::new(&input.config.output_dir, &known.folder, None);
        for file in gone.iter().filter(|file| folder_of(file) == known.folder) {
            match disk.remove(file) {
                Ok(()) => changes.gone.push(file.clone()),
                Err(error) => report.failed.push((file.clone(), error)),
            }
        }
        report.failed.extend(disk.sync().err().map(|error| (known.folder.clone(), error)));
        let stamp = disk.stamp();
        changes.folders.push(StoryFolder { stamp, ..known });
    }
    store.save_story_pages(&changes)
}

/// Whether the pages of stories are as they were left, and still match their stories.
pub(in crate::publish) fn are_as_left(store: &Reader, config: &Config) -> Result<bool, StoreError> {
    if store.has_stale_story_pages()? {
        return Ok(false);
    }
    Ok(store.story_folders()?.iter().all(|known| file_stamp(&config.output_dir.join(&known.folder)) == known.stamp))
}

/// How a folder stands.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// What decides how its stories are shown changed.
    is_judged_anew: bool,
    /// It is as it was left.
    is_as_left: bool,
}

impl Keeper<'_> {
    fn update(&mut self, plan: &Plan, filters: &mut Filters) -> Result<(), PublishStageError> {
        let elsewhere = Elsewhere::find(self)?;
        // Stories whose pages belonged to an output that is gone or has another name.
        let mut heirs = elsewhere.stories(self)?;
        let input = self.input;
        for output in &input.config.outputs {
            let shown = Shown { stories: plan.shown_in(&output.file), items: plan.items_of(input, output) };
            self.of_output(output, &shown, &mut heirs, filters)?;
        }
        elsewhere.lead_on(self)?;
        // What a lost database knew is kept for as long as what this one knows.
        let before = self.input.config.store.keep.and_then(|keep| self.input.now.checked_sub(keep).ok());
        if let Some(before) = before {
            let old = self.store.kept_story_pages(before)?.into_iter().map(|page| page.file);
            self.report.gone.extend(old);
        }
        Ok(())
    }

    fn of_output(
        &mut self,
        output: &OutputConfig,
        shown: &Shown<'_>,
        heirs: &mut BTreeSet<StoryId>,
        filters: &mut Filters,
    ) -> Result<(), PublishStageError> {
        let Some(folder) = output.story_folder() else { return Ok(()) };
        let disk = PageFolder::new(&self.input.config.output_dir, &folder, output.mode);
        let print = shared_print(self.input, output);
        let known = self.folders.get(&folder);
        let standing = Standing {
            is_judged_anew: known.is_none_or(|known| known.print != print),
            is_as_left: self.input.outputs_are_as_left && disk.stamp() == known.and_then(|known| known.stamp.clone()),
        };
        let is_new = known.is_none();
        let mut wanted = self.made_again(&folder, &disk, standing)?;
        for story in shown.stories.iter().chain(heirs.iter()).filter(|_| output.story_pages) {
            if !wanted.contains_key(story) {
                // Known to be there, as most are: nothing has to be read.
                // What a program rewrites may have been answered since.
                let is_rewritten = output.rewrite.is_some();
                if !is_rewritten && self.input.story_pages.get(&folder).is_some_and(|pages| pages.contains(story)) {
                    continue;
                }
                let page = self.store.story_page(&story_file(&folder, story))?;
                if is_rewritten || page.as_ref().is_none_or(|page| page.kind != PageKind::Story) {
                    wanted.insert(story.clone(), page);
                }
            }
        }
        if wanted.is_empty() && standing.is_as_left && (is_new || !standing.is_judged_anew) {
            return Ok(());
        }
        let mut pages = OutputPages::new(self, output, &folder, disk, shown.items);
        let is_whole = pages.make(&wanted, shown, filters)?;
        let stamp = pages.finish();
        let print = if is_whole { print } else { 0 };
        self.changes.folders.push(StoryFolder { folder: folder.clone(), print, stamp });
        heirs.retain(|story| !self.has_page(&story_file(&folder, story)));
        Ok(())
    }

    /// The pages in `folder` that may not be as they have to be, with what is known of each: all, where others wrote there.
    fn made_again(
        &mut self,
        folder: &str,
        disk: &PageFolder<'_>,
        standing: Standing,
    ) -> Result<BTreeMap<StoryId, Option<StoryPage>>, StoreError> {
        let Standing { is_judged_anew, is_as_left } = standing;
        let mut wanted: BTreeMap<StoryId, Option<StoryPage>> = BTreeMap::new();
        let stale = self.stale.iter().filter(|page| folder_of(&page.file) == folder);
        wanted.extend(stale.map(|page| (page.story.clone(), Some(page.clone()))));
        if !is_judged_anew && is_as_left {
            return Ok(wanted);
        }
        let pages = self.store.story_pages_in(folder)?;
        let there = if is_as_left { None } else { Some(self.there(disk, folder)) };
        wanted.extend(pages.iter().map(|page| (page.story.clone(), Some(page.clone()))));
        let listed: BTreeSet<&StoryId> = pages.iter().map(|page| &page.story).collect();
        let strays = there.iter().flatten().filter(|story| !listed.contains(story));
        wanted.extend(strays.map(|story| (story.clone(), None)));
        Ok(wanted)
    }

    /// The stories whose pages are in a folder that is not as it was left.
    fn there(&mut self, disk: &PageFolder<'_>, folder: &str) -> BTreeSet<StoryId> {
        let names = disk.names().unwrap_or_else(|error| {
            self.report.failed.push((folder.to_owned(), error));
            BTreeSet::new()
        });
        names.iter().filter_map(|name| StoryId::parse(name)).collect()
    }
}
