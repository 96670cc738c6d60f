//! The last look at HTML that leaves: only harmless elements, attributes and schemes are in it, and
//! its links carry no click trackers.
//!
//! The sanitiser has done the work already. This is a second reading by other code, so that a fault
//! in one of them alone puts nothing active into an output.

use url::Url;

use super::addresses::{clean_address, is_web};
use super::render::{escape_html, uri};

/// Elements that only show text. Broader than what the sanitiser lets through: this one asks what could
/// do harm, not what is wanted.
const ELEMENTS: &str = "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del dfn div dl dt em figcaption figure \
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub sup table tbody td tfoot \
    th thead time tr u ul var wbr";
const ATTRIBUTES: &str =
    "alt colspan datetime dir height href lang rel reversed rowspan scope src start title value width";

/// `html`, as a serialiser wrote it (attributes in double quotes), with its links cleaned and `<` and
/// `>` in attributes escaped; `None` if it can do more than be read.
pub(super) fn verified(html: &str) -> Option<String> {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = copy_tag(&rest[at..], &mut out)?;
    }
    out.push_str(rest);
    Some(out)
}

/// Copies the harmless tag at the start of `text` and returns what follows it.
fn copy_tag<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let start = if text.starts_with("</") { 2 } else { 1 };
    let name_end = start + text[start..].find(|c: char| !c.is_ascii_alphanumeric())?;
    if !ELEMENTS.split(' ').any(|name| name == &text[start..name_end]) {
        return None;
    }
    let element = &text[start..name_end];
    out.push_str(&text[..name_end]);
    let mut attributes = String::new();
    let mut rest = &text[name_end..];
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\t', '/']);
        if let Some(after) = rest.strip_prefix('>') {
            // `rel` and `title` without an address are not a link.
            if element != "a" || attributes.contains(" href=") {
                out.push_str(&attributes);
            }
            out.push('>');
            return Some(after);
        }
        let (name, value) = rest.split_once("=\"")?;
        let (value, after) = value.split_once('"')?;
        if start == 2 || !ATTRIBUTES.split(' ').any(|known| known == name) {
            return None;
        }
        match attribute(name, value) {
            Value::Kept(value) => attributes.push_str(&format!(" {name}=\"{value}\"")),
            Value::Dropped => {}
            Value::Harmful => return None,
        }
        rest = after;
    }
}

/// What becomes of an attribute.
enum Value {
    Kept(String),
    Dropped,
    Harmful,
}

fn attribute(name: &str, value: &str) -> Value {
    match name {
        "href" | "src" => address(name, value),
        "datetime" if value.parse::<jiff::Timestamp>().is_err() && value.parse::<jiff::civil::Date>().is_err() => {
            Value::Dropped
        }
        _ => Value::Kept(value.replace('<', "&lt;").replace('>', "&gt;")),
    }
}

fn address(name: &str, value: &str) -> Value {
    // A serialiser escapes these three; nothing else represents a character in an address.
    let address = value.replace("&nbsp;", "%C2%A0").replace("&quot;", "%22").replace("&amp;", "&");
    let Ok(address) = Url::parse(&address) else { return Value::Harmful };
    match (address.scheme(), name) {
        ("http" | "https", _) if !is_web(&address) => Value::Dropped,
        ("http" | "https", _) if !address.username().is_empty() || address.password().is_some() => Value::Dropped,
        ("http" | "https", "href") => Value::Kept(escape_html(&uri(&clean_address(&address)))),
        ("http" | "https", _) => Value::Kept(escape_html(&uri(&address))),
        ("mailto", "href") => Value::Kept(escape_html(address.as_str())),
        _ => Value::Harmful,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_markup_passes() {
        let check = |html: &str, want: &str| assert_eq!(verified(html).as_deref(), Some(want));
        for html in [
            "",
            "plain &lt;script&gt; text",
            "<p>a<br>b <a href=\"https://e.org/?a=1&amp;b=2\" rel=\"nofollow\">c</a></p>",
            "<td colspan=\"2\">x</td><hr>",
            "<a href=\"mailto:a@e.org\">x</a>",
        ] {
            check(html, html);
        }
        check("<hr />", "<hr>");
        check("<a rel=\"nofollow\" title=\"t\">x</a>", "<a>x</a>");
        check("<a href=\"https://me:pw@e.org/\">x</a>", "<a>x</a>");
        check(
            "<time datetime=\"2026-11-03\">x</time><time datetime=\"soon\">x</time>",
            "<time datetime=\"2026-11-03\">x</time><time>x</time>",
        );
        check(
            "<img alt=\"a > b <c\" src=\"http://e.org/x y\">",
            "<img alt=\"a &gt; b &lt;c\" src=\"http://e.org/x%20y\">",
        );
        check("<a href=\"https://e.org/?q=a|b&quot;\">x</a>", "<a href=\"https://e.org/?q=a%7Cb%22\">x</a>");
    }

    #[test]
    fn anything_else_does_not() {
        for html in [
            "<script>",
            "<p onclick=\"x\">",
            "</p onclick=\"x\">",
            "<a href=\"javascript:alert(1)\">",
            "<a href=\"&#106;avascript:alert(1)\">",
            "<a href=\"data:text/html,x\">",
            "<img src=\"mailto:x@e.org\">",
            "<a href=\"//e.org/\">",
            "<a href=\"#top\">",
            "<p style=\"x\">",
            "<svg>",
            "<p title='x'>",
            "<p title=x>",
            "<!-- x -->",
            "a < b",
            "<p",
            "<p title=\"x",
        ] {
            assert_eq!(verified(html), None, "{html}");
        }
    }
}
