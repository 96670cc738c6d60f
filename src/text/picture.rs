//! Pictures in HTML: where they really are, and which of them are not pictures of a story.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::attrs::Attrs;
use super::emoji::{EMOJI_CLASSES, EMOJI_PLACES, is_sign};
use super::sanitize::is_counter;

/// Attributes in which scripts find the address of a picture that loads late, the best first.
const LATE: [&str; 18] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-orig-file",
    "data-actualsrc",
    "data-image",
    "data-hi-res-src",
    "data-full-src",
    "data-ll-src",
    "data-cfsrc",
    "data-delayed-url",
    "data-defer-src",
    "data-lazyload",
    "data-echo",
    "data-real-src",
    "lazy-src",
    "lazysrc",
];
/// The same for sets.
const LATE_SETS: [&str; 4] = ["data-srcset", "data-lazy-srcset", "data-original-set", "data-ll-srcset"];
/// Where the address of some form of the picture stands, for want of any other.
const LAST: [&str; 8] = [
    "data-large-file",
    "data-full-url",
    "data-url",
    "data-img-src",
    "data-img-url",
    "data-src-large",
    "data-src-medium",
    "data-medium-file",
];

/// Where the address of a picture was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// In `src`, as browsers do.
    Plain(String),
    /// Where a script or a larger screen finds it.
    Late(String),
}

impl Found {
    /// The address as written.
    pub(crate) fn into_address(self) -> String {
        let (Self::Plain(address) | Self::Late(address)) = self;
        address
    }
}

/// The address of the picture whose attributes `attr` returns: one that loads late, else `src`, else the largest in a
/// set, else one that [`guessed`] finds among `all` attributes; `None` for placeholders and counters.
pub(crate) fn source<'a, I>(attr: impl Fn(&str) -> Option<Cow<'a, str>>, all: impl Fn() -> I) -> Option<Found>
where
    I: Iterator<Item = (&'a str, Cow<'a, str>)>,
{
    let is_real = |address: &String| !is_placeholder(address) && !is_counter(address);
    // Scripts also keep numbers and words such as `true` there.
    let is_address = |address: &String| address.contains(['/', '.']) && is_real(address);
    let plain = |name: &&str| attr(name).map(|value| value.trim().to_owned());
    let set = |name: &&str| attr(name).and_then(|set| largest(&set));
    let late = LATE.iter().filter_map(plain).chain(LATE_SETS.iter().filter_map(set)).find(is_address);
    let is_lazy = || attr("class").is_some_and(|class| class.to_ascii_lowercase().contains("lazy"));
    late.or_else(|| guessed(all()).filter(|_| is_lazy()))
        .map(Found::Late)
        .or_else(|| plain(&"src").filter(|src| !src.is_empty()).filter(is_real).map(Found::Plain))
        .or_else(|| set(&"srcset").filter(is_real).map(Found::Late))
        .or_else(|| LAST.iter().filter_map(plain).find(is_address).map(Found::Late))
        .or_else(|| guessed(all()).map(Found::Late))
}

/// What looks like the address of a picture in an attribute of whatever name that some script reads.
fn guessed<'a>(all: impl Iterator<Item = (&'a str, Cow<'a, str>)>) -> Option<String> {
    const ELSEWHERE: [&str; 9] = ["src", "srcset", "alt", "title", "class", "style", "id", "href", "longdesc"];
    const SMALL: [&str; 5] = ["low", "small", "thumb", "placeholder", "preview"];
    let is_picture = |name: &str, value: &str| {
        let name = name.to_ascii_lowercase();
        let path = value.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let ends_so = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"].iter().any(|end| path.ends_with(end));
        ends_so
            && !value.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '{' | '<'))
            && !ELSEWHERE.contains(&&*name)
            && !SMALL.iter().any(|word| name.contains(word))
            && !is_placeholder(value)
            && !is_counter(value)
    };
    { all }.find(|(name, value)| is_picture(name, value.trim())).map(|(_, value)| value.trim().to_owned())
}

