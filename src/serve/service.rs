//! The service as a whole: sockets, loop, signals, and how it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use super::client::Entrance;
use super::listener::{ListenError, Listener};
use super::notify::Notifier;
use super::operator::Operator;
use super::rounds::Rounds;
use super::server::{MOST_CONNECTIONS, MOST_PRIVATE, serve};
use super::shared::Shared;
use super::stop::{Stop, Stopper, stop};
use crate::config::Config;
use crate::websub::{Hub, Subscriber};

/// Threads that serve: memory is copied and little else.
const MOST_THREADS: usize = 4;
/// Open files that are no connections to us.
const OTHER_FILES: u64 = 256;
/// A process that another one starts holds a copy of the lock until it is running itself.
const LOCK_TRIES: u32 = 30;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Why there is no service.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// Another one has the database.
    #[error("another service keeps {} fresh already", .database.display())]
    AlreadyServed {
        /// Which database.
        database: PathBuf,
    },
    /// A socket.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The file that keeps a second service away.
    #[error("cannot write {}", .path.display())]
    Lock {
        /// Which file.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Threads, signals.
    #[error("the system refuses what a service needs")]
    System(#[source] io::Error),
    /// The loop, or a door: without it the rest would go on with what is old, or with nobody let in.
    #[error("a part of the service broke off, a fault in feedloom")]
    Broken(#[source] JoinError),
}

/// Serves what `config` describes until it is told to end.
///
/// # Errors
/// [`ServeError`]: all but [`ServeError::Broken`] before anything is served.
pub(crate) fn run(operator: &Arc<dyn Operator>, config: Config) -> Result<(), ServeError> {
    let _only_one = only_one(&config.database)?;
    let public_room = room();
    let runtime = runtime().map_err(ServeError::System)?;
    let notifier = Arc::new(Notifier::from_environment());
    runtime.block_on(async {
        let (stopper, stop) = stop();
        let shared = Arc::new(Shared::default());
        let subscriber = subscriber(operator);
        shared.subscribe_by(Arc::clone(&subscriber));
        let hub = hub(operator);
        shared.deliver_by(Arc::clone(&hub));
        shared.configure(&config, operator.as_ref());
        // Before anybody can know that it is there: an early signal ends nothing by itself.
        let reload = signal(SignalKind::hangup()).map_err(ServeError::System)?;
        let stopper = Arc::new(stopper);
        end_by_signal(Arc::clone(&stopper), Arc::clone(&notifier))?;
        let doors = doors(&config)?;
        let mut parts = JoinSet::new();
        let (for_readers, for_operator) = (places(public_room), places(MOST_PRIVATE));
        for (listener, entrance) in doors {
            operator.note(&format!("serving on {}", listener.place()));
            let places = Arc::clone(if entrance == Entrance::Private { &for_operator } else { &for_readers });
            parts.spawn(serve(listener, entrance, Arc::clone(&shared), places, stop.clone()));
        }
        notifier.ready();
        parts.spawn(until_stopped(subscriber.tend(), stop.clone()));
        parts.spawn(until_stopped(hub.tend(), stop.clone()));
        let rounds = Rounds::new(Arc::clone(operator), shared, notifier, config, stop);
        // A task of its own: the loop may block while it reads files.
        parts.spawn(rounds.go(reload));
        end_together(parts, &stopper).await
    })
}

fn subscriber(operator: &Arc<dyn Operator>) -> Arc<Subscriber> {
    let operator = Arc::clone(operator);
    Arc::new(Subscriber::new(Timestamp::now, Box::new(move |words| operator.problem(words))))
}

fn hub(operator: &Arc<dyn Operator>) -> Arc<Hub> {
    let operator = Arc::clone(operator);
    Arc::new(Hub::new(Timestamp::now, Box::new(move |words| operator.problem(words))))
}

async fn until_stopped(part: impl Future<Output = ()>, mut stop: Stop) {
    tokio::select! { () = part => {}, () = stop.wait() => {} }
}

/// Waits until every part has ended. If one breaks off, the others end too, as they do on a signal.
async fn end_together(mut parts: JoinSet<()>, stopper: &Stopper) -> Result<(), ServeError> {
    let mut first = None;
    while let Some(ended) = parts.join_next().await {
        if let Err(broken) = ended {
            stopper.set_is_again();
            first.get_or_insert(broken);
        }
    }
    first.map_or(Ok(()), |broken| Err(ServeError::Broken(broken)))
}

/// What is listened on, and what is behind it.
fn doors(config: &Config) -> Result<Vec<(Listener, Entrance)>, ServeError> {
    let mut public = Listener::handed_over()?;
    if public.is_empty() {
        public.push(Listener::bind(&config.serve.listen, Entrance::Public)?);
    }
    let mut doors: Vec<_> = public.into_iter().map(|listener| (listener, Entrance::Public)).collect();
    if let Some(listen) = &config.serve.metrics_listen {
        doors.push((Listener::bind(listen, Entrance::Private)?, Entrance::Private));
    }
    Ok(doors)
}

/// SIGTERM and SIGINT end the service; a second one ends the process.
fn end_by_signal(stopper: Arc<Stopper>, notifier: Arc<Notifier>) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::System)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::System)?;
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if stopper.set_is_again() {
                std::process::exit(1);
            }
            notifier.stopping();
        }
    });
    Ok(())
}

fn runtime() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // The loop blocks one of them now and then.
    Builder::new_multi_thread().worker_threads(cores.clamp(2, MOST_THREADS)).thread_name("serve").enable_all().build()
}

/// Places for so many connections, by whichever socket they come in.
fn places(count: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(count))
}

/// Connections of readers that there is room for, once as many files may be open as the system lets us have.
fn room() -> usize {
    let others = OTHER_FILES + MOST_PRIVATE as u64;
    // Where it may not be raised, there is room for fewer.
    let allowed = rlimit::increase_nofile_limit(MOST_CONNECTIONS as u64 + others).unwrap_or(1_024);
    usize::try_from(allowed.saturating_sub(others)).unwrap_or(MOST_CONNECTIONS).clamp(64, MOST_CONNECTIONS)
}

/// Holds the file beside the database that keeps a second service away. Passes have a lock of their own.
fn only_one(database: &Path) -> Result<File, ServeError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".serve");
    let path = PathBuf::from(name);
    let io = |source| ServeError::Lock { path: path.clone(), source };
    if let Some(folder) = database.parent() {
        crate::store::make_folder(folder).map_err(io)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
    }
    Err(ServeError::AlreadyServed { database: fs::canonicalize(database).unwrap_or_else(|_| database.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_breaks_off_ends_the_others_and_is_reported() {
        let (stopper, stop) = stop();
        let mut parts = JoinSet::new();
        let mut waiting = stop.clone();
        parts.spawn(async move { waiting.wait().await });
        parts.spawn(async { panic!("on purpose") });
        let ended = end_together(parts, &stopper).await;
        assert!(matches!(ended, Err(ServeError::Broken(_))), "{ended:?}");
        let mut parts = JoinSet::new();
        let mut waiting = stop;
        parts.spawn(async move { waiting.wait().await });
        assert!(end_together(parts, &stopper).await.is_ok());
    }
}
