//! What counts of an answer: a title and a text that names nobody and links to nothing but what it was made from.

use serde_json::{Map, Value};

use super::credit_lines::without_credit_lines;
use super::links::{only_links_to, without_addresses};
use super::question::Question;
use crate::config::Phrases;
use crate::publish::body;
use crate::publish::plain_line::short_line;
use crate::publish::program::ProgramError;
use crate::publish::render::escape_html;
use crate::text::plain_text;

/// Sections of an answer.
const MOST_SECTIONS: usize = 100;
/// Names of fewer characters are parts of words.
const SHORTEST_NAME: usize = 3;

/// Why a program did not rewrite a story.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    /// It did not end well.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// What it wrote cannot be published.
    #[error("{0}")]
    Bad(String),
}

/// What a program made of a story, fit to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) title: String,
    pub(super) html: String,
}

impl Answer {
    /// What of `written` may stand for what `question` was about, in an output with `phrases`.
    ///
    /// # Errors
    /// Why nothing may.
    pub(super) fn read(
        written: &[u8],
        question: &Question,
        phrases: &Phrases,
        base: &url::Url,
    ) -> Result<Self, NoAnswer> {
        let bad = |what: &str| NoAnswer::Bad(what.to_owned());
        let text = std::str::from_utf8(written).map_err(|_| bad("it wrote something that is not UTF-8"))?;
        if text.trim().is_empty() {
            return Err(bad("it wrote nothing"));
        }
        let value: Value =
            serde_json::from_str(text).map_err(|error| NoAnswer::Bad(format!("it did not write JSON: {error}")))?;
        let Value::Object(value) = value else { return Err(bad("it did not write a JSON object")) };
        let title = without_addresses(&question.links, &plain(&text_of(&value, "title")?.unwrap_or_default()));
        let title = short_line(&title).ok_or_else(|| bad("it left no title"))?;
        let html = only_links_to(&question.links, &body::safe_html(&whole(&value)?, base));
        let html = without_credit_lines(body::without_headline(&html, &title), phrases);
        // What was unwrapped is looked at once more.
        let html = body::safe_html(&html, base);
        let words = plain_text(&html);
        if !words.chars().any(char::is_alphanumeric) {
            return Err(bad("it left no text"));
        }
        match question.strangers.iter().find(|name| names(&title, name) || names(&words, name)) {
            Some(name) => Err(NoAnswer::Bad(format!("it names {name}, which does not tell this story"))),
            None => Ok(Self { title, html }),
        }
    }
}

/// The text of an answer as HTML: one piece, or a lead and sections.
fn whole(value: &Map<String, Value>) -> Result<String, NoAnswer> {
    if let Some(html) = text_of(value, "content_html")? {
        return Ok(as_html(&html));
    }
    let mut html = as_html(&text_of(value, "lead")?.unwrap_or_default());
    let sections = match value.get("sections") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(sections)) => &sections[..sections.len().min(MOST_SECTIONS)],
        Some(_) => return Err(NoAnswer::Bad("`sections` is not a list".to_owned())),
    };
    for section in sections {
        let Value::Object(section) = section else {
            return Err(NoAnswer::Bad("`sections` holds something that is not an object".to_owned()));
        };
        let heading = plain(&text_of(section, "heading")?.unwrap_or_default());
        if !heading.is_empty() {
            html.push_str(&format!("<h2>{}</h2>", escape_html(&heading)));
        }
        html.push_str(&as_html(&text_of(section, "html")?.unwrap_or_default()));
    }
    if html.trim().is_empty() {
        return Err(NoAnswer::Bad("it wrote no text: neither `content_html` nor `lead` and `sections`".to_owned()));
    }
    Ok(html)
}

fn text_of(value: &Map<String, Value>, key: &str) -> Result<Option<String>, NoAnswer> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(NoAnswer::Bad(format!("`{key}` is not text"))),
    }
}

/// A text without markup is one of paragraphs.
fn as_html(text: &str) -> String {
    if text.contains('<') { text.to_owned() } else { body::paragraphs(text) }
}

/// A title or heading, which has no markup.
fn plain(text: &str) -> String {
    if text.contains('<') { plain_text(text) } else { text.trim().to_owned() }
}

