//! Addresses inside addresses: archives, translators, caches and readers that show a different site's page.

use url::Url;

/// Longest address that is parsed, in bytes.
const LONGEST_BYTES: usize = 8 * 1024;
/// Shortest text that is tried as Base64, in bytes: the shortest addresses need as many.
const SHORTEST_BASE64: usize = 20;
/// How many nested wrappers are unwrapped.
const DEEPEST: usize = 4;

/// Hosts whose path holds the wrapped address, possibly without its scheme.
const IN_PATH: [&str; 14] = [
    "12ft.io",
    "archive.fo",
    "archive.is",
    "archive.li",
    "archive.md",
    "archive.org",
    "archive.ph",
    "archive.today",
    "archive.vn",
    "freedium.cfd",
    "outline.com",
    "r.jina.ai",
    "removepaywall.com",
    "web.archive.org",
];

/// The addresses whose pages `url` shows, nearest first; empty for an ordinary address.
pub(crate) fn wrapped_addresses(url: &Url) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    let mut inside = vec![url.clone()];
    for _ in 0..DEEPEST {
        let next: Vec<Url> =
            inside.iter().flat_map(wrapped_once).filter(|one| one != url && !found.contains(one)).collect();
        if next.is_empty() {
            break;
        }
        found.extend(next.iter().cloned());
        inside = next;
    }
    found
}

fn wrapped_once(url: &Url) -> Vec<Url> {
    if url.as_str().len() > LONGEST_BYTES {
        return Vec::new();
    }
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
    let rest = url.as_str().split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, rest)| rest);
    let mut found: Vec<Url> = embedded(rest).into_iter().collect();
    found.extend(url.query_pairs().filter_map(|(_, value)| embedded(&value)));
    found.extend(url.query_pairs().filter_map(|(_, value)| after_cache(&value)));
    found.extend(rest.split(['/', '?', '&', '=', '#']).filter_map(in_base64));
    found.extend(translated(url, host));
    found.extend(amp_cached(url, host));
    if IN_PATH.contains(&host) {
        found.extend(in_path(rest));
    }
    found.sort();
    found.dedup();
    found
}

/// The last absolute address in a text, plain or percent-encoded: the wrapper's own address comes before it.
fn embedded(text: &str) -> Option<Url> {
    let decoded = percent_decoded(text);
    let start = ["https:/", "http:/"].iter().filter_map(|scheme| decoded.to_ascii_lowercase().rfind(scheme)).max()?;
    let (scheme, rest) = decoded[start..].split_once(":/")?;
    // Servers and browsers collapse two slashes in a path into one.
    with_host(&format!("{scheme}://{}", rest.trim_start_matches('/')))
}

/// `cache:HOST/PATH`, with or without a code before the host.
fn after_cache(text: &str) -> Option<Url> {
    let rest = text.strip_prefix("cache:")?;
    let rest = rest.split(['+', ' ']).next().unwrap_or(rest);
    let rest = rest.split_once(':').filter(|(code, _)| !code.contains(['.', '/'])).map_or(rest, |(_, rest)| rest);
    with_host(&format!("https://{rest}"))
}

/// An absolute address in a part of an address that is Base64, also with bytes around it, as readers and news services
/// write them.
fn in_base64(part: &str) -> Option<Url> {
    if part.len() < SHORTEST_BASE64 {
        return None;
    }
    let bytes = base64_decoded(part)?;
    let start = ["https://", "http://"].iter().filter_map(|scheme| find(&bytes, scheme.as_bytes())).min()?;
    let is_over = |byte: &u8| !byte.is_ascii_graphic() || matches!(byte, b'"' | b'<' | b'>');
    let inside = bytes[start..].split(is_over).next()?;
    with_host(std::str::from_utf8(inside).ok()?)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// Either alphabet, padded or not; `None` if it is none.
fn base64_decoded(text: &str) -> Option<Vec<u8>> {
    let text = percent_decoded(text);
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xFF) as u8);
        }
    }
    Some(bytes)
}

/// `a-example-com.translate.goog` shows `a.example.com`; `--` stands for a hyphen.
fn translated(url: &Url, host: &str) -> Option<Url> {
    let coded = host.strip_suffix(".translate.goog")?;
    let host = coded.replace("--", "\0").replace('-', ".").replace('\0', "-");
    let mut original = url.clone();
    original.set_host(Some(&host)).ok()?;
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| !name.starts_with("_x_tr_")).collect();
    original.set_query(None);
    if !kept.is_empty() {
        original.query_pairs_mut().extend_pairs(kept);
    }
    Some(original)
}

