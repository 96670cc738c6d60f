//! The proxy that everything is fetched through.

use std::fmt;

use url::Url;

use super::read_headers::from_environment;
use super::table::Table;

/// Schemes of a proxy.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// The address of a proxy. It may hold a password: it is printed without.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(Url);

impl Proxy {
    /// Its address, user and password included.
    pub(crate) fn address(&self) -> &Url {
        &self.0
    }

    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| error.to_string())?;
        if !SCHEMES.contains(&url.scheme()) {
            return Err(format!("{}: is none of http, https, socks5 and socks5h", url.scheme()));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err("it names no host".to_owned());
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("it is an address of a page; a proxy is a host and a port".to_owned());
        }
        Ok(Self(url))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({}://{})", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

/// `proxy` of `[fetch]`; the environment counts only where feeds.toml names a variable.
pub(super) fn read_proxy(table: &Table<'_>) -> Option<Proxy> {
    let text = table.words("proxy")?;
    let found = match text.value.trim().strip_prefix("env:") {
        Some(variable) => from_environment(table, &text, variable)?,
        None => text.value.to_owned(),
    };
    Proxy::parse(&found)
        .map_err(|why| {
            let what = format!("`proxy` is no address of a proxy: {why}");
            let instead = "write \"http://127.0.0.1:3128\", \"socks5://127.0.0.1:1080\" or \"env:HTTPS_PROXY\"";
            table.wrong(text.at.clone(), what, instead);
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_and_a_port_and_its_password_is_not_shown() {
        for good in ["http://p:3128", "https://p", "socks5://127.0.0.1:1080/", "socks5h://u:secret@p:1"] {
            let proxy = Proxy::parse(good).unwrap();
            assert!(!format!("{proxy:?}").contains("secret"), "{proxy:?}");
        }
        for bad in
            ["", "p:3128", "127.0.0.1:3128", "ftp://p", "socks4://p", "http://", "http://p/feed.xml", "http://p?x"]
        {
            assert!(Proxy::parse(bad).is_err(), "{bad}");
        }
    }
}
