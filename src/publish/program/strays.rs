//! Processes that a program leaves running, even if they left its process group: each inherits a mark in its
//! environment, by which it is found.

use std::sync::atomic::{AtomicU64, Ordering};

/// The variable that carries the mark.
pub(super) const VARIABLE: &str = "FEEDLOOM_PROGRAM";

/// A mark that no other run has.
pub(super) fn mark() -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed))
}

/// Ends every process that carries `mark`. Best effort: if the system does not show environments, only the process
/// group ends.
pub(super) fn end(mark: &str) {
    #[cfg(target_os = "linux")]
    {
        let wanted = format!("{VARIABLE}={mark}");
        let Ok(processes) = std::fs::read_dir("/proc") else { return };
        for process in processes.filter_map(Result::ok) {
            let name = process.file_name();
            let Some(number) = name.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())) else {
                continue;
            };
            // What has ended meanwhile, or belongs to another user, cannot be read and is not ours.
            let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
            if environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes()) {
                // It may end by itself meanwhile, which is what is wanted.
                let _ = std::process::Command::new("kill")
                    .args(["-KILL", number])
                    .stderr(std::process::Stdio::null())
                    .status();
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = mark; // nothing shows which processes carry it
}
