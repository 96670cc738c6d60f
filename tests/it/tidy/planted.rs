//! Violations planted in a small house: each is found, in each of its spellings, and what is right is not.

use std::collections::BTreeMap;

use super::paths::{self, Ground, Page};
use super::rules::{complaints, empty_homes};
use super::shape::Shape;
use super::tree::parse;

/// A house in which nothing is wrong.
const HOUSE: [(&str, &str); 9] = [
    ("lib.rs", "mod model; mod text; mod store; mod gather; mod weave; mod publish; mod cli;"),
    ("model/mod.rs", "mod entry; pub use entry::Entry;"),
    ("model/entry.rs", "pub struct Entry; pub fn now() {}"),
    ("text/mod.rs", "mod hash; pub(crate) use hash::hash;"),
    ("text/hash.rs", "pub(crate) fn hash() {} pub(crate) mod deep { pub(crate) fn dig() {} }"),
    ("gather/mod.rs", "mod run; mod fetch; pub use run::{gather, Outcome};"),
    ("gather/run.rs", "use reqwest_like::Thing; pub async fn gather() {} pub enum Outcome {}"),
    ("gather/fetch/mod.rs", "pub(crate) use reqwest::Client;"),
    ("weave/mod.rs", "mod stage;"),
];

fn house(planted: &[(&str, &str)]) -> Vec<super::tree::File> {
    let files = HOUSE.iter().chain(planted).map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    parse(&files.collect::<BTreeMap<_, _>>())
}

/// The code in this file, complained of with these words.
#[track_caller]
fn caught(path: &str, code: &str, words: &str) {
    let found = complaints(&house(&[(path, code)]));
    assert!(
        found.iter().any(|line| line.starts_with(path) && line.contains(words)),
        "{path}: {code}\nfound: {found:?}"
    );
}

#[track_caller]
fn accepted(path: &str, code: &str) {
    assert_eq!(complaints(&house(&[(path, code)])), Vec::<String>::new(), "{path}: {code}");
}

#[test]
fn the_house_itself_is_right() {
    assert_eq!(complaints(&house(&[])), Vec::<String>::new());
}

#[test]
fn an_import_from_above_or_beside_is_caught_in_every_spelling() {
    for code in [
        "use crate::gather::gather;",
        "use crate::{model::Entry, gather::gather};",
        "use crate::{model::{self, Entry}, text, gather::{Outcome as What}};",
        "use super::super::gather::gather;",
        "use super::super::{gather, model};",
        "use super::super::gather as g; fn f() { g::gather() }",
        "use crate as house; use house::gather::Outcome;",
        "use crate::gather::*;",
        "use crate::{gather::*};",
        "fn f() { crate::gather::gather() }",
        "fn f() -> super::super::gather::Outcome { todo() }",
        "fn f(x: &[Option<crate::gather::Outcome>]) {}",
        "fn f(x: u8) { match x { _ if crate::gather::ok() => {} _ => {} } }",
        "fn f() { vec![crate::gather::gather()]; }",
        "fn f() { assert!(x == crate::gather::Outcome::A, \"{}\", 1); }",
        "fn f() { use crate::gather::gather; gather() }",
        "mod inner { use super::super::super::gather::gather; }",
        "impl From<crate::gather::Outcome> for u8 { fn from(_: crate::gather::Outcome) -> u8 { 1 } }",
        "type O = crate::gather::Outcome;",
        "#[cfg(not(test))] use crate::gather::gather;",
        "#[cfg(test)] mod tests { use crate::gather::gather; } use crate::gather::gather;",
        "pub(crate) use crate::gather::gather;",
        "pub(in crate::gather) fn f() {}",
        "macro_rules! m { () => { crate::gather::gather() } }",
    ] {
        caught("weave/stage.rs", code, "crate::gather");
    }
    caught("text/hash.rs", "use crate::store::Store;", "crate::store");
    caught("publish/x.rs", "use crate::weave::stage;", "crate::weave");
    caught("store/x.rs", "use crate::weave::stage;", "crate::weave");
    caught("gather/x.rs", "use crate::cli::run;", "crate::cli");
    caught("model/x.rs", "use crate::cli::run;", "crate::cli");
    caught("cellar/x.rs", "fn f() {}", "no place in the layering");
}

#[test]
fn what_a_lower_room_passes_on_from_above_is_caught_there_and_behind_it() {
    let planted = [("text/mod.rs", "pub use crate::gather::Outcome;"), ("weave/stage.rs", "use crate::text::Outcome;")];
    let found = complaints(&house(&planted));
    assert!(found.iter().any(|line| line.starts_with("text/mod.rs")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("weave/stage.rs") && line.contains("crate::gather")), "{found:?}");
}

