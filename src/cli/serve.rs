use std::io::Write;
use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use super::allocator;
use super::clock::ClockArgs;
use super::console;
use super::exit::Exit;
use super::explain;
use super::plural::count;
use super::report::{self, Tone};
use super::session::{Session, runtime};
use super::subscribe::follow::{Lists, follow};
use crate::config::{Config, ConfigError};
use crate::gather::{GatherOptions, Silent, SourceOutcome};
use crate::pass::{self, PassOptions, PassReport, Published};
use crate::publish::{Shrink, Written};
use crate::serve::{self, Operator, PassDone, PassEnd, PassKind, Stop};
use crate::store::{Store, StoreError, keep_index};

/// Keep the feed fresh, and hand it out over HTTP
///
/// Makes a pass whenever something is due, and serves the outputs as they were published last, at [serve] listen in feeds.toml:
/// 127.0.0.1:8080 unless it says otherwise. Every other command works beside it. An edited feeds.toml is taken over by itself,
/// or by SIGHUP; SIGTERM and Ctrl-C end it. Exit code 75 if another service has the database.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    clock: ClockArgs,
}

pub(super) fn run(session: &Session, args: Args) -> Result<Exit> {
    let config = session.load_to_work()?;
    let operator: Arc<dyn Operator> = Arc::new(Terminal { session: session.clone(), clock: args.clock });
    serve::run(&operator, config)?;
    Ok(Exit::Current)
}

/// The terminal, or the journal, of who started the service.
struct Terminal {
    session: Session,
    clock: ClockArgs,
}

impl Operator for Terminal {
    fn load(&self) -> Result<Config, ConfigError> {
        self.session.load()
    }

    fn pass(&self, config: Config, kind: PassKind, stop: Stop, published: &dyn Published) -> PassEnd {
        match self.make_pass(config, kind, stop, published) {
            Ok(end) => end,
            Err(error) if matches!(locked(&error), Some(StoreError::Locked { .. })) => PassEnd::Locked,
            Err(error) => {
                let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
                PassEnd::Failed(causes.join(": "))
            }
        }
    }

    fn give_back(&self) {
        allocator::give_back();
    }

    fn log(&self) -> Box<dyn Write + Send> {
        Box::new(std::io::stderr())
    }

    fn note(&self, line: &str) {
        if !self.session.quiet {
            console::note(line);
        }
    }

    fn problem(&self, line: &str) {
        explain::note_problem(line);
    }
}

fn locked(error: &anyhow::Error) -> Option<&StoreError> {
    error.chain().find_map(explain::store_error)
}

impl Terminal {
    fn make_pass(&self, config: Config, kind: PassKind, mut stop: Stop, published: &dyn Published) -> Result<PassEnd> {
        let now = self.clock.now();
        let config = if kind == PassKind::Whole { follow(&self.session, config, Lists::Due, now)? } else { config };
        let mut store = self.clock.open(&config)?;
        let gather =
            (kind == PassKind::Whole).then(|| GatherOptions { clock: self.clock.trust(), ..GatherOptions::default() });
        let options = PassOptions { gather, shrink: Shrink::Refuse };
        let began = std::time::Instant::now();
        let runtime = runtime()?;
        let done = runtime.block_on(async {
            tokio::select! {
                biased;
                done = pass::run_telling(&mut store, &config, now, &options, &Silent, published) => Some(done),
                () = stop.wait() => None,
            }
        });
        // What it still asks for is not waited for.
        runtime.shutdown_background();
        let Some(done) = done else { return Ok(PassEnd::Stopped) };
        let done = done?;
        self.note(&format!("pass: {} in {:.1} s", sentence(&done), began.elapsed().as_secs_f64()));
        report::note_pass(&done, &config, if self.session.quiet { Tone::Quiet } else { Tone::Cron });
        let done = self.done(&store, &config, &done, now)?;
        keep_index(&config.database, &store);
        Ok(PassEnd::Done(Box::new(done)))
    }

    fn done(&self, store: &Store, config: &Config, done: &PassReport, now: Timestamp) -> Result<PassDone> {
        Ok(PassDone {
            is_published: !done.publish.failed(),
            next_due: serve::next_due(store, config, now)?,
            sources: serve::sources_by_state(store, config)?,
            new_entries: new_entries(done),
            is_offline: store.outage_since()?.is_some(),
        })
    }
}

/// What a pass did, in a few words.
fn sentence(done: &PassReport) -> String {
    let of = |test: fn(&SourceOutcome) -> bool| done.gather.count(test);
    let asked = of(|outcome| !matches!(outcome, SourceOutcome::NotDue { .. }));
    let failed = of(|outcome| matches!(outcome, SourceOutcome::Failed(_) | SourceOutcome::Unreached(_)));
    let written = done.publish.outputs.iter().filter(|output| matches!(output.result, Ok(Written::Written))).count();
    let mut parts = vec![format!("{} asked", count(asked, "source"))];
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if !done.pushed.is_empty() {
        parts.push(format!("{} taken", count(done.pushed.len(), "push")));
    }
    parts.push(count(new_entries(done), "new entry"));
    parts.push(format!("{} written", count(written, "file")));
    parts.join(", ")
}

fn new_entries(done: &PassReport) -> usize {
    let new = done.gather.sources.iter().chain(&done.pushed).filter_map(|source| match &source.outcome {
        SourceOutcome::Fetched(counts) => Some(counts.new),
        _ => None,
    });
    new.sum()
}
