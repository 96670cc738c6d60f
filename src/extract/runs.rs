//! Runs of small parts within the text: tables, lists, quotes and notes that stand one after the other between
//! paragraphs of one parent, captions among them. Each alone is known by its neighbours; in a row they are weak neighbours of each other.
//! Lists of links are among them where the text introduces them.

use scraper::Html;
use url::Url;

use super::groups;
use super::hints::{Hints, kind_named};
use super::part_names::part;
use super::site_words::{is_consent, is_invitation, is_notice, is_pointer, labels_others, offers};
use super::tags::Tag;
use super::tree::{Parts, up};
use crate::text::web_url;

/// Blocks of one run, at most.
const MOST_BLOCKS: usize = 120;
/// Elements between a paragraph beside a run and the element that holds both, at most.
const MOST_STEPS: usize = 4;
/// A paragraph of at least this many characters beside a run says that it stands in a text.
const PROSE_CHARS: usize = 80;
/// Less likely parts are kept for no neighbours.
const LEAST_CHANCE: f32 = 0.1;
/// Lists of links look like those beside an article.
const LEAST_CHANCE_OF_LINKS: f32 = 0.02;
/// A longer note is judged for itself.
const LONGEST_NOTE: usize = 600;

/// A page whose blocks were chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen<'a> {
    pub(super) page: &'a Html,
    pub(super) parts: &'a Parts,
    pub(super) chances: &'a [f32],
    pub(super) base: &'a Url,
}

/// Adds to `kept` the runs that stand in the text.
pub(super) fn keep(chosen: &Chosen<'_>, kept: &mut [bool]) {
    let mut at = 0;
    while at < kept.len() {
        let start = at;
        at += kept[at..].iter().position(|kept| *kept).unwrap_or(kept.len() - at);
        let is_run = start > 0 && at > start && at - start <= MOST_BLOCKS;
        if is_run && at < kept.len() {
            chosen.keep_between(start, at, kept);
        } else if start > 0 && at == kept.len() {
            chosen.keep_end(start, kept);
        }
        at += 1;
    }
}

/// A part of a run: a child of the element that holds the run, or what stands directly in that.
#[derive(Debug, Clone, Copy)]
struct Unit {
    /// Its element; that of the run itself for text that stands directly in it.
    element: usize,
    first: usize,
    last: usize,
}