/// The address of the same picture in its largest form.
pub(crate) fn largest_source<'a, I>(attr: impl Fn(&str) -> Option<Cow<'a, str>>, all: impl Fn() -> I) -> Option<String>
where
    I: Iterator<Item = (&'a str, Cow<'a, str>)>,
{
    match source(&attr, all)? {
        Found::Plain(address) => {
            let larger = attr("srcset").and_then(|set| largest(&set));
            Some(larger.filter(|larger| !is_placeholder(larger)).unwrap_or(address))
        }
        Found::Late(address) => Some(address),
    }
}

/// The candidate of a `srcset` with the largest width or density; addresses may hold commas (WHATWG 4.8.4.2.1).
pub(crate) fn largest(set: &str) -> Option<String> {
    let mut best: Option<(&str, f32)> = None;
    let mut rest = set;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            break;
        }
        let (address, after) = rest.split_at(rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len()));
        let bare = address.trim_end_matches(',');
        let (size, after) =
            if bare.len() < address.len() { ("", after) } else { after.split_once(',').unwrap_or((after, "")) };
        // The width counts where a height follows it.
        let size = size.split_ascii_whitespace().next().unwrap_or_default();
        let size = size.trim_end_matches(['w', 'x', 'W', 'X']).parse::<f32>().unwrap_or(0.0);
        if best.is_none_or(|(_, known)| size > known) {
            best = Some((bare, size));
        }
        rest = after;
    }
    best.map(|(address, _)| address.to_owned())
}

/// Whether an address only is a placeholder for a picture that comes later.
fn is_placeholder(address: &str) -> bool {
    let has_scheme = |scheme: &str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    // A fragment is the page itself.
    if address.starts_with('#') || ["data:", "about:", "blob:", "javascript:"].into_iter().any(has_scheme) {
        return true;
    }
    let words = name_words(address);
    let says_so = ["placeholder", "spacer", "blank", "transparent", "lazyload", "lazy", "loading", "1x1"];
    words.len() <= 3 && words.iter().any(|word| says_so.contains(&word.as_str()))
}

/// Whether two addresses are of one picture in different sizes, by the names of their files.
pub(super) fn is_form_of(one: &str, other: &str) -> bool {
    let is_size = |word: &String| word.bytes().all(|b| b.is_ascii_digit() || b == b'x');
    let name = |address: &str| {
        let mut words = name_words(address);
        while words.len() > 1 && words.last().is_some_and(is_size) {
            words.pop();
        }
        words
    };
    name(one) == name(other)
}

/// Words of the last part of an address's path, lower case, without what follows the first dot.
fn name_words(address: &str) -> Vec<String> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the classes of a picture say that it is no photograph of a story.
fn has_ornament_class(class: &str) -> bool {
    const CLASSES: [&str; 23] = [
        "avatar",
        "gravatar",
        "icon",
        "latex",
        "math",
        "tex",
        "badge",
        "tracking",
        "tracker",
        "pixel",
        "spacer",
        "social",
        "ico",
        "userpic",
        "profile-pic",
        "author-image",
        "logo",
        "reaction",
        "favicon",
        "mathjax",
        "eeimg",
        "mwe-math-fallback-image-inline",
        "mwe-math-fallback-image-display",
    ];
    let class = class.to_ascii_lowercase();
    class.split_ascii_whitespace().any(|name| {
        CLASSES.contains(&name)
            || EMOJI_CLASSES.contains(&name)
            || name.split(['-', '_']).any(|part| matches!(part, "emoji" | "avatar" | "icon" | "latex"))
    })
}

