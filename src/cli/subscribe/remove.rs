use anyhow::{Context as _, Result, bail};
use url::Url;

use super::write::print_lines;
use crate::cli::console;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::config::{Config, FeedsFile, SourceAddress, SourceConfig, full_address, same_address};

/// Take a source out of feeds.toml
///
/// Its lines go, and the comment right above them; all else stays as it is, byte for byte. What went is printed. The
/// database keeps its entries, so that nothing counts as new should it come back.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The source, by its id or its address
    #[arg(value_name = "ID")]
    id: String,

    /// Show what would go, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let (file, config) = FeedsFile::read(&session.config_path())?;
    let Some(place) = place_of(&config, &args.id) else {
        let list = session.command("status -v");
        bail!("{} has no source `{}`; to list them: {list}", config.path.display(), args.id);
    };
    if let Some(list) = &config.sources[place].list {
        let id = &config.sources[place].id;
        bail!(
            "`{id}` comes from the list `{list}`: to leave it out, add a [[source]] with its url and disabled = true"
        );
    }
    let (text, removed) = file.without(place).with_context(|| {
        let (id, path) = (&config.sources[place].id, config.path.display());
        if config.sources.len() > 1 {
            return format!("`{id}` cannot be removed from {path}");
        }
        let add = session.command("add URL");
        format!("`{id}` is the only source of {path}: add another first ({add}), or write disabled = true below it")
    })?;
    if !args.dry_run {
        file.replace(&text)?;
    }
    print_lines(&removed);
    if !session.quiet {
        let done = if args.dry_run { "would be removed from" } else { "were removed from" };
        console::note(&format!("  these lines {done} {}", config.path.display()));
    }
    Ok(Exit::Current)
}

fn place_of(config: &Config, wanted: &str) -> Option<usize> {
    let is_id = |source: &SourceConfig| source.id.as_str() == wanted;
    let address = Url::parse(&full_address(wanted)).ok().map(|url| same_address(&SourceAddress::Http(url)));
    let has_address = |source: &SourceConfig| Some(same_address(&source.address)) == address;
    config.sources.iter().position(is_id).or_else(|| config.sources.iter().position(has_address))
}
