//! What something cost this process.

use std::time::Instant;

/// CPU seconds of this process, which other work on the machine does not change (`/proc/self/schedstat`,
/// nanoseconds); the wall clock where that is not known.
pub(crate) struct Clock {
    wall: Instant,
    cpu: Option<u64>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), cpu: Self::cpu() }
    }

    fn cpu() -> Option<u64> {
        std::fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse().ok()
    }

    pub(crate) fn seconds(&self) -> f64 {
        match (self.cpu, Self::cpu()) {
            (Some(before), Some(after)) if after > before => (after - before) as f64 / 1e9,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}