/// Whether a picture is not a photograph of a story: an emoji, a portrait, an icon, a formula, a counter or a spacer,
/// judging by its element.
pub(crate) fn is_ornament<'a>(attr: impl Fn(&str) -> Option<Cow<'a, str>>, address: &str) -> bool {
    let style = attr("style").map(|style| plain_style(&style)).unwrap_or_default();
    let sizes = SIDES.map(|name| attr(name).and_then(|value| pixels(&value)).or(styled(&style, name)));
    let bounds = ["max-width", "max-height"].map(|name| styled(&style, name));
    let is_small = sizes.iter().chain(&bounds).flatten().any(|size| *size < SMALL_PX);
    // What is shown large is no icon, whatever it is called.
    let is_large = sizes.iter().flatten().any(|size| *size >= LARGE_PX);
    let is_emoji = || !is_large && attr("alt").is_some_and(|alt| is_sign(&alt));
    let is_silent = || !is_large && attr("aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    attr("class").is_some_and(|class| has_ornament_class(&class))
        || attr("hidden").is_some()
        || is_hidden(&style)
        || is_small
        || is_emoji()
        || is_silent()
        || if is_large { is_at_ornaments(address) } else { is_ornament_address(address) }
}

/// Attributes and properties of the size of a picture.
const SIDES: [&str; 2] = ["width", "height"];
/// A picture of a story has at least this many pixels in both directions.
const SMALL_PX: f32 = 100.0;
/// No icon has as many as this in any.
const LARGE_PX: f32 = 400.0;

/// Whether the picture that is at `src` is shown as a dot, or not at all: it counts readers.
pub(crate) fn is_dot(attrs: &Attrs<'_>) -> bool {
    let style = attrs.get("style").map(|style| plain_style(&style)).unwrap_or_default();
    let is_dot = |size: f32| size <= 1.0;
    SIDES.iter().any(|name| attrs.get(name).and_then(|value| pixels(&value)).is_some_and(is_dot))
        || SIDES.iter().any(|name| styled(&style, name).is_some_and(is_dot))
        || attrs.get("hidden").is_some()
        || is_hidden(&style)
}

/// A style in lower case and without blanks.
fn plain_style(style: &str) -> String {
    style.to_ascii_lowercase().replace(' ', "")
}

/// Whether nobody sees what has this style, unless a script shows it later.
fn is_hidden(style: &str) -> bool {
    let is_far_off = |side: &str| styled(style, side).is_some_and(|pixels| pixels <= FAR_OFF_PX);
    // What has a transition appears when it has come.
    let is_transparent = || {
        let declared = declared(style, "opacity").and_then(|value| value.parse::<f32>().ok());
        declared.is_some_and(|value| value == 0.0) && !style.contains("transition")
    };
    declared(style, "display") == Some("none")
        || declared(style, "visibility") == Some("hidden")
        || ["left", "top", "text-indent", "margin-left"].into_iter().any(is_far_off)
        || is_transparent()
}

/// Nobody scrolls there.
const FAR_OFF_PX: f32 = -900.0;

/// A length in pixels, with 16 for the size of the letters.
pub(super) fn pixels(value: &str) -> Option<f32> {
    let value = value.trim();
    let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(value.len());
    let number: f32 = value[..end].parse().ok()?;
    let unit = match value[end..].trim().to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "em" | "rem" => 16.0,
        "ex" | "ch" => 8.0,
        "pt" => 4.0 / 3.0,
        _ => return None,
    };
    Some(number * unit)
}

/// A size of a `style` without blanks.
fn styled(style: &str, name: &str) -> Option<f32> {
    pixels(declared(style, name)?)
}

/// What a `style` without blanks says of `name`.
fn declared<'s>(style: &'s str, name: &str) -> Option<&'s str> {
    let declared = style.split(';').filter_map(|declaration| declaration.split_once(':'));
    let (_, value) = { declared }.find(|(property, _)| *property == name)?;
    Some(value.strip_suffix("!important").unwrap_or(value))
}

