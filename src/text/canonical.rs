//! The canonical address of an article: a key that two links share only if they lead to one article.

use std::borrow::Cow;
use std::fmt::Write as _;

use url::Url;

use super::click_counters::is_tracker;
use super::decode::escaped;
use super::hash::Fingerprint;
use super::tracking::unwrap_redirect;

/// Longest path or query that is parsed, in bytes.
const MAX_PART_BYTES: usize = 4 * 1024;

/// Parameter names that say where a reader came from on so many sites that they never tell two articles apart
/// (measured: `docs/cases.md`, Generic parameters). Dropped from the key only; the link that is shown keeps them.
const GENERIC: [&str; 24] = [
    "amp",
    "campaign",
    "campaign_id",
    "cmp",
    "emc",
    "from",
    "ftcamp",
    "intcmp",
    "mod",
    "outputtype",
    "ref",
    "referer",
    "referrer",
    "rss",
    "rsspartner",
    "share",
    "sharetype",
    "source",
    "spm",
    "sr_share",
    "src",
    "srcref",
    "trk",
    "via",
];

/// Names whose value chooses the page, so that even `feed` or `rss` there is content.
const CHOOSING: [&str; 10] = ["article", "category", "id", "page", "q", "query", "s", "search", "tag", "topic"];

/// The key of the article that `url` leads to: the same for its http, `www.`, mobile, AMP and tracked
/// forms and for known redirectors to it, a different one for a different article.
///
/// It looks like an address without scheme but is not one: never link to it.
#[must_use]
pub(crate) fn canonical(url: &Url) -> String {
    let inner = unwrap_redirect(url);
    let url = inner.as_ref().unwrap_or(url);
    let host = host_key(url);
    let mut path = path_key(url.path());
    let mut query = query_key(url.query().unwrap_or(""));
    let host = known_twin(host, &mut path, &mut query);
    let mut key = host;
    key.push_str(&path);
    if !query.is_empty() {
        key.push('?');
        key.push_str(&query);
    }
    if let Some(route) = url.fragment().filter(|fragment| fragment.starts_with(['!', '/']) && fragment.len() > 1) {
        key.push('#');
        key.push_str(&decoded(route));
    }
    key
}

/// The hash of [`canonical`], by which an address is looked up; the same in every version.
#[must_use]
pub(crate) fn address_hash(url: &Url) -> i64 {
    key_hash(&canonical(url))
}

/// The hash of the generic parameters that [`canonical`] drops from `url`; 0 if there are none. Two addresses with one
/// key and different hashes here may still lead to two articles: on a few sites `from=` or `source=` chooses the page.
#[must_use]
pub(crate) fn generic_hash(url: &Url) -> u32 {
    let inner = unwrap_redirect(url);
    let query = inner.as_ref().unwrap_or(url).query().filter(|query| query.len() <= MAX_PART_BYTES).unwrap_or("");
    let mut dropped: Vec<&str> = parts_of(query)
        .filter(|(_, name, value)| !is_tracker(name, value) && is_generic(name, value))
        .map(|(part, _, _)| part)
        .collect();
    if dropped.is_empty() {
        return 0;
    }
    dropped.sort_unstable();
    (key_hash(&dropped.join("&")) as u32).max(1)
}

/// The hash of a key that [`canonical`] returned.
#[must_use]
pub(crate) fn key_hash(key: &str) -> i64 {
    let mut print = Fingerprint::new();
    print.add(key);
    print.finish()
}

/// The key of an address as typed by a user, for `inspect --canonical`.
///
/// # Errors
/// If `address` is not an absolute http(s) address.
pub(crate) fn canonical_of(address: &str) -> Result<String, NoAddress> {
    let url = Url::parse(address.trim()).map_err(|_| NoAddress)?;
    if matches!(url.scheme(), "http" | "https") { Ok(canonical(&url)) } else { Err(NoAddress) }
}

/// The text is not an absolute http(s) address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an absolute http or https address")]
pub(crate) struct NoAddress;

