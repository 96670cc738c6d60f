//! A running service, and how it is asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::scene::{Page, Scene};

/// Longest that a test waits for what must happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A feed of `titles`, the newest last.
pub(super) fn feed(titles: &[&str]) -> Page {
    let item = |title: &&str| {
        format!(
            "<item><title>{title}</title><link>https://a.example/{title}</link><guid>{title}</guid>\
             <description>{title} and what it means to those who read of it.</description></item>"
        )
    };
    let items: String = titles.iter().rev().map(item).collect();
    let body =
        format!("<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}</channel></rss>");
    Page { kind: "application/rss+xml", body: body.into_bytes(), etag: None }
}

/// So many hours from now: a service goes by the clock, and what is run beside it must not have been before.
pub(super) fn in_hours(hours: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string()
}

/// Makes a pass beside the service, so many hours from now.
#[track_caller]
pub(super) fn run_beside(scene: &Scene, hours: i64) {
    let began = Instant::now();
    loop {
        let done = scene.run(&in_hours(hours));
        // While the service makes a pass of its own, no other can.
        let is_busy = done.status.code() == Some(75) && began.elapsed() < PATIENCE;
        if !is_busy {
            assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A running service; dropped, it is killed.
pub(super) struct Service {
    child: Child,
    pub(super) address: SocketAddr,
    said: Arc<Mutex<String>>,
}

/// An answer, taken apart.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Service {
    /// `serve` at the feeds.toml of `scene`, whose `[serve]` listens on port 0 of loopback.
    pub(super) fn start(scene: &Scene) -> Self {
        Self::started(scene.command(&["serve"]))
    }

    pub(super) fn started(command: Command) -> Self {
        Self::started_with(command, Stdio::null())
    }

    /// The same with another standard output.
    pub(super) fn started_with(mut command: Command, stdout: Stdio) -> Self {
        let mut child = command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("the service ended: {said}")).unwrap();
            let address =
                line.strip_prefix("serving on http://").map(|rest| rest.trim_end_matches('/').parse().unwrap());
            said.push_str(&line);
            said.push('\n');
            if let Some(address) = address {
                break address;
            }
        };
        let said = Arc::new(Mutex::new(said));
        let more = Arc::clone(&said);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut said = more.lock().unwrap();
                said.push_str(&line);
                said.push('\n');
            }
        });
        Self { child, address, said }
    }

    /// What it said so far.
    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// GET `path`, with more lines of a head.
    pub(super) fn get(&self, path: &str, lines: &[&str]) -> Answer {
        self.ask("GET", path, lines)
    }

    pub(super) fn ask(&self, method: &str, path: &str, lines: &[&str]) -> Answer {
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let answers = self.raw(&format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n"));
        let heads = if method == "HEAD" { vec![split_head(&answers).unwrap().0] } else { split(&answers) };
        assert_eq!(heads.len(), 1, "{}", String::from_utf8_lossy(&answers));
        heads.into_iter().next().unwrap()
    }

    /// What comes back for these bytes, until the service closes the connection.
    pub(super) fn raw(&self, bytes: &str) -> Vec<u8> {
        let mut stream = self.connect();
        // It may have refused and closed already.
        let _ = stream.write_all(bytes.as_bytes());
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers);
        answers
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Waits until what is at `path` satisfies `test`.
    #[track_caller]
    pub(super) fn wait_for(&self, path: &str, test: impl Fn(&Answer) -> bool) -> Answer {
        let began = Instant::now();
        loop {
            let answer = self.get(path, &[]);
            if test(&answer) {
                return answer;
            }
            assert!(began.elapsed() < PATIENCE, "{path}: {} {}\n{}", answer.status, answer.text(), self.said());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until it said `words`.
    #[track_caller]
    pub(super) fn wait_until_said(&self, words: &str) {
        let began = Instant::now();
        while !self.said().contains(words) {
            assert!(began.elapsed() < PATIENCE, "{words} was never said:\n{}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Waits for its end; its exit code.
    pub(super) fn end(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The answers in `bytes`, one after another.
pub(super) fn split(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some((mut answer, rest)) = split_head(bytes) {
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let length = if answer.status == 304 || answer.status == 100 { 0 } else { length };
        let (body, rest) = rest.split_at(std::cmp::min(length, rest.len()));
        answer.body = body.to_vec();
        answers.push(answer);
        bytes = rest;
    }
    answers
}

fn split_head(bytes: &[u8]) -> Option<(Answer, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some((Answer { status, head, body: Vec::new() }, &bytes[end + 4..]))
}

/// A scene with a source `a` of one entry, and a service that has published it.
pub(super) fn serving(more: &str) -> (Scene, Service) {
    let scene = scene(more);
    scene.serve("a", feed(&["first"]));
    let service = Service::start(&scene);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    (scene, service)
}

/// A scene with a source `a`, whose `[serve]` goes on with `more`.
pub(super) fn scene(more: &str) -> Scene {
    Scene::new(&["a"], &format!("[serve]\nlisten = \"127.0.0.1:0\"\n{more}\n"))
}
