//! Our own phrases in an item, in the language of its output.

use super::table::Table;

/// Our own phrases beside the words of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrases {
    /// Precedes the link to the leading article.
    pub source: String,
    /// Precedes the other outlets.
    pub also: String,
    /// Precedes the pages where it is discussed.
    pub discussed: String,
    /// Between an outlet and the link list that led to it.
    pub via: String,
    /// Precedes a further article of an outlet.
    pub again: String,
    /// Says of a text that a program wrote it.
    pub rewritten: String,
    /// Between that text and whom it was made from.
    pub after: String,
}

/// By language: source, also, discussed, via, again, rewritten, after.
const LANGUAGES: [(&str, [&str; 7]); 29] = [
    ("ar", ["المقال الأصلي لهذا الخبر", "غطّته أيضًا", "النقاش في", "عبر", "ومرة أخرى", "أعادت كتابته آلة", "عن"]),
    (
        "bg",
        [
            "Статията, от която идва тази новина",
            "Отразено и от",
            "Обсъжда се в",
            "чрез",
            "и още",
            "преработено от машина",
            "по",
        ],
    ),
    (
        "ca",
        [
            "L’article original d’aquesta notícia",
            "També en parlen",
            "Se’n parla a",
            "via",
            "i encara",
            "reescrit per una màquina",
            "a partir de",
        ],
    ),
    (
        "cs",
        [
            "Původní článek k této zprávě",
            "Píší o tom také",
            "Diskuse na",
            "přes",
            "a znovu",
            "přepsáno strojem",
            "podle",
        ],
    ),
    (
        "da",
        [
            "Her er artiklen bag denne nyhed",
            "Også omtalt af",
            "Diskuteres på",
            "via",
            "og igen",
            "omskrevet af en maskine",
            "efter",
        ],
    ),
    (
        "de",
        [
            "Der Artikel zu dieser Meldung",
            "Darüber berichten auch",
            "Diskutiert bei",
            "über",
            "und noch einmal",
            "maschinell umgeschrieben",
            "nach",
        ],
    ),
    (
        "el",
        [
            "Το άρθρο αυτής της είδησης",
            "Το καλύπτουν επίσης",
            "Συζητείται στο",
            "μέσω",
            "και ξανά",
            "ξαναγράφτηκε από μηχανή",
            "κατά",
        ],
    ),
    (
        "en",
        [
            "Here is the source article for this story",
            "Also covered by",
            "Discussed at",
            "via",
            "and again",
            "rewritten by machine",
            "after",
        ],
    ),
    (
        "es",
        [
            "El artículo original de esta noticia",
            "También informan",
            "Se comenta en",
            "vía",
            "y otra vez",
            "reescrito por una máquina",
            "según",
        ],
    ),
    (
        "fi",
        [
            "Tämän uutisen alkuperäinen artikkeli",
            "Myös näissä",
            "Keskustelua sivulla",
            "lähteestä",
            "ja uudestaan",
            "koneen uudelleen kirjoittama",
            "lähteenä",
        ],
    ),
    (
        "fr",
        [
            "L’article à l’origine de cette information",
            "Également traité par",
            "Discussion sur",
            "via",
            "et encore",
            "réécrit par une machine",
            "d’après",
        ],
    ),
    ("he", ["הכתבה המקורית לידיעה זו", "דווח גם ב", "נדון ב", "דרך", "ושוב", "נכתב מחדש בידי מכונה", "על פי"]),
    ("hi", ["इस समाचार का मूल लेख", "इन्होंने भी छापा", "चर्चा यहाँ", "के ज़रिए", "और फिर", "मशीन द्वारा पुनर्लिखित", "आधार:"]),
    (
        "hu",
        [
            "A hír eredeti cikke",
            "Erről írt még",
            "Beszélgetés itt",
            "innen:",
            "és még egyszer",
            "gép írta át",
            "forrás:",
        ],
    ),
    (
        "id",
        [
            "Artikel sumber berita ini",
            "Juga diberitakan oleh",
            "Dibahas di",
            "lewat",
            "dan lagi",
            "ditulis ulang oleh mesin",
            "berdasarkan",
        ],
    ),
    (
        "it",
        [
            "L’articolo originale di questa notizia",
            "Ne parlano anche",
            "Se ne discute su",
            "via",
            "e ancora",
            "riscritto da una macchina",
            "da",
        ],
    ),
    ("ja", ["この話題の元記事", "ほかの報道", "議論", "経由:", "続報", "機械による書き直し", "原文:"]),
    ("ko", ["이 소식의 원문 기사", "다른 보도", "토론", "경유:", "이어서", "기계가 다시 씀", "원문:"]),
    (
        "nl",
        [
            "Het artikel bij dit nieuws",
            "Ook te lezen bij",
            "Besproken op",
            "via",
            "en nog eens",
            "herschreven door een machine",
            "naar",
        ],
    ),
    (
        "no",
        [
            "Her er artikkelen bak denne saken",
            "Også omtalt av",
            "Diskuteres på",
            "via",
            "og igjen",
            "omskrevet av en maskin",
            "etter",
        ],
    ),
    (
        "pl",
        [
            "Artykuł źródłowy tej wiadomości",
            "Piszą o tym także",
            "Dyskusja w serwisie",
            "przez",
            "i jeszcze raz",
            "przeredagowane maszynowo",
            "na podstawie",
        ],
    ),
    (
        "pt",
        [
            "O artigo original desta notícia",
            "Também noticiado por",
            "Discussão em",
            "via",
            "e de novo",
            "reescrito por uma máquina",
            "a partir de",
        ],
    ),
    (
        "ro",
        [
            "Articolul-sursă al acestei știri",
            "Relatează și",
            "Se discută pe",
            "prin",
            "și din nou",
            "rescris de o mașină",
            "după",
        ],
    ),
    (
        "ru",
        [
            "Исходная статья этой новости",
            "Об этом также пишут",
            "Обсуждение",
            "через",
            "и ещё раз",
            "переписано машиной",
            "по",
        ],
    ),
    (
        "sv",
        [
            "Här är artikeln bakom nyheten",
            "Rapporteras också av",
            "Diskuteras på",
            "via",
            "och igen",
            "omskrivet av en maskin",
            "efter",
        ],
    ),
    (
        "tr",
        [
            "Bu haberin kaynak yazısı",
            "Haberi verenler arasında",
            "Tartışıldığı yer",
            "aracı:",
            "ve yine",
            "makine tarafından yeniden yazıldı",
            "kaynak:",
        ],
    ),
    (
        "uk",
        [
            "Початкова стаття цієї новини",
            "Про це також пишуть",
            "Обговорення",
            "через",
            "і ще раз",
            "переписано машиною",
            "за",
        ],
    ),
    ("vi", ["Bài gốc của tin này", "Cũng đưa tin", "Thảo luận tại", "qua", "và lần nữa", "do máy viết lại", "theo"]),
    ("zh", ["本条新闻的原文", "其他报道", "讨论", "经由", "另见", "由机器改写", "据"]),
];
const TRADITIONAL_CHINESE: [&str; 7] = ["本則新聞的原文", "其他報導", "討論", "經由", "另見", "由機器改寫", "據"];

