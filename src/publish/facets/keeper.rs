//! What is known while the pages of tags and sources are looked through, and how one of them is made or closed.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::facet::home_of;
use crate::config::{Format, OutputConfig};
use crate::model::Item;
use crate::publish::channel::channel;
use crate::publish::document::Drawing;
use crate::publish::input::Input;
use crate::publish::isolate::{RefusedItem, isolated};
use crate::publish::page_folder::PageFolder;
use crate::publish::plan::Plan;
use crate::publish::render::{self, Nav, RenderError};
use crate::publish::rendered::{Holds, Rendered};
use crate::publish::report::PublishStageError;
use crate::publish::story_pages::Judge;
use crate::publish::write::PublishError;
use crate::store::{FacetFolder, FacetPage, FacetPageChanges, FacetPageKind, Reader, StoreError};

/// What became of the pages of tags and sources.
#[derive(Debug, Default)]
pub(in crate::publish) struct FacetReport {
    /// Items that the gate refuses.
    pub(in crate::publish) refused: Vec<RefusedItem>,
    /// What could not be written.
    pub(in crate::publish) failed: Vec<(String, PublishError)>,
}

/// How a folder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FolderState {
    /// As it was left.
    AsLeft,
    /// Somebody changed it, or nothing is known of it.
    Touched,
}

/// Who looks after the pages.
pub(super) struct Keeper<'a> {
    pub(super) store: &'a Reader,
    pub(super) input: &'a Input<'a>,
    pub(super) plan: &'a Plan,
    judge: OnceCell<Judge<'a>>,
    /// By file.
    pub(super) known: BTreeMap<String, FacetPage>,
    pub(super) folders: BTreeMap<String, FacetFolder>,
    pub(super) changes: FacetPageChanges,
    pub(super) report: FacetReport,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(store: &'a Reader, input: &'a Input<'a>, plan: &'a Plan) -> Result<Self, StoreError> {
        let known = store.facet_pages()?.into_iter().map(|page| (page.file.clone(), page));
        let folders = store.facet_folders()?.into_iter().map(|known| (known.folder.clone(), known));
        Ok(Self {
            store,
            input,
            plan,
            judge: OnceCell::new(),
            known: known.collect(),
            folders: folders.collect(),
            changes: FacetPageChanges::default(),
            report: FacetReport::default(),
        })
    }

    pub(super) fn judge(&self) -> &Judge<'a> {
        self.judge.get_or_init(|| Judge::new(self.store, self.input))
    }

    pub(super) fn state_of(&self, folder: &str, disk: &PageFolder<'_>) -> FolderState {
        let left = self.folders.get(folder).and_then(|known| known.stamp.clone());
        let is_as_left = self.input.outputs_are_as_left && disk.stamp() == left;
        if is_as_left { FolderState::AsLeft } else { FolderState::Touched }
    }

    /// The known pages in `folder`.
    pub(super) fn known_in(&self, folder: &str) -> Vec<FacetPage> {
        let in_it = |file: &str| file.strip_prefix(folder).is_some_and(|name| !name.contains('/'));
        self.known.values().filter(|page| in_it(&page.file)).cloned().collect()
    }

    /// Makes the page of `output`, which has its file, of `items`: by the template of the operator's, else by the built-in
    /// one, without what the gate refuses. Whether it is as it has to be.
    pub(super) fn make(
        &mut self,
        disk: &mut PageFolder<'_>,
        output: &OutputConfig,
        items: &[Item],
        nav: &Nav,
    ) -> Result<bool, PublishStageError> {
        let plain = OutputConfig { template: None, ..output.clone() };
        let own = output.template.is_some().then_some(output);
        let mut why = None;
        for output in own.into_iter().chain([&plain]) {
            let made = match rendered(self.input, output, items, nav) {
                Err(error @ RenderError::Template { .. }) => {
                    let reason = error.to_string();
                    why = why.or(Some(PublishError::NotMade { file: output.file.clone(), reason }));
                    continue;
                }
                made => made?,
            };
            let refusal = match disk.write(&made) {
                Err(PublishError::Refused { reason, .. }) => reason,
                written => return Ok(self.is_done(&output.file, written)),
            };
            if let Some((rest, refused)) = isolated(self.input, output, items, &made, nav) {
                self.report.refused.extend(refused);
                let written = disk.write(&rest);
                return Ok(self.is_done(&output.file, written));
            }
            why = why.or(Some(PublishError::Refused { file: output.file.clone(), reason: refusal }));
        }
        self.report.failed.extend(why.map(|why| (output.file.clone(), why)));
        self.close(disk, output, None)?;
        Ok(false)
    }

    /// Says on the page of `output` that there is nothing any more, or leads to the page `to`. Whether that could be done.
    pub(super) fn close(
        &mut self,
        disk: &mut PageFolder<'_>,
        output: &OutputConfig,
        to: Option<&str>,
    ) -> Result<bool, PublishStageError> {
        let home = home_of(self.input.config, &output.file);
        let bytes = render::facet_signpost(&channel(self.input, output), &output.file, home, to)?;
        let holds = if to.is_some() { Holds::Signpost } else { Holds::List };
        let page = Rendered { format: Format::Html, holds, ..Rendered::list(output, bytes, 0) };
        let written = disk.write(&page);
        Ok(self.is_done(&output.file, written))
    }

    /// One cause is one line: of the pages of a folder the first that failed is reported.
    fn is_done(&mut self, file: &str, written: Result<(), PublishError>) -> bool {
        let folder = folder_of(file);
        match written {
            Ok(()) => true,
            Err(error) => {
                if !self.report.failed.iter().any(|(failed, _)| folder_of(failed) == folder) {
                    self.report.failed.push((file.to_owned(), error));
                }
                false
            }
        }
    }

    /// Makes what was written to a folder last, and records how it is left.
    pub(super) fn leave(&mut self, folder: &str, disk: &PageFolder<'_>, print: i64) {
        self.report.failed.extend(disk.sync().err().map(|error| (folder.to_owned(), error)));
        let now = FacetFolder { folder: folder.to_owned(), print, stamp: disk.stamp() };
        let is_empty = now.stamp.is_none() && !self.folders.contains_key(folder);
        if !is_empty && self.folders.get(folder) != Some(&now) {
            self.changes.folders.push(now);
        }
    }

    /// Records that there is nothing any more at `file`, or a way to another page.
    pub(super) fn record_end(&mut self, file: &str, kind: FacetPageKind) {
        let now = FacetPage { file: file.to_owned(), kind, print: 1, since: self.input.now };
        let is_known = self.known.get(file).is_some_and(|before| before.kind == kind);
        if !is_known {
            self.changes.listed.push((file.to_owned(), BTreeSet::new()));
            self.changes.pages.push(now);
        }
    }
}

/// The folder of a file, with a slash at its end.
pub(super) fn folder_of(file: &str) -> &str {
    file.rfind('/').map_or("", |at| &file[..=at])
}

fn rendered(input: &Input<'_>, output: &OutputConfig, items: &[Item], nav: &Nav) -> Result<Rendered, RenderError> {
    let drawing = Drawing::new(input, output, nav);
    let (bytes, items) = drawing.draw_within(items, &mut BTreeMap::new())?;
    Ok(Rendered::of_items(output, bytes, &items))
}
