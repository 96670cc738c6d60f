//! Small copies of the pictures of stories: which are wanted, what was made of them, which story has which.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};
use url::Url;

use super::{Batch, DaySpan, Reader, Store, StoreError, columns};
use crate::model::{SourceId, StoryId};

/// The number of a picture in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PictureNumber(i64);

/// A picture that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedPicture {
    /// Its number.
    pub(crate) number: PictureNumber,
    /// The source whose feed offered it.
    pub(crate) source: SourceId,
    /// Where it is.
    pub(crate) address: Url,
    /// When it was first wanted.
    pub(crate) since: Timestamp,
    /// Tries so far that failed.
    pub(crate) tries: u32,
}

/// How the fetching of a picture ended, for now or permanently.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PictureEnd<'a> {
    /// There is a copy.
    Kept {
        /// A JPEG.
        bytes: &'a [u8],
        /// What its file is called by.
        hash: &'a str,
    },
    /// It failed in a way that may pass.
    Again {
        /// When it is tried again.
        at: Timestamp,
        /// Failed tries, this one included.
        tries: u32,
        /// What was wrong, as a sentence.
        reason: &'a str,
    },
    /// It has been given up.
    Failed {
        /// What was wrong, as a sentence.
        reason: &'a str,
    },
}

/// A copy, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptPicture {
    /// The number of the picture.
    pub(crate) number: PictureNumber,
    /// Where the original is.
    pub(crate) address: String,
    /// What the file of the copy is called by: see [`content_name`](crate::text::content_name).
    pub(crate) hash: String,
}

/// A picture that a story on a page is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfferedPicture {
    /// The story.
    pub(crate) story: StoryId,
    /// The source whose feed offers it.
    pub(crate) source: String,
    /// Where it is.
    pub(crate) address: Url,
}

/// What a publish finds out about pictures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PictureChanges {
    /// What stories are to have.
    pub(crate) offered: Vec<OfferedPicture>,
    /// Stories that have none, or none any more.
    pub(crate) without: Vec<StoryId>,
    /// The sources whose pictures may be copied: those of all others are gone.
    pub(crate) allowed: Vec<SourceId>,
}

/// What became of the picture of one story, for `why`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PictureStanding {
    /// Where the original is.
    pub(crate) address: Url,
    /// Its state.
    pub(crate) state: PictureState,
}

/// Whether there is a copy of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PictureState {
    /// It is to be fetched.
    Wanted {
        /// Not before.
        next_try: Timestamp,
        /// What was wrong with the last try; `None`: there was none.
        reason: Option<String>,
    },
    /// There is a copy.
    Kept {
        /// What its file is called by.
        hash: String,
    },
    /// It has been given up.
    Failed {
        /// What was wrong.
        reason: Option<String>,
    },
}

/// The pictures of one source, for `status`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PictureCount {
    /// Copied.
    pub(crate) kept: u64,
    /// Given up; the stories are shown without.
    pub(crate) failed: u64,
    /// What was wrong with the last one that was given up.
    pub(crate) last_reason: Option<String>,
}

