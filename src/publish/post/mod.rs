//! Programs that are called for each story once, ever: what is to be posted is noted before a publish shows it, and each
//! call is noted before it is made and after it has ended. A call that has not ended is never made again.

mod ledger;
mod account;
mod known;
mod note;
mod message;
mod call;
mod report;

pub(crate) use call::post;
pub(super) use note::{note, would_post};
pub(crate) use report::{PostReport, PostStanding, posts_of, standings};
