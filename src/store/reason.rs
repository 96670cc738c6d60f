//! Why an entry is in its story, as JSON in one column. Every key and code is written out: renaming a variant or a
//! field does not change any stored byte.

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::columns::unreadable;
use crate::model::{EntryKey, Ground, Grounds, Reason, SourceId};

/// A reason as JSON; NULL for the entry that opened the story.
pub(super) fn reason_column(reason: &Reason) -> Option<String> {
    let raw = match reason.clone() {
        Reason::Opened => return None,
        Reason::SameAddress { address } => RawReason::SameAddress { address },
        Reason::LinksTo { address } => RawReason::LinksTo { address },
        Reason::SameTitle { title, hours_apart } => RawReason::SameTitle { title, hours_apart },
        Reason::Similar { score, nearest, shared, hours_apart, grounds } => RawReason::Similar {
            score,
            nearest: (nearest.source.as_str().to_owned(), nearest.guid),
            shared,
            hours_apart,
            supporting: grounds.supporting.iter().map(|ground| ground.code().to_owned()).collect(),
            opposing: grounds.opposing.map(|ground| ground.code().to_owned()),
        },
        Reason::Bridged { by } => RawReason::Bridged { by: (by.source.as_str().to_owned(), by.guid) },
        Reason::Recovered => RawReason::Recovered,
        Reason::EditedAway { from } => RawReason::EditedAway { from },
        Reason::ByHand => RawReason::ByHand,
        Reason::SplitByHand { from } => RawReason::SplitByHand { from },
    };
    Some(serde_json::to_string(&raw).expect("strings and finite numbers"))
}

/// The reason in column `reason`.
pub(super) fn reason(row: &Row<'_>) -> rusqlite::Result<Reason> {
    let Some(text) = row.get::<_, Option<String>>("reason")? else {
        return Ok(Reason::Opened);
    };
    let raw: RawReason = serde_json::from_str(&text).map_err(|_| unreadable("reason", text.clone()))?;
    let key = |(source, guid): (String, String)| {
        let source = SourceId::new(source).map_err(|_| unreadable("reason", text.clone()))?;
        Ok::<_, rusqlite::Error>(EntryKey { source, guid })
    };
    Ok(match raw {
        RawReason::SameAddress { address } => Reason::SameAddress { address },
        RawReason::LinksTo { address } => Reason::LinksTo { address },
        RawReason::SameTitle { title, hours_apart } => Reason::SameTitle { title, hours_apart },
        RawReason::Similar { score, nearest, shared, hours_apart, supporting, opposing } => {
            let grounds = Grounds {
                supporting: supporting.iter().filter_map(|code| Ground::parse(code)).collect(),
                opposing: opposing.as_deref().and_then(Ground::parse),
            };
            Reason::Similar { score, nearest: key(nearest)?, shared, hours_apart, grounds }
        }
        RawReason::Bridged { by } => Reason::Bridged { by: key(by)? },
        RawReason::Recovered => Reason::Recovered,
        RawReason::EditedAway { from } => Reason::EditedAway { from },
        RawReason::ByHand => Reason::ByHand,
        RawReason::SplitByHand { from } => Reason::SplitByHand { from },
    })
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "rule")]
enum RawReason {
    #[serde(rename = "same_address")]
    SameAddress {
        #[serde(rename = "address")]
        address: String,
    },
    #[serde(rename = "links_to")]
    LinksTo {
        #[serde(rename = "address")]
        address: String,
    },
    #[serde(rename = "same_title")]
    SameTitle {
        #[serde(rename = "title")]
        title: String,
        #[serde(rename = "hours_apart")]
        hours_apart: f64,
    },
    #[serde(rename = "similar")]
    Similar {
        #[serde(rename = "score")]
        score: f64,
        #[serde(rename = "nearest")]
        nearest: (String, String),
        #[serde(rename = "shared")]
        shared: Vec<String>,
        #[serde(rename = "hours_apart")]
        hours_apart: f64,
        #[serde(rename = "for", default, skip_serializing_if = "Vec::is_empty")]
        supporting: Vec<String>,
        #[serde(rename = "against", default, skip_serializing_if = "Option::is_none")]
        opposing: Option<String>,
    },
    #[serde(rename = "bridged")]
    Bridged {
        #[serde(rename = "by")]
        by: (String, String),
    },
    #[serde(rename = "recovered")]
    Recovered,
    #[serde(rename = "edited_away")]
    EditedAway {
        #[serde(rename = "from")]
        from: String,
    },
    #[serde(rename = "by_hand")]
    ByHand,
    #[serde(rename = "split_by_hand")]
    SplitByHand {
        #[serde(rename = "from")]
        from: String,
    },
}
