//! The programs of feeds.toml that rewrite.

use crate::config::{Config, RewriteConfig};

/// The programs of `config`, each once, with the limits of the first output that names it.
pub(super) fn programs(config: &Config) -> Vec<&RewriteConfig> {
    let mut programs: Vec<&RewriteConfig> = Vec::new();
    for rewrite in config.outputs.iter().filter_map(|output| output.rewrite.as_ref()) {
        if !programs.iter().any(|known| known.name() == rewrite.name()) {
            programs.push(rewrite);
        }
    }
    programs
}
