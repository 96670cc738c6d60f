//! What a link carries for those who count clicks: trackers removed, redirectors unwrapped.

use std::borrow::Cow;

use url::Url;

use super::click_counters::is_tracker;
use super::decode::{base64url_text, percent_decoded};

/// Longest address that is looked into, in bytes; a longer one is left as it is.
const MAX_ADDRESS_BYTES: usize = 8 * 1024;

/// How many redirectors are unwrapped one inside the other.
const MAX_WRAPS: usize = 5;

/// `url` without click counters in its query and its fragment; all other bytes stay as they are.
#[must_use]
pub(crate) fn without_tracking(url: &Url) -> Url {
    let mut clean = url.clone();
    if url.as_str().len() > MAX_ADDRESS_BYTES {
        return clean;
    }
    if let Some(query) = url.query() {
        let is_at_medium = url.host_str().is_some_and(|host| host == "medium.com" || host.ends_with(".medium.com"));
        let is_counter = |part: &str| is_tracking_part(part) || is_at_medium && part.starts_with("source=rss");
        let kept: Vec<&str> = query.split('&').filter(|part| !is_counter(part)).collect();
        if kept.len() != query.split('&').count() {
            clean.set_query(if kept.is_empty() { None } else { Some(kept.join("&")) }.as_deref());
        }
    }
    if let Some(fragment) = url.fragment().filter(|fragment| is_tracking_fragment(fragment)) {
        let kept: Vec<&str> = fragment.split('&').filter(|part| !is_tracking_fragment(part)).collect();
        clean.set_fragment(if kept.is_empty() { None } else { Some(kept.join("&")) }.as_deref());
    }
    clean
}

/// Whether a parameter of a query only counts clicks: by its name, or as Medium writes it (`source=rss----5e5b---4`).
fn is_tracking_part(part: &str) -> bool {
    let of_medium = part.strip_prefix("source=rss-").is_some_and(|rest| rest.contains("---") || rest.contains("--"));
    of_medium || is_tracker(name_of(part), value_of(part))
}

/// The address that a redirector's address carries in itself, however deeply; `None` if `url` is
/// not a known redirector or carries nothing that may be linked to: http(s), a host, no user info.
///
/// Nothing is fetched, so short links (`bit.ly`, `feedproxy.google.com/~r/…`) stay.
#[must_use]
pub(crate) fn unwrap_redirect(url: &Url) -> Option<Url> {
    let mut inner = target(url)?;
    for _ in 1..MAX_WRAPS {
        match target(&inner) {
            Some(next) => inner = next,
            None => break,
        }
    }
    Some(inner)
}

/// Hosts whose links lead elsewhere: the host (with its subdomains), how the path starts, and the
/// parameters that hold the address.
const REDIRECTORS: [(&str, &str, &[&str]); 30] = [
    ("awin1.com", "/", &["ued", "p"]),
    ("bing.com", "/news/apiclick", &["url"]),
    ("clicks.rss.com", "/", &["url"]),
    ("disq.us", "/url", &["url"]),
    ("disqus.com", "/url", &["url"]),
    ("duckduckgo.com", "/l/", &["uddg"]),
    ("exit.sc", "/", &["url"]),
    ("facebook.com", "/l.php", &["u"]),
    ("feedburner.com", "/", &["url"]),
    ("feedproxy.google.com", "/", &["url"]),
    ("flipboard.com", "/redirect", &["url"]),
    ("go.redirectingat.com", "/", &["url"]),
    ("go.skimresources.com", "/", &["url"]),
    ("instagram.com", "/", &["u"]),
    ("linkedin.com", "/redir/", &["url"]),
    ("linksynergy.com", "/", &["murl", "RD_PARM1"]),
    ("medium.com", "/r/", &["url"]),
    ("news.google.com", "/news/", &["url"]),
    ("out.reddit.com", "/", &["url"]),
    ("safelinks.protection.outlook.com", "/", &["url"]),
    ("shareasale.com", "/", &["urllink"]),
    ("slack-redir.net", "/link", &["url"]),
    ("steamcommunity.com", "/linkfilter", &["u", "url"]),
    ("t.umblr.com", "/redirect", &["z"]),
    ("tumblr.com", "/safe-browsing", &["url"]),
    ("urldefense.com", "/", &["u"]),
    ("viglink.com", "/", &["u", "out"]),
    ("vk.com", "/away.php", &["to"]),
    ("youtube.com", "/attribution_link", &["u"]),
    ("youtube.com", "/redirect", &["q"]),
];

