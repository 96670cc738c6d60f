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
    if let Some(line) = unquoted_value(&text) {
        let what = format!("the template prints a value outside quotes in a tag: {}:{line}", path.display());
        let how = format!(
            "put it in quotes in line {line} of the template: otherwise a word of a feed would be an attribute"
        );
        table.wrong(name.at, what, how);
        return None;
    }
    let names = names.unwrap_or_default();
    let (has_story, has_facet) = (names.contains("story"), names.contains("facet"));
    Some(PageTemplate { path, text, has_story, has_facet })
}

/// The line of the first `{{ … }}` within a tag and outside the quotes of an attribute: what is printed there is escaped as
/// text, and still makes attributes of its own (HTML, 13.1.2.3).
fn unquoted_value(text: &str) -> Option<usize> {
    let (mut at, mut is_in_tag, mut quote) = (0, false, None);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let skipped = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")].into_iter().find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = skipped {
            if open == "{{" && is_in_tag && quote.is_none() {
                return Some(text[..at].matches('\n').count() + 1);
            }
            at += rest.find(close).map_or(rest.len(), |end| end + close.len());
            continue;
        }
        match c {
            '<' if !is_in_tag => {
                let begins = |next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '{');
                is_in_tag = rest[1..].starts_with(begins);
            }
            '>' if quote.is_none() => is_in_tag = false,
            '"' | '\'' if is_in_tag => {
                quote = match quote {
                    None => Some(c),
                    Some(open) if open == c => None,
                    open => open,
                }
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

fn read(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LARGEST_BYTES {
        return Err(std::io::Error::other(format!("it is larger than {LARGEST_BYTES} bytes")));
    }
    std::fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_a_tag_stands_in_quotes() {
        for (text, want) in [
            ("<p>{{ a }}</p>", None),
            ("<a href=\"{{ a }}\" title='{{ b }}'>{{ c }}</a>", None),
            (
                "<a href=\"{% if a %}{{ a }}{% else %}{{ b }}{% endif %}\"{% if c %} class=\"x > y\"{% endif %}>{{ d }}</a>",
                None,
            ),
            ("<!-- a < b -->\n{# <p class={{ a }}> #}{{ a }} < {{ b }}", None),
            ("<p title=\"it's\">{{ a }}", None),
            ("<p>\n<a href={{ a }}>", Some(2)),
            ("<a href = {{ a }}>", Some(1)),
            ("<a href=/tags/{{ a }}>", Some(1)),
            ("\n\n<li {{ a }}>", Some(3)),
            ("<{{ a }}>", Some(1)),
            ("</{{ a }}>", Some(1)),
            ("a <{# b #} {{ c }}", Some(1)),
            ("<i{{ a }}>", Some(1)),
            ("<a title=\"é\" {% if a %}class={{ a }}{% endif %}>", Some(1)),
            ("<img alt='a' src={{- a -}}>", Some(1)),
        ] {
            assert_eq!(unquoted_value(text), want, "{text}");
        }
    }

    #[test]
    fn our_own_templates_keep_to_it() {
        for own in [
            include_str!("../publish/render/page.html"),
            include_str!("../publish/render/story.html"),
            include_str!("../publish/render/days.html"),
        ] {
            assert_eq!(unquoted_value(own), None);
        }
    }
}
