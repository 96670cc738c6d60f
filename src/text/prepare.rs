//! HTML before it is sanitised: what would lose its meaning in the sanitiser becomes something that it keeps.
//!
//! Pictures that load late get their address, those in `noscript` and `picture` appear once, emoji become text,
//! formulas their source, players a link. A linear pass over the text, whose result is sanitised like any other.

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::{memchr, memmem};

use super::attrs::Attrs;
use super::embed;
use super::entities::escape_into;
use super::html::{lower_name, tag_end};
use super::picture::{self, Found};

/// `html` with pictures, formulas and players in forms that the sanitiser keeps.
pub(crate) fn prepared(html: &str) -> Cow<'_, str> {
    let mut pass = Pass {
        html,
        out: String::new(),
        done: 0,
        shown: HashSet::new(),
        last: Last::Other,
        in_picture: None,
        absent: Vec::new(),
    };
    pass.run();
    if pass.done == 0 {
        return Cow::Borrowed(html);
    }
    pass.out.push_str(&html[pass.done..]);
    Cow::Owned(pass.out)
}

/// What the last element was, as far as it matters for recognising a copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A picture whose real address was found where scripts look for it: a copy in `noscript` follows.
    LatePicture,
    Other,
}

struct Pass<'a> {
    html: &'a str,
    out: String,
    /// `html` has been copied to `out` up to here.
    done: usize,
    /// Addresses of pictures that are in the result.
    shown: HashSet<String>,
    last: Last,
    /// Inside `picture`: the best of its sources so far.
    in_picture: Option<Option<String>>,
    /// Elements whose end tag no longer follows.
    absent: Vec<&'static str>,
}

impl<'a> Pass<'a> {
    fn run(&mut self) {
        let bytes = self.html.as_bytes();
        let mut at = 0;
        while let Some(step) = memchr(b'<', &bytes[at..]) {
            let tag = at + step;
            at = if bytes[tag..].starts_with(b"<!--") {
                memmem::find(&bytes[tag + 4..], b"-->").map_or(bytes.len(), |end| tag + 4 + end + 3)
            } else {
                self.tag(tag)
            };
        }
    }

    /// Takes the tag at `tag`. Returns where to continue.
    fn tag(&mut self, tag: usize) -> usize {
        let bytes = self.html.as_bytes();
        let closing = bytes.get(tag + 1) == Some(&b'/');
        let start = tag + 1 + usize::from(closing);
        let (name, length) = lower_name(&bytes[start..]);
        let name = &name[..length];
        let close = tag_end(bytes, start + length);
        let end = (close + 1).min(bytes.len());
        if closing {
            if name == b"picture" {
                self.in_picture = None;
            }
            return end;
        }
        let raw = &self.html[start + length..close];
        match name {
            b"script" | b"style" | b"template" | b"textarea" => {
                let kept = match name {
                    b"script" => "script",
                    b"style" => "style",
                    b"template" => "template",
                    _ => "textarea",
                };
                self.end_of(kept, end).map_or(end, |(_, after)| after)
            }
            b"picture" => {
                self.in_picture = Some(None);
                end
            }
            b"source" => self.source(raw, end),
            b"img" => self.img(raw, tag, end),
            b"noscript" => self.noscript(tag, end),
            b"math" => self.math(raw, tag, end),
            b"video" => self.player("video", raw, tag, end),
            b"audio" => self.player("audio", raw, tag, end),
            b"iframe" => self.player("iframe", raw, tag, end),
            b"object" => self.player("object", raw, tag, end),
            b"embed" => self.embedded(raw, tag, end),
            _ => {
                self.last = Last::Other;
                end
            }
        }
    }

    /// Puts `new` in place of what is between `from` and `to`.
    fn replace(&mut self, from: usize, to: usize, new: &str) -> usize {
        if from >= self.done {
            self.out.push_str(&self.html[self.done..from]);
            self.out.push_str(new);
            self.done = to;
        }
        to
    }

    /// Where the end tag of `name` begins and ends.
    fn end_of(&mut self, name: &'static str, from: usize) -> Option<(usize, usize)> {
        if self.absent.contains(&name) {
            return None;
        }
        let bytes = self.html.as_bytes();
        let found = memmem::find_iter(&bytes[from..], b"</").map(|at| from + at).find(|at| {
            bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        });
        match found {
            Some(at) => Some((at, (tag_end(bytes, at) + 1).min(bytes.len()))),
            None => {
                self.absent.push(name);
                None
            }
        }
    }

    fn source(&mut self, raw: &str, end: usize) -> usize {
        if let Some(best) = &mut self.in_picture
            && best.is_none()
        {
            let mut attrs = Attrs::default();
            attrs.read(raw);
            *best = ["srcset", "data-srcset", "data-lazy-srcset"]
                .iter()
                .find_map(|name| picture::largest(&attrs.filled(name)?));
        }
        end
    }

