//! What an article page says → signals.

use super::directives;
use crate::model::{Origin, PageRights, Signal, SignalKind};

/// Signals of one page; a hostile one may have a thousand.
const MOST: usize = 20;

/// What the page itself says.
#[must_use]
pub(crate) fn of_page(stated: &PageRights) -> Vec<Signal> {
    let mut signals = Vec::new();
    let mut add = |kind, value: &str| {
        let signal = Signal::new(kind, Origin::Page, value);
        if !signal.value.is_empty() && signals.len() < MOST && !signals.contains(&signal) {
            signals.push(signal);
        }
    };
    add(SignalKind::Robots, &directives::for_us(&stated.robots.join(", ")));
    if let Some(reserved) = stated.tdm_reservation {
        add(SignalKind::TdmReservation, if reserved { "1" } else { "0" });
    }
    if let Some(is_free) = stated.is_free {
        add(SignalKind::AccessibleForFree, if is_free { "true" } else { "false" });
    }
    stated.licenses.iter().for_each(|license| add(SignalKind::License, license.as_str()));
    stated.rsl.iter().for_each(|document| add(SignalKind::RslDocument, document.as_str()));
    stated.statement.iter().for_each(|rights| add(SignalKind::Rights, rights));
    signals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_a_page_is_a_signal() {
        let url = |text: &str| vec![url::Url::parse(text).unwrap()];
        let stated = PageRights {
            robots: vec!["noarchive".to_owned(), "max-snippet:50".to_owned()],
            is_free: Some(false),
            licenses: url("https://creativecommons.org/licenses/by/4.0/"),
            rsl: url("https://a.example/rsl.xml"),
            tdm_reservation: Some(true),
            statement: Some("© A".to_owned()),
        };
        let found = of_page(&stated);
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
