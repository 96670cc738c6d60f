//! One pass: gather → weave → publish, and its report. To read the program, start here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::config::Config;
use crate::gather::{
    self, GatherError, GatherOptions, GatherReport, Gathering, Ping, PingError, PingReport, Progress, SourceReport,
    Step,
};
use crate::model::{Health, SiteClaim, Source, SourceId, judge_names};
use crate::publish::{self, Mode, PostReport, PublishReport, PublishStageError, RewriteReport, Shrink};
use crate::retention;
use crate::rights;
use crate::store::{SourceState, Store, StoreError};
use crate::takedown;
use crate::text::owner_of;
use crate::weave::{self, WeaveReport};

/// Most rounds of late takedowns that a publishing pass obeys; further ones wait for the next pass.
const MOST_LATE_TAKEDOWNS: usize = 8;

/// What a pass should do.
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
    /// Source by source; empty if nothing was to be gathered.
    pub(crate) gather: GatherReport,
    /// What hubs pushed, in the order in which it came.
    pub(crate) pushed: Vec<SourceReport>,
    /// How many entries joined which stories.
    pub(crate) weave: WeaveReport,
    /// Output by output.
    pub(crate) publish: PublishReport,
    /// The hubs that were pinged about outputs that changed.
    pub(crate) hubs: Vec<PingReport>,
    /// What the programs that rewrite did.
    pub(crate) rewrites: Vec<RewriteReport>,
    /// What the posts did.
    pub(crate) posts: Vec<PostReport>,
}

/// Why a pass ended early. What was committed until then stays, and the next pass continues from there.
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

/// Is told of each publish of a pass.
pub(crate) trait Published: Send + Sync {
    /// The outputs of `config` are as `store` says, and nobody writes them until this returns.
    fn published(&self, store: &Store, config: &Config);
}

/// Is told, and does nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untold;

impl Published for Untold {
    fn published(&self, _store: &Store, _config: &Config) {}
}

/// Whether programs that rewrite are asked before a publish.
#[derive(Clone, Copy)]
enum Rewriting<'a> {
    /// They are, and this is told of what is published before.
    Now(&'a dyn Published),
    /// Something is being fetched that a slow program would keep waiting.
    Later,
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
    run_telling(store, config, now, options, progress, &Untold).await
}

/// Makes one pass over `config` at `now`, and tells `told` of each of its publishes.
///
/// # Errors
/// [`PassError`].
pub(crate) async fn run_telling(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    options: &PassOptions,
    progress: &dyn Progress,
    told: &dyn Published,
) -> Result<PassReport, PassError> {
    let reader = options.gather.clone().unwrap_or_default().reader;
    let pushed = gather::take_pushed(store, config, reader, now)?;
    let Some(gather_options) = &options.gather else {
        let done = weave_and_publish(store, config, now, options.shrink, Rewriting::Now(told)).await?;
        told.published(store, config);
        let done = and_post(done, store, config, now).await?;
        told.published(store, config);
        retention::forget_old(store, config, now, |store| sources(store, config))?;
        return Ok(PassReport { pushed, ..done });
    };
    let mut gathering = Gathering::start(store, config, now, gather_options, progress)?;
    let mut done = PassReport::default();
    while let Step::Publish = gathering.go_on(store).await? {
        done = done.then(weave_and_publish(store, config, now, options.shrink, Rewriting::Later).await?);
        told.published(store, config);
    }
    done = done.then(weave_and_publish(store, config, now, options.shrink, Rewriting::Now(told)).await?);
    told.published(store, config);
    done = and_post(done, store, config, now).await?;
    told.published(store, config);
    let pictures = gather::fetch_pictures(store, config, now, gather_options).await?;
    // Whoever reads pages meanwhile reads them without; what is taken down meanwhile leaves now.
    if pictures.kept > 0 || takedown::is_waiting(store, &config.database)? {
        done = done.then_again(publish_and_ping(store, config, now, options.shrink).await?);
        told.published(store, config);
    }
    retention::forget_old(store, config, now, |store| sources(store, config))?;
    Ok(PassReport { gather: gathering.report().with_pictures(pictures), pushed, ..done })
}

