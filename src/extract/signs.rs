//! Pictures that are read as part of a line of text: emoji, formulas, and small ones in a sentence.

use std::borrow::Cow;

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{ElementRef, Node};

use super::in_line::is_amid_sentence;
use crate::text::{Attrs, emoji_text};

/// Longer attributes are not those of an emoji.
const LONGEST_BYTES: usize = 2_000;

/// How a picture is read in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// As this text.
    Text(String),
    /// As what it shows, which is called this.
    Small(String),
}

impl Sign {
    /// Its text.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Small(text) => text,
        }
    }
}

/// How the picture `node` is read, if it is part of a line.
pub(super) fn sign(node: NodeRef<'_, Node>) -> Option<Sign> {
    let element = node.value().as_element().filter(|element| element.name() == "img")?;
    let alt = element.attr("alt").map(str::trim).filter(|alt| !alt.is_empty() && alt.len() <= LONGEST_BYTES)?;
    if let Some(text) = emoji(node, element) {
        return Some(Sign::Text(text));
    }
    if is_formula(element) {
        let plain = alt.strip_prefix("{\\displaystyle").and_then(|rest| rest.strip_suffix('}')).map(str::trim);
        return Some(Sign::Text(plain.unwrap_or(alt).to_owned()));
    }
    (is_small(element) && !is_avatar(element) && is_amid_sentence(node)).then(|| Sign::Small(alt.to_owned()))
}

fn emoji(node: NodeRef<'_, Node>, element: &Element) -> Option<String> {
    if element.attrs().map(|(_, value)| value.len()).sum::<usize>() > LONGEST_BYTES {
        return None;
    }
    let tag = ElementRef::wrap(node)?.html();
    let mut attrs = Attrs::default();
    attrs.read(tag.strip_prefix("<img")?.strip_suffix('>')?);
    emoji_text(&attrs).map(Cow::into_owned)
}

/// Whether a picture is that of a formula, judging by its classes.
fn is_formula(element: &Element) -> bool {
    const CLASSES: [&str; 6] = [
        "latex",
        "tex",
        "eeimg",
        "ql-img-inline-formula",
        "mwe-math-fallback-image-inline",
        "mwe-math-fallback-image-display",
    ];
    element.classes().any(|class| CLASSES.contains(&class))
}

/// Whether a picture is declared to be hardly larger than a line.
fn is_small(element: &Element) -> bool {
    const MOST_PX: u32 = 48;
    let declared = |name: &str| element.attr(name)?.trim().trim_end_matches("px").parse::<u32>().ok();
    let is_of_line = |size: u32| (2..=MOST_PX).contains(&size);
    declared("height").is_some_and(is_of_line) && declared("width").is_none_or(|width| width <= 4 * MOST_PX)
}

/// Whether a picture is a portrait beside a text, as large as a stamp.
pub(super) fn is_avatar(element: &Element) -> bool {
    const MOST_PX: u32 = 160;
    let is_named = |class: &str| {
        let class = class.to_ascii_lowercase();
        matches!(class.as_str(), "gravatar" | "userpic" | "profile-pic")
            || class.split(['-', '_']).any(|part| part == "avatar")
    };
    let declared = |name: &str| element.attr(name)?.trim().trim_end_matches("px").parse::<u32>().ok();
    let is_small = |name: &str| declared(name).is_some_and(|size| size <= MOST_PX);
    element.classes().any(is_named) && (is_small("width") || is_small("height"))
}

#[cfg(test)]
mod tests {
    use crate::extract::sample::within;

    #[test]
    fn pictures_of_a_line_stay_in_it() {
        let line =
            |picture: &str| format!("<p>Nice {picture} work on the new release, and then the long wait for it.</p>");
        for (picture, want) in [
            ("<img class=wp-smiley src=https://s.w.org/images/core/emoji/15/72x72/1f389.png alt=🎉>", "Nice 🎉 work"),
            ("<img src=/1f389.png alt=🎉 width=20>", "Nice 🎉 work"),
            ("<img class=latex src=/latex.php?x alt='x^2'>", "Nice x^2 work"),
            ("<img class=mwe-math-fallback-image-inline src=/m.svg alt='{\\displaystyle x^{2}}'>", "Nice x^{2} work"),
            (
                "<img src=/key.png alt=F5 width=24 height=24>",
                "Nice <img src=\"https://times.example/key.png\" alt=\"F5\"> work",
            ),
            // A photograph stands beside its line.
            ("<img src=/rack.jpg alt='A rack' width=900 height=600>", "Nice work on"),
        ] {
            let html = within(&line(picture));
            assert!(html.contains(want), "{picture}: {html}");
            assert_eq!(html.contains("<figure>"), picture.contains("rack"), "{picture}: {html}");
        }
    }

    #[test]
    fn portraits_of_authors_are_no_figures() {
        let portrait = "<p><img class='avatar photo' src=/mia.jpg width=96 height=96></p>";
        assert_eq!(within(portrait), "");
        assert!(within(&portrait.replace("avatar photo", "photo")).contains("<figure>"));
    }
}
