//! Stories → files: select → render → gate → write.
//!
//! [`plan`] does all that needs no disk; the caller stores its [`Plan::publications`], which freezes
//! ids, dates and what has been shown, and then hands each [`Rendered`] to [`write`](fn@write). In that order, a
//! crash between the two changes nothing that a subscriber could see.

mod stage;

mod fingerprint;
mod archive;

mod verdict;
mod select;
mod item_set;

mod allowance;
mod taken_down;
mod filter;
mod coverage;

mod page_fallback;
mod item;

mod attribution;
mod body;
mod excerpt;
mod boilerplate;
mod nesting;
mod verify;
mod about;
mod plain_line;

pub mod render;

mod gate;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::{Config, Format, OutputConfig};
use crate::model::{Channel, EntryKey, Item, Source, SourceId, Story, StoryId};
use crate::store::TagBase;

use item_set::ItemSet;
use render::Nav;

pub use allowance::allowance;
pub(crate) use excerpt::excerpt_of_article;
pub use filter::{FilterError, Filters};
pub use gate::GateError;
pub use render::RenderError;
pub use stage::{OutputReport, PublishReport, PublishStageError, flood, publish};
pub use taken_down::TakenDown;
pub use verdict::{OutputVerdicts, Rule, Verdict, verdicts};
pub use write::{Mode, PublishError, Shrink, Written, write};

/// No document grows beyond this: many readers stop at a megabyte, and each of them fetches it all
/// at every change.
pub const MAX_DOCUMENT_BYTES: usize = 512 * 1024;

/// No page grows beyond this: it is there at once on a slow line too.
pub const MAX_PAGE_BYTES: usize = 100_000;

/// All that publishing works on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The time of this pass.
    pub now: Timestamp,
    /// feeds.toml.
    pub config: &'a Config,
    /// `tag:HOST,YEAR:`, fixed at the first publish and kept in the store ([`tag_base`]).
    pub tag_base: &'a str,
    /// The sources of feeds.toml. What is of another source is left out, and of one that forbids it.
    pub sources: &'a BTreeMap<SourceId, Source>,
    /// The stories to choose from: all that were first published within the longest `max_age`, or
    /// about twice the largest `items` of them where there is none, and all that never were.
    pub stories: &'a [Story],
    /// What may never be published.
    pub taken_down: &'a TakenDown,
    /// What filter programs said before, and who asks them.
    pub filters: &'a Filters<'a>,
}

/// What one pass publishes.
#[derive(Debug)]
pub struct Plan {
    /// The documents, in the order of feeds.toml.
    pub outputs: Vec<Rendered>,
    /// What the store has to keep, by story.
    pub publications: Vec<Publication>,
    /// When entries or stories that wait to be shown may be; `None`: none waits.
    pub again_at: Option<Timestamp>,
    /// Items that a filter failed on and that are left out, or with which it failed altogether.
    pub filter_failures: Vec<FilterFailure>,
}

/// An item that a filter program failed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterFailure {
    /// The story.
    pub story: StoryId,
    /// The first output with that filter.
    pub file: String,
    /// The program and its arguments.
    pub program: String,
    /// Title of the item.
    pub title: String,
    /// What went wrong.
    pub reason: String,
}

/// What is fixed for good by showing a story: stored before any file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The story.
    pub story: StoryId,
    /// When it was first published.
    pub first_published: Timestamp,
    /// The date that it carries from now on.
    pub date: Timestamp,
    /// The entries that are shown from this pass on; their time of showing is `now`.
    pub newly_shown: Vec<EntryKey>,
}

/// One document, ready for the gate.
#[derive(Debug)]
pub struct Rendered {
    /// File name under the output folder.
    pub file: String,
    /// Its form.
    pub format: Format,
    /// The document.
    pub bytes: Vec<u8>,
    /// How many items are in it (of a list of sources: how many sources).
    pub items: usize,
    expected: Vec<gate::Expected>,
    /// Ids of stories that a rule leaves out, and which rule.
    left_out: BTreeMap<String, Rule>,
    /// Ids of stories that takedowns touch: that they are gone from the document is meant.
    taken_down: BTreeSet<String>,
    max_shrink: f64,
    /// Why there is no document: a template of the operator's own that cannot be used.
    failed: Option<RenderError>,
}

