//! `[publish]` from its table.

use super::table::Table;

/// What everybody may have at most: files are not run.
const MOST: u32 = 0o666;
/// What the owner has to have: the next run replaces the file.
const LEAST: u32 = 0o600;

/// The permissions of output files; `None`: not stated.
pub(super) fn read_publish(table: Option<Table<'_>>) -> Option<u32> {
    let table = table?;
    let mode = table.words("mode").and_then(|text| {
        let mode = u32::from_str_radix(text.value.trim(), 8).ok();
        let mode = mode.filter(|mode| mode & !MOST == 0 && mode & LEAST == LEAST);
        if mode.is_none() {
            let instead =
                "write \"0644\" (everybody reads, the default), \"0640\" (the group too) or \"0600\" (only you)";
            table.wrong(
                text.at.clone(),
                format!("{:?} is no mode of a file that its owner can write", text.value),
                instead,
            );
        }
        mode
    });
    table.finish();
    mode
}
