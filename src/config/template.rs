//! The template of a page: read and checked with feeds.toml, before anything is fetched.

use std::path::{Path, PathBuf};

use minijinja::Environment;

use super::table::Table;

/// Largest template in bytes: ten times the built-in one.
const LARGEST_BYTES: u64 = 256 * 1024;

/// A page template of the operator's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTemplate {
    /// Its file, absolute.
    pub path: PathBuf,
    /// Its content: it can be parsed.
    pub text: String,
    /// It shows a single story, too: it names the variable `story`.
    pub(crate) has_story: bool,
    /// It says which tag or source a page is for: it names the variable `facet`.
    pub(crate) has_facet: bool,
}

/// Reads the template that `table` names, relative to `folder`.
pub(super) fn read_template(table: &Table<'_>, folder: &Path) -> Option<PageTemplate> {
    let name = table.words("template")?;
    let path = folder.join(name.value.trim());
    let text = match read(&path) {
        Ok(text) => text,
        Err(error) => {
            let what = format!("the template {} cannot be read: {error}", path.display());
            table.wrong(name.at, what, "write the path of a file, from the folder of feeds.toml");
            return None;
        }
    };
    let names = Environment::new().template_from_str(&text).map(|template| template.undeclared_variables(false));
    if let Err(error) = &names {
        let line = error.line().unwrap_or(1);
        let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let what = format!("the template cannot be parsed: {}:{line}: {detail}", path.display());
        table.wrong(name.at, what, format!("mend line {line} of the template; docs/template.md lists what it can use"));
        return None;
    }
    let names = names.unwrap_or_default();
    let (has_story, has_facet) = (names.contains("story"), names.contains("facet"));
    Some(PageTemplate { path, text, has_story, has_facet })
}

fn read(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LARGEST_BYTES {
        return Err(std::io::Error::other(format!("it is larger than {LARGEST_BYTES} bytes")));
    }
    std::fs::read_to_string(path)
}
