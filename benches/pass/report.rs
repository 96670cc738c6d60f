//! The table, and the marks.

use std::fmt::Write as _;

use crate::measure::Cost;
use crate::origin::Served;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    Cold,
    Unchanged,
    Changed,
    /// No source is due.
    Idle,
}

/// One program's figures for one pass.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) feeds: usize,
    pub(crate) pass: Pass,
    pub(crate) cost: Cost,
    pub(crate) served: Served,
    /// Entries held and entries there were to hold; `None`: it keeps none.
    pub(crate) held: Option<(u64, u64)>,
}

impl Row {
    /// Whether it holds what it should and ended well.
    pub(crate) fn is_whole(&self) -> bool {
        self.cost.exit == Some(0) && self.held.is_none_or(|(held, want)| held == want)
    }

    fn is_ours(&self) -> bool {
        self.name == "feedloom"
    }

    fn cpu(&self) -> f64 {
        self.cost.cpu.as_secs_f64()
    }

    fn line(&self) -> String {
        let pass = match self.pass {
            Pass::Cold => "cold",
            Pass::Unchanged => "unchanged",
            Pass::Changed => "1 % changed",
            Pass::Idle => "nothing due",
        };
        let peak = self.cost.peak_kib.map_or_else(|| "–".to_owned(), |kib| format!("{:.1}", kib as f64 / 1024.0));
        let held = self.held.map_or_else(|| "–".to_owned(), |(held, want)| format!("{held}/{want}"));
        let Served { full, not_modified, other, bytes, connections } = self.served;
        let exit = match self.cost.exit {
            Some(0) => String::new(),
            Some(code) => format!("  exit {code}"),
            None => "  killed".to_owned(),
        };
        format!(
            "{:<26} {:<12} {:>8.3} {:>8.3} {:>8} {:>13} {:>6} {:>6} {:>5} {:>8.2} {:>6}{exit}",
            self.name,
            pass,
            self.cost.wall.as_secs_f64(),
            self.cpu(),
            peak,
            held,
            full,
            not_modified,
            other,
            bytes as f64 / 1e6,
            connections
        )
    }
}

/// What stands above the rows of one size.
pub(crate) fn headline(feeds: usize, entries: u64, bytes: u64) -> String {
    format!(
        "\n{feeds} feeds, {entries} entries, {:.1} MB\n{:<26} {:<12} {:>8} {:>8} {:>8} {:>13} {:>6} {:>6} {:>5} {:>8} {:>6}",
        bytes as f64 / 1e6,
        "program",
        "pass",
        "wall s",
        "CPU s",
        "peak MiB",
        "held/want",
        "200",
        "304",
        "other",
        "MB sent",
        "conns"
    )
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

/// A figure that the project promises.
struct Mark {
    what: String,
    value: f64,
    limit: f64,
    /// The limit is the least, not the most.
    at_least: bool,
}

impl Mark {
    fn is_met(&self) -> bool {
        if self.at_least { self.value >= self.limit } else { self.value <= self.limit }
    }
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        println!("{}", row.line());
        self.rows.push(row);
    }

    /// Whether we hold every entry after every pass; what peers lose is theirs.
    pub(crate) fn all_held(&self) -> bool {
        self.rows.iter().filter(|row| row.is_ours() || row.held.is_none()).all(Row::is_whole)
    }

    pub(crate) fn all_marks_met(&self) -> bool {
        self.figures().iter().all(Mark::is_met)
    }

    /// Every mark with the figure reached.
    pub(crate) fn marks(&self) -> String {
        let mut text = String::from("marks (CPU unless said otherwise)\n");
        for mark in self.figures() {
            let (sign, word) = (if mark.at_least { '≥' } else { '≤' }, if mark.is_met() { "met" } else { "MISSED" });
            // A String takes all.
            let _ = writeln!(text, "  {:<58} {:>7.2}  {sign} {:<6} {word}", mark.what, mark.value, mark.limit);
        }
        let held = if self.all_held() { "every entry held after every pass" } else { "ENTRIES ARE MISSING" };
        text + "  " + held
    }

    fn figures(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut mark = |what: String, value: Option<f64>, limit, at_least| {
            marks.extend(value.map(|value| Mark { what, value, limit, at_least }));
        };
        let mut sizes: Vec<usize> = self.rows.iter().map(|row| row.feeds).collect();
        sizes.dedup();
        for feeds in &sizes {
            let ours = |pass| self.find(*feeds, pass, Row::is_ours);
            let of = |name: &str, pass| self.find(*feeds, pass, |row| row.name.starts_with(name));
            let ratio = |a: Option<&Row>, b: Option<&Row>| Some(a?.cpu() / b?.cpu());
            let cold = ours(Pass::Cold);
            mark(format!("1. {feeds} cold: sfeed / feedloom"), ratio(of("sfeed", Pass::Cold), cold), 10.0, true);
            mark(format!("1. {feeds} cold: newsboat / feedloom"), ratio(of("newsboat", Pass::Cold), cold), 10.0, true);
            let (same, bare) = (ours(Pass::Unchanged), of("bare", Pass::Unchanged));
            mark(format!("4. {feeds} unchanged: feedloom / bare reqwest loop"), ratio(same, bare), 1.5, false);
            // Or 60 ms above, whichever is more.
            let most = same.map_or(1.5, |same| (1.0 + 0.06 / same.cpu()).max(1.5));
            mark(format!("5. {feeds} 1 % changed / unchanged"), ratio(ours(Pass::Changed), same), most, false);
            let is_small = *feeds <= 1_000;
            let idle = ours(Pass::Idle).map(Row::cpu);
            mark(format!("6. {feeds} nothing due: CPU s"), idle, if is_small { 0.02 } else { 0.05 }, false);
            let peak = |pass| ours(pass).and_then(peak_mib);
            let (most_cold, most_same) = if is_small { (80.0, 24.0) } else { (110.0, 50.0) };
            mark(format!("7. {feeds} cold: peak MiB"), peak(Pass::Cold), most_cold, false);
            mark(format!("7. {feeds} unchanged: peak MiB"), peak(Pass::Unchanged), most_same, false);
        }
        if let [small, .., large] = sizes[..] {
            let each = |feeds: usize| Some(self.find(feeds, Pass::Cold, Row::is_ours)?.cpu() / feeds as f64);
            let growth = each(large).zip(each(small)).map(|(large, small)| large / small);
            mark(format!("3. cold: CPU a source at {large} / at {small}"), growth, 1.15, false);
        }
        marks
    }

    fn find(&self, feeds: usize, pass: Pass, is_it: impl Fn(&Row) -> bool) -> Option<&Row> {
        self.rows.iter().find(|row| row.feeds == feeds && row.pass == pass && is_it(row))
    }
}

fn peak_mib(row: &Row) -> Option<f64> {
    Some(row.cost.peak_kib? as f64 / 1024.0)
}
