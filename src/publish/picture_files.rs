//! The folder of small copies of pictures: what is missing is written before a page shows it, and what no story has any
//! more is removed after. All of it can be made again from the database.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::allowance::allowance;
use super::copied_pictures::{CopiedPictures, hash_in, picture_file, picture_name};
use super::file_stamp::file_stamp;
use super::input::Input;
use super::plan::{Plan, touched_by_takedowns};
use super::write::{PublishError, USUAL_MODE, failed, make_folder, put_bytes, remove_leftovers};
use crate::config::{Config, Images, PICTURE_FOLDER};
use crate::files::sync_folder;
use crate::model::{Republish, Source, StoryId};
use crate::rights;
use crate::store::{OfferedPicture, PictureChanges, Reader, Store, StoreError};
use crate::text::{content_hash, content_name};

/// Records which pictures the stories of `plan` are to have; returns the copies that there are then.
///
/// # Errors
/// If the store cannot be read or written.
pub(super) fn record(store: &mut Store, input: &Input<'_>, plan: &Plan) -> Result<CopiedPictures, StoreError> {
    if input.config.copies_pictures() {
        store.save_pictures(&changes(input, plan), input.now)?;
    } else if store.picture_stamp()?.is_some() || store.has_pictures()? {
        store.drop_all_pictures()?;
    }
    CopiedPictures::load(store, input.config)
}

/// What the stories on the pages with copies have, and which have none.
fn changes(input: &Input<'_>, plan: &Plan) -> PictureChanges {
    let mut changes = PictureChanges::default();
    let mut without: BTreeSet<StoryId> =
        touched_by_takedowns(input).iter().filter_map(|story| StoryId::parse(story)).collect();
    let mut with: BTreeSet<StoryId> = BTreeSet::new();
    for output in input.config.outputs.iter().filter(|output| output.images == Images::Copy) {
        for item in plan.items_of(input, output) {
            match &item.picture {
                Some(address) if with.insert(item.story.clone()) => changes.offered.push(OfferedPicture {
                    story: item.story.clone(),
                    source: item.lead().source.id.clone(),
                    address: address.clone(),
                }),
                Some(_) => {}
                None => drop(without.insert(item.story.clone())),
            }
        }
    }
    changes.without = without.difference(&with).cloned().collect();
    let allowed = input.sources.values().filter(|source| may_copy(source, input.config));
    changes.allowed = allowed.map(|source| source.id.clone()).collect();
    changes
}

/// Whether pictures of `source` may be copied, as far as itself is concerned.
fn may_copy(source: &Source, config: &Config) -> bool {
    let allowed = allowance(config, None, source, &[]);
    allowed.extent < Republish::Headline && rights::may_copy_picture(&source.signals)
}

/// Whether the folder of pictures is as the last publish left it.
///
/// # Errors
/// If the store cannot be read.
pub(super) fn are_as_left(store: &Reader, config: &Config) -> Result<bool, StoreError> {
    match store.picture_stamp()? {
        None => Ok(CopiedPictures::load(store, config)?.by_hash().is_empty()),
        left => Ok(left == file_stamp(&folder_of(config))),
    }
}

/// The folder of pictures during a publish.
#[derive(Debug)]
pub(super) struct PictureFiles {
    folder: PathBuf,
    mode: u32,
    /// It is not as it was left: every file is compared.
    is_touched: bool,
    is_changed: bool,
    /// What could not be done.
    failed: Vec<(String, PublishError)>,
}

impl PictureFiles {
    /// Writes every copy that is missing.
    ///
    /// # Errors
    /// If the store cannot be read; what fails on the disk is kept to be reported.
    pub(super) fn write(store: &Reader, input: &Input<'_>) -> Result<Self, StoreError> {
        let config = input.config;
        let folder = folder_of(config);
        let is_touched = store.picture_stamp()? != file_stamp(&folder);
        let mode = mode_of(config);
        let mut files = Self { folder, mode, is_touched, is_changed: false, failed: Vec::new() };
        let there = files.names();
        for (hash, number) in input.pictures.by_hash() {
            if there.contains(hash) && (!files.is_touched || files.is_whole(hash)) {
                continue;
            }
            if let Some(bytes) = store.picture_bytes(number)? {
                let done = files.put(hash, &bytes);
                files.note(hash, done);
            }
        }
        files.sync();
        Ok(files)
    }

