//! Stories by the day of their date, and the pages that were made from them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::named_params;

use super::{Batch, Reader, StoreError, StoryNumber};
use crate::text::Fingerprint;

/// From when to when a day is, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DaySpan {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// A day with published stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoryDay {
    pub(crate) span: DaySpan,
    /// Changes with its stories and with who is in them.
    pub(crate) print: i64,
}

/// The page of a day as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArchivedDay {
    /// Changes with what is on it.
    pub(crate) content: i64,
    /// Changes with that and with the adjacent days.
    pub(crate) print: i64,
    /// Stories on it; 0: there is no file.
    pub(crate) items: usize,
    /// Size and time of its file as it was left.
    pub(crate) stamp: Option<String>,
}

impl Reader {
    /// The date of the newest published story.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn newest_story_date(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest: Option<i64> = self.conn.query_row(
            "SELECT max(date_at) AS newest FROM story WHERE held_back = 0 AND first_published_at IS NOT NULL",
            [],
            |row| row.get("newest"),
        )?;
        Ok(newest.and_then(|newest| Timestamp::from_second(newest).ok()))
    }

    /// Those of `days` that have published stories, in their order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_days(&self, days: &[DaySpan]) -> Result<Vec<StoryDay>, StoreError> {
        let spans: Vec<[i64; 2]> = days.iter().map(|day| [day.from.as_second(), day.to.as_second()]).collect();
        let spans = serde_json::to_string(&spans).expect("a list of numbers");
        let mut stmt = self.conn.prepare_cached(
            "SELECT day.key AS day, count(*) AS members, count(DISTINCT story.id) AS stories,
                    total(member.entry_id) AS entries, total(story.id) AS ids, max(story.changed_at) AS changed,
                    max(coalesce(member.shown_at, 0)) AS shown, count(article.ended_at) AS articles,
                    max(coalesce(article.ended_at, 0)) AS article_ended
               FROM json_each(:days) AS day
               CROSS JOIN story ON story.date_at >= day.value ->> 0 AND story.date_at < day.value ->> 1
               JOIN member ON member.story_id = story.id
               LEFT JOIN article_of ON article_of.entry_id = member.entry_id
               LEFT JOIN article ON article.id = article_of.article_id
              WHERE story.held_back = 0 AND story.first_published_at IS NOT NULL
              GROUP BY day.key
              ORDER BY day.key",
        )?;
        let rows = stmt.query_map(named_params! { ":days": spans }, |row| {
            let mut print = Fingerprint::new();
            for column in ["members", "stories", "changed", "shown", "articles", "article_ended"] {
                print.add(&row.get::<_, i64>(column)?.to_string());
            }
            for column in ["entries", "ids"] {
                print.add(&row.get::<_, f64>(column)?.to_string());
            }
            Ok((row.get::<_, usize>("day")?, print.finish()))
        })?;
        let found: Vec<(usize, i64)> = rows.collect::<Result<_, _>>()?;
        let day = |(at, print): (usize, i64)| Some(StoryDay { span: *days.get(at)?, print });
        Ok(found.into_iter().filter_map(day).collect())
    }

    /// The published stories of a day, at most `limit`, the last published first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stories_of_day(&self, day: DaySpan, limit: usize) -> Result<Vec<StoryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id AS story_id
               FROM story
              WHERE held_back = 0 AND first_published_at IS NOT NULL AND date_at >= :from AND date_at < :to
              ORDER BY first_published_at DESC, date_at DESC, id
              LIMIT :limit",
        )?;
        let (from, to) = (day.from.as_second(), day.to.as_second());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = stmt.query_map(named_params! { ":from": from, ":to": to, ":limit": limit }, |row| {
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
            self.conn.prepare_cached("SELECT file, content, print, items, stamp FROM archived_day ORDER BY file")?;
        let rows = stmt.query_map([], |row| {
            let day = ArchivedDay {
                content: row.get("content")?,
                print: row.get("print")?,
                items: row.get("items")?,
                stamp: row.get("stamp")?,
            };
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
                "INSERT INTO archived_day (file, content, print, items, stamp)
                 VALUES (:file, :content, :print, :items, :stamp)
                 ON CONFLICT (file) DO UPDATE SET content = :content, print = :print, items = :items, stamp = :stamp",
            )?
            .execute(named_params! {
                ":file": file, ":content": day.content, ":print": day.print, ":items": day.items, ":stamp": day.stamp,
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