impl Chosen<'_> {
    /// Keeps what stands from `start` to before `end`, both of which are next to kept blocks, if all of it is of the text.
    fn keep_between(&self, start: usize, end: usize, kept: &mut [bool]) {
        let Some(holder) = self.holder(start - 1, end) else { return };
        if self.parts.blocks[start - 1].chars.max(self.parts.blocks[end].chars) < PROSE_CHARS {
            return;
        }
        let units = self.units(holder, start, end);
        let mut of_text: Vec<Unit> = Vec::new();
        for unit in units {
            if self.is_aside(unit) {
                continue;
            }
            if !self.is_weak(unit) && !self.is_introduced(unit, holder) && !self.leads_away(unit) {
                return;
            }
            of_text.push(unit);
        }
        of_text.into_iter().for_each(|unit| self.keep_unit(unit, kept));
    }

    /// Keeps the list of links with which a text ends, if the text introduces it.
    fn keep_end(&self, start: usize, kept: &mut [bool]) {
        let holder = self.parts.elements[self.parts.blocks[start - 1].element].parent;
        if matches!(self.parts.elements[holder].tag, Tag::Html | Tag::Body) {
            return;
        }
        let is_prose =
            |at: &usize| kept[*at] && self.parts.blocks[*at].chars >= PROSE_CHARS && self.is_child(*at, holder);
        if (0..start).rev().take(MOST_BLOCKS).filter(is_prose).take(2).count() < 2 {
            return;
        }
        let is_in = |at: &usize| up(self.parts, self.parts.blocks[*at].element).any(|around| around == holder);
        let end = start + (start..kept.len()).take(MOST_BLOCKS).take_while(is_in).count();
        let units = self.units(holder, start, end);
        for (at, unit) in units.iter().enumerate() {
            let is_kept = if self.is_introduced(*unit, holder) {
                true
            } else if self.is_intro(unit.first) || self.is_heading(unit.first) {
                units.get(at + 1).is_some_and(|next| self.is_introduced(*next, holder))
            } else {
                false
            };
            if !is_kept {
                return;
            }
            self.keep_unit(*unit, kept);
        }
    }

    /// Keeps the blocks of a unit, but for the buttons of its code.
    fn keep_unit(&self, unit: Unit, kept: &mut [bool]) {
        for (at, kept) in kept.iter_mut().enumerate().take(unit.last + 1).skip(unit.first) {
            *kept |= !groups::is_beside_code(&self.parts.blocks[at].text, self.parts, at);
        }
    }

    /// The innermost element that holds the blocks `before` and `after`, if both are close below it.
    fn holder(&self, before: usize, after: usize) -> Option<usize> {
        let near = |at: usize| up(self.parts, self.parts.blocks[at].element).take(MOST_STEPS);
        let holder = near(before).find(|element| near(after).any(|around| around == *element))?;
        (!matches!(self.parts.elements[holder].tag, Tag::Html | Tag::Body | Tag::List | Tag::Row)).then_some(holder)
    }

    fn is_child(&self, at: usize, holder: usize) -> bool {
        self.parts.elements[self.parts.blocks[at].element].parent == holder
    }

    fn units(&self, holder: usize, start: usize, end: usize) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        for at in start..end {
            let within = up(self.parts, self.parts.blocks[at].element).take_while(|element| *element != holder);
            let element = within.last().unwrap_or(holder);
            match units.last_mut() {
                Some(unit) if unit.element == element && element != holder => unit.last = at,
                _ => units.push(Unit { element, first: at, last: at }),
            }
        }
        units
    }

    /// Whether a unit says nothing of what stands beside it: a caption, which its picture keeps, or words like
    /// "Advertisement".
    fn is_aside(&self, unit: Unit) -> bool {
        let tag = |element: usize| self.parts.elements[element].tag;
        let is_group = |at: usize| {
            let mut around = up(self.parts, self.parts.blocks[at].element).take_while(|around| *around != unit.element);
            around.any(|element| matches!(tag(element), Tag::Table | Tag::List | Tag::Quote | Tag::Pre))
        };
        let is_caption = |element: usize| matches!(tag(element), Tag::Figure | Tag::Caption);
        self.only_part(unit).is_some_and(is_caption) && !(unit.first..=unit.last).any(is_group)
            || (unit.first..=unit.last).all(|at| is_notice(&self.parts.blocks[at].text))
    }

    /// Whether a unit is a part of a text that looks like none by itself: a table, a list, a quote, a note.
    fn is_weak(&self, unit: Unit) -> bool {
        let blocks: Vec<usize> = (unit.first..=unit.last).collect();
        if self.is_furniture(unit) || self.chance(unit) < LEAST_CHANCE || self.link_share(unit) >= groups::MOST_LINKS {
            return false;
        }
        match self.only_part(unit) {
            Some(element) => match self.parts.elements[element].tag {
                Tag::Table | Tag::List | Tag::Quote | Tag::Pre | Tag::Figure => {
                    groups::is_whole(self.parts, element, &blocks)
                }
                _ => self.is_note(unit),
            },
            None => self.is_note(unit),
        }
    }

    /// Whether a list of links follows words of the text that announce it, or a heading, and then leads to other sites.
    fn is_introduced(&self, unit: Unit, holder: usize) -> bool {
        if unit.first == 0 || !self.is_list_of_links(unit) {
            return false;
        }
        let before = unit.first - 1;
        self.is_child(before, holder)
            && (self.is_intro(before)
                || self.is_heading(before) && !labels_others(&self.parts.blocks[before].text) && self.leads_away(unit))
    }

    fn is_list_of_links(&self, unit: Unit) -> bool {
        let is_list = self.only_part(unit).is_some_and(|element| self.parts.elements[element].tag == Tag::List);
        is_list
            && self.link_share(unit) >= groups::MOST_LINKS
            && self.chance(unit) >= LEAST_CHANCE_OF_LINKS
            && !self.is_furniture(unit)
    }

    /// Whether a block announces what follows it.
    fn is_intro(&self, at: usize) -> bool {
        const LEAST_WORDS: usize = 3;
        let block = &self.parts.blocks[at];
        self.parts.elements[block.element].tag == Tag::P
            && block.text.ends_with([':', '：'])
            && block.text.split(' ').count() >= LEAST_WORDS
            && !labels_others(&block.text)
            && !is_pointer(block)
    }

    fn is_heading(&self, at: usize) -> bool {
        matches!(self.parts.elements[self.parts.blocks[at].element].tag, Tag::H(2..=6))
    }

    /// Whether a list of links leads to other sites.
    fn leads_away(&self, unit: Unit) -> bool {
        if !self.is_list_of_links(unit) {
            return false;
        }
        let Some(list) = self.page.tree.get(self.parts.elements[unit.element].id) else { return false };
        let addresses = list.descendants().filter_map(|node| node.value().as_element()?.attr("href"));
        let (mut all, mut away) = (0, 0);
        for address in addresses.filter_map(|address| web_url(address, Some(self.base))) {
            all += 1;
            away += usize::from(address.host_str() != self.base.host_str());
        }
        away * 3 >= all * 2 && away > 0
    }

    /// The innermost element that holds all of a unit, unless it stands directly in the element of the run.
    fn only_part(&self, unit: Unit) -> Option<usize> {
        const FRAMES: usize = 4;
        let is_part = |element: &usize| {
            matches!(
                self.parts.elements[*element].tag,
                Tag::Table | Tag::List | Tag::Quote | Tag::Pre | Tag::Figure | Tag::Caption
            )
        };
        let element_of = |at: usize| self.parts.blocks[at].element;
        let around: Vec<usize> = up(self.parts, element_of(unit.first))
            .take_while(|element| *element != self.parts.elements[unit.element].parent)
            .collect();
        let holds_last = |element: &usize| up(self.parts, element_of(unit.last)).any(|around| around == *element);
        around.into_iter().rev().take(FRAMES).find(|element| is_part(element) && holds_last(element))
    }

    /// Whether a unit is a note to the reader as programs for documents and blogs mark them.
    fn is_note(&self, unit: Unit) -> bool {
        const NAMES: [&str; 11] = [
            "admonition",
            "attention",
            "callout",
            "caution",
            "hint",
            "important",
            "infobox",
            "note",
            "notice",
            "tip",
            "warning",
        ];
        let Some(element) = self.page.tree.get(self.parts.elements[unit.element].id) else { return false };
        let Some(element) = element.value().as_element() else { return false };
        let names_note = |class: &str| {
            class.split(['-', '_']).any(|word| NAMES.iter().any(|known| word.eq_ignore_ascii_case(known)))
        };
        let chars: usize = (unit.first..=unit.last).map(|at| self.parts.blocks[at].chars).sum();
        chars <= LONGEST_NOTE && element.classes().any(names_note)
    }

    /// Whether a unit is known to be none of the text.
    fn is_furniture(&self, unit: Unit) -> bool {
        const KINDS: [&str; 8] = ["comment", "related", "share", "nav", "ad", "subscribe", "author", "contents"];
        let is_of_kind = |hints: Hints| KINDS.iter().any(|kind| kind_named(kind).is_some_and(|kind| hints.has(kind)));
        let holder = self.parts.elements[unit.element].parent;
        let inside = (unit.first..=unit.last).flat_map(|at| {
            up(self.parts, self.parts.blocks[at].element).take_while(|element| *element != holder).take(8)
        });
        let is_named = |element: usize| {
            let node = self.page.tree.get(self.parts.elements[element].id);
            let of_page = matches!(
                self.parts.elements[element].tag,
                Tag::Nav | Tag::Aside | Tag::Footer | Tag::Header | Tag::Form | Tag::Article
            );
            of_page
                || is_of_kind(self.parts.elements[element].hints)
                || node.is_some_and(|node| node.value().as_element().and_then(part).is_some())
        };
        let asks = |at: usize| {
            let block = &self.parts.blocks[at];
            is_invitation(&block.text) || is_consent(&block.text) || is_pointer(block) || offers(&block.text)
        };
        { inside }.any(is_named) || (unit.first..=unit.last).any(asks)
    }

    fn chance(&self, unit: Unit) -> f32 {
        self.chances[unit.first..=unit.last].iter().copied().fold(0.0, f32::max)
    }

    fn link_share(&self, unit: Unit) -> f32 {
        let blocks = &self.parts.blocks[unit.first..=unit.last];
        let (links, chars) =
            blocks.iter().fold((0, 0), |(links, chars), one| (links + one.link_chars, chars + one.chars));
        links as f32 / chars.max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::sample::{at_end, within};

    const LINKS: &str = "<ul><li><a href=https://a.example/1>A paper on logs</a></li><li><a href=https://b.example/2>The talk by \
                         Olaf</a></li></ul>";

    #[test]
    fn small_parts_in_a_row_stay_in_the_text() {
        const PARTS: [&str; 7] = [
            "<table><thead><tr><th>Rel</th><th>Min</th></tr></thead><tbody><tr><td>8</td><td>KEY</td></tr></tbody></table>",
            "<ul><li>KEY crash</li><li>Leak in COPY</li></ul>",
            "<ol><li>KEY open</li><li>Go</li></ol>",
            "<blockquote><p>KEY is dead.</p></blockquote>",
            "<dl><dt>KEY</dt><dd>cuts</dd></dl>",
            "<figure><img src=/KEY.jpg width=900 height=600><figcaption>The rack</figcaption></figure>",
            "<div class=note><p>KEY first.</p></div>",
        ];
        for first in PARTS {
            for second in PARTS {
                let html = within(&format!("{}{}", first.replace("KEY", "one"), second.replace("KEY", "two")));
                assert!(html.contains("one") && html.contains("two"), "{first}{second}: {html}");
            }
        }
    }

    #[test]
    fn furniture_between_paragraphs_stays_out() {
        let table = "<table><tr><th>Rel</th><th>Min</th></tr><tr><td>8</td><td>KEY</td></tr></table>";
        for part in [
            "<div class=newsletter-note><p>KEY first.</p></div>".to_owned(),
            "<aside class=note><ul><li>KEY one</li><li>Two</li></ul></aside>".to_owned(),
            format!("<div class=related-tables>{table}</div>"),
            format!("<div class=ad-slot-box><div class=advert>{table}</div></div>"),
        ] {
            assert!(!within(&format!("{part}{part}")).contains("KEY"), "{part}");
        }
    }

    #[test]
    fn lists_of_links_stay_where_the_text_introduces_them() {
        for intro in
            ["<p>Read more on it:</p>", "<p>See also these two papers on the matter:</p>", "<h2>Resources</h2>"]
        {
            let part = format!("{intro}{LINKS}");
            assert!(at_end(&part).contains("A paper on logs"), "{part}: {}", at_end(&part));
            assert!(within(&part).contains("A paper on logs"), "{part}: {}", within(&part));
        }
        let inside = LINKS.replace("https://a.example", "").replace("https://b.example", "");
        for part in [
            format!("<p>More from the harbour:</p>{LINKS}"),
            format!("<p>Share this article on:</p>{LINKS}"),
            format!("<h2>Related stories</h2>{LINKS}"),
            format!("<h2>In the harbour</h2>{inside}"),
            format!("<div class=related-posts><p>Read more on it:</p>{LINKS}</div>"),
        ] {
            assert!(!at_end(&part).contains("A paper on logs"), "{part}: {}", at_end(&part));
        }
    }
}
