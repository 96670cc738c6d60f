//! What each feed declares about itself.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Row, named_params};
use url::Url;

use super::columns::{address, wait};
use super::{Batch, Reader, StoreError, columns};
use crate::model::{Feed, SourceId};
use crate::rights::Renewed;

impl Reader {
    /// What every feed declares about itself, by source.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn feeds(&self) -> Result<BTreeMap<SourceId, Feed>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT source_id, title, link, self_url, hubs, description, language, rights, licenses, image,
                    refresh_hint_s, skip_hours, skip_days, signals, lists, title_tail
               FROM feed
              ORDER BY source_id",
        )?;
        let rows = stmt.query_map([], |row| {
            let id: String = row.get("source_id")?;
            Ok((id, feed_from_row(row)?))
        })?;
        let mut feeds = BTreeMap::new();
        for row in rows {
            let (id, feed) = row?;
            if let Ok(id) = SourceId::new(id) {
                feeds.insert(id, feed);
            }
        }
        Ok(feeds)
    }
}

impl Batch<'_> {
    /// Stores what the feed of `source` declares about itself, in place of what it declared before; a change counts as
    /// one that readers of the outputs could see.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn save_feed(&mut self, source: &SourceId, feed: &Feed) -> Result<(), StoreError> {
        let changed = self
            .tx
            .prepare_cached(
                "INSERT INTO feed (
                     source_id, title, link, self_url, hubs, description, language, rights, licenses, image,
                     refresh_hint_s, skip_hours, skip_days, signals, lists, title_tail)
                 VALUES (
                     :source_id, :title, :link, :self_url, :hubs, :description, :language, :rights, :licenses, :image,
                     :refresh_hint_s, :skip_hours, :skip_days, :signals, :lists, :title_tail)
                 ON CONFLICT (source_id) DO UPDATE
                    SET title = excluded.title, link = excluded.link, self_url = excluded.self_url,
                        hubs = excluded.hubs, description = excluded.description, language = excluded.language,
                        rights = excluded.rights, licenses = excluded.licenses, image = excluded.image,
                        refresh_hint_s = excluded.refresh_hint_s, skip_hours = excluded.skip_hours,
                        skip_days = excluded.skip_days, signals = excluded.signals,
                        lists = coalesce(excluded.lists, lists), title_tail = coalesce(excluded.title_tail, title_tail)
                  WHERE (title, link, self_url, hubs, description, language, rights, licenses, image,
                         refresh_hint_s, skip_hours, skip_days, signals, lists, title_tail)
                     IS NOT (excluded.title, excluded.link, excluded.self_url, excluded.hubs, excluded.description,
                             excluded.language, excluded.rights, excluded.licenses, excluded.image,
                             excluded.refresh_hint_s, excluded.skip_hours, excluded.skip_days, excluded.signals,
                             coalesce(excluded.lists, lists), coalesce(excluded.title_tail, title_tail))",
            )?
            .execute(named_params! {
                ":source_id": source.as_str(),
                ":title": feed.title,
                ":link": feed.link.as_ref().map(Url::as_str),
                ":self_url": feed.self_url.as_ref().map(Url::as_str),
                ":hubs": lines(&feed.hubs),
                ":description": feed.description,
                ":language": feed.language,
                ":rights": feed.rights,
                ":licenses": feed.licenses.join("\n"),
                ":image": feed.image.as_ref().map(Url::as_str),
                ":refresh_hint_s": feed.refresh_hint.map(|hint| hint.as_secs()),
                ":skip_hours": feed.skip_hours,
                ":skip_days": feed.skip_days,
                ":signals": columns::signals_column(&feed.signals),
                ":lists": feed.lists,
                ":title_tail": feed.title_tail,
            })?;
        if changed > 0 {
            self.shows();
        }
        Ok(())
    }

    /// Puts `hubs` and `own` in the place of what is stored of the feed of `source`; what is not said stays.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_hubs(&mut self, source: &SourceId, hubs: &[Url], own: Option<&Url>) -> Result<(), StoreError> {
        let changed = self
            .tx
            .prepare_cached(
                "UPDATE feed
                    SET hubs = coalesce(:hubs, hubs), self_url = coalesce(:own, self_url)
                  WHERE source_id = :source
                    AND (hubs, self_url) IS NOT (coalesce(:hubs, hubs), coalesce(:own, self_url))",
            )?
            .execute(named_params! {
                ":source": source.as_str(),
                ":hubs": (!hubs.is_empty()).then(|| lines(hubs)),
                ":own": own.map(Url::as_str),
            })?;
        if changed > 0 {
            self.shows();
        }
        Ok(())
    }

    /// Puts what an answer without a body says of rights in the place of what is stored of the feed of `source`. Returns whether
    /// that is something else.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn renew_signals(&mut self, source: &SourceId, renewed: &Renewed) -> Result<bool, StoreError> {
        let stored = self
            .tx
            .prepare_cached("SELECT signals FROM feed WHERE source_id = :source")?
            .query_row(named_params! { ":source": source.as_str() }, |row| columns::signals(row, "signals"))
            .optional()?;
        let Some(signals) = stored.and_then(|stored| renewed.over(&stored)) else { return Ok(false) };
        self.tx
            .prepare_cached("UPDATE feed SET signals = :signals WHERE source_id = :source")?
            .execute(named_params! { ":source": source.as_str(), ":signals": columns::signals_column(&signals) })?;
        self.shows();
        Ok(true)
    }
}

