//! Pages of tags and sources that are gone, and those of pages that have another name: no address that was public ends in
//! nothing while it is kept.

use std::collections::BTreeSet;

use super::facet::{Facet, folder_of};
use super::keeper::{FolderState, Keeper};
use crate::config::{Format, OutputConfig};
use crate::publish::page_folder::PageFolder;
use crate::publish::render::FacetKind;
use crate::publish::report::PublishStageError;
use crate::store::FacetPageKind;

impl Keeper<'_> {
    /// Closes the pages in `folder` of what `output` has no more; what was closed long ago goes.
    pub(super) fn end_others(
        &mut self,
        output: &OutputConfig,
        folder: &str,
        live: &[Facet<'_>],
        disk: &mut PageFolder<'_>,
        state: FolderState,
    ) -> Result<(), PublishStageError> {
        let live: BTreeSet<&str> = live.iter().map(|facet| facet.file.as_str()).collect();
        let mut others: BTreeSet<String> = self
            .known_in(folder)
            .into_iter()
            .map(|page| page.file)
            .filter(|file| !live.contains(file.as_str()))
            .collect();
        // What a lost database knew.
        if state == FolderState::Touched {
            let names = disk.names().unwrap_or_default();
            let files = names.into_iter().map(|name| format!("{folder}{name}.html"));
            others.extend(files.filter(|file| !live.contains(file.as_str())));
        }
        for file in others {
            self.end(output, file, disk, None, state)?;
        }
        Ok(())
    }

    /// Looks after the pages in folders that no page has: those of pages that are gone or have another name.
    pub(super) fn lead_on(&mut self) -> Result<(), PublishStageError> {
        let outputs = &self.input.config.outputs;
        let kinds = FacetKind::ALL;
        let claimed: BTreeSet<String> =
            outputs.iter().flat_map(|output| kinds.iter().filter_map(|kind| folder_of(output, *kind))).collect();
        let Some(output) = outputs.iter().find(|output| output.format == Format::Html).or(outputs.first()) else {
            return Ok(());
        };
        let unclaimed: Vec<String> = self.folders.keys().filter(|folder| !claimed.contains(*folder)).cloned().collect();
        for folder in unclaimed {
            let mut disk = PageFolder::new(&self.input.config.output_dir, &folder, output.mode);
            let kind = if folder.ends_with("t/") { FacetKind::Tag } else { FacetKind::Source };
            let state = self.state_of(&folder, &disk);
            for page in self.known_in(&folder) {
                let name = page.file.strip_prefix(&folder).unwrap_or_default();
                // What was public never leads into a folder of another kind.
                let is_alike = |other: &&OutputConfig| other.mode == output.mode;
                let mut there = outputs.iter().filter(is_alike).filter_map(|other| folder_of(other, kind));
                let to = there.find_map(|folder| Some(format!("{folder}{name}")).filter(|file| self.is_shown(file)));
                self.end(output, page.file, &mut disk, to.as_deref(), state)?;
            }
            self.leave(&folder, &disk, 1);
        }
        Ok(())
    }

    /// Whether there is a page of a tag or source at `file` after this publish.
    fn is_shown(&self, file: &str) -> bool {
        let mut now = self.changes.pages.iter().filter(|page| page.file == file);
        let page = now.next_back().or(self.known.get(file));
        page.is_some_and(|page| page.kind == FacetPageKind::Shown)
    }

    fn end(
        &mut self,
        output: &OutputConfig,
        file: String,
        disk: &mut PageFolder<'_>,
        to: Option<&str>,
        state: FolderState,
    ) -> Result<(), PublishStageError> {
        let kind = if to.is_some() { FacetPageKind::Moved } else { FacetPageKind::Closed };
        let known = self.known.get(&file);
        let keep = self.input.config.store.keep;
        let before = keep.and_then(|keep| self.input.now.checked_sub(keep).ok());
        if known.is_some_and(|known| {
            known.kind != FacetPageKind::Shown && before.is_some_and(|before| known.since < before)
        }) {
            match disk.remove(&file) {
                Ok(()) => self.changes.gone.push(file),
                Err(error) => self.report.failed.push((file, error)),
            }
            return Ok(());
        }
        let is_done = known.is_some_and(|known| known.kind == kind && known.print != 0);
        if is_done && state == FolderState::AsLeft {
            return Ok(());
        }
        let output = OutputConfig { file: file.clone(), ..output.clone() };
        if self.close(disk, &output, to)? {
            self.record_end(&file, kind);
        }
        Ok(())
    }
}
