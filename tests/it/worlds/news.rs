//! What happens in a world, and how honest sources tell of it.

use jiff::{SignedDuration, Timestamp};

use super::documents::{Claim, Format, Head, Post};
use crate::random::Random;

const DEEDS: [&str; 12] = [
    "unveils",
    "recalls",
    "sues over",
    "patents",
    "delays",
    "opens",
    "buys",
    "sells",
    "cancels",
    "ships",
    "loses",
    "doubles the price of",
];
const THINGS: [&str; 12] = [
    "rocket engine",
    "chess computer",
    "electric ferry",
    "password manager",
    "mail server",
    "laser printer",
    "battery plant",
    "search engine",
    "robot gardener",
    "video codec",
    "hearing aid",
    "payment card",
];

/// Something that happened, of which everybody tells under one headline: which words make a story of two headlines is
/// not what these worlds are about.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// The headline.
    pub(super) title: String,
    detail: String,
}

impl Event {
    pub(super) fn happens(random: &mut Random) -> Self {
        let (maker, place) = (coined(random), coined(random));
        let title =
            format!("{maker} {} the {} {} of {place}", random.one_of(&DEEDS), coined(random), random.one_of(&THINGS));
        Self { title, detail: (0..9).map(|_| coined(random)).collect::<Vec<_>>().join(" ") }
    }

    /// A text of it, with some words that are an outlet's own.
    pub(super) fn text(&self, random: &mut Random) -> String {
        let own: Vec<String> = (0..9).map(|_| coined(random)).collect();
        format!("{}, it was learned today. {}. {}.", self.title, self.detail, own.join(" "))
    }
}

/// A name that nothing else has.
fn coined(random: &mut Random) -> String {
    let mut name: String = (0..4).map(|_| random.one_of(&SYLLABLES)).collect();
    name[..1].make_ascii_uppercase();
    name
}

const SYLLABLES: [&str; 20] = [
    "ba", "dor", "fen", "gim", "hul", "jas", "kor", "lim", "mot", "nar", "pel", "quo", "rus", "sim", "tav", "und",
    "vex", "wol", "yar", "zed",
];

fn link_of(id: &str, number: usize) -> String {
    format!("https://{id}.example/news/{number}")
}

/// What a post says of itself.
fn honest_claims(random: &mut Random, link: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    if random.once_in(3) {
        claims.push(Claim::Category(random.words(1)));
    }
    if random.once_in(4) {
        claims.push(Claim::Comments(format!("{link}#comments")));
    }
    if random.once_in(4) {
        claims.push(Claim::Author(coined(random)));
    }
    if random.once_in(6) {
        claims.push(Claim::License("https://creativecommons.org/licenses/by/4.0/".to_owned()));
    }
    claims
}

/// The honest sources of a world: what they post in each pass.
pub(super) struct Honest {
    pub(super) ids: Vec<&'static str>,
    formats: Vec<Format>,
    posts: Vec<Vec<Post>>,
}

/// Between two passes.
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Honest {
    /// Three sources, of which two or three tell of some events, each in its way.
    pub(super) fn make(random: &mut Random, began: Timestamp, passes: usize) -> Self {
        let ids = vec!["alpha", "beta", "gamma"];
        let mut posts: Vec<Vec<Post>> = vec![Vec::new(); ids.len()];
        for number in 0..6 + random.below(8) {
            let event = Event::happens(random);
            let first = random.below(passes);
            for (id, posts) in ids.iter().zip(&mut posts) {
                if !random.once_in(if number % 3 == 0 { 2 } else { 3 }) {
                    continue;
                }
                let pass = (first + random.below(2)).min(passes - 1);
                let came = began + HOUR * i32::try_from(pass).unwrap();
                let link = link_of(id, number);
                posts.push(Post {
                    guid: if random.once_in(2) { link.clone() } else { format!("{id}-{number}") },
                    link,
                    title: event.title.clone(),
                    text: event.text(random),
                    pass,
                    published: came - SignedDuration::from_mins(1 + random.below(50) as i64),
                    claims: honest_claims(random, &link_of(id, number)),
                });
            }
        }
        let formats = ids.iter().map(|_| Format::ALL[random.below(3)]).collect();
        Self { ids, formats, posts }
    }

    /// All posts of all sources.
    pub(super) fn all(&self) -> impl Iterator<Item = &Post> {
        self.posts.iter().flatten()
    }

    /// What each source answers in a pass.
    pub(super) fn documents(&self, pass: usize) -> Vec<(&'static str, String)> {
        let of = |((id, format), posts): ((&&'static str, &Format), &Vec<Post>)| {
            let posts: Vec<&Post> = posts.iter().filter(|post| post.pass <= pass).collect();
            (*id, format.document(&head_of(id), &posts))
        };
        self.ids.iter().zip(&self.formats).zip(&self.posts).map(of).collect()
    }
}

pub(super) fn head_of(id: &str) -> Head {
    Head { title: format!("The {id} paper"), link: format!("https://{id}.example/"), claims: Vec::new() }
}
