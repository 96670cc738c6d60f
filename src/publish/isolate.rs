//! A document that the gate refuses, without the items that it is refused for: one odd item holds nothing else back.

use super::document::Drawing;
use super::gate::check_document;
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

/// `refused`, a document of `items`, without the items that the gate refuses one by one; `None` if there are none or
/// if it refuses all of them, so that the fault is not theirs.
pub(super) fn isolated(
    input: &Input<'_>,
    output: &OutputConfig,
    items: &[Item],
    refused: &Rendered,
    nav: &Nav,
) -> Option<(Rendered, Vec<RefusedItem>)> {
    let drawing = Drawing::new(input, output, nav);
    let items = items.get(..refused.expected.len())?;
    let mut culprits = Vec::new();
    find_culprits(&drawing, output, items, &mut culprits);
    if culprits.is_empty() || culprits.len() == items.len() {
        return None;
    }
    let is_culprit = |item: &Item| culprits.iter().any(|(story, _)| *story == item.story);
    let kept: Vec<Item> = items.iter().filter(|item| !is_culprit(item)).cloned().collect();
    let mut left_out = refused.left_out.clone();
    let (bytes, kept) = drawing.draw_within(&kept, &mut left_out).ok()?;
    let mut rendered = Rendered {
        left_out,
        taken_down: refused.taken_down.clone(),
        config_is_new: refused.config_is_new,
        ..Rendered::of_items(output, bytes, &kept)
    };
    check_document(&rendered).ok()?;
    let named = items.iter().filter_map(|item| {
        let (_, reason) = culprits.iter().find(|(story, _)| *story == item.story)?;
        rendered.left_out.insert(item.story.to_string(), Rule::Refused(reason.clone()));
        Some(RefusedItem {
            file: output.file.clone(),
            story: item.story.clone(),
            title: item.title.clone(),
            reason: reason.clone(),
        })
    });
    let named = named.collect();
    Some((rendered, named))
}

/// Adds the items that are refused by themselves, by halving: they are few, and each half that passes is done with.
fn find_culprits(drawing: &Drawing<'_>, output: &OutputConfig, items: &[Item], culprits: &mut Vec<(StoryId, String)>) {
    let Err(reason) = passes(drawing, output, items) else { return };
    if let [item] = items {
        culprits.push((item.story.clone(), reason));
    } else if !items.is_empty() {
        let (left, right) = items.split_at(items.len() / 2);
        find_culprits(drawing, output, left, culprits);
        find_culprits(drawing, output, right, culprits);
    }
}

fn passes(drawing: &Drawing<'_>, output: &OutputConfig, items: &[Item]) -> Result<(), String> {
    let bytes = drawing.draw(items).map_err(|error| error.to_string())?;
    check_document(&Rendered::of_items(output, bytes, items)).map_err(|error| error.to_string())
}
