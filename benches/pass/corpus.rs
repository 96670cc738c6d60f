//! The feeds that are measured with: each a pure function of the seed and its number, so that the
//! first hundred of a thousand are the same as a hundred.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use crate::words::{Rng, Script, Words};

/// Time of version 0 in Unix seconds: 2026-11-01T00:00:00Z.
pub(crate) const BASE: i64 = 1_793_491_200;
/// Share of the items that another feed had first.
const COPIED: f64 = 0.12;
/// Addresses that many feeds share, as on blog platforms.
const PLATFORMS: u64 = 20;
/// Number of the item that a changed feed gains; above those of all others.
const ADDED: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Rss,
    Atom,
    Rdf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GuidKind {
    Permalink,
    Query,
    Tag,
}

#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) number: u64,
    /// Where it is served; about 0.7 feeds have an address of their own.
    pub(crate) address: Ipv4Addr,
    /// The site it claims to be.
    pub(crate) host: String,
    pub(crate) title: String,
    pub(crate) format: Format,
    pub(crate) script: Script,
    /// HTML stands in CDATA, else it is escaped.
    pub(crate) cdata: bool,
    /// The text stands in the summary only.
    pub(crate) summary_only: bool,
    /// ISO-8859-1 instead of UTF-8.
    pub(crate) latin1: bool,
    guid: GuidKind,
    items: u64,
    item_bytes: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) guid: String,
    pub(crate) permalink: bool,
    pub(crate) link: String,
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) category: String,
    /// Unix seconds.
    pub(crate) at: i64,
    pub(crate) html: String,
}

#[derive(Debug)]
pub(crate) struct Corpus {
    seed: u64,
    words: Words,
}

impl Corpus {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, words: Words::new(seed) }
    }

    pub(crate) fn feed(&self, number: u64) -> Feed {
        let mut rng = Rng::keyed(&[self.seed, 1, number]);
        let script = match rng.below(100) {
            0..=83 => Script::Plain,
            84..=89 => Script::Accented,
            90..=95 => Script::Cyrillic,
            _ => Script::Han,
        };
        let format = match rng.below(100) {
            0..=71 => Format::Rss,
            72..=94 => Format::Atom,
            _ => Format::Rdf,
        };
        let own = rng.chance(0.7);
        let [_, b, c, d] = u32::try_from(number + 1).unwrap_or(u32::MAX).to_be_bytes();
        let platform = u8::try_from(rng.below(PLATFORMS)).unwrap_or(0);
        // The sum of four is near a bell curve: sizes come out log-normal.
        let bell: f64 = (0..4).map(|_| rng.unit() - 0.5).sum();
        Feed {
            number,
            address: if own { Ipv4Addr::new(127, 100 + b, c, d) } else { Ipv4Addr::new(127, 1, 0, platform + 1) },
            host: format!("{}{number}.example", self.words.word(&mut rng, Script::Plain)),
            title: self.words.phrase(&mut rng, script, 3),
            format,
            script,
            cdata: rng.chance(0.6),
            summary_only: rng.chance(0.3),
            latin1: script == Script::Accented && format == Format::Rss && rng.chance(0.5),
            guid: match rng.below(3) {
                0 => GuidKind::Permalink,
                1 => GuidKind::Query,
                _ => GuidKind::Tag,
            },
            items: rng.between(10, 60),
            item_bytes: 1_500.0 * (bell * 0.75).exp(),
        }
    }

    /// From which version on `feed` has its new item: each version changes one feed in a hundred.
    pub(crate) fn changes_at(number: u64) -> u64 {
        (number + 63) % 100 + 1
    }

    /// The items of a feed, newest first: as it begins, or with a new one in place of the oldest.
    pub(crate) fn items(&self, feed: &Feed, changed: bool) -> Vec<Item> {
        let mut seen = HashSet::new();
        let mut items: Vec<Item> = (0..feed.items).map(|at| self.item(feed, at, &mut seen)).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        if changed {
            let mut new = self.original(feed, ADDED);
            new.at = BASE + i64::try_from(Self::changes_at(feed.number)).unwrap_or(0) * 3_600;
            items.insert(0, new);
            items.pop();
        }
        items
    }

    fn item(&self, feed: &Feed, at: u64, seen: &mut HashSet<String>) -> Item {
        let mut rng = Rng::keyed(&[self.seed, 2, feed.number, at]);
        let copied = feed.number > 0 && rng.chance(COPIED);
        let item = if copied { self.copy(feed, at, &mut rng) } else { self.original(feed, at) };
        // A feed never names one guid twice: two draws of the same original would.
        let item = if seen.contains(&item.guid) { self.original(feed, at) } else { item };
        seen.insert(item.guid.clone());
        item
    }

    fn original(&self, feed: &Feed, at: u64) -> Item {
        let mut rng = Rng::keyed(&[self.seed, 3, feed.number, at]);
        let count = rng.between(5, 11);
        let title = self.words.phrase(&mut rng, feed.script, count);
        let slug = self.words.phrase(&mut rng, Script::Plain, 5).to_lowercase().replace(' ', "-");
        let link = format!("https://{}/{}/{slug}-{at}", feed.host, rng.between(2019, 2026));
        let guid = match feed.guid {
            GuidKind::Permalink => link.clone(),
            GuidKind::Query => format!("https://{}/?p={}", feed.host, 10_000 + at),
            GuidKind::Tag => format!("tag:{},2020:{at}", feed.host),
        };
        let bytes = feed.item_bytes * (0.4 + 1.2 * rng.unit());
        Item {
            guid,
            permalink: feed.guid == GuidKind::Permalink,
            link,
            title,
            author: self.words.phrase(&mut rng, Script::Plain, 2),
            category: self.words.word(&mut rng, Script::Plain).to_owned(),
            at: BASE - i64::try_from(rng.between(600, 20 * 86_400)).unwrap_or(0),
            html: self.words.html(&mut rng, feed.script, &feed.host, bytes as usize),
        }
    }

    /// What an earlier feed had, in one of the ways in which sites take over a story.
    fn copy(&self, feed: &Feed, at: u64, rng: &mut Rng) -> Item {
        let from = self.feed(rng.below(feed.number));
        let mut item = self.original(&from, rng.below(from.items));
        item.at = (item.at + i64::try_from(rng.below(6 * 3_600)).unwrap_or(0)).min(BASE - 60);
        match rng.below(10) {
            0..=3 => {
                let tracking = ["utm_source=rss&utm_medium=feed", "fbclid=IwAR0x", "ref=rss&gclid=Cj0K"];
                item.link = format!("{}?{}", item.link, rng.pick(&tracking));
            }
            4..=6 => {
                item.link = format!("https://{}/syndicated/{at}", feed.host);
                let said = self.words.phrase(rng, from.script, 8);
                item.html.push_str(&format!("<p>{said} <a href=\"https://{0}/\">{0}</a>.</p>", from.host));
            }
            7 | 8 => return item, // the very same item, guid and all
            _ => item.link = item.link.replacen("https://", "http://www.", 1) + "/",
        }
        item.guid.clone_from(&item.link);
        item.permalink = true;
        item
    }
}
