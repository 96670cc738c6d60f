//! The features are those that the models were trained on: `quality/stories/reference.jsonl` was made in Python.

use serde::Deserialize;

use super::columns::Columns;
use super::side::{Compared, Side};
use super::traits::Traits;
use super::{kinds, merge, pair};
use crate::weave::exact::title_key;
use crate::weave::features::Features;
use crate::weave::templates::stable_hash;
use crate::weave::tokenizer::Tokenizer;
use crate::weave::tokens::{Tokens, without_outlet};
use crate::weave::vocabulary::Vocabulary;

const REFERENCE: &str = include_str!("../../../quality/stories/reference.jsonl");

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Entry { id: String, title: String, summary: String, publisher: String, published: String },
    Names { names: Vec<String> },
    Pair { older: String, newer: String, features: Vec<f32> },
}

struct Known {
    id: String,
    features: Features,
    traits: Traits,
    publisher: String,
    time: i64,
    title: u64,
}

impl Known {
    fn compared<'a>(&'a self, side: &'a Side, publisher: u32) -> Compared<'a> {
        let Self { traits, features, time, title, .. } = self;
        Compared { side, traits, marks: &features.marks, publisher, time: *time, title: *title }
    }
}

fn known(line: Line, tokenizer: &mut Tokenizer, vocabulary: &mut Vocabulary) -> Option<Known> {
    let Line::Entry { id, title, summary, publisher, published } = line else { return None };
    let tokens = Tokens::of(&title, &summary, None, tokenizer);
    let traits = Traits::of_tokens(&title, &summary, stable_hash(publisher.as_bytes()), &tokens);
    let features = Features::of(&title, &tokens, vocabulary);
    let title = stable_hash(title_key(&title).as_bytes());
    Some(Known {
        id,
        features,
        traits,
        publisher,
        time: published.parse::<jiff::Timestamp>().unwrap().as_second(),
        title,
    })
}

#[test]
fn features_are_those_of_the_reference() {
    let (mut tokenizer, mut vocabulary, mut columns) = (Tokenizer::new(), Vocabulary::new(), Columns::default());
    let mut entries: Vec<Known> = Vec::new();
    let mut pairs = 0;
    // Passes of an hour: an entry is compared once all of its pass are counted.
    let mut wanted: Vec<(usize, usize, Vec<f32>)> = Vec::new();
    let lines: Vec<Line> = REFERENCE.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut rows = Vec::new();
    for line in lines {
        match line {
            Line::Names { names } => assert_eq!(names, pair::NAMES),
            Line::Pair { older, newer, features } => {
                let at = |id: &str| rows.iter().position(|known: &Known| known.id == id).unwrap();
                wanted.push((at(&older), at(&newer), features));
            }
            entry => rows.extend(known(entry, &mut tokenizer, &mut Vocabulary::new())),
        }
    }
    let entry_lines = REFERENCE.lines().filter_map(|line| match serde_json::from_str(line).unwrap() {
        entry @ Line::Entry { .. } => Some(entry),
        _ => None,
    });
    let times: Vec<i64> = rows.iter().map(|known| known.time).collect();
    let mut began = times[0];
    let mut checked = 0;
    let mut check = |entries: &[Known], vocabulary: &Vocabulary, columns: &Columns| {
        for (older, newer, want) in wanted.iter().filter(|(_, newer, _)| (checked..entries.len()).contains(newer)) {
            assert_features(&entries[*older], &entries[*newer], want, vocabulary, columns);
            pairs += 1;
        }
        checked = entries.len();
    };
    for (number, line) in entry_lines.enumerate() {
        if times[number] - began >= 3600 {
            check(&entries, &vocabulary, &columns);
            began = times[number];
        }
        let known = known(line, &mut tokenizer, &mut vocabulary).unwrap();
        vocabulary.add(number as u32, known.features.uses());
        columns.add(&known.traits);
        entries.push(known);
    }
    check(&entries, &vocabulary, &columns);
    assert_eq!(pairs, wanted.len());
    assert!(pairs > 20);
}

#[track_caller]
fn assert_features(older: &Known, newer: &Known, want: &[f32], vocabulary: &Vocabulary, columns: &Columns) {
    let side = |known: &Known| Side::of(&known.features, columns.habits(&known.traits), vocabulary);
    let (one, two) = (side(older), side(newer));
    let is_one = older.publisher == newer.publisher;
    let (ids, shared) = ((&older.id, &newer.id), one.shared(&two));
    let cosines = one.cosines(&two, &shared);
    let (older, newer) = (older.compared(&one, 0), newer.compared(&two, u32::from(!is_one)));
    let got = pair::features(older, newer, &shared, cosines, columns);
    for ((name, got), want) in pair::NAMES.iter().zip(got).zip(want) {
        let off = (got - want).abs();
        assert!(off <= 2e-3 * want.abs().max(1.0), "{ids:?}: {name} is {got}, not {want}");
    }
}

#[test]
fn the_tables_can_be_read() {
    let kinds: Vec<String> = kinds::names().iter().map(|name| format!("k_{name}")).collect();
    let first = pair::NAMES.iter().position(|name| *name == kinds[0]).unwrap();
    assert_eq!(pair::NAMES[first..first + kinds.len()], kinds);
    assert_eq!(merge::names().len(), merge::COUNT);
    assert_eq!(without_outlet("A title"), "A title");
    assert!(super::MODELS.balanced > super::MODELS.eager);
}
