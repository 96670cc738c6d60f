//! Three honest sources and a liar: whatever the liar does, what the others publish is as it would be without it.

use super::compared::compared;
use super::liar::{LIAR, Liar, Lies};
use super::news::{HOUR, Honest};
use super::newsroom::{Newsroom, began, worlds};
use crate::random::Random;

/// The world with the liar and the same without it, pass by pass.
fn complaints_of(number: u64, lies: Lies) -> Vec<String> {
    let mut random = Random::of_world(number);
    // Dates count while a story waits for others; the weight of a source counts more than any date.
    let (passes, kind, settle) = match lies {
        Lies::Dates => (14, "", "settle = \"8h\"\n"),
        _ => (5, random.one_of(&["", "", "weight = 9"]), ""),
    };
    let honest = Honest::make(&mut random, began(), if settle.is_empty() { passes } else { 5 });
    let sources = |keys| vec![("alpha", ""), ("beta", ""), ("gamma", ""), (LIAR, keys)];
    let toml = Newsroom::toml_of(&sources(kind), &format!("{settle}[[output]]\nfile = \"feed.json\"\n"));
    let (mut clean, mut lied) = (Newsroom::new(&toml), Newsroom::new(&toml));
    let mut liar = Liar::new(lies, random);
    for pass in 0..passes {
        let now = began() + HOUR * i32::try_from(pass).unwrap();
        let mut documents = honest.documents(pass);
        clean.pass(&documents, now);
        let lies = liar.document(&honest, pass, now);
        // Who is asked first is chance.
        documents.insert(if number.is_multiple_of(2) { 0 } else { 3 }, (LIAR, lies));
        lied.pass(&documents, now);
        if (number + pass as u64).is_multiple_of(3) {
            lied.restart();
        }
        let has_news = honest.all().any(|post| post.pass <= pass);
        let mut complaints = Vec::new();
        if settle.is_empty() && has_news && clean.items().is_empty() {
            complaints.push("nothing was published".to_owned());
        }
        complaints.extend(compared(&clean.items(), &lied.items(), liar.told()));
        if !complaints.is_empty() {
            return [vec![format!("{kind} pass {pass}")], complaints].concat();
        }
    }
    if clean.items().is_empty() && honest.all().next().is_some() {
        vec!["nothing was published".to_owned()]
    } else {
        Vec::new()
    }
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

#[test]
fn nothing_that_a_liar_dates_changes_what_others_publish() {
    worlds(8, |number| complaints_of(number, Lies::Dates));
}
