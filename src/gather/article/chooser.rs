//! Which blocks belong to the article: small decision trees, learned from pages with known texts.
//!
//! `benches/article/train.py` writes the trees and says how: labels from the known texts, cross-validation by
//! domain. Two stages: the second sees what the first thinks of the blocks around.

use std::sync::LazyLock;

use super::features;

/// The chance from which on a block is kept; `train.py` finds it.
pub(super) const THRESHOLD: f32 = 0.45;

static FIRST: LazyLock<Trees> = LazyLock::new(|| Trees::parse(include_str!("first.trees")));
static SECOND: LazyLock<Trees> = LazyLock::new(|| Trees::parse(include_str!("second.trees")));

/// What the second stage sees beside the row of a block: chances of the first, its own and around it.
const AROUND: [&str; 16] = [
    "chance",
    "chance-1",
    "chance+1",
    "chance-2",
    "chance+2",
    "chance-3",
    "chance+3",
    "chance_near5",
    "chance_near15",
    "sure_before",
    "sure_after",
    "sure_all",
    "chance_own",
    "chance_up1",
    "chance_up2",
    "chance_alike",
];

/// How likely each block belongs to the article, 0 to 1, from what was measured of it (`rows`) and which
/// blocks belong together (`groups`).
pub(super) fn chances(rows: &[Vec<f32>], groups: &[[usize; 4]]) -> Vec<f32> {
    let first: Vec<f64> = rows.iter().map(|row| FIRST.chance(row)).collect();
    let around = Around::of(rows, groups, &first);
    let mut row_and_around = Vec::new();
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            row_and_around.clear();
            row_and_around.extend_from_slice(row);
            around.add(at, &mut row_and_around);
            SECOND.chance(&row_and_around) as f32
        })
        .collect()
}

/// Sums over the page from which the chances around a block are told.
struct Around<'a> {
    chances: &'a [f64],
    groups: &'a [[usize; 4]],
    /// Characters of each block.
    sizes: Vec<f64>,
    /// Characters before each block, and before the end.
    before: Vec<f64>,
    /// The same, weighed with the chance.
    heavy_before: Vec<f64>,
    /// The same, of blocks that are more likely than not.
    sure_before: Vec<f64>,
    /// For each kind of group and each number: characters, and the same weighed with the chance.
    grouped: [Vec<(f64, f64)>; 4],
}

impl<'a> Around<'a> {
    fn of(rows: &[Vec<f32>], groups: &'a [[usize; 4]], chances: &'a [f64]) -> Self {
        let sizes: Vec<f64> = rows.iter().map(|row| f64::from(row[0]).exp_m1()).collect();
        let summed = |weigh: &dyn Fn(usize) -> f64| {
            let mut sum = 0.0;
            let mut sums = vec![0.0];
            for (at, size) in sizes.iter().enumerate() {
                sum += size * weigh(at);
                sums.push(sum);
            }
            sums
        };
        let grouped = std::array::from_fn(|kind| {
            let most = groups.iter().map(|group| group[kind]).max().unwrap_or_default();
            let mut sums = vec![(0.0, 0.0); most + 1];
            for ((group, size), chance) in groups.iter().zip(&sizes).zip(chances) {
                let (total, heavy) = &mut sums[group[kind]];
                *total += size;
                *heavy += size * chance;
            }
            sums
        });
        Self {
            before: summed(&|_| 1.0),
            heavy_before: summed(&|at| chances[at]),
            sure_before: summed(&|at| f64::from(chances[at] >= 0.5)),
            chances,
            groups,
            sizes,
            grouped,
        }
    }

    /// Adds what stands around the block `at`, in the order of [`AROUND`].
    fn add(&self, at: usize, row: &mut Vec<f32>) {
        let (here, size) = (self.chances[at], self.sizes[at]);
        row.push(here as f32);
        for step in [-1, 1, -2, 2, -3, 3] {
            let there = at.checked_add_signed(step).and_then(|at| self.chances.get(at));
            row.push(there.copied().unwrap_or_default() as f32);
        }
        for reach in [5, 15] {
            let (low, high) = (at.saturating_sub(reach), (at + reach + 1).min(self.sizes.len()));
            let heavy = self.heavy_before[high] - self.heavy_before[low] - here * size;
            let total = self.before[high] - self.before[low] - size;
            row.push((heavy / total.max(1.0)) as f32);
        }
        let sure = self.sure_before[self.sizes.len()];
        row.push((self.sure_before[at] / sure.max(1.0)) as f32);
        row.push(((sure - self.sure_before[at + 1]) / sure.max(1.0)) as f32);
        row.push(sure.ln_1p() as f32);
        for (kind, sums) in self.grouped.iter().enumerate() {
            let (total, heavy) = sums[self.groups[at][kind]];
            row.push(((heavy - here * size) / (total - size).max(1.0)) as f32);
        }
    }
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
    /// Reads `start NUMBER`, then one tree a line: `NAME<=LIMIT left right` in pre-order, leaves as numbers.
    fn parse(table: &str) -> Self {
        let mut lines = table.lines();
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

/// Reads one branch; its depth is that of the trees, which are shallow.
fn branch<'t>(words: &mut impl Iterator<Item = &'t str>, tree: &mut Vec<Node>) {
    let word = words.next().expect("a whole tree");
    let Some((name, limit)) = word.split_once("<=") else {
        tree.push(Node::Leaf(word.parse().expect("a number")));
        return;
    };
    let known = features::names().iter().map(String::as_str).chain(AROUND).position(|known| known == name);
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
        for trees in [&*FIRST, &*SECOND] {
            assert!(trees.trees.len() >= 20);
        }
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
