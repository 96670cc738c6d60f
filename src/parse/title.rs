//! The title of an entry, or what stands for one.

use url::Url;

use super::document::Fields;
use super::plain::text_within;
use crate::model::{Markup, TitleOrigin};
use crate::text::{bracketed, is_blank, marked, plain_text_within};

/// Longest title in characters.
const LONGEST_TITLE: usize = 512;

/// The title, else the start of the text, else the host.
pub(super) fn title(fields: &Fields, text: &str, url: &Url) -> (String, TitleOrigin) {
    let text_of = |title: &Markup| match title {
        Markup::Html(html) => plain_text_within(&marked(&bracketed(html)), 8 * LONGEST_TITLE),
        text => text_within(text, 8 * LONGEST_TITLE),
    };
    let own = fields.title.as_ref().map(text_of).filter(|title| !is_blank(title));
    if let Some(own) = own {
        return (characters(&own, LONGEST_TITLE), TitleOrigin::Given);
    }
    (made_title(text, url), TitleOrigin::Made)
}

fn made_title(text: &str, url: &Url) -> String {
    /// A title made from text is shorter.
    const MADE: usize = 80;
    if text.is_empty() {
        return url.host_str().unwrap_or("untitled").to_owned();
    }
    let start = characters(text, MADE);
    if start.len() == text.len() {
        start
    } else {
        format!("{}…", start.rsplit_once(' ').map_or(&*start, |(words, _)| words))
    }
}

fn characters(text: &str, most: usize) -> String {
    text.char_indices().nth(most).map_or_else(|| text.to_owned(), |(end, _)| text[..end].trim_end().to_owned())
}
