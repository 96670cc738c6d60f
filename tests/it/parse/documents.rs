//! Reading what publishers and others send: the cases that a unit test beside the code does not hold.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use feedloom::{
    Bytes as Input, Config, Document, Entries, FeedFormat as Format, FutureDates, Headers, Identity, Markup, ReadError,
    SourceConfig, Why, entries, plain_text, read_feed as read, sanitize, sanitize_to_inspect,
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

const NOW: &str = "2026-01-02T00:00:00Z";

fn url() -> Url {
    Url::parse("https://example.org/feeds/all.xml").expect("an address")
}

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn source() -> SourceConfig {
    let toml = format!("[[source]]\nid = \"test\"\nurl = \"{}\"\n", url());
    Config::parse(Path::new("feeds.toml"), &toml).expect("a valid feeds.toml").sources.remove(0)
}

fn document(bytes: &[u8]) -> Result<Document, ReadError> {
    read(&Input { bytes, url: Some(&url()), ..Input::default() })
}

fn made(bytes: &[u8]) -> Entries {
    entries(document(bytes).expect("a feed"), &source(), now())
}

/// A feed of `count` items; `change` writes item number `n` in another way where it gives something.
fn feed(count: usize, change: impl Fn(usize) -> Option<String>) -> String {
    let mut feed = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel><title>T</title><link>https://example.org/</link>\n",
    );
    for n in 1..=count {
        feed.push_str(&change(n).unwrap_or_else(|| item(n, "")));
    }
    feed.push_str("</channel></rss>\n");
    feed
}

fn item(n: usize, more: &str) -> String {
    format!("<item><title>Item {n}</title><link>https://example.org/{n}</link><guid>g{n}</guid>{more}</item>\n")
}

#[track_caller]
fn check_count(bytes: &[u8], want: usize) {
    assert_eq!(made(bytes).entries.len(), want);
}

