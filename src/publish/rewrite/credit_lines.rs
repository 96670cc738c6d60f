//! Lines of an answer that read like the credits that are ours to write: who is credited is not a program's to say.

use crate::config::Phrases;
use crate::text::plain_text;

/// Elements that do not end a line.
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "small", "span",
    "strong", "u",
];
/// What is of no use when its line is gone.
const HOLDERS: [&str; 10] = ["p", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "blockquote"];
/// What may stand before such a line.
const BULLETS: &[char] = &['*', '>', '-', '–', '—', '•', '·', '#', '(', '[', '→', ' ', '\u{a0}'];

/// `html` (sanitised) without lines that begin like a line of ours, in the language of `phrases` or in English, whatever
/// element they are in; code stays as it is.
pub(super) fn without_credit_lines(html: &str, phrases: &Phrases) -> String {
    let english = Phrases::default();
    let both = [phrases, &english];
    let starts: Vec<String> = both.iter().flat_map(|of| [of.source.to_lowercase(), of.also.to_lowercase()]).collect();
    // Much else begins with these words, too: it is ours before a colon.
    let labels: Vec<String> = both.iter().map(|of| of.discussed.to_lowercase()).collect();
    let is_ours = |line: &str| {
        let text = plain_text(line).to_lowercase();
        let text = text.trim_start_matches(BULLETS);
        let behind = |label: &String| text.strip_prefix(label.as_str()).map(str::trim_start);
        starts.iter().any(|start| text.starts_with(start.as_str()))
            || labels.iter().filter_map(behind).any(|rest| rest.starts_with([':', '：']))
    };
    let mut out = String::with_capacity(html.len());
    let mut line = String::new();
    let mut rest = html;
    let mut of_code = false;
    while let Some(open) = rest.find('<') {
        let end = rest[open..].find('>').map_or(rest.len(), |end| open + end + 1);
        let tag = &rest[open..end];
        line.push_str(&rest[..open]);
        rest = &rest[end..];
        let name = tag.trim_start_matches(['<', '/']).split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        if INLINE.contains(&name) {
            line.push_str(tag);
            continue;
        }
        if of_code || !is_ours(&line) {
            out.push_str(&line);
        }
        line.clear();
        out.push_str(tag);
        if tag.starts_with("</") {
            drop_empty(&mut out, name);
        }
        if name == "pre" {
            of_code = !tag.starts_with("</");
        }
    }
    line.push_str(rest);
    if !is_ours(&line) {
        out.push_str(&line);
    }
    out
}

/// Takes back the end of `html` if that is an element `name` without content.
fn drop_empty(html: &mut String, name: &str) {
    let tags = format!("<{name}></{name}>");
    if HOLDERS.contains(&name) && html.ends_with(&tags) {
        html.truncate(html.len() - tags.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_credits_somebody_goes_whatever_it_is_in() {
        let ours = "<b>Here is the source article for this story</b>: <a href=\"https://a.example/1\">x</a>";
        let check = |html: &str, want: &str| {
            assert_eq!(without_credit_lines(html, &Phrases::of("de")), want, "{html}");
        };
        for (before, after, left) in [
            ("<p>", "</p>", ""),
            ("<h3>", "</h3>", ""),
            ("<ul><li>", "</li></ul>", ""),
            ("<ul><li>A</li><li>", "</li></ul>", "<ul><li>A</li></ul>"),
            ("<blockquote>", "</blockquote>", ""),
            ("<blockquote><p>", "</p></blockquote>", ""),
            ("<p>A.<br>", "</p>", "<p>A.<br></p>"),
            ("<p>", "<br />B.</p>", "<p><br />B.</p>"),
            (
                "<table><tbody><tr><td>",
                "</td></tr></tbody></table>",
                "<table><tbody><tr><td></td></tr></tbody></table>",
            ),
            ("<dl><dd>", "</dd></dl>", "<dl><dd></dd></dl>"),
            ("<figure><figcaption>", "</figcaption></figure>", "<figure><figcaption></figcaption></figure>"),
            ("", "", ""),
            ("<p>A.</p>", "", "<p>A.</p>"),
        ] {
            for bullet in ["", "* ", "— ", "(", "&gt; "] {
                check(&format!("{before}{bullet}{ours}{after}"), left);
            }
        }
        check("<h2>Auch berichtet bei: x</h2>", "<h2>Auch berichtet bei: x</h2>");
        let german = Phrases::of("de");
        check(&format!("<h2>{}: x</h2>", german.also.to_uppercase()), "");
        check(
            &format!("<p>A.</p><p><b>{}</b>: y</p><ul><li>Discussed at : z</li></ul>", german.discussed),
            "<p>A.</p>",
        );
        for stays in [
            "<p>He asked: <em>here is the source article for this story</em>.</p>",
            "<pre>also covered by: x\n</pre>",
            "<p>Discussed at length, it was dropped: nobody wanted it.</p>",
            "<p>A &lt;b&gt; and <code>x &gt; y</code></p>",
            "text alone",
            "",
            "<",
        ] {
            check(stays, stays);
        }
    }
}
