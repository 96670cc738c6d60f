//! tdmrep.json (TDMRep, w3.org/community/reports/tdmrep, §6.1): which addresses of a host are reserved from text and
//! data mining. Pure.

use serde_json::Value;
use url::Url;

use super::path_pattern::{PathPattern, path_of};

/// Further rules, and longer patterns, are not read.
const MOST_RULES: usize = 1_000;
const LONGEST_PATTERN_BYTES: usize = 2_048;

/// The addresses of a host that are reserved from text and data mining; by default none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TdmPolicy {
    reserved: Vec<PathPattern>,
}

impl TdmPolicy {
    /// What the tdmrep.json in `bytes` reserves. Anything that is not such a file reserves nothing; if rules disagree
    /// on an address, the one that reserves counts.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let rules: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let rules = rules.as_array().map_or(&[][..], Vec::as_slice);
        let reserving = rules.iter().take(MOST_RULES).filter(|rule| is_reservation(&rule["tdm-reservation"]));
        Self { reserved: reserving.filter_map(|rule| pattern(rule["location"].as_str()?)).collect() }
    }

    /// Whether text and data mining of `url` is reserved.
    pub(crate) fn reserves(&self, url: &Url) -> bool {
        let path = path_of(url);
        self.reserved.iter().any(|pattern| pattern.matches(&path))
    }

    /// What is kept between runs: one pattern per line.
    pub(crate) fn lines(&self) -> String {
        self.reserved.iter().map(|pattern| format!("{pattern}\n")).collect()
    }

    /// Reads [`TdmPolicy::lines`].
    pub(crate) fn from_lines(lines: &str) -> Self {
        Self { reserved: lines.lines().filter_map(|line| PathPattern::parse(line.as_bytes())).collect() }
    }
}

fn pattern(location: &str) -> Option<PathPattern> {
    let is_usable = location.len() <= LONGEST_PATTERN_BYTES && !location.contains(['#', '\n', '\r', ' ']);
    is_usable.then(|| PathPattern::parse(location.as_bytes()))?
}

/// 1, also if written as a text or as true.
fn is_reservation(value: &Value) -> bool {
    value.as_f64() == Some(1.0) || value.as_str() == Some("1") || value.as_bool() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserves(file: &str, path: &str) -> bool {
        let policy = TdmPolicy::parse(file.as_bytes());
        assert_eq!(TdmPolicy::from_lines(&policy.lines()), policy, "what is kept means the same");
        policy.reserves(&Url::parse(&format!("https://a.example{path}")).unwrap())
    }

    #[test]
    fn patterns_match_as_those_of_robots_txt() {
        let file = r#"[{"location": "/news/*", "tdm-reservation": 1, "tdm-policy": "https://a.example/p.json"},
                       {"location": "/*.html$", "tdm-reservation": 1}, {"location": "/free/", "tdm-reservation": 0},
                       {"location": "own/page", "tdm-reservation": "1"}]"#;
        for (path, is) in [
            ("/news/1", true),
            ("/news/", true),
            ("/newsletter", false),
            ("/a/b.html", true),
            ("/a/b.html?x", false),
            ("/free/a", false),
            ("/free/a.html", true),
            ("/own/page/2", true),
            ("/", false),
        ] {
            assert_eq!(reserves(file, path), is, "{path}");
        }
        let all = r#"[{"location": "/", "tdm-reservation": 1}]"#;
        assert!(reserves(all, "/anything?at=all") && reserves(&format!("\u{FEFF}{all}"), "/x"));
    }

    #[test]
    fn what_is_not_such_a_file_reserves_nothing() {
        for file in [
            "",
            "<!DOCTYPE html><html></html>",
            "{}",
            "[1, null, {}]",
            r#"{"location": "/", "tdm-reservation": 1}"#,
            r#"[{"location": 7, "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 2}]"#,
            r#"[{"location": "/\nallow: /", "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 0}]"#,
        ] {
            assert!(!reserves(file, "/x"), "{file}");
        }
    }
}
