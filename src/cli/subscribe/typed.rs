//! An address as typed by the operator.

/// `feed:https://…`, `feed://…` and an address without a scheme, as feeds.toml wants them; all else unchanged.
pub(super) fn address(typed: &str) -> String {
    let typed = typed.trim();
    let inner = typed.strip_prefix("feed:").unwrap_or(typed);
    if let Some(rest) = inner.strip_prefix("//") {
        return format!("https://{rest}");
    }
    let host = inner.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':'));
    let has_scheme = inner.contains("://") || inner.starts_with("file:") || inner.starts_with("env:");
    if is_host && !has_scheme { format!("https://{inner}") } else { inner.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_becomes_an_address() {
        for (typed, want) in [
            ("wired.example/feed", "https://wired.example/feed"),
            (" https://a.example/ ", "https://a.example/"),
            ("feed:https://a.example/x", "https://a.example/x"),
            ("feed://a.example/x", "https://a.example/x"),
            ("//a.example/x", "https://a.example/x"),
            ("file:feed.xml", "file:feed.xml"),
            ("env:TOKEN.URL", "env:TOKEN.URL"),
            ("words", "words"),
            ("ftp://a.example/", "ftp://a.example/"),
        ] {
            assert_eq!(address(typed), want);
        }
    }
}
