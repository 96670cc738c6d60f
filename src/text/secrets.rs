//! Secrets in addresses: the token of a private feed.

use url::Url;

/// Words in the name of a parameter, or of a folder, that say that what follows is secret.
const NAMES: [&str; 22] = [
    "access",
    "apikey",
    "auth",
    "authkey",
    "authorization",
    "bearer",
    "credential",
    "credentials",
    "jwt",
    "key",
    "pass",
    "passwd",
    "password",
    "private",
    "pwd",
    "secret",
    "sess",
    "session",
    "sid",
    "sig",
    "signature",
    "token",
];
/// Shorter values are words, not secrets: `key=news`.
const LEAST_CHARS: usize = 8;

/// What in `url` looks like a secret: the name of a parameter, or of the folder before it; `None` if nothing does.
#[must_use]
pub(crate) fn secret_part(url: &Url) -> Option<String> {
    if url.password().is_some() {
        return Some("password".to_owned());
    }
    if looks_random(url.username()) {
        return Some("user name".to_owned());
    }
    let in_query = url.query_pairs().find(|(name, value)| is_secret(name) && value.chars().count() >= LEAST_CHARS);
    if let Some((name, _)) = in_query {
        return Some(name.into_owned());
    }
    if let Some(name) = loose_parameter(url) {
        return Some(name.to_owned());
    }
    let folders: Vec<&str> = url.path_segments().into_iter().flatten().collect();
    let after_folder = folders.windows(2).find(|two| is_secret(two[0]) && looks_random(two[1])).map(|two| two[0]);
    // `private-0123456789abcdef`, but not `private-equity-2026`.
    let is_code = |(name, rest): &(&str, &str)| is_secret(name) && !rest.contains('-') && looks_random(rest);
    let in_folder = folders.iter().filter_map(|folder| folder.split_once('-')).find(is_code).map(|(name, _)| name);
    after_folder.or(in_folder).map(str::to_owned)
}

/// The name of a secret parameter where semicolons separate them, in the path or in the fragment.
fn loose_parameter(url: &Url) -> Option<&str> {
    let in_path = url.path().split(['/', ';']);
    let elsewhere = [url.query(), url.fragment()].into_iter().flatten().flat_map(|text| text.split(['&', ';', '?']));
    let mut parameters = in_path.chain(elsewhere).filter_map(|part| part.split_once('='));
    parameters.find(|(name, value)| is_secret(name) && value.chars().count() >= LEAST_CHARS).map(|(name, _)| name)
}

/// `api_key`, `userToken` and `X-Auth` are secret; `keyword` and `author` are not.
fn is_secret(name: &str) -> bool {
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
    let joined: String = words.concat();
    words.iter().chain([&joined]).any(|word| NAMES.contains(&word.as_str()))
        || ["token", "apikey", "secret", "password", "sessid", "sessionid"].iter().any(|end| joined.ends_with(end))
}

/// Whether it is letters and digits without words.
fn looks_random(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default();
    let digits = stem.bytes().filter(u8::is_ascii_digit).count();
    stem.len() >= LEAST_CHARS
        && digits >= 2
        && stem.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
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
