//! What an article page says → signals.

use super::directives;
use crate::model::{Origin, PageRights, Signal, SignalKind};

/// Signals of one page; a hostile one says a thousand things.
const MOST: usize = 20;

/// What the page itself says.
#[must_use]
pub(crate) fn of_page(says: &PageRights) -> Vec<Signal> {
    let mut signals = Vec::new();
    let mut say = |kind, value: &str| {
        let signal = Signal::new(kind, Origin::Page, value);
        if !signal.value.is_empty() && signals.len() < MOST && !signals.contains(&signal) {
            signals.push(signal);
        }
    };
    say(SignalKind::Robots, &directives::for_us(&says.robots.join(", ")));
    if let Some(reserved) = says.tdm_reservation {
        say(SignalKind::TdmReservation, if reserved { "1" } else { "0" });
    }
    if let Some(is_free) = says.is_free {
        say(SignalKind::AccessibleForFree, if is_free { "true" } else { "false" });
    }
    says.licenses.iter().for_each(|license| say(SignalKind::License, license.as_str()));
    says.rsl.iter().for_each(|document| say(SignalKind::RslDocument, document.as_str()));
    says.rights.iter().for_each(|rights| say(SignalKind::Rights, rights));
    signals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_a_page_is_a_signal() {
        let url = |text: &str| vec![url::Url::parse(text).unwrap()];
        let says = PageRights {
            robots: vec!["noarchive".to_owned(), "max-snippet:50".to_owned()],
            is_free: Some(false),
            licenses: url("https://creativecommons.org/licenses/by/4.0/"),
            rsl: url("https://a.example/rsl.xml"),
            tdm_reservation: Some(true),
            rights: Some("© A".to_owned()),
        };
        let found = of_page(&says);
        let found: Vec<_> = found.iter().map(|signal| (signal.kind, signal.value.as_str())).collect();
        let want = [
            (SignalKind::Robots, "noarchive, max-snippet:50"),
            (SignalKind::TdmReservation, "1"),
            (SignalKind::AccessibleForFree, "false"),
            (SignalKind::License, "https://creativecommons.org/licenses/by/4.0/"),
            (SignalKind::RslDocument, "https://a.example/rsl.xml"),
            (SignalKind::Rights, "© A"),
        ];
        assert_eq!(found, want);
        assert_eq!(of_page(&PageRights::default()), []);
    }
}
