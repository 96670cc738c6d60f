//! Sources looked at individually: what the operator sees before they are in feeds.toml, or when they fail.
//!
//! The operator is served immediately, due or not. All else is as in a pass, by the same scheduler: holds, the pause
//! between two requests to a host, robots.txt and tdmrep.json, redirects and second tries. Nothing is kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::attempt::{Context, parse_permits};
use super::clock::Clock;
use super::fetch::{ClientError, FetchError, Fetched, Fetcher, kept_for};
use super::host_policy::HostPolicies;
use super::host_queues::HostQueues;
use super::hosts::Hosts;
use super::known_state::{known_state, without_user_info};
use super::options::GatherOptions;
use super::outcome::{Completed, Outcome, Unfinished};
use super::report::SourceError;
use super::request::{ProbeKind, ProbeTarget, Target};
use super::schedule::{forbidden, guard_clock, guard_host_clock};
use super::scheduler::{self, Limits};
use super::task::Task;
use crate::config::{Config, SourceAddress, SourceConfig};
use crate::model::{Signal, SourceId};
use crate::store::{DueRule, HostState, RobotsState, SourceState, Store, StoreError};

/// Why a source could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ProbeError {
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
        /// Why.
        rule: DueRule,
    },
    /// The time limit of a run was up.
    #[error("the time of the run was up before it had its turn")]
    OutOfTime,
}

/// What earlier runs learned that matters when a source is looked at; by default nothing.
#[derive(Debug, Default)]
pub(crate) struct KnownState {
    sources: BTreeMap<SourceId, SourceState>,
    hosts: BTreeMap<String, HostState>,
    robots: HashMap<String, RobotsState>,
}

impl KnownState {
    /// As the store has it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn of(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { sources: store.source_states()?, hosts: store.host_states()?, robots: store.robots()? })
    }
}

/// What was found at the address of a source.
#[derive(Debug)]
pub(crate) struct Probed {
    /// The document.
    pub(crate) fetched: Fetched,
    /// What files of the hosts on the way to it state about its rights.
    pub(crate) signals: Vec<Signal>,
}

/// Looks at sources one after another, guarded and limited as in a pass, without validators.
#[derive(Debug)]
pub(crate) struct Prober<'a> {
    config: &'a Config,
    clock: Clock,
    fetcher: Arc<Fetcher>,
    sources: BTreeMap<SourceId, SourceState>,
    hosts: Hosts,
    retry_delay: Duration,
}

impl<'a> Prober<'a> {
    /// By the rules of `config`, from `now` on.
    ///
    /// # Errors
    /// [`ProbeError::Client`].
    pub(crate) fn new(config: &'a Config, known: KnownState, now: Timestamp) -> Result<Self, ProbeError> {
        let KnownState { sources, hosts: mut known_hosts, robots } = known;
        for host in known_hosts.values_mut() {
            guard_host_clock(host, SignedDuration::ZERO, now);
        }
        let fetcher = Fetcher::new(config)?;
        let mut policies = HostPolicies::new(config.fetch.robots, fetcher.tokens().to_vec());
        policies.remember(robots);
        let hosts = Hosts { queues: HostQueues::new(config.fetch.spacing, known_hosts), policies };
        let retry_delay = GatherOptions::default().retry_delay;
        Ok(Self { config, clock: Clock::starting_at(now), fetcher: Arc::new(fetcher), sources, hosts, retry_delay })
    }

    /// Fetches the document at the address of `source`, under the rules for that kind.
    ///
    /// # Errors
    /// [`ProbeError`].
    pub(crate) async fn probe(&mut self, source: &SourceConfig, kind: ProbeKind) -> Result<Probed, ProbeError> {
        self.check_hold(source)?;
        let url = without_user_info(source.address.to_url());
        let target = Target::Probe(ProbeTarget { source: Arc::new(source.clone()), kind });
        let task = Task::new(target, url, self.config.fetch.timeout);
        let (tasks, queued) = mpsc::unbounded_channel();
        // The receiver is at hand: this cannot fail.
        let _ = tasks.send(vec![task]);
        drop(tasks);
        let (sender, mut receiver) = mpsc::channel(1);
        let probed = async {
            let mut probed = None;
            while let Some(completed) = receiver.recv().await {
                // The files of hosts that were fetched on the way are of no interest here.
                probed = of_probe(completed).or(probed);
            }
            probed
        };
        let (context, limits) = (self.context(), self.limits());
        let ((), probed) = tokio::join!(scheduler::run(queued, &mut self.hosts, context, limits, sender), probed);
        probed.unwrap_or_else(|| Err(FetchError::Fault { what: "it never ended".to_owned() }.into()))
    }

    fn context(&self) -> Arc<Context> {
        let options = GatherOptions::default();
        Arc::new(Context {
            fetcher: Arc::clone(&self.fetcher),
            reader: options.reader,
            article_reader: options.article_reader,
            clock: self.clock,
            max_body_bytes: self.config.fetch.max_body_bytes,
            parse_permits: parse_permits(),
        })
    }

    fn limits(&self) -> Limits {
        Limits {
            parallelism: 1,
            kept_for: kept_for(&self.config.fetch),
            deadline: Instant::now() + self.config.fetch.deadline,
            timeout: self.config.fetch.timeout,
            retry_delay: self.retry_delay,
        }
    }

    /// Fails if the source asked to be left alone.
    fn check_hold(&self, source: &SourceConfig) -> Result<(), ProbeError> {
        if let SourceAddress::File(_) = source.address {
            return Ok(());
        }
        let now = self.clock.at(Instant::now());
        let mut state = known_state(self.sources.get(&source.id).cloned(), source);
        guard_clock(&mut state, now);
        // The operator wants to see whether it is back.
        state.gone_for_good = false;
        match forbidden(&state, None, now) {
            Some(due) => Err(ProbeError::Held { until: due.at.unwrap_or(Timestamp::MAX), rule: due.rule }),
            None => Ok(()),
        }
    }
}

/// `None`: it was something else.
fn of_probe(completed: Completed) -> Option<Result<Probed, ProbeError>> {
    let Outcome::Probe(_, answer) = completed.outcome else { return None };
    Some(match answer {
        Ok(fetched) => Ok(Probed { fetched: *fetched, signals: completed.attempt.signals }),
        Err(Unfinished::Failed(SourceError::Fetch(error))) => Err(error.into()),
        Err(Unfinished::Failed(SourceError::Read(error))) => Err(FetchError::Fault { what: error.sentence }.into()),
        Err(Unfinished::Held) => {
            let until = completed.host_hold.unwrap_or(Timestamp::MAX);
            Err(ProbeError::Held { until, rule: DueRule::HostHold })
        }
        Err(Unfinished::OutOfTime) => Err(ProbeError::OutOfTime),
    })
}
