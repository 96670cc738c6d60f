//! What a page shows besides its article: consent boxes, offers, readers' comments, the next story. The chooser learned
//! what most of it looks like; this module handles what is unmistakable.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;
use scraper::node::Element;
use url::Url;

use super::features::SelfDescription;
use super::names::likeness;
use super::tags::Tag;
use super::tree::Parts;
use super::tree::up;
use crate::text::web_url;

/// A text of fewer characters than this is not an article: then the rules here do not help.
const LEAST_CHARS: usize = 250;

/// Takes out of `kept` what does not belong to the article.
pub(super) fn leave_out(page: &Html, parts: &Parts, kept: &mut [bool], stated: &SelfDescription<'_>, url: &Url) {
    let mut beside = vec![false; kept.len()];
    mark_by_name(page, parts, kept, &mut beside);
    mark_next_story(page, parts, &mut beside, stated.title, url);
    for (at, block) in parts.blocks.iter().enumerate() {
        beside[at] |= kept[at] && is_notice(&block.text);
        beside[at] |= kept[at] && is_consent(&block.text) && !stated.title.to_lowercase().contains("cookie");
    }
    let left: usize = (0..kept.len()).filter(|at| kept[*at] && !beside[*at]).map(|at| parts.blocks[at].chars).sum();
    if left >= LEAST_CHARS {
        kept.iter_mut().zip(beside).for_each(|(kept, beside)| *kept &= !beside);
    }
}

/// What a part of a page is, judging by its name; if names disagree, the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Readers' comments, with everything in it.
    Comments,
    /// A different story, or words about the author, if it comes after the article.
    Next,
    /// Consent, offers, invitations, if it is short and mentions them.
    Offer,
}

fn mark_by_name(page: &Html, parts: &Parts, kept: &[bool], beside: &mut [bool]) {
    let named: Vec<Option<Part>> = parts
        .elements
        .iter()
        .map(|element| page.tree.get(element.id).and_then(|node| node.value().as_element().and_then(part)))
        .collect();
    if named.iter().all(Option::is_none) {
        return;
    }
    let first = kept.iter().position(|kept| *kept).unwrap_or(0);
    let mut offers: HashMap<usize, bool> = HashMap::new();
    for (at, block) in parts.blocks.iter().enumerate().filter(|(at, _)| kept[*at]) {
        let Some((element, part)) = up(parts, block.element).find_map(|element| Some((element, named[element]?)))
        else {
            continue;
        };
        beside[at] |= match part {
            Part::Comments | Part::Next => at > first && !holds(parts, element, first),
            Part::Offer => *offers.entry(element).or_insert_with(|| is_offer(parts, element)),
        };
    }
}

/// Whether the block `at` is in `element`.
fn holds(parts: &Parts, element: usize, at: usize) -> bool {
    up(parts, parts.blocks[at].element).any(|around| around == element)
}

