//! A small network read from a table: one hidden layer of rectifiers beside a linear path.

/// Inputs are clipped to this many deviations.
const CLIP: f32 = 5.0;

/// What the integers of the table are fractions of.
const UNIT: f32 = 4096.0;
const FINE: f32 = 65536.0;

/// Log odds out of features; `quality/stories/FORMAT.md` has the form of its table.
#[derive(Debug)]
pub(in crate::weave) struct Network {
    inputs: Vec<Input>,
    constant: f32,
    /// Of each hidden unit: what it starts from, and its part in the answer.
    start: Vec<f32>,
    part: Vec<f32>,
    /// Weights from input to unit, a row for each input.
    weights: Vec<f32>,
}

#[derive(Debug)]
struct Input {
    /// Its place among the features that are given.
    place: usize,
    mean: f32,
    inverse: f32,
    linear: f32,
}

impl Network {
    /// Reads a table whose inputs are some of `names`; `None` where it is none.
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
            inputs.push(Input { place, mean: number()?, inverse: number()?, linear: 0.0 });
        }
        let linear = numbers(lines.next()?.strip_prefix("linear ")?, count + 1)?;
        inputs.iter_mut().zip(&linear[1..]).for_each(|(input, linear)| input.linear = *linear);
        let mut network = Self {
            inputs,
            constant: linear[0],
            start: Vec::with_capacity(hidden),
            part: Vec::with_capacity(hidden),
            weights: vec![0.0; count * hidden],
        };
        for unit in 0..hidden {
            let row = numbers(lines.next()?.strip_prefix("unit ")?, count + 2)?;
            network.part.push(row[0]);
            network.start.push(row[1]);
            for (input, weight) in row[2..].iter().enumerate() {
                network.weights[input * hidden + unit] = *weight;
            }
        }
        (network.inputs.len() == count).then_some(network)
    }

    /// The log odds that `features` speak for.
    pub(in crate::weave) fn log_odds(&self, features: &[f32]) -> f32 {
        let mut units = self.start.clone();
        let mut odds = self.constant;
        for (input, row) in self.inputs.iter().zip(self.rows()) {
            let z = input.scaled(features);
            odds += input.linear * z;
            units.iter_mut().zip(row).for_each(|(unit, weight)| *unit += weight * z);
        }
        odds + self.of_units(units.iter().copied())
    }

    /// What each feature that the table reads adds to the log odds, other things being as they are: its place, and the
    /// difference to a feature of the usual size.
    pub(in crate::weave) fn parts(&self, features: &[f32]) -> Vec<(usize, f32)> {
        let mut units = self.start.clone();
        for (input, row) in self.inputs.iter().zip(self.rows()) {
            let z = input.scaled(features);
            units.iter_mut().zip(row).for_each(|(unit, weight)| *unit += weight * z);
        }
        let whole = self.of_units(units.iter().copied());
        let without = |input: &Input, row: &[f32]| {
            // The usual size is the mean, which is scaled to 0.
            let z = input.scaled(features);
            let changed = units.iter().zip(row).map(|(unit, weight)| unit - weight * z);
            (input.place, input.linear * z + whole - self.of_units(changed))
        };
        self.inputs.iter().zip(self.rows()).map(|(input, row)| without(input, row)).collect()
    }

    /// The weights of each input.
    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.weights.chunks_exact(self.start.len())
    }

    fn of_units(&self, units: impl Iterator<Item = f32>) -> f32 {
        units.zip(&self.part).map(|(unit, part)| unit.max(0.0) * part).sum()
    }
}

impl Input {
    fn scaled(&self, features: &[f32]) -> f32 {
        let x = features[self.place];
        // Most features of most pairs are 0.
        let squashed = if x == 0.0 { 0.0 } else { (1.0 + x.abs()).ln().copysign(x) };
        ((squashed - self.mean) * self.inverse).clamp(-CLIP, CLIP)
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
