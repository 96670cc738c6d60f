//! What the titles of all entries of a feed end with: the outlet's name, mostly, which says nothing of any of them.

/// With fewer entries, what their titles share may be chance.
const LEAST_TITLES: usize = 4;
/// What separates it from the title proper; a bracket that opens there closes at the end.
const JOINTS: [&str; 11] = [" - ", " – ", " — ", " | ", " · ", " • ", " :: ", " » ", " // ", " (", " ["];
/// A tail is not longer than this, in bytes.
const LONGEST: usize = 100;

/// The tail of all `titles`, with what separates it from them; empty: they have none. `None`: too few to tell.
pub(super) fn title_tail(titles: impl Iterator<Item = String>) -> Option<String> {
    let mut titles = titles.filter(|title| !title.trim().is_empty());
    let first = titles.next()?;
    let first = first.trim();
    let end = &first[first.ceil_char_boundary(first.len().saturating_sub(LONGEST))..];
    // The longest first.
    let mut starts: Vec<usize> = JOINTS.iter().flat_map(|joint| end.match_indices(joint)).map(|(at, _)| at).collect();
    starts.sort_unstable();
    let mut tails: Vec<&str> = starts.into_iter().map(|at| &end[at..]).filter(|tail| is_tail(first, tail)).collect();
    let (mut count, mut differ) = (1, false);
    for title in titles {
        count += 1;
        differ |= title.trim() != first;
        tails.retain(|tail| is_tail(title.trim(), tail));
        // Most feeds have none, which a few titles tell.
        if tails.is_empty() && differ && count >= LEAST_TITLES {
            break;
        }
    }
    (differ && count >= LEAST_TITLES).then(|| tails.first().copied().unwrap_or_default().to_owned())
}

/// Whether `tail` may be the tail of `title`.
fn is_tail(title: &str, tail: &str) -> bool {
    let is_closed = match tail.as_bytes() {
        [b' ', b'(', ..] => tail.ends_with(')'),
        [b' ', b'[', ..] => tail.ends_with(']'),
        _ => true,
    };
    let leaves_words = title.strip_suffix(tail).is_some_and(|head| !head.trim().is_empty());
    is_closed && leaves_words && tail.chars().any(char::is_alphabetic)
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
