//! This machine reaches nobody; and which exit code stands for what.

use std::fs;
use std::net::TcpListener;

use super::home::{HEAD, Home, KITES, OWLS, ok, rss};
use crate::publisher::{Publisher, Response};

const README: &str = include_str!("../../../README.md");

/// Sources on ports where nobody listens, and the listeners that could.
fn nobody(names: &[&str]) -> (Home, Vec<TcpListener>) {
    let listeners: Vec<TcpListener> = names.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<u16> = listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
    let urls: Vec<String> = ports.iter().map(|port| format!("http://127.0.0.1:{port}/f")).collect();
    let sources: Vec<(&str, &str)> = names.iter().copied().zip(urls.iter().map(String::as_str)).collect();
    (Home::new(&sources), listeners)
}

fn run(home: &Home, time: &str) -> super::home::Done {
    home.does(&["run", "--now", &format!("2026-03-{time}:00Z")])
}

#[test]
fn an_outage_is_told_once_counts_against_nobody_and_is_over_once() {
    let (home, listeners) = nobody(&["owls", "kites", "bats", "eels"]);
    let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
    drop(listeners);
    let lost =
        run(&home, "02T01:00").exits(1).says(&["offline 4 sources not reached", "refused", "owls, kites, bats, eels"]);
    assert_eq!(lost.said.matches("refused").count(), 1, "one cause, once: {}", lost.said);
    run(&home, "02T01:10").exits(0).silent();
    run(&home, "02T01:31").exits(0).silent();
    run(&home, "03T07:00").exits(0).silent();
    let status = home.does(&["status", "--json", "--now", "2026-03-03T07:01:00Z"]).exits(0).json();
    for source in status["sources"].as_array().unwrap() {
        assert_eq!((&source["failures"], &source["next_due"]), (&0.into(), &"2026-03-03T07:30:00Z".into()));
    }
    assert_eq!(status["offline_since"], "2026-03-02T01:00:00Z");
    // Cron is running, and nothing was ever fetched.
    let told = home.does(&["status", "--now", "2026-03-03T07:01:00Z"]).exits(0).prints(&[
        "4 sources: 4 new; offline since 2026-03-02 01:00 UTC (30 h): no run has reached anybody\n",
        "  hint: check the network and the proxy, then: feedloom run --all\n",
    ]);
    assert!(!told.out.contains("cron") && !told.out.contains("never run"), "{}", told.out);
    let back: Vec<Publisher> = addresses
        .iter()
        .map(|address| {
            let listener = TcpListener::bind(address).unwrap();
            Publisher::on(listener, |_| ok(&rss("owls", OWLS)))
        })
        .collect();
    run(&home, "03T07:31").exits(0).says(&["back    online: offline since 2026-03-02 01:00 UTC"]);
    assert!(home.path("data/public/feed.xml").exists());
    run(&home, "03T09:31").exits(0).silent();
    let status = home.does(&["status", "--now", "2026-03-03T09:32:00Z"]).exits(0);
    let status = status.prints(&["4 sources: 4 ok; last run "]);
    assert!(!status.out.contains("offline") && !status.out.contains("hint"), "{}", status.out);
    drop(back);
    // Days later the network is down and cron has stopped as well.
    run(&home, "04T09:31").exits(1).says(&["offline"]);
    home.does(&["status", "--now", "2026-03-04T09:32:00Z"])
        .prints(&["4 ok; offline since 2026-03-04 09:31 UTC (60 s)"]);
    home.does(&["status", "--now", "2026-03-09T09:32:00Z"]).prints(&["4 ok; last run 6 d ago: is cron running?\n"]);
}

#[test]
fn a_name_that_nobody_knows_is_an_outage_also_for_one_source() {
    let home = Home::new(&[("owls", "http://owls.invalid/f")]);
    run(&home, "02T01:00").exits(1).says(&["offline 1 source not reached", "owls.invalid"]);
    run(&home, "02T01:31").exits(0).silent();
}

#[test]
fn servers_that_are_down_are_no_outage_while_others_answer() {
    let (home, listeners) = nobody(&["owls", "kites", "bats"]);
    drop(listeners);
    let publisher = Publisher::start();
    publisher.script("/f", [ok(&rss("eels", KITES))]);
    let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
    home.write("feeds.toml", &format!("{text}\n[[source]]\nid = \"eels\"\nurl = \"{}\"\n", publisher.url("/f")));
    run(&home, "02T01:00").exits(0).silent();
    let status = home.does(&["status", "--json"]).exits(0).json();
    let failures: Vec<_> = status["sources"].as_array().unwrap().iter().map(|s| s["failures"].as_u64()).collect();
    assert_eq!(failures, [Some(1), Some(1), Some(1), Some(0)]);
}

