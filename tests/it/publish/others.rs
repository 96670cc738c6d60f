//! What an item takes from others than its lead: a teaser where the lead has none, a further article of an outlet, and
//! what all titles of a feed end with is taken off.

use feedloom::{Entry, Markup, OutputFormat as Format, Via};

use super::world::{World, entry, url};

const TEASER: &str = "The bridge is sold by the metre, and carried home in spring.";

fn with_text(mut entry: Entry, text: &str) -> Entry {
    entry.content = None;
    entry.summary = Some(Markup::Text(text.to_owned()));
    entry
}

fn without_text(entry: Entry) -> Entry {
    Entry { summary: None, content: None, text: String::new(), ..entry }
}

#[test]
fn a_stub_leaves_with_the_teaser_of_another_outlet_and_its_credit() {
    for stub in
        [without_text(entry("alpha", "1", "Bridge sold", 0)), with_text(entry("alpha", "1", "Bridge sold", 0), "Sold.")]
    {
        let mut world = World::new().with(vec![stub, with_text(entry("beta", "1", "Old bridge goes", 60), TEASER)]);
        let item = &world.items()[0];
        assert_eq!(item["url"], "https://alpha.example/1");
        assert_eq!(item["summary"], format!("{TEASER} (The beta paper)"));
        let body = item["content_html"].as_str().unwrap();
        let quoted =
            format!("<p class=\"feedloom\">{TEASER} (<a href=\"https://beta.example/1\">The beta paper</a>)</p>");
        assert!(body.starts_with(&quoted), "{body}");
        assert!(world.document(Format::Rss).contains(&format!("{TEASER} (The beta paper)")));
        // A teaser may not leave where its own source forbids it.
        world.source("beta").republish = Some(feedloom::Republish::Headline);
        assert!(!world.document(Format::Json).contains("carried home"));
    }
}

#[test]
fn a_lead_with_a_text_keeps_it_and_a_link_list_lends_none() {
    let own = "It is the bridge of the old harbour that was sold.";
    let lead = with_text(entry("alpha", "1", "Bridge sold", 0), own);
    let world = World::new().with(vec![lead, with_text(entry("beta", "1", "Old bridge goes", 60), TEASER)]);
    assert_eq!(world.items()[0]["summary"], own);
    let stub = without_text(entry("alpha", "1", "Bridge sold", 0));
    let world = World::new().with(vec![stub, with_text(entry("links", "1", "Old bridge goes", 60), TEASER)]);
    assert!(!world.document(Format::Json).contains("carried home"));
}

#[test]
fn nobody_lends_words_under_the_name_of_another() {
    let stub = || without_text(entry("alpha", "1", "Bridge sold", 0));
    let lender = || with_text(entry("beta", "1", "Old bridge goes", 60), TEASER);
    let named = |feed: &str| {
        let via = Via { title: Some("The alpha paper".to_owned()), url: Some(url(feed)), site: None };
        Entry { via: Some(via), ..lender() }
    };
    let rows = [
        ("the lead's own address", Entry { url: url("https://alpha.example/1"), ..lender() }),
        ("another article of the lead's outlet", Entry { url: url("https://alpha.example/2"), ..lender() }),
        ("an item that names the lead's outlet", named("https://alpha.example/feed")),
        ("an item that names an outlet nobody knows", named("https://gamma.example/feed")),
        ("another language", Entry { language: Some("fr".to_owned()), ..lender() }),
    ];
    for (what, other) in rows {
        let world = World::new().with(vec![stub(), other]);
        assert!(!world.document(Format::Json).contains("carried home"), "{what}");
    }
    assert!(World::new().with(vec![stub(), lender()]).document(Format::Json).contains("carried home"));
}

#[test]
fn what_says_something_in_its_script_or_may_be_given_whole_is_no_stub() {
    let lender = || with_text(entry("beta", "1", "Old bridge goes", 60), TEASER);
    let short = with_text(entry("alpha", "1", "桥已出售", 0), "这座桥在春天被卖掉了。");
    assert!(!World::new().with(vec![short, lender()]).document(Format::Json).contains("carried home"));
    let mut picture = without_text(entry("alpha", "1", "Bridge sold", 0));
    picture.content =
        Some(Markup::Html("<figure><img src=\"https://alpha.example/b.jpg\" alt=\"\"></figure>".to_owned()));
    let mut world = World::new().with(vec![picture, lender()]);
    world.source("alpha").republish = Some(feedloom::Republish::Full);
    assert!(!world.document(Format::Json).contains("carried home"));
}

#[test]
fn what_is_lent_comes_with_the_disclosure_of_its_source() {
    let stub = without_text(entry("alpha", "1", "Bridge sold", 0));
    let mut world = World::new().with(vec![stub, with_text(entry("beta", "1", "Old bridge goes", 60), TEASER)]);
    world.source("beta").disclosure = Some("A press release service.".to_owned());
    assert_eq!(world.items()[0]["_feedloom"]["disclosure"], "A press release service.");
}

#[test]
fn an_outlet_stands_once_and_a_further_article_that_adds_something_beside_it() {
    let lead = with_text(entry("alpha", "1", "Bridge sold", 0), TEASER);
    let of_beta =
        |guid: &str, title: &str, minutes| with_text(entry("beta", guid, title, minutes), "A text of its own.");
    let all = |third: Entry| World::new().with(vec![lead.clone(), of_beta("1", "Old bridge goes", 10), third]);
    let item = &all(of_beta("2", "Where the bridge will stand", 30)).items()[0];
    let sources = item["_feedloom"]["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 2);
    assert_eq!(sources[1]["again"]["url"], "https://beta.example/2");
    let body = item["content_html"].as_str().unwrap();
    assert!(
        body.contains("; and again: <a href=\"https://beta.example/2\">Where the bridge will stand</a></li>"),
        "{body}"
    );
    // The same title, the same page: nothing is added.
    let mut same_page = of_beta("3", "Old bridge goes, updated", 40);
    same_page.url = url("https://www.beta.example/1#more");
    for third in [of_beta("2", "Old Bridge goes!", 30), same_page] {
        let item = &all(third).items()[0];
        assert!(item["_feedloom"]["sources"][1]["again"].is_null(), "{item:#}");
    }
    // The lead's outlet stands once, whatever else it wrote.
    let world =
        World::new().with(vec![lead, with_text(entry("alpha", "2", "Where the bridge will stand", 30), TEASER)]);
    assert_eq!(world.items()[0]["_feedloom"]["sources"].as_array().unwrap().len(), 1);
}

#[test]
fn what_all_titles_of_a_feed_end_with_is_not_shown() {
    let mut world = World::new().with(vec![entry("alpha", "1", "Bridge sold | The alpha paper", 0)]);
    world.source("alpha").title_tail = Some(" | The alpha paper".to_owned());
    assert_eq!(world.titles(), ["Bridge sold"]);
    assert!(world.document(Format::Rss).contains("<title>Bridge sold</title>"));
}
