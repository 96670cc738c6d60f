//! The pages of the tags and sources of one output.

use std::collections::{BTreeMap, BTreeSet};

use super::facet::{Facet, facets, folder_of};
use super::item_print::item_print;
use super::keeper::{FolderState, Keeper};
use super::links::{by_source, links, on_it, sources_of};
use crate::config::{Images, OutputConfig};
use crate::model::{Item, SourceId, StoryId};
use crate::publish::filter::Filters;
use crate::publish::gate::{Form, read_back};
use crate::publish::input::Input;
use crate::publish::page_folder::PageFolder;
use crate::publish::remainder::remainder;
use crate::publish::render::{FacetHead, FacetKind, FacetLink, FacetLinks, Nav, StoryLinks, story_file};
use crate::publish::report::PublishStageError;
use crate::publish::shared_print::shared_print;
use crate::publish::story_pages::{Outcome, without_limits};
use crate::store::{FacetPage, FacetPageKind};
use crate::text::EditHash;

/// Stories of the page that one of its facets shows, in the order of the page.
const MOST: usize = 100;
/// It has this many, however old, if there are as many.
const LEAST: usize = 10;
/// Links to sources or tags at the top of it.
const MOST_RELATED: usize = 40;

/// A page, and what its facets are made of.
struct Front<'p> {
    output: &'p OutputConfig,
    /// The same without what makes a story leave it in time.
    unlimited: OutputConfig,
    items: &'p [Item],
    prints: Vec<i64>,
    by_source: BTreeMap<&'p str, Vec<usize>>,
    links: FacetLinks,
    /// The stories that have a page of their own, and the folder of these.
    story_folder: Option<String>,
    with_page: BTreeSet<StoryId>,
}

impl<'p> Front<'p> {
    fn of(keeper: &Keeper<'p>, output: &'p OutputConfig) -> Self {
        let (input, plan) = (keeper.input, keeper.plan);
        let items = plan.items_of(input, output);
        let story_folder = output.story_folder().filter(|_| output.story_pages);
        let mut with_page: BTreeSet<StoryId> = BTreeSet::new();
        if let Some(folder) = &story_folder {
            with_page.extend(input.story_pages.get(folder).into_iter().flatten().cloned());
        }
        Self {
            output,
            unlimited: without_limits(output),
            items,
            prints: items.iter().map(|item| item_print(item, picture_of(input, output, item).as_deref())).collect(),
            by_source: by_source(items),
            links: links(input, output, items),
            story_folder,
            with_page,
        }
    }

    /// The items that `facet` concerns, the first first.
    fn places(&self, facet: &Facet<'_>) -> Vec<usize> {
        on_it(facet, &self.by_source).into_iter().take(MOST).collect()
    }

    /// What a page with `items`, and with `older` ones, leads to: it looks at no more than those need.
    fn nav(&self, head: FacetHead, items: &[Item], older: &[Item]) -> Nav {
        let with_page = items.iter().map(|item| &item.story).filter(|story| self.with_page.contains(*story));
        let with_page = with_page.chain(older.iter().map(|item| &item.story)).cloned().collect();
        let stories = self.story_folder.clone().map(|folder| StoryLinks::Some(folder, with_page));
        let named: BTreeSet<&str> = items.iter().chain(older).flat_map(sources_of).collect();
        let sources = named.into_iter().filter_map(|source| self.links.sources.get_key_value(source));
        let sources = sources.map(|(source, file)| (source.clone(), file.clone())).collect();
        Nav {
            home: Some(self.output.file.clone()),
            stories: stories.unwrap_or_default(),
            facets: FacetLinks { tags: self.links.tags.clone(), sources },
            facet: Some(head),
            ..Nav::of_newest(self.output)
        }
    }

