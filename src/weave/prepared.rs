//! An entry of the store, made ready to be compared: tokenised once, its address made canonical once.

use url::Url;

use super::context::Context;
use super::copies::Sketch;
use super::elect_lead::Facts;
use super::input::{WeaveInput, publisher_name};
use super::signature::SignedEntry;
use super::tokenizer::Tokenizer;
use super::tokens::Tokens;
use crate::model::{Markup, told};
use crate::store::{ComparedEntry, ReadLimits, Reserved, StoryNumber};
use crate::text::{TitleKinds, canonical, is_site_root, key_hash, links, plain_text_within, writer_of};

/// How much of an entry's text is compared by its words: the beginning says what it is about.
const TEXT_CHARS: u32 = 400;

/// How much of a long text is compared with others to find copies, and the minimum length for it.
const LONG_TEXT_BYTES: u32 = 4_000;
const LEAST_LONG_BYTES: u32 = 700;

/// Number of links followed from a link list's entry.
const MOST_LINKS: usize = 12;

/// How much of each entry is read.
pub(super) fn limits(context: &Context<'_>) -> ReadLimits {
    let lists = context.sources.iter().filter(|(_, source)| source.is_list() && !source.is_kind_guessed);
    let lists: Vec<String> = lists.map(|(id, _)| format!("\"{id}\"")).collect();
    ReadLimits {
        text_chars: TEXT_CHARS,
        long_chars: LONG_TEXT_BYTES,
        long_bytes: LEAST_LONG_BYTES,
        lists: format!("[{}]", lists.join(",")),
    }
}

/// An entry that can be compared.
#[derive(Debug)]
pub(super) struct Prepared {
    /// As it was read, without its texts.
    pub(super) entry: ComparedEntry,
    pub(super) tokens: Tokens,
    /// Its long text has not been read before.
    pub(super) new_sketch: bool,
    publisher: String,
    sketch: Option<Sketch>,
    links: Vec<Url>,
    /// The hash of its canonical address.
    address: i64,
    /// The domain that the article belongs to.
    pub(super) owner: Option<String>,
    /// Its article is that of another source: it joins what others wrote, and nobody joins it.
    pub(super) is_stranger: bool,
    /// An edit made something else of it: it leaves its story.
    pub(super) leaves: bool,
    is_reserved: bool,
}

impl Prepared {
    /// An entry whose words are compared.
    pub(super) fn new(
        mut entry: ComparedEntry,
        context: &Context<'_>,
        reserved: &Reserved,
        tokenizer: &mut Tokenizer,
    ) -> Self {
        let is_reserved = reserved.has(entry.key.source.as_str(), entry.number.get());
        if is_reserved {
            withhold_text(&mut entry);
        }
        let tokens = Tokens::of(&entry.title, &entry.text, entry.language.as_deref(), tokenizer);
        let mut prepared = Self::without_words(entry, context);
        prepared.tokens = tokens;
        prepared.is_reserved = is_reserved;
        prepared
    }

    /// An entry of which only the address and the title are compared.
    pub(super) fn without_words(mut entry: ComparedEntry, context: &Context<'_>) -> Self {
        let publisher = match context.sources.get(&entry.key.source) {
            Some(source) => publisher_name(&entry.url, source),
            None => entry.key.source.to_string(),
        };
        let long = entry.long_text.take().map(plain);
        let new = long.and_then(|text| Sketch::of(&text));
        let address = match entry.address {
            Some(address) if entry.canonical.is_none() => address,
            _ => key_hash(&canonical(address_of(&entry))),
        };
        let mut found = Vec::new();
        for markup in std::mem::take(&mut entry.listed) {
            if let Markup::Html(html) = markup {
                found.extend(links(&html, &entry.url, MOST_LINKS));
            }
        }
        entry.text = String::new();
        let owner = writer_of(address_of(&entry));
        Self {
            tokens: Tokens::default(),
            new_sketch: new.is_some(),
            publisher,
            sketch: new.or_else(|| entry.sketch.take().as_deref().and_then(Sketch::from_bytes)),
            links: found,
            address,
            is_stranger: context.sites.is_stranger(owner.as_deref(), &entry.key.source),
            owner,
            leaves: false,
            is_reserved: false,
            entry,
        }
    }

    /// The hash of its canonical address, as it is now.
    pub(super) fn address(&self) -> i64 {
        self.address
    }

    /// The canonical address itself.
    pub(super) fn address_text(&self) -> String {
        canonical(address_of(&self.entry))
    }

    /// The story that holds it.
    pub(super) fn story(&self) -> Option<StoryNumber> {
        self.entry.woven.map(|woven| woven.story)
    }

    pub(super) fn links(&self) -> &[Url] {
        &self.links
    }

    pub(super) fn sketch(&self) -> Option<&Sketch> {
        self.sketch.as_ref()
    }

    /// What is passed to the clusterer.
    pub(super) fn input(&self, context: &Context<'_>) -> WeaveInput<'_> {
        let entry = &self.entry;
        WeaveInput {
            key: &entry.key,
            publisher: &self.publisher,
            url: address_of(entry),
            address: Some(self.address),
            links: &self.links,
            title: &entry.title,
            text: "",
            sketch: self.sketch.as_ref(),
            language: entry.language.as_deref(),
            kind: context.kind(&entry.key.source),
            time: entry.time,
            said: entry.woven.map_or(context.now, |woven| woven.joined.max(entry.edited.unwrap_or(woven.joined))),
            is_contested: context.sites.is_contested(self.owner.as_deref(), &entry.key.source),
            allow_duplicates: context.stands_alone(&entry.key.source),
        }
    }

    /// What its signature is made from.
    pub(super) fn signed(&self, context: &Context<'_>) -> SignedEntry<'_> {
        SignedEntry {
            number: self.entry.number,
            input: self.input(context),
            tokens: &self.tokens,
            is_reserved: self.is_reserved,
            is_stranger: self.is_stranger,
        }
    }

    /// What decides whether it leads its story.
    pub(super) fn facts(&self) -> Facts {
        let entry = &self.entry;
        Facts {
            key: entry.key.clone(),
            kinds: TitleKinds::of(&entry.title),
            text_chars: entry.text_chars,
            address: self.address,
            owner: self.owner.clone(),
            time: entry.time,
            told: told(entry.time, entry.absent),
            joined: entry.woven.map(|woven| woven.joined),
            held_back: entry.held_back,
            sketch: self.sketch.clone(),
        }
    }
}

/// Leaves of an entry what may be compared if its text may not.
fn withhold_text(entry: &mut ComparedEntry) {
    entry.text.clear();
    (entry.long_text, entry.sketch) = (None, None);
}

/// The article's own address: the one that its page names, if the page was fetched.
fn address_of(entry: &ComparedEntry) -> &Url {
    entry.canonical.as_ref().filter(|url| !is_site_root(&canonical(url))).unwrap_or(&entry.url)
}

fn plain(long: Markup) -> String {
    match long {
        Markup::Text(text) => text,
        Markup::Html(html) => plain_text_within(&html, LONG_TEXT_BYTES as usize),
    }
}
