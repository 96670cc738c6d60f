//! A small world of sources and stories, and the shortest ways to publish it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use feedloom::{
    AttributionPlace, Config, CopiedPictures, DEFAULT_ATTRIBUTION, Enclosure, Entry, EntryKey, FacetPages, FetchConfig,
    Filters, Health, Images, Issues, Markup, Member, Order, Origin, OutputConfig, OutputFormat as Format, OutputRules,
    Person, Phrases, Plan, PublishDerived, PublishInput as Input, Reason, Rendered, Republish, SameStory, Signal,
    SignalKind, Source, SourceId, SourceKind, StoreConfig, StoredEntry, Story, StoryId, StoryPages, TakenDown,
    TopItems, WeaveConfig, draft,
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

pub(super) const TAG_BASE: &str = "tag:feeds.example.org,2026:";

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn url(text: &str) -> Url {
    text.parse().unwrap()
}

pub(super) fn now() -> Timestamp {
    time("2026-11-03T12:00:00Z")
}

/// What a test publishes; change what the test is about and call [`World::plan`].
#[derive(Clone)]
pub(super) struct World {
    pub now: Timestamp,
    pub config: Config,
    pub sources: BTreeMap<SourceId, Source>,
    pub stories: Vec<Story>,
}

impl World {
    /// Sources `alpha` and `beta` and the aggregator `links`; no stories; the five default outputs.
    pub(super) fn new() -> Self {
        let mut links = source("links");
        links.kind = SourceKind::Aggregator;
        let sources = [source("alpha"), source("beta"), links];
        Self {
            now: now(),
            config: config(),
            sources: sources.into_iter().map(|source| (source.id.clone(), source)).collect(),
            stories: Vec::new(),
        }
    }

    /// Adds a story of `entries`, led by the first, never shown.
    pub(super) fn with(mut self, entries: Vec<Entry>) -> Self {
        self.stories.push(story_of(entries));
        self
    }

    pub(super) fn source(&mut self, id: &str) -> &mut Source {
        self.sources.get_mut(&SourceId::new(id).unwrap()).unwrap()
    }

    /// Changes every output.
    pub(super) fn each_output(mut self, change: impl Fn(&mut OutputConfig)) -> Self {
        self.config.outputs.iter_mut().for_each(change);
        self
    }

    pub(super) fn plan(&self) -> Plan {
        let input = Input {
            now: self.now,
            config: &self.config,
            config_is_new: false,
            outputs_are_as_left: true,
            tag_base: TAG_BASE,
            sources: &self.sources,
            stories: &self.stories,
            top_items: &TopItems::new(),
            story_pages: &StoryPages::new(),
            facet_pages: &FacetPages::new(),
            pictures: &CopiedPictures::default(),
            issues: &Issues::default(),
            taken_down: &TakenDown::default(),
            derived: &PublishDerived::of(&self.sources),
        };
        draft(&input).finish(&mut Filters::default()).unwrap()
    }

    /// The document of one format, as text.
    pub(super) fn document(&self, format: Format) -> String {
        text_of(&self.plan(), format)
    }

    /// JSON Feed's items, the easiest to ask questions of.
    pub(super) fn items(&self) -> Vec<serde_json::Value> {
        let document: serde_json::Value = serde_json::from_str(&self.document(Format::Json)).unwrap();
        document["items"].as_array().unwrap().clone()
    }

    pub(super) fn titles(&self) -> Vec<String> {
        self.items().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }

    /// Takes over what a pass has published, as the store would.
    pub(super) fn remember(&mut self) {
        let publications = self.plan().publications;
        for publication in publications {
            let story = self.stories.iter_mut().find(|story| story.id == publication.story).unwrap();
            story.first_published = Some(publication.first_published);
            story.date = Some(publication.date);
            for member in story.members.iter_mut().filter(|m| publication.newly_shown.contains(&m.entry.key)) {
                member.shown = Some(self.now);
            }
        }
    }

    pub(super) fn later(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }
}

pub(super) fn text_of(plan: &Plan, format: Format) -> String {
    let rendered: &Rendered = plan.outputs.iter().find(|rendered| rendered.format == format).unwrap();
    String::from_utf8(rendered.bytes.clone()).unwrap()
}

