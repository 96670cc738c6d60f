//! Two versions of a feed, one of a world with a liar and one of the same world without it: what differs for the honest,
//! and what the liar shows beyond its own words.

use std::collections::BTreeSet;

use serde_json::Value;

use super::documents::Post;
use super::liar::LIAR;

/// What an item consists of, beside its credits and its id, which names the entry that was found first.
const KEYS: [&str; 13] = [
    "title",
    "url",
    "external_url",
    "summary",
    "date_published",
    "date_modified",
    "image",
    "authors",
    "author",
    "tags",
    "language",
    "attachments",
    "_feedloom",
];

/// What differs for the honest between the items `clean` and `lied`, and what the liar shows that it never `told`.
pub(super) fn compared(clean: &[Value], lied: &[Value], told: &[Post]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut places = Vec::new();
    for item in clean {
        let Some(at) = lied.iter().position(|other| other["url"] == item["url"] && !is_of_liar_alone(other)) else {
            complaints.push(gone(item, lied));
            continue;
        };
        places.push(at);
        complaints.extend(changed(item, &lied[at]));
    }
    if !places.is_sorted() {
        complaints.push(format!("another order: {places:?}"));
    }
    let urls = |items: &[Value]| -> BTreeSet<String> { items.iter().map(|item| item["url"].to_string()).collect() };
    let shared: Vec<Value> = lied.iter().filter(|item| !is_of_liar_alone(item)).cloned().collect();
    complaints.extend(urls(&shared).difference(&urls(clean)).map(|url| format!("{url} is not there without the liar")));
    complaints.extend(lied.iter().flat_map(|item| strange(item, told)));
    complaints
}

fn gone(item: &Value, lied: &[Value]) -> String {
    let credits = |other: &&Value| sources_of(other).any(|source| source["url"] == item["url"]);
    let home = lied.iter().find(credits).map_or("nothing".to_owned(), |other| {
        let all: Vec<String> = sources_of(other)
            .map(|source| format!("{} {} {}", source["url"], source["date_published"], source["title"]))
            .collect();
        format!("{} {} {}\n    {}", other["url"], other["title"], other["_feedloom"]["coverage"], all.join("\n    "))
    });
    format!("{} is gone: {} {}\n  in {home}", item["url"], item["title"], item["date_published"])
}

/// What differs in an item of the honest.
fn changed(clean: &Value, lied: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut compare = |key: &str, want: Value, got: Value| {
        if want != got {
            complaints.push(format!("{}: {key}\n  is {got}\n  not {want}", clean["url"]));
        }
    };
    KEYS.iter().for_each(|key| compare(key, own(key, clean), own(key, lied)));
    // All that the liar brings counts once, and nobody counts less for it.
    let outlets = |item: &Value| item["_feedloom"]["coverage"]["outlets"].as_u64().unwrap_or_default();
    let (before, after) = (outlets(clean), outlets(lied));
    if after < before || after > before + 1 {
        compare("outlets", before.into(), after.into());
    }
    if sources_of(lied).any(is_liars) {
        let liars: BTreeSet<&str> = sources_of(lied)
            .filter(|source| is_liars(source))
            .flat_map(|source| [&source["url"], &source["again"]["url"], &source["home_page_url"]])
            .filter_map(Value::as_str)
            .collect();
        let links = |item: &Value| links(item["content_html"].as_str().unwrap_or_default());
        let (before, after) = (links(clean), links(lied));
        let added: Vec<&String> =
            after.iter().filter(|link| !before.contains(*link) && !liars.contains(link.as_str())).collect();
        let lost: Vec<&String> = before.iter().filter(|link| !after.contains(*link)).collect();
        compare(
            "links added and lost",
            Value::from(Vec::<Value>::new()),
            added.into_iter().chain(lost).cloned().collect(),
        );
    } else {
        ["content_html", "content_text"].iter().for_each(|key| compare(key, clean[key].clone(), lied[key].clone()));
    }
    complaints
}

/// A value of an item without what is credited to the liar.
fn own(key: &str, item: &Value) -> Value {
    let mut value = item[key].clone();
    if key != "_feedloom" {
        return value;
    }
    let sources = sources_of(item).filter(|source| !is_liars(source));
    value["sources"] = sources.cloned().collect();
    value["coverage"] = Value::Null;
    value
}

/// What an item shows of the liar that it never told: whatever it says stands under its own words and addresses, and in
/// another's item at most two of these. Of articles of others it names the address alone.
fn strange(item: &Value, told: &[Post]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_liar: Vec<&Value> = sources_of(item).filter(|source| is_liars(source)).collect();
    let mut shown: Vec<(String, String)> = of_liar.iter().map(|of| (text(&of["title"]), text(&of["url"]))).collect();
    if is_of_liar_alone(item) {
        shown.push((text(&item["title"]), text(&item["url"])));
    }
    let mut complaints: Vec<String> = Vec::new();
    for (title, url) in shown {
        if !says_title(told, &title, &url) {
            complaints.push(format!("{}: the liar never told the title {title} of {url}", item["url"]));
        }
        if !says_address(told, &url) {
            complaints.push(format!("{}: the liar never told the address {url}", item["url"]));
        }
    }
    if !is_of_liar_alone(item) && of_liar.len() > 2 {
        complaints.push(format!("{}: {} credits of the liar", item["url"], of_liar.len()));
    }
    complaints
}

fn says_title(told: &[Post], title: &str, url: &str) -> bool {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_bare = url.split('/').nth(2) == Some(title);
    let is_own = url.starts_with("https://liar.example/");
    let credits = || told.iter().flat_map(Post::credits).any(|(_, of_article)| of_article == title);
    is_bare || told.iter().any(|post| one_line(&post.title) == one_line(title)) || (is_own && credits())
}

fn says_address(told: &[Post], url: &str) -> bool {
    let is_of = |said: &String| said == url || said.split("?utm_source").next() == Some(url);
    told.iter().flat_map(Post::addresses).any(is_of)
        || told.iter().flat_map(Post::credits).any(|(of_article, _)| of_article == url)
}

/// The addresses that markup links to.
fn links(html: &str) -> BTreeSet<String> {
    let values = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    values.map(|value| value.replace("&amp;", "&")).collect()
}

fn sources_of(item: &Value) -> impl Iterator<Item = &Value> {
    item["_feedloom"]["sources"].as_array().into_iter().flatten()
}

fn is_of_liar_alone(item: &Value) -> bool {
    sources_of(item).all(is_liars)
}

fn is_liars(of: &Value) -> bool {
    of["id"] == LIAR
}
