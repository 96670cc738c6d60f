use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::gather::{Progress, SourceOutcome, SourceReport};

/// A progress bar on stderr, drawn only on a terminal.
#[derive(Debug)]
pub(in crate::cli) struct Bar(ProgressBar);

impl Bar {
    pub(in crate::cli) fn shown() -> Self {
        Self::drawn_on(ProgressDrawTarget::stderr())
    }

    pub(in crate::cli) fn hidden() -> Self {
        Self::drawn_on(ProgressDrawTarget::hidden())
    }

    fn drawn_on(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} sources  {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    pub(in crate::cli) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn started(&self, sources: usize) {
        self.0.set_length(sources as u64);
    }

    fn finished(&self, source: &SourceReport) {
        if !matches!(source.outcome, SourceOutcome::NotDue { .. }) {
            self.0.set_message(source.id.to_string());
            self.0.inc(1);
        }
    }

    fn pages_started(&self, pages: usize) {
        self.0.inc_length(pages as u64);
        self.0.set_message("pages");
    }

    fn page_finished(&self) {
        self.0.inc(1);
    }
}
