//! A file of lines of which nothing may get lost. A second file beside it, the seal, says how much was in it after the last
//! line was added, and what: what is lost of that is noticed. What comes after that is not sealed yet.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{LineFile, StoreError};
use crate::text::{content_hash, hexadecimal};

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct SealedFile {
    file: LineFile,
    seal: LineFile,
    missing: Missing,
    lost: Lost,
}

/// What it means that the file is not there while its seal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// All of it is lost.
    IsLost,
    /// It begins anew.
    IsNew,
}

/// The error that tells that something of the file, which is sealed by another, is lost.
type Lost = fn(PathBuf, PathBuf) -> StoreError;

/// The only line of the seal.
#[derive(Debug, Serialize, Deserialize)]
struct Seal {
    bytes: usize,
    hash: String,
}

impl SealedFile {
    /// `file`, with its seal beside it.
    pub(crate) fn new(file: LineFile, missing: Missing, lost: Lost) -> Self {
        Self { seal: file.companion(".seal"), file, missing, lost }
    }

    /// Its lines, as [`LineFile::read`] has them.
    ///
    /// # Errors
    /// If it cannot be read, or something of what was sealed is missing.
    pub(crate) fn read<L: DeserializeOwned>(&self) -> Result<Vec<L>, StoreError> {
        Ok(self.file.lines(&self.whole()?))
    }

    /// Adds lines, then seals all that is there. Killed in between, or where no new seal can be written, the old one holds:
    /// what it seals is still there.
    ///
    /// # Errors
    /// As [`Self::read`], or if the lines cannot be written; then a part of them may be there.
    pub(crate) fn append<L: Serialize>(&self, lines: &[L]) -> Result<(), StoreError> {
        self.whole()?;
        if !self.file.path().exists() {
            self.seal.remove()?;
        }
        self.file.append(lines)?;
        // The lines are there: whoever takes them for missing does twice, or never, what they note.
        if let Err(error) = self.seal() {
            tracing::warn!(file = %self.file.path().display(), %error, "cannot be sealed anew: what was added is not guarded");
        }
        Ok(())
    }

    /// Puts these lines in the place of all that it holds. Killed in between, there is no seal until the next line.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub(crate) fn replace<L: Serialize>(&self, lines: &[L]) -> Result<(), StoreError> {
        self.whole()?;
        self.seal.remove()?;
        self.file.replace(lines)?;
        self.seal()
    }

    /// A file beside this one, whose name ends with `suffix`.
    pub(crate) fn beside_it(&self, suffix: &str) -> PathBuf {
        self.file.beside_it(suffix)
    }

    fn seal(&self) -> Result<(), StoreError> {
        let text = self.file.bytes()?;
        self.seal.replace(&[Seal { bytes: text.len(), hash: hexadecimal(&content_hash(&text)) }])
    }

    /// What the file holds, with all that was sealed. A file of before there were seals has none.
    fn whole(&self) -> Result<Vec<u8>, StoreError> {
        // The seal first: whoever adds a line meanwhile makes the file longer than this one says.
        let written = self.seal.bytes()?;
        let seal: Option<Seal> = self.seal.lines(&written).pop();
        // One that is there and cannot be read says nothing of what it sealed; a new one takes its place whole.
        let is_broken =
            seal.is_none() && (!written.is_empty() || self.seal.path().metadata().is_ok_and(|seal| seal.len() == 0));
        let text = self.file.bytes()?;
        let begins = self.missing == Missing::IsNew && !self.file.path().exists();
        let holds =
            |seal: Seal| text.get(..seal.bytes).is_some_and(|sealed| hexadecimal(&content_hash(sealed)) == seal.hash);
        let is_whole = begins || !is_broken && seal.is_none_or(holds);
        let path = |file: &LineFile| file.path().to_owned();
        if is_whole { Ok(text) } else { Err((self.lost)(path(&self.file), path(&self.seal))) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn lost(path: PathBuf, seal: PathBuf) -> StoreError {
        StoreError::LostPosts { path, seal }
    }

    #[test]
    fn what_is_lost_of_what_was_sealed_is_noticed_and_nothing_is_written_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("feedloom.db");
        let path = folder.path().join("feedloom.db.lines");
        let file = |missing| SealedFile::new(LineFile::beside(&database, ".lines", 10_000), missing, lost);
        let new = file(Missing::IsNew);
        new.append(&["one".to_owned(), "two".to_owned()]).unwrap();
        new.append(&["three".to_owned()]).unwrap();
        let whole = fs::read(&path).unwrap();
        let zeroed = [&whole[..6], &[0; 6], &whole[12..]].concat();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 4;
        let damages: [(&str, Vec<u8>); 6] = [
            ("cut in half", whole[..whole.len() / 2].to_vec()),
            ("cut at the end of a line", whole[..6].to_vec()),
            ("cut by its last byte", whole[..whole.len() - 1].to_vec()),
            ("zeroed in part", zeroed),
            ("a bit flipped", flipped),
            ("emptied", Vec::new()),
        ];
        for (what, damaged) in &damages {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(new.read::<String>(), Err(StoreError::LostPosts { .. })), "{what}");
            assert!(new.append(&["four"]).is_err() && new.replace(&["four"]).is_err(), "{what}");
            assert_eq!(&fs::read(&path).unwrap(), damaged, "{what}");
        }
        fs::write(&path, &whole).unwrap();
        let seal = folder.path().join("feedloom.db.lines.seal");
        let sealed = fs::read(&seal).unwrap();
        for damaged in [&b""[..], b"{\"bytes\":", &[0; 40]] {
            fs::write(&seal, damaged).unwrap();
            assert!(new.read::<String>().is_err() && new.append(&["four"]).is_err(), "{damaged:?}");
        }
        fs::write(&seal, sealed).unwrap();
        // Killed in the middle of an append.
        fs::write(&path, [&whole[..], b"\"fo"].concat()).unwrap();
        assert_eq!(new.read::<String>().unwrap(), ["one", "two", "three"]);
        new.append(&["five".to_owned()]).unwrap();
        assert_eq!(new.read::<String>().unwrap(), ["one", "two", "three", "five"]);
        new.replace(&["six".to_owned()]).unwrap();
        assert_eq!(new.read::<String>().unwrap(), ["six"]);
        fs::remove_file(&path).unwrap();
        assert!(file(Missing::IsLost).read::<String>().is_err());
        assert_eq!(new.read::<String>().unwrap(), [""; 0]);
        new.append(&["seven".to_owned()]).unwrap();
        assert_eq!(file(Missing::IsLost).read::<String>().unwrap(), ["seven"]);
    }

    #[test]
    fn what_cannot_be_sealed_was_added_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("feedloom.db");
        let file = SealedFile::new(LineFile::beside(&database, ".lines", 10_000), Missing::IsLost, lost);
        file.append(&["one".to_owned()]).unwrap();
        // Its place is taken while the new seal is written.
        fs::create_dir(folder.path().join("feedloom.db.lines.seal.new")).unwrap();
        file.append(&["two".to_owned()]).unwrap();
        assert_eq!(file.read::<String>().unwrap(), ["one", "two"]);
    }
}
