//! Words that newsrooms use for one another: the headline of one outlet fires whom the next one ousts.

use super::packed::{packed, place_in};

/// The word that stands for `stem` (English, as `tokenizer.rs` stems), if it is in a group.
///
/// Groups hold words that mean one kind of event whatever the subject; names and things are not included.
#[must_use]
pub(super) fn stands_for(stem: &str) -> Option<&'static str> {
    place_in(&WORDS, stem).map(|at| SAME[at].1)
}

/// The words as they are looked up.
static WORDS: [u128; SAME.len()] = {
    let mut words = [0; SAME.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = packed(SAME[at].0);
        at += 1;
    }
    words
};

const SAME: [(&str, &str); 68] = [
    ("acquisition", "acquir"),
    ("announc", "launch"),
    ("approval", "approv"),
    ("blast", "explod"),
    ("breach", "hack"),
    ("bug", "vulnerability"),
    ("buyout", "acquir"),
    ("carmak", "automak"),
    ("closur", "shut"),
    ("confirmation", "confirm"),
    ("dead", "die"),
    ("death", "die"),
    ("debut", "launch"),
    ("depart", "quit"),
    ("departur", "quit"),
    ("died", "die"),
    ("dismiss", "fire"),
    ("dismissal", "fire"),
    ("downtim", "outag"),
    ("exit", "quit"),
    ("exploit", "vulnerability"),
    ("explosion", "explod"),
    ("fined", "fine"),
    ("fired", "fire"),
    ("firing", "fire"),
    ("fix", "patch"),
    ("fixed", "patch"),
    ("flaw", "vulnerability"),
    ("greenlight", "approv"),
    ("hacker", "hack"),
    ("handset", "phon"),
    ("inquiry", "probe"),
    ("introduc", "launch"),
    ("investigat", "probe"),
    ("investigation", "probe"),
    ("investment", "invest"),
    ("investor", "invest"),
    ("laid", "layoff"),
    ("lawsuit", "sue"),
    ("lower", "cut"),
    ("merger", "merg"),
    ("oust", "fire"),
    ("ouster", "fire"),
    ("outlaw", "ban"),
    ("paus", "halt"),
    ("penalty", "fine"),
    ("postpon", "delay"),
    ("prohibit", "ban"),
    ("purcha", "acquir"),
    ("reduc", "cut"),
    ("redundancy", "layoff"),
    ("resign", "quit"),
    ("resignation", "quit"),
    ("reveal", "launch"),
    ("rollout", "launch"),
    ("rumour", "rumor"),
    ("sack", "fire"),
    ("shutdown", "shut"),
    ("shutter", "shut"),
    ("slash", "cut"),
    ("smartphon", "phon"),
    ("sued", "sue"),
    ("suing", "sue"),
    ("suspend", "halt"),
    ("takeover", "acquir"),
    ("teaser", "tea"),
    ("television", "tv"),
    ("unveil", "launch"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched_and_has_no_chains() {
        assert!(SAME.is_sorted());
        assert!(SAME.iter().all(|(_, head)| stands_for(head).is_none()));
    }

    #[test]
    fn words_of_one_group_stand_for_one_another() {
        assert_eq!(stands_for("oust"), Some("fire"));
        assert_eq!(stands_for("rocket"), None);
    }
}
