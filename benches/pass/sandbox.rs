//! A network of our own, with a loopback device and nothing else.

use std::process::Command;

use anyhow::{Context, Result};

/// Set for the process inside, so that it does not go further in.
const INSIDE: &str = "FEEDLOOM_BENCH_INSIDE";

/// Runs this program again with the same arguments inside a network namespace without a way out, and
/// gives whether it ended well; `None`: the caller is inside already, or there is no such namespace.
pub(crate) fn run_inside(words: &[String]) -> Result<Option<bool>> {
    if std::env::var_os(INSIDE).is_some() {
        return Ok(None);
    }
    // Root needs no user namespace; others may have one.
    for flags in ["-n", "-rn"] {
        let up = "ip link set lo up";
        let works =
            Command::new("unshare").args([flags, "sh", "-c", up]).output().is_ok_and(|done| done.status.success());
        if works {
            let script = format!("{up} && exec \"$@\"");
            let status = Command::new("unshare")
                .args([flags, "sh", "-c", &script, "sh"])
                .arg(std::env::current_exe()?)
                .args(words)
                .env(INSIDE, "1")
                .status()
                .context("cannot start unshare")?;
            return Ok(Some(status.success()));
        }
    }
    eprintln!("note: no network namespace here (unshare, ip): only the programs' own manners keep them on loopback");
    Ok(None)
}
