//! Two hundred sources with signals and policies at random, through the whole program: nothing in any file is
//! above what its publisher and feeds.toml allow.
//!
//! What is allowed is worked out here once more, from the signals as they were sent and the table of what each
//! means, and compared with what a reader finds in the files. Every sentence carries a word of its own, so that
//! what is shown of which text is beyond doubt. `FEEDLOOM_SEED=7 cargo test` draws another world.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::stand::Stand;
use crate::publisher::Response;

const SOURCES: usize = 200;
const ENTRIES: usize = 3;
/// Outputs are by group of sources, each with a policy of its own.
const GROUPS: usize = 8;

/// splitmix64: the same world for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

/// How much may be shown, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Full,
    Excerpt,
    Headline,
    Off,
}

const LEVELS: [(&str, Level); 4] =
    [("full", Level::Full), ("excerpt", Level::Excerpt), ("headline", Level::Headline), ("off", Level::Off)];

/// A signal as it is sent; what it means stands in [`Sent::meaning`].
#[derive(Debug, Clone, Copy)]
enum Sent {
    /// In the head of a page.
    Meta(&'static str, Means),
    Xml(&'static str, Means),
    Header(&'static str, &'static str, Means),
    License(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Means {
    AtMost(Level),
    Chars(usize),
    /// An excerpt at most, and of nothing that stands on the page alone.
    FromFeed,
    Nothing,
    /// Where feeds.toml obeys drafts, which it does not here.
    Draft,
}

const OF_FEEDS: &[Sent] = &[
    Sent::Xml("<access:restriction relationship=\"deny\"/>", Means::AtMost(Level::Off)),
    Sent::Xml("<access:restriction relationship=\"allow\"/>", Means::Nothing),
    Sent::Xml("<xhtml:meta name=\"robots\" content=\"noindex\"/>", Means::AtMost(Level::Off)),
    Sent::Xml("<itunes:block>no</itunes:block>", Means::Nothing),
    Sent::Xml("<copyright>(c) somebody, all rights reserved</copyright>", Means::Nothing),
    Sent::Header("X-Robots-Tag", "noindex, follow", Means::Nothing),
    Sent::Header("X-Robots-Tag", "none", Means::Nothing),
    Sent::Header("X-Robots-Tag", "otherbot: nosnippet", Means::Nothing),
    Sent::Header("X-Robots-Tag", "feedloom: nosnippet", Means::AtMost(Level::Headline)),
    Sent::Header("X-Robots-Tag", "noarchive", Means::FromFeed),
    Sent::Header("X-Robots-Tag", "noindex, max-snippet:60", Means::Chars(60)),
    Sent::Header("X-Robots-Tag", "max-snippet:-1, max-image-preview:large", Means::Nothing),
    Sent::Header("X-Robots-Tag", "max-snippet:0", Means::AtMost(Level::Headline)),
    Sent::Header("TDM-Reservation", "1", Means::FromFeed),
    Sent::Header("TDM-Reservation", "0", Means::Nothing),
    Sent::Header("Content-Signal", "search=no, ai-train=no", Means::Draft),
    Sent::Header("Link", "<https://l.example/rsl.xml>; rel=\"license\"; type=\"application/rsl+xml\"", Means::Nothing),
];

const OF_PAGES: &[Sent] = &[
    Sent::Header("X-Robots-Tag", "nosnippet", Means::AtMost(Level::Headline)),
    Sent::Header("X-Robots-Tag", "none", Means::AtMost(Level::Headline)),
    Sent::Header("X-Robots-Tag", "noindex, noarchive", Means::FromFeed),
    Sent::Header("X-Robots-Tag", "max-snippet:50", Means::Chars(50)),
    Sent::Header("X-Robots-Tag", "otherbot: none", Means::Nothing),
    Sent::Header("TDM-Reservation", "1", Means::FromFeed),
    Sent::Meta("<meta name=\"robots\" content=\"nosnippet\">", Means::AtMost(Level::Headline)),
    Sent::Meta("<meta name=\"robots\" content=\"noarchive, max-snippet:700\">", Means::FromFeed),
    Sent::Meta("<meta name=\"robots\" content=\"noindex\">", Means::Nothing),
    Sent::Meta("<meta name=\"tdm-reservation\" content=\"1\">", Means::FromFeed),
    Sent::Meta(
        "<script type=\"application/ld+json\">{\"@type\":\"Article\",\"isAccessibleForFree\":false}</script>",
        Means::FromFeed,
    ),
    Sent::Meta(
        "<script type=\"application/ld+json\">{\"@type\":\"Article\",\"isAccessibleForFree\":true}</script>",
        Means::Nothing,
    ),
    Sent::License("https://creativecommons.org/licenses/by/4.0/"),
    Sent::License("https://creativecommons.org/licenses/by-nc-nd/4.0/"),
];

const OF_BOTH: &[Sent] = &[
    Sent::Xml("<itunes:block>Yes</itunes:block>", Means::AtMost(Level::Off)),
    Sent::Xml("<googleplay:block>yes</googleplay:block>", Means::AtMost(Level::Off)),
    Sent::Xml("<podcast:block>yes</podcast:block>", Means::AtMost(Level::Off)),
    Sent::Xml("<podcast:block id=\"other\">yes</podcast:block>", Means::Nothing),
    Sent::Xml("<dc:rights>(c) somebody</dc:rights>", Means::Nothing),
    Sent::Xml("<media:copyright>(c) photo</media:copyright>", Means::Nothing),
    Sent::Xml(
        "<rsl:content url=\"/\"><rsl:license><rsl:prohibits type=\"usage\">all</rsl:prohibits></rsl:license></rsl:content>",
        Means::AtMost(Level::Off),
    ),
    Sent::Xml(
        "<rsl:content url=\"/\"><rsl:license><rsl:prohibits type=\"usage\">ai-train ai-index</rsl:prohibits></rsl:license></rsl:content>",
        Means::Nothing,
    ),
    Sent::Xml(
        "<rsl:content url=\"/\"><rsl:license><rsl:payment type=\"subscription\"/></rsl:license></rsl:content>",
        Means::AtMost(Level::Headline),
    ),
    Sent::Xml(
        "<rsl:content url=\"/\"><rsl:license><rsl:payment type=\"attribution\"/></rsl:license></rsl:content>",
        Means::Nothing,
    ),
    Sent::License("https://creativecommons.org/licenses/by/4.0/"),
    Sent::License("http://creativecommons.org/licenses/by-sa/3.0/"),
    Sent::License("https://creativecommons.org/licenses/by-nc/4.0/"),
    Sent::License("https://creativecommons.org/licenses/by-nd/4.0/"),
    Sent::License("https://creativecommons.org/licenses/by-nc-nd/4.0/"),
    Sent::License("https://creativecommons.org/publicdomain/zero/1.0/"),
    Sent::License("https://l.example/terms"),
];

impl Sent {
    fn meaning(self) -> Means {
        match self {
            Self::Xml(_, means) | Self::Meta(_, means) | Self::Header(_, _, means) => means,
            Self::License(_) => Means::Nothing,
        }
    }

    fn xml(self, dice: &mut Dice) -> String {
        match self {
            Self::Xml(text, _) => text.to_owned(),
            Self::Header(..) | Self::Meta(..) => String::new(),
            Self::License(url) => match dice.roll(3) {
                0 => format!("<creativeCommons:license>{url}</creativeCommons:license>"),
                1 => format!("<cc:license rdf:resource=\"{url}\"/>"),
                _ => format!("<atom:link rel=\"license\" href=\"{url}\"/>"),
            },
        }
    }
}

struct Outlet {
    group: usize,
    sent: Vec<Sent>,
    /// `republish`, where feeds.toml says it.
    policy: Option<Level>,
    excerpt_length: usize,
    entries: Vec<Told>,
}

struct Told {
    sent: Vec<Sent>,
    teaser: String,
    body: String,
    page: Option<Page>,
}

/// The page behind an entry; nothing of it is in the feed.
struct Page {
    sent: Vec<Sent>,
    body: String,
}

struct Channel {
    level: Level,
    is_commercial: bool,
}

/// What may be shown of an entry in an output, by the table of rights.
struct Allowed {
    level: Level,
    /// Of what the publisher wrote as a teaser.
    chars: usize,
    /// Of the text, which we cut: a tenth of it, or 160 characters.
    cut: usize,
    /// All of it or nothing.
    uncut: bool,
    /// Nothing that stands on the page alone.
    from_feed: bool,
}

fn allowed(outlet: &Outlet, entry: &Told, channel: &Channel) -> Allowed {
    let license = |sent: &Sent| match sent {
        Sent::License(url) => Some(*url),
        _ => None,
    };
    let mut licenses: Vec<&str> = entry.sent.iter().filter_map(license).collect();
    if licenses.is_empty() {
        licenses = outlet.sent.iter().filter_map(license).collect();
    }
    let of_page = entry.page.iter().flat_map(|page| page.sent.iter());
    licenses.extend(of_page.clone().filter_map(license));
    let has = |part: &str| licenses.iter().any(|url| url.contains("/licenses/") && url.contains(part));
    let is_free = |url: &&str| url.contains("creativecommons.org/") && !url.contains("-nc") && !url.contains("-nd");
    let by_license = !licenses.is_empty() && licenses.iter().all(is_free);
    let silent = if by_license { Level::Full } else { Level::Excerpt };
    let mut level = outlet.policy.unwrap_or(silent).max(channel.level);
    let mut chars = outlet.excerpt_length;
    let mut from_feed = false;
    for sent in outlet.sent.iter().chain(&entry.sent).chain(of_page) {
        match sent.meaning() {
            Means::AtMost(most) => level = level.max(most),
            Means::FromFeed => (level, from_feed) = (level.max(Level::Excerpt), true),
            Means::Chars(most) => (level, chars) = (level.max(Level::Excerpt), chars.min(most)),
            Means::Nothing | Means::Draft => {}
        }
    }
    if channel.is_commercial && has("-nc") {
        level = level.max(Level::Excerpt);
    }
    let uncut = has("-nd");
    if uncut && level == Level::Excerpt {
        level = Level::Headline;
    }
    let longest = entry.page.as_ref().map_or(0, |page| page.body.len()).max(entry.body.len());
    Allowed { level, chars, cut: chars.min((longest / 10).max(160)), uncut, from_feed }
}

struct World {
    outlets: Vec<Outlet>,
    channels: Vec<Channel>,
}

impl World {
    fn draw(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let outlets = (0..SOURCES).map(|number| outlet(number, &mut dice)).collect();
        let channels = (0..GROUPS).map(|_| Channel {
            level: if dice.one_in(3) { LEVELS[dice.roll(3)].1 } else { Level::Full },
            is_commercial: dice.one_in(2),
        });
        Self { outlets, channels: channels.collect() }
    }

    /// Serves it all, and subscribes to it.
    fn put_up(&self, seed: u64) -> Stand {
        let mut dice = Dice(seed ^ 1);
        let name = |level: Level| LEVELS.iter().find(|(_, known)| *known == level).unwrap().0;
        let mut outputs = String::new();
        for (group, channel) in self.channels.iter().enumerate() {
            for file in ["feed.xml", "atom.xml", "feed.json", "index.html"] {
                let (policy, commercial) = (name(channel.level), channel.is_commercial);
                write!(
                    outputs,
                    "[[output]]\nfile = \"{group}/{file}\"\ntags = [\"g{group}\"]\nitems = 300\nrepublish = \"{policy}\"\n\
                     commercial = {commercial}\n"
                )
                .unwrap();
            }
        }
        let stand = Stand::new("[weave]\nsame_story = \"off\"\n");
        for (number, outlet) in self.outlets.iter().enumerate() {
            let mut keys = format!(
                "article = \"always\"\ntags = [\"g{}\"]\nexcerpt_length = {}\n",
                outlet.group, outlet.excerpt_length
            );
            if let Some(policy) = outlet.policy {
                writeln!(keys, "republish = \"{}\"", name(policy)).unwrap();
            }
            let headers: Vec<(&str, &str)> = outlet
                .sent
                .iter()
                .filter_map(|sent| match sent {
                    Sent::Header(name, value, _) => Some((*name, *value)),
                    _ => None,
                })
                .collect();
            stand.source(&format!("o{number}"), &headers, &feed(number, outlet, &stand, &mut dice), &keys);
            for (place, entry) in outlet.entries.iter().enumerate() {
                if let Some(page) = &entry.page {
                    page.put_up(&stand, number, place);
                }
            }
        }
        let toml = stand.folder.path().join("feeds.toml");
        let text = std::fs::read_to_string(&toml).unwrap();
        std::fs::write(toml, format!("{text}\n{outputs}")).unwrap();
        stand
    }
}

impl Page {
    fn put_up(&self, stand: &Stand, number: usize, place: usize) {
        let mut headers: Vec<(&str, &[u8])> = vec![("Content-Type", b"text/html; charset=utf-8")];
        let mut head = format!("<meta name=\"description\" content=\"It goes on with p{number}z{place}z999 here.\">");
        for sent in &self.sent {
            match sent {
                Sent::Header(name, value, _) => headers.push((name, value.as_bytes())),
                Sent::Meta(text, _) => head.push_str(text),
                Sent::License(url) => write!(head, "<link rel=\"license\" href=\"{url}\">").unwrap(),
                Sent::Xml(..) => {}
            }
        }
        let page = format!(
            "<!doctype html><html><head>{head}</head><body><article><p>{}</p></article></body></html>",
            self.body
        );
        let path = format!("/o{number}/{place}");
        stand.publisher.script(&path, [Response::new(200, &headers, page.as_bytes())]);
    }
}

fn outlet(number: usize, dice: &mut Dice) -> Outlet {
    let some = |dice: &mut Dice, from: &[&[Sent]]| -> Vec<Sent> {
        let all = from.concat();
        let count = [0, 0, 0, 1, 1, 2][dice.roll(6)];
        let mut sent: Vec<Sent> = (0..count).map(|_| dice.pick(&all)).collect();
        // One licence above the entries and one header of a name: what two would mean is no question here.
        sent.dedup_by_key(|one| std::mem::discriminant(one));
        sent
    };
    let entries = (0..ENTRIES).map(|place| {
        let sentences = |dice: &mut Dice, mark: char, from: usize, to: usize| -> String {
            let count = from + dice.roll(to - from);
            (0..count).map(|at| format!("It goes on with {mark}{number}z{place}z{at} here. ")).collect()
        };
        Told {
            sent: some(dice, &[OF_BOTH]),
            teaser: if dice.one_in(3) { String::new() } else { sentences(dice, 't', 1, 12) },
            body: sentences(dice, 'b', 14, 60),
            page: dice.one_in(2).then(|| Page { sent: some(dice, &[OF_PAGES]), body: sentences(dice, 'p', 14, 60) }),
        }
    });
    let entries = entries.collect();
    Outlet {
        group: number % GROUPS,
        sent: some(dice, &[OF_FEEDS, OF_BOTH]),
        policy: if dice.one_in(2) { None } else { Some(LEVELS[[0, 0, 0, 1, 2, 3][dice.roll(6)]].1) },
        excerpt_length: [40, 120, 280, 280, 600][dice.roll(5)],
        entries,
    }
}

fn feed(number: usize, outlet: &Outlet, stand: &Stand, dice: &mut Dice) -> String {
    let mut text = "<rss version=\"2.0\" xmlns:access=\"http://www.bloglines.com/about/specs/fac-1.0\" \
        xmlns:xhtml=\"http://www.w3.org/1999/xhtml\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" \
        xmlns:googleplay=\"http://www.google.com/schemas/play-podcasts/1.0\" xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" \
        xmlns:creativeCommons=\"http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html\" \
        xmlns:cc=\"http://web.resource.org/cc/\" xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
        xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
        xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:rsl=\"https://rslstandard.org/rsl\" \
        xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Outlet</title>"
        .to_owned();
    outlet.sent.iter().for_each(|sent| text.push_str(&sent.xml(dice)));
    for (place, entry) in outlet.entries.iter().enumerate() {
        write!(
            text,
            "<item><title>Headline h{number}z{place}</title><link>{}</link>\
             <pubDate>Tue, 03 Nov 2026 09:0{place}:00 GMT</pubDate>",
            stand.publisher.url(&format!("/o{number}/{place}"))
        )
        .unwrap();
        if !entry.teaser.is_empty() {
            write!(text, "<description>{}</description>", entry.teaser).unwrap();
        }
        write!(text, "<content:encoded>&lt;p&gt;{}&lt;/p&gt;</content:encoded>", entry.body).unwrap();
        entry.sent.iter().for_each(|sent| text.push_str(&sent.xml(dice)));
        text.push_str("</item>");
    }
    text + "</channel></rss>"
}

/// Every text that a reader is shown by a file, without markup.
fn texts(file: &str, content: &str) -> Vec<String> {
    let mut found = Vec::new();
    if file.ends_with(".json") {
        let feed: serde_json::Value = serde_json::from_str(content).unwrap();
        for item in feed["items"].as_array().unwrap() {
            found.extend(
                ["title", "summary", "content_html", "content_text"]
                    .map(|key| item.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()),
            );
        }
    } else if file.ends_with(".html") {
        found.push(content.to_owned());
    } else {
        for entry in feed_rs::parser::parse(content.as_bytes()).unwrap().entries {
            found.extend(entry.title.map(|text| text.content));
            found.extend(entry.summary.map(|text| text.content));
            found.extend(entry.content.and_then(|text| text.body));
        }
    }
    let plain = |text: &String| {
        let document = scraper::Html::parse_fragment(text);
        document.root_element().text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    found.iter().map(plain).collect()
}

/// What one text shows of each entry: its marked words, and how many characters lie from the first sentence with
/// one to the end of the last.
#[derive(Debug, Default, Clone)]
struct Shown {
    marks: BTreeSet<String>,
    chars: usize,
}

/// By kind of text (`h`, `t`, `b`), outlet and place.
fn shown(text: &str) -> BTreeMap<(char, usize, usize), Shown> {
    let mut found: BTreeMap<(char, usize, usize), Shown> = BTreeMap::new();
    let mut spans: BTreeMap<(char, usize, usize), (usize, usize)> = BTreeMap::new();
    let mut at = 0_usize;
    for word in text.split(' ') {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let (kind, numbers) = bare.split_at(bare.len().min(1));
        let mut numbers = numbers.split('z').map(str::parse::<usize>);
        let length = word.chars().count();
        if let (Some(kind @ ('h' | 't' | 'b' | 'p')), Some(Ok(outlet)), Some(Ok(place))) =
            (kind.chars().next(), numbers.next(), numbers.next())
        {
            let key = (kind, outlet, place);
            found.entry(key).or_default().marks.insert(bare.to_owned());
            // `It goes on with ` stands before the first mark.
            let start = if kind == 'h' { at } else { at.saturating_sub("It goes on with ".len()) };
            let span = spans.entry(key).or_insert((start, 0));
            span.1 = at + length;
        }
        at += length + 1;
    }
    for (key, (from, to)) in spans {
        found.get_mut(&key).unwrap().chars = to - from;
    }
    found
}

#[test]
fn no_item_is_above_its_policy() {
    let seed = std::env::var("FEEDLOOM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_103);
    let world = World::draw(seed);
    let stand = world.put_up(seed);
    stand.run("2026-11-03T12:00:00Z");
    let mut levels: BTreeMap<Level, usize> = BTreeMap::new();
    let mut of_pages = 0;
    for (group, channel) in world.channels.iter().enumerate() {
        for file in ["feed.xml", "atom.xml", "feed.json", "index.html"] {
            let path = stand.folder.path().join(format!("data/public/{group}/{file}"));
            let content = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let seen: Vec<_> = texts(file, &content).iter().map(|text| shown(text)).collect();
            let is_page = file == "index.html";
            for (number, outlet) in world.outlets.iter().enumerate() {
                for (place, entry) in outlet.entries.iter().enumerate() {
                    let of = |kind| seen.iter().filter_map(move |texts| texts.get(&(kind, number, place)));
                    let what = format!("seed {seed}, {group}/{file}, entry {place} of o{number}");
                    if outlet.group != group {
                        let all = "htbp".chars().map(|kind| of(kind).count()).sum::<usize>();
                        assert_eq!(all, 0, "{what} is of another group");
                        continue;
                    }
                    of_pages += of('p').count();
                    let allowed = allowed(outlet, entry, channel);
                    *levels.entry(allowed.level).or_default() += 1;
                    check(&allowed, entry, ['h', 't', 'b', 'p'].map(|kind| of(kind).collect()), is_page, &what);
                }
            }
        }
    }
    assert!(levels.len() == 4 && levels.values().all(|count| *count > 100), "every extent was tried: {levels:?}");
    assert!(of_pages > 100, "texts of pages are shown, too: {of_pages}");
}

#[track_caller]
fn check(allowed: &Allowed, entry: &Told, [head, teaser, body, page]: [Vec<&Shown>; 4], is_page: bool, what: &str) {
    let texts = || teaser.iter().chain(&body).chain(&page);
    assert!(!allowed.from_feed || page.is_empty(), "{what}: what stands on the page alone");
    assert_eq!(head.is_empty(), allowed.level == Level::Off, "{what}: its headline");
    match allowed.level {
        Level::Off | Level::Headline => assert_eq!(texts().count(), 0, "{what}: no text of it may be shown"),
        Level::Excerpt => {
            for (texts, most) in [(&teaser, allowed.chars), (&body, allowed.cut), (&page, allowed.cut)] {
                for shown in texts {
                    assert!(shown.chars <= most, "{what}: {} > {most} {shown:?}", shown.chars);
                }
            }
        }
        Level::Full => {
            // The longer one is the text.
            let feeds = entry.body.len().max(entry.teaser.len());
            let (long, text) = match &entry.page {
                Some(longer) if longer.body.len() > feeds => (&page, &longer.body),
                _ => (&body, &entry.body),
            };
            let whole = text.matches("It goes on").count();
            let is_whole = |shown: &Shown| shown.marks.len() == whole;
            assert!(is_page || long.iter().any(|shown| is_whole(shown)), "{what}: the whole text is allowed");
            if allowed.uncut {
                let all = long.iter().all(|shown| is_whole(shown));
                assert!(all && texts().count() == long.len(), "{what}: nothing may be cut");
            }
        }
    }
}
