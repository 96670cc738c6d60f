//! The loop: it sleeps until something is due or somebody changed something, and has a pass made.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::signal::unix::Signal;
use tokio::sync::oneshot;
use tokio::task::block_in_place;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::due::{self, Waiting};
use super::notify::Notifier;
use super::operator::{Operator, PassEnd, PassKind};
use super::shared::Shared;
use super::shower::Shower;
use super::stop::Stop;
use super::watch::Watch;
use crate::config::{Config, Listen};
use crate::websub::Subscriber;

/// How often it is looked whether something changed.
const LOOK: Duration = Duration::from_millis(250);
/// Passes begin at least so far apart: what is due within a minute is fetched together.
const LEAST_APART: SignedDuration = SignedDuration::from_secs(60);
/// A pass is made at least so often: it also tries again what failed.
const MOST_APART: SignedDuration = SignedDuration::from_mins(15);
/// While another run has the database, it is tried again so often; so is a takedown whose publish failed.
const LOCKED_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// After so many more or fewer connections, memory is given back.
const MANY_CONNECTIONS: i64 = 500;
/// … this many looks later, when those that are idle have nothing but their sockets.
const LOOKS_UNTIL_IDLE: u32 = 16;
/// Passes for what is pushed begin at least so far apart: a hub that pushes without end is read once a second.
const PUSHES_APART: SignedDuration = SignedDuration::from_secs(1);
/// How long a pass has to come to a place where it can end.
const LAST_PASS: Duration = Duration::from_secs(9);

/// The loop's own state.
pub(super) struct Rounds {
    operator: Arc<dyn Operator>,
    shared: Arc<Shared>,
    notifier: Arc<Notifier>,
    config: Config,
    /// feeds.toml as it was taken over last: what a pass reads of it by itself, as it begins, has not been told yet.
    taken: Taken,
    /// Where the service listens since it began, whatever `config` says now.
    listens: Places,
    watch: Watch,
    stop: Stop,
    /// A pass that runs, until it says how it ended.
    running: Option<oneshot::Receiver<PassEnd>>,
    /// What the next pass does, and when.
    next: (Timestamp, PassKind),
    last_began: Timestamp,
    /// What was said last of what is wrong: it is not said again.
    last_problem: Option<String>,
    /// Connections that were open when memory was to be given back last, and the looks until then.
    open_before: i64,
    give_back_in: u32,
    /// A pass is wanted as soon as the one that runs has ended.
    is_wanted: bool,
    /// Something was pushed while one ran.
    is_pushed: bool,
    /// When a pass began last, of whatever kind.
    last_start: Timestamp,
}

impl Rounds {
    pub(super) fn new(
        operator: Arc<dyn Operator>,
        shared: Arc<Shared>,
        notifier: Arc<Notifier>,
        config: Config,
        stop: Stop,
    ) -> Self {
        let (watch, taken, listens) = (Watch::new(&config), Taken::of(&config), places_of(&config));
        let now = Timestamp::now();
        let next = (now, PassKind::Whole);
        let (running, last_problem) = (None, None);
        Self {
            operator,
            shared,
            notifier,
            config,
            taken,
            listens,
            watch,
            stop,
            running,
            next,
            last_began: Timestamp::MIN,
            last_problem,
            open_before: 0,
            give_back_in: 0,
            is_wanted: false,
            is_pushed: false,
            last_start: Timestamp::MIN,
        }
    }

    /// Goes round until the service is to end; then waits for the pass that runs.
    pub(super) async fn go(mut self, mut reload: Signal) {
        self.begin();
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut stop = self.stop.clone();
        let subscriber = self.shared.subscriber();
        loop {
            tokio::select! {
                () = stop.wait() => break,
                _ = looks.tick() => self.look(),
                _ = reload.recv() => self.reload(Asked::BySignal),
                end = ended(&mut self.running) => self.end(end),
                () = pushed(subscriber.as_deref()) => self.take_push(),
            }
        }
        if let Some(running) = self.running.take()
            && timeout(LAST_PASS, running).await.is_err()
        {
            self.operator.note("the pass is left where it is; the next one goes on from there");
        }
    }

    /// Shows what an earlier process published. If that is not one whole set, or something waits that it did not come to,
    /// such as a takedown, that is published before anything is fetched.
    fn begin(&mut self) {
        if !self.config.database.exists() {
            return;
        }
        let waits = block_in_place(|| due::waits(&self.config, Timestamp::now()));
        if !block_in_place(|| self.take_over()) || waits != Waiting::Nothing {
            self.next.1 = PassKind::Publish;
        }
    }

