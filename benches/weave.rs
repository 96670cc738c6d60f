//! What weaving costs: entries a second beside the time to read the same entries from feeds, memory an
//! entry, opening a window from the store, and the worst that a hostile source can send.
//!
//! `cargo bench --bench weave [-- PART …]`: seeded synthetic entries, every third tells what others tell too. Prints
//! figures of CPU time; judges nothing. Parts are `read`, `window`, `store` and `hostile`; `window-3000` is one size.

mod clock;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use clock::Clock;
use feedloom::{
    Arrival, Bytes as Input, Clusterer, Config, Constraints, Entry, EntryKey, Markup, Settings, Source, SourceConfig,
    SourceId, SourceKind, Store, WeaveInput, entries as entries_of, read_feed as read, weave,
};
use jiff::Timestamp;
use url::Url;

/// Entries that are placed and timed once the window is full, and how many of them make a pass.
const TIMED: usize = 10_000;
const PASS: usize = 250;

/// Length of the window in seconds, as [`Settings::default`] has it.
const WINDOW_SECONDS: usize = 72 * 3600;

/// When the first entry of a window was published.
const BEGAN: i64 = 1_767_000_000;

struct Made {
    key: EntryKey,
    publisher: String,
    url: Url,
    title: String,
    text: String,
    time: Timestamp,
}

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| part != "--bench").collect();
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if is_wanted("read") {
        println!("reading entries from feeds: {:.0} a second", reading());
    }
    for window in [3_000, 50_000] {
        if is_wanted("window") || is_wanted(&format!("window-{window}")) {
            measure(window);
        }
    }
    for window in [3_000, 50_000] {
        if is_wanted("store") || is_wanted(&format!("store-{window}")) {
            from_store(window);
        }
    }
    if is_wanted("hostile") {
        hostile("one title and one text, 50,000 sources' entries", 50_000, |made, first| {
            (made.title, made.text) = (first.title.clone(), first.text.clone());
        });
        hostile("one text under 50,000 titles", 50_000, |made, first| made.text = first.text.clone());
        hostile("one title under 50,000 texts", 50_000, |made, first| made.title = first.title.clone());
        hostile("10,000 titles and texts of 10 KB", 10_000, |made, _| {
            made.title = made.title.repeat(10_240 / made.title.len());
            made.text = made.text.repeat(10_240 / made.text.len());
        });
    }
}

/// Entries that are read from RSS in a second.
fn reading() -> f64 {
    let mut text = "<rss version=\"2.0\"><channel><title>x</title><link>https://x.example/</link>".to_owned();
    let made = make(400, 400);
    for Made { key, url, title, text: body, .. } in &made {
        let guid = &key.guid;
        write!(
            text,
            "<item><title>{title}</title><link>{url}</link><guid>{guid}</guid><description>{body}</description>\
             <pubDate>Mon, 29 Dec 2025 09:00:00 GMT</pubDate></item>"
        )
        .expect("a string");
    }
    text.push_str("</channel></rss>");
    let source = source("reading");
    let url = Url::parse("https://x.example/feed").expect("an address");
    let now = Timestamp::from_second(BEGAN).expect("in range");
    let rounds = 50;
    let start = Clock::start();
    let mut count = 0;
    for _ in 0..rounds {
        let document = read(&Input { bytes: text.as_bytes(), url: Some(&url), ..Input::default() }).expect("a feed");
        count += entries_of(document, &source, now).entries.len();
    }
    count as f64 / start.seconds()
}

fn source(id: &str) -> SourceConfig {
    let toml = format!("[[source]]\nid = \"{id}\"\nurl = \"https://{id}.example/feed\"\n");
    Config::parse(Path::new("feeds.toml"), &toml).expect("a configuration").sources.remove(0)
}

