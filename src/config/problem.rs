//! Problems of feeds.toml, each with its place, printed the way compilers do.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No feeds.toml at the expected place.
    #[error("there is no {}", .path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system reported.
        #[source]
        source: std::io::Error,
    },
    /// It is wrong, in one place or in several.
    #[error("{0}")]
    Wrong(Report),
}

/// Most problems shown; further ones are counted.
const MOST_SHOWN: usize = 2_000;
/// How much of a long line is shown around what is wrong.
const SHOWN_CHARS: usize = 120;

/// Every problem of a feeds.toml, in the order of the file; its `Display` is the whole message.
#[derive(Debug)]
pub struct Report {
    path: PathBuf,
    text: String,
    problems: Vec<Problem>,
}

/// Something wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Byte range in the text.
    pub(super) at: Range<usize>,
    /// What is wrong; lower case, no full stop.
    pub(super) what: String,
    /// What to write instead.
    pub(super) instead: String,
    /// A related place, with a word on it.
    pub(super) other: Option<(Range<usize>, String)>,
}

impl Report {
    pub(super) fn new(path: &Path, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| (a.at.start, a.at.end, &a.what).cmp(&(b.at.start, b.at.end, &b.what)));
        // A wrong default recurs in every source that takes it.
        problems.dedup();
        Self { path: path.to_owned(), text: without_secrets(text), problems }
    }

    /// How many problems there are; at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// What is wrong at the first place.
    pub(super) fn first(&self) -> &str {
        self.problems.first().map_or("", |problem| &problem.what)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().take(MOST_SHOWN).enumerate() {
            // The first one follows the `error: ` that the caller prints.
            if number > 0 {
                f.write_str("\n\nerror: ")?;
            }
            self.one(f, problem)?;
        }
        match self.problems.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            1 => f.write_str("\n\nerror: one more problem like these"),
            more => write!(f, "\n\nerror: {more} more problems like these"),
        }
    }
}

impl Report {
    fn one(&self, f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
        let place = Place::of(&self.text, &problem.at);
        let other = problem.other.as_ref().map(|(at, word)| (Place::of(&self.text, at), word));
        let gutter = other.iter().map(|(p, _)| p.line).chain([place.line]).max().unwrap_or(1).to_string().len();
        let blank = " ".repeat(gutter);
        f.write_str(&problem.what)?;
        write!(f, "\n{blank}--> {}:{}:{}", self.path.display(), place.line, place.column)?;
        write!(f, "\n{blank} |")?;
        let marked = (&place, "^", problem.instead.as_str());
        let marks = match &other {
            Some((other, word)) if other.line <= place.line => vec![(other, "-", word.as_str()), marked],
            Some((other, word)) => vec![marked, (other, "-", word.as_str())],
            None => vec![marked],
        };
        let mut last_line = None;
        for (place, mark, word) in marks {
            if last_line.is_some_and(|last| place.line > last + 1) {
                f.write_str("\n...")?;
            }
            if last_line != Some(place.line) {
                write!(f, "\n{:gutter$} | {}", place.line, place.text)?;
            }
            write!(f, "\n{blank} | {}{} {word}", " ".repeat(place.indent), mark.repeat(place.width))?;
            last_line = Some(place.line);
        }
        Ok(())
    }
}

/// `text` with a `*` for every byte of a secret, so that all places stay: a message may end up in a mail or a log.
fn without_secrets(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut among_headers = false;
    for line in text.split_inclusive('\n') {
        let key = line.trim_start();
        if key.starts_with('[') {
            among_headers = key.trim_end().trim_end_matches(']').ends_with("headers");
        }
        let pattern = if among_headers || key.starts_with("headers") { &*VALUE } else { &*PASSWORD };
        let mut done = 0;
        for found in pattern.captures_iter(line).filter_map(|found| found.get(1)) {
            let secret = !found.as_str().starts_with("env:");
            masked.push_str(&line[done..found.start()]);
            masked.push_str(&if secret { "*".repeat(found.len()) } else { found.as_str().to_owned() });
            done = found.end();
        }
        masked.push_str(&line[done..]);
    }
    masked
}

