//! Who leads a story: the rule of [`model::lead`](crate::model::lead), asked with what a pass knows of the members.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::copies::Sketch;
use crate::model::{EntryKey, LeadInput, Source, SourceId, lead};
use crate::store::MemberRow;
use crate::text::TitleKinds;

/// What decides of a member whether it leads its story.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) key: EntryKey,
    pub(super) kinds: TitleKinds,
    pub(super) text_chars: u32,
    /// The hash of its canonical address.
    pub(super) address: i64,
    pub(super) time: Timestamp,
    /// When it joined; `None`: in this pass.
    pub(super) joined: Option<Timestamp>,
    pub(super) held_back: bool,
    pub(super) sketch: Option<Sketch>,
}

/// The place of the member that leads.
pub(super) fn elect_lead(members: &[&Facts], sources: &BTreeMap<SourceId, Source>) -> usize {
    let inputs: Vec<LeadInput<'_>> = members
        .iter()
        .map(|member| {
            let source = sources.get(&member.key.source);
            LeadInput {
                key: &member.key,
                kinds: member.kinds,
                text_chars: member.text_chars as usize,
                weight: source.map_or(1, |source| source.weight),
                kind: source.map(|source| source.kind).unwrap_or_default(),
                follows: members.iter().any(|other| follows(member, other)),
                time: member.time,
            }
        })
        .collect();
    lead(&inputs).unwrap_or(0)
}

/// Whether an entry follows an earlier one of another source: it links to its article, or its text is a copy of its
/// text.
fn follows(entry: &Facts, other: &Facts) -> bool {
    let is_copy = || entry.sketch.as_ref().zip(other.sketch.as_ref()).is_some_and(|(a, b)| b.is_copy(a));
    other.key.source != entry.key.source
        && (other.time, &other.key) < (entry.time, &entry.key)
        && (other.address == entry.address || is_copy())
}

impl From<MemberRow> for Facts {
    fn from(row: MemberRow) -> Self {
        Self {
            kinds: TitleKinds::of(&row.title),
            key: row.key,
            text_chars: row.text_chars,
            address: row.address,
            time: row.time,
            joined: Some(row.joined),
            held_back: row.held_back,
            sketch: row.sketch.as_deref().and_then(Sketch::from_bytes),
        }
    }
}
