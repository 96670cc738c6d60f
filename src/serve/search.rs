//! `/search`: finds items of the feeds that are served, and shows them as those do.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{StatusCode, Uri};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::html::{attribute, escaped, guard, page};
use super::reply::{Reply, of_type, plain};
use super::shared::Shared;
use super::site::{Shown, Site};
use super::target::query_value;
use crate::config::{Config, Format};
use crate::publish::{ShownItem, shown_items};
use crate::store::{SearchQuery, Store, StoreError, find_indexed, match_of};

/// Searches at a time; who finds no turn within [`PATIENCE`] is sent away.
static TURNS: Semaphore = Semaphore::const_new(2);
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest text that is searched for.
const LONGEST: usize = 200;
/// Entries that are looked at, and items that are shown.
const MOST_ENTRIES: usize = 1_000;
const MOST_ITEMS: usize = 50;
/// Nobody asks for the same again within a minute and expects news.
const FRESH: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Page,
    Json,
}

pub(super) async fn reply(shared: Arc<Shared>, form: Form, uri: &Uri) -> Reply {
    let typed: String = query_value(uri, "q").unwrap_or_default().trim().chars().take(LONGEST).collect();
    let Ok(Ok(_turn)) = timeout(PATIENCE, TURNS.acquire()).await else {
        let mut reply = plain(StatusCode::SERVICE_UNAVAILABLE, "too many are searching");
        reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        return reply;
    };
    let search = spawn_blocking(move || {
        let (Some(config), Some(site)) = (shared.config(), shared.door.site()) else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "nothing is published yet");
        };
        match find(&config, &site, &typed) {
            Ok(found) => drawn(&config, form, &typed, &found),
            Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "the index cannot be read"),
        }
    });
    search.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "a fault in feedloom"))
}

fn find(config: &Config, site: &Site, typed: &str) -> Result<Vec<ShownItem>, StoreError> {
    let Some(words) = match_of(typed) else { return Ok(Vec::new()) };
    let store = Store::open_to_read(&config.database)?;
    let query = SearchQuery { words: &words, limit: MOST_ENTRIES, ..SearchQuery::default() };
    let hits = find_indexed(&config.database, &store, &query)?;
    let (shown, mut seen) = (site.shown(|| shown(config, site)), BTreeSet::new());
    let stories = hits.into_iter().filter_map(|hit| hit.story);
    let items = stories.filter(|story| seen.insert(story.clone())).filter_map(|story| shown.get(&story).cloned());
    Ok(items.take(MOST_ITEMS).collect())
}

/// What the feeds of `site` show; of a story that several show, what the first of them shows.
fn shown(config: &Config, site: &Site) -> Shown {
    let mut shown = Shown::new();
    let (json, others): (Vec<_>, Vec<_>) = config
        .outputs
        .iter()
        .filter(|output| output.digest.is_none())
        .partition(|output| output.format == Format::Json);
    for output in json.into_iter().chain(others) {
        let Some(page) = site.output(&output.file) else { continue };
        for item in shown_items(output.format, &page.identity.bytes) {
            shown.entry(item.story.clone()).or_insert(item);
        }
    }
    shown
}

fn drawn(config: &Config, form: Form, typed: &str, found: &[ShownItem]) -> Reply {
    let (media_type, text) = match form {
        Form::Page => (HeaderValue::from_static("text/html; charset=utf-8"), drawn_page(config, typed, found)),
        Form::Json => {
            (HeaderValue::from_static("application/feed+json; charset=utf-8"), drawn_json(config, typed, found))
        }
    };
    let mut reply = of_type(StatusCode::OK, media_type, Bytes::from(text));
    let headers = reply.headers_mut();
    headers.insert(header::CACHE_CONTROL, FRESH);
    match form {
        Form::Page => guard(headers),
        Form::Json => drop(headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))),
    }
    reply
}

fn drawn_json(config: &Config, typed: &str, found: &[ShownItem]) -> String {
    let items: Vec<serde_json::Value> = found
        .iter()
        .map(|item| {
            json!({
                "id": item.id, "url": item.link, "title": item.title, "content_text": item.summary,
                "date_published": item.date.map(|date| date.to_string()),
                "authors": item.authors.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
                "_feedloom": {"also_covered_by": others(item)},
            })
        })
        .collect();
    let title = format!("{typed} · {}", config.title);
    json!({"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items}).to_string() + "\n"
}

fn others(item: &ShownItem) -> Vec<serde_json::Value> {
    item.others.iter().map(|(name, url)| json!({"name": name, "url": url})).collect()
}

fn drawn_page(config: &Config, typed: &str, found: &[ShownItem]) -> String {
    let mut body = format!(
        "<h1><a href=\"./\">{}</a></h1>\n<form action=\"search\" role=\"search\"><label>Search <input type=\"search\" name=\"q\" \
         value=\"{}\" maxlength=\"{LONGEST}\"></label> <button>Search</button></form>\n",
        escaped(&config.title),
        attribute(typed),
    );
    if found.is_empty() && !typed.is_empty() {
        body.push_str("<p>Nothing was found in what is shown now.</p>\n");
    }
    for item in found {
        let title = if item.title.is_empty() { &item.link } else { &item.title };
        let date = item.date.map_or_else(String::new, |date| {
            format!(" <time datetime=\"{date}\">{}</time>", date.strftime("%-d %B %Y"))
        });
        let web = |link: &str| if link.starts_with("http") { attribute(link) } else { String::new() };
        let (link, summary) = (web(&item.link), escaped(&item.summary));
        let others: String = item
            .others
            .iter()
            .map(|(name, url)| format!(" · <a href=\"{}\">{}</a>", web(url), escaped(name)))
            .collect();
        let credit = escaped(&item.authors.join(", "));
        // Writing to a string does not fail.
        let _ = writeln!(
            body,
            "<article><h2 dir=\"auto\"><a href=\"{link}\">{}</a></h2><p dir=\"auto\">{summary}</p>\
             <p class=\"by\" dir=\"auto\">{credit}{date}{others}</p></article>",
            escaped(title)
        );
    }
    page(if typed.is_empty() { "Search" } else { typed }, &body)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_typed_and_found_does_nothing_in_a_page() {
        let text = "title = \"<i>T</i>\"\n[[source]]\nurl = \"https://a.example/\"\n";
        let config = Config::parse(Path::new("feeds.toml"), text).unwrap();
        let item = ShownItem {
            story: "s".to_owned(),
            id: "i".to_owned(),
            title: "</h2><script>".to_owned(),
            link: "javascript:alert(1)".to_owned(),
            summary: "<img src=x onerror=y>".to_owned(),
            date: None,
            authors: vec!["<script>Outlet".to_owned()],
            others: vec![("</a><script>".to_owned(), "javascript:b".to_owned())],
        };
        let page = drawn_page(&config, "\"><script>x", std::slice::from_ref(&item));
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("javascript:"), "{page}");
        assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;x\""), "{page}");
        let json: serde_json::Value = serde_json::from_str(&drawn_json(&config, "x", &[item])).unwrap();
        assert_eq!(json["items"][0]["title"], "</h2><script>");
        assert_eq!(json["items"][0]["authors"][0]["name"], "<script>Outlet");
        assert_eq!(json["items"][0]["_feedloom"]["also_covered_by"][0]["url"], "javascript:b");
        assert!(drawn_page(&config, "nothing", &[]).contains("Nothing was found"));
    }
}
