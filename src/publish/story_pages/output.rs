//! The pages of the stories of one output.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::keeper::Keeper;
use super::outcome::{Outcome, without_limits};
use super::telling::{corrections, tellings};
use crate::config::OutputConfig;
use crate::model::{Item, Story, StoryId};
use crate::publish::addresses::clean_address;
use crate::publish::channel::channel;
use crate::publish::coverage;
use crate::publish::document::Drawing;
use crate::publish::facets;
use crate::publish::filter::Filters;
use crate::publish::gate::{Form, read_back};
use crate::publish::isolate::RefusedItem;
use crate::publish::page_folder::PageFolder;
use crate::publish::render::{self, Closing, Nav, RenderError, StoryLinks, StoryTemplate, StoryView, story_file, uri};
use crate::publish::rendered::{Expected, Holds, MAX_DOCUMENT_BYTES, Rendered};
use crate::publish::report::PublishStageError;
use crate::publish::rule::Rule;
use crate::publish::write::PublishError;
use crate::store::{PageKind, StoryPage};

/// What a page shows.
#[derive(Debug)]
pub(super) struct Shown<'p> {
    pub(super) stories: BTreeSet<StoryId>,
    /// Its items, and those that it has no room for.
    pub(super) items: &'p [Item],
}

/// What pages of stories are made by, in this order.
struct Templates<'t> {
    /// The operator's own, if it can be used.
    own: Option<StoryTemplate<'t>>,
    built_in: StoryTemplate<'static>,
}

impl<'t> Templates<'t> {
    fn all(&self) -> impl Iterator<Item = &StoryTemplate<'t>> {
        self.own.iter().chain([&self.built_in])
    }
}

/// What came of one way of showing a story.
enum Tried {
    /// Whether the page is as it has to be.
    Done(bool),
    /// By the gate, or it could not be made.
    Refused(String),
}

/// The pages of one output, while they are looked through.
pub(super) struct OutputPages<'k, 'a> {
    keeper: &'k mut Keeper<'a>,
    output: &'k OutputConfig,
    /// The same without what makes a story leave it in time.
    unlimited: OutputConfig,
    folder: &'k str,
    disk: PageFolder<'k>,
    nav: Nav,
}

impl<'k, 'a> OutputPages<'k, 'a> {
    pub(super) fn new(
        keeper: &'k mut Keeper<'a>,
        output: &'k OutputConfig,
        folder: &'k str,
        disk: PageFolder<'k>,
        items: &[Item],
    ) -> Self {
        let facets = facets::links(keeper.input, output, items);
        let home = Some(output.file.clone());
        let nav = Nav { home, stories: StoryLinks::None, facets, ..Nav::of_newest(output) };
        Self { keeper, output, unlimited: without_limits(output), folder, disk, nav }
    }

    /// Makes the pages of `wanted`, each with what is known of it; only of those that are `shown` or were public there has
    /// to be one. Whether all of them are as they have to be.
    pub(super) fn make(
        &mut self,
        wanted: &BTreeMap<StoryId, Option<StoryPage>>,
        shown: &Shown<'_>,
        filters: &mut Filters,
    ) -> Result<bool, PublishStageError> {
        let (unlimited, nav, input) = (self.unlimited.clone(), self.nav.clone(), self.keeper.input);
        let drawing = Drawing::new(input, &unlimited, &nav);
        let own = self.output.template.as_ref().map(|own| StoryTemplate::new(Some(own)));
        let own = own.and_then(|own| own.map_err(|error| self.fails(&error)).ok());
        let templates = Templates { own, built_in: StoryTemplate::new(None)? };
        let mut queue: Vec<(StoryId, Option<StoryPage>)> =
            wanted.iter().map(|(story, page)| (story.clone(), page.clone())).collect();
        self.keeper
            .expect(shown.stories.iter().filter(|id| wanted.contains_key(id)).map(|id| story_file(self.folder, id)));
        let (mut moved, mut is_whole) = (Vec::new(), true);
        while let Some((id, page)) = queue.pop() {
            let Some(story) = self.keeper.story(&id)? else {
                is_whole &= self.keep_unknown(&id, page);
                continue;
            };
            if story.id != id {
                let target = story_file(self.folder, &story.id);
                if !wanted.contains_key(&story.id) && !self.keeper.has_page(&target) {
                    queue.push((story.id.clone(), None));
                }
                moved.push((id, story.id.clone()));
                continue;
            }
            let made = match shown.items.iter().find(|item| item.story == id) {
                Some(item) => self.show(item, &self.keeper.judge().entries(&story), &drawing, &templates),
                None => match self.keeper.judge().outcome(&story, &unlimited, filters)? {
                    Outcome::Story(item, entries) => self.show(&item, &entries, &drawing, &templates),
                    Outcome::Closed(why) if page.is_some() || shown.stories.contains(&id) || self.is_there(&id) => {
                        self.close(&id, why)
                    }
                    Outcome::Closed(_) => Ok(true),
                    Outcome::AsItWas => self.as_it_was(&id, &story, page),
                },
            };
            match made {
                Ok(is_made) => is_whole &= is_made,
                Err(error) => return Ok(self.fails(&error)),
            }
        }
        for (id, target) in moved {
            is_whole &= self.lead_to(&id, &target)?;
        }
        Ok(is_whole)
    }

