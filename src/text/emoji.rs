//! Pictures that stand for an emoji in a line of text.

use std::borrow::Cow;

use super::attrs::Attrs;
use super::length::pixels;

/// The text that a picture stands for in a line: that of an emoji or a formula.
pub(crate) fn text_of<'a>(attrs: &Attrs<'a>) -> Option<Cow<'a, str>> {
    let alt = attrs.filled("alt")?;
    let class = attrs.get("class").unwrap_or_default().to_ascii_lowercase();
    let src = attrs.get("src").unwrap_or_default();
    let is_emoji = class.split_ascii_whitespace().any(|name| EMOJI_CLASSES.contains(&name))
        || EMOJI_PLACES.iter().any(|part| src.contains(part))
        || (is_sign(&alt) && !["width", "height"].iter().any(|name| is_large(attrs, name)));
    (is_emoji && alt.chars().count() <= 40).then_some(alt)
}

/// Classes of pictures that are emoji.
pub(super) const EMOJI_CLASSES: [&str; 7] =
    ["emoji", "twemoji", "emojione", "wp-smiley", "smiley", "smilie", "emoticon"];

/// Parts of addresses at which only emoji stand.
pub(super) const EMOJI_PLACES: [&str; 14] = [
    "/emoji/",
    "/emojis/",
    "custom_emoji",
    "twemoji",
    "notoemoji",
    "openmoji",
    "/emoji.php/",
    "emoji.discourse-cdn.com/",
    "//emoji.",
    "emoji.slack-edge.com/",
    "/smilies/",
    "/smileys/",
    "/smiles/",
    "/emojione/",
];

/// Whether a side is declared larger than that of an emoji.
fn is_large(attrs: &Attrs<'_>, name: &str) -> bool {
    const LARGE_PX: f32 = 100.0;
    attrs.get(name).and_then(|size| pixels(&size)).is_some_and(|size| size >= LARGE_PX)
}

/// Whether a text is nothing but emoji, or the name of one as it is typed: `:smile:`.
pub(super) fn is_sign(text: &str) -> bool {
    let is_of_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'+');
    let name = text.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')).unwrap_or_default();
    (2..=32).contains(&name.len()) && name.bytes().all(is_of_name) || is_pictograph(text)
}

/// Whether a text is one emoji, or two or three, and nothing else (Unicode, emoji-data.txt).
fn is_pictograph(text: &str) -> bool {
    let is_sign = |c: char| matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{2300}'..='\u{23FF}');
    let is_joint = |c: char| matches!(c, '\u{200D}' | '\u{FE0F}' | '\u{20E3}' | '\u{E0020}'..='\u{E007F}');
    text.len() <= 48 && text.contains(is_sign) && text.chars().all(|c| is_sign(c) || is_joint(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_stands_for_an_emoji_is_its_text() {
        let text = |raw: &str| {
            let mut attrs = Attrs::default();
            attrs.read(raw);
            text_of(&attrs).map(Cow::into_owned)
        };
        for (raw, want) in [
            ("src=https://a.example/s/1f44d.png alt=👍", Some("👍")),
            ("src=https://a.example/s/x.png alt='👩‍👩‍👧' width=16 height=16", Some("👩‍👩‍👧")),
            ("src=https://fonts.gstatic.com/s/e/notoemoji/15.0/1f600/72.png alt='smiling'", Some("smiling")),
            ("src=https://m.example/custom_emojis/images/1.png alt=:blob:", Some(":blob:")),
            ("src=https://a.example/sunset.jpg alt=🌅 width=1200 height=800", None),
            ("src=https://a.example/x.jpg alt='A 👍 for it'", None),
            ("src=https://a.example/x.jpg alt=7", None),
            ("src=https://a.example/x.png alt=:smile:", Some(":smile:")),
            ("src=https://a.example/x.png alt=:+1: height=1.2em", Some(":+1:")),
            ("src=https://a.example/x.png alt=grin class=twemoji", Some("grin")),
            ("src=https://forum.example/smiles/biggrin.gif alt=:D", Some(":D")),
            ("src=https://a.example/x.png alt=:smile: width=640", None),
        ] {
            assert_eq!(text(raw).as_deref(), want, "{raw}");
        }
    }
}
