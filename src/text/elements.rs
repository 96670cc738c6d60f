//! Sanitised HTML as the tree that it is: what a serialiser wrote, every element closed, attributes in double quotes.

/// Elements without content.
pub(super) const VOID: [&str; 4] = ["br", "hr", "img", "wbr"];
/// Nothing is nested deeper than this: the sanitiser has checked.
const DEEPEST: usize = 600;

/// A piece of HTML.
pub(crate) enum Node<'a> {
    Text(&'a str),
    Element(Element<'a>),
}

/// An element with what is in it.
#[derive(Default)]
pub(crate) struct Element<'a> {
    pub(crate) name: &'a str,
    /// The start tag, as written.
    pub(crate) tag: &'a str,
    /// The attributes, as written, with a space before them.
    pub(super) attributes: &'a str,
    pub(crate) children: Vec<Node<'a>>,
}

impl<'a> Element<'a> {
    /// The element `name` with this start tag, with other children.
    pub(crate) fn with(name: &'a str, tag: &'a str, children: Vec<Node<'a>>) -> Self {
        Self { name, tag, children, ..Self::default() }
    }
}

/// The nodes of `html`.
pub(crate) fn nodes_of(html: &str) -> Vec<Node<'_>> {
    let mut open = vec![Element::default()];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        add(&mut open, Node::Text(&rest[..at]));
        let (tag, after) = rest[at..].split_at(tag_length(&rest[at..]));
        rest = after;
        let inner = tag.trim_start_matches(['<', '/']).trim_end_matches('>');
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(end);
        if tag.starts_with("</") {
            // What was never opened is not closed anywhere.
            if let Some(place) = open.iter().rposition(|element| element.name == name && !name.is_empty()) {
                close(&mut open, place);
            }
            continue;
        }
        let element = Element { name, tag, attributes, children: Vec::new() };
        if VOID.contains(&name) || open.len() > DEEPEST {
            add(&mut open, Node::Element(element));
        } else {
            open.push(element);
        }
    }
    add(&mut open, Node::Text(rest));
    close(&mut open, 1);
    open.pop().map(|root| root.children).unwrap_or_default()
}

fn add<'a>(open: &mut [Element<'a>], node: Node<'a>) {
    if let (Some(parent), false) = (open.last_mut(), matches!(node, Node::Text(""))) {
        parent.children.push(node);
    }
}

/// Closes every element that is open from `place` on.
fn close(open: &mut Vec<Element<'_>>, place: usize) {
    while open.len() > place.max(1) {
        if let Some(done) = open.pop() {
            add(open, Node::Element(done));
        }
    }
}

/// Length in bytes of the tag at the start of `html`; a `>` inside quotes does not end it.
fn tag_length(html: &str) -> usize {
    let mut quoted = false;
    let end = html.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    });
    end.map_or(html.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(nodes: &[Node<'_>]) -> String {
        let one = |node: &Node<'_>| match node {
            Node::Text(text) => (*text).to_owned(),
            Node::Element(element) => format!("({}{} {})", element.name, element.attributes, shown(&element.children)),
        };
        nodes.iter().map(one).collect()
    }

    #[test]
    fn html_is_read_as_a_tree_and_what_is_not_closed_ends_with_its_parent() {
        for (html, want) in [
            ("a<p class=\"x > y\">b<br>c</p>d", "a(p class=\"x > y\" b(br )c)d"),
            ("<ul><li>a<li>b</ul>c", "(ul (li a(li b)))c"),
            ("</p>a</b><i>", "a(i )"),
            ("", ""),
            ("<a", "(a )"),
        ] {
            assert_eq!(shown(&nodes_of(html)), want, "{html}");
        }
        let deep = nodes_of(&"<i>".repeat(10_000)[..]).len();
        assert_eq!(deep, 1);
    }
}
