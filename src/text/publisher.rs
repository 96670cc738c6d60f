//! Who published an article, from its host.

/// Second labels under which a country's registry sells names (`example.co.uk`).
const SECOND_LEVEL: [&str; 12] = ["ac", "co", "com", "edu", "go", "gov", "gob", "ne", "net", "or", "org", "nic"];

/// Hosts that give each writer a name of their own below.
const SHARED: [&str; 10] = [
    "blogspot.com",
    "github.io",
    "gitlab.io",
    "livejournal.com",
    "medium.com",
    "substack.com",
    "tumblr.com",
    "typepad.com",
    "wordpress.com",
    "pages.dev",
];

/// The registrable domain of `host`, near enough to tell outlets apart: the last two labels, three
/// below a registry's second level or a host that many writers share. `None` for an address in numbers.
#[must_use]
pub(crate) fn publisher_of(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    if host.is_empty() || host.starts_with('[') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let starts: Vec<usize> = std::iter::once(0).chain(host.match_indices('.').map(|(at, _)| at + 1)).collect();
    let last = |labels: usize| &host[starts[starts.len().saturating_sub(labels)]..];
    let two = last(2);
    let (second, top) = two.split_once('.').unwrap_or((two, ""));
    let deeper = SHARED.contains(&two) || (top.len() == 2 && SECOND_LEVEL.contains(&second));
    Some(if deeper { last(3) } else { two })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_of_one_site_have_one_publisher() {
        assert_eq!(publisher_of("feeds.example.com"), Some("example.com"));
        assert_eq!(publisher_of("www.example.co.uk"), Some("example.co.uk"));
        assert_eq!(publisher_of("news.example.co.jp"), Some("example.co.jp"));
        assert_eq!(publisher_of("jane.substack.com"), Some("jane.substack.com"));
        assert_eq!(publisher_of("localhost"), Some("localhost"));
        assert_eq!(publisher_of("127.0.0.1"), None);
        assert_eq!(publisher_of("[::1]"), None);
        assert_eq!(publisher_of(""), None);
    }
}
