//! The blocks that were kept → a clean HTML fragment, with markup from the page's own tree.

use std::borrow::Cow;
use std::collections::HashSet;

use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

use super::code_lines::is_code;
use super::tags::{Tag, tag};
use super::tree::{Block, Parts, Picture, math_text};
use crate::text::{
    FoundPicture as Found, escape_into, is_ornament, largest_in_set, largest_picture_source, picture_source, web_url,
};

/// The kept blocks (and pictures among them) as HTML; addresses are resolved against `base`.
pub(super) fn html(page: &Html, parts: &Parts, kept: &[bool], pictures: &[&Picture], base: &Url) -> String {
    let mut out = Out { page, base, html: String::new(), open: Vec::new(), inline: Vec::new(), tables: HashSet::new() };
    let mut pictures = pictures.iter().peekable();
    for (at, block) in parts.blocks.iter().enumerate() {
        while let Some(picture) = pictures
            .next_if(|picture| picture.blocks_before <= at && !(picture.is_inline && picture.blocks_before == at))
        {
            out.picture(picture);
        }
        if kept[at] {
            out.block(block, parts.elements[block.element].tag, parts.elements[block.element].id);
        }
    }
    for picture in pictures {
        out.picture(picture);
    }
    out.close_to(0);
    out.html
}

fn is_sponsored(rel: &str) -> bool {
    rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("sponsored"))
}

/// An open element: its node and its name in the output.
type Open = (NodeId, &'static str);

struct Out<'a> {
    page: &'a Html,
    base: &'a Url,
    html: String,
    /// Block elements that are open.
    open: Vec<Open>,
    /// Inline elements that are open inside the block.
    inline: Vec<Open>,
    /// Tables known to hold data.
    tables: HashSet<NodeId>,
}

impl<'a> Out<'a> {
    fn block(&mut self, block: &Block, tag: Tag, element: NodeId) {
        let Some(node) = self.page.tree.get(element) else { return };
        self.open_around(node);
        // Text that is in no element of its own is a paragraph.
        let own = self.open.last().is_some_and(|(id, _)| *id == element) && !matches!(tag, Tag::Quote | Tag::Figure);
        let in_code = self.open.iter().any(|(_, name)| *name == "pre");
        let wraps = !own && !in_code;
        if wraps {
            self.html.push_str("<p>");
        } else if in_code && !self.html.ends_with("<pre>") {
            self.html.push('\n');
        }
        let start = self.html.len();
        for node in &block.nodes {
            let Some(node) = self.page.tree.get(*node) else { continue };
            self.open_inline(node, element);
            match node.value() {
                Node::Text(text) if in_code => escape_into(text, &mut self.html),
                Node::Text(text) => self.words(text, start),
                Node::Element(element) if element.name() == "math" => self.words(&math_text(node), start),
                _ => self.html.push_str("<br>"),
            }
        }
        self.close_inline(0);
        let end = self.html.trim_end_matches(' ').len();
        if !in_code {
            self.html.truncate(end);
        }
        if wraps {
            self.html.push_str("</p>");
        }
    }

    /// Text with its white space collapsed; none at the start of a block.
    fn words(&mut self, text: &str, start: usize) {
        let spaced = |html: &str| html.len() == start || html.ends_with([' ', '\n']) || html.ends_with("<br>");
        if text.starts_with(char::is_whitespace) && !spaced(&self.html) {
            self.html.push(' ');
        }
        let mut words = text.split_whitespace().peekable();
        let is_blank = words.peek().is_none();
        while let Some(word) = words.next() {
            escape_into(word, &mut self.html);
            if words.peek().is_some() {
                self.html.push(' ');
            }
        }
        if !is_blank && text.ends_with(char::is_whitespace) {
            self.html.push(' ');
        }
    }

    /// Opens the block elements around `node` and `node` itself, after closing those that are not.
    fn open_around(&mut self, node: NodeRef<'a, Node>) {
        let mut around: Vec<(NodeRef<'a, Node>, &'static str)> = std::iter::once(node)
            .chain(node.ancestors())
            .filter_map(|node| Some((node, self.block_name(node)?)))
            .collect();
        around.reverse();
        let shared = around.iter().zip(&self.open).take_while(|((node, _), (id, _))| node.id() == *id).count();
        self.close_to(shared);
        for (node, name) in around.into_iter().skip(shared) {
            if matches!(name, "td" | "th") {
                self.empty_cells(node);
            }
            self.html.push('<');
            self.html.push_str(name);
            if let Some(element) = node.value().as_element().filter(|_| matches!(name, "td" | "th")) {
                for span in ["colspan", "rowspan"] {
                    if let Some(count) = element.attr(span).and_then(|count| count.trim().parse::<u16>().ok()) {
                        self.html.push_str(&format!(" {span}=\"{count}\""));
                    }
                }
            }
            self.html.push('>');
            self.open.push((node.id(), name));
        }
    }

