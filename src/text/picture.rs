//! Pictures in HTML: where they really are.

use std::borrow::Cow;

use super::address::is_inner;
use super::attrs::Attrs;
use super::embed;
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
    // A script fills in what stands in braces; a file stayed where somebody wrote the text.
    let is_unfinished = |address: &String| address.contains('{') || address.starts_with("file:");
    let is_real = |address: &String| !is_placeholder(address) && !is_counter(address) && !is_unfinished(address);
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
pub(super) fn is_placeholder(address: &str) -> bool {
    // A fragment is the page itself.
    if address.starts_with('#') || is_inner(address) {
        return true;
    }
    let words = name_words(address);
    let says_so = ["placeholder", "spacer", "blank", "transparent", "lazyload", "lazy", "loading", "1x1"];
    words == ["none"] || words.len() <= 3 && words.iter().any(|word| says_so.contains(&word.as_str()))
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
pub(super) fn name_words(address: &str) -> Vec<String> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// An `img` with the attributes of `attrs` that are shown, located at `address`.
pub(super) fn img(address: &str, attrs: &Attrs<'_>) -> String {
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
        assert_eq!(of("src=/k_180x.jpg data-src=/k_{width}x.jpg"), Some(Found::Plain("/k_180x.jpg".to_owned())));
        assert_eq!(of("file=l.jpg src=static/image/common/none.gif"), late("l.jpg"));
        assert_eq!(of("src=file:///c/m.png"), None);
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
}
