//! Which language a text is in, as far as stemming needs it.

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

    /// The language of `code` (BCP 47, any case) where one is given, else the one whose commonest words
    /// are most frequent in `text`; English where none is.
    pub(super) fn of(code: Option<&str>, text: &str) -> Self {
        let primary = code.and_then(|code| code.split(['-', '_']).next()).unwrap_or("").trim();
        let known = CODES.iter().find(|(known, _)| primary.eq_ignore_ascii_case(known)).map(|(_, language)| *language);
        match known {
            // "en" is what many feeds say by default, whatever they write
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

/// Words that tell a language from its neighbours.
const TELLING: [(Language, &[&str]); 8] = [
    (Language::English, &["the", "of", "and", "to", "is", "with", "for", "its", "that", "you", "are", "how"]),
    (Language::German, &["der", "die", "das", "und", "ist", "mit", "für", "von", "nicht", "ein", "eine", "auf", "den"]),
    (Language::French, &["le", "les", "des", "et", "est", "une", "pour", "dans", "du", "sur", "avec", "qui", "aux"]),
    (Language::Spanish, &["el", "los", "las", "y", "del", "una", "para", "con", "por", "es", "que", "su"]),
    (Language::Italian, &["il", "di", "che", "per", "della", "gli", "sono", "è", "nel", "una", "con"]),
    (Language::Portuguese, &["os", "do", "da", "em", "não", "uma", "para", "com", "são", "dos", "ao"]),
    (Language::Dutch, &["het", "een", "van", "en", "niet", "voor", "met", "op", "zijn", "de", "wordt"]),
    (Language::Swedish, &["och", "att", "det", "som", "är", "på", "för", "av", "till", "inte", "ett"]),
];

/// How much of a text is looked at, in bytes.
const SAMPLE_BYTES: usize = 400;

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
        lower.extend(word.chars().flat_map(char::to_lowercase));
        for (hit, (_, telling)) in hits.iter_mut().zip(&TELLING) {
            *hit += u32::from(telling.contains(&lower.as_str()));
        }
    }
    if cyrillic > latin {
        return Language::Russian;
    }
    let english = hits[0];
    let (best, &count) = hits.iter().enumerate().rev().max_by_key(|(_, count)| **count).unwrap_or((0, &0));
    if count >= 2 && count > english + 1 { TELLING[best].0 } else { Language::English }
}

/// Whether `word` (lower case, apostrophes off) says nothing about the subject.
pub(super) fn is_stop_word(word: &str, language: Language) -> bool {
    let list: &[&str] = match language {
        Language::English => return ENGLISH.binary_search(&word).is_ok(),
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
    fn the_english_list_can_be_searched() {
        assert!(ENGLISH.is_sorted());
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
