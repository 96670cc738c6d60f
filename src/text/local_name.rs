//! Names of hosts that only a local network knows.

/// Whether a name may be one of a local network: without a dot, or by its end.
pub(crate) fn is_local_name(name: &str) -> bool {
    !name.trim_end_matches('.').contains('.') || has_local_end(name)
}

/// Whether no public name server knows a name (RFC 6761, RFC 6762, RFC 8375, and `internal` and its like).
pub(crate) fn has_local_end(name: &str) -> bool {
    const ENDS: [&str; 9] =
        ["localhost", "local", "internal", "lan", "home", "corp", "intranet", "private", "localdomain"];
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let end = name.rsplit('.').next().unwrap_or_default();
    ENDS.contains(&end) || name == "home.arpa" || name.ends_with(".home.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_local_networks_are_known_by_their_end() {
        for name in ["nas", "mylocal"] {
            assert!(is_local_name(name) && !has_local_end(name), "{name}");
        }
        for local in ["localhost", "nas.local", "NAS.LAN.", "x.home.arpa", "a.b.internal", "wiki.corp"] {
            assert!(is_local_name(local) && has_local_end(local), "{local}");
        }
        for public in ["a.example", "local.example", "lan.example.org", "home.arpa.example", "xn--bcher-kva.example"] {
            assert!(!is_local_name(public), "{public}");
        }
    }
}
