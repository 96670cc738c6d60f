//! Entries of link lists that name the article beside a page of their own: Reddit and Lemmy do it in their text, Hacker
//! News' too, and a JSON Feed may have the two the wrong way round.

use super::document::Fields;
use crate::model::Markup;
use crate::text::{anchors, owner_of, web_url};

/// Where the links are looked for, at the beginning and at the end of a text, in bytes.
const LOOKED_AT_BYTES: usize = 2_000;
/// Domains at which a list keeps what was uploaded to it: the list's own pages.
const UPLOADS: [(&str, &str); 1] = [("reddit.com", "redd.it")];

/// The article, and where it is discussed.
type Submission = (String, String);

/// Gives `fields` the article and the discussion that its text or its links name, if these are at different sites.
pub(super) fn take(fields: &mut Fields) {
    let replies = fields.links.iter().find(|link| {
        let kind = link.media_type.as_deref().unwrap_or("text/html");
        link.rel == "replies" && matches!(kind, "text/html" | "application/xhtml+xml")
    });
    if let Some(page) = replies.and_then(|link| link.href.clone()) {
        fields.comments.get_or_insert(page);
    }
    let (link, comments) = (fields.link.as_deref(), fields.comments.as_deref());
    let named =
        fields.contents.iter().map(|content| &content.value).chain(&fields.summary).find_map(|text| match text {
            Markup::Html(html) => {
                by_words(html).or_else(|| by_labels(html)).or_else(|| by_count(html, link?, comments?))
            }
            Markup::Text(_) => None,
        });
    if let Some((article, discussion)) = named {
        if fields.link.as_deref() != Some(article.as_str()) {
            fields.original_link.get_or_insert(article);
        }
        fields.comments.get_or_insert(discussion);
    }
}

/// Takes the page at home, of the two that an entry of the feed at `home` has, for its discussion: by the standard it is
/// `url`, and the article is `external_url`, but hnrss.org writes them the other way round.
pub(super) fn turn_round(fields: &mut Fields, home: Option<&str>) {
    let at_home = |address: Option<&str>| {
        address.and_then(|address| web_url(address, None)).and_then(|url| owner_of(&url)).as_deref() == home
    };
    if home.is_some() && at_home(fields.original_link.as_deref()) && !at_home(fields.link.as_deref()) {
        let discussion = fields.original_link.take();
        fields.comments = fields.comments.take().or(discussion);
    }
}

/// `[link]` and `[comments]` at the end, as Reddit writes them.
fn by_labels(html: &str) -> Option<Submission> {
    let end = &html[html.ceil_char_boundary(html.len().saturating_sub(LOOKED_AT_BYTES))..];
    if !end.contains("[link]</a>") {
        return None;
    }
    let anchors = anchors(end);
    let to = |label: &str| Some(anchors.iter().rfind(|anchor| anchor.text == label)?.href.clone());
    apart(to("[link]")?, to("[comments]")?)
}

/// `Article URL:` and `Comments URL:`, each with a link behind it, as hnrss.org writes them.
fn by_words(html: &str) -> Option<Submission> {
    let behind = |words: &str| {
        let start = html.find(words)? + words.len();
        let near = &html[start..html.ceil_char_boundary(html.len().min(start + LOOKED_AT_BYTES))];
        let link = anchors(near).into_iter().next()?;
        plain_start(&near[..link.at.start]).then_some(link.href)
    };
    apart(behind("Article URL:")?, behind("Comments URL:")?)
}

/// Whether nothing stands before a link but blanks and the tags of its paragraph.
fn plain_start(html: &str) -> bool {
    crate::text::plain_text(html).is_empty()
}

/// The number of comments, linked to the entry's own page, and the article as an address written out, as Lemmy does it.
fn by_count(html: &str, link: &str, comments: &str) -> Option<Submission> {
    if link != comments {
        return None;
    }
    let start = &html[..html.floor_char_boundary(html.len().min(LOOKED_AT_BYTES))];
    let anchors = anchors(start);
    let count = anchors
        .iter()
        .position(|anchor| anchor.href == link && anchor.text.starts_with(|c: char| c.is_ascii_digit()))?;
    let article = anchors[count + 1..].first().filter(|anchor| anchor.text == anchor.href)?;
    apart(article.href.clone(), comments.to_owned())
}

