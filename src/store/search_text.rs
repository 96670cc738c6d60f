//! A text as the index of words takes it, and words as they are looked for in it. Pure.

use std::borrow::Cow;

/// Between a full-width sign and the usual one.
const FULL_WIDTH: u32 = 0xfee0;

/// `text` with full-width letters and figures as usual ones, letters that have no accent to lose as those that people type
/// for them, and each sign of a script that puts no space between words apart, so that words are found within a sentence.
pub(super) fn with_signs_apart(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|sign| stands_for_itself(sign) || is_full_width(sign) || typed_as(sign).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut apart = String::with_capacity(text.len() * 2);
    for sign in text.chars() {
        if stands_for_itself(sign) {
            apart.extend([' ', sign, ' ']);
        } else if is_full_width(sign) {
            apart.extend(char::from_u32(u32::from(sign) - FULL_WIDTH));
        } else if let Some(typed) = typed_as(sign) {
            apart.push_str(typed);
        } else {
            apart.push(sign);
        }
    }
    Cow::Owned(apart)
}

/// Han, Hiragana and Katakana.
fn stands_for_itself(sign: char) -> bool {
    matches!(sign,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// What is typed for a letter that Unicode does not take apart into a letter and an accent.
fn typed_as(sign: char) -> Option<&'static str> {
    Some(match sign {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ı' => "i",
        'ħ' | 'Ħ' => "h",
        _ => return None,
    })
}

/// Letters and figures.
fn is_full_width(sign: char) -> bool {
    matches!(sign, '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_are_words_stand_apart() {
        for (text, want) in [
            ("Café 2026", "Café 2026"),
            ("東京で", "東 京 で"),
            ("ＮＴＴ東日本", "NTT 東 日 本"),
            ("データ", "デ ー タ"),
            ("＂Ａ１＂＊", "＂A1＂＊"),
            ("서울 시장", "서울 시장"),
            ("iPhone™ (東)", "iPhone™ ( 東 )"),
            ("Größe der Straße", "Grösse der Strasse"),
            ("Bodø, Łódź, Þór, Ærø", "Bodo, lódź, thór, aero"),
        ] {
            let words: Vec<String> = with_signs_apart(text).split_whitespace().map(str::to_owned).collect();
            assert_eq!(words.join(" "), want);
        }
        assert!(matches!(with_signs_apart("Café"), Cow::Borrowed(_)));
    }
}
