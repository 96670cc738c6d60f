//! What every command shares: which feeds.toml, how much to print, which clock.

use std::path::PathBuf;

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::console;
use crate::config::{Config, ConfigError, user_config};
use crate::gather::KnownState;
use crate::store::{CorrectionNumber, Store, StoreError};

/// The options that may precede any command.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) config: Option<PathBuf>,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

impl Session {
    /// The feeds.toml to read: `--config`, else `./feeds.toml`, else the one of this user.
    pub(super) fn config_path(&self) -> PathBuf {
        if let Some(path) = &self.config {
            return path.clone();
        }
        let here = PathBuf::from("feeds.toml");
        if here.exists() {
            return here;
        }
        user_config().filter(|path| path.exists()).unwrap_or(here)
    }

    /// Where feeds.toml is looked for, by its full path.
    pub(super) fn config_places(&self) -> Vec<PathBuf> {
        let here = self.config.clone().unwrap_or_else(|| PathBuf::from("feeds.toml"));
        let here = std::path::absolute(&here).unwrap_or(here);
        let own = user_config().filter(|_| self.config.is_none());
        std::iter::once(here).chain(own).collect()
    }

    /// A command ready to be pasted: with `--config` if this one was given it.
    pub(super) fn command(&self, words: &str) -> String {
        match &self.config {
            Some(path) => format!("feedloom {words} --config {}", console::shell_word(&path.to_string_lossy())),
            None => format!("feedloom {words}"),
        }
    }

    /// Reads and checks feeds.toml.
    pub(super) fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.config_path())
    }

    /// Like [`Session::load`], and prints its warnings: before something is done with it.
    pub(super) fn load_to_work(&self) -> Result<Config, ConfigError> {
        let config = self.load()?;
        if !self.quiet && (console::is_terminal() || self.verbose) {
            for warning in &config.warnings {
                console::warn(warning);
            }
        }
        Ok(config)
    }

    /// Prints how a split or a join is undone.
    pub(super) fn say_how_to_undo(&self, correction: CorrectionNumber) {
        if !self.quiet {
            console::note(&format!(
                "  the outputs follow with the next run; undo it: feedloom corrections --undo {correction}"
            ));
        }
    }

    /// Opens the store of `config` read-only.
    pub(super) fn look_into(&self, config: &Config) -> Result<Store> {
        Ok(Store::open_to_read(&config.database)?)
    }
}

/// The clock of this run: `--now`, otherwise the machine's, in whole seconds, as everything that is stored.
pub(super) fn clock(now: Option<Timestamp>) -> Timestamp {
    let now = now.unwrap_or_else(Timestamp::now);
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// The runtime that passes run on.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

/// Which hosts asked to be left alone, if a database knows. An unreadable one is no obstacle.
pub(super) fn known_state(config: &Config) -> KnownState {
    let opened = match Store::open_to_read(&config.database) {
        Err(StoreError::Missing { .. }) => return KnownState::default(),
        opened => opened,
    };
    opened.and_then(|store| KnownState::of(&store)).unwrap_or_else(|error| {
        console::warn(&format!("it is not known whether a host asked to be left alone: {error}"));
        KnownState::default()
    })
}
