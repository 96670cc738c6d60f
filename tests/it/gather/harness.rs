//! A folder, a database and the passes over them; the tests' own kind of feed and page.

use std::path::PathBuf;
use std::time::Duration;

use feedloom::{
    Article, ClockTrust, Config, Entry, EntryKey, Feed, Fetched, GatherOptions, GatherReport, PageRights, ReadFailure,
    ReadOut, Silent, SourceConfig, SourceId, SourceOutcome, SourceReport, SourceState, Store, gather,
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::publisher::{Publisher, Response};
use crate::scene::reopen;

/// A folder with feeds.toml and a database, and the passes over them.
pub(super) struct Bench {
    folder: tempfile::TempDir,
    pub(super) config: Config,
    pub(super) store: Option<Store>,
    pub(super) retry_delay: Duration,
}

impl Bench {
    /// Sources `s0`, `s1` … at these addresses, 127.0.0.1 allowed, no spacing.
    pub(super) fn new(urls: &[String]) -> Self {
        Self::with("", urls)
    }

    /// The same with more keys under `[fetch]`.
    pub(super) fn with(fetch: &str, urls: &[String]) -> Self {
        let mut text = format!(
            "title = \"T\"\ncontact = \"https://me.example/about\"\n[fetch]\nallow = [\"127.0.0.1/32\"]\n{fetch}\n"
        );
        if !fetch.contains("spacing") {
            text.push_str("spacing = \"0s\"\n");
        }
        for (number, url) in urls.iter().enumerate() {
            text.push_str(&format!("[[source]]\nid = \"s{number}\"\nurl = \"{url}\"\n"));
        }
        Self::from_text(&text)
    }

    pub(super) fn from_text(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::parse(&folder.path().join("feeds.toml"), text).unwrap();
        Self { folder, config, store: None, retry_delay: Duration::from_millis(20) }
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.path().join("data/feedloom.db")
    }

    /// The next pass opens the database anew, as another process would.
    pub(super) fn restart(&mut self) {
        self.store = None;
    }

    /// One pass at this time of November 2026 (`03T12:00`).
    pub(super) async fn run(&mut self, now: &str) -> GatherReport {
        self.pass(at(now), false).await
    }

    /// The same with `--all`.
    pub(super) async fn run_all(&mut self, now: &str) -> GatherReport {
        self.pass(at(now), true).await
    }

    pub(super) async fn pass(&mut self, now: Timestamp, all: bool) -> GatherReport {
        let options = GatherOptions { reader: read, article_reader: Some(read_page), all, ..self.options() };
        self.pass_with(options, now).await
    }

    /// One pass with the program's own reader, over feeds as publishers write them.
    pub(super) async fn read_really(&mut self, now: &str) -> GatherReport {
        self.pass_with(self.options(), at(now)).await
    }

    pub(super) async fn pass_with(&mut self, options: GatherOptions, now: Timestamp) -> GatherReport {
        let mut store = self.store.take().unwrap_or_else(|| reopen(&self.database()));
        let report = gather(&mut store, &self.config, now, &options, &Silent).await.unwrap();
        self.store = Some(store);
        report
    }

    pub(super) fn options(&self) -> GatherOptions {
        // Its clock is made up, and so are the dates of the answers.
        GatherOptions { retry_delay: self.retry_delay, clock: ClockTrust::Meant, ..GatherOptions::default() }
    }

    pub(super) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub(super) fn state(&self, id: &str) -> SourceState {
        let id = SourceId::new(id).unwrap();
        self.store.as_ref().unwrap().source_states().unwrap().remove(&id).unwrap()
    }

    /// Hours from `now` until source `s0` is due, and the rule that says so.
    pub(super) fn due_in(&self, now: &str) -> (f64, &'static str) {
        let due = self.state("s0").due.unwrap();
        (due.at.unwrap().duration_since(at(now)).as_secs_f64() / 3600.0, due.rule.code())
    }
}

/// A time in November 2026.
pub(super) fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

pub(super) fn only(report: &GatherReport) -> &SourceReport {
    assert_eq!(report.sources.len(), 1, "{report:?}");
    &report.sources[0]
}

pub(super) fn new_entries(report: &GatherReport) -> usize {
    match &only(report).outcome {
        SourceOutcome::Fetched(counts) => counts.new,
        other => panic!("{other:?}"),
    }
}

/// The sentence of the one source's failure.
pub(super) fn failure(report: &GatherReport) -> String {
    match &only(report).outcome {
        SourceOutcome::Failed(failure) => failure.error.sentence(),
        other => panic!("{other:?}"),
    }
}

/// 200 with these headers and a feed of this many entries.
pub(super) fn feed(entries: usize, headers: &[(&str, &[u8])]) -> Response {
    Response::new(200, headers, feed_body(entries).as_bytes())
}

pub(super) fn feed_body(entries: usize) -> String {
    let lines = (0..entries).map(|n| format!("guid-{n} Title {n}\n"));
    std::iter::once("feed\n".to_owned()).chain(lines).collect()
}

pub(super) fn not_modified(headers: &[(&str, &[u8])]) -> Response {
    Response::new(304, headers, b"")
}

/// Reads the tests' own kind of document: a line `feed`, then lines `ttl MINUTES`, `skiphours HOUR…`,
/// `panic`, or a guid and a title.
pub(super) fn read(fetched: &Fetched, source: &SourceConfig, _now: Timestamp) -> Result<ReadOut, ReadFailure> {
    let failure = |sentence: &str| ReadFailure::new(sentence);
    let text = std::str::from_utf8(&fetched.bytes).map_err(|_| failure("not a feed: no text"))?;
    let mut lines = text.lines();
    if lines.next() != Some("feed") {
        return Err(failure("not a feed"));
    }
    let mut out = ReadOut { feed: Feed { title: Some("F".to_owned()), ..Feed::default() }, ..ReadOut::default() };
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "panic" => panic!("the reader's own panic"),
            "ttl" => out.feed.refresh_hint = rest.parse().ok().map(SignedDuration::from_mins),
            "skiphours" => {
                out.feed.skip_hours = rest.split(' ').fold(0, |bits, h| bits | 1 << h.parse::<u32>().unwrap());
            }
            guid => out.entries.push(entry(&source.id, guid, rest, &fetched.url)),
        }
    }
    Ok(out)
}

/// Makes an article of a page that begins with `<article>TITLE|TEXT`.
pub(super) fn read_page(page: &Fetched, _source: &SourceConfig) -> Result<Article, ReadFailure> {
    let text = String::from_utf8_lossy(&page.bytes);
    let Some((title, body)) = text.strip_prefix("<article>").and_then(|text| text.split_once('|')) else {
        return Err(ReadFailure::new("no article is in it"));
    };
    assert!(title != "panic", "the reader's own panic");
    Ok(Article {
        title: Some(title.to_owned()),
        byline: None,
        site: None,
        published: None,
        description: None,
        canonical: Some(page.url.clone()),
        image: None,
        language: None,
        html: format!("<p>{body}</p>"),
        text: body.to_owned(),
        rights: PageRights { robots: vec!["noarchive".to_owned()], ..PageRights::default() },
    })
}

pub(super) fn entry(source: &SourceId, guid: &str, title: &str, base: &Url) -> Entry {
    Entry::new(EntryKey { source: source.clone(), guid: guid.to_owned() }, base.join(guid).unwrap(), title)
}

pub(super) fn start(path: &str, answers: impl IntoIterator<Item = Response>) -> (Publisher, Vec<String>) {
    let publisher = Publisher::start();
    publisher.script(path, answers);
    let urls = vec![publisher.url(path)];
    (publisher, urls)
}
