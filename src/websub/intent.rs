//! What a hub verifies, or denies (WebSub §5.2, §5.3).

use jiff::SignedDuration;

/// What a hub asks a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) mode: Mode,
    pub(crate) topic: String,
    /// What is to be answered; empty where it is denied.
    pub(crate) challenge: String,
    /// How long the hub will push; `None`: it does not say.
    pub(crate) lease: Option<SignedDuration>,
    /// Why it is denied.
    pub(crate) reason: Option<String>,
}

/// What for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Subscribe,
    Unsubscribe,
    Denied,
}

impl Intent {
    /// The one in the query of an address; `None`: it holds none. A parameter that stands there twice is none.
    pub(crate) fn of_query(query: &str) -> Option<Self> {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let value = |name: &str| {
            let mut found = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_ref());
            found.next().filter(|_| found.next().is_none())
        };
        let mode = match value("hub.mode")? {
            "subscribe" => Mode::Subscribe,
            "unsubscribe" => Mode::Unsubscribe,
            "denied" => Mode::Denied,
            _ => return None,
        };
        let challenge = value("hub.challenge").unwrap_or_default().to_owned();
        if challenge.is_empty() && mode != Mode::Denied {
            return None;
        }
        // What is no number of seconds promises none.
        let lease = value("hub.lease_seconds").map(|text| SignedDuration::from_secs(text.trim().parse().unwrap_or(0)));
        let topic = value("hub.topic")?.to_owned();
        Some(Self { mode, topic, challenge, lease, reason: value("hub.reason").map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_is_whole_or_none() {
        let read = |query: &str| Intent::of_query(query);
        let whole = read(
            "hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y&hub.challenge=a+b%26&hub.lease_seconds=60&x=y",
        );
        let want = Intent {
            mode: Mode::Subscribe,
            topic: "https://a.example/?x=1&y".to_owned(),
            challenge: "a b&".to_owned(),
            lease: Some(SignedDuration::from_secs(60)),
            reason: None,
        };
        assert_eq!(whole.unwrap(), want);
        let lease = |text: &str| read(&format!("hub.mode=subscribe&hub.topic=t&hub.challenge=c{text}")).unwrap().lease;
        assert_eq!(lease(""), None);
        for none in ["", "x", "1.5", "99999999999999999999"] {
            assert_eq!(lease(&format!("&hub.lease_seconds={none}")), Some(SignedDuration::ZERO), "{none}");
        }
        let denied = read("hub.mode=denied&hub.topic=t&hub.reason=no").unwrap();
        assert_eq!((denied.mode, denied.reason.as_deref()), (Mode::Denied, Some("no")));
        for broken in [
            "",
            "hub.mode=subscribe&hub.topic=t",
            "hub.mode=subscribe&hub.topic=t&hub.challenge=",
            "hub.mode=subscribe&hub.challenge=c",
            "hub.mode=publish&hub.topic=t&hub.challenge=c",
            "hub.mode=subscribe&hub.topic=t&hub.topic=u&hub.challenge=c",
            "hub.mode=subscribe&hub.mode=unsubscribe&hub.topic=t&hub.challenge=c",
        ] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
