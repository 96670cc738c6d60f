//! Stories that are in the outputs and unknown to the database: it was lost, or it is an older copy.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params};

use super::entries::{Arrival, RECOVERED_HASH};
use super::meta::check_distance;
use super::stories::NewMember;
use super::{Batch, EntryNumber, IdOf, PublishedOutput, Reader, Store, StoreError, StoryNumber, TagBase};
use crate::model::{Entry, Reason, SourceId, StoryId};
use crate::text::{address_hash, canonical, is_site_root};

/// A published story, as far as its item shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecoveredStory {
    /// Its id.
    pub(crate) id: StoryId,
    /// When it was first published, as closely as the order of the items shows.
    pub(crate) first_published: Timestamp,
    /// The date that it carries.
    pub(crate) date: Timestamp,
    /// What it credits, the leading entry first.
    pub(crate) entries: Vec<Entry>,
}

/// Everything that the outputs show.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recovery {
    /// The base of the ids in them.
    pub(crate) tag_base: TagBase,
    /// The stories.
    pub(crate) stories: Vec<RecoveredStory>,
    /// Until when each source was known: what it dates before that and the database does not know is not news.
    pub(crate) known_until: Vec<(SourceId, Timestamp)>,
    /// The files, as they are: their readers and their hubs know them.
    pub(crate) outputs: Vec<(String, PublishedOutput)>,
}

impl Recovery {
    /// When the outputs were last published, at the earliest.
    fn last(&self) -> Timestamp {
        self.stories.iter().map(|story| story.date).max().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Whether `now` can be the time of a run after the one that wrote the outputs.
    ///
    /// # Errors
    /// [`StoreError::Clock`] if it is more than five years away.
    pub(crate) fn check_clock(&self, now: Timestamp) -> Result<(), StoreError> {
        check_distance(now, self.last())
    }
}

impl Store {
    /// Takes in what is in the outputs, in one transaction. Returns the number of stories that were not known.
    ///
    /// # Errors
    /// If the database cannot be written; nothing is stored then.
    pub(crate) fn recover(&mut self, recovery: &Recovery, now: Timestamp) -> Result<usize, StoreError> {
        let mut batch = self.batch()?;
        let count = batch.recover(recovery, now)?;
        batch.commit()?;
        Ok(count)
    }
}

impl Reader {
    /// Until when `source` was known by a database that is lost; `None`: nothing was lost, or what followed was read.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn known_until(&self, source: &SourceId) -> Result<Option<Timestamp>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT until FROM recovered WHERE source_id = :source")?;
        Ok(stmt
            .query_row(named_params! { ":source": source.as_str() }, |row| super::columns::time(row, "until"))
            .optional()?)
    }

    /// When the story with this id was first published; `None`: it is unknown, or was not published.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn first_published(&self, id: &StoryId) -> Result<Option<Timestamp>, StoreError> {
        let Some(number) = self.story_by_id(id)? else { return Ok(None) };
        let mut stmt = self.conn.prepare_cached("SELECT first_published_at FROM story WHERE id = :story")?;
        let named = named_params! { ":story": number.0 };
        Ok(stmt.query_row(named, |row| super::columns::optional_time(row, "first_published_at"))?)
    }
}

