//! WebSub (<https://www.w3.org/TR/websub/>) for the service: what is new comes at once, and leaves at once.
//!
//! The subscriber asks the hubs that feeds name, answers what they verify, and takes what they push. The hub takes
//! subscriptions to our own outputs, has them confirmed, and delivers what changed.

mod signature;
mod random;
mod intent;
mod subscriber;
mod hub;

pub(crate) use hub::{Content, Hub, Rejection};
pub(crate) use intent::Intent;
pub(crate) use subscriber::{Delivery, Push, Reception, Subscriber, Verified};
