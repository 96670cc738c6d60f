use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use url::Url;

use super::answer::Fetched;
use super::error::FetchError;

/// Reads a local file as a source, with the size limit of a body.
///
/// Not for the async threads: it waits for the disk.
pub(crate) fn read_file(path: &Path, limit_bytes: u64) -> Result<Fetched, FetchError> {
    let failed = |source| FetchError::File { path: path.to_owned(), source };
    let facts = std::fs::metadata(path).map_err(failed)?;
    if !facts.is_file() {
        // A pipe or a device could be endless.
        return Err(failed(std::io::Error::other("it is not a file")));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(limit_bytes + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(FetchError::TooLarge { limit_bytes });
    }
    let url = Url::from_file_path(path).map_err(|()| failed(std::io::Error::other("its path is not absolute")))?;
    Ok(Fetched { url, bytes, headers: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.xml");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(read_file(&path, 5).unwrap().bytes, b"12345");
        assert!(matches!(read_file(&path, 4), Err(FetchError::TooLarge { limit_bytes: 4 })));
        assert!(matches!(read_file(&folder.path().join("none"), 4), Err(FetchError::File { .. })));
        assert!(matches!(read_file(folder.path(), 4), Err(FetchError::File { .. })));
    }
}