pub(super) fn story_of(entries: Vec<Entry>) -> Story {
    let ten = time("2026-11-03T10:00:00Z");
    let seen = |entry: &Entry| entry.published.unwrap_or(ten) + SignedDuration::from_mins(5);
    let id = StoryId::mint(&entries[0].key, &entries[0].url, 0);
    let member = |entry: Entry| {
        let joined = seen(&entry);
        Member { reason: Reason::Opened, joined, shown: None, entry: StoredEntry::without_page(entry, joined) }
    };
    let members = entries.into_iter().map(member).collect();
    Story { id, members, lead: 0, first_published: None, date: None }
}

pub(super) fn source(id: &str) -> Source {
    Source {
        id: SourceId::new(id).unwrap(),
        name: format!("The {id} paper"),
        name_claim: feedloom::NameClaim::Stated,
        feed_url: url(&format!("https://{id}.example/feed")),
        site: Some(url(&format!("https://{id}.example/"))),
        site_claim: feedloom::SiteClaim::Stated,
        owner: None,
        trusted: false,
        tags: vec![format!("of-{id}")],
        weight: 1,
        kind: SourceKind::Original,
        is_kind_guessed: false,
        max_items: None,
        max_age: None,
        republish: None,
        excerpt_length: 280,
        attribution: None,
        disclosure: None,
        rights: None,
        signals: Vec::new(),
        language: None,
        asked_every: Some(SignedDuration::from_hours(2)),
        allow_duplicates: false,
        title_tail: None,
        health: Health::Good { newest: None },
    }
}

/// An entry of `source`, published at `minutes` past 10:00 and seen five minutes later.
pub(super) fn entry(source: &str, guid: &str, title: &str, minutes: i64) -> Entry {
    let published = time("2026-11-03T10:00:00Z") + SignedDuration::from_mins(minutes);
    let text = format!("What {title} is about. And a second sentence on it.");
    Entry {
        summary: Some(Markup::Html(format!("<p>{text}</p>"))),
        text,
        published: Some(published),
        ..Entry::new(
            EntryKey { source: SourceId::new(source).unwrap(), guid: guid.to_owned() },
            url(&format!("https://{source}.example/{guid}")),
            title,
        )
    }
}

pub(super) fn output(file: &str, format: Format) -> OutputConfig {
    OutputConfig {
        file: file.to_owned(),
        mode: None,
        format,
        template: None,
        tags: Vec::new(),
        sources: Vec::new(),
        rules: OutputRules::default(),
        language: "en".to_owned(),
        phrases: Phrases::of("en"),
        title: None,
        items: 100,
        span: SignedDuration::from_hours(48),
        max_bytes: 512 * 1024,
        max_age: None,
        order: Order::FirstSeen,
        half_life: SignedDuration::from_hours(12),
        digest: None,
        attribution: DEFAULT_ATTRIBUTION.to_owned(),
        attribution_place: AttributionPlace::End,
        disclosure: None,
        republish: Republish::Full,
        commercial: None,
        archive: 0,
        images: Images::None,
        story_pages: true,
        tag_pages: true,
        source_pages: true,
        noindex: None,
        filter: None,
        filter_limits: feedloom::FilterLimits::default(),
        rewrite: None,
        max_shrink: 0.5,
        hub: None,
    }
}

