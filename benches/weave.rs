//! What weaving costs: entries a second, memory an entry, restoring a window.
//!
//! `cargo bench --bench weave`: seeded synthetic entries, five in a story where they share one. Prints
//! figures; judges nothing.

use std::time::Instant;

use feedloom::model::{EntryKey, SourceId, SourceKind};
use feedloom::weave::{Constraints, Settings, StoryHandle, WeaveInput, Weaver};
use jiff::Timestamp;
use url::Url;

/// Entries that are placed and timed once the window is full.
const TIMED: usize = 10_000;

/// Length of the window in seconds, as [`Settings::default`] has it.
const WINDOW_SECONDS: usize = 72 * 3600;

struct Made {
    key: EntryKey,
    publisher: String,
    url: Url,
    title: String,
    text: String,
    time: Timestamp,
}

fn main() {
    println!("{:>8}  {:>12}  {:>10}  {:>12}  {:>10}", "window", "entries/s", "joined", "restore ms", "bytes each");
    for window in [3_000, 50_000] {
        measure(window);
    }
    println!("50,000 entries with one title and one text: {:.0} entries/s", one_text());
}

/// The worst that a broken or hostile source can send: every entry matches every other one.
fn one_text() -> f64 {
    let mut entries = make(50_000, 50_000);
    let (title, text) = (entries[0].title.clone(), entries[0].text.clone());
    for made in &mut entries {
        (made.title, made.text) = (title.clone(), text.clone());
    }
    let mut weaver = Weaver::new(Settings::default(), &Constraints::default());
    let start = Clock::start();
    for made in &entries {
        weaver.place(&input(made));
    }
    entries.len() as f64 / start.seconds()
}

fn measure(window: usize) {
    let entries = make(window + TIMED, window);
    let mut weaver = Weaver::new(Settings::default(), &Constraints::default());
    let before = resident_bytes();
    let mut stories: Vec<StoryHandle> = Vec::with_capacity(window);
    for made in &entries[..window] {
        stories.push(weaver.place(&input(made)).story);
    }
    let each = resident_bytes().saturating_sub(before) / window;
    let start = Clock::start();
    let joined = entries[window..].iter().filter(|made| !weaver.place(&input(made)).is_open()).count();
    let rate = TIMED as f64 / start.seconds();
    drop(weaver);

    let start = Clock::start();
    let mut restored = Weaver::new(Settings::default(), &Constraints::default());
    let mut handles = std::collections::BTreeMap::new();
    for (made, story) in entries[..window].iter().zip(&stories) {
        let handle = *handles.entry(*story).or_insert_with(|| restored.story());
        restored.restore(&input(made), handle);
    }
    let restore = start.seconds() * 1e3;
    println!("{window:>8}  {rate:>12.0}  {joined:>10}  {restore:>12.0}  {each:>10}");
}

fn input(made: &Made) -> WeaveInput<'_> {
    WeaveInput {
        key: &made.key,
        publisher: &made.publisher,
        url: &made.url,
        links: &[],
        title: &made.title,
        text: &made.text,
        language: Some("en"),
        kind: SourceKind::Original,
        time: made.time,
        allow_duplicates: false,
    }
}

/// `count` entries spread evenly, `window` of them over 72 h: every third tells an event that others
/// tell too; words are drawn as language draws them, a few very often and most seldom.
fn make(count: usize, window: usize) -> Vec<Made> {
    let mut random = Random(0x00FE_ED10);
    let mut events: Vec<Vec<String>> = Vec::new();
    (0..count)
        .map(|i| {
            let subject: Vec<String> = if i % 3 == 0 && events.len() > 20 {
                events[events.len() - 1 - random.below(20)].clone()
            } else {
                (0..5).map(|_| random.word()).collect()
            };
            events.push(subject.clone());
            let mut title: Vec<String> = subject.iter().filter(|_| random.below(5) > 0).cloned().collect();
            title.extend((0..5).map(|_| random.word()));
            let mut text: Vec<String> = subject;
            text.extend((0..35).map(|_| random.word()));
            let source = random.below(500);
            Made {
                key: EntryKey {
                    source: SourceId::new(format!("source-{source}")).expect("letters and digits"),
                    guid: format!("https://source-{source}.example/{i}"),
                },
                publisher: format!("source-{source}.example"),
                url: Url::parse(&format!("https://source-{source}.example/2026/01/{i}")).expect("an address"),
                title: title.join(" "),
                text: text.join(" "),
                time: Timestamp::from_second(1_767_000_000 + (i * WINDOW_SECONDS / window) as i64).expect("in range"),
            }
        })
        .collect()
}

/// A seeded xorshift generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// A word of a vocabulary of 60,000, its rank drawn by Zipf's law (log-uniform).
    fn word(&mut self) -> String {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let mut rank = 60_000_f64.powf(share) as usize + 7;
        let mut word = String::new();
        while rank > 0 {
            word.push_str(["ka", "lo", "mi", "ne", "pu", "ra", "se", "to", "vi", "zu", "br", "st"][rank % 12]);
            rank /= 12;
        }
        if share > 0.7 { word[..1].to_uppercase() + &word[1..] } else { word }
    }
}

/// CPU seconds of this process, which other work on the machine does not change (`/proc/self/schedstat`,
/// nanoseconds); the wall clock where that is not known.
struct Clock {
    wall: Instant,
    cpu: Option<u64>,
}

impl Clock {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu: Self::cpu() }
    }

    fn cpu() -> Option<u64> {
        std::fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse().ok()
    }

    fn seconds(&self) -> f64 {
        match (self.cpu, Self::cpu()) {
            (Some(before), Some(after)) if after > before => (after - before) as f64 / 1e9,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

/// Memory of this process in bytes (`/proc/self/statm`, pages of 4 KiB); 0 where that is not known.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}
