//! How many outlets cover a story, counted so that nobody can inflate it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::coverage::Shown;
use super::credit::shown_guid;
use super::outlet::{Behind, outlets_of};
use super::text_sketch::sketch;
use crate::model::{CountedEntry, Coverage, OutletKey, Outlets, Source, SourceId, StoredEntry, Story};
use crate::text::{TextSketch, canonical};

/// Counts the outlets of `entries`, the leading one first.
///
/// Independent outlets, by owner: copies of a text, link lists, editions of one owner and an article at two addresses
/// count once, and so does all that one source brings, unless feeds.toml trusts it.
pub(super) fn tally(entries: &[Shown<'_>], outlets: &Outlets<'_>) -> Coverage {
    let mut count = Count::default();
    for shown in entries {
        for behind in outlets_of(shown, outlets) {
            count.add(shown, &behind, outlets);
        }
    }
    count.coverage
}

/// What the entries of `story` count for, whatever an output shows of them.
pub(crate) fn coverage_of(story: &Story, sources: &BTreeMap<SourceId, Source>) -> Coverage {
    tally(&lead_first(story, sources), &Outlets::new(sources))
}

/// The entries of `story` that are of `sources`, the leading one first.
pub(super) fn lead_first<'a>(story: &'a Story, sources: &'a BTreeMap<SourceId, Source>) -> Vec<Shown<'a>> {
    let lead_first = story
        .members
        .get(story.lead)
        .into_iter()
        .chain(story.members.iter().enumerate().filter(|(at, _)| *at != story.lead).map(|(_, member)| member));
    let shown = lead_first.filter_map(|member| {
        let source = sources.get(&member.entry.key.source)?;
        Some(Shown { entry: &member.entry, source })
    });
    shown.collect()
}

#[derive(Default)]
struct Count<'a> {
    coverage: Coverage,
    outlets: BTreeMap<OutletKey, String>,
    articles: BTreeSet<String>,
    sources: BTreeSet<SourceId>,
    /// The texts so far.
    texts: Vec<Text<'a>>,
    /// Sources that count, or of which another one has copied a text that counts for nothing because of that: nobody's
    /// texts, however mixed, take more away from the count than they add.
    originals: BTreeMap<SourceId, Copied>,
}

/// A text that others may have copied, sketched when there is another one to compare it with.
struct Text<'a> {
    outlet: String,
    entry: &'a StoredEntry,
    sketch: OnceCell<Option<TextSketch>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    NotYet,
    Once,
}

impl<'a> Count<'a> {
    fn add(&mut self, shown: &Shown<'a>, behind: &Behind, outlets: &Outlets<'_>) {
        let is_stranger = !self.coverage.entries.is_empty() && outlets.is_stranger(shown.source, &behind.url);
        let why = match is_stranger {
            true => Some("the article of another source".to_owned()),
            false => self.refusal(shown, behind).or_else(|| self.copy(shown, behind)),
        };
        let is_list = shown.source.is_list() && behind.via.is_none() && !self.coverage.entries.is_empty();
        let is_new = !is_list && !is_stranger && self.articles.insert(canonical(&behind.url));
        self.coverage.articles += usize::from(is_new);
        let counts = why.is_none();
        self.coverage.outlets += usize::from(counts);
        self.coverage.entries.push(CountedEntry {
            source: shown.source.id.to_string(),
            guid: shown_guid(shown.entry),
            outlet: behind.name.clone(),
            counts,
            why: why.unwrap_or_else(|| "an outlet of its own".to_owned()),
        });
        if is_stranger {
            return;
        }
        for key in [&behind.key, &behind.place] {
            self.outlets.entry(key.clone()).or_insert_with(|| behind.name.clone());
        }
        self.sources.insert(shown.source.id.clone());
        if counts {
            self.originals.entry(shown.source.id.clone()).or_insert(Copied::NotYet);
        }
        if behind.given.is_none() {
            self.texts.push(Text { outlet: behind.name.clone(), entry: shown.entry, sketch: OnceCell::new() });
        }
    }

    /// Why it does not add an outlet; `None`: it does.
    fn refusal(&self, shown: &Shown<'_>, behind: &Behind) -> Option<String> {
        let source = shown.source;
        if self.coverage.entries.is_empty() {
            return None;
        }
        if source.is_list() && behind.via.is_none() {
            return Some("a link list, where it is discussed".to_owned());
        }
        if self.articles.contains(&canonical(&behind.url)) {
            return Some("the same article again".to_owned());
        }
        if let Some(counted) = self.outlets.get(&behind.key).or_else(|| self.outlets.get(&behind.place)) {
            return Some(format!("{counted} is counted already"));
        }
        if !source.trusted && self.sources.contains(&source.id) {
            return Some(format!("all that {} brings counts once", source.id));
        }
        None
    }

    /// Why it is a copy, if it is: of the leading entry's text, or of one whose source counts in its stead.
    fn copy(&mut self, shown: &Shown<'_>, behind: &Behind) -> Option<String> {
        let lead = &self.texts.first()?.entry.key.source;
        let own = sketch(shown.entry).filter(|_| behind.given.is_none())?;
        let may_stand_for_it = |text: &&Text<'_>| {
            let source = &text.entry.key.source;
            source == lead || self.originals.get(source) == Some(&Copied::NotYet)
        };
        let is_near = |text: &&Text<'_>| {
            text.sketch.get_or_init(|| sketch(text.entry)).as_ref().is_some_and(|known| known.is_near(&own))
        };
        let original = self.texts.iter().filter(may_stand_for_it).find(is_near)?;
        self.originals.insert(original.entry.key.source.clone(), Copied::Once);
        Some(format!("a copy of the text of {}", original.outlet))
    }
}
