//! Parts of a page that a script puts in their place, put there without one.
//!
//! A page that is made by React is sent before all of it is ready: what comes late stands at the end, in elements
//! `<div hidden id="S:1">`, for a place that `<template id="B:0">` or `<template id="P:1">` marks; calls such as
//! `$RC("B:0","S:1")` say which belongs where (React's Fizz server, ReactDOMFizzInstructionSet). Between a `B:` and the
//! comment `/$` stands what is shown meanwhile. And what stands in `<template shadowrootmode>` is shown by the element around
//! it (HTML, "declarative shadow roots").

use std::collections::HashMap;
use std::sync::LazyLock;

use ego_tree::{NodeId, NodeRef, Tree};
use memchr::memmem;
use regex::Regex;
use scraper::{Html, Node};

/// Nodes between a place and the comment that ends it, at most: what is shown meanwhile is a line or a few grey boxes.
const MOST_FALLBACK: usize = 500;

/// The page as a browser shows it once its scripts have put everything in its place. `html` is one of which a tree may be built.
pub(super) fn parse(html: &str) -> Html {
    let mut page = Html::parse_document(html);
    if memmem::find(html.as_bytes(), b"<template").is_some() {
        open_shadows(&mut page.tree);
        put_in_place(&mut page.tree);
    }
    page
}

fn open_shadows(tree: &mut Tree<Node>) {
    let is_shadow = |node: &NodeRef<'_, Node>| {
        let template = node.value().as_element().filter(|element| element.name() == "template");
        template.is_some_and(|template| template.attr("shadowrootmode").is_some())
    };
    let shadows: Vec<NodeId> = tree.root().descendants().filter(is_shadow).map(|node| node.id()).collect();
    for shadow in shadows {
        put(tree, shadow, shadow);
        detach(tree, shadow);
    }
}

/// Where late parts belong, and what comes late.
#[derive(Debug, Default)]
struct Streamed {
    /// Templates by their ids.
    places: HashMap<String, NodeId>,
    /// Late parts and their ids, in the order of the page.
    parts: Vec<(String, NodeId)>,
    /// Ids of places by those of the parts that belong there, as scripts say.
    pairs: HashMap<String, String>,
}

fn put_in_place(tree: &mut Tree<Node>) {
    let mut streamed = find(tree);
    for (id, part) in std::mem::take(&mut streamed.parts) {
        let Some(place) = streamed.take_place(&id).filter(|place| !is_inside(tree, *place, part)) else {
            // It is shown somewhere, and where it stands is better than nowhere.
            put(tree, part, part);
            continue;
        };
        if is_boundary(tree, place) {
            remove_fallback(tree, place);
        }
        put(tree, part, place);
        detach(tree, place);
    }
}

fn find(tree: &Tree<Node>) -> Streamed {
    let mut streamed = Streamed::default();
    for node in tree.root().descendants() {
        let Some(element) = node.value().as_element() else { continue };
        let id = element.attr("id").unwrap_or_default();
        match element.name() {
            "script" => streamed.read_script(node),
            "template" => {
                // Where scripts may not stand in the page, templates say the same.
                let names = |place, part| Some((element.attr(part)?.to_owned(), element.attr(place)?.to_owned()));
                streamed.pairs.extend(names("data-bid", "data-sid").or_else(|| names("data-pid", "data-sid")));
                if is_numbered(id, &["B:", "P:"]) {
                    streamed.places.entry(id.to_owned()).or_insert(node.id());
                }
            }
            _ if is_numbered(id, &["S:"]) => streamed.parts.push((id.to_owned(), node.id())),
            _ => {}
        }
    }
    streamed
}

impl Streamed {
    fn read_script(&mut self, script: NodeRef<'_, Node>) {
        for text in script.children().filter_map(|child| child.value().as_text()) {
            for call in CALL.captures_iter(text) {
                let (first, second) = (call[1].to_owned(), call[2].to_owned());
                // A boundary is named before its part, a segment after it.
                let (place, part) = if is_numbered(&second, &["S:"]) { (first, second) } else { (second, first) };
                self.pairs.entry(part).or_insert(place);
            }
        }
    }

