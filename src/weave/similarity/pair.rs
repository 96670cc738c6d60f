//! The features of a pair of entries, in the order of [`NAMES`]. What each means: `quality/stories/FORMAT.md`.

use super::columns::Columns;
use super::found::{Both, COMMON, Found, LITTLE, idf, name};
use super::kinds::KINDS;
use super::side::{Compared, Cosines, Shared, Side, TITLE_TERMS, Term};

/// Features of a pair.
pub(in crate::weave) const COUNT: usize = 105;

/// For a title that shares nothing: after its last term.
const NOWHERE: f32 = TITLE_TERMS as f32;

/// The names of the features.
#[rustfmt::skip]
pub(in crate::weave) const NAMES: [&str; COUNT] = [
    "cos_base", "cos_tit", "cos_allw",
    "tt_n", "tt_idf", "tt_widf", "tt_share_min", "tt_share_max", "tt_top1", "tt_top2", "tt_wtop", "tt_name", "tt_verb",
    "ta_share_min", "ta_share_max", "ta_mean", "ta_idf_min", "ta_idf_max", "ta_widf_min", "ta_widf_max",
    "un_top_min", "un_top_max", "un_name_min", "un_name_max", "un_ntop_min", "un_widf_min", "un_widf_max",
    "un_digit", "un_digit_both", "tt_digit",
    "bb_idf", "bb_widf", "bb_top", "bb_name",
    "part_both", "part_one", "part_before", "un_first", "un_early",
    "or_two", "or_three", "or_two_idf", "or_first", "or_equal1", "or_equal2", "or_at_min", "or_at_max",
    "or_rare_at_min", "or_rare_at_max", "or_rare_apart", "or_rarest_in", "or_name_in",
    "bu_max", "bu_mean", "df_any", "df_title", "df_text", "df_second",
    "same_publisher", "hours", "ci_title_min", "ci_title_max", "ci_text_min", "ci_text_max",
    "co_most_min", "co_most_max", "co_often_min", "co_often_max", "co_both", "te_again_min", "te_again_max", "te_both",
    "k_deal", "k_list", "k_roundup", "k_live", "k_puzzle", "k_howto", "k_review", "k_handson", "k_vs", "k_rumor",
    "k_question", "k_opinion", "k_preorder", "k_trailer", "k_earn", "k_meta", "k_legal", "k_sec", "k_launch", "k_rates",
    "k_access", "k_poll", "k_compat", "k_day", "k_same",
    "ma_contra", "ma_number", "ma_quantity_n", "ma_quantity", "ma_model_n", "ma_model", "ma_same_title", "ma_one_digit",
];

/// The features of two entries that share these terms, and whose vectors are alike by `cosines`.
pub(in crate::weave) fn features(
    older: Compared<'_>,
    newer: Compared<'_>,
    shared: &Shared,
    cosines: Cosines,
    columns: &Columns,
) -> [f32; COUNT] {
    let mut row = Row { values: [0.0; COUNT], filled: 0 };
    row.put(cosines.base);
    row.put(cosines.title);
    row.put(cosines.window);
    let titles = Titles::of(older.side, newer.side, shared);
    titles.shared(&mut row);
    titles.not_shared(&mut row);
    let said = Said { side: older.side, other: newer.side, shared };
    said.sums(&mut row);
    titles.parting(&mut row);
    titles.order(&mut row);
    titles.of_the_day(&said, &mut row);
    circumstances(older, newer, columns, &mut row);
    kinds(older.traits.kinds, newer.traits.kinds, &mut row);
    titles.marks(older, newer, &mut row);
    debug_assert_eq!(row.filled, COUNT);
    row.values
}

/// Features as they are filled in, one after another.
struct Row {
    values: [f32; COUNT],
    filled: usize,
}

impl Row {
    fn put(&mut self, value: f32) {
        self.values[self.filled] = value;
        self.filled += 1;
    }

    fn count(&mut self, value: usize) {
        self.put(value as f32);
    }

    /// The smaller, then the larger of both.
    fn both(&mut self, a: f32, b: f32) {
        self.put(a.min(b));
        self.put(a.max(b));
    }
}

