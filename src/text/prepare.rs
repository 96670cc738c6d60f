//! HTML before it is sanitised: what would lose its meaning in the sanitiser becomes something that it keeps.
//!
//! Pictures that load late get their address, those in `noscript` and `picture` appear once, emoji become text,
//! formulas their source, players a link. A linear pass over the text, whose result is sanitised like any other.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::attrs::Attrs;
use super::element_ends::Ends;
use super::embed;
use super::emoji;
use super::entities::escape_into;
use super::facade;
use super::html::{is_self_closed, lower_name, tag_end};
use super::noscript;
use super::ornament;
use super::picture::{self, Found};
use super::tag_names::{is_amp, starts};
use super::unshown;
use super::whole::whole;

/// `html` with pictures, formulas and players in forms that the sanitiser keeps.
pub(crate) fn prepared(html: &str) -> Cow<'_, str> {
    whole(html, |html| pass(html, Players::Linked))
}

/// What players leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Players {
    /// A link.
    Linked,
    /// Nothing.
    Unshown,
}

/// The pass over `html`.
pub(super) fn pass(html: &str, players: Players) -> Cow<'_, str> {
    let mut pass = Pass {
        html,
        players,
        out: String::new(),
        done: 0,
        shown: HashSet::new(),
        last: Last::Other,
        in_picture: None,
        ends_as: Vec::new(),
        lines: 0..0,
        preformatted_until: 0,
        ends: Ends::of(html),
    };
    pass.run();
    if pass.done == 0 {
        return Cow::Borrowed(html);
    }
    pass.out.push_str(&html[pass.done..]);
    Cow::Owned(pass.out)
}

/// `style=x:y` is no shorter.
const SHORTEST_STYLE: usize = 9;

/// What the last element was, as far as it matters for recognising a copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// A picture whose real address was found where scripts look for it: a copy in `noscript` follows.
    LatePicture,
    /// A `noscript` with pictures: the one that loads late may follow.
    Noscript,
    Other,
}

pub(super) struct Pass<'a> {
    pub(super) html: &'a str,
    pub(super) players: Players,
    out: String,
    /// `html` has been copied to `out` up to here.
    pub(super) done: usize,
    /// Addresses of pictures that are in the result.
    shown: HashSet<String>,
    pub(super) last: Last,
    /// Inside `picture`: the best of its sources so far.
    in_picture: Option<Option<String>>,
    /// What becomes of the end tags of open elements, the outermost first.
    pub(super) ends_as: Vec<EndTag>,
    /// Where a style says that the lines of the text are those that readers see.
    pub(super) lines: Range<usize>,
    /// The end of the last `pre`.
    pub(super) preformatted_until: usize,
    /// Finds the ends of elements.
    pub(super) ends: Ends<'a>,
}

impl<'a> Pass<'a> {
    fn run(&mut self) {
        let bytes = self.html.as_bytes();
        let mut at = 0;
        while let Some(step) = memchr(b'<', &bytes[at..]) {
            let tag = at + step;
            if at < self.lines.end {
                self.break_lines(at, tag);
            }
            at = if bytes[tag..].starts_with(b"<!--") {
                memmem::find(&bytes[tag + 4..], b"-->").map_or(bytes.len(), |end| tag + 4 + end + 3)
            } else {
                self.tag(tag)
            };
        }
    }

    /// Takes the end tag from `tag` to `end`.
    fn end_tag(&mut self, name: &[u8], tag: usize, end: usize) {
        if name == b"picture"
            && let Some(Some(address)) = self.in_picture.take()
        {
            // It has sources, but no picture among them.
            self.replace(tag, tag, &picture::img(&address, &Attrs::default()));
        }
        if let Some(known) = self.ends_as.pop_if(|known| known.at == tag) {
            let to = if known.is_replaced { end } else { tag };
            self.replace(tag, to, known.html);
        }
        // Browsers part what can be chosen or pressed.
        if matches!(name, b"label" | b"button" | b"option") && starts(&self.html.as_bytes()[end..], name) {
            self.replace(end, end, " ");
        }
    }

