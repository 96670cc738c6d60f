//! What may never be published again: takedowns, until they are undone.

use std::borrow::Cow;

use jiff::Timestamp;
use rusqlite::{Row, named_params};
use url::Url;

use super::{Batch, Reader, StoreError, StoryNumber, columns};
use crate::model::{EntryKey, SourceId, StoryId};
use crate::text::TextSketch;

/// The number by which the operator names a takedown.
pub(crate) type TakedownNumber = i64;

/// What a takedown keeps out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// A whole story, whatever joins it.
    Story(StoryId),
    /// The article at this address, in any of its forms.
    Article(Url),
    /// Every article whose address starts like this one.
    Prefix(Url),
    /// An entry, whatever its address becomes.
    Entry(EntryKey),
    /// Every entry with the same or nearly the same text …
    Text(TextSketch),
    /// … that comes later than this …
    After(Timestamp),
    /// … except this one, which was there before and was not intended.
    Spared(EntryKey),
}

/// A takedown in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Takedown {
    /// Its number.
    pub(crate) number: TakedownNumber,
    /// As the operator wrote it.
    pub(crate) request: String,
    /// The title of what was found for it; empty: nothing was found.
    pub(crate) title: String,
    /// When it was asked for.
    pub(crate) at: Timestamp,
    /// What it keeps out.
    pub(crate) taken: Vec<Taken>,
}

/// Separates the parts of a stored entry's key; no source id contains it.
const SEPARATOR: char = ' ';

impl Taken {
    /// As a kind and a value, to be stored.
    pub(crate) fn to_columns(&self) -> (&'static str, Cow<'_, str>) {
        let key = |key: &EntryKey| Cow::Owned(format!("{}{SEPARATOR}{}", key.source, key.guid));
        match self {
            Self::Story(id) => ("story", id.as_str().into()),
            Self::Article(url) => ("article", url.as_str().into()),
            Self::Prefix(url) => ("prefix", url.as_str().into()),
            Self::Entry(entry) => ("entry", key(entry)),
            Self::Text(sketch) => ("text", sketch.to_text().into()),
            Self::After(time) => ("after", time.as_second().to_string().into()),
            Self::Spared(entry) => ("spared", key(entry)),
        }
    }

    /// From the result of [`Taken::to_columns`]; `None` for anything else.
    pub(crate) fn from_columns(kind: &str, value: &str) -> Option<Self> {
        let key = || {
            let (source, guid) = value.split_once(SEPARATOR)?;
            Some(EntryKey { source: SourceId::new(source).ok()?, guid: guid.to_owned() })
        };
        match kind {
            "story" => StoryId::parse(value).map(Self::Story),
            "article" => Url::parse(value).ok().map(Self::Article),
            "prefix" => Url::parse(value).ok().map(Self::Prefix),
            "entry" => key().map(Self::Entry),
            "text" => TextSketch::parse(value).map(Self::Text),
            "after" => Timestamp::from_second(value.parse().ok()?).ok().map(Self::After),
            "spared" => key().map(Self::Spared),
            _ => None,
        }
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind: String = row.get("kind")?;
        let value: String = row.get("value")?;
        Self::from_columns(&kind, &value).ok_or_else(|| columns::unreadable("value", value))
    }
}

