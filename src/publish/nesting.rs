//! HTML whose elements are where HTML allows them: items in lists, cells in tables, no block in a
//! paragraph, no link in a link.
//!
//! A sanitiser takes elements away, and what stays may be misplaced: browsers show it all the same, strict
//! parsers and validators complain about it. Here it is read as the tree that it is and written by the content
//! models of HTML (WHATWG 4). What is misplaced loses its element, never its text.

use std::fmt::Write as _;

use unicode_normalization::char::is_combining_mark;

use super::table_grid::{Row, Span, laid_out};
use crate::text::{Element, Node, nodes_of};

const BLOCKS: &str =
    " p h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th blockquote pre figure figcaption hr ";
const INLINE: &str = " abbr b bdi bdo code del em i ins kbd q s samp small strong sub sup u var time ";
/// Blocks whose content is a line.
const LINES: &str = " p h2 h3 h4 h5 h6 dt th pre ";

/// `html` (as a serialiser wrote it: every element closed, attributes in double quotes) in good order.
pub(super) fn in_order(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut sinking = Sinking { around: Vec::new(), left_bytes: html.len() };
    write_all(&sinking.sunk(nodes_of(html)), Place::default(), &mut out);
    out
}

/// What is inline around blocks, on its way into each line of these.
struct Sinking<'a> {
    /// What has to go into the lines, each element once, by name and start tag.
    around: Vec<(&'a str, &'a str)>,
    /// So much markup may still be added.
    left_bytes: usize,
}

