//! What names a source: its address, and the id made from it.

use super::source::SourceAddress;
use url::Url;

use crate::model::SourceId;
use crate::text::{normal_escapes, secret_part, short_hash};

/// An id from the address alone, so that other sources come and go without changing it: the host
/// without `www.`, then the path, in the characters of an id, with a hash if it is too long or has
/// a query.
pub(super) fn derived_id(address: &SourceAddress) -> SourceId {
    let url = address.to_url();
    let host = url.host_str().unwrap_or("file");
    let shown = match address {
        SourceAddress::File(path) => {
            path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
        }
        // The secret may be in the path.
        SourceAddress::Http(_) if holds_secret_in_path(&url) => host.strip_prefix("www.").unwrap_or(host).to_owned(),
        SourceAddress::Http(_) => format!("{}{}", host.strip_prefix("www.").unwrap_or(host), url.path()),
    };
    let mut id = String::new();
    for c in shown.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' => id.push(c),
            _ if id.ends_with('-') => {}
            _ => id.push('-'),
        }
    }
    let id = id.trim_matches(|c| matches!(c, '-' | '.')).to_owned();
    let ambiguous = secret_part(&url).is_some()
        || url.query().is_some()
        || url.port().is_some()
        || matches!(address, SourceAddress::File(_));
    let id = if id.is_empty() || id.len() > 64 || ambiguous {
        let hash = short_hash(&[url.as_str()]);
        format!("{}-{}", &id[..id.len().min(50)], &hash[..8])
    } else {
        id
    };
    SourceId::new(id.trim_start_matches('-')).expect("made of the characters of an id")
}

fn holds_secret_in_path(url: &Url) -> bool {
    let mut bare = url.clone();
    bare.set_query(None);
    secret_part(&bare).is_some()
}

/// What two spellings of one feed address have in common.
pub(crate) fn same_address(address: &SourceAddress) -> String {
    let bare = bare_address(address);
    match address {
        SourceAddress::File(_) => bare,
        // A query that asks nothing is none.
        SourceAddress::Http(_) => normal_escapes(bare.trim_end_matches(['?', '&']).trim_end_matches('/')),
    }
}

/// An address without scheme, `www.`, fragment and last slash; ids are made of it.
pub(super) fn bare_address(address: &SourceAddress) -> String {
    match address {
        SourceAddress::File(path) => path.display().to_string(),
        SourceAddress::Http(url) => {
            let text = url.as_str().split('#').next().unwrap_or_default();
            let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
            text.strip_prefix("www.").unwrap_or(text).trim_end_matches('/').to_owned()
        }
    }
}

/// The id of a source whose address comes from an environment variable and must not be recognisable in it.
pub(super) fn id_of_variable(variable: &str) -> SourceId {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' };
    let id: String = variable.chars().map(plain).take(60).collect();
    SourceId::new(id.trim_matches(['-', '_'])).unwrap_or_else(|_| SourceId::new("env").expect("a good id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_the_same_and_others_are_not() {
        let same = |text: &str| same_address(&SourceAddress::Http(Url::parse(text).unwrap()));
        let one = same("https://site.example/a/feed");
        for spelling in [
            "http://site.example/a/feed/",
            "https://www.site.example/a/feed?",
            "https://SITE.example:443/a/feed/?&#top",
            "https://site.example/%61/f%65ed",
        ] {
            assert_eq!(same(spelling), one, "{spelling}");
        }
        assert_eq!(same("https://site.example/a%2ffeed"), same("https://site.example/a%2Ffeed"));
        for other in ["https://site.example/a%2Ffeed", "https://site.example/a/feed?x", "https://site.example/A/feed"] {
            assert_ne!(same(other), one, "{other}");
        }
    }
}
