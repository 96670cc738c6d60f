//! The features of a pair of entries, in the order of [`NAMES`]. What each means: `quality/stories/FORMAT.md`.

use super::columns::Columns;
use super::kinds::KINDS;
use super::side::{Compared, Cosines, Side, TITLE_TERMS, Term};

/// Features of a pair.
pub(in crate::weave) const COUNT: usize = 105;

/// Where a title shares nothing: behind its last term.
const NOWHERE: f32 = TITLE_TERMS as f32;

/// A term of so many entries is common, more do not matter.
const COMMON: f32 = 2000.0;

/// The burst of nothing.
const NO_BURST: f32 = -9.0;

/// Keeps shares of nothing from being no number.
const LITTLE: f32 = 1e-6;

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

/// The features of two entries whose vectors are alike by `cosines`.
pub(in crate::weave) fn features(
    older: Compared<'_>,
    newer: Compared<'_>,
    cosines: Cosines,
    columns: &Columns,
) -> [f32; COUNT] {
    let mut row = Row { values: [0.0; COUNT], filled: 0 };
    row.put(cosines.base);
    row.put(cosines.title);
    row.put(cosines.window);
    let (one, two) = (older.side, newer.side);
    let titles = Titles { one: Found::of(one, two), two: Found::of(two, one) };
    titles.shared(&mut row);
    titles.not_shared(&mut row);
    let said = Said::of(one, two);
    said.sums(&mut row);
    titles.parting(&mut row);
    titles.order(&mut row);
    titles.of_the_day(&said, &mut row);
    circumstances(older, newer, columns, &mut row);
    kinds(older.traits.kinds, newer.traits.kinds, &mut row);
    marks(older, newer, &mut row);
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

/// The title of one entry, and which of its terms the other has.
struct Found<'a> {
    title: &'a [Term],
    /// Where each of its terms stands in the other's title.
    at: [Option<u8>; TITLE_TERMS],
    /// Whether the other has it anywhere.
    any: [bool; TITLE_TERMS],
}

impl<'a> Found<'a> {
    fn of(side: &'a Side, other: &Side) -> Self {
        let mut found = Self { title: &side.title, at: [None; TITLE_TERMS], any: [false; TITLE_TERMS] };
        for (place, term) in side.title.iter().enumerate() {
            found.at[place] = other.title.iter().position(|their| their.id == term.id).map(|at| at as u8);
            found.any[place] = found.at[place].is_some() || other.has_in_text(term.id);
        }
        found
    }

    fn matched(&self) -> impl Iterator<Item = (usize, &'a Term)> + '_ {
        self.title.iter().enumerate().filter(|(place, _)| self.at[*place].is_some())
    }

    fn anywhere(&self) -> impl Iterator<Item = &'a Term> + '_ {
        self.title.iter().enumerate().filter(|(place, _)| self.any[*place]).map(|(_, term)| term)
    }

    fn missing(&self) -> impl Iterator<Item = &'a Term> + '_ {
        self.title.iter().enumerate().filter(|(place, _)| !self.any[*place]).map(|(_, term)| term)
    }

    fn is_missing(&self, place: usize) -> bool {
        place < self.title.len() && !self.any[place]
    }

    /// A name or a number that the other has nowhere.
    fn is_strange(&self, place: usize) -> bool {
        self.is_missing(place) && self.title[place].is_strong()
    }

    fn whole(&self) -> f32 {
        sum(self.title.iter(), |term| term.idf) + LITTLE
    }

    /// The place of the shared term of the largest idf.
    fn rarest(&self) -> Option<usize> {
        first_best(self.matched().map(|(place, term)| (place, term.idf)))
    }

    /// Whether the term that `worth` puts first stands in the other.
    fn has_best(&self, worth: impl Fn(&Term) -> f32) -> bool {
        let best = first_best(self.title.iter().map(worth).enumerate());
        best.is_some_and(|place| self.any[place])
    }
}

fn sum<'a>(terms: impl Iterator<Item = &'a Term>, worth: impl Fn(&Term) -> f32) -> f32 {
    terms.map(worth).sum()
}

