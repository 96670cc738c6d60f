//! Old entries are forgotten except for their keys, a few at a time.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};
use url::Url;

use super::{Batch, EntryNumber, Reader, Store, StoreError, StoryNumber, columns};
use crate::model::{EntryKey, SourceId};
use crate::text::{Fingerprint, canonical, is_site_root};

/// How far the scan for old entries has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ForgetProgress {
    /// When this scan began.
    pub(crate) began: Timestamp,
    /// The last entry that was looked at; `None`: the scan is over.
    pub(crate) reached: Option<EntryNumber>,
}

impl Reader {
    /// How far the last scan came; `None`: there was none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn forget_progress(&self) -> Result<Option<ForgetProgress>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT value FROM meta WHERE key = 'forgotten'")?;
        let text: Option<String> = stmt.query_row([], |row| row.get("value")).optional()?;
        Ok(text.and_then(|text| {
            let (began, reached) = text.split_once(' ')?;
            let began = Timestamp::from_second(began.parse().ok()?).ok()?;
            Some(ForgetProgress { began, reached: reached.parse().ok().map(EntryNumber) })
        }))
    }

    /// The next entries after `after` that were first seen before `before`, at most `limit`, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn old_entries(
        &self,
        after: EntryNumber,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<EntryNumber>, StoreError> {
        let mut stmt = self
            .conn
            .prepare_cached("SELECT id, first_seen_at FROM entry WHERE id > :after ORDER BY id LIMIT :limit")?;
        let rows = stmt.query_map(named_params! { ":after": after.0, ":limit": limit }, |row| {
            Ok((EntryNumber(row.get("id")?), columns::time(row, "first_seen_at")?))
        })?;
        let mut old = Vec::new();
        for row in rows {
            let (number, first_seen) = row?;
            if first_seen >= before {
                break;
            }
            old.push(number);
        }
        Ok(old)
    }

    /// The stories of `entries` that are older than `before` with all their entries and that the operator did not
    /// correct.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn wholly_old_stories(
        &self,
        entries: &[EntryNumber],
        before: Timestamp,
    ) -> Result<Vec<StoryNumber>, StoreError> {
        let numbers: Vec<i64> = entries.iter().map(|number| number.0).collect();
        let mut stmt = self.conn.prepare_cached(
            "SELECT DISTINCT story_id
               FROM member AS found
              WHERE entry_id IN (SELECT value FROM json_each(:entries))
                AND NOT EXISTS (SELECT 1
                                  FROM member JOIN entry ON entry.id = member.entry_id
                                 WHERE member.story_id = found.story_id
                                   AND max(member.time_at, member.joined_at, entry.first_seen_at) >= :before)
                AND NOT EXISTS (SELECT 1
                                  FROM member JOIN correction_pair AS pair
                                    ON pair.entry_id = member.entry_id OR pair.with_id = member.entry_id
                                 WHERE member.story_id = found.story_id)
                AND NOT EXISTS (SELECT 1
                                  FROM member JOIN correction ON correction.other_lead_id = member.entry_id
                                 WHERE member.story_id = found.story_id)
              ORDER BY story_id",
        )?;
        let entries = serde_json::to_string(&numbers).expect("a list of numbers");
        let rows = stmt.query_map(named_params! { ":entries": entries, ":before": before.as_second() }, |row| {
            Ok(StoryNumber(row.get("story_id")?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether an entry with this key, or by this source with this address and title, was held and forgotten.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn is_remembered(&self, key: &EntryKey, url: &Url, title: &str) -> Result<bool, StoreError> {
        // A young database has forgotten nothing: then no key needs to be hashed.
        if !self.conn.prepare_cached("SELECT 1 FROM remembered LIMIT 1")?.exists([])? {
            return Ok(false);
        }
        let mut stmt = self.conn.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM remembered WHERE guid = :guid)
                 OR EXISTS (SELECT 1 FROM remembered WHERE address = :address) AS is_known",
        )?;
        let (guid, address) = (guid_hash(&key.source, &key.guid), article_hash(&key.source, url, title));
        Ok(stmt.query_row(named_params! { ":guid": guid, ":address": address }, |row| row.get("is_known"))?)
    }
}

impl Store {
    /// Forgets `stories` with their entries, keeps their keys, and records how far the scan has come.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget(&mut self, stories: &[StoryNumber], progress: ForgetProgress) -> Result<(), StoreError> {
        // What refers to an entry is removed with it, row by row below; the checks would look for it once more.
        self.conn.pragma_update(None, "foreign_keys", false)?;
        let done = self.batch().and_then(|batch| {
            for story in stories {
                batch.forget_story(*story)?;
            }
            batch.drop_lone_pictures()?;
            batch.set_forget_progress(progress)?;
            batch.commit()
        });
        self.conn.pragma_update(None, "foreign_keys", true)?;
        done
    }

    /// Returns up to this many pages of free space to the disk.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn give_space_back(&mut self, pages: u32) -> Result<(), StoreError> {
        let mut stmt = self.conn.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = stmt.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }
}

