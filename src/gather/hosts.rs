//! The hosts of a run: whose tasks wait for which of them, and what they let us fetch.

use tokio::time::Instant;

use super::host_key::host_key;
use super::host_policy::HostPolicies;
use super::host_queues::HostQueues;
use super::task::Task;

/// The hosts that are asked, and what they stated: lasts for a whole run.
#[derive(Debug)]
pub(crate) struct Hosts {
    pub(crate) queues: HostQueues<Box<Task>>,
    pub(crate) policies: HostPolicies,
}

impl Hosts {
    pub(super) fn queue(&mut self, task: Box<Task>, now: Instant) {
        let standing = task.standing();
        self.queues.queue(&host_key(&task.attempt.url), task, standing, now);
    }

    pub(super) fn requeue(&mut self, task: Box<Task>, earliest: Instant) {
        let standing = task.standing();
        self.queues.requeue(&host_key(&task.attempt.url), task, standing, earliest);
    }
}