fn largest<'a>(terms: impl Iterator<Item = &'a Term>, worth: impl Fn(&Term) -> f32) -> f32 {
    terms.map(worth).fold(0.0, f32::max)
}

/// The first of the best.
fn first_best(places: impl Iterator<Item = (usize, f32)>) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (place, worth) in places {
        if best.is_none_or(|(_, known)| worth > known) {
            best = Some((place, worth));
        }
    }
    best.map(|(place, _)| place)
}

fn idf(term: &Term) -> f32 {
    term.idf
}

fn window(term: &Term) -> f32 {
    term.window
}

fn name(term: &Term) -> f32 {
    term.idf * term.name
}

/// The two titles of a pair.
struct Titles<'a> {
    one: Found<'a>,
    two: Found<'a>,
}

impl Titles<'_> {
    fn shared(&self, row: &mut Row) {
        let Self { one, two } = self;
        let matched = || one.matched().map(|(_, term)| term);
        let (shared, whole) = (sum(matched(), idf), (one.whole(), two.whole()));
        row.count(matched().count());
        row.put(shared);
        row.put(sum(matched(), window));
        row.put(shared / whole.0.max(whole.1));
        row.put(shared / whole.0.min(whole.1));
        let (mut first, mut second) = (0.0_f32, 0.0_f32);
        for term in matched() {
            second = second.max(term.idf.min(first));
            first = first.max(term.idf);
        }
        row.put(first);
        row.put(second);
        row.put(largest(matched(), window));
        row.put(sum(matched(), name));
        row.put(sum(matched(), |term| term.idf * (1.0 - term.name)));
        let found = (sum(one.anywhere(), idf), sum(two.anywhere(), idf));
        let shares = (found.0 / whole.0, found.1 / whole.1);
        row.both(shares.0, shares.1);
        row.put(f32::midpoint(shares.0, shares.1));
        row.both(found.0, found.1);
        row.both(sum(one.anywhere(), window), sum(two.anywhere(), window));
    }

    fn not_shared(&self, row: &mut Row) {
        let Self { one, two } = self;
        row.both(largest(one.missing(), idf), largest(two.missing(), idf));
        row.both(sum(one.missing(), name), sum(two.missing(), name));
        row.put(largest(one.missing(), name).min(largest(two.missing(), name)));
        row.both(sum(one.missing(), window), sum(two.missing(), window));
        let digits = |found: &Found<'_>| found.missing().filter(|term| term.is_digit).count();
        row.count(digits(one) + digits(two));
        row.count(usize::from(digits(one) > 0 && digits(two) > 0));
        row.count(one.matched().filter(|(_, term)| term.is_digit).count());
    }

    /// Where names part: one word is the same, the next another.
    fn parting(&self, row: &mut Row) {
        let Self { one, two } = self;
        let (mut both, mut alone, mut before) = (0, 0, 0);
        for (place, _) in one.matched() {
            let Some(there) = one.at[place].map(usize::from) else { continue };
            let (next, their_next) = (place + 1, there + 1);
            let goes_on = next < one.title.len() && their_next < two.title.len();
            if goes_on && one.title[next].id != two.title[their_next].id {
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
        let Self { one, two } = self;
        let follows = |place: usize| {
            place + 1 < one.title.len()
                && one.at[place].is_some_and(|there| one.at[place + 1].is_some_and(|next| next == there + 1))
        };
        let places = 0..one.title.len();
        row.count(places.clone().filter(|place| follows(*place)).count());
        row.count(places.clone().filter(|place| follows(*place) && follows(place + 1)).count());
        let worth = |place: usize| one.title[place].idf + one.title[place + 1].idf;
        row.put(places.filter(|place| follows(*place)).map(worth).fold(0.0, f32::max));
        let is_first_shared = |found: &Found<'_>| !found.title.is_empty() && found.at[0].is_some();
        row.count(usize::from(is_first_shared(one) || is_first_shared(two)));
        let equal = |place: usize| place < one.title.len() && one.at[place] == Some(place as u8);
        row.count(usize::from(equal(0)));
        row.count(usize::from(equal(0) && equal(1)));
        let first = |found: &Found<'_>| found.matched().next().map_or(NOWHERE, |(place, _)| place as f32);
        row.both(first(one), first(two));
        let rarest = |found: &Found<'_>| found.rarest().map_or(NOWHERE, |place| place as f32);
        row.both(rarest(one), rarest(two));
        row.put((rarest(one) - rarest(two)).abs());
        row.count(usize::from(one.has_best(idf)) + usize::from(two.has_best(idf)));
        row.count(usize::from(one.has_best(name)) + usize::from(two.has_best(name)));
    }

    /// Words of the day, and how common the rarest of what is shared is in the window.
    fn of_the_day(&self, said: &Said<'_>, row: &mut Row) {
        let Self { one, two } = self;
        let matched = || one.matched().map(|(_, term)| term);
        row.put(matched().map(|term| term.burst).fold(NO_BURST, f32::max));
        row.put(sum(matched(), |term| term.burst * term.idf) / (sum(matched(), idf) + LITTLE));
        let rare = |terms: &mut dyn Iterator<Item = &Term>| terms.map(|term| term.count).fold(COMMON, f32::min);
        row.put(rare(&mut one.anywhere()).min(rare(&mut two.anywhere())));
        row.put(rare(&mut matched()));
        row.put(rare(&mut said.0.iter().copied()));
        let mut counts: Vec<f32> = one.anywhere().map(|term| term.count).collect();
        counts.sort_unstable_by(f32::total_cmp);
        row.put(counts.get(1).copied().unwrap_or(COMMON).min(COMMON));
    }
}

/// The terms that two texts share.
struct Said<'a>(Vec<&'a Term>);

