//! The body of an item: attribution line, disclosure, as much text as is allowed, the other outlets.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use url::Url;

use super::allowance::EntryAllowance;
use super::attribution::{Form, Writing, also_covered, discussed, noted_line};
use super::boilerplate::is_boilerplate;
use super::calls::is_footer;
use super::excerpt::{FromPage, Texts, says_no_more};
use super::plain_line::{closed, prose, read_right};
use super::render::escape_html;
use super::{nesting, verify};
use crate::config::{AttributionPlace, OutputConfig};
use crate::model::{Article, CreditLine, Entry, Item, Markup, OUR_CLASS, Republish, Source, StoredEntry};
use crate::text;
use crate::text::{Block, without_illegal_xml};

/// Fills the excerpt and the text of `item` with as much of the text of `entry` as is allowed. Returns the text as plain
/// text.
pub(super) fn fill(item: &mut Item, entry: &StoredEntry, source: &Source, allowed: &EntryAllowance) -> String {
    item.excerpt = own_excerpt(&item.title, entry, source, allowed);
    let (text_html, text_plain) = match allowed.extent {
        Republish::Full => whole(entry, allowed),
        Republish::Excerpt => (paragraphs(&item.excerpt), item.excerpt.clone()),
        Republish::Headline | Republish::Off => (String::new(), String::new()),
    };
    item.text_html = text_html;
    text_plain
}

/// The excerpt of `entry`, called `title`, as far as its text may leave.
pub(super) fn own_excerpt(title: &str, entry: &StoredEntry, source: &Source, allowed: &EntryAllowance) -> String {
    let texts = Texts {
        teaser: entry.summary.as_ref(),
        content: entry.content.as_ref(),
        article: entry.article.as_deref(),
        // What the publisher keeps on the page stays there.
        from_page: if allowed.only_from_feed { FromPage::Nothing } else { FromPage::All },
    };
    let excerpt = match allowed.extent {
        // What may not be cut has no excerpt.
        Republish::Full if allowed.uncut => String::new(),
        Republish::Full => texts.excerpt_of_whole(title, source.excerpt_length),
        Republish::Excerpt => texts.excerpt(title, allowed.excerpt_chars),
        Republish::Headline | Republish::Off => String::new(),
    };
    // Some name the outlet behind the title, and say no more.
    if says_no_more(&excerpt, &entry.title) { String::new() } else { prose(&excerpt) }
}

/// Puts the bodies of `item` together from its text (as HTML in it, and plain), its credits and its disclosure.
///
/// Every part that is ours has its own class in HTML, so that another feedloom can tell the outlet's words from ours.
pub(super) fn compose(item: &mut Item, source: &Source, output: &OutputConfig, text_plain: &str) {
    let template = source.attribution.as_ref().unwrap_or(&output.attribution);
    // It is said once: where the disclosure says something else, in the line that credits whom it was made from.
    let is_said = |note: &str| item.disclosure.as_ref().is_some_and(|words| has(words, note));
    let note = item.rewritten.as_ref().map(|rewritten| rewritten.note.as_str()).filter(|note| !is_said(note));
    let line = |form| noted_line(template, item.lead(), note, Writing { form, phrases: &output.phrases });
    let is_last = output.attribution_place == AttributionPlace::End;
    let phrases = &output.phrases;
    let credit = CreditLine {
        html: line(Form::Html),
        text: closed(&line(Form::Text)).into_owned(),
        is_usual: *template == phrases.attribution() && item.rewritten.is_none(),
        is_last,
    };
    let parts = |form: Form, text: &str| -> Vec<String> {
        let writing = Writing { form, phrases };
        let ours = |name: &str, part: String| match form {
            Form::Html => format!("<{name} class=\"{OUR_CLASS}\">{part}</{name}>"),
            Form::Text => part,
        };
        let line = Some(ours("p", line(form)));
        let disclosure = item.disclosure.as_deref().map(|words| match form {
            Form::Html => ours("p", format!("<em>{}</em>", escape_html(words))),
            Form::Text => words.to_owned(),
        });
        let also = also_covered(item.attributions(), writing).map(|also| ours("div", also));
        let discussed = discussed(&item.discussions, writing).map(|discussed| ours("p", discussed));
        let text = Some(text.to_owned());
        let parts = match output.attribution_place {
            AttributionPlace::Start => [line, disclosure, text, also, discussed],
            AttributionPlace::End => [disclosure, text, also, discussed, line],
        };
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect()
    };
    let html = parts(Form::Html, &item.text_html).join("\n");
    let text = parts(Form::Text, text_plain).join("\n\n");
    item.credit = credit;
    item.body_html = html;
    item.body_text = closed(&text).into_owned();
}

/// A text by others than the publisher, cut like an excerpt of the entry's own.
pub(super) fn shortened(text: &str, title: &str, limit: usize) -> String {
    let text = Markup::Text(text.to_owned());
    Texts { teaser: Some(&text), ..Texts::default() }.excerpt(title, limit)
}

fn has(text: &str, words: &str) -> bool {
    text.to_lowercase().contains(&words.to_lowercase())
}

