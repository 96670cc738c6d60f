//! Which language a text is in, as far as stemming needs to know.

use super::packed::{packed, place_in};

/// The languages that have a stop list and a stemmer here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Language {
    English,
    German,
    French,
    Spanish,
    Italian,
    Portuguese,
    Dutch,
    Swedish,
    Russian,
    Other,
}

impl Language {
    pub(super) const ALL: [Self; 10] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Italian,
        Self::Portuguese,
        Self::Dutch,
        Self::Swedish,
        Self::Russian,
        Self::Other,
    ];

    /// The language of `code` (BCP 47, any case) if one is given, otherwise the one whose most common words
    /// are most frequent in `text`; English if there is none.
    pub(super) fn of(code: Option<&str>, text: &str) -> Self {
        let primary = code.and_then(|code| code.split(['-', '_']).next()).unwrap_or("").trim();
        let known = CODES.iter().find(|(known, _)| primary.eq_ignore_ascii_case(known)).map(|(_, language)| *language);
        match known {
            // "en" is what many feeds declare by default, whatever language they are in
            Some(Self::English) => guessed(text),
            Some(language) => language,
            None if primary.is_empty() => guessed(text),
            None => Self::Other,
        }
    }
}

const CODES: [(&str, Language); 9] = [
    ("en", Language::English),
    ("de", Language::German),
    ("fr", Language::French),
    ("es", Language::Spanish),
    ("it", Language::Italian),
    ("pt", Language::Portuguese),
    ("nl", Language::Dutch),
    ("sv", Language::Swedish),
    ("ru", Language::Russian),
];

/// Languages that are recognised by their most common words.
const TELLING: [Language; 8] = [
    Language::English,
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Italian,
    Language::Portuguese,
    Language::Dutch,
    Language::Swedish,
];

/// Words that distinguish a language from its neighbours, with a bit for each of [`TELLING`]'s languages.
const TELLING_WORDS: [(&str, u8); 91] = [
    ("and", 0b1),
    ("ao", 0b100000),
    ("are", 0b1),
    ("att", 0b10000000),
    ("auf", 0b10),
    ("aux", 0b100),
    ("av", 0b10000000),
    ("avec", 0b100),
    ("che", 0b10000),
    ("com", 0b100000),
    ("con", 0b11000),
    ("da", 0b100000),
    ("dans", 0b100),
    ("das", 0b10),
    ("de", 0b1000000),
    ("del", 0b1000),
    ("della", 0b10000),
    ("den", 0b10),
    ("der", 0b10),
    ("des", 0b100),
    ("det", 0b10000000),
    ("di", 0b10000),
    ("die", 0b10),
    ("do", 0b100000),
    ("dos", 0b100000),
    ("du", 0b100),
    ("een", 0b1000000),
    ("ein", 0b10),
    ("eine", 0b10),
    ("el", 0b1000),
    ("em", 0b100000),
    ("en", 0b1000000),
    ("es", 0b1000),
    ("est", 0b100),
    ("et", 0b100),
    ("ett", 0b10000000),
    ("for", 0b1),
    ("för", 0b10000000),
    ("für", 0b10),
    ("gli", 0b10000),
    ("het", 0b1000000),
    ("how", 0b1),
    ("il", 0b10000),
    ("inte", 0b10000000),
    ("is", 0b1),
    ("ist", 0b10),
    ("its", 0b1),
    ("las", 0b1000),
    ("le", 0b100),
    ("les", 0b100),
    ("los", 0b1000),
    ("met", 0b1000000),
    ("mit", 0b10),
    ("nel", 0b10000),
    ("nicht", 0b10),
    ("niet", 0b1000000),
    ("não", 0b100000),
    ("och", 0b10000000),
    ("of", 0b1),
    ("op", 0b1000000),
    ("os", 0b100000),
    ("para", 0b101000),
    ("per", 0b10000),
    ("por", 0b1000),
    ("pour", 0b100),
    ("på", 0b10000000),
    ("que", 0b1000),
    ("qui", 0b100),
    ("som", 0b10000000),
    ("sono", 0b10000),
    ("su", 0b1000),
    ("sur", 0b100),
    ("são", 0b100000),
    ("that", 0b1),
    ("the", 0b1),
    ("till", 0b10000000),
    ("to", 0b1),
    ("uma", 0b100000),
    ("una", 0b11000),
    ("und", 0b10),
    ("une", 0b100),
    ("van", 0b1000000),
    ("von", 0b10),
    ("voor", 0b1000000),
    ("with", 0b1),
    ("wordt", 0b1000000),
    ("y", 0b1000),
    ("you", 0b1),
    ("zijn", 0b1000000),
    ("är", 0b10000000),
    ("è", 0b10000),
];