impl<'a> Said<'a> {
    fn of(one: &'a Side, two: &Side) -> Self {
        let mut theirs = two.text.iter().peekable();
        let is_shared = |term: &&Term| {
            while theirs.next_if(|their| their.id < term.id).is_some() {}
            theirs.peek().is_some_and(|their| their.id == term.id)
        };
        Self(one.text.iter().filter(is_shared).collect())
    }

    fn sums(&self, row: &mut Row) {
        let terms = || self.0.iter().copied();
        row.put(sum(terms(), idf));
        row.put(sum(terms(), window));
        row.put(largest(terms(), idf));
        row.put(sum(terms(), name));
    }
}

fn circumstances(one: Compared<'_>, two: Compared<'_>, columns: &Columns, row: &mut Row) {
    row.count(usize::from(one.publisher == two.publisher));
    row.put((two.time - one.time).unsigned_abs() as f32 / 3600.0);
    row.both(one.side.title.len() as f32, two.side.title.len() as f32);
    row.both(one.side.text.len() as f32, two.side.text.len() as f32);
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

/// Numbers that tell two things apart, or that both carry.
fn marks(one: Compared<'_>, two: Compared<'_>, row: &mut Row) {
    row.count(usize::from(one.marks.contradict(two.marks)));
    row.count(usize::from(one.marks.numbers_differ(two.marks)));
    let (mine, theirs) = (&one.traits.quantities, &two.traits.quantities);
    let shared = mine.iter().filter(|quantity| theirs.binary_search(quantity).is_ok()).count();
    row.count(shared);
    row.count(usize::from(shared == 0 && !mine.is_empty() && !theirs.is_empty()));
    let models = |side: &Side| side.title.iter().filter(|term| term.is_model).count();
    let is_shared = |term: &&Term| term.is_model && two.side.title.iter().any(|their| their.id == term.id);
    let shared = one.side.title.iter().filter(is_shared).count();
    row.count(shared);
    row.count(usize::from(shared == 0 && models(one.side) > 0 && models(two.side) > 0));
    row.count(usize::from(one.title == two.title));
    let has_digit = |side: &Side| side.title.iter().any(|term| term.is_digit);
    row.count(usize::from(has_digit(one.side) != has_digit(two.side)));
}
