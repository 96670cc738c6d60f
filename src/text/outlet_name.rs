//! The title of a feed → the name of the outlet behind it, without whatever only says that it is a feed.

use super::blank::is_blank;

/// What feeds put before their outlet's name, in lower case.
const BEFORE: [&str; 22] = [
    "latest articles",
    "latest news",
    "latest posts",
    "latest stories",
    "latest from",
    "latest content from",
    "latest",
    "all articles",
    "all posts",
    "all stories",
    "all news",
    "all content",
    "articles",
    "posts",
    "news",
    "top stories",
    "top news",
    "rss feed",
    "rss",
    "atom feed",
    "feed",
    "home",
];
/// What they put after it, in lower case.
const AFTER: [&str; 40] = [
    "top news",
    "top stories",
    "latest news",
    "latest articles",
    "latest posts",
    "latest stories",
    "latest",
    "breaking news",
    "all news",
    "all articles",
    "all posts",
    "all stories",
    "all content",
    "all",
    "articles",
    "posts",
    "newest",
    "new posts",
    "recent posts",
    "recent articles",
    "recent entries",
    "home",
    "homepage",
    "home page",
    "front page",
    "frontpage",
    "main feed",
    "full feed",
    "full rss feed",
    "rss feed",
    "rss feeds",
    "rss 2.0",
    "rss",
    "atom feed",
    "atom",
    "news feed",
    "newsfeed",
    "xml feed",
    "feed",
    "feeds",
];
/// What separates the two.
const JOINTS: [&str; 9] = [" - ", " – ", " — ", " | ", " · ", " » ", " > ", ": ", " :: "];

/// The outlet's name in the title of a feed: `Example` from `Example - Top News`, `Latest articles - Example` or
/// `Example | All of the news`. The whole title if nothing would be left otherwise; nothing, if nothing of it is seen.
#[must_use]
pub(crate) fn tidy_outlet_name(title: &str) -> String {
    let mut name = without_directions(title).split_whitespace().collect::<Vec<_>>().join(" ");
    if is_blank(&name) {
        return String::new();
    }
    while let Some(shorter) = without_end(&name).or_else(|| without_start(&name)) {
        name = shorter;
    }
    name
}

/// A name without the controls that say in which direction it reads: with them `srA` would read as another's `Ars`.
#[must_use]
pub(crate) fn without_directions(name: &str) -> String {
    let is_control =
        |c: char| matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    name.chars().filter(|c| !is_control(*c)).collect()
}

fn without_end(name: &str) -> Option<String> {
    let by_joint = JOINTS.iter().filter_map(|joint| name.rfind(joint).map(|at| (at, at + joint.len()))).max();
    if let Some((end, start)) = by_joint {
        let tail = name[start..].trim().to_lowercase();
        if AFTER.contains(&tail.as_str()) || tail.starts_with("all of ") {
            return filled(&name[..end]);
        }
    }
    // Only what cannot be part of a name is removed without a separator.
    let bare = ["rss feed", "rss feeds", "atom feed", "rss 2.0 feed", "(rss)", "(atom)", "(rss feed)", "[rss]"];
    let lower = name.to_lowercase();
    let tail = bare.iter().find(|tail| lower.strip_suffix(**tail).is_some_and(|rest| rest.ends_with(' ')))?;
    filled(name.get(..name.len().checked_sub(tail.len())?)?)
}

fn without_start(name: &str) -> Option<String> {
    let by_joint = JOINTS.iter().filter_map(|joint| name.find(joint).map(|at| (at, at + joint.len()))).min();
    let (end, start) = by_joint?;
    BEFORE.contains(&name[..end].trim().to_lowercase().as_str()).then(|| filled(&name[start..])).flatten()
}

fn filled(name: &str) -> Option<String> {
    let name = name.trim().trim_end_matches(['-', '–', '—', '|', '·', '»', ':']).trim_end();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_says_that_it_is_a_feed_goes() {
        for (title, want) in [
            ("Example - Top News", "Example"),
            ("Example RSS Feed", "Example"),
            ("Latest articles - Example", "Example"),
            ("Example | All of the news from the shop", "Example"),
            ("  Example \n » Feed", "Example"),
            ("\u{200B}\u{2060}", ""),
            ("Example: Newest", "Example"),
            ("Example (RSS)", "Example"),
            ("RSS Feed | Example - Latest news", "Example"),
            ("Latest posts: The Example", "The Example"),
            ("Example - All - RSS", "Example"),
            ("Ars Technica - All content", "Ars Technica"),
            ("Latest | The Register", "The Register"),
            ("  BBC News\n | Technology ", "BBC News | Technology"),
            ("Phoronix RSS Feed", "Phoronix"),
            ("Latest news", "Latest news"),
            ("Example News", "Example News"),
            ("Hot News: a weblog", "Hot News: a weblog"),
            ("Feed", "Feed"),
            ("Latest articles - ", "Latest articles -"),
            ("Home for All", "Home for All"),
            ("Straße RSS Feed", "Straße"),
            ("\u{202E}acinhceT srA\u{202C}", "acinhceT srA"),
            ("\u{2067}\u{200F}srA\u{2069} - \u{200E}RSS", "srA"),
            ("a\u{61C}b\u{202A}c\u{202B}d\u{202D}e\u{2066}f\u{2068}g", "abcdefg"),
            ("", ""),
        ] {
            assert_eq!(tidy_outlet_name(title), want, "{title}");
        }
    }
}
