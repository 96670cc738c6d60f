//! What a publish reads from the store, before it decides.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::allowance::{allowance, is_published};
use super::channel::tag_base;
use super::copied_pictures::CopiedPictures;
use super::derived::Derived;
use super::digest::Issues;
use super::facets::{self, FacetPages};
use super::file_stamp::file_stamp;
use super::input::Input;
use super::picture_files;
use super::public_document::PublicDocument;
use super::report::{OutputReport, PublishReport};
use super::scope::qualifies;
use super::select::{LEAST_ITEMS, turn_of};
use super::story_pages::{self, StoryPages};
use super::taken_down::TakenDown;
use super::top;
use super::top_items::TopItems;
use super::write::Written;
use crate::config::{Config, Format, Order};
use crate::model::{Republish, Source, SourceId, Story, StoryId, story_date};
use crate::store::{Reader, StoreError, StoriesAsked, StoryNumber, TagBase};
use crate::text::content_hash;

/// Number of stories looked at for each item that an output may hold …
const LOOKED_AT_PER_ITEM: usize = 3;
/// … and if a source's `max_items` or an age may leave many of them out.
const LOOKED_AT_WITH_LIMITS: usize = 30;

/// Everything that a publish knows from the store.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) tag_base: TagBase,
    /// The same as text.
    tag: String,
    pub(super) sources: BTreeMap<SourceId, Source>,
    stories: Vec<Story>,
    taken_down: TakenDown,
    story_pages: StoryPages,
    facet_pages: FacetPages,
    pictures: CopiedPictures,
    /// What is in the files as they are, by file.
    pub(super) public: BTreeMap<String, PublicDocument>,
    /// What outputs of top stories had at the last publish.
    pub(super) top_items: TopItems,
    /// Stories that count as published if no output shows them, with the date of each.
    pub(super) at_hand: Vec<(StoryNumber, Timestamp)>,
}

impl Known {
    pub(super) fn read(
        store: &Reader,
        config: &Config,
        sources: BTreeMap<SourceId, Source>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let of_config = || tag_base(config.link.as_ref(), &config.path.to_string_lossy(), now);
        let tag_base = store.tag_base()?.unwrap_or_else(of_config);
        say_what_is_not_published(&sources, config);
        let settled = now.saturating_sub(config.settle).unwrap_or(now);
        let unpublished = store.unpublished_stories(settled)?;
        // What is shown counts back from what came last: if nothing comes, nothing leaves.
        let newest = if unpublished.is_empty() { store.last_showing()?.unwrap_or(now) } else { now };
        let public = public_documents(store, config)?;
        let numbers = numbers_at_hand(store, config, &sources, newest, &public)?;
        let stories: Vec<Story> =
            numbers.into_iter().map(|number| store.story(number)).collect::<Result<_, StoreError>>()?;
        Ok(Self {
            tag: tag_base.to_string(),
            tag_base,
            story_pages: story_pages::known(store, stories.iter().map(|story| &story.id))?,
            facet_pages: facets::known(store)?,
            pictures: CopiedPictures::load(store, config)?,
            stories,
            taken_down: TakenDown::load(store, config)?,
            public,
            top_items: top_items(store, config)?,
            at_hand: unpublished
                .into_iter()
                .map(|story| (story.story, story_date(story.published, story.first_seen)))
                .collect(),
            sources,
        })
    }

    /// Replaces the stories by what `change` makes of them.
    pub(super) fn change_stories(
        &mut self,
        change: impl FnOnce(&mut Vec<Story>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        change(&mut self.stories)
    }

    /// What follows from its sources.
    pub(super) fn derived(&self) -> Derived<'_> {
        Derived::of(&self.sources)
    }

    /// What a publish works on; `derived`: [`Self::derived`].
    pub(super) fn input<'a>(
        &'a self,
        config: &'a Config,
        now: Timestamp,
        issues: &'a Issues,
        derived: &'a Derived<'a>,
    ) -> Input<'a> {
        let Self { tag, sources, stories, taken_down, public, top_items, story_pages, facet_pages, pictures, .. } =
            self;
        Input {
            now,
            config,
            config_is_new: false,
            outputs_are_as_left: public.values().all(PublicDocument::is_as_left),
            tag_base: tag,
            sources,
            stories,
            taken_down,
            top_items,
            issues,
            story_pages,
            facet_pages,
            pictures,
            derived,
        }
    }
}

fn top_items(store: &Reader, config: &Config) -> Result<TopItems, StoreError> {
    let has_top = config.outputs.iter().any(|output| output.order == Order::Top);
    if has_top { store.top_items() } else { Ok(TopItems::new()) }
}

