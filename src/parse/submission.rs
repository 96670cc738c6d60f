//! Entries of link lists that name the article in their text alone: Reddit writes `[link] [comments]` at its end, and its
//! entry's own link leads to the discussion.

use super::document::Fields;
use crate::model::Markup;
use crate::text::{anchors, owner_of, web_url};

/// Where the two links are looked for, at the end of a text, in bytes.
const LOOKED_AT_BYTES: usize = 2_000;
/// Domains at which a list keeps what was uploaded to it: the list's own pages.
const UPLOADS: [(&str, &str); 1] = [("reddit.com", "redd.it")];

/// Gives `fields` the article and the discussion that its text names, if these are at different sites.
pub(super) fn take(fields: &mut Fields) {
    let named =
        fields.contents.iter().map(|content| &content.value).chain(&fields.summary).find_map(|text| match text {
            Markup::Html(html) => named(html),
            Markup::Text(_) => None,
        });
    if let Some((article, discussion)) = named {
        fields.original_link.get_or_insert(article);
        fields.comments.get_or_insert(discussion);
    }
}

/// The article, and where it is discussed.
fn named(html: &str) -> Option<(String, String)> {
    let end = &html[html.ceil_char_boundary(html.len().saturating_sub(LOOKED_AT_BYTES))..];
    if !end.contains("[link]</a>") {
        return None;
    }
    let anchors = anchors(end);
    let to = |label: &str| {
        let found = anchors.iter().rfind(|anchor| anchor.text == label)?;
        Some((owner_of(&web_url(&found.href, None)?)?, found.href.clone()))
    };
    let ((article_at, article), (list, discussion)) = (to("[link]")?, to("[comments]")?);
    let is_upload = UPLOADS.contains(&(list.as_str(), article_at.as_str()));
    (article_at != list && !is_upload).then_some((article, discussion))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_submission_is_of_the_article_that_it_links_to() {
        let entry = |link: &str| {
            format!(
                "<p>Words.</p> &#32; submitted by &#32; <a href=\"https://www.reddit.com/user/joe\"> /u/joe </a> <br/> \
                 <span><a href=\"{link}\">[link]</a></span> &#32; <span><a \
                 href=\"https://www.reddit.com/r/x/comments/1/\">[comments]</a></span>"
            )
        };
        let at = |link: &str| named(&entry(link)).map(|(article, _)| article);
        assert_eq!(at("https://paper.example/a?x=1&amp;y").as_deref(), Some("https://paper.example/a?x=1&y"));
        for own in ["https://www.reddit.com/r/x/comments/1/", "https://i.redd.it/1.jpg", "https://v.redd.it/1", "/r/x"]
        {
            assert_eq!(at(own), None, "{own}");
        }
        assert_eq!(named("<a href=\"https://paper.example/\">[link]</a>"), None);
        assert_eq!(named("A [link]</a> of é"), None);
    }
}
