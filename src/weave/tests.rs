//! Whole streams through the clusterer: what must hold whatever comes in.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use url::Url;

use super::input::Placement;
use super::*;
use crate::config::SameStory;
use crate::model::{EntryKey, Reason, SourceId, SourceKind};

/// An entry of a test: what differs is set, the rest is plain.
#[derive(Debug, Clone)]
struct Post {
    source: &'static str,
    guid: String,
    url: String,
    title: String,
    text: String,
    minute: i64,
    kind: SourceKind,
    language: Option<&'static str>,
    allow_duplicates: bool,
}

fn post(source: &'static str, minute: i64, title: &str) -> Post {
    Post {
        source,
        guid: format!("{source}-{minute}-{title}"),
        url: format!("https://{source}.example/{minute}"),
        title: title.to_owned(),
        text: String::new(),
        minute,
        kind: SourceKind::Original,
        language: None,
        allow_duplicates: false,
    }
}

fn key(post: &Post) -> EntryKey {
    EntryKey { source: SourceId::new(post.source).unwrap(), guid: post.guid.clone() }
}

fn take_in(clusterer: &mut Clusterer, post: &Post) {
    let (key, url) = (key(post), Url::parse(&post.url).unwrap());
    clusterer.place(&input(post, &key, &url));
}

fn input<'a>(post: &'a Post, key: &'a EntryKey, url: &'a Url) -> WeaveInput<'a> {
    WeaveInput {
        key,
        publisher: post.source,
        url,
        address: None,
        links: &[],
        title: &post.title,
        text: &post.text,
        sketch: None,
        language: post.language,
        kind: post.kind,
        time: Timestamp::from_second(1_767_225_600 + post.minute * 60).unwrap(),
        said: Timestamp::MIN,
        is_contested: false,
        allow_duplicates: post.allow_duplicates,
    }
}

/// Where an entry that comes alone belongs.
fn place(clusterer: &mut Clusterer, post: &Post) -> Placement {
    take_in(clusterer, post);
    clusterer.cluster().placed.pop().unwrap()
}

fn clusterer(mode: SameStory) -> Clusterer {
    Clusterer::new(Settings { same_story: mode, ..Settings::default() }, &Constraints::default())
}

/// The story of each entry if all come in one pass.
fn stories(mode: SameStory, entries: &[Post]) -> Vec<usize> {
    let mut clusterer = clusterer(mode);
    entries.iter().for_each(|post| take_in(&mut clusterer, post));
    clusterer.cluster().placed.iter().map(|placed| placed.story.index()).collect()
}

#[track_caller]
fn check(mode: SameStory, entries: &[Post], want: &[usize]) {
    assert_eq!(stories(mode, entries), want);
}

/// Other news of the day, so that a word is rare because others do not say it.
fn chatter() -> Vec<Post> {
    ["Council votes on the harbour bridge", "Rain delays the marathon in Lisbon", "Bakery chain opens in Oslo"]
        .iter()
        .zip(0..)
        .map(|(title, minute)| post("chatter", minute, title))
        .collect()
}

#[test]
fn one_address_is_one_story_whatever_its_form() {
    let mut amp = post("b", 5, "Another headline for it");
    amp.url = "http://amp.a.example/1/amp/?utm_source=rss".to_owned();
    check(SameStory::Exact, &[post("a", 1, "Maker unveils phone"), amp.clone()], &[0, 0]);
    check(SameStory::Off, &[post("a", 1, "Maker unveils phone"), amp], &[0, 1]);
}

#[test]
fn a_page_of_many_entries_is_no_story() {
    let entries: Vec<Post> = ["Fixes the importer", "Adds dark mode", "Drops old databases"]
        .iter()
        .zip(0..)
        .map(|(title, at)| Post { url: format!("https://a.example/changes#c{at}"), ..post("a", at, title) })
        .collect();
    check(SameStory::Exact, &entries, &[0, 1, 2]);
    let same: Vec<Post> =
        entries.into_iter().map(|post| Post { url: "https://a.example/changes".to_owned(), ..post }).collect();
    check(SameStory::Exact, &same, &[0, 1, 2]);
    let series: Vec<Post> = (0..3)
        .map(|at| format!("Release number {at} of the tool"))
        .zip(0..)
        .map(|(title, at)| Post { url: "https://a.example/changes".to_owned(), ..post("a", at, &title) })
        .collect();
    check(SameStory::Exact, &series, &[0, 1, 2]);
}