/// What is between `:` and `@` before the host of an address.
static PASSWORD: LazyLock<Regex> = LazyLock::new(|| pattern(r#"://[^/\s"'@:]*:([^/\s"'@]+)@"#));
/// A text in quotes, as a value.
static VALUE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"=\s*["']([^"'\n]*)["']"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and a test compiles it")
}

/// Where a byte range is, and its line in printable form.
struct Place {
    line: usize,
    column: usize,
    text: String,
    indent: usize,
    width: usize,
}

impl Place {
    fn of(text: &str, at: &Range<usize>) -> Self {
        let start = floor_char(text, at.start);
        let end = floor_char(text, at.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let (before, after) = (&text[line_start..start], text[start..line_end].trim_end());
        let marked = text[start..end.min(line_end)].chars().count().max(1);
        // Three quarters of the visible part of a long line follow the start of the mark.
        let lead = chars_from_end(before, SHOWN_CHARS / 4);
        let tail = chars_from_start(after, SHOWN_CHARS * 3 / 4);
        let cut = |is_cut: bool| if is_cut { "…" } else { "" };
        let lead = format!("{}{}", cut(lead.len() < before.len()), printable(lead));
        let tail = format!("{}{}", printable(tail), cut(tail.len() < after.len()));
        let indent = lead.chars().count();
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: before.chars().count() + 1,
            width: marked.min(tail.chars().count().max(1)),
            text: lead + &tail,
            indent,
        }
    }
}

fn printable(part: &str) -> String {
    let shown = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{FFFD}',
        c => c,
    };
    part.chars().map(shown).collect()
}

fn chars_from_start(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

fn chars_from_end(text: &str, most: usize) -> &str {
    let skipped = text.chars().count().saturating_sub(most);
    text.char_indices().nth(skipped).map_or("", |(at, _)| &text[at..])
}

fn floor_char(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// Line of a byte offset, from 1.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_are_shown_in_the_order_of_the_file() {
        let text = "a = 1\n\n\n\nurl = \"x\"\n";
        let problem = Problem {
            at: 15..18,
            what: "two of a kind".to_owned(),
            instead: "delete one".to_owned(),
            other: Some((0..1, "first used here".to_owned())),
        };
        let report = Report::new(Path::new("feeds.toml"), text, vec![problem]);
        assert_eq!(
            report.to_string(),
            "two of a kind\n --> feeds.toml:5:7\n  |\n1 | a = 1\n  | - first used here\n...\n5 | url = \"x\"\n  |       ^^^ delete one"
        );
    }

    #[test]
    fn of_a_long_line_the_part_around_the_mark_is_shown() {
        let text = format!("x = [{}\"here\", {}]\n", "\"ä\", ".repeat(1_000), "\"b\", ".repeat(1_000));
        let at = text.find("here").unwrap();
        let problem = Problem { at: at..at + 4, what: "wrong".to_owned(), instead: "mend it".to_owned(), other: None };
        let report = Report::new(Path::new("f"), &text, vec![problem]).to_string();
        assert!(report.len() < 600 && report.contains("\"here\""), "{report}");
        let lines: Vec<&str> = report.lines().collect();
        let mark = lines[4].find('^').map(|at| lines[4][..at].chars().count());
        assert_eq!(mark, lines[3].find("here").map(|at| lines[3][..at].chars().count()));
    }

    #[test]
    fn ten_thousand_problems_give_a_message_that_can_be_read() {
        let problem = |at| Problem { at: at..at + 1, what: "x".to_owned(), instead: String::new(), other: None };
        let report = Report::new(Path::new("f"), &"y\n".repeat(10_000), (0..10_000).map(problem).collect());
        let text = report.to_string();
        assert!(text.len() < 300_000 && text.ends_with("8000 more problems like these"), "{}", text.len());
    }

    #[test]
    fn a_place_beyond_the_end_or_inside_a_character_is_no_panic() {
        let problem = Problem {
            at: 1..900,
            what: "x".to_owned(),
            instead: String::new(),
            other: Some((1000..1001, String::new())),
        };
        let report = Report::new(Path::new("f"), "ü", vec![problem]);
        assert!(report.to_string().contains("f:1:1"));
    }
}
