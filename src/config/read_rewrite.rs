//! `rewrite` of an output, and how that program is called, to a checked [`RewriteConfig`].

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;

use super::output::Format;
use super::program::{read_env, read_program};
use super::rewrite::RewriteConfig;
use super::table::Table;

/// How long one call may take: a language model that writes a page of text needs half of it.
const TIMEOUT: Duration = Duration::from_secs(60);
const TIMEOUTS: std::ops::RangeInclusive<SignedDuration> = SignedDuration::from_secs(1)..=SignedDuration::from_mins(10);
/// Most stories in a run: more than a usual run brings, and no fortune.
const BUDGET: usize = 20;
const MOST_BUDGET: i64 = 1_000;
/// The longest answer: a long article has a fifth of it.
const MAX_ANSWER: usize = 256 * 1024;
const ANSWERS: std::ops::RangeInclusive<u64> = 1024..=4 * 1024 * 1024;
/// Keys that say how the program is called.
const OF_PROGRAM: [&str; 5] = ["timeout", "budget", "max_answer", "env", "wait"];

/// Reads the program that rewrites the stories of the output `table`, if there is one.
pub(super) fn read_rewrite(table: &Table<'_>, folder: &Path, format: Option<Format>) -> Option<RewriteConfig> {
    if let (Some(Format::Opml | Format::About), Some((name, _))) = (format, table.raw().get_key_value("rewrite")) {
        table.wrong(name.span(), "it has no items to rewrite", "delete the line");
    }
    let program = read_program(table, "rewrite", folder);
    let timeout = table.duration("timeout", TIMEOUTS).and_then(|limit| Duration::try_from(limit).ok());
    let budget = table.whole("budget", 1..=MOST_BUDGET).and_then(|stories| usize::try_from(stories).ok());
    let max_answer = table.size("max_answer", ANSWERS).and_then(|bytes| usize::try_from(bytes).ok());
    let env = read_env(table);
    let wait = table.flag("wait").unwrap_or(false);
    if table.raw().get("rewrite").is_none() {
        for key in OF_PROGRAM {
            if let Some((name, _)) = table.raw().get_key_value(key) {
                table.wrong(
                    name.span(),
                    format!("`{key}` is of a program that rewrites"),
                    "add rewrite = [\"./write\"]",
                );
            }
        }
    }
    Some(RewriteConfig {
        program: program?,
        timeout: timeout.unwrap_or(TIMEOUT),
        budget: budget.unwrap_or(BUDGET),
        max_answer: max_answer.unwrap_or(MAX_ANSWER),
        env,
        wait,
    })
}
