//! What a name looks like: names that readers take for one another look alike.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_security::skeleton;

/// Fewer letters than this are found in any name.
const LEAST_LETTERS: usize = 3;

/// The looks of a name: two names with a common one are told apart by nobody. By the letters of UTS #39 (skeletons), with
/// no regard to case, accents, punctuation, spaces, what is not shown, and what is only put around a name.
#[must_use]
pub(crate) fn looks_of(name: &str) -> BTreeSet<String> {
    let bare = bare(name);
    // `I` looks like `l`, and like `i` where it is no capital.
    let looks = [name, &*bare].map(|name| [look_of(name), look_of(&name.to_lowercase())]);
    looks.into_iter().flatten().filter(|look| !look.is_empty()).collect()
}

/// A name without its article, the signs of a trade mark, the word for a feed, and a host in brackets: so we show hosts.
fn bare(name: &str) -> String {
    let is_sign = |c: char| matches!(c, '\u{a9}' | '\u{ae}' | '\u{2120}' | '\u{2122}');
    // A bar looks like a letter within a word, and like none beside one.
    let plain = match name.is_ascii() {
        true => Cow::Borrowed(name),
        false => Cow::Owned(name.chars().filter(|c| !is_sign(*c)).map(in_ascii).collect::<String>()),
    };
    let plain = plain.replace('|', " ");
    let mut rest = plain.trim();
    while let Some((before, host)) = rest.strip_suffix([')', ']']).and_then(|rest| rest.rsplit_once(['(', '['])) {
        if !host.contains('.') || host.contains(' ') {
            break;
        }
        rest = before.trim_end();
    }
    if let Some((before, word)) = rest.rsplit_once(' ')
        && ["rss", "feed"].iter().any(|known| word.eq_ignore_ascii_case(known))
    {
        rest = before.trim_end();
    }
    let article = rest.get(..4).filter(|word| word.eq_ignore_ascii_case("the "));
    rest[article.map_or(0, str::len)..].to_owned()
}

/// A character as ASCII where it is one of another width or style; itself otherwise.
fn in_ascii(c: char) -> String {
    let plain: String = c.nfkc().collect();
    if plain.is_ascii() { plain } else { c.to_string() }
}

/// Whether a name and the host of an outlet's own pages go together: `Ars Technica` and `arstechnica.com`, `The New York
/// Times` and `nytimes.com`.
#[must_use]
pub(crate) fn fits_host(name: &str, domain: &str) -> bool {
    let label = domain.split('.').next().unwrap_or_default();
    let (host, name) = (look_of(&label.to_lowercase()), name.to_lowercase());
    let whole = look_of(&name);
    let words: Vec<String> = name.split_whitespace().map(look_of).filter(|word| !word.is_empty()).collect();
    let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
    let without_article = initials.strip_prefix('t').filter(|_| words.first().is_some_and(|word| word == "the"));
    let is_long = |text: &str| text.chars().count() >= LEAST_LETTERS;
    is_long(&host)
        && (whole.contains(&host)
            || is_long(&whole) && host.contains(&whole)
            || [Some(&*initials), without_article].into_iter().flatten().any(|of| is_long(of) && host.starts_with(of)))
}

/// What each ASCII character looks like: most names have no other.
static ASCII: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..128u8).map(|byte| skeletal(char::from(byte).encode_utf8(&mut [0; 4]))).collect());

fn look_of(name: &str) -> String {
    if name.is_ascii() { name.bytes().map(|byte| ASCII[usize::from(byte)].as_str()).collect() } else { skeletal(name) }
}

fn skeletal(name: &str) -> String {
    let looks: String = name.nfd().filter(|c| !is_combining_mark(*c)).map(looking).collect();
    let plain: String = looks.chars().filter(|c| !is_combining_mark(*c)).collect();
    skeleton(&plain).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a character looks like, and only if UTS #39 does not say, what it is a form of: the lunate sigma is one of a
/// sigma, and looks like a `c`.
fn looking(c: char) -> String {
    let look: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
    if c.is_ascii() || look.chars().eq([c]) { c.nfkd().collect() } else { look }
}

/// The letters of a text as texts are compared: with no regard to case, to accents and points, to what is not shown, to
/// the width of letters and to what they are composed of; of letters that look alike the Latin one (UTS #39). ASCII stays
/// what it is but for capitals.
pub(super) fn plain_letters(text: &str) -> impl Iterator<Item = char> + '_ {
    let ascii = text.is_ascii().then(|| text.chars().map(|c| c.to_ascii_lowercase()));
    let other = ascii.is_none().then(|| text.nfkd().filter(|c| !is_put_on(*c)).flat_map(folded));
    ascii.into_iter().flatten().chain(other.into_iter().flatten())
}

