//! A whole page as a browser reads it.

use scraper::Html;

/// An element of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageElement {
    /// Its name, lower case.
    pub(crate) name: String,
    /// Its attributes with their values as a browser understands them; names in lower case and without prefix.
    pub(crate) attributes: Vec<(String, String)>,
}

impl PageElement {
    /// The value of an attribute.
    #[must_use]
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The elements of a page, in document order.
#[must_use]
pub(crate) fn page_elements(html: &str) -> Vec<PageElement> {
    let page = Html::parse_document(html);
    let elements = page.tree.root().descendants().filter_map(|node| node.value().as_element());
    elements
        .map(|element| PageElement {
            name: element.name().to_ascii_lowercase(),
            attributes: element.attrs().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_a_browser_reads_it() {
        let found = page_elements(
            "<!doctype html><p ID=a title=x onmouseover=y>1 &lt;b id=\"s\"&gt;<svg><a xlink:href='z'></svg>",
        );
        let names: Vec<&str> = found.iter().map(|element| element.name.as_str()).collect();
        assert_eq!(names, ["html", "head", "body", "p", "svg", "a"]);
        assert_eq!((found[3].attribute("id"), found[3].attribute("onmouseover")), (Some("a"), Some("y")));
        assert_eq!(found[5].attribute("href"), Some("z"));
    }
}
