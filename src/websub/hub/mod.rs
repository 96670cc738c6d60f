//! The hub (WebSub §5 to §7): sends our own outputs to whoever subscribed, when they change.

mod office;
mod keeping;
mod sending;
mod strangers;
mod roll;
mod petition;
mod content;

pub(crate) use content::Content;
pub(crate) use office::Hub;
pub(crate) use petition::Rejection;
