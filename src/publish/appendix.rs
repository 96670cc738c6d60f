//! Notices that publishing systems append to a text: "The post … appeared first on …", "Read more", what link lists write.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;

/// What publishing systems append is shorter than this.
pub(super) const LONGEST_APPENDIX_BYTES: usize = 240;
/// It is looked for in this much of the end of a text.
pub(super) const LOOKED_AT_BYTES: usize = 5 * LONGEST_APPENDIX_BYTES;

/// What publishing systems append to a text.
pub(super) struct Appendix {
    /// Parts of words of which it has one in any case, whatever the case of their letters (A to Z). A set of literals is
    /// made in a tenth of the time of their pattern.
    stems: AhoCorasick,
    /// Compiled once a stem is found: most texts have none of them.
    whole: LazyLock<Regex, Box<dyn FnOnce() -> Regex + Send>>,
}

impl Appendix {
    fn new(stems: &str, whole: &str) -> Self {
        let whole = whole.to_owned();
        let stems = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .ascii_case_insensitive(true)
            .build(stems.split('|'));
        Self {
            stems: stems.expect("the stems are few and short"),
            whole: LazyLock::new(Box::new(move || pattern(&whole))),
        }
    }

    /// Where it begins at the end of `text`.
    pub(super) fn start(&self, text: &str) -> Option<usize> {
        let (start, end) = end_of(text);
        // One that is not too long has its stem in there.
        let last = &end[end.ceil_char_boundary(end.len().saturating_sub(LONGEST_APPENDIX_BYTES))..];
        let found = self.stems.is_match(last).then(|| self.whole.find(end))??;
        (found.len() <= LONGEST_APPENDIX_BYTES).then_some(start + found.start())
    }
}

/// The end of `text`, from the beginning of a word on, and where it begins.
pub(super) fn end_of(text: &str) -> (usize, &str) {
    let from = text.ceil_char_boundary(text.len().saturating_sub(LOOKED_AT_BYTES));
    let start = if from == 0 { 0 } else { text[from..].find(' ').map_or(from, |space| from + space) };
    (start, &text[start..])
}

