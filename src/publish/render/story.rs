//! The page of a single story: its permalink, with every outlet that tells it in order of time, and what was corrected.

use jiff::Timestamp;

use super::engine::Engine;
use super::error::RenderError;
use super::finish::finished;
use super::forms::uri;
use super::language::language_tag;
use super::page::Page;
use super::page_parts::{PageLink, clean, moment, relative};
use super::page_view::{
    CorrectionView, StoryPart, TellingView, TextRoom, WHOLE_TEXTS_BYTES, credit_view, frame, item_view,
};
use crate::config::PageTemplate;
use crate::model::{Attribution, Item, Source};

/// The page that is made if the template of the output does not show single stories.
const STORY: &str = include_str!("story.html");

/// A story as its page shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoryView<'a> {
    /// The story.
    pub(crate) item: &'a Item,
    /// What each outlet tells, the earliest first.
    pub(crate) tellings: &'a [Telling<'a>],
    /// What a person corrected, the first first.
    pub(crate) corrections: &'a [Correction],
}

/// What an outlet tells.
#[derive(Debug, Clone)]
pub(crate) struct Telling<'a> {
    /// The outlet and its article.
    pub(crate) credit: &'a Attribution,
    /// As much of its text as may be shown; empty where that is nothing, or what the story shows anyway.
    pub(crate) excerpt: String,
    /// A line of its source about its texts.
    pub(crate) disclosure: Option<String>,
    /// When its publisher last edited it.
    pub(crate) edited: Option<Timestamp>,
    /// Its language, if that is known.
    pub(crate) language: Option<String>,
}

/// What a person corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Correction {
    /// `split`: a part of it is another story since; `split_off`: it was a part of another one; `joined`: it was two.
    pub(crate) kind: &'static str,
    /// When.
    pub(crate) at: Timestamp,
    /// The page of the other story, if it has one.
    pub(crate) other: Option<String>,
}

/// The template of the pages of stories, read once.
#[derive(Debug)]
pub(crate) struct StoryTemplate<'t>(Engine<'t>);

impl<'t> StoryTemplate<'t> {
    /// The output's own, if it shows single stories; else the built-in one.
    ///
    /// # Errors
    /// [`RenderError`] if it cannot be used.
    pub(crate) fn new(own: Option<&'t PageTemplate>) -> Result<Self, RenderError> {
        let own = own.filter(|own| own.has_story);
        let name = own.and_then(|own| own.path.file_name()?.to_str()).unwrap_or("story.html");
        Ok(Self(Engine::new(name, own.map_or(STORY, |own| &own.text))?))
    }

    /// The page of a story, which is the one item of `page`; UTF-8, ending in a line break.
    ///
    /// # Errors
    /// [`RenderError`] if the template cannot be used.
    pub(crate) fn render(&self, page: &Page<'_>, story: &StoryView<'_>) -> Result<Vec<u8>, RenderError> {
        let mut view = frame(page);
        view.story = Some(part(page, story));
        Ok(finished(self.0.fill(&view)?))
    }
}

/// The pages of the tags of those who tell a story, by name.
fn tags(page: &Page<'_>, item: &Item) -> Vec<PageLink> {
    let tells = |source: &&&Source| item.attributions().iter().any(|credit| credit.source.id == source.id.as_str());
    let facets = &page.nav.facets;
    let mut tags: Vec<PageLink> = Vec::new();
    if !facets.tags.is_empty() {
        tags.extend(page.sources.iter().filter(tells).flat_map(|source| facets.of_tags(source, page.file)));
    }
    tags.sort_by(|one, other| (&one.name, &one.href).cmp(&(&other.name, &other.href)));
    tags.dedup_by(|one, other| one.href == other.href);
    tags
}

fn part(page: &Page<'_>, story: &StoryView<'_>) -> StoryPart {
    let zone = &page.channel.zone;
    let mut room = TextRoom { bytes: WHOLE_TEXTS_BYTES, level: 1 };
    let telling = |telling: &Telling<'_>| TellingView {
        credit: credit_view(page, telling.credit),
        is_lead: telling.credit.url == story.item.lead().url,
        site: telling.credit.source.site.as_ref().map(uri),
        excerpt: clean(&telling.excerpt),
        language: telling.language.as_deref().and_then(language_tag),
        disclosure: telling.disclosure.as_deref().map(clean),
        edited: telling.edited.map(|time| moment(zone, time)),
    };
    StoryPart {
        item: item_view(page, story.item, &mut room),
        updated: moment(zone, story.item.updated),
        tags: tags(page, story.item),
        tellings: story.tellings.iter().map(telling).collect(),
        corrections: story
            .corrections
            .iter()
            .map(|correction| CorrectionView {
                kind: correction.kind,
                at: moment(zone, correction.at),
                other: correction.other.as_ref().map(|file| relative(page.file, file)),
            })
            .collect(),
    }
}
