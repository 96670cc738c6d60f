//! What a command and everything it waited for cost.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// Where GNU time lives (Debian package `time`); it alone tells the peak memory of a process that is gone.
const GNU_TIME: &str = "/usr/bin/time";

/// What a command took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time of the process and of all it waited for.
    pub(crate) cpu: Duration,
    /// Peak resident memory of the largest process; `None` without GNU time.
    pub(crate) peak_kib: Option<u64>,
    pub(crate) exit: Option<i32>,
}

/// A program with its arguments, to be run in a folder.
#[derive(Debug)]
pub(crate) struct Line {
    words: Vec<OsString>,
}

impl Line {
    pub(crate) fn new(words: impl IntoIterator<Item: Into<OsString>>) -> Self {
        Self { words: words.into_iter().map(Into::into).collect() }
    }

    /// Runs it in `folder`, its output at the end of `log.txt` there.
    ///
    /// bash's `time` counts to the millisecond and covers all that was waited for. GNU time stands
    /// between, so that the peak does not begin with our own memory.
    pub(crate) fn run(&self, folder: &Path) -> Result<Cost> {
        let peak = folder.join("peak.txt");
        let log = File::options().create(true).append(true).open(folder.join("log.txt"))?;
        let mut command = Command::new("bash");
        command.args(["-c", "TIMEFORMAT='%3R %3U %3S'; time \"$@\" 2>&1", "time"]);
        if has_gnu_time() {
            command.args([GNU_TIME, "-q", "-f", "%M", "-o"]).arg(&peak);
        }
        let done = command
            .args(&self.words)
            .current_dir(folder)
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start bash")?
            .wait_with_output()?;
        let said = String::from_utf8_lossy(&done.stderr);
        let times: Vec<f64> = said.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        ensure!(times.len() == 3, "bash's time said: {said}");
        Ok(Cost {
            wall: Duration::from_secs_f64(times[0]),
            cpu: Duration::from_secs_f64(times[1] + times[2]),
            peak_kib: std::fs::read_to_string(&peak).ok().and_then(|kib| kib.trim().parse().ok()),
            exit: done.status.code(),
        })
    }
}

pub(crate) fn has_gnu_time() -> bool {
    Path::new(GNU_TIME).exists()
}

/// The one in the middle by CPU: of an even number the smaller.
pub(crate) fn median(costs: &[Cost]) -> Cost {
    let mut sorted = costs.to_vec();
    sorted.sort_by_key(|cost| cost.cpu);
    sorted.get((sorted.len().max(1) - 1) / 2).copied().unwrap_or_default()
}
