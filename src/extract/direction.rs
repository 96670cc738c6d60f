//! Which way a text reads.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

/// Which way the text of `node` reads, as itself or the nearest element around it says.
pub(super) fn direction(node: NodeRef<'_, Node>) -> Option<&'static str> {
    std::iter::once(node).chain(node.ancestors()).find_map(|node| node.value().as_element().and_then(own))
}

fn own(element: &Element) -> Option<&'static str> {
    let known = |value: &str| ["rtl", "ltr", "auto"].into_iter().find(|known| value.trim().eq_ignore_ascii_case(known));
    let styled = || {
        element.attr("style")?.split(';').find_map(|part| {
            let (name, value) = part.split_once(':')?;
            name.trim().eq_ignore_ascii_case("direction").then(|| known(value)).flatten()
        })
    };
    element.attr("dir").and_then(known).or_else(styled)
}

#[cfg(test)]
mod tests {
    use crate::extract::sample::within;

    #[test]
    fn a_text_reads_as_the_page_says() {
        const TEXT: &str = "שלום לכם ולכל הקוראים של האתר הזה היום, אמר אולף, והוסיף דברים רבים אחרים.";
        for (part, want) in [
            (format!("<p dir=rtl>{TEXT}</p>"), format!("<p dir=\"rtl\">{TEXT}</p>")),
            (format!("<p style='direction: RTL'>{TEXT}</p>"), format!("<p dir=\"rtl\">{TEXT}</p>")),
            (format!("<div dir=rtl><p>{TEXT}</p></div>"), format!("<p dir=\"rtl\">{TEXT}</p>")),
            (
                format!("<blockquote dir=rtl><p>{TEXT}</p></blockquote>"),
                format!("<blockquote dir=\"rtl\"><p>{TEXT}</p></blockquote>"),
            ),
            (format!("<p dir=ltr>{TEXT}</p>"), format!("<p>{TEXT}</p>")),
            (format!("<p dir=up>{TEXT}</p>"), format!("<p>{TEXT}</p>")),
        ] {
            assert_eq!(within(&part), want, "{part}");
        }
    }
}
