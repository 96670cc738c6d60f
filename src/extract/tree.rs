//! The page's tree → its elements and its blocks of text, both in document order.

use std::collections::HashMap;

use ego_tree::{NodeId, NodeRef};
use scraper::{Html, Node};

use super::block_text::Run;
use super::code_lines::is_code;
use super::formulas::{formula, is_drawing};
use super::headings::is_mark;
use super::hints::{Hints, hints_of};
use super::in_line::is_in_line;
use super::signs::sign;
use super::tags::{self, Tag};
use crate::text::numbers_lines;

/// One element that may hold text.
#[derive(Debug)]
pub(super) struct Element {
    /// Its node in the tree.
    pub(super) id: NodeId,
    /// Index of the element around it; its own index for the first.
    pub(super) parent: usize,
    /// Elements around it.
    pub(super) depth: usize,
    /// Its name.
    pub(super) tag: Tag,
    /// What its class, id, role and `itemprop` say.
    pub(super) hints: Hints,
    /// Hash of its name and classes and those of the two elements around it: the same for parts made by one template.
    pub(super) kind: u64,
}

/// A run of text not divided by a block element.
#[derive(Debug)]
pub(super) struct Block {
    /// Index of the block element that contains it.
    pub(super) element: usize,
    /// Its text, white space collapsed.
    pub(super) text: String,
    /// Its characters.
    pub(super) chars: usize,
    /// Its characters inside links.
    pub(super) link_chars: usize,
    /// Its characters in bold.
    pub(super) bold_chars: usize,
    /// Pictures seen since the block before it.
    pub(super) images_before: usize,
    /// It holds a `<time>`.
    pub(super) has_time: bool,
    /// Its text nodes and line breaks, in document order.
    pub(super) nodes: Vec<NodeId>,
}

/// A picture and where it is.
#[derive(Debug)]
pub(super) struct Picture {
    /// Its node.
    pub(super) node: NodeId,
    /// Index of the block element that contains it.
    pub(super) element: usize,
    /// Blocks before it.
    pub(super) blocks_before: usize,
    /// It is inside the text of a block.
    pub(super) is_inline: bool,
    /// Its place among pictures and all else that stands between blocks.
    pub(super) order: usize,
}

/// Something between blocks that has no text of its own, and where it is.
#[derive(Debug)]
pub(super) struct Between {
    /// Its node.
    pub(super) node: NodeId,
    /// What it is.
    pub(super) kind: Kind,
    /// Index of the block element that contains it.
    pub(super) element: usize,
    /// Blocks before it, that in which it stands among them.
    pub(super) blocks_before: usize,
    /// As that of pictures.
    pub(super) order: usize,
}

/// What stands between blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `hr`.
    Rule,
    /// `video`, `audio`, `iframe`.
    Player,
}

/// The parts of a page that are looked at.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Elements, in document order.
    pub(super) elements: Vec<Element>,
    /// Blocks, in document order.
    pub(super) blocks: Vec<Block>,
    /// Pictures, in document order.
    pub(super) pictures: Vec<Picture>,
    /// Rules and players, in document order.
    pub(super) between: Vec<Between>,
}

impl Parts {
    /// The place of what comes next among pictures and all else that stands between blocks.
    fn order(&self) -> usize {
        self.pictures.len() + self.between.len()
    }
}

/// Finds the parts of `page` below `root`; what `removed` reports is skipped.
pub(super) fn parts(page: &Html, root: NodeId, removed: impl Fn(NodeId) -> bool) -> Parts {
    let Some(root) = page.tree.get(root) else { return Parts::default() };
    let mut walk = Walk::default();
    let mut node = root;
    loop {
        let goes_in = walk.open(node, &removed);
        if goes_in && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        if goes_in {
            walk.close(node);
        }
        loop {
            if node.id() == root.id() {
                walk.flush();
                return walk.parts;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return walk.parts };
            node = parent;
            walk.close(node);
        }
    }
}

/// Where the walk is.
#[derive(Debug, Default)]
struct Walk {
    parts: Parts,
    /// Open elements: indices of those that separate blocks.
    open: Vec<usize>,
    /// Open elements that belong to the line in which they stand, though their names do not say so.
    lines: Vec<NodeId>,
    /// The block being built.
    run: Run,
    in_link: usize,
    in_bold: usize,
    /// Line breaks since the last text.
    breaks: usize,
    hints: HashMap<String, Hints, foldhash::fast::FixedState>,
}

impl Walk {
    /// Takes a node. Returns whether its children are looked at (and [`Walk::close`] is to be called).
    fn open(&mut self, node: NodeRef<'_, Node>, removed: &impl Fn(NodeId) -> bool) -> bool {
        match node.value() {
            Node::Text(text) => {
                self.text(node.id(), text);
                false
            }
            Node::Element(element)
                if element.name() == "span"
                    && (is_drawing(node) || element.attr("class").is_some_and(numbers_lines) && self.is_in_code()) =>
            {
                false
            }
            Node::Element(element) => {
                let tag = match tags::tag(element.name()) {
                    Tag::Other if is_code(node) => Tag::Pre,
                    tag => tag,
                };
                if tag == Tag::Img {
                    let sign = sign(node).filter(|_| !removed(node.id()) && !is_hidden(element));
                    match sign {
                        Some(sign) => self.text(node.id(), sign.text()),
                        None => self.picture(node.id()),
                    }
                }
                if let Some(formula) = formula(node).filter(|_| !removed(node.id())) {
                    self.text(node.id(), &formula);
                    return false;
                }
                if let Some(kind) = between_kind(element.name()).filter(|_| !removed(node.id()) && !is_hidden(element))
                {
                    self.between(node.id(), kind);
                }
                // A page that hides all of itself shows itself by a script: against flicker, or in frames of others.
                let is_whole = matches!(tag, Tag::Html | Tag::Body);
                if tag.is_unseen() || removed(node.id()) || (!is_whole && is_hidden(element)) {
                    return false;
                }
                if self.holder().is_some_and(|holder| matches!(holder, Tag::H(_))) && is_mark(node) {
                    return false;
                }
                match tag {
                    Tag::Br => self.line_break(node.id()),
                    Tag::A => self.in_link += 1,
                    Tag::Bold => self.in_bold += 1,
                    Tag::Time => self.run.has_time = true,
                    _ => {}
                }
                if !tag.is_inline() && !self.goes_on(node, tag) {
                    self.flush();
                    self.element(node.id(), element, tag);
                }
                true
            }
            Node::Document | Node::Fragment => true,
            _ => false,
        }
    }

