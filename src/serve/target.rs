//! What a request asks for.

use hyper::Uri;

/// Longest target that is looked at.
const LONGEST_TARGET: usize = 8 * 1024;

/// Why a target leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetError {
    /// 414.
    TooLong,
    /// 400: it cannot be decoded.
    Malformed,
}

/// The path that `uri` asks for, in origin or absolute form: decoded, without its leading slash.
///
/// It is only ever looked up among the names of what is served, so that no path leads anywhere else.
///
/// # Errors
/// [`TargetError`].
pub(super) fn path_of(uri: &Uri) -> Result<String, TargetError> {
    let length = uri.path().len() + uri.query().map_or(0, str::len);
    if length > LONGEST_TARGET {
        return Err(TargetError::TooLong);
    }
    let path = uri.path();
    let path = path.strip_prefix('/').unwrap_or(path);
    decoded(path).filter(|path| !path.chars().any(char::is_control)).ok_or(TargetError::Malformed)
}

/// A path without its percent-encodings; `None`: it is not UTF-8, or a `%` is not followed by two hex digits.
pub(super) fn decoded(path: &str) -> Option<String> {
    String::from_utf8(decode(path.as_bytes())?).ok()
}

/// The first value of `name` in the query of `uri`, decoded; `None`: it has none.
pub(super) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.into_iter().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// `None`: a `%` is not followed by two hex digits.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            decoded.push(*byte);
            continue;
        }
        let mut digit = || char::from(*bytes.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (high, low) = (digit()?, digit()?);
        decoded.push(high << 4 | low);
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once_and_has_no_leading_slash() {
        for (target, want) in [
            ("/", ""),
            ("/feed.xml", "feed.xml"),
            ("/feed.xml?utm_source=x#y", "feed.xml"),
            ("http://feeds.example.org/feed.xml", "feed.xml"),
            ("http://feeds.example.org", ""),
            ("/archive/", "archive/"),
            ("/f%65ed.xml", "feed.xml"),
            ("/a%2Fb", "a/b"),
            ("/%252e%252e/x", "%2e%2e/x"),
            ("/%2e%2e/feeds.toml", "../feeds.toml"),
            ("//evil.example/", "/evil.example/"),
            ("/gr%C3%BC%C3%9Fe", "grüße"),
        ] {
            assert_eq!(path_of(&target.parse().unwrap()).as_deref(), Ok(want), "{target}");
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_malformed() {
        for target in ["/%", "/%4", "/%zz", "/%+1", "/%ff", "/a%00b", "/a%0d%0ab", "/%c0%af", "/%ed%a0%80"] {
            assert_eq!(path_of(&target.parse().unwrap()), Err(TargetError::Malformed), "{target}");
        }
        let long = format!("/{}", "a".repeat(LONGEST_TARGET));
        assert_eq!(path_of(&long.parse().unwrap()), Err(TargetError::TooLong));
        let long = format!("/?{}", "a".repeat(LONGEST_TARGET));
        assert_eq!(path_of(&long.parse().unwrap()), Err(TargetError::TooLong));
    }

    #[test]
    fn a_query_is_decoded_as_a_form() {
        let value = |target: &str| query_value(&target.parse().unwrap(), "q");
        assert_eq!(value("/search?q=a+b%21").as_deref(), Some("a b!"));
        assert_eq!(value("/search?x=1&q=&q=2").as_deref(), Some(""));
        assert_eq!(value("/search?x=q"), None);
        assert_eq!(value("/search"), None);
    }
}
