use std::borrow::Cow;

/// `text` without the characters that XML 1.0 forbids (§2.2 `Char`), which would make a whole
/// document unreadable, and without C1 controls, which validators warn about.
#[must_use]
pub fn without_illegal_xml(text: &str) -> Cow<'_, str> {
    let is_plain = !text.bytes().fold(false, |found, byte| found | is_suspicious(byte));
    if is_plain || text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| is_legal(*c)).collect())
}

/// Whether a byte may belong to an illegal character: without a branch, so that sixteen are checked at the same time.
fn is_suspicious(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
        | (byte == 0x7F)
        | (byte == 0xC2)
        | (byte >= 0xEF)
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
        && !matches!(c as u32 & 0xFFFF, 0xFFFE | 0xFFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_gone_and_the_rest_stays() {
        assert_eq!(without_illegal_xml("a\0b\u{8}c\u{FFFE}d\u{FFFF}e\u{7f}f\u{91}g\u{1FFFF}"), "abcdefg");
        for c in (0..=0x1_FFFF).filter_map(char::from_u32).filter(|c| !is_legal(*c)) {
            assert_eq!(without_illegal_xml(&format!("a{c}b")), "ab", "{:x}", c as u32);
        }
        assert!(matches!(without_illegal_xml("tab\tline\n😀"), Cow::Borrowed(_)));
    }
}
