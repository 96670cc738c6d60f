//! The names of elements, as far as relevant here.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

/// What an element is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// `html`.
    Html,
    /// `body`.
    Body,
    /// `p`.
    P,
    /// `h1` to `h6`.
    H(u8),
    /// `li`.
    Li,
    /// `dt`, `dd`.
    Term,
    /// `ul`, `ol`, `dl`, `menu`.
    List,
    /// `td`, `th`.
    Cell,
    /// `table`.
    Table,
    /// Rows and groups of rows.
    Row,
    /// `blockquote`.
    Quote,
    /// `pre`.
    Pre,
    /// `figure`.
    Figure,
    /// `figcaption`, `caption`.
    Caption,
    /// `article`.
    Article,
    /// `main`.
    Main,
    /// `section`.
    Section,
    /// `aside`.
    Aside,
    /// `nav`.
    Nav,
    /// `header`.
    Header,
    /// `footer`.
    Footer,
    /// `form`, `fieldset`.
    Form,
    /// `button`, `label`, `legend`, `summary`.
    Control,
    /// `details`.
    Details,
    /// `address`.
    Address,
    /// `a`.
    A,
    /// `b`, `strong`.
    Bold,
    /// `time`.
    Time,
    /// `br`.
    Br,
    /// `img`, `picture`, `source`.
    Img,
    /// Other inline elements.
    Inline,
    /// Elements whose content is not text of the page.
    Unseen,
    /// `div` and all the rest.
    Other,
}

/// The tag named `name` (lower case).
pub(super) fn tag(name: &str) -> Tag {
    match name {
        "html" => Tag::Html,
        "body" => Tag::Body,
        "p" => Tag::P,
        "h1" => Tag::H(1),
        "h2" => Tag::H(2),
        "h3" => Tag::H(3),
        "h4" => Tag::H(4),
        "h5" => Tag::H(5),
        "h6" => Tag::H(6),
        "li" => Tag::Li,
        "dt" | "dd" => Tag::Term,
        "ul" | "ol" | "dl" | "menu" => Tag::List,
        "td" | "th" => Tag::Cell,
        "table" => Tag::Table,
        "tr" | "tbody" | "thead" | "tfoot" => Tag::Row,
        "blockquote" => Tag::Quote,
        "pre" => Tag::Pre,
        "figure" => Tag::Figure,
        "figcaption" | "caption" => Tag::Caption,
        "article" => Tag::Article,
        "main" => Tag::Main,
        "section" => Tag::Section,
        "aside" => Tag::Aside,
        "nav" => Tag::Nav,
        "header" => Tag::Header,
        "footer" => Tag::Footer,
        "form" | "fieldset" => Tag::Form,
        "button" | "label" | "legend" | "summary" => Tag::Control,
        "details" => Tag::Details,
        "address" => Tag::Address,
        "a" => Tag::A,
        "b" | "strong" => Tag::Bold,
        "time" => Tag::Time,
        "br" => Tag::Br,
        "img" | "amp-img" => Tag::Img,
        "abbr" | "acronym" | "bdi" | "bdo" | "big" | "cite" | "code" | "data" | "del" | "dfn" | "em" | "font" | "i"
        | "ins" | "kbd" | "mark" | "nobr" | "picture" | "q" | "rp" | "rt" | "ruby" | "s" | "samp" | "small"
        | "span" | "strike" | "sub" | "sup" | "tt" | "u" | "var" | "wbr" => Tag::Inline,
        "script" | "style" | "noscript" | "template" | "svg" | "math" | "iframe" | "object" | "embed" | "canvas"
        | "video" | "audio" | "select" | "datalist" | "textarea" | "input" | "head" | "title" | "map" | "meter"
        | "progress" | "noembed" | "noframes" | "xmp" | "plaintext" | "link" | "meta" => Tag::Unseen,
        _ => Tag::Other,
    }
}

impl Tag {
    /// Whether the text before and after it belongs together.
    pub(super) fn is_inline(self) -> bool {
        matches!(self, Self::A | Self::Bold | Self::Time | Self::Br | Self::Img | Self::Inline)
    }

    /// Whether its content is not text of the page.
    pub(super) fn is_unseen(self) -> bool {
        self == Self::Unseen
    }
}

/// Whether `node` is an element of this name.
pub(super) fn is_named(node: NodeRef<'_, Node>, name: &str) -> bool {
    node.value().as_element().is_some_and(|element| element.name() == name)
}

/// The name that an inline element has in the output; `None` for those that only serve layout.
pub(super) fn inline_name(element: &Element) -> Option<&'static str> {
    Some(match element.name() {
        "a" if element.attr("href").is_some() => "a",
        "b" | "strong" => "strong",
        "i" | "em" => "em",
        "code" | "tt" => "code",
        "kbd" => "kbd",
        "samp" => "samp",
        "var" => "var",
        "sub" => "sub",
        "sup" => "sup",
        "s" | "strike" | "del" => "del",
        "ins" => "ins",
        "q" => "q",
        "abbr" => "abbr",
        _ => return None,
    })
}
