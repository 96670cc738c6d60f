//! Who links to the pages of stories: the page they belong to, its days, and the feeds of the same choice of sources.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, OutputConfig};
use crate::model::{Item, StoryId};
use crate::publish::input::Input;
use crate::publish::render::{Nav, StoryLinks, story_file};
use crate::publish::rendered::Rendered;
use crate::store::{Reader, StoreError};

/// The stories at hand whose pages are public, by folder.
pub type StoryPages = BTreeMap<String, BTreeSet<StoryId>>;

/// Those of `ids`.
pub(in crate::publish) fn known<'a>(
    store: &Reader,
    ids: impl Iterator<Item = &'a StoryId>,
) -> Result<StoryPages, StoreError> {
    let mut pages = StoryPages::new();
    for (story, files) in store.shown_story_pages(ids)? {
        for file in files {
            let folder = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            pages.entry(folder).or_default().insert(story.clone());
        }
    }
    Ok(pages)
}

/// The place of a feed: beside the page whose stories it has. A page for other sources than the feed is for is not named
/// in it.
pub(in crate::publish) fn nav_of_feed(input: &Input<'_>, output: &OutputConfig, pages: &[Rendered]) -> Nav {
    let newest = Nav::of_newest(output);
    let Some((page, folder)) = page_of(input.config, output) else { return newest };
    let mut stories = input.story_pages.get(&folder).cloned().unwrap_or_default();
    let shown = pages.iter().find(|rendered| rendered.file == page.file);
    stories.extend(shown.iter().flat_map(|rendered| rendered.stories()));
    Nav { stories: StoryLinks::Some(folder, stories), ..newest }
}

/// The page with the stories of the feed `output`, and the folder of their pages.
fn page_of<'c>(config: &'c Config, output: &OutputConfig) -> Option<(&'c OutputConfig, String)> {
    let is_for_the_same =
        |page: &&OutputConfig| page.story_pages && (&page.tags, &page.sources) == (&output.tags, &output.sources);
    let mut pages = config.outputs.iter().filter(is_for_the_same).filter(|_| output.format.is_feed());
    pages.find_map(|page| Some((page, page.story_folder()?)))
}

/// `nav` with the links to those of `items` that have a page in `folder`.
pub(in crate::publish) fn nav_of_page(
    store: &Reader,
    folder: Option<&str>,
    items: &[Item],
    nav: &Nav,
) -> Result<Nav, StoreError> {
    let Some(folder) = folder else { return Ok(nav.clone()) };
    let files = store.shown_story_pages(items.iter().map(|item| &item.story))?;
    let is_there = |story: &StoryId| files.get(story).is_some_and(|files| files.contains(&story_file(folder, story)));
    let there = files.keys().filter(|story| is_there(story)).cloned().collect();
    Ok(Nav { stories: StoryLinks::Some(folder.to_owned(), there), ..nav.clone() })
}
