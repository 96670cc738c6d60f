//! Formulas in a text: MathML, TeX in a script that draws it, and the drawing that KaTeX puts beside its MathML.

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{ElementRef, Node};

use crate::text::{formula_text, is_tex};

/// The formula that `node` is, as a line of text.
pub(super) fn formula(node: NodeRef<'_, Node>) -> Option<String> {
    let element = ElementRef::wrap(node)?;
    match element.value().name() {
        "math" => match element.value().attr("alttext").filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(text.to_owned()),
            None => Some(formula_text("", &element.inner_html())),
        },
        "script" if element.value().attr("type").is_some_and(is_tex) && !is_shown_before(element) => {
            Some(element.text().collect())
        }
        _ => None,
    }
}

/// Whether `node` only draws a formula that stands before it as MathML.
pub(super) fn is_drawing(node: NodeRef<'_, Node>) -> bool {
    let is_of = |class: &str, element: &Element| element.classes().any(|one| one == class);
    node.value().as_element().is_some_and(|element| is_of("katex-html", element))
        && element_before(node).is_some_and(|before| is_of("katex-mathml", before.value()))
}

/// Whether MathJax has put what it made of the script before it.
fn is_shown_before(script: ElementRef<'_>) -> bool {
    element_before(*script).is_some_and(|before| {
        before.value().classes().any(|class| class.starts_with("MathJax"))
            && before.text().any(|text| !text.trim().is_empty())
    })
}

fn element_before<'a>(node: NodeRef<'a, Node>) -> Option<ElementRef<'a>> {
    node.prev_siblings().find_map(ElementRef::wrap)
}
