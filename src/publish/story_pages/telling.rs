//! What each outlet of a story tells, in order of time, and what a person corrected.

use crate::config::OutputConfig;
use crate::model::{Attribution, Item, Republish, StoryId};
use crate::publish::allowance::entry_allowance;
use crate::publish::coverage::Shown;
use crate::publish::credit::shown_guid;
use crate::publish::excerpt::{FromPage, Texts};
use crate::publish::input::Input;
use crate::publish::plain_line::{one_line, prose};
use crate::publish::render::{Correction, Telling};
use crate::store::{self, CorrectionKind};

/// What the outlets of `item` tell, the earliest first, as much as the rights of each allow; `entries` are those of its
/// story that the output shows.
pub(super) fn tellings<'i>(
    item: &'i Item,
    entries: &[Shown<'_>],
    input: &Input<'_>,
    output: &OutputConfig,
) -> Vec<Telling<'i>> {
    // What a filter has not seen is named, not quoted.
    let entries = if output.filter.is_some() { &[] } else { entries };
    let mut credits: Vec<&Attribution> = item.attributions().iter().collect();
    // The lead first among those of one time.
    credits.sort_by_key(|credit| credit.published);
    credits.into_iter().map(|credit| telling(item, credit, entries, input, output)).collect()
}

fn telling<'i>(
    item: &'i Item,
    credit: &'i Attribution,
    entries: &[Shown<'_>],
    input: &Input<'_>,
    output: &OutputConfig,
) -> Telling<'i> {
    let plain = Telling { credit, excerpt: String::new(), disclosure: None, edited: None, language: None };
    let is_its =
        |shown: &&Shown<'_>| shown.source.id.as_str() == credit.source.id && shown_guid(shown.entry) == credit.guid;
    let Some(Shown { entry, source }) = entries.iter().find(is_its).copied() else { return plain };
    // What a link list says of the article of another is not that outlet's telling.
    let is_own = credit.source.via.is_none() && entry.credits.is_none() && entry.via.is_none();
    if !is_own {
        return plain;
    }
    let minute = jiff::SignedDuration::from_mins(1);
    let is_later = |edited: &jiff::Timestamp| *edited <= input.now && edited.duration_since(credit.published) >= minute;
    let is_shown_above = credit.url == item.lead().url;
    let excerpt = if is_shown_above { String::new() } else { excerpt(credit, Shown { entry, source }, input, output) };
    let excerpt = if excerpt == item.excerpt { String::new() } else { excerpt };
    let disclosure = source.disclosure.as_deref().map(one_line).filter(|line| !line.is_empty() && !excerpt.is_empty());
    Telling {
        disclosure,
        excerpt,
        edited: entry.updated.filter(is_later),
        language: entry.language.clone().or_else(|| source.language.clone()),
        ..plain
    }
}

/// The outlet's own teaser or first sentences, where its rights allow an excerpt.
fn excerpt(credit: &Attribution, shown: Shown<'_>, input: &Input<'_>, output: &OutputConfig) -> String {
    let Shown { entry, source } = shown;
    let allowed = entry_allowance(input.config, Some(output), source, entry);
    if allowed.extent >= Republish::Headline || allowed.uncut {
        return String::new();
    }
    let texts = Texts {
        teaser: entry.summary.as_ref(),
        content: entry.content.as_ref(),
        article: entry.article.as_deref(),
        from_page: if allowed.only_from_feed { FromPage::Nothing } else { FromPage::All },
    };
    prose(&texts.excerpt(&credit.title, allowed.excerpt_chars))
}

/// What a person corrected about `story`, the first first; `page_of`: the page of another story, if it has one.
pub(super) fn corrections(
    all: &[store::Correction],
    story: &StoryId,
    page_of: impl Fn(&StoryId) -> Option<String>,
) -> Vec<Correction> {
    let of_it = |known: &store::Correction| {
        let (kind, other) = match known.kind {
            CorrectionKind::Split if known.story == *story => ("split", Some(&known.other)),
            CorrectionKind::Split if known.other == *story => ("split_off", Some(&known.story)),
            CorrectionKind::Join if known.story == *story => ("joined", None),
            _ => return None,
        };
        Some(Correction { kind, at: known.at, other: other.and_then(&page_of) })
    };
    all.iter().filter_map(of_it).collect()
}
