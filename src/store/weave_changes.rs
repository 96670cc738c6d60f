//! What a pass of weaving, a correction or an adopted replay changes: derived from what was read, written in
//! one go.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, named_params};

use super::corrections::{CorrectionKind, CorrectionNumber, NewCorrection};
use super::join_log::Near;
use super::stories::NewMember;
use super::{Batch, Correction, EntryNumber, StoreError, StoryNumber, columns};
use crate::model::{EntryKey, Reason, StoryId, story_date};

/// Everything that is to be changed.
#[derive(Debug, Default)]
pub struct WeaveChanges {
    /// What happens to stories, in order.
    pub steps: Vec<StoryChange>,
    /// What long texts are compared by.
    pub sketches: Vec<(EntryNumber, Vec<u8>)>,
    /// Near misses.
    pub near: Vec<NearPair>,
    /// What becomes of the signatures of woven entries; `None`: nothing.
    pub signatures: Option<SignatureChanges>,
    /// The edits of entries are taken over.
    pub edits_are_done: bool,
}

/// One change of a story.
#[derive(Debug, Clone, PartialEq)]
pub enum StoryChange {
    /// A new story; its id is minted when it is written.
    Open {
        /// Its number, which no other story has or had in this pass.
        story: StoryNumber,
        /// The entry that leads it.
        founder: EntryNumber,
        /// Source and guid of that.
        key: EntryKey,
        /// It waits until an entry that was not withheld joins it.
        held_back: bool,
        /// What its id is made of.
        id_of: IdOf,
    },
    /// An entry that no story held is assigned to one.
    Add {
        /// The entry.
        entry: EntryNumber,
        /// Its story.
        story: StoryNumber,
        /// The hash of its canonical address.
        address: i64,
        /// Published, otherwise first seen.
        time: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// An entry moves to another story.
    Move {
        /// The entry.
        entry: EntryNumber,
        /// Its story from now on.
        story: StoryNumber,
        /// Why.
        reason: Reason,
    },
    /// All entries of a story move to another one, whose alias its id is from now on.
    Absorb {
        /// The story that no longer exists.
        gone: StoryNumber,
        /// The one that has its entries.
        into: StoryNumber,
        /// Why.
        reason: Reason,
    },
    /// The alias that a correction made is a story of its own again, still empty.
    Revive {
        /// Its number.
        story: StoryNumber,
        /// The correction.
        correction: Correction,
    },
    /// A story changed: who leads it, its members or the text of one.
    Lead {
        /// The story.
        story: StoryNumber,
        /// The entry that leads it; `None`: the same as before.
        lead: Option<EntryNumber>,
        /// What came to it.
        arrivals: Arrivals,
    },
    /// An edit gave an entry another canonical address.
    Readdress {
        /// The entry.
        entry: EntryNumber,
        /// The hash of its address.
        address: i64,
    },
    /// An entry would have joined a story that is too large to grow.
    Stop {
        /// The story.
        story: StoryNumber,
    },
    /// An operator's correction is remembered, and corrections to the contrary are forgotten.
    Correct {
        /// What it does.
        kind: CorrectionKind,
        /// The story that was split, or that the other one joins.
        story: StoryNumber,
        /// The story that was split off, or that joins.
        other: StoryNumber,
        /// The entry that leads or led the other one.
        other_lead: EntryNumber,
        /// When the other one was first published, and the date it carries.
        other_published: Option<(Timestamp, Timestamp)>,
        /// The pairs it applies to: an entry of the other story, an entry of the story.
        pairs: Vec<(EntryNumber, EntryNumber)>,
        /// The pairs whose contrary is forgotten.
        overruled: Vec<(EntryNumber, EntryNumber)>,
    },
    /// A correction is no longer in force.
    Forget {
        /// Its number.
        correction: CorrectionNumber,
    },
}

/// What the id of a new story is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdOf {
    /// The address of its founder.
    Address,
    /// The founder itself: the address is that of another source, whose story has the id of it.
    Entry,
}

/// What came to a story that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// Nothing, or only what was withheld: it stays withheld if it was.
    HeldBack,
    /// At least one entry that was not: it is no longer withheld.
    Fresh,
}

impl Arrivals {
    /// From entries, by whether each was withheld.
    pub fn of(held_back: impl IntoIterator<Item = bool>) -> Self {
        if held_back.into_iter().all(|one| one) { Self::HeldBack } else { Self::Fresh }
    }
}

