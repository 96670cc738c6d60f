//! Three honest sources and a liar: whatever the liar does, what the others publish is as it would be without it.

use serde_json::Value;

use super::liar::{LIAR, Liar, Lies};
use super::news::{HOUR, Honest};
use super::newsroom::{Newsroom, began, worlds};
use crate::random::Random;

const PASSES: usize = 5;

/// The world with the liar and the same without it, pass by pass.
fn complaints_of(number: u64, lies: Lies) -> Vec<String> {
    let mut random = Random::of_world(number);
    let honest = Honest::make(&mut random, began(), PASSES);
    let kind = random.one_of(&["", "", "weight = 9"]);
    let sources = |keys| vec![("alpha", ""), ("beta", ""), ("gamma", ""), (LIAR, keys)];
    let toml = Newsroom::toml_of(&sources(kind), "[[output]]\nfile = \"feed.json\"\n");
    let (mut clean, mut lied) = (Newsroom::new(&toml), Newsroom::new(&toml));
    let mut liar = Liar::new(lies, random);
    for pass in 0..PASSES {
        let now = began() + HOUR * i32::try_from(pass).unwrap();
        let mut documents = honest.documents(pass);
        clean.pass(&documents, now);
        let lies = liar.document(&honest, pass, now);
        // Who is asked first is chance.
        documents.insert(if number.is_multiple_of(2) { 0 } else { 3 }, (LIAR, lies));
        lied.pass(&documents, now);
        let complaints = compared(&clean.items(), &lied.items());
        if !complaints.is_empty() {
            return [vec![format!("{kind} pass {pass}")], complaints].concat();
        }
    }
    Vec::new()
}

#[test]
fn nothing_that_a_liar_claims_changes_what_others_publish() {
    worlds(24, |number| complaints_of(number, Lies::Claims));
}

#[test]
fn nothing_that_a_liar_links_changes_what_others_publish() {
    worlds(24, |number| complaints_of(number, Lies::Addresses));
}

#[test]
fn nothing_that_a_liar_copies_changes_what_others_publish() {
    worlds(24, |number| complaints_of(number, Lies::Words));
}

/// What differs for the honest.
fn compared(clean: &[Value], lied: &[Value]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut places = Vec::new();
    for item in clean {
        let Some(at) = lied.iter().position(|other| other["url"] == item["url"] && !is_of_liar_alone(other)) else {
            let credits = |other: &&Value| sources_of(other).any(|source| source["url"] == item["url"]);
            let home = lied.iter().find(credits).map_or("nothing".to_owned(), |other| {
                let all: Vec<String> = sources_of(other)
                    .map(|source| format!("{} {} {}", source["url"], source["date_published"], source["title"]))
                    .collect();
                format!(
                    "{} {} {}\n    {}",
                    other["url"],
                    other["title"],
                    other["_feedloom"]["coverage"],
                    all.join("\n    ")
                )
            });
            complaints
                .push(format!("{} is gone: {} {}\n  in {home}", item["url"], item["title"], item["date_published"]));
            continue;
        };
        places.push(at);
        for key in KEYS {
            let (want, got) = (own(key, &item[key]), own(key, &lied[at][key]));
            if want != got {
                complaints.push(format!("{}: {key}\n  is {got}\n  not {want}", item["url"]));
            }
        }
    }
    if !places.is_sorted() {
        complaints.push(format!("another order: {places:?}"));
    }
    complaints
}

/// What an item consists of.
const KEYS: [&str; 11] = [
    "title",
    "external_url",
    "summary",
    "date_published",
    "date_modified",
    "image",
    "authors",
    "tags",
    "language",
    "attachments",
    "_feedloom",
];

/// A value of an item without what is credited to the liar.
fn own(key: &str, value: &Value) -> Value {
    let mut value = value.clone();
    if key == "_feedloom" {
        let sources = value["sources"].as_array().cloned().unwrap_or_default();
        let honest = sources.into_iter().filter(|source| !is_liars(source));
        return honest.map(|source| source["url"].clone()).collect();
    }
    value.take()
}

fn sources_of(item: &Value) -> impl Iterator<Item = &Value> {
    item["_feedloom"]["sources"].as_array().into_iter().flatten()
}

fn is_of_liar_alone(item: &Value) -> bool {
    sources_of(item).all(is_liars)
}

fn is_liars(source: &Value) -> bool {
    source["id"] == LIAR
}