impl Reader {
    /// Pictures of these sources that are to be fetched at `now`, longest waiting first, at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn wanted_pictures(
        &self,
        sources: &[&SourceId],
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<WantedPicture>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id, source_id, address, wanted_at, tries
               FROM picture
              WHERE state = 'wanted' AND next_try <= :now AND source_id IN (SELECT value FROM json_each(:sources))
              ORDER BY next_try, id
              LIMIT :limit",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = named_params! { ":now": now.as_second(), ":limit": limit, ":sources": listed(sources) };
        let rows = stmt.query_map(found, |row| {
            Ok(WantedPicture {
                number: PictureNumber(row.get("id")?),
                source: columns::source_id(row, "source_id")?,
                address: columns::url(row, "address")?,
                since: columns::time(row, "wanted_at")?,
                tries: row.get("tries")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every copy.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn kept_pictures(&self) -> Result<Vec<KeptPicture>, StoreError> {
        let mut stmt =
            self.conn.prepare_cached("SELECT id, address, hash FROM picture WHERE state = 'kept' ORDER BY address")?;
        let rows = stmt.query_map([], |row| {
            Ok(KeptPicture {
                number: PictureNumber(row.get("id")?),
                address: row.get("address")?,
                hash: row.get("hash")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The copy of this picture; `None`: there is none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn picture_bytes(&self, number: PictureNumber) -> Result<Option<Vec<u8>>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT bytes FROM picture_body WHERE picture_id = :number")?;
        Ok(stmt.query_row(named_params! { ":number": number.0 }, |row| row.get("bytes")).optional()?)
    }

    /// What became of the picture of this story; `None`: it is to have none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn picture_standing(&self, story: &StoryId) -> Result<Option<PictureStanding>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT address, state, next_try, reason, hash
               FROM picture_of JOIN picture ON picture.id = picture_of.picture_id
              WHERE story_key = :story",
        )?;
        let found = stmt.query_row(named_params! { ":story": story.as_str() }, |row| {
            let state = match row.get::<_, String>("state")?.as_str() {
                "kept" => PictureState::Kept { hash: row.get("hash")? },
                "failed" => PictureState::Failed { reason: row.get("reason")? },
                _ => PictureState::Wanted { next_try: columns::time(row, "next_try")?, reason: row.get("reason")? },
            };
            Ok(PictureStanding { address: columns::url(row, "address")?, state })
        });
        Ok(found.optional()?)
    }

    /// How many copies the stories of `day` have, and the sum of their numbers: they change when one comes or goes.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn pictures_of_day(&self, day: DaySpan) -> Result<(i64, i64), StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT count(*) AS pictures, coalesce(sum(picture.id), 0) AS numbers
               FROM story JOIN picture_of ON picture_of.story_key = story.key
                    JOIN picture ON picture.id = picture_of.picture_id
              WHERE story.date_at >= :from AND story.date_at < :to AND picture.state = 'kept'",
        )?;
        let (from, to) = (day.from.as_second(), day.to.as_second());
        Ok(stmt.query_row(named_params! { ":from": from, ":to": to }, |row| {
            Ok((row.get("pictures")?, row.get("numbers")?))
        })?)
    }

    /// Whether any picture is wanted, kept or given up.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn has_pictures(&self) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT 1 FROM picture LIMIT 1")?.exists([])?)
    }

    /// By what the folder of pictures is known to be as it was left; `None`: it has to be looked through, or there is none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn picture_stamp(&self) -> Result<Option<String>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT value FROM meta WHERE key = 'pictures'")?;
        Ok(stmt.query_row([], |row| row.get("value")).optional()?)
    }

    /// What became of the pictures of each source.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn picture_counts(&self) -> Result<HashMap<SourceId, PictureCount>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            // `reason` is that of the row with the maximum (<https://www.sqlite.org/lang_select.html#bareagg>).
            "SELECT source_id, sum(state = 'kept') AS kept, sum(state = 'failed') AS failed,
                    max(iif(state = 'failed', ended_at, 0)) AS failed_at, iif(state = 'failed', reason, NULL) AS reason
               FROM picture
              GROUP BY source_id
              ORDER BY source_id",
        )?;
        let rows = stmt.query_map([], |row| {
            let count =
                PictureCount { kept: row.get("kept")?, failed: row.get("failed")?, last_reason: row.get("reason")? };
            Ok((columns::source_id(row, "source_id")?, count))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Stores what a publish found out about pictures: what is offered and not known is wanted, and what no story has any
    /// more is gone.
    ///
    /// # Errors
    /// If the database cannot be written; nothing is stored then.
    pub(crate) fn save_pictures(&mut self, changes: &PictureChanges, now: Timestamp) -> Result<(), StoreError> {
        let batch = self.batch()?;
        for offered in &changes.offered {
            batch.offer_picture(offered, now)?;
        }
        for story in &changes.without {
            batch.drop_picture_of(story)?;
        }
        let allowed: Vec<&SourceId> = changes.allowed.iter().collect();
        batch
            .tx
            .prepare_cached(
                "DELETE FROM picture_of
                  WHERE picture_id IN (SELECT id FROM picture
                                        WHERE source_id NOT IN (SELECT value FROM json_each(:allowed)))",
            )?
            .execute(named_params! { ":allowed": listed(&allowed) })?;
        batch.drop_lone_pictures()?;
        batch.commit()
    }

    /// Remembers how the folder of pictures was left; `None`: it has to be looked through, or there is none.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn set_picture_stamp(&mut self, stamp: Option<&str>) -> Result<(), StoreError> {
        let batch = self.batch()?;
        batch.tx.execute("DELETE FROM meta WHERE key = 'pictures'", [])?;
        if let Some(stamp) = stamp {
            let stamp = named_params! { ":stamp": stamp };
            batch.tx.execute("INSERT INTO meta (key, value) VALUES ('pictures', :stamp)", stamp)?;
        }
        batch.commit()
    }
}

/// For `json_each`.
fn listed(sources: &[&SourceId]) -> String {
    let ids: Vec<&str> = sources.iter().map(|source| source.as_str()).collect();
    serde_json::to_string(&ids).expect("a list of texts")
}

impl Batch<'_> {
    fn offer_picture(&self, offered: &OfferedPicture, now: Timestamp) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT OR IGNORE INTO picture (address, source_id, state, wanted_at, next_try)
                 VALUES (:address, :source, 'wanted', :now, :now)",
            )?
            .execute(named_params! {
                ":address": offered.address.as_str(), ":source": offered.source, ":now": now.as_second(),
            })?;
        self.tx
            .prepare_cached(
                "INSERT INTO picture_of (story_key, picture_id)
                 SELECT :story, id FROM picture WHERE address = :address
                 ON CONFLICT (story_key) DO UPDATE
                    SET picture_id = excluded.picture_id WHERE picture_id <> excluded.picture_id",
            )?
            .execute(named_params! { ":story": offered.story.as_str(), ":address": offered.address.as_str() })?;
        Ok(())
    }

    /// Stores how the fetching of a picture ended; a copy shows in the next publish.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn end_picture(
        &mut self,
        number: PictureNumber,
        end: &PictureEnd<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match end {
            PictureEnd::Kept { bytes, hash } => {
                let kept = self
                    .tx
                    .prepare_cached(
                        "UPDATE picture
                            SET state = 'kept', tries = tries + 1, ended_at = :now, reason = NULL, hash = :hash
                          WHERE id = :number",
                    )?
                    .execute(named_params! {
                        ":number": number.0, ":now": now.as_second(), ":hash": hash,
                    })?;
                // It may have been taken down meanwhile.
                if kept > 0 {
                    self.tx
                        .prepare_cached(
                            "INSERT OR REPLACE INTO picture_body (picture_id, bytes) VALUES (:number, :bytes)",
                        )?
                        .execute(named_params! { ":number": number.0, ":bytes": bytes })?;
                    self.shows();
                }
            }
            PictureEnd::Again { at, tries, reason } => {
                self.tx
                    .prepare_cached(
                        "UPDATE picture SET next_try = :at, tries = :tries, reason = :reason WHERE id = :number",
                    )?
                    .execute(named_params! {
                        ":number": number.0, ":at": at.as_second(), ":tries": tries, ":reason": reason,
                    })?;
            }
            PictureEnd::Failed { reason } => {
                self.tx
                    .prepare_cached(
                        "UPDATE picture SET state = 'failed', tries = tries + 1, ended_at = :now, reason = :reason
                          WHERE id = :number",
                    )?
                    .execute(named_params! { ":number": number.0, ":now": now.as_second(), ":reason": reason })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntryKey;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn story(salt: u32) -> StoryId {
        let founder = EntryKey { source: source("a"), guid: salt.to_string() };
        StoryId::mint(&founder, &Url::parse("https://a.example/").unwrap(), salt)
    }

    fn source(id: &str) -> SourceId {
        SourceId::new(id).unwrap()
    }

    fn offered(salt: u32, address: &str) -> OfferedPicture {
        OfferedPicture { story: story(salt), source: "a".to_owned(), address: Url::parse(address).unwrap() }
    }

    fn changes(offered: Vec<OfferedPicture>) -> PictureChanges {
        PictureChanges { offered, without: Vec::new(), allowed: vec![source("a")] }
    }

    fn wanted(store: &Store, second: i64) -> Vec<WantedPicture> {
        store.wanted_pictures(&[&source("a")], at(second), 10).unwrap()
    }

    fn keep(store: &mut Store, number: PictureNumber, hash: &str) {
        let mut batch = store.batch().unwrap();
        let end = PictureEnd::Kept { bytes: b"jpeg", hash };
        batch.end_picture(number, &end, at(5)).unwrap();
        batch.commit().unwrap();
    }

    #[test]
    fn a_picture_is_wanted_once_and_goes_with_the_last_story_that_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("f.db")).unwrap();
        let one = "https://a.example/1.jpg";
        store.save_pictures(&changes(vec![offered(1, one), offered(2, one)]), at(1)).unwrap();
        let found = wanted(&store, 1);
        assert_eq!(found.len(), 1);
        assert_eq!(store.wanted_pictures(&[&source("b")], at(1), 10).unwrap(), []);
        let before = store.generation().unwrap();
        keep(&mut store, found[0].number, "ab");
        assert!(store.generation().unwrap() > before, "the next publish shows it");
        store.save_pictures(&changes(vec![offered(1, one), offered(2, one)]), at(6)).unwrap();
        assert_eq!(wanted(&store, 6), []);
        assert_eq!(store.picture_bytes(found[0].number).unwrap().as_deref(), Some(b"jpeg".as_slice()));
        store.save_pictures(&PictureChanges { without: vec![story(1)], ..changes(Vec::new()) }, at(7)).unwrap();
        assert_eq!(store.kept_pictures().unwrap().len(), 1);
        // Its feed offers another one by now.
        store.save_pictures(&changes(vec![offered(2, "https://a.example/2.jpg")]), at(8)).unwrap();
        assert_eq!((store.kept_pictures().unwrap().len(), store.picture_bytes(found[0].number).unwrap()), (0, None));
        assert_eq!(wanted(&store, 8).len(), 1);
        store.save_pictures(&PictureChanges { allowed: Vec::new(), ..changes(Vec::new()) }, at(9)).unwrap();
        assert!(!store.has_pictures().unwrap(), "its source is denied");
    }

    #[test]
    fn what_failed_waits_or_is_given_up_and_stories_that_are_not_known_have_none() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("f.db")).unwrap();
        let all = ["https://a.example/1.jpg", "https://a.example/2.jpg"];
        store.save_pictures(&changes(vec![offered(1, all[0]), offered(2, all[1])]), at(1)).unwrap();
        let found = wanted(&store, 1);
        let mut batch = store.batch().unwrap();
        batch.end_picture(found[0].number, &PictureEnd::Again { at: at(50), tries: 1, reason: "busy" }, at(2)).unwrap();
        batch.end_picture(found[1].number, &PictureEnd::Failed { reason: "gone" }, at(2)).unwrap();
        batch.commit().unwrap();
        assert_eq!(wanted(&store, 49), []);
        assert_eq!(wanted(&store, 50)[0].tries, 1);
        let counts = store.picture_counts().unwrap();
        let count = PictureCount { kept: 0, failed: 1, last_reason: Some("gone".to_owned()) };
        assert_eq!(counts.get(&source("a")), Some(&count));
        store.drop_old_pictures(at(100), []).unwrap();
        assert!(!store.has_pictures().unwrap());
    }
}
