//! The credits in an item's body: the attribution line and the list of the other outlets.

use super::plain_line::closed;
use super::render::{escape_html, full_date, short_date, uri};
use crate::config::Phrases;
use crate::model::{Attribution, Discussion};

/// Follows every template that does not name the outlet itself.
const WHO_AND_WHEN: &str = " ({source}, {author}, {date})";

/// HTML or plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Text,
}

/// How the parts are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing<'a> {
    pub(super) form: Form,
    pub(super) phrases: &'a Phrases,
}

/// The attribution line of `credit` from `template`, without a paragraph around it.
///
/// Placeholders: `{link}` (the title, linked), `{title}`, `{url}`, `{source}`, `{site}`, `{author}`,
/// `{date}`. The rest of the template is text. A template without a link gets one at its end; one that
/// does not name the outlet is followed by ` ({source}, {author}, {date})`: no item goes without either.
pub(super) fn line(template: &str, credit: &Attribution, writing: Writing<'_>) -> String {
    let mut template = template.trim().to_owned();
    if !template.contains("{link}") && !template.contains("{url}") {
        template.push_str(" {link}");
    }
    if !template.contains("{source}") {
        template.push_str(WHO_AND_WHEN);
    }
    if credit.author.is_none() {
        template = without_placeholder(&template, "{author}");
    }
    if credit.source.site.is_none() {
        template = without_placeholder(&template, "{site}");
    }
    fill(&template, credit, writing)
}

/// [`line()`], and that a program wrote the text: `note`, in the brackets at its end.
pub(super) fn noted_line(template: &str, credit: &Attribution, note: Option<&str>, writing: Writing<'_>) -> String {
    let line = line(template, credit, writing);
    let Some(note) = note.map(|note| written(note, writing.form)) else { return line };
    match line.strip_suffix(')').filter(|line| line.contains('(')) {
        Some(open) => format!("{open}; {note})"),
        None => format!("{line} ({note})"),
    }
}

fn fill(template: &str, credit: &Attribution, writing: Writing<'_>) -> String {
    let form = writing.form;
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&written(&rest[..at], form));
        rest = &rest[at..];
        let end = rest.find('}').map_or(rest.len(), |end| end + 1);
        match placeholder(&rest[..end], credit, writing) {
            Some(value) => {
                out.push_str(&value);
                rest = &rest[end..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(&written(rest, form));
    out
}

fn placeholder(name: &str, credit: &Attribution, writing: Writing<'_>) -> Option<String> {
    let form = writing.form;
    Some(match name {
        "{link}" => linked(&credit.title, &uri(&credit.url), form),
        "{title}" => written(&closed(&credit.title), form),
        "{url}" => bare_link(&uri(&credit.url), form),
        "{source}" => written(&outlet(credit, writing), form),
        "{site}" => bare_link(&uri(credit.source.site.as_ref()?), form),
        "{author}" => written(credit.author.as_deref()?, form),
        "{date}" => date(credit, form),
        _ => return None,
    })
}

/// `template` without a placeholder that has no value, and without the comma that led to it.
fn without_placeholder(template: &str, name: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(template.len()), template);
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let in_brackets = before.strip_suffix(" (").zip(after.strip_prefix(')'));
        let (before, after) = before
            .strip_suffix(", ")
            .map(|before| (before, after))
            .or_else(|| after.strip_prefix(", ").map(|after| (before, after)))
            .or_else(|| before.strip_suffix(" by ").map(|before| (before, after)))
            .or(in_brackets)
            .or_else(|| before.strip_suffix(' ').map(|before| (before, after)))
            .unwrap_or((before, after));
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The outlets except the leading one, as a list; `None` if there are no others.
pub(super) fn also_covered(credits: &[Attribution], writing: Writing<'_>) -> Option<String> {
    let (_, others) = credits.split_first()?;
    if others.is_empty() {
        return None;
    }
    let entries: Vec<String> = others.iter().map(|credit| also_entry(credit, writing)).collect();
    let also = written(&writing.phrases.also, writing.form);
    Some(match writing.form {
        Form::Html => format!("<p>{also}:</p><ul><li>{}</li></ul>", entries.join("</li><li>")),
        Form::Text => format!("{also}:\n- {}", entries.join("\n- ")),
    })
}

/// Where it is discussed, on one line; `None`: nowhere that is known.
pub(super) fn discussed(discussions: &[Discussion], writing: Writing<'_>) -> Option<String> {
    if discussions.is_empty() {
        return None;
    }
    let links: Vec<String> = discussions.iter().map(|page| linked(&page.name, &uri(&page.url), writing.form)).collect();
    Some(format!("{}: {}", written(&writing.phrases.discussed, writing.form), links.join(", ")))
}

fn also_entry(credit: &Attribution, writing: Writing<'_>) -> String {
    let form = writing.form;
    let mut entry = linked(&credit.title, &uri(&credit.url), form);
    entry.push_str(" (");
    entry.push_str(&written(&outlet(credit, writing), form));
    if let Some(author) = &credit.author {
        entry.push_str(", ");
        entry.push_str(&written(author, form));
    }
    entry.push_str(", ");
    entry.push_str(&date(credit, form));
    entry.push(')');
    if let Some(again) = &credit.again {
        entry.push_str("; ");
        entry.push_str(&written(&writing.phrases.again, form));
        entry.push_str(": ");
        entry.push_str(&linked(&again.title, &uri(&again.url), form));
    }
    entry
}

/// `nytimes.com, via Hacker News`.
fn outlet(credit: &Attribution, writing: Writing<'_>) -> String {
    let shown = credit.source.shown();
    match &credit.source.via {
        Some(via) => format!("{shown}, {} {via}", writing.phrases.via),
        None => shown.into_owned(),
    }
}

fn linked(title: &str, address: &str, form: Form) -> String {
    let title = closed(title);
    match form {
        Form::Html => format!("<a href=\"{}\">{}</a>", escape_html(address), escape_html(&title)),
        Form::Text => format!("{title} – {address}"),
    }
}

fn bare_link(address: &str, form: Form) -> String {
    match form {
        Form::Html => linked(address, address, form),
        Form::Text => address.to_owned(),
    }
}

fn date(credit: &Attribution, form: Form) -> String {
    let shown = short_date(credit.published);
    match form {
        Form::Html => format!("<time datetime=\"{}\">{shown}</time>", full_date(credit.published)),
        Form::Text => shown,
    }
}

fn written(text: &str, form: Form) -> String {
    match form {
        Form::Html => escape_html(text),
        Form::Text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_without_a_value_goes_with_what_led_to_it() {
        for (template, want) in [
            ("{link}, {author}, {date}", "{link}, {date}"),
            ("{author}, {link}", "{link}"),
            ("{link} by {author}", "{link}"),
            ("{link} ({author})", "{link}"),
            ("{link} {author}", "{link}"),
            ("[{author}]", "[]"),
            ("{link}, {author} and {author}", "{link} and"),
            ("{link}", "{link}"),
        ] {
            assert_eq!(without_placeholder(template, "{author}"), want);
        }
    }
}
