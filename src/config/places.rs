//! Where the database and the outputs are if feeds.toml does not say: in `data/` beside it, or, beside the user's own
//! in ~/.config, where the XDG Base Directory Specification (0.8) has the data of a user's programs.

use std::path::{Path, PathBuf};

/// The folder of this program among others.
const OWN: &str = "feedloom";

/// The feeds.toml of this user: `$XDG_CONFIG_HOME/feedloom/feeds.toml`.
pub(crate) fn user_config() -> Option<PathBuf> {
    Some(user_folder("XDG_CONFIG_HOME", ".config")?.join(OWN).join("feeds.toml"))
}

/// The folder of data for the feeds.toml at `path`, which is in `folder`.
///
/// What is in `data/` beside the user's own already stays there.
pub(super) fn data_folder(path: &Path, folder: &Path) -> PathBuf {
    let beside = folder.join("data");
    let is_users = user_config().is_some_and(|own| std::path::absolute(path).is_ok_and(|path| path == own));
    if !is_users || beside.join("feedloom.db").exists() {
        return beside;
    }
    user_folder("XDG_DATA_HOME", ".local/share").map_or(beside, |data| data.join(OWN))
}

/// A folder of the user that `variable` names, if it is absolute, else `usual` in the home folder.
fn user_folder(variable: &str, usual: &str) -> Option<PathBuf> {
    match std::env::var_os(variable).map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => Some(folder),
        _ => Some(PathBuf::from(std::env::var_os("HOME")?).join(usual)),
    }
}
