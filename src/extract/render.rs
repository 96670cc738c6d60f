//! The blocks that were kept → a clean HTML fragment, with markup from the page's own tree.

use std::collections::HashSet;

use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

use super::captions::{caption_in, frame_of};
use super::cells::{self, Cells};
use super::code_lines::is_code;
use super::direction::direction;
use super::formulas::formula;
use super::headings::words_of;
use super::picture_address::{Size, address_of};
use super::signs::{Sign, sign};
use super::tags::{self, Tag, is_named};
use super::tree::{Between, Block, Kind, Parts, Picture};
use super::{between, numbers};
use crate::text::{escape_into, web_url};

/// Of a longer caption not more than about as much is written, in bytes.
const LONGEST_CAPTION: usize = 10_000;

/// What stands among the kept blocks.
#[derive(Debug)]
pub(super) struct Among<'a> {
    /// Pictures, in document order.
    pub(super) pictures: Vec<&'a Picture>,
    /// Rules and players, in document order.
    pub(super) between: Vec<&'a Between>,
}

/// The kept blocks and what stands among them as HTML; addresses are resolved against `base`.
pub(super) fn html(page: &Html, parts: &Parts, kept: &[bool], among: &Among<'_>, base: &Url) -> String {
    let mut out = Out {
        page,
        base,
        html: String::new(),
        open: Vec::new(),
        inline: Vec::new(),
        tables: HashSet::new(),
        captions: HashSet::new(),
        frames: HashSet::new(),
        cells: Cells::default(),
    };
    let mut pictures = among.pictures.iter().peekable();
    let mut between = among.between.iter().peekable();
    for (at, block) in parts.blocks.iter().enumerate() {
        loop {
            let is_due = |picture: &&&&Picture| picture.blocks_before < at + usize::from(!picture.is_inline);
            let picture = pictures.peek().filter(is_due).map(|picture| picture.order);
            let other = between.peek().filter(|one| one.blocks_before <= at).map(|one| one.order);
            match (picture, other) {
                (Some(picture), other) if other.is_none_or(|other| picture < other) => {
                    pictures.next().into_iter().for_each(|picture| out.picture(picture));
                }
                (_, Some(_)) => between.next().into_iter().for_each(|one| out.between(one)),
                _ => break,
            }
        }
        if kept[at] {
            out.block(block, parts.elements[block.element].tag, parts.elements[block.element].id);
        }
    }
    pictures.for_each(|picture| out.picture(picture));
    between.for_each(|one| out.between(one));
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
    /// Captions that were written.
    captions: HashSet<NodeId>,
    /// What is around pictures, once its caption was looked for: each is written once.
    frames: HashSet<NodeId>,
    /// Which of their cells were written.
    cells: Cells,
}