#[test]
fn what_may_be_imported_is_not_complained_of() {
    for code in [
        "use crate::model::Entry; use crate::text::hash; use super::super::model;",
        "#[cfg(test)] mod tests { use crate::gather::gather; fn f() { x.unwrap(); println!() } }",
        "#[cfg(test)] use crate::gather::gather;",
        "fn f() { let gather = 1; gather + 1; }",
        "/// As crate::gather::gather does.\nfn f() { let s = \"crate::gather::gather\"; }",
        "fn f() { x.unwrap_or(1); x.unwrap_or_default(); x.expect(\"why\"); }",
        "fn f(toml: &str) { toml.len(); }",
        "fn f() { let rss = 1; println(rss); }",
        "/// Select what comes from here.\nconst A: &str = \"select the first\"; const B: &str = \"update it\";",
    ] {
        accepted("weave/stage.rs", code);
    }
}

#[test]
fn a_crate_outside_its_home_is_caught_in_every_spelling() {
    for code in [
        "use reqwest::Client;",
        "use reqwest as http;",
        "use reqwest as http; fn f() { http::Client::new(); }",
        "use ::reqwest::Client;",
        "use {reqwest::Client, url::Url};",
        "extern crate reqwest;",
        "extern crate reqwest as http;",
        "fn f() { reqwest::get(); }",
        "fn f() { ::reqwest::get(); }",
        "fn f(client: &reqwest::Client) {}",
        "type C = reqwest::Client;",
        "fn f() { assert!(reqwest::ok()); }",
        "use crate::gather::fetch::Client;",
        "pub use reqwest;",
    ] {
        caught("weave/stage.rs", code, "uses reqwest");
    }
    for (path, code, name) in [
        ("publish/x.rs", "use encoding_rs::UTF_8;", "encoding_rs"),
        ("weave/x.rs", "use chardetng::EncodingDetector;", "chardetng"),
        ("publish/x.rs", "use rustls::ClientConfig;", "rustls"),
        ("gather/plan.rs", "use rusqlite::Connection;", "rusqlite"),
        ("publish/select.rs", "use feed_rs::parser;", "feed_rs"),
        ("gather/run.rs", "use anyhow::Result;", "anyhow"),
        ("publish/x.rs", "use clap::Parser;", "clap"),
        ("gather/x.rs", "use ammonia::Builder;", "ammonia"),
        ("weave/x.rs", "use toml::Table;", "toml"),
        ("publish/x.rs", "use axum::Router;", "axum"),
        ("publish/x.rs", "use rust_stemmers::Stemmer;", "rust_stemmers"),
        ("parse/x.rs", "use quick_xml::Reader;", "quick_xml"),
        ("publish/gate.rs", "use quick_xml::Writer;", "quick_xml::Writer"),
        ("publish/render/x.rs", "use quick_xml::Reader;", "quick_xml::Reader"),
        ("publish/render/x.rs", "use quick_xml as xml; fn f() { xml::Reader::new(); }", "quick_xml::Reader"),
        ("publish/x.rs", "use std::process::Command;", "std::process::Command"),
        ("publish/x.rs", "fn f() { std::env::var(\"HOME\"); }", "std::env"),
        ("publish/x.rs", "use std::net::TcpStream;", "std::net"),
    ] {
        caught(path, code, name);
    }
}

#[test]
fn reading_a_clock_is_caught_in_every_spelling() {
    for code in [
        "use jiff::Timestamp; fn f() { Timestamp::now(); }",
        "fn f() { jiff::Timestamp::now(); }",
        "use jiff::Timestamp as Time; fn f() { Time::now(); }",
        "use jiff::{self, Zoned}; fn f() { Zoned::now(); }",
        "use std::time::SystemTime; fn f() { SystemTime::now(); }",
        "use std::time; fn f() { time::SystemTime::now(); }",
        "type T = jiff::Timestamp; fn f() { T::now(); }",
        "fn f() { <jiff::Timestamp>::now(); }",
        "fn f() { let g = jiff::Timestamp::now; }",
        "fn f() { x.unwrap_or_else(jiff::Timestamp::now); }",
        "fn f() { format!(\"{}\", jiff::Timestamp::now()); }",
        "use jiff::*; fn f() { Timestamp::now(); }",
        "#[cfg(test)] mod tests {} fn f() { jiff::Timestamp::now(); }",
    ] {
        caught("gather/plan.rs", code, "the calendar's clock");
    }
    for code in [
        "use std::time::Instant; fn f() { Instant::now(); }",
        "use std::time::Instant as Watch; fn f() { Watch::now(); }",
        "fn f() { std::time::Instant::now(); }",
        "fn f() { tokio::time::Instant::now(); }",
    ] {
        caught("weave/stage.rs", code, "a stopwatch");
    }
    accepted("weave/stage.rs", "use crate::model::now; fn f() { now(); }");
    accepted("gather/plan.rs", "use std::time::Instant; fn f() { Instant::now(); }");
}

