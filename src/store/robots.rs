//! What the robots.txt of each host tells us.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params};

use super::{Batch, Reader, StoreError, columns};

/// A host that has not been asked for this long is forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is remembered of a host's robots.txt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsState {
    /// The last request for it.
    pub asked: Timestamp,
    /// What counts of the last good copy, as a robots.txt of its own; empty if the host has none.
    /// `None`: no good answer so far.
    pub lines: Option<String>,
    /// Why the last request failed.
    pub(crate) trouble: Option<String>,
    /// What its tdmrep.json reserves from mining, as a robots.txt that disallows it; empty if that reserves nothing.
    /// `None`: not asked for since.
    pub(crate) mining: Option<String>,
}

impl Reader {
    /// What is remembered of every host's robots.txt, by the host's key (`https://example.com:443`).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn robots(&self) -> Result<HashMap<String, RobotsState>, StoreError> {
        let mut stmt =
            self.conn.prepare_cached("SELECT host, asked_at, lines, trouble, tdm FROM robots ORDER BY host")?;
        let rows = stmt.query_map([], |row| {
            let state = RobotsState {
                asked: columns::time(row, "asked_at")?,
                lines: row.get("lines")?,
                trouble: row.get("trouble")?,
                mining: row.get("tdm")?,
            };
            Ok((row.get("host")?, state))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Remembers what the robots.txt of a host says, and forgets hosts that nobody asks any more.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_robots(&mut self, host: &str, state: &RobotsState) -> Result<(), StoreError> {
        let before: Option<Option<String>> = self
            .tx
            .prepare_cached("SELECT lines FROM robots WHERE host = :host")?
            .query_row(named_params! { ":host": host }, |row| row.get("lines"))
            .optional()?;
        // What it declares about rights shows in outputs.
        if before.flatten() != state.lines {
            self.shows();
        }
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO robots (host, asked_at, lines, trouble, tdm)
                 VALUES (:host, :asked, :lines, :trouble, :tdm)",
            )?
            .execute(named_params! {
                ":host": host, ":asked": state.asked.as_second(), ":lines": state.lines, ":trouble": state.trouble,
                ":tdm": state.mining,
            })?;
        let long_ago = state.asked.as_second().saturating_sub(FORGOTTEN_AFTER.as_secs());
        self.tx
            .prepare_cached("DELETE FROM robots WHERE asked_at < :long_ago")?
            .execute(named_params! { ":long_ago": long_ago })?;
        Ok(())
    }
}
