//! The language of an entry if the label of its feed plainly contradicts its text.
//!
//! Many feeds carry the label of the system that makes them (`en-US`), whatever they are written in. A text is looked
//! at closely only if it seems odd: a script other than the label's, a label other than English, or hardly any of the
//! commonest English words. Then whatlang decides, and only if it is sure.

use whatlang::{Detector, Lang, Script};

/// Bytes that are looked at.
const LOOKED_AT_BYTES: usize = 600;
/// With fewer letters nothing can be told, neither in a script of one language nor in one that many share.
const FEWEST_LETTERS: usize = 12;
const FEWEST_LETTERS_OF_MANY: usize = 60;
/// Words needed before the share of common ones means anything.
const FEWEST_WORDS: usize = 12;
/// Least confidence required of whatlang that it is the one language rather than the label's, 0 to 1.
const SURE: f64 = 0.9;

/// The commonest words of English that related languages do not have.
const ENGLISH: [&str; 24] = [
    "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "how", "is", "it", "its", "of", "on", "that",
    "the", "this", "to", "was", "what", "with", "you",
];

/// `label` (BCP 47), or the language of `title` and `text` (plain) if that is plainly a different one.
pub(super) fn language(label: Option<String>, title: &str, text: &str) -> Option<String> {
    let label = label?;
    let sample = sample(title, text);
    let Some(said) = by_code(&label) else { return Some(label) };
    if !seems_odd(said, &sample) {
        return Some(label);
    }
    Some(other_than(said, &sample).map_or(label, str::to_owned))
}

/// The title and the beginning of the text.
fn sample(title: &str, text: &str) -> String {
    let room = LOOKED_AT_BYTES.saturating_sub(title.len());
    let end = (0..=room.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{title}. {}", &text[..end])
}

/// Whether the sample is worth a close look.
fn seems_odd(said: Lang, sample: &str) -> bool {
    if !sample.is_ascii() && whatlang::detect_script(sample).is_some_and(|script| !is_written_in(said, script)) {
        return true;
    }
    let (mut words, mut english) = (0, 0);
    for word in sample.split(|c: char| !c.is_alphabetic() && c != '\'').filter(|word| !word.is_empty()) {
        words += 1;
        english += usize::from(word.len() <= 4 && is_common_english(word));
    }
    words >= FEWEST_WORDS && (said != Lang::Eng || english * 12 < words)
}

fn is_common_english(word: &str) -> bool {
    ENGLISH.iter().any(|common| common.eq_ignore_ascii_case(word))
}

/// The code of the language of `sample` if it surely is not `said`.
fn other_than(said: Lang, sample: &str) -> Option<&'static str> {
    let found = whatlang::detect(sample)?;
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    let alone = matches!(found.script(), Script::Latin | Script::Cyrillic | Script::Arabic | Script::Devanagari);
    let enough = letters >= if alone { FEWEST_LETTERS_OF_MANY } else { FEWEST_LETTERS };
    let sure = || {
        // Neighbours (Spanish, Portuguese) split the confidence; what matters is that it is not the label's.
        let of_two = Detector::with_allowlist(vec![said, found.lang()]).detect(sample);
        of_two.is_some_and(|of_two| of_two.lang() == found.lang() && of_two.confidence() >= SURE)
    };
    if !enough || found.lang() == said || are_close(found.lang(), said) || !sure() {
        return None;
    }
    code_of(found.lang())
}

/// Whether a language is written in a script. Japanese mixes three, and titles of any language quote Latin names.
fn is_written_in(language: Lang, script: Script) -> bool {
    match language {
        Lang::Jpn => matches!(script, Script::Hiragana | Script::Katakana | Script::Mandarin),
        Lang::Srp | Lang::Uzb | Lang::Aze | Lang::Tuk => matches!(script, Script::Latin | Script::Cyrillic),
        _ => script.langs().contains(&language),
    }
}

/// Languages easily mistaken for one another in a short text.
fn are_close(a: Lang, b: Lang) -> bool {
    const CLOSE: [&[Lang]; 8] = [
        &[Lang::Dan, Lang::Nob, Lang::Swe],
        &[Lang::Spa, Lang::Cat, Lang::Por],
        &[Lang::Ces, Lang::Slk],
        &[Lang::Hrv, Lang::Srp, Lang::Slv],
        &[Lang::Nld, Lang::Afr, Lang::Deu],
        &[Lang::Rus, Lang::Ukr, Lang::Bel, Lang::Bul, Lang::Mkd],
        &[Lang::Tur, Lang::Aze, Lang::Tuk, Lang::Uzb],
        &[Lang::Ind, Lang::Jav],
    ];
    CLOSE.iter().any(|close| close.contains(&a) && close.contains(&b))
}

/// The language of a label; `None` for one that whatlang does not know.
fn by_code(label: &str) -> Option<Lang> {
    let primary = label.trim().split(['-', '_']).next().unwrap_or("");
    CODES.iter().find(|(code, _)| code.eq_ignore_ascii_case(primary)).map(|(_, language)| *language)
}

/// ISO 639-1.
fn code_of(language: Lang) -> Option<&'static str> {
    CODES.iter().find(|(_, known)| *known == language).map(|(code, _)| *code)
}

