//! What a page shows besides its article: consent boxes, offers, readers' comments, the next story. The chooser learned
//! what most of it looks like; this module handles what is unmistakable.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ego_tree::NodeRef;
use regex::Regex;
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

use super::features::SelfDescription;
use super::names::likeness;
use super::tags::Tag;
use super::tree::{Block, Parts, up};
use crate::text::web_url;

/// A text of fewer characters than this is not an article: then the rules here do not help.
const LEAST_CHARS: usize = 250;

/// Takes out of `kept` what does not belong to the article.
pub(super) fn leave_out(page: &Html, parts: &Parts, kept: &mut [bool], stated: &SelfDescription<'_>, url: &Url) {
    let mut beside = vec![false; kept.len()];
    mark_by_name(page, parts, kept, &mut beside);
    mark_next_story(page, parts, kept, &mut beside, (stated.title, url));
    let lists_of_others = LazyCell::new(|| lists_of_others(parts));
    for (at, block) in parts.blocks.iter().enumerate() {
        // An item of a list of other things is one of them.
        let is_item = || {
            let list = up(parts, block.element).find(|element| is_list(parts, *element));
            list.is_some_and(|list| lists_of_others.contains(&list))
        };
        let invites = || is_invitation(&block.text) && !is_item();
        beside[at] |= kept[at] && (is_notice(&block.text) || invites() || is_pointer(block));
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

/// Whether a block only invites to subscribe, follow, pay or vote.
fn is_invitation(text: &str) -> bool {
    const LONGEST_CHARS: usize = 320;
    text.len() <= 4 * LONGEST_CHARS
        && text.chars().count() <= LONGEST_CHARS
        && INVITATION.is_match(text.trim())
        && INVITED_TO.is_match(text)
}

/// The lists that hold other things than invitations.
fn lists_of_others(parts: &Parts) -> HashSet<usize> {
    let others = parts.blocks.iter().filter(|block| !is_invitation(&block.text));
    others.flat_map(|block| up(parts, block.element)).filter(|element| is_list(parts, *element)).collect()
}

fn is_list(parts: &Parts, element: usize) -> bool {
    parts.elements[element].tag == Tag::List
}

/// Whether a block is little more than a link to another story, behind words that say so.
fn is_pointer(block: &Block) -> bool {
    const LONGEST_CHARS: usize = 200;
    block.chars <= LONGEST_CHARS && block.link_chars * 2 >= block.chars && POINTER.is_match(block.text.trim())
}

/// Marks a story that begins with its own headline after the article, which is called `title` and stands at `url`.
fn mark_next_story(page: &Html, parts: &Parts, kept: &[bool], beside: &mut [bool], (title, url): (&str, &Url)) {
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
        if names_another && !(own + 1..at).any(|before| kept[before] && !beside[before]) {
            // The first text is that of another page: this one lists many, or is known by more than one address.
            return;
        }
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

/// Whether a part of a page carries the address of a different page: in an attribute, in its microdata.
fn names_another_page(page: &Html, parts: &Parts, element: usize, url: &Url) -> bool {
    const NAMES: [&str; 6] =
        ["data-url", "data-href", "data-permalink", "data-canonical-url", "itemid", "data-article-url"];
    if !matches!(parts.elements[element].tag, Tag::Article | Tag::Section | Tag::Other) {
        return false;
    }
    let node = page.tree.get(parts.elements[element].id);
    let Some(element) = node.as_ref().and_then(|node| node.value().as_element()) else { return false };
    let own = || NAMES.iter().find_map(|name| element.attr(name));
    let in_data = || {
        const NEAR: usize = 40;
        let inside = { node }.into_iter().flat_map(|node| node.descendants().skip(1).take(NEAR));
        { inside }.find_map(stated_address)
    };
    let other = own().or_else(in_data).and_then(|address| web_url(address, Some(url)));
    other.is_some_and(|other| other.path().trim_end_matches('/') != url.path().trim_end_matches('/'))
}

/// The address that an element gives for the article around it: in microdata, or as WordPress links a headline.
fn stated_address(node: NodeRef<'_, Node>) -> Option<&str> {
    let element = node.value().as_element()?;
    let is_of_page = |property: &str| property.split_ascii_whitespace().any(|one| one == "mainEntityOfPage");
    if matches!(element.name(), "meta" | "link") && element.attr("itemprop").is_some_and(is_of_page) {
        return ["content", "href", "itemid"].iter().find_map(|name| element.attr(name));
    }
    let is_bookmark = element.name() == "a" && element.attr("rel").is_some_and(|rel| rel == "bookmark");
    let is_heading = |node: NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|element| matches!(element.name(), "h1" | "h2"))
    };
    element.attr("href").filter(|_| is_bookmark && node.ancestors().take(2).any(is_heading))
}

// Boundaries of words as ASCII has them: those of Unicode would have all text looked at by the slowest of the engines.
static COOKIES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)cookies?(?-u:\b)|similar technologies|ähnliche technologien|kakor|evästei|external content|externe[nrs]? inhalte?|contenus? externes?|contenido externo|contenuti esterni|externe inhoud",
    )
});
static CONSENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:consent|our partners|and \d+ partners|\d+ partners|legitimate interest|accept all|privacy policy|personali[sz]ed (?:ads|content)",
        r"|zustimmung|einwilligung|unsere \d* ?partner|berechtigtes interesse|consentement|nos \d* ?partenaires|votre accord",
        r"|consentimiento|nuestros \d* ?socios|consenso|nostri \d* ?partner|toestemming|onze \d* ?partners|zgod[ęąay]|naszych? partner",
        r"|samtycke|consentimento|nossos parceiros|souhlas|suostumus|einverstanden|partnerzy|akkoord|concorda|согласи",
        r"|(?:we|this (?:web)?site|our (?:web)?site) (?:also )?uses? cookies|utili[zs]amos|usamos|(?:diese|unsere) (?:web)?seite (?:verwendet|nutzt)|wir (?:verwenden|nutzen|setzen)",
        r"|nous utilisons|ce site utilise|(?:utilizziamo|usiamo|questo sito (?:usa|utilizza))|wij gebruiken|we gebruiken|deze (?:web)?site gebruikt|używamy|ta strona używa|vi använder|vi bruger|vi bruker|käytämme|мы используем|používáme)"
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
static INVITATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:sign up (?:to|for|now)|subscribe (?:to|now|today)|get (?:our|the) (?:\w+ ){0,3}newsletter|join our|follow us|download (?:our|the) (?:\w+ )?app|support (?:our|independent)",
        r"|did you (?:enjoy|like) this|if you (?:like|enjoy) (?:what|our)|when you (?:buy|purchase|click|shop)|(?:do you think|what do you think|vote) .*\bpoll\b",
        r"|abonnieren sie|jetzt (?:\w+ ){1,2}(?:wochen?|monate?|tage)|jetzt abonnieren|folgen sie uns|melden sie sich|unterstützen sie",
        r"|inscrivez-vous|abonnez-vous|suivez-nous|soutenez|recevez|suscr[ií]bete|s[ií]guenos|ap[uú]ntate|iscriviti|seguici|abbonati",
        r"|schrijf je in|volg ons|zapisz się|prenumerera|följ oss|assine|inscreva-se|siga-nos|подпи(?:сывайтесь|шитесь))"
    ))
});
static INVITED_TO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)newsletter|inbox|briefing|e-?mail|bo[iî]te mail|correo|bolet[ií]n|postfach|caixa de entrada|cancel any ?time|kündbar|unlimited|unbegrenzt|sans engagement|facebook|instagram|telegram|whatsapp",
        r"|\bios\b|app store|google play|commission|donat|contribut|spende|becom(?:e|ing) a member|\ba (?:week|month|year)\b|per month|pro monat|\bpoll\b|канал|рассылк"
    ))
});
static POINTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[-–—▶►>•*\[( ]*(?:(?:see|read) (?:also|more|next)|also (?:see|read)|(?:related|more)(?: (?:story|stories|article|articles|reading|coverage))?|don['’]t miss",
        r"|lesen sie (?:auch|mehr|dazu)|lies auch|mehr (?:zum thema|dazu)|auch interessant|à lire aussi|lire aussi|voir aussi|lee también|leer más|lea también|te puede interesar|le puede interesar",
        r"|leggi anche|lees ook|leia (?:também|mais)|läs (?:också|mer)|les også|læs også|lue myös|czytaj (?:też|także|również)|zobacz też|читайте также|читайте ещё) ?:"
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
            "Utilizamos cookies propias y de terceros para analizar nuestros servicios.",
            "My i nasi 455 partnerzy przechowujemy pliki cookie.",
            "Mit Ihrer Zustimmung wird hier ein externer Inhalt geladen.",
            "This website uses cookies to work.",
            "Deze site gebruikt cookies.",
        ] {
            assert!(is_consent(text), "{text}");
        }
        for text in ["She baked cookies for all.", "The law asks for consent before data is stored.", ""] {
            assert!(!is_consent(text), "{text}");
        }
    }

    #[test]
    fn invitations_and_pointers_are_told_from_prose() {
        for text in [
            "Sign up to First Edition: our free daily newsletter, every weekday at 7am.",
            "Jetzt 4 Wochen für nur 1 Euro testen: alle Artikel, jederzeit kündbar.",
            "Suscríbete a nuestro boletín y recibe las noticias cada mañana.",
            "Inscrivez-vous à notre newsletter quotidienne.",
            "Follow us on Facebook and Instagram.",
            "When you buy through links on our site, we may earn a commission.",
            "Did you enjoy this article? Support us by becoming a member.",
        ] {
            assert!(is_invitation(text), "{text}");
        }
        for text in [
            "Sign up sheets hung in the hall until Monday.",
            "The newsletter of the club told members to follow us there.",
            "Follow us through the valley, said the guide, and nobody did.",
            "Subscribers of the newsletter learned of it on Facebook.",
        ] {
            assert!(!is_invitation(text), "{text}");
        }
        for text in [
            "See also: A ferry is sold",
            "READ MORE: A ferry is sold",
            "Lee también: Un ferry",
            "Lees ook: Een veerboot",
            "▶ Читайте также: Паром",
        ] {
            assert!(POINTER.is_match(text), "{text}");
        }
        for text in ["See also what he said in May.", "Related work is in section 3."] {
            assert!(!POINTER.is_match(text), "{text}");
        }
    }
}
