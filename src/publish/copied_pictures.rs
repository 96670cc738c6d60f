//! The small copies of pictures that there are, by the addresses of the originals.

use std::collections::BTreeMap;

use url::Url;

use crate::config::{Config, PICTURE_FOLDER};
use crate::model::StoryId;
use crate::store::{KeptPicture, PictureNumber, PictureState, Reader, StoreError};

/// The copies, by the address of the original.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CopiedPictures(BTreeMap<String, KeptPicture>);

impl CopiedPictures {
    /// All of them, if any page of `config` shows copies.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn load(store: &Reader, config: &Config) -> Result<Self, StoreError> {
        if !config.copies_pictures() {
            return Ok(Self::default());
        }
        Ok(Self(store.kept_pictures()?.into_iter().map(|kept| (kept.address.clone(), kept)).collect()))
    }

    /// The file of the copy of the picture at `address`; `None`: there is none.
    pub(super) fn file(&self, address: &Url) -> Option<String> {
        self.0.get(address.as_str()).map(|kept| picture_file(&kept.hash))
    }

    /// Each copy once: its hash in hexadecimal digits, and a picture that it is of.
    pub(super) fn by_hash(&self) -> BTreeMap<&str, PictureNumber> {
        self.0.values().map(|kept| (kept.hash.as_str(), kept.number)).collect()
    }
}

/// What became of the small copy of the picture of `story`, as a sentence; `None`: no page of `config` shows copies, or
/// no publish said yet which picture the story is to have.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn picture_of(store: &Reader, config: &Config, story: &StoryId) -> Result<Option<String>, StoreError> {
    if !config.copies_pictures() {
        return Ok(None);
    }
    let Some(picture) = store.picture_standing(story)? else { return Ok(None) };
    let address = picture.address;
    Ok(Some(match picture.state {
        PictureState::Kept { hash } => format!("picture: {}, a small copy of {address}", picture_file(&hash)),
        PictureState::Wanted { reason: None, .. } => format!("picture: a run will fetch {address}"),
        PictureState::Wanted { next_try, reason: Some(reason) } => {
            let next = next_try.strftime("%Y-%m-%d %H:%M UTC");
            format!("picture: {address} failed: {reason}; it is tried again after {next}")
        }
        PictureState::Failed { reason } => {
            let reason = reason.unwrap_or_else(|| "it failed".to_owned());
            format!("picture: none: {reason} ({address})")
        }
    }))
}

/// The file of the copy with this hash, under the output folder.
pub(super) fn picture_file(hash: &str) -> String {
    format!("{PICTURE_FOLDER}{}", picture_name(hash))
}

/// Its name in the folder of pictures.
pub(super) fn picture_name(hash: &str) -> String {
    format!("{hash}.jpg")
}

/// The hash in the name of a copy; `None`: it is the name of something else.
pub(super) fn hash_in(name: &str) -> Option<&str> {
    let hash = name.strip_suffix(".jpg")?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (hash.len() == 32 && hash.bytes().all(is_digit)).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_copies_hold_a_hash() {
        let hash = "0f".repeat(16);
        assert_eq!(hash_in(&picture_name(&hash)), Some(hash.as_str()));
        for other in ["a.jpg".to_owned(), format!("{hash}.png"), format!("{hash}0.jpg"), hash.to_uppercase() + ".jpg"] {
            assert_eq!(hash_in(&other), None, "{other}");
        }
    }
}
