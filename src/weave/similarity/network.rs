//! A small network read from a table: one hidden layer of rectifiers alongside a linear path.

use std::sync::LazyLock;

/// Inputs are clipped to this many deviations.
const CLIP: f32 = 5.0;

/// What the integers of the table are fractions of.
const UNIT: f32 = 4096.0;
const FINE: f32 = 65536.0;

/// Number of units computed at the same time.
const LANES: usize = 16;

/// Maximum number of inputs of a table.
const MOST_INPUTS: usize = 128;

/// Log odds from features; `quality/stories/FORMAT.md` has the format of its table.
#[derive(Debug)]
pub(in crate::weave) struct Network {
    inputs: Vec<Input>,
    /// For each hidden unit: its starting value, and its part in the answer. Padded with units that contribute nothing.
    start: Vec<f32>,
    part: Vec<f32>,
    /// Weights from input to unit: a block for each [`LANES`] units, in it a row for each input.
    weights: Vec<[f32; LANES]>,
    /// The sums of the units and the linear path if all features are 0, as most of most pairs are.
    still: Vec<f32>,
    still_odds: f32,
}

#[derive(Debug)]
struct Input {
    /// Its place among the features that are given.
    place: usize,
    mean: f32,
    inverse: f32,
    linear: f32,
    /// What a feature of 0 is scaled to.
    still: f32,
}

impl Network {
    /// Reads a table whose inputs are some of `names`; `None` if it is not one.
    pub(super) fn read(table: &str, names: &[&str]) -> Option<Self> {
        let mut lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut head = lines.next()?.split(' ').skip(1).step_by(2);
        let (count, hidden): (usize, usize) = (head.next()?.parse().ok()?, head.next()?.parse().ok()?);
        let mut inputs = Vec::with_capacity(count);
        for line in lines.by_ref().take(count) {
            let mut words = line.strip_prefix("input ")?.split(' ');
            let name = words.next()?;
            let place = names.iter().position(|known| *known == name)?;
            let mut number = || Some(words.next()?.parse::<i32>().ok()? as f32 / FINE);
            let mut input = Input { place, mean: number()?, inverse: number()?, linear: 0.0, still: 0.0 };
            input.still = input.scaled(0.0);
            inputs.push(input);
        }
        let linear = numbers(lines.next()?.strip_prefix("linear ")?, count + 1)?;
        inputs.iter_mut().zip(&linear[1..]).for_each(|(input, linear)| input.linear = *linear);
        let blocks = hidden.div_ceil(LANES);
        let mut network = Self {
            start: vec![0.0; blocks * LANES],
            part: vec![0.0; blocks * LANES],
            weights: vec![[0.0; LANES]; blocks * count],
            still: Vec::new(),
            still_odds: inputs.iter().fold(linear[0], |odds, input| odds + input.linear * input.still),
            inputs,
        };
        for unit in 0..hidden {
            let row = numbers(lines.next()?.strip_prefix("unit ")?, count + 2)?;
            network.part[unit] = row[0];
            network.start[unit] = row[1];
            for (input, weight) in row[2..].iter().enumerate() {
                network.weights[unit / LANES * count + input][unit % LANES] = *weight;
            }
        }
        network.still = network.units(&network.start, &Changes::all(&network.inputs, |input| input.still));
        (network.inputs.len() == count && count <= MOST_INPUTS).then_some(network)
    }

    /// The log odds that follow from `features`.
    pub(in crate::weave) fn log_odds(&self, features: &[f32]) -> f32 {
        let mut changes = Changes::default();
        let mut odds = self.still_odds;
        for (at, input) in self.inputs.iter().enumerate() {
            let feature = features[input.place];
            if feature != 0.0 {
                let by = input.scaled(feature) - input.still;
                odds += input.linear * by;
                changes.push(at, by);
            }
        }
        odds + self.of_units(&self.units(&self.still, &changes))
    }

    /// What each feature that the table reads adds to the log odds, other things being equal: its place, and the
    /// difference to a feature of the usual size.
    pub(in crate::weave) fn parts(&self, features: &[f32]) -> Vec<(usize, f32)> {
        let scaled = Changes::all(&self.inputs, |input| input.scaled(features[input.place]));
        let units = self.units(&self.start, &scaled);
        let whole = self.of_units(&units);
        let count = self.inputs.len();
        let mut parts: Vec<(usize, f32)> = self.inputs.iter().map(|input| (input.place, whole)).collect();
        for ((input, z), (_, part)) in self.inputs.iter().zip(scaled.by).zip(&mut parts) {
            *part += input.linear * z;
        }
        for (block, (units, weights)) in units.as_chunks::<LANES>().0.iter().zip(self.weights.chunks(count)).enumerate()
        {
            let part: &[f32] = &self.part[block * LANES..][..LANES];
            for ((row, z), (_, sum)) in weights.iter().zip(scaled.by).zip(&mut parts) {
                // The usual size is the mean, which is scaled to 0.
                let mut lanes = [0.0; LANES];
                for lane in 0..LANES {
                    lanes[lane] = rectified(units[lane] - row[lane] * z) * part[lane];
                }
                *sum -= lanes.iter().sum::<f32>();
            }
        }
        parts
    }

