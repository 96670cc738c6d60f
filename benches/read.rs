//! The reading stage: speed beside feed-rs, memory, and mutated documents.
//!
//! ```text
//! cargo bench --bench read -- speed FOLDER            # MB/s, one core, on the feeds in FOLDER
//! cargo bench --bench read -- stage FOLDER            # the same work many times, for a profiler
//! cargo bench --bench read -- memory                  # peak memory for a feed of 10 MiB
//! cargo bench --bench read -- mutate FOLDER COUNT     # seeded mutations: panics and slowest document
//! ```
//!
//! Without arguments it does `memory` alone. `quality/read_peers.py` measures the Python readers on the
//! same folder.

#![expect(clippy::unwrap_used, reason = "a program for developers")]

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use feedloom::{Bytes as Input, Config, SourceConfig, entries, plain_text, read_feed as read};
use jiff::Timestamp;
use url::Url;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["speed", folder] => speed(Path::new(folder)),
        ["stage", folder] => stage(Path::new(folder)),
        ["mutate", folder, count] => mutate(Path::new(folder), count.parse().unwrap()),
        [] | ["memory"] => memory(),
        _ => eprintln!("speed FOLDER | stage FOLDER | memory | mutate FOLDER COUNT"),
    }
}

struct Rig {
    source: SourceConfig,
    url: Url,
    now: Timestamp,
}

impl Rig {
    fn new() -> Self {
        let url = Url::parse("https://example.org/feed.xml").unwrap();
        let toml = format!("[[source]]\nid = \"bench\"\nurl = \"{url}\"\n");
        let source = Config::parse(Path::new("feeds.toml"), &toml).unwrap().sources.remove(0);
        Self { source, url, now: "2026-01-01T00:00:00Z".parse().unwrap() }
    }

    /// The whole stage; the number of entries.
    fn stage(&self, bytes: &[u8]) -> Option<usize> {
        let document = read(&Input { bytes, url: Some(&self.url), ..Input::default() }).ok()?;
        Some(black_box(entries(document, &self.source, self.now)).entries.len())
    }

    fn read_alone(&self, bytes: &[u8]) -> Option<usize> {
        let document = read(&Input { bytes, url: Some(&self.url), ..Input::default() }).ok()?;
        Some(black_box(document).posts.len())
    }
}

fn feed_rs(bytes: &[u8]) -> Option<usize> {
    let parser = feed_rs::parser::Builder::new().sanitize_content(false).build();
    catch_unwind(AssertUnwindSafe(|| parser.parse(bytes).ok().map(|feed| black_box(feed).entries.len()))).ok().flatten()
}

/// Every file under `folder`, in a fixed order.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !matches!(
                path.extension().and_then(|end| end.to_str()),
                Some("tsv" | "txt" | "md" | "py" | "jsonl")
            ) {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn speed(folder: &Path) {
    std::panic::set_hook(Box::new(|_| {}));
    let rig = Rig::new();
    let all = files(folder);
    let easy: Vec<_> = all.iter().filter(|(_, bytes)| feed_rs(bytes).is_some_and(|count| count > 0)).cloned().collect();
    println!("{} files, {} of them read by feed-rs with entries", all.len(), easy.len());
    let measure = |what: &str, files: &[(String, Vec<u8>)], work: &dyn Fn(&[u8]) -> Option<usize>| {
        let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut best = Duration::MAX;
        let mut count = 0;
        for _ in 0..7 {
            let start = on_cpu();
            count = files.iter().filter_map(|(_, bytes)| work(bytes)).sum();
            best = best.min(on_cpu().saturating_sub(start));
        }
        let megabytes = bytes as f64 / 1e6;
        println!(
            "{what:<44} {megabytes:6.1} MB {count:6} entries {:8.1} ms {:7.0} MB/s",
            best.as_secs_f64() * 1e3,
            megabytes / best.as_secs_f64()
        );
    };
    measure("feed-rs alone, files it reads", &easy, &feed_rs);
    measure("read alone, the same files", &easy, &|bytes| rig.read_alone(bytes));
    measure("whole stage, the same files", &easy, &|bytes| rig.stage(bytes));
    measure("whole stage, all files", &all, &|bytes| rig.stage(bytes));
    measure("plain text of the same bytes as HTML", &all, &|bytes| {
        Some(black_box(plain_text(std::str::from_utf8(bytes).ok()?)).len())
    });
    measure("UTF-8 check alone (a floor)", &all, &|bytes| std::str::from_utf8(bytes).ok().map(str::len));
}

/// The stage alone, many times: something to look at with a profiler.
fn stage(folder: &Path) {
    let (rig, all) = (Rig::new(), files(folder));
    let count: usize = (0..30).flat_map(|_| &all).filter_map(|(_, bytes)| rig.stage(bytes)).sum();
    println!("{count} entries");
}

/// Time this thread has spent on a processor (Linux), so that other work on the machine does not count.
fn on_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split_whitespace().next().and_then(|time| time.parse().ok()).unwrap_or_default())
}

