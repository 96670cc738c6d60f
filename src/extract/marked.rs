//! What the tree says about the article: microdata, `rel=author`, `<time>`, headings, names of bylines.

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{Html, Node};

use super::facts::{Facts, Field, tidy};
use super::headings::words_of;

/// Longest text of a byline or date, in bytes.
const LONGEST_BYTES: usize = 300;

/// Values found in the tree, before they are put in the order of trust.
#[derive(Debug, Default)]
pub(super) struct Marked {
    headings: Vec<String>,
    microdata: Vec<(Field, String)>,
    authors: Vec<String>,
    bylines: Vec<String>,
    times: Vec<String>,
    /// Texts of elements whose class mentions a date.
    pub(super) dated: Vec<String>,
    /// `license` of microdata.
    pub(super) licenses: Vec<String>,
    /// `isAccessibleForFree` of microdata.
    pub(super) is_free: Option<String>,
}

/// Reads the marks of `page`.
pub(super) fn marked(page: &Html) -> Marked {
    let mut marked = Marked::default();
    for node in page.tree.nodes() {
        if let Node::Element(element) = node.value() {
            let text = || text_of(node);
            let before = marked.licenses.len();
            marked.element(element, text);
            if marked.licenses.len() > before && is_of_a_part(node) {
                marked.licenses.truncate(before);
            }
        }
    }
    marked
}

/// Whether what `node` says is said of a picture, a comment or an aside rather than of the article.
fn is_of_a_part(node: NodeRef<'_, Node>) -> bool {
    const PARTS: [&str; 6] = ["ImageObject", "Photograph", "MediaObject", "VideoObject", "AudioObject", "Comment"];
    let mut around = node.ancestors().filter_map(|above| above.value().as_element());
    let of_part = |element: &Element| {
        let is_part = |kind: &str| PARTS.iter().any(|part| kind.trim().ends_with(part));
        matches!(element.name(), "figure" | "aside") || element.attr("itemtype").is_some_and(is_part)
    };
    around.any(of_part)
}

impl Marked {
    fn element(&mut self, element: &Element, text: impl Fn() -> String) {
        let name = element.name();
        if name == "h1" && self.headings.len() < 5 {
            let heading = text();
            if !heading.is_empty() {
                self.headings.push(heading);
            }
        }
        if name == "time" && self.times.len() < 20 {
            self.times.push(element.attr("datetime").filter(|at| !at.trim().is_empty()).map_or_else(&text, tidy));
        }
        if let Some(property) = element.attr("itemprop") {
            self.property(property, element, &text);
        }
        if element
            .attr("rel")
            .is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("author")))
            && name == "a"
        {
            push(&mut self.authors, text());
        }
        let Some(class) = element.attr("class") else { return };
        for word in class.split_ascii_whitespace() {
            let word = word.to_ascii_lowercase();
            if is_byline(&word) {
                push(&mut self.bylines, text());
            } else if word.contains("date")
                || word.contains("published")
                || word.contains("timestamp")
                || word.contains("time")
            {
                push(&mut self.dated, text());
            }
        }
    }

    fn property(&mut self, property: &str, element: &Element, text: &impl Fn() -> String) {
        let value = || {
            ["content", "datetime"]
                .iter()
                .find_map(|name| element.attr(name))
                .filter(|value| !value.trim().is_empty())
                .map_or_else(text, tidy)
        };
        let address =
            || ["href", "src", "content"].iter().find_map(|name| element.attr(name)).unwrap_or_default().to_owned();
        for property in property.split_ascii_whitespace() {
            match property {
                "headline" => self.microdata.push((Field::Title, value())),
                "author" | "creator" => push(&mut self.authors, value()),
                "datePublished" => self.microdata.push((Field::Date, value())),
                "image" => self.microdata.push((Field::Image, address())),
                "license" => self.licenses.push(address()),
                "isAccessibleForFree" => self.is_free = Some(value()),
                _ => {}
            }
        }
    }

    /// Notes what was found; headings are the last resort for titles except for `<title>`.
    pub(super) fn note(&self, facts: &mut Facts) {
        for (field, value) in self.microdata.iter().take(20) {
            facts.add(*field, value, "microdata");
        }
        for heading in &self.headings {
            facts.add(Field::Title, heading, "h1");
        }
        facts.add(Field::Byline, &self.authors.join(", "), "microdata");
        for byline in &self.bylines {
            facts.add(Field::Byline, byline, "text");
        }
        for time in self.times.iter().take(3) {
            facts.add(Field::Date, time, "time");
        }
    }
}

fn push(list: &mut Vec<String>, text: String) {
    if list.len() < 8 && !text.is_empty() && text.len() <= LONGEST_BYTES && !list.contains(&text) {
        list.push(text);
    }
}

fn is_byline(word: &str) -> bool {
    matches!(word, "author" | "byline" | "vcard" | "writer" | "fn")
        || ["byline", "author-name", "author_name", "authorname", "article-author", "post-author", "entry-author"]
            .iter()
            .any(|known| word.contains(known))
}

/// The text inside a node, white space collapsed, cut off once it is too long to be of use.
fn text_of(node: NodeRef<'_, Node>) -> String {
    tidy(&words_of(node, LONGEST_BYTES * 4))
}