/// The same words as they are looked up.
static TELLING_KEYS: [u128; TELLING_WORDS.len()] = {
    let mut words = [0; TELLING_WORDS.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = packed(TELLING_WORDS[at].0);
        at += 1;
    }
    words
};

/// How much of a text is looked at, in bytes.
const SAMPLE_BYTES: usize = 160;

fn guessed(text: &str) -> Language {
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut hits = [0_u32; TELLING.len()];
    let mut cyrillic = 0;
    let mut latin = 0;
    let mut lower = String::new();
    for word in text[..end].split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        if word.starts_with(|c: char| ('\u{400}'..='\u{4FF}').contains(&c)) {
            cyrillic += 1;
            continue;
        }
        latin += 1;
        if word.len() > 7 {
            continue;
        }
        lower.clear();
        lower.push_str(word);
        if word.is_ascii() {
            lower.make_ascii_lowercase();
        } else {
            lower = lower.to_lowercase();
        }
        if let Some(at) = place_in(&TELLING_KEYS, &lower) {
            for (bit, hit) in hits.iter_mut().enumerate() {
                *hit += u32::from(TELLING_WORDS[at].1 >> bit & 1);
            }
        }
    }
    if cyrillic > latin {
        return Language::Russian;
    }
    let english = hits[0];
    let (best, &count) = hits.iter().enumerate().rev().max_by_key(|(_, count)| **count).unwrap_or((0, &0));
    if count >= 2 && count > english + 1 { TELLING[best] } else { Language::English }
}

/// Whether `word` (lower case, apostrophes off) says nothing about the subject.
pub(super) fn is_stop_word(word: &str, language: Language) -> bool {
    let list: &[&str] = match language {
        Language::English => return word.len() <= LONGEST_ENGLISH && place_in(&ENGLISH_WORDS, word).is_some(),
        Language::German => &GERMAN,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
        Language::Italian => &ITALIAN,
        Language::Portuguese => &PORTUGUESE,
        Language::Dutch => &DUTCH,
        Language::Swedish => &SWEDISH,
        Language::Russian => &RUSSIAN,
        Language::Other => return false,
    };
    list.contains(&word)
}

/// Bytes of the longest English stop word.
const LONGEST_ENGLISH: usize = 7;

/// The English stop words as they are looked up.
static ENGLISH_WORDS: [u128; ENGLISH.len()] = {
    let mut words = [0; ENGLISH.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = packed(ENGLISH[at]);
        at += 1;
    }
    words
};

const ENGLISH: [&str; 138] = [
    "a", "about", "after", "again", "against", "all", "also", "am", "an", "and", "any", "are", "arent", "as", "at",
    "be", "because", "been", "before", "being", "between", "both", "but", "by", "can", "cant", "could", "did", "didnt",
    "do", "does", "doesnt", "dont", "down", "during", "each", "even", "for", "from", "get", "gets", "had", "has",
    "hasnt", "have", "having", "he", "her", "here", "heres", "him", "his", "how", "i", "if", "im", "in", "into", "is",
    "isnt", "it", "its", "ive", "just", "like", "may", "me", "might", "more", "most", "my", "no", "not", "now", "of",
    "off", "on", "only", "or", "other", "our", "out", "over", "own", "s", "said", "say", "says", "she", "should", "so",
    "some", "still", "such", "t", "than", "that", "thats", "the", "their", "them", "then", "there", "theres", "these",
    "they", "this", "those", "through", "to", "too", "under", "until", "up", "us", "very", "via", "was", "wasnt", "we",
    "were", "what", "whats", "when", "where", "whether", "which", "while", "who", "why", "will", "with", "wont",
    "would", "yet", "you", "your", "youre",
];

const GERMAN: [&str; 80] = [
    "aber", "als", "am", "an", "auch", "auf", "aus", "bei", "bis", "das", "dass", "dem", "den", "der", "des", "die",
    "diese", "dieser", "dieses", "durch", "ein", "eine", "einem", "einen", "einer", "eines", "er", "es", "für",
    "gegen", "haben", "hat", "ich", "ihr", "im", "in", "ist", "jetzt", "kann", "können", "man", "mehr", "mit", "nach",
    "neue", "neuen", "neuer", "neues", "nicht", "noch", "nur", "oder", "ohne", "sich", "sie", "sind", "so", "soll",
    "um", "und", "unter", "vom", "von", "vor", "war", "waren", "was", "wenn", "wer", "werden", "wie", "will", "wir",
    "wird", "wurde", "wurden", "zu", "zum", "zur", "über",
];

