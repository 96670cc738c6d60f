//! Lines that only say who wrote an article, when, and how long it takes to read: `By Jane Doe · 3 May 2026 · 5 min read`.

use crate::text::month_named;

/// A longer line is a sentence.
const LONGEST_CHARS: usize = 110;
/// More names than this are no credits.
const MOST_NAMES: usize = 7;

/// Words that such a line begins with, lower case.
const OPENINGS: [&str; 26] = [
    "by",
    "von",
    "par",
    "por",
    "di",
    "door",
    "av",
    "af",
    "autor",
    "author",
    "auteur",
    "written",
    "words",
    "text",
    "story",
    "reported",
    "published",
    "updated",
    "posted",
    "last",
    "created",
    "publié",
    "publicado",
    "veröffentlicht",
    "pubblicato",
    "aktualisiert",
];
/// Words that may stand between names and numbers.
const BETWEEN: [&str; 61] = [
    "a",
    "à",
    "ago",
    "alle",
    "am",
    "and",
    "at",
    "by",
    "bilder",
    "contributor",
    "correspondent",
    "correspondents",
    "de",
    "del",
    "der",
    "di",
    "du",
    "e",
    "editor",
    "editors",
    "el",
    "est",
    "et",
    "for",
    "foto",
    "fotos",
    "freelance",
    "gmt",
    "hour",
    "hours",
    "il",
    "in",
    "le",
    "min",
    "mins",
    "minute",
    "minutes",
    "minuten",
    "modified",
    "of",
    "on",
    "pm",
    "read",
    "reading",
    "photo",
    "photos",
    "reporter",
    "reporters",
    "senior",
    "staff",
    "the",
    "time",
    "uhr",
    "um",
    "und",
    "utc",
    "van",
    "von",
    "writer",
    "writers",
    "y",
];

/// Words for an author, lower case, that stand before a colon or a slash and a name, in languages whose lines are not told
/// by capital letters and the words above.
const LABELS: [&str; 34] = [
    "autore",
    "author",
    "autor",
    "auteur",
    "by",
    "forfatter",
    "författare",
    "kirjoittaja",
    "oleh",
    "penulis",
    "schrijver",
    "skribent",
    "szerző",
    "tekst",
    "teksti",
    "text",
    "tác giả",
    "words",
    "yazan",
    "yazar",
    "автор",
    "аўтар",
    "συντάκτης",
    "γράφει",
    "מאת",
    "بقلم",
    "كتب",
    "लेखक",
    "文",
    "作者",
    "撰文",
    "記者",
    "글",
    "작성자",
];
/// Words for what somebody does at an outlet, lower case, that stand behind a name and a comma.
const ROLES: [&str; 12] = [
    "author",
    "columnist",
    "contributor",
    "correspondent",
    "editor",
    "freelancer",
    "journalist",
    "producer",
    "redakteur",
    "redakteurin",
    "reporter",
    "writer",
];
/// Words of names that begin with a small letter.
const PARTICLES: [&str; 12] = ["al", "bin", "da", "de", "del", "den", "der", "di", "dos", "du", "van", "von"];
/// A name has at most this many words.
const LONGEST_NAME: usize = 4;

/// Whether `text` is such a line.
pub(super) fn is_credit_line(text: &str) -> bool {
    if text.chars().count() > LONGEST_CHARS || text.ends_with(['.', '!', '?', ':', '"', '”', '。']) {
        return false;
    }
    if is_labelled_name(text) || is_name_and_role(text) {
        return true;
    }
    let is_sign = |c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '-' | '.');
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '|' | '·' | '•' | '/' | ',' | ':' | '(' | ')'))
        .map(|word| word.trim_matches(is_sign))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    let Some(opening) = words.first().map(|word| word.to_lowercase()) else { return false };
    let opens = OPENINGS.contains(&&*opening);
    let (mut names, mut months, mut years) = (0, 0, 0);
    let by = words.iter().take(MOST_NAMES).position(|word| word.eq_ignore_ascii_case("by")).filter(|_| opens);
    let is_past = opens && words.len() <= 4 && words.last().is_some_and(|word| word.eq_ignore_ascii_case("ago"));
    let mut logs_in = false;
    for (at, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        let bare = lower.trim_end_matches('.');
        if bare.starts_with(|c: char| c.is_ascii_digit()) {
            years += usize::from(is_year(bare));
        } else if by.is_some_and(|by| by > 0 && at == by + 1) && word.starts_with(char::is_lowercase) {
            // A name as people log in: "Posted by lara on 2 November 2026". Without a date it may be any word.
            logs_in = true;
        } else if month_named(bare).is_some() {
            months += 1;
        } else if BETWEEN.contains(&bare) || OPENINGS.contains(&bare) && (at == 0 || opens) {
            continue;
        } else if word.starts_with(char::is_uppercase) {
            names += 1;
        } else {
            return false;
        }
    }
    let is_dated = years > 0 && (months > 0 || words.iter().any(|word| is_numeric_date(word)));
    (is_dated || !logs_in)
        && names <= MOST_NAMES
        && if opens { is_dated || is_past || (1..=4).contains(&names) } else { is_dated && names <= 4 }
}