#[test]
fn one_title_is_one_story_unless_it_comes_back() {
    let title = "Maker unveils its folding phone";
    check(SameStory::Exact, &[post("a", 0, title), post("b", 600, title)], &[0, 0]);
    check(SameStory::Exact, &[post("a", 0, title), post("b", 73 * 60, title)], &[0, 1]);
    check(SameStory::Exact, &[post("a", 0, "What's News"), post("b", 5, "What's News")], &[0, 1]);
    let column = "What happened in markets today";
    check(SameStory::Exact, &[post("a", 0, column), post("a", 1440, column), post("a", 2880, column)], &[0, 1, 2]);
}

#[test]
fn a_key_that_lost_a_generic_parameter_needs_words_of_the_title_too() {
    let at = |source, minute, title: &str, url: &str| Post { url: url.to_owned(), ..post(source, minute, title) };
    let (rates, parks) = ("Central bank raises rates by half a point", "City council opens three new parks");
    for (one, two, title, want) in [
        ("/view?from=rates", "/view?from=parks", parks, 2),
        ("/view?source=17", "/view?source=18", parks, 2),
        ("/view?src=17", "/view", parks, 2),
        ("/rates?from=rss", "/rates", "Bank raises its rates", 1),
        ("/rates?ref=a", "/rates?ref=b", rates, 1),
        ("/rates?utm_source=a", "/rates?utm_source=b", "Half a point more, says the governor", 1),
        ("/rates?from=rss", "/rates?from=rss", "Half a point more, says the governor", 1),
    ] {
        let entries = [
            at("a", 0, rates, &format!("https://x.example{one}")),
            at("b", 9, title, &format!("https://x.example{two}")),
        ];
        let mut found = stories(SameStory::Exact, &entries);
        found.dedup();
        assert_eq!(found.len(), want, "{one} {two} {title}");
    }
}

#[test]
fn a_link_list_follows_the_article_it_links_to() {
    let list = Post {
        url: "https://a.example/1?ref=list".to_owned(),
        kind: SourceKind::Aggregator,
        ..post("list", 9, "Show: something folding")
    };
    let mut clusterer = clusterer(SameStory::Exact);
    let article = place(&mut clusterer, &post("a", 1, "Maker unveils phone"));
    let placed = place(&mut clusterer, &list);
    assert_eq!(placed.story, article.story);
    assert_eq!(placed.reason, Reason::LinksTo { address: "a.example/1".to_owned() });
}

#[test]
fn who_gives_one_article_the_title_of_another_makes_them_no_story() {
    let (heron, ferry) = ("Maker unveils the Heron X2 chip for laptops", "Ferries strike over pay in three harbours");
    let list = Post { url: "https://b.example/7".to_owned(), kind: SourceKind::Aggregator, ..post("list", 9, heron) };
    let (one, other) = (post("a", 4, heron), post("b", 7, ferry));
    for order in [
        [&list, &one, &other],
        [&list, &other, &one],
        [&one, &list, &other],
        [&one, &other, &list],
        [&other, &list, &one],
        [&other, &one, &list],
    ] {
        let posts: Vec<Post> = order.into_iter().cloned().collect();
        let found = stories(SameStory::Balanced, &posts);
        let of = |source: &str| found[posts.iter().position(|post| post.source == source).unwrap()];
        assert_ne!(of("a"), of("b"), "{:?}", posts.iter().map(|post| post.source).collect::<Vec<_>>());
    }
}

#[test]
fn one_title_or_address_of_one_source_is_one_story_unless_the_texts_are_others() {
    let texts = [
        "The ferry operator in Porto files for bankruptcy after a winter without passengers and two broken engines.",
        "Penguins were counted from orbit and the colony is twice as large as biologists had believed so far.",
    ];
    let edited = "The ferry operator in Porto files for bankruptcy after a winter without passengers, its lawyer says.";
    let changes = "https://a.example/changes";
    for (second, address, title, want) in [
        (texts[1], "", "Re: printer on fire again", [0, 1]),
        (edited, "", "Re: printer on fire again", [0, 0]),
        ("", "", "Re: printer on fire again", [0, 0]),
        (texts[1], changes, "Re: printer on fire again", [0, 1]),
        (texts[1], changes, "Re: printer in flames again", [0, 1]),
        (edited, changes, "Re: printer in flames again", [0, 0]),
    ] {
        let of = |minute, title: &str, text: &str| {
            let plain = post("a", minute, title);
            let url = if address.is_empty() { plain.url.clone() } else { address.to_owned() };
            Post { url, text: text.to_owned(), ..plain }
        };
        check(SameStory::Exact, &[of(0, "Re: printer on fire again", texts[0]), of(90, title, second)], &want);
    }
}

