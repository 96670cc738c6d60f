//! Who is credited: by a link list, by an item that names its outlet, and through three feedlooms one behind the other,
//! whichever format each of them reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const NOW: &str = "2026-11-02T12:00:00Z";

/// A folder with feeds of these names and bodies as its sources.
pub(super) fn folder(feeds: &[(&str, String)], more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut toml = format!("link = \"https://feeds.example.org/\"\ntitle = \"Woven\"\n{more}\n");
    for (name, text) in feeds {
        fs::write(folder.path().join(name), text).unwrap();
        let id = name.split('.').next().unwrap();
        toml += &format!("[[source]]\nid = \"{id}\"\nurl = \"file:{name}\"\n");
    }
    fs::write(folder.path().join("feeds.toml"), toml).unwrap();
    let config = folder.path().join("feeds.toml");
    let done = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .args(["--config", config.to_str().unwrap(), "run", "--now", NOW])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    folder
}

pub(super) fn public(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join("data/public").join(file)).unwrap()
}

pub(super) fn items(folder: &Path) -> Vec<Value> {
    let feed: Value = serde_json::from_str(&public(folder, "feed.json")).unwrap();
    feed["items"].as_array().unwrap().clone()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// (title of the story, outlet, link) of every credit.
fn credits(folder: &Path) -> BTreeSet<(String, String, String)> {
    let items = items(folder);
    let of = |item: &Value| {
        let sources = item["_feedloom"]["sources"].as_array().unwrap().clone();
        let title = text(&item["title"]);
        sources.into_iter().map(move |source| (title.clone(), text(&source["name"]), text(&source["url"])))
    };
    items.iter().flat_map(of).collect()
}

pub(super) fn rss(title: &str, site: &str, items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>{title}</title><link>{site}</link>{items}</channel></rss>")
}

fn item(title: &str, address: &str, hour: u32, more: &str) -> String {
    format!(
        "<item><title>{title}</title><link>{address}</link><guid>{address}</guid>\
         <pubDate>Mon, 02 Nov 2026 {hour:02}:00:00 GMT</pubDate>\
         <description>{title}, in a sentence that says what it is about.</description>{more}</item>"
    )
}

const STORY: &str = "Harbour authority opens the tidal power station at Fairhaven";

fn originals() -> Vec<(&'static str, String)> {
    let submitted = "<author>someone@list.example (someone)</author>";
    let listed = |at: usize, title: &str, address: &str| {
        item(title, address, 9, &format!("<comments>https://list.example/talk/{at}</comments>{submitted}"))
    };
    let list: String = [
        listed(1, "A study of tram bells", "https://www.tram-paper.example/2026/bells"),
        listed(2, "Rust compiler learns to whistle", "https://whistle.example/a?id=1"),
        listed(3, STORY, "https://alpha.example/tidal"),
        listed(4, "Why lighthouses hum", "https://hum.example/lighthouse"),
        listed(5, "Ask: which lamp do you use", "https://list.example/talk/5"),
        listed(6, "Old maps redrawn by pigeons", "https://maps.example/pigeons"),
    ]
    .concat();
    let planet = [
        ("Kite weather tables", "Jane at Sea", "https://jane.example/feed", "https://jane.example/kites"),
        ("Notes from a bakery", "The Oven", "https://oven.example/feed", "https://oven.example/notes"),
        ("Spoofed headline", "Alpha Paper", "https://alpha.example/feed", "https://liar.example/x"),
        ("Bricks and mortar", "Walls", "https://walls.example/feed", "https://walls.example/bricks"),
        ("Deep sea cables", "Cables", "https://cables.example/feed", "https://cables.example/deep"),
    ];
    let planet: String = planet
        .iter()
        .map(|(title, name, feed, address)| item(title, address, 8, &format!("<source url=\"{feed}\">{name}</source>")))
        .collect();
    vec![
        (
            "alpha.xml",
            rss("Alpha Paper - Top News", "https://alpha.example/", &item(STORY, "https://alpha.example/tidal", 6, "")),
        ),
        (
            "beta.xml",
            rss("Beta: a daily", "https://beta.example/", &item(STORY, "https://www.beta.example/harbour", 7, "")),
        ),
        ("list.xml", rss("Link List: Newest", "https://list.example/", &list)),
        ("planet.xml", rss("Planet of Blogs", "https://planet.example/", &planet)),
    ]
}

/// The item of that title.
fn one(folder: &Path, title: &str) -> Value {
    items(folder).into_iter().find(|item| text(&item["title"]) == title).unwrap_or_else(|| panic!("no {title}"))
}

#[test]
fn whoever_wrote_it_is_credited_and_not_the_list_that_led_to_it() {
    let folder = folder(&originals(), "");
    let lead = |title: &str| one(folder.path(), title)["_feedloom"]["sources"][0].clone();
    let bells = one(folder.path(), "A study of tram bells");
    assert_eq!(bells["_feedloom"]["sources"][0]["name"], "tram-paper.example");
    assert_eq!(bells["_feedloom"]["sources"][0]["via"], "Link List", "a list is known by what it links to");
    assert_eq!(bells["authors"][0]["name"], "tram-paper.example", "a submitter is no author");
    assert_eq!(bells["_feedloom"]["discussions"][0]["name"], "Link List");
    assert!(text(&bells["content_html"]).contains("(tram-paper.example, via Link List, "), "{bells:#}");
    assert_eq!(lead("Kite weather tables")["name"], "Jane at Sea");
    assert_eq!(lead("Kite weather tables")["via"], "Planet of Blogs");
    assert_eq!(lead("Spoofed headline")["name"], "liar.example", "a name does not stand on another's domain");
    let ask = one(folder.path(), "Ask: which lamp do you use");
    assert_eq!(ask["_feedloom"]["sources"][0]["name"], "Link List");
    assert!(ask["_feedloom"]["sources"][0]["via"].is_null());

    let story = one(folder.path(), STORY);
    let names: Vec<String> =
        story["_feedloom"]["sources"].as_array().unwrap().iter().map(|source| text(&source["name"])).collect();
    assert_eq!(names, ["Alpha Paper", "Beta: a daily"]);
    assert_eq!(story["_feedloom"]["coverage"]["outlets"], 2);
    assert_eq!(story["_feedloom"]["coverage"]["articles"], 2);
    let page = public(folder.path(), "feed.xml");
    assert!(page.contains("rel=\"related\"") && page.contains("https://www.beta.example/harbour"), "RSS links it too");
}

#[test]
fn three_feedlooms_deep_the_credits_are_the_same() {
    let first = folder(&originals(), "");
    let want = credits(first.path());
    assert!(want.len() >= 11, "{want:#?}");
    for format in ["feed.xml", "atom.xml", "feed.json"] {
        let second = folder(&[(format, public(first.path(), format))], "");
        assert_eq!(credits(second.path()), want, "the second, by {format}");
        for next in ["feed.xml", "atom.xml", "feed.json"] {
            let third = folder(&[(next, public(second.path(), next))], "");
            assert_eq!(credits(third.path()), want, "the third, by {format} and {next}");
        }
    }
}

#[test]
fn nothing_of_a_feedloom_between_is_shown_twice() {
    let first = folder(&originals(), "");
    for format in ["feed.xml", "atom.xml", "feed.json"] {
        let second = folder(&[(format, public(first.path(), format))], "");
        let whole = one(second.path(), STORY);
        let body = text(&whole["content_html"]);
        assert_eq!(body.matches("Here is the source article").count(), 1, "{format}: {body}");
        assert_eq!(body.matches("Also covered by").count(), 1, "{format}: {body}");
        assert_eq!(whole["authors"][0]["name"], "Alpha Paper", "{format}");
    }
}

/// Where lists that name no kind keep the article: in a text, behind a redirector of their own, in three links.
#[test]
fn lists_are_known_wherever_they_name_the_article() {
    let articles = ["https://tram.example/bells", "https://hum.example/light", "https://oven.example/bread"];
    let titled = |n: usize| ["A study of tram bells", "Why lighthouses hum", "Notes on a bakery oven"][n];
    let submitted = |n: usize| {
        let talk = format!("https://www.reddit.com/r/x/comments/{n}/");
        let text = format!(
            "&#32; submitted by &#32; &lt;a href=\"https://www.reddit.com/user/joe\"&gt; /u/joe &lt;/a&gt; &lt;br/&gt; \
             &lt;a href=\"{}\"&gt;[link]&lt;/a&gt; &lt;a href=\"{talk}\"&gt;[comments]&lt;/a&gt;",
            articles[n]
        );
        format!(
            "<entry><author><name>/u/joe</name></author><id>t3_{n}</id><link href=\"{talk}\"/><title>{}</title>\
             <updated>2026-11-02T09:00:00Z</updated><content type=\"html\">{text}</content></entry>",
            titled(n)
        )
    };
    let entries: String = (0..3).map(submitted).collect();
    let reddit = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Things</title><id>x</id><updated>2026-11-02T09:00:00Z</updated>\
         <link href=\"https://www.reddit.com/r/x/\"/>{entries}</feed>"
    );
    let wrapped = |n: usize| {
        let inner = articles[n].replace(':', "%3a").replace('/', "%2f");
        item(titled(n), &format!("https://www.bing.com/news/apiclick.aspx?ref=x&amp;url={inner}&amp;c={n}"), 9, "")
    };
    let few = |n: usize| item(titled(n), articles[n], 9, "");
    for (name, list, discussions) in [
        ("reddit.xml", reddit, 1),
        (
            "bing.xml",
            rss("x - Search", "https://www.bing.com/news/search", &(0..3).map(wrapped).collect::<String>()),
            0,
        ),
        ("few.xml", rss("Few links", "https://few.example/", &(0..3).map(few).collect::<String>()), 0),
    ] {
        let folder = folder(&[(name, list)], "");
        for (n, article) in articles.iter().enumerate() {
            let item = one(folder.path(), titled(n));
            let host = article.split('/').nth(2).unwrap();
            assert_eq!(item["url"], *article, "{name}");
            assert_eq!(item["authors"][0]["name"], host, "{name}: neither the list nor a submitter");
            assert!(item["_feedloom"]["sources"][0]["via"].is_string(), "{name}");
            assert_eq!(item["_feedloom"]["discussions"].as_array().map_or(0, Vec::len), discussions, "{name}");
        }
    }
}