    /// Takes the tag at `tag`. Returns where to continue.
    fn tag(&mut self, tag: usize) -> usize {
        let bytes = self.html.as_bytes();
        let closing = bytes.get(tag + 1) == Some(&b'/');
        let start = tag + 1 + usize::from(closing);
        let (name, length) = lower_name(&bytes[start..]);
        let name = &name[..length];
        if length == 0 {
            return start;
        }
        let close = tag_end(bytes, start + length);
        let end = (close + 1).min(bytes.len());
        if closing {
            self.end_tag(name, tag, end);
            return end;
        }
        let raw = &self.html[start + length..close];
        if raw.len() >= SHORTEST_STYLE && memmem::find(raw.as_bytes(), b"style").is_some() {
            self.styled(name, raw, start + length, end);
        }
        match name {
            b"script" if embed::script_text(raw).is_some() => self.script(raw, tag, end),
            b"script" if is_self_closed(raw) => self.replace(tag, end, ""),
            b"script" | b"style" | b"template" | b"textarea" => {
                let kept = ["script", "style", "template", "textarea"].into_iter().find(|kept| kept.as_bytes() == name);
                kept.and_then(|kept| self.ends.of_first(kept, end)).map_or(end, |(_, after)| after)
            }
            b"picture" => {
                self.in_picture = Some(None);
                end
            }
            b"source" => self.source(raw, end),
            b"input" => self.input(raw, tag, end),
            b"span" if raw.contains("katex-html") => self.without(b"span", tag, end),
            b"img" => self.img(raw, tag, end),
            b"amp" if raw.starts_with("-img") || raw.starts_with("-anim") => self.img(raw, tag, end),
            b"amp" if raw.starts_with("-video") => self.player("amp-video", raw, tag, end),
            b"amp" if raw.starts_with("-audio") => self.player("amp-audio", raw, tag, end),
            b"amp" if raw.starts_with("-iframe") => self.player("amp-iframe", raw, tag, end),
            b"lite" | b"amp" | b"youtube" | b"vimeo" if raw.starts_with('-') => self.stand_in(name, raw, end),
            b"noscript" => self.noscript(tag, end),
            b"math" => self.math(raw, tag, end),
            b"video" | b"audio" | b"iframe" | b"object" | b"embed" if self.players == Players::Unshown => end,
            b"video" => self.player("video", raw, tag, end),
            b"audio" => self.player("audio", raw, tag, end),
            b"iframe" => self.player("iframe", raw, tag, end),
            b"object" => self.player("object", raw, tag, end),
            b"embed" => self.embedded(raw, tag, end),
            b"pre" => self.preformatted(end),
            b"html" | b"body" => self.document(raw, tag, end),
            b"p" | b"div" | b"span" | b"td" | b"th" | b"blockquote" => self.block(name, raw, tag, end),
            b"a" => self.mark(raw, tag, end),
            _ => {
                self.last = Last::Other;
                end
            }
        }
    }

    /// Puts `new` in place of what is between `from` and `to`.
    pub(super) fn replace(&mut self, from: usize, to: usize, new: &str) -> usize {
        if from >= self.done {
            self.out.push_str(&self.html[self.done..from]);
            self.out.push_str(new);
            self.done = to;
        }
        to
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
        let follows_copy = std::mem::replace(&mut self.last, Last::Other) == Last::Noscript;
        if let Some(text) = emoji::text_of(&attrs) {
            let mut escaped = String::new();
            escape_into(&text, &mut escaped);
            return self.replace(tag, end, &escaped);
        }
        let of_picture = self.in_picture.take().flatten();
        let found = picture::source(|name| attrs.get(name), || attrs.decoded()).or(of_picture.map(Found::Late));
        if let Some(Found::Plain(address)) = &found
            && let Some(copy) = noscript::copy_behind(self.html, end, address)
        {
            let img = picture::img(&copy.address, &copy.attrs());
            self.shown.insert(copy.address);
            return self.replace(tag, copy.after, &img);
        }
        match found {
            None => self.replace(tag, end, ""),
            // What loads late may be hidden until then.
            Some(Found::Plain(_)) if ornament::is_dot(&attrs) => self.replace(tag, end, ""),
            Some(Found::Late(address)) if follows_copy && self.shown.contains(&address) => self.replace(tag, end, ""),
            Some(Found::Plain(address)) if !is_amp(self.html, tag) => {
                self.shown.insert(address);
                end
            }
            Some(Found::Plain(address) | Found::Late(address)) => {
                self.last = Last::LatePicture;
                let img = picture::img(&address, &attrs);
                self.shown.insert(address);
                self.replace(tag, end, &img)
            }
        }
    }

