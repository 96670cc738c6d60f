//! Bytes → text. Order: byte order mark, HTTP charset, `<meta>`, UTF-8, then what the bytes look like (WHATWG HTML
//! §13.2.3, except that bytes which *are* UTF-8 beat any label: no real text is both at once).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memmem;

use crate::text::Attrs;
use crate::text::charset::{charset, guessed, utf_16};

/// How far a `<meta>` that names the encoding is looked for, in bytes.
const HEAD_BYTES: usize = 4_096;

/// The text of `bytes` and the name of its encoding, as WHATWG writes it.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> (Cow<'a, str>, &'static str) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return with(encoding, &bytes[mark..]);
    }
    let http = content_type.and_then(charset);
    if let Some(encoding) = http.filter(|encoding| *encoding == UTF_16BE || *encoding == UTF_16LE) {
        return with(encoding, bytes);
    }
    if let Some(encoding) = utf_16(bytes) {
        return with(encoding, bytes);
    }
    let label = http.or_else(|| declared(bytes));
    match std::str::from_utf8(bytes) {
        // ISO-2022-JP is ASCII with escapes: valid as UTF-8 without being UTF-8.
        Ok(text) if label.is_none_or(Encoding::is_ascii_compatible) => (Cow::Borrowed(text), UTF_8.name()),
        _ => match label {
            Some(label) if label != UTF_8 => with(label, bytes),
            Some(_) if is_mostly_utf_8(bytes) => with(UTF_8, bytes),
            None if is_mostly_utf_8(bytes) => with(UTF_8, bytes),
            _ => with(guessed(bytes), bytes),
        },
    }
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> (Cow<'a, str>, &'static str) {
    (encoding.decode_without_bom_handling(bytes).0, encoding.name())
}

/// Whether there are a few wrong bytes in what is otherwise UTF-8.
fn is_mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut wide, mut wrong) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        wrong += chunk.invalid().len();
    }
    wide > wrong
}

/// The encoding that a `<meta>` near the start names; UTF-16 in bytes that are not it becomes UTF-8 (WHATWG).
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let near = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD_BYTES)]);
    let lower = near.to_ascii_lowercase();
    let mut attrs = Attrs::default();
    for at in memmem::find_iter(lower.as_bytes(), b"<meta") {
        let end = crate::text::tag_end(lower.as_bytes(), at + 5);
        attrs.read(&lower[at + 5..end]);
        let label = attrs.filled("charset").or_else(|| {
            let content = attrs.filled("content")?;
            attrs.get("http-equiv").filter(|name| name == "content-type")?;
            Some(content.split("charset=").nth(1)?.trim().to_owned().into())
        });
        if let Some(encoding) = label.and_then(|label| Encoding::for_label(label.as_bytes())) {
            return Some(if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], content_type: Option<&str>, text: &str, encoding: &str) {
        let (got, name) = decode(bytes, content_type);
        assert_eq!((&*got, name), (text, encoding));
    }

    #[test]
    fn the_encoding_is_found_in_each_place() {
        check(b"\xEF\xBB\xBFgr\xC3\xBCn", Some("text/html; charset=koi8-r"), "grün", "UTF-8");
        check(b"gr\xFCn", Some("text/html; charset=ISO-8859-1"), "grün", "windows-1252");
        let meta = b"<meta charset='windows-1251'>\xEF\xF0\xE8";
        check(meta, None, "<meta charset='windows-1251'>при", "windows-1251");
        let meta = b"<META http-equiv=Content-Type content='text/html; charset=shift_jis'>\x93\xFA";
        check(meta, None, "<META http-equiv=Content-Type content='text/html; charset=shift_jis'>日", "Shift_JIS");
        check(b"gr\xFCn", None, "grün", "windows-1252");
        check(b"<\0a\0>\0", None, "<a>", "UTF-16LE");
    }

    #[test]
    fn bytes_that_are_utf_8_beat_a_wrong_label() {
        check("grün".as_bytes(), Some("text/html; charset=iso-8859-1"), "grün", "UTF-8");
        check(b"<meta charset=utf-8>gr\xFCn", None, "<meta charset=utf-8>grün", "windows-1252");
    }
}
