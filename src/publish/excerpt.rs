//! Plain text → an excerpt: whole sentences where they fit, and none of what publishing systems
//! append to their feeds.

use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::lines::one_line;

/// Whole sentences are taken where they fill at least this share of the limit, in percent; else the
/// next one is cut between words.
const ENOUGH_PERCENT: usize = 40;

/// What publishing systems append is shorter than this.
const LONGEST_APPENDIX_BYTES: usize = 240;

/// `text` cut to at most `limit` characters (Unicode scalar values), with an ellipsis where something
/// is missing. Empty where it says no more than `title`.
pub(super) fn excerpt(text: &str, title: &str, limit: usize) -> String {
    let line = one_line(text);
    let (line, was_cut) = without_leftovers(&line);
    if line.is_empty() || line.to_lowercase() == title.to_lowercase() {
        return String::new();
    }
    if line.chars().count() + if was_cut { 2 } else { 0 } <= limit {
        return if was_cut { with_ellipsis(line) } else { line.to_owned() };
    }
    let Some(room) = limit.checked_sub(2).filter(|room| *room > 0) else { return String::new() };
    let sentences = longest(line.split_sentence_bounds(), room);
    if sentences.chars().count() * 100 >= room * ENOUGH_PERCENT {
        return with_ellipsis(sentences);
    }
    let words = longest(line.split_inclusive(' '), room);
    let cut = if words.is_empty() { longest(line.graphemes(true), room) } else { words };
    with_ellipsis(cut)
}

/// As many of `parts`, from the first, as have at most `room` characters together.
fn longest<'a>(parts: impl Iterator<Item = &'a str>, room: usize) -> String {
    let mut taken = String::new();
    let mut count = 0;
    for part in parts {
        if count + part.trim_end().chars().count() > room {
            break;
        }
        count += part.chars().count();
        taken.push_str(part);
    }
    taken.truncate(taken.trim_end().len());
    taken
}

/// A space before it after a whole sentence, none within one.
fn with_ellipsis(text: impl Into<String>) -> String {
    let mut text = text.into();
    text.truncate(text.trim_end().len());
    if text.is_empty() {
        return text;
    }
    if !text.ends_with(['.', '!', '?', '。', '！', '？', '"', '”', '»', ')']) {
        text.truncate(text.trim_end_matches([',', ';', ':', '–', '—', '-', ' ']).len());
        text.push('…');
    } else {
        text.push_str(" …");
    }
    text
}

/// Whether `text` is nothing but such an appendix.
pub(super) fn is_leftover(text: &str) -> bool {
    let line = one_line(text);
    !line.is_empty() && without_leftovers(&line).0.is_empty()
}

/// `text` without what publishing systems append, and whether it said itself that it was cut.
fn without_leftovers(text: &str) -> (&str, bool) {
    let mut rest = text.trim();
    let mut was_cut = false;
    loop {
        let before = rest;
        if let Some(found) = DOTS.find(rest) {
            rest = rest[..found.start()].trim_end();
            was_cut = true;
        }
        for pattern in [&*READ_MORE, &*LINK_WORD] {
            if let Some(found) = pattern.find(rest).filter(|found| found.len() <= LONGEST_APPENDIX_BYTES) {
                rest = rest[..found.start()].trim_end();
            }
        }
        rest = &rest[..appeared_first(rest).unwrap_or(rest.len())];
        rest = &rest[..last_link(rest).unwrap_or(rest.len())];
        rest = rest.trim_end();
        if rest == before {
            return (rest, was_cut && !rest.is_empty());
        }
    }
}

/// Where "The post … appeared first on …" begins, if `text` ends in it.
fn appeared_first(text: &str) -> Option<usize> {
    let marker = APPEARED.find(text).filter(|marker| marker.len() <= LONGEST_APPENDIX_BYTES)?;
    let opening = OPENING.find_iter(&text[..marker.start()]).last()?;
    Some(opening.start())
}

/// Where the label of a link begins that stands after the text.
fn last_link(text: &str) -> Option<usize> {
    Some(LAST_LINK.captures(text)?.get(1)?.start())
}

