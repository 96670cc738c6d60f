//! To whom an address belongs.

use url::{Host, Url};

use super::publisher_of;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
