//! The outputs of the demo, as pages for a browser.

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::pages::{Page, Pages};
use crate::config::{Config, Format};

/// The outputs by their paths, `/` being the page.
pub(super) fn output_pages(config: &Config) -> Result<Pages> {
    let mut pages = Pages::new();
    for output in &config.outputs {
        let file = config.output_dir.join(&output.file);
        let unreadable = || format!("cannot read {}", file.display());
        let body = std::fs::read(&file).with_context(unreadable)?;
        let changed = file.metadata().and_then(|meta| meta.modified()).with_context(unreadable)?;
        let page = Page::found(content_type(output.format), body, Timestamp::try_from(changed)?);
        if output.file == "index.html" {
            pages.insert("/".to_owned(), page.clone());
        }
        pages.insert(format!("/{}", output.file), page);
        if let Some(folder) = output.archive_folder() {
            add_days(&mut pages, config, &folder)?;
        }
    }
    Ok(pages)
}

/// The pages of single days.
fn add_days(pages: &mut Pages, config: &Config, folder: &str) -> Result<()> {
    let path = config.output_dir.join(folder);
    let unreadable = || format!("cannot read {}", path.display());
    if !path.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(&path).with_context(unreadable)? {
        let file = entry.with_context(unreadable)?;
        let body = std::fs::read(file.path()).with_context(unreadable)?;
        let changed = file.metadata().and_then(|meta| meta.modified()).with_context(unreadable)?;
        let page = Page::found(content_type(Format::Html), body, Timestamp::try_from(changed)?);
        pages.insert(format!("/{folder}{}", file.file_name().to_string_lossy()), page);
    }
    Ok(())
}

/// RFC 4287 §7, JSON Feed 1.1; RSS and OPML have no registered type, these are in common use.
fn content_type(format: Format) -> &'static str {
    match format {
        Format::Rss => "application/rss+xml; charset=utf-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::Json => "application/feed+json",
        Format::Html | Format::About => "text/html; charset=utf-8",
        Format::Opml => "text/x-opml; charset=utf-8",
    }
}
