//! Seeded numbers, and text made of them: words with the ranks of a real language.

use std::fmt::Write as _;

/// Words a script has; ranks over them follow Zipf's law, so that gzip does what it does to prose.
const VOCABULARY: usize = 20_000;

/// A stream of numbers that depends on its key alone (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn keyed(parts: &[u64]) -> Self {
        let mut rng = Self(0x9E37_79B9_7F4A_7C15);
        for part in parts {
            rng.0 ^= part.wrapping_mul(0xD6E8_FEB8_6659_FD93);
            rng.next();
        }
        rng
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in 0..`limit`; `limit` is at least 1.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// What a feed is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Plain Latin letters.
    Plain,
    /// Latin letters of ISO 8859-1 with accents.
    Accented,
    Cyrillic,
    Han,
}

/// The words of every script.
#[derive(Debug)]
pub(crate) struct Words {
    plain: Vec<String>,
    accented: Vec<String>,
    cyrillic: Vec<String>,
    han: Vec<String>,
}

impl Words {
    pub(crate) fn new(seed: u64) -> Self {
        let plain = ["ka", "ver", "ti", "son", "mo", "del", "per", "chi", "ra", "lo", "ten", "us", "in", "gra", "st"];
        let accented = ["ré", "so", "ção", "mü", "ler", "né", "ña", "tion", "für", "les", "où", "å", "ble", "ge", "ö"];
        let cyrillic = ["но", "вый", "про", "сте", "ли", "ра", "ком", "пь", "ю", "тер", "на", "си", "дан", "ные", "об"];
        let han = ["新", "技", "术", "数", "据", "公", "司", "发", "布", "网", "络", "安", "全", "机", "器"];
        Self {
            plain: vocabulary(seed, 1, &plain),
            accented: vocabulary(seed, 2, &accented),
            cyrillic: vocabulary(seed, 3, &cyrillic),
            han: vocabulary(seed, 4, &han),
        }
    }

    /// One word; the word of rank r comes about 1/r as often as the first.
    pub(crate) fn word(&self, rng: &mut Rng, script: Script) -> &str {
        let of = match script {
            Script::Plain => &self.plain,
            Script::Accented => &self.accented,
            Script::Cyrillic => &self.cyrillic,
            Script::Han => &self.han,
        };
        let rank = (rng.unit() * (of.len() as f64).ln()).exp() as usize;
        &of[rank.min(of.len() - 1)]
    }

    /// `count` words with spaces between them, the first with a capital.
    pub(crate) fn phrase(&self, rng: &mut Rng, script: Script, count: u64) -> String {
        let mut text = String::new();
        for at in 0..count {
            let word = self.word(rng, script);
            if at == 0 {
                text.extend(word.chars().take(1).flat_map(char::to_uppercase));
                text.extend(word.chars().skip(1));
            } else {
                text.push(' ');
                text.push_str(word);
            }
        }
        text
    }

    /// HTML as it stands in articles, of at least `least_bytes`.
    pub(crate) fn html(&self, rng: &mut Rng, script: Script, host: &str, least_bytes: usize) -> String {
        let mut html = String::with_capacity(least_bytes + 512);
        while html.len() < least_bytes {
            match rng.below(12) {
                0 => {
                    let (number, alt) = (rng.below(1 << 32), self.phrase(rng, script, 3));
                    let _ = writeln!(
                        html,
                        "<p><img src=\"https://{host}/i/{number}.jpg\" alt=\"{alt}\" width=\"640\" height=\"360\"></p>"
                    );
                }
                1 => {
                    html.push_str("<ul>\n");
                    for _ in 0..3 {
                        let _ = writeln!(html, "<li>{}</li>", self.phrase(rng, script, 7));
                    }
                    html.push_str("</ul>\n");
                }
                2 => {
                    let _ = writeln!(html, "<blockquote><p>{}.</p></blockquote>", self.phrase(rng, script, 20));
                }
                _ => self.paragraph(rng, script, &mut html),
            }
        }
        html
    }

    fn paragraph(&self, rng: &mut Rng, script: Script, html: &mut String) {
        html.push_str("<p>");
        for _ in 0..rng.between(2, 5) {
            let count = rng.between(6, 18);
            html.push_str(&self.phrase(rng, script, count));
            match rng.below(6) {
                0 => {
                    let (number, words) = (rng.below(1 << 40), self.phrase(rng, script, 2));
                    let _ = write!(html, " <a href=\"https://news.example/{number:x}\">{words}</a>");
                }
                1 => {
                    let _ = write!(html, " <em>{}</em> &amp; more", self.phrase(rng, script, 2));
                }
                2 => {
                    let _ = write!(html, " <strong>{}</strong>", self.phrase(rng, script, 1));
                }
                _ => {}
            }
            html.push_str(". ");
        }
        html.push_str("</p>\n");
    }
}

fn vocabulary(seed: u64, script: u64, syllables: &[&str]) -> Vec<String> {
    let mut rng = Rng::keyed(&[seed, 0x776F_7264, script]);
    let word = |rank: usize| {
        let longest = if rank < 60 { 2 } else { 5 };
        (0..rng.between(1, longest)).map(|_| rng.pick(syllables)).collect()
    };
    (0..VOCABULARY).map(word).collect()
}
