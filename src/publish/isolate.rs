//! A document that the gate refuses, without the items that it is refused for: one odd item holds nothing else back.

use std::collections::BTreeSet;

use super::digest;
use super::document::Drawing;
use super::gate::{GateError, check_document};
use super::input::Input;
use super::render::Nav;
use super::rendered::Rendered;
use super::rule::Rule;
use crate::config::OutputConfig;
use crate::model::{Item, StoryId};

/// An item that the gate refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusedItem {
    /// The output that is published without it.
    pub(crate) file: String,
    /// The story.
    pub(crate) story: StoryId,
    /// Title of the item.
    pub(crate) title: String,
    /// What the gate says.
    pub(crate) reason: String,
}

/// Whether a document may be published.
type Gate<'a> = &'a dyn Fn(&Rendered) -> Result<(), GateError>;

/// `refused`, a document of `items`, without the items that the gate refuses; `None` if there are none or if it refuses
/// all of them, so that the fault is not theirs.
pub(super) fn isolated(
    input: &Input<'_>,
    output: &OutputConfig,
    items: &[Item],
    refused: &Rendered,
    nav: &Nav,
) -> Option<(Rendered, Vec<RefusedItem>)> {
    let drawing = Drawing::new(input, output, nav);
    let items: Vec<&Item> = items.get(..refused.expected.len())?.iter().collect();
    let owned = |items: &[&Item]| items.iter().copied().cloned().collect::<Vec<Item>>();
    let sorted = Sorted::out(&items, &|some| passes(&drawing, output, &owned(some), &check_document))?;
    let named = sorted.out.iter().map(|(item, reason)| named(output, &item.story, &item.title, reason)).collect();
    Some((without(&drawing, output, &owned(&sorted.kept), refused, &named)?, named))
}

/// `refused`, the document of a digest, without the stories that the gate refuses: their issues keep the others. `None` as
/// with [`isolated`].
pub(super) fn isolated_issues(
    input: &Input<'_>,
    output: &OutputConfig,
    refused: &Rendered,
    gate: Gate<'_>,
) -> Option<(Rendered, Vec<RefusedItem>)> {
    let nav = Nav::of_newest(output);
    let drawing = Drawing::new(input, output, &nav);
    let stories = digest::stories(input, output);
    let stories: Vec<&(StoryId, String)> = stories.iter().collect();
    let items = |some: &[&(StoryId, String)]| {
        let some: BTreeSet<&StoryId> = some.iter().map(|(story, _)| story).collect();
        digest::items_of(input, output, &|story| some.contains(story))
    };
    let sorted = Sorted::out(&stories, &|some| passes(&drawing, output, &items(some), gate))?;
    let named = sorted.out.iter().map(|((story, title), reason)| named(output, story, title, reason)).collect();
    Some((without(&drawing, output, &items(&sorted.kept), refused, &named)?, named))
}

fn named(output: &OutputConfig, story: &StoryId, title: &str, reason: &str) -> RefusedItem {
    RefusedItem { file: output.file.clone(), story: story.clone(), title: title.to_owned(), reason: reason.to_owned() }
}

/// The document of `kept`, if it passes the gate.
fn without(
    drawing: &Drawing<'_>,
    output: &OutputConfig,
    kept: &[Item],
    refused: &Rendered,
    named: &Vec<RefusedItem>,
) -> Option<Rendered> {
    let mut left_out = refused.left_out.clone();
    let (bytes, kept) = drawing.draw_within(kept, &mut left_out).ok()?;
    let mut rendered = Rendered {
        left_out,
        taken_down: refused.taken_down.clone(),
        config_is_new: refused.config_is_new,
        may_be_empty: refused.may_be_empty,
        ..Rendered::of_items(output, bytes, &kept)
    };
    check_document(&rendered).ok()?;
    for RefusedItem { story, reason, .. } in named {
        rendered.left_out.insert(story.to_string(), Rule::Refused(reason.clone()));
    }
    Some(rendered)
}

fn passes(drawing: &Drawing<'_>, output: &OutputConfig, items: &[Item], gate: Gate<'_>) -> Result<(), String> {
    let bytes = drawing.draw(items).map_err(|error| error.to_string())?;
    gate(&Rendered::of_items(output, bytes, items)).map_err(|error| error.to_string())
}

/// Pieces of a document that pass the gate together, and those that do not pass beside them, each with the reason.
struct Sorted<'a, T> {
    kept: Vec<&'a T>,
    out: Vec<(&'a T, String)>,
}

impl<'a, T> Sorted<'a, T> {
    /// `None`: all of them pass, or none.
    fn out(pieces: &[&'a T], passes: &dyn Fn(&[&T]) -> Result<(), String>) -> Option<Self> {
        let mut sorted = Self { kept: Vec::new(), out: Vec::new() };
        sorted.take(pieces, passes);
        (!sorted.kept.is_empty() && !sorted.out.is_empty()).then_some(sorted)
    }

    /// By halving: what is refused is little, and each half that passes beside what was kept is done with.
    fn take(&mut self, pieces: &[&'a T], passes: &dyn Fn(&[&T]) -> Result<(), String>) {
        let tried = [&self.kept[..], pieces].concat();
        match (passes(&tried), pieces) {
            (Ok(()), _) => self.kept = tried,
            (Err(reason), [piece]) => self.out.push((piece, reason)),
            (Err(_), []) => {}
            (Err(_), _) => {
                let (left, right) = pieces.split_at(pieces.len() / 2);
                self.take(left, passes);
                self.take(right, passes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pieces: &[u32], passes: fn(&[&u32]) -> bool, want: Option<(&[u32], &[u32])>) {
        let pieces: Vec<&u32> = pieces.iter().collect();
        let found = Sorted::out(&pieces, &|some| if passes(some) { Ok(()) } else { Err("no".to_owned()) });
        let found = found.map(|sorted| {
            let out: Vec<u32> = sorted.out.iter().map(|(piece, _)| **piece).collect();
            (sorted.kept.into_iter().copied().collect::<Vec<_>>(), out)
        });
        assert_eq!(found.as_ref().map(|(kept, out)| (&kept[..], &out[..])), want);
    }

    #[test]
    fn what_does_not_pass_is_found_alone_in_company_and_in_pairs() {
        check(&[1, 2, 3, 4, 5, 6, 7], |some| !some.contains(&&4), Some((&[1, 2, 3, 5, 6, 7], &[4])));
        check(&[1, 2, 3], |some| some.iter().all(|piece| **piece < 2), Some((&[1], &[2, 3])));
        // Each passes alone: of two that do not go together the first stays.
        let not_both = |some: &[&u32]| !(some.contains(&&2) && some.contains(&&5));
        check(&[1, 2, 3, 4, 5, 6], not_both, Some((&[1, 2, 3, 4, 6], &[5])));
        check(&[1, 2, 3], |some| some.len() < 2, Some((&[1], &[2, 3])));
        check(&[1, 2, 3], |_| true, None);
        check(&[1, 2, 3], |_| false, None);
        check(&[], |_| false, None);
    }
}