fn target(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    if url.as_str().len() > MAX_ADDRESS_BYTES {
        return None;
    }
    let is_host = |name: &str| match host.len().checked_sub(name.len()) {
        Some(0) => host == name,
        Some(at) => host.as_bytes()[at - 1] == b'.' && host.ends_with(name),
        None => false,
    };
    if is_google(host) && url.path() == "/url" {
        return parameter(url, &["url", "q"]);
    }
    if let Some(found) = REDIRECTORS
        .iter()
        .filter(|(name, start, _)| is_host(name) && url.path().starts_with(start))
        .find_map(|(_, _, names)| parameter(url, names))
    {
        return Some(found);
    }
    if host == "href.li" || host == "anonym.to" || host == "nullrefer.com" {
        return linkable(&percent_decoded(url.query()?));
    }
    from_path(url, host, is_host)
}

/// Redirectors and caches that keep the address in their path.
fn from_path(url: &Url, host: &str, is_host: impl Fn(&str) -> bool) -> Option<Url> {
    let path = url.path();
    if host == "news.google.com" {
        let (_, coded) = path.rsplit_once("/articles/").or_else(|| path.rsplit_once("/read/"))?;
        return google_news(coded);
    }
    if is_google(host) || is_host("cdn.ampproject.org") {
        let rest = ["/amp/", "/c/", "/v/"].iter().find_map(|start| path.strip_prefix(start))?;
        return match rest.strip_prefix("s/") {
            Some(rest) => linkable(&with_query("https://", rest, url)),
            None => linkable(&with_query("http://", rest, url)).filter(has_dot),
        };
    }
    if host == "go.theregister.com" {
        let rest = path.strip_prefix("/feed/")?;
        return linkable(&with_query("https://", rest, url)).filter(has_dot);
    }
    if is_host("feedsportal.com") {
        return feedsportal(path);
    }
    if is_host("rd.yahoo.com") {
        return path.split_once('*').and_then(|(_, inner)| linkable(&percent_decoded(inner)));
    }
    if is_host("r.search.yahoo.com") {
        let (_, rest) = path.split_once("/RU=")?;
        return linkable(&percent_decoded(rest.split('/').next()?));
    }
    None
}

fn is_google(host: &str) -> bool {
    let rest = host.strip_prefix("www.").unwrap_or(host);
    rest.strip_prefix("google.").is_some_and(|country| country.len() <= 6)
}

fn has_dot(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.contains('.'))
}

fn with_query(scheme: &str, rest: &str, url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{scheme}{rest}?{query}"),
        None => format!("{scheme}{rest}"),
    }
}

/// The first of `names` whose value may be linked to.
fn parameter(url: &Url, names: &[&str]) -> Option<Url> {
    names.iter().find_map(|wanted| {
        let (_, value) = url.query_pairs().find(|(name, _)| name.trim_start_matches("amp;") == *wanted)?;
        let value = if value.starts_with("//") { Cow::Owned(format!("https:{value}")) } else { value };
        linkable(&value)
    })
}

/// The older form of Google News' codes is an address inside a protobuf inside base64; the newer one
/// (`AU_yqL…`) is opaque and returns `None`.
fn google_news(coded: &str) -> Option<Url> {
    let text = base64url_text(coded)?;
    let from = text.find("http")?;
    let end = text[from..].find(|c: char| !c.is_ascii_graphic()).map_or(text.len(), |length| from + length);
    linkable(&text[from..end])
}

