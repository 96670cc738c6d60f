//! Which grounds speak most strongly for and against a pair: what each feature adds to its log odds, summed by the
//! feature's subject.

use std::collections::BTreeMap;

use crate::model::{Ground, Grounds};

/// Number of grounds for a join that are reported.
const MOST_SUPPORTING: usize = 3;

/// Log odds below which a ground is not worth reporting.
const LEAST: f32 = 0.1;

/// The strongest grounds among `parts`: names of features, and what each adds to the log odds of one story.
pub(super) fn grounds<'a>(parts: impl Iterator<Item = (&'a str, f32)>) -> Grounds {
    let mut sums: BTreeMap<Ground, f32> = BTreeMap::new();
    for (name, part) in parts {
        if let Some(ground) = ground_of(name) {
            *sums.entry(ground).or_default() += part;
        }
    }
    let mut strongest: Vec<(Ground, f32)> = sums.into_iter().filter(|(_, sum)| sum.abs() >= LEAST).collect();
    strongest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let supporting = strongest.iter().filter(|(_, sum)| *sum > 0.0).take(MOST_SUPPORTING);
    let opposing = strongest.last().filter(|(_, sum)| *sum < 0.0);
    Grounds {
        supporting: supporting.map(|(ground, _)| *ground).collect(),
        opposing: opposing.map(|(ground, _)| *ground),
    }
}

/// What a feature of a pair (`quality/stories/FORMAT.md`) is about.
fn ground_of(name: &str) -> Option<Ground> {
    let by_name = match name {
        "tt_name" | "or_name_in" | "bb_name" => Some(Ground::Names),
        "tt_top1" | "tt_top2" | "tt_wtop" | "or_rarest_in" => Some(Ground::Rarity),
        "tt_digit" | "un_digit" | "un_digit_both" => Some(Ground::Numbers),
        "un_name_min" | "un_name_max" | "un_ntop_min" => Some(Ground::Names),
        "same_publisher" => Some(Ground::Publisher),
        "hours" => Some(Ground::Time),
        "ma_same_title" => Some(Ground::Titles),
        _ => None,
    };
    let group = name.split('_').next().unwrap_or_default();
    by_name.or(match group {
        "cos" | "tt" | "ta" => Some(Ground::Titles),
        "un" | "part" => Some(Ground::Unshared),
        "bb" => Some(Ground::Texts),
        "or" => Some(Ground::Order),
        "bu" | "df" => Some(Ground::Rarity),
        "ci" => Some(Ground::Length),
        "co" | "te" => Some(Ground::Pattern),
        "k" => Some(Ground::Kind),
        "ma" => Some(Ground::Numbers),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_three_speak_for_it_and_the_strongest_one_against() {
        let parts = [
            ("tt_idf", 1.0),
            ("tt_share_min", 0.5),
            ("bb_idf", 0.9),
            ("hours", 0.2),
            ("or_two", 0.7),
            ("same_publisher", -0.3),
            ("ma_number", -0.8),
            ("k_deal", 0.05),
            ("unheard_of", 9.0),
        ];
        let found = grounds(parts.into_iter());
        assert_eq!(found.supporting, [Ground::Titles, Ground::Texts, Ground::Order]);
        assert_eq!(found.opposing, Some(Ground::Numbers));
    }

    #[test]
    fn nothing_speaks_where_nothing_weighs() {
        assert_eq!(grounds([("tt_idf", 0.01), ("hours", -0.02)].into_iter()), Grounds::default());
    }
}
