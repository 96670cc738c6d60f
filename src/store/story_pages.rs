//! The pages of single stories that were published, and which of them no longer match their story.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, Row, named_params};

use super::{Batch, Reader, Store, StoreError, StoryNumber, columns};
use crate::model::StoryId;

/// A page of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoryPage {
    /// Under the output folder.
    pub(crate) file: String,
    /// The id in its name: it may be an alias by now.
    pub(crate) story: StoryId,
    /// What is on it.
    pub(crate) kind: PageKind,
    /// When it was made; of one that is kept, when its file was last changed.
    pub(crate) since: Timestamp,
    /// Its story changed since it was made.
    pub(crate) is_stale: bool,
}

/// What is on the page of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// The story.
    Story,
    /// The way to the story that it is a part of now.
    Moved,
    /// That nothing is shown any more.
    Closed,
    /// What was on it when the database was lost: it does not know the story.
    Kept,
}

/// A folder of such pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoryFolder {
    /// Under the output folder, with a slash at its end.
    pub(crate) folder: String,
    /// Changes with all that decides how its stories are shown; 0: some page is not as it should be.
    pub(crate) print: i64,
    /// Of the folder when it was last written to; `None`: there was none.
    pub(crate) stamp: Option<String>,
}

/// What a publish did to pages of stories.
#[derive(Debug, Default)]
pub(crate) struct StoryPageChanges {
    /// Pages as they are now.
    pub(crate) pages: Vec<StoryPage>,
    /// Files that are gone.
    pub(crate) gone: Vec<String>,
    /// Folders as they are now.
    pub(crate) folders: Vec<StoryFolder>,
}

impl PageKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Moved => "moved",
            Self::Closed => "closed",
            Self::Kept => "kept",
        }
    }
}

