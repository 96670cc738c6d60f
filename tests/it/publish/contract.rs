//! What subscribers and publishers may count on: choice, order, dates, credits, text.

use feedloom::{
    AttributionPlace, Enclosure, Entry, MAX_DOCUMENT_BYTES, Markup, Order, OutputFormat as Format, Person, Republish,
    SourceId,
};
use jiff::SignedDuration;
use serde_json::Value;

use super::world::{TAG_BASE, World, entry, full_world, output, story_of, text_of, time, url};

fn body(item: &Value) -> &str {
    item["content_html"].as_str().unwrap()
}

fn one(world: &World) -> Value {
    let items = world.items();
    assert_eq!(items.len(), 1);
    items[0].clone()
}

#[test]
fn an_id_is_the_same_in_every_format_and_never_a_permalink() {
    let world = full_world();
    let id = format!("{TAG_BASE}s/{}", world.stories[0].id);
    assert!(world.document(Format::Rss).contains(&format!("<guid isPermaLink=\"false\">{id}</guid>")));
    assert!(world.document(Format::Atom).contains(&format!("<id>{id}</id>")));
    assert!(world.document(Format::Json).contains(&format!("\"id\": \"{id}\"")));
}

#[test]
fn a_date_is_the_publishers_and_frozen_at_the_first_publish() {
    let published = |change: fn(&mut Entry)| {
        let mut world = World::new().with(vec![entry("alpha", "1", "One", 0)]);
        change(&mut world.stories[0].members[0].entry.entry);
        one(&world)["date_published"].as_str().unwrap().to_owned()
    };
    assert_eq!(published(|_| ()), "2026-11-03T10:00:00Z");
    assert_eq!(published(|e| e.published = None), "2026-11-03T10:05:00Z");
    assert_eq!(published(|e| e.published = Some(time("2099-01-01T00:00:00Z"))), "2026-11-03T10:05:00Z");
    assert_eq!(published(|e| e.published = Some(time("1970-01-01T00:00:00Z"))), "2026-11-03T10:05:00Z");
    assert_eq!(published(|e| e.published = Some(time("2021-05-01T00:00:00Z"))), "2021-05-01T00:00:00Z");

    let mut world = World::new().with(vec![entry("alpha", "1", "One", 0)]);
    world.remember();
    world.stories[0].members[0].entry.entry.published = Some(time("2026-11-03T10:03:00Z"));
    assert_eq!(one(&world)["date_published"], "2026-11-03T10:00:00Z");
}

#[test]
fn an_edit_moves_updated_and_nothing_else_and_a_future_edit_moves_nothing() {
    let mut world = World::new().with(vec![entry("alpha", "1", "One", 0)]);
    world.remember();
    let before = one(&world);
    let edited = |world: &mut World, at: &str| world.stories[0].members[0].entry.entry.updated = Some(time(at));
    edited(&mut world, "2026-11-03T11:00:00Z");
    let after = one(&world);
    assert_eq!(after["date_modified"], "2026-11-03T11:00:00Z");
    assert_eq!((&after["id"], &after["date_published"]), (&before["id"], &before["date_published"]));
    edited(&mut world, "2026-12-24T00:00:00Z");
    assert_eq!(one(&world), before);
}

#[test]
fn nothing_new_means_the_same_bytes_at_any_later_time() {
    let mut world = full_world();
    world.remember();
    let before = world.plan();
    world.later(60 * 24);
    let after = world.plan();
    for (before, after) in before.outputs.iter().zip(&after.outputs) {
        assert_eq!(before.bytes, after.bytes, "{}", after.file);
    }
    assert_eq!(after.publications, []);
}

#[test]
fn what_was_published_later_stands_first_whatever_its_date() {
    let mut world = World::new().with(vec![entry("alpha", "1", "Early", 30)]);
    world.remember();
    world.later(10);
    world.stories.push(story_of(vec![entry("alpha", "2", "Late arrival", 0)]));
    assert_eq!(world.titles(), ["Late arrival", "Early"]);
    let world = world.each_output(|output| output.order = Order::Published);
    assert_eq!(world.titles(), ["Early", "Late arrival"]);
}