impl Phrases {
    /// Those of `language` (BCP 47); English if it is not one of ours.
    #[must_use]
    pub fn of(language: &str) -> Self {
        let language = language.to_lowercase().replace('_', "-");
        let mut parts = language.split('-');
        let primary = match parts.next() {
            Some("nb" | "nn") => "no",
            primary => primary.unwrap_or("en"),
        };
        let traditional = primary == "zh" && parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo"));
        let find = |wanted: &str| LANGUAGES.iter().find(|(known, _)| *known == wanted).map(|(_, phrases)| phrases);
        let [source, also, discussed, via, again, rewritten, after] = match find(primary) {
            Some(_) if traditional => &TRADITIONAL_CHINESE,
            Some(phrases) => phrases,
            None => find("en").expect("English stands in the table"),
        }
        .map(str::to_owned);
        Self { source, also, discussed, via, again, rewritten, after }
    }

    /// The attribution line that is used if feeds.toml has none.
    #[must_use]
    pub fn attribution(&self) -> String {
        format!("{}: {{link}}", self.source)
    }

    /// These, except where `phrases` of `table` differs.
    pub(super) fn overridden(mut self, table: &Table<'_>) -> Self {
        let Some(own) = table.table("phrases") else { return self };
        let fields = [
            ("source", &mut self.source),
            ("also", &mut self.also),
            ("discussed", &mut self.discussed),
            ("via", &mut self.via),
            ("again", &mut self.again),
            ("rewritten", &mut self.rewritten),
            ("after", &mut self.after),
        ];
        for (key, field) in fields {
            if let Some(text) = own.words(key) {
                *field = text.value.trim().trim_end_matches(':').trim_end().to_owned();
            }
        }
        own.finish();
        self
    }
}

impl Default for Phrases {
    fn default() -> Self {
        Self::of("en")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_phrases_and_others_have_english_ones() {
        assert_eq!(Phrases::of("en-GB").also, "Also covered by");
        assert_eq!(Phrases::of("de_AT").discussed, "Diskutiert bei");
        assert_eq!(Phrases::of("nb").source, Phrases::of("no").source);
        assert_ne!(Phrases::of("zh-Hant").also, Phrases::of("zh").also);
        assert_eq!(Phrases::of("tlh"), Phrases::of("en"));
        for (language, phrases) in LANGUAGES {
            assert!(phrases.iter().all(|phrase| !phrase.is_empty() && !phrase.contains(['{', '}', '<'])), "{language}");
        }
    }
}
