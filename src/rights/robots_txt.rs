//! The lines of a robots.txt that are about rights → signals.

use crate::model::{Origin, Signal, SignalKind};

/// Signals of one file.
const MOST: usize = 20;

/// What `lines` say, each `key: value`: those of a robots.txt that apply to us, as gather keeps them. Lines
/// about anything else are skipped.
#[must_use]
pub(crate) fn of_robots_lines(lines: &str) -> Vec<Signal> {
    let mut signals = Vec::new();
    for (key, value) in lines.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        let kind = match key.trim().to_ascii_lowercase().as_str() {
            // RSL 1.0, §4: the address of an RSL document.
            "license" if crate::text::web_url(value, None).is_some() => SignalKind::RslDocument,
            "content-usage" => SignalKind::ContentUsage,
            "content-signal" => SignalKind::ContentSignal,
            _ => continue,
        };
        let signal = Signal::new(kind, Origin::RobotsTxt, value);
        if !signal.value.is_empty() && signals.len() < MOST && !signals.contains(&signal) {
            signals.push(signal);
        }
    }
    signals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_about_rights_are_told_from_the_others() {
        let lines = "license: https://a.example/rsl.xml\nLicense: /relative.xml\nuser-agent: *\n\
                     Content-Signal: search=yes, ai-train=no\ncontent-usage: /x/ train-ai=n\nallow: /\nnonsense\n";
        let found = of_robots_lines(lines);
        let found: Vec<_> = found.iter().map(|signal| (signal.kind, signal.value.as_str())).collect();
        let want = [
            (SignalKind::RslDocument, "https://a.example/rsl.xml"),
            (SignalKind::ContentSignal, "search=yes, ai-train=no"),
            (SignalKind::ContentUsage, "/x/ train-ai=n"),
        ];
        assert_eq!(found, want);
    }
}
