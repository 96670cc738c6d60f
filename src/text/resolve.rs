//! Relative addresses → absolute ones, alone and inside HTML.

use std::borrow::Cow;
use std::cell::Cell;

use memchr::{memchr, memchr_iter, memmem};
use url::Url;

use super::address::{has_scheme, is_base};
use super::attrs::{self, Attrs};
use super::{HtmlLimits, entities, html::tag_end, noscript, ornament, picture};

/// Longest relative address in HTML that is resolved, as written.
const LONGEST_BYTES: usize = 8 * 1024;
/// What resolving adds to any HTML, beside half its length, before the other addresses in it stay as written.
const MOST_ADDED_BYTES: usize = 128 * 1024;

/// `text` resolved against `base`. What has a scheme, and what cannot be resolved, stays as written.
pub(crate) fn address(text: &str, base: Option<&Url>) -> String {
    let text = &*escaped_once_less(text.trim());
    let Some(base) = base.filter(|base| is_base(base)) else { return text.to_owned() };
    if text.is_empty() || has_scheme(text) {
        return text.to_owned();
    }
    base.join(text).map_or_else(|_| text.to_owned(), String::from)
}

/// An address whose ampersands were escaped once too often: no parameter is called `amp;b`, and `#038;b=2` is no place.
fn escaped_once_less(text: &str) -> Cow<'_, str> {
    const AMPERSANDS: [&str; 4] = ["&amp;", "&#038;", "&#38;", "&#x26;"];
    if !AMPERSANDS.iter().any(|escaped| text.contains(escaped)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(AMPERSANDS.iter().fold(text.to_owned(), |text, escaped| text.replace(escaped, "&")))
}

/// `html` with the relative addresses in its attributes resolved against `base`; references within the page stay as
/// they are written. An address that stays relative is dropped when the HTML is cleaned.
pub(crate) fn html(html: String, base: Option<&Url>) -> String {
    resolved(html, base, Places::Kept)
}

/// [`html`], with references within the page (`#note-1`) resolved, too: for HTML that leaves its page.
pub(crate) fn html_with_places(html: String, base: Option<&Url>) -> String {
    resolved(html, base, Places::Resolved)
}

/// What happens to addresses that are only a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Places {
    Kept,
    Resolved,
}

/// [`html`] against a base that is asked for only if a relative address is found.
pub(crate) fn html_lazily<'b>(html: String, base: impl Fn() -> Option<&'b Url>) -> String {
    owned(html, |html| rewrite(html, base, Places::Kept))
}

fn resolved(html: String, base: Option<&Url>, places: Places) -> String {
    if base.is_none() {
        return html;
    }
    owned(html, |html| rewrite(html, || base, places))
}

fn owned(html: String, rewrite: impl FnOnce(&str) -> Cow<'_, str>) -> String {
    match rewrite(&html) {
        Cow::Owned(new) => new,
        Cow::Borrowed(_) => html,
    }
}

fn rewrite<'a, 'b>(html: &'a str, base: impl Fn() -> Option<&'b Url>, places: Places) -> Cow<'a, str> {
    let bytes = html.as_bytes();
    let most_added = MOST_ADDED_BYTES + html.len() / 2;
    let mut out = String::new();
    let mut done = 0;
    let mut at = 0;
    let mut attrs = Attrs::default();
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let name_start = at + found + 1;
        at = name_start;
        let Some(name_length) = carrier(&bytes[name_start..]) else { continue };
        let tag_start = name_start + name_length;
        let tag_end = tag_end(bytes, tag_start);
        at = tag_end;
        attrs.read(&html[tag_start..tag_end]);
        for (name, raw) in attrs.iter() {
            let is_too_much = raw.len() > LONGEST_BYTES || out.len().saturating_sub(done) > most_added;
            if !is_address(name) || raw.is_empty() || is_too_much {
                continue;
            }
            let value = attrs::decode(raw);
            let is_kept_place = value.starts_with('#') && places == Places::Kept;
            if is_kept_place || has_scheme(&value) || value.is_empty() {
                continue;
            }
            let Some(absolute) = base().filter(|base| is_base(base)).and_then(|base| base.join(&value).ok()) else {
                continue;
            };
            // Where the value is in the document: attribute slices borrow from it.
            let start = raw.as_ptr() as usize - html.as_ptr() as usize;
            out.push_str(&html[done..start]);
            push_attribute(absolute.as_str(), &mut out);
            done = start + raw.len();
        }
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[done..]);
    Cow::Owned(out)
}

