//! Pages behind entries: which are wanted, and what was made of them.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::named_params;
use url::Url;

use super::page_rights::{rights, rights_column};
use super::{Batch, EntryNumber, Reader, StoreError, columns};
use crate::model::{Article, Signal, SourceId};
use crate::rights::of_page;

/// The number of a page in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ArticleNumber(i64);

#[cfg(test)]
impl ArticleNumber {
    /// The page with this number, whether there is one or not.
    #[must_use]
    pub(crate) fn from_raw(number: i64) -> Self {
        Self(number)
    }
}

/// A page that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedArticle {
    /// Its number.
    pub(crate) number: ArticleNumber,
    /// The source by whose settings it is fetched and read.
    pub(crate) source: SourceId,
    /// Where it is.
    pub(crate) address: Url,
    /// When it was first wanted.
    pub(crate) since: Timestamp,
    /// Tries so far that failed.
    pub(crate) tries: u32,
}

/// How the fetching of a page ended, for now or permanently.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ArticleEnd<'a> {
    /// It was read.
    Kept {
        /// What was made of it.
        article: &'a Article,
        /// The address it came from, after redirects.
        url: &'a Url,
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

/// The pages of one source, for `status`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArticleCount {
    /// Read and kept.
    pub kept: u64,
    /// Given up; the entries keep the feed's own text.
    pub failed: u64,
    /// Still wanted.
    pub waiting: u64,
    /// What was wrong with the last one that failed or is tried again.
    pub last_reason: Option<String>,
}

impl Reader {
    /// Pages to be fetched at `now`, longest waiting first, at most `limit` per source.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn wanted_articles(&self, now: Timestamp, limit: usize) -> Result<Vec<WantedArticle>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id, source_id, address, wanted_at, tries
               FROM (SELECT id, source_id, address, wanted_at, tries, next_try,
                            row_number() OVER (PARTITION BY source_id ORDER BY next_try, id) AS number
                       FROM article
                      WHERE state = 'wanted' AND next_try <= :now)
              WHERE number <= :limit
              ORDER BY next_try, id",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = stmt.query_map(named_params! { ":now": now.as_second(), ":limit": limit }, |row| {
            Ok(WantedArticle {
                number: ArticleNumber(row.get("id")?),
                source: columns::source_id(row, "source_id")?,
                address: columns::url(row, "address")?,
                since: columns::time(row, "wanted_at")?,
                tries: row.get("tries")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What became of the pages of each source.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn article_counts(&self) -> Result<HashMap<SourceId, ArticleCount>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT source_id, sum(pages * (state = 'kept')) AS kept, sum(pages * (state = 'failed')) AS failed,
                    sum(pages * (state = 'wanted')) AS waiting,
                    (SELECT reason
                       FROM article
                      WHERE article.source_id = article_tally.source_id AND reason IS NOT NULL
                      ORDER BY coalesce(ended_at, next_try) DESC, id DESC
                      LIMIT 1) AS reason
               FROM article_tally
              WHERE pages > 0
              GROUP BY source_id
              ORDER BY source_id",
        )?;
        let rows = stmt.query_map([], |row| {
            let count = ArticleCount {
                kept: row.get("kept")?,
                failed: row.get("failed")?,
                waiting: row.get("waiting")?,
                last_reason: row.get("reason")?,
            };
            Ok((columns::source_id(row, "source_id")?, count))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// The page at `address` is wanted for `entry` by the settings of `source`, which `choice` represents:
    /// it is fetched unless it already was for another entry.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn want_article(
        &mut self,
        entry: EntryNumber,
        source: &SourceId,
        address: &Url,
        choice: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT OR IGNORE INTO article (source_id, address, choice, state, wanted_at, next_try)
                 VALUES (:source, :address, :choice, 'wanted', :now, :now)",
            )?
            .execute(named_params! {
                ":source": source.as_str(), ":address": address.as_str(), ":choice": choice, ":now": now.as_second(),
            })?;
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO article_of (entry_id, article_id)
                 SELECT :entry, id FROM article WHERE address = :address AND choice = :choice",
            )?
            .execute(named_params! { ":entry": entry.0, ":address": address.as_str(), ":choice": choice })?;
        Ok(())
    }

