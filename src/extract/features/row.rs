//! The numbers of one block, group by group; `names.rs` names them in the same order.

use super::names::{NEAR_TAGS, names};
use super::page::{Page, pairs, words};
use crate::extract::hints::KINDS;
use crate::extract::tags::Tag;
use crate::extract::tree::up;

/// A distance greater than any.
const FAR: f32 = 30.0;

impl Page<'_> {
    pub(super) fn row(&self, at: usize) -> Vec<f32> {
        let mut row = Vec::with_capacity(names().len());
        self.itself(at, &mut row);
        self.names_around(at, &mut row);
        self.containers(at, &mut row);
        self.place(at, &mut row);
        self.neighbours(at, &mut row);
        self.against_self_description(at, &mut row);
        row
    }

    fn itself(&self, at: usize, row: &mut Vec<f32>) {
        let (block, look) = (&self.parts.blocks[at], self.looks[at]);
        row.extend([
            (block.chars as f32).ln_1p(),
            look.words as f32,
            look.link_share,
            look.sentences as f32,
            look.commas as f32,
            f32::from(look.ends_sentence),
            look.digits,
            look.upper_words,
            look.word_chars,
            block.bold_chars as f32 / block.chars.max(1) as f32,
            look.stock_words as f32,
            look.stock_words as f32 / look.words.max(1) as f32,
            look.marks as f32,
            f32::from(block.has_time),
            block.images_before as f32,
            f32::from(block.text.starts_with(char::is_uppercase)),
            f32::from(block.text.ends_with(':')),
            self.seen[&look.hash] as f32,
        ]);
    }

    fn names_around(&self, at: usize, row: &mut Vec<f32>) {
        let element = self.parts.blocks[at].element;
        let own = self.parts.elements[element].tag;
        row.extend([
            f32::from(own == Tag::P),
            f32::from(matches!(own, Tag::H(_))),
            if let Tag::H(level) = own { f32::from(level) } else { 0.0 },
            f32::from(own == Tag::Li),
            f32::from(own == Tag::Other || own == Tag::Section || own == Tag::Article),
            f32::from(own == Tag::Control),
        ]);
        let mut kinds = [FAR; KINDS];
        let mut counts = [0.0; KINDS];
        let mut tags = [FAR; NEAR_TAGS.len()];
        for (distance, around) in up(self.parts, element).enumerate() {
            let around = &self.parts.elements[around];
            let distance = distance as f32;
            for (kind, slot) in kinds.iter_mut().enumerate() {
                if around.hints.has(kind) {
                    *slot = slot.min(distance);
                    counts[kind] += 1.0;
                }
            }
            for (slot, (_, is)) in tags.iter_mut().zip(NEAR_TAGS) {
                if is(around.tag) {
                    *slot = slot.min(distance);
                }
            }
        }
        row.extend(kinds.iter().map(|distance| distance.min(FAR)));
        row.extend([counts[0], counts[1]]);
        row.extend(tags.iter().map(|distance| distance.min(FAR)));
        row.push(self.parts.elements[element].depth as f32);
    }

    fn containers(&self, at: usize, row: &mut Vec<f32>) {
        let element = self.parts.blocks[at].element;
        let own = self.looks[at];
        let mut around = up(self.parts, element);
        let mut last = element;
        for _ in 0..4 {
            last = around.next().unwrap_or(last);
            let within = &self.within[last];
            row.extend([
                within.good / self.good,
                within.link_chars / within.chars.max(1.0),
                within.chars.ln_1p(),
                within.blocks.ln_1p(),
                (within.good - own.good) / (within.chars - self.parts.blocks[at].chars as f32).max(1.0),
            ]);
        }
        let share = |least: f32| {
            up(self.parts, element)
                .position(|around| self.within[around].good >= self.good * least)
                .map_or(FAR, |distance| distance as f32)
                .min(FAR)
        };
        row.extend([share(0.2), share(0.5), share(0.9)]);
        // How far up and down the tree the best element is.
        let up_steps = up(self.parts, element).position(|around| self.around_best.contains(&around));
        let meet = up(self.parts, element).find(|around| self.around_best.contains(around)).unwrap_or(self.best);
        let down = self.parts.elements[self.best].depth as f32 - self.parts.elements[meet].depth as f32;
        row.extend([
            up_steps.map_or(FAR, |steps| steps as f32).min(FAR),
            down,
            f32::from(up(self.parts, element).any(|around| around == self.most)),
            self.within[element].score / self.within[self.best].score.max(1.0),
        ]);
        let alike = self.alike.get(&(self.parts.elements[element].kind, false)).copied().unwrap_or_default();
        row.extend([
            alike.blocks.ln_1p(),
            alike.good / self.good,
            alike.good / alike.chars.max(1.0),
            alike.link_chars / alike.chars.max(1.0),
            alike.chars / self.chars,
        ]);
    }

    fn place(&self, at: usize, row: &mut Vec<f32>) {
        let best = &self.within[self.best];
        row.extend([
            self.chars_before[at] / self.chars,
            self.good_before[at] / self.good,
            (1.0 - self.good_before[at] / self.good - self.looks[at].good / self.good).max(0.0),
            at as f32 - self.first_good as f32,
            self.last_good as f32 - at as f32,
            at as f32 - best.first as f32,
            best.last as f32 - at as f32,
            self.headline.map_or(-1000.0, |headline| at as f32 - headline as f32),
            self.chars.ln_1p(),
            self.good / self.chars,
            self.link_chars / self.chars,
            (self.parts.blocks.len() as f32).ln_1p(),
            best.good / self.good,
            self.articles,
        ]);
    }

    fn neighbours(&self, at: usize, row: &mut Vec<f32>) {
        let here = &self.parts.blocks[at];
        for step in [-1_isize, 1, -2, 2] {
            let Some((index, block)) =
                at.checked_add_signed(step).and_then(|index| Some((index, self.parts.blocks.get(index)?)))
            else {
                row.extend([0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
                continue;
            };
            let look = self.looks[index];
            let element = &self.parts.elements[block.element];
            row.extend([
                (block.chars as f32).ln_1p(),
                look.link_share,
                f32::from(look.ends_sentence),
                f32::from(matches!(element.tag, Tag::H(_))),
                f32::from(element.tag == Tag::P),
                f32::from(element.kind == self.parts.elements[here.element].kind),
                f32::from(element.parent == self.parts.elements[here.element].parent),
            ]);
        }
        let near = |range: std::ops::Range<usize>| range.map(|index| self.looks[index].good).sum::<f32>().ln_1p();
        row.push(near(at.saturating_sub(5)..at));
        row.push(near(at + 1..(at + 6).min(self.looks.len())));
        let next_heading = (at..self.parts.blocks.len().min(at + 30))
            .find(|index| matches!(self.parts.elements[self.parts.blocks[*index].element].tag, Tag::H(_)))
            .map_or(FAR, |index| (index - at) as f32);
        let heading_before = (at.saturating_sub(30)..at)
            .rev()
            .find(|index| matches!(self.parts.elements[self.parts.blocks[*index].element].tag, Tag::H(_)));
        row.push(next_heading);
        row.push(heading_before.map_or(FAR, |index| (at - index) as f32));
        // A heading that announces what does not belong to the article.
        row.push(heading_before.map_or(0.0, |index| self.looks[index].stock_words as f32));
    }

    fn against_self_description(&self, at: usize, row: &mut Vec<f32>) {
        let text = &self.parts.blocks[at].text;
        let (mut known, mut all) = (0.0, 0.0);
        if text.len() < 400 {
            for word in words(text) {
                all += 1.0;
                known += f32::from(self.title_words.contains(&word));
            }
        }
        let title = known / f32::max(all, 1.0) * (known / (self.title_words.len() as f32).max(1.0));
        let start: String = text.chars().take(60).collect();
        let is_description = start.len() > 20 && self.stated.description.starts_with(&start);
        let in_body = if self.body_words.is_empty() {
            -1.0
        } else {
            let (mut known, mut all) = (0.0, 0.0);
            for pair in pairs(text) {
                all += 1.0;
                known += f32::from(self.body_words.contains(&pair));
            }
            known / f32::max(all, 1.0)
        };
        row.extend([title, f32::from(is_description), in_body, f32::from(self.stated.is_article)]);
    }
}