/// Whether it is a mark on a letter, as accents and vowel points are; a vowel that is written as a mark is a letter.
fn is_put_on(c: char) -> bool {
    !c.is_ascii() && (canonical_combining_class(c) != 0 || is_combining_mark(c) && !c.is_alphanumeric())
}

/// The small letters of a character, in their Latin forms; nothing for one that is not shown.
fn folded(c: char) -> impl Iterator<Item = char> {
    let plain = c.is_ascii().then(|| c.to_ascii_lowercase());
    let small = plain.is_none().then(|| c.to_uppercase().flat_map(char::to_lowercase));
    let looks = |c: char| skeleton(c.encode_utf8(&mut [0; 4])).flat_map(char::to_lowercase).collect::<Vec<char>>();
    plain.into_iter().chain(small.into_iter().flatten().flat_map(looks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ascii_have_the_looks_of_all_names() {
        let all: String = (0..128u8).map(char::from).collect();
        for name in [all.as_str(), "The Maker's m1rn0r: IO & |l|", "modern rnagazine", ""] {
            assert_eq!(look_of(name), skeletal(name), "{name}");
        }
    }

    #[test]
    fn names_that_nobody_tells_apart_look_alike() {
        const NAME: &str = "The alpha Paper";
        for other in [
            "The alpha Paper",
            "THE ALPHA PAPER",
            "The a\u{200B}lpha Paper",
            "\u{202E}The alpha Paper\u{202C}",
            "The \u{0430}lpha Paper",
            "Тhе аlрhа Рареr",
            "The a1pha Paper",
            "The aIpha Paper",
            "The  alpha-Paper.",
            "The àlphá Paper",
            "Ｔｈｅ ａｌｐｈａ Ｐａｐｅｒ",
            "𝐓𝐡𝐞 𝐚𝐥𝐩𝐡𝐚 𝐏𝐚𝐩𝐞𝐫",
            "Alpha Paper",
            "The alpha Paper RSS",
            "The alpha Paper™",
            "The alpha Paper (alpha.example)",
            "The alpha Paper（alpha.example）",
            "Alpha Paper® [alpha.example]",
        ] {
            assert!(!looks_of(NAME).is_disjoint(&looks_of(other)), "{other}");
        }
        for other in ["The beta Paper", "The alpha Papers", "Alpha", "", "…", "紙"] {
            assert!(looks_of(NAME).is_disjoint(&looks_of(other)), "{other}");
        }
        assert!(looks_of("…").is_empty());
    }

    #[test]
    fn a_look_counts_more_than_what_a_letter_is_a_form_of_and_bars_are_no_letters() {
        for other in [
            "Ars Te\u{3f2}hnica",
            "The Ars Te\u{3f2}hnica",
            "Ars Te\u{3f2}hnica RSS",
            "ARS TE\u{3f9}HNICA",
            "Ars Technica|",
            "| Ars Technica",
            "Ars | Technica",
            "Ars Technica \u{ff5c}",
            "Ars Technica | RSS",
        ] {
            assert!(!looks_of("Ars Technica").is_disjoint(&looks_of(other)), "{other}");
        }
        assert!(!looks_of("The alpha Paper").is_disjoint(&looks_of("The a|pha Paper")));
        for other in ["Ars Te\u{3c3}hnica", "Ars Technical", "|"] {
            assert!(looks_of("Ars Technica").is_disjoint(&looks_of(other)), "{other}");
        }
    }

    #[test]
    fn a_name_and_its_host_go_together() {
        let check = |name: &str, domain: &str, want| assert_eq!(fits_host(name, domain), want, "{name} {domain}");
        check("Ars Technica", "arstechnica.com", true);
        check("Ars Technica - All content", "arstechnica.com", true);
        check("The New York Times", "nytimes.com", true);
        check("The alpha paper", "alpha.example", true);
        check("LWN.net", "lwn.net", true);
        check("BBC News", "bbc.co.uk", true);
        check("Ars Technica", "evil.example", false);
        check("The alpha paper", "a.example", false);
        check("The alpha paper", "beta.example", false);
        check("", "beta.example", false);
    }
}
