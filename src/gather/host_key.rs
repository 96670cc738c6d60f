use url::Url;

use crate::text::owner_of;

/// The key of the host of `url`: scheme, name or address, port.
pub(crate) fn host_key(url: &Url) -> String {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{}://{}:{port}", url.scheme(), host.trim_end_matches('.')),
        _ => url.as_str().to_owned(),
    }
}

/// Who answers for `url`: the owner of its domain, or the server at an address without one.
pub(super) fn owner_key(url: &Url) -> String {
    owner_of(url).unwrap_or_else(|| host_key(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_scheme_name_and_port() {
        let key = |url: &str| host_key(&Url::parse(url).unwrap());
        assert_eq!(key("https://Example.com/a?b"), "https://example.com:443");
        assert_eq!(key("http://example.com.:8080/"), "http://example.com:8080");
        assert_eq!(key("http://[::1]/"), "http://[::1]:80");
        assert_ne!(key("http://example.com/"), key("https://example.com/"));
    }
}
