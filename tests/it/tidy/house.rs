//! The program against its own rules.

use std::sync::LazyLock;

use super::rules::{complaints, empty_homes};
use super::shape::Shape;
use super::table::{CRATES, ROOMS};
use super::tree::{File, program};

static PROGRAM: LazyLock<Vec<String>> = LazyLock::new(|| complaints(&program()));

#[track_caller]
fn hold(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_name_is_used_where_it_may_be() {
    hold(&PROGRAM);
}

#[test]
fn every_home_has_someone_living_in_it() {
    hold(&empty_homes(&program()));
}

#[test]
fn files_functions_and_signatures_keep_their_measure() {
    hold(&Shape::of(&program()).complaints());
}

#[test]
fn every_dependency_has_a_home() {
    let manifest: toml::Table = include_str!("../../../Cargo.toml").parse().unwrap();
    let wanted = manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_"));
    let homeless: Vec<String> = wanted.filter(|name| !CRATES.iter().any(|(known, _)| known == name)).collect();
    hold(&homeless);
}

#[test]
fn every_room_lies_below_what_may_import_it() {
    let files: Vec<File> = program();
    for (at, (room, below)) in ROOMS.iter().enumerate() {
        // model and text know each other; all others form a line.
        let later = below.iter().filter(|other| ROOMS[at + 1..].iter().any(|(name, _)| name == *other));
        let later: Vec<&&str> = later.filter(|other| !(*room == "model" && **other == "text")).collect();
        assert!(later.is_empty(), "{room} imports {later:?}, which lies above it");
    }
    let rooms: std::collections::BTreeSet<&str> = files.iter().map(File::room).collect();
    assert!(rooms.len() > 10, "{rooms:?}");
}
