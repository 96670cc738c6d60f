//! What of a story a program that rewrites may be given, and which version of the story that is.

use std::collections::BTreeMap;

use crate::config::OutputConfig;
use crate::model::{EntryKey, Item};
use crate::publish::allowance::{EntryAllowance, entry_allowance, is_at_home};
use crate::publish::body;
use crate::publish::chosen::Chosen;
use crate::publish::coverage::Shown;
use crate::publish::credit::shown_guid;
use crate::publish::input::Input;
use crate::rights::{self, Cause, Given};
use crate::store::RewriteAnswer;
use crate::text::content_hash;

/// What may be given of a story.
#[derive(Debug)]
pub(in crate::publish) struct Material {
    /// Changes with title and text of what leads the story, as far as the program is given them.
    pub(super) version: [u8; 32],
    /// How much of each entry that the item credits may be given.
    pub(super) consents: BTreeMap<EntryKey, Given>,
    lead: EntryKey,
}

impl Material {
    /// That of `item`, the story `chosen` in `output`.
    ///
    /// # Errors
    /// Why the story may not be rewritten.
    pub(in crate::publish) fn of(
        item: &Item,
        chosen: &Chosen<'_>,
        output: &OutputConfig,
        input: &Input<'_>,
    ) -> Result<Self, String> {
        let of_lead = consent(&chosen.lead, output, input).1?;
        let lead = chosen.lead.entry.key.clone();
        let mut consents = BTreeMap::from([(lead.clone(), of_lead)]);
        for shown in chosen.others.iter().filter(|shown| is_credited(item, shown)) {
            if let Ok(given) = consent(shown, output, input).1 {
                consents.insert(shown.entry.key.clone(), given);
            }
        }
        Ok(Self { version: version(item, &chosen.lead, of_lead, output, input), consents, lead })
    }

    /// Whether all that `answer` was made from may still be given, and is credited.
    pub(super) fn allows(&self, answer: &RewriteAnswer) -> bool {
        let may_be_given = |(key, given): &(EntryKey, Given)| self.consents.get(key).is_some_and(|most| given <= most);
        !answer.made_from.is_empty() && answer.made_from.iter().all(may_be_given)
    }

    /// Whether `answer` was made from what leads the story now.
    pub(super) fn is_of_lead(&self, answer: &RewriteAnswer) -> bool {
        answer.made_from.iter().any(|(key, _)| *key == self.lead)
    }
}

/// How much of an entry may be published in `output`, and how much of it a program is given, or why nothing.
pub(super) fn consent(
    shown: &Shown<'_>,
    output: &OutputConfig,
    input: &Input<'_>,
) -> (EntryAllowance, Result<Given, String>) {
    let Shown { entry, source } = *shown;
    let mut allowed = entry_allowance(input.config, Some(output), source, entry);
    let given = if entry.is_recovered {
        Err("what is known of it was read from an output of ours; it waits until its source is read again".to_owned())
    } else {
        rights::rewriting(&allowed, &source.signals, &entry.signals)
    };
    // A permission for machines that a feed carries is no word about the pages of others.
    allowed.covers_page &= allowed.cause != Cause::Silence || is_at_home(entry, source);
    (allowed, given)
}

/// Whether `item` credits the entry.
fn is_credited(item: &Item, shown: &Shown<'_>) -> bool {
    let guid = shown_guid(shown.entry);
    item.attributions().iter().any(|credit| credit.source.id == shown.source.id.as_str() && credit.guid == guid)
}

fn version(item: &Item, lead: &Shown<'_>, given: Given, output: &OutputConfig, input: &Input<'_>) -> [u8; 32] {
    let (allowed, _) = consent(lead, output, input);
    let key = &lead.entry.key;
    let text = match given {
        Given::Excerpt => body::own_excerpt(&item.lead().title, lead.entry, lead.source, &allowed),
        Given::Text => body::whole_words(lead.entry, &allowed).into_owned(),
    };
    let mut print = String::new();
    for part in [key.source.as_str(), &key.guid, &item.lead().title, given.code(), &text] {
        print.push_str(&format!("{} {part}\n", part.len()));
    }
    content_hash(print.as_bytes())
}
