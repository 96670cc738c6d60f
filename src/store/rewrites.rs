//! What programs made of stories, what they were not asked, and how they fare.

use jiff::Timestamp;
use rusqlite::{Row, named_params};

use super::{Batch, DaySpan, Reader, Store, StoreError, columns};
use crate::model::{EntryKey, StoryId};
use crate::rights::Given;

/// What a program made of a version of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RewriteAnswer {
    /// The words that call the program.
    pub(crate) program: String,
    /// Hash of what leads the story, as the program was given it.
    pub(crate) version: [u8; 32],
    /// The story as it was called then.
    pub(crate) story: StoryId,
    pub(crate) title: String,
    /// HTML, sanitised.
    pub(crate) html: String,
    pub(crate) at: Timestamp,
    /// What it was made from.
    pub(crate) made_from: Vec<(EntryKey, Given)>,
}

/// A version of a story that a program made nothing of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RewriteLeft {
    /// The words that call the program.
    pub(crate) program: String,
    pub(crate) story: StoryId,
    /// As of an answer; `None`: it may not be asked.
    pub(crate) version: Option<[u8; 32]>,
    pub(crate) title: String,
    pub(crate) state: LeftState,
    /// Why, as a sentence.
    pub(crate) why: String,
    /// How often the program failed on it in a row.
    pub(crate) failures: u32,
    /// When it may be asked again; `None`: never.
    pub(crate) again: Option<Timestamp>,
}

/// Why a program made nothing of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeftState {
    /// Its publisher, or feeds.toml, does not allow it.
    Forbidden,
    /// Its turn did not come.
    Waiting,
    /// The program failed on it.
    Failed,
    /// The program failed on it too often.
    GivenUp,
}

impl LeftState {
    const ALL: [Self; 4] = [Self::Forbidden, Self::Waiting, Self::Failed, Self::GivenUp];

    /// Its name in the store and in `--json`; never changes.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// How a program that rewrites fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RewriteProgram {
    /// The words that call it.
    pub(crate) program: String,
    /// Stories that it answered, ever.
    pub(crate) answered: u32,
    /// How often it failed in a row.
    pub(crate) failures: u32,
    /// When it failed last in that row.
    pub(crate) failed: Option<Timestamp>,
    /// Why.
    pub(crate) why: String,
}

const ANSWERS: &str = "SELECT id, program, version, story_key, title, html, at
       FROM rewrite_answer
      WHERE story_key IN (SELECT value FROM json_each(:stories)
                          UNION ALL
                          SELECT alias.key
                            FROM json_each(:stories) AS asked
                            JOIN story ON story.key = asked.value
                            JOIN story_alias AS alias ON alias.story_id = story.id)
      ORDER BY id";

impl Reader {
    /// What programs made of `stories`, and of those that are a part of them now, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn rewrite_answers(&self, stories: &[StoryId]) -> Result<Vec<RewriteAnswer>, StoreError> {
        let stories: Vec<&str> = stories.iter().map(StoryId::as_str).collect();
        let stories = serde_json::to_string(&stories).expect("a list of texts");
        let mut stmt = self.conn.prepare_cached(ANSWERS)?;
        let mut made_from = self.conn.prepare_cached(
            "SELECT source_id, guid, given FROM rewrite_made_from WHERE answer_id = :answer ORDER BY source_id, guid",
        )?;
        let rows =
            stmt.query_map(named_params! { ":stories": stories }, |row| Ok((row.get::<_, i64>("id")?, answer(row)?)))?;
        let mut answers = Vec::new();
        for row in rows {
            let (id, mut answer) = row?;
            let from = made_from.query_map(named_params! { ":answer": id }, |row| {
                let key = EntryKey { source: columns::source_id(row, "source_id")?, guid: row.get("guid")? };
                Ok((key, given(row)?))
            })?;
            answer.made_from = from.collect::<Result<_, _>>()?;
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Every version of a story that a program made nothing of, by program and story.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn rewrites_left(&self) -> Result<Vec<RewriteLeft>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT program, story_key, version, title, state, why, failures, again_at
               FROM rewrite_left
              ORDER BY program, story_key, version",
        )?;
        let rows = stmt.query_map([], left)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How the programs fare that were ever asked.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn rewrite_programs(&self) -> Result<Vec<RewriteProgram>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT program, answered, failures, failed_at, why FROM rewrite_program ORDER BY program",
        )?;
        let rows = stmt.query_map([], |row| {
            Ok(RewriteProgram {
                program: row.get("program")?,
                answered: row.get("answered")?,
                failures: row.get("failures")?,
                failed: columns::optional_time(row, "failed_at")?,
                why: row.get("why")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Changes with what programs made of the stories of a day (days since 1970, UTC).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn rewrites_of_day(&self, day: DaySpan) -> Result<(i64, i64), StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT count(*) AS answers, coalesce(max(rewrite_answer.id), 0) AS newest
               FROM story JOIN rewrite_answer ON rewrite_answer.story_key = story.key
              WHERE story.date_at >= :from AND story.date_at < :to",
        )?;
        let (from, to) = (day.from.as_second(), day.to.as_second());
        Ok(stmt.query_row(named_params! { ":from": from, ":to": to }, |row| {
            Ok((row.get("answers")?, row.get("newest")?))
        })?)
    }
}

impl Store {
    /// Remembers an answer of `program` at once: whatever ends the run then, it was not asked in vain.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_rewrite(&mut self, answer: &RewriteAnswer, program: &RewriteProgram) -> Result<(), StoreError> {
        let batch = self.batch()?;
        batch.add_rewrite(answer)?;
        batch.set_rewrite_program(program)?;
        batch.shows();
        batch.commit()
    }

    /// Remembers a failure of `program` at once: whatever ends the run then, the next one does not repeat it right away.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_failed_rewrite(
        &mut self,
        left: &RewriteLeft,
        program: &RewriteProgram,
    ) -> Result<(), StoreError> {
        let batch = self.batch()?;
        batch.add_left(left)?;
        batch.set_rewrite_program(program)?;
        batch.commit()
    }

    /// Replaces what is known of what was left, and of how programs fare; `void` answers are forgotten.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_rewrites_left(
        &mut self,
        left: &[RewriteLeft],
        programs: &[RewriteProgram],
        void: &[RewriteAnswer],
    ) -> Result<(), StoreError> {
        let batch = self.batch()?;
        batch.tx.execute("DELETE FROM rewrite_left", [])?;
        left.iter().try_for_each(|left| batch.add_left(left))?;
        programs.iter().try_for_each(|program| batch.set_rewrite_program(program))?;
        void.iter().try_for_each(|answer| batch.forget_rewrite(answer))?;
        if !void.is_empty() {
            batch.shows();
        }
        batch.commit()
    }
}