impl Rendered {
    /// A document about sources, of which `count` are in it.
    fn without_items(output: &OutputConfig, bytes: Vec<u8>, count: usize) -> Self {
        Self {
            file: output.file.clone(),
            format: output.format,
            bytes,
            items: count,
            expected: Vec::new(),
            left_out: BTreeMap::new(),
            taken_down: BTreeSet::new(),
            max_shrink: output.max_shrink,
            failed: None,
        }
    }
}

/// The base of every id, for a first publish at `now`: the host of `link`. Without a public address, a
/// name under `.invalid` (RFC 2606) made from `seed`.
#[must_use]
pub fn tag_base(link: Option<&url::Url>, seed: &str, now: Timestamp) -> TagBase {
    let host = link.and_then(url::Url::domain).map(str::to_owned);
    let host = host.unwrap_or_else(|| format!("{}.feedloom.invalid", crate::text::short_hash(&[seed])));
    TagBase { host, year: TimeZone::UTC.to_datetime(now).year() }
}

/// Chooses the stories of every output and writes them in its format, in memory.
///
/// # Errors
/// [`RenderError`], which only a bug in a writer could cause.
pub fn plan(input: &Input<'_>) -> Result<Plan, RenderError> {
    let settles = |story: &Story| coverage::settles_until(story, input);
    let filtering = coverage::filtering(input.config);
    let coverage: Vec<_> = input
        .stories
        .iter()
        .map(|story| if settles(story).is_none() { coverage::of(story, input, &filtering) } else { None })
        .collect();
    let stories: Vec<_> =
        input.stories.iter().zip(&coverage).filter_map(|(story, seen)| Some((story, seen.as_ref()?))).collect();
    let taken_down = touched_by_takedowns(input);
    let mut sets: Vec<ItemSet<'_>> = Vec::new();
    let mut outputs: Vec<(usize, &OutputConfig, Rendered)> = Vec::new();
    for output in &input.config.outputs {
        let at = sets.iter().position(|set| set.is_that_of(output)).unwrap_or_else(|| {
            sets.push(ItemSet::new(input, output, &stories));
            sets.len() - 1
        });
        let rendered = match output.format {
            Format::About => about::about(input, output)?,
            _ => render_output(input, output, &sets[at], usize::MAX, &Nav::of_newest(output))?,
        };
        outputs.push((at, output, rendered));
    }
    // One choice of stories has the same items in every feed: as many as fit into the largest one.
    for (at, set) in sets.iter().enumerate() {
        let of_it = |own: usize, output: &OutputConfig| own == at && output.format.is_feed();
        let lengths =
            outputs.iter().filter(|(own, output, _)| of_it(*own, output)).map(|(.., rendered)| rendered.items);
        let Some(fits) = lengths.min() else { continue };
        for (own, output, rendered) in &mut outputs {
            if of_it(*own, output) && rendered.items > fits {
                *rendered = render_output(input, output, set, fits, &Nav::of_newest(output))?;
            }
        }
    }
    let filter_failures: Vec<FilterFailure> = sets.iter().flat_map(|set| set.failures.clone()).collect();
    Ok(Plan {
        filter_failures,
        outputs: outputs
            .into_iter()
            .map(|(.., rendered)| Rendered { taken_down: taken_down.clone(), ..rendered })
            .collect(),
        again_at: stories
            .iter()
            .filter_map(|(_, seen)| seen.waits_until)
            .chain(input.stories.iter().filter_map(settles))
            .min(),
        publications: stories.iter().filter_map(|(story, seen)| seen.publication(story, input.now)).collect(),
    })
}

/// Ids of the stories of which an entry was taken down: an output may lose them.
fn touched_by_takedowns(input: &Input<'_>) -> BTreeSet<String> {
    let is_gone = |story: &&Story| {
        input.taken_down.has_story(story) || story.members.iter().any(|member| input.taken_down.has(&member.entry))
    };
    input.stories.iter().filter(is_gone).map(|story| story.id.to_string()).collect()
}