    fn img(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        let mut attrs = Attrs::default();
        attrs.read(raw);
        self.last = Last::Other;
        if let Some(text) = picture::text_of(&attrs) {
            let mut escaped = String::new();
            escape_into(&text, &mut escaped);
            return self.replace(tag, end, &escaped);
        }
        let of_picture = self.in_picture.take().flatten();
        match picture::source(|name| attrs.get(name)).or(of_picture.map(Found::Late)) {
            None => self.replace(tag, end, ""),
            Some(Found::Plain(address)) => {
                self.shown.insert(address);
                end
            }
            Some(Found::Late(address)) => {
                self.last = Last::LatePicture;
                let img = img(&address, &attrs);
                self.shown.insert(address);
                self.replace(tag, end, &img)
            }
        }
    }

    /// The pictures in `noscript`, unless they are copies of the one before it.
    fn noscript(&mut self, tag: usize, end: usize) -> usize {
        let Some((close, after)) = self.end_of("noscript", end) else { return end };
        let is_copy = std::mem::replace(&mut self.last, Last::Other) == Last::LatePicture;
        let mut pictures = String::new();
        let inside = &self.html[end..close];
        // Some publishing systems escape its content.
        let escaped = if inside.contains("&lt;img") { super::attrs::decode(inside) } else { Cow::Borrowed(inside) };
        for at in memmem::find_iter(escaped.as_bytes(), b"<img") {
            let mut attrs = Attrs::default();
            attrs.read(&escaped[at + 4..tag_end(escaped.as_bytes(), at + 4)]);
            let Some(found) = picture::source(|name| attrs.get(name)) else { continue };
            let address = found.into_address();
            if !is_copy && self.shown.insert(address.clone()) {
                pictures.push_str(&img(&address, &attrs));
            }
        }
        self.replace(tag, after, &pictures)
    }

    fn math(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let Some((close, after)) = self.end_of("math", end) else { return end };
        let mut escaped = String::new();
        escape_into(&super::math::text(raw, &self.html[end..close]), &mut escaped);
        self.replace(tag, after, &escaped)
    }

    /// A link in place of a player and of what it shows if it cannot play.
    fn player(&mut self, name: &'static str, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let Some((close, after)) = self.end_of(name, end) else { return end };
        let inside = &self.html[end..close];
        let link = embed::link(name, raw, inside).unwrap_or_default();
        self.replace(tag, after, &link)
    }

    fn embedded(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let link = embed::link("embed", raw, "").unwrap_or_default();
        self.replace(tag, end, &link)
    }
}

/// An `img` with the attributes of `attrs` that are shown, located at `address`.
fn img(address: &str, attrs: &Attrs<'_>) -> String {
    let mut tag = format!("<img src=\"{}\"", embed::escaped(address));
    for name in ["alt", "title", "width", "height"] {
        if let Some(value) = attrs.filled(name) {
            tag.push_str(&format!(" {name}=\"{}\"", embed::escaped(&value)));
        }
    }
    tag.push('>');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, want: &str) {
        assert_eq!(prepared(html), want, "{html}");
    }

    #[test]
    fn late_pictures_stand_once() {
        check("<p>a<img src=b.jpg>c</p>", "<p>a<img src=b.jpg>c</p>");
        check(
            "<img src='data:,' data-src='r.webp' alt=x><noscript><img src='r-big.webp'></noscript>y",
            "<img src=\"r.webp\" alt=\"x\">y",
        );
        check("<noscript><img src=\"n.jpg\" alt='a\"b'></noscript>", "<img src=\"n.jpg\" alt=\"a&quot;b\">");
        check("<img src=n.jpg><noscript><img src=n.jpg></noscript>", "<img src=n.jpg>");
        check("<noscript>Turn it on</noscript>", "");
        check("a<img src=/blank.gif>b", "ab");
        check(
            "<picture><source srcset='a.webp 1x, b.webp 2x'><img alt=x></picture>",
            "<picture><source srcset='a.webp 1x, b.webp 2x'><img src=\"b.webp\" alt=\"x\"></picture>",
        );
    }

    #[test]
    fn emoji_and_formulas_are_text() {
        check("Fine <img class=emoji alt='🎉' src=https://s.w.org/images/core/emoji/1/x.png> day", "Fine 🎉 day");
        check("So <math alttext='a&lt;b'><mi>a</mi></math>.", "So a&lt;b.");
        check("So <math><mi>E</mi><mo>=</mo><mi>m</mi><annotation>tex</annotation></math>.", "So E=m.");
    }

    #[test]
    fn players_leave_a_link() {
        check("<video controls><source src=v.mp4>No video?</video>", "<p><a href=\"v.mp4\">Video</a></p>");
        check("<audio src='a.mp3' title='Part 1'></audio>", "<p><a href=\"a.mp3\">Part 1</a></p>");
        check("<audio></audio>x", "x");
        check("<video src=x>open", "<video src=x>open");
        check("<!-- <video src=x></video> -->", "<!-- <video src=x></video> -->");
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|img|video|noscript|picture|source|math| src=|'|\"|x|é|data-src=|<!--|-->){0,40}") {
            let _ = prepared(&html);
        }
    }
}