impl Batch<'_> {
    fn recover(&mut self, recovery: &Recovery, now: Timestamp) -> Result<usize, StoreError> {
        self.fix_tag_base(&recovery.tag_base)?;
        let last = recovery.last();
        let mut count = 0;
        for story in &recovery.stories {
            count += usize::from(self.recover_story(story, now)?);
        }
        for (source, until) in &recovery.known_until {
            self.tx
                .prepare_cached("INSERT OR REPLACE INTO recovered (source_id, until) VALUES (:source, :until)")?
                .execute(named_params! { ":source": source.as_str(), ":until": until.as_second() })?;
        }
        for (file, output) in &recovery.outputs {
            self.save_published_output(file, output, last)?;
            self.set_told_hub(file)?;
        }
        self.shows();
        Ok(count)
    }

    /// Adds an entry that was published before and is no longer in any output. It is in a story of its own, or in the
    /// one with its address, and is never announced.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn insert_past_entry(&mut self, entry: &Entry, hash: i64, now: Timestamp) -> Result<(), StoreError> {
        let number = self.insert_entry(entry, hash, now, Arrival::HeldBack)?;
        let address = address_hash(&entry.url);
        let there = self.members_at(&[address])?.first().map(|member| member.story);
        let (story, reason) = match there.filter(|_| !is_site_root(&canonical(&entry.url))) {
            Some(story) => (story, Reason::Recovered),
            None => {
                let id = self.free_id(number, &entry.key, IdOf::Address)?;
                let story = self.insert_story(&id, number, now)?;
                self.tx
                    .prepare_cached(
                        "UPDATE story SET held_back = 1, first_published_at = :date, date_at = :date WHERE id = :story",
                    )?
                    .execute(named_params! { ":story": story.0, ":date": entry.time_or(now).as_second() })?;
                (story, Reason::Opened)
            }
        };
        let member = NewMember { entry: number, story, address, time: entry.time_or(now), reason: &reason };
        self.add_member(&member, now)
    }

    /// The document that followed was read: the source is known from now on.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget_known_until(&self, source: &SourceId) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("DELETE FROM recovered WHERE source_id = :source")?
            .execute(named_params! { ":source": source.as_str() })?;
        Ok(())
    }

    /// Whether any of it can be taken in: entries that are in another published story stay there.
    fn recover_story(&mut self, story: &RecoveredStory, now: Timestamp) -> Result<bool, StoreError> {
        let (known, is_published) = (self.story_by_id(&story.id)?, self.first_published(&story.id)?.is_some());
        let mut free = Vec::new();
        for entry in &story.entries {
            let number = match self.known_entry(&entry.key)? {
                // The operator or an edit may have moved it since.
                Some(_) if is_published => continue,
                Some(held) => {
                    self.recover_edit(held.number, entry)?;
                    held.number
                }
                None => {
                    // Whatever a publisher dates, nothing was seen in the future: retention goes by first sight.
                    let seen = entry.time_or(story.date).max(story.date).min(now);
                    self.insert_entry(entry, RECOVERED_HASH, seen, Arrival::Fresh)?
                }
            };
            let is_elsewhere = self.home(number)?.is_some_and(|home| Some(home.story) != known && home.is_published);
            if !is_elsewhere && !free.iter().any(|(other, _)| *other == number) {
                free.push((number, entry));
            }
        }
        let Some(&(lead, _)) = free.first() else { return Ok(false) };
        let number = match known {
            Some(number) => number,
            None => self.insert_story(&story.id, lead, story.first_published)?,
        };
        for (place, (entry, as_shown)) in (0..).zip(&free) {
            // In the order of the credits, regardless of when each came.
            let joined = story.first_published.max(as_shown.time_or(story.date));
            let joined = joined.checked_add(SignedDuration::from_secs(place)).unwrap_or(joined);
            self.recover_member(number, *entry, as_shown, joined)?;
        }
        if is_published {
            return Ok(true);
        }
        self.tx
            .prepare_cached(
                "UPDATE story
                    SET first_published_at = :first, date_at = :date, held_back = 0, lead_entry_id = :lead
                  WHERE id = :story",
            )?
            .execute(named_params! {
                ":story": number.0, ":first": story.first_published.as_second(), ":date": story.date.as_second(),
                ":lead": lead.0,
            })?;
        Ok(true)
    }

    /// The entry is in `story` from now on, and was shown there.
    fn recover_member(
        &self,
        story: StoryNumber,
        entry: EntryNumber,
        as_shown: &Entry,
        joined: Timestamp,
    ) -> Result<(), StoreError> {
        match self.home(entry)? {
            Some(home) if home.story == story => {}
            Some(home) => self.absorb_story(home.story, story, &Reason::Recovered, joined)?,
            None => {
                let member = NewMember {
                    entry,
                    story,
                    address: address_hash(&as_shown.url),
                    time: as_shown.time_or(joined),
                    reason: &Reason::Recovered,
                };
                self.add_member(&member, joined)?;
            }
        }
        self.tx
            .prepare_cached("UPDATE member SET shown_at = coalesce(shown_at, :at) WHERE entry_id = :entry")?
            .execute(named_params! { ":entry": entry.0, ":at": joined.as_second() })?;
        Ok(())
    }

    /// An entry was edited after the copy of the database was made, and was shown in its edited form.
    fn recover_edit(&self, number: EntryNumber, as_shown: &Entry) -> Result<(), StoreError> {
        if address_hash(&self.address_of(number)?) == address_hash(&as_shown.url) {
            return Ok(());
        }
        self.tx
            .prepare_cached("UPDATE entry SET url = :url, title = :title, hash = :hash WHERE id = :number")?
            .execute(named_params! {
                ":number": number.0, ":url": as_shown.url.as_str(), ":title": as_shown.title, ":hash": RECOVERED_HASH,
            })?;
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO edited (entry_id) VALUES (:number)")?
            .execute(named_params! { ":number": number.0 })?;
        Ok(())
    }

    fn insert_story(&self, id: &StoryId, lead: EntryNumber, at: Timestamp) -> Result<StoryNumber, StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "INSERT INTO story (key, lead_entry_id, changed_at, held_back) VALUES (:key, :lead, :at, 0)",
        )?;
        let number = stmt.insert(named_params! { ":key": id.as_str(), ":lead": lead.0, ":at": at.as_second() })?;
        self.knows_story(id)?;
        Ok(StoryNumber(number))
    }

    /// The story that an entry is in; `None`: it waits for one.
    fn home(&self, entry: EntryNumber) -> Result<Option<Home>, StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "SELECT story.id AS story_id, story.first_published_at IS NOT NULL AS is_published
               FROM member JOIN story ON story.id = member.story_id
              WHERE member.entry_id = :entry",
        )?;
        let home = stmt.query_row(named_params! { ":entry": entry.0 }, |row| {
            Ok(Home { story: StoryNumber(row.get("story_id")?), is_published: row.get("is_published")? })
        });
        Ok(home.optional()?)
    }
}

/// Where an entry is.
struct Home {
    story: StoryNumber,
    is_published: bool,
}
