//! Stories by the day of their date, and the pages that were made from them.

use std::collections::BTreeMap;

use rusqlite::named_params;

use super::{Batch, Reader, StoreError, StoryNumber};
use crate::text::Fingerprint;

const DAY_S: i64 = 86_400;

/// A day with published stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoryDay {
    /// Days since 1 January 1970, UTC.
    pub(crate) day: i64,
    /// Changes with its stories and with who is in them.
    pub(crate) print: i64,
}

/// The page of a day as it was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArchivedDay {
    /// Changes with what is on it.
    pub(crate) content: i64,
    /// Changes with that and with the adjacent days.
    pub(crate) print: i64,
    /// Stories on it; 0: there is no file.
    pub(crate) items: usize,
}

impl Reader {
    /// The days of published stories, the newest first: of the `most` days up to the newest story's.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_days(&self, most: usize) -> Result<Vec<StoryDay>, StoreError> {
        let newest: Option<i64> = self.conn.query_row(
            "SELECT max(date_at) AS newest FROM story WHERE held_back = 0 AND first_published_at IS NOT NULL",
            [],
            |row| row.get("newest"),
        )?;
        let Some(newest) = newest else { return Ok(Vec::new()) };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let first = (newest.div_euclid(DAY_S) - most + 1).saturating_mul(DAY_S);
        let mut stmt = self.conn.prepare_cached(
            "SELECT story.date_at / 86400 AS day, count(*) AS members, count(DISTINCT story.id) AS stories,
                    total(member.entry_id) AS entries, total(story.id) AS ids, max(story.changed_at) AS changed,
                    max(coalesce(member.shown_at, 0)) AS shown, count(article.ended_at) AS articles,
                    max(coalesce(article.ended_at, 0)) AS article_ended
               FROM story
               JOIN member ON member.story_id = story.id
               LEFT JOIN article_of ON article_of.entry_id = member.entry_id
               LEFT JOIN article ON article.id = article_of.article_id
              WHERE story.held_back = 0 AND story.first_published_at IS NOT NULL AND story.date_at >= :first
              GROUP BY day
              ORDER BY day DESC",
        )?;
        let rows = stmt.query_map(named_params! { ":first": first }, |row| {
            let mut print = Fingerprint::new();
            for column in ["members", "stories", "changed", "shown", "articles", "article_ended"] {
                print.add(&row.get::<_, i64>(column)?.to_string());
            }
            for column in ["entries", "ids"] {
                print.add(&row.get::<_, f64>(column)?.to_string());
            }
            Ok(StoryDay { day: row.get("day")?, print: print.finish() })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The published stories of a day, at most `limit`, the last published first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stories_of_day(&self, day: i64, limit: usize) -> Result<Vec<StoryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id AS story_id
               FROM story
              WHERE held_back = 0 AND first_published_at IS NOT NULL AND date_at >= :from AND date_at < :to
              ORDER BY first_published_at DESC, date_at DESC, id
              LIMIT :limit",
        )?;
        let (from, limit) = (day.saturating_mul(DAY_S), i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = stmt.query_map(named_params! { ":from": from, ":to": from + DAY_S, ":limit": limit }, |row| {
            Ok(StoryNumber(row.get("story_id")?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The pages of days that were published, by their files.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn archived_days(&self) -> Result<BTreeMap<String, ArchivedDay>, StoreError> {
        let mut stmt =
            self.conn.prepare_cached("SELECT file, content, print, items FROM archived_day ORDER BY file")?;
        let rows = stmt.query_map([], |row| {
            let day = ArchivedDay { content: row.get("content")?, print: row.get("print")?, items: row.get("items")? };
            Ok((row.get("file")?, day))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Remembers the page of a day.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_archived_day(&mut self, file: &str, day: &ArchivedDay) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO archived_day (file, content, print, items) VALUES (:file, :content, :print, :items)
                 ON CONFLICT (file) DO UPDATE SET content = :content, print = :print, items = :items",
            )?
            .execute(named_params! {
                ":file": file, ":content": day.content, ":print": day.print, ":items": day.items,
            })?;
        Ok(())
    }

    /// Forgets the page of a day.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget_archived_day(&mut self, file: &str) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("DELETE FROM archived_day WHERE file = :file")?
            .execute(named_params! { ":file": file })?;
        Ok(())
    }
}
