//! Secrets in addresses: the token of a private feed.

use url::Url;

/// Words in the name of a parameter, or of a folder, that say that what follows is secret.
const NAMES: [&str; 23] = [
    "apikey",
    "auth",
    "authkey",
    "authorization",
    "bearer",
    "credential",
    "credentials",
    "jwt",
    "login",
    "pass",
    "passkey",
    "passwd",
    "password",
    "pin",
    "pw",
    "pwd",
    "secret",
    "sess",
    "session",
    "sid",
    "sig",
    "signature",
    "token",
];
/// Words that say so unless a plain word follows: `key=news`.
const LOOSE_NAMES: [&str; 6] = ["access", "code", "hash", "k", "key", "private"];
/// What names of secrets end with where their words are written as one: `accesstoken`.
const ENDS: [&str; 8] = ["token", "key", "secret", "password", "sessid", "sessionid", "session", "signature"];
/// A plain word has so many letters and nothing else.
const PLAIN_WORD: std::ops::RangeInclusive<usize> = 2..=6;
/// Shorter parts of a path are words, not secrets, whatever is before them.
const LEAST_CHARS: usize = 8;
/// Shorter letters and digits may be the number of anything: `/show/1a2b3c`.
const LEAST_RANDOM: usize = 16;
/// Parameters that name what everybody may see.
const PUBLIC_IDS: [&str; 2] = ["channel_id", "playlist_id"];
/// Where the feeds of everybody have random names: the end of the host, and the beginning of the path.
const PUBLIC_HOSTS: [(&str, &str); 12] = [
    ("anchor.fm", "/"),
    ("feedburner.com", "/"),
    ("feeds.acast.com", "/public/"),
    ("feeds.megaphone.fm", "/"),
    ("feeds.simplecast.com", "/"),
    ("feeds.soundcloud.com", "/"),
    ("feeds.transistor.fm", "/"),
    ("omny.fm", "/"),
    ("omnycontent.com", "/d/playlist/"),
    ("rss.art19.com", "/"),
    ("soundcloud.com", "/"),
    ("youtube.com", "/"),
];

/// What in `url` looks like a secret: the name of a parameter, or of the folder before it; `None` if nothing does.
#[must_use]
pub(crate) fn secret_part(url: &Url) -> Option<String> {
    secrets(url).into_iter().next().map(|secret| secret.name)
}

/// The keys in `url` that nobody can guess and that are there as keys. What merely looks so in a path may be the number of
/// a podcast, which each of its files has, too.
#[must_use]
pub(crate) fn secret_values(url: &Url) -> Vec<String> {
    let secrets = secrets(url).into_iter().filter(|secret| secret.place != Place::Path);
    let keys = secrets.map(|secret| secret.value).filter(|value| looks_random(value) || is_generated(value));
    let mut values: Vec<String> = Vec::new();
    keys.for_each(|key| values.extend(Some(key).filter(|key| !values.contains(key))));
    values
}

/// Something that looks like a secret.
struct Secret {
    /// The name of the parameter, or of the folder before it.
    name: String,
    value: String,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where an address says that there is one.
    Announced,
    /// Among the parameters, without a name that says so.
    Query,
    /// In the path, without a name that says so.
    Path,
}

/// What in `url` looks like a secret, the plainest first.
fn secrets(url: &Url) -> Vec<Secret> {
    let new = |place: Place, name: &str, value: &str| Secret { name: name.to_owned(), value: value.to_owned(), place };
    let mut found: Vec<Secret> =
        url.password().map(|value| new(Place::Announced, "password", value)).into_iter().collect();
    if looks_random(url.username()) {
        found.push(new(Place::Announced, "user name", url.username()));
    }
    let parameters = parameters(url);
    let named = parameters.iter().filter(|(name, value)| is_secret(name, value));
    found.extend(named.map(|(name, value)| new(Place::Announced, name, value)));
    let folders: Vec<&str> = url.path_segments().into_iter().flatten().collect();
    found.extend(in_folders(&folders).map(|(name, value)| new(Place::Announced, name, value)));
    if !is_of_public_host(url) {
        let is_hidden = |(name, value): &&(String, String)| !PUBLIC_IDS.contains(&&**name) && is_generated(value);
        found.extend(parameters.iter().filter(is_hidden).map(|(name, value)| new(Place::Query, name, value)));
        let bare = parameters.iter().filter(|(name, value)| value.is_empty() && is_generated(name));
        found.extend(bare.map(|(name, _)| new(Place::Query, "query", name)));
        for (at, folder) in folders.iter().enumerate().filter(|(_, folder)| is_generated(folder)) {
            let before = at.checked_sub(1).and_then(|before| folders.get(before)).filter(|name| !name.is_empty());
            found.push(new(Place::Path, before.unwrap_or(&"path"), stem(folder)));
        }
    }
    found
}

