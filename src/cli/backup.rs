use std::path::PathBuf;

use anyhow::{Result, bail};

use super::console;
use super::exit::Exit;
use super::report::size;
use super::session::Session;

/// Copy the whole database into a new file, even during a run
///
/// The copy gets its name only once it is checked. To restore it, put it in place of the database while no run is on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file to write; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let store = session.look_into(&config)?;
    if args.file.exists() {
        bail!("{} exists already; nothing was changed: name another file", args.file.display());
    }
    store.back_up(&args.file)?;
    if !session.quiet && console::is_terminal() {
        let bytes = std::fs::metadata(&args.file).map_or(0, |meta| meta.len());
        console::note(&format!("copied {} into {} ({})", config.database.display(), args.file.display(), size(bytes)));
    }
    Ok(Exit::Current)
}
