//! Why an entry is in its story, as a sentence for the operator.

use super::tokenizer::{Tokenizer, is_cjk};
use super::tokens::{language_of, without_outlet};
use crate::model::{Entry, Grounds, Reason};

/// Longest run of letters, in bytes, that is shown for a term in it.
const LONGEST_WORD_BYTES: usize = 32;

/// The sentence for `reason`; `nearest` is the title of the entry that it names, if known, and `of` the
/// entry whose reason it is: shared words are shown as that entry writes them.
///
/// Holds text from feeds: pass it through `text::for_terminal` before a terminal.
#[must_use]
pub(crate) fn sentence(reason: &Reason, nearest: Option<&str>, of: Option<&Entry>) -> String {
    match reason {
        Reason::Opened => "opened the story".to_owned(),
        Reason::SameAddress { address } => format!("same address {address}"),
        Reason::LinksTo { address } => format!("links to the same article {address}"),
        Reason::SameTitle { title, hours_apart } => format!("same title \"{title}\", {}", apart(*hours_apart)),
        Reason::Similar { score, nearest: key, shared, hours_apart, grounds } => {
            let near = nearest.unwrap_or(&key.guid);
            let shared = of.map_or_else(
                || shared.clone(),
                |entry| as_written(shared, &entry.title, &entry.text, entry.language.as_deref()),
            );
            let (shared, apart, grounds) = (shared.join(", "), apart(*hours_apart), weighed(grounds));
            format!("similar {score:.2} to \"{near}\": shares {shared}; {apart}{grounds}")
        }
        Reason::Bridged { by } => {
            let near = nearest.unwrap_or(&by.guid);
            format!("had a story of its own until \"{near}\" came, which belongs to both")
        }
        Reason::Recovered => "stood in the published item when the database did not know it".to_owned(),
        Reason::EditedAway { from } => format!("left story {from}: its publisher edited it into something else"),
        Reason::ByHand => "joined by hand".to_owned(),
        Reason::SplitByHand { from } => format!("split off story {from} by hand"),
    }
}

/// The words of a title and a text that stand for `terms`, each once; a term that is not found stands for itself.
#[must_use]
pub(crate) fn as_written(terms: &[String], title: &str, text: &str, language: Option<&str>) -> Vec<String> {
    let (title, mut tokenizer) = (without_outlet(title), Tokenizer::new());
    let language = language_of(title, text, language);
    let mut found: Vec<Option<String>> = vec![None; terms.len()];
    for word in title.split_whitespace().chain(text.split_whitespace()) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
        if word.len() > LONGEST_WORD_BYTES || word.chars().any(is_cjk) {
            continue;
        }
        tokenizer.each(word, language, usize::MAX, |term, _| {
            if let Some(place) = terms.iter().position(|one| one == term) {
                found[place].get_or_insert_with(|| word.to_owned());
            }
        });
    }
    let mut written: Vec<String> = Vec::new();
    for (found, term) in found.into_iter().zip(terms) {
        let word = found.unwrap_or_else(|| term.clone());
        if !written.contains(&word) {
            written.push(word);
        }
    }
    written
}

/// What spoke for and against, appended to a sentence.
fn weighed(grounds: &Grounds) -> String {
    let mut text = String::new();
    if !grounds.supporting.is_empty() {
        let supporting: Vec<&str> = grounds.supporting.iter().map(|ground| ground.in_favour()).collect();
        text = format!("; for it: {}", supporting.join(", "));
    }
    if let Some(opposing) = grounds.opposing {
        text.push_str(&format!("; against it: {}", opposing.against()));
    }
    text
}

fn apart(hours: f64) -> String {
    if hours < 1.0 { format!("{:.0} min apart", hours * 60.0) } else { format!("{hours:.0} h apart") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryKey, Ground, SourceId};

    #[test]
    fn a_person_can_read_it() {
        let nearest = EntryKey { source: SourceId::new("a").unwrap(), guid: "1".to_owned() };
        let shared = vec!["rokid".to_owned(), "glass".to_owned()];
        let mut grounds = Grounds::default();
        let sentence_of = |grounds: &Grounds| {
            let (nearest, shared, grounds) = (nearest.clone(), shared.clone(), grounds.clone());
            let reason = Reason::Similar { score: 0.412, nearest, shared, hours_apart: 2.2, grounds };
            sentence(&reason, Some("X"), None)
        };
        assert_eq!(sentence_of(&grounds), "similar 0.41 to \"X\": shares rokid, glass; 2 h apart");
        grounds.supporting = vec![Ground::Names, Ground::Order];
        grounds.opposing = Some(Ground::Numbers);
        assert!(sentence_of(&grounds).ends_with(
            "2 h apart; for it: the same names, the same words in the same order; against it: different numbers"
        ));
        let reason = Reason::SameTitle { title: "x y".to_owned(), hours_apart: 0.5 };
        assert_eq!(sentence(&reason, None, None), "same title \"x y\", 30 min apart");
    }

    #[test]
    fn shared_words_are_shown_as_they_are_written() {
        let written = |terms: &[&str], title: &str, text: &str, language: Option<&str>| {
            let terms: Vec<String> = terms.iter().map(|term| (*term).to_owned()).collect();
            as_written(&terms, title, text, language).join(" ")
        };
        assert_eq!(
            written(&["rokid", "glass", "elsewher"], "Rokid’s AR glasses", "", Some("en")),
            "Rokid glasses elsewher"
        );
        assert_eq!(written(&["corvan", "24core"], "Chips", "Corvane’s 24-core chip", Some("en")), "Corvane 24-core");
        assert_eq!(
            written(&["anmeld"], "Lücke", "Die Anmeldung der Nutzer lässt sich umgehen", Some("de")),
            "Anmeldung"
        );
        assert_eq!(written(&["新製"], "新製品を発表", "", Some("ja")), "新製");
    }
}
