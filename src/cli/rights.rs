//! What may be published, and which signals state so, for `status`, `why` and `inspect`.

use serde_json::{Value, json};

use crate::model::{Republish, Signal};
use crate::rights::Allowance;

/// The decision and what it rests on.
pub(super) fn json<'a>(allowed: &Allowance, signals: impl Iterator<Item = &'a Signal>) -> Value {
    let chars = (allowed.extent == Republish::Excerpt).then_some(allowed.excerpt_chars);
    json!({
        "extent": allowed.extent.code(),
        "excerpt_chars": chars,
        "sentence": allowed.sentence(),
        "signals": signals.map(signal).collect::<Vec<_>>(),
    })
}

pub(super) fn signal(signal: &Signal) -> Value {
    json!({"kind": signal.kind.code(), "origin": signal.origin.code(), "value": signal.value})
}
