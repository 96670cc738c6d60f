//! One snapshot per format, byte by byte. `FEEDLOOM_RENEW=1 cargo test` writes them anew.

use std::fs;
use std::path::Path;

use feedloom::{OutputFormat as Format, Rendered};

use super::world::{World, full_world};

#[track_caller]
fn check(format: Format) {
    let plan = full_world().plan();
    let rendered: &Rendered = plan.outputs.iter().find(|rendered| rendered.format == format).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/published").join(&rendered.file);
    if std::env::var_os("FEEDLOOM_RENEW").is_some() {
        fs::write(&path, &rendered.bytes).unwrap();
    }
    let want = fs::read_to_string(&path).unwrap();
    let got = String::from_utf8(rendered.bytes.clone()).unwrap();
    for (number, (want, got)) in want.lines().zip(got.lines()).enumerate() {
        assert_eq!(got, want, "{}, line {} (FEEDLOOM_RENEW=1 writes it anew)", rendered.file, number + 1);
    }
    assert_eq!(got.len(), want.len(), "{} has another length (FEEDLOOM_RENEW=1 writes it anew)", rendered.file);
}

#[test]
fn rss_is_as_agreed() {
    check(Format::Rss);
}

#[test]
fn atom_is_as_agreed() {
    check(Format::Atom);
}

#[test]
fn json_feed_is_as_agreed() {
    check(Format::Json);
}

#[test]
fn the_page_is_as_agreed() {
    check(Format::Html);
}

#[test]
fn the_list_of_sources_is_as_agreed() {
    check(Format::Opml);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bytes = |world: World| world.plan().outputs.into_iter().map(|rendered| rendered.bytes).collect::<Vec<_>>();
    assert_eq!(bytes(full_world()), bytes(full_world()));
}

#[test]
fn feed_rs_reads_every_link_back() {
    let world = full_world();
    for format in [Format::Rss, Format::Atom, Format::Json] {
        let feed = feed_rs::parser::parse(world.document(format).as_bytes()).unwrap();
        assert_eq!(feed.entries.len(), world.stories.len(), "{format:?}");
        for story in &world.stories {
            let id = format!("{}s/{}", super::world::TAG_BASE, story.id);
            let entry = feed.entries.iter().find(|entry| entry.id == id).unwrap();
            let original = story.members[0].entry.url.as_str();
            assert!(entry.links.iter().any(|link| link.href == original), "{format:?}: {original}");
            let body = entry.content.as_ref().and_then(|content| content.body.as_deref()).unwrap();
            for member in &story.members {
                assert!(body.contains(member.entry.url.as_str()), "{format:?}: {}", member.entry.url);
                let outlet = &world.sources[&member.entry.key.source].name;
                assert!(body.contains(&outlet.replace('<', "&lt;").replace('>', "&gt;")), "{format:?}: {outlet}");
            }
        }
    }
}
