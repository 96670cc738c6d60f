//! Sanitised HTML → the elements that may leave: blocks with other names become paragraphs or leave a break, so that no
//! words run together; old names become current ones.

use std::fmt::Write as _;

use super::elements::{Element, Node, VOID, nodes_of};

/// Elements that HTML shows as blocks but that may not be published.
pub(super) const LOOSE: [&str; 23] = [
    "address", "article", "aside", "caption", "center", "details", "dialog", "div", "fieldset", "footer", "form",
    "header", "hgroup", "legend", "main", "nav", "noscript", "optgroup", "option", "search", "section", "summary",
    "marquee",
];
/// Old or other names, and the names that replace them in the output.
pub(super) const RENAMED: [(&str, &str); 7] = [
    ("acronym", "abbr"),
    ("dir", "ul"),
    ("h1", "h2"),
    ("listing", "pre"),
    ("menu", "ul"),
    ("strike", "s"),
    ("tt", "code"),
];
/// Blocks that may be published.
const BLOCKS: [&str; 24] = [
    "blockquote",
    "dd",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Blocks whose content is a line, or is read as one: a break separates what was in blocks of its own.
const TIGHT: [&str; 9] = ["dd", "dt", "figcaption", "li", "td", "th", "p", "pre", "h2"];

/// `html`, as a serialiser wrote it (every element closed, attributes in double quotes), without the elements of
/// [`LOOSE`] and under the names of [`RENAMED`].
pub(super) fn reshaped(html: String) -> String {
    let has_other = |name: &str| html.contains(&format!("<{name}"));
    if !LOOSE.iter().any(|name| has_other(name)) && !RENAMED.iter().any(|(name, _)| has_other(name)) {
        return html;
    }
    let mut out = Out { html: String::with_capacity(html.len()), seam: false, keeps_lines: false };
    out.all(&nodes_of(&html), Inside::Flow(None));
    out.html
}

impl Element<'_> {
    /// Its name in the output.
    fn outer_name(&self) -> &str {
        RENAMED.iter().find(|(name, _)| *name == self.name).map_or(self.name, |(_, other)| other)
    }

    fn is_loose(&self) -> bool {
        LOOSE.contains(&self.name)
    }

    fn is_block(&self) -> bool {
        self.is_loose() || BLOCKS.contains(&self.outer_name())
    }

    fn holds_block(&self) -> bool {
        self.children
            .iter()
            .any(|node| matches!(node, Node::Element(element) if element.is_block() || element.holds_block()))
    }
}

/// Where nodes are written.
#[derive(Debug, Clone, Copy)]
enum Inside<'a> {
    /// Among blocks; a line of text becomes a paragraph with these attributes, if there are any.
    Flow(Option<&'a str>),
    /// In a line: blocks leave a break.
    Line,
}

struct Out {
    html: String,
    /// A loose block began or ended since the last words of a line.
    seam: bool,
    /// Within `pre`: a line break in the text is one.
    keeps_lines: bool,
}

impl Out {
    fn all(&mut self, nodes: &[Node<'_>], inside: Inside<'_>) {
        match inside {
            Inside::Line => nodes.iter().for_each(|node| self.in_line(node)),
            Inside::Flow(attributes) => self.flow(nodes, attributes),
        }
    }

    /// Writes blocks as they are and the lines between them, as paragraphs if a loose block is beside or around them.
    fn flow(&mut self, nodes: &[Node<'_>], around: Option<&str>) {
        let is_loose = |node: &Node<'_>| matches!(node, Node::Element(element) if element.is_loose());
        let wraps = around.is_some() || nodes.iter().any(is_loose);
        let mut at = 0;
        while at < nodes.len() {
            if let Node::Element(element) = &nodes[at]
                && (element.is_block() || element.holds_block())
            {
                self.block(element, around);
                at += 1;
                continue;
            }
            let is_line = |node: &Node<'_>| match node {
                Node::Text(_) => true,
                Node::Element(element) => !element.is_block() && !element.holds_block(),
            };
            let end = nodes[at..].iter().position(|node| !is_line(node)).map_or(nodes.len(), |length| at + length);
            self.line(&nodes[at..end], wraps.then_some(around.unwrap_or_default()));
            at = end;
        }
    }

    fn block(&mut self, element: &Element<'_>, around: Option<&str>) {
        if element.is_loose() {
            let own = direction(element.attributes).or(around).unwrap_or_default();
            return self.flow(&element.children, Some(own));
        }
        let name = element.outer_name();
        if VOID.contains(&name) {
            return self.open(element, None);
        }
        if !BLOCKS.contains(&name) {
            // A link or the like around blocks.
            self.open(element, None);
            self.flow(&element.children, around);
            return self.close(name);
        }
        if name == "table" {
            let is_caption = |node: &&Node<'_>| matches!(node, Node::Element(part) if part.name == "caption");
            for node in element.children.iter().filter(is_caption) {
                if let Node::Element(caption) = node {
                    self.flow(&caption.children, Some(""));
                }
            }
        }
        self.open(element, around);
        let is_line = TIGHT.contains(&name) || name.starts_with('h');
        let only_lines = |node: &Node<'_>| match node {
            Node::Text(_) => true,
            Node::Element(part) => !BLOCKS.contains(&part.outer_name()) && !holds_kept_block(part),
        };
        if is_line && element.children.iter().all(only_lines) {
            self.seam = false;
            self.keeps_lines = name == "pre";
            self.lines(&element.children);
            self.keeps_lines = false;
        } else if name == "table" {
            let parts =
                element.children.iter().filter(|node| !matches!(node, Node::Element(part) if part.name == "caption"));
            parts.for_each(|node| match node {
                Node::Element(part) => self.block(part, None),
                Node::Text(text) => self.html.push_str(text),
            });
        } else {
            self.flow(&element.children, None);
        }
        self.close(name);
    }

