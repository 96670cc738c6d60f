use anyhow::Result;

use super::clock::ClockArgs;
use super::exit::Exit;
use super::report::{self, Bar};
use super::session::{Session, runtime};
use crate::gather::{self, GatherOptions};
use crate::model::SourceId;
use crate::pass::PassReport;

/// Fetch what is due into the database
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these sources
    #[arg(value_name = "SOURCE", value_parser = source_id)]
    sources: Vec<SourceId>,

    /// Fetch them now, due or not
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    clock: ClockArgs,
}

fn source_id(text: &str) -> Result<SourceId, String> {
    SourceId::new(text).map_err(|error| error.to_string())
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load_to_work()?;
    if let Some(unknown) = args.sources.iter().find(|id| !config.sources.iter().any(|source| source.id == **id)) {
        anyhow::bail!("feeds.toml has no source `{unknown}`; to list them: {}", session.command("status -v"));
    }
    let mut store = args.clock.open(&config)?;
    let only = args.sources.iter().cloned().collect();
    let options = GatherOptions { all: args.all, only, clock: args.clock.trust(), ..GatherOptions::default() };
    let bar = if session.quiet { Bar::hidden() } else { Bar::shown() };
    let gathered = runtime()?.block_on(gather::gather(&mut store, &config, args.clock.now(), &options, &bar));
    bar.clear();
    let done = PassReport { gather: gathered?, ..PassReport::default() };
    let exit = if report::all_failed(&done.gather) { Exit::Nothing } else { Exit::Current };
    report::note_pass(&done, &config, report::tone(session, exit));
    Ok(exit)
}