/// ISO 639-1 codes of the languages that whatlang tells apart; old and wider codes come last.
const CODES: [(&str, Lang); 69] = [
    ("eo", Lang::Epo),
    ("en", Lang::Eng),
    ("ru", Lang::Rus),
    ("zh", Lang::Cmn),
    ("es", Lang::Spa),
    ("pt", Lang::Por),
    ("it", Lang::Ita),
    ("bn", Lang::Ben),
    ("fr", Lang::Fra),
    ("de", Lang::Deu),
    ("uk", Lang::Ukr),
    ("ka", Lang::Kat),
    ("ar", Lang::Ara),
    ("hi", Lang::Hin),
    ("ja", Lang::Jpn),
    ("he", Lang::Heb),
    ("yi", Lang::Yid),
    ("pl", Lang::Pol),
    ("am", Lang::Amh),
    ("jv", Lang::Jav),
    ("ko", Lang::Kor),
    ("nb", Lang::Nob),
    ("da", Lang::Dan),
    ("sv", Lang::Swe),
    ("fi", Lang::Fin),
    ("tr", Lang::Tur),
    ("nl", Lang::Nld),
    ("hu", Lang::Hun),
    ("cs", Lang::Ces),
    ("el", Lang::Ell),
    ("bg", Lang::Bul),
    ("be", Lang::Bel),
    ("mr", Lang::Mar),
    ("kn", Lang::Kan),
    ("ro", Lang::Ron),
    ("sl", Lang::Slv),
    ("hr", Lang::Hrv),
    ("sr", Lang::Srp),
    ("mk", Lang::Mkd),
    ("lt", Lang::Lit),
    ("lv", Lang::Lav),
    ("et", Lang::Est),
    ("ta", Lang::Tam),
    ("vi", Lang::Vie),
    ("ur", Lang::Urd),
    ("th", Lang::Tha),
    ("gu", Lang::Guj),
    ("uz", Lang::Uzb),
    ("pa", Lang::Pan),
    ("az", Lang::Aze),
    ("id", Lang::Ind),
    ("te", Lang::Tel),
    ("fa", Lang::Pes),
    ("ml", Lang::Mal),
    ("or", Lang::Ori),
    ("my", Lang::Mya),
    ("ne", Lang::Nep),
    ("si", Lang::Sin),
    ("km", Lang::Khm),
    ("tk", Lang::Tuk),
    ("af", Lang::Afr),
    ("sk", Lang::Slk),
    ("ca", Lang::Cat),
    ("hy", Lang::Hye),
    ("cy", Lang::Cym),
    ("no", Lang::Nob),
    ("nn", Lang::Nob),
    ("iw", Lang::Heb),
    ("in", Lang::Ind),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, title: &str, text: &str, want: &str) {
        assert_eq!(language(Some(label.to_owned()), title, text).as_deref(), Some(want), "{title}");
    }

    #[test]
    fn a_text_that_plainly_contradicts_its_label_says_its_language_itself() {
        let german = "Die Stadt hat am Dienstag beschlossen, dass die neue Brücke erst im kommenden Jahr gebaut wird.";
        check("en-US", "Der Bau der Brücke wird verschoben", german, "de");
        let french =
            "Le conseil municipal a décidé mardi que le nouveau pont ne serait construit que l'année prochaine.";
        check("en", "Le pont attendra", french, "fr");
        check("de-DE", "Le pont attendra", french, "fr");
        let spanish =
            "El ayuntamiento decidió el martes que el nuevo puente no se construirá hasta el próximo año, dijo.";
        check("en_US", "El puente tendrá que esperar", spanish, "es");
        check("en", "新しい橋の建設は来年まで延期されることが決まった", "", "ja");
        check(
            "en",
            "Новый мост построят только в следующем году",
            "Город решил во вторник отложить строительство моста.",
            "ru",
        );
        check("en-us", "새 다리 건설은 내년으로 미뤄졌다고 시가 밝혔다", "", "ko");
        let english =
            "The city decided on Tuesday that the new bridge will not be built before the end of the next year.";
        check("de", "The bridge will have to wait", english, "en");
        check("ja", "The bridge will have to wait", english, "en");
    }

    #[test]
    fn a_label_stands_where_the_text_does_not_contradict_it() {
        let english =
            "The city decided on Tuesday that the new bridge will not be built before the end of the next year.";
        let german = "Die Stadt hat am Dienstag beschlossen, dass die neue Brücke erst im kommenden Jahr gebaut wird.";
        check("en-GB", "The bridge will have to wait", english, "en-GB");
        check("de-AT", "Die Brücke muss warten", german, "de-AT");
        // short, names only, code, quoted names, mixed
        check("en", "Brücke", "", "en");
        check("en-US", "Huawei Mate 80 Pro Max RS Ultimate", "", "en-US");
        check("en", "GeForce RTX 5090 Ti, Radeon RX 9070 XT, Arc B580 Benchmarks", "", "en");
        check("en", "iPhone 18 Pro Max vs. Galaxy S26 Ultra vs. Pixel 11 Pro XL: Camera Shootout", "", "en");
        check("de", "Apple Intelligence: Release Notes for Developers", "", "de");
        check("ja", "iPhone 18 の発表は9月", "アップルは新しい iPhone を発表した。", "ja");
        check("en", "Interview with 村上春樹", english, "en");
        check(
            "nb",
            "Broen må vente til neste år",
            "Byen har besluttet at den nye broen først skal bygges neste år, sier de.",
            "nb",
        );
        check(
            "ga",
            "Fógraíodh an droichead nua",
            "Chinn an chathair Dé Máirt nach dtógfar an droichead nua go dtí an bhliain seo chugainn.",
            "ga",
        );
        check("x-klingon", "tlhIngan maH", german, "x-klingon");
        assert_eq!(language(None, "Der Bau", german), None);
    }
}
