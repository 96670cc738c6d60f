//! Pictures that are let go: of stories that are taken down, forgotten or shown no longer. A picture that no story has any
//! more is gone, with its copy.

use jiff::Timestamp;
use rusqlite::named_params;

use super::{Batch, Store, StoreError, StoryNumber};
use crate::model::{EntryKey, StoryId};

impl Store {
    /// Lets go of all pictures: no page has copies any more.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn drop_all_pictures(&mut self) -> Result<(), StoreError> {
        let batch = self.batch()?;
        batch.tx.execute("DELETE FROM picture_of", [])?;
        batch.drop_lone_pictures()?;
        batch.commit()
    }

    /// Lets go of the pictures of stories that are dated before `before`, stand on no page of their own and are not
    /// `shown`, and of those that are not known any more.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn drop_old_pictures(
        &mut self,
        before: Timestamp,
        shown: impl IntoIterator<Item = StoryNumber>,
    ) -> Result<(), StoreError> {
        let shown: Vec<i64> = shown.into_iter().map(|story| story.0).collect();
        let shown = serde_json::to_string(&shown).expect("a list of numbers");
        let batch = self.batch()?;
        batch.tx.execute(
            "DELETE FROM picture_of
              WHERE NOT EXISTS (SELECT 1 FROM story
                                 WHERE story.key = picture_of.story_key
                                   AND (coalesce(story.date_at, story.changed_at) >= :before
                                        OR story.id IN (SELECT value FROM json_each(:shown))))
                AND NOT EXISTS (SELECT 1 FROM story_page
                                 WHERE story_page.story_key = picture_of.story_key AND story_page.kind = 'story')",
            named_params! { ":before": before.as_second(), ":shown": shown },
        )?;
        batch.drop_lone_pictures()?;
        batch.commit()
    }
}

impl Batch<'_> {
    /// The story has no picture any more. Its copy stays until [`Self::drop_lone_pictures`].
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn drop_picture_of(&self, story: &StoryId) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "DELETE FROM picture_of
                  WHERE story_key = :story
                     OR story_key = (SELECT story.key FROM story_alias JOIN story ON story.id = story_alias.story_id
                                      WHERE story_alias.key = :story)",
            )?
            .execute(named_params! { ":story": story.as_str() })?;
        Ok(())
    }

    /// The same of the story that an entry is in: the picture may be that entry's.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn drop_picture_with(&self, entry: &EntryKey) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "DELETE FROM picture_of
                  WHERE story_key IN (SELECT story.key
                                        FROM entry JOIN member ON member.entry_id = entry.id
                                             JOIN story ON story.id = member.story_id
                                       WHERE entry.source_id = :source AND entry.guid = :guid)",
            )?
            .execute(named_params! { ":source": entry.source.as_str(), ":guid": entry.guid })?;
        Ok(())
    }

    /// Pictures that no story has are gone, with their copies.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn drop_lone_pictures(&self) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM picture_body
              WHERE NOT EXISTS (SELECT 1 FROM picture_of WHERE picture_of.picture_id = picture_body.picture_id)",
            "DELETE FROM picture
              WHERE NOT EXISTS (SELECT 1 FROM picture_of WHERE picture_of.picture_id = picture.id)",
        ] {
            self.tx.prepare_cached(sql)?.execute([])?;
        }
        Ok(())
    }
}
