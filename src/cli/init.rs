use std::fs::{self, OpenOptions};
use std::io::Write;

use anyhow::{Context, Result, bail};

use super::console;
use super::exit::Exit;
use super::session::Session;

/// The starter file, the same one that the project itself runs on.
const STARTER: &str = include_str!("../../feeds.toml");

/// Write a starter feeds.toml with a dozen tech-news sources
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Without its sources: for `add` and `import`
    #[arg(long)]
    empty: bool,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let path = session.config.clone().unwrap_or_else(|| "feeds.toml".into());
    let shown = path.display();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let check = session.command("check");
            bail!("{shown} exists already; nothing was changed; to check it: {check}");
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {shown}")),
    };
    let text = if args.empty { without_sources(STARTER) } else { STARTER.to_owned() };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {shown}"))?;
    if args.empty {
        let add = session.command("add URL");
        let import = session.command("import FILE.opml");
        console::note(&format!("wrote {shown}: edit title, link and contact, then: {add}  or: {import}"));
    } else {
        let run = session.command("run");
        console::note(&format!("wrote {shown}: edit title, link and contact, then: {run}"));
    }
    Ok(Exit::Current)
}

/// `text` without its `[[source]]` tables; commented-out ones stay.
fn without_sources(text: &str) -> String {
    let first = text.find("[[source]]").unwrap_or(text.len());
    let rest = text[first..].find("\n#").map_or("", |at| &text[first + at + 1..]);
    format!("{}{rest}", &text[..first])
}
