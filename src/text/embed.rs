//! Players (`video`, `audio`, `iframe`, `object`, `embed`) → a link to what they play.

use std::borrow::Cow;

use memchr::memmem;
use url::Url;

use super::address::is_inner;
use super::attrs::Attrs;
use super::entities::escape_into;
use super::html::tag_end;
use super::math::is_tex;

/// Hosts whose frames play media, and the name that the link gets if the frame has none.
const PLAYERS: [(&str, &str); 42] = [
    ("anchor.fm", "Podcast"),
    ("archive.org", "Internet Archive"),
    ("arte.tv", "ARTE"),
    ("audioboom.com", "Podcast"),
    ("bandcamp.com", "Bandcamp"),
    ("bilibili.com", "Bilibili"),
    ("brightcove.net", "Video"),
    ("buzzsprout.com", "Podcast"),
    ("codepen.io", "CodePen"),
    ("dailymotion.com", "Dailymotion"),
    ("facebook.com", "Facebook"),
    ("invidious.io", "Invidious"),
    ("jwplayer.com", "Video"),
    ("kaltura.com", "Video"),
    ("loom.com", "Loom"),
    ("media.ccc.de", "media.ccc.de"),
    ("megaphone.fm", "Podcast"),
    ("mixcloud.com", "Mixcloud"),
    ("nicovideo.jp", "Niconico"),
    ("odysee.com", "Odysee"),
    ("ok.ru", "OK.ru"),
    ("podigee.io", "Podcast"),
    ("podbean.com", "Podcast"),
    ("podcasts.apple.com", "Podcast"),
    ("rumble.com", "Rumble"),
    ("rutube.ru", "Rutube"),
    ("simplecast.com", "Podcast"),
    ("sketchfab.com", "Sketchfab"),
    ("soundcloud.com", "SoundCloud"),
    ("spreaker.com", "Podcast"),
    ("spotify.com", "Spotify"),
    ("streamable.com", "Streamable"),
    ("ted.com", "TED"),
    ("tiktok.com", "TikTok"),
    ("twitch.tv", "Twitch"),
    ("vidyard.com", "Video"),
    ("vimeo.com", "Vimeo"),
    ("wistia.com", "Wistia"),
    ("wistia.net", "Wistia"),
    ("youtube-nocookie.com", "YouTube"),
    ("youku.com", "Youku"),
    ("youtube.com", "YouTube"),
];

/// A paragraph with a link to what the element `name`, with attributes `raw` and content `inside`, plays.
pub(crate) fn link(name: &str, raw: &str, inside: &str) -> Option<String> {
    let mut attrs = Attrs::default();
    attrs.read(raw);
    let (address, usual) = match name {
        "video" | "amp-video" | "audio" | "amp-audio" => media(name, &attrs, inside)?,
        "iframe" | "amp-iframe" => framed(&attrs)?,
        "embed" => attrs.filled("src").and_then(|source| file(&source, &attrs)).or_else(|| framed(&attrs))?,
        _ => {
            let own = attrs
                .filled("data")
                .and_then(|data| player(&data).or_else(|| file(&data, &attrs).filter(|_| is_bare(inside))));

            let nested =
                || ["iframe", "embed"].iter().find_map(|name| player(&inner(inside, name, &["src", "data-src"])?));
            own.or_else(nested)?
        }
    };
    Some(linked(&address, &titled(&attrs, usual)))
}

/// Address and name of what the element `name`, whole and its content `inside`, plays on a page: a file, or what a known
/// player plays. The other frames of a page may hold anything.
pub(crate) fn played_on_page(name: &str, whole: &str, inside: &str) -> Option<(String, String)> {
    let start = name.len() + 1;
    let mut attrs = Attrs::default();
    attrs.read(whole.get(start..tag_end(whole.as_bytes(), start))?);
    let (address, usual) = match name {
        "video" | "audio" => media(name, &attrs, inside)?,
        _ => player(&frame_source(&attrs)?)?,
    };
    Some((address, titled(&attrs, usual)))
}

