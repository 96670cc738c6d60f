//! The origin: every feed in memory as whole answers, served on any 127.x.y.z address by a process of
//! its own, so that its CPU is not counted. It is told what to do on its standard input.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use tokio::net::TcpSocket;

use crate::corpus::{BASE, Corpus};
use crate::publisher::{Asked, Publisher, Response};
use crate::render::{document, http_date, media_type};

/// A running origin, as the measuring process sees it. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Origin {
    child: Child,
    say: Option<ChildStdin>,
    hear: BufReader<ChildStdout>,
    /// Address of each feed, by number.
    pub(crate) urls: Vec<String>,
    /// Entries of all feeds at version 0: (source, guid) pairs.
    entries: u64,
    /// Bytes of all feeds at version 0, uncompressed.
    pub(crate) bytes: u64,
}

/// What the origin answered since it was last asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Served {
    pub(crate) full: u64,
    pub(crate) not_modified: u64,
    pub(crate) other: u64,
    pub(crate) bytes: u64,
    pub(crate) connections: u64,
}

impl Origin {
    pub(crate) fn start(feeds: usize, seed: u64) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["origin", &feeds.to_string(), &seed.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the origin")?;
        let say = child.stdin.take();
        let hear = BufReader::new(child.stdout.take().context("the origin has no output")?);
        let mut origin = Self { child, say, hear, urls: Vec::new(), entries: 0, bytes: 0 };
        let [entries, bytes] = origin.numbers()?;
        (origin.entries, origin.bytes) = (entries, bytes);
        for _ in 0..feeds {
            let url = origin.line()?;
            origin.urls.push(url);
        }
        Ok(origin)
    }

    /// Entries that a program holds which polled at least once at every version up to `version`.
    pub(crate) fn entries_at(&self, version: u64) -> u64 {
        self.entries
            + (0..self.urls.len() as u64).filter(|number| Corpus::changes_at(*number) <= version).count() as u64
    }

    /// Serves `version` from now on: each changes one feed in a hundred.
    pub(crate) fn serve_version(&mut self, version: u64) -> Result<()> {
        self.tell(&format!("version {version}"))?;
        let [now] = self.numbers()?;
        ensure!(now == version, "the origin serves version {now} instead of {version}");
        Ok(())
    }

    /// What was served since the last call.
    pub(crate) fn served(&mut self) -> Result<Served> {
        self.tell("served")?;
        let [full, not_modified, other, bytes, connections] = self.numbers()?;
        Ok(Served { full, not_modified, other, bytes, connections })
    }

    fn tell(&mut self, what: &str) -> Result<()> {
        let say = self.say.as_mut().context("the origin is gone")?;
        writeln!(say, "{what}").context("the origin is gone")
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.hear.read_line(&mut line)?;
        ensure!(read > 0, "the origin ended");
        Ok(line.trim_end().to_owned())
    }

    fn numbers<const N: usize>(&mut self) -> Result<[u64; N]> {
        let line = self.line()?;
        let numbers: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().context(line.clone())?;
        numbers.try_into().ok().with_context(|| format!("the origin said: {line}"))
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        drop(self.say.take()); // the end of its input ends it
        let _ = self.child.wait(); // gone already is as good
    }
}

/// One state of a feed, as the bytes that go over the wire.
struct Version {
    etag: String,
    plain: Arc<[u8]>,
    gzip: Arc<[u8]>,
    not_modified: Arc<[u8]>,
}

struct Feed {
    changes_at: u64,
    first: Version,
    changed: Version,
}

struct Site {
    feeds: Vec<Feed>,
    version: AtomicU64,
    full: AtomicU64,
    not_modified: AtomicU64,
    other: AtomicU64,
    bytes: AtomicU64,
}

/// The origin's own process: prints what it serves, then answers until its input ends.
pub(crate) fn run(feeds: u64, seed: u64) -> Result<()> {
    let listener = listen()?;
    let site = Arc::new(prepare(feeds, seed, listener.local_addr()?.port())?);
    let served = Arc::clone(&site);
    let publisher = Publisher::on(listener, move |asked| answer(&served, asked));
    listen_to_parent(&site, &publisher);
    Ok(())
}

/// A socket on every address of the loopback device.
fn listen() -> Result<TcpListener> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        #[cfg(target_os = "linux")]
        socket.bind_device(Some(b"lo")).context("cannot tie the socket to the loopback device")?;
        socket.bind(SocketAddr::from(([0, 0, 0, 0], 0)))?;
        let listener = socket.listen(4_096)?.into_std()?;
        listener.set_nonblocking(false)?;
        Ok(listener)
    })
}

