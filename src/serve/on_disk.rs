//! Pages of stories, days, tags and sources: there may be tens of thousands, of which few are asked for. They are read when
//! they are, and kept in memory for as long as others are not asked for more.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::page::Page;
use super::watch::FileStamp;

/// Bytes of pages that were asked for lately, in all their encodings: half of what is kept, a generation.
const GENERATION_BYTES: usize = 8 * 1024 * 1024;

/// A file of the outputs that is read when somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OnDisk {
    /// Its name under the folder of outputs.
    pub(super) file: String,
    pub(super) path: PathBuf,
    /// What it is in the set of files that is served; when that changes, a publish is replacing the set.
    pub(super) stamp: FileStamp,
}

impl OnDisk {
    /// The page as it is on the disk now, which may be a later one than the set's.
    ///
    /// # Errors
    /// If the file is gone or cannot be read.
    pub(super) fn read(&self) -> io::Result<Page> {
        let mut file = File::open(&self.path)?;
        // Of the opened file: a publish may put another one in its place meanwhile.
        let stamp = FileStamp::of(&file.metadata()?);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Page::new(&self.file, None, bytes, stamp))
    }
}

/// Pages that were asked for lately.
///
/// Two generations: what is asked for joins the young one, and once that is full it takes the place of the old one.
#[derive(Debug, Default)]
pub(super) struct RecentPages(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<PathBuf, Arc<Page>>,
    old: HashMap<PathBuf, Arc<Page>>,
    young_bytes: usize,
}

impl RecentPages {
    /// The page, if it was asked for lately and is the one of the set.
    pub(super) fn get(&self, wanted: &OnDisk) -> Option<Arc<Page>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_wanted = |page: &&Arc<Page>| page.stamp == Some(wanted.stamp);
        if let Some(page) = generations.young.get(&wanted.path).filter(is_wanted) {
            return Some(Arc::clone(page));
        }
        let page = generations.old.get(&wanted.path).filter(is_wanted).map(Arc::clone)?;
        generations.keep(wanted, &page);
        Some(page)
    }

    pub(super) fn keep(&self, wanted: &OnDisk, page: &Arc<Page>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(wanted, page);
    }
}

impl Generations {
    fn keep(&mut self, wanted: &OnDisk, page: &Arc<Page>) {
        if self.young_bytes + page.bytes() > GENERATION_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += page.bytes();
        if let Some(before) = self.young.insert(wanted.path.clone(), Arc::clone(page)) {
            self.young_bytes -= before.bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn on_disk(path: PathBuf) -> OnDisk {
        let stamp = FileStamp::of(&fs::metadata(&path).unwrap());
        OnDisk { file: path.file_name().unwrap().to_str().unwrap().to_owned(), path, stamp }
    }

    #[test]
    fn a_page_is_read_as_it_is_and_says_if_it_is_another_than_the_sets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("story.html");
        fs::write(&path, "<p>one").unwrap();
        let wanted = on_disk(path.clone());
        let page = wanted.read().unwrap();
        assert_eq!((&page.identity.bytes[..], page.stamp), (&b"<p>one"[..], Some(wanted.stamp)));
        fs::write(folder.path().join("new"), "<p>another").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        let page = wanted.read().unwrap();
        assert!(page.stamp != Some(wanted.stamp) && &page.identity.bytes[..] == b"<p>another");
        fs::remove_file(&path).unwrap();
        assert_eq!(wanted.read().unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_is_kept_has_a_bound_and_what_is_asked_for_stays() {
        let folder = tempfile::tempdir().unwrap();
        let recent = RecentPages::default();
        let each = 512 * 1024;
        let wanted: Vec<OnDisk> = (0_u8..50)
            .map(|number| {
                let path = folder.path().join(format!("{number}.bin"));
                fs::write(&path, vec![number; each]).unwrap();
                on_disk(path)
            })
            .collect();
        for one in &wanted {
            assert_eq!(recent.get(one).map(|page| page.hash), None);
            recent.keep(one, &Arc::new(one.read().unwrap()));
            // The first is asked for all the time.
            assert!(recent.get(&wanted[0]).is_some(), "{}", one.file);
        }
        let kept: Vec<bool> = wanted.iter().map(|one| recent.get(one).is_some()).collect();
        assert!(kept.iter().filter(|is_kept| **is_kept).count() * each <= 2 * GENERATION_BYTES + each, "{kept:?}");
        assert!(kept[0] && kept[49] && !kept[1], "{kept:?}");
        let mut newer = wanted[49].clone();
        fs::write(&newer.path, "newer").unwrap();
        newer.stamp = on_disk(newer.path.clone()).stamp;
        assert!(recent.get(&newer).is_none(), "the page of another set");
    }
}
