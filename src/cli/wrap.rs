//! Lines for a terminal: broken between words, continued under where their text began.

use terminal_size::{Height, Width};

/// A terminal narrower than this breaks lines itself: there is no room for our indents.
const LEAST_COLUMNS: usize = 40;
/// Continued lines are indented by at most this many columns.
const DEEPEST_INDENT: usize = 16;

/// Columns of the terminal behind stdout; `None` if there is none.
pub(super) fn stdout_columns() -> Option<usize> {
    columns(terminal_size::terminal_size_of(std::io::stdout()))
}

/// Columns of the terminal behind stderr; `None` if there is none.
pub(super) fn stderr_columns() -> Option<usize> {
    columns(terminal_size::terminal_size_of(std::io::stderr()))
}

fn columns(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(Width(columns), _)| usize::from(columns)).filter(|columns| *columns >= LEAST_COLUMNS)
}

/// `text` with each line that is wider than `columns` broken between words; what follows is aligned with
/// the second column of that line, if it has one, otherwise with its first word. `None`: unchanged, for
/// a file or a program.
///
/// A word that is wider than a line (an address) stays whole, so that it can be copied.
pub(super) fn wrapped(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    text.split('\n').map(|line| wrapped_line(line, columns)).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, columns: usize) -> String {
    if width(line) <= columns {
        return line.to_owned();
    }
    let indent = indent(line);
    let mut out = String::new();
    let mut used = 0;
    for word in line.split_inclusive(' ') {
        if used > indent && used + width(word.trim_end()) > columns {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        }
        out.push_str(word);
        used += width(word);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Columns that `text` takes: two for what East Asian fonts draw wide (UAX #11, by block) and for
/// pictures, none for a combining accent.
fn width(text: &str) -> usize {
    let columns = |c: char| match c {
        '\u{300}'..='\u{36F}' => 0,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{1F300}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    };
    text.chars().map(columns).sum()
}

/// Where the text of `line` begins: after two spaces that follow its first word (`failed  lwn: …`),
/// otherwise after its own indent, plus two for prose.
fn indent(line: &str) -> usize {
    let own = line.len() - line.trim_start_matches(' ').len();
    let word = line[own..].find(' ').unwrap_or(0);
    let gap = line[own + word..].len() - line[own + word..].trim_start_matches(' ').len();
    let text = if gap >= 2 { own + word + gap } else { own };
    let talk = ["hint: ", "because: ", "error: ", "warning: "];
    let hang = if talk.iter().any(|word| line[own..].starts_with(word)) { 2 } else { 0 };
    (text + hang).min(DEEPEST_INDENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, columns: usize, want: &str) {
        assert_eq!(wrapped(line, Some(columns)), want);
    }

    #[test]
    fn lines_break_between_words_under_their_text() {
        check("one two three four", 9, "one two\nthree\nfour");
        check("  one two three", 9, "  one two\n  three");
        check("failed  lwn: no answer", 16, "failed  lwn: no\n        answer");
        check("  hint: try it again", 14, "  hint: try it\n    again");
        check("short\n\n  one two", 7, "short\n\n  one\n  two");
        check("fits", 4, "fits");
    }

    #[test]
    fn a_word_that_is_too_wide_stays_whole() {
        check("see https://example.org/a/long/path now", 12, "see\nhttps://example.org/a/long/path\nnow");
        check("    https://example.org/a/long/path", 12, "    https://example.org/a/long/path");
    }

    #[test]
    fn wide_characters_count_twice() {
        check("日本 語の 文章", 10, "日本 語の\n文章");
    }

    #[test]
    fn what_is_no_terminal_gets_whole_lines() {
        let line = "word ".repeat(100);
        assert_eq!(wrapped(&line, None), line);
    }
}
