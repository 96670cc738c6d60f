//! Bytes → text: finding the encoding, and recovering text in spite of it.
//!
//! Order: the encoding in feeds.toml, byte order mark, HTTP charset, XML declaration, zero-byte pattern, UTF-8,
//! Windows-1252. RFC 7303 §3, not RFC 3023: text/xml without a charset is not us-ascii. Bytes that
//! *are* UTF-8 beat any 8-bit label: no real text is both at once.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memmem;

use super::mend::{Fault, Mends};
use crate::text::charset::{charset, guessed, utf_16};

/// Text and where it came from.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    /// The text without byte order mark and without characters that XML forbids.
    pub(super) text: Cow<'a, str>,
    /// Name of the encoding, as WHATWG writes it, or `UTF-32LE` / `UTF-32BE`.
    pub(super) encoding: &'static str,
}

/// Decodes `bytes`; `forced` comes from feeds.toml, `content_type` from HTTP.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    forced: Option<&'static Encoding>,
    content_type: Option<&str>,
    mends: &mut Mends,
) -> Decoded<'a> {
    let (text, encoding) = to_text(bytes, forced, content_type, mends);
    let text = match text {
        Cow::Borrowed(text) => clean(text, mends),
        Cow::Owned(text) => match clean(&text, mends) {
            Cow::Borrowed(clean) if clean.len() == text.len() => Cow::Owned(text),
            clean => Cow::Owned(clean.into_owned()),
        },
    };
    Decoded { text, encoding }
}

fn to_text<'a>(
    bytes: &'a [u8],
    forced: Option<&'static Encoding>,
    content_type: Option<&str>,
    mends: &mut Mends,
) -> (Cow<'a, str>, &'static str) {
    if let Some(encoding) = forced {
        return with(encoding, bytes, mends);
    }
    if let Some(utf_32) = Utf32::of(bytes) {
        return (Cow::Owned(utf_32.decode(bytes, mends)), utf_32.name());
    }
    if let Some((encoding, mark_length)) = Encoding::for_bom(bytes) {
        return with(encoding, &bytes[mark_length..], mends);
    }
    if let Some(encoding) = utf_16(bytes) {
        return with(encoding, bytes, mends);
    }
    let http = content_type.and_then(charset);
    let xml = declared(bytes);
    let label = http.or(xml).unwrap_or(UTF_8);
    match std::str::from_utf8(bytes) {
        Ok(text) if label == UTF_8 || label == encoding_rs::ISO_2022_JP || text.is_ascii() => {
            if label == encoding_rs::ISO_2022_JP {
                with(label, bytes, mends)
            } else {
                (Cow::Borrowed(text), label.name())
            }
        }
        Ok(text) => {
            mends.add(Fault::WrongEncoding);
            (Cow::Borrowed(text), UTF_8.name())
        }
        Err(_) if label != UTF_8 => not_utf_8(bytes, label, xml, mends),
        Err(_) => match xml.filter(|xml| *xml != UTF_8) {
            Some(xml) => {
                mends.add(Fault::WrongEncoding);
                with(xml, bytes, mends)
            }
            None => nearly_utf_8(bytes, mends),
        },
    }
}

/// Neither the label nor the bytes say UTF-8; if the label fails and the
/// document's own declaration does not, the declaration is right.
fn not_utf_8<'a>(
    bytes: &'a [u8],
    label: &'static Encoding,
    xml: Option<&'static Encoding>,
    mends: &mut Mends,
) -> (Cow<'a, str>, &'static str) {
    if let (None, Some(xml)) = (label.decode_without_bom_handling_and_without_replacement(bytes), xml)
        && let Some(text) = xml.decode_without_bom_handling_and_without_replacement(bytes)
    {
        mends.add(Fault::WrongEncoding);
        return (text, xml.name());
    }
    with(label, bytes, mends)
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8], mends: &mut Mends) -> (Cow<'a, str>, &'static str) {
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), UTF_8.name()),
            Err(_) => nearly_utf_8(bytes, mends),
        };
    }
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    if wrong {
        mends.add_many(Fault::UndecodableByte, text.matches('\u{FFFD}').count());
    }
    (text, encoding.name())
}

/// UTF-8 with other bytes in between: each of them is read as Windows-1252, the usual culprit. If they
/// outweigh the UTF-8, the whole is in a different encoding, which a detector determines.
fn nearly_utf_8<'a>(bytes: &'a [u8], mends: &mut Mends) -> (Cow<'a, str>, &'static str) {
    let (mut wide, mut wrong) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        wrong += chunk.invalid().len();
    }
    if wrong > wide {
        mends.add(Fault::WrongEncoding);
        return with(guessed(bytes), bytes, mends);
    }
    mends.add_many(Fault::UndecodableByte, wrong);
    let mut out = String::with_capacity(bytes.len() + wrong);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    (Cow::Owned(out), UTF_8.name())
}

/// The encoding of the XML declaration; UTF-16 declared in bytes that are not UTF-16 becomes UTF-8 (WHATWG).
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    const NEAR_BYTES: usize = 4_096;
    let near = &bytes[..bytes.len().min(NEAR_BYTES)];
    let start = memmem::find(near, b"<?xml")?;
    let end = start + memmem::find(&near[start..], b"?>").or_else(|| memchr::memchr(b'>', &near[start..]))?;
    let inside = &near[start..end];
    let value = &inside[memmem::find(inside, b"encoding")? + 8..];
    let quote = value.iter().position(|b| matches!(b, b'"' | b'\''))?;
    let length = memchr::memchr(value[quote], &value[quote + 1..])?;
    let encoding = Encoding::for_label(&value[quote + 1..quote + 1 + length])?;
    Some(if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding })
}