/// T48.
#[test]
fn entities_never_expand() {
    let mut laughs = String::from("<!DOCTYPE x [<!ENTITY a \"lol\">");
    for (name, of) in ('b'..='j').zip('a'..='i') {
        let _ = write!(laughs, "<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10));
    }
    laughs.push_str("<!ENTITY % p SYSTEM \"http://127.0.0.1:9/p\"> %p; <!ENTITY e SYSTEM \"file:///etc/passwd\">]>");
    let feed = laughs + &feed(2, |n| Some(item(n, "<description>&j; &e; text</description>")));
    let start = Instant::now();
    let made = made(feed.as_bytes());
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(made.entries.len(), 2);
    assert!(
        made.entries
            .iter()
            .all(|entry| !entry.text.contains("lol") && !entry.text.contains("root") && entry.text.contains("text"))
    );
}

/// T49: XML declarations.
#[test]
fn declarations_in_wrong_places_cost_nothing() {
    let plain = feed(3, |_| None);
    let declaration = "<?xml version=\"1.0\" encoding=\"utf-16\"?>";
    check_count(format!("{declaration}{plain}").as_bytes(), 3);
    check_count(plain.replace("<item><title>Item 2", &format!("{declaration}<item><title>Item 2")).as_bytes(), 3);
    check_count(
        format!("<?xml version=\"1.0\"{}?>{}", " ".repeat(3_000), plain.split_once("?>").unwrap().1).as_bytes(),
        3,
    );
}

/// T49: UTF-16.
#[test]
fn utf_16_is_read_with_and_without_mark() {
    let plain = feed(3, |_| None);
    for big in [false, true] {
        for mark in [false, true] {
            let units = mark.then_some(0xFEFF).into_iter().chain(plain.encode_utf16());
            let bytes: Vec<u8> =
                units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
            check_count(&bytes, 3);
        }
    }
}

/// T50.
#[test]
fn bare_ampersands_and_forbidden_characters_cost_only_themselves() {
    let odd =
        feed(5, |n| Some(item(n, "<description>a & b &nbsp;&eacute; &#0;&#x1F;&#xD800;&#xFFFF;\u{8}c</description>")));
    let made = made(odd.as_bytes());
    assert_eq!(made.entries.len(), 5);
    assert_eq!(made.entries[0].text, "a & b é c");
}

/// T51.
#[test]
fn a_wrong_byte_costs_one_character() {
    let good = feed(20, |n| (n == 7).then(|| item(n, "<description>na~ve</description>")));
    let broken: Vec<u8> = good.bytes().map(|b| if b == b'~' { 0xEF } else { b }).collect();
    let made_broken = made(&broken);
    assert_eq!(made_broken.entries.len(), 20);
    assert!(made_broken.entries.iter().any(|entry| entry.text == "naïve"));
    let labelled = read(&Input {
        bytes: &broken,
        headers: Headers { content_type: Some("text/xml; charset=windows-1251"), ..Headers::default() },
        ..Input::default()
    });
    assert_eq!(labelled.unwrap().posts.len(), 20);
}

/// T52.
#[test]
fn a_cut_document_keeps_its_whole_entries() {
    let whole = feed(20, |_| None);
    let cut = whole.find("Item 15").unwrap() + 3;
    let made = made(&whole.as_bytes()[..cut]);
    assert_eq!(made.entries.len(), 14);
    assert_eq!(made.dropped[0].1, Why::CutShort);
}

/// T53.
#[test]
fn junk_around_the_document_is_ignored() {
    let plain = feed(3, |_| None);
    check_count(format!("<br />\n<b>Warning</b>: x() in <b>y.php</b> on line <b>3</b><br />\n{plain}").as_bytes(), 3);
    check_count(format!("{plain}<script>track()</script>").as_bytes(), 3);
    check_count(format!("\n\n\n{plain}").as_bytes(), 3);
    check_count(format!("\u{FEFF}\u{FEFF}{plain}").as_bytes(), 3);
}

/// T54.
#[test]
fn every_family_of_formats_is_read() {
    let check = |text: &str, format: Format| {
        let document = document(text.as_bytes()).unwrap();
        assert_eq!((document.format, document.posts.len()), (format, 1), "{text}");
        let post = &document.posts[0].fields;
        assert_eq!(post.title, Some(Markup::Text("A".to_owned())), "{text}");
        assert_eq!(post.link.as_deref(), Some("https://example.org/a"), "{text}");
    };
    let item = "<item><title>A</title><link>/a</link></item>";
    check(&format!("<rss><channel>{item}</channel></rss>"), Format::Rss);
    check(
        &format!("<RSS VERSION='0.91'><CHANNEL>{}</CHANNEL></RSS>", item.to_uppercase().replace("/A<", "/a<")),
        Format::Rss,
    );
    check(
        &format!("<rss version='2.0' xmlns='http://vendor.example/rss'><channel>{item}</channel></rss>"),
        Format::Rss,
    );
    check(
        &format!(
            "<r:rss xmlns:r='http://backend.userland.com/rss2'><r:channel>{}</r:channel></r:rss>",
            item.replace("</", "</r:")
                .replace("<item", "<r:item")
                .replace("<title", "<r:title")
                .replace("<link", "<r:link")
        ),
        Format::Rss,
    );
    check(
        &format!(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel/>{item}</rdf:RDF>"
        ),
        Format::Rdf,
    );
    check(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>A</title><link rel='alternate' type='text/html' href='/a'/></entry></feed>",
        Format::Atom,
    );
    check(
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>A</a:title><a:link href='/a'/></a:entry></a:feed>",
        Format::Atom,
    );
    check("<CHANNEL HREF='/'><ITEM HREF='/a'><TITLE>A</TITLE></ITEM></CHANNEL>", Format::Cdf);
    check(r#"{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"title":"A","url":"/a"}]}"#, Format::Json);
}

/// T55.
#[test]
fn an_entry_without_any_mark_is_one_entry_at_every_poll() {
    let feed = "<rss><channel><item><description>Some text</description><link>https://example.org/</link></item></channel></rss>";
    let guids: Vec<String> = (0..5).map(|_| made(feed.as_bytes()).entries.remove(0).key.guid).collect();
    assert!(guids.windows(2).all(|two| two[0] == two[1]));
}

#[test]
fn entries_without_any_address_keep_a_place_of_their_own_in_the_home_page() {
    let items = "<item><description>only text here</description></item><item><title>only a title</title></item>";
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>T</title><link>https://example.org/</link>{items}</channel></rss>"
    );
    let (first, again) = (made(feed.as_bytes()).entries, made(feed.as_bytes()).entries);
    assert_eq!(first.len(), 2);
    assert_eq!(first, again, "the same at every poll");
    assert_ne!((&first[0].url, &first[0].key), (&first[1].url, &first[1].key));
    assert!(first.iter().all(|entry| entry.url.as_str().starts_with("https://example.org/#")));
    let bad = "<item><title>x</title><link>javascript:alert(1)</link></item>";
    assert!(made(feed.replace(items, bad).as_bytes()).entries.is_empty(), "a bad address is no missing one");
}

#[test]
fn what_is_there_to_be_counted_is_no_picture() {
    let img = |more: &str| format!("<description>&lt;img src='https://a.example/i.png' {more}&gt; text</description>");
    let image = |more: &str| {
        let item = format!("<item><link>https://example.org/1</link>{}</item>", img(more));
        let feed = format!("<rss version=\"2.0\"><channel><title>T</title>{item}</channel></rss>");
        made(feed.as_bytes()).entries[0].image.clone()
    };
    assert!(image("").is_some());
    assert_eq!(image("width='1' height='1'"), None);
}

#[test]
fn a_picture_is_named_by_an_address_in_many_places() {
    let image = |field: &str| {
        let item = format!("<item><link>https://example.org/1</link>{field}<title>A</title></item>");
        let feed = format!("<rss version=\"2.0\"><channel><title>T</title>{item}</channel></rss>");
        made(feed.as_bytes()).entries[0].image.as_ref().map(ToString::to_string)
    };
    for field in [
        "<image>https://a.example/i.png</image>",
        "<image>\n  https://a.example/i.png\n</image>",
        "<image><![CDATA[https://a.example/i.png]]></image>",
        "<image><url>https://a.example/i.png</url></image>",
        "<image><title>x</title> <url>https://a.example/i.png</url> <link>https://a.example/</link></image>",
        "<image url='https://a.example/i.png'/>",
    ] {
        assert_eq!(image(field).as_deref(), Some("https://a.example/i.png"), "{field}");
    }
    for field in ["<image>our picture</image>", "<image/>", "<image>javascript:alert(1)</image>"] {
        assert_eq!(image(field), None, "{field}");
    }
}

#[test]
fn what_the_wrapper_of_a_text_says_of_its_base_counts() {
    let link = |outer: &str, div: &str, after: &str| {
        let content = format!(
            "<content type='xhtml' {outer}><div xmlns='http://www.w3.org/1999/xhtml' {div}><a href='y'>z</a></div>{after}</content>"
        );
        let entry = format!("<entry><id>1</id><title>A</title><link href='https://a.example/p/1'/>{content}</entry>");
        let feed = format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{entry}</feed>");
        let content = made(feed.as_bytes()).entries.remove(0).content.unwrap();
        let html = content.raw().to_owned();
        html.split("href=")
            .nth(1)
            .unwrap()
            .trim_start_matches(['"', '\''])
            .split(['"', '\'', '>'])
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(link("", "xml:base='https://b.example/q/'", ""), "https://b.example/q/y");
    assert_eq!(link("xml:base='https://c.example/r/'", "xml:base='s/'", ""), "https://c.example/r/s/y");
    assert_eq!(link("xml:base='https://c.example/r/'", "", ""), "https://c.example/r/y");
    assert_eq!(link("xml:base='https://c.example/r/'", "xml:base='javascript:x'", ""), "https://c.example/r/y");
    assert_eq!(link("xml:base='https://c.example/r/'", "xml:base='s/'", "<p>t</p>"), "https://c.example/r/y");
}

#[test]
fn the_language_of_a_feed_says_which_number_of_its_dates_is_the_day() {
    for (language, want) in [("de-DE", "2025-11-05"), ("en-us", "2025-05-11")] {
        let item = "<item><link>https://example.org/1</link><pubDate>05/11/2025 10:00</pubDate></item>";
        let head = format!("<title>T</title><language>{language}</language>");
        let entry =
            made(format!("<rss version=\"2.0\"><channel>{head}{item}</channel></rss>").as_bytes()).entries.remove(0);
        assert_eq!(entry.published.unwrap().to_string()[..10], *want, "{language}");
    }
}

#[test]
fn an_endless_title_is_cut_not_lost() {
    let title = "x".repeat(100_000);
    let item = format!("<item><title>{title}</title><link>https://example.org/1</link></item>");
    let feed = format!("<rss version=\"2.0\"><channel><title>T</title>{item}</channel></rss>");
    let entry = made(feed.as_bytes()).entries.remove(0);
    assert!(entry.title.starts_with("xxx") && entry.title.chars().count() <= 512, "{}", entry.title.len());
}

/// T56.
#[test]
fn guids_follow_the_rules() {
    let guids =
        |bytes: &str| made(bytes.as_bytes()).entries.into_iter().map(|entry| entry.key.guid).collect::<Vec<_>>();
    let same = feed(3, |n| Some(item(n, "").replace(&format!("g{n}"), "same")));
    assert_eq!(
        guids(&same),
        ["link:https://example.org/1", "link:https://example.org/2", "link:https://example.org/3"]
    );
    let reused = feed(3, |n| Some(item(n, "").replace("g2", "g1")));
    assert_eq!(guids(&reused), ["g1", "g1 https://example.org/2", "g3"]);
    let repeated = feed(2, |_| Some(item(1, "")));
    assert_eq!(guids(&repeated), ["g1"]);
}

/// T57: how long; with peak memory in `tests/e2e/limits.py`.
#[test]
fn monstrous_documents_end_in_time() {
    let big = |text: String| {
        let start = Instant::now();
        let read = document(text.as_bytes()).map(|document| entries(document, &source(), now()));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?} for {:?}…", start.elapsed(), text.get(..40));
        read.map_or(0, |made| made.entries.len())
    };
    // Without optimisation everything takes ten times as long: smaller monsters then.
    let scale = if cfg!(debug_assertions) { 10 } else { 1 };
    let wrapped = |inside: &str| format!("<rss><channel>{}{inside}</channel></rss>", item(1, ""));
    assert_eq!(big(wrapped(&"<a>".repeat(200_000))), 1);
    assert_eq!(big(wrapped(&format!("{}{}", "<a>".repeat(200_000), "</b>".repeat(200_000)))), 1);
    assert_eq!(
        big(wrapped(&format!(
            "<x {}/>",
            (0..60_000).fold(String::new(), |mut all, n| {
                let _ = write!(all, "a{n}='1' ");
                all
            })
        ))),
        1
    );
    let namespaces = (0..60_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, "xmlns:a{n}='u' ");
        all
    });
    assert_eq!(big(format!("<rss {namespaces}><channel>{}</channel></rss>", item(1, ""))), 1);
    assert_eq!(big(feed(100_000 / scale, |_| None)), 500);
    assert_eq!(big(feed(1, |n| Some(item(n, "").replace("Item", &"x".repeat(5 << 20))))), 1);
    assert_eq!(
        big(feed(1, |n| Some(item(
            n,
            &format!("<description>{}</description>", "&lt;p&gt;x".repeat((1 << 20) / scale))
        )))),
        1
    );
    for broken in [
        "<",
        "<a",
        "<a \"",
        "<!--",
        "<![CDATA[",
        "<!a[>",
        "<?a>",
        "&",
        "&#",
        "<a b='",
        "]]>",
        "<item>",
        "</item>",
        "<title>",
        "<x:y ",
    ] {
        big(wrapped(&broken.repeat(1_000_000 / scale / broken.len())));
        big(feed(1, |n| {
            Some(item(
                n,
                &format!("<description><![CDATA[{}]]></description>", broken.repeat(1_000_000 / scale / broken.len())),
            ))
        }));
    }
}

