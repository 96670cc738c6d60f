use std::fs::OpenOptions;
use std::io::Write;

use anyhow::{Context, Result, bail};

use super::console;
use super::exit::Exit;
use super::session::Session;

/// The starter file, the same one that the project itself runs on.
const STARTER: &str = include_str!("../../feeds.toml");

/// Write a starter feeds.toml with a dozen tech-news sources
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(session: &Session, _args: &Args) -> Result<Exit> {
    let path = session.config.clone().unwrap_or_else(|| "feeds.toml".into());
    let shown = path.display();
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{shown} exists already; nothing was changed; to check it: feedloom check");
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {shown}")),
    };
    file.write_all(STARTER.as_bytes()).with_context(|| format!("cannot write {shown}"))?;
    console::note(&format!("wrote {shown}: edit title, link and contact, then: feedloom run"));
    Ok(Exit::Current)
}
