//! Which tables hold data; and cells and rows of one in which nothing was kept: they still take up their places, so that
//! the others stay under their heads.

use ego_tree::{NodeId, NodeRef};
use scraper::Node;

use super::tags::{Tag, is_named, tag};

/// The attributes of a cell that say how many places it takes.
const SPANS: [&str; 2] = ["colspan", "rowspan"];
/// Rows above one that are looked at for cells that reach into it.
const ROWS: usize = 100;

/// What was written last of a table, and what is missing before the next part of it.
#[derive(Debug, Default)]
pub(super) struct Cells {
    cell: Option<NodeId>,
    row: Option<NodeId>,
}

impl Cells {
    /// Takes a cell that is about to be opened; writes the empty ones between it and the one before.
    pub(super) fn open(&mut self, cell: NodeRef<'_, Node>, html: &mut String) {
        let before: Vec<_> = cell
            .prev_siblings()
            .take_while(|node| Some(node.id()) != self.cell)
            .filter(|node| is_cell(*node))
            .collect();
        before.into_iter().rev().for_each(|cell| empty(cell, html));
        self.cell = Some(cell.id());
    }

    /// Takes a row that is about to be opened; writes the empty ones between it and the one before, if cells reach into
    /// them from above.
    pub(super) fn open_row(&mut self, row: NodeRef<'_, Node>, html: &mut String) {
        let is_new = |node: &NodeRef<'_, Node>| Some(node.id()) != self.row;
        let rows = || row.prev_siblings().filter(|node| is_named(*node, "tr"));
        let between: Vec<_> = rows().take_while(is_new).collect();
        let reach = |(at, above): (usize, NodeRef<'_, Node>)| above.children().any(|cell| rows_of(cell) > at + 1);
        if !between.is_empty()
            && rows().nth(between.len()).is_some()
            && rows().skip(between.len()).take(ROWS).enumerate().any(reach)
        {
            for row in between.into_iter().rev() {
                html.push_str("<tr>");
                row.children().filter(|node| is_cell(*node)).for_each(|cell| empty(cell, html));
                html.push_str("</tr>");
            }
        }
        self.row = Some(row.id());
    }

    /// Takes a row that is about to be closed; writes the empty cells at its end.
    pub(super) fn close_row(&mut self, row: NodeRef<'_, Node>, html: &mut String) {
        let Some(last) = row.children().find(|node| Some(node.id()) == self.cell) else { return };
        last.next_siblings().filter(|node| is_cell(*node)).for_each(|cell| empty(cell, html));
    }
}

fn empty(cell: NodeRef<'_, Node>, html: &mut String) {
    let name = if is_named(cell, "th") { "th" } else { "td" };
    html.push('<');
    html.push_str(name);
    spans(cell, html);
    html.push_str("></");
    html.push_str(name);
    html.push('>');
}

/// Writes the attributes of a cell that say how many places it takes.
pub(super) fn spans(cell: NodeRef<'_, Node>, html: &mut String) {
    for span in SPANS {
        if let Some(count) = places(cell, span) {
            html.push_str(&format!(" {span}=\"{count}\""));
        }
    }
}

fn places(cell: NodeRef<'_, Node>, span: &str) -> Option<u16> {
    cell.value().as_element()?.attr(span)?.trim().parse().ok()
}

/// The rows that a cell reaches into, its own among them.
fn rows_of(cell: NodeRef<'_, Node>) -> usize {
    places(cell, "rowspan").map_or(1, usize::from)
}

pub(super) fn is_cell(node: NodeRef<'_, Node>) -> bool {
    node.value().as_element().is_some_and(|element| tag(element.name()) == Tag::Cell)
}

/// Whether a table holds data rather than layout: rows with several short cells, and no table inside.
pub(super) fn is_data(table: NodeRef<'_, Node>) -> bool {
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
