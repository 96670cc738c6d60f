//! Accepts connections, as many as there is room for, until it is to end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::client::Entrance;
use super::connection::drive;
use super::door::Door;
use super::handler::Guest;
use super::listener::Listener;
use super::shared::Shared;
use super::stop::Stop;

/// Most connections at a time.
pub(super) const MOST_CONNECTIONS: usize = 16_384;
/// … and of those that come in by the door for the operator.
pub(super) const MOST_PRIVATE: usize = 64;
/// After an accept that failed for want of files or memory, and between two looks for who is idle.
const PAUSE: Duration = Duration::from_millis(100);
/// How long answers in flight may take at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(8);

/// Serves what comes in by `listener`, as many connections at a time as `places` has room for.
pub(super) async fn serve(
    listener: Listener,
    entrance: Entrance,
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
    mut stop: Stop,
) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let place = tokio::select! {
            place = place(&places, &shared.door) => place,
            () = stop.wait() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.wait() => break,
        };
        match accepted {
            Ok((socket, client)) => {
                let (shared, stop) = (Arc::clone(&shared), stop.clone());
                connections.spawn(async move {
                    let _place = place;
                    shared.door.counters.opened();
                    let counted = Counted(Arc::clone(&shared));
                    drive(socket, Guest { client, entrance, shared }, stop).await;
                    drop(counted);
                });
            }
            Err(_) => {
                shared.door.counters.could_not_accept();
                // Who is idle makes room; who comes waits in the queue of the system.
                shared.door.pressure.notify_waiters();
                sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    // What is not sent by then is not waited for.
    let _ = timeout(LAST_ANSWERS, async { while connections.join_next().await.is_some() {} }).await;
}

/// A place for the next connection; as long as there is none, those that are idle or become so leave.
async fn place(places: &Arc<Semaphore>, door: &Door) -> Option<tokio::sync::OwnedSemaphorePermit> {
    loop {
        if places.available_permits() == 0 {
            door.pressure.notify_waiters();
        }
        if let Ok(place) = timeout(PAUSE, Arc::clone(places).acquire_owned()).await {
            // It is never closed.
            return place.ok();
        }
    }
}

/// A connection that is open; dropped, it is closed, however it ended.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.door.counters.closed();
    }
}