/// `/c/…/l/0Lwww0Bexample0N0Ca0Eb/story01.htm`: `0` and a letter stand for what a path cannot hold.
fn feedsportal(path: &str) -> Option<Url> {
    let coded = path.split('/').find(|part| part.starts_with("0L") || part.starts_with("0M"))?;
    let mut plain = String::with_capacity(coded.len() + 16);
    let mut chars = coded.chars();
    while let Some(c) = chars.next() {
        if c != '0' {
            plain.push(c);
            continue;
        }
        plain.push_str(match chars.next()? {
            'A' => "0",
            'B' => ".",
            'C' => "/",
            'D' => "?",
            'E' => "-",
            'F' => "=",
            'G' => "&",
            'H' => ",",
            'I' => "_",
            'J' => "%",
            'K' => "+",
            'L' => "http://",
            'M' => "https://",
            'N' => ".com",
            'O' => ".co.uk",
            'P' => ";",
            'Q' => "|",
            'R' => ":",
            'S' => "www.",
            'T' => "#",
            'U' => "$",
            'V' => "~",
            'W' => "!",
            'X' => "(",
            'Y' => ")",
            _ => return None,
        });
    }
    linkable(&plain)
}

/// Only what may be linked to: an http(s) address with a host and without user info.
fn linkable(text: &str) -> Option<Url> {
    let text = text.trim();
    let scheme = text.split_once("://")?.0;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.host_str().is_some_and(|h| !h.is_empty());
    (matches!(url.scheme(), "http" | "https") && plain).then_some(url)
}

fn value_of(part: &str) -> &str {
    part.split_once('=').map_or("", |(_, value)| value)
}