#[test]
fn printing_is_caught_in_every_spelling() {
    for code in [
        "fn f() { println!(\"x\"); }",
        "fn f() { std::println!(\"x\"); }",
        "fn f() { eprint!(\"x\"); }",
        "fn f() { dbg!(1); }",
    ] {
        caught("weave/stage.rs", code, "prints");
    }
    caught("weave/stage.rs", "fn f() { std::io::stdout(); }", "std::io::stdout");
    caught("weave/stage.rs", "use std::io; fn f() { io::stderr(); }", "std::io::stderr");
    caught("weave/stage.rs", "use std::io::{self as out}; fn f() { out::stdout(); }", "std::io::stdout");
    accepted("cli/x.rs", "fn f() { println!(\"x\"); }");
}

#[test]
fn async_outside_its_homes_is_caught_in_every_spelling() {
    for code in [
        "async fn f() {}",
        "fn f() { let x = async { 1 }; }",
        "fn f() { let x = async move { 1 }; }",
        "fn f() { let x = async || 1; }",
        "trait T { async fn f(); }",
        "struct S; impl S { async fn f() {} }",
        "fn f() { m!(async { x.await }); }",
    ] {
        caught("publish/x.rs", code, "is async");
        caught("parse/x.rs", code, "is async");
    }
    accepted("gather/x.rs", "async fn f() { g().await }");
}

#[test]
fn unwrapping_is_caught_in_every_spelling() {
    for code in [
        "fn f() { x.unwrap(); }",
        "fn f() { x\n  .y()\n  .unwrap(); }",
        "fn f() { Option::unwrap(x); }",
        "fn f() { x.map(Result::unwrap); }",
        "fn f() { <Option<u8>>::unwrap(x); }",
        "fn f() { format!(\"{}\", x.unwrap()); }",
        "fn f() { x.unwrap_err(); }",
        "#[cfg(test)] mod tests { } fn f() { x.unwrap(); }",
    ] {
        caught("gather/x.rs", code, "unwraps");
    }
    caught("gather/late.rs", "#[cfg(test)]\nfn only_for_tests() {}\n\nfn f() { x.unwrap(); }", "late.rs:4 unwraps");
}

#[test]
fn sql_outside_the_store_is_caught() {
    for code in [
        "fn f() { x(\"SELECT id FROM entry\"); }",
        "fn f() { x(\"\n  select id\n  from entry\"); }",
        "const A: &str = \"INSERT INTO entry VALUES (1)\";",
        "const A: &str = \"PRAGMA integrity_check\";",
        "fn f() { format!(\"UPDATE entry SET id = {}\", 1); }",
        "fn f() { concat!(\"DELETE FROM entry\"); }",
    ] {
        caught("gather/x.rs", code, "holds SQL");
    }
    accepted("store/x.rs", "const A: &str = \"SELECT id FROM entry\";");
}

#[test]
fn a_home_that_nothing_lives_in_is_found() {
    let empty = |code| empty_homes(&house(&[("text/charset.rs", code)]));
    let complains = |found: &[String]| found.iter().any(|line| line.contains("text/charset.rs uses chardetng"));
    assert!(complains(&empty("fn f() {}")));
    assert!(complains(&empty("#[cfg(test)] use chardetng::Detector;")), "tests do not count");
    assert!(!complains(&empty("use chardetng::Detector;")));
    assert!(!complains(&empty("fn f() { chardetng::detect(); }")));
}

#[test]
fn an_exception_that_nothing_needs_is_found() {
    let complaints = shape(&[]).complaints();
    assert!(complaints.iter().any(|line| line.contains("nothing needs the exception")), "{complaints:?}");
}

/// What one of the shape's findings is, of this house with these files.
fn shape(planted: &[(&str, &str)]) -> Shape {
    Shape::of(&house(planted))
}

