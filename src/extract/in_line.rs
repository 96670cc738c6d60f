//! Elements that stand in a line of text though their names do not say so: those that scripts define or nobody knows,
//! and buttons and labels in the middle of a sentence.

use ego_tree::NodeRef;
use scraper::Node;

use super::tags::{Tag, tag};

/// Nodes inside an element that is read as part of a line, at most.
const MOST_NODES: usize = 64;
/// Words around a button from which they are a sentence.
const LEAST_WORDS: usize = 3;

/// Whether `node`, which no list of names puts into a line, stands in one; `holder` is the block element around it.
pub(super) fn is_in_line(node: NodeRef<'_, Node>, holder: Tag) -> bool {
    let Some(element) = node.value().as_element() else { return false };
    let own = tag(element.name());
    if own == Tag::Control || element.name() == "option" {
        return is_amid_sentence(node) && holds_line(node);
    }
    is_unknown(element.name(), own)
        && (matches!(holder, Tag::P | Tag::H(_) | Tag::Caption) || touches_text(node))
        && holds_line(node)
}

/// Whether an element flows with the text around it unless a style says otherwise, as browsers show unknown names.
pub(super) fn is_unknown(name: &str, tag: Tag) -> bool {
    const BLOCKS: [&str; 8] = ["center", "dialog", "dir", "div", "frameset", "hgroup", "optgroup", "search"];
    tag == Tag::Other && name != "option" && !BLOCKS.contains(&name)
}

/// Whether nothing in `node` begins a line of its own, and it is small.
fn holds_line(node: NodeRef<'_, Node>) -> bool {
    let mut inside = node.descendants().skip(1).take(MOST_NODES + 1);
    let fits = |node: NodeRef<'_, Node>| match node.value() {
        Node::Element(element) => {
            let tag = tag(element.name());
            tag.is_inline() || tag.is_unseen() || tag == Tag::Control || is_unknown(element.name(), tag)
        }
        _ => true,
    };
    { &mut inside }.take(MOST_NODES).all(fits) && inside.next().is_none()
}

/// Whether text stands directly before or after `node`.
fn touches_text(node: NodeRef<'_, Node>) -> bool {
    [node.prev_sibling(), node.next_sibling()].into_iter().flatten().any(|beside| !text(beside).trim().is_empty())
}

/// Whether a sentence goes on after `node` that began before it.
pub(super) fn is_amid_sentence(node: NodeRef<'_, Node>) -> bool {
    let (Some(before), Some(after)) = (node.prev_sibling(), node.next_sibling()) else { return false };
    let (before, after) = (text(before).trim(), text(after).trim());
    let words = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let goes_on = |c: char| c.is_alphanumeric() || ".,;:!?)]’”“'\"»«(".contains(c);
    words(before) > 0
        && words(before) + words(after) >= LEAST_WORDS
        && !before.ends_with(['|', '·', '•', '/', ':'])
        && after.starts_with(goes_on)
}

fn text<'a>(node: NodeRef<'a, Node>) -> &'a str {
    node.value().as_text().map_or("", |text| &*text.text)
}

#[cfg(test)]
mod tests {
    use crate::extract::sample::within;

    #[test]
    fn a_line_keeps_the_words_of_elements_that_flow_with_it() {
        let line =
            |inside: &str| format!("<p>The log is {inside} in this release, said the <b>maintainer</b> of it.</p>");
        for name in [
            "g-emoji",
            "relative-time",
            "x-term",
            "o:p",
            "st1:place",
            "slot",
            "output",
            "marquee",
            "button",
            "label",
            "legend",
            "option",
        ] {
            let html = within(&line(&format!("<{name}>short</{name}>")));
            assert!(html.starts_with("<p>The log is short in this release, said"), "{name}: {html}");
        }
        for (part, want) in [
            (
                line("<app-link><a href=/a>short</a></app-link>"),
                "The log is <a href=\"https://times.example/a\">short</a> in",
            ),
            (line("<x-a><x-b>short</x-b> and <x-b>flat</x-b></x-a>"), "<p>The log is short and flat in this"),
            ("<h2><x-h>Doubts</x-h></h2>".to_owned(), "<h2>Doubts</h2>"),
            // What was left out does not join the words around it.
            (line("<button>Copy</button>").replace("in this", "| in this"), "<p>The log is | in this release"),
        ] {
            assert!(within(&part).contains(want), "{part}: {}", within(&part));
        }
    }

    #[test]
    fn what_holds_lines_of_its_own_is_in_none() {
        let html = within(
            "<x-box><p>The first of two paragraphs in a box, which is long.</p><p>The second of them.</p></x-box>",
        );
        assert!(html.contains("which is long.</p><p>The second"), "{html}");
        let bar = within("<p>A toolbar of the site:</p><p><button>Share</button> <button>Save</button></p>");
        assert!(!bar.contains("Share"), "{bar}");
    }
}
