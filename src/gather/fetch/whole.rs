//! Whether a document proves by itself that nothing of it is missing, where the connection does not say so. Pure.

use memchr::memmem;

use crate::text::LooseJson;

/// A root element stands in the first bytes, behind the prolog and what servers print before it.
const ROOT_WITHIN_BYTES: usize = 64 * 1024;
/// End tags that are looked at, from the last one.
const MOST_END_TAGS: usize = 20;

/// Whether `bytes` end with the end of what they began: the root element, or the value of a JSON document.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        Some(b'{') => std::str::from_utf8(text).is_ok_and(|text| {
            let mut json = LooseJson::new(text);
            json.skip().is_ok() && json.is_at_end()
        }),
        _ => root(&text[..text.len().min(ROOT_WITHIN_BYTES)]).is_some_and(|name| is_closed(text, name)),
    }
}

/// The name of the first element.
fn root(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    loop {
        let start = &rest[memchr::memchr(b'<', rest)? + 1..];
        if start.first().is_some_and(u8::is_ascii_alphabetic) {
            let end = start.iter().position(|byte| !is_of_name(*byte))?;
            return Some(&start[..end]);
        }
        rest = match start.strip_prefix(b"!--") {
            Some(comment) => &comment[memmem::find(comment, b"-->")?..],
            None => start,
        };
    }
}

/// Whether the last thing in `text` is the end tag of `name`; comments, instructions and padding may follow.
fn is_closed(text: &[u8], name: &[u8]) -> bool {
    let ends = memmem::rfind_iter(text, b"</");
    ends.take(MOST_END_TAGS).any(|at| {
        let tag = &text[at + 2..];
        let Some(rest) = tag.get(name.len()..) else { return false };
        tag[..name.len()].eq_ignore_ascii_case(name) && is_nothing_more(rest)
    })
}

/// The end of an end tag, and nothing of the document behind it.
fn is_nothing_more(rest: &[u8]) -> bool {
    let Some(mut rest) = rest.trim_ascii_start().strip_prefix(b">") else { return false };
    loop {
        rest = skip_padding(rest);
        let (start, end): (&[u8], &[u8]) = match rest {
            [] => return true,
            [b'<', b'!', b'-', b'-', ..] => (b"<!--", b"-->"),
            [b'<', b'?', ..] => (b"<?", b"?>"),
            _ => return false,
        };
        let inside = &rest[start.len()..];
        match memmem::find(inside, end) {
            Some(at) => rest = &inside[at + end.len()..],
            // The document ended before it.
            None => return true,
        }
    }
}

fn skip_padding(text: &[u8]) -> &[u8] {
    let at = text.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != 0).unwrap_or(text.len());
    &text[at..]
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'.') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_whole_that_ends_with_its_root() {
        for whole in [
            "<rss><channel/></rss>",
            "<?xml version=\"1.0\"?>\n<!-- <b> --><feed><entry/></feed>\n\n",
            "\u{FEFF}<rdf:RDF><item/></rdf:RDF >",
            "<rss></rss>\n<!-- 0.1 s, cached -->",
            "<rss></rss><?php end ?>\n\0\0\0",
            "<rss></rss><!-- cut",
            "<!DOCTYPE html><HTML><body></body></html>",
            "{\"items\": [1, {}]}\n",
        ] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
    }

    #[test]
    fn what_goes_on_or_breaks_off_is_not_whole() {
        for cut in [
            "",
            "feed\na A\n",
            "<rss><channel><item>",
            "<rss><channel></channel>",
            "<rss></rss",
            "<rss></rss>text",
            "<rss></rss><item>",
            "<rss><item><![CDATA[</rss>]]>",
            "<feed></feeds>",
            "{\"items\": [1, {}]",
            "<rss/>x",
        ] {
            assert!(!is_whole(cut.as_bytes()), "{cut}");
        }
    }
}
