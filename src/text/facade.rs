//! Stand-ins for what a script would put in their place: players made from the id of a video, posts of social networks
//! that are nothing but an address → a link to it.

use super::attrs::Attrs;
use super::embed::linked;

/// A paragraph with a link to the video that an element of a player's own name, or a placeholder for one, would play:
/// `<lite-youtube videoid=…>`, `<amp-vimeo data-videoid=…>`, `<div data-youtube-id=…>`.
pub(super) fn video(name: &str, attrs: &Attrs<'_>) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let is_stand_in = lower.contains('-');
    let class = attrs.get("class").unwrap_or_default().to_ascii_lowercase();
    let is_of = |site: &str| is_stand_in && lower.contains(site) || class.contains(site);
    let id = |names: &[&str]| attrs.first(names).filter(|id| is_id(id));
    let own = ["videoid", "video-id", "data-videoid", "data-video-id"];
    let (address, usual) = if let Some(id) = id(&["data-youtube-id", "data-youtube", "data-ytid", "data-yt-id"]) {
        (format!("https://www.youtube.com/watch?v={id}"), "YouTube")
    } else if let Some(id) = id(&["data-vimeo-id"]) {
        (format!("https://vimeo.com/{id}"), "Vimeo")
    } else if is_of("youtube") {
        let id = id(&own).or_else(|| id(&["data-id"]))?;
        (format!("https://www.youtube.com/watch?v={id}"), "YouTube")
    } else if is_of("vimeo") {
        (format!("https://vimeo.com/{}", id(&own).or_else(|| id(&["data-id"]))?), "Vimeo")
    } else if is_stand_in && lower.contains("dailymotion") {
        (format!("https://www.dailymotion.com/video/{}", id(&own)?), "Dailymotion")
    } else if lower == "amp-twitter" {
        (format!("https://twitter.com/i/status/{}", id(&["data-tweetid"])?), "Twitter")
    } else if lower == "amp-instagram" {
        (format!("https://www.instagram.com/p/{}/", id(&["data-shortcode"])?), "Instagram")
    } else {
        return None;
    };
    let title = attrs.first(&["title", "videotitle", "data-title", "playlabel", "aria-label"]);
    Some(linked(&address, title.as_deref().unwrap_or(usual)))
}

/// A paragraph with a link to the post that a quote or a box stands for.
pub(super) fn post(attrs: &Attrs<'_>) -> Option<String> {
    let class = attrs.get("class").unwrap_or_default().to_ascii_lowercase();
    let known = [
        ("instagram", "data-instgrm-permalink", "Instagram"),
        ("tiktok", "cite", "TikTok"),
        ("fb-post", "data-href", "Facebook"),
        ("fb-video", "data-href", "Facebook"),
        ("mastodon", "data-embed-url", "Mastodon"),
        ("reddit", "cite", "Reddit"),
        ("threads", "data-text-post-permalink", "Threads"),
        ("text-post-media", "data-text-post-permalink", "Threads"),
    ];
    let (name, address) = known.iter().find_map(|(part, attribute, name)| {
        let address = attrs.filled(attribute).filter(|_| class.contains(part))?;
        address.starts_with("https://").then_some((*name, address))
    })?;
    let address = address.strip_suffix("/embed").unwrap_or(&address);
    Some(linked(address, name))
}

fn is_id(id: &str) -> bool {
    id.len() >= 3 && id.len() <= 40 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_of_its_own_name_leads_to_the_video() {
        let check = |name: &str, raw: &str, want: Option<&str>| {
            let mut attrs = Attrs::default();
            attrs.read(raw);
            assert_eq!(video(name, &attrs).as_deref(), want, "{name} {raw}");
        };
        let talk = "<p><a href=\"https://www.youtube.com/watch?v=ab_CD-12345\">Talk</a></p>";
        check("lite-youtube", "videoid=ab_CD-12345 playlabel=Talk", Some(talk));
        check("amp-youtube", "data-videoid='ab_CD-12345' title=Talk", Some(talk));
        check("youtube-video", "video-id=ab_CD-12345 data-title=Talk", Some(talk));
        check("div", "class='youtube-player' data-id=ab_CD-12345 title=Talk", Some(talk));
        check("div", "data-youtube-id=ab_CD-12345 title=Talk", Some(talk));
        check("lite-vimeo", "videoid=77123", Some("<p><a href=\"https://vimeo.com/77123\">Vimeo</a></p>"));
        check("div", "data-vimeo-id=77123", Some("<p><a href=\"https://vimeo.com/77123\">Vimeo</a></p>"));
        check("lite-youtube", "videoid=\"x'><script>\"", None);
        check(
            "amp-twitter",
            "data-tweetid=123",
            Some("<p><a href=\"https://twitter.com/i/status/123\">Twitter</a></p>"),
        );
        check(
            "amp-instagram",
            "data-shortcode=A_b",
            Some("<p><a href=\"https://www.instagram.com/p/A_b/\">Instagram</a></p>"),
        );
        check("amp-instagram", "data-shortcode='../x'", None);
        check("div", "class=card data-id=ab_CD-12345", None);
        check("my-card", "videoid=ab_CD-12345", None);
    }

    #[test]
    fn a_post_leads_to_itself() {
        let check = |raw: &str, want: Option<&str>| {
            let mut attrs = Attrs::default();
            attrs.read(raw);
            assert_eq!(post(&attrs).as_deref(), want, "{raw}");
        };
        check(
            "class=instagram-media data-instgrm-permalink='https://www.instagram.com/p/A/?x=1&amp;y=2'",
            Some("<p><a href=\"https://www.instagram.com/p/A/?x=1&amp;y=2\">Instagram</a></p>"),
        );
        check(
            "class=tiktok-embed cite=https://www.tiktok.com/@a/video/1",
            Some("<p><a href=\"https://www.tiktok.com/@a/video/1\">TikTok</a></p>"),
        );
        check(
            "class=mastodon-embed data-embed-url=https://m.example/@a/1/embed",
            Some("<p><a href=\"https://m.example/@a/1\">Mastodon</a></p>"),
        );
        check("class=fb-post data-href='javascript:x'", None);
        check("class=quote cite=https://book.example/", None);
    }
}