impl Batch<'_> {
    fn forget_story(&self, story: StoryNumber) -> Result<(), StoreError> {
        self.remember_keys(story)?;
        self.forget_articles_of(story)?;
        for sql in [
            "DELETE FROM near_miss WHERE entry_id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM near_miss WHERE nearest_id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM guid_alias WHERE entry_id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM edited WHERE entry_id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM sketch WHERE entry_id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM join_log WHERE entry_id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM article_of WHERE entry_id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM entry WHERE id IN (SELECT entry_id FROM member WHERE story_id = :story)",
            "DELETE FROM member WHERE story_id = :story",
            "DELETE FROM entered_output WHERE story_key = (SELECT key FROM story WHERE id = :story)",
            "DELETE FROM rewrite_made_from
              WHERE answer_id IN (SELECT rewrite_answer.id FROM rewrite_answer
                                   WHERE story_key = (SELECT key FROM story WHERE id = :story)
                                      OR story_key IN (SELECT key FROM story_alias WHERE story_id = :story))",
            "DELETE FROM rewrite_answer
              WHERE story_key = (SELECT key FROM story WHERE id = :story)
                 OR story_key IN (SELECT key FROM story_alias WHERE story_id = :story)",
            "DELETE FROM rewrite_left WHERE story_key = (SELECT key FROM story WHERE id = :story)",
            "DELETE FROM picture_of
              WHERE story_key = (SELECT key FROM story WHERE id = :story)
                 OR story_key IN (SELECT key FROM story_alias WHERE story_id = :story)",
            "DELETE FROM story_alias WHERE story_id = :story",
            "DELETE FROM story WHERE id = :story",
        ] {
            self.tx.prepare_cached(sql)?.execute(named_params! { ":story": story.0 })?;
        }
        Ok(())
    }

    /// Forgets the articles that no entry of another story has.
    fn forget_articles_of(&self, story: StoryNumber) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "DELETE FROM article
              WHERE id IN (SELECT article_id
                             FROM article_of JOIN member ON member.entry_id = article_of.entry_id
                            WHERE member.story_id = :story
                              AND NOT EXISTS (SELECT 1
                                                FROM article_of AS other
                                                     JOIN member AS theirs ON theirs.entry_id = other.entry_id
                                               WHERE other.article_id = article_of.article_id
                                                 AND theirs.story_id <> :story))
             RETURNING id",
        )?;
        let mut rows = stmt.query(named_params! { ":story": story.0 })?;
        let mut body = self.tx.prepare_cached("DELETE FROM article_body WHERE article_id = :article")?;
        while let Some(row) = rows.next()? {
            body.execute(named_params! { ":article": row.get::<_, i64>("id")? })?;
        }
        Ok(())
    }

    fn remember_keys(&self, story: StoryNumber) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "SELECT entry.source_id, entry.guid, entry.url, entry.title, story.key
               FROM member JOIN entry ON entry.id = member.entry_id JOIN story ON story.id = member.story_id
              WHERE member.story_id = :story
             UNION ALL
             SELECT alias.source_id, alias.guid, entry.url, entry.title, story.key
               FROM member JOIN entry ON entry.id = member.entry_id JOIN story ON story.id = member.story_id
                    JOIN guid_alias AS alias ON alias.entry_id = entry.id
              WHERE member.story_id = :story",
        )?;
        let mut rows = stmt.query(named_params! { ":story": story.0 })?;
        let mut add = self.tx.prepare_cached(
            "INSERT OR REPLACE INTO remembered (guid, address, story) VALUES (:guid, :address, :story)",
        )?;
        while let Some(row) = rows.next()? {
            let (source, guid): (SourceId, String) = (columns::source_id(row, "source_id")?, row.get("guid")?);
            let (url, title): (Url, String) = (columns::url(row, "url")?, row.get("title")?);
            let (guid, address) = (guid_hash(&source, &guid), article_hash(&source, &url, &title));
            let story: String = row.get("key")?;
            add.execute(named_params! { ":guid": guid, ":address": address, ":story": story })?;
        }
        Ok(())
    }

    fn set_forget_progress(&self, progress: ForgetProgress) -> Result<(), StoreError> {
        let reached = progress.reached.map_or_else(|| "-".to_owned(), |number| number.0.to_string());
        let value = format!("{} {reached}", progress.began.as_second());
        self.tx.execute(
            "INSERT INTO meta (key, value) VALUES ('forgotten', :value) ON CONFLICT (key) DO UPDATE SET value = :value",
            named_params! { ":value": value },
        )?;
        // Days that no count looks at any more.
        let day = progress.began.as_second() / 86_400 - 366;
        self.tx.execute("DELETE FROM source_day WHERE day < :day", named_params! { ":day": day })?;
        self.tx.execute("DELETE FROM entry_edit WHERE entry_id < (SELECT min(id) FROM entry)", [])?;
        Ok(())
    }
}

fn guid_hash(source: &SourceId, guid: &str) -> i64 {
    let mut print = Fingerprint::new();
    print.add(source.as_str());
    print.add(guid);
    print.finish()
}

/// By which an article is known under another guid: its address with its place in the page, and its title, since a page
/// may hold many entries. The address of a whole site identifies no entry.
fn article_hash(source: &SourceId, url: &Url, title: &str) -> i64 {
    let key = canonical(url);
    let mut print = Fingerprint::new();
    print.add("address");
    print.add(source.as_str());
    print.add(if is_site_root(&key) { url.as_str() } else { &key });
    print.add(url.fragment().unwrap_or_default());
    print.add(&title.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase());
    print.finish()
}
