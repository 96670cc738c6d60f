//! Errors for the operator: what happened, each cause on its own line, and what to type next.

use std::error::Error;

use anyhow::Chain;

use super::console::{note, note_unwrapped, shell_word};
use super::exit::Exit;
use super::session::Session;
use crate::config::ConfigError;
use crate::gather::GatherError;
use crate::ops::OpError;
use crate::pass::PassError;
use crate::publish::PublishStageError;
#[cfg(unix)]
use crate::serve::ServeError;
use crate::store::StoreError;
use crate::text::for_terminal;

/// Prints why the program failed; returns the exit code to end with.
pub(super) fn explain(session: &Session, error: &anyhow::Error) -> Exit {
    let config = error.chain().find_map(|cause| cause.downcast_ref::<ConfigError>());
    let store = error.chain().find_map(store_error);
    let message = format!("error: {}", lines_for_terminal(&error.to_string()));
    match config {
        // Its marks stand under the line that they refer to.
        Some(ConfigError::Wrong(_)) => note_unwrapped(&message),
        _ => note(&message),
    }
    note_causes(error.chain());
    let operation = error.chain().find_map(|cause| cause.downcast_ref::<OpError>());
    let hints = config.map(|error| hints_on_config(session, error)).into_iter().flatten();
    let clock = error.chain().any(is_wrong_clock).then(|| StoreError::HINT_ON_CLOCK.to_owned());
    #[cfg(unix)]
    let hints = hints.chain(error.chain().find_map(hint_on_serving));
    let hints = hints
        .chain(store.and_then(|error| hint_on_store(session, error)))
        .chain(operation.and_then(hint_on_operation))
        .chain(clock);
    for hint in hints {
        note(&format!("  hint: {}", lines_for_terminal(&hint)));
    }
    #[cfg(unix)]
    if error.chain().any(is_already_served) {
        return Exit::Locked;
    }
    match (config, store) {
        (Some(_), _) => Exit::Usage,
        (_, Some(StoreError::Locked { .. })) => Exit::Locked,
        _ => Exit::Nothing,
    }
}

/// Prints what is wrong; the program goes on.
pub(super) fn note_problem(text: &str) {
    note_unwrapped(&format!("error: {}", lines_for_terminal(text)));
}

/// Prints an error with its causes; the program goes on.
pub(super) fn explain_briefly(error: &(dyn Error + 'static)) {
    note(&format!("error: {}", lines_for_terminal(&error.to_string())));
    note_causes(Chain::new(error));
}

/// Prints what caused the first of `errors`; a library may say its own a second time, with a number before it.
fn note_causes(errors: Chain<'_>) {
    let mut last: Option<String> = None;
    for error in errors {
        let text = error.to_string();
        if let Some(before) = &last
            && !text.ends_with(before.as_str())
        {
            note(&format!("  because: {}", lines_for_terminal(&text)));
        }
        last = Some(text);
    }
}

/// The store's error, also inside an error that only passes it on.
pub(super) fn store_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a StoreError> {
    if let Some(
        PassError::Store(store)
        | PassError::Gather(GatherError::Store(store))
        | PassError::Publish(PublishStageError::Store(store)),
    ) = cause.downcast_ref()
    {
        return Some(store);
    }
    if let Some(GatherError::Store(store)) = cause.downcast_ref() {
        return Some(store);
    }
    if let Some(PublishStageError::Store(store)) = cause.downcast_ref() {
        return Some(store);
    }
    match cause.downcast_ref() {
        Some(OpError::Store(store)) => Some(store),
        _ => cause.downcast_ref(),
    }
}

/// Whether the clock of a first run was refused.
pub(super) fn is_wrong_clock(cause: &(dyn Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(PassError::Gather(GatherError::Clock { .. })))
        || matches!(cause.downcast_ref(), Some(GatherError::Clock { .. }))
}

#[cfg(unix)]
fn is_already_served(cause: &(dyn Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(ServeError::AlreadyServed { .. }))
}

#[cfg(unix)]
fn hint_on_serving(cause: &(dyn Error + 'static)) -> Option<String> {
    match cause.downcast_ref()? {
        ServeError::Listen(error) => error.hint(),
        _ => None,
    }
}

fn hints_on_config(session: &Session, error: &ConfigError) -> Vec<String> {
    let ConfigError::Missing { path } = error else { return Vec::new() };
    if *path != session.config_path() {
        // Another one, to be compared with: nobody wants a starter there.
        return Vec::new();
    }
    let places: Vec<String> = session.config_places().iter().map(|place| place.display().to_string()).collect();
    let init = match path.to_str() {
        Some("feeds.toml") | None => "feedloom init".to_owned(),
        Some(path) => format!("feedloom init --config {}", shell_word(path)),
    };
    vec![
        format!("it was looked for at {}; to name another place: --config PATH", places.join(" and ")),
        format!("write a starter file: {init}"),
        "or look at a sample first: feedloom demo --serve".to_owned(),
    ]
}

fn hint_on_store(session: &Session, error: &StoreError) -> Option<String> {
    match error {
        // Found in the middle of work, when the file was not known.
        StoreError::Damaged { path: None, .. } => {
            let config = session.load().ok()?;
            Some(StoreError::hint_on_damage(&config.database))
        }
        error => error.hint(),
    }
}

fn hint_on_operation(error: &OpError) -> Option<String> {
    match error {
        OpError::NoStory { .. } => {
            Some("try fewer words of its title; among all entries of the database: feedloom search WORDS".to_owned())
        }
        OpError::SeveralStories { found, count, .. } => {
            let stories: Vec<String> =
                found.iter().map(|story| format!("\n    {} {}", story.id, story.title)).collect();
            let more = count.saturating_sub(found.len());
            let more = if more > 0 { format!("\n    … and {more} more: give more words") } else { String::new() };
            Some(format!("name one by its id:{}{more}", stories.concat()))
        }
        OpError::NoEntry { story, .. } => Some(format!("list its entries: feedloom why {story}")),
        OpError::SeveralEntries { guids, .. } => {
            let guids: Vec<String> = guids.iter().map(|guid| format!("\n    {guid:?}")).collect();
            Some(format!("name one by its guid:{}", guids.concat()))
        }
        OpError::NoCorrection { .. } => Some("list them: feedloom corrections".to_owned()),
        OpError::NoTakedown { .. } => Some("list them: feedloom takedown --list".to_owned()),
        OpError::NotAnAddress { .. } => Some("find both by words of its title: feedloom why WORDS".to_owned()),
        OpError::OnlyEntry { .. } | OpError::OneStory { .. } | OpError::Store(_) => None,
    }
}

/// Line breaks stay: a report about feeds.toml has many lines.
fn lines_for_terminal(text: &str) -> String {
    text.lines().map(for_terminal).collect::<Vec<_>>().join("\n")
}
