//! Headings without what programs put beside their words: a sign that links to the heading itself, "edit".

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::Node;
use scraper::node::Element;

use super::in_line::is_unknown;
use super::tags::{Tag, tag};

/// Nodes of a link that are looked at.
const NEAR: usize = 8;

/// Whether `node`, which stands in a heading, is no part of its words.
pub(super) fn is_mark(node: NodeRef<'_, Node>) -> bool {
    let Some(element) = node.value().as_element() else { return false };
    match element.name() {
        "a" => (has_class(element, is_of_link) || leads_into_page(element)) && says_only_mark(node, element),
        "span" | "sup" | "small" => {
            has_class(element, is_of_edit) || has_class(element, is_of_link) && says_only_mark(node, element)
        }
        _ => false,
    }
}

fn has_class(element: &Element, is: fn(&str) -> bool) -> bool {
    element.classes().any(|class| is(&class.to_ascii_lowercase()))
}

fn is_of_edit(class: &str) -> bool {
    matches!(class, "mw-editsection" | "editsection" | "edit-section" | "edit-link")
}

fn is_of_link(class: &str) -> bool {
    ["anchor", "headerlink", "header-link", "heading-link", "hash-link", "permalink", "heading-anchor"]
        .iter()
        .any(|known| class.contains(known))
}

fn leads_into_page(element: &Element) -> bool {
    element.attr("href").is_some_and(|address| address.starts_with('#'))
}

/// Whether the text of a link is a sign, or says what the link is for.
fn says_only_mark(node: NodeRef<'_, Node>, element: &Element) -> bool {
    const WORDS: [&str; 9] = [
        "link",
        "anchor",
        "permalink",
        "copy link",
        "direct link",
        "direct link to heading",
        "link to heading",
        "link to this heading",
        "link to this section",
    ];
    const SIGNS: &str = "#¶§🔗∞⚓⌗\u{fe0f}\u{200b}\u{feff}";
    let mut inside = node.descendants().skip(1);
    let mut text = String::new();
    for inner in { &mut inside }.take(NEAR) {
        match inner.value() {
            Node::Text(run) => text.push_str(run),
            // What shows a picture is more than a sign.
            Node::Element(element) if matches!(element.name(), "img" | "picture" | "video") => return false,
            _ => {}
        }
    }
    let text = text.trim();
    let is_sign = text.chars().all(|c| SIGNS.contains(c) || c.is_whitespace());
    // A target has no text; a link without any shows its sign by a style.
    let is_empty = text.is_empty() && element.attr("href").is_none();
    let says_so = WORDS.iter().any(|known| text.eq_ignore_ascii_case(known)) && has_class(element, is_of_link);
    inside.next().is_none() && !is_empty && (is_sign || says_so)
}

/// The words of a heading, or of another line: blanks where lines end, without the marks of a heading; at most about
/// `longest` bytes.
pub(super) fn words_of(node: NodeRef<'_, Node>, longest: usize) -> String {
    let is_heading = |element: &Element| matches!(element.name(), "h1" | "h2" | "h3");
    let in_heading = node.value().as_element().is_some_and(is_heading);
    let mut text = String::new();
    // What is left out, until it ends.
    let mut skipped = None;
    for edge in node.traverse() {
        let (Edge::Open(inner) | Edge::Close(inner)) = edge;
        let is_open = matches!(edge, Edge::Open(_));
        if skipped.is_some() {
            if !is_open && skipped == Some(inner.id()) {
                skipped = None;
            }
            continue;
        }
        match inner.value() {
            Node::Text(run) if is_open => text.push_str(run),
            Node::Element(element) => {
                let is_left_out = || matches!(element.name(), "script" | "style") || in_heading && is_mark(inner);
                if is_open && is_left_out() {
                    skipped = Some(inner.id());
                } else if ends_line(element) || is_open && in_heading && begins_part(inner, &text) {
                    text.push(' ');
                }
            }
            _ => {}
        }
        if text.len() > longest {
            break;
        }
    }
    text
}

fn ends_line(element: &Element) -> bool {
    let tag = tag(element.name());
    tag == Tag::Br || !tag.is_inline() && !tag.is_unseen() && !is_unknown(element.name(), tag)
}

/// Whether a span begins a part of a heading of its own, as a style shows it: right after another span of whole words.
fn begins_part(node: NodeRef<'_, Node>, before: &str) -> bool {
    let is_span = |node: &NodeRef<'_, Node>| node.value().as_element().is_some_and(|element| element.name() == "span");
    let Some(span) = node.prev_sibling().filter(|span| is_span(span) && is_span(&node)) else { return false };
    let (one, other) = (text_near(span), text_near(node));
    let (Some(last), Some(first)) = (before.chars().next_back(), other.chars().next()) else { return false };
    let is_border = last.is_numeric() && first.is_alphabetic() || last.is_lowercase() && first.is_uppercase();
    let holds_words = |text: &str| text.trim().contains(char::is_whitespace);
    one.chars().count() >= 2
        && last.is_alphanumeric()
        && first.is_alphanumeric()
        && (is_border || holds_words(&one) && holds_words(&other))
}

/// The first words of an element.
fn text_near(node: NodeRef<'_, Node>) -> String {
    node.descendants().take(NEAR).filter_map(|inner| inner.value().as_text().map(|text| &*text.text)).collect()
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn a_heading_is_its_words() {
        for (inside, want) in [
            ("Log ends<a class=headerlink href=#x>¶</a>", "Log ends"),
            ("<a class=anchor href=#x># </a>Log ends", "Log ends"),
            ("Log ends <a href=#x>#</a>", "Log ends"),
            ("Log ends<a class=hash-link href=#x aria-label='Link to Log ends'>\u{200b}</a>", "Log ends"),
            ("Log ends<a class=permalink href=/x#y>Permalink</a>", "Log ends"),
            ("Log ends<span class=mw-editsection><span>[</span><a href=/e>edit</a><span>]</span></span>", "Log ends"),
            ("Log 9<br>ends", "Log 9 ends"),
            ("<div>Log</div><div>ends</div>", "Log ends"),
            ("<span>Log 9</span><span>ends here</span>", "Log 9 ends here"),
            ("<span>Live</span><span>Log ends</span>", "Live Log ends"),
            // Words that are a part of it, …
            ("<a href=#x>Log ends</a>", "Log ends"),
            ("<a href=/c>C#</a> and the <a href=/n>#1</a>", "C# and the #1"),
            ("Issue <a href=/issues/1>#</a>1", "Issue #1"),
            ("The <a class=link href=/l>link</a>", "The link"),
            // … and letters that a script divided.
            ("<span>L</span><span>o</span><span>g</span>", "Log"),
            ("<span>Data</span><span>base</span>", "Database"),
            ("<x-h>Lo</x-h>g", "Log"),
        ] {
            let page = Html::parse_fragment(&format!("<h1>{inside}</h1>"));
            let heading =
                page.tree.nodes().find(|node| node.value().as_element().is_some_and(|one| one.name() == "h1"));
            let words = words_of(heading.unwrap(), 1_000);
            assert_eq!(words.split_whitespace().collect::<Vec<_>>().join(" "), want, "{inside}");
        }
    }
}
