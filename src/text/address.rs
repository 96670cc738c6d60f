use url::Url;

/// Longest address that others are resolved against: each of them becomes as long.
const LONGEST_BASE_BYTES: usize = 2_048;

/// `text` as the address of a web page: http or https, with a host, without user info.
///
/// Relative addresses are resolved against `base` (WHATWG URL); without a base the result is `None`.
/// Addresses of more than 4,096 bytes also return `None`: no page needs them.
#[must_use]
pub(crate) fn web_url(text: &str, base: Option<&Url>) -> Option<Url> {
    const LONGEST_BYTES: usize = 4_096;
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_BYTES {
        return None;
    }
    joined(text, base).filter(is_web)
}

/// `text` as an address of any scheme, resolved against `base` unless that is too long.
#[must_use]
pub(crate) fn joined(text: &str, base: Option<&Url>) -> Option<Url> {
    match base.filter(|base| is_base(base)) {
        Some(base) => base.join(text).ok(),
        None => Url::parse(text).ok(),
    }
}

/// Whether other addresses are resolved against `url`.
#[must_use]
pub(crate) fn is_base(url: &Url) -> bool {
    url.as_str().len() <= LONGEST_BASE_BYTES
}

/// `url` for other addresses to be resolved against, without its query where it is too long with it; `None`: it still is.
#[must_use]
pub(crate) fn as_base(url: &Url) -> Option<Url> {
    let mut base = url.clone();
    if !is_base(&base) {
        base.set_query(None);
        base.set_fragment(None);
    }
    Some(base).filter(is_base)
}

/// Whether `url` is http(s) with a host and without user info.
fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= 8_192
}

/// Whether `text` starts with a scheme (RFC 3986 §3.1), including `javascript:` with white space inside.
#[must_use]
pub(crate) fn has_scheme(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    for byte in bytes {
        match byte {
            b':' => return true,
            b'+' | b'-' | b'.' | b'\t' | b'\n' | b'\r' => {}
            b if b.is_ascii_alphanumeric() => {}
            _ => return false,
        }
    }
    false
}

/// Whether an address means something only inside the page or the program that made it.
pub(super) fn is_inner(address: &str) -> bool {
    let has = |scheme: &str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    ["about:", "blob:", "data:", "javascript:"].into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<&str>) {
        let base = Url::parse("https://example.org/feeds/all.xml").unwrap();
        assert_eq!(web_url(text, Some(&base)).as_ref().map(Url::as_str), want, "{text}");
    }

    #[test]
    fn only_web_addresses_pass() {
        check("https://example.com/a b", Some("https://example.com/a%20b"));
        check("  ../x?y=1#z\n", Some("https://example.org/x?y=1#z"));
        check("//host/x", Some("https://host/x"));
        check("http://ex\nample.com/a\r\nb", Some("http://example.com/ab"));
        check("javascript:alert(1)", None);
        check("java\nscript:alert(1)", None);
        check("data:text/html,x", None);
        check("mailto:a@example.com", None);
        check("https://user@example.com/", None);
        check("https://u:p@example.com/", None);
        check("ftp://example.com/", None);
        check("http://", None);
        check("", None);
        check(&format!("https://example.com/{}", "x".repeat(10_000)), None);
    }

    #[test]
    fn a_relative_address_needs_a_base() {
        assert_eq!(web_url("/a", None), None);
    }

    #[test]
    fn a_base_is_not_too_long() {
        let long = |length: usize| Url::parse(&format!("https://e.org/{}", "x".repeat(length - 14))).unwrap();
        let (fits, too_long) = (long(LONGEST_BASE_BYTES), long(LONGEST_BASE_BYTES + 1));
        assert_eq!(web_url("/a", Some(&fits)).unwrap().as_str(), "https://e.org/a");
        assert_eq!(web_url("a", Some(&too_long)), None);
        assert_eq!(web_url("https://a.org/b", Some(&too_long)).unwrap().as_str(), "https://a.org/b");
        assert_eq!((as_base(&fits), as_base(&too_long)), (Some(fits), None));
        let asked = Url::parse(&format!("https://e.org/a?{}", "x".repeat(4_000))).unwrap();
        assert_eq!(as_base(&asked).unwrap().as_str(), "https://e.org/a");
    }

    #[test]
    fn a_scheme_differs_from_a_path() {
        for text in ["http:", "java\nscript:x", "tag:a", "x-y+z.1:"] {
            assert!(has_scheme(text), "{text}");
        }
        for text in ["", ":", "1:2", "a/b:c", "?a:b", "#:", "//h:80/", "é:"] {
            assert!(!has_scheme(text), "{text}");
        }
    }
}
