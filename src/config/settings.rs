use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use url::Url;

use super::allow::Allowed;
use super::digest::Digest;
use super::list::ListConfig;
use super::output::{Format, Images, OutputConfig};
use super::post::PostConfig;
use super::proxy::Proxy;
use super::serve::ServeConfig;
use super::source::SourceConfig;

/// feeds.toml, checked: every value is in its range, every path is absolute.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from; relative paths in it are relative to its folder.
    pub path: PathBuf,
    /// The database file: `data/feedloom.db` beside feeds.toml unless set.
    pub database: PathBuf,
    /// Where outputs are written: `data/public` beside feeds.toml unless set.
    pub output_dir: PathBuf,
    /// What subscribers see.
    pub title: String,
    /// One sentence on what the combined feed is.
    pub description: String,
    /// Where the files will be public, ending in `/`.
    pub link: Option<Url>,
    /// A page or mail address of whoever runs this; goes into the User-Agent.
    pub contact: Option<String>,
    /// Language of the channel (BCP 47, lower case), `en` by default.
    pub language: String,
    /// The outputs earn money, unless one states otherwise: what may not be used for that goes out as an excerpt.
    pub commercial: bool,
    /// Signals that are drafts (`Content-Usage`, `Content-Signal`) count, too.
    pub obey_drafts: bool,
    /// Pages ask search engines to leave them out; `true` unless it says otherwise.
    pub noindex: bool,
    /// Whose clocks and days pages go by, and digests that name no other. Default UTC.
    pub zone: TimeZone,
    /// How long a story waits for other outlets before it is first published. Default 0.
    pub settle: SignedDuration,
    /// How sources are fetched.
    pub fetch: FetchConfig,
    /// How stories are recognised.
    pub weave: WeaveConfig,
    /// What is kept.
    pub store: StoreConfig,
    /// Addresses that are never published: each with all that begin with it; a feed's with all its entries.
    pub takedown: Vec<Url>,
    /// The sources, in the order of the file, disabled ones included.
    pub sources: Vec<SourceConfig>,
    /// Lists of sources elsewhere; their sources are among `sources`.
    pub lists: Vec<ListConfig>,
    /// The outputs; the default ones if the file names none.
    pub outputs: Vec<OutputConfig>,
    /// The programs that are called for each story once.
    pub posts: Vec<PostConfig>,
    /// The service.
    pub serve: ServeConfig,
    /// Changes with the text of the file and of what it refers to.
    pub fingerprint: i64,
    /// What the operator should know although the file is valid; each a sentence.
    pub warnings: Vec<String>,
}

impl Config {
    /// Everything that chooses stories: the outputs, and what posts; not the digests, which do so once a day or week.
    pub(crate) fn choosing(&self) -> impl Iterator<Item = &OutputConfig> {
        // A list of sources, or the page for publishers, has no stories.
        let has_stories = |output: &&OutputConfig| output.format.is_feed() || output.format == Format::Html;
        self.outputs_and_posts().filter(has_stories).filter(|output| output.digest.is_none())
    }

    /// Whether any page has small copies of pictures.
    pub(crate) fn copies_pictures(&self) -> bool {
        self.outputs.iter().any(|output| output.images == Images::Copy)
    }

    /// Everything that has issues, and when.
    pub(crate) fn digests(&self) -> impl Iterator<Item = (&OutputConfig, &Digest)> {
        self.outputs_and_posts().filter_map(|output| Some((output, output.digest.as_ref()?)))
    }

    fn outputs_and_posts(&self) -> impl Iterator<Item = &OutputConfig> {
        self.outputs.iter().chain(self.posts.iter().map(|post| &post.output))
    }
}

/// `[fetch]`.
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// Interval between polls of a source; `None`: derived from the source's own rhythm.
    pub every: Option<SignedDuration>,
    /// Never poll a source sooner than this after the last request. Default 30 min.
    pub floor: SignedDuration,
    /// Least time between two request starts to one host. Default 1 s.
    pub spacing: Duration,
    /// Requests in flight over all hosts, 1 to 1,000. Default 16.
    pub parallelism: usize,
    /// Time limit of one request, body included. Default 30 s.
    pub timeout: Duration,
    /// Time limit of all fetching in one run. Default 10 min.
    pub deadline: Duration,
    /// Everything is fetched through it; `None`: directly.
    pub proxy: Option<Proxy>,
    /// Largest decoded body in bytes. Default 10 MiB.
    pub max_body_bytes: u64,
    /// Non-public addresses that may be fetched nevertheless.
    pub allow: Vec<Allowed>,
    /// The whole User-Agent, instead of `feedloom/VERSION (+CONTACT)`.
    pub user_agent: Option<String>,
    /// What robots.txt is consulted for.
    pub robots: RobotsFor,
}

/// What robots.txt is consulted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RobotsFor {
    /// Article pages. A feed is something to subscribe to, and every reader fetches it.
    #[default]
    Articles,
    /// Feeds too.
    All,
}

impl FetchConfig {
    /// The User-Agent that is sent.
    #[must_use]
    pub fn agent(&self, contact: Option<&str>) -> String {
        match (&self.user_agent, contact) {
            (Some(whole), _) => whole.clone(),
            (None, Some(contact)) => format!("feedloom/{} (+{contact})", env!("CARGO_PKG_VERSION")),
            (None, None) => format!("feedloom/{}", env!("CARGO_PKG_VERSION")),
        }
    }
}

/// `[store]`.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Older entries that no output shows any more are forgotten except for their keys; `None`: never.
    /// Default 180 days.
    pub keep: Option<SignedDuration>,
    /// What is older than that is in no output: its whole texts are let go, unless everything is kept.
    pub shown: SignedDuration,
}

/// `[weave]`.
#[derive(Debug, Clone)]
pub struct WeaveConfig {
    /// How eagerly entries become one story.
    pub same_story: SameStory,
    /// How far back an entry looks for its story. Default 72 h.
    pub lookback: SignedDuration,
    /// Pairs of articles that are never one story.
    pub split: Vec<(Url, Url)>,
    /// Pairs of articles that are one story.
    pub join: Vec<(Url, Url)>,
}

/// How eagerly entries become one story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameStory {
    /// Each entry is a story of its own.
    Off,
    /// Same address or same title only.
    Exact,
    /// Also the same news in different words, if that is rather certain.
    #[default]
    Balanced,
    /// Also if it is only likely.
    Eager,
}
