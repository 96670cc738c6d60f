//! To whom an address belongs.

use url::{Host, Url};

use super::canonical::site_host;
use super::{publisher_of, unwrap_redirect};

/// Who owns the article at an address, as text: the registrable domain; for a numeric address and for a machine of
/// one's own (`localhost`) host and port, since many may share it. `None` for a file.
#[must_use]
pub(crate) fn owner_of(url: &Url) -> Option<String> {
    let with_port = |host: &str| format!("{host}:{}", url.port_or_known_default().unwrap_or(0));
    match url.host()? {
        Host::Domain(name) if name.contains('.') => publisher_of(name).map(str::to_owned),
        Host::Domain(name) => Some(with_port(name)),
        host @ (Host::Ipv4(_) | Host::Ipv6(_)) => Some(with_port(&host.to_string())),
    }
}

/// Hosts of many writers under one name: nobody owns them by having a feed there.
const PLATFORMS: [&str; 22] = [
    "bsky.app",
    "codeberg.org",
    "dev.to",
    "facebook.com",
    "feedburner.com",
    "flickr.com",
    "github.com",
    "gitlab.com",
    "google.com",
    "instagram.com",
    "linkedin.com",
    "medium.com",
    "openrss.org",
    "reddit.com",
    "rsshub.app",
    "sourceforge.net",
    "t.me",
    "tiktok.com",
    "twitter.com",
    "x.com",
    "vimeo.com",
    "youtube.com",
];

/// Hosts that serve feeds for others (with their subdomains): their addresses say nothing of whose the article is.
const FEED_HOSTS: [&str; 22] = [
    "feed43.com",
    "feedblitz.com",
    "feedburner.com",
    "feedio.co",
    "feedity.com",
    "feedpress.com",
    "feedpress.it",
    "feedpress.me",
    "feedproxy.google.com",
    "feedsportal.com",
    "fetchrss.com",
    "follow.it",
    "kill-the-newsletter.com",
    "morss.it",
    "openrss.org",
    "pipes.digital",
    "politepaul.com",
    "politepol.com",
    "rss.app",
    "rsshub.app",
    "rssmix.com",
    "siftrss.com",
];

/// Whether an address is at a host that only serves feeds for others.
#[must_use]
pub(crate) fn is_feed_host(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    FEED_HOSTS.iter().any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// First parts of paths on these that are followed by the writer's own: `/r/rust`, `/@jane`, `/feed/@jane`.
const BEFORE_WRITERS: [&str; 8] = ["c", "channel", "feed", "feeds", "r", "story", "u", "user"];

/// Whether many write under this domain, each in a part of it.
#[must_use]
pub(crate) fn is_platform(domain: &str) -> bool {
    PLATFORMS.contains(&domain)
}

/// Whose place an article is in: as [`owner_of`]; on a platform the writer's part of it, `github.com/jane`. Two addresses
/// of one article ([`canonical`](super::canonical())) are in one place: behind a redirector, on a host's twin.
#[must_use]
pub(crate) fn writer_of(url: &Url) -> Option<String> {
    let inner = unwrap_redirect(url);
    let url = inner.as_ref().unwrap_or(url);
    let Some(host) = url.domain().filter(|name| name.contains('.')).map(|_| site_host(url)) else {
        return owner_of(url);
    };
    let owner = publisher_of(&host)?;
    if !is_platform(owner) {
        return Some(owner.to_owned());
    }
    let mut parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
    let own = parts.find(|part| !BEFORE_WRITERS.contains(&part.to_ascii_lowercase().as_str()));
    // A host under it is one writer's already: `jane.medium.com`.
    Some(format!("{host}/{}", own.unwrap_or_default().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::canonical;

    #[test]
    fn addresses_of_one_domain_have_one_owner() {
        let check = |a: &str, b: &str, want| {
            assert_eq!(owner_of(&a.parse().unwrap()) == owner_of(&b.parse().unwrap()), want, "{a} {b}");
        };
        check("https://feeds.a.example/x", "http://www.a.example:8080/", true);
        check("https://a.example/", "https://b.example/", false);
        check("https://jane.substack.com/", "https://john.substack.com/", false);
        check("http://127.0.0.1:1/", "http://127.0.0.1:2/", false);
        check("http://localhost:1/a", "http://localhost:1/b", true);
        assert_eq!(owner_of(&"file:///a.xml".parse().unwrap()), None);
    }

    #[test]
    fn hosts_of_feeds_own_no_article() {
        let check = |url: &str, want| assert_eq!(is_feed_host(&url.parse().unwrap()), want, "{url}");
        check("https://feeds.feedburner.com/~r/paper/~3/x/1", true);
        check("http://feedproxy.google.com/~r/paper/~3/x/1", true);
        check("https://news.google.com/x", false);
        check("https://notfeedburner.com/x", false);
    }

    #[test]
    fn on_a_platform_each_writer_has_a_place() {
        let check = |a: &str, b: &str, want| {
            assert_eq!(writer_of(&a.parse().unwrap()) == writer_of(&b.parse().unwrap()), want, "{a} {b}");
        };
        check("https://github.com/jane/x/releases.atom", "https://github.com/jane/x/releases/tag/v2", true);
        check("https://github.com/jane/x/releases.atom", "https://github.com/joe/y/releases/tag/v2", false);
        check("https://medium.com/feed/@jane", "https://medium.com/@jane/a-story-1", true);
        check("https://medium.com/feed/@jane", "https://medium.com/@joe/a-story-1", false);
        check("https://www.reddit.com/r/rust/.rss", "https://www.reddit.com/r/rust/comments/1", true);
        check("https://www.reddit.com/r/rust/.rss", "https://www.reddit.com/r/go/comments/1", false);
        check("https://feeds.a.example/x", "https://www.a.example/y", true);
        check("https://github.com/jane/x/releases.atom", "https://www.github.com/jane/x/releases/tag/v2", true);
        check("https://old.reddit.com/r/rust/.rss", "https://www.reddit.com/r/rust/comments/1", true);
        check("https://jane.medium.com/feed", "https://john.medium.com/feed", false);
    }

    #[test]
    fn all_addresses_of_an_article_are_in_one_place() {
        let check = |article: &str, other: &str| {
            let (article, other): (Url, Url) = (article.parse().unwrap(), other.parse().unwrap());
            assert_eq!(canonical(&article), canonical(&other), "{other}");
            assert_eq!(writer_of(&article), writer_of(&other), "{other}");
        };
        for other in [
            "http://www.a.example/x",
            "https://m.a.example./x/amp?utm_source=y",
            "https://a-example.cdn.ampproject.org/c/s/a.example/x",
            "https://www.google.com/url?q=https%3A%2F%2Fa.example%2Fx",
            "https://www.google.com/amp/s/a.example/x",
            "https://feedburner.com/?url=https://www.facebook.com/l.php?u=https://a.example/x",
        ] {
            check("https://a.example/x", other);
        }
        check("https://www.bbc.co.uk/news/x", "https://www.bbc.com/news/x");
        check("https://jane.blogspot.com/x", "https://jane.blogspot.de/x");
        check("https://twitter.com/jane/1", "https://mobile.x.com/jane/1");
    }
}