    /// Its name and links, as the page says them.
    fn head(&self, facet: &Facet<'_>) -> FacetHead {
        let mut related: Vec<FacetLink> = Vec::new();
        match facet.kind {
            FacetKind::Source => {
                let own = |tag: &&FacetLink| facet.sources.iter().any(|source| source.tags.contains(&tag.key));
                related.extend(self.links.tags.iter().filter(own).cloned());
            }
            FacetKind::Tag => related.extend(facet.sources.iter().filter_map(|source| {
                let file = self.links.sources.get(source.id.as_str())?.clone();
                Some(FacetLink { key: source.id.to_string(), name: source.name.clone(), file, sources: 1 })
            })),
        }
        related.sort_by_key(|link| link.name.to_lowercase());
        let more = related.len().saturating_sub(MOST_RELATED);
        related.truncate(MOST_RELATED);
        let source = facet.sources.first().copied().filter(|_| facet.kind == FacetKind::Source);
        FacetHead::new(facet.kind, facet.name.clone(), source, related, more)
    }

    /// Changes with everything on the page of a facet but its older stories.
    fn print(&self, keeper: &Keeper<'_>, head: &FacetHead, places: &[usize]) -> i64 {
        let mut print = EditHash::default();
        print.add(env!("CARGO_PKG_VERSION"));
        print.add(&keeper.input.config.fingerprint.to_string());
        print.add(keeper.input.tag_base);
        head.add_to(&mut print);
        self.links.tags.iter().for_each(|tag| print.add(&tag.file));
        for at in places {
            print.add(&self.prints[*at].to_string());
            print.add(if self.with_page.contains(&self.items[*at].story) { "page" } else { "" });
        }
        // 0 is that of a page which has to be made again.
        match print.finish() {
            0 => 1,
            print => print,
        }
    }

    fn output_of(&self, facet: &Facet<'_>) -> OutputConfig {
        OutputConfig { file: facet.file.clone(), ..self.output.clone() }
    }
}

/// The file of the copy of its picture that a page shows.
fn picture_of(input: &Input<'_>, output: &OutputConfig, item: &Item) -> Option<String> {
    let address = item.picture.as_ref().filter(|_| output.images == Images::Copy)?;
    input.pictures.file(address)
}

impl<'a> Keeper<'a> {
    /// Makes pages for what `output` has no page of yet, without links to pages of stories that are not there either:
    /// now these may link to them.
    pub(super) fn open(&mut self, output: &'a OutputConfig) -> Result<(), PublishStageError> {
        // Where nothing is public yet, nothing leads anywhere.
        if !self.input.config.output_dir.join(&output.file).is_file() {
            return Ok(());
        }
        let front = Front::of(self, output);
        for kind in FacetKind::ALL {
            let Some(folder) = folder_of(output, kind) else { continue };
            let mut disk = PageFolder::new(&self.input.config.output_dir, &folder, output.mode);
            for facet in facets(self.input, output, kind) {
                let places = front.places(&facet);
                if !places.is_empty() && !self.known.contains_key(&facet.file) && disk.read(&facet.file).is_none() {
                    let items: Vec<Item> = places.iter().map(|at| front.items[*at].clone()).collect();
                    let nav = front.nav(front.head(&facet), &items, &[]);
                    self.make(&mut disk, &front.output_of(&facet), &items, &nav)?;
                }
            }
            self.report.failed.extend(disk.sync().err().map(|error| (folder.clone(), error)));
        }
        Ok(())
    }

    /// Makes the pages of `output` match what it has.
    pub(super) fn of_output(
        &mut self,
        output: &'a OutputConfig,
        filters: &mut Filters,
    ) -> Result<(), PublishStageError> {
        let mut front = Front::of(self, output);
        if front.story_folder.is_some() {
            front.with_page.extend(self.plan.shown_in(&output.file));
        }
        for kind in FacetKind::ALL {
            if self.plan.lacks_items(self.input, output) {
                self.without_denied(&front, kind)?;
            } else {
                self.of_kind(&front, kind, filters)?;
            }
        }
        Ok(())
    }

