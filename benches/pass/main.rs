//! What one pass costs: `cargo bench --bench pass -- --feeds 1000 --peers`.
//!
//! Feeds are made from a seed and served on loopback by a process of their own. The release binary
//! polls them cold, unchanged and with one feed in a hundred changed; a bare reqwest loop sends the
//! same conditional requests; with `--peers`, sfeed and newsboat poll the same feeds where they are
//! installed. After every poll the entries held are counted: a wrong count fails the run.
//!
//! Compare CPU first: on a machine with other work, wall time says more about that work.
//! Under Linux all of it runs in a network namespace that has only a loopback device, if it may.

mod corpus;
mod measure;
mod origin;
mod programs;
mod render;
mod report;
mod sandbox;
#[path = "../../tests/support/publisher.rs"]
#[expect(dead_code, reason = "the tests ask for more of it")]
mod publisher;
mod words;
mod yardstick;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use measure::{Line, median};
use origin::Origin;
use programs::{PARALLELISM, Program, idle_line};
use report::{Pass, Report, Row};

const HELP: &str = "cargo bench --bench pass -- [OPTIONS]

  --feeds N[,N…]  how many feeds; memory is compared between sizes (default 1000)
  --rounds N      how often each pass is measured; the median counts (default 3)
  --peers         also sfeed and newsboat, once each, at the first size
  --seed N        other feeds (default 1)
  --marks         all marks: 1000 and 10000 feeds, with the peers
  --check         fail where a mark is missed, not only where an entry is";

struct Options {
    feeds: Vec<usize>,
    rounds: u64,
    peers: bool,
    seed: u64,
    check: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let text: Vec<&str> = words.iter().map(String::as_str).collect();
    match text[..] {
        ["origin", feeds, seed] => origin::run(feeds.parse()?, seed.parse()?).map(|()| true),
        ["learn", urls, known] => yardstick::learn(urls.as_ref(), known.as_ref(), PARALLELISM).map(|()| true),
        ["ask", known] => yardstick::ask(known.as_ref(), PARALLELISM).map(|()| true),
        ["--help" | "-h"] => {
            println!("{HELP}");
            Ok(true)
        }
        _ => {
            let options = parse(&text)?;
            if let Some(exit) = sandbox::run_inside(&words)? {
                return Ok(exit);
            }
            measure_all(&options)
        }
    }
}

fn parse(words: &[&str]) -> Result<Options> {
    let mut options = Options { feeds: vec![1_000], rounds: 3, peers: false, seed: 1, check: false };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value\n\n{HELP}"));
        match *word {
            "--feeds" => options.feeds = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--rounds" => options.rounds = value()?.parse::<u64>()?.max(1),
            "--seed" => options.seed = value()?.parse()?,
            "--peers" => options.peers = true,
            "--marks" => (options.feeds, options.peers) = (vec![1_000, 10_000], true),
            "--check" => options.check = true,
            other => bail!("unknown option {other}\n\n{HELP}"),
        }
    }
    Ok(options)
}

fn measure_all(options: &Options) -> Result<bool> {
    if !measure::has_gnu_time() {
        eprintln!("note: no peak memory without GNU time (apt-get install time)");
    }
    let mut report = Report::default();
    for (at, feeds) in options.feeds.iter().enumerate() {
        let folder = tempfile::tempdir()?;
        let mut origin = Origin::start(*feeds, options.seed)?;
        println!("{}", report::headline(*feeds, origin.entries_at(0), origin.bytes));
        ours(&mut origin, folder.path(), options.rounds, &mut report)?;
        for peer in [Program::Sfeed, Program::Newsboat] {
            if at > 0 || !options.peers {
                continue;
            } else if peer.is_here() {
                poll_peer(peer, &mut origin, folder.path(), options.rounds, &mut report)?;
            } else {
                eprintln!("note: {} is not installed", peer.name());
            }
        }
    }
    println!("\n{}", report.marks());
    Ok(report.all_held() && (!options.check || report.all_marks_met()))
}

