//! Writing to the operator's terminal: data on stdout, notes, warnings and errors on stderr, and logs.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::wrap::{stderr_columns, stdout_columns, wrapped};
use crate::text::for_terminal;

/// Whether stderr is a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether stdout is a terminal that shows colours, and colours were not declined.
pub(super) fn has_colour() -> bool {
    let asked_for_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    std::io::stdout().is_terminal() && !asked_for_none && !is_dumb
}

/// The options that a command needs to find this feeds.toml again, and the names of all commands.
static PASTED: OnceLock<Pasted> = OnceLock::new();

#[derive(Debug)]
struct Pasted {
    options: String,
    commands: Vec<String>,
}

/// From now on every command in a message carries `--config` as it was given here, so that each can be pasted as is.
pub(super) fn paste_with(config: &Path, commands: Vec<String>) {
    let options = format!("--config {}", shell_word(&config.to_string_lossy()));
    // Set once, by main.
    let _ = PASTED.set(Pasted { options, commands });
}

/// `line` with every command in it ready to be pasted.
fn pasteable(line: &str) -> Cow<'_, str> {
    match PASTED.get() {
        Some(pasted) => pasted.applied(line),
        None => Cow::Borrowed(line),
    }
}

impl Pasted {
    fn applied<'l>(&self, line: &'l str) -> Cow<'l, str> {
        const PROGRAM: &str = "feedloom ";
        if !line.contains(PROGRAM) || line.contains("--config") {
            return Cow::Borrowed(line);
        }
        let mut out = String::new();
        let mut rest = line;
        while let Some(at) = rest.find(PROGRAM) {
            let (before, after) = rest.split_at(at + PROGRAM.len());
            out.push_str(before);
            let word = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
            if self.commands.iter().any(|command| command == word) {
                out.push_str(&self.options);
                out.push(' ');
            }
            rest = after;
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// A note on stderr. A closed stderr is no reason to fail.
pub(super) fn note(line: &str) {
    let line = pasteable(line);
    // A command that is broken over two lines cannot be pasted.
    let columns = if line.contains("hint: ") && line.contains("feedloom ") { None } else { stderr_columns() };
    note_unwrapped(&wrapped(&line, columns));
}

/// A note whose lines must stay as they are.
pub(super) fn note_unwrapped(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", pasteable(line));
}

/// A warning: the operator should act, but nothing is broken.
pub(super) fn warn(line: &str) {
    note(&format!("warning: {}", for_terminal(line)));
}

/// A line of prose among the data, wrapped if stdout is a terminal.
pub(super) fn print_prose(line: &str) {
    print(&wrapped(&pasteable(line), stdout_columns()));
}

/// Whether something was not printed that should have been.
static IS_CUT: AtomicBool = AtomicBool::new(false);

/// Whether something was not printed, such as on a full disk.
pub(super) fn is_cut() -> bool {
    IS_CUT.load(Ordering::Relaxed)
}

/// A line of data. If nobody reads any more (`| head`), the program ends quietly; what else goes wrong is said once, and
/// the work goes on.
pub(super) fn print(line: &str) {
    let Err(error) = writeln!(std::io::stdout().lock(), "{line}") else { return };
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    if !IS_CUT.swap(true, Ordering::Relaxed) {
        note(&format!("error: cannot write to the standard output: {error}"));
    }
}

/// A JSON document on its own line.
pub(super) fn print_json(value: &serde_json::Value) {
    print(&json_line(value));
}

/// JSON that is harmless to a terminal that shows it: C1 control characters and those that reorder a line are
/// escaped, which means the same to a program.
pub(super) fn json_line(value: &serde_json::Value) -> String {
    let text = value.to_string();
    if !text.chars().any(does_something) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if does_something(c) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn does_something(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{9F}' | '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// `text` as one word of a POSIX shell.
pub(super) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Sends the log events of all stages to stderr: with `-v` each source, with `-vv` each decision, otherwise what
/// `RUST_LOG` asks for.
pub(super) fn start_logging(verbose: u8) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::prelude::*;
    let asked = || std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let filter = match verbose {
        0 => asked().unwrap_or_default(),
        1 => Targets::new().with_target("feedloom", LevelFilter::INFO),
        _ => Targets::new().with_target("feedloom", LevelFilter::DEBUG),
    };
    let colour = is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour).without_time();
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn commands_in_messages_can_be_pasted() {
        let commands = ["run", "takedown"].map(str::to_owned).to_vec();
        let pasted = Pasted { options: "--config 'my feeds.toml'".to_owned(), commands };
        for (line, want) in [
            ("to do it: feedloom run --all", "to do it: feedloom --config 'my feeds.toml' run --all"),
            (
                "(feedloom takedown --list, and: feedloom run)",
                "(feedloom --config 'my feeds.toml' takedown --list, and: feedloom --config 'my feeds.toml' run)",
            ),
            ("feedloom run --config x", "feedloom run --config x"),
            ("another feedloom is at work", "another feedloom is at work"),
            ("feedloom runs", "feedloom runs"),
        ] {
            assert_eq!(pasted.applied(line), want);
        }
    }

    #[test]
    fn json_on_a_terminal_does_nothing_and_means_the_same() {
        let value = json!({"title": "a\u{9b}2J\u{202e}b\u{7f}\u{2028}", "größe": ["日本", "\u{1b}[31m"]});
        let line = json_line(&value);
        assert!(!line.chars().any(|c| does_something(c) || c.is_control()), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
    }
}
