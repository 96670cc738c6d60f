//! Which blocks belong to the article: small decision trees, learned from pages with known texts.
//!
//! `quality/pages/train.py` writes the trees and records how: labels from the known texts, cross-validation by domain.

use std::sync::LazyLock;

use super::features;

/// The chance at or above which a block is kept; `quality/pages/train.py` determines it.
pub(super) const THRESHOLD: f32 = 0.5;

static TREES: LazyLock<Trees> = LazyLock::new(|| Trees::parse(include_str!("models/chooser.trees")));

/// How likely each block is to belong to the article, 0 to 1, from its measurements.
pub(super) fn chances(rows: &[Vec<f32>]) -> Vec<f32> {
    TREES.chances(rows).into_iter().map(|chance| chance as f32).collect()
}

/// Decision trees whose answers add up to log odds.
#[derive(Debug)]
struct Trees {
    start: f64,
    trees: Vec<Tree>,
}

/// A tree in pre-order: the left branch of a split comes next.
#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
    /// The answers of its leaves.
    answers: Vec<f64>,
}

/// A split, or a leaf; small, so that a whole tree stays close to the processor.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// What is compared with `limit`; [`LEAF`] of a leaf.
    feature: u16,
    /// Where the right branch begins; of a leaf the place of its answer.
    next: u16,
    limit: f32,
}

/// The feature of a leaf.
const LEAF: u16 = u16::MAX;

impl Trees {
    /// Reads the head (`# …`), `start NUMBER`, then one tree a line: `NAME<=LIMIT left right` in pre-order, leaves as numbers.
    fn parse(table: &str) -> Self {
        let mut lines = table.lines().filter(|line| !line.starts_with('#'));
        let start = lines.next().and_then(|line| line.strip_prefix("start ")?.parse().ok());
        let trees = lines.map(|line| {
            let mut tree = Tree::default();
            tree.read(&mut line.split(' '));
            tree
        });
        Self { start: start.expect("the table is part of the program and a test reads it"), trees: trees.collect() }
    }

    /// One tree after the other for all rows: each is walked while it is at hand.
    fn chances(&self, rows: &[Vec<f32>]) -> Vec<f64> {
        let mut sums = vec![0.0; rows.len()];
        for tree in &self.trees {
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum += tree.answer(row);
            }
        }
        sums.into_iter().map(|sum| 1.0 / (1.0 + (-(self.start + sum)).exp())).collect()
    }
}

impl Tree {
    fn answer(&self, row: &[f32]) -> f64 {
        let mut at = 0;
        loop {
            let node = self.nodes[at];
            if node.feature == LEAF {
                return self.answers[usize::from(node.next)];
            }
            let is_left = row[usize::from(node.feature)] <= node.limit;
            at = if is_left { at + 1 } else { usize::from(node.next) };
        }
    }

    /// Reads one branch; recursion is as deep as the trees, which are shallow.
    fn read<'t>(&mut self, words: &mut impl Iterator<Item = &'t str>) {
        let word = words.next().expect("a whole tree");
        let Some((name, limit)) = word.split_once("<=") else {
            self.nodes.push(Node { feature: LEAF, next: place(self.answers.len()), limit: 0.0 });
            self.answers.push(word.parse().expect("a number"));
            return;
        };
        let feature = features::names().iter().position(|known| known == name).expect("a known name");
        let at = self.nodes.len();
        self.nodes.push(Node { feature: place(feature), next: 0, limit: limit.parse().expect("a limit") });
        self.read(words);
        self.nodes[at].next = place(self.nodes.len());
        self.read(words);
    }
}

fn place(at: usize) -> u16 {
    u16::try_from(at).ok().filter(|at| *at < LEAF).expect("trees are small")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        assert!(TREES.trees.len() >= 20);
    }

    #[test]
    fn a_tree_is_walked_by_its_limits() {
        let trees = Trees::parse("start 0.5\nchars<=2 links<=0.5 1 2 3\n1.5\n");
        let mut row = vec![0.0_f32; features::names().len()];
        let links = features::names().iter().position(|name| name == "links").unwrap();
        let mut sum = |chars: f32, share: f32| {
            (row[0], row[links]) = (chars, share);
            let chance = trees.chances(&[row.clone()])[0];
            (chance / (1.0 - chance)).ln()
        };
        assert!((sum(2.0, 0.5) - 3.0).abs() < 1e-9);
        assert!((sum(2.0, 0.6) - 4.0).abs() < 1e-9);
        assert!((sum(2.1, 0.6) - 5.0).abs() < 1e-9);
    }
}
