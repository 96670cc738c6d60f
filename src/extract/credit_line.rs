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

/// Whether `text` is such a line.
pub(super) fn is_credit_line(text: &str) -> bool {
    if text.chars().count() > LONGEST_CHARS || text.ends_with(['.', '!', '?', ':', '"', '”']) {
        return false;
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
    for (at, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        let bare = lower.trim_end_matches('.');
        if bare.starts_with(|c: char| c.is_ascii_digit()) {
            years += usize::from(is_year(bare));
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
    names <= MOST_NAMES && if opens { is_dated || (1..=4).contains(&names) } else { is_dated && names <= 4 }
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
            "By Lara Example, Staff Writer",
            "Lara Example — 02.11.2026",
            "Par Lara Example, le 2 novembre 2026 à 10h15",
            "2026-11-02 Lara Example",
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