    /// The pictures in `noscript`, unless they are copies of the one before it.
    fn noscript(&mut self, tag: usize, end: usize) -> usize {
        let Some((close, after)) = self.ends.of_first("noscript", end) else { return end };
        let is_copy = std::mem::replace(&mut self.last, Last::Other) == Last::LatePicture;
        let mut pictures = String::new();
        let inside = &self.html[end..close];
        // Some publishing systems escape its content.
        let escaped = if inside.contains("&lt;img") { super::attrs::decode(inside) } else { Cow::Borrowed(inside) };
        for at in memmem::find_iter(escaped.as_bytes(), b"<img") {
            let mut attrs = Attrs::default();
            attrs.read(&escaped[at + 4..tag_end(escaped.as_bytes(), at + 4)]);
            let Some(found) = picture::source(|name| attrs.get(name), || attrs.decoded()) else { continue };
            let address = found.into_address();
            if !is_copy && self.shown.insert(address.clone()) {
                pictures.push_str(&picture::img(&address, &attrs));
            }
        }
        if !pictures.is_empty() {
            self.last = Last::Noscript;
        }
        self.replace(tag, after, &pictures)
    }

    /// Leaves an element and what is in it out: the signs of a formula as KaTeX places them, which repeat its MathML,
    /// numbers of lines, what nobody is to see.
    fn without(&mut self, name: &[u8], tag: usize, end: usize) -> usize {
        match self.ends.of_nested(name, end) {
            Some((_, after)) => self.replace(tag, after, ""),
            None => end,
        }
    }

    /// An element that may stand for something else, or that nobody is to read.
    fn block(&mut self, name: &[u8], raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        if raw.is_empty() {
            return end;
        }
        let mut attrs = Attrs::default();
        attrs.read(raw);
        let is_code = matches!(name, b"td" | b"span")
            && (unshown::is_line_number(&attrs) || unshown::is_not_copied(&attrs) && self.holds_number(name, end));
        let is_caption = name == b"div" && unshown::is_of_lightbox(&attrs) && self.tells_of_file(end);
        if is_code || is_caption || unshown::is_preheader(&attrs) {
            return self.without(name, tag, end);
        }
        if name == b"span" && self.directed(&attrs, tag, end) {
            return end;
        }
        if name == b"span" && unshown::is_block(&attrs) {
            return match self.ends.of_nested(name, end) {
                Some((at, _)) => {
                    self.ends_as.push(EndTag { at, html: "</div>", is_replaced: true });
                    self.replace(tag, end, "<div>")
                }
                None => end,
            };
        }
        let link = match name {
            b"div" => facade::video("div", &attrs).or_else(|| facade::post(&attrs)),
            b"blockquote" => facade::post(&attrs),
            _ => None,
        };
        match link.filter(|_| self.players == Players::Linked && !self.has_link(name, end)) {
            Some(link) => self.replace(end, end, &link),
            None => end,
        }
    }

    /// Whether the element `name` whose content begins at `from` has a link of its own.
    fn has_link(&mut self, name: &[u8], from: usize) -> bool {
        let close = self.ends.of_nested(name, from).map_or(self.html.len(), |(close, _)| close);
        memmem::find(&self.html.as_bytes()[from..close], b"<a ").is_some()
    }

    /// A box of a list of tasks as a sign.
    fn input(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let mut attrs = Attrs::default();
        attrs.read(raw);
        if !attrs.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) {
            return end;
        }
        self.replace(tag, end, if attrs.get("checked").is_some() { "☑" } else { "☐" })
    }

    fn math(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let Some((close, after)) = self.ends.of_first("math", end) else { return end };
        let mut escaped = String::new();
        escape_into(&super::math::text(raw, &self.html[end..close]), &mut escaped);
        self.replace(tag, after, &escaped)
    }
}

