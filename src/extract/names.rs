//! Headlines without the outlet's name, and bylines without "By".

use std::collections::HashSet;

use super::facts::{Facts, Field, tidy};

/// Signs between a headline and an outlet's name.
const SEPARATORS: [&str; 10] = [" | ", " - ", " – ", " — ", " :: ", " » ", " / ", " · ", " • ", " : "];

/// The headline: that of JSON-LD; else what the page shows as such if it says the same as its head; else the
/// first claim of the head about it. Without the outlet's name after or before it.
pub(super) fn title(facts: &Facts, site: Option<&str>) -> Option<String> {
    let names_site = |value: &str| site.is_some_and(|site| is_same(value, site));
    let claims: Vec<_> = facts.on(Field::Title).filter(|claim| !names_site(&claim.value)).collect();
    let stated = claims.iter().find(|claim| claim.origin != "h1");
    let mut headings = claims.iter().filter(|claim| claim.origin == "h1");
    let shown = match stated {
        // The article's own headline: no need to look at what the page shows.
        Some(stated) if stated.origin == "json-ld" => None,
        Some(stated) => headings
            .filter(|heading| likeness(&heading.value, &stated.value) >= ALIKE)
            .max_by(|a, b| likeness(&a.value, &stated.value).total_cmp(&likeness(&b.value, &stated.value))),
        None => headings.next(),
    };
    let first = shown.or(stated).copied().or_else(|| facts.on(Field::Title).next())?;
    let heading = facts.on(Field::Title).find(|claim| claim.origin == "h1").map(|claim| claim.value.as_str());
    let place = if first.origin == "title" { TitlePlace::Window } else { TitlePlace::Elsewhere };
    let title = without_site(&first.value, site, heading);
    Some(without_tail(&title, place).to_owned())
}

/// A heading that shares this much with what the head says is the headline.
const ALIKE: f32 = 0.35;

/// The share of words that two texts have in common (Dice), 0 to 1.
pub(super) fn likeness(one: &str, other: &str) -> f32 {
    let words = |text: &str| -> HashSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let (one, other) = (words(one), words(other));
    let all = one.len() + other.len();
    if all == 0 { 0.0 } else { 2.0 * one.intersection(&other).count() as f32 / all as f32 }
}

/// Where a title comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TitlePlace {
    /// In `<title>`, which names the window.
    Window,
    /// In any other place.
    Elsewhere,
}

/// `title` without a shorter part after a bar or, in a `<title>`, after a dash: an outlet that names itself nowhere.
fn without_tail(title: &str, place: TitlePlace) -> &str {
    for separator in [" | ", " - ", " – ", " — ", " · ", " « ", " » ", " :: "] {
        let Some((head, tail)) = title.rsplit_once(separator) else { continue };
        let is_bar = matches!(separator, " | " | " « " | " » ");
        let is_headline = head.chars().count() >= tail.chars().count() && head.split_whitespace().count() >= 2;
        if (place == TitlePlace::Window || is_bar) && is_headline {
            return head;
        }
    }
    title
}

/// `title` without the part that names the outlet.
pub(super) fn without_site(title: &str, site: Option<&str>, heading: Option<&str>) -> String {
    for separator in SEPARATORS {
        let parts: Vec<&str> = title.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            continue;
        }
        if let Some(heading) = heading
            && parts.iter().any(|part| is_same(part, heading))
        {
            return heading.to_owned();
        }
        if let Some(site) = site {
            let kept: Vec<&str> = parts.iter().copied().filter(|part| !is_same(part, site)).collect();
            if kept.len() < parts.len() && !kept.is_empty() {
                return kept.join(separator);
            }
        }
    }
    title.to_owned()
}

pub(super) fn is_same(one: &str, other: &str) -> bool {
    let key =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let (one, other) = (key(one), key(other));
    !one.is_empty() && (one == other || one.trim_end_matches("com") == other || other.trim_end_matches("com") == one)
}

/// A byline as names alone: `Jane Doe, John Roe`. `None` if it names nobody.
pub(super) fn byline(text: &str) -> Option<String> {
    const LONGEST_CHARS: usize = 200;
    let mut rest = tidy(text);
    for word in [
        "by ",
        "von ",
        "par ",
        "por ",
        "di ",
        "written by ",
        "posted by ",
        "author: ",
        "autor: ",
        "words by ",
        "text: ",
    ] {
        if rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            rest = rest[word.len()..].trim_start().to_owned();
        }
    }
    let rest =
        rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '-' | '–' | ':' | '·' | '/'));
    let is_nobody = rest.is_empty()
        || rest.chars().count() > LONGEST_CHARS
        || rest.contains("://")
        || !rest.chars().any(char::is_alphabetic)
        || matches!(
            rest.to_lowercase().as_str(),
            "admin" | "administrator" | "editor" | "staff" | "unknown" | "null" | "undefined"
        );
    (!is_nobody).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlets_name_is_no_part_of_a_headline() {
        assert_eq!(without_site("A chip | The Wire", Some("The Wire"), None), "A chip");
        assert_eq!(without_site("The Wire - A chip - old", Some("The Wire"), None), "A chip - old");
        assert_eq!(without_site("A chip – Tech – Wire", None, Some("A chip")), "A chip");
        assert_eq!(without_site("A - B", None, None), "A - B");
    }

    #[test]
    fn a_short_tail_of_a_window_title_is_an_outlets_name() {
        assert_eq!(without_tail("A new chip | Wire", TitlePlace::Elsewhere), "A new chip");
        assert_eq!(without_tail("A new chip - Wire", TitlePlace::Window), "A new chip");
        assert_eq!(without_tail("A new chip - fast", TitlePlace::Elsewhere), "A new chip - fast");
        assert_eq!(without_tail("Wire | A new chip for all", TitlePlace::Elsewhere), "Wire | A new chip for all");
    }

    #[test]
    fn bylines_are_names() {
        assert_eq!(byline(" By  Jane Doe ").as_deref(), Some("Jane Doe"));
        assert_eq!(byline("https://facebook.com/x"), None);
        assert_eq!(byline("admin"), None);
    }
}