    /// Stores how the fetching of a page ended; what was read shows in the next publish.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn end_article(
        &mut self,
        number: ArticleNumber,
        end: &ArticleEnd<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match end {
            ArticleEnd::Kept { article, url } => self.keep_article(number, article, url, now),
            ArticleEnd::Again { at, tries, reason } => {
                self.tx
                    .prepare_cached(
                        "UPDATE article SET next_try = :at, tries = :tries, reason = :reason WHERE id = :number",
                    )?
                    .execute(named_params! {
                        ":number": number.0, ":at": at.as_second(), ":tries": tries, ":reason": reason,
                    })?;
                Ok(())
            }
            ArticleEnd::Failed { reason } => {
                self.tx
                    .prepare_cached(
                        "UPDATE article SET state = 'failed', tries = tries + 1, ended_at = :now, reason = :reason
                          WHERE id = :number",
                    )?
                    .execute(named_params! { ":number": number.0, ":now": now.as_second(), ":reason": reason })?;
                Ok(())
            }
        }
    }

    /// Stores what the answer for a page declares about its rights.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_article_signals(&mut self, number: ArticleNumber, signals: &[Signal]) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE article SET signals = :signals WHERE id = :number")?
            .execute(named_params! { ":number": number.0, ":signals": columns::signals_column(signals) })?;
        self.shows();
        Ok(())
    }

    fn keep_article(
        &mut self,
        number: ArticleNumber,
        article: &Article,
        url: &Url,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "UPDATE article
                    SET state = 'kept', tries = tries + 1, ended_at = :now, reason = NULL, final_url = :url,
                        title = :title, byline = :byline, site = :site, published_at = :published,
                        description = :description, canonical = :canonical, image = :image,
                        language = :language, page_rights = :page_rights
                  WHERE id = :number",
            )?
            .execute(named_params! {
                ":number": number.0, ":now": now.as_second(), ":url": url.as_str(), ":title": article.title,
                ":byline": article.byline, ":site": article.site,
                ":published": article.published.map(Timestamp::as_second), ":description": article.description,
                ":canonical": article.canonical.as_ref().map(Url::as_str),
                ":image": article.image.as_ref().map(Url::as_str), ":language": article.language,
                ":page_rights": rights_column(&article.rights),
            })?;
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO article_body (article_id, text, html) VALUES (:number, :text, :html)",
            )?
            .execute(named_params! { ":number": number.0, ":text": article.text, ":html": article.html })?;
        self.shows();
        Ok(())
    }
}

/// The columns that [`article`] reads, and the tables they are in, joined to `entry`.
pub(super) const ARTICLE_COLUMNS: &str = "article.state AS a_state, article.final_url AS a_final_url, article.title AS a_title, \
     article.byline AS a_byline, article.site AS a_site, article.published_at AS a_published, \
     article.description AS a_description, article.canonical AS a_canonical, article.image AS a_image, \
     article.language AS a_language, article.page_rights AS a_page_rights, article.signals AS a_signals, article_body.text AS a_text, article_body.html AS a_html";
pub(super) const ARTICLE_JOINS: &str = "LEFT JOIN article_of ON article_of.entry_id = entry.id \
     LEFT JOIN article ON article.id = article_of.article_id \
     LEFT JOIN article_body ON article_body.article_id = article.id";

/// What the page of a row with [`ARTICLE_COLUMNS`] and the answer that brought it declare about its rights; the
/// answer's statements also hold if nothing was made of the page.
pub(super) fn page_signals(row: &rusqlite::Row<'_>, article: Option<&Article>) -> rusqlite::Result<Vec<Signal>> {
    let mut signals = article.map(|article| of_page(&article.rights)).unwrap_or_default();
    if row.get_ref("a_signals")?.as_str_or_null()?.is_some() {
        signals.extend(columns::signals(row, "a_signals")?);
    }
    Ok(signals)
}

/// The article of a row with [`ARTICLE_COLUMNS`]; `None`: no page was kept.
pub(super) fn article(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Box<Article>>> {
    if row.get_ref("a_state")?.as_str_or_null()? != Some("kept") {
        return Ok(None);
    }
    Ok(Some(Box::new(Article {
        title: row.get("a_title")?,
        byline: row.get("a_byline")?,
        site: row.get("a_site")?,
        published: columns::lenient_time(row, "a_published")?,
        description: row.get("a_description")?,
        canonical: columns::address(row, "a_canonical")?,
        image: columns::address(row, "a_image")?,
        language: row.get("a_language")?,
        html: row.get("a_html")?,
        text: row.get("a_text")?,
        rights: rights(row, "a_page_rights")?,
    })))
}
