//! What reading an article costs: pages a second, the slowest page, the peak of memory.
//!
//! `cargo bench --bench article -- FOLDER` reads the saved pages of FOLDER (`truth.jsonl` beside `html/*.html.gz`) and
//! prints figures. `-- FOLDER --rows` prints instead, one JSON line a page, what was measured of each block: what
//! `quality/pages/train.py` learns from. `-- FOLDER --answers` prints one JSON line a page, for the scorer of the set, and
//! `-- FOLDER --smoothie` what dom_smoothie (readability) answers; `quality/pages/peers.py` measures Python's trafilatura on the same pages.

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use feedloom::{Choice, Page, feature_names, look, read_page as read};
use serde::Deserialize;
use serde_json::json;
use url::Url;

#[derive(Deserialize)]
struct Row {
    id: String,
    url: String,
    html: String,
}

struct Saved {
    id: String,
    url: Url,
    bytes: Vec<u8>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let Some(folder) = words.iter().find(|word| !word.starts_with("--")) else {
        println!("name the folder of the pages: cargo bench --bench article -- FOLDER [--rows]");
        return;
    };
    let pages = load(&PathBuf::from(folder));
    let says = |option: &str| words.iter().any(|word| word == option);
    if says("--rows") {
        print_rows(&pages);
    } else if says("--smoothie") {
        measure(&pages, Print::Answers, smoothie);
    } else {
        measure(&pages, if says("--answers") { Print::Answers } else { Print::Nothing }, own);
    }
}

fn load(folder: &Path) -> Vec<Saved> {
    let truth = std::fs::File::open(folder.join("truth.jsonl")).expect("truth.jsonl in the folder");
    let lines = std::io::BufReader::new(truth).lines().map(|line| line.expect("readable"));
    lines
        .map(|line| {
            let row: Row = serde_json::from_str(&line).expect("a row of truth.jsonl");
            let file = std::fs::File::open(folder.join(&row.html)).expect("the page of a row");
            let mut bytes = Vec::new();
            flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("a gzipped page");
            Saved { id: row.id, url: Url::parse(&row.url).expect("an address"), bytes }
        })
        .collect()
}

fn print_rows(pages: &[Saved]) {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{}", json!({"names": feature_names()})).expect("stdout");
    for page in pages {
        let seen = look(&Page { url: &page.url, bytes: &page.bytes, headers: &[] }, &Choice::default());
        let blocks = seen.map(|look| look.blocks).unwrap_or_default();
        let blocks: Vec<_> = blocks
            .iter()
            .map(|block| json!({"text": block.text, "chance": block.chance, "row": block.features}))
            .collect();
        writeln!(out, "{}", json!({"id": page.id, "blocks": blocks})).expect("stdout");
    }
}

/// What goes to standard output beside the figures, which go to standard error.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Print {
    Answers,
    Nothing,
}

/// What this program makes of a page.
fn own(page: &Saved) -> Option<serde_json::Value> {
    let article = read(&Page { url: &page.url, bytes: &page.bytes, headers: &[] }, &Choice::default()).ok()?;
    let date = article.published.map(|at| at.to_string());
    Some(json!({
        "id": page.id, "body": article.text, "title": article.title, "byline": article.byline, "date": date,
        "site": article.site, "image": article.image.map(String::from), "excerpt": article.description,
    }))
}

/// What dom_smoothie makes of it, with its defaults and text that keeps its paragraphs.
fn smoothie(page: &Saved) -> Option<serde_json::Value> {
    let html = String::from_utf8_lossy(&page.bytes);
    let config = dom_smoothie::Config { text_mode: dom_smoothie::TextMode::Formatted, ..Default::default() };
    let article = dom_smoothie::Readability::new(&*html, Some(page.url.as_str()), Some(config)).ok()?.parse().ok()?;
    Some(json!({
        "id": page.id, "body": &*article.text_content, "title": article.title, "byline": article.byline,
        "date": article.published_time, "site": article.site_name, "image": article.image, "excerpt": article.excerpt,
    }))
}

fn measure(pages: &[Saved], print: Print, reader: impl Fn(&Saved) -> Option<serde_json::Value>) {
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    let mut slowest = (Duration::ZERO, "");
    let (mut read_ok, mut took) = (0, Duration::ZERO);
    for page in pages {
        let began = Instant::now();
        let answer = reader(page);
        let spent = began.elapsed();
        took += spent;
        slowest = slowest.max((spent, &page.id));
        read_ok += usize::from(answer.is_some());
        if print == Print::Answers {
            println!("{}", answer.unwrap_or_else(|| json!({"id": page.id, "body": ""})));
        }
    }
    let seconds = took.as_secs_f64();
    eprintln!(
        "{} pages, {:.1} MB, {read_ok} read: {:.0} pages/s, {:.1} MB/s; the slowest took {:.0} ms ({})",
        pages.len(),
        bytes as f64 / 1e6,
        pages.len() as f64 / seconds,
        bytes as f64 / 1e6 / seconds,
        slowest.0.as_secs_f64() * 1e3,
        slowest.1,
    );
    eprintln!("peak memory {} MB, of which the pages themselves {} MB", peak_kib() / 1024, bytes / (1024 * 1024));
}

/// Peak resident memory of this process in KiB.
fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or_default()
}