/// The whole text of `entry` as safe HTML and as plain text, as far as `allowed` covers its page.
pub(super) fn whole(entry: &StoredEntry, allowed: &EntryAllowance) -> (String, String) {
    whole_text(entry, page_of(entry, allowed), allowed)
}

/// The words of the whole text of `entry`, read from where [`whole`] reads it.
pub(super) fn whole_words<'a>(entry: &'a StoredEntry, allowed: &EntryAllowance) -> Cow<'a, str> {
    let longest_in_feed = longest_in_feed(entry);
    if let Some(article) = page_of(entry, allowed).filter(|article| article.text.len() > longest_in_feed) {
        return Cow::Borrowed(&article.text);
    }
    match [&entry.content, &entry.summary].into_iter().flatten().find(|markup| !markup.is_blank()) {
        Some(Markup::Html(html)) => Cow::Owned(text::plain_text(html)),
        Some(Markup::Text(text)) => Cow::Borrowed(text),
        None => Cow::Borrowed(&entry.text),
    }
}

/// The page of `entry`, if all of its text may leave.
fn page_of<'a>(entry: &'a StoredEntry, allowed: &EntryAllowance) -> Option<&'a Article> {
    entry.article.as_deref().filter(|_| !allowed.only_from_feed && allowed.covers_page)
}

/// `html` (sanitised) without a first heading that repeats `title`.
pub(super) fn without_headline<'h>(html: &'h str, title: &str) -> &'h str {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let first = html.trim_start();
    let level = first.strip_prefix("<h").and_then(|rest| rest.chars().next()).filter(char::is_ascii_digit);
    let Some(end) = level.and_then(|level| first.find(&format!("</h{level}>"))) else { return html };
    let end = end + "</h2>".len();
    if words(&text::plain_text(&first[..end])) == words(title) { first[end..].trim_start() } else { html }
}

/// The whole text of `entry` as safe HTML and as plain text: the feed's, or that of its page if it is longer; with
/// what publishing systems append only if nothing may be cut.
fn whole_text(entry: &Entry, article: Option<&Article>, allowed: &EntryAllowance) -> (String, String) {
    if let Some(article) = article.filter(|article| article.text.len() > longest_in_feed(entry)) {
        let html = safe_html(&article.html, &entry.url);
        let html = if allowed.uncut { &html } else { without_headline(&html, &entry.title) };
        return (html.to_owned(), text::outline(html));
    }
    let given = [&entry.content, &entry.summary].into_iter().flatten().find(|markup| !markup.is_blank());
    match given {
        // Text that was only escaped: its line breaks mean what they mean in plain text.
        Some(Markup::Html(html)) if !text::has_tag(html) => {
            let lines: Vec<String> = html.lines().map(text::plain_text).collect();
            of_plain(&lines.join("\n"))
        }
        Some(Markup::Html(html)) => {
            let html = safe_html(html, &entry.url);
            let html = if allowed.uncut {
                html
            } else {
                without_boilerplate(without_headline(&html, &entry.title), &entry.title)
            };
            let plain = text::outline(&html);
            (html, plain)
        }
        Some(Markup::Text(text)) => of_plain(text),
        None => of_plain(&entry.text),
    }
}

fn of_plain(text: &str) -> (String, String) {
    // At the start of a line a combining mark has only the markup to combine with.
    let lines: Vec<&str> = text.lines().map(|line| line.trim_start_matches(is_combining_mark)).collect();
    let lines = lines.join("\n");
    let text = read_right(&lines);
    (paragraphs(&text), without_illegal_xml(&text).trim().to_owned())
}

/// Bytes of the longer text of the feed, without markup.
fn longest_in_feed(entry: &Entry) -> usize {
    let bytes = |markup: &Markup| match markup {
        Markup::Html(html) => text::plain_text(html).len(),
        Markup::Text(text) => text.trim().len(),
    };
    [&entry.content, &entry.summary].into_iter().flatten().map(bytes).max().unwrap_or(0)
}

/// The fragment, sanitised. If anything active has come through all the same, only its text.
pub(super) fn safe_html(html: &str, base: &Url) -> String {
    let clean = text::sanitize(html, Some(base));
    let clean = read_right(without_illegal_xml(&clean).trim()).into_owned();
    verify::verified(&nesting::in_order(&clean)).unwrap_or_else(|| paragraphs(&text::plain_text(html)))
}

/// Sanitised HTML of an article called `title`, without last paragraphs such as "The post … appeared first on …".
fn without_boilerplate(html: &str, title: &str) -> String {
    let mut rest = html.trim_end();
    while let Some(start) = rest.strip_suffix("</p>").and_then(|body| body.rfind("<p>")) {
        let block = Block { html: &rest[start..], text: text::plain_text(&rest[start..]), is_item: false };
        if !is_boilerplate(&block.text) && !is_footer(&block, title) {
            break;
        }
        rest = rest[..start].trim_end();
        rest = rest.strip_suffix("<hr>").unwrap_or(rest).trim_end();
    }
    rest.to_owned()
}

/// Plain text as paragraphs, separated by blank lines.
pub(super) fn paragraphs(text: &str) -> String {
    text::paragraphs_of_plain(text)
}