/// Gives every entry its story, has stories rewritten if it is time for that, and publishes.
async fn weave_and_publish(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
    rewriting: Rewriting<'_>,
) -> Result<PassReport, PassError> {
    let weave = weave_pending(store, config, now)?;
    let published = match rewriting {
        Rewriting::Now(told) => rewrite_and_publish(store, config, now, shrink, told).await?,
        Rewriting::Later => publish_and_ping(store, config, now, shrink).await?,
    };
    Ok(PassReport { weave, ..published })
}

/// Has stories rewritten, and publishes what the store holds.
async fn rewrite_and_publish(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
    told: &dyn Published,
) -> Result<PassReport, PassError> {
    let mut done = PassReport::default();
    if config.outputs.iter().any(|output| output.rewrite.is_some()) && takedown::obey(store, &config.database)? {
        // It waits for no program.
        done = publish_and_ping(store, config, now, shrink).await?;
        told.published(store, config);
    }
    let is_quiet = |store: &Store| takedown::is_waiting(store, &config.database).map(|is_waiting| !is_waiting);
    let rewrites = publish::rewrite(store, config, now, |store| sources(store, config), is_quiet)?;
    let published = done.then(publish_and_ping(store, config, now, shrink).await?);
    Ok(PassReport { rewrites, ..published })
}

impl PassReport {
    /// What this pass and then `later` did, as one pass.
    fn then(self, later: Self) -> Self {
        let mut hubs = self.hubs;
        hubs.extend(later.hubs);
        let publish = later.publish.after(self.publish);
        let mut rewrites = self.rewrites;
        rewrites.extend(later.rewrites);
        let weave = self.weave.and(later.weave);
        Self { weave, publish, hubs, rewrites, posts: later.posts, gather: later.gather, pushed: later.pushed }
    }
}

impl PassReport {
    /// The same after the outputs were published once more, with nothing to post.
    fn then_again(self, later: Self) -> Self {
        let posts = self.posts.clone();
        Self { posts, ..self.then(later) }
    }
}

/// Publishes what the store holds, pings the hubs of the outputs that changed, and posts what waits.
///
/// # Errors
/// [`PassError`].
pub(crate) async fn publish_and_announce(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
) -> Result<PassReport, PassError> {
    let done = rewrite_and_publish(store, config, now, shrink, &Untold).await?;
    and_post(done, store, config, now).await
}

/// Calls the programs of the posts. What is taken down meanwhile leaves the outputs before the database is released.
async fn and_post(
    done: PassReport,
    store: &mut Store,
    config: &Config,
    now: Timestamp,
) -> Result<PassReport, PassError> {
    let is_quiet = || takedown::is_waiting(store, &config.database).map(|is_waiting| !is_waiting);
    let posts = publish::post(store, config, now, || sources(store, config), is_quiet)?;
    let is_late = !posts.is_empty() && takedown::obey(store, &config.database)?;
    let done = if is_late { done.then(publish_and_ping(store, config, now, Shrink::Refuse).await?) } else { done };
    Ok(PassReport { posts, ..done })
}

/// Publishes what the store holds and pings the hubs of the outputs that changed.
async fn publish_and_ping(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
) -> Result<PassReport, PassError> {
    let mut publish = publish_stories(store, config, now, shrink, Mode::Write)?;
    let mut hubs = ping_hubs(store, config).await?;
    for _ in 0..MOST_LATE_TAKEDOWNS {
        // One requested meanwhile counts before the database is released.
        if !takedown::obey(store, &config.database)? {
            break;
        }
        publish = publish_stories(store, config, now, shrink, Mode::Write)?;
        hubs.extend(ping_hubs(store, config).await?);
    }
    Ok(PassReport { publish, hubs, ..PassReport::default() })
}

