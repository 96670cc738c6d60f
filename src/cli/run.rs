use anyhow::{Context, Result};
use jiff::Timestamp;

use super::report::{self, Bar, Tone};
use super::session::{Session, clock, runtime};
use super::{Exit, talk, verdicts};
use crate::config::Config;
use crate::gather::GatherOptions;
use crate::pass::{self, PassOptions, PassReport};
use crate::publish::{Mode, PublishReport, Shrink};
use crate::store::{Store, StoreError};

/// Entries that are held back, as told by a dry run.
const MOST_HELD_BACK: usize = 1_000;

/// Fetch what is due, write the combined feed, exit
///
/// CorrectionKind nothing when all goes well and stderr is no terminal, so that cron sends no mail.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Fetch every source now, due or not
    ///
    /// What a server asked for (Retry-After, 429) is obeyed all the same.
    #[arg(long)]
    all: bool,

    /// Fetch nothing: weave and publish what the database holds
    #[arg(long, conflicts_with = "all")]
    offline: bool,

    /// Show what would be fetched and written, change nothing
    ///
    /// Tells of each story that the database holds whether an output keeps it, or which rule drops it.
    #[arg(long)]
    dry_run: bool,

    /// Exit with 3 if a source failed
    #[arg(long)]
    strict: bool,

    /// Publish although an output lost most of its items, this once
    #[arg(long)]
    allow_shrink: bool,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load_to_work()?;
    let now = clock(args.now);
    if args.dry_run {
        return dry_run(session, &config, args, now);
    }
    let mut store = Store::open(&config.database)?;
    let gather = (!args.offline).then(|| GatherOptions { all: args.all, ..GatherOptions::default() });
    let shrink = if args.allow_shrink { Shrink::Allow } else { Shrink::Refuse };
    let options = PassOptions { gather, shrink };
    let bar = Bar::new(session.quiet || args.json);
    let done = runtime()?.block_on(pass::run(&mut store, &config, now, &options, &bar));
    bar.clear();
    let done = done.context("the pass ended early; what was stored stays, the next pass goes on from there")?;
    if args.json {
        talk::print(&report::json(&done, &config));
    }
    let nothing = is_nothing(&done, &store)?;
    // That nothing is due any more is no news for cron: the failures were told when they happened.
    let failed = (nothing && report::any_failed(&done.gather)) || done.publish.failed();
    let tone = report::tone(session, failed);
    report::tell(&done, &config, tone);
    if nothing && !report::any_failed(&done.gather) && tone == Tone::Person {
        talk::say(
            "  hint: no source has given anything yet, and none is due; ask them all the same: feedloom run --all",
        );
    }
    Ok(exit(&done, nothing, args.strict))
}

/// Whether nobody gets anything yet: the store is empty, and no source has ever given a good answer.
fn is_nothing(done: &PassReport, store: &Store) -> Result<bool, StoreError> {
    if done.gather.sources.is_empty() || report::any_good(&done.gather) || store.story_count()? > 0 {
        return Ok(false);
    }
    Ok(store.source_states()?.values().all(|state| state.last_success.is_none()))
}

fn exit(done: &PassReport, nothing: bool, strict: bool) -> Exit {
    if nothing || done.publish.failed() {
        Exit::Nothing
    } else if strict && report::any_failed(&done.gather) {
        Exit::SourceFailed
    } else {
        Exit::Current
    }
}

/// Shows what a run would do. Where there is no database yet, every source would be asked and there is
/// nothing to publish.
fn dry_run(session: &Session, config: &Config, args: &Args, now: Timestamp) -> Result<Exit> {
    let mut store = match Store::open_to_read(&config.database) {
        Err(StoreError::Missing { .. }) => None,
        opened => Some(opened?),
    };
    if !args.offline && !args.json {
        let states = store.as_ref().map(|store| store.source_states()).transpose()?.unwrap_or_default();
        report::tell_due(&states, config, args.all, now);
    }
    let Some(store) = &mut store else {
        if args.json {
            talk::print(&verdicts::json(&PublishReport::default(), &[]).to_string());
            return Ok(Exit::Current);
        }
        let database = config.database.display();
        talk::tell(&format!(
            "would make the database {database} and write the outputs into {}",
            config.output_dir.display()
        ));
        if !session.quiet && talk::is_terminal() {
            talk::say("  hint: make it so: feedloom run");
        }
        return Ok(Exit::Current);
    };
    let done = pass::publish_stories(store, config, now, Shrink::Refuse, Mode::DryRun)?;
    let held_back = store.held_back(MOST_HELD_BACK)?;
    if args.json {
        talk::print(&verdicts::json(&done, &held_back).to_string());
        return Ok(Exit::Current);
    }
    for output in &done.outputs {
        talk::print(&report::would_write(output, config));
    }
    verdicts::tell(&done, &held_back);
    Ok(Exit::Current)
}
