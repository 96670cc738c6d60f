//! Reading much as it was at one moment.

use rusqlite::{Transaction, TransactionBehavior};

use super::{Reader, StoreError};

/// While it lives, everything is read as the database was when the first of it was read, and no statement needs locks of
/// its own.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    /// Ended without a word when it is dropped: nothing is written in it. `None`: it is part of a batch.
    _tx: Option<Transaction<'a>>,
}

impl Reader {
    /// Holds still what is read from here on.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn at_one_moment(&self) -> Result<Moment<'_>, StoreError> {
        let is_alone = self.conn.is_autocommit();
        let tx = is_alone.then(|| Transaction::new_unchecked(&self.conn, TransactionBehavior::Deferred)).transpose()?;
        Ok(Moment { _tx: tx })
    }
}

#[cfg(test)]
mod tests {
    use crate::store::Store;

    #[test]
    fn what_others_write_meanwhile_is_read_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.db");
        let store = Store::open(&path).unwrap();
        let mut other = Store::open_beside(&path).unwrap();
        let before = store.generation().unwrap();
        let moment = store.at_one_moment().unwrap();
        assert_eq!(store.generation().unwrap(), before);
        let batch = other.batch().unwrap();
        batch.bump_generation().unwrap();
        let within = batch.at_one_moment().unwrap();
        assert_ne!(batch.generation().unwrap(), before, "a batch reads what it wrote");
        drop(within);
        batch.commit().unwrap();
        assert_eq!(store.generation().unwrap(), before);
        drop(moment);
        assert_ne!(store.generation().unwrap(), before);
    }
}
