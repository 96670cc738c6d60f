//! tdmrep.json (TDMRep, w3.org/community/reports/tdmrep, §6.1): which addresses of a host are reserved from text and data
//! mining. Pure.

use serde_json::Value;

use super::robots::Robots;

/// More rules are not read, nor longer patterns.
const MOST_RULES: usize = 1_000;
const LONGEST_PATTERN_BYTES: usize = 2_048;

/// What `bytes` reserve, as rules that disallow it. What is no such file reserves nothing; where rules disagree on an
/// address, the one that reserves counts.
pub(crate) fn reserved(bytes: &[u8]) -> Robots {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let rules: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let rules = rules.as_array().map_or(&[][..], Vec::as_slice);
    let mut lines = "user-agent: *\n".to_owned();
    for rule in rules.iter().take(MOST_RULES).filter(|rule| is_reserved(&rule["tdm-reservation"])) {
        let Some(pattern) = rule["location"].as_str() else { continue };
        // Its patterns are those of robots.txt (§6.1), where a `#` would begin a comment.
        let is_pattern = pattern.len() <= LONGEST_PATTERN_BYTES && !pattern.contains(['#', '\n', '\r', ' ']);
        if is_pattern {
            let slash = if pattern.starts_with(['/', '*']) { "" } else { "/" };
            lines.push_str(&format!("disallow: {slash}{pattern}\n"));
        }
    }
    Robots::parse(lines.as_bytes(), &[])
}

/// 1, also where it is written as a text or as true.
fn is_reserved(value: &Value) -> bool {
    value.as_f64() == Some(1.0) || value.as_str() == Some("1") || value.as_bool() == Some(true)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn reserves(file: &str, path: &str) -> bool {
        !reserved(file.as_bytes()).allows(&Url::parse(&format!("https://a.example{path}")).unwrap())
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
    fn what_is_no_such_file_reserves_nothing() {
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

    #[test]
    fn what_is_kept_means_the_same() {
        let rules = reserved(br#"[{"location": "/a*b$", "tdm-reservation": 1}]"#);
        assert_eq!(Robots::parse(rules.lines().as_bytes(), &[]), rules);
    }
}
