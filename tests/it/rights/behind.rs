//! From a feed of teasers to published articles, through the whole program: what the page behind an entry gives,
//! and what stays of the feed where it gives nothing.

use super::stand::Stand;
use crate::publisher::Response;

const NOW: &str = "2026-11-03T12:00:00Z";
const KEYS: &str = "article = \"when-short\"\nrepublish = \"full\"";
/// Of the feed alone.
const TEASER: &str = "The teaser that the feed gives.";
const BODY: [&str; 4] = [
    "The ferry yard at Oldhaven has rebuilt its two oldest boats with engines that run on methanol, the harbour said.",
    "Engineers spent eleven weeks on each of them, and most of that time went into tanks that fit the curved hulls.",
    "Passengers will notice little: the boats are quieter at the quay, and a crossing still takes forty minutes.",
    "Four more are to follow before the summer, if the port finds the money that the state promised two years ago.",
];

/// An item of the feed at `/name`; `more` stands in place of title and teaser where it holds them.
fn item(stand: &Stand, name: &str, more: &str) -> String {
    let url = stand.publisher.url(&format!("/{name}"));
    let title = if more.contains("<title/>") { String::new() } else { format!("<title>About {name}</title>") };
    let teaser =
        if more.contains("<description>") { "" } else { "<description>The teaser that the feed gives.</description>" };
    format!("<item>{title}<link>{url}</link>{teaser}{}</item>", more.replace("<title/>", ""))
}

fn feed(items: &[String]) -> String {
    format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:media=\"http://search.yahoo.com/mrss/\">\
         <channel><title>Tide Post</title>{}</channel></rss>",
        items.concat()
    )
}

fn page(head: &str) -> String {
    let body: String = BODY.iter().map(|text| format!("<p>{text}</p>\n")).collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><title>Old boats run on methanol | Tide Post</title>\
         <meta property=\"og:title\" content=\"Old boats run on methanol\"><meta property=\"og:site_name\" content=\"Tide Post\">\
         <meta name=\"author\" content=\"Ilse Varga\"><meta property=\"og:image\" content=\"https://tidepost.example/boats.jpg\">{head}</head>\
         <body><nav><ul><li><a href=\"/\">Home</a></li><li><a href=\"/ports\">Ports</a></li></ul></nav>\
         <article><h1>Old boats run on methanol</h1>{body}</article>\
         <footer><p>Copyright Tide Post. All rights reserved.</p></footer></body></html>"
    )
}

impl Stand {
    fn answer(&self, name: &str, headers: &[(&str, &[u8])], body: &[u8]) {
        let mut all: Vec<(&str, &[u8])> = vec![("Content-Type", b"text/html; charset=utf-8")];
        all.extend(headers);
        self.publisher.script(&format!("/{name}"), [Response::new(200, &all, body)]);
    }

    /// The four files of a publish.
    fn files(&self) -> [String; 4] {
        ["feed.xml", "atom.xml", "feed.json", "index.html"].map(|name| self.file(name))
    }
}

/// The paragraphs of [`BODY`] and the teaser, as far as `html` has them.
fn shown(html: &serde_json::Value) -> (usize, bool) {
    let html = html.as_str().unwrap();
    (BODY.iter().filter(|text| html.contains(**text)).count(), html.contains(TEASER))
}

