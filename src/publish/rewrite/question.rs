//! A story as a program that rewrites is given it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::material::{Material, consent};
use crate::config::OutputConfig;
use crate::model::{EntryKey, Item};
use crate::publish::body;
use crate::publish::chosen::Chosen;
use crate::publish::coverage::Shown;
use crate::publish::input::Input;
use crate::publish::render::{self, full_date, uri};
use crate::rights::Given;
use crate::text::{canonical, links};

/// Articles that a program is given; the leading one is the first.
const MOST_ENTRIES: usize = 12;
/// Where a text is cut, in bytes: what is longer is a book.
const TEXT_BYTES: usize = 128 * 1024;
/// Links of a text that an answer may repeat.
const MOST_LINKS: usize = 500;

/// What a program is asked about a story.
#[derive(Debug)]
pub(super) struct Question {
    /// What it reads from its standard input.
    pub(super) text: String,
    /// The entries in it.
    pub(super) made_from: Vec<(EntryKey, Given)>,
    /// Addresses that an answer may link to, in canonical form.
    pub(super) links: BTreeSet<String>,
    /// All words that it is given.
    pub(super) words: String,
    /// Outlets that feeds.toml names and that do not tell the story. What a feed calls itself does not count: it could be
    /// any word.
    pub(super) strangers: Vec<String>,
}

impl Question {
    /// The question about `item`, the story `chosen` in `output`.
    pub(super) fn new(
        item: &Item,
        chosen: &Chosen<'_>,
        material: &Material,
        output: &OutputConfig,
        input: &Input<'_>,
    ) -> Self {
        let mut question = Self {
            text: String::new(),
            made_from: Vec::new(),
            links: item.attributions().iter().map(|credit| canonical(&credit.url)).collect(),
            words: String::new(),
            strangers: Vec::new(),
        };
        let given = std::iter::once(&chosen.lead)
            .chain(&chosen.others)
            .filter_map(|shown| Some((shown, *material.consents.get(&shown.entry.key)?)));
        let entries: Vec<Value> =
            given.take(MOST_ENTRIES).map(|(shown, given)| question.entry(item, shown, given, output, input)).collect();
        let outlets: Vec<&str> = item.attributions().iter().map(|credit| credit.source.name.as_str()).collect();
        let sent = json!({
            "id": render::item_id(input.tag_base, item),
            "title": item.lead().title,
            "url": uri(&item.lead().url),
            "language": item.language,
            "published": full_date(item.published),
            "outlets": outlets,
            "entries": entries,
        });
        question.text = sent.to_string();
        let tells = |name: &str| question.words.contains(name) || outlets.iter().any(|outlet| outlet.contains(name));
        let names = input.config.sources.iter().filter_map(|source| source.name.as_deref()).map(str::trim);
        question.strangers = names.filter(|name| !tells(name)).map(str::to_owned).collect();
        question
    }

    fn entry(
        &mut self,
        item: &Item,
        shown: &Shown<'_>,
        given: Given,
        output: &OutputConfig,
        input: &Input<'_>,
    ) -> Value {
        let Shown { entry, source } = *shown;
        let (allowed, _) = consent(shown, output, input);
        let guid = crate::publish::credit::shown_guid(entry);
        let is_its_own =
            |credit: &&crate::model::Attribution| credit.source.id == source.id.as_str() && credit.guid == guid;
        let credit = item.attributions().iter().find(is_its_own).unwrap_or(item.lead());
        let mut sent = json!({
            "source": credit.source.name,
            "title": credit.title,
            "url": uri(&credit.url),
            "author": credit.author,
            "published": full_date(credit.published),
            "language": entry.language.as_ref().or(source.language.as_ref()),
            "excerpt": body::own_excerpt(&credit.title, entry, source, &allowed),
        });
        if given == Given::Text {
            let (html, mut text) = body::whole(entry, &allowed);
            self.links.extend(links(&html, &entry.url, MOST_LINKS).iter().map(canonical));
            text.truncate(text.floor_char_boundary(TEXT_BYTES));
            sent["text"] = text.into();
        }
        self.made_from.push((entry.key.clone(), given));
        for part in ["source", "title", "author", "excerpt", "text"] {
            self.words.push_str(sent[part].as_str().unwrap_or_default());
            self.words.push('\n');
        }
        sent
    }
}