/// The two titles of a pair.
struct Titles<'a> {
    one: Found<'a>,
    two: Found<'a>,
    both: Both,
}

impl<'a> Titles<'a> {
    fn of(one: &'a Side, two: &'a Side, shared: &'a Shared) -> Self {
        let terms = |(a, b): &(u8, u8)| (&one.terms[usize::from(*a)], &two.terms[usize::from(*b)]);
        let there = shared.places().iter().map(terms);
        let back = there.clone().map(|(one, two)| (two, one));
        let (one, two) = (Found::of(one, there), Found::of(two, back));
        let both = Both::of(&one);
        Self { one, two, both }
    }

    fn shared(&self, row: &mut Row) {
        let Self { one, two, both } = self;
        let whole = (one.whole(), two.whole());
        row.count(both.count);
        row.put(both.idf);
        row.put(both.window);
        row.put(both.idf / whole.0.max(whole.1));
        row.put(both.idf / whole.0.min(whole.1));
        row.put(both.first);
        row.put(both.second);
        row.put(both.top_window);
        row.put(both.name);
        row.put(both.other);
        let shares = (one.sums.found / whole.0, two.sums.found / whole.1);
        row.both(shares.0, shares.1);
        row.put(f32::midpoint(shares.0, shares.1));
        row.both(one.sums.found, two.sums.found);
        row.both(one.sums.found_window, two.sums.found_window);
    }

    fn not_shared(&self, row: &mut Row) {
        let (one, two) = (&self.one.sums, &self.two.sums);
        row.both(one.top, two.top);
        row.both(one.name, two.name);
        row.put(one.top_name.min(two.top_name));
        row.both(one.window, two.window);
        row.count(one.digits + two.digits);
        row.count(usize::from(one.digits > 0 && two.digits > 0));
        row.count(self.both.digits);
    }

    /// Where names diverge: one word is the same, the next one differs.
    fn parting(&self, row: &mut Row) {
        let Self { one, two, .. } = self;
        let (mut both, mut alone, mut before) = (0, 0, 0);
        for (place, _) in one.matched() {
            let Some(there) = one.at[place].map(usize::from) else { continue };
            let (next, their_next) = (place + 1, there + 1);
            let goes_on = next < one.count && their_next < two.count;
            if goes_on && one.term(next).id != two.term(their_next).id {
                let (mine, theirs) = (one.is_strange(next), two.is_strange(their_next));
                both += usize::from(mine && theirs);
                alone += usize::from(mine) + usize::from(theirs);
            }
            let comes = place > 0 && there > 0;
            before += usize::from(comes && one.is_strange(place - 1) && two.is_strange(there - 1));
        }
        row.count(both);
        row.count(alone);
        row.count(before);
        row.count(usize::from(one.is_missing(0)) + usize::from(two.is_missing(0)));
        let early = |found: &Found<'_>| usize::from((0..3).any(|place| found.is_strange(place)));
        row.count(early(one) + early(two));
    }

    fn order(&self, row: &mut Row) {
        let Self { one, two, .. } = self;
        let follows = |place: usize| {
            place + 1 < one.count
                && one.at[place].is_some_and(|there| one.at[place + 1].is_some_and(|next| next == there + 1))
        };
        let (mut pairs, mut threes, mut rarest) = (0, 0, 0.0_f32);
        for (place, term) in one.matched().filter(|(place, _)| follows(*place)) {
            pairs += 1;
            threes += usize::from(follows(place + 1));
            rarest = rarest.max(term.worth.idf + one.term(place + 1).worth.idf);
        }
        row.count(pairs);
        row.count(threes);
        row.put(rarest);
        row.count(usize::from(one.at[0].is_some() || two.at[0].is_some()));
        let equal = |place: usize| one.at[place] == Some(place as u8);
        row.count(usize::from(equal(0)));
        row.count(usize::from(equal(0) && equal(1)));
        let first = |found: &Found<'_>| found.matched().next().map_or(NOWHERE, |(place, _)| place as f32);
        row.both(first(one), first(two));
        let rarest = |found: &Found<'_>| found.rarest().map_or(NOWHERE, |place| place as f32);
        let rarest = (rarest(one), rarest(two));
        row.both(rarest.0, rarest.1);
        row.put((rarest.0 - rarest.1).abs());
        row.count(usize::from(one.has_best(idf)) + usize::from(two.has_best(idf)));
        row.count(usize::from(one.has_best(name)) + usize::from(two.has_best(name)));
    }

