//! Who published an article, from its host.

/// Hosts that give each writer a subdomain and are not in the public suffix list.
const SHARED: [&str; 9] = [
    "blogspot.com",
    "gitlab.io",
    "livejournal.com",
    "medium.com",
    "pages.dev",
    "substack.com",
    "tumblr.com",
    "typepad.com",
    "wordpress.com",
];

/// The registrable domain of `host` by the public suffix list (publicsuffix.org), with one more label below a host that
/// many writers share. `None` for a numeric address.
#[must_use]
pub(crate) fn publisher_of(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    if host.is_empty() || host.starts_with('[') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    // A public suffix itself, and a machine's bare name, stand for themselves.
    let domain = psl::domain_str(host).unwrap_or(host);
    if SHARED.contains(&domain) && host.len() > domain.len() {
        let below = &host[..host.len() - domain.len() - 1];
        return Some(&host[below.rfind('.').map_or(0, |at| at + 1)..]);
    }
    Some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_of_one_site_have_one_publisher() {
        assert_eq!(publisher_of("feeds.example.com"), Some("example.com"));
        assert_eq!(publisher_of("www.example.co.uk"), Some("example.co.uk"));
        assert_eq!(publisher_of("news.example.co.jp"), Some("example.co.jp"));
        assert_eq!(publisher_of("www.example.gov.br"), Some("example.gov.br"));
        assert_eq!(publisher_of("a.b.city.kawasaki.jp"), Some("city.kawasaki.jp"));
        assert_eq!(publisher_of("jane.github.io"), Some("jane.github.io"));
        assert_eq!(publisher_of("jane.substack.com"), Some("jane.substack.com"));
        assert_eq!(publisher_of("www.jane.substack.com"), Some("jane.substack.com"));
        assert_eq!(publisher_of("medium.com"), Some("medium.com"));
        assert_eq!(publisher_of("news.paper.example."), Some("paper.example"));
        assert_eq!(publisher_of("localhost"), Some("localhost"));
        assert_eq!(publisher_of("127.0.0.1"), None);
        assert_eq!(publisher_of("[::1]"), None);
        assert_eq!(publisher_of(""), None);
    }
}
