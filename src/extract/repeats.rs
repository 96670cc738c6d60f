//! What the head of an article already says and its body repeats: the headline, the line with author and date.

use super::credit_line::is_credit_line;
use super::dated::{SlashDates, in_text};
use super::facts::{Facts, Field};
use super::names::is_same;
use super::tags::Tag;
use super::tree::Parts;

/// Number of blocks looked at, from the first kept one on.
const NEAR: usize = 5;
/// A longer block is body text.
const LONGEST_CHARS: usize = 140;

/// Takes out of `kept` the headline and the byline at the start of the body.
pub(super) fn leave_out(parts: &Parts, kept: &mut [bool], title: &str, facts: &Facts) {
    let near: Vec<usize> = (0..kept.len()).filter(|at| kept[*at]).take(NEAR).collect();
    // Without text after them they are all there is.
    if near.len() < 2 {
        return;
    }
    let first = near[0];
    // Credits stand before the text, not in it.
    let mut is_before_text = true;
    for at in near {
        let block = &parts.blocks[at];
        is_before_text &= block.chars <= LONGEST_CHARS;
        if block.chars > LONGEST_CHARS.max(title.chars().count()) {
            continue;
        }
        let is_heading = matches!(parts.elements[block.element].tag, Tag::H(_));
        let is_headline = (is_heading || at == first || is_before_text) && is_same(&block.text, title);
        let is_credit =
            !is_heading && is_before_text && (is_credit_line(&block.text) || is_reading_time_alone(&block.text));
        if is_headline || is_credit || is_byline(&block.text, facts) {
            kept[at] = false;
        }
    }
}

/// Whether a line says only who wrote the article, and when.
fn is_byline(text: &str, facts: &Facts) -> bool {
    if text.chars().count() > LONGEST_CHARS {
        return false;
    }
    facts.on(Field::Byline).any(|claim| {
        if is_same(&claim.value, text) {
            return true;
        }
        let anywhere = text.to_lowercase().find(&claim.value.to_lowercase());
        let Some(at) = anywhere.filter(|at| text.is_char_boundary(*at)).filter(|_| claim.value.chars().count() >= 4)
        else {
            return false;
        };
        let (before, after) = (text[..at].trim(), text.get(at + claim.value.len()..).unwrap_or_default().trim());
        let is_opening = before.split_whitespace().count() <= 2 && !before.ends_with('.');
        let after = after.trim_start_matches([',', '|', '·', '•', '–', '—', '-', ' ']);
        let is_date = in_text(after, SlashDates::DayFirst).is_some() && after.split_whitespace().count() <= 12;
        let is_house = (1..=3).contains(&after.split_whitespace().count())
            && after.split_whitespace().all(|word| word.starts_with(char::is_uppercase))
            && !after.ends_with(['.', '!', '?']);
        is_opening && (after.is_empty() || is_date || is_reading_time(after) || is_house)
    })
}

/// `4 Minuten Lesezeit`, `Reading time: 5 minutes` and nothing else.
fn is_reading_time_alone(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "read",
        "reading",
        "lesezeit",
        "lesedauer",
        "lecture",
        "lectura",
        "lettura",
        "leitura",
        "leestijd",
        "lästid",
        "læsetid",
        "czytania",
    ];
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.clone().any(|word| WORDS.contains(&word))
        && words.clone().any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        && words.clone().count() <= 7
        && words.any(|word| word.contains("min"))
}

fn is_reading_time(text: &str) -> bool {
    text.split_whitespace().count() <= 5 && text.to_lowercase().contains("min")
}