/// Whether a key names a whole site rather than an article: no path, no query.
#[must_use]
pub(crate) fn is_site_root(key: &str) -> bool {
    !key.contains(['/', '?', '#'])
}

/// The host of [`canonical`] for an address that wraps no other: one for all the names of a site that show the same pages.
pub(super) fn site_host(url: &Url) -> String {
    let host = host_key(url);
    let host = known_twin(host, &mut String::new(), &mut String::new());
    host.split(':').next().unwrap_or_default().to_owned()
}

fn host_key(url: &Url) -> String {
    let mut host = url.host_str().unwrap_or("").trim_end_matches('.').to_ascii_lowercase();
    while let Some((label, rest)) = host.split_once('.') {
        let drops = matches!(label, "m" | "mobile" | "amp") || is_www(label);
        if !drops || !could_be_a_site(rest) {
            break;
        }
        host = rest.to_owned();
    }
    // en.m.wikipedia.org: the mobile label comes second
    if let Some((first, rest)) = host.split_once('.')
        && let Some(rest) = rest.strip_prefix("m.").filter(|rest| could_be_a_site(rest))
    {
        host = format!("{first}.{rest}");
    }
    match url.port() {
        Some(port) if port != 80 && port != 443 => format!("{host}:{port}"),
        _ => host,
    }
}

/// `www`, `www2`, `ww1`.
fn is_www(label: &str) -> bool {
    let digits = label.strip_prefix("www").or_else(|| label.strip_prefix("ww"));
    digits.is_some_and(|digits| digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit())) && label != "ww"
}

/// Whether a host is more than a suffix under which names are sold (`com`, `co.uk`).
fn could_be_a_site(host: &str) -> bool {
    match host.split_once('.') {
        None => false,
        Some((first, rest)) => {
            rest.contains('.')
                || rest.len() > 2
                || !matches!(first, "ac" | "co" | "com" | "edu" | "gov" | "ne" | "net" | "or" | "org")
        }
    }
}

fn path_key(path: &str) -> String {
    if path.len() > MAX_PART_BYTES {
        return path.to_owned();
    }
    let decoded = decoded(path);
    let mut parts: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
    if parts.first().is_some_and(|part| part.eq_ignore_ascii_case("amp")) && parts.len() > 1 {
        parts.remove(0);
    }
    if parts.last().is_some_and(|part| is_index(part)) {
        parts.pop();
    }
    if parts.last().is_some_and(|part| part.eq_ignore_ascii_case("amp")) {
        parts.pop();
    }
    let mut key = String::with_capacity(decoded.len());
    let last = parts.len().saturating_sub(1);
    for (i, part) in parts.iter().enumerate() {
        key.push('/');
        key.push_str(&if i == last { without_amp_suffix(without_session(part)) } else { Cow::Borrowed(*part) });
    }
    key
}

fn is_index(part: &str) -> bool {
    let is_one_of = |text: &str, names: &[&str]| names.iter().any(|name| text.eq_ignore_ascii_case(name));
    part.split_once('.').is_some_and(|(name, kind)| {
        is_one_of(name, &["index", "default"])
            && is_one_of(kind, &["html", "htm", "php", "asp", "aspx", "shtml", "amp", "amp.html"])
    })
}

/// `story.amp`, `story.amp.html` → `story`, `story.html`.
fn without_amp_suffix(part: &str) -> Cow<'_, str> {
    match part.strip_suffix(".amp") {
        Some(rest) => Cow::Borrowed(rest),
        None if part.contains(".amp.html") => Cow::Owned(part.replace(".amp.html", ".html")),
        None => Cow::Borrowed(part),
    }
}

fn without_session(part: &str) -> &str {
    part.find(";jsessionid=").map_or(part, |at| &part[..at])
}

