//! Which entry leads a story in an output: by the one rule of [`model`](crate::model::lead), over the entries that the
//! output is for.

use jiff::Timestamp;

use super::coverage::Shown;
use super::input::Input;
use super::scope::qualifies;
use crate::config::OutputConfig;
use crate::model::{
    Claim, EntryKey, LeadInput, Member, Source, StoredEntry, Story, follows, gives_way, is_own_article, lead,
};
use crate::text::{address_hash, writer_of};

/// The place in `entries` of the one that leads `story` in `output`; `None`: the output is for none of them.
///
/// Whoever would lead the story if nobody else had covered it; if that entry may not be shown, the best of those
/// that may.
pub(super) fn leader(input: &Input<'_>, output: &OutputConfig, story: &Story, entries: &[Shown<'_>]) -> Option<usize> {
    let own: Vec<usize> = (0..entries.len()).filter(|at| qualifies(output, entries[*at].source)).collect();
    let elected = elected(input, output, story);
    let shown = own.iter().copied().find(|at| Some(&entries[*at].entry.key) == elected);
    shown.or_else(|| {
        let candidates: Vec<_> = own.iter().map(|at| (entries[*at].entry, entries[*at].source)).collect();
        Some(own[best(&candidates)?])
    })
}

/// The entry that leads the story among those that `output` is for. What is published keeps its lead: entries that came
/// after the story was complete (`settle`) do not stand for election, unless a link list, a roundup or a live page leads.
fn elected<'a>(input: &Input<'a>, output: &OutputConfig, story: &'a Story) -> Option<&'a EntryKey> {
    let of_output = |member: &'a Member| {
        let source = input.sources.get(&member.entry.key.source)?;
        qualifies(output, source).then_some((member, source))
    };
    let own: Vec<(&Member, &Source)> = story.members.iter().filter_map(of_output).collect();
    if own.len() == story.members.len() {
        return Some(&story.members.get(story.lead)?.entry.key);
    }
    let opened = own.iter().map(|(member, _)| member.since()).min()?;
    let complete = opened.checked_add(input.config.settle).unwrap_or(Timestamp::MAX);
    let stands = |member: &Member| story.first_published.is_none() || member.joined <= complete;
    let entries = |of: &[(&'a Member, &'a Source)]| -> Vec<(&'a StoredEntry, &'a Source)> {
        of.iter().map(|(member, source)| (&member.entry, *source)).collect()
    };
    let settled: Vec<(&Member, &Source)> = own.iter().copied().filter(|(member, _)| stands(member)).collect();
    let (settled, all) = (entries(&settled), entries(&own));
    let (leading, now) = (settled[best(&settled)?], all[best(&all)?]);
    let of = |(entry, source): (&'a StoredEntry, &'a Source)| LeadInput::of(entry, Some(source));
    let elected = if gives_way(&of(leading), &of(now)) { now } else { leading };
    Some(&elected.0.key)
}

fn best(candidates: &[(&StoredEntry, &Source)]) -> Option<usize> {
    let claims: Vec<Claim<'_>> = candidates.iter().map(|(entry, source)| claim(entry, source)).collect();
    // Copies of texts are found while weaving; here only what links to another's article follows it.
    let follows_any = |claim: &Claim<'_>| claims.iter().any(|other| follows(claim, other, || false));
    let inputs = candidates.iter().zip(&claims).map(|((entry, source), claim)| LeadInput {
        follows: follows_any(claim),
        ..LeadInput::of(entry, Some(source))
    });
    lead(&inputs.collect::<Vec<_>>())
}

fn claim<'a>(entry: &'a StoredEntry, source: &Source) -> Claim<'a> {
    let owns = is_own_article(writer_of(&entry.url).as_deref(), Some(source));
    Claim { key: &entry.key, address: address_hash(&entry.url), owns, time: entry.told() }
}
