//! A sketch of a text: enough to recognise the same or nearly the same text again, too little to read it.
//!
//! The least hashes of its pairs of words (bottom-k; Cohen and Kaplan, PODC 2007). A short text contributes all its
//! pairs, so that the comparison is exact there. Words are compared by their letters, however these are written.

use super::name_look::plain_letters;

/// Words of a text that count.
const MOST_WORDS: usize = 1_500;
/// Hashes that a sketch keeps.
const KEPT: usize = 192;
/// Fewest pairs of words that mean anything: with fewer, unrelated posts ("Open thread") are alike.
const LEAST_PAIRS: usize = 5;
/// Fewest pairs of words of a text that is recognised without its title.
const LEAST_OF_A_TEXT: usize = 16;
/// Letters of a script without spaces that say as much as a word.
const LETTERS_OF_A_WORD: usize = 2;
/// Share of pairs in common from which two texts are nearly the same.
const ALIKE: f64 = 0.7;
/// Share of pairs in common from which one text was made from the other. A word changed is two pairs changed: with every
/// eighth word changed, three of five pairs are common.
const MADE_FROM: f64 = 0.53;
/// If at least this many pairs of the shorter text can be looked up in the longer one …
const LEAST_LOOKED_UP: usize = 8;
/// … and this share of them is there, it is a teaser of it.
const INSIDE: f64 = 0.9;

/// The sketch of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextSketch {
    /// Distinct pairs of words in the text.
    pairs: usize,
    /// The least hashes of them, in order.
    least: Vec<u32>,
}

impl TextSketch {
    /// `None` for a text with hardly any words.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::of_words(&Words::of(text), LEAST_PAIRS)
    }

    /// `None` also for a line, which may be anyone's.
    pub(crate) fn of_a_text(text: &str) -> Option<Self> {
        Self::of_words(&Words::of(text), LEAST_OF_A_TEXT)
    }

    /// As [`TextSketch::of`] made it before letters were compared by their looks: such sketches are stored. `None` where
    /// that makes no difference.
    pub(crate) fn as_before(text: &str) -> Option<Self> {
        let lower = Some(text).filter(|text| !text.is_ascii())?.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        Self::of_words(&Words { words: words.take(MOST_WORDS).map(str::to_owned).collect(), letters: 0 }, LEAST_PAIRS)
    }

    fn of_words(words: &Words, least_pairs: usize) -> Option<Self> {
        let mut hashes: Vec<u32> = words.words.windows(2).map(|pair| hash(&pair[0], &pair[1])).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let pairs = hashes.len();
        let of_letters = pairs.min(words.letters);
        hashes.truncate(KEPT);
        let says_enough = pairs - of_letters + of_letters / LETTERS_OF_A_WORD >= least_pairs;
        says_enough.then_some(Self { pairs, least: hashes })
    }

    /// Whether the two texts are the same or nearly so, or one is a teaser of the other.
    pub(crate) fn is_near(&self, other: &Self) -> bool {
        self.shares(other, ALIKE) || self.is_teaser_of(other) || other.is_teaser_of(self)
    }

    /// Whether they are near, or one may have been made from the other by a change here and there.
    pub(crate) fn is_remade(&self, other: &Self) -> bool {
        let are_texts = self.pairs.min(other.pairs) >= LEAST_OF_A_TEXT;
        are_texts && self.shares(other, MADE_FROM) || self.is_near(other)
    }

    /// Whether at least this share of the pairs of both is common to them.
    fn shares(&self, other: &Self, share: f64) -> bool {
        let (mut ours, mut theirs) = (self.least.iter().peekable(), other.least.iter().peekable());
        let (mut known, mut both) = (0, 0);
        while known < KEPT
            && let Some(least) = ours.peek().into_iter().chain(theirs.peek()).min().copied()
        {
            let is_in = [&mut ours, &mut theirs].map(|hashes| hashes.next_if_eq(&least).is_some());
            known += 1;
            both += usize::from(is_in == [true, true]);
        }
        is_share(both, known, share)
    }

    /// Whether nearly all of this text is in a longer one. What is looked up is below the greatest hash
    /// kept for that one, since everything below it is kept.
    fn is_teaser_of(&self, longer: &Self) -> bool {
        let whole = longer.pairs == longer.least.len();
        let greatest = longer.least.last().copied().unwrap_or_default();
        let looked_up = self.least.iter().filter(|hash| whole || **hash <= greatest).count();
        let there = self.least.iter().filter(|hash| longer.has(**hash)).count();
        self.pairs <= longer.pairs && looked_up >= LEAST_LOOKED_UP && is_share(there, looked_up, INSIDE)
    }

    fn has(&self, hash: u32) -> bool {
        self.least.binary_search(&hash).is_ok()
    }

    /// As a text, to be stored.
    pub(crate) fn to_text(&self) -> String {
        let hashes: String = self.least.iter().map(|hash| format!("{hash:08x}")).collect();
        format!("{}:{hashes}", self.pairs)
    }

    /// From what [`TextSketch::to_text`] returned; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (pairs, hashes) = text.split_once(':')?;
        let hash = |digits: &[u8]| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let least: Vec<u32> = hashes.as_bytes().chunks(8).map(hash).collect::<Option<_>>()?;
        let in_order = least.windows(2).all(|two| two[0] < two[1]);
        (in_order && (LEAST_PAIRS..=KEPT).contains(&least.len())).then_some(Self { pairs: pairs.parse().ok()?, least })
    }
}