fn feed_from_row(row: &Row<'_>) -> rusqlite::Result<Feed> {
    Ok(Feed {
        title: row.get("title")?,
        link: address(row, "link")?,
        self_url: address(row, "self_url")?,
        hubs: addresses(row, "hubs")?,
        description: row.get("description")?,
        language: row.get("language")?,
        rights: row.get("rights")?,
        licenses: row.get_ref("licenses")?.as_str()?.lines().map(str::to_owned).collect(),
        image: address(row, "image")?,
        refresh_hint: wait(row, "refresh_hint_s")?,
        skip_hours: row.get("skip_hours")?,
        skip_days: row.get("skip_days")?,
        signals: columns::signals(row, "signals")?,
        lists: row.get("lists")?,
        title_tail: row.get("title_tail")?,
        ..Feed::default()
    })
}

fn addresses(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<Url>> {
    let text = row.get_ref(column)?.as_str()?;
    Ok(text.lines().filter_map(|line| Url::parse(line).ok()).collect())
}

/// One address per line; a URL contains no line break.
fn lines(urls: &[Url]) -> String {
    urls.iter().map(Url::as_str).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::model::{Origin, Signal, SignalKind};
    use crate::store::Store;

    fn id(text: &str) -> SourceId {
        SourceId::new(text).unwrap()
    }

    #[test]
    fn the_facts_of_a_feed_come_back_and_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("s.db")).unwrap();
        let url = |text: &str| Url::parse(text).unwrap();
        let feed = Feed {
            title: Some("A".to_owned()),
            link: Some(url("https://a.example/")),
            self_url: Some(url("https://a.example/f")),
            hubs: vec![url("https://h.example/"), url("https://i.example/")],
            description: Some("d".to_owned()),
            language: Some("en".to_owned()),
            rights: Some("r".to_owned()),
            licenses: vec!["https://creativecommons.org/licenses/by/4.0/".to_owned(), "CC BY 4.0".to_owned()],
            image: Some(url("https://a.example/i.png")),
            refresh_hint: Some(SignedDuration::from_mins(60)),
            skip_hours: 3,
            skip_days: 64,
            signals: vec![Signal::new(SignalKind::Block, Origin::Feed, "itunes:block")],
            lists: Some(true),
            title_tail: Some(" - A".to_owned()),
            ..Feed::default()
        };
        let mut batch = store.batch().unwrap();
        batch.save_feed(&id("a"), &Feed::default()).unwrap();
        batch.save_feed(&id("a"), &feed).unwrap();
        batch.commit().unwrap();
        assert_eq!(store.feeds().unwrap(), BTreeMap::from([(id("a"), feed.clone())]));
        // What an unchanged feed says anew in the headers of its answer.
        let hubs = vec![url("https://j.example/")];
        let mut batch = store.batch().unwrap();
        batch.save_hubs(&id("a"), &hubs, None).unwrap();
        batch.save_hubs(&id("b"), &hubs, None).unwrap();
        batch.commit().unwrap();
        let renewed = Feed { hubs, ..feed };
        assert_eq!(store.feeds().unwrap(), BTreeMap::from([(id("a"), renewed.clone())]));
        let mut batch = store.batch().unwrap();
        batch.save_hubs(&id("a"), &[], Some(&url("https://a.example/g"))).unwrap();
        batch.commit().unwrap();
        let renewed = Feed { self_url: Some(url("https://a.example/g")), ..renewed };
        assert_eq!(store.feeds().unwrap(), BTreeMap::from([(id("a"), renewed)]));
    }
}
