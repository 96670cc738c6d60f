//! From a takedown that someone requests to what the store excludes. What may not be published is `publish`'s to
//! obey; here it is determined, and noted in a file next to the database, where it outlives a running pass, a lost
//! database and a restored backup.

mod resolve;
mod journal;
mod obey;

pub(crate) use journal::{Journal, Name, Note, Scope};
pub(crate) use obey::{is_waiting, obey, waiting};
pub(crate) use resolve::{Resolved, resolve, web_address};
