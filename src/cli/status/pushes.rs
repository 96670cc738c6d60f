//! The hubs that push a source's entries to a service, or are to.

use jiff::Timestamp;
use serde_json::json;

use super::rough::rough;
use crate::store::{Subscription, SubscriptionState};

/// How a subscription stands, in a sentence.
pub(super) fn sentence(subscription: &Subscription, now: Timestamp) -> String {
    let standing = match (subscription.state, subscription.lease_until) {
        (SubscriptionState::Active, Some(until)) if until > now => {
            format!("confirmed, for another {}", rough(until.duration_since(now)))
        }
        (SubscriptionState::Active, Some(_)) => "its lease is over; the service renews it".to_owned(),
        (SubscriptionState::Active, None) => "confirmed".to_owned(),
        (SubscriptionState::Wanted, _) if subscription.pending_since.is_some() => {
            "asked, and not confirmed yet".to_owned()
        }
        (SubscriptionState::Wanted, _) => "not confirmed; the service asks it".to_owned(),
        (SubscriptionState::Denied, _) => "it refuses".to_owned(),
        (SubscriptionState::Leaving, _) => "not wanted any more".to_owned(),
    };
    let problem = subscription.problem.iter().map(|problem| format!(": {problem}")).collect::<String>();
    format!("{} ({standing}{problem})", subscription.hub)
}

pub(super) fn json(subscriptions: &[Subscription]) -> Vec<serde_json::Value> {
    let one = |subscription: &Subscription| {
        json!({
            "hub": subscription.hub.as_str(), "state": subscription.state.code(), "problem": subscription.problem,
            "lease_until": subscription.lease_until.map(|until| until.to_string()),
        })
    };
    subscriptions.iter().map(one).collect()
}
