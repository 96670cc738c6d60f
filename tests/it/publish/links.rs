//! Whatever stands in titles, texts, names and addresses: every link can be read back in all five formats.

use std::collections::BTreeSet;

use feedloom::{OutputFormat as Format, Plan};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use scraper::{Html, Selector};

use super::hostile::{any_text, world_of};
use super::world::{World, text_of, url};

type Links = BTreeSet<String>;

/// An address without its percent-encoding, which each format may do in its way.
fn bare(address: &str) -> String {
    let mut bytes = address.bytes();
    let mut bare = Vec::new();
    while let Some(byte) = bytes.next() {
        let ahead: Vec<u8> = bytes.clone().take(2).collect();
        match std::str::from_utf8(&ahead).ok().and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) if byte == b'%' && ahead.len() == 2 => {
                bare.push(decoded);
                bytes.nth(1);
            }
            _ => bare.push(byte),
        }
    }
    String::from_utf8_lossy(&bare).into_owned()
}

fn links_within(html: &Html, within: &str) -> Links {
    let links = Selector::parse(&format!("{within} a[href]")).unwrap();
    html.select(&links).map(|link| bare(link.attr("href").unwrap())).collect()
}

/// Per item: its id, its own links, those of its body.
fn items_of(document: &str) -> Vec<(String, Links, Links)> {
    let feed = feed_rs::parser::parse(document.as_bytes()).unwrap();
    let items = feed.entries.into_iter().map(|entry| {
        let own = entry.links.iter().map(|link| bare(&link.href)).collect();
        let body = entry.content.and_then(|content| content.body).unwrap_or_default();
        (entry.id, own, links_within(&Html::parse_fragment(&body), ""))
    });
    items.collect()
}

/// What stands in the address attributes of a list of sources.
fn outlines_of(document: &str) -> Links {
    let mut reader = Reader::from_str(document);
    let mut found = Links::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return found,
            Event::Empty(tag) | Event::Start(tag) => {
                for attribute in tag.attributes().map(Result::unwrap) {
                    if matches!(attribute.key.as_ref(), "xmlUrl" | "htmlUrl") {
                        found.insert(bare(&quick_xml::escape::unescape(&attribute.value).unwrap()));
                    }
                }
            }
            _ => {}
        }
    }
}

/// `text` also in the addresses of articles and sources.
fn world_at(text: &str) -> World {
    let mut world = world_of(text);
    for id in ["alpha", "beta"] {
        world.source(id).feed_url = url(&format!("https://{id}.example/feed?of={text}"));
        world.source(id).site = Some(url(&format!("https://{id}.example/about/{text}")));
    }
    world
}

/// Links of `world` that some format of `plan` lacks.
fn lost(world: &World, plan: &Plan) -> Vec<String> {
    let mut lost = Vec::new();
    let mut look = |format: Format, found: &Links, wanted: &str| {
        if !found.contains(&bare(wanted)) {
            lost.push(format!("{format:?}: {wanted}: {found:?}"));
        }
    };
    let page = Html::parse_document(&text_of(plan, Format::Html));
    let outlines = outlines_of(&text_of(plan, Format::Opml));
    for source in world.sources.values() {
        let feed = source.feed_url.as_str().split('#').next().unwrap();
        look(Format::Opml, &outlines, feed);
        source.site.iter().for_each(|site| look(Format::Opml, &outlines, site.as_str()));
    }
    for format in [Format::Rss, Format::Atom, Format::Json] {
        let items = items_of(&text_of(plan, format));
        assert_eq!(items.len(), world.stories.len(), "{format:?}");
        for story in &world.stories {
            let (_, own, body) = items.iter().find(|(id, ..)| id.ends_with(story.id.as_str())).unwrap();
            look(format, own, story.members[story.lead].entry.url.as_str());
            story.members.iter().for_each(|member| look(format, body, member.entry.url.as_str()));
        }
    }
    for story in &world.stories {
        let shown = links_within(&page, &format!("#s-{}", story.id));
        story.members.iter().for_each(|member| look(Format::Html, &shown, member.entry.url.as_str()));
    }
    lost
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_link_is_read_back_in_all_five_formats(text in any_text()) {
        let world = world_at(&text);
        prop_assert_eq!(lost(&world, &world.plan()), Vec::<String>::new(), "{:?}", text);
    }
}

#[test]
fn the_test_would_see_a_lost_link() {
    let (world, mut poorer) = (world_at("x"), world_at("x"));
    assert_eq!(lost(&world, &world.plan()), Vec::<String>::new());
    poorer.stories[0].members.pop();
    poorer.source("beta").site = None;
    let lost = lost(&world, &poorer.plan());
    for format in ["Rss", "Atom", "Json", "Html", "Opml"] {
        assert!(lost.iter().any(|line| line.starts_with(format)), "{format}: {lost:?}");
    }
}