#[test]
fn the_same_news_in_other_words_is_one_story_with_a_reason() {
    let mut clusterer = clusterer(SameStory::Balanced);
    for post in chatter() {
        place(&mut clusterer, &post);
    }
    let first = place(&mut clusterer, &post("a", 10, "Peloton recalls 2.2 million exercise bikes over faulty seats"));
    let second = place(&mut clusterer, &post("b", 60, "Peloton bikes recalled after seats break off"));
    assert_eq!(first.reason, Reason::Opened);
    assert_eq!(second.story, first.story);
    let Reason::Similar { score, shared, hours_apart, .. } = second.reason else { panic!("{:?}", second.reason) };
    assert!(score > 0.5 && shared.contains(&"peloton".to_owned()));
    assert!((hours_apart - 50.0 / 60.0).abs() < 1e-9);
}

#[test]
fn numbers_of_a_series_and_cve_ids_keep_apart() {
    for (a, b) in [
        ("Puzzle hints and answers for May 10", "Puzzle hints and answers for May 11"),
        ("Critical Frobnicator flaw CVE-2026-1111 patched", "Critical Frobnicator flaw CVE-2026-2222 patched"),
        ("Frobnicator podcast #611: cables", "Frobnicator podcast #612: cables"),
        ("Frobnicator 17 review", "Frobnicator 18 review"),
        ("Frobnicator 140.1 fixes a hole", "Frobnicator 141.0 fixes a hole"),
        ("Story number 7", "Story number 8"),
    ] {
        let mut entries = chatter();
        entries.extend([post("a", 10, a), post("b", 20, b)]);
        let stories = stories(SameStory::Eager, &entries);
        assert_ne!(stories[3], stories[4], "{a}");
    }
}

#[test]
fn versions_and_parts_of_one_project_keep_apart() {
    for (a, b) in [
        ("v1.3.0-rc.1", "v1.3.0-rc.2"),
        ("v15.0.0-canary.148", "v15.0.0-canary.149"),
        ("Next.js v15.0.0-canary.148", "Next.js v15.0.0-canary.149"),
        ("@babel/core@7.1.0", "@babel/cli@7.1.0"),
        ("org.example.foo 1.0", "org.example.bar 1.0"),
        ("release/2026.11.rc.1", "release/2026.11.rc.2"),
        ("8.0.0.beta1", "8.0.0.beta2"),
    ] {
        let release = |minute, title: &str| Post {
            text: "Download it at the usual place.".to_owned(),
            ..post("a", minute, title)
        };
        for minutes in [30, 400, 1_500] {
            check(SameStory::Eager, &[release(0, a), release(minutes, b)], &[0, 1]);
        }
    }
}

/// The same news twice and a different item on the same subject, in one language.
#[track_caller]
fn check_language(language: Option<&'static str>, titles: [&str; 3]) {
    let mut entries = chatter();
    for (title, source) in titles.iter().zip(["a", "b", "c"]) {
        entries.push(Post { language, ..post(source, 10, title) });
    }
    let stories = stories(SameStory::Balanced, &entries);
    assert_eq!(stories[3], stories[4], "{titles:?}");
    assert_ne!(stories[3], stories[5], "{titles:?}");
}

#[test]
fn german_french_and_spanish_entries_find_their_stories() {
    check_language(
        Some("de"),
        [
            "Bundeskartellamt prüft Übernahme des Chipherstellers Infinova",
            "Übernahme von Chiphersteller Infinova: Bundeskartellamt leitet Prüfung ein",
            "Neue Züge für die Strecke zwischen Hamburg und Kiel",
        ],
    );
    check_language(
        Some("fr"),
        [
            "La Cnil inflige une amende de 40 millions d'euros à Criteva",
            "Criteva écope d'une amende de 40 millions d'euros de la Cnil",
            "Le musée de Lyon ouvre une exposition sur les robots",
        ],
    );
    check_language(
        Some("es"),
        [
            "Telefónica vende su filial peruana a Integra por 900 millones",
            "Integra compra la filial peruana de Telefónica",
            "El tren nocturno vuelve a circular entre Madrid y Lisboa",
        ],
    );
}