/// The words of a text, as far as they count. In scripts without spaces between words each letter is one.
struct Words {
    words: Vec<String>,
    /// How many are such letters.
    letters: usize,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut found = Self { words: Vec::new(), letters: 0 };
        let mut word = String::new();
        for c in plain_letters(text) {
            let is_letter = c.is_alphanumeric();
            if is_letter && !has_no_spaces(c) {
                word.push(c);
                continue;
            }
            found.words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            if found.words.len() >= MOST_WORDS {
                break;
            }
            if is_letter {
                found.words.push(c.to_string());
                found.letters += 1;
            }
        }
        found.words.extend(Some(word).filter(|word| !word.is_empty()));
        found.words.truncate(MOST_WORDS);
        found
    }
}

/// Whether it is of a script without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
fn has_no_spaces(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

fn is_share(part: usize, whole: usize, least: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts of at most some hundred hashes")]
    let share = part as f64 / whole as f64;
    share >= least
}

/// FNV-1a over both words, mixed (MurmurHash3's finaliser): the same in every version, since it is stored.
fn hash(first: &str, second: &str) -> u32 {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for byte in first.bytes().chain([0]).chain(second.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(range: std::ops::Range<u32>) -> String {
        range.map(|n| format!("word{} ", n * 7919 % 10_007)).collect()
    }

    #[track_caller]
    fn check(a: &str, b: &str, want: bool) {
        let (a, b) = (TextSketch::of(a).unwrap(), TextSketch::of(b).unwrap());
        assert_eq!((a.is_near(&b), b.is_near(&a)), (want, want));
    }

    #[test]
    fn the_same_text_with_other_case_marks_or_a_few_other_words_is_near() {
        check("A private matter of one person, told in full", "a PRIVATE matter of one person - told in full!", true);
        check(&words(0..400), &words(0..400), true);
        check(&words(0..400), &words(20..420), true);
        check(&words(0..400), &format!("{} an addition of a few words at the end", words(0..400)), true);
    }

    #[test]
    fn a_teaser_is_near_its_text() {
        check(&words(0..60), &words(0..200), true);
        check(&words(0..60), &words(300..500), false);
    }

    #[test]
    fn other_texts_are_not() {
        check(&words(0..400), &words(400..800), false);
        check(&words(0..400), &words(300..700), false);
        check("Ten new phones that you can buy this spring", "Ten old phones that nobody bought last spring", false);
    }

    #[test]
    fn a_text_of_hardly_any_words_has_no_sketch() {
        for text in ["", "Open thread", "The week in review", "🎉 🎉 🎉 🎉 🎉 🎉 🎉"] {
            assert_eq!(TextSketch::of(text), None, "{text}");
        }
    }

    const ENGLISH: &str = "On Tuesday the regional court found that the former treasurer of the rowing club had moved more \
        than ninety thousand euros into private accounts over four years, and ordered that the names of the three \
        witnesses stay sealed until the appeal is heard in spring. The club said it would not comment before then.";
    const GERMAN: &str = "Am Dienstag stellte das Landgericht fest, dass der frühere Schatzmeister des Rudervereins über \
        vier Jahre mehr als neunzigtausend Euro auf private Konten verschoben hatte. Größere Änderungen fänden später statt.";
    const VIETNAMESE: &str = "Tòa án khu vực hôm thứ Ba kết luận rằng cựu thủ quỹ câu lạc bộ chèo thuyền đã chuyển hơn chín \
        mươi nghìn euro vào tài khoản riêng trong bốn năm và ra lệnh giữ kín tên của ba nhân chứng";
    const HEBREW: &str = "בית המשפט המחוזי קבע ביום שלישי כי גזבר מועדון השיט לשעבר העביר יותר מתשעים אלף אירו לחשבונות פרטיים \
        במשך ארבע שנים והורה כי שמות שלושת העדים יישארו חסויים עד לערעור באביב";
    const JAPANESE: &str = "地方裁判所は火曜日、ボート部の元会計係が四年間で九万ユーロ以上を私的口座に移したと認定し、三人の証人の氏名を\
        春の控訴審まで非公開とするよう命じた。部はそれまでコメントしないと述べた。";
    const CHINESE: &str = "地方法院星期二裁定，划船俱乐部的前司库在四年内将九万多欧元转入私人账户，并命令三名证人的姓名在春季上诉\
        审理之前保持密封。俱乐部表示在此之前不会发表评论，而邻居们形容他是一个安静的人。法官还说，案件的其他部分将在下个月审理。";
    const THAI: &str = "ศาลแขวงมีคำพิพากษาเมื่อวันอังคารว่าอดีตเหรัญญิกของชมรมพายเรือได้โอนเงินกว่าเก้าหมื่นยูโรเข้าบัญชีส่วนตัวเป็นเวลาสี่ปี";

    fn is_remade(a: &str, b: &str) -> bool {
        let [a, b] = [a, b].map(|text| TextSketch::of_a_text(text).unwrap_or_else(|| panic!("no sketch: {text}")));
        assert_eq!(a.is_remade(&b), b.is_remade(&a));
        a.is_remade(&b)
    }

    fn inside_words(text: &str, sign: &str) -> String {
        let split = |word: &str| word.char_indices().nth(3).map_or(word.len(), |(at, _)| at);
        let word = |word: &str| format!("{}{sign}{}", &word[..split(word)], &word[split(word)..]);
        text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_in_other_letters_or_with_a_few_changes_is_remade() {
        use unicode_normalization::UnicodeNormalization;

        let wide = |c: char| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c };
        let every_eighth =
            |(at, word): (usize, &str)| if at % 8 == 7 { format!("x{word} ") } else { format!("{word} ") };
        for (what, text, other) in [
            ("soft hyphens", ENGLISH, inside_words(ENGLISH, "\u{ad}")),
            ("soft hyphens", GERMAN, inside_words(GERMAN, "\u{ad}")),
            ("spaces of no width", ENGLISH, inside_words(ENGLISH, "\u{200b}")),
            ("joiners", ENGLISH, inside_words(ENGLISH, "\u{2060}")),
            ("decomposed", GERMAN, GERMAN.nfd().collect()),
            ("decomposed", VIETNAMESE, VIETNAMESE.nfd().collect()),
            ("wide letters", ENGLISH, ENGLISH.chars().map(wide).collect()),
            ("Cyrillic letters", ENGLISH, ENGLISH.replace('a', "\u{430}").replace('e', "\u{435}")),
            ("capitals", GERMAN, GERMAN.to_uppercase()),
            ("niqqud", HEBREW, HEBREW.replace('ב', "ב\u{5b7}")),
            ("words changed", ENGLISH, ENGLISH.split_whitespace().enumerate().map(every_eighth).collect()),
            ("the same", JAPANESE, JAPANESE.to_owned()),
            ("decomposed", JAPANESE, JAPANESE.nfd().collect()),
            ("the same", CHINESE, CHINESE.to_owned()),
            ("spaces", CHINESE, CHINESE.replace('，', "， ")),
            ("a letter replaced", CHINESE, CHINESE.replace('的', "之")),
            ("nine tenths", CHINESE, CHINESE.chars().take(CHINESE.chars().count() * 9 / 10).collect()),
            ("the same", THAI, THAI.to_owned()),
        ] {
            assert!(is_remade(text, &other), "{what}: {other}");
        }
    }

    #[test]
    fn texts_of_their_own_are_not_remade() {
        const OF_A_COMET: &str = "天文台星期五宣布，一颗此前未知的彗星将在明年夏天肉眼可见，研究人员通过新望远镜拍到了它的尾巴。他们估计其周期超过四千年。";
        const OF_A_STAR: &str = "天文台は金曜日、新しい彗星を発見したと発表した。来年の夏に肉眼で見える見込みで、周期は四千年を超えるという。";
        const DISCLAIMER: &str = "This release contains forward-looking statements that involve risks and uncertainties, and \
            actual results may differ materially from those expressed or implied by such statements. The company assumes no \
            obligation to update them.";
        const KETTLES: &str = "Kettle makers of Lyon said on Monday that they had sold four million kettles in a single \
            quarter, mostly to hotels in the south, and raised their outlook for the year.";
        const VIOLINS: &str = "A violin workshop in Cremona has taken over its oldest rival for an undisclosed sum; both names \
            will stay on the instruments, the two families said, and no jobs are to go.";
        let (kettles, violins) = (format!("{KETTLES} {DISCLAIMER}"), format!("{VIOLINS} {DISCLAIMER}"));
        for (a, b) in [
            (CHINESE, OF_A_COMET),
            (JAPANESE, OF_A_STAR),
            (ENGLISH, KETTLES),
            (&kettles, &violins),
            (
                "Berlin on Monday: sunny at first, clouds from the west in the afternoon, highs of 21 degrees, a light wind",
                "Vienna on Friday: fog in the morning, rain from the south by noon, highs of 12 degrees, a strong wind",
            ),
            (
                "Version 2.4.1: fixes a crash when a file is opened twice, updates the translations, adds a dark theme for maps",
                "Version 2.4.2: fixes a leak when a window is closed early, updates the documentation, adds a search for tags",
            ),
        ] {
            assert!(!is_remade(a, b), "{a} / {b}");
        }
        for line in ["今日の主なニュースのまとめです", "本周科技新闻要点汇总与评论"] {
            assert_eq!(TextSketch::of_a_text(line), None, "{line}");
        }
        for line in ["今日の主な話題", "本周新闻要点"] {
            assert_eq!(TextSketch::of(line), None, "{line}");
        }
    }

    /// Sketches as they were stored before: of ASCII they are what they are now, of other letters they are made as then.
    #[test]
    fn a_sketch_that_was_stored_before_is_still_recognised() {
        let stored = TextSketch::parse("7:2ee121ad77955c3b7f0ea6f8a92e0d2bad1e1a14c170e210e791ba6d");
        assert_eq!(TextSketch::of("A maker unveils a folding phone, at last"), stored);
        assert_eq!(TextSketch::as_before("A maker unveils a folding phone, at last"), None);
        let russian = "Суд во вторник постановил скрыть имена трёх свидетелей";
        let before = TextSketch::as_before(russian).unwrap();
        assert_eq!((before.pairs, before.is_near(&TextSketch::of(russian).unwrap())), (7, false));
    }

    #[test]
    fn a_sketch_is_kept_as_a_text_that_does_not_show_what_it_is_of() {
        let sketch = TextSketch::of(&words(0..400)).unwrap();
        assert_eq!(TextSketch::parse(&sketch.to_text()), Some(sketch.clone()));
        assert!(!sketch.to_text().contains("word") && sketch.to_text().len() < 2_000);
        for bad in ["", "5", "5:", "x:00000001", "9:zzzzzzzz", "5:0000000200000001"] {
            assert_eq!(TextSketch::parse(bad), None, "{bad}");
        }
    }
}
