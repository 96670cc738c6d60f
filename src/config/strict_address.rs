//! An address in feeds.toml: whoever wrote it learns what is wrong with it.

use url::Url;

/// How the message about a wrong address of a source begins; then why.
pub(crate) const NO_ADDRESS: &str = "this is no address of a feed";

/// `feed:https://…`, `feed://…`, an address without a scheme and one copied out of HTML, as feeds.toml wants them; all else
/// unchanged.
pub(crate) fn full_address(typed: &str) -> String {
    let typed = typed.trim().replace("&amp;", "&");
    let inner = typed.strip_prefix("feed:").unwrap_or(&typed);
    if let Some(rest) = inner.strip_prefix("//") {
        return format!("https://{rest}");
    }
    let host = inner.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':'));
    let has_scheme = inner.contains("://") || inner.starts_with("file:") || inner.starts_with("env:");
    if is_host && !has_scheme { format!("https://{inner}") } else { inner.to_owned() }
}

/// An absolute http(s) address with a host and without user info.
pub(super) fn strict_address(text: &str) -> Result<Url, &'static str> {
    let lacks_scheme = !text.contains("://") && !text.trim().starts_with("mailto:");
    let unreadable = if lacks_scheme { "it does not begin with https://" } else { "it cannot be read" };
    let url = Url::parse(text.trim()).map_err(|_| unreadable)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("only http and https are fetched");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it has no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a password does not belong in an address; use headers = { Authorization = \"env:NAME\" }");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_becomes_an_address() {
        for (typed, want) in [
            ("wired.example/feed", "https://wired.example/feed"),
            ("wired.example:8080/feed", "https://wired.example:8080/feed"),
            (" https://a.example/ ", "https://a.example/"),
            ("feed:https://a.example/x", "https://a.example/x"),
            ("feed://a.example/x", "https://a.example/x"),
            ("//a.example/x", "https://a.example/x"),
            ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
            ("file:feed.xml", "file:feed.xml"),
            ("env:TOKEN.URL", "env:TOKEN.URL"),
            ("words", "words"),
            ("ftp://a.example/", "ftp://a.example/"),
        ] {
            assert_eq!(full_address(typed), want);
        }
    }
}
