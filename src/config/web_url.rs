use url::Url;

/// An absolute http(s) address with a host and without user info.
pub(super) fn web_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text.trim()).map_err(|_| "it cannot be read")?;
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
