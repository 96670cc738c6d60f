//! One pass: gather → weave → publish, and its report. To read the program, start here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::config::Config;
use crate::gather::{self, GatherError, GatherOptions, GatherReport, Ping, PingError, PingReport, Progress};
use crate::model::{Health, Source, SourceId};
use crate::publish::{self, Mode, PublishReport, PublishStageError, Shrink};
use crate::rights;
use crate::store::{SourceState, Store, StoreError};
use crate::weave::{self, WeaveReport};

/// What a pass does.
#[derive(Debug, Clone)]
pub(crate) struct PassOptions {
    /// How to gather; `None`: only weave and publish what the store holds.
    pub(crate) gather: Option<GatherOptions>,
    /// Whether an output may lose more of its items than `max_shrink`, this once.
    pub(crate) shrink: Shrink,
}

/// What a pass did.
#[derive(Debug, Default)]
pub(crate) struct PassReport {
    /// Source by source; empty where nothing was to be gathered.
    pub(crate) gather: GatherReport,
    /// How many entries joined which stories.
    pub(crate) weave: WeaveReport,
    /// Output by output.
    pub(crate) publish: PublishReport,
    /// The hubs that were told of outputs that changed.
    pub(crate) hubs: Vec<PingReport>,
}

/// Why a pass ended early. What was committed until then stays, and the next pass goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PassError {
    /// Gathering as a whole; a single source never ends a pass.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// The store, while weaving.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Publishing as a whole; a single output never ends a pass.
    #[error(transparent)]
    Publish(#[from] PublishStageError),
}

/// Makes one pass over `config` at `now`.
///
/// # Errors
/// [`PassError`].
pub(crate) async fn run(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    options: &PassOptions,
    progress: &dyn Progress,
) -> Result<PassReport, PassError> {
    let gather = match &options.gather {
        Some(options) => gather::gather(store, config, now, options, progress).await?,
        None => GatherReport::default(),
    };
    let weave = weave_pending(store, config, now)?;
    let published = publish_and_announce(store, config, now, options.shrink).await?;
    Ok(PassReport { gather, weave, ..published })
}

/// Publishes what the store holds and pings the hubs of the outputs that changed.
///
/// # Errors
/// [`PassError`].
pub(crate) async fn publish_and_announce(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
) -> Result<PassReport, PassError> {
    let publish = publish_stories(store, config, now, shrink, Mode::Write)?;
    let hubs = ping_hubs(store, config).await?;
    Ok(PassReport { publish, hubs, ..PassReport::default() })
}

/// Tells the hubs of feeds.toml which outputs have other bytes than they were told of, each once, also after a run
/// that ended before it could. A hub that cannot be told never fails a pass.
///
/// # Errors
/// Where the store cannot be read or written.
async fn ping_hubs(store: &mut Store, config: &Config) -> Result<Vec<PingReport>, StoreError> {
    let mut news = Vec::new();
    for output in &config.outputs {
        if let (Some(hub), Some(topic)) = (output.hub.clone(), publish::own_address(config, output))
            && store.is_news_to_hub(&output.file)?
        {
            news.push((&output.file, Ping { hub, topic }));
        }
    }
    if news.is_empty() {
        return Ok(Vec::new());
    }
    let (files, pings): (Vec<&String>, Vec<Ping>) = news.into_iter().unzip();
    let told = gather::ping(config, pings).await;
    let mut batch = store.batch()?;
    for (file, told) in files.into_iter().zip(&told) {
        // A hub that did not take it looks by itself now and then; one that was not asked is asked next time.
        if !matches!(told.result, Err(PingError::OutOfTime)) {
            batch.set_told_hub(file)?;
        }
    }
    batch.commit()?;
    Ok(told)
}

/// Gives every entry without a story its story.
///
/// # Errors
/// Where the store cannot be read or written.
pub fn weave_pending(store: &mut Store, config: &Config, now: Timestamp) -> Result<WeaveReport, StoreError> {
    if !store.has_unwoven()? && !weave::is_disobeyed(store, &config.weave)? {
        return Ok(WeaveReport::default());
    }
    weave::weave(store, &config.weave, &sources(store, config)?, now)
}

/// Publishes what the store holds.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn publish_stories(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
    mode: Mode,
) -> Result<PublishReport, PublishStageError> {
    publish::publish(store, config, now, shrink, mode, |store| sources(store, config))
}

/// The sources of feeds.toml, disabled ones too (what they published stays), as their feeds told last.
///
/// # Errors
/// Where the store cannot be read.
pub fn sources(store: &Store, config: &Config) -> Result<BTreeMap<SourceId, Source>, StoreError> {
    let feeds = store.feeds()?;
    let states = store.source_states()?;
    let robots = store.robots()?;
    let told = config.sources.iter().map(|source| {
        let mut told = source.resolved(feeds.get(&source.id));
        if !source.disabled {
            told.asked_every =
                states.get(&source.id).and_then(|state| gather::asked_every(source, &config.fetch, state));
            told.health = states.get(&source.id).map_or(Health::New, SourceState::health);
        }
        let hosts: BTreeSet<String> =
            [Some(&told.feed_url), told.site.as_ref()].into_iter().flatten().map(gather::host_key).collect();
        let lines = hosts.iter().filter_map(|host| robots.get(host)?.lines.as_deref());
        told.signals.extend(lines.flat_map(rights::of_robots_lines));
        (source.id.clone(), told)
    });
    Ok(told.collect())
}
