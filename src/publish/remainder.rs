//! What is left of the last version of a document whose new version cannot be published: what may no longer be public
//! leaves at once, whatever else is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::document::Drawing;
use super::gate::{Form, check_document, read_back, without_items};
use super::input::Input;
use super::isolate::isolated;
use super::render::Nav;
use super::rendered::Rendered;
use crate::config::OutputConfig;
use crate::model::Item;

/// The last version of `output` without what is denied; `None` if nothing in it is. A page is drawn anew, without the
/// template of the operator's, of those of its items that are among `items`.
pub(super) fn remainder(
    input: &Input<'_>,
    output: &OutputConfig,
    nav: &Nav,
    items: &[Item],
    is_denied: impl Fn(&str) -> bool,
) -> Option<Rendered> {
    let previous = fs::read(input.config.output_dir.join(&output.file)).ok()?;
    let form = Form::of_items(output);
    let public = read_back(form, &previous).ok()?;
    if !public.iter().any(|item| is_denied(&item.story)) {
        return None;
    }
    if let Some(bytes) = without_items(form, &previous, &is_denied) {
        let expected: Vec<_> = public.into_iter().filter(|item| !is_denied(&item.story)).collect();
        return Some(Rendered { items: expected.len(), expected, ..Rendered::of_items(output, bytes, &[]) });
    }
    let public: BTreeSet<String> = public.into_iter().map(|item| item.story).collect();
    let stays = |item: &&Item| public.contains(item.story.as_str()) && !is_denied(item.story.as_str());
    let stay: Vec<Item> = items.iter().filter(stays).cloned().collect();
    redrawn(input, output, nav, &stay)
}

/// The document of `items` without the template of the operator's. Those that cannot be drawn leave.
pub(super) fn redrawn(input: &Input<'_>, output: &OutputConfig, nav: &Nav, items: &[Item]) -> Option<Rendered> {
    let plain = OutputConfig { template: None, ..output.clone() };
    let drawing = Drawing::new(input, &plain, nav);
    let of = |items: &[Item]| {
        let (bytes, items) = drawing.draw_within(items, &mut BTreeMap::new()).ok()?;
        Some(Rendered::of_items(&plain, bytes, &items))
    };
    let rendered = of(items)?;
    if check_document(&rendered).is_ok() {
        return Some(rendered);
    }
    isolated(input, &plain, items, &rendered, nav).map(|(rest, _)| rest).or_else(|| of(&[]))
}
