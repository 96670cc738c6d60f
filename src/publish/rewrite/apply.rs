//! An answer in place of the lead's words: said to be a machine's, with every credit as it was.

use crate::config::OutputConfig;
use crate::model::{Item, Rewritten, Source};
use crate::publish::{body, verify};
use crate::store::RewriteAnswer;
use crate::text;

/// `item` with what a program made of it.
pub(in crate::publish) fn rewritten_item(
    mut item: Item,
    answer: &RewriteAnswer,
    source: &Source,
    output: &OutputConfig,
) -> Item {
    item.title.clone_from(&answer.title);
    // It was clean when it was stored; what is not is shown as its words.
    let clean = verify::verified(&answer.html);
    item.text_html = clean.unwrap_or_else(|| body::paragraphs(&text::plain_text(&answer.html)));
    item.is_borrowed = false;
    let plain = text::outline(&item.text_html);
    item.excerpt = body::shortened(&plain, &item.title, source.excerpt_length);
    item.updated = item.updated.max(answer.at);
    let note = &output.phrases.rewritten;
    if item.disclosure.is_none() {
        item.disclose(&capitalised(note));
    }
    item.rewritten = Some(Rewritten { note: note.clone(), after: output.phrases.after.clone() });
    body::compose(&mut item, source, output, &plain);
    item
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