    /// Words of the day, and how common the rarest of what is shared is in the window.
    fn of_the_day(&self, said: &Said<'_>, row: &mut Row) {
        let Self { one, two, both } = self;
        row.put(both.top_burst);
        row.put(both.burst / (both.idf + LITTLE));
        row.put(one.sums.rarest_count.min(two.sums.rarest_count).min(COMMON));
        row.put(both.rarest_count);
        row.put(said.terms().map(|term| term.worth.count).fold(COMMON, f32::min));
        row.put(one.sums.second_count.min(COMMON));
    }

    /// Numbers that distinguish two things, or that both carry.
    fn marks(&self, one: Compared<'_>, two: Compared<'_>, row: &mut Row) {
        row.count(usize::from(one.marks.contradict(two.marks)));
        row.count(usize::from(one.marks.numbers_differ(two.marks)));
        let (mine, theirs) = (&one.traits.quantities, &two.traits.quantities);
        let shared = mine.iter().filter(|quantity| theirs.binary_search(quantity).is_ok()).count();
        row.count(shared);
        row.count(usize::from(shared == 0 && !mine.is_empty() && !theirs.is_empty()));
        let has_model = |side: &Side| side.titled().any(|term| term.worth.is_model);
        let shared = self.both.models;
        row.count(shared);
        row.count(usize::from(shared == 0 && has_model(one.side) && has_model(two.side)));
        row.count(usize::from(one.title == two.title));
        let has_digit = |side: &Side| side.titled().any(|term| term.worth.is_digit);
        row.count(usize::from(has_digit(one.side) != has_digit(two.side)));
    }
}

/// The terms that two texts share.
struct Said<'a> {
    side: &'a Side,
    other: &'a Side,
    shared: &'a Shared,
}

impl<'a> Said<'a> {
    fn terms(&self) -> impl Iterator<Item = &'a Term> {
        let Self { side, other, shared } = *self;
        let both = shared.places().iter().map(|(a, b)| (&side.terms[usize::from(*a)], &other.terms[usize::from(*b)]));
        both.filter(|(one, two)| one.in_text && two.in_text).map(|(one, _)| one)
    }

    fn sums(&self, row: &mut Row) {
        let (mut rarity, mut window, mut top, mut names) = (0.0, 0.0, 0.0_f32, 0.0);
        for term in self.terms() {
            rarity += term.worth.idf;
            window += term.worth.window;
            top = top.max(term.worth.idf);
            names += name(term);
        }
        row.put(rarity);
        row.put(window);
        row.put(top);
        row.put(names);
    }
}

fn circumstances(one: Compared<'_>, two: Compared<'_>, columns: &Columns, row: &mut Row) {
    row.count(usize::from(one.publisher == two.publisher));
    row.put((two.time - one.time).unsigned_abs() as f32 / 3600.0);
    row.both(one.side.title.places().len() as f32, two.side.title.places().len() as f32);
    row.both(one.side.text_terms as f32, two.side.text_terms as f32);
    row.both(one.side.habits.most, two.side.habits.most);
    row.both(one.side.habits.often, two.side.habits.often);
    row.put(columns.in_both(one.traits, two.traits));
    row.both(one.side.habits.again, two.side.habits.again);
    row.count(usize::from(one.traits.teaser != 0 && one.traits.teaser == two.traits.teaser));
}

fn kinds(one: u32, two: u32, row: &mut Row) {
    (0..KINDS).for_each(|kind| row.put((one >> kind & 1) as f32 + (two >> kind & 1) as f32));
    row.count(KINDS - (one ^ two).count_ones() as usize);
}