fn push_attribute(value: &str, out: &mut String) {
    let from = out.len();
    entities::escape_into(value, out);
    if out[from..].contains(['"', '\'']) {
        let quoted = out[from..].replace('"', "&quot;").replace('\'', "&#39;");
        out.truncate(from);
        out.push_str(&quoted);
    }
}

/// Length of the tag name at the start of `bytes` if that element has addresses.
fn carrier(bytes: &[u8]) -> Option<usize> {
    let length = bytes.iter().take(11).position(|b| !b.is_ascii_alphanumeric())?;
    let mut lower = [0_u8; 11];
    lower[..length].copy_from_slice(&bytes[..length]);
    lower.make_ascii_lowercase();
    let known = matches!(
        &lower[..length],
        b"a" | b"img"
            | b"image"
            | b"area"
            | b"audio"
            | b"video"
            | b"source"
            | b"iframe"
            | b"embed"
            | b"object"
            | b"blockquote"
            | b"q"
            | b"ins"
            | b"del"
            | b"form"
            | b"input"
            | b"link"
            | b"frame"
            | b"body"
            | b"script"
            | b"applet"
            | b"track"
    );
    known.then_some(length)
}

fn is_address(name: &str) -> bool {
    const NAMES: [&str; 10] =
        ["href", "src", "cite", "action", "longdesc", "poster", "data", "codebase", "background", "usemap"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Tags among which a picture is looked for: a text with more that show nothing has none.
const MOST_TAGS: usize = 500;

/// The address of the first picture in `html` that shows something of the story; of a long text only its beginning is
/// looked at.
pub(crate) fn first_image(html: &str) -> Option<String> {
    let html = &html[..html.floor_char_boundary(HtmlLimits::ITEM.bytes)];
    // Some publishing systems escape what is in `noscript`.
    let escaped = || {
        let (_, inside) = html.split_once("<noscript>")?;
        let (inside, _) = inside.split_once("</noscript>")?;
        first_shown(&attrs::decode(inside))
    };
    first_shown(html).or_else(escaped).or_else(|| first_poster(html))
}

/// The picture that stands for the first film until it plays.
fn first_poster(html: &str) -> Option<String> {
    memmem::find_iter(html.as_bytes(), b"<video ").take(MOST_TAGS).find_map(|at| {
        let start = at + "<video".len();
        let mut attrs = Attrs::default();
        attrs.read(&html[start..tag_end(html.as_bytes(), start)]);
        let poster = attrs.filled("poster")?;
        (!picture::is_placeholder(&poster) && !ornament::is_ornament_address(&poster)).then(|| poster.into_owned())
    })
}

fn first_shown(html: &str) -> Option<String> {
    let bytes = html.as_bytes();
    let start = ["<img", "<image", "<picture", "<amp-img", "<IMG"]
        .iter()
        .filter_map(|tag| memmem::find(bytes, tag.as_bytes()))
        .min()?;
    // Inside `picture`: the best of its sources.
    let mut of_picture = None;
    let looked_at = Cell::new(0);
    memchr_iter(b'<', &bytes[start..]).take_while(|_| looked_at.get() < MOST_TAGS).find_map(|at| {
        let name = start + at + 1;
        let is = |tag: &str| {
            let end = name + tag.len();
            let is_named = bytes.get(name..end).is_some_and(|name| name.eq_ignore_ascii_case(tag.as_bytes()));
            (is_named && bytes.get(end).is_some_and(u8::is_ascii_whitespace)).then_some(end)
        };
        let attrs = |end: usize| {
            looked_at.set(looked_at.get() + 1);
            let mut attrs = Attrs::default();
            attrs.read(&html[end..tag_end(bytes, end)]);
            attrs
        };
        if let Some(end) = is("source") {
            let attrs = attrs(end);
            let set = attrs.first(&["srcset", "data-srcset", "data-lazy-srcset"])?;
            of_picture = of_picture.take().or_else(|| picture::largest(&set));
            return None;
        }
        if bytes[name..].starts_with(b"/picture") {
            return of_picture.take();
        }
        let end = is("img").or_else(|| is("image")).or_else(|| is("amp-img"))?;
        let attrs = attrs(end);
        let address =
            picture::largest_source(|name| attrs.get(name), || attrs.decoded()).or_else(|| of_picture.take())?;
        of_picture = None;
        let after = (tag_end(bytes, end) + 1).min(html.len());
        if let Some(copy) = noscript::copy_behind(html, after, &address) {
            return Some(copy.address);
        }
        (!ornament::is_ornament(|name| attrs.get(name), &address) && !is_in_foreign_link(html, name - 1))
            .then_some(address)
    })
}

/// Most bytes of a link before its picture.
const LONGEST_LINK_BYTES: usize = 2_048;

/// Whether the picture at `at` is a part of a link that shares the page, or of a card that shows another one.
fn is_in_foreign_link(html: &str, at: usize) -> bool {
    const SHARES: [&str; 9] = [
        "/sharer",
        "/intent/",
        "home?status=",
        "sharearticle",
        "/share?",
        "/pin/create",
        "/submit?url",
        "whatsapp.com/send",
        "sharing/share-offsite",
    ];
    const CARDS: [&str; 6] = ["bookmark", "embedded-post", "onebox", "link-card", "linkcard", "blogcard"];
    let before = &html[html.ceil_char_boundary(at.saturating_sub(LONGEST_LINK_BYTES))..at];
    let Some(start) = before.rfind("<a ").filter(|start| !before[*start..].contains("</a")) else { return false };
    let mut attrs = Attrs::default();
    attrs.read(&before[start + 2..tag_end(before.as_bytes(), start + 2).min(before.len())]);
    let holds = |name: &str, parts: &[&str]| {
        attrs
            .filled(name)
            .map(|value| value.to_ascii_lowercase())
            .is_some_and(|value| parts.iter().any(|it| value.contains(it)))
    };
    holds("href", &SHARES) || holds("class", &CARDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("http://example.org/a/b.xml").unwrap()
    }

    #[test]
    fn an_absolute_address_stays_as_written() {
        assert_eq!(address(" http://Example.com ", Some(&base())), "http://Example.com");
        assert_eq!(address("tag:x,2020:1", Some(&base())), "tag:x,2020:1");
        assert_eq!(address("../c?d", Some(&base())), "http://example.org/c?d");
        assert_eq!(address("c", None), "c");
        for escaped in ["&", "&amp;", "&#038;", "&#38;", "&#x26;"] {
            assert_eq!(
                address(&format!("/v?a=1{escaped}b=2"), Some(&base())),
                "http://example.org/v?a=1&b=2",
                "{escaped}"
            );
            assert_eq!(address(&format!("https://a.example/v?a=1{escaped}b=2"), None), "https://a.example/v?a=1&b=2");
        }
        assert_eq!(address("https://a.example/?q=a&ampere=b", None), "https://a.example/?q=a&ampere=b");
    }

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(html(text.to_owned(), Some(&base())), want);
    }

    #[test]
    fn addresses_inside_html_are_resolved() {
        check(
            "<a href=\"c\">x</a><img SRC='/d' alt=\"e\">",
            "<a href=\"http://example.org/a/c\">x</a><img SRC='http://example.org/d' alt=\"e\">",
        );
        check("<a href=?q=1&amp;r>x</a>", "<a href=http://example.org/a/b.xml?q=1&amp;r>x</a>");
        check("<a href=\"#top\" title='href=\"x\"'>x</a>", "<a href=\"#top\" title='href=\"x\"'>x</a>");
        check("<a href=\"c'd\">", "<a href=\"http://example.org/a/c&#39;d\">");
        check("a < b <a href=\"c", "a < b <a href=\"http://example.org/a/c");
        check("<p>href=\"c\"</p><abbr src=x>", "<p>href=\"c\"</p><abbr src=x>");
    }

    #[test]
    fn what_resolving_adds_is_bounded() {
        let base = Url::parse(&format!("http://example.org/{}/", "x".repeat(2_000))).unwrap();
        let many = "<a href=x>y</a>".repeat(100_000);
        let resolved = html(many.clone(), Some(&base));
        assert!(resolved.len() < many.len() * 3 / 2 + MOST_ADDED_BYTES + 4_096, "{}", resolved.len());
        assert!(resolved.starts_with("<a href=http://example.org/xxx") && resolved.ends_with("<a href=x>y</a>"));
        let longer = base.join(&"x/".repeat(100)).unwrap();
        assert_eq!(html(many.clone(), Some(&longer)), many, "no such base is used");
        assert_eq!(address("x", Some(&longer)), "x");
        let one = format!("<a href=\"{}\">", "'".repeat(1 << 20));
        assert_eq!(html(one.clone(), Some(&base)), one);
    }

    #[test]
    fn the_first_picture_is_found() {
        assert_eq!(first_image("<p><images src=x><IMG alt='>' src='a&amp;b'>").as_deref(), Some("a&b"));
        assert_eq!(first_image("<p><image src=x>").as_deref(), Some("x"));
        assert_eq!(
            first_image("<picture><source srcset='a.jpg 300w, b.jpg 900w'></picture>").as_deref(),
            Some("b.jpg")
        );
        let placeholder = "<img src='a.jpg?w=50'><noscript><img src='a.jpg?w=1200'></noscript>";
        assert_eq!(first_image(placeholder).as_deref(), Some("a.jpg?w=1200"));
        assert_eq!(first_image("<a href=b><img src='#'></a>"), None);
        assert_eq!(first_image("<video src=v.mp4 poster=p.jpg></video>").as_deref(), Some("p.jpg"));
        assert_eq!(first_image("<video poster=p.jpg></video><img src=a.jpg>").as_deref(), Some("a.jpg"));
        assert_eq!(first_image("<imgs src=x>"), None);
        let picture = "<picture><source data-srcset='a.jpg 300w, b.jpg 900w'><img src='data:,'></picture>";
        assert_eq!(first_image(picture).as_deref(), Some("b.jpg"));
        assert_eq!(first_image("<amp-img src=a.jpg>").as_deref(), Some("a.jpg"));
        let emoji = "<img class=emoji src=https://s.w.org/images/core/emoji/1.png>";
        assert_eq!(first_image(&format!("{emoji}<img src='data:,' data-src=/r.jpg>")).as_deref(), Some("/r.jpg"));
        assert_eq!(first_image(emoji), None);
        for (open, is_shown) in [
            ("<a href='https://www.facebook.com/sharer/sharer.php?u=x'>", false),
            ("<a class=slashpop href=\"http://twitter.com/home?status=x\"><b>", false),
            ("<a class=\"kg-bookmark-container\" href=x><div>", false),
            ("<a href='https://a.example/sharer'></a>", true),
            ("<a href='https://a.example/story'>", true),
        ] {
            let found = first_image(&format!("{open}<img src=p.png></a><img src=q.png>"));
            assert_eq!(found.as_deref(), Some(if is_shown { "p.png" } else { "q.png" }), "{open}");
        }
    }

    #[test]
    fn the_first_picture_may_be_escaped_for_readers_without_scripts() {
        let late = "<img src='data:,' class=x><noscript>&lt;img src=&quot;r.jpg&quot;&gt;</noscript>";
        assert_eq!(first_image(late).as_deref(), Some("r.jpg"));
        assert_eq!(first_image("<noscript>Turn it on</noscript>"), None);
    }
}
