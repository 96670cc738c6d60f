//! How far a run is, for the caller to show.

use super::report::SourceReport;

/// Is notified of how far a run is.
pub trait Progress: Sync {
    /// `sources` are going to be asked.
    fn started(&self, sources: usize);
    /// One of them finished, and what it brought is kept.
    fn finished(&self, source: &SourceReport);
    /// This many pages behind entries are going to be fetched.
    fn pages_started(&self, pages: usize);
    /// One of them finished.
    fn page_finished(&self);
}

/// Ignores every notification.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _sources: usize) {}
    fn finished(&self, _source: &SourceReport) {}
    fn pages_started(&self, _pages: usize) {}
    fn page_finished(&self) {}
}
