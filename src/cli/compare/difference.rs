//! The difference between what two configurations show, by the entries of their items.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::config::Config;
use crate::model::{EntryKey, SourceId};
use crate::publish::{Choice, OutputChoices, Rule};

/// What is different.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) other: &'a Config,
    pub(super) outputs: Vec<OutputDifference>,
    /// Sources of the other configuration of which no entry is stored: what they would bring is not known.
    pub(super) unknown: Vec<&'a SourceId>,
}

/// What is different in the outputs of these files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutputDifference {
    pub(super) files: Vec<String>,
    /// How many items it has; `None`: the configuration has no such output.
    pub(super) now: Option<usize>,
    pub(super) then: Option<usize>,
    pub(super) changes: Changes,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) gained: Vec<OneSided>,
    pub(super) lost: Vec<OneSided>,
    pub(super) regrouped: Vec<Regrouped>,
}

/// A story that only one of the two shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OneSided {
    pub(super) story: Choice,
    /// Why the other does not; `None`: it does not have it at hand.
    pub(super) rule: Option<Rule>,
}

/// Stories of the same entries, or some of them, in other groups.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Regrouped {
    pub(super) now: Vec<Choice>,
    pub(super) then: Vec<Choice>,
}

/// Output by output; outputs that differ in the same way together.
pub(super) fn differences(now: Vec<OutputChoices>, then: Vec<OutputChoices>) -> Vec<OutputDifference> {
    let mut then: BTreeMap<String, Vec<Choice>> =
        then.into_iter().map(|output| (output.file, output.choices)).collect();
    let mut found: Vec<OutputDifference> = Vec::new();
    for OutputChoices { file, choices } in now {
        let other = then.remove(&file);
        add(&mut found, file, Some(choices), other);
    }
    for (file, choices) in then {
        add(&mut found, file, None, Some(choices));
    }
    found
}

fn add(found: &mut Vec<OutputDifference>, file: String, now: Option<Vec<Choice>>, then: Option<Vec<Choice>>) {
    let kept = |choices: &Vec<Choice>| choices.iter().filter(|choice| choice.dropped.is_none()).count();
    let (items_now, items_then) = (now.as_ref().map(kept), then.as_ref().map(kept));
    let changes = changes(now.unwrap_or_default(), then.unwrap_or_default());
    let same =
        |known: &&mut OutputDifference| known.changes == changes && (known.now, known.then) == (items_now, items_then);
    match found.iter_mut().find(same) {
        Some(known) => known.files.push(file),
        None => found.push(OutputDifference { files: vec![file], now: items_now, then: items_then, changes }),
    }
}

/// Entries of several items hang together where either side shows two of them in one.
fn changes(now: Vec<Choice>, then: Vec<Choice>) -> Changes {
    let rules = [left_out(&then), left_out(&now)];
    let is_kept = |choice: &Choice| choice.dropped.is_none();
    let sides: [Vec<Choice>; 2] = [now, then].map(|choices| choices.into_iter().filter(is_kept).collect());
    let mut holders: HashMap<&EntryKey, [Option<usize>; 2]> = HashMap::new();
    for (side, choices) in sides.iter().enumerate() {
        for (at, choice) in choices.iter().enumerate() {
            choice.entries.iter().for_each(|entry| holders.entry(entry).or_default()[side] = Some(at));
        }
    }
    let mut seen: [Vec<bool>; 2] = [vec![false; sides[0].len()], vec![false; sides[1].len()]];
    let mut changes = Changes::default();
    let starts = (0..2).flat_map(|side| (0..sides[side].len()).map(move |at| (side, at)));
    for start in starts {
        let (mut waiting, mut group) = (vec![start], [BTreeSet::new(), BTreeSet::new()]);
        while let Some((side, at)) = waiting.pop() {
            if std::mem::replace(&mut seen[side][at], true) {
                continue;
            }
            group[side].insert(at);
            let beside = sides[side][at].entries.iter().filter_map(|entry| holders[entry][1 - side]);
            waiting.extend(beside.map(|at| (1 - side, at)));
        }
        let [now, then] = [0, 1]
            .map(|side: usize| -> Vec<Choice> { group[side].iter().map(|at| sides[side][*at].clone()).collect() });
        changes.note(now, then, &rules);
    }
    changes
}