/// One document with at most `limit` items of the set.
fn render_output(
    input: &Input<'_>,
    output: &OutputConfig,
    set: &ItemSet<'_>,
    limit: usize,
    nav: &Nav,
) -> Result<Rendered, RenderError> {
    let (mut items, beyond) = set.items.split_at(limit.min(set.items.len()));
    let of_it = |source: &&Source| select::qualifies(output, source) && allowance::is_published(source, input.config);
    // How the sources do stands on the page of the newest stories alone: that of a day stays as it is.
    let sources: Vec<&Source> = input.sources.values().filter(of_it).filter(|_| nav.day.is_none()).collect();
    let feeds = alternates(input.config, output);
    let about = input.config.outputs.iter().find(|other| other.format == Format::About);
    let about = about.map(|about| about.file.as_str());
    let mut channel = channel(input, output);
    let draw = |items: &[Item], channel: &mut Channel| {
        channel.updated = items.iter().map(|item| item.updated).max();
        let template = output.template.as_ref();
        let page =
            render::Page { channel, file: &output.file, items, sources: &sources, feeds: &feeds, template, nav, about };
        render::render(output.format, &page)
    };
    let is_front = output.format == Format::Html && nav.day.is_none();
    let most_bytes = if is_front { MAX_PAGE_BYTES } else { MAX_DOCUMENT_BYTES };
    let (mut bytes, mut failed) = (Vec::new(), None);
    if let Some((program, reason)) = set.broken.as_ref().filter(|_| output.format != Format::Opml) {
        failed = Some(RenderError::filter(program, reason));
    }
    match draw(items, &mut channel) {
        Ok(drawn) => bytes = drawn,
        Err(error @ RenderError::Template { .. }) if output.template.is_some() => failed = Some(error),
        Err(error) => return Err(error),
    }
    let mut left_out = set.left_out.clone();
    left_out.extend(beyond.iter().map(|item| (item.story.to_string(), Rule::Size(MAX_DOCUMENT_BYTES))));
    while bytes.len() > most_bytes && items.len() > 1 {
        // The share that fits, and at least one less; a second round is rare.
        let fits = (items.len() * most_bytes / bytes.len()).clamp(1, items.len() - 1);
        left_out.extend(items[fits..].iter().map(|item| (item.story.to_string(), Rule::Size(most_bytes))));
        items = &items[..fits];
        bytes = draw(items, &mut channel)?;
    }
    let (count, expected) = match output.format {
        Format::Opml => (sources.len(), Vec::new()),
        _ => (items.len(), items.iter().map(gate::Expected::of).collect()),
    };
    Ok(Rendered {
        file: output.file.clone(),
        format: output.format,
        bytes,
        items: count,
        expected,
        left_out,
        taken_down: BTreeSet::new(),
        max_shrink: output.max_shrink,
        failed,
    })
}

fn channel(input: &Input<'_>, output: &OutputConfig) -> Channel {
    Channel {
        title: output.title.clone().unwrap_or_else(|| input.config.title.clone()),
        description: input.config.description.clone(),
        link: input.config.link.clone(),
        tag_base: input.tag_base.to_owned(),
        language: input.config.language.clone(),
        updated: None,
        hub: output.hub.clone(),
    }
}

/// The public address of an output, as it names itself in it; `None` without a `link` in feeds.toml.
#[must_use]
pub fn own_address(config: &Config, output: &OutputConfig) -> Option<String> {
    Some(render::uri(&render::address_under(config.link.as_ref()?, &output.file)?))
}

/// The feeds that a page stands for: those of the same choice of sources, else all.
fn alternates<'a>(config: &'a Config, page: &OutputConfig) -> Vec<render::Alternate<'a>> {
    let all = || config.outputs.iter().filter(|output| !matches!(output.format, Format::Html | Format::About));
    let same = |output: &&OutputConfig| output.tags == page.tags && output.sources == page.sources;
    let of = |output: &'a OutputConfig| render::Alternate { format: output.format, file: &output.file };
    let twins: Vec<_> = all().filter(same).map(of).collect();
    if twins.is_empty() { all().map(of).collect() } else { twins }
}
