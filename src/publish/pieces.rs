//! Where a text may be cut: after a sentence, after a clause, between words; never inside a word or a name's initials.

use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use unicode_segmentation::UnicodeSegmentation;

/// Abbreviations that something always follows.
const LEADS_ON: [&str; 88] = [
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "ste", "gen", "gov", "sen", "rep", "capt", "col", "lt", "sgt", "maj",
    "rev", "hon", "pres", "supt", "mt", "ft", "vs", "no", "nos", "vol", "fig", "figs", "pp", "art", "sec", "approx",
    "est", "e.g", "i.e", "cf", "viz", "al", "bzw", "ca", "nr", "z.b", "d.h", "u.a", "sog", "vgl", "evtl", "inkl", "hr",
    "fr", "abs", "mme", "mlle", "mgr", "sig", "dott", "sra", "srta", "dra", "núm", "pág", "т.е", "т.н", "им", "ул",
    "th", "ph", "chr", "wm", "med", "dhr", "mevr", "h", "c", "z", "d", "drs", "mgr", "inż", "tzw", "tzn", "np", "św",
    "např", "tzv", "t.ex", "bl.a",
];
/// Abbreviations that may also end a sentence.
const MAY_END: [&str; 40] = [
    "jr", "sr", "inc", "corp", "ltd", "llc", "plc", "co", "bros", "etc", "usw", "ave", "blvd", "jan", "feb", "mar",
    "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mio", "mrd", "tsd", "std", "a.m", "p.m", "ph.d",
    "млн", "млрд", "тыс", "руб", "г", "гг", "ee.uu", "s.a",
];
/// Initials that are a whole name: these may stand last.
const WHOLE: [&str; 14] =
    ["u.s", "u.s.a", "u.k", "u.n", "e.u", "u.a.e", "d.c", "l.a", "n.y", "b.c", "a.d", "a.i", "e.t", "u.s.s.r"];
/// Words that begin sentences, and hardly ever the second part of a name.
const BEGINS: [&str; 38] = [
    "The", "A", "An", "It", "Its", "He", "She", "They", "We", "I", "You", "This", "That", "These", "Those", "There",
    "In", "On", "At", "But", "And", "As", "If", "When", "While", "For", "However", "His", "Her", "Their", "Our",
    "After", "Now", "Here", "Die", "Der", "Das", "Es",
];

/// No abbreviation, initials or word that begins a sentence has so many bytes: a text without spaces is one long word.
const LOOKED_AT_BYTES: usize = 100;

/// Word breaks by small models that were learned for the scripts that are written without spaces.
static WORDS: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_lstm(WordBreakInvariantOptions::default()));

/// The sentences of `line` (UAX 29), with those rejoined that were split after an abbreviation.
pub(super) fn sentences(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, sentence) in line.split_sentence_bound_indices() {
        let end = at + sentence.len();
        if end == line.len() || !goes_on(&line[start..end], &line[end..]) {
            found.push(&line[start..end]);
            start = end;
        }
    }
    found
}

/// The clauses of `line` in scripts that mark them with commas of their own.
pub(super) fn clauses(line: &str) -> Vec<&str> {
    cut_between(line, |before, after| is_cjk_comma(before) && !is_cjk_comma(after))
}

/// The words of `line`, each with what separates it from the next; initials stay with the name that they begin.
pub(super) fn words(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut end) = (0, 0);
    for piece in cut_between(line, may_part) {
        end += piece.len();
        if end == line.len() || !begins_a_name(&line[start..end]) {
            add_words(&line[start..end], &mut found);
            start = end;
        }
    }
    found
}

/// What lies between the spaces of `line`: clauses, in scripts that put none between words.
pub(super) fn spaced(line: &str) -> Vec<&str> {
    cut_between(line, may_part)
}

