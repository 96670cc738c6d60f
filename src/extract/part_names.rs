//! What a part of a page is, judging by the names that its authors gave it.

use scraper::node::Element;

/// What a part of a page is, judging by its name; if names disagree, the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Readers' comments, with everything in it.
    Comments,
    /// A different story, or words about the author, if it comes after the article.
    Next,
    /// Consent, offers, invitations, if it is short and mentions them.
    Offer,
    /// What lies over the page, if it asks for consent.
    Overlay,
}

/// Names of elements that hold readers' comments.
const COMMENTS: [&str; 25] = [
    "comment-body",
    "comment-tree",
    "u-comment",
    "comments",
    "comment-list",
    "commentlist",
    "comments-area",
    "comments-section",
    "comment-section",
    "comments-list",
    "comment-thread",
    "comments-container",
    "comments-wrapper",
    "disqus_thread",
    "disqus",
    "respond",
    "comment-respond",
    "fb-comments",
    "giscus",
    "utterances",
    "isso-thread",
    "remark42",
    "kommentare",
    "commentaires",
    "comentarios",
];
/// What stands before `-comments` in such names.
const COMMENTED: [&str; 10] =
    ["article", "blog", "entry", "page", "post", "reader", "readers", "site", "story", "user"];
/// Words of names of elements that hold offers.
const OFFERS: [&str; 14] = [
    "abo",
    "paywall",
    "regwall",
    "newsletter",
    "subscribe",
    "subscription",
    "signup",
    "offer",
    "membership",
    "donate",
    "donation",
    "fundraising",
    "cmp",
    "consent",
];
/// Words of names of what lies over a page, lower case.
const OVERLAYS: [&str; 17] = [
    "banner",
    "cc",
    "cmp2",
    "cmplz",
    "cookie",
    "cookiebanner",
    "cookies",
    "cookieconsent",
    "cybotcookiebotdialog",
    "didomi",
    "gdpr",
    "message",
    "modal",
    "onetrust",
    "overlay",
    "popup",
    "usercentrics",
];
/// Names of what stands behind the article: the next story, its author.
const NEXT: [&str; 15] = [
    "next-article",
    "next-story",
    "next-post",
    "nextarticle",
    "nextstory",
    "up-next",
    "read-next",
    "infinite-article",
    "related-article",
    "more-stories",
    "author-bio",
    "author-box",
    "about-author",
    "about-the-author",
    "post-author-bio",
];

/// What elements are called for those who do not see them, lower case.
const LABELS_OF_COMMENTS: [&str; 8] = [
    "comments",
    "comment section",
    "reader comments",
    "kommentare",
    "commentaires",
    "comentarios",
    "commenti",
    "reacties",
];
const LABELS_OF_NEXT: [&str; 5] = ["next story", "next article", "next post", "up next", "read next"];

/// The part that an element is, judging by its name, role or type.
pub(super) fn part(element: &Element) -> Option<Part> {
    let is_comment = |kind: &str| kind.ends_with("/Comment") || kind.ends_with("/UserComments");
    if element.attr("itemtype").is_some_and(is_comment)
        || element
            .attr("itemprop")
            .is_some_and(|property| property.split_ascii_whitespace().any(|one| one == "comment"))
    {
        return Some(Part::Comments);
    }
    let names = ["class", "id", "data-testid", "data-component"].iter().filter_map(|name| element.attr(name));
    let named = names.flat_map(str::split_ascii_whitespace).filter_map(part_named).min();
    named.or_else(|| of_label(element)).or_else(|| of_element(element))
}

fn is_in(list: &[&str], name: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn part_named(name: &str) -> Option<Part> {
    let words = || name.split(['-', '_']);
    if is_of_comments(name) {
        Some(Part::Comments)
    } else if is_in(&NEXT, name) {
        Some(Part::Next)
    } else if words().any(|word| is_in(&OFFERS, word)) {
        Some(Part::Offer)
    } else {
        words().any(|word| is_in(&OVERLAYS, word)).then_some(Part::Overlay)
    }
}

/// Whether a name is one of comments: `comments`, `post-comments`, `comments__list`, `CommentThread_root__x1`.
fn is_of_comments(name: &str) -> bool {
    let is_known = |name: &str| {
        is_in(&COMMENTS, name) || name.strip_suffix("-comments").is_some_and(|before| is_in(&COMMENTED, before))
    };
    if is_known(name) {
        return true;
    }
    let Some((before, after)) = name.split_once("__") else { return false };
    let block = before.split('_').next().unwrap_or_default();
    is_known(block) || is_known(&with_hyphens(block)) || is_known(after)
}

/// `CommentThread` as `comment-thread`.
fn with_hyphens(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

fn of_label(element: &Element) -> Option<Part> {
    let label = element.attr("aria-label")?.trim();
    if is_in(&LABELS_OF_COMMENTS, label) {
        return Some(Part::Comments);
    }
    is_in(&LABELS_OF_NEXT, label).then_some(Part::Next)
}

/// The part that an element is by its own name or role.
fn of_element(element: &Element) -> Option<Part> {
    let name = element.name();
    if name.contains('-') && name.split('-').any(|word| matches!(word, "comment" | "comments")) {
        return Some(Part::Comments);
    }
    match name {
        "article" if element.classes().any(|class| class.eq_ignore_ascii_case("next")) => Some(Part::Next),
        "form" => Some(Part::Offer),
        "dialog" => Some(Part::Overlay),
        _ => matches!(element.attr("role"), Some("dialog" | "alertdialog")).then_some(Part::Overlay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_known_by_many_names() {
        for name in [
            "comments",
            "Comments-Area",
            "post-comments",
            "reader-comments",
            "comments__list",
            "CommentThread_root__x1",
            "Comments_wrap__9f",
            "article__comments",
            "u-comment",
        ] {
            assert_eq!(part_named(name), Some(Part::Comments), "{name}");
        }
        for name in ["no-comments", "comments-open", "has-comments", "commentary", "Commentary_root__x1", "h-entry"] {
            assert_eq!(part_named(name), None, "{name}");
        }
    }

    #[test]
    fn offers_and_overlays_are_known_by_a_word() {
        for (name, want) in [
            ("abo-box", Some(Part::Offer)),
            ("fc-consent-root", Some(Part::Offer)),
            ("qc-cmp2-container", Some(Part::Overlay)),
            ("sp_message_container_1", Some(Part::Overlay)),
            ("CybotCookiebotDialog", Some(Part::Overlay)),
            ("didomi-host", Some(Part::Overlay)),
            ("about", None),
            ("modality", None),
        ] {
            assert_eq!(part_named(name), want, "{name}");
        }
    }
}
