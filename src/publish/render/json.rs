//! JSON Feed 1.1 (jsonfeed.org/version/1.1), with the credits in an extension of our own, `_feedloom`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::RenderError;
use super::forms::{address_of, author_of, full_date, item_id, public_feed, uri};
use super::language::{language_tag, own_language};
use super::page::Page;
use crate::model::{Attribution, Coverage, Discussion, Item};
use crate::text::without_illegal_xml;

/// Entries of one source that are explained although they do not add an outlet: nobody fills an item with them.
const MOST_EXPLAINED: usize = 3;

pub(super) fn render(page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let channel = page.channel;
    let document = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: clean(&channel.title),
        home_page_url: channel.link.as_ref().map(uri),
        feed_url: address_of(channel, page.file).as_ref().map(uri),
        description: some(&channel.description),
        language: language_tag(&channel.language),
        hubs: channel.hub.iter().map(|hub| JsonHub { kind: "WebSub", url: uri(hub) }).collect(),
        items: page.items.iter().map(|item| json_item(page, item)).collect(),
    };
    serde_json::to_vec_pretty(&document).map_err(RenderError::Json)
}

fn json_item(page: &Page<'_>, item: &Item) -> JsonItem {
    let channel = page.channel;
    let story_page = page.nav.stories.file(&item.story).and_then(|file| address_of(channel, &file));
    let lead = item.lead();
    let author = JsonAuthor { name: clean(&author_of(item)) };
    JsonItem {
        id: item_id(&channel.tag_base, item),
        url: uri(&lead.url),
        external_url: uri(&lead.url),
        title: clean(&item.title),
        content_html: clean(&item.body_html),
        content_text: clean(&item.body_text),
        summary: some(&item.excerpt),
        image: item.thumbnail.as_ref().map(uri),
        date_published: full_date(item.published),
        date_modified: full_date(item.updated),
        authors: vec![author.clone()],
        author,
        tags: item.categories.iter().map(|tag| clean(tag)).collect(),
        language: own_language(channel, item),
        attachments: attachments(item),
        feedloom: JsonCredits {
            sources: item.attributions().iter().map(json_source).collect(),
            comments: item.discussions.first().map(|page| uri(&page.url)),
            discussions: item.discussions.iter().map(json_page).collect(),
            coverage: json_coverage(&item.coverage),
            disclosure: item.disclosure.as_deref().and_then(some),
            rewritten: item.rewritten.is_some(),
            story_page: story_page.as_ref().map(uri),
        },
    }
}

fn attachments(item: &Item) -> Vec<JsonAttachment> {
    let media = item.enclosure.iter();
    media
        .filter_map(|media| {
            let mime_type = clean(media.media_type.as_deref()?);
            Some(JsonAttachment { url: uri(&media.url), mime_type, size_in_bytes: media.length_bytes })
        })
        .collect()
}

fn json_source(credit: &Attribution) -> JsonSource {
    JsonSource {
        id: credit.source.id.clone(),
        name: clean(&credit.source.name),
        host: credit.source.host.as_deref().map(clean),
        via: credit.source.via.as_deref().map(clean),
        title: clean(&credit.title),
        url: uri(&credit.url),
        author: credit.author.as_deref().and_then(some),
        date_published: full_date(credit.published),
        feed_url: credit.source.feed_url.as_ref().and_then(public_feed).as_ref().map(uri),
        home_page_url: credit.source.site.as_ref().map(uri),
        guid: clean(&credit.guid),
        rights: credit.rights.as_deref().and_then(some),
        license: credit.licenses.first().map(uri),
        licenses: credit.licenses.iter().map(uri).collect(),
        rsl: credit.rsl.iter().map(|xml| clean(xml)).collect(),
        rsl_documents: credit.rsl_documents.iter().map(uri).collect(),
        again: credit.again.as_ref().map(|again| JsonAgain {
            title: clean(&again.title),
            url: uri(&again.url),
            date_published: full_date(again.published),
        }),
    }
}

fn json_page(page: &Discussion) -> JsonPage {
    JsonPage { name: clean(&page.name), url: uri(&page.url) }
}

/// Every entry with its reason; what one source brings beyond a few that do not add an outlet is only counted.
fn json_coverage(coverage: &Coverage) -> JsonCoverage {
    let mut of_source: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut entries, mut more) = (Vec::new(), 0);
    for entry in &coverage.entries {
        let count = of_source.entry(&entry.source).or_default();
        *count += 1;
        if !entry.counts && *count > MOST_EXPLAINED {
            more += 1;
            continue;
        }
        entries.push(JsonCounted {
            id: entry.source.clone(),
            guid: clean(&entry.guid),
            outlet: clean(&entry.outlet),
            counts: entry.counts,
            why: clean(&entry.why),
        });
    }
    let more = (more > 0).then_some(more);
    JsonCoverage { outlets: coverage.outlets, articles: coverage.articles, entries, more }
}

/// JSON takes any character; the XML rules hold here too, so that every format shows the same text.
fn clean(text: &str) -> String {
    without_illegal_xml(text).into_owned()
}

fn some(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| clean(text))
}

#[derive(Serialize)]
struct JsonFeed {
    version: &'static str,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<JsonHub>,
    items: Vec<JsonItem>,
}

#[derive(Serialize)]
struct JsonHub {
    #[serde(rename = "type")]
    kind: &'static str,
    url: String,
}

#[derive(Serialize)]
struct JsonItem {
    id: String,
    url: String,
    external_url: String,
    title: String,
    content_html: String,
    content_text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    date_published: String,
    date_modified: String,
    authors: Vec<JsonAuthor>,
    /// The form of version 1.0, which some readers still want.
    author: JsonAuthor,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<JsonAttachment>,
    #[serde(rename = "_feedloom")]
    feedloom: JsonCredits,
}

#[derive(Serialize, Clone)]
struct JsonAuthor {
    name: String,
}

#[derive(Serialize)]
struct JsonAttachment {
    url: String,
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

#[derive(Serialize)]
struct JsonCredits {
    sources: Vec<JsonSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    discussions: Vec<JsonPage>,
    coverage: JsonCoverage,
    #[serde(skip_serializing_if = "Option::is_none")]
    disclosure: Option<String>,
    /// Title and text are a machine's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    rewritten: bool,
    /// The page of the story alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    story_page: Option<String>,
}

#[derive(Serialize)]
struct JsonPage {
    name: String,
    url: String,
}

/// How many outlets cover it, and what each entry counts for.
#[derive(Serialize)]
struct JsonCoverage {
    outlets: usize,
    articles: usize,
    entries: Vec<JsonCounted>,
    /// Entries that count for nothing and are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<usize>,
}

#[derive(Serialize)]
struct JsonCounted {
    id: String,
    guid: String,
    outlet: String,
    counts: bool,
    why: String,
}

#[derive(Serialize)]
struct JsonSource {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
    title: String,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    date_published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_page_url: Option<String>,
    guid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rsl: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rsl_documents: Vec<String>,
    /// A further article of that outlet.
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<JsonAgain>,
}

#[derive(Serialize)]
struct JsonAgain {
    title: String,
    url: String,
    date_published: String,
}
