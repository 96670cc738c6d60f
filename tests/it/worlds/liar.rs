//! A source that lies about everything a feed can state.

use jiff::{SignedDuration, Timestamp};

use super::documents::{Claim, Format, Head, Post};
use super::news::{Event, Honest};
use super::newsroom::began;
use crate::random::Random;

/// The liar's id.
pub(super) const LIAR: &str = "liar";

/// What a liar's posts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    /// Its own words at its own addresses, with whatever else a feed can claim.
    Claims,
    /// Its own words, also at the addresses of others.
    Addresses,
    /// The words of others, too, mixed with one another.
    Words,
    /// The words of what others told some hours ago and that is not published yet, dated to before it, also edited into
    /// older posts.
    Dates,
}

/// A source that posts in each pass what suits it, also under guids that it used before.
pub(super) struct Liar {
    random: Random,
    lies: Lies,
    format: Format,
    head: Head,
    posts: Vec<Post>,
    /// All that it ever posted.
    told: Vec<Post>,
}

impl Liar {
    pub(super) fn new(lies: Lies, mut random: Random) -> Self {
        let title =
            random.one_of(&["The liar paper", "The alpha paper", "The a\u{200B}lpha paper", "The \u{0430}lpha paper"]);
        let link = random.one_of(&["https://liar.example/", "https://alpha.example/", "https://beta.example/news/1"]);
        let mut claims = match random.below(8) {
            0 => vec![Claim::License("https://creativecommons.org/licenses/by/4.0/".to_owned())],
            1 => vec![Claim::NoDirectories],
            2 => vec![Claim::Copyright("The alpha paper".to_owned())],
            3 => vec![Claim::SelfLink("https://alpha.example/feed".to_owned())],
            _ => Vec::new(),
        };
        if random.once_in(3) {
            claims.push(Claim::Generator("feedloom".to_owned()));
        }
        let head = Head { title: title.to_owned(), link: link.to_owned(), claims };
        let format = Format::ALL[random.below(3)];
        Self { random, lies, format, head, posts: Vec::new(), told: Vec::new() }
    }

    /// What it answers in a pass. It knows all addresses that the honest have and will have, but of their words only those
    /// that stood in an earlier pass: who is the first to tell something is not to be told from who lied first.
    pub(super) fn document(&mut self, honest: &Honest, pass: usize, now: Timestamp) -> String {
        let targets = Targets {
            addresses: honest.all().map(|post| &*post.link).collect(),
            posts: honest.all().filter(|post| self.knows(post, pass)).collect(),
        };
        if self.lies == Lies::Words && self.random.once_in(8) && pass > 0 {
            return self.redirected(honest, pass - 1);
        }
        if targets.addresses.is_empty() {
            return self.format.document(&self.head, &[]);
        }
        for at in 0..self.posts.len() {
            if self.random.once_in(4) {
                let guid = self.posts[at].guid.clone();
                self.posts[at] = Post { guid, ..self.lie(&targets, now) };
            }
        }
        if self.random.once_in(6) {
            self.posts.clear();
        }
        if self.random.once_in(8) {
            Self { head: self.head, format: self.format, .. } = Self::new(self.lies, self.random.clone());
        }
        let flood = if self.random.once_in(5) { 30 } else { 1 };
        for _ in 0..self.random.below(4) * flood {
            let lie = self.lie(&targets, now);
            self.posts.push(lie);
        }
        self.told.extend(self.posts.iter().cloned());
        self.format.document(&self.head, &self.posts.iter().collect::<Vec<_>>())
    }

    /// All that it ever posted.
    pub(super) fn told(&self) -> &[Post] {
        &self.told
    }

    /// Whether it knows the words of a post: who is the first to tell something is not to be told from who lied first.
    fn knows(&self, post: &Post, pass: usize) -> bool {
        match self.lies {
            Lies::Claims | Lies::Addresses => false,
            Lies::Words => post.pass < pass,
            // Within two hours, the longer text leads.
            Lies::Dates => post.pass + 4 <= pass,
        }
    }

    /// What another source answered: its address leads there for now.
    fn redirected(&mut self, honest: &Honest, pass: usize) -> String {
        let at = self.random.below(honest.ids.len());
        self.told.extend(honest.all().cloned());
        honest.documents(pass).swap_remove(at).1
    }