impl<'a> Sinking<'a> {
    /// The nodes with what is inline around blocks in each line of these instead: a struck paragraph stays struck.
    fn sunk(&mut self, nodes: Vec<Node<'a>>) -> Vec<Node<'a>> {
        let (mut done, mut line) = (Vec::new(), Vec::new());
        for node in nodes {
            let Node::Element(mut element) = node else {
                line.push(node);
                continue;
            };
            let is_block = is_in(BLOCKS, element.name);
            if !is_block && !holds_block(&element.children) {
                line.push(Node::Element(element));
                continue;
            }
            done.append(&mut self.in_all(std::mem::take(&mut line)));
            let children = std::mem::take(&mut element.children);
            // What says something of one place, by its attributes, cannot be in several.
            if is_in(INLINE, element.name) && !matches!(element.name, "abbr" | "time") {
                let is_new = self.around.iter().all(|(name, _)| *name != element.name);
                if is_new {
                    self.around.push((element.name, element.tag));
                }
                done.append(&mut self.sunk(children));
                self.around.truncate(self.around.len() - usize::from(is_new));
                continue;
            }
            let is_line = is_in(LINES, element.name);
            element.children = if is_line { self.in_all(children) } else { self.sunk(children) };
            done.push(Node::Element(element));
        }
        done.append(&mut self.in_all(line));
        done
    }

    /// A line in all that is around it, if it has words and that does not make the whole much longer.
    fn in_all(&mut self, line: Vec<Node<'a>>) -> Vec<Node<'a>> {
        let added: usize = self.around.iter().map(|(name, tag)| tag.len() + name.len() + "</>".len()).sum();
        if added > self.left_bytes || !line.iter().any(has_words) {
            return line;
        }
        self.left_bytes -= added;
        let inside =
            |children, (name, tag): &(&'a str, &'a str)| vec![Node::Element(Element::with(name, tag, children))];
        self.around.iter().rfold(line, inside)
    }
}

/// What may appear here.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Only text and what is part of a line.
    in_line: bool,
    /// Lines of code.
    in_code: bool,
    in_link: bool,
}

fn write_all(nodes: &[Node<'_>], place: Place, out: &mut String) {
    for (at, node) in nodes.iter().enumerate() {
        match node {
            Node::Text(text) => write_text(text, out),
            // A block in a line: its words, set apart from those beside it.
            Node::Element(element) if place.in_line && is_in(BLOCKS, element.name) => {
                separate(place, out);
                write_all(&element.children, place, out);
                let is_parted = |next: &Node<'_>| matches!(next, Node::Text(text) if text.starts_with('\n'));
                if nodes.get(at + 1).is_some_and(|next| !is_parted(next)) {
                    separate(place, out);
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
        "p" => wrapped(element, line, out),
        "pre" => wrapped(element, Place { in_code: true, ..line }, out),
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

/// A head, body or foot of a table.
#[derive(Debug, Clone, Copy)]
struct Part {
    number: usize,
    is_head: bool,
}

/// The rows of a table, each with the part that it is in; what no table can hold is written before it.
fn rows_of<'a, 'b>(element: &'a Element<'b>, place: Place, out: &mut String) -> Vec<(Part, &'a Element<'b>)> {
    let mut rows = Vec::new();
    for (at, node) in element.children.iter().enumerate() {
        match node {
            Node::Element(row) if row.name == "tr" => rows.push((Part { number: 0, is_head: false }, row)),
            Node::Element(section) if matches!(section.name, "thead" | "tbody" | "tfoot") => {
                let part = Part { number: at + 1, is_head: section.name == "thead" };
                for node in &section.children {
                    match node {
                        Node::Element(row) if row.name == "tr" => rows.push((part, row)),
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
    let asked: Vec<(usize, Vec<Span>)> = rows
        .iter()
        .zip(&grid)
        .map(|((part, _), cells)| {
            let span = |cell: &&Element<'_>| Span { columns: span(cell, "colspan"), rows: span(cell, "rowspan") };
            (part.number, cells.iter().map(span).collect())
        })
        .collect();
    let written: Vec<(bool, &[&Element<'_>], Row)> = laid_out(&asked)
        .into_iter()
        .zip(rows.iter().zip(&grid))
        .filter_map(|(row, ((part, _), cells))| Some((part.is_head, cells.as_slice(), row?)))
        .collect();
    if written.is_empty() {
        return;
    }
    let heads = written.iter().take_while(|(is_head, ..)| *is_head).count();
    let heads = if heads < written.len() { heads } else { 0 };
    out.push_str(&format!("<table{}>", direction(element)));
    for (at, (_, cells, row)) in written.iter().enumerate() {
        out.push_str(match at {
            0 if heads > 0 => "<thead>",
            0 => "<tbody>",
            _ if at == heads => "</thead><tbody>",
            _ => "",
        });
        out.push_str("<tr>");
        cells.iter().zip(&row.spans).for_each(|(cell, span)| self::cell(cell, *span, place, out));
        out.push_str(&"<td></td>".repeat(row.missing));
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}

fn cell(cell: &Element<'_>, span: Span, place: Place, out: &mut String) {
    out.push_str(&format!("<{}{}", cell.name, direction(cell)));
    for (name, count) in [("colspan", span.columns), ("rowspan", span.rows)] {
        if count > 1 {
            out.push_str(&format!(" {name}=\"{count}\""));
        }
    }
    out.push('>');
    write_all(&cell.children, Place { in_line: cell.name == "th", ..place }, out);
    close_tag(cell.name, out);
}

/// The direction that an element states, as an attribute.
fn direction(element: &Element<'_>) -> String {
    let known = ["rtl", "ltr", "auto"].into_iter().map(|dir| format!(" dir=\"{dir}\""));
    known.into_iter().find(|dir| element.tag.contains(dir)).unwrap_or_default()
}

/// How many columns or rows a cell asks for: what is no number means one.
fn span(cell: &Element<'_>, name: &str) -> usize {
    let Some(at) = cell.tag.find(&format!(" {name}=\"")) else { return 1 };
    let value = cell.tag[at + name.len() + 3..].trim_start();
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    if end == 0 { 1 } else { value[..end].parse().unwrap_or(usize::MAX) }
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

/// A space, or in code the end of a line, unless an element has just begun or there is one already.
fn separate(place: Place, out: &mut String) {
    let begun = out.ends_with('>') && out.rfind('<').is_none_or(|at| !out[at..].starts_with("</"));
    let is_apart = if place.in_code { out.ends_with('\n') } else { out.ends_with([' ', '\n']) };
    if !begun && !out.is_empty() && !is_apart {
        out.push(if place.in_code { '\n' } else { ' ' });
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
        check("<abbr title=\"x\"><p>a</p></abbr>", "<p>a</p>");
        check("<h2><p>a</p></h2><pre><p>b</p></pre>", "<h2>a</h2><pre>b</pre>");
        check("<h2> </h2><h3><img src=\"https://e.org/x\"></h3>", "<p><img src=\"https://e.org/x\"></p>");
        check("<p>a<ul><li>b</li></ul>c</p>", "<p>a b c</p>");
        check("<a href=\"x\">a<a href=\"y\">b</a></a>", "<a href=\"x\">ab</a>");
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
            "<p>a</p><p>c</p><table><tbody><tr><td colspan=\"2\">b</td></tr><tr><td>d</td><td>e</td></tr></tbody></table>",
        );
        check("<table><tr><td colspan=\"2\">a</td></tr></table>", "<table><tbody><tr><td>a</td></tr></tbody></table>");
        check(
            "<table><tr><td>a</td></tr><thead><tr><th>b</th></tr></thead></table>",
            "<table><tbody><tr><td>a</td></tr><tr><th>b</th></tr></tbody></table>",
        );
    }

    #[test]
    fn values_stay_under_their_heads_in_a_ragged_table() {
        let check = |rows: &str, want: &str| {
            let (html, want) = (format!("<table>{rows}</table>"), format!("<table>{want}</table>"));
            assert_eq!(in_order(&html), want, "{html}");
            assert_eq!(in_order(&want), want, "{html}");
        };
        check(
            "<tr><th>a</th><th>b</th></tr><tr><td rowspan=\"2\" dir=\"rtl\">c</td><td>d</td></tr><tr><td>e</td></tr><tr><td>f</td></tr>",
            "<tbody><tr><th>a</th><th>b</th></tr><tr><td dir=\"rtl\" rowspan=\"2\">c</td><td>d</td></tr><tr><td>e</td></tr>\
             <tr><td>f</td><td></td></tr></tbody>",
        );
        check(
            "<thead><tr><th colspan=\"2\">a</th></tr></thead><tbody><tr><td>b</td><td rowspan=\"7\">c</td></tr></tbody>\
             <tfoot><tr><td>d</td></tr></tfoot>",
            "<thead><tr><th colspan=\"2\">a</th></tr></thead><tbody><tr><td>b</td><td>c</td></tr><tr><td>d</td><td></td></tr></tbody>",
        );
        check(
            "<tr><td colspan=\"100%\">a</td></tr><tr></tr><tr><td>b</td><td>c</td></tr>",
            "<tbody><tr><td colspan=\"2\">a</td></tr><tr><td>b</td><td>c</td></tr></tbody>",
        );
        check(
            "<tr><td colspan=\"x\" rowspan=\"0\">a</td><td>b</td></tr><tr><td>c</td></tr>",
            "<tbody><tr><td rowspan=\"2\">a</td><td>b</td></tr><tr><td>c</td></tr></tbody>",
        );
    }

    #[test]
    fn what_is_inline_around_blocks_goes_into_each_of_them() {
        for (html, want) in [
            (
                "<del><p>Old para.</p></del><ins><p>New para.</p></ins>",
                "<p><del>Old para.</del></p><p><ins>New para.</ins></p>",
            ),
            (
                "<del><ul><li>a</li> <li>b<ul><li>c</li></ul></li></ul></del>",
                "<ul><li><del>a</del></li><li><del>b</del><ul><li><del>c</del></li></ul></li></ul>",
            ),
            ("<s>a<p>b</p> <p>c</p></s>", "<s>a</s><p><s>b</s></p> <p><s>c</s></p>"),
            ("<strong><em><p>a <i>b</i></p><hr></em></strong>", "<p><strong><em>a <i>b</i></em></strong></p><hr>"),
            (
                "<b><h2>a</h2><b><p>b</p></b></b><small><p>c</p></small>",
                "<h2><b>a</b></h2><p><b>b</b></p><p><small>c</small></p>",
            ),
            ("<del><a href=\"x\"><p>a</p></a></del>", "<a href=\"x\"><p><del>a</del></p></a>"),
            (
                "<del><table><tr><td>a</td><td></td></tr></table></del>",
                "<table><tbody><tr><td><del>a</del></td><td></td></tr></tbody></table>",
            ),
            (
                "<del><figure><img src=\"x\"><figcaption>a</figcaption></figure></del>",
                "<figure><img src=\"x\"><figcaption><del>a</del></figcaption></figure>",
            ),
            ("<code><pre>a</pre></code>", "<pre><code>a</code></pre>"),
            (
                "<b><blockquote><p>a</p></blockquote><dl><dt>b</dt><dd>c</dd></dl></b>",
                "<blockquote><p><b>a</b></p></blockquote><dl><dt><b>b</b></dt><dd><b>c</b></dd></dl>",
            ),
        ] {
            assert_eq!(in_order(html), want, "{html}");
            assert_eq!(in_order(want), want, "{html}");
        }
    }

    #[test]
    fn lines_of_code_stay_apart() {
        for (html, want) in [
            (
                "<pre><ol><li><code>a = 1</code></li><li><code>b = 2</code></li></ol></pre>",
                "<pre><code>a = 1</code>\n<code>b = 2</code></pre>",
            ),
            ("<pre><p>a</p><p>  b</p></pre>", "<pre>a\n  b</pre>"),
            ("<pre><code><p>a </p>\n<p>b</p></code></pre>", "<pre><code>a \nb</code></pre>"),
            ("<pre>a\n\nb</pre>", "<pre>a\n\nb</pre>"),
        ] {
            assert_eq!(in_order(html), want, "{html}");
        }
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
