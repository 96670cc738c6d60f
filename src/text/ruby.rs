//! How a word is read, which stands above it in print: in brackets behind it where HTML goes without ruby.

use std::borrow::Cow;

use super::html::{plain_text, tag_end};

/// `html` with brackets around each reading (`rt`, written in lower case) of a `ruby` that brings none of its own (`rp`).
pub(crate) fn bracketed(html: &str) -> Cow<'_, str> {
    if !html.contains("<rt") {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len() + 16);
    let mut rest = html;
    while let Some(start) = rest.find("<ruby") {
        let end = rest[start..].find("</ruby").map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        let ruby = &rest[start..end];
        if ruby.contains("<rp") {
            out.push_str(ruby);
        } else {
            bracket(ruby, &mut out);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn bracket(ruby: &str, out: &mut String) {
    let mut parts = ruby.split("<rt");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str("<rt");
        let start = (tag_end(part.as_bytes(), 0) + 1).min(part.len());
        let ends = ["</rt", "<rb"].iter().filter_map(|end| part[start..].find(end));
        let end = ends.min().map_or(part.len(), |length| start + length);
        let is_reading = part.starts_with(['>', ' ']) && !plain_text(&part[start..end]).is_empty();
        let (open, close) = if is_reading { ("(", ")") } else { ("", "") };
        out.extend([&part[..start], open, &part[start..end], close, &part[end..]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_stands_in_brackets() {
        for (html, want) in [
            ("<ruby>東京<rt>とうきょう</rt></ruby>へ", "<ruby>東京<rt>(とうきょう)</rt></ruby>へ"),
            (
                "<ruby>東<rt>とう<rb>京<rt class=x>きょう</ruby>。",
                "<ruby>東<rt>(とう)<rb>京<rt class=x>(きょう)</ruby>。",
            ),
            ("<ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp></ruby>", "<ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp></ruby>"),
            (
                "<ruby>東<rtc><rt>とう</rt></rtc><rt> </rt></ruby>",
                "<ruby>東<rtc><rt>(とう)</rt></rtc><rt> </rt></ruby>",
            ),
            ("a<rt>b</rt> <ruby>c", "a<rt>b</rt> <ruby>c"),
            ("<ruby>東<rt>とう", "<ruby>東<rt>(とう)"),
            ("<p>plain</p>", "<p>plain</p>"),
        ] {
            assert_eq!(bracketed(html), want, "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|ruby|rt|rb|<ruby>|<rt>|</rt>|</ruby>|é| ){0,40}") {
            let _ = bracketed(&html);
        }
    }
}
