use anyhow::Result;

use super::clock::ClockArgs;
use super::compare::{self, Form};
use super::console;
use super::dry_run;
use super::exit::Exit;
use super::explain;
use super::report::{self, Bar, Tone, Which};
use super::session::{Session, runtime};
use super::subscribe::follow::{Lists, follow};
use crate::config::Config;
use crate::gather::GatherOptions;
use crate::pass::{self, PassError, PassOptions, PassReport};
use crate::publish::Shrink;
use crate::store::{Store, StoreError, keep_index};

/// Fetch what is due, write the combined feed, exit
///
/// Prints nothing when all goes well and stderr is not a terminal, so that cron sends no mail.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Fetch every source now, due or not
    ///
    /// A server's own requests (Retry-After, 429) are still obeyed.
    #[arg(long)]
    all: bool,

    /// Fetch nothing, also with --all: weave and publish what the database holds
    #[arg(long)]
    offline: bool,

    /// Show what would be fetched and written, change nothing
    ///
    /// Shows for each story in the database whether an output keeps it, or which rule drops it.
    #[arg(long)]
    dry_run: bool,

    /// With --dry-run: show what this configuration would gain, lose or regroup, output by output
    ///
    /// The stored entries are woven and chosen from in memory by it and by feeds.toml. Nothing is written.
    #[arg(long, value_name = "OTHER.toml", requires = "dry_run", conflicts_with = "all")]
    with: Option<std::path::PathBuf>,

    /// Exit with 3 if a source failed
    #[arg(long)]
    strict: bool,

    /// Publish even if an output lost most of its items, this once
    #[arg(long)]
    allow_shrink: bool,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    clock: ClockArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load_to_work()?;
    let now = args.clock.now();
    if let Some(other) = &args.with {
        let form = if args.json { Form::Json } else { Form::Text };
        return compare::run(&config, &Config::load(other)?, now, form);
    }
    if args.dry_run {
        let fetch = (!args.offline).then_some(if args.all { Which::All } else { Which::Due });
        return if args.json { dry_run::print_json(&config, now) } else { dry_run::show(session, &config, fetch, now) };
    }
    let config = if args.offline {
        config
    } else {
        follow(session, config, if args.all { Lists::All } else { Lists::Due }, now)?
    };
    let mut store = args.clock.open(&config)?;
    let gather =
        (!args.offline).then(|| GatherOptions { all: args.all, clock: args.clock.trust(), ..GatherOptions::default() });
    let shrink = if args.allow_shrink { Shrink::Allow } else { Shrink::Refuse };
    let options = PassOptions { gather, shrink };
    let bar = if session.quiet || args.json { Bar::hidden() } else { Bar::shown() };
    let before = store.generation()?;
    let done = runtime()?.block_on(pass::run(&mut store, &config, now, &options, &bar));
    bar.clear();
    let done = done.map_err(ended_early)?;
    if args.json {
        console::print_json(&report::json(&done, &config));
    }
    if done.gather.requests + done.gather.pages.requests == 0 && store.generation()? == before {
        keep_index(&config.database, &store);
    }
    let is_empty = is_empty(&done, &store)?;
    let failed = report::any_failed(&done.gather);
    let all_failed = report::all_failed(&done.gather);
    let exit = if done.publish.failed() || all_failed && (is_empty || !args.strict) {
        Exit::Nothing
    } else if args.strict && failed {
        Exit::SourceFailed
    } else {
        Exit::Current
    };
    let tone = report::tone(session, exit);
    report::note_pass(&done, &config, tone);
    if is_empty && !all_failed && tone == Tone::Person {
        console::note(
            "  hint: no source has given anything yet and none is due; to ask them anyway: feedloom run --all",
        );
    }
    Ok(exit)
}

/// Adds what the next pass finds to the error; after damage, and with a wrong clock, there is none.
fn ended_early(error: PassError) -> anyhow::Error {
    let is_damaged = matches!(explain::store_error(&error), Some(StoreError::Damaged { .. }));
    let nothing_was_stored = explain::is_wrong_clock(&error);
    let error = anyhow::Error::new(error);
    if is_damaged || nothing_was_stored {
        return error;
    }
    error.context("the pass ended early; what was stored stays, and the next pass continues from there")
}

/// Whether there is nothing yet: the store is empty, and no source has ever given a good answer.
fn is_empty(done: &PassReport, store: &Store) -> Result<bool, StoreError> {
    if done.gather.sources.is_empty() || report::any_good(&done.gather) || store.story_count()? > 0 {
        return Ok(false);
    }
    Ok(store.source_states()?.values().all(|state| state.last_success.is_none()))
}
