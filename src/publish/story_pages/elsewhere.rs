//! Pages in folders of outputs that are gone or have another name: they lead to the page that their story has now.

use std::collections::{BTreeMap, BTreeSet};

use super::keeper::{Keeper, folder_of};
use crate::config::{Format, OutputConfig};
use crate::model::StoryId;
use crate::publish::channel::channel;
use crate::publish::page_folder::PageFolder;
use crate::publish::render::{self, Closing, story_file};
use crate::publish::rendered::{Holds, Rendered};
use crate::publish::report::PublishStageError;
use crate::publish::shared_print::shared_print;
use crate::store::{PageKind, StoreError, StoryFolder, StoryPage};

/// The pages that have to be looked at, by folder.
#[derive(Debug)]
pub(super) struct Elsewhere {
    pages: BTreeMap<String, Vec<StoryPage>>,
    print: i64,
}

impl Elsewhere {
    /// Those whose story changed; all of a folder if anything changed that decides what is shown.
    pub(super) fn find(keeper: &Keeper<'_>) -> Result<Self, StoreError> {
        let outputs = &keeper.input.config.outputs;
        let claimed: BTreeSet<String> = outputs.iter().filter_map(OutputConfig::story_folder).collect();
        let mut pages: BTreeMap<String, Vec<StoryPage>> = BTreeMap::new();
        let unclaimed: Vec<&StoryFolder> =
            keeper.folders.values().filter(|known| !claimed.contains(&known.folder)).collect();
        let print = match page_output(outputs) {
            Some(output) if !unclaimed.is_empty() => shared_print(keeper.input, output),
            _ => 1,
        };
        for known in unclaimed {
            if known.print != print {
                pages.insert(known.folder.clone(), keeper.store.story_pages_in(&known.folder)?);
                continue;
            }
            let stale = keeper.stale.iter().filter(|page| folder_of(&page.file) == known.folder);
            let stale: Vec<StoryPage> = stale.cloned().collect();
            if !stale.is_empty() {
                pages.insert(known.folder.clone(), stale);
            }
        }
        Ok(Self { pages, print })
    }

    /// The stories that these pages were for.
    pub(super) fn stories(&self, keeper: &Keeper<'_>) -> Result<BTreeSet<StoryId>, StoreError> {
        let pages = self.pages.values().flatten().filter(|page| page.kind != PageKind::Closed);
        let mut stories = BTreeSet::new();
        for page in pages {
            stories.extend(keeper.story(&page.story)?.map(|story| story.id.clone()));
        }
        Ok(stories)
    }

    /// Leads from each to where its story is shown now; says so where that is nowhere.
    pub(super) fn lead_on(self, keeper: &mut Keeper<'_>) -> Result<(), PublishStageError> {
        let outputs = &keeper.input.config.outputs;
        let Self { pages, print } = self;
        // Without any page there is none to lead to.
        let Some(output) = page_output(outputs).or(outputs.first()) else { return Ok(()) };
        // What was public never leads into a folder of another kind.
        let is_alike = |other: &&OutputConfig| other.story_pages && other.mode == output.mode;
        let folders: Vec<String> = outputs.iter().filter(is_alike).filter_map(OutputConfig::story_folder).collect();
        for (folder, pages) in pages {
            let mut disk = PageFolder::new(&keeper.input.config.output_dir, &folder, output.mode);
            let mut is_whole = true;
            for page in pages {
                is_whole &= lead(keeper, &mut disk, output, &folders, page)?;
            }
            keeper.report.failed.extend(disk.sync().err().map(|error| (folder.clone(), error)));
            let (print, stamp) = (if is_whole { print } else { 0 }, disk.stamp());
            keeper.changes.folders.push(StoryFolder { folder, print, stamp });
        }
        Ok(())
    }
}

fn page_output(outputs: &[OutputConfig]) -> Option<&OutputConfig> {
    outputs.iter().find(|output| output.format == Format::Html)
}

/// Whether the page is as it has to be.
fn lead(
    keeper: &mut Keeper<'_>,
    disk: &mut PageFolder<'_>,
    output: &OutputConfig,
    folders: &[String],
    page: StoryPage,
) -> Result<bool, PublishStageError> {
    let story = keeper.story(&page.story)?;
    let Some(story) = story else {
        if page.kind == PageKind::Kept {
            return close(keeper, disk, output, page, Closing::NotShown);
        }
        keeper.report.gone.push(page.file);
        return Ok(true);
    };
    let to = folders.iter().map(|folder| story_file(folder, &story.id)).find(|file| keeper.has_page(file));
    let Some(to) = to else {
        let is_taken_down = keeper.input.taken_down.has_story(&story);
        let why = if is_taken_down { Closing::TakenDown } else { Closing::NotShown };
        return close(keeper, disk, output, page, why);
    };
    let bytes = render::moved_page(&channel(keeper.input, output), &page.file, home(output), &to)?;
    let rendered = Rendered { file: page.file.clone(), holds: Holds::Signpost, ..Rendered::list(output, bytes, 0) };
    put(keeper, disk, &rendered, StoryPage { kind: PageKind::Moved, ..page })
}

fn close(
    keeper: &mut Keeper<'_>,
    disk: &mut PageFolder<'_>,
    output: &OutputConfig,
    page: StoryPage,
    why: Closing,
) -> Result<bool, PublishStageError> {
    let bytes = render::closed_page(&channel(keeper.input, output), &page.file, home(output), why)?;
    let rendered = Rendered { file: page.file.clone(), format: Format::Html, ..Rendered::list(output, bytes, 0) };
    put(keeper, disk, &rendered, StoryPage { kind: PageKind::Closed, ..page })
}

fn home(output: &OutputConfig) -> Option<&str> {
    Some(output.file.as_str()).filter(|_| output.format == Format::Html)
}

fn put(
    keeper: &mut Keeper<'_>,
    disk: &mut PageFolder<'_>,
    rendered: &Rendered,
    page: StoryPage,
) -> Result<bool, PublishStageError> {
    Ok(match disk.write(rendered) {
        Ok(()) => {
            keeper.record(StoryPage { is_stale: false, ..page });
            true
        }
        Err(error) => {
            keeper.report.failed.push((rendered.file.clone(), error));
            false
        }
    })
}
