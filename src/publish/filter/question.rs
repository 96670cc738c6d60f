//! What a program is asked about an item.

use serde_json::Value;

use super::exchange::{self, GivenText};
use crate::config::{OutputConfig, Program};
use crate::model::{Item, Republish};
use crate::publish::chosen::Chosen;
use crate::publish::input::Input;
use crate::publish::{entry_allowance, render};
use crate::text::content_hash;

/// An item as a program is given it.
#[derive(Debug)]
pub(in crate::publish) struct Question {
    /// The hash of program and item: answers are stored under it.
    pub(in crate::publish) key: [u8; 32],
    pub(super) sent: Value,
    pub(super) text: String,
}

impl Question {
    /// What `program` is asked about `item`, the story `chosen` in `output`.
    pub(in crate::publish) fn new(
        program: &Program,
        item: &Item,
        chosen: &Chosen<'_>,
        output: &OutputConfig,
        input: &Input<'_>,
    ) -> Self {
        let allowed = entry_allowance(input.config, Some(output), chosen.lead.source, chosen.lead.entry);
        // What may not be cut may not be rewritten either.
        let is_free = allowed.extent == Republish::Full && !allowed.uncut;
        let given = if is_free || item.rewritten.is_some() { GivenText::Whole } else { GivenText::Excerpt };
        let id = render::item_id(input.tag_base, item);
        let sent = exchange::outgoing(item, &id, &output.file, given);
        let text = sent.to_string();
        Self { key: content_hash(format!("{}\n{text}", program.print).as_bytes()), sent, text }
    }
}