    /// The sums of the units, starting from `from`, when inputs change.
    fn units(&self, from: &[f32], changes: &Changes) -> Vec<f32> {
        let mut units = from.to_vec();
        let blocks = units.as_chunks_mut::<LANES>().0;
        for (units, weights) in blocks.iter_mut().zip(self.weights.chunks(self.inputs.len().max(1))) {
            let mut sums = *units;
            for (at, by) in changes.inputs.iter().zip(changes.by).take(changes.count) {
                let row = &weights[usize::from(*at)];
                for lane in 0..LANES {
                    sums[lane] += row[lane] * by;
                }
            }
            *units = sums;
        }
        units
    }

    fn of_units(&self, units: &[f32]) -> f32 {
        let mut lanes = [0.0; LANES];
        for (units, parts) in units.as_chunks::<LANES>().0.iter().zip(self.part.as_chunks::<LANES>().0) {
            for lane in 0..LANES {
                lanes[lane] += rectified(units[lane]) * parts[lane];
            }
        }
        lanes.iter().sum()
    }
}

fn rectified(unit: f32) -> f32 {
    if unit > 0.0 { unit } else { 0.0 }
}

/// Inputs that change, and by how much.
struct Changes {
    inputs: [u8; MOST_INPUTS],
    by: [f32; MOST_INPUTS],
    count: usize,
}

impl Default for Changes {
    fn default() -> Self {
        Self { inputs: [0; MOST_INPUTS], by: [0.0; MOST_INPUTS], count: 0 }
    }
}

impl Changes {
    fn all(inputs: &[Input], by: impl Fn(&Input) -> f32) -> Self {
        let mut changes = Self::default();
        inputs.iter().enumerate().take(MOST_INPUTS).for_each(|(at, input)| changes.push(at, by(input)));
        changes
    }

    fn push(&mut self, input: usize, by: f32) {
        self.inputs[self.count] = input as u8;
        self.by[self.count] = by;
        self.count += 1;
    }
}

/// `ln(1 + n)` of small numbers: many features count something.
static LOGARITHMS: LazyLock<[f32; 64]> = LazyLock::new(|| std::array::from_fn(|n| (1.0 + n as f32).ln()));

impl Input {
    fn scaled(&self, x: f32) -> f32 {
        let size = x.abs();
        let whole = size as usize;
        let squashed = match LOGARITHMS.get(whole) {
            Some(logarithm) if whole as f32 == size => *logarithm,
            _ => (1.0 + size).ln(),
        };
        ((squashed.copysign(x) - self.mean) * self.inverse).clamp(-CLIP, CLIP)
    }
}

fn numbers(line: &str, count: usize) -> Option<Vec<f32>> {
    let numbers: Option<Vec<f32>> =
        line.split(' ').map(|number| Some(number.parse::<i32>().ok()? as f32 / UNIT)).collect();
    numbers.filter(|numbers| numbers.len() == count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two inputs, one unit; `b` is read first.
    const TABLE: &str = "# date\ninputs 2 hidden 1 scale 4096\ninput b 0 65536\ninput a 65536 32768\n\
                         linear 4096 8192 0\nunit -4096 2048 0 4096\n";

    #[test]
    fn a_table_is_evaluated_by_hand() {
        let network = Network::read(TABLE, &["a", "x", "b"]).unwrap();
        // b squashed: ln 2; a squashed: ln 4, minus 1, halved.
        let (a, b) = ((4.0_f32.ln() - 1.0) / 2.0, 2.0_f32.ln());
        let want = 1.0 + 2.0 * b - (0.5 + a).max(0.0);
        assert!((network.log_odds(&[3.0, 9.0, 1.0]) - want).abs() < 1e-5);
        assert!((network.log_odds(&[-3.0, 9.0, 1.0]) - (1.0 + 2.0 * b)).abs() < 1e-5);
    }

    #[test]
    fn parts_tell_what_each_feature_adds() {
        let network = Network::read(TABLE, &["a", "x", "b"]).unwrap();
        let parts = network.parts(&[1.0_f32.exp_m1(), 9.0, 1.0]);
        assert_eq!(parts[0].0, 2);
        assert!((parts[0].1 - 2.0 * 2.0_f32.ln()).abs() < 1e-5);
        assert!(parts[1].1.abs() < 1e-5);
    }

    #[test]
    fn broken_tables_are_refused() {
        assert!(Network::read(TABLE, &["a", "x"]).is_none());
        assert!(Network::read("", &[]).is_none());
        let short = TABLE.replace("unit -4096 2048 0 4096", "unit -4096 2048 0");
        assert!(Network::read(&short, &["a", "b"]).is_none());
    }
}
