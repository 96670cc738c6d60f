//! Why an entry is in its story, as a sentence for a person.

use crate::model::Reason;

/// The sentence for `reason`; `nearest` is the title of the entry that it names, where one is known.
///
/// Holds text from feeds: pass it through `text::for_terminal` before a terminal.
#[must_use]
pub fn sentence(reason: &Reason, nearest: Option<&str>) -> String {
    match reason {
        Reason::Opened => "opened the story".to_owned(),
        Reason::SameAddress { address } => format!("same address {address}"),
        Reason::LinksTo { address } => format!("links to the same article {address}"),
        Reason::SameTitle { title, hours_apart } => format!("same title \"{title}\", {}", apart(*hours_apart)),
        Reason::Similar { score, nearest: key, shared, hours_apart } => {
            let near = nearest.unwrap_or(&key.guid);
            format!("similar {score:.2} to \"{near}\": shares {}; {}", shared.join(", "), apart(*hours_apart))
        }
        Reason::Bridged { by } => {
            let near = nearest.unwrap_or(&by.guid);
            format!("had a story of its own until \"{near}\" came, which belongs to both")
        }
        Reason::ByHand => "joined by hand".to_owned(),
        Reason::SplitByHand { from } => format!("split off story {from} by hand"),
    }
}

fn apart(hours: f64) -> String {
    if hours < 1.0 { format!("{:.0} min apart", hours * 60.0) } else { format!("{hours:.0} h apart") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryKey, SourceId};

    #[test]
    fn a_person_can_read_it() {
        let nearest = EntryKey { source: SourceId::new("a").unwrap(), guid: "1".to_owned() };
        let shared = vec!["rokid".to_owned(), "glass".to_owned()];
        let reason = Reason::Similar { score: 0.412, nearest, shared, hours_apart: 2.2 };
        assert_eq!(sentence(&reason, Some("X")), "similar 0.41 to \"X\": shares rokid, glass; 2 h apart");
        let reason = Reason::SameTitle { title: "x y".to_owned(), hours_apart: 0.5 };
        assert_eq!(sentence(&reason, None), "same title \"x y\", 30 min apart");
    }
}
