//! What publish asks and records about stories: which may be in an output, and which were.

use jiff::Timestamp;
use rusqlite::{ToSql, named_params};

use super::{Batch, Reader, StoreError, StoryNumber};
use crate::model::{EntryKey, SourceId, StoryId};

/// Which stories a publish wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoriesAsked {
    /// What changed at that time or later.
    pub since: Timestamp,
    /// At most this many of each kind.
    pub limit: usize,
    /// Of what was never published, each source has its first before any has more than this many.
    pub turns: usize,
    /// This many of the newest, whenever they were published.
    pub least: usize,
    /// Beyond the limit, all that this many sources or more cover; 1: none.
    pub least_sources: usize,
}

impl StoriesAsked {
    /// The newest ones, whenever they were published.
    #[must_use]
    pub fn newest(limit: usize) -> Self {
        Self { since: Timestamp::MAX, limit, turns: usize::MAX, least: limit, least_sources: 1 }
    }
}

/// The newest, in turns of their leading sources: nobody's flood carries the news of others out of sight.
const UNPUBLISHED: &str = "SELECT story.id AS story_id
       FROM story
       JOIN member AS lead ON lead.entry_id = story.lead_entry_id
       JOIN entry AS of_lead ON of_lead.id = story.lead_entry_id
      WHERE story.held_back = 0
        AND story.first_published_at IS NULL
        AND EXISTS (SELECT 1 FROM member JOIN entry ON entry.id = member.entry_id
                     WHERE member.story_id = story.id
                       AND entry.source_id IN (SELECT value FROM json_each(:sources)))
      ORDER BY (row_number() OVER (PARTITION BY of_lead.source_id ORDER BY lead.time_at DESC, story.id) - 1) / :turns,
               lead.time_at DESC, story.id
      LIMIT :limit";
const NEWEST: &str = "SELECT story.id AS story_id
       FROM story
      WHERE story.held_back = 0
        AND story.first_published_at IS NOT NULL
        AND EXISTS (SELECT 1 FROM member JOIN entry ON entry.id = member.entry_id
                     WHERE member.story_id = story.id
                       AND entry.source_id IN (SELECT value FROM json_each(:sources)))
      ORDER BY story.first_published_at DESC, story.date_at DESC, story.id
      LIMIT :least";
/// The same, from the few entries of `:sources` rather than from the stories of all.
const NEWEST_OF_FEW: &str = "SELECT DISTINCT story.id AS story_id, story.first_published_at, story.date_at
       FROM json_each(:sources) AS source
       CROSS JOIN entry ON entry.source_id = source.value
       CROSS JOIN member ON member.entry_id = entry.id
       CROSS JOIN story ON story.id = member.story_id
      WHERE story.held_back = 0
        AND story.first_published_at IS NOT NULL
      ORDER BY story.first_published_at DESC, story.date_at DESC, story.id
      LIMIT :least";
const PUBLISHED_SINCE: &str = "SELECT story.id AS story_id
       FROM story
      WHERE story.held_back = 0
        AND story.first_published_at >= :since
        AND EXISTS (SELECT 1 FROM member JOIN entry ON entry.id = member.entry_id
                     WHERE member.story_id = story.id
                       AND entry.source_id IN (SELECT value FROM json_each(:sources)))
      ORDER BY story.first_published_at DESC, story.date_at DESC, story.id
      LIMIT :limit";
/// What several sources cover, however many others were published since.
const SHARED_SINCE: &str = "SELECT story.id AS story_id
       FROM story
      WHERE story.held_back = 0
        AND story.first_published_at >= :since
        AND (SELECT count(DISTINCT entry.source_id) FROM member JOIN entry ON entry.id = member.entry_id
              WHERE member.story_id = story.id
                AND entry.source_id IN (SELECT value FROM json_each(:sources))) >= :least_sources
      ORDER BY story.first_published_at DESC, story.date_at DESC, story.id
      LIMIT :limit";
/// Published before, and with an entry that was shown since then or is still to be shown.
const JOINED_SINCE: &str = "SELECT DISTINCT story.id AS story_id
       FROM (SELECT story_id, entry_id FROM member WHERE shown_at >= :since
             UNION ALL
             SELECT story_id, entry_id FROM member WHERE shown_at IS NULL AND joined_at >= :since) AS fresh
       JOIN story ON story.id = fresh.story_id
       JOIN entry ON entry.id = fresh.entry_id
      WHERE story.held_back = 0
        AND story.first_published_at < :since
        AND entry.source_id IN (SELECT value FROM json_each(:sources))
      ORDER BY story.first_published_at DESC, story.id
      LIMIT :limit";

