//! The pages of tags and sources that were published.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Row, named_params};

use super::{Batch, Reader, Store, StoreError, StoryNumber, columns};
use crate::model::SourceId;

/// The page of a tag or source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FacetPage {
    /// Under the output folder.
    pub(crate) file: String,
    /// What is on it.
    pub(crate) kind: FacetPageKind,
    /// Changes with what is on it; 0: it has to be made again.
    pub(crate) print: i64,
    /// When it was made.
    pub(crate) since: Timestamp,
}

/// What is on the page of a tag or source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FacetPageKind {
    /// Its stories.
    Shown,
    /// The way to the page that it has now.
    Moved,
    /// That there is nothing any more.
    Closed,
}

/// A folder of such pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FacetFolder {
    /// Under the output folder, with a slash at its end.
    pub(crate) folder: String,
    /// Changes with all but the stories that decides what is on its pages; 0: some page is not as it should be.
    pub(crate) print: i64,
    /// Of the folder when it was last written to; `None`: there was none.
    pub(crate) stamp: Option<String>,
}

/// What a publish did to pages of tags and sources.
#[derive(Debug, Default)]
pub(crate) struct FacetPageChanges {
    /// Pages as they are now.
    pub(crate) pages: Vec<FacetPage>,
    /// The pages of stories that each lists though the page it belongs to has left them behind.
    pub(crate) listed: Vec<(String, BTreeSet<String>)>,
    /// Files that are gone.
    pub(crate) gone: Vec<String>,
    /// Folders as they are now.
    pub(crate) folders: Vec<FacetFolder>,
}

impl FacetPageKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Moved => "moved",
            Self::Closed => "closed",
        }
    }
}