/// `Автор: …`, `文/…`: a word for an author, and a name.
fn is_labelled_name(text: &str) -> bool {
    let Some((label, name)) = text.split_once([':', '：', '/', '／']) else { return false };
    let words = name.split_whitespace().count();
    LABELS.contains(&label.trim().to_lowercase().as_str())
        && name.trim().chars().nth(1).is_some()
        && (1..=LONGEST_NAME).contains(&words)
        && name.split_whitespace().all(is_of_a_name)
}

/// `Lara Example, Contributor`, `Lara Example @lara`.
fn is_name_and_role(text: &str) -> bool {
    let is_role =
        |role: &str| role.split_whitespace().last().is_some_and(|word| ROLES.contains(&&*word.to_lowercase()));
    let handle = text.rsplit_once(char::is_whitespace).filter(|(_, handle)| is_handle(handle));
    let role =
        text.split_once(", ").filter(|(_, role)| is_role(role) && role.split_whitespace().count() <= LONGEST_NAME);
    let name = handle.or(role).map_or("", |(name, _)| name.trim_end_matches([',', '|', '·', '—', '-', ' ']));
    let words = name.split_whitespace().count();
    is_handle(text)
        || (2..=LONGEST_NAME).contains(&words)
            && name
                .split_whitespace()
                .all(|word| PARTICLES.contains(&word) || word.starts_with(char::is_uppercase) && is_of_a_name(word))
}

/// `@lara`, on a network.
fn is_handle(word: &str) -> bool {
    let is_of_it = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
    word.strip_prefix('@').is_some_and(|name| !name.is_empty() && name.chars().all(is_of_it))
}

/// Whether a name may have this word: in writings that have capital letters it begins with one.
fn is_of_a_name(word: &str) -> bool {
    let is_of_it = |c: char| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’' | ',' | '·' | '、');
    word.chars().all(is_of_it) && !word.starts_with(char::is_lowercase)
}

fn is_year(digits: &str) -> bool {
    digits.get(..4).and_then(|year| year.parse().ok()).is_some_and(|year: u16| (1990..2100).contains(&year))
        || digits.rsplit(['.', '-']).next().is_some_and(|last| last.len() == 4 && last.starts_with("20"))
}

/// `02.11.2026`, `2026-11-02`.
fn is_numeric_date(word: &str) -> bool {
    word.split(['.', '-']).filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())).count()
        == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_and_dates_are_told_from_sentences() {
        for line in [
            "By Lara Example",
            "BY LARA EXAMPLE AND TOM REYES",
            "Lara Example November 2, 2026",
            "Lara Example | 2 November 2026, 10:15",
            "Von Lara Example, 2. November 2026",
            "Published 2 November 2026 · Updated 3 November 2026",
            "By Lara Example · 5 min read",
            "2 November 2026",
            "November 2, 2026 at 10:15 am",
            "Posted on November 2, 2026 by Lara Example in Tech",
            "Posted on November 2, 2026 by admin in Uncategorized",
            "Updated 3 hours ago",
            "By Lara Example, Staff Writer",
            "Lara Example — 02.11.2026",
            "Par Lara Example, le 2 novembre 2026 à 10h15",
            "2026-11-02 Lara Example",
            "Posted by lara on November 2, 2026",
            "Published by lara_e on 2 November 2026",
            "Lara Example, Contributor",
            "Lara van Example, Chief Technology Correspondent",
            "Lara Example @lara_example",
            "@lara@example.social",
            "Lara Example | @lara",
            "Автор: Лара Пример",
            "文/王小明",
            "作者：王小明",
            "Tekst: Lara Example",
            "بقلم: لارا",
            "글: 김철수",
        ] {
            assert!(is_credit_line(line), "{line}");
        }
        for text in [
            "",
            "By the time we came, all was over",
            "By car",
            "The vote took place on 2 November 2026",
            "London, England",
            "Version 2026 is out",
            "Update: the vote was postponed",
            "Text",
            "In May, prices fell.",
            "Apple iPhone 18 Pro",
            "May 2026 was the warmest month",
            "Updated long ago by hand",
            "Posted on the wall by mistake",
            "Posted by mistake and never read by anybody",
            "Written by hand",
            "Story by accident",
            "Reported by readers",
            "Автор: книга вышла в мае",
            "Text: this is what they wrote",
            "Text: London, England, and what came of it",
            "London, where no reporter",
            "Acme, the writer",
            "mail lara@example.org",
            "write to @lara",
            "文/化",
            "Author: Nobody knows.",
        ] {
            assert!(!is_credit_line(text), "{text}");
        }
    }

    #[test]
    fn roles_and_pictures_belong_to_credits() {
        for line in [
            "By Lara Example and Ben Two, Staff Writers",
            "Text: Lara Example, Fotos: Ben Two",
            "By Lara Example, senior reporter",
        ] {
            assert!(is_credit_line(line), "{line}");
        }
        assert!(!is_credit_line("By staff writers, of whom most left, the paper was made"));
    }
}
