//! `docs/config.md`, parsed.

/// The text itself.
pub(super) const REFERENCE: &str = include_str!("../../../docs/config.md");

/// One table of feeds.toml.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section<'a> {
    /// As written: `[fetch]`, `[[source]]`; empty for the top of the file.
    pub(super) table: &'a str,
    pub(super) intro: String,
    pub(super) keys: Vec<Key<'a>>,
}

/// One key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    pub(super) name: &'a str,
    pub(super) text: String,
    pub(super) kind: &'a str,
    pub(super) default: &'a str,
    pub(super) range: Option<&'a str>,
    /// As it is in feeds.toml: `title = "…"`.
    pub(super) example: &'a str,
}

/// All tables with their keys, in the order of the page.
pub(super) fn sections() -> Vec<Section<'static>> {
    let mut sections: Vec<Section<'static>> = Vec::new();
    for line in REFERENCE.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            let table = title.strip_prefix('`').and_then(|title| title.strip_suffix('`')).unwrap_or_default();
            sections.push(Section { table, intro: String::new(), keys: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        if let Some(name) = line.strip_prefix("### ") {
            let name = name.trim_matches('`');
            section.keys.push(Key { name, text: String::new(), kind: "", default: "", range: None, example: "" });
            continue;
        }
        match section.keys.last_mut() {
            Some(key) => key.take(line),
            None => push_words(&mut section.intro, line),
        }
    }
    sections
}

impl Key<'static> {
    fn take(&mut self, line: &'static str) {
        match line.strip_prefix("- ").and_then(|line| line.split_once(": ")) {
            Some(("kind", kind)) => self.kind = kind,
            Some(("default", default)) => self.default = default,
            Some(("range", range)) => self.range = Some(range),
            Some(("example", example)) => self.example = example.trim_matches('`'),
            _ => push_words(&mut self.text, line),
        }
    }
}

fn push_words(text: &mut String, line: &str) {
    if !text.is_empty() && !line.is_empty() {
        text.push(' ');
    }
    text.push_str(line);
}
