//! The subscriber (WebSub §3): asks the hubs that feeds name to push what is new.

mod desk;
mod asking;
mod book;
mod wishes;

pub(super) use desk::Say;
pub(crate) use desk::{Delivery, Push, Reception, Subscriber, Verified};