/// Where most entries are a source's own, one that leads elsewhere and is discussed at home is credited by what it says: a
/// blogger who writes about a site wrote that, a title that somebody submitted is the site's.
#[test]
fn a_link_among_articles_is_credited_by_what_it_says() {
    let said = "I received a letter from the makers of this site, which shows all the lamps of the old harbour.";
    let talk = |n: usize| {
        format!("<comments>https://pier.example/{n}/talk</comments><author>a@pier.example (Ann Day)</author>")
    };
    let own: String = (0..8)
        .map(|n| item(&format!("Day {n} at the pier"), &format!("https://pier.example/{n}"), 9, &talk(n)))
        .collect();
    let submitted = "submitted by &lt;a href=\"https://pier.example/u/ann\"&gt;Ann Day&lt;/a&gt;";
    for (words, outlet, author) in [
        (said, "Pier Notes", Some("Ann Day")),
        ("", "lamps.example", None),
        ("Comments", "lamps.example", None),
        (submitted, "lamps.example", None),
    ] {
        let linked = format!(
            "<item><title>Lamps of the old harbour</title><link>https://lamps.example/all</link>{}\
             <pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate><description>{words}</description></item>",
            talk(9)
        );
        let folder = folder(&[("pier.xml", rss("Pier Notes", "https://pier.example/", &format!("{own}{linked}")))], "");
        let item = one(folder.path(), "Lamps of the old harbour");
        let credit = &item["_feedloom"]["sources"][0];
        assert_eq!(item["url"], "https://lamps.example/all", "{words}");
        assert_eq!(credit["author"].as_str(), author, "{words}: {credit:#}");
        assert!(text(&item["authors"][0]["name"]).starts_with(outlet), "{words}: {item:#}");
        assert_eq!(credit["via"].is_string(), author.is_none(), "{words}: {credit:#}");
    }
}