    fn look(&mut self) {
        self.notifier.alive();
        self.give_back();
        if self.running.is_some() {
            return;
        }
        if self.watch.is_feeds_new() {
            self.reload(Asked::ByChange);
        }
        if self.watch.is_output_new() {
            self.shared.owe_look();
        }
        let is_database_new = self.watch.is_database_new();
        if is_database_new {
            // It may have changed which files are shown, also in folders that no output has any more.
            self.shared.owe_look();
        }
        if self.shared.is_look_owed() {
            block_in_place(|| {
                if self.take_over() {
                    // To encode what others published took more than to keep it.
                    self.operator.give_back();
                }
            });
            self.watch.excuse_reading();
        }
        if is_database_new {
            let waits = block_in_place(|| due::waits(&self.config, Timestamp::now()));
            self.watch.excuse_reading();
            match waits {
                Waiting::Nothing => {}
                Waiting::Publish => self.next = (Timestamp::now(), PassKind::Publish),
                Waiting::Unknown => self.watch.forget_database(),
            }
        }
        if Timestamp::now() >= self.next.0 {
            self.start();
        }
    }

    /// Gives memory back once many readers came or went, and had the time to be idle.
    fn give_back(&mut self) {
        let open = self.shared.door.counters.read().open;
        if (open - self.open_before).abs() > MANY_CONNECTIONS {
            (self.open_before, self.give_back_in) = (open, LOOKS_UNTIL_IDLE);
        } else if self.give_back_in > 0 {
            self.give_back_in -= 1;
            if self.give_back_in == 0 {
                self.operator.give_back();
            }
        }
    }

    /// Reads feeds.toml again. A wrong one changes nothing.
    fn reload(&mut self, asked: Asked) {
        self.notifier.reloading();
        let read = self.watch.feeds();
        let loaded = block_in_place(|| self.operator.load());
        match loaded.map_err(|error| error.to_string()).and_then(|config| self.of_same_database(config)) {
            Ok(config) => {
                let taken = Taken::of(&config);
                if taken.places != self.taken.places && taken.places != self.listens {
                    self.operator.problem("where the service listens changes when it is started again");
                }
                self.shared.configure(&config, self.operator.as_ref());
                self.shared.facts.note(|facts| facts.is_config_wrong = false);
                if taken != self.taken || asked == Asked::BySignal {
                    self.operator.note(&format!("{} is taken over", config.path.display()));
                    self.watch.change_to(&config, read);
                    (self.config, self.taken) = (config, taken);
                    self.want();
                }
            }
            Err(error) => {
                self.shared.facts.note(|facts| facts.is_config_wrong = true);
                self.operator.problem(&format!("{error}\nwhat was in force stays so until this is mended"));
            }
        }
        self.notifier.ready();
    }

    /// Another database has another lock: it is changed to when the service is started again.
    fn of_same_database(&self, config: Config) -> Result<Config, String> {
        if config.database == self.config.database {
            return Ok(config);
        }
        Err(format!("{}: another database is served once the service is started again", config.path.display()))
    }

    /// A pass begins now, or when the one that runs has ended.
    fn want(&mut self) {
        match self.running {
            Some(_) => self.is_wanted = true,
            None => self.next = (Timestamp::now(), PassKind::Whole),
        }
    }

    /// What was pushed is read and published at once, or when the pass that runs has ended.
    fn take_push(&mut self) {
        let now = Timestamp::now();
        if self.running.is_some() {
            self.is_pushed = true;
        } else if now.duration_since(self.last_start) < PUSHES_APART {
            let soon = self.last_start.saturating_add(PUSHES_APART).unwrap_or(now);
            self.next = (soon, if self.next.0 <= soon { self.next.1 } else { PassKind::Publish });
        } else {
            self.next = (now, PassKind::Publish);
            self.start();
        }
    }

    /// Shows what the files are now; false: they are not one whole set, or somebody is writing them.
    fn take_over(&self) -> bool {
        self.shared.take_over(&self.config, self.operator.as_ref())
    }

    /// Starts a pass. It goes by feeds.toml, its templates and its lists as they are now, if those are right.
    fn start(&mut self) {
        let loaded = block_in_place(|| self.operator.load());
        if let Ok(config) = loaded.map_err(|error| error.to_string()).and_then(|config| self.of_same_database(config)) {
            self.shared.keep(&config);
            self.config = config;
        }
        let (sender, receiver) = oneshot::channel();
        let (operator, config, kind, stop) =
            (Arc::clone(&self.operator), self.config.clone(), self.next.1, self.stop.clone());
        let shower = Shower::new(Arc::clone(&self.shared), Arc::clone(&self.operator));
        let pass = move || {
            // Who waits for it may be gone.
            let _ = sender.send(operator.pass(config, kind, stop, &shower));
        };
        let now = Timestamp::now();
        self.last_start = now;
        if kind == PassKind::Whole {
            self.last_began = now;
        }
        match thread::Builder::new().name("pass".to_owned()).spawn(pass) {
            Ok(_) => {
                self.running = Some(receiver);
                self.shared.facts.note(|facts| facts.pass_since = Some(now));
                self.notifier.status("a pass is running");
            }
            Err(error) => self.end(PassEnd::Failed(format!("cannot start a thread: {error}"))),
        }
    }

