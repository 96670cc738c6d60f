//! Whatever a feed says, every document can be read and none does anything.

use std::fmt::Write as _;

use feedloom::{Markup, Mode, OutputFormat as Format, Person, Republish, Shrink, without_illegal_xml, write};
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};

use super::world::{World, entry, text_of};

/// One payload a line, our own choice.
const PAYLOADS: &str = include_str!("../../fixtures/xss.txt");

const ACTIVE: [&str; 20] = [
    "script", "iframe", "frame", "object", "embed", "applet", "svg", "math", "form", "input", "button", "style",
    "base", "meta", "link", "template", "video", "audio", "source", "textarea",
];

/// `text` wherever a feed can put a text.
pub(super) fn world_of(text: &str) -> World {
    let mut hostile = entry("alpha", text, text, 0);
    hostile.authors = vec![Person::named(text)];
    hostile.categories = vec![text.to_owned()];
    hostile.content = Some(Markup::Html(text.to_owned()));
    hostile.summary = Some(Markup::Text(text.to_owned()));
    hostile.text = text.to_owned();
    hostile.rights = Some(text.to_owned());
    hostile.language = Some(text.to_owned());
    let mut other = hostile.clone();
    other.key.source = feedloom::SourceId::new("beta").unwrap();
    other.url = "https://beta.example/other".parse().unwrap();
    let mut world = World::new().with(vec![hostile, other]).with(vec![entry("beta", "plain", "Plain", 10)]);
    let source = world.source("alpha");
    source.name = text.to_owned();
    source.rights = Some(text.to_owned());
    source.disclosure = Some(text.to_owned());
    source.republish = Some(Republish::Full);
    world.source("beta").name = text.to_owned();
    world
}

/// What in `html` could do more than be read.
fn active_parts(html: &Html, within: &str) -> Vec<String> {
    let mut found = Vec::new();
    for element in html.select(&Selector::parse(&format!("{within} *")).unwrap()) {
        let name = element.value().name();
        if ACTIVE.contains(&name) {
            found.push(format!("<{name}>"));
        }
        for (key, value) in element.value().attrs() {
            let harmless_scheme = ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
            let address =
                matches!(key, "href" | "src" | "cite" | "action" | "data" | "poster" | "srcset" | "background");
            if key.starts_with("on") || matches!(key, "style" | "srcdoc" | "formaction") || address && !harmless_scheme
            {
                found.push(format!("<{name} {key}={value:?}>"));
            }
        }
    }
    found
}

/// Whether a reader that takes `text` for HTML would see any element in it.
fn looks_like_markup(text: &str) -> bool {
    let html = Html::parse_fragment(text);
    html.select(&Selector::parse("html *").unwrap()).any(|element: ElementRef<'_>| element.value().name() != "html")
}

/// Parses all documents of `world` strictly and returns what is wrong with them.
fn complaints(world: &World) -> String {
    let plan = world.plan();
    let mut wrong = String::new();
    let nowhere = std::path::Path::new("/nonexistent-folder-of-feedloom");
    for rendered in &plan.outputs {
        if let Err(error) = write(nowhere, rendered, Shrink::Refuse, Mode::DryRun) {
            let _ = writeln!(wrong, "{}: {error}", rendered.file);
        }
    }
    let channel = rss::Channel::read_from(text_of(&plan, Format::Rss).as_bytes()).unwrap();
    for item in channel.items() {
        let dublin_core = item.dublin_core_ext().unwrap();
        let plain = [item.title(), item.source().and_then(|source| source.title())];
        let plain = plain.into_iter().flatten().chain(item.categories().iter().map(rss::Category::name));
        for text in plain.chain(dublin_core.creators().iter().map(String::as_str)) {
            if looks_like_markup(text) {
                let _ = writeln!(wrong, "rss: markup in plain text {text:?}");
            }
        }
        for html in [item.content(), item.description()].into_iter().flatten() {
            let _ = active_parts(&Html::parse_fragment(html), "html")
                .iter()
                .try_for_each(|part| writeln!(wrong, "rss: {part}"));
        }
    }
    let page = Html::parse_document(&text_of(&plan, Format::Html));
    for part in active_parts(&page, "body") {
        // Our own links to the feeds beside the page are relative, and some lead to parts of it.
        let parts = ["#stories", "#top", "#latest", "#sources"];
        let ours = plan.outputs.iter().map(|rendered| rendered.file.as_str()).chain(parts);
        let stories = plan.publications.iter().map(|shown| format!("s/{}.html", shown.story));
        let mut ours = ours.map(str::to_owned).chain(stories);
        // Pages of tags and sources have names that no text of a feed is in.
        let name = part.strip_prefix("<a href=\"").and_then(|rest| rest.strip_suffix(".html\">"));
        let name = name.and_then(|name| name.strip_prefix("t/").or_else(|| name.strip_prefix("o/")));
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._~-".contains(c);
        let is_of_facet = name.is_some_and(|name| name.chars().all(is_plain) && !name.contains(".."));
        if !is_of_facet && !ours.any(|own| part == format!("<a href={own:?}>")) {
            let _ = writeln!(wrong, "page: {part}");
        }
    }
    for format in [Format::Rss, Format::Atom, Format::Json] {
        match feed_rs::parser::parse(text_of(&plan, format).as_bytes()) {
            Ok(feed) if feed.entries.len() == 2 => {}
            Ok(feed) => drop(writeln!(wrong, "{format:?}: {} entries", feed.entries.len())),
            Err(error) => drop(writeln!(wrong, "{format:?}: {error}")),
        }
    }
    wrong
}

fn unescaped(line: &str) -> String {
    let mut parts = line.split("\\u");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(4).unwrap_or((part, ""));
        match u32::from_str_radix(code, 16).ok().and_then(char::from_u32) {
            Some(c) => text.extend([c]),
            None => text.push_str(code),
        }
        text.push_str(rest);
    }
    text
}

