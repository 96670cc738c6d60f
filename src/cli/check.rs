use anyhow::Result;

use jiff::Timestamp;

use super::console;
use super::exit::Exit;
use super::session::{Session, clock, runtime};
use super::try_source::{Known, try_source};
use crate::config::{Config, SourceConfig};
use crate::gather::{KnownState, Prober};
use crate::publish::TakenDown;
use crate::store::{Store, StoreError};

/// Check feeds.toml; exit code 0 if it is fine, 2 if not
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these sources, with --fetch
    #[arg(value_name = "SOURCE", requires = "fetch")]
    sources: Vec<String>,

    /// Also fetch each source once: each entry kept or dropped, and by which rule
    ///
    /// Exit code 1 if a source cannot be read. Nothing is stored. Due or not, but a source or host that asked to be left
    /// alone is not asked.
    #[arg(long)]
    fetch: bool,

    /// Print what was fetched as JSON
    #[arg(long, requires = "fetch")]
    json: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = Config::load(&session.config_path())?;
    for warning in &config.warnings {
        console::warn(warning);
    }
    if let Some(unknown) =
        args.sources.iter().find(|id| !config.sources.iter().any(|source| source.id.as_str() == **id))
    {
        anyhow::bail!("feeds.toml has no source `{unknown}`; feedloom status lists them");
    }
    if !args.json {
        tell_that_it_is_fine(&config);
    }
    if !args.fetch {
        return Ok(Exit::Current);
    }
    let runtime = runtime()?;
    let (known, standing) = known(&config)?;
    let mut looker = Prober::new(&config, standing)?;
    let (now, mut exit, mut all) = (clock(args.now), Exit::Current, Vec::new());
    for source in chosen(&config, &args.sources) {
        let tried = runtime.block_on(try_source(&config, source, (&mut looker, &known), now));
        if !tried.is_good() {
            exit = Exit::Nothing;
        }
        if args.json {
            all.push(tried.json());
        } else {
            tried.tell();
        }
    }
    if args.json {
        console::print(&serde_json::Value::from(all).to_string());
    }
    Ok(exit)
}

fn tell_that_it_is_fine(config: &Config) {
    let disabled = config.sources.iter().filter(|source| source.disabled).count();
    let disabled = if disabled > 0 { format!(", {disabled} of them disabled") } else { String::new() };
    console::print(&format!(
        "{} is fine: {} sources{disabled}, {} outputs into {}",
        config.path.display(),
        config.sources.len(),
        config.outputs.len(),
        config.output_dir.display()
    ));
}

/// What the database knows that changes what would be kept, and who may be asked.
fn known(config: &Config) -> Result<(Known, KnownState)> {
    let store = match Store::open_to_read(&config.database) {
        Err(StoreError::Missing { .. }) => return Ok((Known::default(), KnownState::default())),
        opened => opened?,
    };
    let read_before = store.source_states()?.into_iter().filter(|(_, state)| state.last_success.is_some());
    let known = Known {
        taken_down: TakenDown::load(&store, config)?,
        read_before: read_before.map(|(id, _)| id.to_string()).collect(),
    };
    Ok((known, KnownState::of(&store)?))
}

fn chosen<'a>(config: &'a Config, ids: &'a [String]) -> impl Iterator<Item = &'a SourceConfig> {
    config.sources.iter().filter(move |source| match ids {
        [] => !source.disabled,
        ids => ids.iter().any(|id| id == source.id.as_str()),
    })
}