/// Names of elements that hold readers' comments, offers, and what stands behind the article: the next story, its author.
const COMMENTS: [&str; 22] = [
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
const OFFERS: [&str; 13] = [
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

/// The part that an element is, judging by its name, role or type.
fn part(element: &Element) -> Option<Part> {
    let is_comment = |kind: &str| kind.ends_with("/Comment") || kind.ends_with("/UserComments");
    if element.attr("itemtype").is_some_and(is_comment)
        || element
            .attr("itemprop")
            .is_some_and(|property| property.split_ascii_whitespace().any(|one| one == "comment"))
    {
        return Some(Part::Comments);
    }
    let is_in = |list: &[&str], name: &str| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    let names = ["class", "id", "data-testid", "data-component"].iter().filter_map(|name| element.attr(name));
    let of_name = |name: &str| {
        if is_in(&COMMENTS, name) {
            Some(Part::Comments)
        } else if is_in(&NEXT, name) {
            Some(Part::Next)
        } else {
            name.split(['-', '_']).any(|part| is_in(&OFFERS, part)).then_some(Part::Offer)
        }
    };
    let named = names.flat_map(str::split_ascii_whitespace).filter_map(of_name).min();
    named.or_else(|| (element.name() == "form").then_some(Part::Offer))
}

/// Whether an element is short and asks for a subscription, an address or consent.
fn is_offer(parts: &Parts, element: usize) -> bool {
    const LONGEST_CHARS: usize = 1_000;
    let blocks = parts.blocks.iter().filter(|block| up(parts, block.element).any(|around| around == element));
    let mut text = String::new();
    for block in blocks {
        text.push_str(&block.text);
        text.push('\n');
        if text.len() > 4 * LONGEST_CHARS {
            return false;
        }
    }
    text.chars().count() <= LONGEST_CHARS && OFFER.is_match(&text)
}

/// Whether a block asks for consent to cookies.
pub(super) fn is_consent(text: &str) -> bool {
    const LONGEST_BYTES: usize = 2_000;
    text.len() <= LONGEST_BYTES && COOKIES.is_match(text) && CONSENT.is_match(text)
}

/// Whether a block does nothing but announce an advertisement or what follows it.
fn is_notice(text: &str) -> bool {
    const LONGEST_BYTES: usize = 120;
    text.len() <= LONGEST_BYTES && NOTICE.is_match(text.trim())
}

/// Marks a story that begins with its own headline after the article.
fn mark_next_story(page: &Html, parts: &Parts, beside: &mut [bool], title: &str, url: &Url) {
    /// Headlines that share this much are the same.
    const ALIKE: f32 = 0.6;
    if title.is_empty() {
        return;
    }
    let is_headline = |at: &usize| parts.elements[parts.blocks[*at].element].tag == Tag::H(1);
    let Some(own) =
        (0..parts.blocks.len()).filter(is_headline).find(|at| likeness(&parts.blocks[*at].text, title) >= ALIKE)
    else {
        return;
    };
    let around: Vec<usize> = up(parts, parts.blocks[own].element).collect();
    let article = around.iter().find(|element| parts.elements[**element].tag == Tag::Article);
    for at in own + 1..parts.blocks.len() {
        let block = parts.blocks[at].element;
        // The largest element around the block that does not contain the article's own headline.
        let Some(other) = up(parts, block).take_while(|element| !around.contains(element)).last() else { continue };
        let in_article = article.is_some_and(|article| up(parts, block).any(|element| element == *article));
        if in_article || beside[at] {
            continue;
        }
        let names_another = names_another_page(page, parts, other, url);
        let is_story = names_another
            || article.is_some()
                && matches!(parts.elements[other].tag, Tag::Article | Tag::Section | Tag::Main | Tag::Other)
                && is_headline(&at)
                && likeness(&parts.blocks[at].text, title) < ALIKE;
        if is_story {
            for (later, block) in parts.blocks.iter().enumerate().skip(at) {
                beside[later] |= up(parts, block.element).any(|element| element == other);
            }
        }
    }
}

/// Whether an `article` carries the address of a different page.
fn names_another_page(page: &Html, parts: &Parts, element: usize, url: &Url) -> bool {
    const NAMES: [&str; 6] =
        ["data-url", "data-href", "data-permalink", "data-canonical-url", "itemid", "data-article-url"];
    if !matches!(parts.elements[element].tag, Tag::Article | Tag::Section | Tag::Other) {
        return false;
    }
    let node = page.tree.get(parts.elements[element].id);
    let Some(element) = node.as_ref().and_then(|node| node.value().as_element()) else { return false };
    let other = NAMES.iter().find_map(|name| web_url(element.attr(name)?, Some(url)));
    other.is_some_and(|other| other.path().trim_end_matches('/') != url.path().trim_end_matches('/'))
}

static COOKIES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\bcookies?\b|similar technologies|ähnliche technologien|kakor|evästei|plików cookie")
});
static CONSENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:consent|our partners|and \d+ partners|\d+ partners|legitimate interest|accept all|privacy policy|personali[sz]ed (?:ads|content)",
        r"|zustimmung|einwilligung|unsere \d* ?partner|berechtigtes interesse|consentement|nos \d* ?partenaires|votre accord",
        r"|consentimiento|nuestros \d* ?socios|consenso|nostri \d* ?partner|toestemming|onze \d* ?partners|zgod[ęąay]|naszych? partner",
        r"|samtycke|consentimento|nossos parceiros|souhlas|suostumus)"
    ))
});
static NOTICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[-–—\[( ]*(?:advertisement|advert|anzeige|werbung|publicité|publicidad|pubblicità|reklam[ae]?|annonse?",
        r"|(?:the )?(?:story|article|post|text) (?:continues|resumes) (?:below|after)(?: (?:the|this))?(?: (?:ad|advert|advertisement|video|photo|gallery))?",
        r"|(?:continue|keep) reading (?:below|after the ad|the main story)|scroll (?:down )?to continue(?: reading)?(?: .*)?",
        r"|(?:nach|unterhalb) der (?:anzeige|werbung) (?:weiterlesen|geht es weiter)|la suite après la publicité|el artículo continúa (?:abajo|después).*)[-–—\]). …:]*$"
    ))
});
static OFFER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)subscri|unlimited access|free trial|already a (?:paid )?(?:subscriber|member)|sign (?:up|in)|log in|newsletter|inbox|e-?mail address|donat(?:e|ion)|join (?:us|now|today)",
        r"|\ba (?:month|year|week)\b|per month|cookie|consent|abonn|anmelden|probeabo|s['’]inscrire|suscr[ií]|suscripci|iscriviti|prenumerera|subskryp|zapisz się|assine"
    ))
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and a test compiles it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_only_announces_an_advertisement_is_a_notice() {
        for text in [
            "Advertisement",
            "— Anzeige —",
            "Story continues below advertisement",
            "Article continues after this ad.",
            "Scroll to continue",
            "La suite après la publicité",
            "Continue reading the main story",
        ] {
            assert!(is_notice(text), "{text}");
        }
        for text in [
            "Advertisement rates fell by a third.",
            "The story continues below the surface of the lake.",
            "Anzeigen kosten",
        ] {
            assert!(!is_notice(text), "{text}");
        }
    }

    #[test]
    fn consent_is_known_in_several_languages() {
        for text in [
            "We and our 210 partners store cookies on your device with your consent.",
            "Wir und unsere Partner nutzen Cookies. Ihre Einwilligung können Sie widerrufen.",
            "Avec votre accord, nos partenaires et nous utilisons des cookies.",
            "Con su consentimiento, nosotros y nuestros socios usamos cookies.",
            "Za twoją zgodą używamy plików cookie.",
        ] {
            assert!(is_consent(text), "{text}");
        }
        for text in ["She baked cookies for all.", "The law asks for consent before data is stored.", ""] {
            assert!(!is_consent(text), "{text}");
        }
    }
}
