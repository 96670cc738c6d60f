//! Code as a box of lines, each an element of its own, as highlighters and editors write it without a `pre`.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

/// Whether `node` holds lines of code and nothing else, at least two.
pub(super) fn is_code(node: NodeRef<'_, Node>) -> bool {
    let mut lines = 0;
    for child in node.children() {
        match child.value() {
            Node::Element(element) if is_line(element) => lines += 1,
            Node::Text(text) if text.trim().is_empty() => {}
            Node::Comment(_) => {}
            _ => return false,
        }
    }
    lines >= 2
}

/// `line`, `code-line`, `crayon-line`, `view-line`, `cm_line` …
fn is_line(element: &Element) -> bool {
    let is_named = |class: &str| {
        let class = class.to_ascii_lowercase();
        class == "line" || class.ends_with("-line") || class.ends_with("_line")
    };
    element.name() == "div" && element.classes().any(is_named)
}