impl Reader {
    /// Every page of a tag or source.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn facet_pages(&self) -> Result<Vec<FacetPage>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT file, kind, print, since_at FROM facet_page ORDER BY file")?;
        let rows = stmt.query_map([], page)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The files of those that show stories.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn shown_facet_pages(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT file FROM facet_page WHERE kind = 'shown' ORDER BY file")?;
        let rows = stmt.query_map([], |row| row.get("file"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether any has to be made again.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn has_stale_facet_pages(&self) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT 1 FROM facet_page WHERE print = 0")?.exists([])?)
    }

    /// When the first of those was closed, or left to lead on, that still are so.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn first_end_of_facets(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut stmt =
            self.conn.prepare_cached("SELECT min(since_at) AS first FROM facet_page WHERE kind <> 'shown'")?;
        let first: Option<i64> = stmt.query_row([], |row| row.get("first"))?;
        Ok(first.and_then(|first| Timestamp::from_second(first).ok()))
    }

    /// Every folder with pages of tags or sources.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn facet_folders(&self) -> Result<Vec<FacetFolder>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT folder, print, stamp FROM facet_folder ORDER BY folder")?;
        let rows = stmt.query_map([], |row| {
            Ok(FacetFolder { folder: row.get("folder")?, print: row.get("print")?, stamp: row.get("stamp")? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last published stories of `sources` that have a page in `folder`, at most `limit` and as many again.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stories_with_page(
        &self,
        folder: &str,
        sources: &[&SourceId],
        limit: usize,
    ) -> Result<Vec<StoryNumber>, StoreError> {
        let sources: Vec<&str> = sources.iter().map(|id| id.as_str()).collect();
        let sources = serde_json::to_string(&sources).expect("a list of strings");
        let mut stmt = self.conn.prepare_cached(
            "SELECT DISTINCT story.id AS story_id, story.first_published_at, story.date_at
               FROM json_each(:sources) AS source
               CROSS JOIN entry ON entry.source_id = source.value
               CROSS JOIN member ON member.entry_id = entry.id
               CROSS JOIN story ON story.id = member.story_id
               CROSS JOIN story_page ON story_page.file = :folder || story.key || '.html'
              WHERE story.held_back = 0 AND story.first_published_at IS NOT NULL AND story_page.kind = 'story'
              ORDER BY story.first_published_at DESC, story.date_at DESC, story.id
              LIMIT :limit",
        )?;
        let limit = i64::try_from(limit.saturating_mul(2)).unwrap_or(i64::MAX);
        let rows = stmt
            .query_map(named_params! { ":sources": sources, ":folder": folder, ":limit": limit }, |row| {
                Ok(StoryNumber(row.get("story_id")?))
            })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Remembers what became of pages of tags and sources, in one transaction.
    ///
    /// # Errors
    /// If the database cannot be written; nothing is stored then.
    pub(crate) fn save_facet_pages(&mut self, changes: &FacetPageChanges) -> Result<(), StoreError> {
        if changes.pages.is_empty() && changes.folders.is_empty() && changes.gone.is_empty() {
            return Ok(());
        }
        let batch = self.batch()?;
        batch.save_facets(changes)?;
        batch.commit()
    }

    /// The pages of stories at `files` go: pages of tags and sources that list them have to be made again.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn unlist_from_facets(&mut self, files: &[String]) -> Result<(), StoreError> {
        if files.is_empty() {
            return Ok(());
        }
        let batch = self.batch()?;
        batch.changes_story_pages(files.iter().map(String::as_str))?;
        batch.commit()
    }
}

impl Batch<'_> {
    /// The pages of stories at `files` are others from now on: so are those of tags and sources that list them.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn changes_story_pages<'f>(&self, files: impl Iterator<Item = &'f str>) -> Result<(), StoreError> {
        if !self.tx.prepare_cached("SELECT 1 FROM facet_story")?.exists([])? {
            return Ok(());
        }
        let mut stale = self.tx.prepare_cached(
            "UPDATE facet_page SET print = 0 WHERE file IN (SELECT file FROM facet_story WHERE story_page = :page)",
        )?;
        for file in files {
            stale.execute(named_params! { ":page": file })?;
        }
        Ok(())
    }

    fn save_facets(&self, changes: &FacetPageChanges) -> Result<(), StoreError> {
        let mut save = self.tx.prepare_cached(
            "INSERT INTO facet_page (file, kind, print, since_at) VALUES (:file, :kind, :print, :since)
             ON CONFLICT (file) DO UPDATE SET kind = :kind, print = :print, since_at = :since",
        )?;
        for page in &changes.pages {
            save.execute(named_params! {
                ":file": page.file, ":kind": page.kind.code(), ":print": page.print, ":since": page.since.as_second(),
            })?;
        }
        let mut unlist = self.tx.prepare_cached("DELETE FROM facet_story WHERE file = :file")?;
        let mut list = self.tx.prepare_cached("INSERT INTO facet_story (story_page, file) VALUES (:page, :file)")?;
        for (file, pages) in &changes.listed {
            unlist.execute(named_params! { ":file": file })?;
            for page in pages {
                list.execute(named_params! { ":page": page, ":file": file })?;
            }
        }
        let mut forget = self.tx.prepare_cached("DELETE FROM facet_page WHERE file = :file")?;
        for file in &changes.gone {
            forget.execute(named_params! { ":file": file })?;
            unlist.execute(named_params! { ":file": file })?;
        }
        let mut save = self.tx.prepare_cached(
            "INSERT INTO facet_folder (folder, print, stamp) VALUES (:folder, :print, :stamp)
             ON CONFLICT (folder) DO UPDATE SET print = :print, stamp = :stamp",
        )?;
        for FacetFolder { folder, print, stamp } in &changes.folders {
            save.execute(named_params! { ":folder": folder, ":print": print, ":stamp": stamp })?;
        }
        Ok(())
    }
}

fn page(row: &Row<'_>) -> rusqlite::Result<FacetPage> {
    let kind: String = row.get("kind")?;
    let kind = match kind.as_str() {
        "shown" => FacetPageKind::Shown,
        "moved" => FacetPageKind::Moved,
        "closed" => FacetPageKind::Closed,
        _ => return Err(columns::unreadable("kind", kind)),
    };
    Ok(FacetPage { file: row.get("file")?, kind, print: row.get("print")?, since: columns::time(row, "since_at")? })
}
