//! Whether this machine's clock can be right on a first run, when there is no earlier run to compare it with.

use std::sync::Arc;

use jiff::Timestamp;

use super::fetch::{ServerClocks, Votes};
use super::request::Target;
use super::task::Task;
use crate::store::MOST_BETWEEN_RUNS;

/// Once this many hosts agree with our clock …
const ENOUGH: usize = 8;
/// … and this many for each one that does not, the rest is not waited for.
const FOR_EACH: usize = 4;
/// Fewer hosts than this refuse no run while others have still to answer.
const FEWEST: usize = 3;

/// A first run under way: nothing is recorded before this is decided.
pub(super) struct FirstClock {
    servers: Arc<ServerClocks>,
    now: Timestamp,
}

/// How long there is to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decide {
    /// When it is certain.
    WhenSure,
    /// Now: no more can be held back.
    Now,
    /// Now: everyone has answered, or has had the time to.
    Finally,
}

/// What the servers say of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockVerdict {
    Unsure,
    Right,
    /// It is more than five years away from what most of them say.
    Wrong {
        servers: Timestamp,
    },
}

impl FirstClock {
    /// For a first run at `now` that begins with `tasks`; `None`: they ask no server.
    pub(super) fn of(tasks: &[Task], now: Timestamp) -> Option<Self> {
        let is_asked = |task: &&Task| task.target.local_file().is_none() && matches!(task.target, Target::Feed(_));
        let asked = tasks.iter().filter(is_asked).map(|task| &task.attempt.url);
        let servers = ServerClocks::new(MOST_BETWEEN_RUNS, asked);
        (servers.voters() > 0).then(|| Self { servers: Arc::new(servers), now })
    }

    /// Where the fetcher takes note of what servers say.
    pub(super) fn servers(&self) -> Arc<ServerClocks> {
        Arc::clone(&self.servers)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn judge(&self, decide: Decide) -> ClockVerdict {
        judge(self.servers.votes(), self.servers.voters(), decide)
    }
}

fn judge(votes: Votes, asked: usize, decide: Decide) -> ClockVerdict {
    let Votes { others, far, far_time } = votes;
    let most = |count: usize, of: usize| 2 * count > of;
    let wrong = far_time.map_or(ClockVerdict::Right, |servers| ClockVerdict::Wrong { servers });
    if most(far, asked) {
        return wrong;
    }
    if most(others, asked) || others >= ENOUGH && others >= FOR_EACH * far {
        return ClockVerdict::Right;
    }
    match decide {
        Decide::WhenSure => ClockVerdict::Unsure,
        Decide::Now if far < FEWEST => ClockVerdict::Right,
        Decide::Now | Decide::Finally if most(far, others + far) => wrong,
        Decide::Now | Decide::Finally => ClockVerdict::Right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row: hosts that are asked, that say our time or none, and that are far from it; what is made of that while
    /// more may come, when no more can be held, and at the end: `r`ight, `w`rong or `-` unsure.
    #[track_caller]
    fn check(asked: usize, others: usize, far: usize, want: &str) {
        let far_time = (far > 0).then_some(Timestamp::UNIX_EPOCH);
        let got: String = [Decide::WhenSure, Decide::Now, Decide::Finally]
            .map(|decide| match judge(Votes { others, far, far_time }, asked, decide) {
                ClockVerdict::Unsure => '-',
                ClockVerdict::Right => 'r',
                ClockVerdict::Wrong { .. } => 'w',
            })
            .into_iter()
            .collect();
        assert_eq!(got, want, "{asked} asked, {others} others, {far} far");
    }

    #[test]
    fn most_of_the_hosts_that_answer_decide() {
        check(1, 0, 1, "www");
        check(1, 1, 0, "rrr");
        check(1, 0, 0, "-rr");
        // the first of several decides nothing by itself, …
        check(5, 0, 1, "-rw");
        check(5, 0, 2, "-rw");
        check(5, 1, 2, "-rw");
        // … more than half of all do
        check(5, 0, 3, "www");
        check(5, 3, 0, "rrr");
        check(5, 2, 2, "-rr");
        check(4, 2, 2, "-rr");
        check(5, 2, 3, "www");
        // many hosts: some that agree are enough unless many do not
        check(100, 8, 0, "rrr");
        check(100, 8, 2, "rrr");
        check(100, 8, 3, "-rr");
        check(100, 8, 12, "-ww");
    }
}
