//! An item whose lead's publisher gave hardly any text shows the teaser of another outlet that tells the story, with its
//! own credit.

use super::allowance::entry_allowance;
use super::coverage::Shown;
use super::credit::first_credit;
use super::excerpt::{FromPage, Texts};
use super::input::Input;
use super::plain_line::prose;
use super::render::{escape_html, uri};
use crate::config::OutputConfig;
use crate::model::{Item, OUR_CLASS, Outlets, Republish};
use crate::text::plain_text;

/// Texts with fewer characters say nothing: a stub, or a list's link to its own page.
const LEAST_CHARS: usize = 40;

/// Puts the teaser of the first of `others` that has one into `item`, if its own text is a stub. It has the class of
/// our own parts, so that another feedloom does not take it for the words of the lead's outlet. Whether it did.
pub(super) fn borrow_teaser(
    item: &mut Item,
    others: &[Shown<'_>],
    input: &Input<'_>,
    outlets: &Outlets<'_>,
    output: &OutputConfig,
) -> bool {
    let has_text = |text: &str| text.chars().count() >= LEAST_CHARS;
    if has_text(&item.excerpt) || has_text(&plain_text(&item.text_html)) {
        return false;
    }
    // What a link list says of an article is its submitter's.
    let found = others.iter().filter(|shown| !shown.source.is_list()).find_map(|shown| {
        let allowed = entry_allowance(input.config, output, shown.source, shown.entry);
        if allowed.extent >= Republish::Headline || allowed.uncut {
            return None;
        }
        let credit = first_credit(shown, input, outlets, output)?;
        let outlet = credit.source.shown().into_owned();
        let room = allowed.excerpt_chars.saturating_sub(outlet.chars().count() + " ()".len());
        let texts = Texts {
            teaser: shown.entry.summary.as_ref(),
            content: shown.entry.content.as_ref(),
            article: shown.entry.article.as_deref(),
            from_page: if allowed.only_from_feed { FromPage::Nothing } else { FromPage::All },
        };
        let teaser = prose(&texts.teaser_alone(&item.title, room));
        has_text(&teaser).then_some((teaser, outlet, credit.url))
    });
    let Some((teaser, outlet, url)) = found else { return false };
    let (name, address) = (escape_html(&outlet), escape_html(&uri(&url)));
    item.excerpt = format!("{teaser} ({outlet})");
    item.text_html =
        format!("<p class=\"{OUR_CLASS}\">{} (<a href=\"{address}\">{name}</a>)</p>", escape_html(&teaser));
    true
}
