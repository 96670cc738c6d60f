//! Which member leads a story: the rule of [`model::lead`](crate::model::lead), applied to what a pass knows of them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::copies::Sketch;
use crate::model::{Claim, EntryKey, LeadInput, Sites, follows, gives_way, lead, told};
use crate::store::MemberRow;
use crate::text::TitleKinds;

/// What decides whether a member leads its story.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) key: EntryKey,
    pub(super) kinds: TitleKinds,
    pub(super) text_chars: u32,
    /// The hash of its canonical address.
    pub(super) address: i64,
    /// Who owns that address.
    pub(super) owner: Option<String>,
    pub(super) time: Timestamp,
    /// When it was told: not before the last good answer of its source without it.
    pub(super) told: Timestamp,
    /// When it joined; `None`: in this pass.
    pub(super) joined: Option<Timestamp>,
    pub(super) held_back: bool,
    pub(super) sketch: Option<Sketch>,
}

/// The place of the leading member; `unlike`: entries that most others of their story do not resemble. A stranger's word
/// about an article of another source follows everything.
pub(super) fn elect_lead(members: &[&Facts], sites: &Sites<'_>, unlike: &BTreeSet<EntryKey>) -> usize {
    lead(&inputs(members, sites, unlike)).unwrap_or(0)
}

/// The place of the member that takes the lead of what is published over from the one at `leading`; `None`: that keeps it.
pub(super) fn takes_over(
    members: &[&Facts],
    leading: usize,
    sites: &Sites<'_>,
    unlike: &BTreeSet<EntryKey>,
) -> Option<usize> {
    let inputs = inputs(members, sites, unlike);
    lead(&inputs).filter(|best| gives_way(&inputs[leading], &inputs[*best]))
}

fn inputs<'a>(members: &[&'a Facts], sites: &Sites<'_>, unlike: &BTreeSet<EntryKey>) -> Vec<LeadInput<'a>> {
    let sources = sites.sources();
    let claims: Vec<Claim<'_>> = members.iter().map(|member| member.claim(sites)).collect();
    let is_copy = |a: usize, b: usize| {
        members[a].sketch.as_ref().zip(members[b].sketch.as_ref()).is_some_and(|(a, b)| b.is_copy(a))
    };
    members
        .iter()
        .enumerate()
        .map(|(at, member)| {
            let source = sources.get(&member.key.source);
            LeadInput {
                key: &member.key,
                kinds: member.kinds,
                text_chars: member.text_chars as usize,
                weight: source.map_or(1, |source| source.weight),
                kind: source.map(|source| source.kind).unwrap_or_default(),
                follows: member.is_stranger(sites)
                    || (0..members.len()).any(|other| follows(&claims[at], &claims[other], || is_copy(at, other))),
                is_unlike: unlike.contains(&member.key),
                time: member.told,
            }
        })
        .collect()
}

impl Facts {
    fn claim(&self, sites: &Sites<'_>) -> Claim<'_> {
        Claim { key: &self.key, address: self.address, owns: self.is_own(sites), time: self.told }
    }

    /// Whether its article is its source's own.
    pub(super) fn is_own(&self, sites: &Sites<'_>) -> bool {
        sites.is_own(self.owner.as_deref(), &self.key.source)
    }

    /// Whether it is about the article of another source.
    pub(super) fn is_stranger(&self, sites: &Sites<'_>) -> bool {
        sites.is_stranger(self.owner.as_deref(), &self.key.source)
    }
}

impl From<MemberRow> for Facts {
    fn from(row: MemberRow) -> Self {
        Self {
            kinds: TitleKinds::of(&row.title),
            key: row.key,
            text_chars: row.text_chars,
            address: row.address,
            owner: row.owner,
            time: row.time,
            told: told(row.time, row.absent),
            joined: Some(row.joined),
            held_back: row.held_back,
            sketch: row.sketch.as_deref().and_then(Sketch::from_bytes),
        }
    }
}