/// Words of README.md, the code, the sources by id and address, and the command.
type Row<'a> = (&'a str, i32, &'a [(&'a str, &'a str)], &'a [&'a str]);

/// The table of exit codes in README.md is what happens.
#[test]
fn exit_codes_are_those_of_the_readme() {
    let line = README.split("Exit codes: ").nth(1).unwrap().split("\n\n").next().unwrap().replace('\n', " ");
    let publisher = Publisher::start();
    publisher.script("/good", [ok(&rss("owls", OWLS))]);
    publisher.script("/bad", [Response::new(500, &[], b"")]);
    let (good, bad) = (publisher.url("/good"), publisher.url("/bad"));
    let table: [Row<'_>; 6] = [
        ("0 the outputs are current", 0, &[("owls", &good), ("kites", &bad)], &["run"]),
        ("1 all that was asked failed", 1, &[("kites", &bad)], &["run"]),
        ("2 wrong usage or feeds.toml", 2, &[("kites", "no address")], &["run"]),
        ("2 wrong usage or feeds.toml", 2, &[("owls", &good)], &["run", "--all", "--with", "other.toml"]),
        ("3 with `--strict`, a source failed", 3, &[("owls", &good), ("kites", &bad)], &["run", "--strict"]),
        ("0 the outputs are current", 0, &[("owls", &good)], &["run", "--offline"]),
    ];
    for (words, code, sources, command) in table {
        assert!(line.contains(words), "README.md does not say {words:?}: {line}");
        let home = Home::new(sources);
        let done = home.does(command).exits(code);
        assert!(code != 1 || !done.said.is_empty(), "{code} without a word");
    }
    assert!(line.contains("75 another run is in progress"));
    let home = Home::new(&[("owls", &good)]);
    home.does(&["run"]).exits(0);
    let lock = fs::File::options().write(true).open(home.path("data/feedloom.db.lock")).unwrap();
    lock.lock().unwrap();
    home.does(&["run"]).exits(75);
}

#[test]
fn what_is_not_due_is_no_failure_also_where_nothing_ever_came() {
    let publisher = Publisher::start();
    publisher.script("/bad", [Response::new(500, &[], b"")]);
    let home = Home::new(&[("kites", &publisher.url("/bad"))]);
    run(&home, "02T01:00").exits(1).says(&["failed  kites"]);
    run(&home, "02T01:05").exits(0).silent();
}

#[test]
fn one_source_that_is_gone_is_no_failure_of_runs_in_which_nobody_else_is_due() {
    let publisher = Publisher::start();
    publisher.script("/good", [ok(&rss("owls", OWLS))]);
    publisher.script("/gone", [Response::new(404, &[], b"")]);
    let home = Home::empty();
    let source = |id: &str, path: &str, every: &str| {
        format!("\n[[source]]\nid = \"{id}\"\nurl = \"{}\"\nevery = \"{every}\"\n", publisher.url(path))
    };
    home.write("feeds.toml", &(HEAD.to_owned() + &source("owls", "/good", "6h") + &source("kites", "/gone", "5m")));
    run(&home, "02T01:00").exits(0);
    let mut alone = 0;
    for time in ["02T01:15", "02T01:35", "02T02:30", "02T04:00"] {
        publisher.take_asked();
        run(&home, time).exits(0);
        let asked = publisher.take_asked();
        let of = |path: &str| asked.iter().any(|asked| asked.head().contains(path));
        alone += usize::from(of("/gone") && !of("/good"));
    }
    assert!(alone > 0, "kites was asked alone at least once");
    publisher.script("/good", [Response::new(500, &[], b"")]);
    run(&home, "03T08:00").exits(1).says(&["failed  kites"]);
}

/// Row 8 of the marks: many hosts, few descriptors.
#[test]
fn no_source_fails_where_descriptors_are_few_and_few_connections_are_open() {
    const HOSTS: usize = 500;
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let _publisher = Publisher::on(listener, |_| ok(&rss("owls", OWLS)));
    let sources: Vec<(String, String)> = (0..HOSTS)
        .flat_map(|n| {
            let host = format!("127.1.{}.{}", n / 250, n % 250 + 1);
            // Every tenth host has two.
            let paths = if n % 10 == 0 { &["a", "b"][..] } else { &["a"] };
            paths.iter().map(move |path| (format!("s{n}{path}"), format!("http://{host}:{port}/{path}")))
        })
        .collect();
    let pairs: Vec<(&str, &str)> = sources.iter().map(|(id, url)| (id.as_str(), url.as_str())).collect();
    let home = Home::new(&pairs);
    let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
    home.write("feeds.toml", &text.replace("allow = [\"127.0.0.1\"]", "allow = [\"127.0.0.0/8\"]\nparallelism = 32"));
    let mut command = std::process::Command::new("sh");
    let script = "ulimit -n 200; exec \"$0\" run --all --json --now 2026-03-02T01:00:00Z";
    command.current_dir(home.folder.path()).args(["-c", script, env!("CARGO_BIN_EXE_feedloom")]);
    let mut child = command.stdout(fs::File::create(home.path("out.json")).unwrap()).spawn().unwrap();
    let folder = format!("/proc/{}/fd", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let open = fs::read_dir(&folder).into_iter().flatten().filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
        most = most.max(open.filter(|to| to.to_string_lossy().starts_with("socket:")).count());
    }
    assert!(child.wait().unwrap().success());
    let done: serde_json::Value = serde_json::from_slice(&fs::read(home.path("out.json")).unwrap()).unwrap();
    let read = done["sources"].as_array().unwrap().iter().filter(|source| source["outcome"] == "read").count();
    assert_eq!(read, HOSTS + HOSTS / 10);
    assert!(most <= 2 * 32 + 8, "{most} sockets were open");
}