/// T61: in every output.
#[test]
fn no_payload_comes_out_active() {
    let payloads: Vec<String> = PAYLOADS.lines().filter(|line| !line.starts_with("# ")).map(unescaped).collect();
    assert!(payloads.len() >= 200, "{}", payloads.len());
    let mut wrong = String::new();
    for payload in &payloads {
        let found = complaints(&world_of(payload));
        if !found.is_empty() {
            let _ = writeln!(wrong, "{payload}\n{found}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_test_would_see_what_is_active() {
    for html in ["<script>x</script>", "<p onclick=x>", "<a href='javascript:x'>x</a>", "<p style=x>", "<svg></svg>"] {
        assert!(!active_parts(&Html::parse_fragment(html), "html").is_empty(), "{html}");
        assert!(looks_like_markup(html), "{html}");
    }
    assert!(active_parts(&Html::parse_fragment("<p>x <a href='https://e.org'>y</a>"), "html").is_empty());
}

/// A text construct as a reader shows it.
fn shown(text: &feed_rs::model::Text) -> String {
    match text.content_type.subty().as_str() {
        "html" => Html::parse_fragment(&text.content).root_element().text().collect(),
        _ => text.content.clone(),
    }
}

/// T65: on the way out.
#[test]
fn titles_come_through_but_for_what_xml_forbids() {
    for title in [
        "a]]>b",
        "</title><script>",
        "a\u{1}\u{8}\u{B}b",
        "x\u{FFFE}y\u{FFFF}z",
        "a\u{202E}b",
        "1 < 2 & 3 > 2",
        "&amp;",
    ] {
        let want = without_illegal_xml(title);
        let world = World::new().with(vec![entry("alpha", "1", title, 0)]);
        assert_eq!(world.titles(), [&*want]);
        let plan = world.plan();
        let atom = feed_rs::parser::parse(text_of(&plan, Format::Atom).as_bytes()).unwrap();
        assert_eq!(shown(atom.entries[0].title.as_ref().unwrap()), want);
        let rss = rss::Channel::read_from(text_of(&plan, Format::Rss).as_bytes()).unwrap();
        assert_eq!(rss.items()[0].title().unwrap().replace('\u{200B}', ""), want);
        assert_eq!(complaints(&world_of(title)), "");
    }
}

/// Text as hostile as it gets: pieces that end or open something, between any characters at all.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "]]>", "<![CDATA[", "</title>", "<script>", "</script>", "<!--", "-->", "<?xml?>", "&", "&amp;", "&#0;", "&#xFFFE;",
            "<p onclick=x>", "\"", "'", "<", ">", "/>", "\u{0}", "\u{8}", "\u{1F}", "\u{7F}", "\u{85}", "\u{FFFE}", "\u{FFFF}",
            "\u{202E}", "\u{2066}", "\u{FEFF}", "\r\n", "\t", "<a href=javascript:x>", "<img src=x onerror=y>", "</article>",
            "<article id=\"s-", "{{ x }}", "{link}", "%", ",", "\u{1F600}", "\u{1FFFF}", "<svg><style>", "[…]", "Read more",
        ]).prop_map(str::to_owned),
        2 => any::<char>().prop_map(String::from),
        1 => "[a-z .]{0,40}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// T68: by strict parsers; by feedvalidator and schemas in `tests/validators`, which `tests/e2e/hostile.py` runs on the worst.
    #[test]
    fn any_text_gives_documents_that_parse_and_do_nothing(text in any_text()) {
        prop_assert_eq!(complaints(&world_of(&text)), "", "{:?}", text);
    }
}