impl<'a> Out<'a> {
    fn block(&mut self, block: &Block, tag: Tag, element: NodeId) {
        let Some(node) = self.page.tree.get(element) else { return };
        if self.is_told(node) {
            return;
        }
        let before = self.html.len();
        self.open_around(node);
        // Text that is in no element of its own is a paragraph.
        let own = self.open.last().is_some_and(|(id, _)| *id == element) && !matches!(tag, Tag::Quote | Tag::Figure);
        let in_code = self.open.iter().any(|(_, name)| *name == "pre");
        let wraps = !own && !in_code;
        if wraps {
            self.start("p", node);
        } else if in_code && !self.html.ends_with("<pre>") {
            self.html.push('\n');
        } else if before == self.html.len() && !self.html.ends_with("<br>") {
            // The second part of a line from which something was left out.
            self.html.push(' ');
        }
        let start = self.html.len();
        for node in &block.nodes {
            let Some(node) = self.page.tree.get(*node) else { continue };
            self.open_inline(node, element);
            match node.value() {
                Node::Text(text) if in_code => escape_into(text, &mut self.html),
                Node::Text(text) => self.words(text, start),
                Node::Element(element) if element.name() == "br" => self.html.push_str("<br>"),
                Node::Element(element) if element.name() == "img" => self.sign(node, element, start),
                _ => self.words(&formula(node).unwrap_or_default(), start),
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
        for (at, &(node, name)) in around.iter().enumerate().skip(shared) {
            match name {
                "tr" => self.cells.open_row(node, &mut self.html),
                "td" | "th" => self.cells.open(node, &mut self.html),
                _ => {}
            }
            self.open_tag(name, node);
            match name {
                "td" | "th" => cells::spans(node, &mut self.html),
                "ol" => numbers::of_list(node, around.get(at + 1).map(|(node, _)| *node), &mut self.html),
                "li" => numbers::of_item(node, &mut self.html),
                _ => {}
            }
            self.html.push('>');
            self.open.push((node.id(), name));
        }
    }

    /// Begins the start tag of a block element for `node`, with the way it reads where that is not the way around it.
    fn open_tag(&mut self, name: &str, node: NodeRef<'a, Node>) {
        self.html.push('<');
        self.html.push_str(name);
        let around = self.open.last().and_then(|(id, _)| direction(self.page.tree.get(*id)?));
        let own = direction(node);
        if let Some(own) = own.filter(|way| *way != around.unwrap_or("ltr")) {
            self.attribute("dir", own);
        }
    }

    fn start(&mut self, name: &str, node: NodeRef<'a, Node>) {
        self.open_tag(name, node);
        self.html.push('>');
    }

    /// The name that a block element has in the output; `None` for those that only serve layout.
    fn block_name(&mut self, node: NodeRef<'a, Node>) -> Option<&'static str> {
        let element = node.value().as_element()?;
        let name = element.name();
        let of_table = matches!(name, "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th");
        if of_table {
            let table = std::iter::once(node).chain(node.ancestors()).find(|node| is_named(*node, "table"))?;
            if !self.tables.contains(&table.id()) {
                if !cells::is_data(table) {
                    return None;
                }
                self.tables.insert(table.id());
            }
        }
        const NAMES: [&str; 23] = [
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
            if let Some((id, name)) = self.open.pop() {
                if let Some(row) = self.page.tree.get(id).filter(|_| name == "tr") {
                    self.cells.close_row(row, &mut self.html);
                }
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
            .filter_map(|node| Some((node, tags::inline_name(node.value().as_element()?)?)))
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

    /// A picture as a figure, with its caption; in a cell of a table, where it stands.
    fn picture(&mut self, picture: &Picture) {
        let Some(node) = self.page.tree.get(picture.node) else { return };
        let Some(element) = node.value().as_element() else { return };
        let Some(address) = address_of(node, Size::AsShown, self.base) else { return };
        let cell = node.ancestors().find(|node| cells::is_cell(*node));
        if let Some(cell) = cell.filter(|cell| self.block_name(*cell).is_some()) {
            self.open_around(cell);
            return self.img(element, &address);
        }
        let is_around = |id: NodeId| node.ancestors().any(|around| around.id() == id);
        if let Some(at) = self.open.iter().position(|(id, name)| *name == "figure" && is_around(*id)) {
            // Its caption came first.
            self.close_to(at + 1);
            return self.img(element, &address);
        }
        self.close_to(0);
        self.html.push_str("<figure>");
        self.img(element, &address);
        let caption = frame_of(node).filter(|frame| self.frames.insert(frame.id())).and_then(caption_in);
        if let Some(caption) = caption.filter(|caption| self.captions.insert(caption.id())) {
            self.start("figcaption", caption);
            let start = self.html.len();
            self.words(words_of(caption, LONGEST_CAPTION).trim(), start);
            self.html.push_str("</figcaption>");
        }
        self.html.push_str("</figure>");
    }

    /// Whether `node` is in a caption that was written with its picture.
    fn is_told(&self, node: NodeRef<'a, Node>) -> bool {
        const AROUND: usize = 3;
        !self.captions.is_empty()
            && std::iter::once(node).chain(node.ancestors()).take(AROUND).any(|node| self.captions.contains(&node.id()))
    }

    /// A picture in a line: what it says, or itself.
    fn sign(&mut self, node: NodeRef<'a, Node>, element: &Element, start: usize) {
        match sign(node) {
            Some(Sign::Text(text)) => self.words(&text, start),
            Some(Sign::Small(name)) => match address_of(node, Size::AsShown, self.base) {
                Some(address) => self.img(element, &address),
                None => self.words(&name, start),
            },
            None => {}
        }
    }

    /// A rule, or a link to what a player plays.
    fn between(&mut self, one: &Between) {
        let Some(node) = self.page.tree.get(one.node) else { return };
        let played = || between::played(self.page, one, self.base);
        let Some(played) = (if one.kind == Kind::Rule { Some(None) } else { played().map(Some) }) else { return };
        const HOLDERS: [&str; 6] = ["li", "dd", "td", "th", "blockquote", "figure"];
        let holds = |node: &NodeRef<'a, Node>| HOLDERS.iter().any(|name| is_named(*node, name));
        match node.ancestors().filter(holds).find(|node| self.block_name(*node).is_some()) {
            Some(holder) => self.open_around(holder),
            None => self.close_to(0),
        }
        let Some((address, name)) = played else { return self.html.push_str("<hr>") };
        self.html.push_str("<p><a");
        self.attribute("href", address.as_str());
        self.html.push('>');
        escape_into(&name, &mut self.html);
        self.html.push_str("</a></p>");
    }

    fn img(&mut self, element: &Element, address: &Url) {
        self.html.push_str("<img");
        self.attribute("src", address.as_str());
        if let Some(alt) = element.attr("alt").map(str::trim).filter(|alt| !alt.is_empty()) {
            self.attribute("alt", alt);
        }
        self.html.push('>');
    }
}
