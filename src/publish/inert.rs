//! The last look at HTML that leaves: only harmless elements, attributes and schemes are in it.
//!
//! The sanitiser has done the work already. This is a second reading by other code, so that a fault
//! in one of them alone puts nothing active into an output.

const ELEMENTS: [&str; 51] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "cite",
    "wbr",
    "div",
];
const ATTRIBUTES: [&str; 10] =
    ["alt", "colspan", "datetime", "height", "href", "rel", "rowspan", "src", "title", "width"];

/// Whether `html`, as a serialiser wrote it (attributes in double quotes), can do nothing but be read.
pub(super) fn is_inert(html: &str) -> bool {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let Some(length) = inert_tag(&rest[at..]) else { return false };
        rest = &rest[at + length..];
    }
    true
}

/// Length of the tag at the start of `text` if it is a harmless one.
fn inert_tag(text: &str) -> Option<usize> {
    let start = if text.starts_with("</") { 2 } else { 1 };
    let name_end = start + text[start..].find(|c: char| !c.is_ascii_alphanumeric())?;
    if !ELEMENTS.contains(&&text[start..name_end]) {
        return None;
    }
    let mut at = name_end;
    loop {
        let rest = text[at..].trim_start_matches([' ', '\n', '\t', '/']);
        at = text.len() - rest.len();
        if rest.starts_with('>') {
            return Some(at + 1);
        }
        let (name, value) = rest.split_once("=\"")?;
        let (value, _) = value.split_once('"')?;
        if !ATTRIBUTES.contains(&name) || (matches!(name, "href" | "src") && !is_harmless_address(value)) {
            return None;
        }
        at += name.len() + 2 + value.len() + 1;
    }
}

fn is_harmless_address(value: &str) -> bool {
    let lower = value.get(..8).unwrap_or(value).to_ascii_lowercase();
    ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_markup_passes() {
        for html in [
            "",
            "plain &lt;script&gt; text",
            "<p>a<br>b <a href=\"https://e.org/?a=1&amp;b\" rel=\"nofollow\">c</a></p>",
            "<img alt=\"a > b <c\" src=\"http://e.org/x.png\">",
            "<td colspan=\"2\">x</td><hr />",
        ] {
            assert!(is_inert(html), "{html}");
        }
    }

    #[test]
    fn anything_else_does_not() {
        for html in [
            "<script>",
            "<p onclick=\"x\">",
            "<a href=\"javascript:alert(1)\">",
            "<a href=\"data:text/html,x\">",
            "<a href=\"//e.org/\">",
            "<a href=\" https://e.org/\">",
            "<p style=\"x\">",
            "<svg>",
            "<p title='x'>",
            "<p title=x>",
            "<!-- x -->",
            "a < b",
            "<p",
        ] {
            assert!(!is_inert(html), "{html}");
        }
    }
}