    fn close(&mut self, node: NodeRef<'_, Node>) {
        let Node::Element(element) = node.value() else { return };
        let tag = tags::tag(element.name());
        match tag {
            Tag::A => self.in_link -= 1,
            Tag::Bold => self.in_bold -= 1,
            _ => {}
        }
        if self.lines.last() == Some(&node.id()) {
            self.lines.pop();
        } else if !tag.is_inline() {
            self.flush();
            self.open.pop();
        }
    }

    /// Whether `node` belongs to the line in which it stands, whatever it is called; remembers it until it is closed.
    fn goes_on(&mut self, node: NodeRef<'_, Node>, tag: Tag) -> bool {
        let goes_on = !self.lines.is_empty() || self.holder().is_some_and(|holder| is_in_line(node, holder));
        let goes_on = goes_on && tag != Tag::Pre;
        if goes_on {
            self.lines.push(node.id());
        }
        goes_on
    }

    /// The innermost block element that is open.
    fn holder(&self) -> Option<Tag> {
        self.open.last().map(|element| self.parts.elements[*element].tag)
    }

    fn element(&mut self, id: NodeId, element: &scraper::node::Element, tag: Tag) {
        let index = self.parts.elements.len();
        let parent = self.open.last().copied().unwrap_or(index);
        let mut words = String::new();
        for name in ["class", "id", "role", "itemprop", "data-testid", "data-component"] {
            if let Some(value) = element.attr(name) {
                words.push_str(value);
                words.push(' ');
            }
        }
        let hints = if matches!(tag, Tag::Html | Tag::Body) {
            Hints::default()
        } else if let Some(hints) = self.hints.get(&words) {
            *hints
        } else {
            let hints = hints_of(&words);
            self.hints.insert(words, hints);
            hints
        };
        let own = kind(element.name(), element.attr("class").unwrap_or_default());
        let around = self.parts.elements.get(parent).map_or(0, |parent| parent.kind);
        let kind = own ^ (around << 20);
        let depth = self.open.len();
        self.parts.elements.push(Element { id, parent, depth, tag, hints, kind });
        self.open.push(index);
    }

    fn text(&mut self, id: NodeId, text: &str) {
        let chars = self.run.add(id, text);
        if chars > 0 {
            self.breaks = 0;
        }
        if self.in_link > 0 {
            self.run.link_chars += chars;
        }
        if self.in_bold > 0 {
            self.run.bold_chars += chars;
        }
    }

    fn is_in_code(&self) -> bool {
        self.open.iter().any(|element| self.parts.elements[*element].tag == Tag::Pre)
    }

    fn picture(&mut self, node: NodeId) {
        self.run.images += 1;
        if let Some(&element) = self.open.last() {
            let (blocks_before, is_inline) = (self.parts.blocks.len(), !self.run.text.is_empty());
            let order = self.parts.order();
            self.parts.pictures.push(Picture { node, element, blocks_before, is_inline, order });
        }
    }

    fn between(&mut self, node: NodeId, kind: Kind) {
        if let Some(&element) = self.open.last() {
            let blocks_before = self.parts.blocks.len() + usize::from(!self.run.text.is_empty());
            let order = self.parts.order();
            self.parts.between.push(Between { node, kind, element, blocks_before, order });
        }
    }

    /// Two in a row separate paragraphs.
    fn line_break(&mut self, node: NodeId) {
        self.run.space = true;
        if !self.run.text.is_empty() {
            self.run.nodes.push(node);
        }
        self.breaks += 1;
        if self.breaks == 2 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.breaks = 0;
        let Some(&element) = self.open.last() else { return };
        if self.run.text.is_empty() {
            self.run.space = false;
            return;
        }
        let run = std::mem::take(&mut self.run);
        self.parts.blocks.push(Block {
            element,
            text: run.text,
            chars: run.chars,
            link_chars: run.link_chars,
            bold_chars: run.bold_chars,
            images_before: run.images,
            has_time: run.has_time,
            nodes: run.nodes,
        });
    }
}

/// What the element `name` is, if it stands between blocks.
fn between_kind(name: &str) -> Option<Kind> {
    match name {
        "hr" => Some(Kind::Rule),
        "video" | "audio" | "iframe" => Some(Kind::Player),
        _ => None,
    }
}

/// Whether the element itself says that it is not to be seen.
fn is_hidden(element: &scraper::node::Element) -> bool {
    element.attr("hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || element.attr("style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Hash of a name and the words of a class without their numbers.
fn kind(name: &str, class: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes().chain([b' ']).chain(class.bytes().filter(|byte| !byte.is_ascii_digit())) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// `element` and the elements around it, from the inside out.
pub(super) fn up(parts: &Parts, element: usize) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(Some(element), |at| {
        let parent = parts.elements[*at].parent;
        (parent != *at).then_some(parent)
    })
}
