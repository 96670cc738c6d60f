//! Whether an edit makes other news of an entry: then its date, which is that of the old news, says nothing of the new.

use url::Url;

use crate::config::SourceConfig;
use crate::model::Entry;
use crate::store::Headline;
use crate::text::{canonical, writer_of};

/// Words that a correction may add anywhere: they name nothing.
const ADDED: [&str; 22] = [
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "by",
    "corrected",
    "correction",
    "for",
    "from",
    "in",
    "is",
    "of",
    "on",
    "or",
    "the",
    "to",
    "update",
    "updated",
    "was",
    "with",
];

/// Letters from which two slips in a word are a typo, too.
const LONG_WORD: usize = 8;
/// Shorter words are names and abbreviations: one letter makes another of them.
const SHORT_WORD: usize = 4;

/// Whether an entry that was `before` announces or links to something else from now on. Not if its title only loses
/// words or typos, and not if its article only moves on the site of its source.
pub(super) fn tells_other_news(before: &Headline, after: &Entry, source: &SourceConfig) -> bool {
    let is_moved = canonical(&before.url) != canonical(&after.url);
    is_moved && !is_at_home(&after.url, source) || !is_corrected(&before.title, &after.title)
}

fn is_at_home(article: &Url, source: &SourceConfig) -> bool {
    writer_of(article).is_some_and(|writer| writer_of(&source.address.to_url()) == Some(writer))
}

/// Whether `after` is the title `before` again: each of its words was there but for slips, and at least half of those that
/// were there are left.
fn is_corrected(before: &str, after: &str) -> bool {
    let (before, after) = (words(before), words(after));
    if before.concat() == after.concat() {
        return true;
    }
    let mut left: Vec<&String> = before.iter().collect();
    let mut added = Vec::new();
    for word in &after {
        match left.iter().position(|old| *old == word) {
            Some(at) => drop(left.swap_remove(at)),
            None => added.push(word),
        }
    }
    for word in added {
        match left.iter().position(|old| is_slip(old, word)) {
            Some(at) => drop(left.swap_remove(at)),
            None if ADDED.contains(&word.as_str()) => {}
            None => return false,
        }
    }
    left.len() * 2 <= before.len()
}

/// Whether two words are one but for a typo.
fn is_slip(a: &str, b: &str) -> bool {
    let digits = |word: &str| word.chars().filter(|c| c.is_numeric()).collect::<String>();
    let shorter = a.chars().count().min(b.chars().count());
    let slips = match shorter {
        ..SHORT_WORD => return false,
        _ if a.chars().any(is_word_of_its_own) => return false,
        LONG_WORD.. => 2,
        _ => 1,
    };
    digits(a) == digits(b) && strsim::osa_distance(a, b) <= slips
}

/// Whether a letter is of a script without spaces (from Thai to Khmer, from CJK on), where one may be a word.
fn is_word_of_its_own(letter: char) -> bool {
    matches!(letter, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..)
}

/// The words of a title, without case and punctuation.
fn words(title: &str) -> Vec<String> {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_corrected_by_its_own_words_and_typos() {
        const TITLE: &str = "Maker unveils the Heron X2 chip for laptops today";
        let check = |before: &str, after: &str, want: bool| {
            assert_eq!(is_corrected(before, after), want, "{before:?} → {after:?}");
        };
        for after in [
            TITLE,
            "MAKER UNVEILS THE HERON X2 CHIP FOR LAPTOPS, TODAY!",
            "Maker unveils the Heron X2 chip for laptops",
            "Maker unviels the Hreon X2 chip for laptop today",
            "Today: Maker unveils Heron X2, a chip for laptops",
            "Maker unveils the Heron X-2 chip for lap-tops today",
            "Update: Maker unveils the Heron X2 chip",
        ] {
            check(TITLE, after, true);
        }
        for after in [
            "Win a free phone, readers recommend this casino",
            "Maker unveils the Heron X3 chip for laptops today",
            "Maker unveils the Falcon X2 chip for laptops today",
            "Maker cancels the Heron X2 chip for laptops today",
            "Maker unveils the Heron X2 chip for laptops and phones today",
            "Maker today",
            "Heron X2 has 24 cores",
            "",
        ] {
            check(TITLE, after, false);
        }
        check("Vendor A buys B", "Vendor A buys C", false);
        check("苹果公司今天发布新款手机", "苹果公司今天发布新款手表", false);
        check("苹果公司今天发布新款手机", "苹果公司，今天发布 新款手机！", true);
        check("Wörter werden geprüft und gezahlt", "Wörter werden geprüft und gezählt", true);
        check("", "", true);
    }
}
