//! `Content-Encoding` as servers spell it.

use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// A compression that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// What the headers of an answer state about the coding of its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// In the order in which they were applied.
    pub(super) codings: Vec<Coding>,
    /// The first name that is no coding we read, as sent: `aws-chunked`, `UTF-8`, `compress`.
    pub(super) unknown: Option<String>,
}

impl Declared {
    /// All lines, each a list whose members may be empty, in any case and with parameters (RFC 9110 §5.6.1, §8.4).
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut declared = Self::default();
        for line in headers.get_all(CONTENT_ENCODING) {
            let line = String::from_utf8_lossy(line.as_bytes());
            for member in line.split(',') {
                declared.add(member);
            }
        }
        declared
    }

    fn add(&mut self, member: &str) {
        let is_around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
        let name = member.split(';').next().unwrap_or_default().trim_matches(is_around);
        match name.to_ascii_lowercase().as_str() {
            "" | "identity" | "none" => {}
            "gzip" | "x-gzip" => self.codings.push(Coding::Gzip),
            "deflate" | "x-deflate" | "zlib" => self.codings.push(Coding::Deflate),
            "br" | "brotli" | "x-br" => self.codings.push(Coding::Brotli),
            "zstd" | "x-zstd" => self.codings.push(Coding::Zstd),
            _ if self.unknown.is_none() => self.unknown = Some(name.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(lines: &[&str], codings: &[Coding], unknown: Option<&str>) {
        let line = |line: &&str| (CONTENT_ENCODING, HeaderValue::from_str(line).unwrap());
        let got = Declared::of(&lines.iter().map(line).collect());
        assert_eq!(got, Declared { codings: codings.to_vec(), unknown: unknown.map(str::to_owned) }, "{lines:?}");
    }

    #[test]
    fn names_are_read_in_every_spelling() {
        use Coding::{Brotli, Deflate, Gzip, Zstd};
        check(&[], &[], None);
        for nothing in ["", " ", ",", ", ,", "identity", "Identity", "none"] {
            check(&[nothing], &[], None);
        }
        for gzip in
            ["gzip", "GZIP", "x-gzip", "X-GZip", " gzip ", "gzip,", ",gzip", "identity, gzip", "\"gzip\"", "gzip;q=1.0"]
        {
            check(&[gzip], &[Gzip], None);
        }
        check(&["Deflate"], &[Deflate], None);
        check(&["BR"], &[Brotli], None);
        check(&["ZStd"], &[Zstd], None);
        check(&["deflate, gzip"], &[Deflate, Gzip], None);
        check(&["gzip", "", "br"], &[Gzip, Brotli], None);
        check(&["aws-chunked,gzip"], &[Gzip], Some("aws-chunked"));
        check(&["UTF-8"], &[], Some("UTF-8"));
        check(&["compress, foo"], &[], Some("compress"));
    }
}