impl Reader {
    /// The takedowns in force, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn takedowns(&self) -> Result<Vec<Takedown>, StoreError> {
        let mut keys = self
            .conn
            .prepare_cached("SELECT kind, value FROM takedown_key WHERE takedown_id = :number ORDER BY kind, value")?;
        let mut stmt = self.conn.prepare_cached("SELECT id, request, title, at FROM takedown ORDER BY id")?;
        let found = stmt.query_map([], |row| {
            Ok(Takedown {
                number: row.get("id")?,
                request: row.get("request")?,
                title: row.get("title")?,
                at: columns::time(row, "at")?,
                taken: Vec::new(),
            })
        })?;
        let mut takedowns: Vec<Takedown> = found.collect::<Result<_, _>>()?;
        for takedown in &mut takedowns {
            let taken = keys.query_map(named_params! { ":number": takedown.number }, Taken::from_row)?;
            takedown.taken = taken.collect::<Result<_, _>>()?;
        }
        Ok(takedowns)
    }

    /// When the newest entry was first seen; `None`: there is none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn newest_first_seen(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT max(first_seen_at) AS newest FROM entry")?;
        Ok(stmt.query_row([], |row| columns::optional_time(row, "newest"))?)
    }

    /// Stories with an entry that names an address with `part` in it: as its own, as that of its discussion, as the one
    /// that its page names for itself or was found at. Reads every entry.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stories_naming(&self, part: &str) -> Result<Vec<StoryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT DISTINCT member.story_id
               FROM member
               JOIN entry ON entry.id = member.entry_id
               LEFT JOIN article_of ON article_of.entry_id = entry.id
               LEFT JOIN article ON article.id = article_of.article_id
              WHERE instr(entry.url, :part) > 0
                 OR instr(entry.extra, :part) > 0
                 OR instr(coalesce(article.canonical, ''), :part) > 0
                 OR instr(coalesce(article.final_url, ''), :part) > 0
              ORDER BY member.story_id",
        )?;
        let rows = stmt.query_map(named_params! { ":part": part }, |row| Ok(StoryNumber(row.get("story_id")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Remembers a takedown.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn add_takedown(
        &self,
        request: &str,
        title: &str,
        taken: &[Taken],
        at: Timestamp,
    ) -> Result<TakedownNumber, StoreError> {
        let number = self
            .tx
            .prepare_cached("INSERT INTO takedown (request, title, at) VALUES (:request, :title, :at)")?
            .insert(named_params! { ":request": request, ":title": title, ":at": at.as_second() })?;
        let mut stmt = self.tx.prepare_cached(
            "INSERT OR IGNORE INTO takedown_key (takedown_id, kind, value) VALUES (:number, :kind, :value)",
        )?;
        for taken in taken {
            let (kind, value) = taken.to_columns();
            stmt.execute(named_params! { ":number": number, ":kind": kind, ":value": value })?;
            match taken {
                Taken::Story(id) => {
                    self.forget_rewrites_of_story(id)?;
                    self.drop_picture_of(id)?;
                }
                Taken::Entry(key) => {
                    self.forget_rewrites_from(key)?;
                    self.drop_picture_with(key)?;
                }
                _ => {}
            }
        }
        self.drop_lone_pictures()?;
        self.shows();
        Ok(number)
    }

    /// Forgets a takedown. Returns whether there was one.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget_takedown(&self, number: TakedownNumber) -> Result<bool, StoreError> {
        self.tx
            .prepare_cached("DELETE FROM takedown_key WHERE takedown_id = :number")?
            .execute(named_params! { ":number": number })?;
        let gone = self
            .tx
            .prepare_cached("DELETE FROM takedown WHERE id = :number")?
            .execute(named_params! { ":number": number })?;
        self.shows();
        Ok(gone > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_can_be_read_again() {
        let key = EntryKey { source: SourceId::new("a").unwrap(), guid: "tag:x y\tz".to_owned() };
        let url = Url::parse("https://a.example/x").unwrap();
        let sketch = TextSketch::of("A private matter of one person, told in full").unwrap();
        for taken in [
            Taken::Article(url.clone()),
            Taken::Prefix(url),
            Taken::Entry(key.clone()),
            Taken::Text(sketch),
            Taken::After(Timestamp::from_second(1_793_615_400).unwrap()),
            Taken::Spared(key),
        ] {
            let (kind, value) = taken.to_columns();
            assert_eq!(Taken::from_columns(kind, &value), Some(taken.clone()));
        }
        assert_eq!(Taken::from_columns("entry", "no-guid"), None);
    }
}