/// A paper whose links lead through the host of its feed to articles that it discusses at home is no list.
#[test]
fn an_article_behind_the_host_of_a_feed_is_the_papers() {
    let carried = |n: usize| {
        let more = format!(
            "<comments>https://paper.example/{n}#comments</comments><author>x@paper.example (Jane Doe)</author>"
        );
        item(&format!("Article {n} of {n}"), &format!("https://feeds.feedburner.com/~r/paper/~3/x/{n}"), 9, &more)
    };
    let items: String = (0..6).map(carried).collect();
    let folder = folder(&[("paper.xml", rss("The Paper", "https://paper.example/", &items))], "");
    let item = one(folder.path(), "Article 3 of 3");
    let author = text(&item["authors"][0]["name"]);
    assert!(author.starts_with("The Paper (") && item["_feedloom"]["sources"][0]["via"].is_null(), "{item:#}");
}

/// What looks like markup in a name is part of the name, however often it is read.
#[test]
fn names_with_marks_are_the_same_three_feedlooms_deep() {
    let feeds = || -> Vec<(&'static str, String)> {
        vec![
            (
                "a.xml",
                rss(
                    "Q&amp;amp;A &amp;lt;b&amp;gt; Paper",
                    "https://a.example/",
                    &item(STORY, "https://a.example/1", 6, ""),
                ),
            ),
            (
                "b.xml",
                rss("R&amp;amp;D &amp;lt;i&amp;gt;", "https://b.example/", &item(STORY, "https://b.example/1", 7, "")),
            ),
        ]
    };
    let first = folder(&feeds(), "");
    let want = credits(first.path());
    assert_eq!(want.len(), 2, "{want:#?}");
    assert!(want.iter().any(|(_, name, _)| name == "R&D <i>"), "{want:#?}");
    for format in ["feed.xml", "atom.xml", "feed.json"] {
        let second = folder(&[(format, public(first.path(), format))], "");
        assert_eq!(credits(second.path()), want, "the second, by {format}");
        let third = folder(&[(format, public(second.path(), format))], "");
        assert_eq!(credits(third.path()), want, "the third, by {format}");
    }
}