fn say_what_is_not_published(sources: &BTreeMap<SourceId, Source>, config: &Config) {
    for source in sources.values() {
        let allowed = allowance(config, None, source, &[]);
        if allowed.extent >= Republish::Off {
            tracing::info!(source = source.id.as_str(), why = allowed.sentence(), "not published");
        }
    }
}

/// The numbers of the stories that any output may choose from at `newest`, or shows now.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn stories_at_hand(
    store: &Reader,
    config: &Config,
    sources: &BTreeMap<SourceId, Source>,
    newest: Timestamp,
) -> Result<BTreeSet<StoryNumber>, StoreError> {
    numbers_at_hand(store, config, sources, newest, &public_documents(store, config)?)
}

fn numbers_at_hand(
    store: &Reader,
    config: &Config,
    sources: &BTreeMap<SourceId, Source>,
    newest: Timestamp,
    public: &BTreeMap<String, PublicDocument>,
) -> Result<BTreeSet<StoryNumber>, StoreError> {
    let mut numbers = BTreeSet::new();
    let mut asked = BTreeSet::new();
    let published: Vec<&Source> = sources.values().filter(|source| is_published(source, config)).collect();
    for output in config.choosing() {
        let of: Vec<&SourceId> =
            published.iter().filter(|source| qualifies(output, source)).map(|source| &source.id).collect();
        let is_limited = output.max_age.is_some()
            || output.filter.is_some()
            || output.rewrite.as_ref().is_some_and(|rewrite| rewrite.wait)
            || !output.rules.is_empty()
            || sources.values().any(|source| source.max_items.is_some());
        let times = if is_limited { LOOKED_AT_WITH_LIMITS } else { LOOKED_AT_PER_ITEM };
        let wanted = StoriesAsked {
            least_sources: top::bar(output),
            since: newest.checked_sub(output.span).unwrap_or(Timestamp::MIN),
            turns: turn_of(output),
            limit: (output.items * LOOKED_AT_PER_ITEM).max(LEAST_ITEMS.min(output.items) * times),
            least: LEAST_ITEMS.min(output.items) * times,
        };
        if asked.insert((of.clone(), wanted)) {
            numbers.extend(store.publishable_stories(&of, &wanted)?);
        }
    }
    for document in public.values() {
        numbers.extend(numbers_of(store, document)?);
    }
    Ok(numbers)
}

/// What is in the files as they are: for each story that an output loses, a rule has to say why.
fn public_documents(store: &Reader, config: &Config) -> Result<BTreeMap<String, PublicDocument>, StoreError> {
    let mut documents = BTreeMap::new();
    for output in config.outputs.iter().filter(|output| output.format.is_feed() || output.format == Format::Html) {
        // What is missing, or was not written by us, shows no story.
        let Ok(bytes) = std::fs::read(config.output_dir.join(&output.file)) else { continue };
        let published = store.published_output(&output.file)?;
        documents.insert(output.file.clone(), PublicDocument::of(output, &bytes, published));
    }
    Ok(documents)
}

fn numbers_of(store: &Reader, document: &PublicDocument) -> Result<Vec<StoryNumber>, StoreError> {
    let ids = document.stories().iter().filter_map(|story| StoryId::parse(story));
    ids.filter_map(|id| store.story_by_id(&id).transpose()).collect()
}

/// The report of a publish that has nothing to do; `None` if a file is not as it was written.
pub(super) fn untouched(store: &Reader, config: &Config) -> Result<Option<PublishReport>, StoreError> {
    let mut report = PublishReport::default();
    for output in &config.outputs {
        let Some(published) = store.published_output(&output.file)? else { return Ok(None) };
        // A file that cannot be read is written anew, which then reports what is wrong.
        let intact = std::fs::read(config.output_dir.join(&output.file))
            .is_ok_and(|bytes| content_hash(&bytes) == published.hash);
        if !intact {
            return Ok(None);
        }
        report.outputs.push(OutputReport {
            file: output.file.clone(),
            items: published.items,
            is_of_sources: output.format.is_of_sources(),
            crowded_out: 0,
            result: Ok(Written::Unchanged),
            hash: Some(published.hash),
            stories: Vec::new(),
        });
    }
    let are_as_left = story_pages::are_as_left(store, config)?
        && facets::are_as_left(store, config)?
        && picture_files::are_as_left(store, config)?;
    if !are_as_left {
        return Ok(None);
    }
    for (file, day) in store.archived_days()? {
        if file_stamp(&config.output_dir.join(file)) != day.stamp {
            return Ok(None);
        }
    }
    Ok(Some(report))
}