/// Pings the hubs of feeds.toml about outputs whose bytes differ from the last ping, each once, also after a
/// run that ended before it could. A hub that does not answer never fails a pass.
///
/// # Errors
/// If the store cannot be read or written.
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
    let pinged = gather::ping(config, pings).await;
    let mut batch = store.batch()?;
    for (file, ping) in files.into_iter().zip(&pinged) {
        // A hub that refused looks by itself now and then; one that was not reached in time is pinged next time.
        if !matches!(ping.result, Err(PingError::OutOfTime)) {
            batch.set_told_hub(file)?;
        }
    }
    batch.commit()?;
    Ok(pinged)
}

/// Gives every entry without a story its story.
///
/// # Errors
/// If the store cannot be read or written.
pub fn weave_pending(store: &mut Store, config: &Config, now: Timestamp) -> Result<WeaveReport, StoreError> {
    if !store.has_unwoven()? && !weave::contradicts_config(store, &config.weave)? {
        return Ok(WeaveReport::default());
    }
    weave::weave(store, &config.weave, &sources(store, config)?, now)
}

/// Publishes what the store holds, once it knows every takedown that was noted.
///
/// # Errors
/// If the store cannot be read or written.
pub fn publish_stories(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
    mode: Mode,
) -> Result<PublishReport, PublishStageError> {
    if mode == Mode::Write {
        takedown::obey(store, &config.database)?;
    }
    publish::publish(store, config, now, shrink, mode, |store| sources(store, config))
}

/// The sources of feeds.toml, disabled ones too (what they published stays), resolved by what their feeds last stated.
///
/// # Errors
/// If the store cannot be read.
pub fn sources(store: &Store, config: &Config) -> Result<BTreeMap<SourceId, Source>, StoreError> {
    let feeds = store.feeds()?;
    let states = store.source_states()?;
    let robots = store.robots()?;
    let resolved = config.sources.iter().map(|source| {
        let mut resolved = source.resolved(feeds.get(&source.id));
        if !source.disabled {
            resolved.asked_every =
                states.get(&source.id).and_then(|state| gather::asked_every(source, &config.fetch, state));
            resolved.health = states.get(&source.id).map_or(Health::New, SourceState::health);
        }
        let hosts: BTreeSet<String> = [Some(&source.address.to_url()), resolved.site.as_ref()]
            .into_iter()
            .flatten()
            .map(gather::host_key)
            .collect();
        let lines = hosts.iter().filter_map(|host| robots.get(host)?.lines.as_deref());
        resolved.signals.extend(lines.flat_map(rights::of_robots_lines));
        (source.id.clone(), resolved)
    });
    let mut resolved = resolved.collect();
    judge_sites(&mut resolved);
    judge_names(&mut resolved);
    Ok(resolved)
}

/// A feed may name any site as its home page. One on the domain of another source's feed is not believed unless
/// feeds.toml says so, and one that several name away from their own domains makes none of them its owner: whoever owns
/// a site leads the stories of its articles.
fn judge_sites(sources: &mut BTreeMap<SourceId, Source>) {
    let domains: BTreeSet<String> = sources.values().filter_map(|source| owner_of(&source.feed_url)).collect();
    let mut claims: BTreeMap<String, usize> = BTreeMap::new();
    for named in sources.values().filter_map(|source| owner_of(source.site.as_ref()?)) {
        *claims.entry(named).or_default() += 1;
    }
    for source in sources.values_mut().filter(|source| source.site_claim != SiteClaim::Stated) {
        let named = source.site.as_ref().and_then(owner_of);
        let Some(named) = named.filter(|named| owner_of(&source.feed_url).as_ref() != Some(named)) else { continue };
        if domains.contains(&named) {
            source.site = None;
        } else if claims.get(&named).is_some_and(|claims| *claims > 1) {
            source.site_claim = SiteClaim::Contested;
        }
    }
}