/// The two, if the article is not at the list's own site.
fn apart(article: String, discussion: String) -> Option<Submission> {
    let owner = |address: &str| owner_of(&web_url(address, None)?);
    let (article_at, list) = (owner(&article)?, owner(&discussion)?);
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
        let at = |link: &str| by_labels(&entry(link)).map(|(article, _)| article);
        assert_eq!(at("https://paper.example/a?x=1&amp;y").as_deref(), Some("https://paper.example/a?x=1&y"));
        for own in ["https://www.reddit.com/r/x/comments/1/", "https://i.redd.it/1.jpg", "https://v.redd.it/1", "/r/x"]
        {
            assert_eq!(at(own), None, "{own}");
        }
        assert_eq!(by_labels("<a href=\"https://paper.example/\">[link]</a>"), None);
        assert_eq!(by_labels("A [link]</a> of é"), None);
    }

    #[test]
    fn the_article_behind_its_label_and_the_discussion_behind_theirs() {
        let entry = |article: &str, comments: &str| {
            format!(
                "<p>Article URL: <a href=\"{article}\">{article}</a></p> <p>Comments URL: <a href=\"{comments}\">x</a></p> \
                 <p>Points: 3</p> <p># Comments: 0</p>"
            )
        };
        let (paper, list) = ("https://paper.example/a", "https://list.example/item?id=1");
        let both = Some((paper.to_owned(), list.to_owned()));
        assert_eq!(by_words(&entry(paper, list)), both);
        assert_eq!(by_words(&entry(list, list)), None, "a question to the list");
        assert_eq!(by_words("<p>Article URL: none, but see <a href=\"https://paper.example/a\">this</a></p>"), None);
    }

    #[test]
    fn an_address_behind_the_number_of_comments_is_the_article() {
        let own = "https://lemmy.example/post/1";
        let entry = |middle: &str| {
            format!(
                "submitted by <a href=\"https://lemmy.example/u/zed\">zed</a> to <a \
                 href=\"https://lemmy.example/c/tech\">tech</a><br>12 points | <a href=\"{own}\">3 comments</a>{middle}<p>And a \
                 <a href=\"https://other.example/\">https://other.example/</a> in its text.</p>"
            )
        };
        let paper = "<br><a href=\"https://paper.example/a\">https://paper.example/a</a>";
        let found = by_count(&entry(paper), own, own);
        assert_eq!(found, Some(("https://paper.example/a".to_owned(), own.to_owned())));
        assert_eq!(by_count(&entry(paper), "https://blog.example/1", own), None, "the entry has a page of its own");
        let named = "<br><a href=\"https://paper.example/a\">Our paper</a>";
        assert_eq!(by_count(&entry(named), own, own), None, "a link of the text");
        let upload = "<br><a href=\"https://lemmy.example/pictrs/1.jpg\">https://lemmy.example/pictrs/1.jpg</a>";
        assert_eq!(by_count(&entry(upload), own, own), None, "it is at the list");
    }

    #[test]
    fn of_two_addresses_the_one_at_home_is_the_discussion() {
        let turned = |link: &str, original: &str| {
            let mut fields =
                Fields { link: Some(link.to_owned()), original_link: Some(original.to_owned()), ..Fields::default() };
            turn_round(&mut fields, Some("list.example"));
            (fields.link, fields.original_link, fields.comments)
        };
        let (paper, list) = ("https://paper.example/a", "https://news.list.example/1");
        let some = |address: &str| Some(address.to_owned());
        assert_eq!(turned(paper, list), (some(paper), None, some(list)));
        assert_eq!(turned(list, paper), (some(list), some(paper), None));
        assert_eq!(turned(list, list), (some(list), some(list), None));
        assert_eq!(turned(paper, "https://other.example/"), (some(paper), some("https://other.example/"), None));
    }
}