#[test]
fn stories_of_one_pass_stand_by_date_and_the_cap_keeps_the_newest() {
    let mut world = World::new();
    for n in 0..5 {
        world = world.with(vec![entry("alpha", &n.to_string(), &format!("Story {n}"), n * 10)]);
    }
    let mut world = world.each_output(|output| output.items = 3);
    assert_eq!(world.titles(), ["Story 4", "Story 3", "Story 2"]);
    // What the cap left out at the first publish does not come back as new.
    world.remember();
    world.later(30);
    world.stories.push(story_of(vec![entry("alpha", "5", "Story 5", 60)]));
    assert_eq!(world.titles(), ["Story 5", "Story 4", "Story 3"]);
}

#[test]
fn later_coverage_waits_an_hour_and_is_appended_at_the_end() {
    let mut world = World::new().with(vec![entry("alpha", "1", "One", 0)]);
    world.remember();
    let credits = |world: &World| -> Vec<String> {
        let item = one(world);
        let sources = item["_feedloom"]["sources"].as_array().unwrap();
        sources.iter().map(|source| source["id"].as_str().unwrap().to_owned()).collect()
    };
    let join = |world: &mut World, entry: Entry| {
        let joined = story_of(vec![entry]).members.remove(0);
        world.stories[0].members.push(joined);
    };
    let first = one(&world);
    world.later(20);
    join(&mut world, entry("links", "2", "Two", 100));
    assert_eq!(credits(&world), ["alpha"]);
    assert_eq!(one(&world), first);
    world.later(20);
    join(&mut world, entry("beta", "3", "Three", 5));
    world.later(20);
    assert_eq!(credits(&world), ["alpha", "beta"], "a page of a link list's own covers nothing");
    assert_eq!(one(&world)["_feedloom"]["discussions"][0]["name"], "The links paper");
    world.remember();
    let shown = one(&world);
    assert_eq!(shown["date_modified"], first["date_modified"], "gaining a source is no edit");
    assert_eq!(shown["id"], first["id"]);
    // Another lead moves the lead only.
    world.stories[0].lead = 2;
    assert_eq!(credits(&world), ["beta", "alpha"]);
    assert_eq!(one(&world)["id"], first["id"]);
}

#[test]
fn an_output_takes_stories_of_its_sources_and_lets_them_lead() {
    let mut world = World::new()
        .with(vec![entry("alpha", "1", "Both, by alpha", 0), entry("beta", "1", "Both, by beta", 10)])
        .with(vec![entry("alpha", "2", "Alpha alone", 20)]);
    world = world.each_output(|output| output.tags = vec!["of-beta".to_owned()]);
    let item = one(&world);
    assert_eq!(item["title"], "Both, by beta");
    assert!(!item.to_string().contains("alpha"), "an output names the sources that it is for");
    let opml = world.document(Format::Opml);
    assert!(opml.contains("beta.example") && !opml.contains("alpha.example"));
    let world = world.each_output(|output| {
        output.tags = Vec::new();
        output.sources = vec![SourceId::new("alpha").unwrap()];
    });
    assert_eq!(world.titles(), ["Alpha alone", "Both, by alpha"]);
}

#[test]
fn where_the_lead_may_not_go_out_the_best_of_the_rest_leads() {
    let entries = vec![entry("alpha", "1", "Alpha", 0), entry("links", "1", "Links", 1), entry("beta", "1", "Beta", 2)];
    let mut world = World::new().with(entries);
    world.source("alpha").republish = Some(Republish::Off);
    let item = one(&world);
    assert_eq!(item["title"], "Beta");
    assert!(!body(&item).contains("alpha.example"));
    world.sources.remove(&SourceId::new("beta").unwrap());
    assert_eq!(world.titles(), ["Links"]);
    world.sources.clear();
    assert_eq!(world.titles(), Vec::<String>::new());
}