/// `…cdn.ampproject.org/c/s/HOST/PATH` and `google.com/amp/s/HOST/PATH`, Bing the same.
fn amp_cached(url: &Url, host: &str) -> Option<Url> {
    let mut parts = url.path().trim_start_matches('/').split('/').peekable();
    let is_cache = host.ends_with("cdn.ampproject.org") || host.ends_with("bing-amp.com");
    let is_search = (host.starts_with("google.") || host == "bing.com") && parts.peek() == Some(&"amp");
    if !is_cache && !is_search {
        return None;
    }
    parts.next();
    let scheme = if parts.next_if_eq(&"s").is_some() { "https" } else { "http" };
    let rest = parts.collect::<Vec<_>>().join("/");
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    with_host(&format!("{scheme}://{rest}{query}"))
}

/// An address without a scheme, after the words and dates of an archive's path.
fn in_path(rest: &str) -> Option<Url> {
    let rest = percent_decoded(rest);
    let mut rest = rest.as_str();
    while let Some((first, behind)) = rest.split_once('/') {
        if first.contains('.') {
            return with_host(&format!("https://{rest}"));
        }
        rest = behind;
    }
    None
}

fn with_host(text: &str) -> Option<Url> {
    Url::parse(text)
        .ok()
        .filter(|url| url.host_str().is_some_and(|host| host.contains(['.', ':']) || url.port().is_some()))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = (*first == b'%').then(|| behind.get(..2)).flatten();
        let byte =
            code.and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wrapper: &str, want: &str) {
        let found = wrapped_addresses(&Url::parse(wrapper).unwrap());
        assert!(found.iter().any(|url| url.as_str() == want), "{wrapper}: {found:?}");
    }

    #[test]
    fn archives_translators_caches_and_readers_are_unwrapped() {
        let page = "https://news.example.org/a-b/c?id=7";
        for wrapper in [
            "https://web.archive.org/web/20260101000000/https://news.example.org/a-b/c?id=7",
            "https://web.archive.org/web/2026*/https:/news.example.org/a-b/c?id=7",
            "https://web.archive.org/web/20260101id_/news.example.org/a-b/c?id=7",
            "https://archive.ph/newest/https://news.example.org/a-b/c?id=7",
            "https://archive.is/2026.01.01-000000/https://news.example.org/a-b/c?id=7",
            "https://12ft.io/https://news.example.org/a-b/c?id=7",
            "https://12ft.io/proxy?q=https%3A%2F%2Fnews.example.org%2Fa-b%2Fc%3Fid%3D7",
            "https://news-example-org.translate.goog/a-b/c?id=7&_x_tr_sl=en&_x_tr_tl=de",
            "https://translate.google.com/translate?sl=auto&tl=en&u=https://news.example.org/a-b/c?id=7",
            "https://news-example-org.cdn.ampproject.org/c/s/news.example.org/a-b/c?id=7",
            "https://www.google.com/amp/s/news.example.org/a-b/c?id=7",
            "https://www.bing.com/amp/s/news.example.org/a-b/c?id=7",
            "https://webcache.googleusercontent.com/search?q=cache:https://news.example.org/a-b/c?id=7",
            "https://webcache.googleusercontent.com/search?q=cache:news.example.org/a-b/c%3Fid%3D7&hl=en",
            "https://webcache.googleusercontent.com/search?q=cache:Xy_z09:news.example.org/a-b/c%3Fid%3D7+words",
            "https://reader.example/?u=aHR0cHM6Ly9uZXdzLmV4YW1wbGUub3JnL2EtYi9jP2lkPTc=",
            "https://reader.example/r/aHR0cHM6Ly9uZXdzLmV4YW1wbGUub3JnL2EtYi9jP2lkPTc",
            "https://news.example.net/rss/articles/CBMiI2h0dHBzOi8vbmV3cy5leGFtcGxlLm9yZy9hLWIvYz9pZD030gEA?oc=5",
            "https://r.jina.ai/https://news.example.org/a-b/c?id=7",
            "https://reader.example/view/https%3A%2F%2Fnews.example.org%2Fa-b%2Fc%3Fid%3D7",
            "https://12ft.io/https://web.archive.org/web/2026/https://news.example.org/a-b/c?id=7",
        ] {
            check(wrapper, page);
        }
        check("https://a--b-example.translate.goog/x", "https://a-b.example/x");
    }

    #[test]
    fn an_ordinary_address_holds_no_other() {
        for url in [
            "https://a.example/",
            "https://a.example/b?c=d",
            "https://archive.org/details/x",
            "https://a.example/amp/s/b",
        ] {
            assert_eq!(wrapped_addresses(&Url::parse(url).unwrap()), Vec::new(), "{url}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_address_makes_it_panic(path in "\\PC{0,80}") {
            for host in ["web.archive.org", "a-b.translate.goog", "x.cdn.ampproject.org", "a.example"] {
                if let Ok(url) = Url::parse(&format!("https://{host}/{path}")) {
                    wrapped_addresses(&url);
                }
            }
        }
    }
}