/// Parts of addresses of pictures that are not photographs, beside [`EMOJI_PLACES`].
const PARTS: [&str; 69] = [
    "gravatar.com/avatar",
    "/latex.php?",
    "latex.codecogs.com/",
    "/mimetex",
    "/mathtex",
    "math/render/",
    "img.shields.io/",
    "badge.fury.io/",
    "/badge.svg",
    "/badges/",
    "travis-ci.",
    "circleci.com/",
    "codecov.io/",
    "coveralls.io/",
    "badgen.net/",
    "opencollective.com/",
    "liberapay.com/assets",
    "herokucdn.com/deploy/",
    "codacy.com/project/badge",
    "snyk.io/test/",
    "readthedocs.org/projects/",
    "api.star-history.com/",
    "contrib.rocks/",
    "s.w.org/images/core/",
    "quicklatex.com/",
    "math.now.sh/",
    "/render/math?",
    "upmath.me/",
    "/chart?cht=tx",
    "/equation?tex=",
    "//badges.",
    "//badge.",
    "/badge/",
    "_badges/",
    "deps.rs/repo/",
    "appveyor.com/api/projects/status",
    "goreportcard.com/",
    "fossa.io/api/projects/",
    "api.codeclimate.com/",
    "komarev.com/",
    "hitcounter.",
    "/88x31.",
    "creativecommons.org/l/",
    "/i/btn/",
    "//counter.",
    "//pixel.",
    "//tracking.",
    "//track.",
    "//icons.",
    "buysellads.",
    "googleusercontent.com/tracker/",
    "buymeacoffee.com/",
    "ko-fi.com/",
    "patreon.com/",
    "doubleclick.net/",
    "/s2/favicons",
    "/favicons/",
    "/icons/",
    "/spacers/",
    "/profile_images/",
    "libravatar.org/",
    "//avatars.",
    "//avatar.",
    "/avatars/",
    "/avatar/",
    "/user_avatar/",
    "/presskit/buttons/",
    "googleusercontent.com/a/",
    "googleusercontent.com/a-/",
];
/// Words in the file names of such pictures.
const WORDS: [&str; 16] = [
    "icon",
    "icons",
    "favicon",
    "avatar",
    "emoji",
    "emoticon",
    "smiley",
    "spacer",
    "pixel",
    "tracking",
    "badge",
    "sprite",
    "blank",
    "1x1",
    "placeholder",
    "transparent",
];
/// What a button is called, behind the word `share`.
const BUTTONS: [&str; 2] = ["button", "btn"];

/// [`PARTS`] and [`EMOJI_PLACES`], then [`WORDS`] and [`BUTTONS`].
static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(PARTS.iter().chain(&EMOJI_PLACES).chain(&WORDS).chain(&BUTTONS))
        .expect("the parts are constant and few")
});

/// [`is_ornament`] by the address alone.
pub(crate) fn is_ornament_address(address: &str) -> bool {
    is_at_ornaments(address) || hits(address).is_some() && is_named_ornament(address)
}

/// Whether only ornaments stand where this picture does.
fn is_at_ornaments(address: &str) -> bool {
    hits(address) == Some(Hit::Place)
        || is_counter(address)
        || google_side(address).is_some_and(|side| side < SMALL_PX)
        || behind_camo(address).is_some_and(|address| hits(&address) == Some(Hit::Place))
}

/// The length in pixels to which Google's servers cut a picture: `…=s96-c`.
fn google_side(address: &str) -> Option<f32> {
    let is_theirs = ["googleusercontent.com/", "ggpht.com/"].iter().any(|host| address.contains(host));
    let (_, options) = address.rsplit_once("=s").filter(|_| is_theirs)?;
    options.split('-').next()?.parse().ok()
}

/// The address that GitHub's proxy for pictures was given, which it writes in hexadecimal digits behind a check sum.
fn behind_camo(address: &str) -> Option<String> {
    let (_, path) = address.split_once("//camo.githubusercontent.com/")?;
    let (_, digits) = path.split_once('/')?;
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = digits.as_bytes().chunks(2).map_while(byte).collect();
    String::from_utf8(bytes).ok()
}