/// The name that a player has, else the `usual` one.
fn titled(attrs: &Attrs<'_>, usual: String) -> String {
    attrs.first(&["title", "aria-label"]).map_or(usual, Cow::into_owned)
}

/// Address and name of a `video` or `audio`.
fn media(name: &str, attrs: &Attrs<'_>, inside: &str) -> Option<(String, String)> {
    let own = attrs.first(&["src", "data-src"]).map(Cow::into_owned).filter(|address| !is_inner(address));
    let address = own.or_else(|| inner(inside, "source", &["src", "data-src"]).filter(|it| !is_inner(it)))?;
    Some((address, if name.ends_with("video") { "Video" } else { "Audio" }.to_owned()))
}

/// Whether the content of an `object` is no more than a word for those who cannot see it.
fn is_bare(inside: &str) -> bool {
    inside.split('<').skip(1).all(|tag| tag.trim_start_matches('/').starts_with("param"))
}

/// Address and name of a file that an element without a player of its own shows, by its declared type or its ending.
fn file(source: &str, attrs: &Attrs<'_>) -> Option<(String, String)> {
    const ENDINGS: [(&str, &[&str]); 3] = [
        ("Video", &["mp4", "m4v", "webm", "ogv", "mov", "m3u8"]),
        ("Audio", &["mp3", "m4a", "ogg", "oga", "opus", "wav", "flac", "aac"]),
        ("PDF", &["pdf"]),
    ];
    if is_inner(source) {
        return None;
    }
    let given = attrs.filled("type").unwrap_or_default().to_ascii_lowercase();
    let path = source.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let by_type = match given.split_once('/') {
        Some(("video", _)) => Some("Video"),
        Some(("audio", _)) => Some("Audio"),
        Some(("application", "pdf")) => Some("PDF"),
        _ => None,
    };
    let by_ending = || ENDINGS.iter().find(|(_, endings)| endings.contains(&ending)).map(|(name, _)| *name);
    by_type.or_else(by_ending).map(|name| (source.to_owned(), name.to_owned()))
}

/// A paragraph with a link.
pub(super) fn linked(address: &str, text: &str) -> String {
    format!("<p><a href=\"{}\">{}</a></p>", escaped(address), escaped(text))
}

/// Address and name of what a frame plays; a frame from an unknown host counts if it may fill the screen or has a
/// title, and is large enough to show something.
fn framed(attrs: &Attrs<'_>) -> Option<(String, String)> {
    let source = frame_source(attrs)?;
    player(&source).or_else(|| {
        let is_player = attrs.get("allowfullscreen").is_some()
            || attrs.get("allow").is_some_and(|allow| allow.contains("fullscreen"));
        let host = Url::parse(&absolute(&source)).ok()?.host_str()?.to_owned();
        let is_titled = attrs.first(&["title", "aria-label"]).is_some();
        let is_tiny =
            ["width", "height"].iter().any(|name| attrs.get(name).is_some_and(|size| matches!(&*size, "0" | "1")));
        ((is_player || is_titled || is_shown_as_player(attrs, &source)) && !is_tiny)
            .then(|| (source.into_owned(), host))
    })
}

/// The address of a frame, also of one that loads late.
fn frame_source<'a>(attrs: &'a Attrs<'_>) -> Option<Cow<'a, str>> {
    let names = ["src", "data-src", "data-lazy-src", "data-litespeed-src", "data-cookieblock-src", "data-consent-src"];
    let is_frame = |source: &Cow<'_, str>| !is_inner(source);
    names.iter().find_map(|name| attrs.filled(name).filter(is_frame))
}

