//! Formulas in a text: MathML, also that which MathJax puts beside its drawing; TeX in a script that draws it; and the
//! drawing that KaTeX puts beside its MathML.

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{ElementRef, Node};

use super::tags::is_named;
use crate::text::{formula_text, is_tex};

/// The formula that `node` is, as a line of text.
pub(super) fn formula(node: NodeRef<'_, Node>) -> Option<String> {
    let element = ElementRef::wrap(node)?;
    match element.value().name() {
        "mjx-container" => child(node, "mjx-assistive-mml").and_then(|hidden| child(hidden, "math")).and_then(formula),
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

fn child<'a>(node: NodeRef<'a, Node>, name: &str) -> Option<NodeRef<'a, Node>> {
    node.children().find(|child| is_named(*child, name))
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

#[cfg(test)]
mod tests {
    use crate::extract::sample::within;

    #[test]
    fn a_formula_is_read_from_what_stands_beside_its_drawing() {
        let math = "<math><mi>x</mi><mo>=</mo><mn>2</mn></math>";
        let html = within(&format!(
            "<p>So <mjx-container jax=CHTML><mjx-math aria-hidden=true><mjx-c></mjx-c></mjx-math><mjx-assistive-mml>{math}\
             </mjx-assistive-mml></mjx-container> is the end of it all, as everybody knows since school.</p>"
        ));
        assert!(html.starts_with("<p>So x=2 is the end"), "{html}");
    }
}
