//! One run of a program: a text on its standard input, what it makes of it on its output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::strays;
use crate::config::Program;

/// Maximum that is kept of its complaints, the last of them.
const COMPLAINT_BYTES: usize = 2_000;
/// Time between two checks of whether it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// How long what it has started may keep its output open once it has ended itself.
const GRACE: Duration = Duration::from_millis(500);
/// What a program gets of our environment: where programs and temporary files are, and the language.
/// Nothing else, so that no secret in it can leave.
const ENVIRONMENT: [&str; 7] = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TZ"];

/// How far a program may go.
#[derive(Debug, Clone, Copy)]
pub(in crate::publish) struct Limits<'a> {
    /// How long it may take.
    pub(in crate::publish) time: Duration,
    /// Maximum length of what it writes, in bytes.
    pub(in crate::publish) output_bytes: usize,
    /// Further variables that it gets of our environment.
    pub(in crate::publish) environment: &'a [String],
    /// A file that its input is laid down in and that is gone at once: so it reads all of it even if we end meanwhile.
    /// `None`: it is written to a pipe.
    pub(in crate::publish) laid_down_in: Option<&'a Path>,
}

/// Why a program did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::publish) enum ProgramError {
    /// It is not there, or may not be started.
    #[error("it cannot be started: {0}")]
    NotStarted(String),
    /// The system does not say how it ended.
    #[error("it was started, but how it ended is not known: {0}")]
    Unknown(String),
    /// It did not end in time.
    #[error("it took longer than {} s", .0.as_secs())]
    TooSlow(Duration),
    /// It wrote too much.
    #[error("it wrote more than {0} bytes")]
    TooMuch(usize),
    /// It was ended from outside.
    #[error("it ended with {status}{complaint}")]
    Killed {
        /// `signal: 9`.
        status: String,
        /// The last line that it complained with, after `: `.
        complaint: String,
    },
    /// It ended with an error.
    #[error("it ended with {status}{complaint}")]
    Failed {
        /// 1 to 255.
        code: i32,
        /// `exit status: 1`.
        status: String,
        /// As above.
        complaint: String,
    },
}

/// What `program` writes when it is given `input`, within `limits`. Whatever it has started ends with it.
///
/// # Errors
/// [`ProgramError`].
pub(in crate::publish) fn run(program: &Program, input: &str, limits: &Limits<'_>) -> Result<Vec<u8>, ProgramError> {
    let mark = strays::mark();
    let ended = run_marked(program, input, limits, &mark);
    strays::end(&mark);
    ended
}

fn run_marked(program: &Program, input: &str, limits: &Limits<'_>, mark: &str) -> Result<Vec<u8>, ProgramError> {
    let began = Instant::now();
    let not_started = |error: io::Error| ProgramError::NotStarted(error.to_string());
    let given = limits.laid_down_in.map(|path| lay_down(path, input)).transpose().map_err(not_started)?;
    let mut child = start(program, limits.environment, given, mark).map_err(not_started)?;
    // A program that wants no input may end before it has read any: that is not a failure.
    let (mut stdin, input) = (child.stdin.take(), input.to_owned());
    thread::spawn(move || stdin.as_mut().map(|stdin| stdin.write_all(input.as_bytes())));
    let out = read_aside(child.stdout.take(), limits.output_bytes);
    let complaints = read_last_aside(child.stderr.take(), COMPLAINT_BYTES);
    let (mut written, mut ended): (Option<Vec<u8>>, Option<(ExitStatus, Instant)>) = (None, None);
    loop {
        if written.is_none() {
            match out.recv_timeout(LOOK_AGAIN) {
                Ok(bytes) if bytes.len() > limits.output_bytes => {
                    end(&mut child);
                    return Err(ProgramError::TooMuch(limits.output_bytes));
                }
                Ok(bytes) => written = Some(bytes),
                Err(RecvTimeoutError::Disconnected) => written = Some(Vec::new()),
                Err(RecvTimeoutError::Timeout) => {}
            }
        } else {
            thread::sleep(LOOK_AGAIN);
        }
        if ended.is_none() {
            match child.try_wait() {
                Ok(status) => ended = status.map(|status| (status, Instant::now())),
                Err(error) => {
                    end(&mut child);
                    return Err(ProgramError::Unknown(error.to_string()));
                }
            }
        }
        match (&ended, &mut written) {
            (Some((status, _)), Some(written)) => return judge(*status, std::mem::take(written), &complaints),
            // What it has left behind keeps its output open.
            (Some((status, since)), None) if since.elapsed() > GRACE => {
                end(&mut child);
                strays::end(mark);
                let written = out.recv_timeout(GRACE).unwrap_or_default();
                return judge(*status, written, &complaints);
            }
            _ if began.elapsed() > limits.time => {
                end(&mut child);
                return Err(ProgramError::TooSlow(limits.time));
            }
            _ => {}
        }
    }
}

fn judge(status: ExitStatus, written: Vec<u8>, complaints: &Receiver<Vec<u8>>) -> Result<Vec<u8>, ProgramError> {
    if status.success() {
        return Ok(written);
    }
    let complaint = last_line(&complaints.recv_timeout(Duration::from_millis(100)).unwrap_or_default());
    Err(match status.code() {
        Some(code) => ProgramError::Failed { code, status: status.to_string(), complaint },
        None => ProgramError::Killed { status: status.to_string(), complaint },
    })
}

fn lay_down(path: &Path, input: &str) -> io::Result<File> {
    match fs::remove_file(path) {
        // What a killed process left.
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    let written = file.write_all(input.as_bytes()).and_then(|()| file.rewind());
    fs::remove_file(path)?;
    written.map(|()| file)
}

fn start(program: &Program, environment: &[String], given: Option<File>, mark: &str) -> io::Result<Child> {
    let [name, arguments @ ..] = &program.words[..] else {
        return Err(io::Error::other("no program is named"));
    };
    // `./my-filter` is beside feeds.toml, `python3` wherever PATH says.
    let path = if name.contains('/') { program.folder.join(name) } else { PathBuf::from(name) };
    let mut command = Command::new(path);
    command.args(arguments).current_dir(&program.folder).env_clear();
    let passed = ENVIRONMENT.into_iter().chain(environment.iter().map(String::as_str));
    command.envs(passed.filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.env(strays::VARIABLE, mark);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
    }
    command.stdin(given.map_or_else(Stdio::piped, Stdio::from)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
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

/// Reads all of `from` in a thread of its own, however much it is; its last `most` bytes come back.
fn read_last_aside(from: Option<impl Read + Send + 'static>, most: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let (mut from, mut last, mut part) = (from, Vec::new(), [0; 4_096]);
        loop {
            match from.as_mut().map_or(Ok(0), |from| from.read(&mut part)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What was read before an error counts; the exit status tells the rest.
                Ok(0) | Err(_) => break,
                Ok(length) => {
                    last.extend_from_slice(&part[..length]);
                    last.drain(..last.len().saturating_sub(most));
                }
            }
        }
        // Nobody listens any more once the program has ended well.
        let _ = sender.send(last);
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