/// T57: one item of half a megabyte.
#[test]
fn a_large_item_keeps_its_text_only() {
    let made = made(
        feed(1, |n| Some(item(n, &format!("<description>{}</description>", "&lt;p&gt;word".repeat(60_000)))))
            .as_bytes(),
    );
    assert!(matches!(&made.entries[0].summary, Some(Markup::Text(text)) if text.len() <= 256 * 1024));
    assert!(made.entries[0].text.len() <= 4_000);
}

/// T58.
#[test]
fn what_is_no_feed_is_named() {
    let check = |bytes: &[u8], want: &str| {
        let error = document(bytes).unwrap_err().to_string();
        assert!(error.contains(want), "{error:?} for {want:?}");
    };
    check(b"", "empty");
    check(b" \n", "empty");
    check(b"\x89PNG\r\n\x1a\n", "a PNG image");
    check(br#"{"error":"gone"}"#, "JSON, but not a JSON Feed");
    check(b"<opml version='2.0'><body/></opml>", "<opml>");
    check(b"Not found", "plain text");
    check(
        b"<!DOCTYPE html><html><head><title>A &amp; B</title><link rel='alternate' type='application/rss+xml' href='/rss'></head></html>",
        "it is a web page (\"A & B\") that announces https://example.org/rss",
    );
}

/// T59.
#[test]
fn an_entry_of_an_illegal_type_costs_nothing() {
    let mut atom = String::from("<feed xmlns='http://www.w3.org/2005/Atom'>");
    for n in 0..20 {
        let kind = if n == 7 { "foo bar/;;" } else { "html" };
        let _ = write!(
            atom,
            "<entry><id>i{n}</id><title>T{n}</title><link href='/{n}'/><content type='{kind}'>a &lt;b&gt;c</content></entry>"
        );
    }
    check_count((atom + "</feed>").as_bytes(), 20);
}

/// T60.
#[test]
fn impossible_dates_are_no_dates() {
    let dated = |date: &str| {
        made(feed(1, |n| Some(item(n, &format!("<pubDate>{date}</pubDate>")))).as_bytes()).entries.remove(0).published
    };
    assert_eq!(dated("Fri, 01 Jan 2099 00:00:00 GMT").map(|at| at.to_string()).as_deref(), Some(NOW));
    assert_eq!(dated("Thu, 01 Jan 1970 00:00:00 GMT"), None);
    assert_eq!(dated("Wed, 32 Foo"), None);
    assert_eq!(
        dated("Mon, 02 Jun 2025 10:00:00 EST").map(|at| at.to_string()).as_deref(),
        Some("2025-06-02T15:00:00Z")
    );
    assert_eq!(
        dated("Mo, 02 Juni 2025 10:00:00 +0200").map(|at| at.to_string()).as_deref(),
        Some("2025-06-02T08:00:00Z")
    );
}

/// T64.
#[test]
fn addresses_of_entries_are_of_the_web_or_the_entry_is_dropped() {
    let linked = |link: &str| {
        made(feed(1, |_| Some(format!("<item><title>T</title><link>{link}</link></item>"))).as_bytes())
            .entries
            .pop()
            .map(|entry| entry.url.to_string())
    };
    assert_eq!(linked("javascript:alert(1)"), None);
    assert_eq!(linked("data:text/html,x"), None);
    assert_eq!(linked("https://u:p@example.org/"), None);
    assert_eq!(linked(&format!("https://example.org/{}", "x".repeat(10_000))), None);
    assert_eq!(linked("//host.example/x").as_deref(), Some("https://host.example/x"));
    assert_eq!(linked("../x").as_deref(), Some("https://example.org/x"));
    assert_eq!(linked("https://exa\r\nmple.org/x").as_deref(), Some("https://example.org/x"));
}

/// T61.
#[test]
fn no_payload_survives_where_html_leaves() {
    const PAYLOADS: &str = include_str!("../../fixtures/read/xss.txt");
    const FORBIDDEN: [&str; 12] = [
        "<script", "<iframe", "<object", "<embed", "<svg", "<math", "<style", "<base", "<meta", "<link", "<applet",
        "<frame",
    ];
    assert!(PAYLOADS.lines().count() >= 200);
    for payload in PAYLOADS.lines() {
        for clean in [sanitize(payload, Some(&url())), sanitize_to_inspect(payload, Some(&url()))] {
            let lower = clean.to_lowercase();
            let fragment = scraper::Html::parse_fragment(&clean);
            assert!(!FORBIDDEN.iter().any(|tag| lower.contains(tag)), "{payload} gave {clean}");
            for node in fragment.tree.values().filter_map(scraper::Node::as_element) {
                for (name, value) in node.attrs() {
                    let value = value.trim().to_lowercase();
                    assert!(!name.starts_with("on") && name != "style" && name != "srcdoc", "{payload} gave {clean}");
                    assert!(
                        !["javascript:", "vbscript:", "data:"].iter().any(|scheme| value.starts_with(scheme)),
                        "{payload} gave {clean}"
                    );
                }
            }
        }
        let feed = feed(1, |n| Some(item(n, "").replace("Item", &payload.replace('&', "&amp;").replace('<', "&lt;"))));
        let made = made(feed.as_bytes());
        assert!(!made.entries[0].title.is_empty());
    }
}

/// T62.
#[test]
fn text_stays_text_and_attributes_stay_attributes() {
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><link href='/1'/><title type='text'>&lt;script&gt; is a tag</title>\
        <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><a href='/x' title='&quot; onmouseover=&quot;alert(1)'>y</a></div></content></entry>\
        <entry><id>2</id><link href='/2'/><title type='html'>&amp;lt;b&amp;gt;</title></entry></feed>";
    let made = made(atom.as_bytes());
    assert_eq!(made.entries[0].title, "<script> is a tag");
    assert_eq!(made.entries[1].title, "<b>");
    let Some(Markup::Html(html)) = &made.entries[0].content else { panic!("no content") };
    assert!(!sanitize(html, None).contains(" onmouseover=\""));
}

/// T63: in a feed item; in a page in `article.rs`.
#[test]
fn html_that_explodes_parsers_is_cheap() {
    for html in [
        "<p><b title=i>x".repeat(4_000),
        "<ul><li>x".repeat(20_000),
        "<div><p>x".repeat(50_000),
        "<a href=i><div>x".repeat(20_000),
    ] {
        let start = Instant::now();
        let clean = sanitize(&html, None);
        assert!(start.elapsed() < Duration::from_secs(1));
        assert!(clean.contains('x') && clean.len() <= 256 * 1024);
    }
}

/// T65: on the way in.
#[test]
fn odd_titles_keep_their_text() {
    let titled = |title: &str| {
        made(feed(1, |n| Some(item(n, "").replace(&format!("Item {n}"), title))).as_bytes()).entries.remove(0).title
    };
    assert_eq!(titled("<![CDATA[a]]]]><![CDATA[>b]]>"), "a]]>b");
    assert_eq!(titled("a\u{1}b\u{1f}\u{FFFE}c&#xD800;"), "abc");
    assert_eq!(titled("&lt;/title&gt;&lt;script&gt;"), "</title><script>");
    assert_eq!(titled(&"x".repeat(2_000)).chars().count(), 512);
    assert_eq!(plain_text(&titled("A &amp;amp; B")), "A & B");
}

#[test]
fn one_document_is_read_alike_by_another_reader() {
    let plain = feed(5, |n| {
        Some(item(n, "<description>x &amp;amp; y</description><pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>"))
    });
    let ours = document(plain.as_bytes()).unwrap();
    let other = feed_rs::parser::parse(plain.as_bytes()).unwrap();
    assert_eq!(ours.posts.len(), other.entries.len());
    for (post, entry) in ours.posts.iter().zip(&other.entries) {
        assert_eq!(post.fields.id_as_written.as_deref(), Some(&*entry.id));
        assert_eq!(post.fields.link.as_deref(), entry.links.first().map(|link| &*link.href));
        assert_eq!(post.fields.published.map(Timestamp::as_second), entry.published.map(|at| at.timestamp()));
    }
}

/// xorshift64: the same mutations at every run.
fn next(state: &mut u64, end: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as usize % end.max(1)
}

#[test]
fn mutated_documents_never_panic() {
    const PIECES: [&[u8]; 14] = [
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<item>",
        b"</item>",
        b"&",
        b"<",
        b"\"",
        b"\0",
        b"\xFF\xFE",
        b"</channel>",
        b"&#x",
        b"<entry>",
    ];
    let rss = feed(3, |n| {
        Some(item(
            n,
            "<description>&lt;a href='x'>é&lt;/a> &amp;nbsp; 日本</description><author>a@b.example (N)</author><pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>",
        ))
    });
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/b/'><entry><id>1</id><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a<br/></div></title><link href='x'/><author><name>N</name></author><source><title>S</title></source><content type='html'>&lt;p></content></entry></feed>";
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"url":"/a","content_html":"<p>x","tags":["a"]}]}"#;
    let mut state = 0x9E37_79B9_7F4A_7C15;
    for round in 0..6_000 {
        let mut bytes = [rss.as_str(), atom, json][round % 3].as_bytes().to_vec();
        for _ in 0..=next(&mut state, 5) {
            let at = next(&mut state, bytes.len());
            match next(&mut state, 4) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << next(&mut state, 8),
                1 => bytes.truncate(at.max(10)),
                2 => drop(bytes.drain(at..(at + next(&mut state, 60)).min(bytes.len()))),
                _ => drop(bytes.splice(at..at, PIECES[next(&mut state, PIECES.len())].iter().copied())),
            }
        }
        if let Ok(document) = document(&bytes) {
            let _ = document.feed();
            let made = entries(document, &source(), now());
            for entry in &made.entries {
                assert!(!entry.title.is_empty() && entry.text.len() <= 4_000 && !entry.key.guid.is_empty());
            }
        }
    }
}

