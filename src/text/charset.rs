//! What bytes and their Content-Type say about their encoding: the part that feeds and pages have in common.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The charset of a Content-Type header.
pub(crate) fn charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        key.trim().eq_ignore_ascii_case("charset").then(|| Encoding::for_label(value.as_bytes()))?
    })
}

/// The encoding that unlabelled bytes look like; Windows-1252 if there are too few of them to tell.
pub(crate) fn guessed(bytes: &[u8]) -> &'static Encoding {
    /// Number of non-ASCII bytes from which the detector is trusted.
    const ENOUGH: usize = 24;
    /// Bytes it looks at.
    const LOOKED_AT: usize = 256 * 1024;
    let near = &bytes[..bytes.len().min(LOOKED_AT)];
    if near.iter().filter(|b| **b >= 0x80).count() < ENOUGH {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(near, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// UTF-16 without a mark: `<` and a zero byte in either order, but not two zeros.
pub(crate) fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, b, 0, ..] if *b != 0 => Some(UTF_16LE),
        [0, b'<', 0, b, ..] if *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}