impl Reader {
    /// Numbers of the stories that may be in an output: of those not published yet, and of those published or joined
    /// by a new entry at `asked.since` or later, at most `asked.limit` each (of what several sources cover, as many again); and the newest `asked.least` published
    /// ones, however old. Only stories with an entry of one of `sources`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn publishable_stories(
        &self,
        sources: &[&SourceId],
        asked: &StoriesAsked,
    ) -> Result<Vec<StoryNumber>, StoreError> {
        let sources: Vec<&str> = sources.iter().map(|id| id.as_str()).collect();
        let sources = serde_json::to_string(&sources).expect("a list of strings");
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let mut found = Vec::new();
        let shared = Some(SHARED_SINCE).filter(|_| asked.least_sources > 1);
        let newest = if self.have_few(&sources, asked.least)? { NEWEST_OF_FEW } else { NEWEST };
        for sql in [UNPUBLISHED, newest, PUBLISHED_SINCE, JOINED_SINCE].into_iter().chain(shared) {
            let mut stmt = self.conn.prepare_cached(sql)?;
            let values: [(&str, &dyn ToSql); 6] = [
                (":sources", &sources),
                (":limit", &number(asked.limit)),
                (":turns", &number(asked.turns)),
                (":least", &number(asked.least)),
                (":least_sources", &number(asked.least_sources)),
                (":since", &asked.since.as_second()),
            ];
            // Each statement takes the parameters that it names.
            let names =
                |name: &str| sql.split(|c: char| c != ':' && c != '_' && !c.is_alphanumeric()).any(|word| word == name);
            let named: Vec<(&str, &dyn ToSql)> = values.into_iter().filter(|(name, _)| names(name)).collect();
            let rows = stmt.query_map(named.as_slice(), |row| Ok(StoryNumber(row.get("story_id")?)))?;
            for row in rows {
                found.push(row?);
            }
        }
        Ok(found)
    }

    /// Whether the entries of `sources` are fewer than the stories of all that would be looked at to find the newest
    /// `least` of them: those of a tag that hardly anybody has are not found among millions.
    fn have_few(&self, sources: &str, least: usize) -> Result<bool, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT coalesce(sum(entries) FILTER (WHERE source_id IN (SELECT value FROM json_each(:sources))), 0) AS own,
                    coalesce(sum(entries), 0) AS every
               FROM source_tally",
        )?;
        let (own, every): (i64, i64) =
            stmt.query_row(named_params! { ":sources": sources }, |row| Ok((row.get("own")?, row.get("every")?)))?;
        let least = i64::try_from(least).unwrap_or(i64::MAX);
        Ok(own.saturating_mul(own) < least.saturating_mul(every))
    }

    /// When a story was last published, or shown with a new entry; `None`: never so far.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn last_showing(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT max(coalesce((SELECT max(first_published_at) FROM story WHERE held_back = 0), 0),
                        coalesce((SELECT max(shown_at) FROM member WHERE shown_at IS NOT NULL), 0)) AS at",
        )?;
        let at: i64 = stmt.query_row([], |row| row.get("at"))?;
        Ok(Timestamp::from_second(at).ok().filter(|_| at > 0))
    }

    /// How many stories of `sources` were first published and shown on each of the `days` days before `now`, today's
    /// first; and when the first story of all was published.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stories_by_day(
        &self,
        sources: &[&SourceId],
        now: Timestamp,
        days: usize,
    ) -> Result<(Vec<u64>, Option<Timestamp>), StoreError> {
        let sources: Vec<&str> = sources.iter().map(|id| id.as_str()).collect();
        let sources = serde_json::to_string(&sources).expect("a list of strings");
        let mut stmt = self.conn.prepare_cached(
            "SELECT (:now - first_published_at) / 86400 AS day, count(*) AS stories
               FROM story
              WHERE held_back = 0
                AND first_published_at > :now - 86400 * :days
                AND first_published_at <= :now
                AND EXISTS (SELECT 1 FROM member JOIN entry ON entry.id = member.entry_id
                             WHERE member.story_id = story.id AND member.shown_at IS NOT NULL
                               AND entry.source_id IN (SELECT value FROM json_each(:sources)))
              GROUP BY day
              ORDER BY day",
        )?;
        let mut counts = vec![0; days];
        let named = named_params! { ":now": now.as_second(), ":days": i64::try_from(days).unwrap_or(i64::MAX), ":sources": sources };
        let rows = stmt.query_map(named, |row| Ok((row.get::<_, i64>("day")?, row.get::<_, u64>("stories")?)))?;
        for row in rows {
            let (day, stories) = row?;
            if let Some(count) = usize::try_from(day).ok().and_then(|day| counts.get_mut(day)) {
                *count = stories;
            }
        }
        let mut first = self.conn.prepare_cached(
            "SELECT min(first_published_at) AS at FROM story WHERE held_back = 0 AND first_published_at IS NOT NULL",
        )?;
        let first: Option<i64> = first.query_row([], |row| row.get("at"))?;
        Ok((counts, first.and_then(|at| Timestamp::from_second(at).ok())))
    }
}

impl Batch<'_> {
    /// Freezes the date of a story that is published for the first time.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn set_first_published(
        &mut self,
        id: &StoryId,
        date: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "UPDATE story SET first_published_at = :now, date_at = :date
                  WHERE key = :key AND first_published_at IS NULL",
            )?
            .execute(named_params! { ":key": id.as_str(), ":date": date.as_second(), ":now": now.as_second() })?;
        Ok(())
    }

    /// Records entries that were credited in an output for the first time.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn set_shown(&mut self, keys: &[EntryKey], now: Timestamp) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "UPDATE member SET shown_at = :now
              WHERE shown_at IS NULL
                AND entry_id = (SELECT id FROM entry WHERE source_id = :source AND guid = :guid)",
        )?;
        for key in keys {
            stmt.execute(named_params! { ":source": key.source.as_str(), ":guid": key.guid, ":now": now.as_second() })?;
        }
        Ok(())
    }
}
