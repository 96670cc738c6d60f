//! What the titles of all entries of a feed end with: the outlet's name, mostly, which says nothing of any of them.

/// With fewer entries, what their titles share may be chance.
const LEAST_TITLES: usize = 4;
/// What separates it from the title proper; a bracket that opens there closes at the end.
const JOINTS: [&str; 11] = [" - ", " – ", " — ", " | ", " · ", " • ", " :: ", " » ", " // ", " (", " ["];
/// A tail is not longer than this, in bytes.
const LONGEST: usize = 100;

/// What tells a reader how a text came to be: no name of an outlet, and never taken off.
const LABELS: [&str; 14] = [
    "ad",
    "ads",
    "advertisement",
    "advertorial",
    "anzeige",
    "anuncio",
    "paid",
    "partner",
    "promoted",
    "promotion",
    "publicité",
    "sponsor",
    "sponsored",
    "werbung",
];

/// The tail of `titles`, with what separates it from them: all have it, or nine in ten, so that a single other one does not
/// change what all are called; empty: they have none. `None`: too few to tell.
pub(super) fn title_tail(titles: impl Iterator<Item = String>) -> Option<String> {
    let mut tails: Vec<(String, usize)> = Vec::new();
    let mut first: Option<String> = None;
    let (mut count, mut differ) = (0, false);
    for title in titles {
        let title = title.trim();
        if title.is_empty() {
            continue;
        }
        for (tail, missed) in &mut tails {
            *missed += usize::from(!is_tail(title, tail));
        }
        // One of the first two has it.
        if count < 2 {
            tails.extend(
                tails_of(title)
                    .filter(|tail| tails.iter().all(|(known, _)| known != tail))
                    .map(|tail| (tail, count))
                    .collect::<Vec<_>>(),
            );
        }
        count += 1;
        differ |= first.get_or_insert_with(|| title.to_owned()) != title;
        tails.retain(|(_, missed)| *missed * 10 <= count.max(10));
        // Most feeds have none, which a few titles tell.
        if tails.is_empty() && differ && count >= LEAST_TITLES {
            break;
        }
    }
    let most = tails.into_iter().filter(|(_, missed)| missed * 10 <= count).max_by_key(|(tail, _)| tail.len());
    (differ && count >= LEAST_TITLES).then(|| most.map(|(tail, _)| tail).unwrap_or_default())
}

/// All that may be the tail of `title`.
fn tails_of(title: &str) -> impl Iterator<Item = String> {
    let end = &title[title.ceil_char_boundary(title.len().saturating_sub(LONGEST))..];
    let starts = JOINTS.iter().flat_map(move |joint| end.match_indices(joint)).map(|(at, _)| at);
    starts.map(move |at| &end[at..]).filter(move |tail| is_tail(title, tail)).map(str::to_owned)
}

/// Whether `tail` may be the tail of `title`.
fn is_tail(title: &str, tail: &str) -> bool {
    let is_closed = match tail.as_bytes() {
        [b' ', b'(', ..] => tail.ends_with(')'),
        [b' ', b'[', ..] => tail.ends_with(']'),
        _ => true,
    };
    let leaves_words = title.strip_suffix(tail).is_some_and(|head| !head.trim().is_empty());
    let mut words = tail.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_label = words.any(|word| LABELS.contains(&word.to_lowercase().as_str()));
    is_closed && leaves_words && !is_label && tail.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(titles: &[&str], want: Option<&str>) {
        assert_eq!(title_tail(titles.iter().map(|title| (*title).to_owned())).as_deref(), want, "{titles:?}");
    }

    #[test]
    fn what_all_titles_end_with_is_their_tail() {
        check(
            &["A is here - The Paper", "B - C - The Paper", "D – The Paper - The Paper", "E - The Paper "],
            Some(" - The Paper"),
        );
        check(
            &["A | News | The Paper", "B | News | The Paper", "C | News | The Paper", "D | News | The Paper"],
            Some(" | News | The Paper"),
        );
        check(&["A (Paper)", "B (Paper)", "C (Paper)", "D (Paper)"], Some(" (Paper)"));
        check(&["记事一 | 报纸", "记事二 | 报纸", "记事三 | 报纸", "四 | 报纸"], Some(" | 报纸"));
    }

    #[test]
    fn one_title_in_ten_without_it_changes_nothing() {
        let paper: Vec<String> = (0..9).map(|n| format!("News {n} | Paper")).collect();
        for at in [0, 1, 5, 9] {
            let mut titles: Vec<&str> = paper.iter().map(String::as_str).collect();
            titles.insert(at, "From our partners");
            check(&titles, Some(" | Paper"));
        }
    }

    #[test]
    fn a_label_stays() {
        check(&["A (Sponsored)", "B (Sponsored)", "C (Sponsored)", "D (Sponsored)"], Some(""));
        check(&["A | Anzeige", "B | Anzeige", "C | Anzeige", "D | Anzeige"], Some(""));
    }

    #[test]
    fn what_some_or_none_share_is_no_tail() {
        check(&["A - The Paper", "B - The Paper", "C - The Paper", "D"], Some(""));
        check(&["A (2026)", "B (2026)", "C (2026)", "D (2026)"], Some(""));
        check(&["A in Rome", "B in Rome", "C in Rome", "D in Rome"], Some(""));
        check(&["- The Paper", " - The Paper", "- The Paper x", "D"], Some(""));
        check(&["A - P", "A - P", "A - P", "A - P"], None);
        check(&["A - P", "B - P", "C - P"], None);
        check(&[], None);
    }

    #[test]
    fn a_tail_is_looked_for_at_the_end_only_however_many_joints_there_are() {
        let titles = ["A", "B", "C", "D"].map(|title| title.to_owned() + &" - é".repeat(2_000_000));
        let tail = title_tail(titles.into_iter());
        assert_eq!(tail.as_deref(), Some(&*" - é".repeat(LONGEST / 5)));
    }
}