impl Changes {
    fn note(&mut self, mut now: Vec<Choice>, mut then: Vec<Choice>, rules: &[HashMap<EntryKey, Rule>; 2]) {
        match (&now[..], &then[..]) {
            ([], []) => {}
            ([one], [other]) if one.entries == other.entries => {}
            ([_], []) => self.lost.extend(now.pop().map(|story| OneSided::of(story, &rules[0]))),
            ([], [_]) => self.gained.extend(then.pop().map(|story| OneSided::of(story, &rules[1]))),
            _ => self.regrouped.push(Regrouped { now, then }),
        }
    }

    pub(super) fn are_none(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty() && self.regrouped.is_empty()
    }
}

impl OneSided {
    fn of(story: Choice, rules: &HashMap<EntryKey, Rule>) -> Self {
        let rule = story.entries.iter().find_map(|entry| rules.get(entry)).cloned();
        Self { story, rule }
    }
}

/// The rule that leaves each entry out.
fn left_out(choices: &[Choice]) -> HashMap<EntryKey, Rule> {
    let mut rules = HashMap::new();
    for choice in choices {
        if let Some(rule) = &choice.dropped {
            rules.extend(choice.entries.iter().map(|entry| (entry.clone(), rule.clone())));
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StoryId;

    fn choice(entries: &[&str], dropped: Option<Rule>) -> Choice {
        let source = SourceId::new("a").unwrap();
        let key = |guid: &&str| EntryKey { source: source.clone(), guid: (*guid).to_owned() };
        let entries: BTreeSet<EntryKey> = entries.iter().map(key).collect();
        let url = url::Url::parse("https://a.example/x").unwrap();
        let story = StoryId::mint(entries.first().unwrap(), &url, 1);
        Choice { story, title: String::new(), source: source.clone(), dropped, entries }
    }

    /// Gained, lost, and regrouped as "now>then", by the guids of their entries.
    #[track_caller]
    fn check(now: &[&[&str]], then: &[&[&str]], want: (&[&str], &[&str], &[&str])) {
        let all = |side: &[&[&str]]| side.iter().map(|entries| choice(entries, None)).collect();
        let changes = changes(all(now), all(then));
        let name = |choice: &Choice| choice.entries.iter().map(|entry| entry.guid.as_str()).collect::<String>();
        let names = |choices: &[Choice]| choices.iter().map(name).collect::<Vec<_>>().join("+");
        let one = |one: &OneSided| name(&one.story);
        let gained: Vec<String> = changes.gained.iter().map(one).collect();
        let lost: Vec<String> = changes.lost.iter().map(one).collect();
        let regrouped: Vec<String> =
            changes.regrouped.iter().map(|r| format!("{}>{}", names(&r.now), names(&r.then))).collect();
        assert_eq!((gained, lost, regrouped), (owned(want.0), owned(want.1), owned(want.2)));
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn items_are_compared_by_their_entries() {
        check(&[&["a"], &["b"]], &[&["b"], &["a"]], (&[], &[], &[]));
        check(&[&["a"]], &[&["b"]], (&["b"], &["a"], &[]));
        check(&[&["a"], &["b"], &["c"]], &[&["a", "b"], &["c"]], (&[], &[], &["a+b>ab"]));
        check(&[&["a", "b"]], &[&["a"], &["b"]], (&[], &[], &["ab>a+b"]));
        check(&[&["a", "b"], &["c"]], &[&["a"], &["b", "c"]], (&[], &[], &["ab+c>a+bc"]));
        check(&[&["a", "b"]], &[&["a"]], (&[], &[], &["ab>a"]));
        check(&[], &[], (&[], &[], &[]));
    }

    #[test]
    fn what_is_lost_or_gained_has_the_rule_of_the_other_side() {
        let shown = || choice(&["a"], None);
        let dropped = || choice(&["a", "z"], Some(Rule::Span));
        let lost = changes(vec![shown()], vec![dropped()]).lost;
        assert_eq!(lost[0].rule, Some(Rule::Span));
        assert_eq!(changes(vec![dropped()], vec![shown()]).gained[0].rule, Some(Rule::Span));
        assert_eq!(changes(vec![shown()], Vec::new()).lost[0].rule, None);
        assert_eq!(changes(vec![dropped()], vec![dropped()]), Changes::default());
    }
}