// No counted repetitions of whole classes: each would be compiled as often as it counts.
pub(super) static APPEARED: LazyLock<Appendix> = LazyLock::new(|| {
    Appendix::new(
        "first appeared|appeared first|first published|originally published|published first",
        r"(?i)\b(?:(?:first appeared|appeared first) (?:on|in|at)|was (?:(?:first|originally) published|published first) (?:on|at)) (?:[^.!?]|\.\S)+(?:[!?](?: [^\s.!?]+)?(?: [^\s.!?]+)?(?: [^\s.!?]+)?(?: [^\s.!?]+)?)?\.?$",
    )
});
/// WordPress in the words of its translators, and what Medium appends.
pub(super) static APPEARED_ELSEWHERE: LazyLock<Appendix> = LazyLock::new(|| {
    // The name of a site may have a mark in it: "Yahoo! Tech".
    let end = r"(?:[^.!?。]|\.\S)*(?:[!?](?: [^\s.!?]+)?(?: [^\s.!?]+)?(?: [^\s.!?]+)?(?: [^\s.!?]+)?)?[.。]?(?:\s*پدیدار شد\.?)?$";
    Appendix::new(APPEARED_STEMS, &format!(r"(?:\b{APPEARED_SPACED}\b|{APPEARED_UNSPACED}){end}"))
});
/// What each form of it has in any case, as short as no common English word has it.
const APPEARED_STEMS: &str = concat!(
    "erschien|zuerst|erstmals|ursprünglich|als erstes|paru|publié|primero|primera|primer a|primer en",
    "|primer al|originalmente|proviene da|il primo su|appars|è tratt|pubblicat|primeir|prima dat",
    "|prima oar|mai întâi|inițial|eerst|eerder|oorspronkelijk|pochodzi z|pojawił|pochází z|objevil",
    "|publikován|zveřejněn|zobrazený|objavil|publikovan|zverejnen|впервые|сначала|первоначально|вперше",
    "|уперше|спершу|спочатку|першим|упершыню|спачатку|първ|пръв|прв|prv|najprej|pojavil|först|først|fyrst",
    "|oprindelig|opprinnelig|upphaflega|ensin|ensimmäise|alun perin|esmalt|esmakord|algselt|kõigepealt",
    "|pirm|először|elsőként|πρώτ|αρχικά|së pari|fillimisht|herë të parë|ilk ön|ilk ol|ilk də|ilk ke",
    "|ilk de|ilk bo|алғаш рет|pertama|mula-mula|dahulu|lebih awal|đầu tiên|lần đầu|lehen|gyntaf ar",
    "|ar dtús ar|originally published in|पहली बार|सबसे पहले|প্রথম|முதலில்|ครั้งแรก|首發於|最先出|首先出现|首次|首发于|最早",
    "|の投稿は|に最初に|에 처음|에서 먼저|اولین بار|نخستین بار|اس پر پہلے|پہلی بار|לראשונה ב|أول|ပထမဆုံး|ដំបូង|პირველად",
    "|առաջին|ظهرت المقالة",
);
const APPEARED_SPACED: &str = concat!(
    // German, French, Spanish, Italian, Portuguese, Galician, Catalan, Romanian, Dutch, Afrikaans
    r"(?:erschien(?: erstmals| ursprünglich| als erstes)? (?:zuerst )?(?:auf|bei|in|im)",
    r"|(?:ist|wurde) (?:zuerst|erstmals|ursprünglich|als erstes) (?:erschienen |veröffentlicht |publiziert )?(?:auf|bei|in|im)",
    r"|(?:est|a été) (?:initialement |d['’]abord )?(?:apparue?|parue?|publiée?) (?:en premier |d['’]abord |initialement |pour la première fois )?(?:sur|dans|chez)",
    r"|(?:(?:se|fue) (?:publicó|publicad[oa])|apareció|aparece|publicad[oa]|se ha publicado) (?:primero|por primera vez|originalmente)(?: en)?",
    r"|proviene da|sembra essere il primo su|è (?:appars[oa]|tratt[oa]|stat[oa] pubblicat[oa]) (?:per la prima volta |per primo |originariamente )?(?:su|da|in)",
    r"|(?:apareceu|aparece|foi publicad[oa]|publicad[oa]|surgiu) (?:primeiro|primeiramente|originalmente|pela primeira vez|por primeira vez)(?: em| en| no| na)?",
    r"|(?:ha aparegut|aparegué|va aparèixer|s['’]ha publicat) (?:primer|per primera vegada) (?:a|en|al)",
    r"|(?:apare|a apărut|a fost publicată?) (?:prima dată|prima oară|mai întâi|pentru prima dată|inițial) (?:în|pe|la)",
    r"|(?:verscheen|kwam|is|werd) (?:als eerste |voor het eerst |het eerst |eerst |eerder |oorspronkelijk )(?:verschenen |gepubliceerd )?(?:op|in|bij)|het eerste op",
    // Polish, Czech, Slovak, Russian, Ukrainian, Belarusian, Bulgarian, Macedonian, Serbian, Croatian, Slovenian
    r"|pochodzi ze? |pojawił[ao]? się (?:po ?raz pierwszy|pierwszy raz|najpierw) (?:w|na)",
    r"|pochází z|se (?:nejdříve|nejprve|poprvé) objevila? (?:na|v)|byla? (?:nejdříve|nejprve|poprvé|původně) (?:publikován|zveřejněn)a? (?:na|v)",
    r"|zobrazený (?:najskôr|ako prvý)|sa (?:najskôr|najprv|prvýkrát) objavila? (?:na|v)|bola? (?:najskôr|prvýkrát) (?:publikovan|zverejnen)[ýá] (?:na|v)",
    r"|(?:впервые|сначала|первоначально) (?:появил(?:ась|ось|ся|ись)|опубликован[аоы]?)|(?:появил(?:ась|ось|ся|ись)|опубликован[аоы]?) (?:впервые|сначала|первоначально) (?:на|в)",
    r"|(?:вперше|уперше|спершу|спочатку) (?:з.?яви(?:вся|лась|лося|ться)|опублікован[оаий]+)|з.?яви(?:вся|лась|лося|ться) (?:вперше|спершу|спочатку|першим) (?:на|в)|спершу появился на",
    r"|(?:упершыню|спачатку|спершу) з.?явіўся",
    r"|(?:се появи|се появява|е публикувана?|беше публикувана?) (?:първо|за пръв път|за първи път|първоначално) (?:на|в)",
    r"|(?:први пут|прво|првпат) (?:се )?(?:појави(?:о|ла|ло)?|објављена?|објавена?) (?:се )?на|(?:појави(?:о|ла)?|појављује) (?:се )?(?:први пут|прво|првпат) на",
    r"|(?:prvi puta?|prvo|najprej|prvič|prvobitno) (?:se )?(?:pojavi(?:la|o|l)?|objavljena?) (?:se )?(?:na|u|v)",
    r"|(?:(?:pojavi(?:la|o)|pojavljuje) se|se (?:pojavi(?:la|o)|pojavljuje)) (?:prvi puta?|prvo) (?:na|u)|se je (?:najprej )?pojavila? na|je (?:bila? )?(?:prvi puta?|prvo|prvič) objavljena? (?:na|u)",
    // Swedish, Danish, Norwegian, Icelandic, Finnish, Estonian, Lithuanian, Latvian, Hungarian, Greek, Albanian
    r"|dök först upp på|publicerades först (?:på|i|hos)|syntes först på|(?:blev|er) (?:først|oprindeligt) (?:udgivet|bragt|vist|offentliggjort|publiceret)|blev vist første gang",
    r"|dukket (?:først opp|opp først) på|dukkede? (?:først op|op først) på|dykket først op på|dukka fyrst opp på|(?:ble|blei|vart) (?:først|fyrst|opprinnelig) (?:publisert|vist|lagt ut)",
    r"|birtist (?:fyrst|upphaflega) á|(?:julkaistiin|julkaistu|julkaisi|ilmestyi) (?:ensimmäisen kerran|ensimmäisenä|ensin|alun perin)|ensin sivustolla",
    r"|(?:ilmus|avaldati) (?:esmalt|algselt|kõigepealt|esmakordselt)|pirm(?:ą kartą|iausia) (?:paskelbtas?|paskelbta|pasirodė)|(?:pirmo reizi|vispirms) (?:parādījās|publicēts|publicēta)",
    r"|először|elsőként|(?:εμφανίστηκε|δημοσιεύ[τθ]ηκε|παρουσιάστηκε|αναρτήθηκε) (?:πρώτα|για πρώτη φορά|αρχικά) (?:στο|στη|στον|στην|σε)|u (?:shfaq|botua) (?:së pari|fillimisht|për herë të parë) në",
    // Turkish, Azerbaijani, Kazakh, Uzbek, Indonesian, Malay, Vietnamese, Basque, Welsh, Irish; Medium
    r"|ilk (?:önce|olarak|öncə|dəfə|kez|defa|bor)|алғаш рет",
    r"|(?:pertama kali|pertama|mula-mula|terlebih dahulu) (?:tampil|muncul|tayang|terbit|diterbitkan|dipublikasikan) (?:di|pada)",
    r"|(?:tampil|muncul|tayang|terbit|ditampilkan|diterbitkan) (?:pertama(?: kali)?|dahulu|lebih awal|lebih dahulu) (?:di|pada)",
    r"|(?:xuất hiện|được đăng|đăng|được xuất bản) (?:đầu tiên|lần đầu tiên|lần đầu) (?:vào ngày|trên|tại|ở)",
    r"|(?:lehen|lehenengo)(?: aldiz)? (?:argitaratu|agertu) zen|lehen argitaratu zen|(?:agertu|argitaratu) zen lehenengo|lehenengo agertu da|gyntaf ar|ar dtús ar|was originally published in)"
);
const APPEARED_UNSPACED: &str = concat!(
    r"(?:पहली बार .* पर (?:दिखाई|प्रकाशित)|প্রথম প্রকাশিত|முதலில் தோன்றியது|ปรากฏครั้งแรก(?:บน|ที่|เมื่อ)",
    r"|เผยแพร่ครั้งแรก(?:บน|ที่)|首發於|最先出現(?:在|於)|首先出现在|首次出現(?:於|在)|首次出现(?:于|在)|の投稿は|に最初に登場しました|가 .*에 처음|에 처음으로 나타났습니다",
    r"|اولین بار در|نخستین بار در|اس پر پہلے شائع|پہلی بار .* پر شائع|אירע לראשונה ב|פורסם לראשונה ב|(?:نشرت|ظهرت|ظهر|نُشرت) (?:أولاً|أولا|لأول مرة)",
    r"|सबसे पहले .* पर (?:दिखाई|प्रकाशित)|প্রথম .* প্রকাশিত|முதலில் .* தோன்றியது|に最初に(?:投稿|公開|掲載)されました|에 처음 게시되었습니다|에서 먼저 등장했습니다",
    r"|首发于|首發於|最早出現於|首次發佈於|首次发布于|ถูกเผยแพร่ครั้งแรก|โพสต์ครั้งแรกที่|ပထမဆုံးပေါ်လာ|ដំបូងនៅលើ|პირველად (?:გამოქვეყნდა|გამოჩნდა)|առաջին անգամ հայտնվել",
    r"|הופיע לראשונה ב|ظهرت المقالة|أولاً (?:على|في)|に最初に表示されました|最先出现在|最早發佈於|에 처음 등장했습니다)",
);
pub(super) static READ_MORE: LazyLock<Appendix> = LazyLock::new(|| {
    let end = r"[^.!?…]*(?:\.{3}|…)?[\])]?[.!?]?(?:\s*[→»›>]+)?$";
    Appendix::new(READ_MORE_STEMS, &format!(r"(?:^|\s)[\[(]?{READ_MORE_WORDS}\b{end}"))
});
/// What each form of it has in any case.
const READ_MORE_STEMS: &str = concat!(
    "read more|read on|read full|read whole|read entire|read rest of th|read the full|read the whole",
    "|read the entire|read the rest of th|continue reading|keep reading|weiterlesen|mehr lesen|lees meer",
    "|lees verder|lire la suite|leer más|continuar leyendo|leia mais|continue lendo|continua a leggere",
    "|leggi tutto|czytaj dalej|czytaj więcej|Číst dále|Číst více|läs mer|läs vidare|læs mere|læs videre",
    "|les mer|les videre|lue lisää|jatka lukemista|devamını oku|Читать |Читати |Διαβάστε περισσότερα",
    "|citește mai mult|tovább olvasom|baca selengkapnya|Đọc tiếp|llegir més|celý článek|pročitaj više",
    "|preberi več|Прочети още|続きを読む|阅读更多|阅读全文|閱讀更多|閱讀全文|더 읽기|اقرأ المزيد|קרא עוד",
);
const READ_MORE_WORDS: &str = concat!(
    r"(?:Read (?:[Mm]ore|on|(?:the )?(?:full|whole|entire|rest of the|rest of this) (?:article|story|post))",
    r"|READ MORE|Continue [Rr]eading|Keep [Rr]eading|Weiterlesen|Mehr lesen|Lees (?:meer|verder)|Lire la suite|Leer más|Continuar leyendo|Leia mais|Continue lendo|Continua a leggere|Leggi tutto",
    r"|Czytaj (?:dalej|więcej)|Číst (?:dále|více)|Läs (?:mer|vidare)|Læs (?:mere|videre)|Les (?:mer|videre)|Lue lisää|Jatka lukemista|Devamını oku",
    r"|Читать (?:далее|дальше|полностью)|Читати (?:далі|більше)|Διαβάστε περισσότερα|Citește mai mult|Tovább olvasom|Baca selengkapnya|Đọc tiếp",
    r"|Llegir més|Celý článek|Pročitaj više|Preberi več|Прочети още|続きを読む|阅读(?:更多|全文)|閱讀(?:更多|全文)|더 읽기|اقرأ المزيد|קרא עוד)",
);
/// What hnrss, Lobsters and Reddit write after the text, or in place of one, on one line.
pub(super) static LIST_TAIL: LazyLock<Appendix> = LazyLock::new(|| {
    Appendix::new(
        "url: |point|submitted by|participant|read full topic",
        concat!(
            r"(?is)(?:^|\s)(?:article url: \S+(?:\s+comments url: \S+)?(?:\s+points: \d+)?(?:\s+# ?comments: \d+)?",
            r"|comments url: \S+(?:\s+points: \d+)?(?:\s+# ?comments: \d+)?|points: \d+\s+# ?comments: \d+",
            r"|\d+ points?(?:, | \| |\s)\d+ comments?|submitted by\s+/?u/\S+(?:\s+to\s+r/\S+)?(?:\s*\[link\])?(?:\s*\[\d* ?comments?\])?",
            r"|\d+ posts? - \d+ participants?(?:\s+read full topic)?|read full topic",
            r"|link url: \S+(?:\s+comments url: \S+)?(?:\s+votes: \d+)?(?:\s+comments: \d+)?)\s*$"
        ),
    )
});
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and a test compiles it")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What has none of the stems is not searched.
    #[track_caller]
    fn has_a_stem(appendix: &Appendix, forms: &str) {
        let forms = proptest::string::string_regex(forms).unwrap();
        proptest::test_runner::TestRunner::new(proptest::test_runner::Config::with_cases(3_000))
            .run(&forms, |form| {
                proptest::prop_assert!(appendix.stems.is_match(&form), "{}", form);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn each_form_of_an_appendix_has_a_stem() {
        has_a_stem(&APPEARED_ELSEWHERE, &format!("{APPEARED_SPACED}|{APPEARED_UNSPACED}"));
        has_a_stem(&READ_MORE, READ_MORE_WORDS);
        has_a_stem(
            &APPEARED,
            "(?:first appeared|appeared first) on|was (?:(?:first|originally) published|published first) on",
        );
    }
}
