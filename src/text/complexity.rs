//! How complex HTML is: a linear scan, no tree.

use memchr::memchr;

use super::html::lower_name;

/// How complex HTML may be before it costs too much to build a tree from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HtmlLimits {
    /// Size in bytes.
    pub(crate) bytes: usize,
    /// Start tags.
    pub(crate) tags: usize,
    /// Formatting elements open at the same time (each is reopened in every block).
    pub(crate) formatting: usize,
    /// Nesting.
    pub(crate) depth: usize,
}

impl HtmlLimits {
    /// For the HTML of one entry.
    pub(crate) const ITEM: Self = Self { bytes: 256 * 1024, tags: 20_000, formatting: 32, depth: 512 };
}

/// Whether a tree may be built from `html`: a linear scan that stops at the first limit.
#[must_use]
pub(super) fn is_harmless(html: &str, limits: &HtmlLimits) -> bool {
    if html.len() > limits.bytes {
        return false;
    }
    let bytes = html.as_bytes();
    let (mut at, mut tags, mut formatting, mut depth) = (0, 0_usize, 0_usize, 0_usize);
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        at += found + 1;
        let closing = bytes.get(at) == Some(&b'/');
        let start = at + usize::from(closing);
        let (name, length) = lower_name(&bytes[start..]);
        let name = &name[..length];
        if length == 0 {
            continue;
        }
        if is_formatting(name) {
            formatting = if closing { formatting.saturating_sub(1) } else { formatting + 1 };
        }
        if !is_flat(name) {
            depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        }
        tags += usize::from(!closing);
        if tags > limits.tags || formatting > limits.formatting || depth > limits.depth {
            return false;
        }
    }
    true
}

fn is_formatting(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"b"
            | b"big"
            | b"code"
            | b"em"
            | b"font"
            | b"i"
            | b"nobr"
            | b"s"
            | b"small"
            | b"strike"
            | b"strong"
            | b"tt"
            | b"u"
    )
}

/// Elements that never nest: void ones and those closed by the next of their kind.
fn is_flat(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
            | b"p"
            | b"li"
            | b"dd"
            | b"dt"
            | b"tr"
            | b"td"
            | b"th"
            | b"option"
            | b"thead"
            | b"tbody"
            | b"tfoot"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_blow_up_a_tree_is_detected() {
        let limits = &HtmlLimits::ITEM;
        assert!(is_harmless("<p>a<b>c</b><ul><li>d</ul>", limits));
        assert!(is_harmless(&"<p>x".repeat(5_000), limits));
        assert!(!is_harmless(&"<p><b title=i>x".repeat(4_000), limits));
        assert!(!is_harmless(&"<ul><li>".repeat(20_000), limits));
        assert!(!is_harmless(&"<div><p>".repeat(50_000), limits));
        assert!(!is_harmless(&"<a href=i><div>".repeat(20_000), limits));
        assert!(!is_harmless(&"x".repeat(300_000), limits));
        assert!(!is_harmless(&"<br>".repeat(20_001), limits));
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "[<>/a-z&;#0-9 \"'=!é-]{0,60}") {
            let _ = is_harmless(&html, &HtmlLimits::ITEM);
        }
    }
}
