//! Headlines without the outlet's name, and bylines without "By".

use std::collections::HashSet;

use super::facts::{Facts, Field, tidy};

/// Signs between a headline and an outlet's name.
const SEPARATORS: [&str; 10] = [" | ", " - ", " – ", " — ", " :: ", " » ", " / ", " · ", " • ", " : "];

/// The headline: what the page shows as such where it says the same thing as its head; else the first word of
/// the head on it. Without the outlet's name behind or before it.
pub(super) fn title(facts: &Facts, site: Option<&str>) -> Option<String> {
    let names_site = |value: &str| site.is_some_and(|site| is_same(value, site));
    let said: Vec<_> = facts.on(Field::Title).filter(|said| !names_site(&said.value)).collect();
    let told = said.iter().find(|said| said.origin != "h1").map(|said| said.value.as_str());
    let mut headings = said.iter().filter(|said| said.origin == "h1").map(|said| said.value.as_str());
    let shown = match told {
        Some(told) => headings
            .filter(|heading| likeness(heading, told) >= ALIKE)
            .max_by(|a, b| likeness(a, told).total_cmp(&likeness(b, told))),
        None => headings.next(),
    };
    let first = shown.or(told).or_else(|| facts.on(Field::Title).map(|said| said.value.as_str()).next())?;
    let heading = facts.on(Field::Title).find(|said| said.origin == "h1").map(|said| said.value.as_str());
    Some(without_site(first, site, heading))
}

/// A heading that shares so much with what the head says is the headline.
const ALIKE: f32 = 0.3;

/// The share of words that two texts have in common, of the shorter one's.
fn likeness(one: &str, other: &str) -> f32 {
    let words = |text: &str| -> HashSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let (one, other) = (words(one), words(other));
    let fewer = one.len().min(other.len());
    if fewer == 0 { 0.0 } else { one.intersection(&other).count() as f32 / fewer as f32 }
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

fn is_same(one: &str, other: &str) -> bool {
    let key =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let (one, other) = (key(one), key(other));
    !one.is_empty() && (one == other || one.trim_end_matches("com") == other || other.trim_end_matches("com") == one)
}

/// A byline as names alone: `Jane Doe, John Roe`. `None` where it names nobody.
pub(super) fn byline(text: &str, site: Option<&str>) -> Option<String> {
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
    let is_site = site.is_some_and(|site| is_same(rest, site));
    (!is_nobody && !is_site).then(|| rest.to_owned())
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
    fn bylines_are_names() {
        assert_eq!(byline(" By  Jane Doe ", None).as_deref(), Some("Jane Doe"));
        assert_eq!(byline("https://facebook.com/x", None), None);
        assert_eq!(byline("admin", None), None);
    }
}
