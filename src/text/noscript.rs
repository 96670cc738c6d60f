//! A picture that stands for another until a script has run, and the copy in `noscript` behind it: the copy is the one
//! that is meant.

use super::attrs::Attrs;
use super::html::tag_end;
use super::ornament;
use super::picture;

/// The picture in a `noscript`.
#[derive(Debug)]
pub(super) struct Copy<'a> {
    pub(super) address: String,
    /// The attributes of its element, as written.
    raw: &'a str,
    /// Where its `noscript` ends.
    pub(super) after: usize,
}

impl<'a> Copy<'a> {
    pub(super) fn attrs(&self) -> Attrs<'a> {
        let mut attrs = Attrs::default();
        attrs.read(self.raw);
        attrs
    }
}

/// A `noscript` with one picture is no longer, in bytes.
const LONGEST_COPY: usize = 8 * 1024;

/// The only picture of the `noscript` that begins at `from` in `html`, if it is another form of the one at `address`.
pub(super) fn copy_behind<'a>(html: &'a str, from: usize, address: &str) -> Option<Copy<'a>> {
    let start = from + (html[from..].len() - html[from..].trim_start().len());
    let is_named =
        |at: usize, name: &str| html.get(at..at + name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name));
    if !is_named(start, "<noscript") {
        return None;
    }
    let bytes = html.as_bytes();
    let open = (tag_end(bytes, start) + 1).min(html.len());
    let near = &bytes[open..bytes.len().min(open + LONGEST_COPY)];
    let tags = || memchr::memchr_iter(b'<', near).map(|at| open + at);
    let close = tags().find(|at| is_named(*at, "</noscript"))?;
    let mut pictures = tags().take_while(|at| *at < close).filter(|at| is_named(*at, "<img"));
    let (Some(picture), None) = (pictures.next(), pictures.next()) else { return None };
    let raw = &html[picture + 4..tag_end(bytes, picture)];
    let mut attrs = Attrs::default();
    attrs.read(raw);
    let found = picture::source(|name| attrs.get(name), || attrs.decoded())?.into_address();
    let is_copy = found != address && picture::is_form_of(&found, address);
    let after = (tag_end(bytes, close) + 1).min(html.len());
    (is_copy && !ornament::is_ornament(|name| attrs.get(name), &found)).then_some(Copy { address: found, raw, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_another_form_of_the_picture_before_it() {
        for (address, behind, want) in [
            ("a-60.jpg?q=20", "<noscript><img src=a.jpg alt=x></noscript>", Some("a.jpg")),
            ("a.jpg?w=50&blur=1", " \n<NOSCRIPT><p><IMG src='a.jpg?w=1200'></p></NOSCRIPT>", Some("a.jpg?w=1200")),
            (
                "https://m.example/max/60/1*abc.png",
                "<noscript><img src='https://m.example/max/1200/1*abc.png'></noscript>",
                Some("https://m.example/max/1200/1*abc.png"),
            ),
            ("a-20x20.jpg", "<noscript><img src=a-1024x768.jpg></noscript>", Some("a-1024x768.jpg")),
            ("a.jpg", "<noscript><img src=a.jpg></noscript>", None),
            ("a.jpg", "<noscript><img src=other.jpg></noscript>", None),
            ("a.jpg", "<noscript><img src=a-1.jpg><img src=a-2.jpg></noscript>", None),
            ("a.jpg", "<noscript><img src=a-2.jpg width=1 height=1></noscript>", None),
            ("a.jpg", "<noscript>Turn it on</noscript>", None),
            ("a.jpg", "<noscript><img src=a-2.jpg>", None),
            ("a.jpg", "x<noscript><img src=a-2.jpg></noscript>", None),
            ("a.jpg", "", None),
        ] {
            let html = format!("<img>{behind}");
            let found = copy_behind(&html, 5, address);
            assert_eq!(found.as_ref().map(|copy| &*copy.address), want, "{address} {behind}");
            assert!(found.is_none_or(|copy| copy.after == html.len()), "{behind}");
        }
    }
}