fn name_of(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

/// `ftag=CAD…`, `xtor=RSS-1`, `:~:text=…`: not a place in the page, or one that a reader did not choose.
pub(crate) fn is_tracking_fragment(fragment: &str) -> bool {
    fragment.starts_with(":~:")
        || fragment.split('&').any(|part| part.contains('=') && is_tracker(name_of(part), value_of(part)))
        || fragment.eq_ignore_ascii_case("rss")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_clean(given: &str, want: &str) {
        assert_eq!(without_tracking(&Url::parse(given).unwrap()).as_str(), want);
    }

    #[track_caller]
    fn check_unwrap(given: &str, want: &str) {
        let unwrapped = unwrap_redirect(&Url::parse(given).unwrap());
        assert_eq!(unwrapped.as_ref().map_or("", Url::as_str), want);
    }

    /// T66: parameters that follow readers.
    #[test]
    fn click_counters_go_and_all_else_stays() {
        check_clean("https://a.example/x?utm_source=rss&utm_medium=feed", "https://a.example/x");
        check_clean("https://a.example/x?id=3&fbclid=IwAR&b=%2f", "https://a.example/x?id=3&b=%2f");
        check_clean("https://a.example/x?id=3&amp;utm_source=rss", "https://a.example/x?id=3");
        check_clean("https://a.example/x/#ftag=CAD12", "https://a.example/x/");
        check_clean("https://a.example/x#comments", "https://a.example/x#comments");
        check_clean("https://a.example/x?WT_MC=rss.a", "https://a.example/x");
        check_clean("https://a.example/x?pk_kwd=a&mtm_any=b&at_medium=RSS&WT.mc_id=c&id=3", "https://a.example/x?id=3");
        check_clean("https://a.example/x?xtor=RSS-32&cvid=0123456789abcdef0123456789ABCDEF", "https://a.example/x");
        check_clean("https://medium.example/x-1?source=rss----ab12cd---4", "https://medium.example/x-1");
        check_clean("https://medium.example/x-1?source=rss-ab12cd------2&a=b", "https://medium.example/x-1?a=b");
        check_clean("https://a.example/x?source=rss", "https://a.example/x?source=rss");
        check_clean("https://medium.com/p/1?source=rss", "https://medium.com/p/1");
        check_clean("https://blog.medium.com/p/1?source=rss_feed&a=b", "https://blog.medium.com/p/1?a=b");
        check_clean("https://medium.com/p/1?source=user_profile", "https://medium.com/p/1?source=user_profile");
    }

    #[test]
    fn names_that_only_begin_like_a_counter_choose_a_page() {
        for query in [
            "pk_item=4",
            "at_page=2",
            "ns_id=9",
            "trk_id=1&a=b",
            "itm_id=3",
            "cvid=12",
            "xtor=9",
            "__s=1",
            "ncid=7",
            "wt.page=2",
        ] {
            let given = format!("https://a.example/x?{query}");
            check_clean(&given, &given);
        }
    }

    #[test]
    fn generic_names_stay_because_a_page_may_need_them() {
        for name in ["ref", "source", "src", "via", "from", "mod", "p", "id"] {
            let given = format!("https://a.example/x?{name}=rss");
            check_clean(&given, &given);
        }
    }

    #[test]
    fn redirectors_give_their_target() {
        check_unwrap(
            "https://www.google.com/url?rct=j&sa=t&url=https://a.example/x%3Fa%3D1&ct=ga",
            "https://a.example/x?a=1",
        );
        check_unwrap("https://t.umblr.com/redirect?z=https%3A%2F%2Fa.example%2Fx&t=1", "https://a.example/x");
        check_unwrap("https://www.google.com/amp/s/a.example/x", "https://a.example/x");
        check_unwrap("https://a-example.cdn.ampproject.org/c/s/a.example/x?y=1", "https://a.example/x?y=1");
        check_unwrap(
            "http://rss.feedsportal.com/c/3/f/5/s/1/l/0Lwww0Bexample0N0Ca0Eb0Bhtml/story01.htm",
            "http://www.example.com/a-b.html",
        );
        check_unwrap(
            "https://go.theregister.com/feed/www.theregister.example/2026/01/05/x/",
            "https://www.theregister.example/2026/01/05/x/",
        );
        check_unwrap("http://us.rd.yahoo.com/dailynews/rss/tech/*http://a.example/x", "http://a.example/x");
    }

    #[test]
    fn the_older_google_news_code_is_read_and_the_newer_left() {
        // 0x08 0x13 0x22 <length> "https://a.example/x" 0xd2 0x01 0x00
        check_unwrap(
            "https://news.google.com/rss/articles/CBMiE2h0dHBzOi8vYS5leGFtcGxlL3jSAQA?oc=5",
            "https://a.example/x",
        );
        check_unwrap("https://news.google.com/rss/articles/CBMieEFVX3lxTE81WlJpUllq?oc=5", "");
    }

    #[test]
    fn redirectors_inside_redirectors_are_unwrapped() {
        check_unwrap(
            "https://www.google.com/url?url=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fa.example%252Fx",
            "https://a.example/x",
        );
    }

    #[test]
    fn nothing_but_plain_web_addresses_comes_out() {
        for inner in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://user:pw@a.example/",
            "ftp://a.example/",
            "http:a.example",
            "https://",
            "mailto:x@a.example",
        ] {
            let mut url = Url::parse("https://www.google.com/url").unwrap();
            url.query_pairs_mut().append_pair("url", inner);
            assert_eq!(unwrap_redirect(&url), None, "{inner}");
        }
    }

    #[test]
    fn ordinary_addresses_are_no_redirectors() {
        check_unwrap("https://a.example/share?url=https://b.example/", "");
        check_unwrap("https://www.google.com/search?q=https://b.example/", "");
        check_unwrap("https://www.youtube.com/watch?v=abc", "");
        check_unwrap("https://feedproxy.google.com/~r/name/~3/abc/slug", "");
    }

    proptest! {
        #[test]
        fn whatever_comes_out_is_http_without_user_info(host in 0..REDIRECTORS.len(), inner in "\\PC{0,60}") {
            let (name, start, names) = REDIRECTORS[host];
            let mut url = Url::parse(&format!("https://{name}{start}")).unwrap();
            url.query_pairs_mut().append_pair(names[0], &inner);
            if let Some(out) = unwrap_redirect(&url) {
                prop_assert!(matches!(out.scheme(), "http" | "https"));
                prop_assert!(out.username().is_empty() && out.password().is_none() && out.host_str().is_some());
            }
            let clean = without_tracking(&url);
            prop_assert_eq!(clean.scheme(), url.scheme());
            prop_assert_eq!(clean.host_str(), url.host_str());
        }
    }
}