/// `text` with every escape in one form: what needs no escape is decoded, the rest gets upper-case digits. A `%` that
/// escapes nothing is one itself: it goes out escaped.
fn decoded(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if text.is_ascii() && !bytes.iter().any(|byte| matches!(byte, b'%' | b'#')) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        if let Some(byte) = escaped(bytes, at) {
            let needs_none = byte.is_ascii_graphic() && !matches!(byte, b'/' | b'%' | b'?' | b'#' | b'&' | b'=' | b'+');
            if needs_none {
                plain.push(char::from(byte));
            } else {
                let _ = write!(plain, "%{byte:02X}");
            }
            at += 3;
        } else {
            match bytes[at] {
                b'%' => plain.push_str("%25"),
                b'#' => plain.push_str("%23"),
                byte => plain.push(char::from(byte)),
            }
            at += 1;
        }
    }
    Cow::Owned(plain)
}

fn query_key(query: &str) -> String {
    if query.len() > MAX_PART_BYTES {
        return query.to_owned();
    }
    let mut parts: Vec<Cow<'_, str>> = parts_of(query)
        .filter(|(_, name, value)| !is_tracker(name, value) && !is_generic(name, value))
        .map(|(part, _, _)| decoded(part))
        .collect();
    parts.sort_unstable();
    parts.dedup();
    parts.join("&")
}

/// The parameters of a query: each whole, its name, its value.
fn parts_of(query: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    query.split(['&', ';']).filter(|part| !part.is_empty() && *part != "amp").map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (part, name, value)
    })
}

/// Whether a parameter says how the reader arrived: a name that says so everywhere, or a value that
/// names the feed (`part=rss`, `output=amp`, `wt=rss-b1f3`).
fn is_generic(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if GENERIC.binary_search(&name.as_str()).is_ok() {
        return true;
    }
    let value = value.to_ascii_lowercase();
    let first = value.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    let says_feed = matches!(first, "rss" | "rss2" | "rssfeed" | "atom" | "feed" | "feeds" | "newsletter");
    if name == "output" || name == "view" {
        return first == "amp";
    }
    if name == "m" {
        return value == "1";
    }
    says_feed && CHOOSING.binary_search(&name.as_str()).is_err()
}

/// Sites that answer under two names, or serve one thing at two addresses.
fn known_twin(host: String, path: &mut String, query: &mut String) -> String {
    match host.as_str() {
        "youtu.be" => {
            *query = format!("v={}", path.trim_start_matches('/'));
            *path = "/watch".to_owned();
            "youtube.com".to_owned()
        }
        "youtube.com" => {
            let video = ["/shorts/", "/live/", "/embed/"].iter().find_map(|start| path.strip_prefix(start));
            if let Some(video) = video.map(str::to_owned) {
                *query = format!("v={video}");
                *path = "/watch".to_owned();
            } else if path == "/watch"
                && let Some(video) = query.split('&').find(|part| part.starts_with("v="))
            {
                *query = video.to_owned();
            }
            host
        }
        "x.com" => "twitter.com".to_owned(),
        "bbc.co.uk" => "bbc.com".to_owned(),
        "old.reddit.com" | "np.reddit.com" | "new.reddit.com" => "reddit.com".to_owned(),
        "arxiv.org" | "export.arxiv.org" => {
            if let Some(paper) = path.strip_prefix("/pdf/").or_else(|| path.strip_prefix("/abs/")) {
                *path = format!("/abs/{}", without_version(paper.trim_end_matches(".pdf")));
            }
            "arxiv.org".to_owned()
        }
        _ => match host.split_once(".blogspot.") {
            Some((name, _)) => format!("{name}.blogspot.com"),
            None => host,
        },
    }
}