#[test]
fn the_server_of_inspect_answers_every_line() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.xml");
    std::fs::write(&file, feed(2, |n| Some(item(n, "<description>&lt;script&gt;x&lt;/script&gt;y</description>"))))
        .unwrap();
    let good =
        serde_json::json!({"file": file, "url": "https://example.org/f", "headers": {"Content-Type": "text/xml"}});
    let mut server = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .args(["inspect", "--server"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let requests = format!("{good}\nno json\n{{\"file\":\"/no/such/file\"}}\n\n\u{fffd}\n{good}\n");
    server.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
    let out = server.wait_with_output().unwrap();
    let answers: Vec<serde_json::Value> =
        out.stdout.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let ok: Vec<_> = answers.iter().map(|answer| answer["ok"] == true).collect();
    assert_eq!(ok, [true, false, false, false, true]);
    assert_eq!(answers[0]["entries"][1]["summary"], "y");
    assert_eq!(answers[0], answers[4]);
}

#[test]
fn inspect_shows_a_person_what_was_mended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.xml");
    std::fs::write(&file, feed(1, |n| Some(item(n, "").replace("Item", "A \u{202e}title & more")))).unwrap();
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_feedloom")).arg("inspect").arg(&file).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("mended      `&` in place of `&amp;`\n"), "{text}");
    assert!(text.contains("A \u{fffd}title & more 1\n") && text.contains("https://example.org/1"), "{text}");
    assert!(text.contains("format      rss, UTF-8\n"), "{text}");
}

