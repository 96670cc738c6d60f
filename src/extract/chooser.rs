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
    rows.iter().map(|row| TREES.chance(row) as f32).collect()
}

/// Decision trees whose answers add up to log odds.
#[derive(Debug)]
struct Trees {
    start: f64,
    trees: Vec<Vec<Node>>,
}

/// A node of a tree, in pre-order: the left branch comes next.
#[derive(Debug, Clone, Copy)]
enum Node {
    Leaf(f64),
    Split { feature: usize, limit: f32, right: usize },
}

impl Trees {
    /// Reads the head (`# …`), `start NUMBER`, then one tree a line: `NAME<=LIMIT left right` in pre-order, leaves as numbers.
    fn parse(table: &str) -> Self {
        let mut lines = table.lines().filter(|line| !line.starts_with('#'));
        let start = lines.next().and_then(|line| line.strip_prefix("start ")?.parse().ok());
        let trees = lines.map(|line| {
            let mut words = line.split(' ');
            let mut tree = Vec::new();
            branch(&mut words, &mut tree);
            tree
        });
        Self { start: start.expect("the table is part of the program and a test reads it"), trees: trees.collect() }
    }

    fn chance(&self, row: &[f32]) -> f64 {
        let sum: f64 = self.start + self.trees.iter().map(|tree| leaf(tree, row)).sum::<f64>();
        1.0 / (1.0 + (-sum).exp())
    }
}

fn leaf(tree: &[Node], row: &[f32]) -> f64 {
    let mut at = 0;
    loop {
        match tree[at] {
            Node::Leaf(value) => return value,
            Node::Split { feature, limit, right } => at = if row[feature] <= limit { at + 1 } else { right },
        }
    }
}

/// Reads one branch; recursion is as deep as the trees, which are shallow.
fn branch<'t>(words: &mut impl Iterator<Item = &'t str>, tree: &mut Vec<Node>) {
    let word = words.next().expect("a whole tree");
    let Some((name, limit)) = word.split_once("<=") else {
        tree.push(Node::Leaf(word.parse().expect("a number")));
        return;
    };
    let known = features::names().iter().position(|known| known == name);
    let at = tree.len();
    tree.push(Node::Leaf(0.0));
    branch(words, tree);
    let right = tree.len();
    branch(words, tree);
    let limit = limit.parse().expect("a limit");
    tree[at] = Node::Split { feature: known.expect("a known name"), limit, right };
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
        let mut row = vec![0.0; features::names().len()];
        let links = features::names().iter().position(|name| name == "links").unwrap();
        let mut sum = |chars: f32, share: f32| {
            (row[0], row[links]) = (chars, share);
            let chance = trees.chance(&row);
            (chance / (1.0 - chance)).ln()
        };
        assert!((sum(2.0, 0.5) - 3.0).abs() < 1e-9);
        assert!((sum(2.0, 0.6) - 4.0).abs() < 1e-9);
        assert!((sum(2.1, 0.6) - 5.0).abs() < 1e-9);
    }
}