    /// Removes what is no copy of any picture any more and not on the pages that could not be made anew, of which the last
    /// version `stayed`; records how the folder was left. Returns what failed.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub(super) fn finish(
        mut self,
        store: &mut Store,
        input: &Input<'_>,
        stayed: impl IntoIterator<Item = String>,
    ) -> Result<Vec<(String, PublishError)>, StoreError> {
        let wanted = input.pictures.by_hash();
        let mut gone = self.names();
        gone.retain(|hash| !wanted.contains_key(hash.as_str()));
        if !gone.is_empty() {
            let shown = [on_kept_pages(store, input.config)?, on_pages(input.config, stayed)];
            gone.retain(|hash| !shown.iter().any(|shown| shown.contains(hash)));
        }
        for hash in &gone {
            // What has the name of a copy and is none is not ours.
            if self.is_whole(hash) {
                let path = self.path(hash);
                let done = std::fs::remove_file(&path).map_err(failed("remove", &path));
                self.is_changed = true;
                self.note(hash, done);
            }
        }
        self.sync();
        if wanted.is_empty() {
            // Where something else is in it, it stays.
            let _ = std::fs::remove_dir(&self.folder);
        }
        let stamp = file_stamp(&self.folder).filter(|_| !wanted.is_empty() && self.failed.is_empty());
        if stamp != store.picture_stamp()? {
            store.set_picture_stamp(stamp.as_deref())?;
        }
        Ok(self.failed)
    }

    /// The hashes of the copies in it; what a killed run left aside goes.
    fn names(&mut self) -> BTreeSet<String> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    let error = failed("read the folder", &self.folder)(error);
                    self.failed.push((PICTURE_FOLDER.to_owned(), error));
                }
                return BTreeSet::new();
            }
        };
        let names = entries.flatten().filter_map(|entry| Some(hash_in(entry.file_name().to_str()?)?.to_owned()));
        let names = names.collect();
        if self.is_touched
            && let Err(error) = remove_leftovers(&self.folder)
        {
            self.failed.push((PICTURE_FOLDER.to_owned(), error));
        }
        names
    }

    /// Whether the file of a copy holds what its name says.
    fn is_whole(&self, hash: &str) -> bool {
        std::fs::read(self.path(hash)).is_ok_and(|bytes| content_name(&content_hash(&bytes)) == hash)
    }

    fn put(&mut self, hash: &str, bytes: &[u8]) -> Result<(), PublishError> {
        if !self.is_changed {
            make_folder(&self.folder, self.mode).map_err(failed("create the folder", &self.folder))?;
            self.is_changed = true;
        }
        put_bytes(&self.path(hash), bytes, self.mode)
    }

    fn note(&mut self, hash: &str, done: Result<(), PublishError>) {
        // One cause is one line.
        if let Err(error) = done
            && self.failed.is_empty()
        {
            self.failed.push((picture_file(hash), error));
        }
    }

    fn sync(&mut self) {
        if self.is_changed && self.folder.is_dir() {
            let done = sync_folder(&self.folder).map_err(failed("sync the folder", &self.folder));
            self.failed.extend(done.err().map(|error| (PICTURE_FOLDER.to_owned(), error)));
        }
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(picture_name(hash))
    }
}

/// The copies on the pages of stories that a lost database knew, which stay as they are.
pub(super) fn on_kept_pages(store: &Reader, config: &Config) -> Result<BTreeSet<String>, StoreError> {
    let kept = store.kept_story_pages(Timestamp::MAX)?;
    Ok(on_pages(config, kept.into_iter().map(|page| page.file)))
}

/// The hashes of the copies on the pages `files` as they are.
fn on_pages(config: &Config, files: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for file in files {
        let page = std::fs::read(config.output_dir.join(&file)).unwrap_or_default();
        let page = String::from_utf8_lossy(&page);
        let names = page.split(PICTURE_FOLDER).skip(1).filter_map(|rest| hash_in(rest.split('"').next()?));
        shown.extend(names.map(str::to_owned));
    }
    shown
}

fn folder_of(config: &Config) -> PathBuf {
    config.output_dir.join(Path::new(PICTURE_FOLDER.trim_end_matches('/')))
}

/// Whoever may read one of the pages may read its pictures.
fn mode_of(config: &Config) -> u32 {
    let pages = config.outputs.iter().filter(|output| output.images == Images::Copy);
    pages.map(|page| page.mode.unwrap_or(USUAL_MODE)).fold(0, |modes, mode| modes | mode)
}