/// The names and values of all parameters; semicolons may separate them, too, also in the path or in the fragment.
fn parameters(url: &Url) -> Vec<(String, String)> {
    let in_path = url.path().split(['/', ';']);
    let elsewhere = [url.query(), url.fragment()].into_iter().flatten().flat_map(|text| text.split(['&', ';', '?']));
    let loose = in_path.chain(elsewhere).filter_map(|part| part.split_once('='));
    let loose = loose.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let pairs = url.query_pairs().map(|(name, value)| (name.trim().to_owned(), value.into_owned()));
    // In HTML that was not read as such `&amp;` separates them.
    let bare = |name: String| name.rsplit(';').next().unwrap_or_default().to_owned();
    pairs.chain(loose).map(|(name, value)| (bare(name), value)).collect()
}

/// The names and values of the secrets that parts of a path state: `/token/5ekret01`, `/private-0123456789abcdef`,
/// `/secret:5ekret`.
fn in_folders<'u>(folders: &[&'u str]) -> impl Iterator<Item = (&'u str, &'u str)> {
    let after = folders.windows(2).filter(|two| says_secret(two[0]) && looks_random(two[1]));
    let after = after.map(|two| (two[0], stem(two[1])));
    // `private-0123456789abcdef`, but not `private-equity-2026`.
    let is_code = |(name, rest): &(&str, &str)| says_secret(name) && !rest.contains('-') && looks_random(rest);
    let joined = folders.iter().filter_map(|folder| folder.split_once('-')).filter(is_code);
    let stated = |(name, value): &(&str, &str)| is_secret(name, value);
    let by_colon = folders.iter().filter_map(|folder| folder.split_once(':')).filter(stated);
    after.chain(joined).chain(by_colon).collect::<Vec<_>>().into_iter()
}

/// Whether the name of a folder says that what follows is secret.
fn says_secret(name: &str) -> bool {
    names_secret(name, &NAMES) || names_secret(name, &LOOSE_NAMES)
}

/// Whether the host gives the feeds of everybody names that nobody can guess.
fn is_of_public_host(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_at = |end: &str| host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PUBLIC_HOSTS.iter().any(|(end, start)| is_at(end) && url.path().starts_with(start))
}

/// Whether a parameter of this name holds a secret: `api_key`, `userToken` and `X-Auth` do; `keyword` and `author` do not.
fn is_secret(name: &str, value: &str) -> bool {
    let is_plain = PLAIN_WORD.contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphabetic());
    let is_loose = || names_secret(name, &LOOSE_NAMES) || ENDS.iter().any(|end| joined(name).ends_with(end));
    // Where `=` stands in prose, what is before it is no name.
    let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '[' | ']'));
    is_name && !value.trim().is_empty() && (names_secret(name, &NAMES) || !is_plain && is_loose())
}

/// Whether one of the words of a name, or all of them together, is one of `known`.
fn names_secret(name: &str, known: &[&str]) -> bool {
    let mut words = vec![String::new()];
    let mut last = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && last.is_lowercase() {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("never empty").extend(c.to_lowercase());
        }
        last = c;
    }
    words.iter().chain([&words.concat()]).any(|word| known.contains(&word.as_str()))
}

