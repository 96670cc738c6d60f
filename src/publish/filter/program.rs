//! One run of a filter program: an item on its standard input, what it makes of it on its output.

use std::io::{self, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::strays;
use crate::config::FilterProgram;

/// How long a program may take for one item.
const LIMIT: Duration = Duration::from_secs(5);
/// Maximum length of its answer, in bytes: twice the largest document.
const MOST_BYTES: usize = 1024 * 1024;
/// Maximum that is kept of its complaints.
const COMPLAINT_BYTES: usize = 2_000;
/// Time between two checks of whether it has ended, once its output has.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// What a program gets of our environment: where programs and temporary files are, and the language.
/// Nothing else, so that no secret in it can leave.
const ENVIRONMENT: [&str; 7] = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TZ"];

/// Why a program did not give a valid answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FilterError {
    /// It is not there, or may not be started.
    #[error("it cannot be started: {0}")]
    NotStarted(String),
    /// It did not end in time.
    #[error("it took longer than {} s", .0.as_secs())]
    TooSlow(Duration),
    /// It wrote too much.
    #[error("it wrote more than {0} bytes")]
    TooMuch(usize),
    /// It ended with an error.
    #[error("it ended with {status}{complaint}")]
    Failed {
        /// `exit status: 1`, `signal: 9`.
        status: String,
        /// The last line that it complained with, after `: `.
        complaint: String,
    },
    /// What it wrote is not an item.
    #[error("{0}")]
    BadAnswer(String),
}

/// What `program` writes when it is given `input`, within its limits. Whatever it has started ends with it.
pub(super) fn answer(program: &FilterProgram, input: &str) -> Result<Vec<u8>, FilterError> {
    let mark = strays::mark();
    let answer = run(program, input, &mark);
    strays::end(&mark);
    answer
}

fn run(program: &FilterProgram, input: &str, mark: &str) -> Result<Vec<u8>, FilterError> {
    let began = Instant::now();
    let mut child = start(program, mark).map_err(|error| FilterError::NotStarted(error.to_string()))?;
    // A program that wants no input may end before it has read any: that is not a failure.
    let (mut stdin, input) = (child.stdin.take(), input.to_owned());
    thread::spawn(move || stdin.as_mut().map(|stdin| stdin.write_all(input.as_bytes())));
    let out = read_aside(child.stdout.take(), MOST_BYTES);
    let complaints = read_aside(child.stderr.take(), COMPLAINT_BYTES);
    let written = match out.recv_timeout(LIMIT) {
        Ok(written) => written,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            end(&mut child);
            return Err(FilterError::TooSlow(LIMIT));
        }
    };
    if written.len() > MOST_BYTES {
        end(&mut child);
        return Err(FilterError::TooMuch(MOST_BYTES));
    }
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if began.elapsed() < LIMIT => thread::sleep(LOOK_AGAIN),
            Ok(None) => {
                end(&mut child);
                return Err(FilterError::TooSlow(LIMIT));
            }
            Err(error) => return Err(FilterError::NotStarted(error.to_string())),
        }
    };
    if !status.success() {
        let complaint = complaints.recv_timeout(Duration::from_millis(100)).unwrap_or_default();
        return Err(FilterError::Failed { status: status.to_string(), complaint: last_line(&complaint) });
    }
    Ok(written)
}

fn start(program: &FilterProgram, mark: &str) -> io::Result<Child> {
    let [name, arguments @ ..] = &program.words[..] else {
        return Err(io::Error::other("no program is named"));
    };
    // `./my-filter` is beside feeds.toml, `python3` wherever PATH says.
    let path = if name.contains('/') { program.folder.join(name) } else { PathBuf::from(name) };
    let mut command = Command::new(path);
    command.args(arguments).current_dir(&program.folder).env_clear();
    command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.env(strays::VARIABLE, mark);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Reads `from` to its end in a thread of its own; of more than `most` bytes, `most` + 1 come back.
fn read_aside(from: Option<impl Read + Send + 'static>, most: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut read = Vec::new();
        if let Some(mut from) = from {
            // What was read before an error counts; the exit status tells the rest.
            let _ = from.by_ref().take(most as u64 + 1).read_to_end(&mut read);
        }
        // Nobody listens any more once the limit has passed.
        let _ = sender.send(read);
    });
    receiver
}

/// Ends a program and whatever it has started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    {
        // Best effort: what the program started shares its group; the program itself is killed below.
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
    // It may have ended meanwhile, which is what was wanted.
    let _ = child.kill();
    let _ = child.wait();
}

fn last_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map_or_else(String::new, |line| format!(": {line}"))
}
