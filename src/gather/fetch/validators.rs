//! Validators: `ETag` and `Last-Modified`, byte for byte, bound to the address they came from.

use reqwest::header::{ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use url::Url;

use crate::store::Validators;

/// Longest validator that is kept, in bytes; a longer one would not fit a request head.
const MAX_BYTES: usize = 4096;

/// The validators of an answer from `url`; `None`: it has none, and the next request is sent without.
pub(crate) fn of_answer(headers: &HeaderMap, url: &Url) -> Option<Validators> {
    let etag = raw(headers, ETAG);
    let last_modified = raw(headers, LAST_MODIFIED);
    (etag.is_some() || last_modified.is_some()).then(|| Validators {
        url: url.as_str().to_owned(),
        etag,
        last_modified,
    })
}

/// `old` with what a 304 from the same address updates (RFC 9111 §3.2: the rest stays).
pub(crate) fn renewed(old: Option<&Validators>, headers: &HeaderMap, url: &Url) -> Option<Validators> {
    let Some(old) = old.filter(|old| old.url == url.as_str()) else { return of_answer(headers, url) };
    Some(Validators {
        url: old.url.clone(),
        etag: raw(headers, ETAG).or_else(|| old.etag.clone()),
        last_modified: raw(headers, LAST_MODIFIED).or_else(|| old.last_modified.clone()),
    })
}

/// Adds the validators to a request for `url`, if they belong to it; returns whether it did.
pub(crate) fn ask_with(validators: Option<&Validators>, url: &Url, headers: &mut HeaderMap) -> Asked {
    let Some(validators) = validators.filter(|v| v.url == url.as_str()) else { return Asked::Anew };
    let mut asked = Asked::Anew;
    for (name, value) in [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)] {
        if let Some(value) = value.as_deref().and_then(|bytes| HeaderValue::from_bytes(bytes).ok()) {
            headers.insert(name, value);
            asked = Asked::Conditionally;
        }
    }
    asked
}

/// Whether 304 is a possible answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// No validators were sent.
    Anew,
    /// At least one was.
    Conditionally,
}

fn raw(headers: &HeaderMap, name: HeaderName) -> Option<Vec<u8>> {
    let bytes = headers.get(name)?.as_bytes();
    (!bytes.is_empty() && bytes.len() <= MAX_BYTES).then(|| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(etag: Option<&[u8]>, last_modified: Option<&[u8]>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(ETAG, etag), (LAST_MODIFIED, last_modified)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_bytes(value).unwrap());
            }
        }
        headers
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn validators_go_back_byte_for_byte() {
        let here = url("https://a.example/f");
        let kept = of_answer(&answer(Some(b"\"a\"b-\xE9\""), Some(b"garbage-Not A Date")), &here);
        let mut request = HeaderMap::new();
        assert_eq!(ask_with(kept.as_ref(), &here, &mut request), Asked::Conditionally);
        assert_eq!(request[IF_NONE_MATCH].as_bytes(), b"\"a\"b-\xE9\"");
        assert_eq!(request[IF_MODIFIED_SINCE].as_bytes(), b"garbage-Not A Date");
    }

    #[test]
    fn validators_go_nowhere_else() {
        let kept = of_answer(&answer(Some(b"\"a\""), None), &url("https://a.example/f"));
        let mut request = HeaderMap::new();
        assert_eq!(ask_with(kept.as_ref(), &url("https://b.example/f"), &mut request), Asked::Anew);
        assert!(request.is_empty());
    }

    #[test]
    fn an_answer_without_validators_leaves_none() {
        assert_eq!(of_answer(&answer(None, None), &url("https://a.example/f")), None);
        assert_eq!(of_answer(&answer(Some(b""), Some(&[b'x'; 5000])), &url("https://a.example/f")), None);
    }

    #[test]
    fn not_modified_renews_what_it_names_and_keeps_the_rest() {
        let here = url("https://a.example/f");
        let old = of_answer(&answer(Some(b"\"1\""), Some(b"then")), &here);
        let new = renewed(old.as_ref(), &answer(Some(b"\"2\""), None), &here).unwrap();
        assert_eq!((new.etag, new.last_modified), (Some(b"\"2\"".to_vec()), Some(b"then".to_vec())));
    }
}
