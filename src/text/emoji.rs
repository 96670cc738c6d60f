//! Pictures that stand for an emoji in a line of text.

use std::borrow::Cow;

use super::attrs::Attrs;

/// The text that a picture stands for in a line: that of an emoji or a formula.
pub(crate) fn text_of<'a>(attrs: &Attrs<'a>) -> Option<Cow<'a, str>> {
    let alt = attrs.filled("alt")?;
    let class = attrs.get("class").unwrap_or_default().to_ascii_lowercase();
    let src = attrs.get("src").unwrap_or_default();
    let is_emoji =
        class.split_ascii_whitespace().any(|name| matches!(name, "emoji" | "wp-smiley" | "smiley" | "emoticon"))
            || EMOJI_PLACES.iter().any(|part| src.contains(part))
            || (is_pictograph(&alt) && !["width", "height"].iter().any(|name| is_large(attrs, name)));
    (is_emoji && alt.chars().count() <= 40).then_some(alt)
}

/// Parts of addresses at which only emoji stand.
pub(super) const EMOJI_PLACES: [&str; 12] = [
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
];

/// Whether a side is declared larger than that of an emoji.
fn is_large(attrs: &Attrs<'_>, name: &str) -> bool {
    const LARGE_PX: u32 = 100;
    let pixels = attrs.get(name).and_then(|size| size.trim().trim_end_matches("px").parse::<u32>().ok());
    pixels.is_some_and(|size| size >= LARGE_PX)
}

/// Whether a text is one emoji, or two or three, and nothing else (Unicode, emoji-data.txt).
pub(super) fn is_pictograph(text: &str) -> bool {
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
        ] {
            assert_eq!(text(raw).as_deref(), want, "{raw}");
        }
    }
}