impl Batch<'_> {
    fn add_rewrite(&self, answer: &RewriteAnswer) -> Result<(), StoreError> {
        let RewriteAnswer { program, version, story, title, html, at, made_from } = answer;
        let id = self
            .tx
            .prepare_cached(
                "INSERT INTO rewrite_answer (program, version, story_key, title, html, at)
                 VALUES (:program, :version, :story, :title, :html, :at)",
            )?
            .insert(named_params! {
                ":program": program, ":version": version, ":story": story.as_str(), ":title": title, ":html": html,
                ":at": at.as_second(),
            })?;
        let mut stmt = self.tx.prepare_cached(
            "INSERT OR IGNORE INTO rewrite_made_from (answer_id, source_id, guid, given)
             VALUES (:answer, :source, :guid, :given)",
        )?;
        for (key, given) in made_from {
            stmt.execute(named_params! {
                ":answer": id, ":source": key.source.as_str(), ":guid": key.guid, ":given": given.code(),
            })?;
        }
        Ok(())
    }

    fn add_left(&self, left: &RewriteLeft) -> Result<(), StoreError> {
        let RewriteLeft { program, story, version, title, state, why, failures, again } = left;
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO rewrite_left
                        (program, story_key, version, title, state, why, failures, again_at)
                 VALUES (:program, :story, :version, :title, :state, :why, :failures, :again)",
            )?
            .execute(named_params! {
                ":program": program, ":story": story.as_str(), ":version": version.as_ref().map_or(&[][..], |of| of),
                ":title": title, ":state": state.code(), ":why": why, ":failures": failures,
                ":again": again.map(Timestamp::as_second),
            })?;
        Ok(())
    }

    fn set_rewrite_program(&self, of: &RewriteProgram) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO rewrite_program (program, answered, failures, failed_at, why)
                 VALUES (:program, :answered, :failures, :failed, :why)",
            )?
            .execute(named_params! {
                ":program": of.program, ":answered": of.answered, ":failures": of.failures,
                ":failed": of.failed.map(Timestamp::as_second), ":why": of.why,
            })?;
        Ok(())
    }

    fn forget_rewrite(&self, answer: &RewriteAnswer) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "DELETE FROM rewrite_answer WHERE program = :program AND version = :version AND html = :html",
            )?
            .execute(named_params! {
                ":program": answer.program, ":version": answer.version, ":html": answer.html,
            })?;
        Ok(())
    }

    /// Forgets what was made of a story that was taken down.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn forget_rewrites_of_story(&self, story: &StoryId) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("DELETE FROM rewrite_answer WHERE story_key = :story")?
            .execute(named_params! { ":story": story.as_str() })?;
        Ok(())
    }

    /// Forgets what was made from an entry that was taken down.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn forget_rewrites_from(&self, key: &EntryKey) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "DELETE FROM rewrite_answer
                  WHERE id IN (SELECT answer_id FROM rewrite_made_from WHERE source_id = :source AND guid = :guid)",
            )?
            .execute(named_params! { ":source": key.source.as_str(), ":guid": key.guid })?;
        Ok(())
    }
}

fn answer(row: &Row<'_>) -> rusqlite::Result<RewriteAnswer> {
    Ok(RewriteAnswer {
        program: row.get("program")?,
        version: row.get("version")?,
        story: story(row)?,
        title: row.get("title")?,
        html: row.get("html")?,
        at: columns::time(row, "at")?,
        made_from: Vec::new(),
    })
}

fn left(row: &Row<'_>) -> rusqlite::Result<RewriteLeft> {
    let state: String = row.get("state")?;
    let version: Vec<u8> = row.get("version")?;
    Ok(RewriteLeft {
        program: row.get("program")?,
        story: story(row)?,
        version: version.try_into().ok(),
        title: row.get("title")?,
        state: LeftState::from_code(&state).ok_or_else(|| columns::unreadable("state", state))?,
        why: row.get("why")?,
        failures: row.get("failures")?,
        again: columns::optional_time(row, "again_at")?,
    })
}

fn story(row: &Row<'_>) -> rusqlite::Result<StoryId> {
    let key: String = row.get("story_key")?;
    StoryId::parse(&key).ok_or_else(|| columns::unreadable("story_key", key))
}

fn given(row: &Row<'_>) -> rusqlite::Result<Given> {
    let code: String = row.get("given")?;
    Given::from_code(&code).ok_or_else(|| columns::unreadable("given", code))
}
