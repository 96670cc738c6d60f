use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;

use super::console;
use super::exit::Exit;
use super::findings::{alike_name, findings};
use super::plural::count;
use super::session::{Session, clock, runtime};
use super::trial::{Background, try_source};
use crate::config::{Config, SourceConfig};
use crate::gather::{KnownState, Prober};
use crate::model::SourceId;
use crate::pass;
use crate::publish::TakenDown;
use crate::store::{Store, StoreError};

/// Check feeds.toml; exit code 0 if it is fine, 2 if not
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these sources, with --fetch
    #[arg(value_name = "SOURCE", requires = "fetch")]
    sources: Vec<String>,

    /// Also fetch each source once: which entries are kept or dropped, and by which rule
    ///
    /// Exit code 1 if a source cannot be read. Nothing is stored. Sources are fetched whether due or not, but a source
    /// or host that asked to be left alone is not.
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
    for finding in findings(&config) {
        console::warn(&finding);
    }
    for (id, alike) in alike_names(&config)? {
        console::warn(&format!("`{id}`: {alike}"));
    }
    if let Some(unknown) =
        args.sources.iter().find(|id| !config.sources.iter().any(|source| source.id.as_str() == **id))
    {
        anyhow::bail!("feeds.toml has no source `{unknown}`; to list them: {}", session.command("status -v"));
    }
    if !args.json {
        console::print(&all_fine(&config));
    }
    if !args.fetch {
        return Ok(Exit::Current);
    }
    let runtime = runtime()?;
    let now = clock(args.now);
    let (background, hosts) = known(&config, now)?;
    let mut prober = Prober::new(&config, hosts, now)?;
    let (mut exit, mut all) = (Exit::Current, Vec::new());
    for source in chosen(&config, &args.sources) {
        let trial = runtime.block_on(try_source(source, &mut prober, &background));
        if !trial.is_good() {
            exit = Exit::Nothing;
        }
        if args.json {
            all.push(trial.json());
        } else {
            trial.print();
        }
    }
    if args.json {
        console::print_json(&serde_json::Value::from(all));
    }
    Ok(exit)
}

/// What feeds that were read before call themselves, where that may be taken for another source's name.
fn alike_names(config: &Config) -> Result<Vec<(SourceId, String)>> {
    let store = match Store::open_to_read(&config.database) {
        Err(StoreError::Missing { .. }) => return Ok(Vec::new()),
        opened => opened?,
    };
    let sources = pass::sources(&store, config)?;
    Ok(sources.into_iter().filter_map(|(id, source)| Some((id, alike_name(&source)?))).collect())
}

fn all_fine(config: &Config) -> String {
    let disabled = config.sources.iter().filter(|source| source.disabled).count();
    let disabled = if disabled > 0 { format!(" ({disabled} disabled)") } else { String::new() };
    let lists = match config.lists.len() {
        0 => String::new(),
        lists => format!("{}, ", count(lists, "list")),
    };
    format!(
        "{} is fine: {}{disabled}, {lists}{} into {}",
        config.path.display(),
        count(config.sources.len(), "source"),
        count(config.outputs.len(), "output"),
        config.output_dir.display()
    )
}

/// What the database knows that affects what would be kept and which sources may be asked.
fn known(config: &Config, now: Timestamp) -> Result<(Background<'_>, KnownState)> {
    let mut background = Background { config, taken_down: TakenDown::default(), read_before: BTreeSet::new(), now };
    let store = match Store::open_to_read(&config.database) {
        Err(StoreError::Missing { .. }) => return Ok((background, KnownState::default())),
        opened => opened?,
    };
    background.taken_down = TakenDown::load(&store, config)?;
    let read_before = store.source_states()?.into_iter().filter(|(_, state)| state.last_success.is_some());
    background.read_before = read_before.map(|(id, _)| id.to_string()).collect();
    Ok((background, KnownState::of(&store)?))
}

fn chosen<'a>(config: &'a Config, ids: &'a [String]) -> impl Iterator<Item = &'a SourceConfig> {
    config.sources.iter().filter(move |source| match ids {
        [] => !source.disabled,
        ids => ids.iter().any(|id| id == source.id.as_str()),
    })
}