#[test]
fn a_teaser_becomes_the_article_and_whatever_gives_none_leaves_the_teaser() {
    let stand = Stand::new("[weave]\nsame_story = \"off\"\n");
    let long = format!("<description>{}</description>", "The feed carries all of this itself. ".repeat(40));
    let names = ["good", "kept", "kept-out", "gated", "missing", "empty", "binary"];
    let mut items: Vec<String> = names.iter().map(|name| item(&stand, name, "")).collect();
    items.push(item(&stand, "long", &long));
    stand.source("tide", &[], &feed(&items), KEYS);
    stand.publisher.script("/robots.txt", [Response::new(200, &[], b"User-agent: *\nDisallow: /kept-out\n")]);
    for name in ["good", "kept-out", "long"] {
        stand.answer(name, &[], page("").as_bytes());
    }
    stand.answer("kept", &[("X-Robots-Tag", b"noarchive")], page("").as_bytes());
    stand.publisher.script("/gated", [Response::new(302, &[("Location", b"/login?next=/gated")], b"")]);
    stand.answer("login", &[], b"<title>Sign in</title><p>Please sign in to read on, it only takes a minute of yours.");
    stand.publisher.script("/missing", [Response::new(404, &[("Content-Type", b"text/html")], b"<p>Nothing here.")]);
    stand.answer("empty", &[], b"<!doctype html><html><head><title>Tide Post</title></head><body></body></html>");
    stand.answer("binary", &[], &[0x89, b'P', b'N', b'G', 1, 2, 3, 4, 5, 6, 7, 8]);
    stand.run(NOW);

    assert_eq!(shown(&stand.item("About good")["content_html"]), (4, false), "the page in place of the teaser");
    for name in names.into_iter().skip(1) {
        assert_eq!(shown(&stand.item(&format!("About {name}"))["content_html"]), (0, true), "{name}");
    }
    assert!(stand.file("feed.json").contains("The feed carries all of this itself."));
    for file in stand.files() {
        assert!(BODY.iter().all(|text| file.contains(text)));
        for other in ["All rights reserved", "sign in", "Sign in", "Nothing here", "PNG", "robots.txt"] {
            assert!(!file.contains(other), "{other} is in a file");
        }
    }
    let asked: Vec<String> = stand.publisher.asked().into_iter().map(|asked| asked.path).collect();
    assert!(
        !asked.iter().any(|path| ["/kept-out", "/long", "/login?next=/gated"].contains(&path.as_str())),
        "{asked:?}"
    );

    let status: serde_json::Value = serde_json::from_str(&stand.tell(&["status", "--json", "--now", NOW])).unwrap();
    assert_eq!(status["sources"][0]["pages"], serde_json::json!({"kept": 2, "failed": 5, "waiting": 0}));
    let told = stand.tell(&["status", "-v", "--now", NOW]);
    assert!(told.contains("5 of 7 article pages failed, the last: "), "{told}");
    // Once is enough, for pages that were read and for those that were not.
    stand.publisher.take_asked();
    stand.run("2026-11-03T18:00:00Z");
    let again: Vec<String> = stand.publisher.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(again, ["/tide/feed"]);
}

#[test]
fn what_the_feed_leaves_out_comes_from_the_page_as_far_as_it_may() {
    let stand = Stand::new("[weave]\nsame_story = \"off\"\n");
    let untitled = format!(
        "<title/><description>{TEASER} It goes on for longer than any headline would, so it has to be cut.</description>"
    );
    let own = "<dc:creator>Tom Reyes</dc:creator><media:thumbnail url=\"https://tidepost.example/own.jpg\"/>";
    let sources = [
        ("bare", "", "", KEYS),
        ("untitled", &*untitled, "", KEYS),
        ("own", own, "", KEYS),
        ("excerpt", "", "", "article = \"when-short\""),
        ("kept", &*untitled, "<meta name=\"robots\" content=\"noarchive\">", KEYS),
        ("unseen", "", "<meta name=\"robots\" content=\"max-image-preview:none\">", KEYS),
    ];
    for (name, more, head, keys) in sources {
        let path = format!("{name}-page");
        stand.source(name, &[], &feed(&[item(&stand, &path, more)]), keys);
        stand.answer(&path, &[], page(head).as_bytes());
    }
    stand.run(NOW);
    let of = |name: &str| {
        let url = stand.publisher.url(&format!("/{name}-page"));
        let item = stand.items().into_iter().find(|item| item["url"] == url).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (text(&item["title"]), text(&item["authors"][0]["name"]), text(&item["image"]))
    };
    let told = |title: &str, author: &str, image: &str| (title.to_owned(), author.to_owned(), image.to_owned());
    const BOATS: &str = "https://tidepost.example/boats.jpg";
    assert_eq!(of("bare"), told("About bare-page", "Tide Post (Ilse Varga)", BOATS));
    assert_eq!(of("untitled"), told("Old boats run on methanol", "Tide Post (Ilse Varga)", BOATS));
    assert_eq!(
        of("own"),
        told("About own-page", "Tide Post (Tom Reyes)", "https://tidepost.example/own.jpg"),
        "the feed wins"
    );
    assert_eq!(of("excerpt"), told("About excerpt-page", "Tide Post (Ilse Varga)", ""), "a picture is no excerpt");
    assert_eq!(of("unseen"), told("About unseen-page", "Tide Post (Ilse Varga)", ""));
    let (title, author, image) = of("kept");
    assert!(title.starts_with(TEASER) && author == "Tide Post" && image.is_empty(), "{title} {author} {image}");
}
