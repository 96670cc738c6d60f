//! By what services that keep robots out show that an answer is a test, not the page: headers of theirs, and what their
//! pages contain.

use memchr::memmem;

/// A challenge is a small page; marks further down are not looked for.
pub(crate) const CHALLENGE_BYTES: usize = 64 * 1024;

/// What the pages of such services contain, in lower case: all words of a line.
const MARKS: [&[&[u8]]; 29] = [
    &[b"_incapsula_resource"],
    &[b"/.well-known/ddos-guard/"],
    &[b"check.ddos-guard.net"],
    &[b".awswaf.com/"],
    &[b"awswafcookiedomainlist"],
    &[b"/.well-known/sgcaptcha/"],
    &[b"window._cf_chl_opt"],
    &[b"challenge-form", b"__cf_chl_"],
    &[b"challenge-form", b"jschl"],
    &[b"challenge-form", b"/cdn-cgi/"],
    &[b"captcha-delivery.com"],
    &[b"id=\"px-captcha\""],
    &[b"id='px-captcha'"],
    &[b".px-cloud.net/"],
    &[b"anubis_challenge"],
    &[b"/.within.website/x/"],
    &[b"/go-away/cmd/go-away/"],
    &[b"sucuri_cloudproxy_js"],
    &[b"/ips.js?kp_uidz"],
    &[b"/.bunny-shield/"],
    &[b"/_sec/verify"],
    &[b"/_sec/cp_challenge"],
    &[b"sec-cp-challenge"],
    &[b"wsidchk"],
    &[b"imunify360 bot-protection"],
    &[b"/aes.js", b"__test="],
    &[b"slowaes.decrypt("],
    &[b"/sbbi/?sbbpg="],
    &[b"/_guard/"],
];

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

/// Whether the beginning of a page, in lower case, is marked as a challenge.
pub(crate) fn marks_challenge(page: &[u8]) -> bool {
    MARKS.iter().any(|marks| marks.iter().all(|mark| memmem::find(page, mark).is_some()))
}

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