#[test]
fn a_source_may_choose_another_identity() {
    let same_link = feed(3, |n| Some(item(n, "").replace(&format!("example.org/{n}"), "example.org/same")));
    let count = |identity: Identity, text: &str| {
        let source = SourceConfig { identity, ..source() };
        let made = entries(document(text.as_bytes()).expect("a feed"), &source, now());
        made.entries.into_iter().map(|entry| entry.key.guid).collect::<Vec<_>>()
    };
    assert_eq!(count(Identity::Guid, &same_link), ["g1", "g2", "g3"]);
    assert_eq!(count(Identity::Link, &same_link), ["link:https://example.org/same"]);
    let edited = same_link.replace("guid>g", "guid>changed");
    assert_eq!(count(Identity::Title, &same_link), count(Identity::Title, &edited));
}

#[test]
fn filters_and_future_dates_obey_the_source() {
    use feedloom::{Filter, FilterField, FilterTest};

    let text =
        feed(4, |n| Some(item(n, &format!("<category>C{n}</category><pubDate>0{n} Jan 2026 00:00 GMT</pubDate>"))));
    let titles = |source: SourceConfig| {
        let made = entries(document(text.as_bytes()).expect("a feed"), &source, now());
        made.entries.into_iter().map(|entry| entry.title).collect::<Vec<_>>()
    };
    let tag = |tag: &str| Filter { field: FilterField::Tag, test: FilterTest::Contains(tag.to_owned()), line: 1 };
    assert_eq!(
        titles(SourceConfig { include: vec![tag("c1"), tag("c2")], exclude: vec![tag("c2")], ..source() }),
        ["Item 1"]
    );
    assert_eq!(titles(SourceConfig { future_dates: FutureDates::Drop, ..source() }), ["Item 2", "Item 1"]);
    assert_eq!(
        titles(SourceConfig { future_dates: FutureDates::Keep, ..source() }),
        ["Item 4", "Item 3", "Item 2", "Item 1"]
    );
    let earlier =
        SourceConfig { date_offset: SignedDuration::from_hours(-48), future_dates: FutureDates::Drop, ..source() };
    assert_eq!(titles(earlier).len(), 4);
}
