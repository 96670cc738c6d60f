//! A source that the program writes into feeds.toml: its lines, a name and an id that people can work with.

use std::path::Path;

use toml_edit::Value;
use url::Url;

use super::load::NoSource;
use super::problem::ConfigError;
use super::settings::Config;
use crate::model::{SourceId, SourceKind};
use crate::text::{short_hash, tidy_outlet_name};

/// A longer name is a sentence; a longer id is hard to type.
const LONGEST_NAME_CHARS: usize = 80;
const LONGEST_ID_BYTES: usize = 40;
/// This many ids are a name with a number; further ones end in a hash of the address.
const MOST_OF_A_NAME: u32 = 99;
/// A source to be written into feeds.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewSource {
    /// Its address as it is written.
    pub(crate) url: String,
    /// `None`: derived from the address.
    pub(crate) id: Option<SourceId>,
    /// `None`: the feed's own title counts.
    pub(crate) name: Option<String>,
    pub(crate) tags: Vec<String>,
    /// `None`: recognised by what its feed links to.
    pub(crate) kind: Option<SourceKind>,
}

impl NewSource {
    /// Why it would be wrong in any feeds.toml, in a sentence.
    pub(crate) fn fault(&self) -> Option<String> {
        match Config::parse_with(Path::new("feeds.toml"), &self.lines(), NoSource::Wrong) {
            Ok(_) => None,
            Err(ConfigError::Wrong(report)) => Some(report.first().to_owned()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Its table in feeds.toml.
    pub(super) fn lines(&self) -> String {
        let keys = self.values().into_iter().map(|(key, value)| format!("{key} = {value}\n"));
        std::iter::once("[[source]]\n".to_owned()).chain(keys).collect()
    }

    /// The keys that are written, in order.
    pub(super) fn values(&self) -> Vec<(&'static str, Value)> {
        let mut values = Vec::new();
        values.extend(self.id.as_ref().map(|id| ("id", Value::from(id.as_str()))));
        values.push(("url", Value::from(self.url.as_str())));
        values.extend(self.name.as_ref().map(|name| ("name", Value::from(name.as_str()))));
        if !self.tags.is_empty() {
            values.push(("tags", self.tags.iter().map(String::as_str).collect()));
        }
        if let Some(kind) = self.kind {
            let kind = if kind == SourceKind::Aggregator { "aggregator" } else { "original" };
            values.push(("kind", Value::from(kind)));
        }
        values
    }
}

/// The name of a source whose feed has this title. `None` if the title is a sentence or nothing.
pub(crate) fn source_name(title: &str) -> Option<String> {
    let name = tidy_outlet_name(title);
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME_CHARS && !name.chars().any(char::is_control);
    fits.then_some(name)
}

/// An id for a source of this name at this address that is not `taken` yet.
pub(crate) fn good_id(name: Option<&str>, address: &Url, taken: impl Fn(&str) -> bool) -> SourceId {
    let host = address.host_str().unwrap_or("source");
    let of_host = || slug(host.strip_prefix("www.").unwrap_or(host));
    let of_name = name.filter(|name| name.chars().filter(|c| c.is_alphabetic()).all(|c| c.is_ascii()));
    let wanted = of_name.map(slug).filter(|id| id.len() >= 2).unwrap_or_else(of_host);
    let wanted = if wanted.is_empty() { "source".to_owned() } else { wanted };
    let numbered = |number: u32| format!("{wanted}-{number}");
    let hashed = || format!("{wanted}-{}", &short_hash(&[address.as_str()])[..8]);
    let free = if taken(&wanted) {
        free_number(|number| taken(&numbered(number))).map_or_else(hashed, numbered)
    } else {
        wanted.clone()
    };
    SourceId::new(free).expect("made of the characters of an id")
}

/// A number from 2 to [`MOST_OF_A_NAME`] that is not taken: the least one where those below are, found in few steps.
fn free_number(is_taken: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut taken, mut free) = (1, 2);
    while is_taken(free) {
        if free == MOST_OF_A_NAME {
            return None;
        }
        (taken, free) = (free, (2 * free).min(MOST_OF_A_NAME));
    }
    while free - taken > 1 {
        let middle = taken.midpoint(free);
        *(if is_taken(middle) { &mut taken } else { &mut free }) = middle;
    }
    Some(free)
}

fn slug(text: &str) -> String {
    let mut id = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' | '.' => id.push(c),
            '\'' | '’' => {}
            _ if id.ends_with('-') => {}
            _ => id.push('-'),
        }
    }
    if id.len() > LONGEST_ID_BYTES {
        let end = id[..LONGEST_ID_BYTES].rfind('-').unwrap_or(LONGEST_ID_BYTES);
        id.truncate(end);
    }
    id.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_named_by_its_feed_unless_the_title_is_a_sentence() {
        assert_eq!(source_name("Ars Technica - All content").as_deref(), Some("Ars Technica"));
        assert_eq!(source_name("日本の技術").as_deref(), Some("日本の技術"));
        for title in ["", " \n ", &"word ".repeat(40), "a\u{7}b"] {
            assert_eq!(source_name(title), None, "{title:?}");
        }
    }

    #[test]
    fn an_id_can_be_typed_and_is_free() {
        let at = Url::parse("https://www.heise.example/rss.xml").unwrap();
        let id = |name, taken: &[&str]| good_id(name, &at, |id| taken.contains(&id)).to_string();
        assert_eq!(id(Some("Krebs on Security"), &[]), "krebs-on-security");
        assert_eq!(id(Some("Heise’s News!"), &["heises-news", "heises-news-2"]), "heises-news-3");
        assert_eq!(id(Some("日本の技術"), &[]), "heise.example");
        assert_eq!(id(None, &["heise.example"]), "heise.example-2");
        assert!(id(Some(&"long name ".repeat(7)), &[]).len() <= 40);
    }

    #[test]
    fn a_number_is_free_and_the_least_one() {
        for most in [1, 2, 3, 4, 5, 8, 9, 31, 32, 63, 64, 97, MOST_OF_A_NAME - 1] {
            assert_eq!(free_number(|number| number <= most), Some(most + 1), "{most}");
        }
        assert_eq!(free_number(|_| true), None);
        let gaps = [2, 4, 8];
        assert!(free_number(|number| gaps.contains(&number)).is_some_and(|number| !gaps.contains(&number)));
    }
}