const FRENCH: [&str; 66] = [
    "a", "après", "au", "aux", "avant", "avec", "avoir", "ce", "ces", "cet", "cette", "comme", "d", "dans", "de",
    "des", "dont", "du", "elle", "elles", "en", "est", "et", "fait", "il", "ils", "je", "l", "la", "le", "les", "leur",
    "leurs", "mais", "ne", "nous", "nouveau", "nouvelle", "on", "ont", "ou", "où", "par", "pas", "plus", "pour", "que",
    "qui", "quoi", "s", "sa", "sans", "se", "ses", "son", "sont", "sous", "sur", "tous", "tout", "un", "une", "vous",
    "y", "était", "être",
];

const SPANISH: [&str; 57] = [
    "al", "como", "con", "cuando", "cómo", "de", "del", "desde", "donde", "el", "en", "entre", "era", "es", "esa",
    "ese", "esta", "estas", "este", "estos", "fue", "ha", "han", "hasta", "hay", "la", "las", "le", "les", "lo", "los",
    "muy", "más", "no", "nueva", "nuevo", "o", "para", "pero", "por", "que", "qué", "se", "ser", "sin", "sobre", "son",
    "su", "sus", "también", "tiene", "un", "una", "unas", "unos", "y", "ya",
];

const ITALIAN: [&str; 53] = [
    "ai", "al", "alla", "alle", "anche", "che", "chi", "come", "con", "da", "dal", "dalla", "dei", "del", "della",
    "delle", "dello", "di", "e", "era", "fra", "gli", "ha", "hanno", "i", "il", "in", "la", "le", "lo", "ma", "nel",
    "nella", "non", "nuova", "nuovo", "o", "per", "più", "questa", "questo", "si", "sono", "su", "sua", "sul", "sulla",
    "suo", "tra", "un", "una", "uno", "è",
];

const PORTUGUESE: [&str; 50] = [
    "a", "ao", "aos", "as", "com", "como", "da", "das", "de", "do", "dos", "e", "em", "era", "esta", "este", "foi",
    "isso", "já", "mais", "mas", "na", "nas", "no", "nos", "nova", "novo", "não", "o", "os", "ou", "para", "pela",
    "pelo", "por", "que", "se", "sem", "seu", "sobre", "sua", "são", "tem", "têm", "um", "uma", "umas", "uns", "à",
    "é",
];

const DUTCH: [&str; 52] = [
    "aan", "als", "bij", "dat", "de", "deze", "die", "dit", "door", "een", "en", "er", "had", "hebben", "heeft", "het",
    "hij", "hoe", "ik", "in", "is", "je", "kan", "maar", "meer", "met", "naar", "niet", "nieuw", "nieuwe", "nog", "of",
    "om", "ook", "op", "over", "te", "tot", "uit", "van", "voor", "waren", "was", "wat", "werd", "wie", "wij",
    "worden", "wordt", "ze", "zij", "zijn",
];

const SWEDISH: [&str; 44] = [
    "att", "av", "blir", "de", "den", "det", "efter", "eller", "en", "ett", "från", "för", "hade", "han", "har", "hon",
    "här", "i", "inte", "kan", "man", "med", "men", "ni", "ny", "nya", "nytt", "när", "och", "om", "på", "sin", "sina",
    "sitt", "ska", "som", "så", "till", "under", "var", "vi", "vid", "är", "över",
];

const RUSSIAN: [&str; 50] = [
    "а",
    "бы",
    "был",
    "была",
    "были",
    "было",
    "в",
    "во",
    "вот",
    "все",
    "вы",
    "да",
    "для",
    "его",
    "ее",
    "ему",
    "еще",
    "же",
    "за",
    "и",
    "из",
    "или",
    "их",
    "к",
    "как",
    "когда",
    "меня",
    "мне",
    "на",
    "не",
    "нет",
    "но",
    "о",
    "он",
    "она",
    "от",
    "по",
    "с",
    "со",
    "так",
    "теперь",
    "то",
    "только",
    "ты",
    "у",
    "что",
    "эти",
    "это",
    "этот",
    "я",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_searched() {
        assert!(ENGLISH.is_sorted() && ENGLISH.iter().all(|word| word.len() <= LONGEST_ENGLISH));
        assert!(TELLING_WORDS.is_sorted());
    }

    #[test]
    fn a_language_is_known_by_its_code_or_by_its_words() {
        assert_eq!(Language::of(Some("de-AT"), "Gran Turismo"), Language::German);
        assert_eq!(Language::of(Some("ja"), "新型を発表"), Language::Other);
        assert_eq!(Language::of(None, "Die Behörde prüft, ob das Unternehmen mit der Firma spricht"), Language::German);
        assert_eq!(Language::of(Some("en"), "Le ministre est dans une réunion avec les syndicats"), Language::French);
        assert_eq!(Language::of(None, "Apple unveils a phone"), Language::English);
        assert_eq!(Language::of(None, ""), Language::English);
        assert_eq!(Language::of(None, "Компания представила новый телефон"), Language::Russian);
    }
}
