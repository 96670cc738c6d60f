//! Sources looked at by themselves: what a person sees before they are in feeds.toml, or when they fail.
//!
//! A person asks at once, due or not. What servers ask for stands all the same: their holds, the pause between two
//! requests to a host, and robots.txt where feeds.toml wants it asked. Nothing is kept.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use url::Url;

use super::fetch::robots::Robots;
use super::fetch::{Answer, Ask, Chain, ClientError, FetchError, Fetched, Fetcher, Wanted, hosts, read_file};
use super::host_policy::{Decision, HostPolicies};
use super::known_state::known_state;
use super::report::SourceError;
use super::request::{HostFile, HostFileTarget};
use super::schedule::{forbidden, guard_clock, guard_host_clock, later};
use crate::config::{Config, RobotsFor, SourceAddress, SourceConfig};
use crate::model::SourceId;
use crate::store::{DueRule, HostState, RobotsState, SourceState, Store, StoreError};

/// A host that answers 429 and names no time is left alone for so long.
const REST: SignedDuration = SignedDuration::from_hours(4);

/// Why a source could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The network, the server, or a local file.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It is left alone until then.
    #[error("not asked before {}: {}", .until.strftime("%F %R UTC"), .rule.sentence())]
    Held {
        /// The end of the hold.
        until: Timestamp,
        /// Whose word it is.
        rule: DueRule,
    },
}

/// What earlier runs learned that counts when a source is looked at; by default nothing.
#[derive(Debug, Default)]
pub struct KnownState {
    sources: BTreeMap<SourceId, SourceState>,
    hosts: BTreeMap<String, HostState>,
    robots: HashMap<String, RobotsState>,
}

impl KnownState {
    /// As the store has it.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn of(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { sources: store.source_states()?, hosts: store.host_states()?, robots: store.robots()? })
    }
}

/// Looks at sources one after the other, guarded and limited as in a pass, without validators.
#[derive(Debug)]
pub struct Prober<'a> {
    config: &'a Config,
    fetcher: Fetcher,
    sources: BTreeMap<SourceId, SourceState>,
    hosts: BTreeMap<String, HostState>,
    policies: HostPolicies,
    /// When the last request to a host started, and the least time to the next one by its robots.txt.
    paces: HashMap<String, (Option<Instant>, Duration)>,
}

impl<'a> Prober<'a> {
    /// By the rules of `config`.
    ///
    /// # Errors
    /// [`ProbeError::Client`].
    pub fn new(config: &'a Config, standing: KnownState) -> Result<Self, ProbeError> {
        let fetcher = Fetcher::new(config)?;
        let mut policies = HostPolicies::new(config.fetch.robots, fetcher.tokens().to_vec());
        policies.remember(standing.robots);
        let KnownState { sources, hosts, .. } = standing;
        Ok(Self { config, fetcher, sources, hosts, policies, paces: HashMap::new() })
    }

    /// Fetches the feed of `source` once.
    ///
    /// # Errors
    /// [`ProbeError`].
    pub async fn look(&mut self, source: &SourceConfig, now: Timestamp) -> Result<Fetched, ProbeError> {
        let mut url = match &source.address {
            SourceAddress::File(path) => return Ok(read_file(path, self.config.fetch.max_body_bytes)?),
            SourceAddress::Http(url) => url.clone(),
        };
        let mut chain = Chain::default();
        loop {
            self.is_not_held(source, &url, now)?;
            self.is_permitted(&url, now).await?;
            let wanted = Wanted::Feed { source, validators: None };
            match self.ask(wanted, &url, now).await? {
                Answer::Document(document) => return Ok(document.fetched),
                Answer::Redirect { status, headers } => url = chain.follow(&url, status, &headers)?,
                Answer::NotModified { .. } => return Err(FetchError::NotModifiedUnasked.into()),
            }
        }
    }

    /// Neither the source nor the host of `url` asked to be left alone at `now`.
    fn is_not_held(&self, source: &SourceConfig, url: &Url, now: Timestamp) -> Result<(), ProbeError> {
        let mut state = known_state(self.sources.get(&source.id).cloned(), source);
        guard_clock(&mut state, now);
        // Whether it is back is what a person wants to see.
        state.gone_for_good = false;
        let host_hold = self.hosts.get(&hosts::key(url)).cloned().and_then(|mut host| {
            guard_host_clock(&mut host, SignedDuration::ZERO, now);
            host.hold_until
        });
        match forbidden(&state, host_hold, now) {
            Some(due) => Err(ProbeError::Held { until: due.at.unwrap_or(Timestamp::MAX), rule: due.rule }),
            None => Ok(()),
        }
    }

    /// robots.txt of the host of `url` lets us, where it is to be asked.
    async fn is_permitted(&mut self, url: &Url, now: Timestamp) -> Result<(), ProbeError> {
        if self.config.fetch.robots != RobotsFor::All {
            return Ok(());
        }
        if let Decision::Wait = self.policies.at(url, now) {
            let brought = self.robots(url, now).await;
            // What is learned counts for this look alone.
            let target = HostFileTarget { host: hosts::key(url), file: HostFile::Robots };
            self.policies.learn(&target, brought, now);
        }
        match self.policies.at(url, now) {
            Decision::Allow { spacing } => {
                let pace = self.paces.entry(hosts::key(url)).or_default();
                pace.1 = pace.1.max(spacing.unwrap_or_default());
                Ok(())
            }
            Decision::Deny(error) => Err(error.into()),
            Decision::Wait => Err(FetchError::Fault { what: "robots.txt was forgotten".to_owned() }.into()),
        }
    }

    async fn robots(&mut self, url: &Url, now: Timestamp) -> Result<Robots, SourceError> {
        let mut place = HostFile::Robots.address(url);
        let mut chain = Chain::default();
        loop {
            match self.ask(Wanted::Robots, &place, now).await? {
                Answer::Document(document) => {
                    return Ok(Robots::parse(&document.fetched.bytes, self.fetcher.tokens()));
                }
                Answer::Redirect { status, headers } => place = chain.follow(&place, status, &headers)?,
                Answer::NotModified { .. } => return Err(FetchError::NotModifiedUnasked.into()),
            }
        }
    }

    /// One request, not sooner after the last one to its host than `spacing` and its robots.txt want.
    async fn ask(&mut self, wanted: Wanted<'_>, url: &Url, now: Timestamp) -> Result<Answer, FetchError> {
        let host = hosts::key(url);
        let (last, spacing) = self.paces.entry(host.clone()).or_default();
        if let Some(last) = *last {
            tokio::time::sleep_until(last + self.config.fetch.spacing.max(*spacing)).await;
        }
        *last = Some(Instant::now());
        let answer = self.fetcher.ask(Ask { wanted, url, limit: self.config.fetch.timeout, now }).await;
        if let Err(FetchError::TooManyRequests { retry_after }) = &answer {
            let until = later(now, retry_after.unwrap_or(REST));
            self.hosts.entry(host).or_default().hold_until = Some(until);
        }
        answer
    }
}
