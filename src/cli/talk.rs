//! Talking to a person on stderr: errors with their causes and the next thing to do, warnings, logs.

use std::io::{IsTerminal, Write};

use crate::config::ConfigError;
use crate::store::StoreError;
use crate::text::for_terminal;

use super::Exit;
use super::wrap::{stderr_columns, stdout_columns, wrapped};

/// Whether a person is watching stderr.
pub(super) fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// A line of talk. A closed stderr is no reason to fail.
pub(super) fn say(line: &str) {
    say_as_it_is(&wrapped(line, stderr_columns()));
}

fn say_as_it_is(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A warning: someone should act, nothing is broken.
pub(super) fn warn(line: &str) {
    say(&format!("warning: {}", for_terminal(line)));
}

/// A line of prose among the data, broken where stdout is a terminal.
pub(super) fn tell(line: &str) {
    print(&wrapped(line, stdout_columns()));
}

/// A line of data. A reader that has gone away (`| head`) ends the program quietly.
pub(super) fn print(line: &str) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}")
        && error.kind() == std::io::ErrorKind::BrokenPipe
    {
        std::process::exit(0);
    }
}

/// Prints why the program failed, each cause on a line, with the next thing to do; the exit code it
/// ends with.
pub(super) fn explain(error: &anyhow::Error) -> Exit {
    let config = error.chain().find_map(|cause| cause.downcast_ref::<ConfigError>());
    let store = error.chain().find_map(|cause| cause.downcast_ref::<StoreError>());
    let message = format!("error: {}", lines_for_terminal(&error.to_string()));
    match config {
        // Its marks stand under the line that they mean.
        Some(ConfigError::Wrong(_)) => say_as_it_is(&message),
        _ => say(&message),
    }
    for cause in error.chain().skip(1) {
        say(&format!("  because: {}", lines_for_terminal(&cause.to_string())));
    }
    if let Some(ConfigError::Missing { path }) = config {
        let init = match path.to_str() {
            Some("feeds.toml") | None => "feedloom init".to_owned(),
            Some(path) => format!("feedloom init --config {}", shell_word(path)),
        };
        say(&format!("  hint: write a starter file: {init}"));
        say("  hint: or look at a sample first: feedloom demo --serve");
    }
    if let Some(hint) = store.and_then(StoreError::hint) {
        say(&format!("  hint: {}", for_terminal(&hint)));
    }
    match (config, store) {
        (Some(_), _) => Exit::Usage,
        (_, Some(StoreError::Locked { .. })) => Exit::Locked,
        _ => Exit::Nothing,
    }
}

/// An error with its causes, where the program goes on.
pub(super) fn explain_briefly(error: &(dyn std::error::Error + 'static)) {
    say(&format!("error: {}", lines_for_terminal(&error.to_string())));
    let mut cause = error.source();
    while let Some(error) = cause {
        say(&format!("  because: {}", lines_for_terminal(&error.to_string())));
        cause = error.source();
    }
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

/// Line breaks stay: a report about feeds.toml has many lines.
fn lines_for_terminal(text: &str) -> String {
    text.lines().map(for_terminal).collect::<Vec<_>>().join("\n")
}

/// Sends what the stages log to stderr: with `-v` each source, with `-vv` each decision, else what
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
