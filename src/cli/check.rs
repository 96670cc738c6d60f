use anyhow::Result;

use super::session::{Session, clock, runtime};
use super::{Exit, talk};
use crate::config::{Config, SourceConfig};
use crate::gather::{LookError, look, read, to_be_read};
use crate::text::for_terminal;

/// Check feeds.toml; exit code 0 if it is fine, 2 if not
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these sources, with --fetch
    #[arg(value_name = "SOURCE", requires = "fetch")]
    sources: Vec<String>,

    /// Also fetch each source once: what is read, what is left out, what had to be mended
    ///
    /// Exit code 1 if a source cannot be read. Nothing is stored.
    #[arg(long)]
    fetch: bool,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = Config::load(&session.config_path())?;
    for warning in &config.warnings {
        talk::warn(warning);
    }
    if let Some(unknown) =
        args.sources.iter().find(|id| !config.sources.iter().any(|source| source.id.as_str() == **id))
    {
        anyhow::bail!("feeds.toml has no source `{unknown}`; feedloom status lists them");
    }
    let disabled = config.sources.iter().filter(|source| source.disabled).count();
    let disabled = if disabled > 0 { format!(", {disabled} of them disabled") } else { String::new() };
    talk::print(&format!(
        "{} is fine: {} sources{disabled}, {} outputs into {}",
        config.path.display(),
        config.sources.len(),
        config.outputs.len(),
        config.output_dir.display()
    ));
    if !args.fetch {
        return Ok(Exit::Current);
    }
    let runtime = runtime()?;
    let mut exit = Exit::Current;
    for source in chosen(&config, &args.sources) {
        if !runtime.block_on(try_source(&config, source)) {
            exit = Exit::Nothing;
        }
    }
    Ok(exit)
}

fn chosen<'a>(config: &'a Config, ids: &'a [String]) -> impl Iterator<Item = &'a SourceConfig> {
    config.sources.iter().filter(move |source| match ids {
        [] => !source.disabled,
        ids => ids.iter().any(|id| id == source.id.as_str()),
    })
}

/// Fetches and reads one source and tells what came of it; whether it can be read.
async fn try_source(config: &Config, source: &SourceConfig) -> bool {
    let now = clock(None);
    let fetched = match look(config, source, now).await {
        Ok(fetched) => fetched,
        Err(error) => {
            talk::print(&format!("failed  {}: {}", source.id, for_terminal(&sentence(&error))));
            if let LookError::Fetch(error) = &error
                && let Some(hint) = error.hint(source).as_deref()
            {
                talk::print(&format!("        hint: {}", for_terminal(hint)));
            }
            return false;
        }
    };
    let document = match read::read(&to_be_read(&fetched, source)) {
        Ok(document) => document,
        Err(error) => {
            talk::print(&format!("failed  {}: {}", source.id, for_terminal(&error.to_string())));
            return false;
        }
    };
    let mended: Vec<String> = document.mended.iter().map(ToString::to_string).collect();
    let read = read::entries(document, source, now);
    talk::print(&format!("ok      {}: {} entries", source.id, read.entries.len()));
    for (what, why) in &read.dropped {
        talk::print(&format!("        left out: {} ({why})", for_terminal(what)));
    }
    for mend in mended {
        talk::print(&format!("        warning: mended: {}", for_terminal(&mend)));
    }
    true
}

/// The error and its causes as one sentence.
fn sentence(error: &LookError) -> String {
    let mut sentence = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    sentence
}
