//! The files in the folder of outputs that are ours to show.

use super::copied_pictures::picture_file;
use super::picture_files::on_kept_pages;
use crate::config::{Config, OutputConfig};
use crate::store::{Reader, StoreError};

/// A file that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicFile {
    /// Its name under the folder of outputs.
    pub(crate) file: String,
    /// SHA-256 of what was written; `None`: it was not kept.
    pub(crate) hash: Option<[u8; 32]>,
}

/// Every file of the outputs of `config`, as `store` says they were published last; nothing else of the folder is ours.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn public_files(store: &Reader, config: &Config) -> Result<Vec<PublicFile>, StoreError> {
    let mut files = Vec::new();
    for output in &config.outputs {
        if let Some(published) = store.published_output(&output.file)? {
            files.push(PublicFile { file: output.file.clone(), hash: Some(published.hash) });
        }
    }
    let folders: Vec<String> = config.outputs.iter().filter_map(OutputConfig::archive_folder).collect();
    let days = store.archived_days()?;
    let of_an_output = |file: &String| folders.iter().any(|folder| file.starts_with(folder.as_str()));
    let days = days.into_iter().filter(|(file, day)| day.items > 0 && of_an_output(file));
    files.extend(days.map(|(file, _)| PublicFile { file, hash: None }));
    files.extend(store.story_page_files()?.into_iter().map(|file| PublicFile { file, hash: None }));
    files.extend(store.facet_pages()?.into_iter().map(|page| PublicFile { file: page.file, hash: None }));
    if config.copies_pictures() {
        let mut pictures = on_kept_pages(store, config)?;
        pictures.extend(store.kept_pictures()?.into_iter().map(|kept| kept.hash));
        files.extend(pictures.iter().map(|hash| PublicFile { file: picture_file(hash), hash: None }));
    }
    Ok(files)
}
