//! The token that opens the operator's pages.

use std::fmt;

use crate::text::content_hash;

/// The hash of a token: the token itself is kept nowhere, and two hashes are compared in the same time wherever they differ.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token([u8; 32]);

impl Token {
    /// Shorter ones could be guessed.
    pub(super) const LEAST_LENGTH: usize = 8;

    /// `None`: it is too short.
    pub(super) fn new(text: &str) -> Option<Self> {
        (text.len() >= Self::LEAST_LENGTH).then(|| Self(content_hash(text.as_bytes())))
    }

    /// Whether `authorization`, the value of that header, holds it: as a bearer's, or as the password of any user, which is
    /// what a browser asks a person for.
    pub(super) fn is_in(&self, authorization: &[u8]) -> bool {
        let Some(space) = authorization.iter().position(|byte| *byte == b' ') else { return false };
        let (scheme, rest) = authorization.split_at(space);
        let rest = rest.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return self.is(rest);
        }
        let decoded = if scheme.eq_ignore_ascii_case(b"basic") { base64(rest) } else { None };
        let colon = |decoded: &Vec<u8>| decoded.iter().position(|byte| *byte == b':');
        decoded.is_some_and(|decoded| colon(&decoded).is_some_and(|colon| self.is(&decoded[colon + 1..])))
    }

    fn is(&self, given: &[u8]) -> bool {
        let given = content_hash(given);
        self.0.iter().zip(given).fold(0, |differs, (ours, theirs)| differs | (ours ^ theirs)) == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// RFC 4648 §4; `None`: it is not that.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.strip_suffix(b"==").or(text.strip_suffix(b"=")).unwrap_or(text) {
        let digit = DIGITS.iter().position(|digit| digit == byte)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_from_a_bearer_or_as_a_password() {
        let token = Token::new("correct horse").unwrap();
        for right in [
            "Bearer correct horse",
            "bearer  correct horse ",
            "Basic OmNvcnJlY3QgaG9yc2U=",
            "basic bWU6Y29ycmVjdCBob3JzZQ==",
        ] {
            assert!(token.is_in(right.as_bytes()), "{right}");
        }
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer correct hors",
            "correct horse",
            "Basic correct horse",
            "Basic ####",
            "Basic Y29ycmVjdCBob3JzZQ==",
            "Digest correct horse",
        ] {
            assert!(!token.is_in(wrong.as_bytes()), "{wrong}");
        }
        assert!(Token::new("short").is_none() && Token::new("").is_none());
        assert!(!format!("{token:?}").contains("correct"));
    }

    #[test]
    fn base64_is_read_as_it_is_written() {
        for (text, want) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(base64(text.as_bytes()).unwrap(), want.as_bytes());
        }
        assert_eq!(base64(b"Zm 9v"), None);
    }
}
