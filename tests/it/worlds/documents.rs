//! Feeds as their publishers write them: one head and its posts, in RSS, Atom or JSON Feed.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

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
    /// What else it states.
    pub(super) claims: Vec<Claim>,
}

/// A feed's head.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) link: String,
    pub(super) claims: Vec<Claim>,
}

/// What a feed or a post can state beside its title, its link, its text and its date.
#[derive(Debug, Clone)]
pub(super) enum Claim {
    Author(String),
    Canonical(String),
    Category(String),
    Comments(String),
    Copyright(String),
    /// Articles of others, as a combined feed names them: an address and a title.
    Credits(Vec<(String, String)>),
    Enclosure(String),
    Generator(String),
    Image(String),
    License(String),
    /// `itunes:block`.
    NoDirectories,
    /// RSL's `prohibits`.
    NoUse,
    Related(String),
    SelfLink(String),
    /// The feed that it is said to come from: its address and its title.
    Source(String, String),
    /// It has no date.
    Undated,
}

impl Post {
    /// The articles of others that it names, each with a title.
    pub(super) fn credits(&self) -> impl Iterator<Item = &(String, String)> {
        self.claims.iter().flat_map(|claim| match claim {
            Claim::Credits(articles) => articles.as_slice(),
            _ => &[],
        })
    }

    /// The addresses at which it says that its article is.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &String> {
        let others = self.claims.iter().filter_map(|claim| match claim {
            Claim::Canonical(url) | Claim::Related(url) => Some(url),
            _ => None,
        });
        [&self.link].into_iter().chain(others)
    }

    fn is_dated(&self) -> bool {
        !self.claims.iter().any(|claim| matches!(claim, Claim::Undated))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    pub(super) const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    pub(super) fn document(self, head: &Head, posts: &[&Post]) -> String {
        match self {
            Self::Rss => rss(head, posts),
            Self::Atom => atom(head, posts),
            Self::Json => json_feed(head, posts),
        }
    }
}

const NAMESPACES: &str = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
    xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
    xmlns:rsl=\"https://rslstandard.org/rsl\" \
    xmlns:cc=\"http://backend.userland.com/creativeCommonsRssModule\"";

pub(super) fn rss(head: &Head, posts: &[&Post]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
         {NAMESPACES}>\n<channel><title>{}</title><link>{}</link>{}\n",
        escaped(&head.title),
        escaped(&head.link),
        head.claims.iter().map(in_rss).collect::<String>(),
    );
    for post in posts {
        writeln!(
            out,
            "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid>{}<description>{}</description>{}</item>",
            escaped(&post.title),
            escaped(&post.link),
            escaped(&post.guid),
            dated(post, |date| format!("<pubDate>{}</pubDate>", date.strftime("%a, %d %b %Y %H:%M:%S GMT"))),
            escaped(&post.text),
            post.claims.iter().map(in_rss).collect::<String>(),
        )
        .unwrap();
    }
    out + "</channel></rss>\n"
}

fn dated(post: &Post, element: impl Fn(Timestamp) -> String) -> String {
    if post.is_dated() { element(post.published) } else { String::new() }
}

fn in_rss(claim: &Claim) -> String {
    match claim {
        Claim::Author(name) => format!("<dc:creator>{name}</dc:creator>"),
        Claim::Canonical(url) => format!("<atom:link rel=\"canonical\" href=\"{url}\"/>"),
        Claim::Category(term) => format!("<category>{term}</category>"),
        Claim::Comments(url) => format!("<comments>{url}</comments>"),
        Claim::Copyright(text) => format!("<copyright>{text}</copyright>"),
        Claim::Credits(articles) => articles.iter().map(|article| related("atom:link", article)).collect(),
        Claim::Enclosure(url) => format!("<enclosure url=\"{url}\" type=\"audio/mpeg\" length=\"1\"/>"),
        Claim::License(url) => format!("<cc:license>{url}</cc:license>"),
        Claim::Related(url) => format!("<atom:link rel=\"related\" href=\"{url}\"/>"),
        Claim::SelfLink(url) => format!("<atom:link rel=\"self\" href=\"{url}\"/>"),
        Claim::Source(url, title) => format!("<source url=\"{url}\">{title}</source>"),
        other => in_any_xml(other),
    }
}

