//! Requests that nobody has confirmed yet: a stranger must not have us call others again and again. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// What a host did not confirm counts against it for this long; …
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
/// … this much of one host, and this much of all together.
const MOST_OF_HOST: usize = 20;
const MOST_OF_ALL: usize = 300;

/// What hosts were asked to confirm and did not, or not yet.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    asked: BTreeMap<String, Vec<Timestamp>>,
}

/// Whether a host may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MayCall {
    Yes,
    NotThisHost,
    Nobody,
}

impl Strangers {
    /// Whether `host` may be called at `now` for what it has not confirmed; then that counts until it does.
    pub(super) fn call(&mut self, host: &str, now: Timestamp) -> MayCall {
        let since = now.saturating_sub(REMEMBERED).unwrap_or(now);
        self.asked.retain(|_, times| {
            times.retain(|time| *time > since);
            !times.is_empty()
        });
        if self.asked.get(host).map_or(0, Vec::len) >= MOST_OF_HOST {
            return MayCall::NotThisHost;
        }
        if self.asked.values().map(Vec::len).sum::<usize>() >= MOST_OF_ALL {
            return MayCall::Nobody;
        }
        self.asked.entry(host.to_owned()).or_default().push(now);
        MayCall::Yes
    }

    /// `host` confirmed one of them.
    pub(super) fn confirmed(&mut self, host: &str) {
        if let Some(times) = self.asked.get_mut(host) {
            times.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    #[test]
    fn a_host_that_confirms_nothing_is_left_alone_for_an_hour() {
        let mut strangers = Strangers::default();
        for _ in 0..MOST_OF_HOST {
            assert_eq!(strangers.call("victim.example", at(0)), MayCall::Yes);
        }
        assert_eq!(strangers.call("victim.example", at(59)), MayCall::NotThisHost);
        assert_eq!(strangers.call("other.example", at(59)), MayCall::Yes);
        assert_eq!(strangers.call("victim.example", at(60)), MayCall::Yes);
    }

    #[test]
    fn a_host_that_confirms_may_go_on() {
        let mut strangers = Strangers::default();
        for _ in 0..1_000 {
            assert_eq!(strangers.call("reader.example", at(0)), MayCall::Yes);
            strangers.confirmed("reader.example");
        }
        strangers.confirmed("unknown.example");
    }

    #[test]
    fn many_names_are_no_way_around() {
        let mut strangers = Strangers::default();
        let calls = (0..1_000).filter(|number| strangers.call(&format!("{number}.example"), at(0)) == MayCall::Yes);
        assert_eq!(calls.count(), MOST_OF_ALL);
        assert_eq!(strangers.call("x.example", at(1)), MayCall::Nobody);
        assert_eq!(strangers.call("x.example", at(60)), MayCall::Yes);
    }
}
