//! The command line: one file per command, printing, exit codes.

mod demo;
mod inspect;
mod weave;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Many tech-news feeds in, one good feed out
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    /// Read this feeds.toml
    ///
    /// Default: ./feeds.toml, else $XDG_CONFIG_HOME/feedloom/feeds.toml.
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Inspect(inspect::Args),
    Weave(weave::Args),
}

/// Exit codes, never renumbered: 0 the outputs are current, 1 nothing could be fetched or written,
/// 2 usage or feeds.toml, 3 with `--strict` a source failed, 75 another run holds the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Exit {
    Current = 0,
    Nothing = 1,
    Usage = 2,
}

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Demo(args) => demo_without_a_pass(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Weave(args) => weave::run(&args),
    };
    match done {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(Exit::Nothing as u8)
        }
    }
}

/// Placeholder until the pass is there: the store is opened and nothing is gathered.
fn demo_without_a_pass(args: &demo::Args) -> anyhow::Result<Exit> {
    tokio::runtime::Runtime::new()?.block_on(demo::run(
        args,
        jiff::Timestamp::now(),
        &mut std::io::stdout(),
        async |path, _now| {
            drop(crate::store::Store::open(&crate::config::Config::load(path)?.database)?);
            Ok(Vec::<demo::Broken>::new())
        },
    ))
}
