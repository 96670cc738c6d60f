//! The list of the days that have a page of their own, and the way from one to the next.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::engine;
use super::error::RenderError;
use super::facet::{FacetHead, FacetLinks};
use super::forms::{address_of, uri};
use super::language::language_tag;
use super::page_parts::{clean, relative};
use crate::config::OutputConfig;
use crate::model::{Channel, StoryId};

/// The list's own template.
const DAYS: &str = include_str!("days.html");

/// The place of a page among those of the single days; files are under the output folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Nav {
    /// The list of days.
    pub(crate) all: Option<String>,
    /// The page of the newest stories, on that of a day.
    pub(crate) home: Option<String>,
    /// The day it is for; `None`: the newest stories.
    pub(crate) day: Option<Date>,
    /// The next day with stories.
    pub(crate) newer: Option<DayFile>,
    /// The day with stories before it.
    pub(crate) older: Option<DayFile>,
    /// The pages of single stories.
    pub(crate) stories: StoryLinks,
    /// The tags and sources that have pages of their own.
    pub(crate) facets: FacetLinks,
    /// The tag or source it is for; `None`: all.
    pub(crate) facet: Option<FacetHead>,
}

/// Which stories have a page of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum StoryLinks {
    /// None.
    #[default]
    None,
    /// All that are shown, in this folder.
    All(String),
    /// These, in this folder.
    Some(String, BTreeSet<StoryId>),
}

impl StoryLinks {
    /// The file of the page of `story`.
    pub(crate) fn file(&self, story: &StoryId) -> Option<String> {
        match self {
            Self::None => None,
            Self::All(folder) => Some(story_file(folder, story)),
            Self::Some(folder, stories) => stories.contains(story).then(|| story_file(folder, story)),
        }
    }
}

/// The file of the page of `story` in `folder`.
pub(crate) fn story_file(folder: &str, story: &StoryId) -> String {
    format!("{folder}{story}.html")
}

/// The page of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayFile {
    /// The day.
    pub(crate) day: Date,
    /// Its file.
    pub(crate) file: String,
    /// Stories on it.
    pub(crate) items: usize,
}

/// What a template is given of it.
#[derive(Serialize)]
pub(super) struct NavView {
    all: Option<String>,
    home: Option<String>,
    day: Option<String>,
    newer: Option<DayLink>,
    older: Option<DayLink>,
}

#[derive(Serialize)]
struct DayLink {
    date: String,
    name: String,
    href: String,
    count: usize,
}

impl Nav {
    /// The position of the page of the newest stories.
    pub(in crate::publish) fn of_newest(output: &OutputConfig) -> Self {
        let stories = output.story_folder().filter(|_| output.story_pages).map_or(StoryLinks::None, StoryLinks::All);
        Self { all: output.archive_folder().map(|folder| format!("{folder}index.html")), stories, ..Self::default() }
    }

    /// Whether it is the place of the page of the newest stories of all sources.
    pub(in crate::publish) fn is_of_all(&self) -> bool {
        self.day.is_none() && self.facet.is_none()
    }

    pub(super) fn view(&self, file: &str) -> NavView {
        let href = |to: &Option<String>| to.as_ref().map(|to| relative(file, to));
        let link = |day: &Option<DayFile>| day.as_ref().map(|day| link(day, file));
        NavView {
            all: href(&self.all),
            home: href(&self.home),
            day: self.day.map(name),
            newer: link(&self.newer),
            older: link(&self.older),
        }
    }
}

fn link(day: &DayFile, from: &str) -> DayLink {
    DayLink { date: day.day.to_string(), name: name(day.day), href: relative(from, &day.file), count: day.items }
}

/// `Monday, 23 November 2026`
pub(super) fn name(day: Date) -> String {
    day.strftime("%A, %-d %B %Y").to_string()
}

/// The list of `days`, itself at `file`, of the channel whose page is `home`.
///
/// # Errors
/// [`RenderError`], which only a bug could cause.
pub(crate) fn list_of_days(
    channel: &Channel,
    file: &str,
    home: &str,
    days: &[DayFile],
) -> Result<Vec<u8>, RenderError> {
    #[derive(Serialize)]
    struct View {
        language: String,
        title: String,
        noindex: bool,
        address: Option<String>,
        home: String,
        days: Vec<DayLink>,
    }
    let view = View {
        language: language_tag(&channel.language).unwrap_or_else(|| "en".to_owned()),
        title: clean(&channel.title),
        noindex: channel.noindex,
        address: address_of(channel, file).as_ref().map(uri),
        home: relative(file, home),
        days: days.iter().map(|day| link(day, file)).collect(),
    };
    engine::fill("days.html", DAYS, &view)
}
