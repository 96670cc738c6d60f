//! How large the database and the outputs are.

use std::path::Path;

use super::known::Known;
use crate::cli::plural::count;
use crate::cli::report::size;
use crate::config::Config;

/// Sizes in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) database: u64,
    pub(super) outputs: u64,
    /// Files in the output folder.
    pub(super) files: u64,
}

impl Sizes {
    /// What cannot be looked at counts as nothing.
    pub(super) fn of(config: &Config) -> Self {
        let mut log = config.database.as_os_str().to_owned();
        log.push("-wal");
        let database = bytes(&config.database) + bytes(Path::new(&log));
        let mut sizes = Self { database, outputs: 0, files: 0 };
        sizes.add(&config.output_dir, 3);
        sizes
    }

    fn add(&mut self, folder: &Path, depth: u32) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(meta) if meta.is_dir() && depth > 0 => self.add(&entry.path(), depth - 1),
                Ok(meta) if meta.is_file() => (self.outputs, self.files) = (self.outputs + meta.len(), self.files + 1),
                _ => {}
            }
        }
    }

    /// "database 12.3 MB, about 80 kB more a day; outputs 1.1 MB in 12 files".
    pub(super) fn sentence(&self, entries: u64, known: &[Known<'_>]) -> String {
        let a_day: f64 = known.iter().filter_map(Known::a_day).sum();
        #[expect(clippy::cast_precision_loss, reason = "shown roughly")]
        let growth = self.database as f64 / entries.max(1) as f64 * a_day;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shown roughly")]
        let growth =
            if growth >= 1e3 { format!(", about {} a day come in", size(growth as u64)) } else { String::new() };
        let (database, outputs) = (size(self.database), size(self.outputs));
        format!("database {database}{growth}; outputs {outputs} in {}", count(self.files, "file"))
    }
}

fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}
