//! The learned tables, read once.

use std::sync::LazyLock;

use super::network::Network;
use super::{merge, pair};

/// Both models, and the probability of the merge model at or above which two stories are one.
#[derive(Debug)]
pub(in crate::weave) struct Models {
    pub(in crate::weave) pair: Network,
    pub(in crate::weave) merge: Network,
    pub(in crate::weave) balanced: f32,
    pub(in crate::weave) eager: f32,
}

pub(in crate::weave) static MODELS: LazyLock<Models> = LazyLock::new(|| {
    let names = merge::names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let thresholds = include_str!("../models/thresholds.txt");
    let threshold = |mode: &str| {
        let line = thresholds.lines().find_map(|line| line.strip_prefix(mode));
        line.and_then(|value| value.trim().parse().ok()).expect("the table of thresholds names both modes")
    };
    Models {
        pair: Network::read(include_str!("../models/pair.txt"), &pair::NAMES).expect("the table of pairs is whole"),
        merge: Network::read(include_str!("../models/merge.txt"), &names).expect("the table of merges is whole"),
        balanced: threshold("balanced "),
        eager: threshold("eager "),
    }
});
