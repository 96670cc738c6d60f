//! JSON Feed 1.0 and 1.1, read from the JSON value itself: values of the wrong type are taken as what they
//! mean (numbers as ids, one tag as a list) instead of refusing the feed.

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use super::bases::resolve_texts;
use super::credits::parted;
use super::document::{Category, ChannelFields, Content, Document, Fields, Format, Link, Media, Post};
use super::error::ReadError;
use super::limits;
use super::mend::{Fault, Mends};
use super::submission;
use super::typed::unescaped;
use super::weight::Weight;
use crate::model::{GivenCredits, Markup, NamedOutlet, NamedPage, Person};
use crate::text::{Broken, DatePrecision, LooseJson, owner_of, read_date, resolve, web_url};

/// Values of one kind that are kept.
const MOST: usize = 200;
/// Outlets or discussions of one item that are kept.
const MOST_CREDITS: usize = 60;
/// Values inside one item, or one member of the feed, that are kept.
const MOST_NODES: usize = 5_000;

/// The JSON in `text`, if it starts like JSON: junk before a `{` is not JSON, except what programs are known to put there.
pub(super) fn candidate(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let behind = |start: &str, end: &str| text.strip_prefix(start)?.split_once(end).map(|(_, rest)| rest.trim_start());
    let text = behind("<!--", "-->").or_else(|| behind("/*", "*/")).unwrap_or(text);
    let text = bare(text);
    if text.starts_with(['{', '[']) { Some(text) } else { behind_warnings(text) }
}

/// Without the guards against scripts (`)]}'`) and the call (`callback(…)`) around it.
fn bare(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix(")]}'") {
        return rest.trim_start_matches(',').trim_start();
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
    match text.split_once('(') {
        Some((name, rest)) if !name.is_empty() && name.len() <= 64 && name.trim_end().chars().all(is_name) => {
            rest.trim_start()
        }
        _ => text,
    }
}

/// The JSON Feed behind warnings that a program printed before it.
fn behind_warnings(text: &str) -> Option<&str> {
    /// Warnings are short.
    const WITHIN_BYTES: usize = 4 * 1024;
    let version = text.find("jsonfeed.org").filter(|at| *at < WITHIN_BYTES)?;
    let before = &text[..version];
    if ["<rss", "<feed", "<rdf", "<?xml"].iter().any(|root| before.contains(root)) {
        return None;
    }
    let opens = |at: &usize| before[at + 1..].trim_start().starts_with('"');
    let at = memchr::memchr_iter(b'{', before.as_bytes()).find(opens)?;
    Some(&text[at..])
}

/// Reads a JSON Feed, item by item, so that a document of many items is never in memory as a tree.
pub(super) fn read(
    text: &str,
    encoding: &'static str,
    base: Option<Arc<Url>>,
    mends: &Mends,
) -> Result<Document, ReadError> {
    let mut json = LooseJson::new(text);
    if !json.enter(b'{') {
        return Err(if json.skip().is_ok() { ReadError::OtherJson } else { ReadError::BrokenJson });
    }
    let mut reader = Reader { base: base.as_deref(), mends: mends.clone() };
    let weight = Weight::of_document(text.len());
    let mut members = Members { head: Map::new(), has_items: false, posts: Vec::new(), weight };
    let end = members.read(&mut json, &mut reader);
    if !members.is_feed() {
        return Err(if end.is_ok() { ReadError::OtherJson } else { ReadError::BrokenJson });
    }
    match end {
        Err(Broken::CutShort) => reader.mends.add(Fault::CutShort),
        Ok(()) if json.is_at_end() => {}
        Ok(()) | Err(Broken::NoValue) => reader.mends.add(Fault::JunkAfter),
    }
    if json.mended {
        reader.mends.add(Fault::BrokenJson);
    }
    let (mut head, channel) = reader.head(&members.head);
    let mut posts = members.posts;
    let home = head.link.as_deref().and_then(|home| web_url(home, base.as_deref())).and_then(|home| owner_of(&home));
    for post in &mut posts {
        post.fields.language = post.fields.language.take().or_else(|| head.language.clone());
        submission::turn_round(&mut post.fields, home.as_deref());
        submission::take(&mut post.fields);
    }
    resolve_texts(&mut head, &mut posts, base.as_deref());
    let mended = reader.mends.list();
    Ok(Document { format: Format::Json, encoding, base, head, channel, posts, mended })
}

/// The members of the document as they come.
#[derive(Debug)]
struct Members {
    head: Map<String, Value>,
    has_items: bool,
    posts: Vec<Post>,
    weight: Weight,
}

impl Members {
    /// Reads to the end of the object, or as far as it can be read.
    fn read(&mut self, json: &mut LooseJson<'_>, reader: &mut Reader<'_>) -> Result<(), Broken> {
        while let Some(key) = json.key()? {
            if key == "items" && json.enter(b'[') {
                self.has_items = true;
                self.items(json, reader)?;
            } else if key == "items" && json.enter(b'{') {
                // A list with gaps, as PHP writes it: its numbers are keys.
                self.has_items = true;
                while json.key()?.is_some() {
                    self.item(json, reader)?;
                }
            } else if self.head.len() < MOST {
                self.head.insert(key, json.value(MOST_NODES)?);
            } else {
                json.skip()?;
            }
        }
        Ok(())
    }

    fn items(&mut self, json: &mut LooseJson<'_>, reader: &mut Reader<'_>) -> Result<(), Broken> {
        while json.has_element()? {
            self.item(json, reader)?;
        }
        Ok(())
    }

    fn item(&mut self, json: &mut LooseJson<'_>, reader: &mut Reader<'_>) -> Result<(), Broken> {
        if self.weight.is_full() {
            reader.mends.add(Fault::TooManyEntries);
            json.skip()?;
        } else if let Value::Object(item) = json.value(MOST_NODES)? {
            let post = reader.post(&item);
            self.weight.add(&post);
            self.posts.push(post);
        }
        Ok(())
    }

    fn is_feed(&self) -> bool {
        let version = self.head.get("version").and_then(Value::as_str);
        version.is_some_and(|version| version.contains("jsonfeed.org"))
            || (self.has_items
                && ["title", "home_page_url", "feed_url", "version"].iter().any(|key| self.head.contains_key(*key)))
    }
}

#[derive(Debug)]
struct Reader<'a> {
    base: Option<&'a Url>,
    mends: Mends,
}

