//! Which lines of feeds.toml belong to a source, so that they can be taken out and all others stay.

use std::ops::Range;

use toml_edit::{Document, Item, Table};

/// `text` with `lines` at its end, in its own line endings.
pub(super) fn appended(text: &str, lines: &str) -> String {
    let is_dos = text.contains("\r\n");
    let lines = if text.trim().is_empty() { lines.trim_start() } else { lines };
    let lines = if is_dos { lines.replace('\n', "\r\n") } else { lines.to_owned() };
    let end = match text {
        "" => "",
        text if text.ends_with('\n') => "",
        _ if is_dos => "\r\n",
        _ => "\n",
    };
    format!("{text}{end}{lines}")
}

/// `text` without the `[[source]]` at `place` (from 0), and the lines that went; `None` if it has no such source.
///
/// The comment right above a source and those right below its last key go with it, unless they are right above what
/// follows, or hold a table that was commented out; so does one of the blank lines around it.
pub(super) fn without_source(text: &str, place: usize) -> Option<(String, String)> {
    let document = Document::parse(text).ok()?;
    let tables = document.get("source")?.as_array_of_tables()?;
    let table = tables.get(place)?;
    let range = lines_of(text, table.span()?.start..end_of(table)?);
    let around = with_blank_line(text, &range);
    let removed = text[range].to_owned();
    Some((format!("{}{}", &text[..around.start], &text[around.end..]), removed))
}

/// End of the last byte that belongs to `table` or to a table in it.
fn end_of(table: &Table) -> Option<usize> {
    let inner = table.iter().filter_map(|(_, item)| match item {
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(table) => end_of(table),
        Item::ArrayOfTables(tables) => tables.iter().filter_map(end_of).max(),
        Item::None => None,
    });
    inner.chain(table.span().map(|span| span.end)).max()
}

/// The whole lines of `range`, with the comments that belong to them.
fn lines_of(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = line_start(text, range.start);
    while let Some(before) = line_before(text, start).filter(|line| text[line.clone()].trim_start().starts_with('#')) {
        start = before.start;
    }
    if holds_a_table(&text[start..line_start(text, range.start)]) {
        start = line_start(text, range.start);
    }
    let end = line_end(text, range.end.max(1) - 1);
    let mut last = end;
    while let Some(line) = line_after(text, last).filter(|line| text[line.clone()].trim_start().starts_with('#')) {
        last = line.end;
    }
    let is_above_something = line_after(text, last).is_some_and(|line| !text[line].trim().is_empty());
    start..if is_above_something || holds_a_table(&text[end..last]) { end } else { last }
}

/// Whether a table was commented out in `comments`: it is about nothing beside it.
fn holds_a_table(comments: &str) -> bool {
    comments.lines().any(|line| line.trim_start().trim_start_matches('#').trim_start().starts_with('['))
}

/// `range` with one blank line next to it.
fn with_blank_line(text: &str, range: &Range<usize>) -> Range<usize> {
    let blank = |line: &Range<usize>| text[line.clone()].trim().is_empty();
    let before = line_before(text, range.start).filter(blank);
    let after = line_after(text, range.end).filter(blank);
    match (before, after) {
        // At the end of the file the separator is above it, otherwise below.
        (Some(before), _) if text[range.end..].trim().is_empty() => before.start..range.end,
        (_, Some(after)) => range.start..after.end,
        _ => range.clone(),
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

/// End of the line that holds the byte at `at`, including its line break.
fn line_end(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |more| at + more + 1)
}

/// The line that ends at `start`.
fn line_before(text: &str, start: usize) -> Option<Range<usize>> {
    (start > 0).then(|| line_start(text, start - 1)..start)
}

/// The line that starts at `end`.
fn line_after(text: &str, end: usize) -> Option<Range<usize>> {
    (end < text.len()).then(|| end..line_end(text, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = "title = \"x\" # mine\n\n# Security\n\n# about a\n[[source]]\nurl = 'a'  # kept\n\n\n\
                         [[source]]\r\nurl = \"b\"\n[source.headers]\nx = \"y\" \n# of b\n\n# of c\n[[source]]\nurl=\"c\"\n#c\n\n# end\n";

    #[track_caller]
    fn check(place: usize, left: &str, gone: &str) {
        assert_eq!(without_source(THREE, place), Some((left.to_owned(), gone.to_owned())));
    }

    #[test]
    fn a_source_goes_with_its_comments_and_all_else_stays() {
        check(
            0,
            "title = \"x\" # mine\n\n# Security\n\n\n[[source]]\r\nurl = \"b\"\n[source.headers]\nx = \"y\" \n# of b\n\n# of c\n[[source]]\nurl=\"c\"\n#c\n\n# end\n",
            "# about a\n[[source]]\nurl = 'a'  # kept\n",
        );
        check(
            1,
            "title = \"x\" # mine\n\n# Security\n\n# about a\n[[source]]\nurl = 'a'  # kept\n\n\n# of c\n[[source]]\nurl=\"c\"\n#c\n\n# end\n",
            "[[source]]\r\nurl = \"b\"\n[source.headers]\nx = \"y\" \n# of b\n",
        );
        check(
            2,
            "title = \"x\" # mine\n\n# Security\n\n# about a\n[[source]]\nurl = 'a'  # kept\n\n\n[[source]]\r\nurl = \"b\"\n[source.headers]\nx = \"y\" \n# of b\n\n# end\n",
            "# of c\n[[source]]\nurl=\"c\"\n#c\n",
        );
        assert_eq!(without_source(THREE, 3), None);
    }

    #[test]
    fn a_source_that_was_commented_out_beside_it_stays() {
        let (above, below) = ("# [[source]]\n# url = \"old\"\n", "# about\n#[[source]]\n#url = \"other\"\n");
        let text = format!("{above}[[source]]\nurl = \"a\"\n{below}\n[[source]]\nurl = \"b\"\n");
        let (left, gone) = without_source(&text, 0).unwrap();
        assert_eq!((left, &*gone), (format!("{above}{below}\n[[source]]\nurl = \"b\"\n"), "[[source]]\nurl = \"a\"\n"));
    }

    #[test]
    fn what_was_appended_can_be_taken_out_again() {
        for text in ["a = 1\n\n[[source]]\nurl = \"a\"\n", "[[source]]\nurl = \"a\"\n\n[[output]]\nfile = \"x\"\n"] {
            let longer = appended(text, "\n[[source]]\nurl = \"new\"\ntags = [\n  \"x\",\n]\n");
            assert_eq!(without_source(&longer, 1).unwrap().0, text);
        }
        assert_eq!(appended("a = 1", "\n[[source]]\n"), "a = 1\n\n[[source]]\n");
        assert_eq!(appended("a = 1\r\n", "\n[[source]]\n"), "a = 1\r\n\r\n[[source]]\r\n");
        assert_eq!(appended("", "\n[[source]]\n"), "[[source]]\n");
    }
}
