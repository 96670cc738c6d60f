//! Addresses of articles as they go out.

use url::{Host, Url};

use crate::text;

/// The publisher's own address: redirectors resolved, click counters off.
pub(super) fn clean_address(url: &Url) -> Url {
    let target = text::unwrap_redirect(url).filter(is_web);
    text::without_tracking(&target.unwrap_or_else(|| url.clone()))
}

/// Whether every reader can follow the address: http(s), and no IPv6 address in brackets, which older address
/// grammars (RFC 2396) and with them validators do not know.
pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host().is_some_and(|host| !matches!(host, Host::Ipv6(_)))
}
