//! feeds.toml from the file to a checked [`Config`].

use std::path::Path;

use toml::de::DeTable;

use super::problem::{ConfigError, Report};
use super::problems::Problems;
use super::read_config::{File, read_config};
use super::settings::Config;
use super::text_file::read_text;

/// What to do about a feeds.toml without a source.
const ADD_ONE: &str = "add one: feedloom add https://lwn.net/headlines/rss";

/// Whether a feeds.toml without a source is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoSource {
    Wrong,
    /// Some are about to be added.
    Fine,
}

impl Config {
    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`]; if the file is wrong, with all its problems together.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = read_text(path)?;
        let mut config = Self::parse(path, &text)?;
        let is_open = std::fs::metadata(path).is_ok_and(|meta| is_world_readable(&meta));
        if config.holds_literal_secret() && is_open {
            let path = path.display();
            config.warnings.push(format!("everybody on this machine can read the secret in {path}: chmod o-r {path}"));
        }
        Ok(config)
    }

    /// Checks `text` as if it were in the file `path`.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] with every problem in it.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        Self::parse_with(path, text, NoSource::Wrong)
    }

    pub(super) fn parse_with(path: &Path, text: &str, no_source: NoSource) -> Result<Self, ConfigError> {
        let problems = Problems::default();
        let (document, broken) = DeTable::parse_recoverable(text);
        for error in &broken {
            let at = error.span().unwrap_or(0..0);
            problems.add(at, format!("this is no TOML: {}", error.message()), "mend it here");
        }
        // What follows a syntax error is not judged: that would only reflect what the parser made of it.
        let config =
            broken.is_empty().then(|| read_config(&File { path, text, problems: &problems }, document.get_ref()));
        let is_without_sources =
            config.as_ref().is_some_and(|config| config.sources.is_empty() && config.lists.is_empty());
        if is_without_sources && no_source == NoSource::Wrong && problems.is_empty() {
            problems.add(0..0, "feeds.toml names no source", ADD_ONE);
        }
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigError::Wrong(Report::new(path, text, problems.into_vec()))),
        }
    }

    fn holds_literal_secret(&self) -> bool {
        self.sources.iter().flat_map(|source| &source.headers).any(|(_, value)| value.is_literal())
    }
}

#[cfg(unix)]
fn is_world_readable(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o004 != 0
}

#[cfg(not(unix))]
fn is_world_readable(_meta: &std::fs::Metadata) -> bool {
    false
}