    /// Cells before `cell` in which nothing was kept still take up their places.
    fn empty_cells(&mut self, cell: NodeRef<'a, Node>) {
        let is_row = self.html.ends_with("<tr>") || self.html.ends_with("</td>") || self.html.ends_with("</th>");
        if !is_row || self.html.ends_with("</td>") || self.html.ends_with("</th>") {
            return;
        }
        let before = cell
            .prev_siblings()
            .filter(|node| node.value().as_element().is_some_and(|one| tag(one.name()) == Tag::Cell))
            .count();
        for _ in 0..before.min(50) {
            self.html.push_str("<td></td>");
        }
    }

    /// The name that a block element has in the output; `None` for those that only serve layout.
    fn block_name(&mut self, node: NodeRef<'a, Node>) -> Option<&'static str> {
        let element = node.value().as_element()?;
        let name = element.name();
        let of_table = matches!(name, "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th");
        if of_table {
            let table = std::iter::once(node).chain(node.ancestors()).find(|node| is_named(*node, "table"))?;
            if !self.tables.contains(&table.id()) {
                if !is_data(table) {
                    return None;
                }
                self.tables.insert(table.id());
            }
        }
        const NAMES: [&str; 24] = [
            "p",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
            "blockquote",
            "pre",
            "table",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "td",
            "th",
            "figure",
            "figcaption",
            "hr",
        ];
        match name {
            "h1" => Some("h2"),
            // A list item outside a list is a paragraph.
            "li" => node.ancestors().take(1).any(|node| is_named(node, "ul") || is_named(node, "ol")).then_some("li"),
            "div" if is_code(node) => (!node.ancestors().any(|node| is_named(node, "pre"))).then_some("pre"),
            _ => NAMES.iter().copied().find(|known| *known == name),
        }
    }

    fn close_to(&mut self, length: usize) {
        while self.open.len() > length {
            if let Some((_, name)) = self.open.pop() {
                self.html.push_str("</");
                self.html.push_str(name);
                self.html.push('>');
            }
        }
    }

    /// Opens the inline elements between the block element and `node`.
    fn open_inline(&mut self, node: NodeRef<'a, Node>, block: NodeId) {
        let mut around: Vec<(NodeRef<'a, Node>, &'static str)> = node
            .ancestors()
            .take_while(|node| node.id() != block)
            .filter_map(|node| Some((node, inline_name(node.value().as_element()?)?)))
            .collect();
        around.reverse();
        let shared = around.iter().zip(&self.inline).take_while(|((node, _), (id, _))| node.id() == *id).count();
        self.close_inline(shared);
        for (node, name) in around.into_iter().skip(shared) {
            self.html.push('<');
            self.html.push_str(name);
            let address = node
                .value()
                .as_element()
                .filter(|_| name == "a")
                .and_then(|link| web_url(link.attr("href")?, Some(self.base)));
            if let Some(address) = address {
                self.attribute("href", address.as_str());
                // A link that somebody paid for goes on saying so.
                if node.value().as_element().and_then(|link| link.attr("rel")).is_some_and(is_sponsored) {
                    self.attribute("rel", "sponsored");
                }
            }
            self.html.push('>');
            self.inline.push((node.id(), name));
        }
    }

    fn close_inline(&mut self, length: usize) {
        while self.inline.len() > length {
            if let Some((_, name)) = self.inline.pop() {
                self.html.push_str("</");
                self.html.push_str(name);
                self.html.push('>');
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.html.push(' ');
        self.html.push_str(name);
        self.html.push_str("=\"");
        let mut escaped = String::with_capacity(value.len());
        escape_into(value, &mut escaped);
        self.html.push_str(&escaped.replace('"', "&quot;"));
        self.html.push('"');
    }

    /// A picture as a figure, with its caption.
    fn picture(&mut self, picture: &Picture) {
        let Some(node) = self.page.tree.get(picture.node) else { return };
        let Some(element) = node.value().as_element() else { return };
        let Some(address) = address_of(node, Size::AsShown, self.base) else { return };
        self.close_to(0);
        self.html.push_str("<figure><img");
        self.attribute("src", address.as_str());
        if let Some(alt) = element.attr("alt").map(str::trim).filter(|alt| !alt.is_empty()) {
            self.attribute("alt", alt);
        }
        self.html.push('>');
        let figure = node.ancestors().take(6).find(|node| is_named(*node, "figure"));
        let caption = figure.and_then(|figure| figure.descendants().find(|node| is_named(*node, "figcaption")));
        if let Some(caption) = caption {
            let text: String =
                caption.descendants().filter_map(|node| node.value().as_text().map(|text| &*text.text)).collect();
            self.html.push_str("<figcaption>");
            let start = self.html.len();
            self.words(text.trim(), start);
            self.html.push_str("</figcaption>");
        }
        self.html.push_str("</figure>");
    }
}

fn is_named(node: NodeRef<'_, Node>, name: &str) -> bool {
    node.value().as_element().is_some_and(|element| element.name() == name)
}

/// Whether a table holds data rather than layout: rows with several short cells, and no table inside.
fn is_data(table: NodeRef<'_, Node>) -> bool {
    const LONG_CELL_CHARS: usize = 400;
    let (mut rows, mut cells, mut bytes) = (0, 0, 0);
    for node in table.descendants().skip(1) {
        match node.value() {
            Node::Element(element) if element.name() == "table" => return false,
            Node::Element(element) if element.name() == "tr" => rows += 1,
            Node::Element(element) if matches!(element.name(), "td" | "th") => cells += 1,
            Node::Text(text) => bytes += text.trim().len(),
            _ => {}
        }
    }
    // One row may be a single cell over all the others.
    rows >= 2 && cells + 1 >= 2 * rows && cells > rows && bytes / cells < LONG_CELL_CHARS
}

fn inline_name(element: &Element) -> Option<&'static str> {
    Some(match element.name() {
        "a" if element.attr("href").is_some() => "a",
        "b" | "strong" => "strong",
        "i" | "em" => "em",
        "code" | "tt" => "code",
        "kbd" => "kbd",
        "samp" => "samp",
        "var" => "var",
        "sub" => "sub",
        "sup" => "sup",
        "s" | "strike" | "del" => "del",
        "ins" => "ins",
        "q" => "q",
        "abbr" => "abbr",
        _ => return None,
    })
}

/// In which size a picture is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    AsShown,
    Largest,
}

/// The address of a picture, also for those that load late and those of `picture`; `None` for placeholders and tracking
/// pixels.
fn address_of(node: NodeRef<'_, Node>, size: Size, base: &Url) -> Option<Url> {
    let element = node.value().as_element()?;
    let is_tiny = |name: &str| element.attr(name).is_some_and(|size| matches!(size.trim_end_matches("px"), "0" | "1"));
    if is_tiny("width") || is_tiny("height") {
        return None;
    }
    let attr = |name: &str| element.attr(name).map(Cow::Borrowed);
    let all = || element.attrs().map(|(name, value)| (name, Cow::Borrowed(value)));
    let own = match size {
        Size::AsShown => picture_source(attr, all).map(Found::into_address),
        Size::Largest => largest_picture_source(attr, all),
    };
    let found = own.or_else(|| {
        let picture = node.parent().filter(|parent| is_named(*parent, "picture"))?;
        let sets = picture.children().filter(|node| is_named(*node, "source"));
        sets.filter_map(|node| node.value().as_element()).find_map(|source| {
            let set = ["srcset", "data-srcset", "data-lazy-srcset"].iter().find_map(|name| source.attr(name))?;
            largest_in_set(set)
        })
    })?;
    web_url(&found, Some(base))
}

/// The address of a picture that shows something of the story: not a portrait, icon, emoji or formula.
pub(super) fn photograph(page: &Html, picture: &Picture, base: &Url) -> Option<Url> {
    let node = page.tree.get(picture.node)?;
    let element = node.value().as_element()?;
    let address = address_of(node, Size::Largest, base)?;
    (!is_ornament(|name| element.attr(name).map(Cow::Borrowed), address.as_str())).then_some(address)
}
