//! One table of feeds.toml, read key by key: a mistake is noted and never ends the reading.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};

use jiff::SignedDuration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::duration::{self, Sign};
use super::problems::Problems;
use super::strict_address::strict_address;
use crate::model::Republish;

pub(super) const REPUBLISH: [(&str, Republish); 4] = [
    (Republish::Full.code(), Republish::Full),
    (Republish::Excerpt.code(), Republish::Excerpt),
    (Republish::Headline.code(), Republish::Headline),
    (Republish::Off.code(), Republish::Off),
];

/// Keys of a source that cannot have a default.
const OWN_KEYS: [&str; 4] = ["url", "id", "name", "site"];

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: Range<usize>,
}

/// A table that is being read. If a key is missing in it, the one in `behind` (`[defaults]`) counts.
pub(super) struct Table<'a> {
    keys: &'a DeTable<'a>,
    behind: Option<&'a DeTable<'a>>,
    /// What counts if the key is missing there, too.
    farther: Option<&'a DeTable<'a>>,
    /// Where the table is, for what is missing in it.
    pub(super) at: Range<usize>,
    problems: &'a Problems,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(keys: &'a DeTable<'a>, at: Range<usize>, problems: &'a Problems) -> Self {
        Self { keys, behind: None, farther: None, at, problems, known: RefCell::new(Vec::new()) }
    }

    pub(super) fn with_defaults(mut self, behind: Option<&'a DeTable<'a>>) -> Self {
        self.behind = behind;
        self
    }

    pub(super) fn with_farther_defaults(mut self, farther: Option<&'a DeTable<'a>>) -> Self {
        self.farther = farther;
        self
    }

    /// For a `[[list]]`: the keys that are its own are not mistakes.
    pub(super) fn of_list(self) -> Self {
        self.known.borrow_mut().push("refresh");
        self
    }

    /// The value of `key`, in this table or behind it.
    pub(super) fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.borrow_mut().push(key);
        let own = self.keys.get(key);
        if OWN_KEYS.contains(&key) {
            return own;
        }
        let behind = || self.behind.and_then(|behind| behind.get(key));
        own.or_else(behind).or_else(|| self.farther.and_then(|farther| farther.get(key)))
    }

    pub(super) fn wrong(&self, at: Range<usize>, what: impl Into<String>, instead: impl Into<String>) {
        self.problems.add(at, what, instead);
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, want: &str) {
        let found = value.get_ref().type_str();
        self.wrong(value.span(), format!("`{key}` is {} {found}", article(found)), format!("write {want}"));
    }

    pub(super) fn text(&self, key: &'static str) -> Option<At<&'a str>> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "a text in quotes");
            return None;
        };
        Some(At { value: text, at: value.span() })
    }

    /// A text that is not blank.
    pub(super) fn words(&self, key: &'static str) -> Option<At<&'a str>> {
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.wrong(text.at, format!("`{key}` is empty"), "write something or delete the line");
            return None;
        }
        Some(text)
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value, "true or false");
        }
        flag
    }

    pub(super) fn whole(&self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.value(key)?;
        let want = || format!("a whole number from {} to {}", range.start(), range.end());
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, &want());
            return None;
        };
        match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if range.contains(&number) => Some(number),
            _ => {
                self.wrong(value.span(), format!("`{key}` is out of range"), format!("write {}", want()));
                None
            }
        }
    }

    /// A share from 0 to 1.
    pub(super) fn share(&self, key: &'static str) -> Option<f64> {
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            DeValue::Integer(int) => int.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let share = number.filter(|share| (0.0..=1.0).contains(share));
        if share.is_none() {
            self.wrong(value.span(), format!("`{key}` is no share"), "write a number from 0 to 1, such as 0.5");
        }
        share
    }

    pub(super) fn duration(&self, key: &'static str, range: RangeInclusive<SignedDuration>) -> Option<SignedDuration> {
        let sign = if range.start().is_negative() { Sign::Allowed } else { Sign::None };
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "a duration with a unit, such as \"30m\", \"2h\" or \"7d\"");
            return None;
        };
        let Some(duration) = duration::parse(text, sign) else {
            self.wrong(
                value.span(),
                format!("{text:?} is no duration"),
                "write a number with a unit (s, m, h, d, w), such as \"30m\", \"2h\" or \"7d\"",
            );
            return None;
        };
        if !range.contains(&duration) {
            let (least, most) = (duration::in_one_unit(*range.start()), duration::in_one_unit(*range.end()));
            self.wrong(value.span(), format!("`{key}` is out of range"), format!("write {least} to {most}"));
            return None;
        }
        Some(duration)
    }

    /// An absolute http(s) address with a host.
    pub(super) fn web_address(&self, key: &'static str) -> Option<At<Url>> {
        let text = self.words(key)?;
        match strict_address(text.value) {
            Ok(value) => Some(At { value, at: text.at }),
            Err(why) => {
                self.wrong(text.at, format!("`{key}` is no web address: {why}"), "write it in full: \"https://…\"");
                None
            }
        }
    }

    pub(super) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(name, _)| *name == text.value).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let instead = match meant(text.value, &names) {
                Some(name) => format!("did you mean \"{name}\"?"),
                None => format!("write \"{}\"", names.join("\", \"")),
            };
            self.wrong(text.at, format!("`{key}` cannot be {:?}", text.value), instead);
        }
        found
    }

    /// A list of texts; one text alone counts as a list of one.
    pub(super) fn texts(&self, key: &'static str) -> Vec<At<&'a str>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::String(_) => vec![value],
            DeValue::Array(items) => items.iter().collect(),
            _ => {
                self.wrong_type(key, value, "a list of texts: [\"…\", \"…\"]");
                return Vec::new();
            }
        };
        items
            .into_iter()
            .filter_map(|item| {
                let text = item.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty());
                if text.is_none() {
                    self.wrong(
                        item.span(),
                        format!("`{key}` wants texts that are not empty"),
                        "write a text in quotes",
                    );
                }
                Some(At { value: text?, at: item.span() })
            })
            .collect()
    }

    /// A list of absolute http(s) addresses; one alone counts as a list of one.
    pub(super) fn web_addresses(&self, key: &'static str) -> Vec<Url> {
        let read = |text: At<&str>| match strict_address(text.value) {
            Ok(url) => Some(url),
            Err(why) => {
                self.wrong(text.at, format!("`{key}` wants web addresses: {why}"), "write it in full: \"https://…\"");
                None
            }
        };
        self.texts(key).into_iter().filter_map(read).collect()
    }

    /// A list of pairs of different absolute http(s) addresses.
    pub(super) fn address_pairs(&self, key: &'static str) -> Vec<(Url, Url)> {
        const WANTED: &str = "a list of pairs of article addresses: [[\"https://…\", \"https://…\"]]";
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, WANTED);
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for item in items.iter() {
            let two = item.get_ref().as_array().filter(|two| two.len() == 2);
            let Some(two) = two else {
                self.wrong(item.span(), format!("this is no pair for `{key}`"), format!("write {WANTED}"));
                continue;
            };
            let [a, b] = [0, 1].map(|at: usize| self.article(key, &two[at]));
            if let (Some(a), Some(b)) = (a, b) {
                if a == b {
                    let instead = "write two different addresses or delete the pair";
                    self.wrong(item.span(), format!("`{key}` names the same address twice"), instead);
                } else {
                    pairs.push((a, b));
                }
            }
        }
        pairs
    }

    fn article(&self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Url> {
        match value.get_ref().as_str().map(strict_address) {
            Some(Ok(url)) => Some(url),
            Some(Err(why)) => {
                let what = format!("`{key}` wants article addresses: {why}");
                self.wrong(value.span(), what, "write it in full: \"https://…\"");
                None
            }
            None => {
                self.wrong_type(key, value, "an article's address in quotes");
                None
            }
        }
    }

    pub(super) fn table(&self, key: &'static str) -> Option<Table<'a>> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, &format!("a table: [{key}]"));
            return None;
        };
        Some(Table::new(table, value.span(), self.problems))
    }

    /// Where its problems are collected.
    pub(super) fn problems(&self) -> &'a Problems {
        self.problems
    }

    /// A list of tables (`[[key]]`).
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        self.tables_in(key, value, &format!("[[{key}]], with two brackets"))
    }

    /// A list of rules (`key = [{ … }]`).
    pub(super) fn rules(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        self.tables_in(key, value, &format!("a list of rules: {key} = [{{ field = \"title\", contains = \"…\" }}]"))
    }

    fn tables_in(&self, key: &str, value: &'a Spanned<DeValue<'a>>, want: &str) -> Vec<Table<'a>> {
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, want);
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| match item.get_ref().as_table() {
                Some(table) => Some(Table::new(table, item.span(), self.problems)),
                None => {
                    self.wrong_type(key, item, "a table");
                    None
                }
            })
            .collect()
    }

    /// The keys of the table itself.
    pub(super) fn raw(&self) -> &'a DeTable<'a> {
        self.keys
    }

    /// Keys and texts of a table of texts (`headers`).
    pub(super) fn text_pairs(&self) -> Vec<(At<&'a str>, At<&'a str>)> {
        self.keys
            .iter()
            .filter_map(|(key, value)| {
                let Some(text) = value.get_ref().as_str() else {
                    self.wrong_type(key.get_ref(), value, "a text in quotes");
                    return None;
                };
                let key_text: &str = key.get_ref();
                Some((At { value: key_text, at: key.span() }, At { value: text, at: value.span() }))
            })
            .collect()
    }

    /// A key whose behaviour is not built yet: an error unless it is absent.
    pub(super) fn not_yet(&self, key: &'static str) {
        if self.value(key).is_some()
            && let Some((name, _)) = self.keys.get_key_value(key)
        {
            self.wrong(name.span(), format!("`{key}` is not supported yet"), "delete the line");
        }
    }

    /// Notes every key that was not read.
    pub(super) fn finish(self) {
        let known = self.known.into_inner();
        for key in self.keys.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let instead = match meant(name, &known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => {
                        let mut known = known.clone();
                        known.sort_unstable();
                        known.dedup();
                        format!("known here: {}", known.join(", "))
                    }
                };
                self.problems.add(key.span(), format!("unknown key `{name}`"), instead);
            }
        }
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// The name that was most likely intended.
pub(super) fn meant<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    let written = written.to_ascii_lowercase().replace('-', "_");
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(&written, name), *name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, name)| name)
}
