//! The same over real HTTP: a liar that answers with whatever a server can say. It redirects to others, pretends to have
//! moved, states rights in headers and robots.txt, asks for rests, and takes all of it back.

use std::fs;
use std::net::Ipv4Addr;
use std::process::Command;

use jiff::Timestamp;
use tempfile::TempDir;

use super::compared::compared;
use super::documents::rss;
use super::liar::{LIAR, Liar, Lies};
use super::news::{HOUR, Honest, head_of};
use super::newsroom::{Newsroom, began, worlds};
use crate::publisher::{Publisher, Response};
use crate::random::Random;

const PASSES: usize = 5;
const IDS: [&str; 4] = ["alpha", "beta", "gamma", LIAR];

/// A server for each source, and two folders with a feeds.toml that names them.
struct Web {
    servers: Vec<Publisher>,
    clean: TempDir,
    lied: TempDir,
}

impl Web {
    fn new() -> Self {
        // No host has a part in another's answers: each has an address of its own.
        let servers: Vec<Publisher> = (1..=4).map(|last| Publisher::start_at(Ipv4Addr::new(127, 0, 3, last))).collect();
        let allowed = "[fetch]\nallow = [\"127.0.0.0/8\"]\nspacing = \"0s\"\n[[output]]\nfile = \"feed.json\"\n";
        let mut toml = Newsroom::toml_of(&[], allowed);
        for (id, server) in IDS.iter().zip(&servers) {
            toml += &format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n", server.url("/feed"));
            if *id != LIAR {
                toml += &format!("site = \"https://{id}.example/\"\n");
            }
        }
        let [clean, lied] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for folder in [&clean, &lied] {
            fs::write(folder.path().join("feeds.toml"), &toml).unwrap();
        }
        Self { servers, clean, lied }
    }

    fn honest(&self, documents: &[(&str, String)]) {
        for (server, (_, document)) in self.servers.iter().zip(documents) {
            server.script("/feed", [well(&[], document)]);
            // Only the liar leads there.
            server.script("/rest", [Response::new(429, &[("Retry-After", b"600000")], b"")]);
            server.script("/gone", [Response::new(410, &[], b"")]);
        }
    }
}

fn pass(folder: &TempDir, now: Timestamp) -> Vec<String> {
    let done = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .current_dir(folder.path())
        .args(["run", "--all", "--now", &now.to_string()])
        .output()
        .unwrap();
    let is_well = done.status.code() == Some(0);
    if is_well { Vec::new() } else { vec![format!("{}: {}", done.status, String::from_utf8_lossy(&done.stderr))] }
}

fn items(folder: &TempDir) -> Vec<serde_json::Value> {
    let Ok(text) = fs::read_to_string(folder.path().join("data/public/feed.json")) else { return Vec::new() };
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["items"].as_array().unwrap().clone()
}

fn well(headers: &[(&str, &[u8])], document: &str) -> Response {
    let kind: (&str, &[u8]) = ("Content-Type", b"application/rss+xml");
    Response::new(200, &[headers, &[kind]].concat(), document.as_bytes())
}

/// What the liar's server says in one pass. Whoever answers for it, its words are `document`.
fn lie(random: &mut Random, web: &Web, document: &str) {
    let [server, others @ ..] = [&web.servers[3], &web.servers[0], &web.servers[1], &web.servers[2]];
    let other = others[random.below(3)];
    let to = match random.below(5) {
        0 | 1 => other.url("/feed"),
        2 => other.url("/rest"),
        3 => other.url("/gone"),
        _ => server.url("/elsewhere"),
    };
    let hub = format!("<{}>; rel=\"hub\", <{}>; rel=\"self\"", other.url("/hub"), other.url("/feed"));
    let headers: [(&str, &[u8]); 10] = [
        ("X-Robots-Tag", b"noindex, noarchive, none"),
        ("TDM-Reservation", b"1"),
        ("Content-Usage", b"train-ai=n, search=n"),
        ("Link", hub.as_bytes()),
        ("Content-Location", to.as_bytes()),
        ("Cache-Control", b"max-age=600000"),
        ("Retry-After", b"600000"),
        ("ETag", b"\"1\""),
        ("Set-Cookie", b"a=b; Domain=127.0.3.1"),
        ("Content-Language", b"xx"),
    ];
    let said: Vec<_> = headers.into_iter().filter(|_| random.once_in(4)).collect();
    server.script("/elsewhere", [well(&said, document)]);
    server.script("/feed", [answer(random, &to, &said, document)]);
    let robots = match random.below(5) {
        0 => Response::new(301, &[("Location", other.url("/robots.txt").as_bytes())], b""),
        1 => Response::new(200, &[], b"User-agent: *\nDisallow: /\nContent-Usage: train-ai=n\n"),
        2 => Response::new(200, &[], b"User-agent: *\nCrawl-delay: 86400\nLicense: https://liar.example/rsl.xml\n"),
        3 => Response::new(503, &[("Retry-After", b"600000")], b""),
        _ => Response::new(404, &[], b""),
    };
    server.script("/robots.txt", [robots]);
}

fn answer(random: &mut Random, to: &str, said: &[(&str, &[u8])], document: &str) -> Response {
    let location = [said, &[("Location", to.as_bytes())]].concat();
    match random.below(10) {
        0..5 => well(said, document),
        5 => Response::new(301, &location, b""),
        6 => Response::new([302, 307, 308][random.below(3)], &location, b""),
        7 => Response::new([410, 404, 429, 503, 451, 304][random.below(6)], said, b""),
        8 => Response::hang_up(),
        _ => well(said, &document[..document.len() / 2]),
    }
}

/// A world with the liar and the same in which it says nothing, pass by pass.
fn complaints_of(number: u64, lies: Lies) -> Vec<String> {
    let mut random = Random::of_world(number);
    let honest = Honest::make(&mut random, began(), PASSES);
    let web = Web::new();
    let mut liar = Liar::new(lies, Random::of_world(number + 1_000));
    let mut told = Vec::new();
    for number in 0..PASSES {
        let now = began() + HOUR * i32::try_from(number).unwrap();
        let documents = honest.documents(number);
        let lies = liar.document(&honest, number, now);
        web.honest(&documents);
        web.servers[3].script("/feed", [well(&[], &rss(&head_of(LIAR), &[]))]);
        web.servers[3].script("/robots.txt", [Response::new(404, &[], b"")]);
        let mut complaints = pass(&web.clean, now);
        lie(&mut random, &web, &lies);
        complaints.extend(pass(&web.lied, now));
        // Its address leads to the feeds of others: what these say, it says, too.
        told.extend(liar.told().iter().chain(honest.all()).cloned());
        complaints.extend(compared(&items(&web.clean), &items(&web.lied), &told));
        if !complaints.is_empty() {
            return [vec![format!("pass {number}")], complaints].concat();
        }
    }
    if items(&web.clean).is_empty() { vec!["nothing was published".to_owned()] } else { Vec::new() }
}

#[test]
fn nothing_that_the_server_of_a_liar_answers_changes_what_others_publish() {
    worlds(3, |number| complaints_of(number, Lies::Claims));
}

#[test]
fn nothing_that_the_server_of_a_liar_links_changes_what_others_publish() {
    worlds(3, |number| complaints_of(number, Lies::Addresses));
}