fn joined(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A part of a path without its ending.
fn stem(part: &str) -> &str {
    part.split_once('.').map_or(part, |(stem, _)| stem)
}

/// Whether it is letters and digits without words.
fn looks_random(part: &str) -> bool {
    let stem = stem(part);
    let digits = stem.bytes().filter(u8::is_ascii_digit).count();
    stem.len() >= LEAST_CHARS
        && digits >= 2
        && stem.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Whether a machine made it up so that nobody guesses it: a UUID, a JWT, long hex or base64. Not a number, and not words.
fn is_generated(part: &str) -> bool {
    let is_token = part.starts_with("eyJ") && part.len() >= LEAST_RANDOM && part.contains('.');
    is_token || is_uuid(part) || part.split(|c: char| !c.is_ascii_alphanumeric()).any(is_scrambled) || is_base64(part)
}

fn is_uuid(part: &str) -> bool {
    let stem = stem(part);
    let lengths = stem.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && stem.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Whether letters and digits take turns in it, or it is hex: not so in `article20261102`.
fn is_scrambled(piece: &str) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = piece.bytes().all(|b| b.is_ascii_hexdigit());
    piece.len() >= LEAST_RANDOM && digits >= 2 && digits < piece.len() && (is_hex || turns(piece) >= 3)
}

/// Whether it is base64 in which `-` and `_` stand for two of the letters.
fn is_base64(part: &str) -> bool {
    let bytes = part.trim_end_matches('=').bytes();
    part.len() >= LEAST_RANDOM
        && bytes.clone().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && [u8::is_ascii_uppercase, u8::is_ascii_lowercase].iter().all(|kind| bytes.clone().any(|b| kind(&b)))
        && turns(part) >= 4
}

/// How often letters and digits that stand side by side take turns.
fn turns(text: &str) -> usize {
    let takes_turn =
        |two: &&[u8]| two.iter().all(u8::is_ascii_alphanumeric) && two[0].is_ascii_digit() != two[1].is_ascii_digit();
    text.as_bytes().windows(2).filter(takes_turn).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, want: Option<&str>) {
        assert_eq!(secret_part(&Url::parse(url).unwrap()).as_deref(), want, "{url}");
    }

    #[test]
    fn what_looks_like_a_secret_is_found() {
        check("https://a.example/f?token=s3cr3tT0ken", Some("token"));
        check("https://a.example/f?x=1&api_key=0123456789", Some("api_key"));
        check("https://a.example/f?userToken=0123456789", Some("userToken"));
        check("https://a.example/f?auth=s3cr3tT0ken", Some("auth"));
        check("https://a.example/f?accesstoken=s3cr3tT0ken", Some("accesstoken"));
        check("https://a.example/private/s3cr3tT0ken01.rss", Some("private"));
        check("https://me:pw@a.example/", Some("password"));
        check("https://s3cr3tT0ken01@a.example/feed", Some("user name"));
        check("https://a.example/f?x=1;token=s3cr3tT0ken", Some("token"));
        check("https://a.example/f;sid=s3cr3tT0ken/feed.xml", Some("sid"));
        check("https://a.example/f;jsessionid=0123456789AB", Some("jsessionid"));
        check("https://a.example/f?PHPSESSID=0123456789ab", Some("PHPSESSID"));
        check("https://a.example/f#access_token=s3cr3tT0ken", Some("access_token"));
        check("https://a.example/calendar/private-0123456789abcdef/basic", Some("private"));
    }

    /// Forms that services really use.
    #[test]
    fn what_nobody_can_guess_is_found_wherever_it_stands() {
        check("https://a.example/.rss?feed=5ecaa11bb22cc33dd44ee55ff66aa77bb88cc99dd&user=me", Some("feed"));
        check("https://a.example/feed/?t=5ecaa11bb22cc33dd44ee55ff660102a", Some("t"));
        check("https://a.example/feed/?t=5ekretaa11bb22cc33dd44ee55ff6601", Some("t"));
        check("https://a.example/f?u=me&h=5ecaa11bb22cc33dd44e", Some("h"));
        check("https://a.example/f?uid=SEKRET0019aabbcc11ddeeff", Some("uid"));
        check("https://a.example/f?member=5ecaa11bb22cc33dd44ee55ff66", Some("member"));
        check("https://a.example/f?x=5ecaa11bb22cc33dd44ee55ff66", Some("x"));
        check("https://a.example/f?x=aB3_dE5-fG7hI9jK1lM", Some("x"));
        check("https://a.example/f?5ecaa11bb22cc33dd44ee55ff6601aabb", Some("query"));
        check("https://a.example/f?5ekretT0kenABCDEF0123456789", Some("query"));
        check("https://a.example/f?of=me&5ekretT0kenABCDEF0123456789", Some("query"));
        check("https://a.example/f?5ekretT0kenABCDEF0123456789=", Some("query"));
        check("https://a.example/rss/secret:abc123/u:me/", Some("secret"));
        check("https://a.example/content/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.abcdefghijk.rss", Some("content"));
        check("https://a.example/u/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.abcdefghijk/rss", Some("u"));
        check("https://a.example/feeds/5ecaa11bb22cc33dd44ee55ff6601aabb/rss.xml", Some("feeds"));
        check("https://a.example/feed/3f2504e0-4f89-41d3-9a0c-0305e82c3301/a.xml", Some("feed"));
        check("https://a.example/5ecaa11bb22cc33dd44ee55ff6601aabb.rss", Some("path"));
        check("https://subscribers.transistor.fm/5ecaa11bb22cc33d", Some("path"));
        check("https://feeds.acast.com/private/5ecaa11bb22cc33d", Some("private"));
        check("https://notyoutube.com/feeds/5ecaa11bb22cc33dd44ee55ff6601aabb", Some("feeds"));
    }

    #[test]
    fn the_keys_themselves_are_found() {
        let of = |url: &str| secret_values(&Url::parse(url).unwrap());
        assert_eq!(of("https://a.example/f?x=1&token=s3cr3tT0ken")[0], "s3cr3tT0ken");
        assert_eq!(of("https://a.example/f?5ekretT0kenABCDEF0123456789")[0], "5ekretT0kenABCDEF0123456789");
        for (url, want) in [
            ("private/s3cr3tT0ken01.rss", &["s3cr3tT0ken01"][..]),
            ("private-5ekret0tok1/f", &["5ekret0tok1"]),
            ("secret:5ekret0tok1/f", &["5ekret0tok1"]),
            ("f?section_key=business", &[]),
            ("f?key=abc1234", &[]),
            ("3f2504e0-4f89-41d3-9a0c-0305e82c3301/podcast.xml", &[]),
            ("f?t=5ecaa11bb22cc33dd44ee55ff660102a", &["5ecaa11bb22cc33dd44ee55ff660102a"]),
            ("2026-11-02/articles?x=1", &[]),
        ] {
            assert_eq!(of(&format!("https://a.example/{url}")), want, "{url}");
        }
    }

    #[test]
    fn a_name_that_says_secret_is_enough() {
        for (query, name) in [
            ("token=abc123", "token"),
            ("key=abc1234", "key"),
            ("auth=abc123", "auth"),
            ("os_username=me&os_password=5ekret", "os_password"),
            ("user=me&pin=5ekret99", "pin"),
            ("pin=1234", "pin"),
            ("password=hunter", "password"),
            ("auth%5Btoken%5D=x", "auth[token]"),
            ("TOKEN%20=5ekret", "TOKEN"),
            ("a=1&amp;token=5ekret", "token"),
            ("rsskey=abc123", "rsskey"),
            ("X-Amz-Signature=abc", "X-Amz-Signature"),
        ] {
            check(&format!("https://a.example/f?{query}"), Some(name));
        }
    }

    #[test]
    fn public_feeds_are_shown() {
        for url in [
            "https://a.example/?format=feed&type=rss",
            "https://a.example/?feed=rss2",
            "https://a.example/?rss2",
            "https://a.example/f?information-technology-and-libraries",
            "https://a.example/f?20261102010203",
            "https://a.example/f?id=12345",
            "https://a.example/f?id=781063288764157469",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCaa11bb22cc33dd44ee55ff",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PLaa11bb22cc33dd44ee55ff",
            "https://anchor.fm/s/1a2b3c/podcast/rss",
            "https://feeds.megaphone.fm/ABC0123456789",
            "https://feeds.simplecast.com/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "https://feeds.simplecast.com/qm_9xx0g",
            "https://www.omnycontent.com/d/playlist/3f2504e0-4f89-41d3-9a0c-0305e82c3301/3f2504e0-4f89-41d3-9a0c-0305e82c3302/podcast.rss",
            "https://feeds.acast.com/public/shows/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "https://a.example/feeds/2026-11-02-what-to-know-about-the-new-iphone17",
            "https://a.example/blog/article20261102010203/comments/feed",
            "https://a.example/feeds/13569819/posts/default/1689233525806103515",
            "https://a.example/f?topic=information-technology-and-libraries",
            "https://a.example/f?monkeys=1",
            "https://a.example/key/feed.xml",
            "https://a.example/about/k%20%3Ca%20href=javascript:x%3E",
            "https://a.example/f?of=a&k%3Ca%20href=javascript:x%3E",
            "https://a.example/the%20key:%201984",
        ] {
            check(url, None);
        }
    }

    #[test]
    fn what_chooses_content_is_none() {
        for url in [
            "https://a.example/feed",
            "https://a.example/f?keyword=kettles-of-lyon",
            "https://a.example/f?author=somebody-else",
            "https://a.example/f?key=news",
            "https://a.example/private-equity-2026/feed",
            "https://reader@a.example/feed",
            "https://a.example/f#section-2",
            "https://a.example/f?channel_id=UC0123456789abcdef",
            "https://a.example/private/feed.xml",
            "https://a.example/f?passage=long-passage-of-text",
        ] {
            check(url, None);
        }
    }
}
