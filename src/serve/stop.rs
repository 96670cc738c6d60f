//! The wish that the service ends.

use tokio::sync::watch;

/// Who may wish it.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Who obeys.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Both ends.
pub(crate) fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Wishes it; true: it was wished before.
    pub(crate) fn set_is_again(&self) -> bool {
        self.0.send_replace(true)
    }
}

impl Stop {
    pub(crate) fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is wished; a wish that nobody can utter any more counts as uttered.
    pub(crate) async fn wait(&mut self) {
        // An error means that the other end is gone.
        let _ = self.0.wait_for(|is_set| *is_set).await;
    }
}