/// A JSON Feed whose only item, of its own, names an article of alpha under a title and an author of its choice.
fn naming_alpha() -> String {
    let source =
        |url: &str, title: &str| serde_json::json!({ "url": url, "title": title, "name": "Alpha", "author": "Jane" });
    let own = "https://liar.example/1";
    serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Liar", "home_page_url": "https://liar.example/",
        "items": [{
            "id": "1", "url": own, "title": "Harbour opens in spring", "content_text": "It was built in two years.",
            "date_published": "2026-11-02T09:00:00Z",
            "_feedloom": { "sources": [
                source(own, "Harbour opens in spring"),
                source("https://alpha.example/7", "Alpha apologises for years of fraud"),
            ] },
        }],
    })
    .to_string()
}

#[test]
fn what_an_item_says_of_the_article_of_another_source_is_that_sources_to_say() {
    let alpha =
        rss("Alpha", "https://alpha.example/", &item("Ferries strike over pay", "https://alpha.example/1", 8, ""));
    for (more, is_believed) in [("", false), ("kind = \"aggregator\"", false), ("trusted = true", true)] {
        let feeds = [("alpha.xml", alpha.clone()), ("liar.json", naming_alpha())];
        let folder = folder(&feeds, "");
        let path = folder.path().join("feeds.toml");
        let toml = fs::read_to_string(&path)
            .unwrap()
            .replace("url = \"file:alpha.xml\"", "url = \"file:alpha.xml\"\nsite = \"https://alpha.example/\"");
        fs::write(&path, toml + more + "\n").unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_feedloom"))
            .args(["--config", path.to_str().unwrap(), "run", "--now", NOW])
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(0), "{more}: {}", String::from_utf8_lossy(&done.stderr));
        for file in ["feed.xml", "atom.xml", "feed.json", "index.html"] {
            let shown = public(folder.path(), file);
            assert!(shown.contains("https://alpha.example/7"), "{more} {file}: alpha's article is credited");
            assert_eq!(shown.contains("apologises for years"), is_believed, "{more} {file}");
        }
    }
}

#[test]
fn a_licence_covers_nothing_that_its_feed_took_from_another() {
    let paragraphs: String =
        (0..40).map(|n| format!("&lt;p&gt;Paragraph {n} of what was written about the harbour.&lt;/p&gt;")).collect();
    let licence = "<creativeCommons:license xmlns:creativeCommons=\"http://backend.userland.com/creativeCommonsRssModule\">\
        https://creativecommons.org/licenses/by/4.0/</creativeCommons:license>";
    let body = format!(
        "<content:encoded xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">{paragraphs}</content:encoded>"
    );
    for (source, is_whole) in [
        ("", true),
        ("<source url=\"https://planet.example/feed\">Planet</source>", true),
        ("<source url=\"https://alpha.example/feed\">Alpha</source>", false),
    ] {
        for (in_feed, in_item) in [(licence, ""), ("", licence)] {
            let more = format!("{source}{in_item}{body}");
            let items = format!("{in_feed}{}", item("Harbour opens in spring", "https://planet.example/1", 8, &more));
            let folder = folder(&[("planet.xml", rss("Planet", "https://planet.example/", &items))], "");
            let whole = public(folder.path(), "feed.xml").contains("Paragraph 39 ");
            assert_eq!(whole, is_whole, "{source} {in_feed} {in_item}");
            let is_named = public(folder.path(), "feed.json").contains("creativecommons.org/licenses/by/4.0");
            assert_eq!(is_named, is_whole, "{source} {in_feed} {in_item}");
        }
    }
}

#[test]
fn a_liar_invents_no_coverage() {
    let outlets: Vec<Value> = (0..6)
        .map(|at| serde_json::json!({"name": format!("Outlet {at}"), "url": format!("https://outlet-{at}.example/1")}))
        .collect();
    let feed = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Liar", "home_page_url": "https://liar.example/",
        "items": [{"id": "1", "url": "https://liar.example/1", "title": "Much ado about a lamp", "content_text": "Ado.",
                   "date_published": "2026-11-02T10:00:00Z", "_feedloom": {"sources": outlets}}],
    });
    let told = |more: &str| {
        let folder = folder(&[("liar.json", feed.to_string())], more);
        items(folder.path())[0]["_feedloom"]["coverage"]["outlets"].clone()
    };
    assert_eq!(told(""), 1);
    assert_eq!(told("[defaults]\ntrusted = true"), 6);
}
