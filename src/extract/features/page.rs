//! A page as a whole: sums over its elements, the best of them, and where its headline is.

use std::collections::{HashMap, HashSet};

use super::look::Look;
use super::stated::SelfDescription;
use crate::extract::tags::Tag;
use crate::extract::tree::{Parts, up};

/// What is known about an element from the blocks inside it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Within {
    pub(super) chars: f32,
    pub(super) link_chars: f32,
    pub(super) good: f32,
    pub(super) blocks: f32,
    pub(super) score: f32,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) direct_good: f32,
}

/// What is known about blocks made by one template.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Alike {
    pub(super) blocks: f32,
    pub(super) chars: f32,
    pub(super) good: f32,
    pub(super) link_chars: f32,
}

/// A page as a whole.
pub(super) struct Page<'a> {
    pub(super) parts: &'a Parts,
    pub(super) looks: Vec<&'a Look>,
    pub(super) within: Vec<Within>,
    pub(super) alike: HashMap<(u64, bool), Alike, foldhash::fast::FixedState>,
    /// Characters before each block.
    pub(super) chars_before: Vec<f32>,
    pub(super) good_before: Vec<f32>,
    pub(super) chars: f32,
    pub(super) link_chars: f32,
    pub(super) good: f32,
    /// The element that holds most of the prose, and its ancestors.
    pub(super) best: usize,
    pub(super) around_best: HashSet<usize>,
    /// The smallest element with nine tenths of the prose.
    pub(super) most: usize,
    /// The block that is the headline.
    pub(super) headline: Option<usize>,
    pub(super) first_good: usize,
    pub(super) last_good: usize,
    pub(super) seen: HashMap<u64, usize, foldhash::fast::FixedState>,
    pub(super) stated: &'a SelfDescription<'a>,
    pub(super) title_words: HashSet<String>,
    pub(super) body_words: HashSet<u64>,
    pub(super) articles: f32,
}

impl<'a> Page<'a> {
    pub(super) fn of(parts: &'a Parts, looks: &'a [Look], stated: &'a SelfDescription<'a>) -> Self {
        let blocks = &parts.blocks;
        let within = within(parts, looks);
        let mut alike: HashMap<(u64, bool), Alike, _> = HashMap::default();
        let mut seen: HashMap<u64, usize, _> = HashMap::default();
        let (mut chars_before, mut good_before) = (Vec::new(), Vec::new());
        let (mut chars, mut link_chars, mut good) = (0.0, 0.0, 0.0);
        for (block, look) in blocks.iter().zip(looks) {
            chars_before.push(chars);
            good_before.push(good);
            chars += block.chars as f32;
            link_chars += block.link_chars as f32;
            good += look.good;
            let alike = alike.entry((parts.elements[block.element].kind, false)).or_default();
            alike.blocks += 1.0;
            alike.chars += block.chars as f32;
            alike.good += look.good;
            alike.link_chars += block.link_chars as f32;
            *seen.entry(look.hash).or_default() += 1;
        }
        let best = (0..within.len()).max_by(|a, b| within[*a].score.total_cmp(&within[*b].score)).unwrap_or_default();
        let most = (0..within.len()).rev().find(|at| within[*at].good >= good * 0.9).unwrap_or_default();
        let around_best = up(parts, best).collect();
        let title_words = words(stated.title).collect();
        let headline = headline(parts, &title_words);
        let first_good = looks.iter().position(|look| look.good > 0.0).unwrap_or_default();
        let last_good = looks.iter().rposition(|look| look.good > 0.0).unwrap_or(blocks.len() - 1);
        Self {
            parts,
            looks: looks.iter().collect(),
            within,
            alike,
            chars_before,
            good_before,
            chars: f32::max(chars, 1.0),
            link_chars,
            good: f32::max(good, 1.0),
            best,
            around_best,
            most,
            headline,
            first_good,
            last_good,
            seen,
            stated,
            title_words,
            body_words: pairs(stated.body).collect(),
            articles: parts.elements.iter().filter(|element| element.tag == Tag::Article).count() as f32,
        }
    }
}

/// Sums over the blocks inside each element; the score is readability's: prose counts in full for the
/// parent of its element, half for the next, a third of that for those beyond.
fn within(parts: &Parts, looks: &[Look]) -> Vec<Within> {
    let mut within = vec![Within { first: usize::MAX, ..Within::default() }; parts.elements.len()];
    for (at, (block, look)) in parts.blocks.iter().zip(looks).enumerate() {
        let own = &mut within[block.element];
        own.chars += block.chars as f32;
        own.link_chars += block.link_chars as f32;
        own.good += look.good;
        own.direct_good += look.good;
        own.blocks += 1.0;
        own.first = own.first.min(at);
        own.last = own.last.max(at);
        if look.good > 0.0 {
            let prose = 1.0 + look.commas as f32 + (look.good / 100.0).min(3.0);
            for (distance, around) in up(parts, block.element).skip(1).take(4).enumerate() {
                within[around].score += prose / [1.0, 2.0, 6.0, 9.0][distance];
            }
        }
    }
    for at in (1..within.len()).rev() {
        let parent = parts.elements[at].parent;
        if parent == at {
            continue;
        }
        let inner = within[at];
        let outer = &mut within[parent];
        outer.chars += inner.chars;
        outer.link_chars += inner.link_chars;
        outer.good += inner.good;
        outer.blocks += inner.blocks;
        outer.first = outer.first.min(inner.first);
        outer.last = outer.last.max(inner.last);
    }
    for one in &mut within {
        one.score *= 1.0 - one.link_chars / one.chars.max(1.0);
    }
    within
}

/// The heading that shares most with the title.
fn headline(parts: &Parts, title: &HashSet<String>) -> Option<usize> {
    let likeness = |at: &usize| {
        let block = &parts.blocks[*at];
        let Tag::H(level) = parts.elements[block.element].tag else { return 0 };
        let shared = words(&block.text).filter(|word| title.contains(word)).count();
        shared * 10 + usize::from(10 - level)
    };
    (0..parts.blocks.len()).rev().max_by_key(likeness).filter(|at| likeness(at) > 0)
}

pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Hashes of each pair of adjacent words.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = u64> + '_ {
    let mut before = 0_u64;
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(move |word| {
        let hash = word
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let pair = hash ^ before.rotate_left(17);
        before = hash;
        pair
    })
}