impl Reader<'_> {
    fn head(&mut self, feed: &Map<String, Value>) -> (Fields, ChannelFields) {
        let mut head = Fields {
            title: self.text(feed, "title").map(Markup::Text),
            link: self.address(feed, "home_page_url"),
            summary: self.text(feed, "description").map(Markup::Text),
            language: self.text(feed, "language"),
            icon: self.address(feed, "favicon"),
            authors: self.authors(feed),
            ..Fields::default()
        };
        head.id = self.address(feed, "feed_url");
        head.images = self.address(feed, "icon").into_iter().collect();
        for (key, rel) in [("home_page_url", "alternate"), ("feed_url", "self"), ("next_url", "next")] {
            head.links.extend(self.address(feed, key).map(|href| link(href, rel)));
        }
        for hub in list(feed.get("hubs")).filter_map(Value::as_object).take(MOST) {
            head.links.extend(self.address(hub, "url").map(|href| link(href, "hub")));
        }
        (head, ChannelFields::default())
    }

    fn post(&mut self, item: &Map<String, Value>) -> Post {
        let page = self.address(item, "url");
        let outside = self.address(item, "external_url");
        // What another feedloom wrote is as it means it.
        let is_ours = item.contains_key("_feedloom");
        let mut fields = Fields {
            id: self.text(item, "id"),
            title: self.text(item, "title").map(|title| Markup::Text(if is_ours { title } else { unescaped(title) })),
            summary: self.text(item, "summary").map(Markup::Text),
            published: self.date(item, "date_published"),
            updated: self.date(item, "date_modified"),
            authors: self.authors(item),
            language: self.text(item, "language"),
            ..Fields::default()
        };
        let id_is_page = fields.id.as_deref().is_some_and(|id| id.starts_with("http://") || id.starts_with("https://"));
        fields.links.extend(page.clone().map(|href| link(href, "alternate")));
        fields.links.extend(outside.clone().map(|href| link(href, "related")));
        fields.link = page.or_else(|| outside.clone()).or_else(|| if id_is_page { fields.id.clone() } else { None });
        // A link list names the article as `external_url` and its own page as `url`.
        fields.original_link = outside;
        if let Some(html) = self.text(item, "content_html") {
            fields.contents.push(Content { value: Markup::Html(html), media_type: "text/html".into(), src: None });
        }
        if let Some(text) = self.text(item, "content_text") {
            fields.contents.push(Content { value: Markup::Text(text), media_type: "text/plain".into(), src: None });
        }
        // Relative ones count from the page of the item (`bases.rs`).
        fields.images = ["image", "banner_image"].into_iter().filter_map(|key| self.text(item, key)).collect();
        fields.categories = list(item.get("tags"))
            .take(MOST)
            .filter_map(|tag| self.value(tag, limits::VALUE_BYTES))
            .map(|term| Category { term: Some(term), ..Category::default() })
            .collect();
        fields.enclosures = list(item.get("attachments"))
            .filter_map(Value::as_object)
            .take(MOST)
            .filter_map(|file| {
                let url = self.text(file, "url")?;
                Some(Media { url, media_type: self.text(file, "mime_type"), length: self.text(file, "size_in_bytes") })
            })
            .collect();
        let credits =
            item.get("_feedloom").and_then(Value::as_object).and_then(|given| self.credits(given)).map(Box::new);
        Post { fields, source: None, credits, cut_short: false }
    }

    /// Whom another feedloom instance credits.
    fn credits(&mut self, given: &Map<String, Value>) -> Option<GivenCredits> {
        let objects = |key: &str| list(given.get(key)).filter_map(Value::as_object).take(MOST_CREDITS);
        let outlets: Vec<NamedOutlet> = objects("sources").filter_map(|outlet| self.outlet(outlet)).collect();
        let discussions = objects("discussions")
            .filter_map(|page| Some(NamedPage { name: self.text(page, "name")?, url: self.page(page, "url")? }));
        let discussions = discussions.collect();
        (!outlets.is_empty()).then_some(GivenCredits { outlets, discussions })
    }

    fn outlet(&mut self, given: &Map<String, Value>) -> Option<NamedOutlet> {
        let url = self.page(given, "url")?;
        // As in XML, where the host is a part of the name.
        let (name, host) = parted(self.text(given, "name"), &url);
        Some(NamedOutlet {
            name,
            feed: self.page(given, "feed_url"),
            site: self.page(given, "home_page_url"),
            host: self.text(given, "host").or(host),
            url,
            title: self.text(given, "title"),
            author: self.text(given, "author"),
            published: self.date(given, "date_published"),
            via: self.text(given, "via"),
        })
    }

    fn page(&mut self, of: &Map<String, Value>, key: &str) -> Option<Url> {
        self.address(of, key).and_then(|address| web_url(&address, None))
    }

    /// `authors` of 1.1, else `author` of 1.0; either may be one object, a list or a name.
    fn authors(&mut self, of: &Map<String, Value>) -> Vec<Person> {
        let authors = if of.get("authors").is_some_and(|authors| !authors.is_null()) {
            of.get("authors")
        } else {
            of.get("author")
        };
        list(authors)
            .take(MOST)
            .filter_map(|author| match author {
                Value::Object(author) => {
                    let person =
                        Person { name: self.text(author, "name"), email: None, uri: self.address(author, "url") };
                    (person != Person::default()).then_some(person)
                }
                other => self.value(other, limits::NAME_BYTES).and_then(|text| super::person::person(&text)),
            })
            .collect()
    }

    fn text(&mut self, of: &Map<String, Value>, key: &str) -> Option<String> {
        of.get(key).and_then(|value| self.value(value, limits::of_member(key)))
    }

    /// The first `most` bytes of a text, or of a number in place of one; `None` if it is blank.
    fn value(&mut self, value: &Value, most: usize) -> Option<String> {
        let text = match value {
            Value::String(text) => limits::cut(text.trim(), most).trim_end().to_owned(),
            Value::Number(number) => {
                self.mends.add(Fault::WrongJsonType);
                number.to_string()
            }
            Value::Null => return None,
            _ => {
                self.mends.add(Fault::WrongJsonType);
                return None;
            }
        };
        (!text.is_empty()).then_some(text)
    }

    fn address(&mut self, of: &Map<String, Value>, key: &str) -> Option<String> {
        self.text(of, key).map(|text| resolve::address(&text, self.base))
    }

    fn date(&mut self, of: &Map<String, Value>, key: &str) -> Option<jiff::Timestamp> {
        let text = self.text(of, key)?;
        let date = read_date(&text, None);
        match date.map(|date| date.precision) {
            None => self.mends.add(Fault::UnreadableDate),
            Some(DatePrecision::UnknownZone) => self.mends.add(Fault::UnknownZone),
            Some(DatePrecision::Instant | DatePrecision::Day) => {}
        }
        date.map(|date| date.at)
    }
}

