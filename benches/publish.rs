//! What publishing 300 items in five formats costs: `cargo bench --bench publish -- [FOLDER]`.
//!
//! The feeds in FOLDER (made ones without it) go through the program once, as files; then the five outputs are chosen,
//! rendered, passed through the gate and written, again and again, each time as if all of it were new. Prints the
//! median of CPU time in milliseconds on one core; the mark is 60 ms for render, gate and write.

#![expect(clippy::unwrap_used, reason = "a program for developers")]

mod clock;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clock::Clock;
use feedloom::{
    Config, CopiedPictures, FacetPages, Filters, Issues, Mode, PublishDerived, PublishInput as Input, Shrink, SourceId,
    Store, StoriesAsked, Story, StoryPages, TakenDown, TopItems, draft, sources, write,
};
use jiff::Timestamp;
use url::Url;

const ITEMS: usize = 300;
const ROUNDS: usize = 21;
const FILES: [&str; 5] = ["feed.xml", "atom.xml", "feed.json", "index.html", "sources.opml"];
const MADE_SOURCES: usize = 40;
const NOW: &str = "2026-10-10T00:00:00Z";

fn main() {
    let folder = std::env::args().skip(1).find(|word| word != "--bench").map(PathBuf::from);
    let scratch = tempfile::tempdir().unwrap();
    let feeds = folder.unwrap_or_else(|| {
        let made = scratch.path().join("feeds");
        make(&made);
        made
    });
    let config = set_up(scratch.path(), &feeds);
    let told = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .args(["--config", config.to_str().unwrap(), "run", "--all", "--quiet", "--now", NOW])
        .status()
        .unwrap();
    assert!(told.success(), "the run failed: {told}");
    measure(&config);
}

/// A feeds.toml with every file under `feeds` as a source, and the five outputs.
fn set_up(home: &Path, feeds: &Path) -> PathBuf {
    // Short excerpts: of the usual ones 300 items are more than the 512 KiB that a document may have.
    let mut toml = "title = \"Measured\"\nlink = \"https://feeds.example.org/\"\nabout = false\n\
                    [defaults]\nexcerpt_length = 100\n"
        .to_owned();
    for file in FILES {
        writeln!(toml, "[[output]]\nfile = \"{file}\"\nitems = {ITEMS}").unwrap();
    }
    let mut paths: Vec<PathBuf> = std::fs::read_dir(feeds).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "xml" || end == "json"));
    paths.sort();
    for (number, path) in paths.iter().enumerate() {
        let address = Url::from_file_path(path.canonicalize().unwrap()).unwrap();
        writeln!(toml, "[[source]]\nid = \"s{number}\"\nurl = \"{address}\"").unwrap();
    }
    let config = home.join("feeds.toml");
    std::fs::write(&config, toml).unwrap();
    config
}

fn measure(path: &Path) {
    let config = Config::load(path).unwrap();
    let store = Store::open(&config.database).unwrap();
    let sources = sources(&store, &config).unwrap();
    let ids: Vec<&SourceId> = sources.keys().collect();
    let numbers = store.publishable_stories(&ids, &StoriesAsked::newest(3 * ITEMS)).unwrap();
    let stories: Vec<Story> = numbers.into_iter().map(|number| store.story(number).unwrap()).collect();
    let taken_down = TakenDown::load(&store, &config).unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    let tag_base = "tag:feeds.example.org,2026:";
    let (top_items, issues, story_pages) = (TopItems::new(), Issues::default(), StoryPages::new());
    let facet_pages = FacetPages::new();
    let pictures = CopiedPictures::default();
    let input = Input {
        now,
        config: &config,
        config_is_new: false,
        outputs_are_as_left: true,
        tag_base,
        sources: &sources,
        stories: &stories,
        top_items: &top_items,
        issues: &issues,
        story_pages: &story_pages,
        facet_pages: &facet_pages,
        pictures: &pictures,
        taken_down: &taken_down,
        derived: &PublishDerived::of(&sources),
    };
    let (mut rendering, mut writing) = (Vec::new(), Vec::new());
    let mut shown = Vec::new();
    for round in 0..ROUNDS {
        let folder = path.with_file_name(format!("out-{round}"));
        let start = Clock::start();
        let plan = draft(&input).finish(&mut Filters::default()).unwrap();
        rendering.push(start.seconds() * 1e3);
        let start = Clock::start();
        for output in &plan.outputs {
            write(&folder, output, Shrink::Refuse, Mode::Write).unwrap();
        }
        writing.push(start.seconds() * 1e3);
        shown = plan.outputs.iter().map(|output| (output.file.clone(), output.items, output.bytes.len())).collect();
    }
    for (file, items, bytes) in shown {
        println!("{file:<14} {items:>5} items {bytes:>8} bytes");
    }
    let (rendered, written) = (median(rendering), median(writing));
    println!(
        "choose and render {rendered:.1} ms, gate and write {written:.1} ms, in all {:.1} ms (CPU)",
        rendered + written
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Feeds of twenty entries each, a paragraph or two an entry.
fn make(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for source in 0..MADE_SOURCES {
        let mut feed = format!(
            "<rss version=\"2.0\"><channel><title>Outlet {source}</title><link>https://outlet-{source}.example/</link>"
        );
        for entry in 0..20 {
            let number = source * 20 + entry;
            let text = format!(
                "<p>Report {number} tells of thing {} &amp; of what its makers say of it at length. It was seen in \
                 town {}, where {number} people came to look.</p><p>A second paragraph with a \
                 <a href=\"https://outlet-{source}.example/more/{entry}\">link</a> and <em>stress</em>.</p>",
                number * 7919 % 10_007,
                number * 31 % 997,
            );
            write!(
                feed,
                "<item><title>Thing {} of maker {} is seen in town {}</title>\
                 <link>https://outlet-{source}.example/{entry}</link><author>desk@outlet.example (Desk {source})</author>\
                 <pubDate>Fri, 09 Oct 2026 {:02}:{:02}:00 GMT</pubDate><description><![CDATA[{text}]]></description></item>",
                number * 7919 % 10_007,
                number * 131 % 1_009,
                number * 31 % 997,
                entry,
                source,
            )
            .unwrap();
        }
        feed.push_str("</channel></rss>");
        std::fs::write(folder.join(format!("{source}.xml")), feed).unwrap();
    }
}