    /// Nodes of a line, in a paragraph with the attributes `wrap` if there are any.
    fn line(&mut self, nodes: &[Node<'_>], wrap: Option<&str>) {
        let Some(attributes) = wrap.filter(|_| nodes.iter().any(has_words)) else {
            return nodes.iter().for_each(|node| self.plain(node));
        };
        // Writing to a String cannot fail.
        let _ = write!(self.html, "<p{attributes}>");
        let start = self.html.len();
        nodes.iter().for_each(|node| self.plain(node));
        let end = self.html.trim_end().len().max(start);
        self.html.truncate(end);
        let lead = self.html[start..].len() - self.html[start..].trim_start().len();
        self.html.replace_range(start..start + lead, "");
        self.html.push_str("</p>");
    }

    fn plain(&mut self, node: &Node<'_>) {
        match node {
            Node::Text(text) => self.html.push_str(text),
            Node::Element(element) => {
                self.open(element, None);
                if !VOID.contains(&element.name) {
                    element.children.iter().for_each(|node| self.plain(node));
                    self.close(element.outer_name());
                }
            }
        }
    }

    /// The children of a tight block.
    fn lines(&mut self, nodes: &[Node<'_>]) {
        let start = self.html.len();
        self.all(nodes, Inside::Line);
        self.seam = false;
        // A break at the start separates nothing.
        if self.html[start..].starts_with("<br>") {
            self.html.replace_range(start..start + 4, "");
        }
    }

    fn in_line(&mut self, node: &Node<'_>) {
        match node {
            Node::Text(text) => {
                if !text.trim().is_empty() {
                    self.part();
                }
                self.html.push_str(text);
            }
            Node::Element(element) if element.is_loose() => {
                self.seam = true;
                element.children.iter().for_each(|node| self.in_line(node));
                self.seam = true;
            }
            Node::Element(element) => {
                if matches!(element.name, "img") {
                    self.part();
                }
                self.open(element, None);
                if !VOID.contains(&element.name) {
                    element.children.iter().for_each(|node| self.in_line(node));
                    self.close(element.outer_name());
                }
                if element.name == "br" {
                    self.seam = false;
                }
            }
        }
    }

    /// The break that a seam leaves between words.
    fn part(&mut self) {
        if std::mem::take(&mut self.seam) {
            let ends = ["<br>", "<td>", "<li>", "<th>", "<dd>", "<dt>", "<p>"];
            let before = self.html.trim_end();
            if self.keeps_lines && ends_line(&self.html) {
                return;
            }
            if !before.is_empty() && !ends.iter().any(|end| before.ends_with(end)) && !is_fresh(before) {
                self.html.push_str("<br>");
            }
        }
    }

    /// Its start tag; a loose block `around` it leaves it its direction.
    fn open(&mut self, element: &Element<'_>, around: Option<&str>) {
        let inherited = around.filter(|_| direction(element.attributes).is_none()).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(self.html, "<{}{}{inherited}>", element.outer_name(), element.attributes);
    }

    fn close(&mut self, name: &str) {
        let _ = write!(self.html, "</{name}>");
    }
}

/// Whether what is shown of `html` ends in a line break.
fn ends_line(html: &str) -> bool {
    let mut html = html;
    while let Some(at) = html.strip_suffix('>').and_then(|html| html.rfind('<')) {
        html = &html[..at];
    }
    html.trim_end_matches([' ', '\t']).ends_with('\n')
}

/// Whether `html` ends in the start tag of a block, and perhaps of lines in it.
fn is_fresh(html: &str) -> bool {
    let mut html = html;
    while let Some(at) = html.strip_suffix('>').and_then(|html| html.rfind('<')) {
        let name = html[at + 1..].trim_end_matches('>').split(' ').next().unwrap_or_default();
        if TIGHT.contains(&name) || name.len() == 2 && name.starts_with('h') {
            return true;
        }
        if name.starts_with('/') || VOID.contains(&name) {
            return false;
        }
        html = html[..at].trim_end();
    }
    false
}

fn holds_kept_block(element: &Element<'_>) -> bool {
    element.children.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Element(part) => BLOCKS.contains(&part.outer_name()) || holds_kept_block(part),
    })
}

fn has_words(node: &Node<'_>) -> bool {
    match node {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(element) => element.name == "img" || element.children.iter().any(has_words),
    }
}

/// The `dir` among attributes, with the space before it.
fn direction(attributes: &str) -> Option<&str> {
    let at = attributes.find(" dir=\"")?;
    let end = attributes[at + 6..].find('"')?;
    Some(&attributes[at..at + 6 + end + 1])
}
