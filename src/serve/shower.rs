//! Shows each set of outputs as soon as a pass has published it.

use std::sync::Arc;

use super::operator::Operator;
use super::shared::{Shared, explained};
use crate::config::Config;
use crate::pass::Published;
use crate::store::Store;

/// Shows what a pass publishes.
pub(super) struct Shower {
    shared: Arc<Shared>,
    operator: Arc<dyn Operator>,
}

impl Shower {
    pub(super) fn new(shared: Arc<Shared>, operator: Arc<dyn Operator>) -> Self {
        Self { shared, operator }
    }
}

impl Published for Shower {
    fn published(&self, store: &Store, config: &Config) {
        if let Err(error) = self.shared.show(store, config) {
            self.operator.problem(&format!("readers are shown what was there before: {}", explained(&error)));
        }
    }
}
