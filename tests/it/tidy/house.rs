//! The program against its own rules.

use std::fs;
use std::path::Path;
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

/// What a person sees first of the project; hidden files and what is built or gathered here do not count.
const TOP: [&str; 20] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "THIRD-PARTY.txt",
    "benches",
    "clippy.toml",
    "contrib",
    "deny.toml",
    "docs",
    "feeds.toml",
    "quality",
    "rustfmt.toml",
    "src",
    "tests",
];

#[test]
fn nothing_is_left_lying_at_the_top() {
    let names = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_ours = |name: &String| TOP.contains(&name.as_str()) || ["data", "target"].contains(&name.as_str());
    let left: Vec<String> = names.filter(|name| !name.starts_with('.') && !is_ours(name)).collect();
    hold(&left);
}
