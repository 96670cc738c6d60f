//! Bot challenges: answers that only a browser passes, whatever their status. Pure.

use memchr::memmem;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, SERVER, WWW_AUTHENTICATE};

pub(super) use crate::text::CHALLENGE_BYTES as LOOKED_AT_BYTES;
use crate::text::{marks_challenge, says_challenge};

/// What Cloudflare puts into its challenges, and into ordinary pages.
const INJECTED: &[u8] = b"/cdn-cgi/challenge-platform/";

/// What ordinary pages contain, too, and only such as show next to nothing are a challenge by it.
const WIDGETS: [&[u8]; 5] =
    [b"cf-turnstile", b"challenges.cloudflare.com/turnstile/", b"h-captcha", b"hcaptcha.com/1/api.js", b"g-recaptcha"];

/// What is between the tags of these is not shown in a page.
const UNSHOWN: [&[u8]; 3] = [b"script", b"style", b"title"];

/// A page with a widget that shows more than this is a page of its own.
const MOST_TEXT_BYTES: usize = 600;

/// How servers call themselves that only send what they say themselves.
const SHIELDS: [&[u8]; 3] = [b"imunify360-webshield", b"bitninja", b"rhino-core-shield"];

/// By these a page announces its feed, which no challenge does: services put their scripts into ordinary pages, too.
const ANNOUNCED: [&[u8]; 3] = [b"application/rss+xml", b"application/atom+xml", b"application/feed+json"];

/// How pages begin.
const PAGES: [&[u8]; 8] =
    [b"<!doctype html", b"<html", b"<head", b"<title", b"<meta", b"<body", b"<script", b"<noscript"];

/// What comes first in an answer to programs that is a challenge.
const ANSWER: &[u8] = b"\"sec-cp-challenge\"";

/// What is read of a refusal.
const KINDS: [&[u8]; 3] = [b"text/html", b"application/xhtml+xml", b"application/json"];

/// Whether the headers of an answer with `status` are those of a challenge.
pub(super) fn in_headers(status: u16, headers: &HeaderMap) -> bool {
    let has = |name: &str, words: &[&str]| {
        let value = headers.get(name).map(|value| value.as_bytes().trim_ascii());
        value.is_some_and(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())))
    };
    // They only state who refuses.
    let is_guarded = || {
        has(SERVER.as_str(), &["ddos-guard"])
            || has("x-cdn", &["imperva", "incapsula"])
            || headers.contains_key("x-iinfo")
            || headers.contains_key("x-datadome")
            || headers.contains_key("x-kpsdk-ct")
            || is_of_shield(headers)
    };
    headers.iter().any(|(name, value)| says_challenge(name.as_str(), value.as_bytes()))
        || (is_refusal(status) && !headers.contains_key(RETRY_AFTER) && is_guarded())
}

/// Whether services challenge with this status.
fn is_refusal(status: u16) -> bool {
    matches!(status, 403 | 405 | 415 | 418 | 428 | 429 | 503)
}

fn is_of_shield(headers: &HeaderMap) -> bool {
    let server = headers.get(SERVER).map(|server| server.as_bytes().trim_ascii().to_ascii_lowercase());
    server.is_some_and(|server| SHIELDS.iter().any(|shield| server.starts_with(shield)))
}

/// Whether the body of an answer that refuses may be a challenge: one that asks for a password is none.
pub(super) fn may_come_with(status: u16, headers: &HeaderMap) -> bool {
    let is_read = || {
        let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes().trim_ascii().to_ascii_lowercase());
        kind.is_none_or(|kind| KINDS.iter().any(|known| kind.starts_with(known)))
    };
    (is_refusal(status) || (status == 401 && !headers.contains_key(WWW_AUTHENTICATE))) && is_read()
}

/// Whether `bytes`, which came with these headers and should be a feed or say why there is none, are a challenge.
pub(super) fn in_body(headers: &HeaderMap, bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(LOOKED_AT_BYTES)];
    let start = start(head);
    if start.strip_prefix(b"{").is_some_and(|inside| inside.trim_ascii_start().starts_with(ANSWER)) {
        return true;
    }
    let begins = |tag: &&[u8]| start.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    if !PAGES.iter().any(begins) {
        return false;
    }
    let lower = head.to_ascii_lowercase();
    let has = |mark: &&[u8]| memmem::find(&lower, mark).is_some();
    // More than the head was not read, or is not looked at: it may show anything.
    let is_whole = bytes.len() < LOOKED_AT_BYTES;
    (marks_challenge(&lower)
        || has(&INJECTED)
        || is_of_shield(headers)
        || (is_whole && WIDGETS.iter().any(has) && shows_little(&lower)))
        && !announces_feed(bytes)
}

fn announces_feed(page: &[u8]) -> bool {
    let lower = page.to_ascii_lowercase();
    ANNOUNCED.iter().any(|kind| memmem::find(&lower, kind).is_some())
}

/// Where a document begins, behind comments.
fn start(bytes: &[u8]) -> &[u8] {
    let mut start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    while let Some(comment) = start.strip_prefix(b"<!--") {
        let Some(end) = memmem::find(comment, b"-->") else { break };
        start = comment[end + 3..].trim_ascii_start();
    }
    start
}

