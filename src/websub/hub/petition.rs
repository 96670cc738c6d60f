//! What somebody asks the hub (WebSub §5.1): read and bounded, nothing believed yet.

use jiff::SignedDuration;
use url::Url;

use crate::store::{HubPetition, HubWish, PushSecret};

/// How long a subscription lasts unless it asks for less or more, and within which bounds.
const USUAL_LEASE: SignedDuration = SignedDuration::from_hours(10 * 24);
const LEAST_LEASE: SignedDuration = SignedDuration::from_mins(5);
const MOST_LEASE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A secret is shorter than this (§5.1).
const SECRET_BYTES: usize = 200;
const LONGEST_CALLBACK: usize = 2_048;

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// 400.
    #[error("{0}")]
    Malformed(&'static str),
    /// 404.
    #[error("this hub only has the feeds of this site")]
    NotOurs,
    /// 403.
    #[error("this hub sends nothing there")]
    Forbidden,
    /// 429.
    #[error("too many requests for this host that it did not confirm")]
    TooMany,
    /// 503.
    #[error("this hub has no room for more now")]
    Full,
}

/// What is asked in `form`.
///
/// # Errors
/// [`Rejection::Malformed`].
pub(super) fn read_petition(form: &[u8]) -> Result<HubPetition, Rejection> {
    let pairs: Vec<_> = url::form_urlencoded::parse(form).collect();
    // What was read in place of bytes that are no text would sign differently, or lead elsewhere.
    if pairs.iter().any(|(name, value)| name.starts_with("hub.") && value.contains(char::REPLACEMENT_CHARACTER)) {
        return Err(Rejection::Malformed("a parameter is no UTF-8"));
    }
    let value = |name: &str| {
        let mut found = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_ref());
        let first = found.next().filter(|value| !value.is_empty());
        if found.next().is_some() { Err(Rejection::Malformed("a parameter stands there twice")) } else { Ok(first) }
    };
    let wish = value("hub.mode")?.and_then(HubWish::from_code);
    let wish = wish.ok_or(Rejection::Malformed("hub.mode is subscribe or unsubscribe"))?;
    let callback = value("hub.callback")?.filter(|text| text.len() <= LONGEST_CALLBACK);
    let callback = callback.and_then(|text| Url::parse(text).ok()).filter(is_plain);
    let callback = callback.ok_or(Rejection::Malformed("hub.callback is no address that can be called"))?;
    let topic = value("hub.topic")?.ok_or(Rejection::Malformed("hub.topic is missing"))?.to_owned();
    let secret = value("hub.secret")?;
    if secret.is_some_and(|secret| secret.len() >= SECRET_BYTES) {
        return Err(Rejection::Malformed("hub.secret has less than 200 bytes"));
    }
    let lease = match value("hub.lease_seconds")? {
        None => USUAL_LEASE,
        Some(text) => seconds(text).ok_or(Rejection::Malformed("hub.lease_seconds is a number of seconds"))?,
    };
    let secret = secret.map(|secret| PushSecret::new(secret.to_owned()));
    Ok(HubPetition { wish, callback, topic, secret, lease: lease.clamp(LEAST_LEASE, MOST_LEASE) })
}

/// A whole number of seconds; more than anybody can count is very long.
fn seconds(text: &str) -> Option<SignedDuration> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().map_or(SignedDuration::MAX, SignedDuration::from_secs))
}

fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "hub.mode=subscribe&hub.callback=https%3A%2F%2Fa.example%2Fcb%3Fx%3D1&hub.topic=t";

    #[test]
    fn a_request_is_whole_and_bounded() {
        let read = |more: &str| read_petition(format!("{GOOD}{more}").as_bytes());
        let plain = read("").unwrap();
        assert_eq!((plain.wish, plain.callback.as_str()), (HubWish::Subscribe, "https://a.example/cb?x=1"));
        assert_eq!((plain.lease, plain.secret), (USUAL_LEASE, None));
        for (seconds, want) in [
            ("1", LEAST_LEASE),
            ("3600", SignedDuration::from_hours(1)),
            ("4294967296", MOST_LEASE),
            ("99999999999999999999", MOST_LEASE),
            ("0", LEAST_LEASE),
            ("007200", SignedDuration::from_hours(2)),
        ] {
            assert_eq!(read(&format!("&hub.lease_seconds={seconds}")).unwrap().lease, want);
        }
        assert_eq!(read("&hub.secret=&hub.lease_seconds=").unwrap(), read("").unwrap());
        assert_eq!(read(&format!("&hub.secret={}", "x".repeat(199))).unwrap().secret.unwrap().expose().len(), 199);
        for wrong in [
            format!("&hub.secret={}", "x".repeat(200)),
            "&hub.lease_seconds=-1".to_owned(),
            "&hub.lease_seconds=x".to_owned(),
            "&hub.lease_seconds=%2B60".to_owned(),
            "&hub.lease_seconds=60.0".to_owned(),
            "&hub.lease_seconds=1e3".to_owned(),
            "&hub.lease_seconds=+60".to_owned(),
            "&hub.lease_seconds=%EF%BC%96".to_owned(),
            "&hub.secret=a%FFb".to_owned(),
            "&hub.secret=%C3%28".to_owned(),
            "&hub.topic=u".to_owned(),
            "&hub.mode=unsubscribe".to_owned(),
            "&hub.secret=a&hub.secret=b".to_owned(),
        ] {
            assert!(matches!(read(&wrong), Err(Rejection::Malformed(_))), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_called_is_no_callback() {
        for callback in [
            "",
            "x",
            "ftp://a.example/",
            "https://me:pw@a.example/",
            "https://a.example/%23x#y",
            "javascript:x",
            "mailto:a@b.example",
        ] {
            let form = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("hub.mode", "subscribe"), ("hub.topic", "t"), ("hub.callback", callback)])
                .finish();
            assert!(matches!(read_petition(form.as_bytes()), Err(Rejection::Malformed(_))), "{callback}");
        }
        for form in [
            "",
            "hub.mode=publish&hub.topic=t&hub.callback=https://a.example/",
            "hub.callback=https://a.example/&hub.topic=t",
        ] {
            assert!(matches!(read_petition(form.as_bytes()), Err(Rejection::Malformed(_))), "{form}");
        }
        let long = format!("hub.mode=subscribe&hub.topic=t&hub.callback=https://a.example/{}", "x".repeat(2_048));
        assert!(read_petition(long.as_bytes()).is_err());
    }
}
