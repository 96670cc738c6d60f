//! What a filter program made of an item → the item that is published, within what may be published of it.

use super::Changed;
use crate::config::OutputConfig;
use crate::model::{Item, Republish};
use crate::publish::chosen::Chosen;
use crate::publish::input::Input;
use crate::publish::{body, entry_allowance, item};
use crate::rights::Allowance;
use crate::text;

/// `item` of the story `chosen` as a program changed it.
pub(in crate::publish) fn changed_item(
    mut item: Item,
    changed: Changed,
    chosen: &Chosen<'_>,
    output: &OutputConfig,
    input: &Input<'_>,
) -> Item {
    let source = chosen.lead.source;
    let allowed = entry_allowance(input.config, Some(output), source, chosen.lead.entry);
    if item.rewritten.is_some() {
        take_over_rewritten(&mut item, changed, source.excerpt_length);
    } else {
        take_over(&mut item, changed, &allowed);
    }
    let text = match allowed.extent {
        extent if extent == Republish::Full || item.rewritten.is_some() => text::outline(&item.text_html),
        _ => item.excerpt.clone(),
    };
    body::compose(&mut item, source, output, text.trim());
    item
}

/// Takes over what a program may change of what another one wrote.
fn take_over_rewritten(item: &mut Item, changed: Changed, excerpt_chars: usize) {
    item.title = changed.title;
    item.categories = item::tidy_categories(changed.categories.iter().map(String::as_str));
    item.excerpt = body::shortened(&changed.excerpt, &item.title, excerpt_chars);
    if let Some(html) = changed.content_html {
        item.text_html = body::safe_html(&html, &item.lead().url);
    }
}

/// Takes over what a program may change: never more text than may be published, and sanitised again.
fn take_over(item: &mut Item, changed: Changed, allowed: &Allowance) {
    item.title = changed.title;
    item.categories = item::tidy_categories(changed.categories.iter().map(String::as_str));
    if item.is_borrowed {
        // It is another outlet's: a program for the lead's text changes nothing in it.
        return;
    }
    if allowed.extent < Republish::Headline && !allowed.uncut {
        item.excerpt = body::shortened(&changed.excerpt, &item.title, allowed.excerpt_chars);
    }
    match (allowed.extent, changed.content_html) {
        (Republish::Full, Some(html)) => item.text_html = body::safe_html(&html, &item.lead().url),
        (Republish::Excerpt, _) => item.text_html = body::paragraphs(&item.excerpt),
        _ => {}
    }
}