/// UTF-32, by the order of its bytes.
#[derive(Debug, Clone, Copy)]
enum Utf32 {
    BigEndian,
    LittleEndian,
}

impl Utf32 {
    /// By a mark or by the first `<`.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] => Some(Self::BigEndian),
            [0xFF, 0xFE, 0, 0, ..] | [b'<', 0, 0, 0, ..] => Some(Self::LittleEndian),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::BigEndian => "UTF-32BE",
            Self::LittleEndian => "UTF-32LE",
        }
    }

    fn decode(self, bytes: &[u8], mends: &mut Mends) -> String {
        let mut out = String::with_capacity(bytes.len() / 4);
        for four in bytes.chunks_exact(4) {
            let four = [four[0], four[1], four[2], four[3]];
            let value = match self {
                Self::BigEndian => u32::from_be_bytes(four),
                Self::LittleEndian => u32::from_le_bytes(four),
            };
            match char::from_u32(value) {
                Some('\u{FEFF}') => {}
                Some(c) => out.push(c),
                None => {
                    mends.add(Fault::UndecodableByte);
                    out.push('\u{FFFD}');
                }
            }
        }
        out
    }
}

/// `text` without marks, without characters that XML forbids (§2.2), and with C1 controls read as
/// the Windows-1252 characters that were intended.
fn clean<'a>(text: &'a str, mends: &mut Mends) -> Cow<'a, str> {
    let text = text.trim_start_matches('\u{FEFF}');
    if !needs_cleaning(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' => out.push(c),
            '\u{80}'..='\u{9F}' => {
                out.push_str(&WINDOWS_1252.decode_without_bom_handling(&[c as u32 as u8]).0);
            }
            '\u{A0}'.. if c as u32 & 0xFFFE != 0xFFFE => out.push(c),
            _ => mends.add(Fault::IllegalCharacter),
        }
    }
    Cow::Owned(out)
}

fn needs_cleaning(text: &str) -> bool {
    let bytes = text.as_bytes();
    let forbidden = |b: &u8| (*b < 0x20) & (*b != b'\t') & (*b != b'\n') & (*b != b'\r') | (*b == 0x7F);
    // Whole chunks without a branch, so that the compiler can look at many bytes at the same time.
    if bytes.chunks(1024).any(|chunk| chunk.iter().fold(false, |found, b| found | forbidden(b))) {
        return true;
    }
    if bytes.is_ascii() {
        return false;
    }
    let follows = |lead: u8, test: fn(&[u8]) -> bool| memchr::memchr_iter(lead, bytes).any(|at| test(&bytes[at + 1..]));
    follows(0xC2, |rest| rest.first().is_some_and(|b| *b < 0xA0))
        || follows(0xEF, |rest| rest.starts_with(&[0xBF, 0xBE]) || rest.starts_with(&[0xBF, 0xBF]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], content_type: Option<&str>, want: &str, encoding: &str) {
        let mut mends = Mends::default();
        let decoded = decode(bytes, None, content_type, &mut mends);
        assert_eq!((&*decoded.text, decoded.encoding), (want, encoding));
    }

    #[test]
    fn marks_labels_and_patterns_are_followed() {
        check("\u{FEFF}é".as_bytes(), Some("text/xml; charset=iso-8859-1"), "é", "UTF-8");
        check(b"<a>\xe9", Some("text/xml; charset=\"ISO-8859-1\""), "<a>é", "windows-1252");
        check(
            b"<?xml version='1.0' encoding='iso-8859-2'?>\xb1",
            None,
            "<?xml version='1.0' encoding='iso-8859-2'?>ą",
            "ISO-8859-2",
        );
        check(b"<\0a\0>\0", None, "<a>", "UTF-16LE");
        check(b"\0<\0a\0>", None, "<a>", "UTF-16BE");
        check(b"\xFE\xFF\0<\0a", None, "<a", "UTF-16BE");
        check(b"\0\0\xFE\xFF\0\0\0<\0\0\0a", None, "<a", "UTF-32BE");
        check(b"<\0\0\0a\0\0\0", None, "<a", "UTF-32LE");
    }

    #[test]
    fn bytes_that_are_utf_8_beat_a_wrong_label() {
        check(
            "<?xml encoding='latin1'?>é".as_bytes(),
            Some("text/xml; charset=windows-1251"),
            "<?xml encoding='latin1'?>é",
            "UTF-8",
        );
    }

    #[test]
    fn wrong_bytes_cost_no_more_than_themselves() {
        check(b"a\xffb\xc3\xa9", None, "aÿbé", "UTF-8");
        check(b"it\x92s", Some("text/xml; charset=utf-8"), "it’s", "windows-1252");
    }

    #[test]
    fn unlabelled_bytes_are_recognised() {
        let text = "한국어로 쓰인 글은 바이트만 보아도 알 수 있다";
        let (bytes, ..) = encoding_rs::EUC_KR.encode(text);
        check(&bytes, None, text, "EUC-KR");
    }

    #[test]
    fn forbidden_characters_are_gone() {
        check("a\0b\u{8}c\u{FFFE}d\u{92}e\u{7f}f".as_bytes(), None, "abcd’ef", "UTF-8");
        check("\u{FEFF}\u{FEFF}x".as_bytes(), None, "x", "UTF-8");
    }
}
