//! A scene for tests that start the binary: a folder with feeds.toml, and an origin on loopback
//! whose pages the test changes between runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use feedloom::{Store, StoreError};
use tempfile::TempDir;

use crate::publisher::{Asked, Publisher, Response};

/// Longest that a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the origin answers at one path.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) kind: &'static str,
    pub(crate) body: Vec<u8>,
    /// Sent as `ETag`; a request that names it gets 304.
    pub(crate) etag: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    pages: BTreeMap<String, Page>,
    /// Requests so far, …
    requests: usize,
    /// … and what for.
    paths: Vec<String>,
    /// Requests wait for their answers while this is set, …
    held: bool,
    /// … and those for these paths while they are here.
    held_paths: BTreeSet<String>,
}

pub(crate) struct Scene {
    folder: TempDir,
    origin: Publisher,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Scene {
    /// An origin, and a feeds.toml whose sources are its `paths`, followed by `more`.
    pub(crate) fn new(paths: &[&str], more: &str) -> Self {
        let shared = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let answers = Arc::clone(&shared);
        let origin = Publisher::answering(move |asked| answer(asked, &answers));
        let mut text = "title = \"Replayed\"\nlink = \"https://feeds.example.org/\"\n\n\
                        [fetch]\nallow = [\"127.0.0.1\"]\nspacing = \"0s\"\n"
            .to_owned();
        for path in paths {
            write!(text, "\n[[source]]\nid = \"{path}\"\nurl = \"{}\"\n", origin.url(&format!("/{path}"))).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("feeds.toml"), text + "\n" + more).unwrap();
        Self { folder, origin, shared }
    }

    /// The address of a path of the origin.
    pub(crate) fn url(&self, path: &str) -> String {
        self.origin.url(&format!("/{path}"))
    }

    pub(crate) fn serve(&self, path: &str, page: Page) {
        self.shared.0.lock().unwrap().pages.insert(format!("/{path}"), page);
    }

    /// Requests are taken, but wait for their answers until [`Scene::release`].
    pub(crate) fn hold(&self) {
        self.shared.0.lock().unwrap().held = true;
    }

    /// The same for requests of this path alone.
    pub(crate) fn hold_path(&self, path: &str) {
        self.shared.0.lock().unwrap().held_paths.insert(format!("/{path}"));
    }

    pub(crate) fn release(&self) {
        let mut state = self.shared.0.lock().unwrap();
        (state.held, state.held_paths) = (false, BTreeSet::new());
        drop(state);
        self.shared.1.notify_all();
    }

    pub(crate) fn requests(&self) -> usize {
        self.shared.0.lock().unwrap().requests
    }

    /// Waits until the origin was asked for `path`.
    pub(crate) fn wait_for_path(&self, path: &str) {
        let path = format!("/{path}");
        let (lock, changed) = &*self.shared;
        let state = lock.lock().unwrap();
        let asked = |state: &State| state.paths.contains(&path);
        let (_state, waited) = changed.wait_timeout_while(state, PATIENCE, |state| !asked(state)).unwrap();
        assert!(!waited.timed_out(), "the origin was never asked for {path}");
    }

    /// The paths that were asked for so far, which are forgotten.
    pub(crate) fn take_paths(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.0.lock().unwrap().paths)
    }

    /// Waits until the origin has had `count` requests in all.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let (lock, changed) = &*self.shared;
        let state = lock.lock().unwrap();
        let (_state, waited) = changed.wait_timeout_while(state, PATIENCE, |state| state.requests < count).unwrap();
        assert!(!waited.timed_out(), "the origin was never asked {count} times");
    }

    /// `run --all` at `now`, started.
    pub(crate) fn start(&self, now: &str) -> Child {
        self.run_all(now).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// `run --all` at `now`, to its end.
    pub(crate) fn run(&self, now: &str) -> Output {
        self.run_all(now).output().unwrap()
    }

    /// As [`Scene::run`]; it must exit with 0 and without a word of a panic.
    #[track_caller]
    pub(crate) fn run_well(&self, now: &str) -> Output {
        let done = self.run(now);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        done
    }

    /// Any command at this scene's feeds.toml, to its end.
    pub(crate) fn say(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Any command at this scene's feeds.toml, not yet started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.arg("--config").arg(self.folder.path().join("feeds.toml"));
        command.args(words).stdin(Stdio::null());
        command
    }

    /// Adds lines to feeds.toml.
    pub(crate) fn configure(&self, more: &str) {
        let path = self.folder.path().join("feeds.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text + "\n" + more).unwrap();
    }

    fn run_all(&self, now: &str) -> Command {
        self.command(&["run", "--all", "--now", now])
    }

    /// A file beside feeds.toml.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("data/feedloom.db")
    }

    pub(crate) fn outputs(&self) -> PathBuf {
        self.folder.path().join("data/public")
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // Whoever still waits is answered.
        if let Ok(mut state) = self.shared.0.lock() {
            (state.held, state.held_paths) = (false, BTreeSet::new());
        }
        self.shared.1.notify_all();
    }
}

/// Opens a database that this process has just closed.
///
/// The tests share a process: where another one starts a program at that moment, the child holds a copy of
/// every open file, the lock's too, until it has become that program.
#[track_caller]
pub(crate) fn reopen(database: &Path) -> Store {
    let began = Instant::now();
    loop {
        match Store::open(database) {
            Err(StoreError::Locked { .. }) if began.elapsed() < PATIENCE => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

/// Waits for the end of `child`, but not for ever.
#[track_caller]
pub(crate) fn exit_code(child: &mut Child) -> Option<i32> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if began.elapsed() > PATIENCE {
            let _ = child.kill(); // it may end just now
            panic!("the run does not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Every file of `folder`, those in its folders too, with its bytes and the time it was written.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(inner, file)| (format!("{name}/{inner}"), file)));
        } else {
            found.insert(name, (fs::read(entry.path()).unwrap(), entry.metadata().unwrap().modified().unwrap()));
        }
    }
    found
}

/// One request, one answer, when nothing holds it.
fn answer(asked: &Asked, (lock, changed): &(Mutex<State>, Condvar)) -> Response {
    let mut state = lock.lock().unwrap();
    state.requests += 1;
    changed.notify_all();
    state.paths.push(asked.path.clone());
    let state = changed.wait_while(state, |state| state.held || state.held_paths.contains(&asked.path)).unwrap();
    match state.pages.get(&asked.path) {
        None => Response::new(404, &[], b""),
        Some(page) => page.answer(asked),
    }
}

impl Page {
    pub(crate) fn xml(body: impl Into<Vec<u8>>) -> Self {
        Self { kind: "application/xml", body: body.into(), etag: None }
    }

    fn answer(&self, asked: &Asked) -> Response {
        let mut headers: Vec<(&str, &[u8])> = Vec::new();
        headers.extend(self.etag.as_ref().map(|etag| ("ETag", etag.as_bytes())));
        if self.etag.is_some() && asked.header("if-none-match").as_deref() == self.etag.as_deref().map(str::as_bytes) {
            return Response::new(304, &headers, b"");
        }
        headers.push(("Content-Type", self.kind.as_bytes()));
        Response::new(200, &headers, &self.body)
    }
}
