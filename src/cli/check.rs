use anyhow::Result;

use super::session::Session;
use super::{Exit, talk};

/// Check feeds.toml; exit code 0 if it is fine, 2 if not
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(session: &Session, _args: &Args) -> Result<Exit> {
    let config = crate::config::Config::load(&session.config_path())?;
    for warning in &config.warnings {
        talk::warn(warning);
    }
    let disabled = config.sources.iter().filter(|source| source.disabled).count();
    let mut line = format!(
        "{} is fine: {} sources, {} outputs into {}",
        config.path.display(),
        config.sources.len(),
        config.outputs.len(),
        config.output_dir.display()
    );
    if disabled > 0 {
        line.push_str(&format!(", {disabled} sources disabled"));
    }
    talk::print(&line);
    Ok(Exit::Current)
}
