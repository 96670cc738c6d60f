//! Pages that stand where a story, a tag or a source was: one leads to what it is now, one says that nothing is shown any
//! more. They hold no word of others.

use serde::Serialize;

use super::engine;
use super::error::RenderError;
use super::finish::finished;
use super::language::language_tag;
use super::page_parts::{clean, relative};
use crate::model::Channel;

const SIGNPOST: &str = include_str!("signpost.html");

#[derive(Serialize)]
struct View {
    language: String,
    title: String,
    home: Option<String>,
    /// Where to; `None`: nothing is shown any more.
    to: Option<String>,
    /// It was taken down.
    is_taken_down: bool,
    /// It is in the place of a tag or source, not of a story.
    is_facet: bool,
}

/// The page at `file` that leads to the page `to`.
///
/// # Errors
/// [`RenderError`], which only a bug in our template could cause.
pub(crate) fn moved_page(channel: &Channel, file: &str, home: Option<&str>, to: &str) -> Result<Vec<u8>, RenderError> {
    let view = View { to: Some(relative(file, to)), ..view(channel, file, home) };
    Ok(finished(engine::fill("signpost.html", SIGNPOST, &view)?))
}

/// Why a page shows nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Its story was taken down.
    TakenDown,
    /// Its story is not shown there any more.
    NotShown,
}

/// The page at `file` that says that its story is shown no longer.
///
/// # Errors
/// [`RenderError`], which only a bug in our template could cause.
pub(crate) fn closed_page(
    channel: &Channel,
    file: &str,
    home: Option<&str>,
    why: Closing,
) -> Result<Vec<u8>, RenderError> {
    let view = View { is_taken_down: why == Closing::TakenDown, ..view(channel, file, home) };
    Ok(finished(engine::fill("signpost.html", SIGNPOST, &view)?))
}

/// The page at `file` in the place of a tag or source that is gone; `to`: the page that it has now.
///
/// # Errors
/// [`RenderError`], which only a bug in our template could cause.
pub(crate) fn facet_signpost(
    channel: &Channel,
    file: &str,
    home: Option<&str>,
    to: Option<&str>,
) -> Result<Vec<u8>, RenderError> {
    let view = View { is_facet: true, to: to.map(|to| relative(file, to)), ..view(channel, file, home) };
    Ok(finished(engine::fill("signpost.html", SIGNPOST, &view)?))
}

fn view(channel: &Channel, file: &str, home: Option<&str>) -> View {
    View {
        language: language_tag(&channel.language).unwrap_or_else(|| "en".to_owned()),
        title: clean(&channel.title),
        home: home.map(|home| relative(file, home)),
        to: None,
        is_taken_down: false,
        is_facet: false,
    }
}
