//! HTML whose elements are where HTML allows them: items in lists, cells in tables, no block in a
//! paragraph, no link in a link.
//!
//! A sanitiser takes elements away, and what stays may be misplaced: browsers show it all the same, strict
//! parsers and validators complain about it. Here it is read as the tree that it is and written by the content
//! models of HTML (WHATWG 4). What is misplaced loses its element, never its text.

use std::fmt::Write as _;

use unicode_normalization::char::is_combining_mark;

use crate::text::{Element, Node, nodes_of};

const BLOCKS: &str =
    " p h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th blockquote pre figure figcaption hr ";
const INLINE: &str = " abbr b bdi bdo code del em i ins kbd q s samp small strong sub sup u var time ";
/// No table is wider; more columns are somebody's mistake.
const MOST_COLUMNS: usize = 100;

/// `html` (as a serialiser wrote it: every element closed, attributes in double quotes) in good order.
pub(super) fn in_order(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    write_all(&nodes_of(html), Place::default(), &mut out);
    out
}

/// What may appear here.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Only text and what is part of a line.
    in_line: bool,
    in_link: bool,
}

fn write_all(nodes: &[Node<'_>], place: Place, out: &mut String) {
    for (at, node) in nodes.iter().enumerate() {
        match node {
            Node::Text(text) => write_text(text, out),
            // A block in a line: its words, set apart from those beside it.
            Node::Element(element) if place.in_line && is_in(BLOCKS, element.name) => {
                separate(out);
                write_all(&element.children, place, out);
                if at + 1 < nodes.len() {
                    separate(out);
                }
            }
            Node::Element(element) => write(element, place, out),
        }
    }
}

/// After a start tag a combining mark has only the markup to combine with.
fn write_text(text: &str, out: &mut String) {
    let tag = out.strip_suffix('>').and_then(|before| before.rsplit_once('<')).map(|(_, tag)| tag);
    let starts = tag.is_some_and(|tag| !tag.starts_with('/'));
    out.push_str(if starts { text.trim_start_matches(is_combining_mark) } else { text });
}

fn write(element: &Element<'_>, place: Place, out: &mut String) {
    let line = Place { in_line: true, ..place };
    let children = &element.children;
    match element.name {
        "br" | "img" | "wbr" => out.push_str(element.tag),
        "a" if !place.in_link => wrapped(element, Place { in_link: true, ..place }, out),
        "time" if !element.tag.contains(" datetime=") => write_all(children, place, out),
        name if is_in(INLINE, name) && (place.in_line || !holds_block(children)) => wrapped(element, line, out),
        name if !is_in(BLOCKS, name) => write_all(children, place, out),
        "p" | "pre" => wrapped(element, line, out),
        "h2" | "h3" | "h4" | "h5" | "h6" => heading(element, line, out),
        "hr" => out.push_str("<hr>"),
        "blockquote" => wrapped(element, place, out),
        "ul" | "ol" => list(element, place, out),
        "dl" => definitions(element, place, out),
        "table" => table(element, place, out),
        "figure" => figure(element, place, out),
        _ => paragraph(children, place, out),
    }
}

fn wrapped(element: &Element<'_>, inside: Place, out: &mut String) {
    out.push_str(element.tag);
    write_all(&element.children, inside, out);
    close_tag(element.name, out);
}

fn close_tag(name: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "</{name}>");
}

