//! Where something may be sent: to the callbacks of subscriptions, and to our own hub. Nothing else can be written over HTTP.

/// Where something may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mailbox {
    /// The callback of a subscription.
    Callback(String),
    /// Our own hub.
    Hub,
}

impl Mailbox {
    /// The folder of the callbacks.
    pub(super) const CALLBACKS: &str = "websub/";

    /// Whether `path`, as it was written, may lead to one.
    pub(super) fn may_be(path: &str) -> bool {
        path.contains(Self::CALLBACKS) || path.ends_with("/hub")
    }

    /// The methods that it answers, for `Allow`. To ask a callback changes something: it has no HEAD.
    pub(super) fn methods(&self) -> &'static str {
        match self {
            Self::Callback(_) => "GET, POST",
            Self::Hub => "GET, HEAD, OPTIONS, POST",
        }
    }

    pub(super) fn at(path: &str) -> Option<Self> {
        if path == "hub" {
            return Some(Self::Hub);
        }
        let rest = path.strip_prefix(Self::CALLBACKS)?;
        (!rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .then(|| Self::Callback(rest.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_callback_is_one() {
        assert_eq!(Mailbox::at("websub/0a1b"), Some(Mailbox::Callback("0a1b".to_owned())));
        for path in ["websub/", "websub", "websub/a/b", "websub/../x", "websub/%41", "x/websub/a", "WEBSUB/a"] {
            assert_eq!(Mailbox::at(path), None, "{path}");
        }
    }
}
