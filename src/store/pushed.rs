//! What hubs pushed and no pass has read yet.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};

use super::{Batch, Reader, StoreError, columns};
use crate::model::SourceId;

/// Most pushes of one subscription that wait, and most bytes of all.
const MOST_OF_ONE: i64 = 16;
const MOST_BYTES: i64 = 64 * 1024 * 1024;

/// A push that waits to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// Where it came in.
    pub(crate) path: String,
    /// The source that is subscribed there, and its address; `None`: nothing is any more.
    pub(crate) of: Option<(SourceId, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Whether a push found room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Found,
    None,
}

impl Reader {
    /// The numbers of the pushes that wait, in the order in which they came.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn pushed_waiting(&self) -> Result<Vec<i64>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT id FROM pushed ORDER BY id")?;
        let rows = stmt.query_map([], |row| row.get("id"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The push with this number; `None`: there is none any more.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn pushed(&self, id: i64) -> Result<Option<Pushed>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT pushed.path, headers, body, source_id, address
               FROM pushed LEFT JOIN subscription ON subscription.path = pushed.path AND state <> 'leaving'
              WHERE id = :id",
        )?;
        let found = stmt.query_row(named_params! { ":id": id }, |row| {
            let headers: String = row.get("headers")?;
            let address: Option<String> = row.get("address")?;
            let of = match address {
                Some(address) => Some((columns::source_id(row, "source_id")?, address)),
                None => None,
            };
            Ok(Pushed {
                path: row.get("path")?,
                of,
                headers: serde_json::from_str(&headers).unwrap_or_default(),
                body: row.get("body")?,
            })
        });
        Ok(found.optional()?)
    }
}

impl Batch<'_> {
    /// Adds what was pushed at `path`, unless too much waits already.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn add_pushed(
        &mut self,
        path: &str,
        at: Timestamp,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Room, StoreError> {
        let (of_one, bytes): (i64, i64) = self.tx.query_row(
            "SELECT count(*) FILTER (WHERE path = :path) AS of_one, coalesce(sum(length(body)), 0) AS bytes FROM pushed",
            named_params! { ":path": path },
            |row| Ok((row.get("of_one")?, row.get("bytes")?)),
        )?;
        let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
        if of_one >= MOST_OF_ONE || bytes.saturating_add(size) > MOST_BYTES.max(size) {
            return Ok(Room::None);
        }
        self.tx.execute(
            "INSERT INTO pushed (path, at, headers, body) VALUES (:path, :at, :headers, :body)",
            named_params! {
                ":path": path,
                ":at": at.as_second(),
                ":headers": serde_json::to_string(headers).expect("texts"),
                ":body": body,
            },
        )?;
        Ok(Room::Found)
    }

    /// Removes the push with this number.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn remove_pushed(&mut self, id: i64) -> Result<(), StoreError> {
        self.tx.execute("DELETE FROM pushed WHERE id = :id", named_params! { ":id": id })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn pushes_wait_in_their_order_and_only_so_many() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("s.db")).unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let headers = [("content-type".to_owned(), "application/rss+xml".to_owned())];
        let mut batch = store.batch().unwrap();
        for number in 0..MOST_OF_ONE {
            assert_eq!(batch.add_pushed("p", at, &headers, &[u8::try_from(number).unwrap()]).unwrap(), Room::Found);
        }
        assert_eq!(batch.add_pushed("p", at, &[], b"x").unwrap(), Room::None);
        assert_eq!(batch.add_pushed("q", at, &[], b"x").unwrap(), Room::Found);
        batch.commit().unwrap();
        let waiting = store.pushed_waiting().unwrap();
        let first = store.pushed(waiting[0]).unwrap().unwrap();
        assert_eq!(first, Pushed { path: "p".to_owned(), of: None, headers: headers.to_vec(), body: vec![0] });
        let mut batch = store.batch().unwrap();
        batch.remove_pushed(waiting[0]).unwrap();
        assert_eq!(batch.add_pushed("p", at, &[], b"x").unwrap(), Room::Found);
        batch.commit().unwrap();
        assert_eq!(store.pushed(waiting[0]).unwrap(), None);
    }

    #[test]
    fn one_that_is_large_alone_finds_room() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("s.db")).unwrap();
        let large = vec![0; usize::try_from(MOST_BYTES).unwrap() / 2 + 1];
        let mut batch = store.batch().unwrap();
        assert_eq!(batch.add_pushed("p", Timestamp::UNIX_EPOCH, &[], &large).unwrap(), Room::Found);
        assert_eq!(batch.add_pushed("q", Timestamp::UNIX_EPOCH, &[], &large).unwrap(), Room::None);
    }
}
