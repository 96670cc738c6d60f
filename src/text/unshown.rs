//! What stands in the source of a text but is not read: the line that mail programs show before the text, the numbers of
//! lines of code. And what is struck out by a style alone.

use super::attrs::Attrs;

/// Classes of what numbers lines of code: Pygments, Rouge, Chroma, highlight.js, GitHub, Crayon.
const LINE_NUMBERS: [&str; 13] = [
    "gutter",
    "rouge-gutter",
    "linenos",
    "lineno",
    "linenumber",
    "line-number",
    "line-numbers",
    "lnt",
    "ln",
    "gl",
    "hljs-ln-numbers",
    "blob-num",
    "crayon-nums",
];

/// Whether an element with these attributes holds the numbers of lines of code.
pub(super) fn is_line_number(attrs: &Attrs<'_>) -> bool {
    numbers_lines(&attrs.get("class").unwrap_or_default())
}

/// Whether nobody copies what stands there, however he selects the text around it.
pub(super) fn is_not_copied(attrs: &Attrs<'_>) -> bool {
    attrs.get("unselectable").is_some_and(|value| value.eq_ignore_ascii_case("on"))
        || style(attrs).is_some_and(|style| style.contains("user-select:none"))
}

/// Whether one of the classes says that its element holds the numbers of lines of code.
pub(crate) fn numbers_lines(classes: &str) -> bool {
    classes.split_ascii_whitespace().any(|class| LINE_NUMBERS.iter().any(|known| class.eq_ignore_ascii_case(known)))
}

/// Whether an element is the line below a picture that opens in a box, in Discourse.
pub(super) fn is_of_lightbox(attrs: &Attrs<'_>) -> bool {
    attrs.get("class").is_some_and(|class| class == "meta")
}

/// Whether an element is not only hidden until somebody opens it, but made so that nobody ever sees it, as newsletters
/// do with the line that stands beside the subject.
pub(super) fn is_preheader(attrs: &Attrs<'_>) -> bool {
    let Some(style) = style(attrs) else { return false };
    let is_hidden = style.contains("display:none") || style.contains("visibility:hidden");
    let has_no_size = [
        "max-height:0",
        "font-size:0",
        "font-size:1px",
        "line-height:0",
        "line-height:1px",
        "opacity:0",
        "mso-hide:all",
    ];
    is_hidden && has_no_size.iter().any(|sign| holds(&style, sign))
}

/// Whether a style alone strikes the text out.
pub(super) fn is_struck(attrs: &Attrs<'_>) -> bool {
    style(attrs).is_some_and(|style| {
        ["text-decoration:line-through", "text-decoration-line:line-through"].iter().any(|sign| style.contains(sign))
    })
}

/// Whether a style alone says that the text reads from right to left.
pub(super) fn is_right_to_left(attrs: &Attrs<'_>) -> bool {
    style(attrs).is_some_and(|style| style.split(';').any(|part| part == "direction:rtl"))
}

/// Whether a style says that readers see the lines of the text as they are written.
pub(super) fn keeps_lines(attrs: &Attrs<'_>) -> bool {
    const VALUES: [&str; 4] = ["pre", "pre-wrap", "pre-line", "break-spaces"];
    let keeps = |part: &str| {
        let value = part.strip_prefix("white-space:").map(|value| value.trim_end_matches("!important"));
        value.is_some_and(|value| VALUES.contains(&value))
    };
    style(attrs).is_some_and(|style| style.split(';').any(keeps))
}

/// The way that an element says it reads: by its attribute, else by its style.
pub(super) fn direction(attrs: &Attrs<'_>) -> Option<&'static str> {
    match attrs.get("dir") {
        Some(way) => ["ltr", "rtl", "auto"].into_iter().find(|known| way.trim().eq_ignore_ascii_case(known)),
        None => is_right_to_left(attrs).then_some("rtl"),
    }
}

/// Whether a style shows an element as a block that is none by its name.
pub(super) fn is_block(attrs: &Attrs<'_>) -> bool {
    const SHOWN: [&str; 5] = ["display:block", "display:flex", "display:grid", "display:list-item", "display:table"];
    style(attrs).is_some_and(|style| style.split(';').any(|part| SHOWN.contains(&part)))
}

/// The style in lower case and without white space.
fn style(attrs: &Attrs<'_>) -> Option<String> {
    let style = attrs.filled("style")?;
    Some(style.chars().filter(|char| !char.is_whitespace()).flat_map(char::to_lowercase).collect())
}

/// Whether `style` has `sign` with no further digit behind it: `opacity:0` is not in `opacity:0.5`.
fn holds(style: &str, sign: &str) -> bool {
    style.match_indices(sign).any(|(at, _)| {
        let after = style[at + sign.len()..].bytes().next();
        !after.is_some_and(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str, ask: impl Fn(&Attrs<'_>) -> bool) -> bool {
        let mut attrs = Attrs::default();
        attrs.read(raw);
        ask(&attrs)
    }

    #[test]
    fn line_numbers_are_known_by_their_class() {
        for class in ["gutter gl", "rouge-gutter", "lineno", "blob-num js-x", "LineNos"] {
            assert!(of(&format!("class='{class}'"), is_line_number), "{class}");
        }
        for class in ["code", "lines", "inline", "online-number"] {
            assert!(!of(&format!("class='{class}'"), is_line_number), "{class}");
        }
        for raw in ["style='color:#7f7f7f; user-select: none'", "style='-webkit-user-select:none'", "unselectable=on"] {
            assert!(of(raw, is_not_copied), "{raw}");
        }
        assert!(!of("style='color:#7f7f7f'", is_not_copied));
    }

    #[test]
    fn only_what_nobody_can_see_is_a_preheader() {
        for style in [
            "display:none; max-height:0px; overflow:hidden",
            "DISPLAY : none;font-size: 1px",
            "visibility:hidden;opacity:0",
        ] {
            assert!(of(&format!("style='{style}'"), is_preheader), "{style}");
        }
        for style in
            ["display:none", "display:block;max-height:0", "display:none;opacity:0.5", "display:none;max-height:05em"]
        {
            assert!(!of(&format!("style='{style}'"), is_preheader), "{style}");
        }
        assert!(of("style='text-decoration: line-through;'", is_struck));
        assert!(!of("style='text-decoration: underline;'", is_struck));
    }
}
