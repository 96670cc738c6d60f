//! Short words as numbers: a sorted table is searched by comparing numbers, which costs less than comparing text.

/// Bytes of the longest word that can be packed.
pub(super) const LONGEST: usize = 16;

/// A word of at most [`LONGEST`] bytes as a number; words are in the order of their numbers.
pub(super) const fn packed(word: &str) -> u128 {
    let bytes = word.as_bytes();
    let mut filled = [0; LONGEST];
    let mut at = 0;
    while at < bytes.len() && at < LONGEST {
        filled[at] = bytes[at];
        at += 1;
    }
    u128::from_be_bytes(filled)
}

/// The place of a word in a sorted table of packed words.
pub(super) fn place_in(table: &[u128], word: &str) -> Option<usize> {
    if word.len() > LONGEST {
        return None;
    }
    let mut filled = [0; LONGEST];
    filled[..word.len()].copy_from_slice(word.as_bytes());
    table.binary_search(&u128::from_be_bytes(filled)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_and_stay_in_their_order() {
        let words = ["a", "about", "sixteen-letters-", "é"];
        let table = words.map(packed);
        assert!(table.is_sorted());
        for (at, word) in words.iter().enumerate() {
            assert_eq!(place_in(&table, word), Some(at), "{word}");
        }
        for word in ["", "abou", "aboute", "sixteen-letters-and", "e"] {
            assert_eq!(place_in(&table, word), None, "{word}");
        }
    }
}
