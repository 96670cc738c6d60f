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
    /// Lines of its tags that print something outside of quotes.
    pub(super) unquoted: Vec<usize>,
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
    let unquoted = unquoted_lines(&text);
    Some(PageTemplate { path, text, has_story, has_facet, unquoted })
}

fn read(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LARGEST_BYTES {
        return Err(std::io::Error::other(format!("it is larger than {LARGEST_BYTES} bytes")));
    }
    std::fs::read_to_string(path)
}

/// The lines, from 1, on which a tag prints something outside of quotes: whatever a feed says there may become an attribute
/// (HTML, 13.1.2.3).
fn unquoted_lines(template: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    let (mut rest, mut is_tag, mut quote) = (template, false, None);
    while let Some(at) = rest.find(['<', '>', '"', '\'', '{']) {
        rest = &rest[at..];
        let of_engine =
            [("{{", "}}"), ("{%", "%}"), ("{#", "#}")].into_iter().find(|(start, _)| rest.starts_with(start));
        let length = match of_engine {
            Some((start, end)) => {
                if start == "{{" && is_tag && quote.is_none() {
                    lines.push(1 + template[..template.len() - rest.len()].matches('\n').count());
                }
                rest.find(end).map_or(rest.len(), |at| at + end.len())
            }
            None if is_tag => {
                let sign = rest.chars().next();
                match (quote, sign) {
                    (None, Some('"' | '\'')) => quote = sign,
                    (Some(_), _) if quote == sign => quote = None,
                    (None, Some('>')) => is_tag = false,
                    _ => {}
                }
                1
            }
            None if rest.starts_with("<!--") => rest.find("-->").unwrap_or(rest.len()),
            None => {
                is_tag = rest.starts_with('<') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic());
                1
            }
        };
        rest = &rest[length..];
    }
    lines.dedup();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tag_prints_outside_of_quotes_is_found() {
        for (template, want) in [
            ("<p title={{ item.title }}>", &[1][..]),
            ("<p>\n<a href=/s/{{ item.id }}>{{ item.title }}</a>\n<p class=a data-x = {{ x }}>", &[2, 3]),
            ("<p {{ item.title }}>", &[1]),
            ("<p {% if a > b %}title={{ x }}{% endif %}>", &[1]),
            ("<p title=\"{{ a }}\" alt='{{ b }}'>{{ c }}</p>", &[]),
            ("<p title=\"{{ a[\"b\"] }} > {{ c }}\">", &[]),
            ("<p {% if x == \"y\" %}class=\"{{ x }}\"{% endif %}>a < {{ b }}, it's {{ c }}", &[]),
            ("<!-- <p title={{ x }}> -->{# <p title={{ x }}> #}{{ '<p title=' }}{{ x }}", &[]),
            ("<p title={{", &[1]),
            ("<", &[]),
        ] {
            assert_eq!(unquoted_lines(template), want, "{template}");
        }
    }
}