/// The members of a list; one value alone is a list of one.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        None | Some(Value::Null) => [].iter(),
        Some(Value::Array(values)) => values.iter(),
        Some(one) => std::slice::from_ref(one).iter(),
    }
}

fn link(href: String, rel: &'static str) -> Link {
    Link { href: Some(href), rel: rel.into(), ..Link::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Result<Document, ReadError> {
        read(text, "UTF-8", Url::parse("https://example.org/f.json").ok().map(Arc::new), &Mends::default())
    }

    #[test]
    fn values_of_the_wrong_type_are_taken_for_what_they_mean() {
        let read = document(
            r#"{"title":"T","items":[{"id":7,"url":"a","content_text":"x","tags":"one","author":{"name":"N"},
               "date_published":"2020-01-02T03:04:05Z","attachments":[{"url":"/b.mp3","mime_type":"audio/mpeg","size_in_bytes":9}]}, 5, null]}"#,
        )
        .unwrap();
        assert_eq!(read.posts.len(), 1);
        let fields = &read.posts[0].fields;
        assert_eq!(fields.id.as_deref(), Some("7"));
        assert_eq!(fields.link.as_deref(), Some("https://example.org/a"));
        assert_eq!(fields.categories[0].term.as_deref(), Some("one"));
        assert_eq!(fields.authors, [Person::named("N")]);
        assert_eq!(fields.enclosures[0].length.as_deref(), Some("9"));
        assert_eq!(read.mended[0].fault, Fault::WrongJsonType);
    }

    #[test]
    fn other_json_is_refused() {
        assert_eq!(document(r#"{"error":"not found"}"#).unwrap_err(), ReadError::OtherJson);
        assert_eq!(document("[1,2]").unwrap_err(), ReadError::OtherJson);
        assert_eq!(document("{\"items\":[").unwrap_err(), ReadError::BrokenJson);
        assert_eq!(document(&"[".repeat(100_000)).unwrap_err(), ReadError::BrokenJson);
        assert_eq!(document("[1,").unwrap_err(), ReadError::BrokenJson);
    }

    #[test]
    fn what_is_broken_costs_no_more_than_itself() {
        let count = |text: &str| {
            let read = document(text).unwrap();
            (read.posts.len(), read.mended.iter().map(|mend| mend.fault).collect::<Vec<_>>())
        };
        assert_eq!(count(r#"{"title":"T","items":[{"id":"1"},{"id":"2"},{"id":"#), (2, vec![Fault::CutShort]));
        assert_eq!(
            count(r#"{"title":"T","items":[{"id":"1","title":"\udc12 a"},{"id":"2"}]}"#),
            (2, vec![Fault::BrokenJson])
        );
        assert_eq!(
            count("{\"items\":[{\"id\":\"1\",\"summary\":\"a\nb\",},],\"title\":\"T\",}"),
            (1, vec![Fault::BrokenJson])
        );
        assert_eq!(count(r#"{"items":[],"title":"T"} x"#), (0, vec![Fault::JunkAfter]));
    }
}