#[test]
fn japanese_and_chinese_entries_find_their_stories() {
    check_language(
        Some("ja"),
        [
            "ソニー、新型ゲーム機「プレイステーション6」を来年発売へ",
            "プレイステーション6、ソニーが来年発売と発表",
            "東京都、電動キックボードの規制を強化",
        ],
    );
    check_language(
        Some("zh"),
        ["华为发布新款折叠屏手机售价一万元", "售价一万元：华为新款折叠屏手机正式发布", "上海地铁新线路下月开通运营"],
    );
}

#[test]
fn titles_that_a_source_makes_by_a_pattern_stay_apart() {
    let mut entries = chatter();
    for (i, gadget) in ["kettle", "lantern", "violin", "turbine"].iter().enumerate() {
        entries.push(post("a", 10 + i as i64, &format!("Frobnicator gadget corner tries a {gadget} today")));
    }
    let stories = stories(SameStory::Eager, &entries);
    assert_ne!(stories[5], stories[6]);
}

#[test]
fn a_text_that_says_little_joins_nothing() {
    let short = |source, title| Post { text: "One two three four five.".to_owned(), ..post(source, 5, title) };
    check(SameStory::Eager, &[short("a", "Lantern"), short("a", "Violin"), short("b", "Turbine")], &[0, 1, 2]);
}

#[test]
fn sources_that_allow_duplicates_stay_alone() {
    let title = "Maker unveils its folding phone";
    let alone = Post { allow_duplicates: true, ..post("b", 5, title) };
    check(SameStory::Eager, &[post("a", 0, title), alone, post("c", 9, title)], &[0, 1, 0]);
}

#[test]
fn a_persons_word_wins_over_every_score() {
    let (a, b, c) = (
        post("a", 0, "Maker unveils its folding phone"),
        post("b", 5, "Maker unveils its folding phone"),
        post("c", 9, "Nothing like it"),
    );
    let constraints =
        Constraints { must: vec![(key(&c), key(&a))], cannot: vec![(key(&b), key(&a))], ..Constraints::default() };
    let mut clusterer = Clusterer::new(Settings::default(), &constraints);
    let placed: Vec<Placement> = [&a, &b, &c].map(|post| place(&mut clusterer, post)).into();
    assert_ne!(placed[1].story, placed[0].story);
    assert_eq!(placed[2].story, placed[0].story);
    assert_eq!(placed[2].reason, Reason::ByHand);
}

#[test]
fn a_title_that_every_source_has_makes_no_runaway() {
    let sources: Vec<&'static str> = (0..300).map(|i| &*Box::leak(format!("s{i}").into_boxed_str())).collect();
    let entries: Vec<Post> =
        sources.iter().zip(0..).map(|(source, i)| post(source, i, "Links of the day for everyone")).collect();
    for mode in [SameStory::Exact, SameStory::Eager] {
        let mut clusterer = clusterer(mode);
        entries.iter().for_each(|post| take_in(&mut clusterer, post));
        let found = clusterer.cluster();
        assert!(!found.stopped.is_empty());
        assert_largest(&found.placed, 40);
    }
}

#[track_caller]
fn assert_largest(placed: &[Placement], limit: usize) {
    let mut sizes = std::collections::BTreeMap::new();
    for placement in placed {
        *sizes.entry(placement.story).or_insert(0) += 1;
    }
    assert!(sizes.values().all(|size| *size <= limit), "{:?}", sizes.values().max());
}

#[test]
fn five_hundred_entries_with_one_summary_make_no_runaway() {
    let subjects = ["harbour", "kettle", "violin", "glacier", "turbine", "orchard", "lantern"];
    let mut clusterer = clusterer(SameStory::Eager);
    for i in 0..500 {
        let title = format!("{} {} number {i}", subjects[i % 7], subjects[(i / 7) % 7]);
        let text = "Sign up for our newsletter and never miss a story from our award-winning desk".to_owned();
        take_in(&mut clusterer, &Post { text, ..post("a", i as i64, &title) });
    }
    let placed = clusterer.cluster().placed;
    assert_largest(&placed, 40);
}

#[test]
fn empty_short_and_huge_titles_are_placed() {
    let huge = "phone ".repeat(2_000);
    let mut clusterer = clusterer(SameStory::Eager);
    for (i, title) in ["", " ", "Phone", "…", huge.as_str(), huge.as_str(), "\u{202e}x", "#"].iter().enumerate() {
        place(&mut clusterer, &post("a", i as i64, title));
        place(&mut clusterer, &post("b", i as i64, title));
    }
    assert_eq!(clusterer.len(), 16);
}

