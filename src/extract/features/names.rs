//! The names of a row's numbers.

use std::sync::LazyLock;

use crate::extract::hints;
use crate::extract::tags::Tag;

/// The meaning of each number of a row, in order.
#[must_use]
pub fn names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut names: Vec<String> = Vec::new();
        let mut add = |group: &str, list: &[&str]| names.extend(list.iter().map(|name| format!("{group}{name}")));
        add(
            "",
            &[
                "chars",
                "words",
                "links",
                "sentences",
                "commas",
                "ends",
                "digits",
                "upper",
                "word_chars",
                "bold",
                "stock",
                "stock_share",
                "marks",
                "time",
                "images",
                "capital",
                "colon",
                "copies",
                "p",
                "heading",
                "level",
                "li",
                "div",
                "control",
            ],
        );
        add("hint_", &hints::kinds().collect::<Vec<_>>());
        add("hints_", &["article", "body"]);
        add("in_", &NEAR_TAGS.map(|(name, _)| name));
        add("", &["depth"]);
        for level in ["own_", "up1_", "up2_", "up3_"] {
            add(level, &["prose", "links", "chars", "blocks", "rest"]);
        }
        add(
            "",
            &[
                "to_20",
                "to_50",
                "to_90",
                "best_up",
                "best_down",
                "in_most",
                "score",
                "alike_blocks",
                "alike_prose",
                "alike_dense",
                "alike_links",
                "alike_chars",
                "at_chars",
                "at_prose",
                "left_prose",
                "from_first",
                "to_last",
                "from_best",
                "to_best_end",
                "from_headline",
                "page_chars",
                "page_prose",
                "page_links",
                "page_blocks",
                "page_best",
                "page_articles",
            ],
        );
        for step in ["prev_", "next_", "prev2_", "next2_"] {
            add(step, &["chars", "links", "ends", "heading", "p", "alike", "sibling"]);
        }
        add("", &["before5", "after5", "to_heading", "from_heading", "heading_stock"]);
        add("", &["like_title", "description", "in_json", "article_type"]);
        names
    });
    &NAMES
}

/// A name, and the elements it covers.
pub(super) type NearTag = (&'static str, fn(Tag) -> bool);

/// Elements whose nearness is measured.
pub(super) const NEAR_TAGS: [NearTag; 15] = [
    ("article", |tag| tag == Tag::Article),
    ("main", |tag| tag == Tag::Main),
    ("section", |tag| tag == Tag::Section),
    ("aside", |tag| tag == Tag::Aside),
    ("nav", |tag| tag == Tag::Nav),
    ("header", |tag| tag == Tag::Header),
    ("footer", |tag| tag == Tag::Footer),
    ("form", |tag| tag == Tag::Form),
    ("figure", |tag| matches!(tag, Tag::Figure | Tag::Caption)),
    ("list", |tag| tag == Tag::List),
    ("table", |tag| tag == Tag::Table),
    ("quote", |tag| matches!(tag, Tag::Quote | Tag::Pre)),
    ("control", |tag| matches!(tag, Tag::Control | Tag::Details)),
    ("address", |tag| tag == Tag::Address),
    ("term", |tag| tag == Tag::Term),
];