#[test]
fn one_prolific_source_does_not_drown_the_rest() {
    let mut world = World::new().with(vec![entry("beta", "b", "Beta", 0)]);
    for n in 1..10 {
        world = world.with(vec![entry("alpha", &n.to_string(), &format!("Alpha {n}"), n)]);
    }
    world.source("alpha").max_items = Some(2);
    assert_eq!(world.titles(), ["Alpha 9", "Alpha 8", "Beta"]);
}

#[test]
fn what_is_too_old_is_left_out() {
    let world = World::new().with(vec![entry("alpha", "1", "Old", 0)]).with(vec![entry("beta", "1", "New", 100)]);
    let day = SignedDuration::from_hours(1);
    assert_eq!(world.clone().each_output(|output| output.max_age = Some(day)).titles(), ["New"]);
    assert_eq!(world.titles(), ["New", "Old"]);
}

#[test]
fn a_document_stays_below_its_limit_by_shortening_its_longest_texts() {
    let mut world = World::new();
    for n in 0..60 {
        let mut long = entry("alpha", &n.to_string(), &format!("Story {n:02}"), n);
        long.content = Some(Markup::Html(format!("<p>{}</p>", "word ".repeat(4_000))));
        world = world.with(vec![long]);
    }
    world.source("alpha").republish = Some(Republish::Full);
    let plan = world.plan();
    for rendered in &plan.outputs {
        assert!(rendered.bytes.len() <= MAX_DOCUMENT_BYTES, "{}: {}", rendered.file, rendered.bytes.len());
    }
    let titles = world.titles();
    assert_eq!((titles.len(), titles[0].as_str()), (60, "Story 59"));
    let whole = world.items().iter().filter(|item| body(item).len() > 10_000).count();
    assert!((10..60).contains(&whole), "{whole} texts are whole");
}

#[test]
fn the_attribution_line_stands_last_with_outlet_author_and_date() {
    let mut by = entry("alpha", "1", "A & B", 0);
    by.authors =
        vec![Person::named("Jane  Doe"), Person::named("jane@alpha.example"), Person::named("The alpha paper")];
    let world = World::new().with(vec![by]);
    let want = "<p class=\"feedloom\">Here is the source article for this story: <a href=\"https://alpha.example/1\">A &amp; B</a> \
        (The alpha paper, Jane Doe, <time datetime=\"2026-11-03T10:00:00Z\">3 Nov 2026</time>)</p>";
    assert!(body(&one(&world)).ends_with(want), "{}", body(&one(&world)));
    let text = one(&world)["content_text"].as_str().unwrap().to_owned();
    assert!(text.ends_with(
        "\n\nHere is the source article for this story: A & B – https://alpha.example/1 (The alpha paper, Jane Doe, 3 Nov 2026)"
    ));
    let start = world.each_output(|output| output.attribution_place = AttributionPlace::Start);
    assert!(body(&one(&start)).starts_with(want));
}

#[test]
fn a_template_says_what_it_likes_and_still_credits() {
    let line = |template: &str| {
        let world = World::new().with(vec![entry("alpha", "1", "One", 0)]);
        let world = world.each_output(|output| output.attribution = template.to_owned());
        let item = one(&world);
        item["content_text"].as_str().unwrap().lines().last().unwrap().to_owned()
    };
    assert_eq!(line("{title} at {source}: {url}"), "One at The alpha paper: https://alpha.example/1");
    assert_eq!(line("{source} by {author}: {url} {x} {"), "The alpha paper: https://alpha.example/1 {x} {");
    assert_eq!(
        line("From {site}"),
        "From https://alpha.example/ One – https://alpha.example/1 (The alpha paper, 3 Nov 2026)"
    );
    assert_eq!(line("<b>{link}</b>"), "<b>One – https://alpha.example/1</b> (The alpha paper, 3 Nov 2026)");
}

