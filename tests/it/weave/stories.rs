//! Which entries become one story, through the binary: languages, link lists, templates, copies, the
//! settings of a source, and input that is out of order.

use std::fmt::Write as _;

use serde_json::Value;

use crate::scene::{Page, Scene};

/// An item of a feed, published on 2 November 2026.
struct Post<'a> {
    guid: &'a str,
    title: &'a str,
    hour: u8,
    /// Further elements.
    more: String,
}

fn post<'a>(guid: &'a str, title: &'a str, hour: u8) -> Post<'a> {
    Post { guid, title, hour, more: String::new() }
}

impl Post<'_> {
    fn with(self, more: &str) -> Self {
        Self { more: more.to_owned(), ..self }
    }
}

/// A feed whose items link to `https://SOURCE.example/GUID`.
fn feed(source: &str, language: &str, posts: &[Post<'_>]) -> Page {
    let mut text = format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
         <title>{source}</title><link>https://{source}.example/</link><language>{language}</language>"
    );
    for Post { guid, title, hour, more } in posts {
        let link = if more.contains("<link>") {
            String::new()
        } else {
            format!("<link>https://{source}.example/{guid}</link>")
        };
        write!(
            text,
            "<item><guid isPermaLink=\"false\">{guid}</guid>{link}<title>{title}</title>\
             <pubDate>02 Nov 2026 {hour:02}:00:00 GMT</pubDate>{more}</item>"
        )
        .unwrap();
    }
    Page::xml(text + "</channel></rss>")
}