/// CPU seconds for weaving entries that `change` made alike, in passes, each published.
fn hostile(what: &str, count: usize, change: impl Fn(&mut Made, &Made)) {
    let mut entries = make(count, count);
    let first = make(1, 1).remove(0);
    entries.iter_mut().for_each(|made| change(made, &first));
    let mut clusterer = Clusterer::new(Settings::default(), &Constraints::default());
    let start = Clock::start();
    weave_passes(&mut clusterer, &entries);
    println!("{what}: {:.0} a second", count as f64 / start.seconds());
}

/// Weaves and publishes pass by pass; gives how many joined.
fn weave_passes(clusterer: &mut Clusterer, entries: &[Made]) -> usize {
    let mut joined = 0;
    for pass in entries.chunks(PASS) {
        for made in pass {
            clusterer.place(&input(made));
        }
        for placed in clusterer.cluster().placed {
            joined += usize::from(!placed.is_open());
            clusterer.mark_published(placed.story);
        }
    }
    joined
}

fn measure(window: usize) {
    let entries = make(window + TIMED, window);
    let mut clusterer = Clusterer::new(Settings::default(), &Constraints::default());
    let before = resident_bytes();
    weave_passes(&mut clusterer, &entries[..window]);
    let each = resident_bytes().saturating_sub(before) / window;
    let start = Clock::start();
    let joined = weave_passes(&mut clusterer, &entries[window..]);
    let rate = TIMED as f64 / start.seconds();
    println!("window of {window}: {rate:.0} woven a second, {joined} of {TIMED} joined, {each} bytes an entry");
}

/// Weaves `window` entries of a database, then ten more, for which a part of the window is read, then 250 more, for
/// which all of it is.
fn from_store(window: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bench.db")).expect("a database");
    let entries = make(window + 10 + PASS, window);
    let now = Timestamp::from_second(BEGAN + WINDOW_SECONDS as i64).expect("in range");
    let config = Config::parse(Path::new("feeds.toml"), "[[source]]\nurl = \"https://a.example/feed\"\n")
        .expect("a configuration");
    let ids: BTreeSet<&SourceId> = entries.iter().map(|made| &made.key.source).collect();
    let sources: BTreeMap<SourceId, Source> =
        ids.into_iter().map(|id| (id.clone(), source(id.as_str()).resolved(None))).collect();
    let mut seconds = [0.0; 3];
    let (ten, many) = entries[window..].split_at(10);
    for (part, seconds) in [&entries[..window], ten, many].into_iter().zip(&mut seconds) {
        let mut batch = store.batch().expect("a transaction");
        for made in part {
            batch.insert_entry(&stored(made), 0, made.time, Arrival::Fresh).expect("an entry");
        }
        batch.commit().expect("a commit");
        let start = Clock::start();
        weave(&mut store, &config.weave, &sources, now).expect("woven");
        *seconds = start.seconds();
    }
    let [all, ten, many] = seconds;
    println!(
        "{window} entries from the store: {all:.2} s for all at once; beside them {:.0} ms for ten more, {many:.2} s for {PASS} more",
        ten * 1_000.0
    );
}

fn stored(made: &Made) -> Entry {
    Entry {
        summary: Some(Markup::Text(made.text.clone())),
        text: made.text.clone(),
        published: Some(made.time),
        language: Some("en".to_owned()),
        ..Entry::new(made.key.clone(), made.url.clone(), made.title.clone())
    }
}

fn input(made: &Made) -> WeaveInput<'_> {
    WeaveInput {
        key: &made.key,
        publisher: &made.publisher,
        url: &made.url,
        address: None,
        links: &[],
        title: &made.title,
        text: &made.text,
        sketch: None,
        language: Some("en"),
        kind: SourceKind::Original,
        time: made.time,
        said: Timestamp::MIN,
        is_contested: false,
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
                time: Timestamp::from_second(BEGAN + (i * WINDOW_SECONDS / window) as i64).expect("in range"),
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

/// Memory of this process in bytes (`/proc/self/statm`, pages of 4 KiB); 0 where that is not known.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}
