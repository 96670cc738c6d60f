//! At which hosts a connection is kept open for the next request: few, so that no run holds thousands. Pure.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::fetch::Keep;

/// Hosts whose connection is kept, by number, with the time until which it may be.
#[derive(Debug)]
pub(super) struct KeptOpen {
    most: usize,
    for_long: Duration,
    until: HashMap<usize, Instant>,
}

impl KeptOpen {
    /// At most this many at the same time, each for this long after its last request.
    pub(super) fn new(most: usize, for_long: Duration) -> Self {
        Self { most, for_long, until: HashMap::new() }
    }

    /// What becomes of the connection of a request to a host that ends within `limit`.
    pub(super) fn decide(&mut self, host: usize, more: More, now: Instant, limit: Duration) -> Keep {
        self.until.retain(|_, until| *until > now);
        let is_kept = self.until.contains_key(&host);
        if !is_kept && (more == More::No || self.until.len() >= self.most) {
            return Keep::Close;
        }
        self.until.insert(host, now + limit + self.for_long);
        Keep::Open
    }

    /// The request to `host` is over.
    pub(super) fn finished(&mut self, host: usize, now: Instant) {
        if let Some(until) = self.until.get_mut(&host) {
            *until = now + self.for_long;
        }
    }
}

/// Whether there is more to ask a host for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_hosts_are_kept_and_those_that_have_no_more_are_not() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut kept = KeptOpen::new(2, second);
        let mut decide = |host, more, at| kept.decide(host, more, now + second * at, second * 9);
        assert_eq!(decide(1, More::No, 0), Keep::Close);
        assert_eq!(decide(1, More::Yes, 0), Keep::Open);
        assert_eq!(decide(2, More::Yes, 0), Keep::Open);
        assert_eq!(decide(3, More::Yes, 0), Keep::Close, "two are enough");
        assert_eq!(decide(1, More::No, 1), Keep::Open, "what is open is used");
        kept.finished(1, now + second * 2);
        kept.finished(2, now + second * 2);
        assert_eq!(kept.decide(3, More::Yes, now + second * 4, second), Keep::Open, "they are closed by now");
    }
}
