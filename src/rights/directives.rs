//! Directives for robots: `X-Robots-Tag` and `<meta name=robots>`
//! (<https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag>).

/// Our own name, for directives meant for one robot only.
pub(super) const OUR_NAME: &str = "feedloom";

/// Directives whose value follows a colon: what precedes their colon is not a robot's name.
const WITH_VALUE: [&str; 4] = ["max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"];

/// What the directives ask of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Asked {
    /// No text at all.
    pub(super) no_snippet: bool,
    /// `none`: neither found nor followed.
    pub(super) none: bool,
    /// No copy of the text.
    pub(super) no_archive: bool,
    /// At most this many characters.
    pub(super) max_snippet: Option<usize>,
}

/// The directives of one header value that apply to us, lower case, `, ` between them: those without a
/// robot's name and those with ours. A name applies up to the end of the value or to the next name.
pub(super) fn for_us(value: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut is_ours = true;
    for part in value.split(',') {
        let mut part = part.trim().to_ascii_lowercase();
        while let Some((name, rest)) = part.split_once(':') {
            let name = name.trim();
            if name.contains(char::is_whitespace) || WITH_VALUE.contains(&name) {
                break;
            }
            is_ours = matches!(name, OUR_NAME | "*");
            part = rest.trim().to_owned();
        }
        if is_ours && !part.is_empty() && !kept.contains(&part) {
            kept.push(part);
        }
    }
    kept.join(", ")
}

/// Whether `directives` let a picture of the page be shown next to its title.
pub(super) fn lets_picture(directives: &str) -> bool {
    let mut parts = directives.split(',').map(|part| part.to_ascii_lowercase().replace(char::is_whitespace, ""));
    !parts.any(|part| matches!(part.as_str(), "noimageindex" | "max-image-preview:none"))
}

/// Whether `directives` keep a page from machines that make something of its text.
pub(super) fn refuse_ai(directives: &str) -> bool {
    directives.split(',').any(|part| part.trim().eq_ignore_ascii_case("noai"))
}

/// What `directives`, as [`for_us`] returns them, ask.
pub(super) fn asked(directives: &str) -> Asked {
    let mut asked = Asked::default();
    for part in directives.split(',') {
        let part = part.trim().to_ascii_lowercase();
        match part.as_str() {
            "nosnippet" => asked.no_snippet = true,
            "none" => asked.none = true,
            "noarchive" | "nocache" => asked.no_archive = true,
            _ => {}
        }
        // A negative number means no limit.
        let limit = part.strip_prefix("max-snippet").and_then(|rest| rest.trim().strip_prefix(':'));
        if let Some(limit) = limit.and_then(|number| number.trim().parse::<usize>().ok()) {
            asked.max_snippet = Some(asked.max_snippet.map_or(limit, |known| known.min(limit)));
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_for_other_robots_are_not_for_us() {
        let check = |value, want: &str| assert_eq!(for_us(value), want, "{value}");
        check("noindex, nofollow", "noindex, nofollow");
        check("NoArchive , noarchive", "noarchive");
        check("googlebot: nosnippet, noarchive", "");
        check("googlebot: nosnippet, feedloom: noarchive, max-snippet: 50", "noarchive, max-snippet: 50");
        check("otherbot: noindex, *: nosnippet", "nosnippet");
        check("max-snippet:20, googlebot: none", "max-snippet:20");
        check("unavailable_after: 25 Jun 2010 15:00:00 PST", "unavailable_after: 25 jun 2010 15:00:00 pst");
        check("", "");
    }

    #[test]
    fn pictures_may_be_kept_back() {
        assert!(lets_picture("") && lets_picture("noindex, max-image-preview:large"));
        assert!(!lets_picture("noindex, max-image-preview: none") && !lets_picture("NoImageIndex"));
    }

    #[test]
    fn what_directives_ask() {
        let check = |text, want| assert_eq!(asked(text), want, "{text}");
        let none = Asked::default();
        check("noindex, follow, max-image-preview:large, max-snippet:-1", none);
        check("nosnippet", Asked { no_snippet: true, ..none });
        check("NONE", Asked { none: true, ..none });
        check("noarchive, max-snippet : 50, max-snippet:70", Asked { no_archive: true, max_snippet: Some(50), ..none });
        check("max-snippet:x", none);
    }
}
