//! Text of which nothing is seen.

/// Whether nothing of `text` is seen: it is empty, or all of it is white space, controls and characters that are not shown
/// (Unicode, Default_Ignorable_Code_Point).
#[must_use]
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_ignorable(c))
}

const fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_blank() {
        for text in ["", " \t\n", "\u{200B}\u{2060}", "\u{FEFF}\u{AD}", "\u{3164}\u{2800}", "\u{202E}\u{202C}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "\u{200B}é", "。", "🙂\u{FE0F}", "-"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
