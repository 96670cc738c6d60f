//! What a filter program made of an item → the item that goes out, within what may be published of it.

use super::{Changed, Filters, NotFiltered};
use crate::config::{FilterProgram, OutputConfig};
use crate::model::{Item, Republish};
use crate::publish::select::Chosen;
use crate::publish::{Input, allowance, body, item, render};
use crate::rights::Allowance;
use crate::text;

impl Filters<'_> {
    /// `item` of the story `chosen` as `program` leaves it; `None`: it drops it.
    pub(in crate::publish) fn filtered(
        &self,
        program: &FilterProgram,
        mut item: Item,
        chosen: &Chosen<'_>,
        output: &OutputConfig,
        input: &Input<'_>,
    ) -> Result<Option<Item>, NotFiltered> {
        let source = chosen.lead.source;
        let allowed = allowance(input.config, Some(output), source, &chosen.lead.entry.signals);
        let id = render::item_id(input.tag_base, &item);
        let Some(changed) = self.ask(program, &item, &id, &output.file, is_free(&allowed))? else { return Ok(None) };
        take_over(&mut item, changed, &allowed);
        let text = match allowed.extent {
            Republish::Full => text::plain_text(&item.text_html),
            _ => item.excerpt.clone(),
        };
        body::compose(&mut item, source, output, text.trim());
        Ok(Some(item))
    }
}

/// Whether the whole text may be given, and be changed: what may not be cut may not be rewritten either.
fn is_free(allowed: &Allowance) -> bool {
    allowed.extent == Republish::Full && !allowed.uncut
}

/// Takes over what a program may change: never more text than may be published, and sanitised again.
fn take_over(item: &mut Item, changed: Changed, allowed: &Allowance) {
    item.title = changed.title;
    item.categories = item::tidy_categories(changed.categories.iter().map(String::as_str));
    if allowed.extent < Republish::Headline && !allowed.uncut {
        item.excerpt = body::shortened(&changed.excerpt, &item.title, allowed.excerpt_chars);
    }
    match (allowed.extent, changed.content_html) {
        (Republish::Full, Some(html)) => item.text_html = body::safe_html(&html, &item.lead().url),
        (Republish::Excerpt, _) => item.text_html = body::paragraphs(&item.excerpt),
        _ => {}
    }
}