// No counted repetitions of whole classes: each would be compiled as often as it counts.
static APPEARED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:first appeared|appeared first) (?:on|in|at) (?:[^.!?]|\.\S)+\.?$"));
static OPENING: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:The|This) (?:post|article|entry|story)\b"));
static READ_MORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:^|\s)[\[(]?(?:Read (?:[Mm]ore|on|the (?:full|whole|entire|rest of the|rest of this) (?:article|story|post))",
        r"|READ MORE|Continue [Rr]eading|Keep [Rr]eading|Weiterlesen|Mehr lesen|Lees (?:meer|verder)|Lire la suite|Leer más)",
        r"\b[^.!?]*(?:\.{3})?[\])]?[.!?]?(?:\s*[→»›>]+)?$"
    ))
});
static LINK_WORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:\[?(?:comments?|discuss(?:ion)?|link|permalink|source)\]?[\s|·,]*)+$"));
/// As link lists write it: `58 points, 44 comments Comments`.
static LAST_LINK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:[.!?…)\]»”]|\bcomments?)(\s+\[?(?:Comments|Discussion|Permalink)\]?)$"));
static DOTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s*(?:[\[(]\s*(?:…|\.{3}|&hellip;)\s*[\])]|…|\.{3,})$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and a test compiles it")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, limit: usize, want: &str) {
        assert_eq!(excerpt(text, "The title", limit), want);
    }

    #[test]
    fn whole_sentences_are_taken_where_they_fit() {
        check("One two three. Four five six. Seven eight.", 100, "One two three. Four five six. Seven eight.");
        check("One two three. Four five six. Seven eight.", 33, "One two three. Four five six. …");
        check("One two three. Four five six. Seven eight.", 28, "One two three. …");
        check("  Spread \n over\t lines. ", 100, "Spread over lines.");
    }

    #[test]
    fn a_long_sentence_is_cut_between_words_and_one_without_spaces_between_letters() {
        check("One two three, four five six seven eight nine ten.", 17, "One two three…");
        check("Well. One two three four five six seven eight.", 30, "Well. One two three four…");
        check("日本語の文章は空白なしに続いていくものである", 8, "日本語の文章…");
        check("e\u{301}e\u{301}e\u{301}e\u{301}", 6, "e\u{301}e\u{301}…");
    }

    #[test]
    fn what_publishing_systems_append_is_gone() {
        let text = "It works. It is new.";
        for appendix in [
            " The post Is it new? It is. appeared first on Some Site.",
            " This article first appeared on Some Site.",
            " Read more",
            " Read more about it at Some Site »",
            " (Read more...)",
            " Continue reading: Is it new? →",
            " Read the full article at Some Site.",
            " Weiterlesen",
        ] {
            check(&format!("{text}{appendix}"), 200, text);
        }
        check("It works. It is new [&hellip;]", 200, "It works. It is new…");
        check("It works. It is new. […] The post X appeared first on Y.", 200, "It works. It is new. …");
        check("It works. It is new... Read More", 200, "It works. It is new…");
        check("It works. It is new. [...]", 200, "It works. It is new. …");
    }

    #[test]
    fn the_link_of_a_link_list_to_its_discussion_is_gone() {
        check("58 points, 44 comments Comments", 200, "58 points, 44 comments");
        check("A spreadsheet. It is small. [Comments]", 200, "A spreadsheet. It is small.");
        for text in ["It has 44 Comments", "How to write Comments", "Leave your Comments."] {
            check(text, 200, text);
        }
    }

    #[test]
    fn sentences_that_only_sound_like_it_stay() {
        for text in [
            "People read more than ever. They do.",
            "The post office was closed. A sign of it appeared first on Monday, when nobody came. Then it opened again.",
            "The study was first published in 2020.",
            "See the source and comments below.",
        ] {
            check(text, 400, text);
        }
    }

    #[test]
    fn what_says_no_more_than_the_title_is_nothing() {
        for text in ["", "  ", "The Title", "Comments", "[link] [comments]", "…", "Read more", "Discuss | Comments"] {
            check(text, 280, "");
        }
        check("Some text that is there", 0, "");
        check("Some text that is there", 2, "");
    }

    proptest! {
        #[test]
        fn an_excerpt_is_never_longer_than_its_limit(text in "(\\PC|[ .!?…]){0,200}", limit in 0_usize..120) {
            prop_assert!(excerpt(&text, "", limit).chars().count() <= limit);
        }

        #[test]
        fn cutting_ends_on_any_text(text in "([Rr]ead more|The post | appeared first on |\\[…\\]|\\.\\.\\.|a|[ .!]){0,40}") {
            let short = excerpt(&text, "", 80);
            prop_assert!(short.chars().count() <= 80);
        }
    }
}
