//! What the entries that an outlet is credited for say of their rights today.

use rusqlite::{Row, named_params};
use url::Url;

use super::{Reader, StoreError, columns, page_rights};
use crate::model::{Signal, StoryId};
use crate::rights::of_page;
use crate::text::{canonical, key_hash};

impl Reader {
    /// What each entry of `source` at `url` says of its rights, together with the page behind it: in the story of this id, or,
    /// where there is none, in any story. Where none is at this address any more, those of `source` in the story count. Empty:
    /// the database knows none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn credited_rights(
        &self,
        story: &StoryId,
        source: &str,
        url: &Url,
    ) -> Result<Vec<Vec<Signal>>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "WITH this AS (SELECT id FROM story WHERE key = :story
                           UNION ALL SELECT story_id FROM story_alias WHERE key = :story)
             SELECT 2 * (member.address = :address) + (member.story_id IN this) AS nearness,
                    entry.signals AS entry_signals, coalesce(article.signals, '') AS page_signals, article.page_rights
               FROM (SELECT entry_id FROM member WHERE address = :address
                     UNION SELECT entry_id FROM member WHERE story_id IN this) AS found
               JOIN member ON member.entry_id = found.entry_id
               JOIN entry ON entry.id = found.entry_id
               LEFT JOIN article_of ON article_of.entry_id = entry.id
               LEFT JOIN article ON article.id = article_of.article_id
              WHERE entry.source_id = :source",
        )?;
        let address = key_hash(&canonical(url));
        let params = named_params! { ":story": story.as_str(), ":source": source, ":address": address };
        let found: Vec<(i64, Vec<Signal>)> =
            stmt.query_map(params, |row| Ok((row.get("nearness")?, stated(row)?)))?.collect::<Result<_, _>>()?;
        let nearest = found.iter().map(|(nearness, _)| *nearness).max();
        Ok(found.into_iter().filter(|(nearness, _)| Some(*nearness) == nearest).map(|(_, stated)| stated).collect())
    }
}

fn stated(row: &Row<'_>) -> rusqlite::Result<Vec<Signal>> {
    let mut signals = columns::signals(row, "entry_signals")?;
    signals.extend(of_page(&page_rights::rights(row, "page_rights")?));
    signals.extend(columns::signals(row, "page_signals")?);
    Ok(signals)
}
