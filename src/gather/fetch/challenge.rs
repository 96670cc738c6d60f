//! Bot challenges: answers that only a browser passes, whatever their status. Pure.

use memchr::memmem;
use reqwest::header::{HeaderMap, SERVER};

use crate::text::says_challenge;

/// What the pages of such services contain, in lower case.
const MARKS: [&[u8]; 14] = [
    b"_incapsula_resource",
    b"/.well-known/ddos-guard/",
    b".awswaf.com/",
    b"/.well-known/sgcaptcha/",
    b"/cdn-cgi/challenge-platform/",
    b"window._cf_chl_opt",
    b"captcha-delivery.com/",
    b"id=\"px-captcha\"",
    b"id='px-captcha'",
    b".px-cloud.net/",
    b"anubis_challenge",
    b"/.within.website/x/",
    b"sucuri_cloudproxy_js",
    b"/ips.js?kp_uidz",
];

/// By these a page announces its feed, which no challenge does: services put their scripts into ordinary pages, too.
const ANNOUNCED: [&[u8]; 3] = [b"application/rss+xml", b"application/atom+xml", b"application/feed+json"];

/// A challenge is a small page; marks further down are not looked for.
pub(super) const LOOKED_AT_BYTES: usize = 64 * 1024;

/// Whether the headers of an answer with `status` are those of a challenge.
pub(super) fn in_headers(status: u16, headers: &HeaderMap) -> bool {
    let has = |name: &str, words: &[&str]| {
        let value = headers.get(name).map(|value| value.as_bytes().trim_ascii());
        value.is_some_and(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())))
    };
    // DDoS-Guard and Imperva only state who refuses.
    let is_refusal = is_refusal(status);
    let is_guarded = || {
        has(SERVER.as_str(), &["ddos-guard"])
            || has("x-cdn", &["imperva", "incapsula"])
            || headers.contains_key("x-iinfo")
            || headers.contains_key("x-datadome")
            || headers.contains_key("x-kpsdk-ct")
    };
    headers.iter().any(|(name, value)| says_challenge(name.as_str(), value.as_bytes()))
        || (is_refusal && !headers.contains_key("retry-after") && is_guarded())
}

/// Whether services challenge with this status.
pub(super) fn is_refusal(status: u16) -> bool {
    matches!(status, 403 | 405 | 429 | 503)
}

/// Whether `bytes`, which should be a feed or say why there is none, are the page of a challenge.
pub(super) fn in_page(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(LOOKED_AT_BYTES)];
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let begins = |tag: &[u8]| start.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    if ![&b"<!doctype html"[..], b"<html", b"<head", b"<script"].into_iter().any(begins) {
        return false;
    }
    let lower = head.to_ascii_lowercase();
    let has_any = |marks: &[&[u8]]| marks.iter().any(|mark| memmem::find(&lower, mark).is_some());
    has_any(&MARKS) && !has_any(&ANNOUNCED)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    #[track_caller]
    fn check(status: u16, headers: &[(&'static str, &'static str)], want: bool) {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        assert_eq!(in_headers(status, &headers.iter().map(line).collect()), want, "{status} {headers:?}");
    }

    #[test]
    fn services_that_challenge_are_known_by_their_headers() {
        check(403, &[("cf-mitigated", "Challenge")], true);
        check(202, &[("x-amzn-waf-action", "challenge")], true);
        check(405, &[("x-amzn-waf-action", "captcha")], true);
        check(202, &[("sg-captcha", "challenge")], true);
        check(403, &[("server", "ddos-guard")], true);
        check(403, &[("x-cdn", "Imperva")], true);
        check(403, &[("x-datadome", "protected")], true);
        check(429, &[("x-vercel-mitigated", "challenge")], true);
        check(403, &[("x-iinfo", "1-2-3 0NNN RT(1 2)")], true);
        check(200, &[("server", "ddos-guard"), ("x-iinfo", "1"), ("x-cdn", "Imperva")], false);
        check(429, &[("server", "ddos-guard"), ("retry-after", "60")], false);
        check(404, &[("server", "ddos-guard")], false);
        check(403, &[("server", "cloudflare")], false);
        check(202, &[("x-amzn-waf-action", "allow")], false);
    }

    #[test]
    fn pages_that_challenge_are_known_by_their_scripts() {
        for mark in [
            "<script src=\"/_Incapsula_Resource?SWJIYLWA=1\">",
            "<img src='/.well-known/ddos-guard/id/1'>",
            "<script src='https://x.token.awswaf.com/challenge.js'>",
            "<meta http-equiv=refresh content='0;/.well-known/sgcaptcha/?r=1'>",
            "<div id='px-captcha'>",
            "<script id=\"anubis_challenge\" type=\"application/json\">",
            "<script>sucuri_cloudproxy_js='';</script>",
            "<script src='/a/b/ips.js?KP_UIDz=1'>",
        ] {
            assert!(in_page(format!("\n<!DOCTYPE html><html><head>{mark}").as_bytes()), "{mark}");
            assert!(!in_page(format!("<?xml version=\"1.0\"?><rss><title>{mark}").as_bytes()), "a feed may quote it");
        }
        assert!(!in_page(b"<html><head><title>Not found</title>"));
        let announces = "<html><head><link rel=alternate type='application/rss+xml' href='/feed'>\
                         <script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>";
        assert!(!in_page(announces.as_bytes()), "an ordinary page behind such a service");
    }
}
