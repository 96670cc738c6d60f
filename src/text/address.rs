use url::Url;

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
    let url = match base {
        Some(base) => base.join(text),
        None => Url::parse(text),
    };
    url.ok().filter(is_web)
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
    fn a_scheme_differs_from_a_path() {
        for text in ["http:", "java\nscript:x", "tag:a", "x-y+z.1:"] {
            assert!(has_scheme(text), "{text}");
        }
        for text in ["", ":", "1:2", "a/b:c", "?a:b", "#:", "//h:80/", "é:"] {
            assert!(!has_scheme(text), "{text}");
        }
    }
}
