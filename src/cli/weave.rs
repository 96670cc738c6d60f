use std::io::{BufRead, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::{SameStory, parse_duration};
use crate::model::{EntryKey, SourceId, SourceKind};
use crate::text::short_hash;
use crate::weave::{Apply, Constraints, Settings, Stream, WeaveInput};

use super::clock::ClockArgs;
use super::exit::Exit;
use super::same_story::SameStoryArg;
use super::session::Session;
use super::{replay, report};
use crate::pass::{self, PassReport};

/// Join new entries into stories
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Weave the entries of this file, one JSON object a line, and print {"id","cluster"} for each
    ///
    /// Reads id, title, summary, url, publisher and published, as if each arrived when it was published.
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,

    /// How eagerly entries become one story
    #[arg(long, value_name = "MODE", requires = "jsonl", default_value = "balanced")]
    same_story: SameStoryArg,

    /// Weave the file as if a pass ran and published its stories at this interval (0s: after each entry)
    #[arg(long, value_name = "DURATION", requires = "jsonl", value_parser = parse_duration)]
    publish_every: Option<SignedDuration>,

    /// Show, story by story, what reweaving the stored entries would make of them; change nothing
    #[arg(long, conflicts_with = "jsonl")]
    replay: bool,

    /// Replay the entries since this long ago
    #[arg(long, value_name = "DURATION", requires = "replay", default_value = "7d", value_parser = parse_duration)]
    since: SignedDuration,

    /// Replay with different settings: same_story=eager, lookback=48h
    #[arg(long, value_name = "KEY=VALUE", requires = "replay")]
    set: Vec<String>,

    /// Move the entries of unpublished stories to where the replay has them
    ///
    /// Published stories stay as they are: use feedloom split and feedloom join for them.
    #[arg(long, requires = "replay")]
    apply: bool,

    #[command(flatten)]
    clock: ClockArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    if args.replay {
        let apply = if args.apply { Apply::Yes } else { Apply::No };
        let now = args.clock.now();
        return replay::run(session, &replay::Options { since: args.since, set: &args.set, apply, now });
    }
    match &args.jsonl {
        Some(file) => {
            let opened = std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            weave_lines(std::io::BufReader::new(opened), &mut out, args.same_story.into(), args.publish_every)?;
            out.flush().context("cannot write to stdout")?;
            Ok(Exit::Current)
        }
        None => {
            let config = session.load()?;
            let mut store = args.clock.open(&config)?;
            let weave = pass::weave_pending(&mut store, &config, args.clock.now())?;
            report::note_pass(
                &PassReport { weave, ..PassReport::default() },
                &config,
                report::tone(session, Exit::Current),
            );
            Ok(Exit::Current)
        }
    }
}

/// How often the stories of a file are clustered if nothing is published.
const PASS: SignedDuration = SignedDuration::from_hours(6);

/// One line of input.
#[derive(Debug, Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    publisher: String,
    published: String,
    #[serde(default)]
    language: Option<String>,
}

/// One line of output.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    cluster: String,
}

/// Weaves the lines of `input` in the order of their times and answers in the order of the file. Nothing is
/// published in between, unless `publish_every` is given: stories may change until they leave the window.
fn weave_lines(
    input: impl BufRead,
    out: &mut impl Write,
    same_story: SameStory,
    publish_every: Option<SignedDuration>,
) -> Result<()> {
    let mut lines = Vec::new();
    for (number, line) in input.lines().enumerate() {
        let line = line.with_context(|| format!("cannot read line {}", number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).with_context(|| format!("line {}", number + 1))?;
        let time = time_of(&line.published).with_context(|| format!("line {}: published", number + 1))?;
        lines.push((time, line));
    }
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| (lines[*a].0, &lines[*a].1.id).cmp(&(lines[*b].0, &lines[*b].1.id)));
    let mut stream = Stream::new(Settings { same_story, ..Settings::default() }, &Constraints::default());
    let pass = publish_every.unwrap_or(PASS);
    let mut began: Option<Timestamp> = None;
    for at in &order {
        let (time, line) = &lines[*at];
        if began.is_none_or(|began| time.duration_since(began) >= pass) {
            stream.end_pass();
            if publish_every.is_some() {
                stream.publish();
            }
            began = Some(*time);
        }
        place(&mut stream, line, *time)?;
    }
    stream.end_pass();
    let mut clusters = vec![0; lines.len()];
    for (entry, at) in order.into_iter().enumerate() {
        clusters[at] = stream.story(entry).0.index();
    }
    for ((_, line), cluster) in lines.iter().zip(clusters) {
        serde_json::to_writer(&mut *out, &Answer { id: &line.id, cluster: format!("s{cluster}") })?;
        writeln!(out)?;
    }
    Ok(())
}

fn place(stream: &mut Stream, line: &Line, time: Timestamp) -> Result<()> {
    let source = SourceId::new(short_hash(&[&line.publisher])).context("no source id")?;
    let key = EntryKey { source, guid: line.id.clone() };
    // An entry without an address of its own shares it with no other.
    let url = Url::parse(&line.url)
        .or_else(|_| Url::parse(&format!("http://{}.invalid/{}", key.source, short_hash(&[&line.id]))))?;
    stream.place(&WeaveInput {
        key: &key,
        publisher: &line.publisher,
        url: &url,
        address: None,
        links: &[],
        title: &line.title,
        text: &line.summary,
        sketch: None,
        language: line.language.as_deref(),
        kind: SourceKind::Original,
        time,
        said: Timestamp::MIN,
        is_contested: false,
        allow_duplicates: false,
    });
    Ok(())
}

/// RFC 3339; counts as UTC without an offset.
fn time_of(text: &str) -> Result<Timestamp> {
    let text = text.trim();
    text.parse().or_else(|_| format!("{text}Z").parse()).with_context(|| format!("not a time: {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_woven_by_time_and_answered_in_order() {
        let input = r#"{"id":"b","title":"Maker unveils its folding phone","url":"https://b.example/2","publisher":"B","published":"2026-01-02T10:00:00Z"}

{"id":"a","title":"Maker unveils its folding phone","url":"https://a.example/1","publisher":"A","published":"2026-01-02T09:00:00"}
{"id":"c","title":"Bank raises rates","url":"","publisher":"C","published":"2026-01-02T09:30:00Z"}
"#;
        let mut out = Vec::new();
        weave_lines(input.as_bytes(), &mut out, SameStory::Exact, None).unwrap();
        let want =
            "{\"id\":\"b\",\"cluster\":\"s0\"}\n{\"id\":\"a\",\"cluster\":\"s0\"}\n{\"id\":\"c\",\"cluster\":\"s1\"}\n";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = weave_lines("{}".as_bytes(), &mut Vec::new(), SameStory::Exact, None).unwrap_err();
        assert!(format!("{error:#}").starts_with("line 1"));
    }
}
