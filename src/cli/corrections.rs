use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;

use super::console;
use super::exit::Exit;
use super::plural::count;
use super::session::{Session, clock};
use crate::ops;
use crate::store::{Correction, CorrectionKind, CorrectionNumber, Store};
use crate::text::for_terminal;

/// List the stories that you split and joined by hand, or undo one of these corrections
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Undo this one: what was split off returns, what was joined gets its old id back
    #[arg(long, value_name = "NUMBER")]
    undo: Option<CorrectionNumber>,

    /// Print the list as JSON
    #[arg(long, conflicts_with = "undo")]
    json: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    if let Some(number) = args.undo {
        let mut store = Store::open(&config.database)?;
        let mut context = ops::Context { store: &mut store, config: &config, now: clock(args.now) };
        let undone = ops::undo_correction(&mut context, number)?;
        console::print(&format!("correction {number} of stories {} and {} was undone", undone.story, undone.other));
        return Ok(Exit::Current);
    }
    let store = session.look_into(&config)?;
    let corrections = store.corrections()?;
    if args.json {
        console::print_json(&serde_json::Value::from_iter(corrections.iter().map(as_json)));
        return Ok(Exit::Current);
    }
    for correction in &corrections {
        console::print(&line(correction));
    }
    if corrections.is_empty() && !session.quiet {
        console::note("no story was split or joined by hand");
    }
    let takedowns = store.takedowns()?.len();
    if takedowns > 0 {
        console::print(&format!("{}: feedloom takedown --list", count(takedowns, "takedown")));
    }
    Ok(Exit::Current)
}

fn line(correction: &Correction) -> String {
    let Correction { number, at, story, other, title, .. } = correction;
    let what = match correction.kind {
        CorrectionKind::Split => format!("story {other} split off story {story}"),
        CorrectionKind::Join => format!("story {other} joined story {story}"),
    };
    format!("{number}  {}  {what}: {}", at.strftime("%Y-%m-%d %H:%M"), for_terminal(title))
}

fn as_json(correction: &Correction) -> serde_json::Value {
    json!({
        "number": correction.number, "says": correction.kind.as_str(), "at": correction.at.to_string(),
        "story": correction.story.as_str(), "other": correction.other.as_str(), "title": correction.title,
    })
}