/// `2310.10860v2` → `2310.10860`.
fn without_version(paper: &str) -> &str {
    match paper.rsplit_once('v') {
        Some((id, version)) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => id,
        _ => paper,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(address: &str) -> String {
        canonical(&Url::parse(address).unwrap())
    }

    #[track_caller]
    fn check_same(forms: &[&str]) {
        for form in forms {
            assert_eq!(key(form), key(forms[0]), "{form}");
        }
    }

    #[test]
    fn the_lists_can_be_searched() {
        assert!(GENERIC.is_sorted() && CHOOSING.is_sorted());
    }

    #[test]
    fn every_form_of_one_article_has_one_key() {
        check_same(&[
            "https://www.a.example/2026/01/story",
            "http://a.example/2026/01/story/",
            "https://A.EXAMPLE:443/2026/01/story/amp/",
            "https://m.a.example/2026//01/story#comments",
            "https://amp.a.example/amp/2026/01/story?utm_source=x&fbclid=1",
            "https://mobile.a.example/2026/01/%73tory/index.html",
            "https://a.example/2026/01/story?ref=rss&part=rss&mod=rss_Technology&rss=1",
            "https://www2.a.example/2026/01/story.amp?outputType=amp",
            "https://www.google.com/url?sa=t&url=https%3A%2F%2Fa.example%2F2026%2F01%2Fstory",
            "https://www.google.com/amp/s/a.example/2026/01/story",
            "https://a.example/2026/01/story;jsessionid=12AB?amp=1&amp;utm_medium=rss",
        ]);
        check_same(&["https://a.example/x?b=2&a=1", "http://a.example/x/?a=1&utm_x=3&b=2"]);
        check_same(&["https://a.example/x%c3%a9", "https://a.example/x%C3%A9", "https://a.example/xé"]);
        check_same(&["https://a.example/50%-off?q=1%", "https://a.example/50%25-off?q=1%25"]);
        check_same(&["https://a.example/#!/a|b#%", "https://a.example/#!/a%7Cb%23%25"]);
        check_same(&["https://en.m.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A"]);
        check_same(&[
            "https://youtu.be/abc?si=1",
            "https://www.youtube.com/watch?v=abc&t=10s",
            "https://m.youtube.com/shorts/abc",
        ]);
        check_same(&["https://arxiv.org/abs/2310.10860", "http://arxiv.org/pdf/2310.10860v2.pdf"]);
        check_same(&["http://x.blogspot.co.uk/a.html?m=1", "http://x.blogspot.com/a.html"]);
    }

    #[test]
    fn neighbours_stay_apart() {
        let keys: Vec<String> = [
            "https://a.example/view.aspx?nwid=62802",
            "https://a.example/view.aspx?nwid=62803",
            "https://a.example/story-51f6a9b",
            "https://a.example/story-51f6a9be",
            "https://a.example/Story-51f6a9b",
            "https://b.a.example/story-51f6a9b",
            "https://a.example:8080/story-51f6a9b",
            "https://a.example/story-51f6a9b/2",
            "https://a.example/%2Fstory-51f6a9b",
            "https://a.example/?q=rss",
            "https://a.example/?q=feed",
            "https://a.example/#!/one",
            "https://a.example/#!/two",
            "https://m.co.uk/a",
            "https://amp.co.uk/a",
        ]
        .iter()
        .map(|address| key(address))
        .collect();
        let mut unique = keys.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), keys.len(), "{keys:?}");
    }

    #[test]
    fn a_typed_address_is_checked() {
        assert_eq!(canonical_of(" http://www.a.example/x/ ").as_deref(), Ok("a.example/x"));
        assert_eq!(canonical_of("a.example/x"), Err(NoAddress));
        assert_eq!(canonical_of("ftp://a.example/x"), Err(NoAddress));
    }

    #[test]
    fn a_site_root_is_no_article() {
        assert!(is_site_root(&key("https://www.a.example/?utm_source=rss#top")));
        assert!(!is_site_root(&key("https://www.a.example/x")));
    }

    proptest! {
        #[test]
        fn a_key_is_made_of_any_address(path in "\\PC{0,40}", query in "\\PC{0,40}") {
            if let Ok(url) = Url::parse(&format!("https://www.a.example/{path}?{query}")) {
                let once = canonical(&url);
                prop_assert!(once.starts_with("a.example"));
                let mut tracked = url.clone();
                tracked.set_scheme("http").unwrap();
                tracked.set_fragment(None);
                let mut plain = url.clone();
                plain.set_fragment(None);
                prop_assert_eq!(canonical(&tracked), canonical(&plain));
            }
        }
    }
}