/// Something that lost its element, as a paragraph of its own if it has no blocks.
fn paragraph(nodes: &[Node<'_>], place: Place, out: &mut String) {
    if is_empty(nodes) {
        return;
    }
    if holds_block(nodes) {
        return write_all(nodes, place, out);
    }
    out.push_str("<p>");
    write_all(nodes, Place { in_line: true, ..place }, out);
    out.push_str("</p>");
}

/// A heading without words is dropped.
fn heading(element: &Element<'_>, line: Place, out: &mut String) {
    if element.children.iter().any(has_words) {
        wrapped(element, line, out);
    } else {
        paragraph(&element.children, Place { in_line: false, ..line }, out);
    }
}

fn list(element: &Element<'_>, place: Place, out: &mut String) {
    let items: Vec<&Node<'_>> = element.children.iter().filter(|node| !is_blank(node)).collect();
    if items.is_empty() {
        return;
    }
    out.push_str(element.tag);
    for node in items {
        match node {
            Node::Element(item) if item.name == "li" => wrapped(item, place, out),
            other => {
                out.push_str("<li>");
                write_all(std::slice::from_ref(other), place, out);
                out.push_str("</li>");
            }
        }
    }
    close_tag(element.name, out);
}

/// Terms, each followed by its descriptions; anything else becomes paragraphs.
fn definitions(element: &Element<'_>, place: Place, out: &mut String) {
    let parts: Vec<&Node<'_>> = element.children.iter().filter(|node| !is_blank(node)).collect();
    let is = |node: &Node<'_>, name| matches!(node, Node::Element(part) if part.name == name);
    let whole = parts.iter().all(|part| is(part, "dt") || is(part, "dd"))
        && parts.first().is_some_and(|part| is(part, "dt"))
        && parts.last().is_some_and(|part| is(part, "dd"));
    if !whole {
        return parts.iter().for_each(|part| match part {
            Node::Element(part) if matches!(part.name, "dt" | "dd") => paragraph(&part.children, place, out),
            other => paragraph(std::slice::from_ref(other), place, out),
        });
    }
    out.push_str("<dl>");
    for part in parts {
        if let Node::Element(part) = part {
            wrapped(part, Place { in_line: part.name == "dt", ..place }, out);
        }
    }
    out.push_str("</dl>");
}

/// One caption, first or last.
fn figure(element: &Element<'_>, place: Place, out: &mut String) {
    let parts: Vec<&Node<'_>> = element.children.iter().filter(|node| !is_blank(node)).collect();
    let is_caption = |at: &usize| matches!(parts.get(*at), Some(Node::Element(part)) if part.name == "figcaption");
    let kept = [0, parts.len().saturating_sub(1)].into_iter().find(is_caption);
    out.push_str("<figure>");
    for (at, part) in parts.iter().enumerate() {
        match part {
            Node::Element(caption) if Some(at) == kept => wrapped(caption, place, out),
            other => write_all(std::slice::from_ref(other), place, out),
        }
    }
    out.push_str("</figure>");
}

/// The rows of a table, each with whether it is in the head; what no table can hold is written before it.
fn rows_of<'a, 'b>(element: &'a Element<'b>, place: Place, out: &mut String) -> Vec<(bool, &'a Element<'b>)> {
    let mut rows = Vec::new();
    for node in &element.children {
        match node {
            Node::Element(row) if row.name == "tr" => rows.push((false, row)),
            Node::Element(section) if matches!(section.name, "thead" | "tbody" | "tfoot") => {
                for node in &section.children {
                    match node {
                        Node::Element(row) if row.name == "tr" => rows.push((section.name == "thead", row)),
                        stray => paragraph(std::slice::from_ref(stray), place, out),
                    }
                }
            }
            stray => paragraph(std::slice::from_ref(stray), place, out),
        }
    }
    rows
}

fn table(element: &Element<'_>, place: Place, out: &mut String) {
    let rows = rows_of(element, place, out);
    let mut grid: Vec<Vec<&Element<'_>>> = Vec::new();
    for (_, row) in &rows {
        let mut cells = Vec::new();
        for node in &row.children {
            match node {
                Node::Element(cell) if matches!(cell.name, "td" | "th") => cells.push(cell),
                stray => paragraph(std::slice::from_ref(stray), place, out),
            }
        }
        grid.push(cells);
    }
    let width = grid.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 {
        return;
    }
    let keeps_spans = is_whole(&grid);
    let heads = rows.iter().take_while(|(head, _)| *head).count();
    let heads = if heads < rows.len() { heads } else { 0 };
    let direction = ["rtl", "ltr", "auto"].into_iter().find(|dir| element.tag.contains(&format!(" dir=\"{dir}\"")));
    match direction {
        Some(dir) => out.push_str(&format!("<table dir=\"{dir}\">")),
        None => out.push_str("<table>"),
    }
    for (at, cells) in grid.iter().enumerate() {
        out.push_str(match at {
            0 if heads > 0 => "<thead>",
            0 => "<tbody>",
            _ if at == heads => "</thead><tbody>",
            _ => "",
        });
        out.push_str("<tr>");
        for cell in cells {
            out.push_str(if keeps_spans {
                cell.tag
            } else if cell.name == "th" {
                "<th>"
            } else {
                "<td>"
            });
            write_all(&cell.children, Place { in_line: cell.name == "th", ..place }, out);
            close_tag(cell.name, out);
        }
        if !keeps_spans {
            out.push_str(&"<td></td>".repeat(width - cells.len()));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}

/// Whether cells with their spans fill a rectangle, with one that begins in every column and row.
fn is_whole(grid: &[Vec<&Element<'_>>]) -> bool {
    // Number of rows by which each column is still covered from above.
    let mut covered: Vec<usize> = Vec::new();
    let mut begun: Vec<bool> = Vec::new();
    for (at, cells) in grid.iter().enumerate() {
        let mut column = 0;
        for cell in cells {
            let (Some(wide), Some(high)) = (span(cell, "colspan"), span(cell, "rowspan")) else { return false };
            while covered.get(column).is_some_and(|rows| *rows > 0) {
                column += 1;
            }
            let end = column + wide;
            if end > MOST_COLUMNS || (at > 0 && end > covered.len()) {
                return false;
            }
            covered.resize(covered.len().max(end), 0);
            begun.resize(covered.len(), false);
            begun[column] = true;
            for rows in &mut covered[column..end] {
                if *rows > 0 {
                    return false;
                }
                *rows = high;
            }
            column = end;
        }
        if cells.is_empty() || covered.contains(&0) {
            return false;
        }
        covered.iter_mut().for_each(|rows| *rows -= 1);
    }
    covered.iter().all(|rows| *rows == 0) && begun.iter().all(|begun| *begun)
}

/// A span of 1 to [`MOST_COLUMNS`]; `None`: any other.
fn span(cell: &Element<'_>, name: &str) -> Option<usize> {
    let Some(at) = cell.tag.find(&format!(" {name}=\"")) else { return Some(1) };
    let value = cell.tag[at + name.len() + 3..].split('"').next()?;
    value.parse().ok().filter(|span| (1..=MOST_COLUMNS).contains(span))
}

fn is_in(list: &str, name: &str) -> bool {
    list.split(' ').any(|known| known == name && !name.is_empty())
}

fn holds_block(nodes: &[Node<'_>]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Element(element) => is_in(BLOCKS, element.name) || holds_block(&element.children),
    })
}

fn has_words(node: &Node<'_>) -> bool {
    match node {
        Node::Text(text) => !text.replace("&nbsp;", " ").trim().is_empty(),
        Node::Element(element) => element.children.iter().any(has_words),
    }
}

fn is_blank(node: &Node<'_>) -> bool {
    matches!(node, Node::Text(text) if text.trim().is_empty())
}

fn is_empty(nodes: &[Node<'_>]) -> bool {
    nodes.iter().all(is_blank)
}

/// A space, unless an element has just begun or there is one already.
fn separate(out: &mut String) {
    let begun = out.ends_with('>') && out.rfind('<').is_none_or(|at| !out[at..].starts_with("</"));
    if !begun && !out.is_empty() && !out.ends_with([' ', '\n']) {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_stay_on_lines_and_tables() {
        for html in [
            "<p>x <bdo dir=\"rtl\">abc</bdo> <bdi>y</bdi></p>",
            "<table dir=\"rtl\"><tbody><tr><td>a</td></tr></tbody></table>",
        ] {
            assert_eq!(in_order(html), html);
        }
    }

    #[test]
    fn what_stands_right_stays_as_it_is() {
        for html in [
            "<p>a <b>b <i>c</i></b> <a href=\"https://e.org/\">d</a><br>e</p>",
            "<h2>a</h2><ul><li>b</li><li><p>c</p><ol start=\"3\"><li>d</li></ol></li></ul>",
            "<blockquote><p>a</p></blockquote><pre><code>b\n\n  c</code></pre><hr>",
            "<dl><dt>a</dt><dd>b</dd><dd><p>c</p></dd></dl>",
            "<figure><img src=\"https://e.org/x\"><figcaption>a</figcaption></figure>",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td colspan=\"2\">c</td></tr></tbody></table>",
            "<table><tbody><tr><td rowspan=\"2\">a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>",
            "<a href=\"https://e.org/\"><h2>a</h2><p>b</p></a>",
            "text &lt;b&gt; alone",
            "<time datetime=\"2026-11-03\">a</time>",
        ] {
            assert_eq!(in_order(html), html);
        }
    }

    #[test]
    fn what_stands_wrong_loses_its_element_and_not_its_text() {
        let check = |html: &str, want: &str| assert_eq!(in_order(html), want, "{html}");
        check("<ul><p>a</p>b<li>c</li></ul>", "<ul><li><p>a</p></li><li>b</li><li>c</li></ul>");
        check("<li>a</li><dd><p>b</p></dd>", "<p>a</p><p>b</p>");
        check("<p>\u{301}\u{301}</p><p>e\u{301}<b>b</b>\u{301}</p>", "<p></p><p>e\u{301}<b>b</b>\u{301}</p>");
        check("<b><p>a</p></b>", "<p>a</p>");
        check("<h2><p>a</p></h2><pre><p>b</p></pre>", "<h2>a</h2><pre>b</pre>");
        check("<h2> </h2><h3><img src=\"https://e.org/x\"></h3>", "<p><img src=\"https://e.org/x\"></p>");
        check("<p>a<ul><li>b</li></ul>c</p>", "<p>a b c</p>");
        check("<a href=\"x\">a<a href=\"y\">b</a></a>", "<a href=\"x\">ab</a>");
        check("<code><pre>a</pre></code>", "<pre>a</pre>");
        check("<dl>a<dt>b</dt></dl>", "<p>a</p><p>b</p>");
        check("<figcaption>a</figcaption>", "<p>a</p>");
        check("<time>soon</time>", "soon");
        check("<ul> </ul><table></table><dl></dl>", "");
        check("a</p>b<p>c", "ab<p>c</p>");
    }

    #[test]
    fn a_table_is_a_rectangle() {
        let check = |html: &str, want: &str| assert_eq!(in_order(html), want, "{html}");
        check(
            "<table>a<tbody><tr><td colspan=\"9\">b</td></tr><tr>c<td>d</td><td>e</td></tr></tbody></table>",
            "<p>a</p><p>c</p><table><tbody><tr><td>b</td><td></td></tr><tr><td>d</td><td>e</td></tr></tbody></table>",
        );
        check("<table><tr><td colspan=\"2\">a</td></tr></table>", "<table><tbody><tr><td>a</td></tr></tbody></table>");
        check(
            "<table><tr><td>a</td></tr><thead><tr><th>b</th></tr></thead></table>",
            "<table><tbody><tr><td>a</td></tr><tr><th>b</th></tr></tbody></table>",
        );
    }

    #[test]
    fn order_is_put_once() {
        for html in
            ["<ul><p>a</p>b<li>c", "<table>a<tr><td>b<table><td>c", "<h2><p>a</p></h2></h2><a><a>", "<p a=\">\">x"]
        {
            let once = in_order(html);
            assert_eq!(in_order(&once), once, "{html}");
        }
    }
}
