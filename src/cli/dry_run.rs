//! `run --dry-run`: what a run would fetch and write, and what becomes of each story.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use super::exit::Exit;
use super::plural::count;
use super::report::{self, Which};
use super::session::Session;
use super::{console, verdicts};
use crate::config::Config;
use crate::pass;
use crate::publish::{Mode, PublishReport, Shrink};
use crate::store::{HeldBack, SourceState, Store, StoreError};

/// Most entries shown that were recorded but not published.
const MOST_HELD_BACK: usize = 1_000;

/// For the operator. `fetch`: which sources would be asked, if any.
pub(super) fn show(session: &Session, config: &Config, fetch: Option<Which>, now: Timestamp) -> Result<Exit> {
    let mut store = opened(config)?;
    if let Some(which) = fetch {
        report::print_due(&states(store.as_ref())?, config, which, now);
    }
    let Some(store) = &mut store else {
        let (database, outputs) = (config.database.display(), config.output_dir.display());
        console::print_prose(&format!("would make the database {database} and write the outputs into {outputs}"));
        if !session.quiet && console::is_terminal() {
            console::note("  hint: to do it: feedloom run");
        }
        return Ok(Exit::Current);
    };
    let (done, held_back) = planned(store, config, now)?;
    for output in &done.outputs {
        console::print(&report::would_write(output, config));
    }
    for (program, stories) in done.would_rewrite.iter().filter(|(_, stories)| *stories > 0) {
        let stories = count(*stories, "story");
        console::print(&format!("would ask {program} to rewrite {stories}, as far as its limits allow"));
    }
    for (name, calls) in &done.would_post {
        console::print(&format!("would post {} by {name}, as far as its limits allow", count(*calls, "story")));
    }
    verdicts::show(&done, &held_back, config);
    Ok(Exit::Current)
}

/// For a program: the verdict on each story.
pub(super) fn print_json(config: &Config, now: Timestamp) -> Result<Exit> {
    let (done, held_back) = match &mut opened(config)? {
        Some(store) => planned(store, config, now)?,
        None => (PublishReport::default(), Vec::new()),
    };
    console::print_json(&verdicts::json(&done, &held_back, config));
    Ok(Exit::Current)
}

/// `None`: there is no database yet, so every source would be asked and there is nothing to publish.
fn opened(config: &Config) -> Result<Option<Store>, StoreError> {
    match Store::open_to_read(&config.database) {
        Err(StoreError::Missing { .. }) => Ok(None),
        opened => opened.map(Some),
    }
}

fn states(store: Option<&Store>) -> Result<BTreeMap<crate::model::SourceId, SourceState>, StoreError> {
    Ok(store.map(|store| store.source_states()).transpose()?.unwrap_or_default())
}

fn planned(store: &mut Store, config: &Config, now: Timestamp) -> Result<(PublishReport, Vec<HeldBack>)> {
    let done = pass::publish_stories(store, config, now, Shrink::Refuse, Mode::DryRun)?;
    Ok((done, store.held_back(MOST_HELD_BACK)?))
}
