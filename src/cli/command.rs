//! The commands and their common options; dispatches each to its file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use super::exit::Exit;
use super::session::Session;
use super::{
    allocator, backup, check, completions, console, corrections, demo, explain, export, gather, init, inspect, join,
    licenses, publish, reference, run, search, serve, split, status, subscribe, takedown, weave, why,
};

/// Heading of the options that every command takes, in its help.
const ANYWHERE: &str = "Options of every command";

/// Many tech-news feeds in, one good feed out: each story once, every outlet credited
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    after_help = "First steps: feedloom demo --serve · feedloom init · feedloom run"
)]
struct Cli {
    /// Read this feeds.toml
    ///
    /// Default: ./feeds.toml, else $XDG_CONFIG_HOME/feedloom/feeds.toml (~/.config/feedloom/feeds.toml). They keep
    /// database and outputs in data/ beside them and in $XDG_DATA_HOME/feedloom (~/.local/share/feedloom), respectively,
    /// unless they say otherwise.
    #[arg(long, global = true, value_name = "PATH", help_heading = ANYWHERE)]
    config: Option<PathBuf>,

    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = ANYWHERE)]
    quiet: bool,

    /// Print more; twice: the reason for each decision
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = ANYWHERE)]
    verbose: u8,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    #[cfg(unix)]
    Serve(serve::Args),
    Init(init::Args),
    Add(subscribe::add::Args),
    Remove(subscribe::remove::Args),
    Import(subscribe::import::Args),
    Export(export::Args),
    Check(check::Args),
    Status(status::command::Args),
    Inspect(inspect::Args),
    Why(why::Args),
    Split(split::Args),
    Join(join::Args),
    #[command(alias = "words")]
    Corrections(corrections::Args),
    Takedown(takedown::Args),
    Gather(gather::Args),
    Weave(weave::Args),
    Publish(publish::Args),
    Search(search::Args),
    Backup(backup::Args),
    Demo(demo::Args),
    Config(reference::config::Args),
    Schema(reference::schema::Args),
    Man(reference::man::Args),
    Completions(completions::Args),
    Licenses(licenses::Args),
}

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    allocator::set_up();
    let cli = Cli::parse();
    console::start_logging(cli.verbose);
    if let Some(config) = &cli.config {
        let commands = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        console::paste_with(config, commands);
    }
    let session = Session { config: cli.config, quiet: cli.quiet, verbose: cli.verbose > 0 };
    let done = match cli.command {
        Command::Run(args) => run::run(&session, &args),
        #[cfg(unix)]
        Command::Serve(args) => serve::run(&session, args),
        Command::Init(args) => init::run(&session, &args),
        Command::Add(args) => subscribe::add::run(&session, &args),
        Command::Remove(args) => subscribe::remove::run(&session, &args),
        Command::Import(args) => subscribe::import::run(&session, &args),
        Command::Export(args) => export::run(&session, &args),
        Command::Check(args) => check::run(&session, &args),
        Command::Status(args) => status::command::run(&session, &args),
        Command::Inspect(args) => inspect::run(&session, &args),
        Command::Why(args) => why::run(&session, &args),
        Command::Split(args) => split::run(&session, &args),
        Command::Join(args) => join::run(&session, &args),
        Command::Corrections(args) => corrections::run(&session, &args),
        Command::Takedown(args) => takedown::run(&session, &args),
        Command::Gather(args) => gather::run(&session, &args),
        Command::Weave(args) => weave::run(&session, &args),
        Command::Publish(args) => publish::run(&session, &args),
        Command::Search(args) => search::run(&session, &args),
        Command::Backup(args) => backup::run(&session, &args),
        Command::Demo(args) => demo::start(&args),
        Command::Config(args) => reference::config::run(&args),
        Command::Schema(args) => reference::schema::run(&args),
        Command::Man(args) => reference::man::run(&args, &Cli::command()),
        Command::Licenses(args) => licenses::run(&args),
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
    };
    let exit = match done.unwrap_or_else(|error| explain::explain(&session, &error)) {
        Exit::Current if console::is_cut() => Exit::Nothing,
        exit => exit,
    };
    ExitCode::from(exit as u8)
}
