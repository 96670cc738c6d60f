//! People as feeds write them.

use crate::model::Person;
use crate::text::web_url;

/// Reads `mail (Name)`, `Name (mail)`, `Name <mail>`, `mailto:mail`, a mail address or a name alone.
pub(super) fn person(text: &str) -> Option<Person> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let Some((start, end)) = mail(text) else {
        return named(text);
    };
    let email = text[start..end].to_owned();
    // `mail?subject=…` belongs to the address.
    let tail = &text[end..];
    let tail = if tail.starts_with("?subject=") { tail.trim_start_matches(|c: char| !c.is_whitespace()) } else { tail };
    let head = text[..start].trim_end();
    let head = head.strip_suffix("mailto:").unwrap_or(head);
    let mut name = format!("{head} {tail}")
        .replace("()", "")
        .replace("( )", "")
        .replace("<>", "")
        .replace("< >", "")
        .replace("&lt;&gt;", "");
    for _ in 0..2 {
        name = name.trim().trim_matches(['<', '>', '"', ',']).trim().to_owned();
        if name.starts_with('(') && (name.ends_with(')') || !name.contains(')')) {
            name.remove(0);
        }
        if name.ends_with(')') && !name.contains('(') {
            name.pop();
        }
        if name.ends_with('(') {
            name.pop();
        }
    }
    let name = without_by(name.trim());
    let is_name = !name.is_empty() && !is_nobody(name);
    Some(Person { name: is_name.then(|| name.to_owned()), email: Some(email), uri: None })
}

/// Somebody without a mail address: an address of a page is none's name.
fn named(text: &str) -> Option<Person> {
    if let Some(uri) = web_url(text, None) {
        return Some(Person { uri: Some(uri.into()), ..Person::default() });
    }
    let name = without_by(text);
    (!is_nobody(name)).then(|| Person::named(name))
}

/// What publishing systems write for want of a name.
fn is_nobody(name: &str) -> bool {
    ["unknown", "noreply", "no-reply"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// `By Jane Doe` is a line, the name is in it.
fn without_by(name: &str) -> &str {
    let by = name.get(..3).filter(|by| by.eq_ignore_ascii_case("by "));
    let rest = by.map_or(name, |by| name[by.len()..].trim_start());
    if rest.starts_with(char::is_uppercase) { rest } else { name }
}

/// Start and end of the first mail address in `text`.
fn mail(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'@', bytes).find_map(|at| {
        let start = at
            - bytes[..at]
                .iter()
                .rev()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+'))
                .count();
        let length =
            bytes[at + 1..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')).count();
        let host = text[at + 1..at + 1 + length].trim_end_matches('.');
        let dotted = host.rsplit_once('.').is_some_and(|(name, top)| !name.is_empty() && top.len() >= 2);
        (start < at && dotted).then_some((start, at + 1 + host.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: Option<&str>, email: Option<&str>) {
        let got = person(text).unwrap();
        assert_eq!((got.name.as_deref(), got.email.as_deref()), (name, email), "{text}");
    }

    #[test]
    fn name_and_mail_come_in_any_order() {
        check("jane@example.org (Jane Doe)", Some("Jane Doe"), Some("jane@example.org"));
        check("Jane Doe (jane@example.org)", Some("Jane Doe"), Some("jane@example.org"));
        check("Jane Doe <jane@example.org>", Some("Jane Doe"), Some("jane@example.org"));
        check("jane@example.org", None, Some("jane@example.org"));
        check("mailto:jane@example.org", None, Some("jane@example.org"));
        check("jane+x@mail.example.co.uk?subject=hi (Jane)", Some("Jane"), Some("jane+x@mail.example.co.uk"));
        check("Jane (J. D.) Doe", Some("Jane (J. D.) Doe"), None);
        check("@jane", Some("@jane"), None);
        check("jane at example.org", Some("jane at example.org"), None);
        assert_eq!(person("  "), None);
        check("noreply@blogger.com (Unknown)", None, Some("noreply@blogger.com"));
        assert_eq!(person("Unknown"), None);
        check("By Jane Doe", Some("Jane Doe"), None);
        check("jane@example.org (by Jane Doe)", Some("Jane Doe"), Some("jane@example.org"));
        check("By the way", Some("By the way"), None);
        check("Byron", Some("Byron"), None);
        let page = person("https://example.org/author/jane").unwrap();
        assert_eq!((page.name, page.uri.as_deref()), (None, Some("https://example.org/author/jane")));
    }
}