    fn lie(&mut self, targets: &Targets<'_>, now: Timestamp) -> Post {
        let random = &mut self.random;
        let (one, other) = (targets.address(random), targets.address(random));
        // Where an older post was, its words meet those of the new one.
        let pages = if self.lies == Lies::Dates { 1_000_000 } else { 40 };
        let own = format!("https://liar.example/{}", random.below(pages));
        let link = match random.below(9) {
            _ if matches!(self.lies, Lies::Claims | Lies::Dates) => own.clone(),
            0..4 => own.clone(),
            4 | 5 => one.to_owned(),
            6 => format!("{one}?utm_source=liar"),
            7 => other.to_owned(),
            _ => one.replace("https://", "http://www."),
        };
        let (mut copied, second) = (targets.post(random), targets.post(random));
        let title = match random.below(6) {
            0..3 if self.lies == Lies::Dates => copied.title.clone(),
            _ if self.lies == Lies::Dates => {
                let event = Event::happens(random);
                (copied.text, copied.title) = (event.text(random), event.title.clone());
                event.title
            }
            0 | 1 => copied.title.clone(),
            2 => format!("{} and {}", copied.title, second.title),
            3 => Event::happens(random).title,
            4 => second.title.clone(),
            _ => format!("{} (sponsored)", copied.title),
        };
        let text = match random.below(6) {
            _ if self.lies == Lies::Dates => copied.text.clone(),
            0 | 1 => copied.text.clone(),
            2 => format!("{} {}", copied.text, second.text),
            3 => Event::happens(random).text(random),
            4 => format!("<a href=\"{one}\">{}</a> and <a href=\"{other}\">{}</a>", copied.title, second.title),
            _ => String::new(),
        };
        let published = match random.below(6) {
            0..4 if self.lies == Lies::Dates => {
                copied.published - SignedDuration::from_mins(random.below(3_000) as i64)
            }
            0 => now - SignedDuration::from_hours(30),
            1 => copied.published - SignedDuration::from_mins(20),
            2 => now + SignedDuration::from_hours(20),
            _ => now - SignedDuration::from_mins(random.below(90) as i64),
        };
        let guid = match random.below(6) {
            0 => copied.guid,
            1 => one.to_owned(),
            _ => format!("l{}", random.below(1_000_000)),
        };
        let claims = (0..random.below(3)).map(|_| claim(random, &own, one, other)).collect();
        Post { guid, link, title, text, pass: 0, published, claims }
    }
}

/// What there is to lie about.
struct Targets<'a> {
    addresses: Vec<&'a str>,
    posts: Vec<&'a Post>,
}

impl<'a> Targets<'a> {
    fn address(&self, random: &mut Random) -> &'a str {
        self.addresses[random.below(self.addresses.len())]
    }

    /// A post to copy; one that it made up where there is none yet.
    fn post(&self, random: &mut Random) -> Post {
        if !self.posts.is_empty() {
            return self.posts[random.below(self.posts.len())].clone();
        }
        let (event, guid) = (Event::happens(random), format!("l{}", random.below(1_000_000)));
        let (title, text) = (event.title.clone(), event.text(random));
        Post { guid, link: String::new(), title, text, pass: 0, published: began(), claims: Vec::new() }
    }
}

/// Something that says more of others than is its to say.
fn claim(random: &mut Random, own: &str, one: &str, other: &str) -> Claim {
    match random.below(14) {
        0 => Claim::Comments(own.to_owned()),
        1 => Claim::Comments(one.to_owned()),
        2 => Claim::Source("https://alpha.example/feed".to_owned(), "The alpha paper".to_owned()),
        3 => Claim::Author("Jane of alpha".to_owned()),
        4 => Claim::Enclosure(format!("{own}.mp3")),
        5 => Claim::License("https://creativecommons.org/licenses/by/4.0/".to_owned()),
        6 => Claim::NoDirectories,
        7 => Claim::NoUse,
        8 => Claim::Image(format!("{own}.jpg")),
        9 => Claim::Category("advertisement".to_owned()),
        12 => Claim::Undated,
        10 => Claim::Related(other.to_owned()),
        11 => {
            let said = Event::happens(random).title;
            Claim::Credits([own, one, other].map(|url| (url.to_owned(), said.clone())).into())
        }
        _ => Claim::Canonical(one.to_owned()),
    }
}