fn atom(head: &Head, posts: &[&Post]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" {NAMESPACES}>\n\
         <title>{}</title><id>{link}</id><link href=\"{link}\"/>{}\n",
        escaped(&head.title),
        head.claims.iter().map(in_atom).collect::<String>(),
        link = escaped(&head.link),
    );
    for post in posts {
        writeln!(
            out,
            "<entry><title>{}</title><link href=\"{}\"/><id>{}</id>{}<summary type=\"html\">{}</summary>{}</entry>",
            escaped(&post.title),
            escaped(&post.link),
            escaped(&post.guid),
            dated(post, |date| format!("<published>{date}</published><updated>{date}</updated>")),
            escaped(&post.text),
            post.claims.iter().map(in_atom).collect::<String>(),
        )
        .unwrap();
    }
    out + "</feed>\n"
}

fn in_atom(claim: &Claim) -> String {
    match claim {
        Claim::Author(name) => format!("<author><name>{name}</name></author>"),
        Claim::Canonical(url) => format!("<link rel=\"canonical\" href=\"{url}\"/>"),
        Claim::Category(term) => format!("<category term=\"{term}\"/>"),
        Claim::Comments(url) => format!("<link rel=\"replies\" type=\"text/html\" href=\"{url}\"/>"),
        Claim::Copyright(text) => format!("<rights>{text}</rights>"),
        Claim::Credits(articles) => articles.iter().map(|article| related("link", article)).collect(),
        Claim::Enclosure(url) => format!("<link rel=\"enclosure\" type=\"audio/mpeg\" href=\"{url}\"/>"),
        Claim::License(url) => format!("<link rel=\"license\" href=\"{url}\"/>"),
        Claim::Related(url) => format!("<link rel=\"related\" href=\"{url}\"/>"),
        Claim::SelfLink(url) => format!("<link rel=\"self\" href=\"{url}\"/>"),
        Claim::Source(url, title) => {
            format!("<source><id>{url}</id><title>{title}</title><link rel=\"self\" href=\"{url}\"/></source>")
        }
        other => in_any_xml(other),
    }
}

/// An article of another outlet, as a combined feed names it.
fn related(element: &str, (url, title): &(String, String)) -> String {
    format!("<{element} rel=\"related\" href=\"{url}\" title=\"The alpha paper:\u{A0}{title}\"/>")
}

fn in_any_xml(claim: &Claim) -> String {
    match claim {
        Claim::Generator(name) => format!("<generator>{name}</generator>"),
        Claim::Image(url) => format!("<media:content url=\"{url}\" medium=\"image\"/>"),
        Claim::NoDirectories => "<itunes:block>yes</itunes:block>".to_owned(),
        Claim::NoUse => {
            "<rsl:content url=\"/\"><rsl:license><rsl:prohibits>all</rsl:prohibits></rsl:license></rsl:content>"
                .to_owned()
        }
        Claim::Undated => String::new(),
        other => unreachable!("{other:?} is written differently in each format"),
    }
}

fn json_feed(head: &Head, posts: &[&Post]) -> String {
    let mut feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.link,
    });
    head.claims.iter().for_each(|claim| add_to_json(&mut feed, claim));
    let item = |post: &&Post| {
        let mut item = json!({
            "id": post.guid,
            "url": post.link,
            "title": post.title,
            "content_html": post.text,
        });
        if post.is_dated() {
            item["date_published"] = json!(post.published.to_string());
        }
        post.claims.iter().for_each(|claim| add_to_json(&mut item, claim));
        item
    };
    feed["items"] = posts.iter().map(item).collect();
    feed.to_string()
}

fn add_to_json(to: &mut Value, claim: &Claim) {
    match claim {
        Claim::Author(name) => to["authors"] = json!([{ "name": name }]),
        Claim::Canonical(url) | Claim::Related(url) => to["external_url"] = json!(url),
        Claim::Category(term) => to["tags"] = json!([term]),
        Claim::Comments(url) => to["_feedloom"]["discussions"] = json!([{ "name": "Talk", "url": url }]),
        Claim::Credits(articles) => {
            let credit = |(url, title): &(String, String)| {
                let (name, date) = ("The alpha paper", "2026-11-01T00:00:00Z");
                json!({ "url": url, "title": title, "name": name, "author": "Jane of alpha", "date_published": date })
            };
            to["_feedloom"]["sources"] = articles.iter().map(credit).collect();
        }
        Claim::Enclosure(url) => to["attachments"] = json!([{ "url": url, "mime_type": "audio/mpeg" }]),
        Claim::Image(url) => to["image"] = json!(url),
        // JSON Feed has no words for these.
        Claim::Copyright(_)
        | Claim::Generator(_)
        | Claim::License(_)
        | Claim::NoDirectories
        | Claim::NoUse
        | Claim::Undated => (),
        Claim::SelfLink(url) => to["feed_url"] = json!(url),
        Claim::Source(url, title) => {
            to["_feedloom"]["sources"] = json!([{ "url": to["url"], "feed_url": url, "name": title, "title": title }]);
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
