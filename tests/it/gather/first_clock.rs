//! The clock of a first run, through the binary: there is no earlier run to compare it with, so that most servers decide.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, net::Ipv4Addr};

use tempfile::TempDir;

use crate::publisher::{Publisher, Response};

const NOW: &str = "2026-11-02T10:00:00Z";

/// A feeds.toml with a source for each word of `hosts`: the year that the source's server says, or `-` for none, or `x`
/// for a page that is not there but has the date of 2019; each text is a host of its own.
struct World {
    folder: TempDir,
    hosts: Vec<Publisher>,
}

impl World {
    fn new(hosts: &[&str]) -> Self {
        let mut text = "title = \"First\"\n\n[fetch]\nallow = [\"127.0.0.0/8\"]\nspacing = \"0s\"\n".to_owned();
        let mut all = Vec::new();
        for (number, years) in (1_u8..).zip(hosts) {
            let host = Publisher::start_at(Ipv4Addr::new(127, 0, 0, number));
            for (place, year) in years.split_whitespace().enumerate() {
                let path = format!("/{place}");
                host.script(&path, [answer(year)]);
                write!(text, "\n[[source]]\nid = \"s-{number}-{place}\"\nurl = \"{}\"\n", host.url(&path)).unwrap();
            }
            all.push(host);
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("feeds.toml"), text).unwrap();
        Self { folder, hosts: all }
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.arg("--config").arg(self.path("feeds.toml")).args(words).stdin(Stdio::null());
        command.output().unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn entries(&self) -> usize {
        let done = self.run(&["search", "News", "--json"]);
        String::from_utf8_lossy(&done.stdout).matches("\"story\"").count()
    }
}

fn answer(year: &str) -> Response {
    let date = format!("02 Nov {} 10:00:00 GMT", if year == "x" { "2019" } else { year });
    let mut headers: Vec<(&str, &[u8])> = vec![("Content-Type", b"application/rss+xml")];
    if year != "-" {
        headers.push(("Date", date.as_bytes()));
    }
    let body = b"<rss version=\"2.0\"><channel><title>T</title><item><guid>1</guid>\
                 <link>https://a.example/1</link><title>News of the day</title></item></channel></rss>";
    if year == "x" { Response::new(404, &headers, b"") } else { Response::new(200, &headers, body) }
}

fn has_outputs(folder: &Path) -> bool {
    fs::read_dir(folder.join("data/public")).is_ok_and(|mut files| files.next().is_some())
}

#[track_caller]
fn check(hosts: &[&str], is_refused: bool) {
    for command in ["run", "gather"] {
        let world = World::new(hosts);
        let done = world.run(&[command, "--now", NOW]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(said.contains("more than five years apart"), is_refused, "{command} {hosts:?}: {said}");
        if !is_refused {
            assert!(done.status.success(), "{command} {hosts:?}: {said}");
            continue;
        }
        assert_eq!(done.status.code(), Some(1), "{command} {hosts:?}: {said}");
        assert!(said.contains("--allow-clock") && !said.contains("what was stored stays"), "{said}");
        assert!(!has_outputs(world.folder.path()), "{command} {hosts:?}");
        assert_eq!(world.entries(), 0, "{command} {hosts:?}");
        // Nothing is left of it: the run after it is a first one again, …
        let again = world.run(&[command, "--now", NOW]);
        assert_eq!(again.status.code(), Some(1), "{command} {hosts:?}");
        // … and who means it says so.
        let meant = world.run(&[command, "--now", NOW, "--allow-clock"]);
        let said = String::from_utf8_lossy(&meant.stderr).into_owned();
        assert!(!said.contains("five years"), "{command} {hosts:?}: {said}");
    }
}

#[test]
fn most_servers_that_are_years_away_refuse_a_first_run() {
    check(&["2019"], true);
    check(&["2033"], true);
    check(&["2019", "2019", "2026"], true);
    check(&["2033 2033 2033", "2033", "2026 2026"], true);
    check(&["1970", "1994", "2026"], true);
    check(&["2019 2019 2026"], true);
    check(&["x", "2019"], true);
}

#[test]
fn a_few_servers_with_a_wrong_clock_refuse_nothing() {
    check(&["2026"], false);
    check(&["-"], false);
    check(&["2023", "2030"], false);
    check(&["2019", "2026"], false);
    check(&["2019", "-", "-"], false);
    check(&["2019 2019 2019 2019 2019", "2026", "2026"], false);
}

#[test]
fn a_later_run_is_compared_with_the_last_one_whatever_servers_say() {
    let world = World::new(&["2026"]);
    assert!(world.run(&["run", "--now", NOW]).status.success());
    world.hosts[0].script("/0", [answer("2040")]);
    let done = world.run(&["run", "--all", "--now", "2026-11-03T10:00:00Z"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// With a wrong clock no certificate is valid, and nobody is reached: that says nothing of the clock.
#[test]
fn a_run_that_reached_nobody_is_no_run_to_compare_with() {
    let world = World::new(&["2026"]);
    let text = fs::read_to_string(world.path("feeds.toml")).unwrap();
    let unreachable = text.replace(&world.hosts[0].url("/0"), "http://127.0.0.9:1/0");
    fs::write(world.path("feeds.toml"), unreachable).unwrap();
    assert_eq!(world.run(&["run", "--now", "1970-01-02T00:00:00Z"]).status.code(), Some(1));
    assert_eq!(world.run(&["run", "--now", "2040-01-02T00:00:00Z"]).status.code(), Some(1));
    fs::write(world.path("feeds.toml"), text).unwrap();
    let done = world.run(&["run", "--now", NOW]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(world.entries(), 1);
}

#[test]
fn files_say_nothing_of_the_clock() {
    let world = World::new(&[]);
    let feed = "<rss version=\"2.0\"><channel><item><guid>1</guid><link>https://a.example/1</link>\
                <title>News of the day</title></item></channel></rss>";
    fs::write(world.path("a.xml"), feed).unwrap();
    let source = format!("\n[[source]]\nid = \"a\"\nurl = \"file://{}\"\n", world.path("a.xml").display());
    let text = fs::read_to_string(world.path("feeds.toml")).unwrap();
    fs::write(world.path("feeds.toml"), text + &source).unwrap();
    for now in ["1999-01-01T00:00:00Z", "2050-01-01T00:00:00Z"] {
        let done = world.run(&["run", "--allow-clock", "--now", now]);
        assert!(done.status.success(), "{now}: {}", String::from_utf8_lossy(&done.stderr));
    }
}