    fn of_kind(&mut self, front: &Front<'a>, kind: FacetKind, filters: &mut Filters) -> Result<(), PublishStageError> {
        let Some(folder) = folder_of(front.output, kind) else { return Ok(()) };
        let mut disk = PageFolder::new(&self.input.config.output_dir, &folder, front.output.mode);
        let shared = shared_print(self.input, front.output);
        let is_judged_anew = self.folders.get(&folder).is_none_or(|before| before.print != shared);
        let state = self.state_of(&folder, &disk);
        let live = facets(self.input, front.output, kind);
        let mut is_whole = true;
        for facet in &live {
            let known = self.known.get(&facet.file).filter(|known| known.kind == FacetPageKind::Shown).cloned();
            let places = front.places(facet);
            if places.is_empty() && known.is_none() && !is_judged_anew {
                continue;
            }
            let head = front.head(facet);
            let print = front.print(self, &head, &places);
            let is_same = known.as_ref().is_some_and(|known| known.print == print);
            if is_same && state == FolderState::AsLeft {
                continue;
            }
            let older = self.older(front, facet, &places, filters)?;
            if places.is_empty() && older.is_empty() && !self.known.contains_key(&facet.file) {
                continue;
            }
            let mut items: Vec<Item> = places.iter().map(|at| front.items[*at].clone()).collect();
            let nav = front.nav(head, &items, &older);
            let listed = older.iter().filter_map(|item| Some(story_file(front.story_folder.as_deref()?, &item.story)));
            self.changes.listed.push((facet.file.clone(), listed.collect()));
            items.extend(older);
            let is_made = self.make(&mut disk, &front.output_of(facet), &items, &nav)?;
            is_whole &= is_made;
            let print = if is_made { print } else { 0 };
            let page = FacetPage { file: facet.file.clone(), kind: FacetPageKind::Shown, print, since: self.input.now };
            self.changes.pages.push(page);
        }
        self.end_others(front.output, &folder, &live, &mut disk, state)?;
        self.leave(&folder, &disk, if is_whole { shared } else { 0 });
        Ok(())
    }

    /// The last stories that stood on the page, have a page of their own and concern `facet`, where the page has few now.
    fn older(
        &self,
        front: &Front<'_>,
        facet: &Facet<'_>,
        places: &[usize],
        filters: &mut Filters,
    ) -> Result<Vec<Item>, PublishStageError> {
        let mut older = Vec::new();
        let Some(folder) = front.story_folder.as_deref().filter(|_| places.len() < LEAST) else { return Ok(older) };
        let sources: Vec<&SourceId> = facet.sources.iter().map(|source| &source.id).collect();
        let own: BTreeSet<&StoryId> = places.iter().map(|at| &front.items[*at].story).collect();
        for number in self.store.stories_with_page(folder, &sources, LEAST)? {
            let story = self.store.story(number)?;
            if older.len() + places.len() >= LEAST {
                break;
            }
            if own.contains(&story.id) {
                continue;
            }
            if let Outcome::Story(item, _) = self.judge().outcome(&story, &front.unlimited, filters)? {
                older.push(*item);
            }
        }
        Ok(older)
    }

    /// A program of the operator's fails on the page: what may not be public any more leaves its facets, which stay as
    /// they are for the rest.
    fn without_denied(&mut self, front: &Front<'_>, kind: FacetKind) -> Result<(), PublishStageError> {
        let Some(folder) = folder_of(front.output, kind) else { return Ok(()) };
        let mut disk = PageFolder::new(&self.input.config.output_dir, &folder, front.output.mode);
        let live = facets(self.input, front.output, kind);
        for facet in &live {
            let Some(bytes) = disk.read(&facet.file) else { continue };
            let output = front.output_of(facet);
            let links = read_back(Form::of_items(&output), &bytes).unwrap_or_default();
            let is_denied = |story: &str, link: &str| {
                let id = StoryId::parse(story);
                self.plan.is_denied(&front.output.file, story)
                    || id.is_some_and(|id| self.input.taken_down.names(&id, link))
            };
            let denied: BTreeSet<String> = links
                .iter()
                .filter(|found| is_denied(&found.story, &found.link))
                .map(|found| found.story.clone())
                .collect();
            if denied.is_empty() {
                continue;
            }
            let items = self.plan.let_through(self.input, front.output);
            let nav = front.nav(front.head(facet), items, &[]);
            match remainder(self.input, &output, &nav, items, |story| denied.contains(story)) {
                Some(rest) if disk.write(&rest).is_ok() => {}
                _ => drop(self.close(&mut disk, &output, None)?),
            }
            self.changes.pages.push(FacetPage {
                file: facet.file.clone(),
                kind: FacetPageKind::Shown,
                print: 0,
                since: self.input.now,
            });
        }
        self.leave(&folder, &disk, 0);
        Ok(())
    }
}
