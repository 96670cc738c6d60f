use jiff::Timestamp;

use crate::config::Config;
use crate::store::Store;

/// What every operation works on.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) store: &'a mut Store,
    pub(crate) config: &'a Config,
    pub(crate) now: Timestamp,
}
