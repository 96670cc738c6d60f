use anyhow::Result;
use jiff::Timestamp;
use url::Url;

use super::choose::choose;
use super::look::{Found, FoundFeed, NotFound, already_there, look};
use super::write;
use super::write::print_lines;
use crate::cli::console;
use crate::cli::exit::Exit;
use crate::cli::plural::count;
use crate::cli::session::{Session, clock, known_state, runtime};
use crate::config::{Config, FeedsFile, NewSource, SourceAddress, SourceConfig, full_address, same_address};
use crate::gather::Prober;
use crate::model::SourceKind;
use crate::parse::AnnouncedFeed;
use crate::text::for_terminal;

/// Add a feed, or the feed that a site announces, to feeds.toml
///
/// Each is fetched once to see that it can be read, and gets an id and a name. It goes to the end of feeds.toml; all
/// else there stays as it is, byte for byte. If a site announces several feeds, you are asked which; without a
/// terminal they are listed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The address of a feed or of a site
    #[arg(value_name = "URL", required = true)]
    urls: Vec<String>,

    /// Give it this tag; may be repeated
    #[arg(long = "tag", value_name = "TAG", value_parser = tag)]
    tags: Vec<String>,

    /// An outlet that writes its own articles, or a list of links; without it, what its entries link to decides
    #[arg(long, value_name = "KIND", value_parser = ["original", "aggregator"])]
    kind: Option<String>,

    /// Show what would be written, change nothing
    #[arg(long)]
    dry_run: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn tag(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        Err("a tag is a word".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

pub(in crate::cli) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let (file, config) = FeedsFile::read(&session.config_path())?;
    let mut adding = Adding { session, config: &config, found: Vec::new(), missed: 0, known: 0 };
    let drafts: Vec<NewSource> = args.urls.iter().filter_map(|typed| adding.draft(&file, args, typed)).collect();
    if !drafts.is_empty() {
        let (_, with_drafts) = file.with(&drafts)?;
        let mut prober = Prober::new(&with_drafts, known_state(&config), clock(args.now))?;
        let own = |config: &Config| config.sources.iter().filter(|source| source.list.is_none()).count();
        let sources = &with_drafts.sources[own(&config)..own(&with_drafts)];
        let runtime = runtime()?;
        for (source, draft) in sources.iter().zip(&drafts) {
            runtime.block_on(adding.find(&mut prober, source, draft));
        }
    }
    let Adding { found, missed, known, .. } = adding;
    let written = if args.dry_run {
        let sources = write::named(&config, &found);
        print_lines(&FeedsFile::lines_of(&sources));
        sources
    } else {
        let sources = write::append(session, &file, &found)?;
        report(session, &sources, &found);
        sources
    };
    Ok(if missed > 0 || written.is_empty() && known > 0 { Exit::Nothing } else { Exit::Current })
}

/// What was found so far.
struct Adding<'a> {
    session: &'a Session,
    config: &'a Config,
    found: Vec<FoundFeed>,
    /// Addresses at which there is nothing to add.
    missed: usize,
    /// Addresses that are already in feeds.toml.
    known: usize,
}

impl Adding<'_> {
    /// What would be written for an address as typed; `None`: it is not an address, or is there already.
    fn draft(&mut self, file: &FeedsFile, args: &Args, typed: &str) -> Option<NewSource> {
        let kind = args.kind.as_deref();
        let kind = kind.map(|kind| if kind == "aggregator" { SourceKind::Aggregator } else { SourceKind::Original });
        let draft = NewSource { url: full_address(typed), id: None, name: None, tags: args.tags.clone(), kind };
        if let Ok(url) = Url::parse(&draft.url)
            && self.is_known(typed, &SourceAddress::Http(url))
        {
            return None;
        }
        match file.with(std::slice::from_ref(&draft)) {
            Ok(_) => Some(draft),
            Err(error) => {
                self.missed += 1;
                console::note(&format!("error: {} cannot be a source", for_terminal(typed)));
                let mut cause = std::error::Error::source(&error);
                while let Some(error) = cause {
                    console::note_unwrapped(&format!("  because: {error}"));
                    cause = error.source();
                }
                None
            }
        }
    }

    /// Looks at `source`, and at the feeds that it announces.
    async fn find(&mut self, prober: &mut Prober<'_>, source: &SourceConfig, draft: &NewSource) {
        let feeds = match look(prober, source, draft).await {
            Ok(Found::Feed(feed)) => return self.keep(&draft.url, feed),
            Err(why) => return self.miss(&draft.url, &why),
            Ok(Found::Page(feeds)) => feeds,
        };
        let feeds: Vec<AnnouncedFeed> = feeds
            .into_iter()
            .filter(|feed| !self.is_known(feed.url.as_str(), &SourceAddress::Http(feed.url.clone())))
            .collect();
        let chosen = match &feeds[..] {
            // All that it announces are there.
            [] => return,
            [only] => vec![only.url.clone()],
            several => choose(self.session, &draft.url, several),
        };
        if chosen.is_empty() {
            self.missed += 1;
        }
        for feed in chosen {
            let draft = NewSource { url: feed.to_string(), ..draft.clone() };
            let source = SourceConfig { address: SourceAddress::Http(feed), ..source.clone() };
            match look(prober, &source, &draft).await {
                Ok(Found::Feed(feed)) => self.keep(&draft.url, feed),
                Ok(Found::Page(_)) => {
                    let why = "it is announced as a feed but is a web page".to_owned();
                    self.miss(&draft.url, &NotFound { why, hint: None });
                }
                Err(why) => self.miss(&draft.url, &why),
            }
        }
    }

    fn keep(&mut self, typed: &str, feed: FoundFeed) {
        let address = SourceAddress::Http(feed.address.clone());
        let is_twice =
            |known: &FoundFeed| same_address(&SourceAddress::Http(known.address.clone())) == same_address(&address);
        if !self.is_known(typed, &address) && !self.found.iter().any(is_twice) {
            self.found.push(feed);
        }
    }

    fn miss(&mut self, address: &str, NotFound { why, hint }: &NotFound) {
        self.missed += 1;
        console::note(&format!("error: {}: {}", for_terminal(address), for_terminal(why)));
        if let Some(hint) = hint {
            console::note(&format!("  hint: {}", for_terminal(hint)));
        }
    }

    /// Prints a note if feeds.toml already has the feed at `address`.
    fn is_known(&mut self, typed: &str, address: &SourceAddress) -> bool {
        let Some(source) = already_there(self.config, address) else { return false };
        self.known += 1;
        let place = format!("{}:{}", self.config.path.display(), source.line);
        console::note(&format!("{} is there already, as `{}` ({place})", for_terminal(typed), source.id));
        true
    }
}

fn report(session: &Session, sources: &[NewSource], found: &[FoundFeed]) {
    for source in sources {
        let id = source.id.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = source.name.as_deref().unwrap_or(&source.url);
        let entries = found.iter().find(|feed| feed.source.url == source.url).map_or(0, |feed| feed.entries);
        let line = format!("added {id}: {name}, {} ({})", source.url, count(entries, "entry"));
        console::print(&for_terminal(&line));
    }
    if !sources.is_empty() && !session.quiet && console::is_terminal() {
        console::note(&format!("  hint: to fetch what is new: {}", session.command("run")));
    }
}