fn config() -> Config {
    Config {
        noindex: true,
        zone: jiff::tz::TimeZone::UTC,
        path: PathBuf::from("feeds.toml"),
        database: PathBuf::from("data/feedloom.db"),
        output_dir: PathBuf::from("data/public"),
        title: "Tech, woven".to_owned(),
        description: "News of technology, each story once.".to_owned(),
        link: Some(url("https://feeds.example.org/")),
        contact: None,
        language: "en".to_owned(),
        commercial: false,
        obey_drafts: false,
        settle: SignedDuration::ZERO,
        fetch: FetchConfig {
            every: None,
            floor: SignedDuration::from_mins(30),
            spacing: Duration::from_secs(1),
            parallelism: 16,
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(600),
            proxy: None,
            max_body_bytes: 10 << 20,
            allow: Vec::new(),
            user_agent: None,
            robots: feedloom::RobotsFor::Articles,
        },
        weave: WeaveConfig {
            same_story: SameStory::Balanced,
            lookback: SignedDuration::from_hours(72),
            split: Vec::new(),
            join: Vec::new(),
        },
        store: StoreConfig { keep: None, shown: SignedDuration::ZERO },
        serve: feedloom::ServeConfig::default(),
        takedown: Vec::new(),
        sources: Vec::new(),
        outputs: vec![
            output("feed.xml", Format::Rss),
            output("atom.xml", Format::Atom),
            output("feed.json", Format::Json),
            output("index.html", Format::Html),
            output("sources.opml", Format::Opml),
        ],
        fingerprint: 0,
        lists: Vec::new(),
        posts: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A little of everything: what the snapshots show.
pub(super) fn full_world() -> World {
    let mut world = World::new();
    let alpha = world.source("alpha");
    alpha.name = "Alpha Technica".to_owned();
    alpha.rights = Some("© 2026 Alpha Media & Sons".to_owned());
    alpha.tags = vec!["hardware".to_owned(), "science".to_owned()];
    let beta = world.source("beta");
    beta.name = "Beta-Blog <beta>".to_owned();
    beta.republish = Some(Republish::Full);
    beta.signals = vec![Signal::new(SignalKind::License, Origin::Feed, "https://creativecommons.org/licenses/by/4.0/")];
    beta.disclosure = Some("This outlet earns from links to shops.".to_owned());
    world.source("links").name = "Link List".to_owned();
    let mut headline = source("gamma");
    headline.name = "Gamma Zeitung".to_owned();
    headline.republish = Some(Republish::Headline);
    headline.language = Some("de_DE".to_owned());
    headline.site = None;
    world.sources.insert(headline.id.clone(), headline);

    let mut big = entry("alpha", "1", "A telescope the size of a valley sees first light", 0);
    big.text = "The mirrors were aligned for the first time on Monday night. Engineers had waited eleven years \
        for it. What they saw was a spiral galaxy, sharper than any instrument on the ground had ever shown \
        one. The next step is the spectrograph, which will be cooled down over the winter and tested in spring. […]"
        .to_owned();
    big.summary = Some(Markup::Text(big.text.clone()));
    big.authors = vec![Person::named("Jane Doe"), Person::named("John Roe")];
    big.categories = vec!["Astronomy, Optics".to_owned(), "R&D".to_owned(), "astronomy".to_owned()];
    big.image = Some(url("https://alpha.example/valley.jpg?w=600&h=400"));
    let mut also = entry("beta", "valley", "First light in the valley", 30);
    also.authors = vec![Person::named("Kim Poe")];
    let mut listed = entry("links", "77", "First light (alpha.example)", 40);
    listed.url = big.url.clone();
    listed.comments = Some(url("https://links.example/discuss?id=77&sort=new"));
    let third = entry("gamma", "licht", "Erstes Licht im Tal", 50);

    let mut long = entry("beta", "essay", "Vec<T> & you: what a & b </title> mean", 20);
    long.content = Some(Markup::Html(
        "<h2>Begin</h2><p>One <b>bold</b> word, a <a href=\"/rel?a=1&amp;b=2\">link</a> and <code>Vec&lt;T&gt;</code>.\
         </p><ul><li>first</li><li>second</li></ul><script>alert(1)</script><p><img src=\"https://beta.example/p.png\" \
         alt=\"a chart\"></p><blockquote>Somebody said it.</blockquote><pre>let x = 1;</pre>\
         <p>The post <a href=\"https://beta.example/essay\">Vec</a> appeared first on <a href=\"https://beta.example/\">Beta</a>.</p>"
            .to_owned(),
    ));
    long.text = "Begin One bold word, a link and Vec<T>. first second Somebody said it.".to_owned();
    long.summary = Some(Markup::Text(long.text.clone()));
    long.updated = Some(time("2026-11-03T11:30:00Z"));
    long.enclosures = vec![Enclosure {
        url: url("https://beta.example/talk.mp3"),
        media_type: Some("audio/mpeg".to_owned()),
        length_bytes: Some(12_345_678),
    }];
    let short = entry("gamma", "kurz", "Ein Wort: „Glück“", 10);
    world.with(vec![big, also, listed, third]).with(vec![long]).with(vec![short])
}