    fn end(&mut self, end: PassEnd) {
        self.running = None;
        let (now, kind) = (Timestamp::now(), self.next.1);
        let is_done = matches!(end, PassEnd::Done(_));
        match end {
            PassEnd::Done(done) => {
                self.shared.facts.note(|facts| facts.take_pass(&done, now));
                self.last_problem = None;
                // A publish alone fetched nothing: what was due still is.
                let next = if kind == PassKind::Publish { Some(now) } else { done.next_due };
                self.plan(next, now);
            }
            PassEnd::Locked => {
                self.shared.facts.note(|facts| facts.end_pass(now));
                self.next.0 = now.saturating_add(LOCKED_PAUSE).unwrap_or(now);
            }
            PassEnd::Stopped => self.shared.facts.note(|facts| facts.end_pass(now)),
            PassEnd::Failed(why) => {
                if self.last_problem.as_ref() != Some(&why) {
                    self.operator.problem(&why);
                }
                self.shared.facts.note(|facts| facts.fail_pass(&why, now));
                self.last_problem = Some(why);
                self.plan(None, now);
            }
        }
        self.operator.give_back();
        // What others published since is shown; files that only the pass wrote are known, and cost little to look at.
        if self.watch.is_output_new() {
            self.shared.owe_look();
        }
        // What the pass stored is no news; a takedown that came too late for it is.
        self.watch.is_database_new();
        let is_takedown_waiting = due::is_takedown_waiting(&self.config);
        self.watch.excuse_reading();
        if is_takedown_waiting {
            // After a pass that could not obey it, the next one most likely cannot either.
            let pause = if is_done { SignedDuration::ZERO } else { LOCKED_PAUSE };
            self.next = (now.saturating_add(pause).unwrap_or(now), PassKind::Publish);
        } else if std::mem::take(&mut self.is_wanted) {
            self.next = (now, PassKind::Whole);
        }
        if let Some(subscriber) = self.shared.subscriber() {
            subscriber.look_again();
        }
        if std::mem::take(&mut self.is_pushed) {
            self.take_push();
        }
    }

    /// When the next pass begins: once something is due at `due`, or a digest, or a story has waited long enough.
    fn plan(&mut self, due: Option<Timestamp>, now: Timestamp) {
        let at = |from: Timestamp, by: SignedDuration| from.saturating_add(by).unwrap_or(from);
        let publish = due::next_change(&self.config).filter(|at| *at > now);
        let latest = at(now, MOST_APART);
        let wanted = [due, publish].into_iter().flatten().min().unwrap_or(latest);
        let next = wanted.min(latest).max(at(self.last_began, LEAST_APART));
        self.next = (next, PassKind::Whole);
        self.shared.facts.note(|facts| facts.next_pass = Some(next));
        self.shared.door.expect_change(Some(next));
        self.notifier.status(&format!("the next pass begins at {next:.0}"));
    }
}

/// Where readers come in, and where the operator does.
type Places = (Listen, Option<Listen>);

/// What is compared with a feeds.toml that is read again.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    fingerprint: i64,
    places: Places,
}

impl Taken {
    fn of(config: &Config) -> Self {
        Self { fingerprint: config.fingerprint, places: places_of(config) }
    }
}

fn places_of(config: &Config) -> Places {
    (config.serve.listen.clone(), config.serve.metrics_listen.clone())
}

/// Why feeds.toml is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    ByChange,
    BySignal,
}

/// Waits until something was pushed.
async fn pushed(subscriber: Option<&Subscriber>) {
    match subscriber {
        Some(subscriber) => subscriber.arrived().await,
        None => std::future::pending().await,
    }
}

/// How the pass that runs ended; waits for ever while none does.
async fn ended(running: &mut Option<oneshot::Receiver<PassEnd>>) -> PassEnd {
    match running {
        Some(running) => {
            running.await.unwrap_or_else(|_| PassEnd::Failed("the pass broke off: a fault in feedloom".to_owned()))
        }
        None => std::future::pending().await,
    }
}
