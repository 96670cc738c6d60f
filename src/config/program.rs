//! A program of the operator's: checked with feeds.toml, started by publishing.

use std::path::{Path, PathBuf};

use super::table::Table;
use crate::text::Fingerprint;

/// How much of a script is looked at to see whether it changed.
const LOOKED_AT_BYTES: u64 = 4 * 1024 * 1024;

/// A program and its arguments; it is started without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Program and arguments, never empty.
    pub words: Vec<String>,
    /// The folder of feeds.toml, in which it runs.
    pub folder: PathBuf,
    /// Changes with the words and with the files among them.
    pub print: i64,
}

/// Reads the program that `table` names under `key`, if it does.
pub(super) fn read_program(table: &Table<'_>, key: &'static str, folder: &Path) -> Option<Program> {
    let words = table.texts(key);
    let first = words.first()?;
    if first.value.contains('/') && !folder.join(first.value).is_file() {
        let what = format!("there is no program {}", folder.join(first.value).display());
        table.wrong(first.at.clone(), what, "write the path of a program, from the folder of feeds.toml");
        return None;
    }
    let mut print = Fingerprint::new();
    for word in &words {
        print.add(word.value);
        print.add(&content(&folder.join(word.value)).unwrap_or_default());
    }
    Some(Program {
        words: words.iter().map(|word| word.value.to_owned()).collect(),
        folder: folder.to_owned(),
        print: print.finish(),
    })
}

/// Reads the variables of our environment that `table` gives to its program.
pub(super) fn read_env(table: &Table<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for name in table.texts("env") {
        let fits = !name.value.is_empty()
            && !name.value.starts_with(|c: char| c.is_ascii_digit())
            && name.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if fits {
            names.push(name.value.to_owned());
        } else {
            table.wrong(name.at, "this is no name of a variable", "write its name alone: env = [\"TOKEN\"]");
        }
    }
    names
}

/// The content of a file that a word names: an edited script is a different program.
fn content(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    if meta.len() > LOOKED_AT_BYTES {
        return Some(format!("{} bytes", meta.len()));
    }
    std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}
