//! `items`, `title`, `link`, `date` and `summary` of a source whose address is a page.

use super::source::Listing;
use super::table::{At, Table};
use crate::text::Selector;

/// Where the entries of a page are; `None`: the source has a feed.
pub(super) fn read_listing(table: &Table<'_>) -> Option<Listing> {
    let items = table.words("items");
    let parts = ["title", "link", "date", "summary"].map(|key| (key, table.words(key)));
    if items.is_none() {
        for (key, css) in &parts {
            let Some(css) = css else { continue };
            let what = format!("`{key}` says where the {key} of an entry is on a page, and there is no `items`");
            let instead = match *key {
                "title" => "add items = \"…\", or write name = \"…\" for the name of the source",
                _ => "add items = \"…\": the CSS selector of one entry, or delete the line",
            };
            table.wrong(css.at.clone(), what, instead);
        }
        return None;
    }
    let [title, link, date, summary] = parts.map(|(_, css)| css.and_then(|css| selector(table, &css, ".headline")));
    let items = items.and_then(|css| selector(table, &css, "article"))?;
    Some(Listing { items, title, link, date, summary })
}

/// A CSS selector; `such_as` is an example of one.
pub(super) fn selector(table: &Table<'_>, css: &At<&str>, such_as: &str) -> Option<Selector> {
    let checked = Selector::new(css.value);
    checked
        .map_err(|error| {
            let what = format!("this is no CSS selector: {error}");
            table.wrong(css.at.clone(), what, format!("write one such as \"{such_as}\""));
        })
        .ok()
}
