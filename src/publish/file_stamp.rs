//! By what a file is known to be as it was without reading it.

use std::path::Path;
use std::time::UNIX_EPOCH;

/// Size in bytes and time of the last change in nanoseconds since 1970, as text; `None` if there is no such file or its
/// system has no times.
pub(super) fn file_stamp(path: &Path) -> Option<String> {
    let file = std::fs::metadata(path).ok()?;
    let changed = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", file.len(), changed.as_nanos()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_that_changed_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feed.json");
        assert_eq!(file_stamp(&path), None);
        fs::write(&path, "one").unwrap();
        let first = file_stamp(&path).unwrap();
        assert_eq!(file_stamp(&path).as_ref(), Some(&first));
        fs::write(&path, "three").unwrap();
        assert_ne!(file_stamp(&path).as_ref(), Some(&first));
        fs::write(&path, "one").unwrap();
        let later = fs::metadata(&path).unwrap().modified().unwrap() + Duration::from_secs(1);
        fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        assert_ne!(file_stamp(&path), Some(first));
    }
}