/// Whether a frame has the size of a screen and its address says that it is embedded.
fn is_shown_as_player(attrs: &Attrs<'_>, source: &str) -> bool {
    let pixels = |name: &str| attrs.get(name)?.trim_end_matches("px").parse::<u32>().ok();
    let is_large =
        pixels("height").is_some_and(|height| height >= 150) && pixels("width").is_none_or(|width| width >= 250);
    let path = source.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    is_large
        && path
            .split(['/', '.', '-', '_'])
            .any(|part| matches!(part, "embed" | "embeds" | "player" | "video" | "videos" | "watch"))
}

/// Address and name of what a known player plays.
fn player(source: &str) -> Option<(String, String)> {
    let url = Url::parse(&absolute(source)).ok()?;
    let host = url.host_str()?;
    let (_, name) = PLAYERS
        .iter()
        .find(|(known, _)| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
        .filter(|_| !is_button(url.path()))?;
    Some((page_of(&url, name).unwrap_or_else(|| url.to_string()), (*name).to_owned()))
}

/// Whether a network's frame with this path is a button or a box to follow somebody.
fn is_button(path: &str) -> bool {
    ["/plugins/like", "/plugins/share", "/plugins/follow", "/plugins/page", "/subscribe_embed"]
        .iter()
        .any(|known| path.starts_with(known))
}

/// The page of a video in place of its player.
fn page_of(url: &Url, name: &str) -> Option<String> {
    let mut parts = url.path_segments()?;
    let (first, second) = (parts.next()?, parts.next());
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let second = second.filter(is_id);
    match (name, first, second) {
        ("YouTube", "embed", Some("videoseries")) => None,
        ("YouTube", "embed" | "v" | "shorts", Some(id)) => Some(format!("https://www.youtube.com/watch?v={id}")),
        ("Vimeo", "video", Some(id)) => Some(format!("https://vimeo.com/{id}")),
        ("Dailymotion", "embed", Some("video")) => {
            Some(format!("https://www.dailymotion.com/video/{}", parts.next().filter(|id| is_id(id))?))
        }
        _ => None,
    }
}

fn absolute(source: &str) -> Cow<'_, str> {
    if source.starts_with("//") { Cow::Owned(format!("https:{source}")) } else { Cow::Borrowed(source) }
}

/// The first of the attributes `names` that an element `name` in `html` has.
fn inner(html: &str, name: &str, names: &[&str]) -> Option<String> {
    let bytes = html.as_bytes();
    memmem::find_iter(bytes, b"<").find_map(|at| {
        let start = at + 1;
        let found = bytes.get(start..start + name.len())?;
        if !found.eq_ignore_ascii_case(name.as_bytes()) {
            return None;
        }
        let start = start + name.len();
        let mut attrs = Attrs::default();
        attrs.read(&html[start..tag_end(bytes, start)]);
        attrs.first(names).map(Cow::into_owned)
    })
}

/// `text` escaped for use inside an attribute in double quotes, or of an element.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out.replace('"', "&quot;")
}

/// What a script would show in its place.
pub(super) enum Shown {
    /// Its own text.
    Formula,
    /// What is at this address.
    At(String),
}