/// Whether a sentence that ends in a full stop goes on with `rest`: the stop belongs to its last word.
fn goes_on(sentence: &str, rest: &str) -> bool {
    let Some(word) = dotted_word(sentence) else { return false };
    let lower = word.to_lowercase();
    if LEADS_ON.contains(&lower.as_str()) {
        return true;
    }
    let may_go_on = are_initials(word) || MAY_END.contains(&lower.as_str());
    let begins = || {
        let next = rest[..rest.floor_char_boundary(LOOKED_AT_BYTES)].split_whitespace().next().unwrap_or_default();
        BEGINS.contains(&next.trim_matches(|c: char| !c.is_alphanumeric()))
    };
    may_go_on && !begins()
}

/// Whether a name begins with the last word: `J.`, `Dr.`
fn begins_a_name(text: &str) -> bool {
    dotted_word(text).is_some_and(|word| {
        let lower = word.to_lowercase();
        LEADS_ON.contains(&lower.as_str()) || are_initials(word) && !WHOLE.contains(&lower.as_str())
    })
}

/// The last word without its full stop; `None` if there is none, or if it is a long one.
fn dotted_word(text: &str) -> Option<&str> {
    let bare = text.trim_end().strip_suffix('.')?;
    let looked_at = &bare[bare.ceil_char_boundary(bare.len().saturating_sub(LOOKED_AT_BYTES))..];
    let word = looked_at.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '„' | '«')).next();
    word.filter(|word| word.len() < LOOKED_AT_BYTES)
}

/// `J`, `J.K`, `K.-H`, `J-P`.
fn are_initials(word: &str) -> bool {
    let is_initial = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_uppercase);
    word.split(['.', '-', '‑', '‐']).filter(|part| !part.is_empty()).all(is_initial)
        && word.chars().next().is_some_and(char::is_uppercase)
}

/// Adds the words of `piece`, which has spaces at its end alone.
fn add_words<'a>(piece: &'a str, found: &mut Vec<&'a str>) {
    if !piece.chars().any(is_unspaced) {
        found.push(piece);
        return;
    }
    let is_alone = |part: &str| part.trim_end().chars().nth(1).is_none();
    let mut start = 0;
    let ends: Vec<usize> = WORDS.segment_str(piece).filter(|end| *end > 0).collect();
    for (end, next) in ends.iter().zip(ends.iter().skip(1)) {
        let (before, after) = (piece[..*end].chars().next_back(), piece[*end..].chars().next());
        let is_between = before.is_some_and(is_unspaced) && after.is_some_and(is_unspaced);
        // Hardly any word has a single letter: where one is split off, the model is mistaken.
        let splits_off = is_alone(&piece[start..*end]) || is_alone(&piece[*end..*next]);
        if is_between && !splits_off && !after.is_some_and(stays_behind) {
            found.push(&piece[start..*end]);
            start = *end;
        }
    }
    found.push(&piece[start..]);
}

/// Whether `c` is in a script without spaces whose words only a dictionary can tell: Thai, Lao, Burmese, Khmer.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}')
}

/// Marks of these scripts that belong to what is before them: repetition, abbreviation, the ends of sentences.
fn stays_behind(c: char) -> bool {
    matches!(c, 'ฯ' | 'ๆ' | '\u{E4F}' | '\u{E5A}' | '\u{E5B}' | 'ຯ' | 'ໆ' | '\u{104A}'..='\u{104B}' | '\u{17D4}'..='\u{17DA}')
}

/// The pieces of `line`, split between characters for which `may_part` holds.
fn cut_between(line: &str, may_part: impl Fn(char, char) -> bool) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, after) in line.char_indices() {
        if before.is_some_and(|before| may_part(before, after)) {
            found.push(&line[start..at]);
            start = at;
        }
        before = Some(after);
    }
    found.push(&line[start..]);
    found
}

/// Where no word is cut: after white space, and in scripts without spaces after punctuation, where one script
/// follows another (a particle ends, a word begins), and between Chinese characters, each of which UAX 29
/// counts as a word.
fn may_part(before: char, after: char) -> bool {
    if before.is_whitespace() {
        return !after.is_whitespace();
    }
    // Tibetan puts a point after each syllable.
    if matches!(before, '\u{F0B}' | '\u{F0D}') {
        return !matches!(after, '\u{F0B}' | '\u{F0D}');
    }
    if !is_cjk(before) || !is_cjk(after) || is_cjk_punctuation(after) {
        return false;
    }
    is_cjk_punctuation(before)
        || matches!((script(before), script(after)), (Script::Hiragana | Script::Han, Script::Han))
        || script(before) == Script::Hiragana && script(after) == Script::Katakana
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Hiragana,
    Katakana,
    Han,
    Other,
}

