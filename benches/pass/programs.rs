//! The programs that are measured: how each is set up, called, and asked what it holds.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::corpus::BASE;
use crate::measure::Line;

/// Requests in flight at once, for every program.
pub(crate) const PARALLELISM: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Feedloom,
    /// `sfeed_update`, then the newest 200 lines through `sfeed_atom`.
    Sfeed,
    /// With 16 threads.
    Newsboat,
}

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Feedloom => "feedloom",
            Self::Sfeed => "sfeed_update + sfeed_atom",
            Self::Newsboat => "newsboat -x reload",
        }
    }

    /// Whether all it needs is installed.
    pub(crate) fn is_here(self) -> bool {
        let needed: &[&str] = match self {
            Self::Feedloom => return true,
            Self::Sfeed => &["sfeed_update", "sfeed_atom", "curl"],
            Self::Newsboat => &["newsboat"],
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        needed.iter().all(|name| std::env::split_paths(&path).any(|folder| folder.join(name).exists()))
    }

    /// Writes its configuration for `urls` into the new `folder`.
    pub(crate) fn set_up(self, folder: &Path, urls: &[String]) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        let (name, text) = match self {
            Self::Feedloom => ("feeds.toml", feeds_toml(urls)),
            Self::Sfeed => ("sfeedrc", sfeedrc(folder, urls)),
            Self::Newsboat => {
                let settings = format!("reload-threads {PARALLELISM}\nmax-items 0\nprepopulate-query-feeds no\n");
                std::fs::write(folder.join("config"), settings)?;
                ("urls", urls.join("\n") + "\n")
            }
        };
        std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
    }

    /// The command for pass number `pass`, the first being 0; each is an hour after the one before.
    pub(crate) fn line(self, folder: &Path, pass: u64) -> Line {
        let here = folder.display();
        match self {
            Self::Feedloom => feedloom(folder, pass, &["--all"]),
            Self::Sfeed => {
                let script = format!(
                    "sfeed_update {here}/sfeedrc; sort -t '\t' -k1,1rn {here}/feeds/* | head -n 200 | sfeed_atom > {here}/out.xml"
                );
                Line::new(["sh", "-c", &script])
            }
            Self::Newsboat => {
                let script = format!("exec newsboat -C {here}/config -u {here}/urls -c {here}/cache.db -x reload");
                Line::new(["sh", "-c", &script])
            }
        }
    }

    /// How many entries it holds now.
    pub(crate) fn held(self, folder: &Path) -> Result<u64> {
        match self {
            Self::Feedloom => count(&folder.join("data/feedloom.db"), "SELECT count(*) FROM entry"),
            Self::Newsboat => count(&folder.join("cache.db"), "SELECT count(*) FROM rss_item"),
            Self::Sfeed => {
                let mut lines = 0;
                for file in std::fs::read_dir(folder.join("feeds"))? {
                    let bytes = std::fs::read(file?.path())?;
                    lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                }
                Ok(lines)
            }
        }
    }
}

/// Our command at the time of pass number `pass` once more, when no source is due.
pub(crate) fn idle_line(folder: &Path, pass: u64) -> Line {
    feedloom(folder, pass, &[])
}

fn feedloom(folder: &Path, pass: u64, more: &[&str]) -> Line {
    let seconds = BASE + 1_800 + i64::try_from(pass).unwrap_or(0) * 3_600;
    let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    let config = format!("{}/feeds.toml", folder.display());
    Line::new([&[env!("CARGO_BIN_EXE_feedloom"), "--config", &config, "run", "--now", &now], more].concat())
}

fn feeds_toml(urls: &[String]) -> String {
    let mut text = format!(
        "title = \"Measured\"\nlink = \"https://feeds.example.org/\"\n\n\
         [fetch]\nallow = [\"127.0.0.0/8\"]\nspacing = \"0s\"\nparallelism = {PARALLELISM}\n"
    );
    for url in urls {
        let _ = write!(text, "\n[[source]]\nurl = \"{url}\"\n"); // a String takes all
    }
    text
}

fn sfeedrc(folder: &Path, urls: &[String]) -> String {
    let mut text = format!("sfeedpath=\"{}/feeds\"\nmaxjobs={PARALLELISM}\nfeeds() {{\n", folder.display());
    for (number, url) in urls.iter().enumerate() {
        let _ = writeln!(text, "feed \"f{number}\" \"{url}\""); // a String takes all
    }
    text + "}\n"
}

fn count(database: &Path, query: &str) -> Result<u64> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(database, flags)
        .with_context(|| format!("cannot open {}", database.display()))?;
    Ok(database.query_row(query, [], |row| row.get(0))?)
}