#[test]
fn a_source_may_have_its_own_line_and_disclosure() {
    let mut world = World::new().with(vec![entry("alpha", "1", "One", 0)]);
    world.source("alpha").attribution = Some("Read it at {source}: {link}".to_owned());
    world.source("alpha").disclosure = Some("Sponsored <b>".to_owned());
    let world = world.each_output(|output| output.disclosure = Some("All is ad-free.".to_owned()));
    let item = one(&world);
    assert!(body(&item).contains("<p class=\"feedloom\">Read it at The alpha paper: <a "));
    assert!(
        body(&item)
            .contains("<p class=\"feedloom\"><em>Sponsored &lt;b&gt; All is ad-free.</em></p>\n<p>What One is about.")
    );
    assert_eq!(item["_feedloom"]["disclosure"], "Sponsored <b> All is ad-free.");
}

#[test]
fn text_goes_out_only_as_far_as_source_and_output_allow() {
    let mut long = entry("alpha", "1", "One", 0);
    long.content = Some(Markup::Html("<h2>Part</h2><p>All of <em>it</em>.</p>".to_owned()));
    let shown =
        |of_source, of_output| {
            let mut world = World::new().with(vec![long.clone()]);
            world.source("alpha").republish = Some(of_source);
            world.each_output(|output| output.republish = of_output).items().first().map(|item| {
                (item["content_html"].as_str().unwrap().contains("<em>it</em>"), item.get("summary").is_some())
            })
        };
    assert_eq!(shown(Republish::Full, Republish::Full), Some((true, true)));
    assert_eq!(shown(Republish::Excerpt, Republish::Full), Some((false, true)));
    assert_eq!(shown(Republish::Full, Republish::Excerpt), Some((false, true)));
    assert_eq!(shown(Republish::Full, Republish::Headline), Some((false, false)));
    assert_eq!(shown(Republish::Headline, Republish::Full), Some((false, false)));
    assert_eq!(shown(Republish::Off, Republish::Full), None);
    assert_eq!(shown(Republish::Full, Republish::Off), None);
}

#[test]
fn categories_carry_no_comma_and_only_sound_and_film_are_enclosed() {
    let mut rich = entry("alpha", "1", "One", 0);
    rich.categories = vec!["A, B".to_owned(), "a".to_owned(), "  ".to_owned(), "C".to_owned()];
    let media = |address: &str, kind: Option<&str>| Enclosure {
        url: url(address),
        media_type: kind.map(str::to_owned),
        length_bytes: None,
    };
    rich.enclosures = vec![
        media("https://alpha.example/p.jpg", Some("image/jpeg")),
        media("https://alpha.example/doc.pdf", None),
        media("https://alpha.example/show.mp3", None),
        media("https://alpha.example/film.mp4", Some("video/mp4")),
    ];
    rich.image = Some(url("https://alpha.example/p.jpg"));
    let world = World::new().with(vec![rich]);
    assert_eq!(one(&world)["tags"], serde_json::json!(["A", "B", "C"]));
    let rss = world.document(Format::Rss);
    assert_eq!(rss.matches("<enclosure ").count(), 1);
    assert!(rss.contains("<enclosure url=\"https://alpha.example/show.mp3\" length=\"0\" type=\"audio/mpeg\"/>"));
    assert!(rss.contains("<media:thumbnail url=\"https://alpha.example/p.jpg\">"));
}