/// Whether `text` holds `name` as words of their own, written like this.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric();
    name.chars().count() >= SHORTEST_NAME
        && text.match_indices(name).any(|(at, _)| {
            !text[..at].chars().next_back().is_some_and(is_part)
                && !text[at + name.len()..].chars().next().is_some_and(is_part)
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::text::canonical;

    fn base() -> Url {
        Url::parse("https://a.example/1").unwrap()
    }

    fn read(written: &[u8]) -> Result<Answer, NoAnswer> {
        let question = Question {
            text: String::new(),
            made_from: Vec::new(),
            links: BTreeSet::from([canonical(&base())]),
            words: String::new(),
            strangers: vec!["The Paper".to_owned(), "XY".to_owned()],
        };
        Answer::read(written, &question, &Phrases::of("de"), &base())
    }

    #[track_caller]
    fn makes(value: &Value, title: &str, html: &str) {
        let answer = read(value.to_string().as_bytes()).unwrap();
        assert_eq!((answer.title.as_str(), answer.html.as_str()), (title, html));
    }

    #[track_caller]
    fn refused(written: &[u8], why: &str) {
        let error = read(written).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn a_text_comes_in_one_piece_or_in_sections() {
        makes(&json!({"title": " A\n title ", "content_html": "<p>One.</p>"}), "A title", "<p>One.</p>");
        makes(
            &json!({"title": "T", "content_html": "One.\n\nTwo & three."}),
            "T",
            "<p>One.</p><p>Two &amp; three.</p>",
        );
        makes(
            &json!({"title": "T", "lead": "First.\n\nSecond.", "sections": [
                {"heading": "A & <b>B</b>", "html": "<p>x</p>"}, {"html": "<ul><li>y</li></ul>"},
            ], "model": 7}),
            "T",
            "<p>First.</p><p>Second.</p><h2>A &amp; B</h2><p>x</p><ul><li>y</li></ul>",
        );
        makes(&json!({"title": "<i>T</i>", "content_html": "<h1>T</h1><p>x</p>"}), "T", "<p>x</p>");
    }

    #[test]
    fn nothing_active_no_other_link_and_no_credit_comes_through() {
        makes(
            &json!({"title": "See https://s.example/ T", "content_html": "<script>x</script><p onclick=x>a \
                <a href=\"https://s.example/\">b</a> <a href=\"https://a.example/1\">c</a></p>\
                <p>Here is the source article for this story: else (The Times)</p><p>Der Artikel zu dieser Meldung: x</p>\
                <p class=\"feedloom\"><em>Also covered by: y</em></p><img src=\"https://s.example/x.png\">"}),
            "See T",
            "<p>a b <a href=\"https://a.example/1\" rel=\"noopener noreferrer nofollow\">c</a></p>",
        );
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        refused(b" \n", "wrote nothing");
        refused(b"\xff", "UTF-8");
        refused(b"nonsense", "did not write JSON");
        refused(b"[]", "JSON object");
        for (value, why) in [
            (json!({"content_html": "<p>x</p>"}), "no title"),
            (json!({"title": " ", "content_html": "<p>x</p>"}), "no title"),
            (json!({"title": 1, "content_html": "<p>x</p>"}), "`title` is not text"),
            (json!({"title": "T"}), "wrote no text"),
            (json!({"title": "T", "content_html": ""}), "left no text"),
            (json!({"title": "T", "content_html": "<script>x</script>"}), "left no text"),
            (json!({"title": "T", "content_html": "<p>…</p>"}), "left no text"),
            (json!({"title": "T", "sections": {}}), "`sections` is not a list"),
            (json!({"title": "T", "sections": ["x"]}), "not an object"),
            (json!({"title": "The Paper: T", "content_html": "<p>x</p>"}), "names The Paper"),
            (json!({"title": "T", "content_html": "<p>by <b>The Paper</b>.</p>"}), "names The Paper"),
        ] {
            refused(value.to_string().as_bytes(), why);
        }
        makes(
            &json!({"title": "T", "content_html": "<p>The Papers, the paper, XY</p>"}),
            "T",
            "<p>The Papers, the paper, XY</p>",
        );
    }
}
