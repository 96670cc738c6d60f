//! Writes the features of pairs on which the models of `src/weave/models` are trained.
//!
//! `cargo bench --bench pairs -- DATA FOLDER`: reads `windows.jsonl` and `dev.jsonl` in DATA, writes a file for each of their
//! sets into FOLDER. `quality/stories/FORMAT.md` has the form.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use feedloom::{Clusterer, Constraints, EntryKey, SameStory, Settings, SourceId, SourceKind, WeaveInput};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

/// How long a pass waits.
const PASS: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    title: String,
    #[serde(default)]
    summary: String,
    url: String,
    publisher: String,
    published: String,
    set: String,
}

#[derive(Debug, Serialize)]
struct Head<'a> {
    set: &'a str,
    names: &'a [&'a str],
    ids: Vec<&'a str>,
    home: Vec<usize>,
    pairs: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [data, folder] = &arguments[..] else {
        println!("nothing to do without DATA and FOLDER");
        return;
    };
    let mut sets: BTreeMap<String, Vec<(Timestamp, Row)>> = BTreeMap::new();
    for file in ["dev.jsonl", "windows.jsonl"] {
        let text = std::fs::read_to_string(Path::new(data).join(file)).expect("a file of rows");
        for row in text.lines().map(|line| serde_json::from_str::<Row>(line).expect("a row")) {
            let time = row.published.parse().expect("a time");
            sets.entry(row.set.clone()).or_default().push((time, row));
        }
    }
    for (set, mut rows) in sets {
        rows.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        write(&Path::new(folder).join(format!("{set}.pairs")), &set, &rows);
    }
}

/// Places the rows in passes, as stories of the certain layers alone, and writes what is found.
fn write(path: &Path, set: &str, rows: &[(Timestamp, Row)]) {
    let settings = Settings { same_story: SameStory::Exact, ..Settings::default() };
    let mut clusterer = Clusterer::new(settings, &Constraints::default());
    let (mut body, mut count, mut pass, mut began) = (Vec::new(), 0, 0_u32, rows[0].0);
    let mut stories = Vec::with_capacity(rows.len());
    let mut end = |clusterer: &mut Clusterer, pass: u32| {
        for pair in clusterer.pairs() {
            count += 1;
            for number in [pair.older as u32, pair.newer as u32, pass] {
                body.extend_from_slice(&number.to_le_bytes());
            }
            pair.features.iter().for_each(|feature| body.extend_from_slice(&feature.to_le_bytes()));
        }
        for placed in clusterer.cluster().placed {
            clusterer.mark_published(placed.story);
            stories.push(placed.story);
        }
    };
    for (time, row) in rows {
        if time.duration_since(began) >= PASS {
            end(&mut clusterer, pass);
            (began, pass) = (*time, pass + 1);
        }
        place(&mut clusterer, row, *time);
    }
    end(&mut clusterer, pass);
    let first = |story| stories.iter().position(|known| *known == story).expect("it is one of them");
    let home = stories.iter().map(|story| first(*story)).collect();
    let ids = rows.iter().map(|(_, row)| row.id.as_str()).collect();
    let head = Head { set, names: Clusterer::feature_names(), ids, home, pairs: count };
    let mut file = std::fs::File::create(path).expect("a file to write");
    writeln!(file, "{}", serde_json::to_string(&head).expect("JSON")).expect("written");
    file.write_all(&body).expect("written");
    println!("{}: {count} pairs of {} entries", path.display(), rows.len());
}

fn place(clusterer: &mut Clusterer, row: &Row, time: Timestamp) {
    let source = SourceId::new(row.publisher.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let key = EntryKey { source: source.expect("a source"), guid: row.id.clone() };
    let url =
        Url::parse(&row.url).or_else(|_| Url::parse(&format!("http://none.invalid/{}", row.id))).expect("an address");
    clusterer.place(&WeaveInput {
        key: &key,
        publisher: &row.publisher,
        url: &url,
        address: None,
        links: &[],
        title: &row.title,
        text: &row.summary,
        sketch: None,
        language: None,
        kind: SourceKind::Original,
        time,
        said: Timestamp::MIN,
        is_contested: false,
        allow_duplicates: false,
    });
}