/// Our three passes, and the yardstick beside each unchanged one. Rounds take turns, so that other
/// work on the machine falls on all of them.
fn ours(origin: &mut Origin, folder: &Path, rounds: u64, report: &mut Report) -> Result<()> {
    let program = Program::Feedloom;
    let mut here = folder.join("feedloom-0");
    let mut colds = Vec::new();
    for round in 0..rounds {
        here = folder.join(format!("feedloom-{round}"));
        program.set_up(&here, &origin.urls)?;
        colds.push(poll(program, origin, &here, 0, 0)?);
    }
    report.add(middle(&colds, Pass::Cold));

    let (urls, known) = (folder.join("urls"), folder.join("known"));
    std::fs::write(&urls, origin.urls.join("\n"))?;
    let myself = std::env::current_exe()?;
    let (mut unchanged, mut changed, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for version in 0..rounds {
        unchanged.push(poll(program, origin, &here, 1 + 2 * version, version)?);
        Line::new([myself.as_os_str(), "learn".as_ref(), urls.as_ref(), known.as_ref()]).run(folder)?;
        origin.served()?;
        let cost = Line::new([myself.as_os_str(), "ask".as_ref(), known.as_ref()]).run(folder)?;
        let served = origin.served()?;
        asked.push(Row {
            name: "bare reqwest loop",
            feeds: origin.urls.len(),
            pass: Pass::Unchanged,
            cost,
            served,
            held: None,
        });
        origin.serve_version(version + 1)?;
        changed.push(poll(program, origin, &here, 2 + 2 * version, version + 1)?);
    }
    report.add(middle(&unchanged, Pass::Unchanged));
    report.add(middle(&asked, Pass::Unchanged));
    report.add(middle(&changed, Pass::Changed));
    let idle: Vec<Row> = (0..rounds)
        .map(|_| measured(program, &idle_line(&here, 2 * rounds), origin, &here, rounds))
        .collect::<Result<_>>()?;
    report.add(middle(&idle, Pass::Idle));
    Ok(())
}

/// A peer's passes, once each. newsboat keeps no validators from its first fetch: it gets an
/// unchanged pass that is not counted first.
fn poll_peer(peer: Program, origin: &mut Origin, folder: &Path, version: u64, report: &mut Report) -> Result<()> {
    let here = folder.join(format!("{peer:?}"));
    peer.set_up(&here, &origin.urls)?;
    origin.serve_version(version)?;
    // The oldest entry of a feed that changed before is gone: none but the current ones can be held.
    let want = origin.entries_at(0);
    let mut counted = |origin: &mut Origin, pass, want| -> Result<()> {
        let mut row = poll(peer, origin, &here, 0, 0)?;
        (row.pass, row.held) = (pass, row.held.map(|(held, _)| (held, want)));
        report.add(row);
        Ok(())
    };
    counted(origin, Pass::Cold, want)?;
    if peer == Program::Newsboat {
        peer.line(&here, 0).run(&here)?;
    }
    counted(origin, Pass::Unchanged, want)?;
    origin.serve_version(version + 1)?;
    counted(origin, Pass::Changed, want + origin.entries_at(version + 1) - origin.entries_at(version))
}

fn poll(program: Program, origin: &mut Origin, here: &Path, pass: u64, version: u64) -> Result<Row> {
    measured(program, &program.line(here, pass), origin, here, version)
}

fn measured(program: Program, line: &Line, origin: &mut Origin, here: &Path, version: u64) -> Result<Row> {
    origin.served()?;
    let cost = line.run(here)?;
    let served = origin.served()?;
    let held = Some((program.held(here)?, origin.entries_at(version)));
    Ok(Row { name: program.name(), feeds: origin.urls.len(), pass: Pass::Cold, cost, served, held })
}

/// The median by cost of one pass's rounds; a wrong count in any of them stays visible.
fn middle(rows: &[Row], pass: Pass) -> Row {
    let wrong = rows.iter().find(|row| !row.is_whole());
    let mut row = wrong.unwrap_or(&rows[0]).clone();
    let costs: Vec<_> = rows.iter().map(|row| row.cost).collect();
    (row.cost, row.pass) = (median(&costs), pass);
    row
}
