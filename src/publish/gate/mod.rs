//! The gate in front of the files: a document is parsed back strictly and compared with what was intended and with what
//! was published last.

mod judge;
mod read_back;
mod active;
mod pictures;
mod shown;
mod cut;

pub(super) use cut::{with_items, without_items};
pub use judge::GateError;
pub(super) use judge::{check_document, check_shrink, shows_denied, shows_refused};
pub(super) use read_back::{Form, read_back, stories_in};
pub(super) use shown::shown_links;
pub(crate) use shown::{ShownItem, shown_items};