impl Reader {
    /// The pages whose story changed since they were made.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stale_story_pages(&self) -> Result<Vec<StoryPage>, StoreError> {
        self.story_pages(
            "SELECT file, story_key, kind, since_at, stale FROM story_page WHERE stale = 1 ORDER BY file",
            [],
        )
    }

    /// Whether any page is one of these.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn has_stale_story_pages(&self) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT 1 FROM story_page WHERE stale = 1")?.exists([])?)
    }

    /// All pages in `folder`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_pages_in(&self, folder: &str) -> Result<Vec<StoryPage>, StoreError> {
        self.story_pages(
            "SELECT file, story_key, kind, since_at, stale
               FROM story_page WHERE file >= :folder AND file < :behind ORDER BY file",
            named_params! { ":folder": folder, ":behind": behind(folder) },
        )
    }

    /// The page `file`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_page(&self, file: &str) -> Result<Option<StoryPage>, StoreError> {
        let mut stmt = self
            .conn
            .prepare_cached("SELECT file, story_key, kind, since_at, stale FROM story_page WHERE file = :file")?;
        Ok(stmt.query_row(named_params! { ":file": file }, page).optional()?)
    }

    /// The pages that were left as they are since before `before`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn kept_story_pages(&self, before: Timestamp) -> Result<Vec<StoryPage>, StoreError> {
        self.story_pages(
            "SELECT file, story_key, kind, since_at, stale
               FROM story_page WHERE kind = 'kept' AND since_at < :before ORDER BY file",
            named_params! { ":before": before.as_second() },
        )
    }

    /// The stories of `ids` that have a page with their text, and its files.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn shown_story_pages<'a>(
        &self,
        ids: impl Iterator<Item = &'a StoryId>,
    ) -> Result<BTreeMap<StoryId, Vec<String>>, StoreError> {
        let mut stmt = self
            .conn
            .prepare_cached("SELECT file FROM story_page WHERE story_key = :story AND kind = 'story' ORDER BY file")?;
        let mut found = BTreeMap::new();
        if !self.conn.prepare_cached("SELECT 1 FROM story_page")?.exists([])? {
            return Ok(found);
        }
        for id in ids {
            let rows = stmt.query_map(named_params! { ":story": id.as_str() }, |row| row.get("file"))?;
            let files: Vec<String> = rows.collect::<Result<_, _>>()?;
            if !files.is_empty() {
                found.insert(id.clone(), files);
            }
        }
        Ok(found)
    }

    /// The file of every page.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_page_files(&self) -> Result<Vec<String>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT file FROM story_page ORDER BY file")?;
        let rows = stmt.query_map([], |row| row.get("file"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every folder with pages of stories.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_folders(&self) -> Result<Vec<StoryFolder>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT folder, print, stamp FROM story_folder ORDER BY folder")?;
        let rows = stmt.query_map([], |row| {
            Ok(StoryFolder { folder: row.get("folder")?, print: row.get("print")?, stamp: row.get("stamp")? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn story_pages(&self, sql: &str, params: impl Params) -> Result<Vec<StoryPage>, StoreError> {
        let mut stmt = self.conn.prepare_cached(sql)?;
        let rows = stmt.query_map(params, page)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Remembers what became of pages of stories, in one transaction.
    ///
    /// # Errors
    /// If the database cannot be written; nothing is stored then.
    pub(crate) fn save_story_pages(&mut self, changes: &StoryPageChanges) -> Result<(), StoreError> {
        let batch = self.batch()?;
        {
            let mut save = batch.tx.prepare_cached(
                "INSERT INTO story_page (file, story_key, kind, since_at, stale)
                 VALUES (:file, :story, :kind, :since, :stale)
                 ON CONFLICT (file) DO UPDATE SET kind = :kind, since_at = :since, stale = :stale",
            )?;
            for page in &changes.pages {
                save.execute(named_params! {
                    ":file": page.file, ":story": page.story.as_str(), ":kind": page.kind.code(),
                    ":since": page.since.as_second(), ":stale": page.is_stale,
                })?;
            }
            let files = changes.pages.iter().map(|page| page.file.as_str());
            batch.changes_story_pages(files.chain(changes.gone.iter().map(String::as_str)))?;
            let mut forget = batch.tx.prepare_cached("DELETE FROM story_page WHERE file = :file")?;
            for file in &changes.gone {
                forget.execute(named_params! { ":file": file })?;
            }
            let mut save = batch.tx.prepare_cached(
                "INSERT INTO story_folder (folder, print, stamp) VALUES (:folder, :print, :stamp)
                 ON CONFLICT (folder) DO UPDATE SET print = :print, stamp = :stamp",
            )?;
            for StoryFolder { folder, print, stamp } in &changes.folders {
                save.execute(named_params! { ":folder": folder, ":print": print, ":stamp": stamp })?;
            }
        }
        batch.commit()
    }
}

impl Batch<'_> {
    /// Entries of these stories are shown from now on: their pages no longer match.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn shows_more_of<'s>(&self, stories: impl Iterator<Item = &'s StoryId>) -> Result<(), StoreError> {
        if !self.tx.prepare_cached("SELECT 1 FROM story_page")?.exists([])? {
            return Ok(());
        }
        let mut stale = self.tx.prepare_cached("UPDATE story_page SET stale = 1 WHERE story_key = :story")?;
        for story in stories {
            stale.execute(named_params! { ":story": story.as_str() })?;
        }
        Ok(())
    }

    /// A story gained or lost entries, one of them was edited, or another one leads it.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn changes_story(&self, story: StoryNumber) -> Result<(), StoreError> {
        if self.tx.prepare_cached("SELECT 1 FROM story_page")?.exists([])? {
            self.tx
                .prepare_cached(
                    "UPDATE story_page SET stale = 1 WHERE story_key = (SELECT key FROM story WHERE id = :story)",
                )?
                .execute(named_params! { ":story": story.0 })?;
        }
        Ok(())
    }

    /// A story of this id is opened: its page, if one was kept, is no longer that of a story which nobody knows.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn knows_story(&self, story: &StoryId) -> Result<(), StoreError> {
        if self.tx.prepare_cached("SELECT 1 FROM story_page WHERE kind = 'kept'")?.exists([])? {
            self.tx
                .prepare_cached("UPDATE story_page SET stale = 1 WHERE story_key = :story")?
                .execute(named_params! { ":story": story.as_str() })?;
        }
        Ok(())
    }
}

/// What comes right behind everything in `folder`, whose name ends with a slash.
fn behind(folder: &str) -> String {
    format!("{}0", folder.trim_end_matches('/'))
}

fn page(row: &Row<'_>) -> rusqlite::Result<StoryPage> {
    let kind: String = row.get("kind")?;
    let kind = match kind.as_str() {
        "story" => PageKind::Story,
        "moved" => PageKind::Moved,
        "closed" => PageKind::Closed,
        "kept" => PageKind::Kept,
        _ => return Err(columns::unreadable("kind", kind)),
    };
    Ok(StoryPage {
        file: row.get("file")?,
        story: columns::story_id(row, "story_key")?,
        kind,
        since: columns::time(row, "since_at")?,
        is_stale: row.get("stale")?,
    })
}
