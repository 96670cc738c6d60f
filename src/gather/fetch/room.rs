//! How many connections this process may have open.

use std::sync::Once;

/// Descriptors reserved for everything else: the database, outputs, the runtime, filters, name look-ups.
const FOR_THE_REST: u64 = 64;
/// Descriptors for each attempt in flight: its connection, one that is kept open for its host, a name look-up.
const FOR_EACH: u64 = 3;

/// Attempts that this process has room for in parallel, with the limit on its descriptors raised as far as allowed; at
/// least one.
pub(crate) fn room_for_connections() -> usize {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
            tracing::debug!(%error, "the limit on open files stays as it is");
        }
    });
    rlimit::Resource::NOFILE.get().map_or(usize::MAX, |(soft, _)| attempts_within(soft))
}

fn attempts_within(descriptors: u64) -> usize {
    let attempts = descriptors.saturating_sub(FOR_THE_REST) / FOR_EACH;
    usize::try_from(attempts).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_descriptors_are_few_attempts_but_never_none() {
        for (descriptors, attempts) in [(0, 1), (64, 1), (100, 12), (256, 64), (1_024, 320)] {
            assert_eq!(attempts_within(descriptors), attempts, "{descriptors}");
        }
        assert!(room_for_connections() > 0);
    }
}
