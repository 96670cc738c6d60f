//! An item whose lead's publisher gave hardly any text shows the teaser of another outlet that tells the story, with its
//! own credit.

use super::allowance::entry_allowance;
use super::coverage::Shown;
use super::credit::first_credit;
use super::excerpt::{FromPage, Texts, stands_alone};
use super::input::Input;
use super::outlet::outlets_of;
use super::plain_line::{one_line, prose};
use super::render::{escape_html, uri};
use crate::config::OutputConfig;
use crate::model::{Item, OUR_CLASS, Republish};
use crate::text::plain_text;

/// Puts the teaser of the first of `others` that has one into `item`, if its own text is a stub, with the disclosure of its
/// source. It has the class of our own parts, so that another feedloom does not take it for the words of the lead's outlet.
/// Whether it did.
///
/// Only an outlet that the item credits for its own article lends, in the language of the lead: what a link list, or
/// whoever links to the article of another, says of that article stands under nobody else's name.
pub(super) fn borrow_teaser(
    item: &mut Item,
    lead: &Shown<'_>,
    others: &[Shown<'_>],
    input: &Input<'_>,
    output: &OutputConfig,
) -> bool {
    if stands_alone(&item.excerpt) || stands_alone(&plain_text(&item.text_html)) {
        return false;
    }
    let Some(of_lead) = outlets_of(lead, &input.derived.outlets).into_iter().next() else { return false };
    let language = |shown: &Shown<'_>| shown.entry.language.clone().or_else(|| shown.source.language.clone());
    let lends = |shown: &&Shown<'_>| {
        let first = outlets_of(shown, &input.derived.outlets).into_iter().next();
        let is_its_own = first.is_some_and(|behind| {
            behind.via.is_none()
                && behind.given.is_none()
                && ![&of_lead.key, &of_lead.place].contains(&&behind.key)
                && behind.place != of_lead.place
        });
        is_its_own && shown.entry.credits.is_none() && shown.entry.via.is_none() && language(shown) == language(lead)
    };
    let found = others.iter().filter(lends).find_map(|shown| {
        let allowed = entry_allowance(input.config, Some(output), shown.source, shown.entry);
        if allowed.extent >= Republish::Headline || allowed.uncut {
            return None;
        }
        let credit = first_credit(shown, input, output)?;
        if !item.attributions().iter().skip(1).any(|credited| credited.url == credit.url) {
            return None;
        }
        let outlet = credit.source.shown().into_owned();
        let room = allowed.excerpt_chars.saturating_sub(outlet.chars().count() + " ()".len());
        let texts = Texts {
            teaser: shown.entry.summary.as_ref(),
            content: shown.entry.content.as_ref(),
            article: shown.entry.article.as_deref(),
            from_page: if allowed.only_from_feed { FromPage::Nothing } else { FromPage::All },
        };
        let teaser = prose(&texts.teaser_alone(&item.title, room));
        stands_alone(&teaser).then_some((teaser, outlet, credit.url, shown.source))
    });
    let Some((teaser, outlet, url, source)) = found else { return false };
    let (name, address) = (escape_html(&outlet), escape_html(&uri(&url)));
    item.excerpt = format!("{teaser} ({outlet})");
    item.text_html =
        format!("<p class=\"{OUR_CLASS}\">{} (<a href=\"{address}\">{name}</a>)</p>", escape_html(&teaser));
    item.is_borrowed = true;
    item.disclose(&one_line(source.disclosure.as_deref().unwrap_or_default()));
    true
}
