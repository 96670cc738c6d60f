use crate::extract::tree::Block;

/// Number of characters from which a block reads like prose.
const LONG_CHARS: usize = 80;

/// What a block looks like by itself.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) words: usize,
    pub(super) link_share: f32,
    pub(super) sentences: usize,
    pub(super) commas: usize,
    pub(super) ends_sentence: bool,
    pub(super) digits: f32,
    pub(super) upper_words: f32,
    pub(super) word_chars: f32,
    pub(super) good: f32,
    /// Words that do not come from the article: `share`, `subscribe`, ….
    pub(super) stock_words: usize,
    pub(super) marks: usize,
    pub(super) hash: u64,
}

impl Look {
    pub(super) fn of(block: &Block) -> Self {
        let text = &block.text;
        let chars = block.chars.max(1) as f32;
        let (mut words, mut upper) = (0, 0);
        let mut stock_words = 0;
        for word in text.split(' ') {
            words += 1;
            let mut letters = word.chars();
            upper += usize::from(letters.next().is_some_and(char::is_uppercase));
            stock_words += usize::from(is_stock(word));
        }
        let (mut sentences, mut commas, mut digits, mut marks, mut wide) = (0, 0, 0, 0, 0);
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for c in text.chars() {
            match c {
                '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' => sentences += 1,
                ',' | ';' | '、' | '，' | '،' => commas += 1,
                '0'..='9' => digits += 1,
                '|' | '©' | '›' | '»' | '•' | '@' | '/' | '#' | '→' | ':' => marks += 1,
                '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{e00}'..='\u{e7f}' => wide += 1,
                _ => {}
            }
            hash = (hash ^ u64::from(c)).wrapping_mul(0x0100_0000_01b3);
        }
        // Scripts without spaces: about two characters per word.
        let words = words + wide / 2;
        let link_share = block.link_chars as f32 / chars;
        let ends_sentence = text
            .trim_end_matches(['"', '”', '»', '’', ')', ']', '\''])
            .ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।']);
        let long = (block.chars + wide) as f32;
        let good = if link_share > 0.5 || long < LONG_CHARS as f32 || (sentences + commas == 0) {
            0.0
        } else {
            long * (1.0 - link_share)
        };
        Self {
            words,
            link_share,
            sentences,
            commas,
            ends_sentence,
            digits: digits as f32 / chars,
            upper_words: upper as f32 / words.max(1) as f32,
            word_chars: chars / words.max(1) as f32,
            good,
            stock_words,
            marks,
            hash,
        }
    }
}
/// Words of buttons, notices and calls, in the languages of the larger publishers.
fn is_stock(word: &str) -> bool {
    const LONGEST_BYTES: usize = 16;
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    if word.len() > LONGEST_BYTES || word.len() < 3 {
        return false;
    }
    matches!(
        word.to_lowercase().as_str(),
        "share"
            | "sharing"
            | "subscribe"
            | "subscription"
            | "newsletter"
            | "newsletters"
            | "comment"
            | "comments"
            | "reply"
            | "login"
            | "log"
            | "sign"
            | "register"
            | "advertisement"
            | "advertising"
            | "sponsored"
            | "copyright"
            | "reserved"
            | "rights"
            | "cookies"
            | "cookie"
            | "privacy"
            | "policy"
            | "terms"
            | "facebook"
            | "twitter"
            | "whatsapp"
            | "instagram"
            | "linkedin"
            | "pinterest"
            | "email"
            | "e-mail"
            | "click"
            | "follow"
            | "related"
            | "more"
            | "read"
            | "posted"
            | "published"
            | "updated"
            | "photo"
            | "photos"
            | "image"
            | "credit"
            | "getty"
            | "reuters"
            | "source"
            | "tags"
            | "category"
            | "categories"
            | "print"
            | "download"
            | "menu"
            | "search"
            | "next"
            | "previous"
            | "loading"
            | "javascript"
            | "browser"
            | "account"
            | "password"
            | "cart"
            | "shop"
            | "teilen"
            | "kommentare"
            | "kommentar"
            | "anzeige"
            | "werbung"
            | "foto"
            | "bild"
            | "mehr"
            | "lesen"
            | "datenschutz"
            | "impressum"
            | "abonnieren"
            | "abo"
            | "anmelden"
            | "quelle"
            | "partager"
            | "commentaires"
            | "commentaire"
            | "publicité"
            | "abonnez-vous"
            | "inscription"
            | "lire"
            | "aussi"
            | "compartir"
            | "comentarios"
            | "publicidad"
            | "leer"
            | "suscríbete"
            | "condividi"
            | "commenti"
            | "leggi"
            | "pubblicità"
            | "iscriviti"
            | "udostępnij"
            | "komentarze"
            | "reklama"
            | "czytaj"
            | "delen"
            | "reacties"
            | "lees"
            | "advertentie"
            | "compartilhar"
            | "comentários"
            | "publicidade"
            | "del"
            | "annons"
            | "läs"
            | "kommentarer"
    )
}