#[test]
fn atom_entries_never_share_an_update_time() {
    let mut world = World::new();
    for n in 0..100 {
        world = world.with(vec![entry("alpha", &n.to_string(), "Same minute", 0)]);
    }
    let atom = world.document(Format::Atom);
    let head = atom.find("<entry>").unwrap();
    let times: Vec<_> = atom[head..].match_indices("\n  <updated>").map(|(at, _)| &atom[head + at..][..45]).collect();
    assert_eq!(times.len(), 100);
    assert_eq!(times.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
    assert!(!atom.contains("1970"));
}

#[test]
fn without_a_public_address_no_document_names_itself() {
    let mut world = full_world();
    world.config.link = None;
    let plan = world.plan();
    assert!(!text_of(&plan, Format::Rss).contains("rel=\"self\""));
    assert!(text_of(&plan, Format::Rss).contains("<link>https://feeds.example.org/</link>"));
    assert!(!text_of(&plan, Format::Atom).contains("rel=\"self\" type=\"application/atom+xml\""));
    assert!(!text_of(&plan, Format::Json).contains("feed_url\": \"https://feeds"));
    assert!(!text_of(&plan, Format::Html).contains("canonical"));
    assert_eq!(
        feedloom::tag_base(Some(&url("https://news.example.org:8443/x/")), "seed", world.now).to_string(),
        "tag:news.example.org,2026:"
    );
    let made = feedloom::tag_base(None, "seed", world.now).to_string();
    assert!(made.starts_with("tag:") && made.ends_with(".feedloom.invalid,2026:"), "{made}");
}

#[test]
fn a_password_in_a_feeds_address_and_a_path_on_this_machine_stay_inside() {
    let mut world = World::new().with(vec![entry("alpha", "1", "One", 0)]).with(vec![entry("beta", "2", "Two", 10)]);
    world.source("alpha").feed_url = url("https://user:secret-word@alpha.example/feed");
    world.source("beta").feed_url = url("file:///home/somebody/feeds/beta.xml");
    for rendered in world.plan().outputs {
        let text = String::from_utf8(rendered.bytes).unwrap();
        assert!(!text.contains("secret-word") && !text.contains("somebody"), "{}", rendered.file);
    }
}

#[test]
fn the_page_announces_three_feeds_and_loads_nothing() {
    let mut world = full_world();
    world.config.outputs.push(output("other.xml", Format::Rss));
    world.config.outputs.last_mut().unwrap().tags = vec!["science".to_owned()];
    let page = world.document(Format::Html);
    assert_eq!(page.matches("<link rel=\"alternate\"").count(), 3);
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"));
    for active in ["<script", "<img", "src=", "@import", "url(", "onclick", "stylesheet"] {
        assert!(!page.contains(active), "{active}");
    }
    assert!(page.contains("lang=\"de-de\""));
    assert!(page.contains("© 2026 Alpha Media &amp; Sons"), "rights stand on the page");
}

#[test]
fn a_source_with_an_odd_name_is_still_credited() {
    let mut world = World::new().with(vec![entry("alpha", "1", " \u{8} ", 0)]);
    world.source("alpha").name = "\u{FFFE}".to_owned();
    let item = one(&world);
    assert_eq!(item["title"], "alpha.example");
    assert_eq!(item["authors"][0]["name"], "alpha");
}

#[test]
fn a_feed_cannot_block_a_document_or_fill_it() {
    let mut hostile = entry("alpha", "1", "Hostile", 0);
    hostile.key.guid = "g".repeat(100_000);
    hostile.content = Some(Markup::Html(
        "<p><a href=\"https://e.org/\" title=\"<script></article><article id=&quot;s-x&quot;>\">x</a></p>".to_owned(),
    ));
    hostile.authors = vec![Person::named("a".repeat(100_000))];
    hostile.categories = vec!["c".repeat(100_000)];
    hostile.rights = Some("r".repeat(100_000));
    let mut world = World::new().with(vec![hostile]).with(vec![entry("beta", "1", "Fine", 10)]);
    world.source("alpha").republish = Some(Republish::Full);
    world.source("alpha").name = "n".repeat(100_000);
    for rendered in &world.plan().outputs {
        feedloom::write(
            std::path::Path::new("/nonexistent-folder-of-feedloom"),
            rendered,
            feedloom::Shrink::Refuse,
            feedloom::Mode::DryRun,
        )
        .unwrap();
        assert!(rendered.bytes.len() < 20_000, "{}: {}", rendered.file, rendered.bytes.len());
    }
}

#[test]
fn outputs_of_another_choice_have_items_of_their_own() {
    let mut world = full_world();
    let mut short = output("short.json", Format::Json);
    short.republish = Republish::Headline;
    short.items = 1;
    world.config.outputs.push(short);
    let plan = world.plan();
    let counts: Vec<_> = plan.outputs.iter().map(|rendered| rendered.items).collect();
    assert_eq!(counts, [3, 3, 3, 3, 4, 1]);
    assert!(!String::from_utf8(plan.outputs[5].bytes.clone()).unwrap().contains("One <b>bold"));
}
