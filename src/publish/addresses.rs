//! Addresses of articles as they go out.

use url::{Host, Url};

use crate::text;

/// The publisher's own address: redirectors resolved, click trackers removed.
pub(super) fn clean_address(url: &Url) -> Url {
    let target = text::unwrap_redirect(url).filter(is_web);
    text::without_tracking(&target.unwrap_or_else(|| url.clone()))
}

/// Whether an address of a source carries what looks like an access key: that stays here.
pub(super) fn has_secret(url: &Url) -> bool {
    text::secret_part(url).is_some()
}

/// Whether every reader can follow the address: http(s), and not an IPv6 address in brackets, which older address
/// grammars (RFC 2396) and with them validators do not know.
pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host().is_some_and(|host| !matches!(host, Host::Ipv6(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_key_is_one() {
        for query in
            ["token=x", "a=1&api_key=x", "AUTH=x", "access_token=x", "feedkey=x", "key=x", "sig=x", "user_auth=x"]
        {
            assert!(has_secret(&format!("https://a.example/feed?{query}").parse().unwrap()), "{query}");
        }
        for query in
            ["", "format=rss", "tag=keyboards", "channel_id=UC0123456789abcdefghijkl", "q=token", "token=", "monkeys=1"]
        {
            assert!(!has_secret(&format!("https://a.example/feed?{query}").parse().unwrap()), "{query}");
        }
    }
}
