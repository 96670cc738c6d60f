//! MathML as a line of text.

use memchr::{memchr, memmem};

use super::attrs::Attrs;
use super::entities::decode_into;

/// The formula of a `math` element with the attributes `raw`: its `alttext`, else its symbols without markup.
pub(crate) fn text(raw: &str, inside: &str) -> String {
    let mut attrs = Attrs::default();
    attrs.read(raw);
    if let Some(alt) = attrs.filled("alttext") {
        return alt.into_owned();
    }
    let mut signs = String::new();
    let mut rest = inside;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        signs.push_str(rest[..at].trim());
        rest = &rest[at..];
        // Annotations say the same in a different notation.
        let end = if rest[1..].starts_with("annotation") {
            memmem::rfind(rest.as_bytes(), b"</annotation").unwrap_or(rest.len())
        } else {
            0
        };
        rest = &rest[end..];
        rest = memchr(b'>', rest.as_bytes()).map_or("", |close| &rest[close + 1..]);
    }
    signs.push_str(rest.trim());
    let mut text = String::with_capacity(signs.len());
    decode_into(&signs, &mut text);
    text
}