/// What the script with the attributes `raw` would show, if that is known.
pub(super) fn script_text(raw: &str) -> Option<Shown> {
    let mut attrs = Attrs::default();
    attrs.read(raw);
    if attrs.get("type").is_some_and(|kind| is_tex(&kind)) {
        return Some(Shown::Formula);
    }
    let source = attrs.filled("src")?;
    let gist = source.strip_prefix("https://gist.github.com/")?;
    let path = gist.split(['?', '#']).next().unwrap_or_default().strip_suffix(".js")?;
    Some(Shown::At(format!("https://gist.github.com/{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_players_lead_to_their_pages() {
        let check =
            |name: &str, raw: &str, want: Option<&str>| assert_eq!(link(name, raw, "").as_deref(), want, "{raw}");
        check(
            "iframe",
            "src='https://www.youtube-nocookie.com/embed/abc_1-2?rel=0' title=\"A 'film'\"",
            Some("<p><a href=\"https://www.youtube.com/watch?v=abc_1-2\">A 'film'</a></p>"),
        );
        check("iframe", "src=//player.vimeo.com/video/123", Some("<p><a href=\"https://vimeo.com/123\">Vimeo</a></p>"));
        check("iframe", "src=https://ads.example/frame", None);
        check("iframe", "src=about:blank", None);
        check("iframe", "src=https://x.example/sync title=Sync width=0 height=0", None);
        check(
            "iframe",
            "src=https://charts.example/1 title='Chart: prices'",
            Some("<p><a href=\"https://charts.example/1\">Chart: prices</a></p>"),
        );
        check(
            "iframe",
            "data-src=https://player.example/9 allowfullscreen",
            Some("<p><a href=\"https://player.example/9\">player.example</a></p>"),
        );
        check(
            "iframe",
            "src=https://tube.example/videos/embed/1 title=Talk allowfullscreen",
            Some("<p><a href=\"https://tube.example/videos/embed/1\">Talk</a></p>"),
        );
        check(
            "embed",
            "src=https://www.youtube.com/v/abc",
            Some("<p><a href=\"https://www.youtube.com/watch?v=abc\">YouTube</a></p>"),
        );
    }

    #[test]
    fn files_without_a_player_are_linked() {
        for (name, raw, inside, address, text) in [
            ("embed", "src=/m.mp4 type=video/mp4", "", "/m.mp4", "Video"),
            ("embed", "src=/m.pdf?x=1", "", "/m.pdf?x=1", "PDF"),
            ("embed", "src=/listen type=audio/mpeg title='Part 1'", "", "/listen", "Part 1"),
            ("object", "data=m.mp4 type=video/mp4", "No plugin.", "m.mp4", "Video"),
            ("object", "data=m.pdf title=Paper", "<param name=a>No plugin.", "m.pdf", "Paper"),
            ("amp-video", "-video src=/m.mp4 width=640", "", "/m.mp4", "Video"),
            ("amp-video", "-video width=640", "<source src=/n.mp4>", "/n.mp4", "Video"),
            ("amp-iframe", "-iframe src=https://player.vimeo.com/video/7", "", "https://vimeo.com/7", "Vimeo"),
            ("video", "src=blob:https://a.example/1", "<source src=/n.mp4>", "/n.mp4", "Video"),
        ] {
            let want = format!("<p><a href=\"{address}\">{text}</a></p>");
            assert_eq!(link(name, raw, inside).as_deref(), Some(&*want), "{name} {raw}");
        }
        for (name, raw) in [
            ("video", "src=blob:https://a.example/1"),
            ("embed", "src=/game.swf"),
            ("object", "data=/a.svg type=image/svg+xml"),
            ("object", "data='data:application/pdf;base64,x' type=application/pdf"),
        ] {
            assert_eq!(link(name, raw, ""), None, "{name} {raw}");
        }
    }

    #[test]
    fn frames_that_load_late_or_have_the_size_of_a_screen_are_players() {
        for (raw, address) in [
            ("src=about:blank data-lazy-src=https://player.vimeo.com/video/4455", "https://vimeo.com/4455"),
            ("src='data:text/html,' data-src=//www.youtube.com/embed/abc", "https://www.youtube.com/watch?v=abc"),
            ("src=https://tube.example/embed/9 width=640 height=360", "https://tube.example/embed/9"),
            ("src=https://tv.example/player.html?v=9 width=100% height=400px", "https://tv.example/player.html?v=9"),
            ("src=https://embed.nicovideo.jp/watch/sm9", "https://embed.nicovideo.jp/watch/sm9"),
        ] {
            let found = link("iframe", raw, "").unwrap_or_default();
            assert!(found.contains(&format!("href=\"{address}\"")), "{raw}: {found}");
        }
        for raw in [
            "src=https://ads.example/banner width=728 height=90",
            "src=https://x.example/embed/1 width=120 height=600",
            "src=https://x.example/form width=640 height=360",
        ] {
            assert_eq!(link("iframe", raw, ""), None, "{raw}");
        }
    }
}