fn script(c: char) -> Script {
    match c {
        '\u{3041}'..='\u{309F}' => Script::Hiragana,
        '\u{30A0}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' => Script::Katakana,
        '々'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3134F}' => Script::Han,
        _ => Script::Other,
    }
}

/// Of a script that is written without spaces between words, or its punctuation.
pub(super) fn is_cjk(c: char) -> bool {
    script(c) != Script::Other || is_cjk_punctuation(c)
}

fn is_cjk_comma(c: char) -> bool {
    matches!(c, '、' | '，' | '；' | '：')
}

fn is_cjk_punctuation(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '！' | '？' | '，' | '：' | '；' | '）' | '（' | '・')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ends(text: &str, want: &[&str]) {
        let found: Vec<&str> = sentences(text).into_iter().map(str::trim).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn a_full_stop_that_belongs_to_a_word_ends_nothing() {
        ends("J. K. Rowling wrote it. It sold.", &["J. K. Rowling wrote it.", "It sold."]);
        ends("A judge in the U.S. Court ruled. He left.", &["A judge in the U.S. Court ruled.", "He left."]);
        ends("They sell it in the U.S. The price is low.", &["They sell it in the U.S.", "The price is low."]);
        ends("Acme Inc. Chairman Roe left. Fine.", &["Acme Inc. Chairman Roe left.", "Fine."]);
        ends("It was bought by Acme Inc. It paid.", &["It was bought by Acme Inc.", "It paid."]);
        ends("Fragen Sie K.-H. Müller und J.-P. Meier. Gut.", &["Fragen Sie K.-H. Müller und J.-P. Meier.", "Gut."]);
        ends("Dr. med. h. c. Meier kam. Gut.", &["Dr. med. h. c. Meier kam.", "Gut."]);
        ends("Am 3. Nov. Abend z.B. Wien. Gut.", &["Am 3.", "Nov. Abend z.B. Wien.", "Gut."]);
        ends("Д. И. Менделеев жил здесь. Вот.", &["Д. И. Менделеев жил здесь.", "Вот."]);
    }

    #[test]
    fn scripts_have_sentence_ends_of_their_own() {
        ends("यह नया है। यह छोटा है।", &["यह नया है।", "यह छोटा है।"]);
        ends("ភាសាខ្មែរ។ វាថ្មី។", &["ភាសាខ្មែរ។", "វាថ្មី។"]);
        ends("မြန်မာစာ။ အသစ်။", &["မြန်မာစာ။", "အသစ်။"]);
        ends("یہ نیا ہے۔ یہ چھوٹا ہے۔", &["یہ نیا ہے۔", "یہ چھوٹا ہے۔"]);
    }

    #[test]
    fn words_are_whole_and_initials_stay_with_their_name() {
        assert_eq!(words("said J. K. Rowling on"), ["said ", "J. K. Rowling ", "on"]);
        assert_eq!(words("in the U.S. market"), ["in ", "the ", "U.S. ", "market"]);
        assert_eq!(words("by Dr. No"), ["by ", "Dr. No"]);
        assert_eq!(words("von K.-H. Müller und"), ["von ", "K.-H. Müller ", "und"]);
        assert_eq!(words("ภาษาไทยภาษาไทย"), ["ภาษา", "ไทย", "ภาษา", "ไทย"]);
        assert_eq!(words("အမေရိကန်ပြည်ထောင်စု").concat(), "အမေရိကန်ပြည်ထောင်စု");
        assert!(words("សេចក្តីប្រកាសជាសកលស្តីពីសិទ្ធិមនុស្ស").len() > 3);
        assert_eq!(words("ต่างๆ มาก"), ["ต่างๆ ", "มาก"]);
    }
}
