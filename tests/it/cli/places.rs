//! Where things are, who may read them, and what the program is made of.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::home::{HEAD, Home, OWLS};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_users_own_configuration_has_its_data_in_the_users_data_folder() {
    let home = Home::empty();
    let feed = home.feed("owls.xml", OWLS);
    home.write("conf/feedloom/feeds.toml", &format!("{HEAD}\n[[source]]\nurl = \"{feed}\"\n"));
    let run = |words: &[&str]| {
        let mut command = home.command(words);
        command.env("XDG_CONFIG_HOME", home.path("conf")).env("XDG_DATA_HOME", home.path("share"));
        assert!(command.output().unwrap().status.success(), "{words:?}");
    };
    run(&["run", "--now", "2026-03-02T01:00:00Z"]);
    assert!(home.path("share/feedloom/feedloom.db").exists());
    assert!(home.path("share/feedloom/public/feed.xml").exists());
    assert!(!home.path("conf/feedloom/data").exists());
    // Named by its path it is the same file; a copy elsewhere is not.
    run(&["--config", home.path("conf/feedloom/feeds.toml").to_str().unwrap(), "status"]);
    fs::copy(home.path("conf/feedloom/feeds.toml"), home.path("feeds.toml")).unwrap();
    run(&["run", "--now", "2026-03-02T01:00:00Z"]);
    assert!(home.path("data/feedloom.db").exists());
    // What is beside it already stays there.
    fs::remove_dir_all(home.path("share")).unwrap();
    fs::rename(home.path("data"), home.path("conf/feedloom/data")).unwrap();
    fs::remove_file(home.path("feeds.toml")).unwrap();
    run(&["run", "--now", "2026-03-02T02:00:00Z"]);
    assert!(!home.path("share").exists());
}

#[test]
fn the_mode_of_outputs_is_that_of_feeds_toml_whatever_the_umask() {
    let home = Home::empty();
    let feed = home.feed("owls.xml", OWLS);
    let source = format!("\n[[source]]\nurl = \"{feed}\"\n");
    let files = ["feed.xml", "index.html", "sources.opml"].map(|name| home.path(&format!("data/public/{name}")));
    for (number, (publish, want, folder)) in
        [("mode = \"0640\"", 0o640, 0o750), ("mode = \"0600\"", 0o600, 0o750)].into_iter().enumerate()
    {
        home.write("feeds.toml", &format!("{HEAD}\n[publish]\n{publish}\n{source}"));
        let run =
            format!("umask 077; exec {} run --now 2026-03-02T0{}:00:00Z", env!("CARGO_BIN_EXE_feedloom"), number + 1);
        let mut shell = Command::new("sh");
        assert!(shell.current_dir(home.folder.path()).args(["-c", &run]).output().unwrap().status.success());
        for file in &files {
            assert_eq!(mode(file), want, "{publish}: {}", file.display());
        }
        assert_eq!(mode(&home.path("data/public")), folder);
    }
    for bad in ["0444", "0755", "0888", "rw"] {
        home.write("feeds.toml", &format!("{HEAD}\n[publish]\nmode = \"{bad}\"\n{source}"));
        home.does(&["check"]).exits(2).says(&["is no mode of a file that its owner can write", "0640"]);
    }
}

#[test]
fn every_crate_of_the_program_is_named_with_its_licence() {
    let tree = ["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "-f", "{p}"];
    let done = Command::new(env!("CARGO")).current_dir(env!("CARGO_MANIFEST_DIR")).args(tree).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let tree = String::from_utf8(done.stdout).unwrap();
    let name = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
    };
    let crates: BTreeSet<(String, String)> =
        tree.lines().filter_map(name).filter(|(name, _)| name != "feedloom").collect();
    assert!(crates.len() > 100, "{}", crates.len());
    let told = Home::empty().does(&["licenses"]).exits(0).out;
    for (name, version) in crates {
        let line = format!("\n{name} {version}: ");
        assert!(told.contains(&line), "{name} {version} is missing: quality/licenses.py writes THIRD-PARTY.txt anew");
    }
    for text in ["Permission is hereby granted", "Apache License", "Mozilla Public License", "ISC"] {
        assert!(told.contains(text), "{text}");
    }
    Home::empty().does(&["licenses", "--short"]).exits(0).prints(&["serde ", "feedloom: MIT OR Apache-2.0"]);
}

#[test]
fn what_init_writes_names_its_schema() {
    let home = Home::empty();
    home.does(&["init"]).exits(0);
    let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
    assert!(text.starts_with("#:schema feeds.schema.json\n"), "{text}");
    assert!(home.does(&["schema"]).exits(0).json()["properties"]["publish"].is_object());
}
