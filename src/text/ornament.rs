//! Which pictures in HTML are not pictures of a story: emoji, portraits, icons, formulas, counters and spacers.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::attrs::Attrs;
use super::emoji::{EMOJI_CLASSES, EMOJI_PLACES, is_sign};
use super::length::pixels;
use super::picture::name_words;
use super::sanitize::is_counter;

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
            || name
                .split(['-', '_'])
                .any(|part| matches!(part, "emoji" | "avatar" | "icon" | "latex" | "logo" | "headshot"))
            || is_portrait(name)
    })
}

/// Whether a class says that a picture shows who wrote: `author-photo`, `byline__img`.
fn is_portrait(class: &str) -> bool {
    const WHO: [&str; 7] = ["author", "byline", "bio", "contributor", "writer", "profile", "user"];
    const WHAT: [&str; 8] = ["photo", "image", "img", "pic", "picture", "thumb", "thumbnail", "portrait"];
    let of = |known: &[&str]| class.split(['-', '_']).any(|part| known.contains(&part));
    WHO.contains(&class) || class == "mini-profile" || of(&WHO) && of(&WHAT)
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
        || attr("data-canonical-src").is_some_and(|original| is_ornament_address(&original))
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

/// What follows `icon` in the names of files.
const SIZES: [&str; 10] = ["large", "big", "medium", "small", "mini", "round", "white", "black", "color", "square"];

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
        || cut_side(address).is_some_and(|side| side < SMALL_PX)
        || behind_camo(address).is_some_and(|address| hits(&address) == Some(Hit::Place))
}

/// The length in pixels to which Google's servers cut a picture: `…=s96-c`.
fn google_side(address: &str) -> Option<f32> {
    let is_theirs = ["googleusercontent.com/", "ggpht.com/"].iter().any(|host| address.contains(host));
    let (_, options) = address.rsplit_once("=s").filter(|_| is_theirs)?;
    options.split('-').next()?.parse().ok()
}

/// The width in pixels to which servers that change pictures on their way cut one: `/image/fetch/w_56,c_limit/…`.
fn cut_side(address: &str) -> Option<f32> {
    let segment = address.split('/').find(|segment| segment.starts_with("w_") && segment.contains(",c_"))?;
    segment[2..].split(',').next()?.parse().ok()
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
        [_, icon, size] if icon == "icon" && SIZES.contains(&size.as_str()) => true,
        [_, _, last] => matches!(last.as_str(), "icon" | "icons" | "favicon" | "spacer" | "placeholder"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "src=https://a.example/p.jpg class=author-photo",
            "src=https://a.example/p.jpg class='author__img round'",
            "src=https://a.example/p.jpg class=bio-image",
            "src=https://a.example/p.jpg class=headshot",
            "src=https://a.example/p.jpg class=mini-profile",
            "src=https://a.example/p.jpg class=embedded-post-publication-logo",
            "src=https://camo.example/abc data-canonical-src=https://img.shields.io/x.svg",
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
            "src=https://a.example/a.jpg class='article-image biography'",
            "src=https://a.example/a.jpg data-canonical-src=https://a.example/photo.jpg",
        ] {
            assert!(!check(photograph), "{photograph}");
        }
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
            "https://a.example/image/fetch/w_56,c_limit,f_auto/https%3A%2F%2Fa.example%2Flogo.png",
            "https://a.fsdn.example/sd/twitter_icon_large.png",
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
            "https://a.example/image/fetch/w_1456,c_limit,f_auto/https%3A%2F%2Fa.example%2Fa.png",
            "https://a.example/style-icon-returns.jpg",
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
