//! Large bodies take turns: however many come at once, a few are in memory as a whole, until they are read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// A body of more than this needs a place.
pub(super) const LARGE_BYTES: usize = 512 * 1024;
/// More than there are cores to read what has come: their bodies come meanwhile.
const PLACES: usize = 4;

/// The places for large bodies.
#[derive(Debug)]
pub(super) struct LargeBodies {
    places: Arc<Semaphore>,
    /// Bodies that wait for one.
    waiting: AtomicUsize,
}

/// The place of a body, as long as it is in memory; `None`: it is small.
pub(crate) type Place = Option<OwnedSemaphorePermit>;

/// How long a request has waited for a place, which is no fault of its server.
#[derive(Debug, Default)]
pub(crate) struct Waited(Mutex<Waits>);

#[derive(Debug, Default)]
struct Waits {
    ended: Duration,
    since: Option<Instant>,
}

impl Default for LargeBodies {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), waiting: AtomicUsize::new(0) }
    }
}

impl LargeBodies {
    /// Waits for a place if a body with `bytes` so far needs one and has none.
    pub(super) async fn make_room(&self, bytes: usize, place: Place, waited: &Waited) -> Place {
        if place.is_some() || bytes < LARGE_BYTES {
            return place;
        }
        let _counted = Counted::new(&self.waiting);
        waited.begin();
        // It is never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        waited.end();
        place
    }

    /// Whether some body waits for a place.
    pub(super) fn is_crowded(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// One more, as long as this lives: who waits may be cut off.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Waited {
    pub(crate) fn so_far(&self) -> Duration {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.ended + waits.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    #[cfg(test)]
    pub(crate) fn of(ended: Duration) -> Self {
        Self(Mutex::new(Waits { ended, since: None }))
    }

    fn begin(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).since = Some(Instant::now());
    }

    fn end(&self) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = waits.since.take() {
            waits.ended += since.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_large_body_waits_for_one_that_is_read_and_that_time_is_known() {
        let (bodies, waited) = (LargeBodies::default(), Waited::default());
        assert!(bodies.make_room(LARGE_BYTES - 1, None, &waited).await.is_none(), "a small one needs none");
        let mut places = Vec::new();
        for _ in 0..PLACES {
            places.push(bodies.make_room(LARGE_BYTES, None, &waited).await);
        }
        assert!(places.iter().all(Option::is_some));
        let before = waited.so_far();
        let waiting = bodies.make_room(LARGE_BYTES, None, &waited);
        tokio::pin!(waiting);
        let at_once = tokio::time::timeout(Duration::from_millis(2), &mut waiting).await;
        assert!(at_once.is_err() && waited.so_far() > before, "all places are taken");
        assert!(bodies.is_crowded());
        drop(places.pop());
        assert!(waiting.await.is_some());
        assert!(!bodies.is_crowded());
        let kept = places.pop().flatten();
        assert!(bodies.make_room(9 * LARGE_BYTES, kept, &waited).await.is_some(), "who has one does not wait again");
    }
}