    /// The place of the part `id`, which is then taken.
    fn take_place(&mut self, id: &str) -> Option<NodeId> {
        let named = self.pairs.get(id).and_then(|place| self.places.remove(place));
        named.or_else(|| {
            let (prefix, number) = id.rsplit_once("S:")?;
            ["P:", "B:"].iter().find_map(|kind| self.places.remove(&format!("{prefix}{kind}{number}")))
        })
    }
}

/// Whether `id` ends with one of `kinds` and a hexadecimal number; before it stands what an application puts there, if anything.
fn is_numbered(id: &str, kinds: &[&str]) -> bool {
    let number = kinds.iter().find_map(|kind| id.rsplit_once(kind).map(|(_, number)| number));
    number.is_some_and(|number| (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether `node` is `around` or stands in it.
fn is_inside(tree: &Tree<Node>, node: NodeId, around: NodeId) -> bool {
    node == around || tree.get(node).is_some_and(|node| node.ancestors().any(|ancestor| ancestor.id() == around))
}

fn is_boundary(tree: &Tree<Node>, place: NodeId) -> bool {
    let id = tree.get(place).and_then(|place| place.value().as_element()?.attr("id"));
    id.is_some_and(|id| is_numbered(id, &["B:"]))
}

/// Takes away what is shown until the part of the boundary `place` is there; nothing, if it does not end.
fn remove_fallback(tree: &mut Tree<Node>, place: NodeId) {
    let Some(first) = tree.get(place) else { return };
    let (mut fallback, mut depth) = (Vec::new(), 0_usize);
    for node in first.next_siblings().take(MOST_FALLBACK) {
        match node.value().as_comment().map(|comment| &**comment) {
            Some("/$") if depth == 0 => {
                fallback.into_iter().for_each(|node| detach(tree, node));
                return;
            }
            Some("/$") => depth -= 1,
            Some("$" | "$?" | "$!" | "$~") => depth += 1,
            _ => {}
        }
        fallback.push(node.id());
    }
}

/// Moves what stands in `part` to before `place`.
fn put(tree: &mut Tree<Node>, part: NodeId, place: NodeId) {
    let children: Vec<NodeId> =
        tree.get(part).into_iter().flat_map(|part| part.children()).map(|child| child.id()).collect();
    for child in children {
        if let Some(mut place) = tree.get_mut(place) {
            place.insert_id_before(child);
        }
    }
}

fn detach(tree: &mut Tree<Node>, node: NodeId) {
    if let Some(mut node) = tree.get_mut(node) {
        node.detach();
    }
}

/// A call that puts a part in its place: `$RC("B:0","S:1")`, `$RS("S:2","P:2")`, `$RR("B:0","S:1",[…])`.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\$R[A-Z]{1,2}\(\s*["']([^"'\\<]{3,64})["']\s*,\s*["']([^"'\\<]{3,64})["']"#)
        .expect("the pattern is constant and a test compiles it")
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words that are seen of `body`, in their order.
    fn words(body: &str) -> String {
        let page = parse(&format!("<html><body>{body}</body></html>"));
        let unseen = |node: &NodeRef<'_, Node>| {
            node.value().as_element().is_some_and(|element| {
                element.attr("hidden").is_some() || ["script", "template"].contains(&element.name())
            })
        };
        let mut words = Vec::new();
        for node in page.tree.root().descendants().filter(|node| !node.ancestors().any(|around| unseen(&around))) {
            words.extend(node.value().as_text().iter().flat_map(|text| text.split_whitespace().map(str::to_owned)));
        }
        words.join(" ")
    }

    #[test]
    fn a_late_part_stands_in_its_place() {
        let meanwhile = "<main>top <!--$?--><template id=\"B:0\"></template><i>wait</i><!--/$--> end</main>";
        for (body, want) in [
            // As scripts say, whatever the numbers are.
            (
                format!("{meanwhile}<div hidden id=\"S:3\"><p>late</p></div><script>$RC(\"B:0\",\"S:3\")</script>"),
                "top late end",
            ),
            (
                format!(
                    "{meanwhile}<div hidden id=\"S:3\">late</div><script>function x(){{}};$RR('B:0', 'S:3',[[\"a.css\"]])</script>"
                ),
                "top late end",
            ),
            // … or templates, where no script may stand in the page, …
            (
                format!(
                    "{meanwhile}<div hidden id=\"S:3\">late</div><template data-rci data-bid=\"B:0\" data-sid=\"S:3\"></template>"
                ),
                "top late end",
            ),
            // … or the numbers alone.
            (format!("{meanwhile}<div hidden id=\"S:0\">late</div>"), "top late end"),
            // A part of a part, which comes first or last.
            (
                format!(
                    "{meanwhile}<div hidden id=\"S:0\">late <template id=\"P:1\"></template> later</div>\
                     <div hidden id=\"S:1\">in it</div><script>$RS(\"S:1\",\"P:1\");$RC(\"B:0\",\"S:0\")</script>"
                ),
                "top late in it later end",
            ),
            // What is shown meanwhile may hold boundaries of its own.
            (
                "<!--$?--><template id=\"B:0\"></template>wait <!--$-->more<!--/$--> still<!--/$--> end\
                 <div hidden id=\"S:0\">late </div>"
                    .to_owned(),
                "late end",
            ),
            // An application may put a word of its own before the ids.
            ("a <template id=\":r1:B:0\"></template> c<div hidden id=\":r1:S:0\">b</div>".to_owned(), "a b c"),
            // Rows come in a table, of which they are the part.
            (
                "<table><tbody><tr><td>1<template id=\"P:a\"></template></tbody></table>\
                 <table hidden><tbody id=\"S:a\"><tr><td>2</table>"
                    .to_owned(),
                "1 2",
            ),
            // Without a place it is seen where it stands.
            ("a <div hidden id=\"S:0\">b</div> c <template></template>".to_owned(), "a b c"),
        ] {
            assert_eq!(words(&body), want, "{body}");
        }
    }

    #[test]
    fn what_is_hidden_for_another_reason_stays_hidden() {
        for body in [
            "a<div hidden>b</div><template id=\"B:0\"></template>",
            "a<div hidden id=\"S:x\">b</div><template>c</template>",
            "a<div hidden id=\"MENUS:\">b</div><template id=\"T:0\">c</template>",
            "a<template>b</template>",
        ] {
            assert_eq!(words(body), "a", "{body}");
        }
    }

    #[test]
    fn a_declared_shadow_is_shown() {
        for (body, want) in [
            ("<x-story><template shadowrootmode=open><style></style><p>one</p></template> two</x-story>", "one two"),
            (
                "<x-a><template shadowrootmode=closed>1<x-b><template shadowrootmode=open>2</template></x-b></template>3</x-a>",
                "123",
            ),
        ] {
            assert_eq!(words(body).replace(' ', ""), want.replace(' ', ""), "{body}");
        }
    }

    #[test]
    fn a_part_that_belongs_into_itself_hurts_nobody() {
        let own = "<div hidden id=\"S:0\">a <template id=\"B:0\"></template> b</div>";
        assert_eq!(words(own), "a b");
        let one_another = "<div hidden id=\"S:0\">a<template id=\"B:1\"></template></div>\
                           <div hidden id=\"S:1\"> b<template id=\"B:0\"></template></div>";
        let seen = words(one_another);
        assert!(seen.contains('a') && seen.contains('b'), "{seen}");
    }

    proptest! {
        /// Whatever belongs wherever: it ends, and the tree is one.
        #[test]
        fn any_parts_and_places(parts in prop::collection::vec((0_u8..6, 0_u8..4, any::<bool>()), 0..24)) {
            let body: String = parts
                .iter()
                .map(|(number, kind, closes)| {
                    let end = if *closes { "</div>" } else { "" };
                    match kind {
                        0 => format!("<div hidden id=\"S:{number}\">s{number} {end}"),
                        1 => format!("<!--$?--><template id=\"B:{number}\"></template>w <!--/$-->"),
                        2 => format!("<template id=\"P:{number}\"></template>{end}"),
                        _ => format!("<script>$RC(\"B:{number}\",\"S:{}\")</script>{end}", (number + 1) % 6),
                    }
                })
                .collect();
            let page = parse(&format!("{body}<template>"));
            let nodes = page.tree.root().descendants().count();
            prop_assert!(nodes <= page.tree.nodes().count());
        }
    }
}
