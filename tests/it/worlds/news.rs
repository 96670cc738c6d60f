//! What happens in a world, and how honest sources tell of it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

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

/// A post as it stands in a feed.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) guid: String,
    pub(super) link: String,
    pub(super) title: String,
    pub(super) text: String,
    /// When it comes into the feed.
    pub(super) pass: usize,
    pub(super) published: Timestamp,
    /// Elements beside the usual ones.
    pub(super) more: String,
}

/// A feed's head.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) link: String,
    pub(super) more: String,
}

fn link_of(id: &str, number: usize) -> String {
    format!("https://{id}.example/news/{number}")
}

/// Elements of a post that say something of itself.
fn honest_more(random: &mut Random, link: &str) -> String {
    let mut more = String::new();
    if random.once_in(3) {
        write!(more, "<category>{}</category>", random.words(1)).unwrap();
    }
    if random.once_in(4) {
        write!(more, "<comments>{link}#comments</comments>").unwrap();
    }
    if random.once_in(4) {
        write!(more, "<dc:creator>{}</dc:creator>", coined(random)).unwrap();
    }
    if random.once_in(6) {
        more += "<cc:license>https://creativecommons.org/licenses/by/4.0/</cc:license>";
    }
    more
}

/// A document of RSS.
pub(super) fn rss(head: &Head, posts: &[&Post]) -> String {
    let Head { title, link, more } = head;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:rsl=\"https://rslstandard.org/rsl\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
         xmlns:cc=\"http://backend.userland.com/creativeCommonsRssModule\">\n<channel><title>{}</title><link>{}</link>{more}\n",
        escaped(title),
        escaped(link)
    );
    for post in posts {
        let Post { guid, link, title, text, published, more, .. } = post;
        writeln!(
            out,
            "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid><pubDate>{}</pubDate>\
             <description>{}</description>{more}</item>",
            escaped(title),
            escaped(link),
            escaped(guid),
            published.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            escaped(text)
        )
        .unwrap();
    }
    out + "</channel></rss>\n"
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The honest sources of a world: what they post in each pass.
pub(super) struct Honest {
    pub(super) ids: Vec<&'static str>,
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
                    more: honest_more(random, &link_of(id, number)),
                });
            }
        }
        Self { ids, posts }
    }

    /// All posts of all sources.
    pub(super) fn all(&self) -> impl Iterator<Item = &Post> {
        self.posts.iter().flatten()
    }

    /// What each source answers in a pass.
    pub(super) fn documents(&self, pass: usize) -> Vec<(&'static str, String)> {
        let of = |(id, posts): (&&'static str, &Vec<Post>)| {
            let posts: Vec<&Post> = posts.iter().filter(|post| post.pass <= pass).collect();
            (*id, rss(&head_of(id), &posts))
        };
        self.ids.iter().zip(&self.posts).map(of).collect()
    }
}

pub(super) fn head_of(id: &str) -> Head {
    Head { title: format!("The {id} paper"), link: format!("https://{id}.example/"), more: String::new() }
}
