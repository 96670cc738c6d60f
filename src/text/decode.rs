/// `text` with its percent escapes decoded (RFC 3986 §2.1); bytes that are not UTF-8 become U+FFFD.
pub(crate) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match escaped(bytes, at) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// `text`, a part of an address, with its escapes in one spelling (RFC 3986 §6.2.2): those of letters, figures, `-`, `.`, `_`
/// and `~` decoded, all others in capitals.
pub(crate) fn normal_escapes(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        normal.push_str(before);
        rest = after;
        match escaped(text.as_bytes(), text.len() - after.len() - 1) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => normal.push(char::from(byte)),
            Some(byte) => normal.push_str(&format!("%{byte:02X}")),
            None => {
                normal.push('%');
                continue;
            }
        }
        rest = &after[2..];
    }
    normal + rest
}

/// The byte that the escape at `at` stands for.
pub(crate) fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let &[b'%', high, low] = bytes.get(at..at + 3)? else { return None };
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// What base64url (RFC 4648 §5, padding optional) hides; `None` for a different alphabet.
pub(crate) fn base64url_text(coded: &str) -> Option<String> {
    let mut bits = 0_u32;
    let mut held = 0_u32;
    let mut plain = Vec::with_capacity(coded.len() * 3 / 4);
    for byte in coded.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            plain.push((bits >> held) as u8);
        }
    }
    Some(String::from_utf8_lossy(&plain).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_broken_ones_stay() {
        assert_eq!(percent_decoded("a%2Fb%zz%4"), "a/b%zz%4");
        assert_eq!(percent_decoded("%E6%97%A5"), "日");
        assert_eq!(percent_decoded("%ff"), "\u{FFFD}");
    }

    #[test]
    fn escapes_have_one_spelling() {
        for (text, want) in [
            ("/%61%7Eb%2fc", "/a~b%2Fc"),
            ("/%e6%97%a5?q=%3D%20", "/%E6%97%A5?q=%3D%20"),
            ("/100%", "/100%"),
            ("/%zz%4%7e", "/%zz%4~"),
            ("日%41", "日A"),
            ("", ""),
        ] {
            assert_eq!(normal_escapes(text), want);
            assert_eq!(normal_escapes(want), want, "once is enough");
        }
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        assert_eq!(base64url_text("aHR0cA").as_deref(), Some("http"));
        assert_eq!(base64url_text("aHR0cA==").as_deref(), Some("http"));
        assert_eq!(base64url_text("a b"), None);
    }
}
