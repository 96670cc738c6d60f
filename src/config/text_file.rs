//! Text files of feeds.toml's kind: how large one may be, and reading it.

use std::path::Path;

use super::problem::ConfigError;

/// Largest feeds.toml in bytes: 5,000 sources with every key fit in a tenth of it.
pub(super) const LARGEST_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The text of the feeds.toml at `path`.
pub(super) fn read_text(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source: std::io::Error| {
        let path = path.to_owned();
        if source.kind() == std::io::ErrorKind::NotFound {
            ConfigError::Missing { path }
        } else {
            ConfigError::Unreadable { path, source }
        }
    };
    check_bytes(std::fs::metadata(path).map_err(unreadable)?.len()).map_err(unreadable)?;
    let bytes = std::fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|error| unreadable(foreign_encoding(&error)))
}

/// Names the line of the first byte that is no UTF-8, and what to do.
fn foreign_encoding(error: &std::string::FromUtf8Error) -> std::io::Error {
    let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    std::io::Error::other(format!("line {line} is not UTF-8: save the file with that encoding"))
}

/// Fails if `text` is too large to be read again.
pub(super) fn check_size(text: &str) -> std::io::Result<()> {
    check_bytes(text.len() as u64)
}

fn check_bytes(bytes: u64) -> std::io::Result<()> {
    if bytes > LARGEST_FILE_BYTES {
        return Err(std::io::Error::other(format!("a feeds.toml has at most {LARGEST_FILE_BYTES} bytes")));
    }
    Ok(())
}