/// Whether a page (lower case) shows next to nothing: neither a text nor a place for a password.
fn shows_little(page: &[u8]) -> bool {
    let mut text_bytes = 0;
    let mut rest = page;
    while let Some(tag) = memchr::memchr(b'<', rest) {
        text_bytes += rest[..tag].trim_ascii().len();
        rest = &rest[tag..];
        let unshown = UNSHOWN.iter().find(|name| rest[1..].starts_with(name));
        let end = unshown.map_or(Some(0), |name| memmem::find(rest, &[b"</", *name].concat()));
        let close = end.and_then(|end| Some(end + memchr::memchr(b'>', &rest[end..])? + 1));
        rest = &rest[close.unwrap_or(rest.len())..];
    }
    text_bytes += rest.trim_ascii().len();
    let asks_for_password = || [&b"type=\"password\""[..], b"type='password'", b"type=password"];
    text_bytes <= MOST_TEXT_BYTES && !asks_for_password().iter().any(|field| memmem::find(page, field).is_some())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn in_page(page: &str) -> bool {
        in_body(&HeaderMap::new(), page.as_bytes())
    }

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
        check(415, &[("server", "imunify360-webshield/1.21")], true);
        check(403, &[("server", "BitNinja Captcha Server")], true);
        check(401, &[("server", "ddos-guard")], false);
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
            "<form id='challenge-form' action='/x?__cf_chl_f_tk=abc'>",
            "<form class=challenge-form action=/cdn-cgi/l/chk_jschl>",
            "<script src='/.well-known/.git.gammaspectra.live/git/go-away/cmd/go-away/challenge/js/script.mjs'>",
            "<script src='/.bunny-shield/assets/challenge.js'>",
            "<script>xhr.open('POST', '/_sec/verify?provider=interstitial')</script>",
            "<iframe id=sec-cpt-if provider=crypto src='/_sec/cp_challenge/ak-1.htm'>",
            "<script src=\"/aes.js\" ></script><script>document.cookie=\"__test=\"+toHex(x)</script>",
            "<script>location.href = u + '?wsidchk=1'</script>",
            "<div class='cf-turnstile'></div><script src='https://challenges.cloudflare.com/turnstile/v0/api.js'>",
            "<title>Robot check</title><div class='h-captcha' data-sitekey=x></div>",
            "<style>.h-captcha { margin: 0 } </style><form><div class=g-recaptcha></div></form>",
        ] {
            for start in ["\n<!DOCTYPE html><html><head>", "<!-- 1 -->\n<!-- 2 --><html>", "<meta charset=utf-8>"] {
                assert!(in_page(&format!("{start}{mark}")), "{start}{mark}");
            }
            for start in ["<?xml version=\"1.0\"?><rss><title>", "<!-- <html> --><rss><title>", "{\"version\": \""] {
                assert!(!in_page(&format!("{start}{mark}")), "a feed may quote it: {start}{mark}");
            }
        }
        assert!(!in_page("<html><head><title>Not found</title>"));
        assert!(!in_page("<html><script src=/aes.js></script>"), "half of the marks");
        let announces = "<html><head><link rel=alternate type='application/rss+xml' href='/feed'>\
                         <script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>";
        assert!(!in_page(announces), "an ordinary page behind such a service");
        let styled = announces.replace("<link", &format!("<style>{}</style><link", " ".repeat(LOOKED_AT_BYTES)));
        assert!(!in_page(&styled.replacen(
            "<head>",
            "<head><script src='/cdn-cgi/challenge-platform/x.js'></script>",
            1
        )));
    }

    #[test]
    fn a_page_with_a_widget_is_one_of_its_own_if_it_shows_something() {
        let widget = "<div class=cf-turnstile></div>";
        let prose = "<p>The ferry goes electric on the fjord route, says the yard.</p>".repeat(20);
        assert!(!in_page(&format!("<html><body>{prose}{widget}")));
        assert!(!in_page(&format!("<html><body><form><input type=\"password\">{widget}</form>")));
        assert!(!in_page(&format!("<html><body>{widget}{prose}").replace("<p>", "").replace("</p>", "")));
        assert!(in_page(&format!("<html><script>{prose}</script><body>One moment{widget}")));
        assert!(in_page(&format!("<html><body>One moment{widget}<script>{prose}")));
        let scripts = format!("<script>{}</script>", "x".repeat(LOOKED_AT_BYTES));
        assert!(!in_page(&format!("<html><body>One moment{widget}{scripts}{prose}")), "it goes on");
    }

    #[test]
    fn what_a_shield_sends_for_a_feed_is_a_challenge() {
        let of = |server| HeaderMap::from_iter([(SERVER, HeaderValue::from_static(server))]);
        let page = b"<html><head><title>One moment, please...</title></head><h1>Please wait</h1></html>";
        assert!(in_body(&of("imunify360-webshield/1.21"), page));
        assert!(!in_body(&of("nginx"), page));
        assert!(!in_body(&of("imunify360-webshield/1.21"), b"<rss><channel><title>A</title></channel></rss>"));
    }

    #[test]
    fn answers_to_programs_that_challenge_are_known_by_their_beginning() {
        assert!(in_page("{\"sec-cp-challenge\": \"true\", \"provider\": \"crypto\"}"));
        assert!(in_page("{\n  \"sec-cp-challenge\": \"true\"\n}"));
        assert!(!in_page("{\"title\": \"{\\\"sec-cp-challenge\\\"\"}"));
    }

    #[test]
    fn what_refuses_is_read_if_it_may_be_a_page() {
        let check = |status, headers: &[(HeaderName, &'static str)], want| {
            let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
            assert_eq!(may_come_with(status, &headers), want, "{status} {headers:?}");
        };
        for status in [401, 403, 405, 415, 418, 428, 429, 503] {
            check(status, &[(CONTENT_TYPE, "text/html; charset=utf-8")], true);
            check(status, &[(CONTENT_TYPE, "application/json")], true);
            check(status, &[], true);
            check(status, &[(CONTENT_TYPE, "image/png")], false);
        }
        check(404, &[], false);
        check(401, &[(WWW_AUTHENTICATE, "Basic")], false);
    }
}
