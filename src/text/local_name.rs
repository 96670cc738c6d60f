//! Names of hosts that only a local network knows.

/// Whether a name is one of a local network (RFC 6761, RFC 6762, RFC 8375, and `internal`).
pub(crate) fn is_local_name(name: &str) -> bool {
    const ENDS: [&str; 9] =
        ["localhost", "local", "internal", "lan", "home", "corp", "intranet", "private", "localdomain"];
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    match name.rsplit_once('.') {
        None => true,
        Some((_, end)) => ENDS.contains(&end) || name.ends_with(".home.arpa"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_local_networks_are_known_by_their_end() {
        for local in ["localhost", "nas", "nas.local", "NAS.LAN.", "x.home.arpa", "a.b.internal", "wiki.corp"] {
            assert!(is_local_name(local), "{local}");
        }
        for public in ["a.example", "local.example", "lan.example.org", "home.arpa.example", "xn--bcher-kva.example"] {
            assert!(!is_local_name(public), "{public}");
        }
    }
}