/// An end tag before which something is written, or in whose place.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndTag {
    pub(super) at: usize,
    pub(super) html: &'static str,
    pub(super) is_replaced: bool,
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
        check("<noscript><img src=n.jpg></noscript><img src='data:,' data-src=n.jpg>z", "<img src=\"n.jpg\">z");
        check(
            "<amp-img src=a.jpg width=9><noscript><img src=a.jpg></noscript></amp-img>",
            "<img src=\"a.jpg\" width=\"9\"></amp-img>",
        );
        check("<img src=dot style='width: 1px; height: 1px'>x", "x");
        check("<noscript>Turn it on</noscript>", "");
        check(
            "<img src=/max/60/1*a.png><noscript><img src=/max/900/1*a.png alt=x></noscript>y",
            "<img src=\"/max/900/1*a.png\" alt=\"x\">y",
        );
        check("<img src=a.jpg><noscript><img src=b.jpg></noscript>", "<img src=a.jpg><img src=\"b.jpg\">");
        check(
            "<picture><source srcset='a.webp 1x, b.webp 2x'></picture>",
            "<picture><source srcset='a.webp 1x, b.webp 2x'><img src=\"b.webp\"></picture>",
        );
        check("a<img src=/blank.gif>b", "ab");
        for dot in ["style='display:none'", "hidden", "width=0", "height=1", "style='opacity:0'"] {
            check(&format!("a<img src=/o.gif {dot}>b"), "ab");
        }
        check("<img style='display:none' data-src=a.jpg>", "<img src=\"a.jpg\">");
        check("a<img src='#'>b", "ab");
        check("<h2>Head<a class='headerlink' href='#z'>¶</a></h2>", "<h2>Head</h2>");
        check("<a class=anchor href='#z'>#</a>Head", "Head");
        check("<a class=\"permalink\" href='/z'>A story</a>", "<a class=\"permalink\" href='/z'>A story</a>");
        check("<a class=anchor href='#z'><img src=a.png></a>", "<a class=anchor href='#z'><img src=a.png></a>");
        check("<pre><span style='user-select:none'>12</span>let a;</pre>", "<pre>let a;</pre>");
        check(
            "<pre><span style='user-select:none'>$ </span>ls</pre>",
            "<pre><span style='user-select:none'>$ </span>ls</pre>",
        );
        check("a<div class=\"meta\"><span class=filename>S</span><span class=informations>1 KB</span></div>b", "ab");
        check("<div class=meta>By Ann</div>", "<div class=meta>By Ann</div>");
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
    fn what_is_no_tag_hides_none() {
        check("I <3 <img src='data:,' data-src=r.webp> it", "I <3 <img src=\"r.webp\"> it");
    }

    #[test]
    fn what_can_be_pressed_is_parted() {
        check("<label>Yes</label><label>No</label>", "<label>Yes</label> <label>No</label>");
        check("<button>Yes</button><button>No</button>!", "<button>Yes</button> <button>No</button>!");
        check("<label>Ye</label>s</label><b>x</b>", "<label>Ye</label>s</label><b>x</b>");
    }

    #[test]
    fn what_only_scripts_and_styles_show_is_text() {
        check("So <script type='math/tex; mode=inline'>x<y</script>.", "So x&lt;y.");
        let gist = "<p><a href=\"https://gist.github.com/u/1\">https://gist.github.com/u/1</a></p>";
        check("<script src='https://gist.github.com/u/1.js?file=a'></script>", gist);
        check("<script src=/ads.js></script>", "<script src=/ads.js></script>");
        check("<li><input type=checkbox checked disabled> a<li><input type=checkbox> b", "<li>☑ a<li>☐ b");
        check(
            "So <span class=katex><math><mi>q</mi></math><span class=\"katex-html\"><span>q</span></span></span> is",
            "So <span class=katex>q</span> is",
        );
        check("<span class=katex-html>open <span>", "<span class=katex-html>open <span>");
    }

    #[test]
    fn what_is_struck_out_by_a_style_stays_so() {
        check(
            "<p>Now <span style='text-decoration:line-through'>10 <span>€</span></span> 8</p>",
            "<p>Now <span style='text-decoration:line-through'><s>10 <span>€</span></s></span> 8</p>",
        );
        check("<span style='text-decoration:line-through'>open", "<span style='text-decoration:line-through'>open");
    }

    #[test]
    fn lines_that_a_style_keeps_are_broken() {
        for (value, is_kept) in [
            ("pre-wrap", true),
            ("pre-line", true),
            ("pre", true),
            ("break-spaces !important", true),
            ("nowrap", false),
        ] {
            let open = format!("<div style='color: red; white-space: {value}'>");
            let br = if is_kept { "<br>" } else { "" };
            check(&format!("{open}\na\n<b>b</b>\nc\n</div>\nd"), &format!("{open}\na{br}\n<b>b</b>{br}\nc\n</div>\nd"));
            check(&format!("<pre>{open}a\nb</div></pre>"), &format!("<pre>{open}a\nb</div></pre>"));
        }
        check("<pre style='white-space:pre-wrap'>a\nb</pre>", "<pre style='white-space:pre-wrap'>a\nb</pre>");
    }

    #[test]
    fn numbers_of_lines_and_preheaders_are_gone() {
        check(
            "<table><tr><td class=gutter><pre>1\n2</pre></td><td class=code><pre>a\nb</pre></td></tr></table>",
            "<table><tr><td class=code><pre>a\nb</pre></td></tr></table>",
        );
        check("<pre><span class=lineno> 1 </span>a\n<span class=lineno> 2 </span>b</pre>", "<pre>a\nb</pre>");
        check("<div style='display:none;max-height:0'>Preview <div>of it</div></div><p>Text.</p>", "<p>Text.</p>");
    }

    #[test]
    fn what_stands_for_a_video_or_a_post_leaves_a_link() {
        check(
            "<lite-youtube videoid=abc12345678></lite-youtube>x",
            "<lite-youtube videoid=abc12345678><p><a href=\"https://www.youtube.com/watch?v=abc12345678\">YouTube</a></p></lite-youtube>x",
        );
        let post = "<blockquote class=tiktok-embed cite=https://www.tiktok.com/@a/video/1>";
        let link = "<p><a href=\"https://www.tiktok.com/@a/video/1\">TikTok</a></p>";
        check(&format!("{post}</blockquote>"), &format!("{post}{link}</blockquote>"));
        let with_link = format!("{post}<a href=https://www.tiktok.com/@a>@a</a></blockquote>");
        check(&with_link, &with_link);
    }

    #[test]
    fn players_leave_a_link() {
        let linked = "<p><a href=\"https://www.youtube.com/watch?v=abc\">YouTube</a></p>";
        for player in [
            "<iframe src=\"https://www.youtube.com/embed/abc\" />",
            "<iframe src='https://www.youtube.com/embed/abc'/>",
            "<iframe src=\"https://www.youtube.com/embed/abc\" /></iframe>",
            "<iframe src=\"https://www.youtube.com/embed/abc\">",
        ] {
            check(&format!("<p>{player}</p><p>The rest.</p>"), &format!("<p>{linked}</p><p>The rest.</p>"));
        }
        check("<video src=v.mp4 controls /><p>b", "<p><a href=\"v.mp4\">Video</a></p><p>b");
        check("a<script async src=\"x.js\" /><p>b", "a<p>b");
        check("a<script src=x/>c()</script><p>b", "a<script src=x/>c()</script><p>b");
        check("<video controls><source src=v.mp4>No video?</video>", "<p><a href=\"v.mp4\">Video</a></p>");
        check("<audio src='a.mp3' title='Part 1'></audio>", "<p><a href=\"a.mp3\">Part 1</a></p>");
        check("<audio></audio>x", "x");
        check("<video src=x>open", "<p><a href=\"x\">Video</a></p>open");
        check("<!-- <video src=x></video> -->", "<!-- <video src=x></video> -->");
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|img|video|lite-youtube videoid=abc|span style=text-decoration:line-through|/span|td class=gutter|noscript|picture|source|math| src=|'|\"|x|é|data-src=|<!--|-->){0,40}") {
            let _ = prepared(&html);
        }
    }
}
