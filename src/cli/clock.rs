//! The clock of a command that records what it does.

use anyhow::Result;
use jiff::Timestamp;

use super::console;
use super::plural::count;
use super::session::clock;
use crate::config::Config;
use crate::gather::ClockTrust;
use crate::publish;
use crate::store::Store;

/// Which clock counts, and how far it is trusted.
#[derive(Debug, clap::Args)]
pub(super) struct ClockArgs {
    /// Go on although the clock is more than five years away from the last run's, from the outputs that are there, or, on a
    /// first run, from the clocks of most servers
    #[arg(long)]
    pub(super) allow_clock: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

impl ClockArgs {
    /// The time to record.
    pub(super) fn now(&self) -> Timestamp {
        clock(self.now)
    }

    /// How far the clock is believed on a first run.
    pub(super) fn trust(&self) -> ClockTrust {
        if self.allow_clock { ClockTrust::Meant } else { ClockTrust::Compared }
    }

    /// Opens the database of `config` for a run at [`ClockArgs::now`].
    pub(super) fn open(&self, config: &Config) -> Result<Store> {
        let (mut store, now) = (Store::open(&config.database)?, self.now());
        if !self.allow_clock {
            store.check_clock(now)?;
        }
        if let Some(recovery) = publish::recovery(&store, config, now)? {
            if !self.allow_clock {
                recovery.check_clock(now)?;
            }
            let stories = store.recover(&recovery, now)?;
            tracing::info!(stories, "taken over from the outputs");
            if console::is_terminal() {
                let stories = count(u64::try_from(stories).unwrap_or(u64::MAX), "story");
                console::note(&format!(
                    "the database is new or older than the outputs: {stories} taken over from them"
                ));
            }
        }
        Ok(store)
    }
}
