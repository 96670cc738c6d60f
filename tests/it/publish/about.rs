//! The page for publishers.

use feedloom::{Config, Mode, Origin, OutputFormat as Format, Shrink, Signal, SignalKind, SourceId, write};
use scraper::{Html, Selector};

use super::world::{World, entry, full_world, output, text_of};

fn with_about(mut world: World) -> World {
    world.config.outputs.push(output("about.html", Format::About));
    world
}

fn about(world: &World) -> String {
    text_of(&world.plan(), Format::About)
}

/// The text of the one element that `selector` finds.
#[track_caller]
fn text(page: &str, selector: &str) -> String {
    let document = Html::parse_document(page);
    let found: Vec<_> = document.select(&Selector::parse(selector).unwrap()).collect();
    assert_eq!(found.len(), 1, "{selector}");
    found[0].text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn it_tells_who_runs_this_and_what_is_taken_from_whom() {
    let mut world = with_about(full_world());
    world.config.contact = Some("mailto:me@me.example".to_owned());
    let deny = Signal::new(SignalKind::AccessRestriction, Origin::Feed, "deny");
    world.source("alpha").signals = vec![deny];
    let page = about(&world);
    let document = Html::parse_document(&page);
    let rows = document.select(&Selector::parse(".register > li").unwrap()).count();
    assert_eq!(rows, world.sources.len(), "also what is not republished is named");
    assert!(page.contains("<a href=\"mailto:me@me.example\">me@me.example</a>"));
    assert!(text(&page, "main").contains("(+mailto:me@me.example)"));
    let alpha = text(&page, "[id=of-alpha]");
    assert!(
        alpha.starts_with(
            "Alpha Technica · feed · asked about every 2 hours May be published: nothing: the feed forbids"
        ),
        "{alpha}"
    );
    let beta = text(&page, "[id=of-beta]");
    assert!(beta.contains("the whole text: feeds.toml says republish = \"full\" for the source."), "{beta}");
    assert!(beta.contains("the feed names the licence https://creativecommons.org/licenses/by/4.0/."), "{beta}");
    let gamma = text(&page, "[id=of-gamma]");
    assert!(gamma.contains("title and link only"), "{gamma}");
    assert!(page.contains("<a href=\"sources.opml\""));
    assert!(page.contains("<a href=\"index.html\">Tech, woven</a>"));
}

#[test]
fn the_page_for_readers_links_to_it() {
    assert!(!text_of(&full_world().plan(), Format::Html).contains("For publishers"));
    let page = text_of(&with_about(full_world()).plan(), Format::Html);
    assert_eq!(text(&page, "footer a[href=\"about.html\"]"), "For publishers");
}

#[test]
fn it_loads_nothing_passes_the_gate_and_changes_with_the_sources_alone() {
    let mut world = with_about(full_world());
    world.source("alpha").name = "</li><script>alert(1)</script> id=\"of-x\"".to_owned();
    world.source("alpha").rights = Some("\"><img src=x>".to_owned());
    world.source("alpha").signals = vec![Signal::new(SignalKind::Rights, Origin::Feed, "\"><img src=x>")];
    let page = about(&world);
    for active in ["<script", "<img", "src=\"", "@import", "url(", "onclick=", "stylesheet"] {
        assert!(!page.contains(active), "{active}");
    }
    let folder = tempfile::tempdir().unwrap();
    let plan = world.plan();
    let rendered = plan.outputs.iter().find(|rendered| rendered.format == Format::About).unwrap();
    write(folder.path(), rendered, Shrink::Refuse, Mode::Write).unwrap();
    world = world.with(vec![entry("beta", "new", "Something new", 100)]);
    world.later(1_000);
    assert_eq!(about(&world), page);
    world.sources.pop_first();
    let fewer = world.plan();
    let fewer = fewer.outputs.iter().find(|rendered| rendered.format == Format::About).unwrap();
    assert_ne!(String::from_utf8(fewer.bytes.clone()).unwrap(), page);
    write(folder.path(), fewer, Shrink::Refuse, Mode::Write).unwrap();
}

#[test]
fn it_lies_beside_the_page_unless_feeds_toml_says_no() {
    let files = |more: &str| -> Vec<String> {
        let text = format!("{more}\n[[source]]\nurl = \"https://a.example/feed\"\n");
        let (top, outputs) = text.split_once('|').map_or((text.as_str(), ""), |(top, rest)| (top, rest));
        let config = Config::parse(std::path::Path::new("/feeds.toml"), &format!("{top}{outputs}")).unwrap();
        config.outputs.into_iter().map(|output| output.file).collect()
    };
    let five = ["feed.xml", "atom.xml", "feed.json", "index.html", "sources.opml"];
    assert_eq!(files(""), [&five[..], &["about.html"]].concat());
    assert_eq!(files("about = false"), five);
    let output = |file: &str| format!("\n[[output]]\nfile = \"{file}\"");
    assert_eq!(files(&output("feed.xml")), ["feed.xml"]);
    assert_eq!(files(&output("pages/day.html")), ["pages/day.html", "pages/about.html"]);
    assert_eq!(files(&(output("index.html") + &output("About.html"))), ["index.html", "About.html"]);
    let own = output("feed.xml") + &output("who.html") + "\nformat = \"about\"";
    assert_eq!(files(&own), ["feed.xml", "who.html"]);
}

#[test]
fn it_names_no_source_that_no_output_beside_it_is_for() {
    let mut world = with_about(full_world());
    let all = about(&world);
    assert!(all.contains("id=\"of-alpha\"") && all.contains("id=\"of-beta\""));
    for output in world.config.outputs.iter_mut().filter(|output| output.format != Format::About) {
        output.sources = vec![SourceId::new("beta").unwrap()];
    }
    let beta = about(&world);
    assert!(!beta.contains("of-alpha") && beta.contains("id=\"of-beta\""));
    // Those of another folder are for other readers.
    world.config.outputs.push(output("intern/feed.json", Format::Json));
    assert!(!about(&world).contains("of-alpha"));
}