/// What speaks against a photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hit {
    /// One of [`PARTS`] or [`EMOJI_PLACES`].
    Place,
    /// One of [`WORDS`] or [`BUTTONS`], which may be a part of another word.
    Word,
}

fn hits(address: &str) -> Option<Hit> {
    let mut found = None;
    for hit in FINDER.find_overlapping_iter(address) {
        if hit.pattern().as_usize() < PARTS.len() + EMOJI_PLACES.len() {
            return Some(Hit::Place);
        }
        found = Some(Hit::Word);
    }
    found
}

/// Whether a file is called as ornaments are: by one of [`WORDS`] and little else. A headline in a file name may hold
/// any of them (`google-pixel-10-review.jpg`).
fn is_named_ornament(address: &str) -> bool {
    let mut words = name_words(address);
    words.retain(|word| word == "1x1" || !word.starts_with(|c: char| c.is_ascii_digit()));
    let is_one = |word: &String| WORDS.contains(&word.as_str());
    match &words[..] {
        [one] => is_one(one),
        [.., share, button] if words.len() <= 3 && share == "share" && BUTTONS.contains(&button.as_str()) => true,
        [_, _] if words.iter().any(|word| word == "pixel") => words.iter().all(is_one),
        [_, _] => words.iter().any(is_one),
        [_, _, last] => matches!(last.as_str(), "icon" | "icons" | "favicon" | "spacer" | "placeholder"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> Option<Found> {
        let mut attrs = Attrs::default();
        attrs.read(raw);
        source(|name| attrs.get(name), || attrs.decoded())
    }

    #[test]
    fn the_real_address_is_found() {
        let late = |address: &str| Some(Found::Late(address.to_owned()));
        assert_eq!(of("src=a.jpg alt=x"), Some(Found::Plain("a.jpg".to_owned())));
        assert_eq!(of("src='data:image/gif;base64,R0' data-src=b.webp"), late("b.webp"));
        assert_eq!(of("src=/img/blank.gif data-lazy-src=c.png"), late("c.png"));
        assert_eq!(of("src=/img/placeholder.svg data-original='d.jpg'"), late("d.jpg"));
        assert_eq!(of("src=/img/spacer.gif data-srcset='e-1.jpg 300w, e-2.jpg 900w'"), late("e-2.jpg"));
        assert_eq!(of("srcset='f-1.jpg 1x,f-2.jpg 2x'"), late("f-2.jpg"));
        assert_eq!(of("src='data:,' data-src=undefined data-echo=/g.jpg"), late("/g.jpg"));
        assert_eq!(of("src='data:,' data-large-file=h.jpg"), late("h.jpg"));
        assert_eq!(
            of("src=i.jpg data-large-file=h.jpg data-image=true data-src=''"),
            Some(Found::Plain("i.jpg".to_owned()))
        );
        assert_eq!(of("srcset='j-1.jpg 300w 200h, j-2.jpg 900w 600h'"), late("j-2.jpg"));
        assert_eq!(of("src=/img/blank.gif"), None);
        assert_eq!(of("alt=x"), None);
    }

    #[test]
    fn the_largest_form_of_a_picture_is_found() {
        for (raw, want) in [
            ("src=a-150.jpg srcset='a-300.jpg 300w, a-1024.jpg 1024w, a-150.jpg 150w'", "a-1024.jpg"),
            ("src=b.jpg srcset='b.jpg 1x, b-2.jpg 2x'", "b-2.jpg"),
            ("src=c.jpg srcset='data:image/gif;base64,R0 900w'", "c.jpg"),
            ("src=d.jpg data-src=e.jpg srcset='f.jpg 2x'", "e.jpg"),
            ("src=g.jpg", "g.jpg"),
        ] {
            let mut attrs = Attrs::default();
            attrs.read(raw);
            assert_eq!(largest_source(|name| attrs.get(name), || attrs.decoded()).as_deref(), Some(want), "{raw}");
        }
    }

    #[test]
    fn addresses_in_sets_may_hold_commas() {
        let set = "https://c.example/w_424,c_limit/a.png 424w, https://c.example/w_848,c_limit/a.png 848w";
        assert_eq!(largest(set).as_deref(), Some("https://c.example/w_848,c_limit/a.png"));
        assert_eq!(largest("a.jpg, b.jpg 2x").as_deref(), Some("b.jpg"));
        assert_eq!(largest(" , ").as_deref(), None);
    }

    #[test]
    fn ornaments_differ_from_photographs() {
        let check = |raw: &str| {
            let mut attrs = Attrs::default();
            attrs.read(raw);
            let address = attrs.get("src").unwrap_or_default().into_owned();
            is_ornament(|name| attrs.get(name), &address)
        };
        for ornament in [
            "src=https://s.w.org/images/core/emoji/15/72x72/1f600.png",
            "src=https://a.example/x.png class='emoji big'",
            "src=https://a.example/x.png width=32 height=32",
            "src=https://a.example/x.png height=16px",
            "src=https://a.example/share-icon.svg",
            "src=https://0.gravatar.com/avatar/ab12",
            "src=https://a.example/wp-content/latex.php?latex=x",
            "src=https://img.shields.io/npm/v/x.svg",
            "src=https://travis-ci.org/a/b.svg?branch=x",
            "src=https://codecov.io/gh/a/b/branch/main/graph/badge.svg",
            "src=https://a.example/u.jpg class=author-avatar",
            "src=https://a.example/o style='width:1px;height:1px'",
            "src=https://a.example/o.png style='display: none'",
            "src=https://a.example/foo.png style='width: 32px !important'",
            "src=https://ad.doubleclick.net/ddm/trackimp/N1",
            "src=https://www.google.com/s2/favicons?domain=x.example",
            "src=https://a.example/icons/twitter.png",
            "src=https://pbs.twimg.com/profile_images/1/x_normal.jpg",
            "src=https://avatars.githubusercontent.com/u/1?v=4",
            "src=https://cdn.buymeacoffee.com/buttons/v2/default-yellow.png width=217",
            "src=https://a.example/twitter-share-icon.png",
            "src=https://a.example/icon-72x72.png",
            "src=https://a.example/tracking-pixel.gif",
            "src=https://a.example/pixel.gif?id=1",
            "src=https://a.example/x.png style='height:1em'",
            "src=https://a.example/x.png style='height: 1.2em; width: 1.2em'",
            "src=https://a.example/x.png height=1em",
            "src=https://a.example/x.png style='width:2rem'",
            "src=https://a.example/x.svg style='vertical-align:-0.5ex;height:2.3ex'",
            "src=https://a.example/x.png style='max-width:20px'",
            "src=https://a.example/x.png alt=:smile:",
            "src=https://a.example/x.png class=twemoji",
            "src=https://a.example/x.png class=emojione",
            "src=https://a.example/x.png class='ico ico-x'",
            "src=https://a.example/x.png class=userpic",
            "src=https://a.example/x.png class=author-image",
            "src=https://a.example/x.svg class=mwe-math-fallback-image-inline",
            "src=https://a.example/x.jpg style='opacity:0'",
            "src=https://a.example/x.jpg style='position:absolute;left:-9999px'",
            "src=https://a.example/x.jpg aria-hidden=true",
        ] {
            assert!(check(ornament), "{ornament}");
        }
        for photograph in [
            "src=https://a.example/lexicon.jpg",
            "src=https://a.example/2026/iconic-bridge.jpg width=1200",
            "src=https://a.example/pixels-of-the-new-phone.jpg",
            "src=https://a.example/a.jpg class=wp-image-12",
            "src=https://a.example/google-pixel-10.jpg",
            "src=https://a.example/pixel-10-pro.jpg",
            "src=https://a.example/avatar-fire-and-ash.jpg",
            "src=https://a.example/sheriff-badge.jpg width=800 height=500",
            "src=https://a.example/a.jpg width=100% style='width: 100%; height: auto'",
            "src=https://a.example/a.jpg style='max-width:600px;width:40em'",
            "src=https://a.example/a.jpg style='max-width:100%;opacity:0.9'",
            "src=https://a.example/a.jpg style='opacity:0;transition:opacity 500ms'",
            "src=https://a.example/a.jpg style='margin-left:-10px'",
            "src=https://a.example/a.jpg alt='Time: 10:30'",
            "src=https://a.example/a.jpg class='wp-image-1 logos'",
        ] {
            assert!(!check(photograph), "{photograph}");
        }
    }

    #[test]
    fn an_address_is_found_in_whatever_attribute_a_script_reads() {
        for name in
            ["data-breeze", "nitro-lazy-src", "data-opt-src", "data-flickity-lazyload", "file", "_src", "data-x-url"]
        {
            let raw = format!("src='data:,' {name}=r.webp alt=x.png");
            assert_eq!(of(&raw), Some(Found::Late("r.webp".to_owned())), "{raw}");
        }
        assert_eq!(of("src=x.svg class=ezlazyload data-ezsrc=r.webp"), Some(Found::Late("r.webp".to_owned())));
        assert_eq!(of("src=x.svg data-ezsrc=r.webp"), Some(Found::Plain("x.svg".to_owned())));
        assert_eq!(of("src='data:,' data-lowsrc=r.webp data-thumb=t.jpg alt=a.jpg"), None);
        assert_eq!(of("src='data:,' data-options='{\"a\":\"b.jpg\"}' data-n=3"), None);
    }

    #[test]
    fn badges_buttons_formulas_and_counters_of_many_services_are_ornaments() {
        for address in [
            "https://badges.gitter.im/a.svg",
            "https://goreportcard.com/badge/github.com/a/b",
            "https://sonarcloud.io/api/project_badges/measure?project=a",
            "https://licensebuttons.net/l/by-sa/4.0/88x31.png",
            "https://www.paypalobjects.com/en_US/i/btn/btn_donate_LG.gif",
            "https://counter.theconversation.example/content/1/count.gif",
            "https://chart.example/chart?cht=tx&chl=x",
            "https://www.zhihu.example/equation?tex=x",
            "https://blogger.googleusercontent.com/tracker/1-2",
            "https://emoji.slack-edge.com/T1/party/1.gif",
            "https://cdn.example/emojione/assets/png/1f600.png",
            "https://forum.example/smiles/biggrin.gif",
            "https://mirrors.creativecommons.org/presskit/buttons/88x31/png/by.png",
            "https://a.example/share-button.png",
            "https://a.example/fb-share-button.gif",
            "https://a.example/twitter_share_btn.gif",
            "https://lh3.googleusercontent.com/a/AAb=s96-c",
            "https://yt3.ggpht.com/ytc/AAb=s88-c-k-c0x00ffffff",
            "https://camo.githubusercontent.com/0a/68747470733a2f2f696d672e736869656c64732e696f2f612e737667",
        ] {
            assert!(is_ornament_address(address), "{address}");
        }
        for address in [
            "https://a.example/emojis-explained.jpg",
            "https://a.example/police-badge-stolen.jpg",
            "https://a.example/counter-strike.jpg",
            "https://a.example/emoji-movie-poster.jpg",
            "https://a.example/logo-design-history.jpg",
            "https://a.example/jenson-button.jpg",
            "https://a.example/why-share-button-vanished.jpg",
            "https://lh3.googleusercontent.com/pw/AAb=s1600",
            "https://yt3.ggpht.com/AAb=s640-rw-nd-v1",
            "https://camo.githubusercontent.com/0a/68747470733a2f2f612e6578616d706c652f612e6a7067",
        ] {
            assert!(!is_ornament_address(address), "{address}");
        }
    }
}
