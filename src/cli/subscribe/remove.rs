use anyhow::{Result, bail};

use crate::cli::console;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::config::FeedsFile;

/// Take a source out of feeds.toml
///
/// Its lines go, and the comment right above them; all else stays as it is, byte for byte. What went is printed. The
/// database keeps its entries, so that nothing is new again should it come back.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The source, by its id
    #[arg(value_name = "ID")]
    id: String,

    /// Show what would go, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let (file, config) = FeedsFile::read(&session.config_path())?;
    let Some(place) = config.sources.iter().position(|source| source.id.as_str() == args.id) else {
        let list = session.command("status -v");
        bail!("{} has no source `{}`; to list them: {list}", config.path.display(), args.id);
    };
    let (text, removed) = file.without(place)?;
    if !args.dry_run {
        file.replace(&text)?;
    }
    console::print(removed.trim_end());
    if !session.quiet {
        let done = if args.dry_run { "would be taken" } else { "were taken" };
        console::note(&format!("  these lines {done} out of {}", config.path.display()));
    }
    Ok(Exit::Current)
}
