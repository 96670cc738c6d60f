//! Creative Commons and the public domain, by address or by name.

/// What a licence requires of whoever republishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct License {
    /// Not for commercial use.
    pub(crate) non_commercial: bool,
    /// Nothing may be changed, so nothing may be cut.
    pub(crate) no_derivatives: bool,
}

impl License {
    /// The Creative Commons licence or public domain mark that `text` names by its address
    /// (`https://creativecommons.org/licenses/by-nc/4.0/`) or its name (`CC BY-NC 4.0`, `CC0`); `None` for
    /// every other licence, about which nothing is known.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.split_once("creativecommons.org/") {
            Some((before, path)) => Self::by_path(before, path),
            None => Self::by_name(&text),
        }
    }

    /// Whether the whole text may be shown with nothing more than credit.
    #[must_use]
    pub(crate) fn is_permissive(self) -> bool {
        self == Self::default()
    }

    fn by_path(before: &str, path: &str) -> Option<Self> {
        if !matches!(before, "" | "www." | "http://" | "https://" | "http://www." | "https://www." | "//") {
            return None;
        }
        // Words with a reservation are not a licence, wherever they occur.
        if path.contains(char::is_whitespace) {
            return None;
        }
        let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut parts = path.split('/');
        let (kind, name) = (parts.next()?, parts.next()?);
        if !(parts.all(is_of_version) && query.split('&').all(is_of_page) && is_place(fragment)) {
            return None;
        }
        match (kind, name) {
            ("publicdomain", "zero" | "mark" | "certification") | ("licenses", "publicdomain") => Some(Self::default()),
            ("licenses", parts) => Self::by_elements(parts.split('-')),
            _ => None,
        }
    }

    fn by_name(text: &str) -> Option<Self> {
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | ',' | '/'));
        let mut words = words.filter(|word| !word.is_empty()).peekable();
        match words.next()? {
            "cc0" => return words.all(is_version).then(Self::default),
            "public" => return (words.next() == Some("domain") && words.next().is_none()).then(Self::default),
            "cc" if words.peek() == Some(&"zero") => {
                return words.skip(1).all(is_version).then(Self::default);
            }
            "cc" => {}
            "creative" if words.next() == Some("commons") => {}
            _ => return None,
        }
        let words: Vec<&str> = words.map(long_form).collect();
        let (elements, version) = words.split_at(words.iter().position(|word| is_version(word)).unwrap_or(words.len()));
        // Words with a reservation (`CC BY 4.0, excerpts only`) are not a licence.
        version.iter().all(|word| is_version(word)).then(|| Self::by_elements(elements.iter().copied()))?
    }

    /// `by`, `nc`, `nd`, `sa` in any order, at least one of them and nothing else.
    fn by_elements<'a>(elements: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut license = None;
        for element in elements {
            let known: &mut Self = license.get_or_insert_default();
            match element {
                "by" | "sa" => {}
                "nc" => known.non_commercial = true,
                "nd" => known.no_derivatives = true,
                _ => return None,
            }
        }
        license
    }
}

/// `4.0`, `3.0`, `universal`, a country: what follows the elements of a name.
fn is_version(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || matches!(word, "universal" | "international" | "unported" | "deed" | "license" | "licence")
}

/// A part of an address after the elements: `4.0`, `us`, `deed.en`, `legalcode`.
fn is_of_version(part: &str) -> bool {
    let is_country = |part: &str| {
        part.len() <= 3
            && part.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !matches!(part, "by" | "nc" | "nd" | "sa")
    };
    let name = part.split('.').next().unwrap_or_default();
    part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        || is_country(part)
        || matches!(part, "igo" | "scotland")
        || matches!(name, "deed" | "legalcode")
}

/// A parameter that says how a reader came to the page of a licence, or which language it is in.
fn is_of_page(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    matches!(name, "" | "lang" | "ref") || name.starts_with("utm_")
}

/// A place in the page of a licence: `ref-appropriate-credit`, `s6b`.
fn is_place(fragment: &str) -> bool {
    let is_section = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.len() <= 4;
    matches!(fragment, "" | "top" | "deed")
        || fragment.starts_with("ref-")
        || fragment.strip_prefix('s').is_some_and(is_section)
}

fn long_form(word: &str) -> &str {
    match word {
        "attribution" => "by",
        "noncommercial" => "nc",
        "noderivatives" | "noderivs" => "nd",
        "sharealike" => "sa",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<(bool, bool)>) {
        let found = License::parse(text).map(|license| (license.non_commercial, license.no_derivatives));
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn licences_are_known_by_address_and_by_name() {
        for free in [
            "https://creativecommons.org/licenses/by/4.0/",
            "http://creativecommons.org/licenses/by-sa/3.0/us/",
            "http://www.creativecommons.org/licenses/by/2.5/deed.en",
            " HTTPS://CreativeCommons.org/publicdomain/zero/1.0/ ",
            "https://creativecommons.org/publicdomain/mark/1.0/",
            "http://creativecommons.org/licenses/publicdomain/",
            "http://creativecommons.org/licenses/sa/1.0",
            "https://creativecommons.org/licenses/by/4.0/legalcode.de?ref=chooser-v1#top",
            "CC BY 4.0",
            "CC-BY-SA-4.0",
            "cc0",
            "CC0 1.0 Universal",
            "Public Domain",
            "Creative Commons Attribution 4.0 International",
            "Creative Commons Attribution-ShareAlike",
        ] {
            check(free, Some((false, false)));
        }
        check("https://creativecommons.org/licenses/by-nc/4.0/", Some((true, false)));
        check("https://creativecommons.org/licenses/by-nd/4.0", Some((false, true)));
        check("http://creativecommons.org/licenses/by-nd-nc/1.0/", Some((true, true)));
        check("CC BY-NC-ND 4.0", Some((true, true)));
        check("Creative Commons Attribution-NonCommercial-NoDerivs 3.0 Unported", Some((true, true)));
    }

    #[test]
    fn of_others_nothing_is_known() {
        for other in [
            "",
            "All rights reserved",
            "© 2026 Example",
            "https://example.org/terms",
            "https://creativecommons.org/",
            "https://creativecommons.org/licenses/",
            "https://creativecommons.org/licenses/sampling+/1.0/",
            "https://evil.example/?creativecommons.org/licenses/by/4.0/",
            "https://notcreativecommons.org/licenses/by/4.0/",
            "CC me in mails",
            "cc",
            "Public domain? No",
            "CC0 does not hold here",
            "CC Zero for excerpts only",
            "CC BY 4.0, for excerpts only",
            "CC BY 4.0 or all rights reserved",
            "https://creativecommons.org/licenses/by/4.0/ for excerpts only",
            "https://creativecommons.org/licenses/by/4.0/https://creativecommons.org/licenses/by-nc/4.0/",
            "https://creativecommons.org/licenses/by/nc/4.0/",
            "https://creativecommons.org/licenses/by/4.0/excerpts-only",
            "https://creativecommons.org/publicdomain/zero/1.0/not-for-you",
            "https://creativecommons.org/licenses/by/4.0/?unless=commercial",
            "https://creativecommons.org/licenses/by/4.0/?ref=chooser-v1&for=excerpts-only",
            "https://creativecommons.org/licenses/by/4.0/deed.en#excerpts-only",
            "MIT",
        ] {
            check(other, None);
        }
    }
}