#[test]
fn a_future_date_counts_as_now_and_does_not_empty_the_window() {
    let mut clusterer = clusterer(SameStory::Exact);
    clusterer.advance(Timestamp::from_second(1_767_225_600 + 3600).unwrap());
    let title = "Maker unveils its folding phone";
    let first = place(&mut clusterer, &post("a", 0, title));
    let future = place(&mut clusterer, &post("b", 10_000_000, title));
    assert_eq!(future.story, first.story);
    assert_eq!(clusterer.len(), 2);
}

#[test]
fn an_archive_sent_again_costs_nothing_and_moves_nothing() {
    let mut clusterer = clusterer(SameStory::Balanced);
    place(&mut clusterer, &post("a", 0, "Maker unveils its folding phone"));
    for i in 0..300 {
        place(&mut clusterer, &post("b", -100_000 - i, &format!("Old story number {i} about phones")));
    }
    assert_eq!(clusterer.len(), 1);
}

#[test]
fn the_window_moves_on() {
    let mut clusterer = clusterer(SameStory::Balanced);
    for i in 0..1_000 {
        place(&mut clusterer, &post("a", i * 60, &format!("word{i} thing{i} other{i} story")));
    }
    assert_eq!(clusterer.len(), 73);
}

#[test]
fn a_restored_window_goes_on_as_if_it_had_never_stopped() {
    let entries: Vec<Post> = mixed(60);
    let whole = stories(SameStory::Balanced, &entries);
    let mut clusterer = clusterer(SameStory::Balanced);
    let mut handles = std::collections::BTreeMap::new();
    let (head, tail) = entries.split_at(40);
    let known = stories(SameStory::Balanced, head);
    for (post, story) in head.iter().zip(&known) {
        let handle = *handles.entry(*story).or_insert_with(|| clusterer.story());
        let (key, url) = (key(post), Url::parse(&post.url).unwrap());
        clusterer.restore(&input(post, &key, &url), handle);
    }
    for (i, post) in tail.iter().enumerate() {
        let placed = place(&mut clusterer, post);
        let mates: Vec<usize> = (0..40).filter(|at| whole[*at] == whole[40 + i]).collect();
        for mate in mates {
            assert_eq!(handles[&known[mate]], placed.story, "{}", post.title);
        }
    }
}

#[test]
fn published_stories_are_not_absorbed() {
    let mut clusterer = clusterer(SameStory::Eager);
    for post in mixed(60) {
        take_in(&mut clusterer, &post);
        let found = clusterer.cluster();
        assert_eq!(found.absorbed, []);
        found.placed.iter().for_each(|placed| clusterer.mark_published(placed.story));
    }
}

#[test]
fn lookback_is_a_setting() {
    let settings = Settings { lookback: SignedDuration::from_hours(1), ..Settings::default() };
    let mut clusterer = Clusterer::new(settings, &Constraints::default());
    let title = "Maker unveils its folding phone";
    let first = place(&mut clusterer, &post("a", 0, title));
    assert_ne!(place(&mut clusterer, &post("b", 61, title)).story, first.story);
}