#[test]
fn circles_of_files_are_computed() {
    let two =
        shape(&[("weave/a.rs", "use super::b::B; pub struct A;"), ("weave/b.rs", "use super::a::A; pub struct B;")]);
    assert_eq!(two.circles.len(), 1, "{two:?}");
    let three = shape(&[
        ("weave/a.rs", "fn f(x: super::b::B) {} pub struct A;"),
        ("weave/b.rs", "use crate::weave::c::C; pub struct B;"),
        ("weave/c.rs", "fn f() { crate::weave::a::A; } pub struct C;"),
    ]);
    assert_eq!(three.circles.iter().next().map(Vec::len), Some(3), "{three:?}");
    let by_the_door = shape(&[
        ("weave/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("weave/a.rs", "use super::B; pub struct A;"),
        ("weave/b.rs", "use super::A; pub struct B;"),
    ]);
    assert_eq!(by_the_door.circles.iter().next().map(Vec::len), Some(2), "through the door: {by_the_door:?}");
    let line = shape(&[("weave/a.rs", "use super::b::B; pub struct A;"), ("weave/b.rs", "pub struct B;")]);
    assert!(line.circles.is_empty(), "{line:?}");
    let for_tests = [
        ("weave/a.rs", "use super::b::B; pub struct A;"),
        ("weave/b.rs", "pub struct B; #[cfg(test)] mod tests { use super::super::a::A; }"),
    ];
    assert!(shape(&for_tests).circles.is_empty());
}

#[test]
fn bare_bools_are_counted() {
    for code in [
        "fn f(all: bool) {}",
        "fn f(x: u8, all: &bool) {}",
        "struct S; impl S { fn f(&self, all: bool) {} }",
        "trait T { fn f(&self, all: bool); }",
        "mod inner { pub(super) fn f(mut all: bool) {} }",
    ] {
        assert_eq!(shape(&[("weave/a.rs", code)]).bools.len(), 1, "{code}");
    }
    for code in [
        "fn f() -> bool { true }",
        "struct S { all: bool }",
        "fn f(x: Option<bool>) {}",
        "#[cfg(test)] fn f(all: bool) {}",
    ] {
        assert!(shape(&[("weave/a.rs", code)]).bools.is_empty(), "{code}");
    }
}

#[test]
fn long_files_long_functions_and_working_doors_are_found() {
    let long = format!("fn f() {{\n{}}}\n", "    g();\n".repeat(59));
    assert_eq!(shape(&[("weave/a.rs", &long)]).long_functions.len(), 1);
    let fits = format!("fn f() {{\n{}}}\n", "    g();\n".repeat(58));
    assert!(shape(&[("weave/a.rs", &fits)]).long_functions.is_empty());
    let many = "fn f() {}\n".repeat(401);
    assert_eq!(shape(&[("weave/a.rs", &many)]).long_files.len(), 1);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(401));
    assert!(shape(&[("weave/a.rs", &tests)]).long_files.is_empty());
    assert_eq!(shape(&[("weave/mod.rs", "mod a; fn work() {}")]).working_doors.len(), 1);
    assert!(shape(&[("weave/mod.rs", "//! Doc.\n\nmod a;\n\npub(crate) use a::A;")]).working_doors.is_empty());
}

#[test]
fn paths_that_lead_nowhere_are_found_in_pages_links_trees_and_comments() {
    let ground = || {
        let files =
            ["src/weave/stage.rs", "src/weave/cluster/linkage.rs", "src/text/hash.rs", "docs/config.md", "README.md"];
        Ground::new(files.map(str::to_owned))
    };
    let found = |path: &str, text: &str| {
        let page = Page { path: path.to_owned(), text: text.to_owned() };
        paths::complaints(&page, &ground()).len()
    };
    for (path, text) in [
        ("ARCHITECTURE.md", "read `src/weave/gone.rs`"),
        ("ARCHITECTURE.md", "in weave/gone, and"),
        ("ARCHITECTURE.md", "in `gone.rs`."),
        ("ARCHITECTURE.md", "`src/weave/{stage,gone}.rs`"),
        ("ARCHITECTURE.md", "src/\n  weave/   it weaves\n    gone.rs, stage.rs   it does\n```"),
        ("ARCHITECTURE.md", "src/\n  weave/\n    cluster/   stage.rs\n      stage.rs   not in this folder\n```"),
        ("docs/config.md", "[it](operating.md)"),
        ("docs/config.md", "[it](README.md)"),
        ("docs/config.md", "[it](../docs/gone.md#at)"),
        ("README.md", "see docs/gone.md."),
        ("src/weave/stage.rs", "//! as `hash.rs` does"),
        ("src/weave/stage.rs", "fn f() {} // as weave/gone.rs does"),
        ("src/weave/stage.rs", "/// docs/cases.md says"),
    ] {
        assert_ne!(found(path, text), 0, "{path}: {text}");
    }
    for (path, text) in [
        ("ARCHITECTURE.md", "`src/weave/stage.rs`, weave/cluster/linkage and `linkage.rs`"),
        ("ARCHITECTURE.md", "src/\n  weave/   it weaves\n    stage.rs, cluster/   it does\n                 gone\n```"),
        ("docs/config.md", "[it](../README.md#top), [here](#at), [there](https://a.example/gone.md), `data/gone.rs/x`"),
        ("docs/config.md", "min/max, HTTP/2, 1/2, s/ID, /etc/gone.md, target/release/feedloom, feed.xml"),
        ("src/weave/stage.rs", "//! as `linkage.rs` and text/hash.rs do\nlet x = \"weave/gone.rs\";"),
    ] {
        assert_eq!(found(path, text), 0, "{path}: {text}");
    }
}
