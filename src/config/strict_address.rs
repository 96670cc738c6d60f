//! An address in feeds.toml: whoever wrote it learns what is wrong with it.

use url::Url;

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