fn prepare(feeds: u64, seed: u64, port: u16) -> Result<Site> {
    let corpus = Corpus::new(seed);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let share = feeds.div_ceil(threads).max(1);
    let made: Vec<(Feed, String, u64, u64)> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|part| {
                let (corpus, numbers) = (&corpus, part * share..((part + 1) * share).min(feeds));
                scope.spawn(move || numbers.map(|number| make(corpus, number, port)).collect::<Vec<_>>())
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("making feeds does not panic")).collect()
    });
    let mut out = std::io::stdout().lock();
    let (entries, bytes) = made.iter().fold((0, 0), |sum, feed| (sum.0 + feed.2, sum.1 + feed.3));
    writeln!(out, "{entries} {bytes}")?;
    for feed in &made {
        writeln!(out, "{}", feed.1)?;
    }
    out.flush()?;
    let zero = || AtomicU64::new(0);
    Ok(Site {
        feeds: made.into_iter().map(|feed| feed.0).collect(),
        version: zero(),
        full: zero(),
        not_modified: zero(),
        other: zero(),
        bytes: zero(),
    })
}

/// A feed, its address, its entries and its bytes.
fn make(corpus: &Corpus, number: u64, port: u16) -> (Feed, String, u64, u64) {
    let feed = corpus.feed(number);
    let (first, changed) = (corpus.items(&feed, false), corpus.items(&feed, true));
    let changes_at = Corpus::changes_at(number);
    let body = document(&feed, &first);
    let (entries, bytes) = (first.len() as u64, body.len() as u64);
    let kind = media_type(&feed);
    let made = Feed {
        changes_at,
        first: answers(&body, kind, BASE - 86_400, &format!("\"{number:x}-0\"")),
        changed: answers(
            &document(&feed, &changed),
            kind,
            BASE + i64::try_from(changes_at).unwrap_or(0) * 3_600,
            &format!("\"{number:x}-1\""),
        ),
    };
    (made, format!("http://{}:{port}/feed/{number}", feed.address), entries, bytes)
}

fn answers(body: &[u8], kind: &str, modified: i64, etag: &str) -> Version {
    let validators = format!("ETag: {etag}\r\nLast-Modified: {}\r\n", http_date(modified));
    let full = |encoding: &str, body: &[u8]| {
        let length = body.len();
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\n{validators}Content-Type: {kind}\r\nVary: Accept-Encoding\r\n{encoding}Content-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        answer.extend_from_slice(body);
        Arc::from(answer)
    };
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::new(6));
    encoder.write_all(body).expect("writing to memory does not fail");
    let packed = encoder.finish().expect("writing to memory does not fail");
    Version {
        etag: etag.to_owned(),
        plain: full("", body),
        gzip: full("Content-Encoding: gzip\r\n", &packed),
        not_modified: format!("HTTP/1.1 304 Not Modified\r\n{validators}\r\n").into_bytes().into(),
    }
}

fn listen_to_parent(site: &Site, publisher: &Publisher) {
    let mut connections = 0;
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let answer = match line.split_once(' ') {
            Some(("version", version)) => {
                site.version.store(version.parse().unwrap_or(0), Relaxed);
                site.version.load(Relaxed).to_string()
            }
            _ => {
                let counters = [&site.full, &site.not_modified, &site.other, &site.bytes];
                let counted = counters.map(|counter| counter.swap(0, Relaxed).to_string()).join(" ");
                let before = std::mem::replace(&mut connections, publisher.connections());
                format!("{counted} {}", connections - before)
            }
        };
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{answer}").and_then(|()| out.flush()).is_err() {
            break;
        }
    }
}

fn answer(site: &Site, asked: &Asked) -> Response {
    let number = asked.path.strip_prefix("/feed/").and_then(|number| number.parse::<usize>().ok());
    let Some(feed) = number.and_then(|number| site.feeds.get(number)) else {
        site.other.fetch_add(1, Relaxed);
        return Response::new(404, &[], b"");
    };
    let version = if feed.changes_at <= site.version.load(Relaxed) { &feed.changed } else { &feed.first };
    let header = |name: &str| asked.header(name).and_then(|value| String::from_utf8(value).ok());
    if header("if-none-match").is_some_and(|tags| tags.contains(&version.etag)) {
        site.not_modified.fetch_add(1, Relaxed);
        return Response::whole(&version.not_modified);
    }
    let packed = header("accept-encoding").is_some_and(|codings| codings.contains("gzip"));
    let answer = if packed { &version.gzip } else { &version.plain };
    site.full.fetch_add(1, Relaxed);
    site.bytes.fetch_add(answer.len() as u64, Relaxed);
    Response::whole(answer)
}