/// Entries of a few sources on a few subjects, in an order that mixes them.
fn mixed(count: usize) -> Vec<Post> {
    let subjects = [
        "Peloton recalls exercise bikes over faulty seats",
        "Rokid unveils display-free glasses",
        "Orbital tug reaches the moon",
        "Chipmaker Infinova cuts jobs in Dresden",
        "Regulator fines Criteva over cookies",
    ];
    let tails = ["", ", report says", " after months of delay", ": what it means", " in surprise move"];
    (0..count)
        .map(|i| {
            let source = ["a", "b", "c", "d"][i % 4];
            post(source, i as i64 * 7, &format!("{}{}", subjects[i * 3 % 5], tails[i * 7 % 5]))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_titles_are_placed_and_twice_alike(
        titles in prop::collection::vec(("\\PC{0,60}", 0..3_usize, 0..5_000_i64), 1..30),
    ) {
        let entries: Vec<Post> =
            titles.iter().map(|(title, source, minute)| post(["a", "b", "c"][*source], *minute, title)).collect();
        for mode in [SameStory::Exact, SameStory::Balanced, SameStory::Eager] {
            prop_assert_eq!(stories(mode, &entries), stories(mode, &entries));
        }
    }

    #[test]
    fn the_order_of_constraints_does_not_matter(turn in 0..6_usize) {
        let entries = mixed(12);
        let mut cannot: Vec<(EntryKey, EntryKey)> =
            (0..6).map(|i| (key(&entries[i]), key(&entries[11 - i]))).collect();
        let run = |cannot: Vec<(EntryKey, EntryKey)>| {
            let constraints = Constraints { cannot, ..Constraints::default() };
            let mut clusterer = Clusterer::new(Settings::default(), &constraints);
            entries.iter().map(|post| place(&mut clusterer, post).story).collect::<Vec<_>>()
        };
        let straight = run(cannot.clone());
        cannot.rotate_left(turn);
        let turned: Vec<_> = cannot.into_iter().map(|(a, b)| (b, a)).collect();
        prop_assert_eq!(straight, run(turned));
    }
}

/// Which entries are together, whatever their stories are called.
fn groups(entries: &[Post], stories: &[usize]) -> std::collections::BTreeSet<Vec<String>> {
    let mut by_story: std::collections::BTreeMap<usize, Vec<String>> = std::collections::BTreeMap::new();
    for (post, story) in entries.iter().zip(stories) {
        by_story.entry(*story).or_default().push(post.guid.clone());
    }
    by_story
        .into_values()
        .map(|mut guids| {
            guids.sort();
            guids
        })
        .collect()
}

#[test]
fn the_order_within_a_pass_does_not_matter() {
    let entries = mixed(40);
    for mode in [SameStory::Balanced, SameStory::Eager] {
        let want = groups(&entries, &stories(mode, &entries));
        assert!(want.len() < 40 && want.len() > 4, "some are together, not all: {want:?}");
        for turn in [1, 7, 19, 33] {
            let mut turned = entries.clone();
            turned.rotate_left(turn);
            assert_eq!(groups(&turned, &stories(mode, &turned)), want, "turned by {turn}");
            turned.reverse();
            assert_eq!(groups(&turned, &stories(mode, &turned)), want, "turned round");
        }
    }
}

#[test]
fn two_large_stories_are_not_made_one_but_reported() {
    let news = "Peloton recalls 2.2 million exercise bikes over faulty seats";
    for (each, want_stopped) in [(13, 1), (6, 0)] {
        let mut clusterer = clusterer(SameStory::Balanced);
        let handles = [clusterer.story(), clusterer.story()];
        for (n, handle) in (0..2 * each).map(|n| (n, handles[usize::from(n >= each)])) {
            let source: &'static str = Box::leak(format!("s{n}").into_boxed_str());
            let post = post(source, n, &format!("{news}, outlet {}says", "o".repeat(n as usize + 2)));
            let (key, url) = (key(&post), Url::parse(&post.url).unwrap());
            clusterer.restore(&input(&post, &key, &url), handle);
        }
        take_in(&mut clusterer, &post("new", 60, "Peloton recalls exercise bikes over faulty seats after falls"));
        let found = clusterer.cluster();
        assert_eq!(found.stopped.len(), want_stopped, "{each} entries each");
        assert_eq!(found.absorbed.len(), 1 - want_stopped);
    }
}

#[test]
fn a_story_that_was_not_published_is_absorbed_with_a_reason() {
    let mut clusterer = clusterer(SameStory::Balanced);
    for post in chatter() {
        take_in(&mut clusterer, &post);
    }
    let handles = [clusterer.story(), clusterer.story()];
    let known = [
        post("a", 10, "Peloton recalls exercise bikes over faulty seats"),
        post("b", 20, "Peloton recalls bikes: seats faulty"),
    ];
    for (post, handle) in known.iter().zip(handles) {
        let (key, url) = (key(post), Url::parse(&post.url).unwrap());
        clusterer.restore(&input(post, &key, &url), handle);
    }
    take_in(&mut clusterer, &post("c", 30, "Peloton recalls exercise bikes with faulty seats"));
    let found = clusterer.cluster();
    let [absorbed] = &found.absorbed[..] else { panic!("{:?}", found.absorbed) };
    assert_eq!((absorbed.gone, absorbed.into), (handles[1], handles[0]));
    assert!(matches!(absorbed.reason, Reason::Similar { .. }));
    assert_eq!(found.placed.last().unwrap().story, handles[0]);
}