fn memory() {
    let item = "<item><title>An item of the feed</title><link>https://example.org/a?x=1&amp;y=2</link><guid>https://example.org/a</guid>\
                <pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate><category>News</category><description>&lt;p&gt;Some &lt;b&gt;text&lt;/b&gt; with \
                &lt;a href=\"/b\"&gt;a link&lt;/a&gt; and more of it, as feeds have it. Some text with a link and more of it, as feeds have it.&lt;/p&gt;\
                </description></item>\n";
    let mut feed = String::from("<rss version=\"2.0\"><channel><title>Large</title>\n");
    for number in 0.. {
        if feed.len() >= 10 * 1024 * 1024 {
            break;
        }
        feed.push_str(&item.replace("org/a<", &format!("org/{number}<")).replace("An item", &format!("Item {number}")));
    }
    feed.push_str("</channel></rss>");
    let before = peak_kib();
    let start = Instant::now();
    let count = Rig::new().stage(feed.as_bytes());
    let took = start.elapsed();
    let grown = peak_kib() - before;
    println!(
        "{} bytes, {count:?} entries kept, {took:?}, peak +{grown} KiB: {:.1} times its size",
        feed.len(),
        grown as f64 * 1024.0 / feed.len() as f64
    );
}

/// Peak resident memory of this process (Linux).
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

fn mutate(folder: &Path, count: usize) {
    let rig = Rig::new();
    let all: Vec<_> = files(folder).into_iter().filter(|(_, bytes)| bytes.len() < 400_000).collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut panics, mut refused, mut slowest) = (0, 0, (Duration::ZERO, String::new()));
    let start = Instant::now();
    for _ in 0..count {
        let (name, bytes) = &all[random.below(all.len())];
        let mut bytes = bytes.clone();
        for _ in 0..=random.below(4) {
            random.mutate(&mut bytes, &all);
        }
        let begin = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| rig.stage(&bytes))) {
            Ok(Some(_)) => {}
            Ok(None) => refused += 1,
            Err(_) => {
                panics += 1;
                println!("panic: {name}");
            }
        }
        let took = begin.elapsed();
        if took > slowest.0 {
            slowest = (took, format!("{name}, {} bytes", bytes.len()));
        }
    }
    println!(
        "{count} mutated documents in {:?}: {panics} panics, {refused} refused, slowest {:?} ({})",
        start.elapsed(),
        slowest.0,
        slowest.1
    );
}

/// xorshift64*: the same documents at every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, all: &[(String, Vec<u8>)]) {
        let at = self.below(bytes.len());
        match self.below(9) {
            0 => {
                for _ in 0..=self.below(20) {
                    let at = self.below(bytes.len());
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
            1 => bytes.truncate(at),
            2 => {
                let end = (at + self.below(2_000)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let other = &all[self.below(all.len())].1;
                let from = self.below(other.len());
                let piece = &other[from..(from + self.below(3_000)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            4 => {
                let declaration = b"<?xml version=\"1.0\" encoding=\"utf-16\"?>";
                let at = if self.below(2) == 0 { 0 } else { at };
                bytes.splice(at..at, declaration.iter().copied());
            }
            5 => {
                const PIECES: [&[u8]; 12] = [
                    b"<![CDATA[",
                    b"]]>",
                    b"<!--",
                    b"-->",
                    b"<item>",
                    b"</item>",
                    b"&",
                    b"<",
                    b"\"",
                    b"\0",
                    b"\xFF\xFE",
                    b"</channel>",
                ];
                let piece = PIECES[self.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            6 => {
                let piece = bytes[at..(at + self.below(500)).min(bytes.len())].to_vec();
                for _ in 0..self.below(50) {
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
            7 => {
                let wide: Vec<u8> = bytes.iter().take(20_000).flat_map(|byte| [*byte, 0]).collect();
                *bytes = wide;
            }
            _ => bytes.splice(0..0, b"\xEF\xBB\xBF\n<br /><b>Warning</b>: x\n".iter().copied()).for_each(drop),
        }
    }
}
