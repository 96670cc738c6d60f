use anyhow::{Result, bail};
use jiff::Timestamp;
use serde_json::json;

use super::session::{Session, clock};
use super::{Exit, talk};
use crate::pass;
use crate::store::{Correction, CorrectionKind, Store};
use crate::text::for_terminal;
use crate::weave;

/// List what you split and joined by hand, or take it back
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Take this one back: what was split off returns, what had joined gets its old id again
    #[arg(long, value_name = "NUMBER")]
    undo: Option<i64>,

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
        let sources = pass::sources(&store, &config)?;
        let Some(said) = weave::take_back(&mut store, number, &sources, clock(args.now))? else {
            bail!("there is no word {number}; feedloom words lists them");
        };
        talk::print(&format!("word {number} on the stories {} and {} is taken back", said.story, said.other));
        return Ok(Exit::Current);
    }
    let store = session.look_into(&config)?;
    let words = store.corrections()?;
    if args.json {
        talk::print(&serde_json::Value::from_iter(words.iter().map(as_json)).to_string());
        return Ok(Exit::Current);
    }
    for word in &words {
        let at = word.at.strftime("%Y-%m-%d %H:%M");
        let what = match word.says {
            CorrectionKind::Split => format!("story {} split off story {}", word.other, word.story),
            CorrectionKind::Join => format!("story {} joined to story {}", word.other, word.story),
        };
        talk::print(&format!("{}  {at}  {what}: {}", word.number, for_terminal(&word.title)));
    }
    if words.is_empty() && !session.quiet {
        talk::say("nothing was split or joined by hand");
    }
    let takedowns = store.takedowns()?.len();
    if takedowns > 0 {
        let takedowns = if takedowns == 1 { "1 takedown".to_owned() } else { format!("{takedowns} takedowns") };
        talk::print(&format!("{takedowns}: feedloom takedown --list"));
    }
    Ok(Exit::Current)
}

fn as_json(word: &Correction) -> serde_json::Value {
    json!({
        "number": word.number, "says": word.says.as_str(), "at": word.at.to_string(),
        "story": word.story.as_str(), "other": word.other.as_str(), "title": word.title,
    })
}
