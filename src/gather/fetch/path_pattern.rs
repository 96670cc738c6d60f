//! The patterns by which robots.txt (RFC 9309 §2.2.2) and tdmrep.json (TDMRep §6.1) name addresses of a host. Pure.
//!
//! Matching is linear in the pattern and the address: no pattern can make it slow.

use std::fmt;

use memchr::memmem;
use url::Url;

/// A path with `*` for any run of bytes and, at its end, `$` for the end of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathPattern {
    /// Normalised.
    bytes: Vec<u8>,
    /// The pattern ends with the address (`$`).
    to_the_end: bool,
}

impl PathPattern {
    /// `None`: an empty value, which names nothing.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let (value, to_the_end) = match value.strip_suffix(b"$") {
            Some(value) => (value, true),
            None => (value, false),
        };
        if value.is_empty() {
            return None;
        }
        let mut bytes = normalised(value, Side::Pattern);
        // Written without its slash, it is intended with one.
        if !matches!(bytes[0], b'/' | b'*') {
            bytes.insert(0, b'/');
        }
        Some(Self { bytes, to_the_end })
    }

    /// Its length in bytes as written: what "the most specific match" is measured by (RFC 9309 §2.2.2).
    pub(crate) fn length(&self) -> usize {
        self.bytes.len() + usize::from(self.to_the_end)
    }

    /// Whether it matches `path`, which comes from [`path_of`].
    pub(crate) fn matches(&self, path: &[u8]) -> bool {
        let mut parts = self.bytes.split(|b| *b == b'*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = path.strip_prefix(first) else { return false };
        let mut last = None;
        for part in parts {
            // The preceding part is found as early as possible: that leaves the most for those that follow.
            if let Some(part) = last.replace(part) {
                match memmem::find(rest, part) {
                    Some(at) => rest = &rest[at + part.len()..],
                    None => return false,
                }
            }
        }
        match last {
            None => !self.to_the_end || rest.is_empty(),
            Some(part) if self.to_the_end => rest.ends_with(part),
            Some(part) => memmem::find(rest, part).is_some(),
        }
    }
}

/// Parsing it again yields the same pattern.
impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.to_the_end { "$" } else { "" };
        write!(f, "{}{end}", String::from_utf8_lossy(&self.bytes))
    }
}

/// Path and query of `url` in the one spelling that patterns match.
pub(crate) fn path_of(url: &Url) -> Vec<u8> {
    let mut path = normalised(url.path().as_bytes(), Side::Address);
    if let Some(query) = url.query() {
        path.push(b'?');
        path.extend(normalised(query.as_bytes(), Side::Address));
    }
    path
}

/// Stands for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Address,
    /// `*`, which stands for anything.
    Pattern,
}

/// One spelling for all that mean the same (RFC 9309 §2.2.2): what needs no escape has none, everything
/// else has one in upper case.
fn normalised(bytes: &[u8], side: Side) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(bytes.len());
    let escape = |out: &mut Vec<u8>, byte: u8| {
        out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'%'
            && let Some(escaped) = bytes.get(at..at + 2).and_then(hex)
        {
            at += 2;
            match escaped {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(escaped),
                _ => escape(&mut out, escaped),
            }
        } else if byte.is_ascii_graphic() && byte != b'$' && (byte != b'*' || side == Side::Pattern) {
            out.push(byte);
        } else {
            escape(&mut out, byte);
        }
    }
    out
}

fn hex(two: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(two[0])? << 4 | digit(two[1])?)
}
