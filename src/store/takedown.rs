//! What may never be published again: takedowns, until they are taken back.

use jiff::Timestamp;
use rusqlite::{Row, named_params};
use url::Url;

use super::{Batch, Reader, StoreError, columns};
use crate::model::StoryId;

/// The number by which a person names a takedown.
pub(crate) type TakedownNumber = i64;

/// What a takedown keeps out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// A whole story, whatever joins it.
    Story(StoryId),
    /// The article at this address, in any of its forms.
    Article(Url),
    /// Every article whose address starts so.
    Prefix(Url),
}

/// A takedown that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Takedown {
    /// Its number.
    pub(crate) number: TakedownNumber,
    /// As a person wrote it.
    pub(crate) said: String,
    /// The title of what was found for it; empty: nothing was.
    pub(crate) title: String,
    /// When it was said.
    pub(crate) at: Timestamp,
    /// What it keeps out.
    pub(crate) taken: Vec<Taken>,
}

impl Taken {
    fn columns(&self) -> (&'static str, &str) {
        match self {
            Self::Story(id) => ("story", id.as_str()),
            Self::Article(url) => ("article", url.as_str()),
            Self::Prefix(url) => ("prefix", url.as_str()),
        }
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let what: String = row.get("value")?;
        let url = || Url::parse(&what).map_err(|_| rusqlite::Error::InvalidQuery);
        match row.get::<_, String>("kind")?.as_str() {
            "story" => StoryId::parse(&what).map(Self::Story).ok_or(rusqlite::Error::InvalidQuery),
            "article" => Ok(Self::Article(url()?)),
            "prefix" => Ok(Self::Prefix(url()?)),
            _ => Err(rusqlite::Error::InvalidQuery),
        }
    }
}

impl Reader {
    /// The takedowns that count, the oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub(crate) fn takedowns(&self) -> Result<Vec<Takedown>, StoreError> {
        let mut keys = self
            .conn
            .prepare_cached("SELECT kind, value FROM takedown_key WHERE takedown_id = :number ORDER BY kind, value")?;
        let mut stmt = self.conn.prepare_cached("SELECT id, request, title, at FROM takedown ORDER BY id")?;
        let found = stmt.query_map([], |row| {
            Ok(Takedown {
                number: row.get("id")?,
                said: row.get("request")?,
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
}

impl Batch<'_> {
    /// Remembers a takedown.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn add_takedown(
        &self,
        said: &str,
        title: &str,
        taken: &[Taken],
        now: Timestamp,
    ) -> Result<TakedownNumber, StoreError> {
        let number = self
            .tx
            .prepare_cached("INSERT INTO takedown (request, title, at) VALUES (:request, :title, :now)")?
            .insert(named_params! { ":request": said, ":title": title, ":now": now.as_second() })?;
        let mut stmt = self.tx.prepare_cached(
            "INSERT OR IGNORE INTO takedown_key (takedown_id, kind, value) VALUES (:number, :kind, :value)",
        )?;
        for taken in taken {
            let (kind, what) = taken.columns();
            stmt.execute(named_params! { ":number": number, ":kind": kind, ":value": what })?;
        }
        self.shows();
        Ok(number)
    }

    /// Forgets a takedown; whether there was one.
    ///
    /// # Errors
    /// Where the database cannot be written.
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