#[track_caller]
fn why(scene: &Scene, what: &str) -> Value {
    let done = scene.say(&["why", "--json", what]);
    assert_eq!(done.status.code(), Some(0), "{what}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Guids of the story with the entry at `address`, sorted, the leading one in brackets.
#[track_caller]
fn story(scene: &Scene, address: &str) -> Vec<String> {
    let known = why(scene, address);
    let entries = known["entries"].as_array().unwrap();
    let told = |entry: &Value| {
        let guid = entry["guid"].as_str().unwrap();
        if entry["leads"] == true { format!("[{guid}]") } else { guid.to_owned() }
    };
    let mut guids: Vec<String> = entries.iter().map(told).collect();
    guids.sort_by_key(|guid| guid.trim_matches(['[', ']']).to_owned());
    guids
}

#[test]
fn entries_find_their_stories_in_each_language() {
    // Of each language the same news by two outlets, and other news of a third with a word in common.
    let told = [
        (
            "de",
            [
                "Bundeskartellamt prüft Übernahme des Chipherstellers Infinova",
                "Übernahme von Chiphersteller Infinova: Bundeskartellamt leitet Prüfung ein",
                "Chiphersteller bauen Werke in Sachsen aus",
            ],
        ),
        (
            "fr",
            [
                "La Cnil inflige une amende de 40 millions d'euros à Criteva",
                "Criteva écope d'une amende de 40 millions d'euros de la Cnil",
                "Le musée de Lyon investit 3 millions dans une exposition sur les robots",
            ],
        ),
        (
            "es",
            [
                "Telefonia vende su filial peruana a Integra por 900 millones",
                "Integra compra la filial peruana de Telefonia",
                "El tren nocturno vuelve a circular entre Madrid y Lisboa",
            ],
        ),
        (
            "ja",
            [
                "ソニア、新型ゲーム機「プレイステラ6」を来年発売へ",
                "プレイステラ6、ソニアが来年発売と発表",
                "東京都、電動キックボードの規制を来年強化",
            ],
        ),
        (
            "zh",
            [
                "华维发布新款折叠屏手机售价一万元",
                "售价一万元：华维新款折叠屏手机正式发布",
                "上海地铁新线路下月开通运营",
            ],
        ),
    ];
    let sources: Vec<String> =
        told.iter().flat_map(|(language, _)| (0..3).map(move |n| format!("{language}{n}"))).collect();
    let scene = Scene::new(&sources.iter().map(String::as_str).collect::<Vec<_>>(), "");
    for (language, titles) in &told {
        for (n, title) in titles.iter().enumerate() {
            let source = format!("{language}{n}");
            scene.serve(&source, feed(&source, language, &[post(&format!("{language}-{n}"), title, 6 + n as u8)]));
        }
    }
    scene.run_well("2026-11-02T10:00:00Z");
    for (language, _) in &told {
        let at = |n: usize| format!("https://{language}{n}.example/{language}-{n}");
        let same = story(&scene, &at(0));
        assert_eq!(same.len(), 2, "{language}: {same:?}");
        assert_eq!(same, story(&scene, &at(1)), "{language}");
        assert_eq!(story(&scene, &at(2)).len(), 1, "{language}");
    }
}

const NEWS: &str = "Harbour city opens its first tidal power station";
const ARTICLE: &str = "https://alpha.example/tidal";

/// An outlet, and three link lists: one that links to articles, one that writes of them on pages of its
/// own, and one that leads to a page of its own and names several articles.
fn lists() -> Scene {
    let scene = Scene::new(&["links", "pages", "names", "alpha"], "");
    scene.configure("kind = \"original\"\n[defaults]\nkind = \"aggregator\"\n");
    scene
}

fn serve_lists(scene: &Scene) {
    let linked = format!("<link>{ARTICLE}?ref=list</link><comments>https://links.example/talk/1</comments>");
    scene.serve("links", feed("links", "en", &[post("l1", "Tides at work", 7).with(&linked)]));
    let paged = format!(
        "<description><![CDATA[<p>Somebody <a href=\"{ARTICLE}?utm_source=pages\">writes</a>: it turns with the sea. \
         <a href=\"https://other.example/x\">Background</a></p>]]></description>"
    );
    scene.serve("pages", feed("pages", "en", &[post("p1", "The Sea Makes Current", 8).with(&paged)]));
    let named = format!(
        "<description><![CDATA[<a href=\"https://names.example/1\"><img src=\"https://names.example/i.png\"></a>\
         <p>Jane / <a href=\"https://alpha.example/\">Alpha</a>: <a href=\"{ARTICLE}#top\">Current from the sea</a></p>]]>\
         </description>"
    );
    scene.serve("names", feed("names", "en", &[post("n1", "Current from the sea (Jane/Alpha)", 9).with(&named)]));
}

/// Where subscribers are sent to discuss the item about the article.
fn discussion(scene: &Scene) -> Value {
    let feed: Value = serde_json::from_slice(&std::fs::read(scene.outputs().join("feed.json")).unwrap()).unwrap();
    let items = feed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{items:#?}");
    items[0]["_feedloom"].clone()
}

#[test]
fn link_lists_follow_the_article_that_they_point_to() {
    let scene = lists();
    scene.serve("alpha", feed("alpha", "en", &[post("tidal", NEWS, 6)]));
    serve_lists(&scene);
    scene.run_well("2026-11-02T10:00:00Z");
    assert_eq!(story(&scene, ARTICLE), ["l1", "n1", "p1", "[tidal]"]);
    let known = why(&scene, ARTICLE);
    for entry in known["entries"].as_array().unwrap().iter().filter(|entry| entry["guid"] != "tidal") {
        assert_eq!(entry["reason"]["rule"], "links_to", "{entry:#}");
    }
    let told = discussion(&scene).to_string();
    assert!(told.contains("https://links.example/talk/1"), "{told}");
    assert!(told.contains("\"url\":\"https://pages.example/p1\""), "{told}");
}

#[test]
fn the_article_joins_what_pointed_to_it_before() {
    let scene = lists();
    scene.serve("alpha", feed("alpha", "en", &[]));
    serve_lists(&scene);
    let done = scene.say(&["gather", "--all", "--now", "2026-11-02T09:30:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let done = scene.say(&["weave", "--now", "2026-11-02T09:30:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    scene.serve("alpha", feed("alpha", "en", &[post("tidal", NEWS, 6)]));
    scene.run_well("2026-11-02T10:30:00Z");
    let found = story(&scene, "https://alpha.example/tidal");
    assert_eq!(found, ["l1", "n1", "p1", "[tidal]"], "an original leads");
}

#[test]
fn a_list_that_was_published_first_gives_way_to_the_article() {
    let scene = lists();
    scene.serve("alpha", feed("alpha", "en", &[]));
    serve_lists(&scene);
    scene.run_well("2026-11-02T09:30:00Z");
    let before = discussion(&scene);
    assert_ne!(before["sources"][0]["title"], NEWS);
    let text = "<description>The power station was opened on Monday, after ten years of work.</description>";
    scene.serve("alpha", feed("alpha", "en", &[post("tidal", NEWS, 6).with(text)]));
    scene.run_well("2026-11-02T10:30:00Z");
    assert_eq!(story(&scene, "https://alpha.example/tidal"), ["l1", "n1", "p1", "[tidal]"]);
    let feed: Value = serde_json::from_slice(&std::fs::read(scene.outputs().join("feed.json")).unwrap()).unwrap();
    let item = &feed["items"][0];
    assert_eq!((&item["title"], &item["url"]), (&NEWS.into(), &"https://alpha.example/tidal".into()), "{item:#}");
    assert!(item["summary"].as_str().unwrap().contains("after ten years"), "its own teaser: {item:#}");
    assert_eq!(item["date_published"], "2026-11-02T06:00:00Z", "and its own date");
    // What leads now is no list: nothing later takes its place.
    let later = post("later", "Station opens", 10).with(&format!("<link>{ARTICLE}</link>"));
    scene.serve("links", self::feed("links", "en", &[later]));
    scene.run_well("2026-11-02T11:30:00Z");
    assert_eq!(story(&scene, "https://alpha.example/tidal").last().unwrap(), "[tidal]");
}

#[test]
fn a_list_gives_way_to_others_who_report_it_in_similar_words() {
    let scene = lists();
    let listed = "<link>https://far.example/ice</link><comments>https://links.example/talk/1</comments>";
    let title = "Glacier at Nuuk collapses into sea, wave hits harbour";
    scene.serve("links", feed("links", "en", &[post("l1", &format!("{title} [video]"), 7).with(listed)]));
    for name in ["pages", "names", "alpha"] {
        scene.serve(name, feed(name, "en", &[]));
    }
    scene.run_well("2026-11-02T08:00:00Z");
    scene.serve("alpha", feed("alpha", "en", &[post("ice", title, 8)]));
    scene.run_well("2026-11-02T09:00:00Z");
    assert_eq!(story(&scene, "https://alpha.example/ice"), ["[ice]", "l1"]);
}

#[test]
fn a_roundup_that_was_published_first_gives_way_to_the_news() {
    let scene = Scene::new(&["alpha", "beta"], "");
    let address = "<link>https://alpha.example/phone</link>";
    scene.serve(
        "alpha",
        feed("alpha", "en", &[post("live", "Maker keynote live updates: new phone unveiled", 7).with(address)]),
    );
    scene.serve("beta", feed("beta", "en", &[]));
    scene.run_well("2026-11-02T08:00:00Z");
    scene.serve("beta", feed("beta", "en", &[post("phone", "Maker unveils a phone", 8)]));
    scene.configure("[weave]\njoin = [[\"https://alpha.example/phone\", \"https://beta.example/phone\"]]\n");
    scene.run_well("2026-11-02T10:00:00Z");
    assert_eq!(story(&scene, "https://beta.example/phone"), ["live", "[phone]"]);
}

#[test]
fn what_a_source_makes_by_a_template_stays_apart() {
    let scene = Scene::new(&["alpha", "beta"], "[weave]\nsame_story = \"eager\"\n");
    let titles = [
        "Today's crossword hints and answers for 1 November, #611",
        "Today's crossword hints and answers for 2 November, #612",
        "Frobnicator hour: kettles, with Jane Doe and guests",
        "Frobnicator hour: violins, with Jane Doe and guests",
        "Frobnicator hour: turbines, with Jane Doe and guests",
        "The best laptop deals of the week: save up to 300 dollars",
        "The best phone deals of the week: save up to 200 dollars",
        "The best kettle deals of the week: save up to 40 dollars",
    ];
    let guids: Vec<String> = (0..titles.len()).map(|n| format!("t{n}")).collect();
    let posts: Vec<Post<'_>> = titles.iter().zip(&guids).map(|(title, guid)| post(guid, title, 7)).collect();
    scene.serve("alpha", feed("alpha", "en", &posts));
    scene.serve("beta", feed("beta", "en", &[post("b1", "Wordplay hints and answers for 3 November, #44", 8)]));
    scene.run_well("2026-11-02T10:00:00Z");
    for guid in &guids {
        let found = story(&scene, &format!("https://alpha.example/{guid}"));
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

#[test]
fn a_syndicated_copy_adds_an_outlet_and_never_leads() {
    let scene = Scene::new(&["copy", "wire"], "");
    let words: Vec<String> = (0..400).map(|n| format!("word{}", n * 7919 % 1009)).collect();
    let text = words.join(" ");
    let content = |text: &str| format!("<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded>");
    scene.serve("wire", feed("wire", "en", &[post("w1", NEWS, 6).with(&content(&text))]));
    let copied = content(&format!("First published elsewhere and longer for it. {text} More at our partner."));
    scene.serve("copy", feed("copy", "en", &[post("c1", "What the sea can do", 7).with(&copied)]));
    scene.run_well("2026-11-02T10:00:00Z");
    assert_eq!(story(&scene, "https://wire.example/w1"), ["c1", "[w1]"]);
    // The next copy comes in a later pass: what was compared is kept.
    scene.serve("copy", feed("copy", "en", &[post("c2", "Something about water", 9).with(&copied)]));
    scene.run_well("2026-11-02T11:00:00Z");
    assert_eq!(story(&scene, "https://wire.example/w1").len(), 3);
}

#[test]
fn the_settings_of_a_source_decide() {
    let told = |more: &str| {
        let scene = Scene::new(&["alpha", "beta"], "");
        scene.configure(more);
        scene.serve("alpha", feed("alpha", "en", &[post("a1", NEWS, 6)]));
        scene.serve("beta", feed("beta", "en", &[post("b1", NEWS, 9)]));
        scene.run_well("2026-11-02T10:00:00Z");
        story(&scene, "https://beta.example/b1")
    };
    assert_eq!(told(""), ["[a1]", "b1"]);
    assert_eq!(told("weight = 2\n"), ["a1", "[b1]"]);
    assert_eq!(told("allow_duplicates = true\n"), ["[b1]"]);
    assert_eq!(told("weight = 9\nkind = \"aggregator\"\n"), ["[a1]", "b1"]);
    assert_eq!(told("[weave]\nsame_story = \"off\"\n"), ["[b1]"]);
    assert_eq!(told("[weave]\nlookback = \"2h\"\n"), ["[b1]"]);
    let pair = "[weave]\nsplit = [[\"https://alpha.example/a1\", \"https://beta.example/b1\"]]\n";
    assert_eq!(told(pair), ["[b1]"]);
}

#[test]
fn each_mode_joins_more_than_the_one_before() {
    let told = |mode: &str| {
        let scene = Scene::new(&["alpha", "beta"], &format!("[weave]\nsame_story = \"{mode}\"\n"));
        let posts = [
            post("same", NEWS, 6),
            post("near", "Peloton recalls 2.2 million exercise bikes over faulty seats", 6),
            post("far", "Criteva fined by regulator over cookie banners in three countries", 6),
        ];
        scene.serve("alpha", feed("alpha", "en", &posts));
        let posts = [
            post("b-same", NEWS, 8),
            post("b-near", "Peloton bikes recalled after seats break off", 8),
            post("b-far", "Cookie banners: what Criteva now has to change", 8),
        ];
        scene.serve("beta", feed("beta", "en", &posts));
        scene.run_well("2026-11-02T10:00:00Z");
        ["same", "near", "far"].map(|guid| story(&scene, &format!("https://alpha.example/{guid}")).len())
    };
    assert_eq!(told("off"), [1, 1, 1]);
    assert_eq!(told("exact"), [2, 1, 1]);
    assert_eq!(told("balanced")[..2], [2, 2]);
    assert_eq!(told("eager"), [2, 2, 2]);
}

#[test]
fn input_out_of_order_makes_no_runaway() {
    let scene = Scene::new(&["alpha", "beta", "gamma"], "[weave]\nsame_story = \"eager\"\n");
    let long = "phone ".repeat(1_700);
    let mut text = "<rss version=\"2.0\"><channel><title>alpha</title><link>https://alpha.example/</link>".to_owned();
    for (n, title) in ["", " ", "Phone", "Phone", "…", &long, &long, "News", "News"].iter().enumerate() {
        let date = ["", "<pubDate>02 Nov 2031 09:00:00 GMT</pubDate>", "<pubDate>yesterday</pubDate>"][n % 3];
        let at = format!("<link>https://alpha.example/{n}</link><guid>https://alpha.example/{n}</guid>");
        write!(text, "<item>{at}<title>{title}</title>{date}</item>").unwrap();
    }
    scene.serve("alpha", Page::xml(text + "</channel></rss>"));
    // One summary and one title over and over, from pages of many outlets.
    for source in ["beta", "gamma"] {
        let mut text = "<rss version=\"2.0\"><channel><title>x</title><link>https://x.example/</link>".to_owned();
        for n in 0..250 {
            let title = if source == "beta" { format!("{n} lantern{n} violin{n}") } else { NEWS.to_owned() };
            let at = format!("<link>https://{source}{n}.example/x</link><guid isPermaLink=\"false\">{n}</guid>");
            let same = "Sign up for our newsletter and never miss a story from our award-winning desk of writers";
            write!(
                text,
                "<item>{at}<title>{title}</title><description>{same}</description>\
                 <pubDate>02 Nov 2026 09:00:00 GMT</pubDate></item>"
            )
            .unwrap();
        }
        scene.serve(source, Page::xml(text + "</channel></rss>"));
    }
    scene.run_well("2026-11-02T10:00:00Z");
    scene.run_well("2026-11-02T11:00:00Z");
    for source in ["beta", "gamma"] {
        for n in (0..250).step_by(25) {
            let found = story(&scene, &format!("https://{source}{n}.example/x"));
            assert!(found.len() <= 40, "{} entries", found.len());
        }
    }
    for n in 0..9 {
        assert!(story(&scene, &format!("https://alpha.example/{n}")).len() <= 3);
    }
    let done = scene.say(&["status", "--json", "--now", "2026-11-02T11:00:00Z"]);
    let status: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(!status["stopped"].as_array().unwrap().is_empty(), "status tells of the runaway");
}

#[test]
fn why_finds_a_title_by_words_that_do_not_follow_one_another() {
    let scene = Scene::new(&["alpha"], "");
    scene.serve("alpha", feed("alpha", "en", &[post("a1", NEWS, 6), post("a2", "Rain over Lisbon", 7)]));
    scene.run_well("2026-11-02T10:00:00Z");
    assert_eq!(why(&scene, "station tidal HARBOUR")["entries"][0]["guid"], "a1");
    let done = scene.say(&["why", "tidal", "Lisbon"]);
    assert_eq!(done.status.code(), Some(1));
}