    /// Makes what was written last, and tells what the folder is to be known by.
    pub(super) fn finish(self) -> Option<String> {
        let failed = self.disk.sync().err().map(|error| (self.folder.to_owned(), error));
        self.keeper.report.failed.extend(failed);
        self.disk.stamp()
    }

    /// A template of the operator's own cannot be used.
    fn fails(&mut self, error: &RenderError) -> bool {
        let file = self.folder.to_owned();
        let error = PublishError::NotMade { file: file.clone(), reason: error.to_string() };
        self.keeper.report.failed.push((file, error));
        false
    }

    /// Shows a story, by the first of `templates` that can: with as little as its links where the gate refuses what its
    /// outlets wrote.
    fn show(
        &mut self,
        item: &Item,
        entries: &[coverage::Shown<'_>],
        drawing: &Drawing<'_>,
        templates: &Templates<'_>,
    ) -> Result<bool, RenderError> {
        let mut refused = None;
        for template in templates.all() {
            let made = self.rendered(item, entries, drawing, template);
            if made.as_ref().is_ok_and(|made| made.bytes.len() > MAX_DOCUMENT_BYTES) {
                continue;
            }
            match self.tried(&item.story, made)? {
                Tried::Done(is_made) => {
                    self.note_refused(item, refused);
                    return Ok(is_made);
                }
                Tried::Refused(reason) => refused = refused.or(Some(reason)),
            }
        }
        let mut bare = item.clone();
        (bare.excerpt, bare.text_html) = (String::new(), String::new());
        let made = self.rendered(&bare, &[], drawing, &templates.built_in);
        let is_made = match self.tried(&item.story, made)? {
            Tried::Done(is_made) => is_made,
            Tried::Refused(_) => self.close(&item.story, Closing::NotShown)?,
        };
        self.note_refused(item, refused);
        Ok(is_made)
    }

    /// Writes the page of a story, unless a template fails or the gate refuses it.
    fn tried(&mut self, story: &StoryId, made: Result<Rendered, RenderError>) -> Result<Tried, RenderError> {
        let made = match made {
            Ok(made) => made,
            Err(error @ RenderError::Template { .. }) => return Ok(Tried::Refused(error.to_string())),
            Err(error) => return Err(error),
        };
        Ok(match self.disk.write(&made) {
            Ok(()) => Tried::Done(self.record(story, PageKind::Story)),
            Err(PublishError::Refused { reason, .. }) => Tried::Refused(reason.to_string()),
            Err(error) => Tried::Done(self.has_failed(made.file, error)),
        })
    }

    /// Reports why the first way of showing a story was refused.
    fn note_refused(&mut self, item: &Item, refused: Option<String>) {
        self.keeper.report.refused.extend(refused.map(|reason| RefusedItem {
            file: story_file(self.folder, &item.story),
            story: item.story.clone(),
            title: item.title.clone(),
            reason,
        }));
    }

    /// What a program of the operator's fails on stays as it was, unless that shows what is denied by now.
    fn as_it_was(&mut self, id: &StoryId, story: &Story, page: Option<StoryPage>) -> Result<bool, RenderError> {
        let shows_denied = self.shows_denied(id, story);
        let is_made = if shows_denied { self.close(id, Closing::NotShown)? } else { true };
        match page {
            // It is looked at again, alone, in the next publish.
            Some(page) => {
                let kind = if shows_denied { PageKind::Closed } else { page.kind };
                self.keeper.record(StoryPage { kind, is_stale: true, ..page });
                Ok(is_made)
            }
            None => Ok(is_made && self.is_there(id)),
        }
    }

    /// Whether the page as it is links to an article that may not be shown any more.
    fn shows_denied(&self, id: &StoryId, story: &Story) -> bool {
        let Some(bytes) = self.disk.read(&story_file(self.folder, id)) else { return false };
        let links = read_back(Form::of_items(self.output), &bytes).unwrap_or_default();
        let judge = self.keeper.judge();
        let is_gone = |rule: Rule| rule.is_denial() || rule == Rule::NoSource;
        let refused = story
            .members
            .iter()
            .filter(|member| coverage::refusal(&member.entry, judge.input, &judge.filtering).is_some_and(is_gone));
        let denied: BTreeSet<String> = refused.map(|member| uri(&clean_address(&member.entry.url))).collect();
        links.iter().any(|found| denied.contains(&found.link) || judge.input.taken_down.names(id, &found.link))
    }

    fn rendered(
        &self,
        item: &Item,
        entries: &[coverage::Shown<'_>],
        drawing: &Drawing<'_>,
        template: &StoryTemplate<'_>,
    ) -> Result<Rendered, RenderError> {
        let file = story_file(self.folder, &item.story);
        let page_of = |other: &StoryId| Some(story_file(self.folder, other)).filter(|file| self.keeper.has_page(file));
        let view = StoryView {
            item,
            tellings: &tellings(item, entries, self.keeper.input, self.output),
            corrections: &corrections(&self.keeper.corrections, &item.story, page_of),
        };
        let bytes = drawing.draw_story(template, &file, &view)?;
        let link = |url| Expected { story: item.story.to_string(), link: uri(url) };
        let expected = item.attributions().iter().map(|credit| link(&credit.url)).collect();
        Ok(Rendered { file, expected, ..Rendered::of_items(self.output, bytes, std::slice::from_ref(item)) })
    }

    /// Says that a story is shown no longer.
    fn close(&mut self, id: &StoryId, why: Closing) -> Result<bool, RenderError> {
        let file = story_file(self.folder, id);
        let channel = channel(self.keeper.input, self.output);
        let bytes = render::closed_page(&channel, &file, self.nav.home.as_deref(), why)?;
        let rendered = Rendered { file, ..Rendered::list(self.output, bytes, 0) };
        match self.disk.write(&rendered) {
            Ok(()) => Ok(self.record(id, PageKind::Closed)),
            Err(error) => Ok(self.has_failed(rendered.file, error)),
        }
    }

    /// Leads from the page of a story to that of the one that it is a part of now.
    fn lead_to(&mut self, id: &StoryId, target: &StoryId) -> Result<bool, PublishStageError> {
        let (file, to) = (story_file(self.folder, id), story_file(self.folder, target));
        if !self.keeper.has_page(&to) {
            return Ok(self.close(id, Closing::NotShown)?);
        }
        let channel = channel(self.keeper.input, self.output);
        let bytes = render::moved_page(&channel, &file, self.nav.home.as_deref(), &to)?;
        let rendered = Rendered { file, holds: Holds::Signpost, ..Rendered::list(self.output, bytes, 0) };
        Ok(match self.disk.write(&rendered) {
            Ok(()) => self.record(id, PageKind::Moved),
            Err(error) => self.has_failed(rendered.file, error),
        })
    }

    /// A page of a story that the store does not know: it was forgotten, or the database that knew it is lost. That of a
    /// lost one stays as it is, unless a takedown names it or an article on it.
    fn keep_unknown(&mut self, id: &StoryId, page: Option<StoryPage>) -> bool {
        let file = story_file(self.folder, id);
        if page.as_ref().is_some_and(|page| page.kind != PageKind::Kept) {
            self.keeper.report.gone.push(file);
            return true;
        }
        let Some(bytes) = self.disk.read(&file) else {
            self.keeper.changes.gone.push(file);
            return true;
        };
        let taken_down = self.keeper.input.taken_down;
        let links = read_back(Form::of_items(self.output), &bytes).unwrap_or_default();
        if taken_down.names(id, "") || links.iter().any(|found| taken_down.names(id, &found.link)) {
            return self.close(id, Closing::TakenDown).unwrap_or(false);
        }
        let since = page.map(|page| page.since).or_else(|| self.disk.changed(&file));
        self.record_since(id, PageKind::Kept, since.unwrap_or(self.keeper.input.now))
    }

    fn is_there(&self, id: &StoryId) -> bool {
        self.disk.changed(&story_file(self.folder, id)).is_some()
    }

    fn record(&mut self, id: &StoryId, kind: PageKind) -> bool {
        self.record_since(id, kind, self.keeper.input.now)
    }

    fn record_since(&mut self, id: &StoryId, kind: PageKind, since: Timestamp) -> bool {
        let page = StoryPage { file: story_file(self.folder, id), story: id.clone(), kind, since, is_stale: false };
        self.keeper.record(page);
        true
    }

    /// One cause is one line: of the pages of a folder the first that failed is reported.
    fn has_failed(&mut self, file: String, error: PublishError) -> bool {
        let folder = self.folder;
        if !self.keeper.report.failed.iter().any(|(failed, _)| failed.starts_with(folder)) {
            self.keeper.report.failed.push((file, error));
        }
        false
    }
}
