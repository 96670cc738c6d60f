//! What the names that authors give to elements (class, id, role, `itemprop`) say about them.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Kinds of names.
pub(super) const KINDS: usize = WORDS.len();

/// The words of each kind; matched anywhere in a name.
const WORDS: [(&str, &[&str]); 20] = [
    ("article", &["article", "story", "post", "entry", "blog"]),
    ("body", &["body", "content", "text", "main", "richtext", "prose", "markdown", "wysiwyg", "copy", "paragraph"]),
    ("comment", &["comment", "disqus", "reply", "replies", "respond", "discussion", "komment"]),
    ("side", &["sidebar", "side-bar", "aside", "rail", "widget", "complementary", "secondary", "tertiary"]),
    (
        "related",
        &[
            "related",
            "recommend",
            "more-",
            "-more",
            "readmore",
            "also",
            "popular",
            "trending",
            "latest",
            "mostread",
            "most-read",
            "suggest",
            "outbrain",
            "taboola",
            "teaser",
            "recirc",
            "upnext",
            "up-next",
            "similar",
            "onward",
            "next-",
            "prev",
        ],
    ),
    ("share", &["share", "sharing", "social", "facebook", "twitter", "whatsapp", "follow", "addthis"]),
    ("nav", &["nav", "menu", "breadcrumb", "crumb", "pagin", "pager", "toolbar", "skip", "tabs"]),
    ("foot", &["foot", "copyright", "legal", "disclaimer", "colophon", "contentinfo"]),
    (
        "ad",
        &[
            "advert",
            "-ad-",
            "ads-",
            "-ads",
            "ad_",
            "_ad",
            "adbox",
            "adslot",
            "promo",
            "sponsor",
            "banner",
            "dfp",
            "commercial",
            "marketing",
            "cta",
        ],
    ),
    (
        "meta",
        &[
            "meta", "info", "tags", "tag-", "taglist", "topic", "categor", "keyword", "label", "datum", "date", "time",
            "publish", "posted",
        ],
    ),
    ("author", &["author", "byline", "bio", "profile", "contributor", "writer", "avatar"]),
    (
        "popup",
        &["cookie", "consent", "modal", "popup", "overlay", "gdpr", "dialog", "lightbox", "toast", "notice", "alert"],
    ),
    (
        "subscribe",
        &[
            "subscri",
            "newsletter",
            "signup",
            "sign-up",
            "paywall",
            "login",
            "register",
            "donat",
            "member",
            "premium",
            "registration",
        ],
    ),
    (
        "media",
        &[
            "caption",
            "credit",
            "gallery",
            "slideshow",
            "carousel",
            "slider",
            "image",
            "photo",
            "video",
            "player",
            "media",
            "figure",
            "embed",
        ],
    ),
    (
        "head",
        &[
            "header",
            "masthead",
            "headline",
            "title",
            "hero",
            "kicker",
            "standfirst",
            "dek",
            "subtitle",
            "lede",
            "lead",
            "summary",
            "intro",
            "excerpt",
            "description",
        ],
    ),
    (
        "hidden",
        &["hidden", "sr-only", "screen-reader", "screenreader", "noprint", "print-only", "collapse", "offscreen"],
    ),
    ("list", &["list", "grid", "card", "item", "feed", "stream", "archive", "tile"]),
    ("contents", &["toc", "table-of-contents", "contents"]),
    ("shop", &["price", "cart", "product", "shop", "buy", "rating", "review", "checkout", "variant"]),
    ("tool", &["button", "btn", "form", "search", "input", "print", "control", "tool", "filter", "dropdown"]),
];

/// The kinds that a name hints at, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints(u32);

impl Hints {
    /// Whether the kind at `index` is among them.
    pub(super) fn has(self, index: usize) -> bool {
        self.0 >> index & 1 == 1
    }
}

/// Longest text of names that is looked at, in bytes.
const LONGEST_BYTES: usize = 512;

/// What `names` hint at.
pub(super) fn hints_of(names: &str) -> Hints {
    let mut found = 0;
    let near = &names.as_bytes()[..names.len().min(LONGEST_BYTES)];
    for hit in FINDER.find_overlapping_iter(near) {
        found |= 1 << KIND_OF[hit.pattern().as_usize()];
    }
    Hints(found)
}

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(WORDS.iter().flat_map(|(_, words)| *words))
        .expect("the words are constant and few")
});

/// The kind of each word, in the order of [`FINDER`]'s patterns.
static KIND_OF: LazyLock<Vec<usize>> =
    LazyLock::new(|| WORDS.iter().enumerate().flat_map(|(kind, (_, words))| words.iter().map(move |_| kind)).collect());

/// The index of the kind of this name.
pub(super) fn kind_named(name: &str) -> Option<usize> {
    kinds().position(|kind| kind == name)
}

/// The names of the kinds, in order.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_kind() {
        let of = |names: &str| {
            kinds().enumerate().filter(|(at, _)| hints_of(names).has(*at)).map(|(_, kind)| kind).collect::<Vec<_>>()
        };
        assert_eq!(of("Article-Body"), ["article", "body"]);
        assert_eq!(of("sidebar"), ["side"]);
        assert_eq!(of("xyz"), [""; 0]);
    }
}
