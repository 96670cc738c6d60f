//! Headers by which services that keep robots out say that an answer is a test, not the page.

/// Headers by which a service declares that it challenges, and the words that say so.
const SAID: [(&str, &[&str]); 4] = [
    // Cloudflare
    ("cf-mitigated", &["challenge"]),
    // AWS WAF
    ("x-amzn-waf-action", &["challenge", "captcha"]),
    // SiteGround
    ("sg-captcha", &["challenge"]),
    // Vercel
    ("x-vercel-mitigated", &["challenge"]),
];

/// Whether the header `name` (lower case) with this value declares a challenge.
pub(crate) fn says_challenge(name: &str, value: &[u8]) -> bool {
    let value = value.trim_ascii();
    SAID.iter()
        .any(|(known, words)| *known == name && words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_of_a_service_count() {
        for (name, value, want) in [
            ("cf-mitigated", " Challenge", true),
            ("x-amzn-waf-action", "captcha", true),
            ("x-amzn-waf-action", "allow", false),
            ("sg-captcha", "challenge", true),
            ("x-vercel-mitigated", "challenge", true),
            ("x-other", "challenge", false),
        ] {
            assert_eq!(says_challenge(name, value.as_bytes()), want, "{name}: {value}");
        }
    }
}
