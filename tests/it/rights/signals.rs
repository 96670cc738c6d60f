//! Signals of feeds and their headers, over loopback with the binary.

use super::stand::{Stand, item, rss};

const NOW: &str = "2026-11-03T12:00:00Z";

/// How much of the whole text is in an item: all, some, or none of it.
fn extent(item: &serde_json::Value) -> &'static str {
    let (html, summary) = (item["content_html"].as_str().unwrap(), item.get("summary"));
    if html.contains(&"And it goes on like this for long. ".repeat(99)) {
        "full"
    } else if summary.is_some() {
        "excerpt"
    } else {
        "headline"
    }
}

#[test]
fn t82_what_denies_is_not_published_and_the_reason_is_told() {
    let stand = Stand::new("");
    let denials = [
        ("fac", "<access:restriction relationship=\"deny\"/>", "access:restriction deny"),
        ("meta", "<xhtml:meta name=\"robots\" content=\"noindex\"/>", "meta robots"),
        ("itunes", "<itunes:block>yes</itunes:block>", "itunes:block"),
    ];
    for (id, head, _) in denials {
        // Whoever runs it says `full`, which counts for nothing against a denial.
        stand.source(id, &[], &rss(head, &[item(&format!("Of {id}"), "")]), "republish = \"full\"");
    }
    let block = "<itunes:block>yes</itunes:block>";
    stand.source("some", &[], &rss("", &[item("Blocked one", block), item("Open one", "")]), "");
    let log = stand.say(&["run", "-v", "--all", "--now", NOW]);
    let log = String::from_utf8_lossy(&log.stderr).into_owned();
    for (id, _, reason) in denials {
        let told = log.lines().any(|line| line.contains("not published") && line.contains(id) && line.contains(reason));
        assert!(told, "{id}: {log}");
    }
    for name in ["feed.xml", "atom.xml", "feed.json", "index.html"] {
        let text = stand.file(name);
        assert!(text.contains("Open one"), "{name}");
        for gone in ["Of fac", "Of meta", "Of itunes", "Blocked one"] {
            assert!(!text.contains(gone), "{name} has {gone}");
        }
    }
    let status = stand.tell(&["status", "-v", "--now", NOW]);
    for (id, _, reason) in denials {
        let line = status.lines().find(|line| line.contains("nothing: ") && line.ends_with(id)).unwrap_or_default();
        assert!(line.contains(reason), "{id}: {status}");
        assert!(!stand.file("sources.opml").contains(&format!("/{id}/feed")), "{id} is no source of ours to name");
    }
    let why = stand.tell(&["why", "Blocked one"]);
    assert!(
        why.contains("may be published: nothing: the entry in the feed forbids republishing (itunes:block)"),
        "{why}"
    );
    let json = stand.tell(&["status", "--json", "--now", NOW]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sources"][0]["rights"]["extent"], "off");
    assert_eq!(json["sources"][0]["rights"]["signals"][0]["kind"], "access_restriction");
}

#[test]
fn t83_licences_decide_and_are_passed_on() {
    let license = |path: &str| {
        format!("<creativeCommons:license>https://creativecommons.org/licenses/{path}/4.0/</creativeCommons:license>")
    };
    let items = [
        item("By one", ""),
        item("Nd one", &license("by-nd")),
        item("Nc one", &license("by-nc")),
        item("Two licences", &(license("by") + &license("by-sa"))),
    ];
    let stand = Stand::new("commercial = true");
    stand.source("silent", &[], &rss(&license("by"), &items), "");
    stand.run(NOW);
    let of = |title: &str| extent(&stand.item(title));
    assert_eq!((of("By one"), of("Nd one"), of("Nc one"), of("Two licences")), ("full", "headline", "excerpt", "full"));
    let url = |path: &str| format!("https://creativecommons.org/licenses/{path}/4.0/");
    assert_eq!(stand.item("Nc one")["_feedloom"]["sources"][0]["license"], url("by-nc"));
    let both = serde_json::json!([url("by"), url("by-sa")]);
    assert_eq!(stand.item("Two licences")["_feedloom"]["sources"][0]["licenses"], both);
    for path in ["by", "by-nd", "by-nc", "by-sa"] {
        let in_rss = format!("<creativeCommons:license>{}</creativeCommons:license>", url(path));
        assert!(stand.file("feed.xml").contains(&in_rss), "{path}");
        let in_atom = format!("<link rel=\"license\" href=\"{}\"/>", url(path));
        assert!(stand.file("atom.xml").matches(&in_atom).count() >= 2, "{path}: in the entry and its source");
        assert!(stand.file("index.html").contains(&format!("<a rel=\"license\" href=\"{}\">", url(path))), "{path}");
    }

    let stand = Stand::new("commercial = true");
    stand.source("full", &[], &rss(&license("by"), &items), "republish = \"full\"");
    stand.run(NOW);
    let nd = stand.item("Nd one");
    assert_eq!((extent(&nd), extent(&stand.item("Nc one"))), ("full", "excerpt"));
    assert!(nd.get("summary").is_none(), "nothing is cut out of what may not be cut");

    let stand = Stand::new("");
    stand.source("no-money", &[], &rss("", &items), "republish = \"full\"");
    stand.run(NOW);
    assert_eq!(extent(&stand.item("Nc one")), "full");
}

#[test]
fn t84_rsl_is_obeyed_and_survives() {
    let terms = |inside: &str| {
        format!(
            "<rsl:content url=\"https://a.example/x?a=1&amp;b=2\"><rsl:license>{inside}</rsl:license></rsl:content>"
        )
    };
    let items = [
        item("All prohibited", &terms("<rsl:prohibits type=\"usage\">all</rsl:prohibits>")),
        item("No training", &terms("<rsl:prohibits type=\"usage\">ai-train ai-index</rsl:prohibits>")),
        item("To be paid", &terms("<rsl:permits type=\"usage\">all</rsl:permits><rsl:payment type=\"purchase\"/>")),
    ];
    let link = "<https://a.example/rsl.xml>; rel=\"license\"; type=\"application/rsl+xml\"";
    let stand = Stand::new("");
    stand.source("rsl", &[("Link", link)], &rss("", &items), "");
    stand.run(NOW);
    assert_eq!(stand.items().len(), 2);
    assert_eq!(extent(&stand.item("No training")), "excerpt");
    assert_eq!(extent(&stand.item("To be paid")), "headline");
    let ours = &stand.item("No training")["_feedloom"]["sources"][0];
    let kept = "<content url=\"https://a.example/x?a=1&amp;b=2\"><license><prohibits type=\"usage\">ai-train ai-index\
                </prohibits></license></content>";
    assert_eq!(ours["rsl"], serde_json::json!([kept]));
    assert_eq!(ours["rsl_documents"], serde_json::json!(["https://a.example/rsl.xml"]));
    for name in ["feed.xml", "atom.xml"] {
        let text = stand.file(name);
        assert!(text.contains("xmlns:rsl=\"https://rslstandard.org/rsl\""), "{name}");
        assert!(text.contains("<rsl:content url=\"https://a.example/x?a=1&amp;b=2\">"), "{name}");
        assert!(text.contains("<rsl:prohibits type=\"usage\">ai-train ai-index</rsl:prohibits>"), "{name}");
    }
    let document = "<link rel=\"license\" type=\"application/rsl+xml\" href=\"https://a.example/rsl.xml\"/>";
    assert!(stand.file("atom.xml").contains(document));
    let why = stand.tell(&["why", "--json", "No training"]);
    let why: serde_json::Value = serde_json::from_str(&why).unwrap();
    assert_eq!(why["entries"][0]["rights"]["extent"], "excerpt");
    let all = stand.say(&["why", "All prohibited"]);
    assert!(String::from_utf8_lossy(&all.stdout).contains("RSL licence (prohibits all)"));
}

#[test]
fn t85_headers_of_a_feed_count_but_noindex_is_about_the_feed_itself() {
    let stand = Stand::new("");
    for (id, headers) in [
        ("noindex", &[("X-Robots-Tag", "noindex, follow")][..]),
        ("none", &[("X-Robots-Tag", "none")]),
        ("nosnippet", &[("X-Robots-Tag", "noindex, nosnippet")]),
        ("other", &[("X-Robots-Tag", "otherbot: nosnippet")]),
        ("noarchive", &[("X-Robots-Tag", "noarchive")]),
        ("short", &[("X-Robots-Tag", "max-snippet:20")]),
        ("tdm", &[("tdm-reservation", "1")]),
        ("draft", &[("Content-Signal", "search=no"), ("Content-Usage", "search=n")]),
    ] {
        let feed = rss("", &[item(&format!("Of {id}"), "")]).replace("a.example", &format!("{id}.example"));
        stand.source(id, headers, &feed, "republish = \"full\"");
    }
    stand.run(NOW);
    let extents: Vec<_> = ["noindex", "none", "nosnippet", "other", "noarchive", "short", "tdm", "draft"]
        .map(|id| extent(&stand.item(&format!("Of {id}"))))
        .into();
    assert_eq!(extents, ["full", "full", "headline", "full", "excerpt", "excerpt", "excerpt", "full"]);
    let summary = stand.item("Of short")["summary"].as_str().unwrap().to_owned();
    assert!(summary.chars().count() <= 20, "{summary}");
    let status = stand.tell(&["status", "--json", "--now", NOW]);
    assert!(status.contains("\"kind\":\"content_signal\""), "recorded, though it is a draft: {status}");

    let toml = stand.folder.path().join("feeds.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, format!("obey_drafts = true\n{text}")).unwrap();
    stand.tell(&["publish", "--now", "2026-11-03T12:01:00Z"]);
    assert_eq!(extent(&stand.item("Of draft")), "headline");
}

#[test]
fn a_licence_that_changes_without_an_edit_of_the_text_counts_at_the_next_publish() {
    let stand = Stand::new("");
    let feed = |more: &str| rss("", &[item("One", more), item("Two", "")]);
    stand.source("a", &[], &feed(""), "ignore_updates = true");
    stand.run(NOW);
    assert_eq!(stand.items().len(), 2);
    let date = stand.item("One")["date_modified"].clone();
    stand.publisher.script(
        "/a/feed",
        [crate::publisher::Response::new(200, &[], feed("<itunes:block>yes</itunes:block>").as_bytes())],
    );
    stand.run("2026-11-03T13:00:00Z");
    assert_eq!(stand.items().len(), 1);
    stand.publisher.script("/a/feed", [crate::publisher::Response::new(200, &[], feed("").as_bytes())]);
    stand.run("2026-11-03T14:00:00Z");
    assert_eq!(stand.item("One")["date_modified"], date, "it is no edit");
}

/// RFC 9111 §3.2: what a 304 says takes the place of what was said; what it does not say stays.
#[test]
fn headers_that_come_and_go_beside_the_same_document_count_at_once() {
    let stand = Stand::new("");
    let feed = rss("", &[item("One", "")]);
    stand.source("a", &[("ETag", "\"1\"")], &feed, "");
    let steps = [
        (200, None, "excerpt"),
        (200, Some("noindex, nosnippet"), "headline"),
        (200, Some("noindex, nosnippet"), "headline"),
        (200, None, "excerpt"),
        (304, Some("noindex, nosnippet"), "headline"),
        (304, None, "headline"),
        (200, None, "excerpt"),
        (200, Some("nosnippet"), "headline"),
        (304, None, "headline"),
        (304, Some("all"), "excerpt"),
        (200, Some("nosnippet"), "headline"),
    ];
    for (hour, (status, robots, want)) in steps.into_iter().enumerate() {
        let mut headers = vec![("ETag", &b"\"1\""[..])];
        headers.extend(robots.map(|robots| ("X-Robots-Tag", robots.as_bytes())));
        let body = if status == 200 { feed.as_bytes() } else { b"" };
        stand.publisher.script("/a/feed", [crate::publisher::Response::new(status, &headers, body)]);
        stand.run(&format!("2026-11-03T{:02}:00:00Z", 10 + hour));
        assert_eq!(extent(&stand.item("One")), want, "step {hour}: {status} {robots:?}");
    }
    // Said without a body, each alone: the others stay.
    for (hour, name, value) in [(21, "tdm-reservation", "1"), (22, "Content-Signal", "search=no")] {
        let headers = [("ETag", &b"\"1\""[..]), (name, value.as_bytes())];
        stand.publisher.script("/a/feed", [crate::publisher::Response::new(304, &headers, b"")]);
        stand.run(&format!("2026-11-03T{hour}:00:00Z"));
    }
    assert_eq!(extent(&stand.item("One")), "headline");
    let status = stand.tell(&["status", "--json", "--now", "2026-11-03T22:30:00Z"]);
    for kind in ["\"kind\":\"robots\"", "\"kind\":\"tdm_reservation\"", "\"kind\":\"content_signal\""] {
        assert!(status.contains(kind), "{kind}: {status}");
    }
}