/// An entry that nearly joined another story.
#[derive(Debug, Clone, PartialEq)]
pub struct NearPair {
    /// The entry.
    pub entry: EntryNumber,
    /// The nearest entry of the other story.
    pub nearest: EntryKey,
    /// Similarity with that story, 0 to 1.
    pub score: f64,
    /// The rarest shared words.
    pub shared: Vec<String>,
}

/// What becomes of the signatures of woven entries.
#[derive(Debug, Default)]
pub struct SignatureChanges {
    /// None of the stored ones is of use.
    pub(crate) forgets_all: bool,
    /// Runs whose entries are all older than this are forgotten.
    pub(crate) forgets_before: Option<Timestamp>,
    /// New ones, each run with the time of its latest entry.
    pub added: Vec<(Timestamp, Vec<u8>)>,
}

/// The result of writing changes.
#[derive(Debug, Default)]
pub struct Written {
    /// The ids of new stories, in the order in which they were opened.
    pub opened: Vec<StoryId>,
    /// The number of the last correction.
    pub correction: Option<CorrectionNumber>,
}

impl Batch<'_> {
    /// Writes `changes`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn apply(&self, changes: &WeaveChanges, now: Timestamp) -> Result<Written, StoreError> {
        if let Some(signatures) = &changes.signatures {
            self.change_signatures(signatures)?;
        }
        for (entry, bins) in &changes.sketches {
            self.keep_sketch(*entry, bins)?;
        }
        for near in &changes.near {
            let NearPair { entry, nearest, score, shared } = near;
            self.add_near(&Near { entry: *entry, nearest, score: *score, shared })?;
        }
        let mut written = Written::default();
        for step in &changes.steps {
            self.take(step, now, &mut written)?;
        }
        if changes.edits_are_done {
            self.clear_edited()?;
        }
        Ok(written)
    }

    fn change_signatures(&self, changes: &SignatureChanges) -> Result<(), StoreError> {
        if changes.forgets_all {
            self.forget_signatures()?;
        }
        for (newest, bytes) in &changes.added {
            self.add_signatures(bytes, *newest)?;
        }
        changes.forgets_before.map_or(Ok(()), |before| self.forget_signatures_before(before))
    }

    fn take(&self, step: &StoryChange, now: Timestamp, written: &mut Written) -> Result<(), StoreError> {
        match step {
            StoryChange::Open { story, founder, key, held_back, id_of } => {
                let id = self.free_id(*founder, key, *id_of)?;
                self.tx
                    .prepare_cached(
                        "INSERT INTO story (id, key, lead_entry_id, changed_at, held_back)
                         VALUES (:story, :key, :lead, :now, :held_back)",
                    )?
                    .execute(named_params! {
                        ":story": story.0, ":key": id.as_str(), ":lead": founder.0, ":now": now.as_second(),
                        ":held_back": held_back,
                    })?;
                self.knows_story(&id)?;
                self.shows();
                written.opened.push(id);
                Ok(())
            }
            StoryChange::Add { entry, story, address, time, reason } => {
                let member = NewMember { entry: *entry, story: *story, address: *address, time: *time, reason };
                self.add_member(&member, now)
            }
            StoryChange::Move { entry, story, reason } => self.move_entry(*entry, *story, reason, now),
            StoryChange::Absorb { gone, into, reason } => self.absorb_story(*gone, *into, reason, now),
            StoryChange::Revive { story, correction } => self.revive_numbered(*story, correction, now),
            StoryChange::Lead { story, lead, arrivals } => self.change_lead(*story, *lead, *arrivals, now),
            StoryChange::Readdress { entry, address } => self.set_member_address(*entry, *address),
            StoryChange::Stop { story } => self.count_stopped(*story, now),
            StoryChange::Correct { kind, story, other, other_lead, other_published, pairs, overruled } => {
                let contrary = match kind {
                    CorrectionKind::Split => CorrectionKind::Join,
                    CorrectionKind::Join => CorrectionKind::Split,
                };
                self.overrule(contrary, overruled)?;
                let (story, other) = (self.id_of(*story)?, self.id_of(*other)?);
                let correction = NewCorrection {
                    kind: *kind,
                    story: &story,
                    other: &other,
                    other_lead: *other_lead,
                    other_published: *other_published,
                };
                written.correction = Some(self.add_correction(&correction, pairs, now)?);
                Ok(())
            }
            StoryChange::Forget { correction } => self.forget_correction(*correction),
        }
    }

    /// An id that no story has or had.
    pub(super) fn free_id(&self, founder: EntryNumber, key: &EntryKey, id_of: IdOf) -> Result<StoryId, StoreError> {
        let url = self.address_of(founder)?;
        let mut salt = match id_of {
            IdOf::Address => 0,
            IdOf::Entry => 1,
        };
        loop {
            let id = StoryId::mint(key, &url, salt);
            if !self.story_exists(&id)? {
                return Ok(id);
            }
            salt += 1;
        }
    }

    /// Gives an alias its own story back, with what was known of it.
    fn revive_numbered(&self, story: StoryNumber, correction: &Correction, now: Timestamp) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("DELETE FROM story_alias WHERE key = :key")?
            .execute(named_params! { ":key": correction.other.as_str() })?;
        let (published, date) = correction.other_published.unzip();
        self.tx
            .prepare_cached(
                "INSERT INTO story (id, key, lead_entry_id, changed_at, held_back, first_published_at, date_at)
                 VALUES (:story, :key, :lead, :now, 1, :published, :date)",
            )?
            .execute(named_params! {
                ":story": story.0, ":key": correction.other.as_str(), ":lead": correction.other_lead.0,
                ":now": now.as_second(), ":published": published.map(Timestamp::as_second),
                ":date": date.map(Timestamp::as_second),
            })?;
        self.take_back_aliases(story, &correction.other)?;
        self.shows();
        Ok(())
    }

    /// Ids that had been joined to `key` before that was joined to another story lead to `story` again, which has it.
    fn take_back_aliases(&self, story: StoryNumber, key: &StoryId) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "WITH RECURSIVE joined (key) AS (
                     SELECT other_key FROM correction WHERE kind = 'join' AND story_key = :key
                      UNION
                     SELECT correction.other_key FROM correction JOIN joined ON correction.story_key = joined.key
                      WHERE correction.kind = 'join')
                 UPDATE story_alias SET story_id = :story WHERE key IN (SELECT key FROM joined)",
            )?
            .execute(named_params! { ":key": key.as_str(), ":story": story.0 })?;
        Ok(())
    }

    /// A story that was joined by any entry that was not withheld is no longer withheld. With another lead, what is
    /// published carries the date of that.
    fn change_lead(
        &self,
        story: StoryNumber,
        lead: Option<EntryNumber>,
        arrivals: Arrivals,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(lead) = lead {
            self.date_by(story, lead)?;
        }
        self.tx
            .prepare_cached(
                "UPDATE story
                    SET lead_entry_id = coalesce(:lead, lead_entry_id), held_back = min(held_back, :held_back),
                        changed_at = :now
                  WHERE id = :story",
            )?
            .execute(named_params! {
                ":story": story.0, ":lead": lead.map(|lead| lead.0),
                ":held_back": arrivals == Arrivals::HeldBack, ":now": now.as_second(),
            })?;
        self.changes_story(story)?;
        self.shows();
        Ok(())
    }

    /// Fixes the date of a published story to that of `lead`, if another entry led it.
    fn date_by(&self, story: StoryNumber, lead: EntryNumber) -> Result<(), StoreError> {
        let dated: Option<(Option<Timestamp>, Timestamp)> = self
            .tx
            .prepare_cached(
                "SELECT entry.published_at, entry.first_seen_at FROM story, entry
                  WHERE story.id = :story AND entry.id = :lead
                    AND story.lead_entry_id <> :lead AND story.first_published_at IS NOT NULL",
            )?
            .query_row(named_params! { ":story": story.0, ":lead": lead.0 }, |row| {
                Ok((columns::optional_time(row, "published_at")?, columns::time(row, "first_seen_at")?))
            })
            .optional()?;
        let Some((published, first_seen)) = dated else { return Ok(()) };
        self.tx
            .prepare_cached("UPDATE story SET date_at = :date WHERE id = :story")?
            .execute(named_params! { ":date": story_date(published, first_seen).as_second(), ":story": story.0 })?;
        Ok(())
    }

    fn id_of(&self, story: StoryNumber) -> Result<StoryId, StoreError> {
        let mut stmt = self.tx.prepare_cached("SELECT key FROM story WHERE id = :story")?;
        Ok(stmt.query_row(named_params! { ":story": story.0 }, |row| columns::story_id(row, "key"))?)
    }
}
