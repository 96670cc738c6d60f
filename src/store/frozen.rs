//! The stored bytes of every persisted form. None of them changes with a name in the program: a database that was
//! written by one release is read by the next.

use rusqlite::Connection;
use url::Url;

use super::extra::{extra_column, read_into};
use super::page_rights::{rights, rights_column};
use super::reason::{reason, reason_column};
use super::{CorrectionKind, DueRule, HubWish, LeftState, Taken, columns};
use crate::model::{
    Enclosure, Entry, EntryKey, Grounds, Markup, Origin, PageRights, Person, Reason, Signal, SignalKind, SourceId,
    StoryId, TitleOrigin, Via,
};
use crate::rights::Given;
use crate::text::TextSketch;

fn address(path: &str) -> Url {
    Url::parse(&format!("https://a.example/{path}")).unwrap()
}

fn key(guid: &str) -> EntryKey {
    EntryKey { source: SourceId::new("a").unwrap(), guid: guid.to_owned() }
}

/// One row with one column, read by `read`.
fn read_back<T>(column: &str, stored: Option<&str>, read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> T {
    let conn = Connection::open_in_memory().unwrap();
    conn.query_row(&format!("SELECT ?1 AS {column}"), [stored], read).unwrap()
}

#[test]
fn reasons_are_stored_by_frozen_codes() {
    let cases = [
        (Reason::Opened, None),
        (
            Reason::SameAddress { address: "a.example/1".to_owned() },
            Some(r#"{"rule":"same_address","address":"a.example/1"}"#),
        ),
        (Reason::LinksTo { address: "a.example/1".to_owned() }, Some(r#"{"rule":"links_to","address":"a.example/1"}"#)),
        (
            Reason::SameTitle { title: "one two".to_owned(), hours_apart: 1.5 },
            Some(r#"{"rule":"same_title","title":"one two","hours_apart":1.5}"#),
        ),
        (
            Reason::Similar {
                score: 0.5,
                nearest: key("g"),
                shared: vec!["x".to_owned()],
                hours_apart: 0.25,
                grounds: Grounds::default(),
            },
            Some(r#"{"rule":"similar","score":0.5,"nearest":["a","g"],"shared":["x"],"hours_apart":0.25}"#),
        ),
        (Reason::Bridged { by: key("g") }, Some(r#"{"rule":"bridged","by":["a","g"]}"#)),
        (Reason::Recovered, Some(r#"{"rule":"recovered"}"#)),
        (
            Reason::EditedAway { from: "abcdefghijklmnop".to_owned() },
            Some(r#"{"rule":"edited_away","from":"abcdefghijklmnop"}"#),
        ),
        (Reason::ByHand, Some(r#"{"rule":"by_hand"}"#)),
        (
            Reason::SplitByHand { from: "abcdefghijklmnop".to_owned() },
            Some(r#"{"rule":"split_by_hand","from":"abcdefghijklmnop"}"#),
        ),
    ];
    for (value, stored) in cases {
        assert_eq!(reason_column(&value).as_deref(), stored);
        assert_eq!(read_back("reason", stored, reason), value);
    }
}

fn bare() -> Entry {
    Entry::new(key("g"), address(""), "T")
}

#[test]
fn rarer_fields_of_an_entry_are_stored_under_frozen_keys() {
    let full = Entry {
        authors: vec![Person { name: Some("N".to_owned()), email: Some("e".to_owned()), uri: Some("u".to_owned()) }],
        categories: vec!["C".to_owned()],
        enclosures: vec![Enclosure {
            url: address("e"),
            media_type: Some("audio/mpeg".to_owned()),
            length_bytes: Some(7),
        }],
        image: Some(address("i")),
        language: Some("de".to_owned()),
        rights: Some("r".to_owned()),
        license: Some(address("l")),
        comments: Some(address("c")),
        via: Some(Via { title: Some("V".to_owned()), url: Some(address("v")), site: None }),
        title_origin: TitleOrigin::Made,
        is_cut: true,
        ..bare()
    };
    let stored = concat!(
        r#"{"authors":[{"name":"N","email":"e","uri":"u"}],"categories":["C"],"#,
        r#""enclosures":[{"url":"https://a.example/e","media_type":"audio/mpeg","length_bytes":7}],"#,
        r#""image":"https://a.example/i","language":"de","rights":"r","license":"https://a.example/l","#,
        r#""comments":"https://a.example/c","via":{"title":"V","url":"https://a.example/v"},"title_made":true,"cut":true}"#,
    );
    for (entry, stored) in [(full, stored), (bare(), "")] {
        assert_eq!(extra_column(&entry), stored);
        let mut back = bare();
        read_back("extra", Some(stored), |row| read_into(row, &mut back));
        assert_eq!(back, entry);
    }
}

#[test]
fn what_a_page_says_of_rights_is_stored_under_frozen_keys() {
    let full = PageRights {
        robots: vec!["noindex".to_owned()],
        is_free: Some(false),
        licenses: vec![address("l")],
        rsl: vec![address("rsl.xml")],
        tdm_reservation: Some(true),
        statement: Some("(c)".to_owned()),
    };
    let stored = concat!(
        r#"{"robots":["noindex"],"is_free":false,"licenses":["https://a.example/l"],"#,
        r#""rsl":["https://a.example/rsl.xml"],"tdm_reservation":true,"rights":"(c)"}"#,
    );
    for (value, stored) in [(full, Some(stored)), (PageRights::default(), None)] {
        assert_eq!(rights_column(&value).as_deref(), stored);
        assert_eq!(read_back("page_rights", stored, |row| rights(row, "page_rights")), value);
    }
}

#[test]
fn signals_are_stored_by_frozen_codes() {
    use Origin::{Config, Entry, Feed, FeedHeader, Page, PageHeader, RobotsTxt, Site};
    let kinds = [
        (SignalKind::AccessRestriction, "access_restriction"),
        (SignalKind::FeedRobots, "feed_robots"),
        (SignalKind::Block, "block"),
        (SignalKind::License, "license"),
        (SignalKind::Rights, "rights"),
        (SignalKind::MediaRights, "media_rights"),
        (SignalKind::MediaRestriction, "media_restriction"),
        (SignalKind::Rsl, "rsl"),
        (SignalKind::RslDocument, "rsl_document"),
        (SignalKind::Robots, "robots"),
        (SignalKind::TdmReservation, "tdm_reservation"),
        (SignalKind::ContentUsage, "content_usage"),
        (SignalKind::ContentSignal, "content_signal"),
        (SignalKind::AccessibleForFree, "accessible_for_free"),
    ];
    let origins = [
        (Feed, "feed"),
        (Entry, "entry"),
        (FeedHeader, "feed_header"),
        (RobotsTxt, "robots_txt"),
        (Page, "page"),
        (PageHeader, "page_header"),
        (Site, "site"),
        (Config, "feeds_toml"),
    ];
    for (kind, kind_code) in kinds {
        for (origin, origin_code) in origins {
            let signals = [Signal::new(kind, origin, "v\"")];
            let stored = format!(r#"[["{kind_code}","{origin_code}","v\""]]"#);
            assert_eq!(columns::signals_column(&signals), stored);
            assert_eq!(read_back("signals", Some(&stored), |row| columns::signals(row, "signals")), signals);
        }
    }
    assert_eq!(columns::signals_column(&[]), "");
}

#[test]
fn kinds_of_text_and_of_corrections_are_stored_by_frozen_codes() {
    assert_eq!(columns::markup_columns(None), (0, None));
    assert_eq!(columns::markup_columns(Some(&Markup::Text("t".to_owned()))), (1, Some("t")));
    assert_eq!(columns::markup_columns(Some(&Markup::Html("h".to_owned()))), (2, Some("h")));
    assert_eq!([CorrectionKind::Split, CorrectionKind::Join].map(CorrectionKind::as_str), ["split", "join"]);
}

#[test]
fn rules_of_the_schedule_are_stored_by_frozen_codes() {
    let rules = [
        (DueRule::FirstTime, "first-time"),
        (DueRule::Every, "every"),
        (DueRule::Rhythm, "rhythm"),
        (DueRule::Silent, "silent"),
        (DueRule::MaxAge, "max-age"),
        (DueRule::Expires, "expires"),
        (DueRule::FeedHint, "feed-hint"),
        (DueRule::Backoff, "backoff"),
        (DueRule::Dead, "dead"),
        (DueRule::Floor, "floor"),
        (DueRule::RetryAfter, "retry-after"),
        (DueRule::TooManyRequests, "too-many-requests"),
        (DueRule::HostHold, "host-hold"),
        (DueRule::Forbidden, "forbidden"),
        (DueRule::Challenge, "challenge"),
        (DueRule::Robots, "robots"),
        (DueRule::Gone, "gone"),
        (DueRule::GoneForGood, "gone-for-good"),
        (DueRule::SkipHours, "skip-hours"),
        (DueRule::SkipDays, "skip-days"),
        (DueRule::ClockGuard, "clock-guard"),
        (DueRule::EveryRun, "every-run"),
    ];
    for (rule, code) in rules {
        assert_eq!(rule.code(), code);
        assert_eq!(DueRule::from_code(code), Some(rule));
    }
}

#[test]
fn what_became_of_stories_that_programs_rewrite_is_stored_by_frozen_codes() {
    let states = [LeftState::Forbidden, LeftState::Waiting, LeftState::Failed, LeftState::GivenUp];
    assert_eq!(states.map(LeftState::code), ["forbidden", "waiting", "failed", "given_up"]);
    for (given, code) in [(Given::Excerpt, "excerpt"), (Given::Text, "text")] {
        assert_eq!(given.code(), code);
        assert_eq!(Given::from_code(code), Some(given));
    }
}

#[test]
fn what_a_hub_was_asked_is_stored_by_frozen_codes() {
    for (wish, code) in [(HubWish::Subscribe, "subscribe"), (HubWish::Unsubscribe, "unsubscribe")] {
        assert_eq!(wish.code(), code);
        assert_eq!(HubWish::from_code(code), Some(wish));
    }
}

/// The database and the journal beside it hold these.
#[test]
fn a_takedown_is_stored_by_frozen_codes() {
    let time = jiff::Timestamp::from_second(1_700_000_000).unwrap();
    let sketch = TextSketch::of("A maker unveils a folding phone, at last").unwrap();
    let cases = [
        (Taken::Story(StoryId::parse("abcdefghijklmnop").unwrap()), "story", "abcdefghijklmnop"),
        (Taken::Article(address("1")), "article", "https://a.example/1"),
        (Taken::Prefix(address("news/")), "prefix", "https://a.example/news/"),
        (Taken::Entry(key("g h")), "entry", "a g h"),
        (Taken::Text(sketch), "text", "7:2ee121ad77955c3b7f0ea6f8a92e0d2bad1e1a14c170e210e791ba6d"),
        (Taken::After(time), "after", "1700000000"),
        (Taken::Spared(key("g")), "spared", "a g"),
    ];
    for (taken, kind, value) in cases {
        assert_eq!(taken.to_columns(), (kind, value.into()));
        assert_eq!(Taken::from_columns(kind, value), Some(taken));
    }
}
