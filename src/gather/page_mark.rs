//! What stays of a page when it is made for each address anew: whether two pages are the same one.

use crate::text::{content_hash, plain_text_within};

/// What lies beyond is not looked at.
const LOOKED_AT_BYTES: usize = 64 * 1024;

/// Stands for a page, whatever address, number or token it was made out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageMark([u8; 32]);

impl PageMark {
    /// Of these bytes: the names of its tags, and the words of its text.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT_BYTES)]);
        let mut seen = String::new();
        for tag in head.split('<').skip(1) {
            seen.extend(tag.chars().take_while(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()));
            seen.push(' ');
        }
        let text = plain_text_within(&head, LOOKED_AT_BYTES);
        let is_word = |word: &&str| !word.contains(|c: char| c.is_ascii_digit() || matches!(c, '/' | ':' | '@' | '='));
        for word in text.split_whitespace().map(|word| word.trim_end_matches(['.', ',', ':'])).filter(is_word) {
            // An address without a scheme.
            if !word.contains('.') {
                seen.push_str(word);
                seen.push(' ');
            }
        }
        Self(content_hash(seen.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, want: bool) {
        assert_eq!(PageMark::of(one.as_bytes()) == PageMark::of(other.as_bytes()), want, "{one} {other}");
    }

    #[test]
    fn a_page_is_the_same_whatever_it_was_made_out_for() {
        let page = |address: &str, token: &str| {
            format!(
                "<html><head><title>Hotel</title><meta name=t content=\"{token}\"></head><body><h1>Welcome</h1>\
                 <p>You asked for {address} at 12:{token}, please log in.<a href=\"/in?to={address}\">Log in</a>"
            )
        };
        check(&page("http://a.example/f", "11"), &page("http://b.example/feed.xml", "59"), true);
        check(&page("a.example", "11"), &page("news.b.example", "12"), true);
        let script = |to: &str| format!("<html><script>location = \"http://in.example/?to={to}\"</script></html>");
        check(&script("a"), &script("b"), true);
        check("<html><p>Not found", "<html><p>Not found", true);
        check("<html><p>Not found", "<html><p>We are moving", false);
        check("<html><p>Not found", "<html><div><p>Not found", false);
    }
}
