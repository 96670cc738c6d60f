//! What a page says about its article in JSON-LD (schema.org).

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::text::LooseJson;
use crate::text::attrs::decode;

/// Objects that are looked at, at most.
const MOST_NODES: usize = 2_000;

/// Values of one script that are read, at most.
const MOST_VALUES: usize = 50;
/// Nodes of one value that are kept, at most.
const MOST_VALUE_NODES: usize = 50_000;

/// What is wanted from the article's object.
#[derive(Debug, Default)]
pub(super) struct JsonArticle {
    pub(super) headline: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) published: Option<String>,
    pub(super) site: Option<String>,
    pub(super) image: Option<String>,
    pub(super) description: Option<String>,
    pub(super) language: Option<String>,
    pub(super) body: Option<String>,
    pub(super) licenses: Vec<String>,
    pub(super) rights: Option<String>,
    pub(super) is_free: Option<bool>,
    /// An article's type, not just some page's.
    pub(super) is_article: bool,
    /// Scripts that could not be read.
    pub(super) broken: usize,
}

/// Reads the JSON-LD scripts of a page.
pub(super) fn read(scripts: &[&str]) -> JsonArticle {
    let mut out = JsonArticle::default();
    let documents: Vec<Value> = scripts
        .iter()
        .flat_map(|script| {
            let values = parse(script);
            out.broken += usize::from(values.iter().all(is_hollow));
            values
        })
        .collect();
    let nodes = nodes(&documents);
    let kind = |node: &&Map<String, Value>| types(node).filter_map(Kind::of).max();
    let mut ranked: Vec<(Kind, &Map<String, Value>)> =
        nodes.iter().filter_map(|node| Some((kind(node)?, *node))).collect();
    ranked.sort_by_key(|(kind, _)| std::cmp::Reverse(*kind));
    out.is_article = ranked.first().is_some_and(|(kind, _)| *kind == Kind::Article);
    for (kind, node) in &ranked {
        out.take(node, *kind, &nodes);
    }
    out
}

/// The values of all scripts.
pub(super) fn values(scripts: &[&str]) -> Vec<Value> {
    scripts.iter().flat_map(|script| parse(script)).collect()
}

/// All objects of `documents` that describe something of their own.
pub(super) fn nodes(documents: &[Value]) -> Vec<&Map<String, Value>> {
    let mut nodes = Vec::new();
    for document in documents {
        flatten(document, &mut nodes);
    }
    nodes
}

/// Whether an object is of the type `name`.
pub(super) fn has_type(node: &Map<String, Value>, name: &str) -> bool {
    types(node).any(|kind| kind.rsplit(['/', '#']).next() == Some(name))
}

/// The text that a value is.
pub(super) fn text(value: &Value) -> Option<String> {
    first_text(value, &["@value", "@id", "url"])
}

/// The values of a script, some of which hold several; comments and CDATA around them are removed.
fn parse(script: &str) -> Vec<Value> {
    let inner = script.trim();
    let inner = inner.strip_prefix("<!--").unwrap_or(inner).trim();
    let inner = inner.strip_prefix("//<![CDATA[").or_else(|| inner.strip_prefix("<![CDATA[")).unwrap_or(inner);
    let inner = inner.trim_end_matches("//]]>").trim_end_matches("]]>").trim_end_matches("-->").trim();
    // Some templates escape it as if it were text.
    let inner = if inner.contains('"') { Cow::Borrowed(inner) } else { decode(inner) };
    // What a script assigns is behind its name.
    let is_script = inner.starts_with(|c: char| c.is_ascii_alphabetic());
    let start = inner.find(['{', '[']).filter(|_| is_script).unwrap_or(0);
    let mut json = LooseJson::keeping_parts(&inner[start..]);
    let mut values = Vec::new();
    while values.len() < MOST_VALUES
        && let Ok(value) = json.value(MOST_VALUE_NODES)
    {
        values.push(value);
        // Between two values there may be a list or statement separator.
        while json.enter(b';') || json.enter(b',') {}
    }
    values
}

/// Whether nothing stands in it.
fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().all(is_hollow),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// All objects that describe something of their own: lists, `@graph`, `mainEntity`.
fn flatten<'a>(value: &'a Value, nodes: &mut Vec<&'a Map<String, Value>>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(list) => open.extend(list.iter().rev()),
            Value::Object(node) if nodes.len() < MOST_NODES => {
                nodes.push(node);
                open.extend(["mainEntity", "mainEntityOfPage", "@graph"].iter().filter_map(|key| node.get(*key)));
            }
            _ => {}
        }
    }
}

fn types(node: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let value = node.get("@type");
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    value.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
}

/// What an object describes, as far as relevant here; the greater is believed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Some page.
    Page,
    /// An article.
    Article,
}

impl Kind {
    /// The kind that a `@type` names.
    fn of(name: &str) -> Option<Self> {
        if is_article(name) { Some(Self::Article) } else { is_page(name).then_some(Self::Page) }
    }
}

fn is_article(kind: &str) -> bool {
    kind.ends_with("Article")
        || kind.ends_with("Posting")
        || matches!(kind, "Report" | "Review" | "Recipe" | "AnalysisNewsArticle")
}

fn is_page(kind: &str) -> bool {
    kind.ends_with("Page") || matches!(kind, "CreativeWork" | "VideoObject" | "Product" | "Event")
}

impl JsonArticle {
    /// Takes what is not yet known.
    fn take(&mut self, node: &Map<String, Value>, kind: Kind, nodes: &[&Map<String, Value>]) {
        let text = |key: &str| node.get(key).and_then(|value| first_text(value, &["@value", "name"]));
        self.headline = self
            .headline
            .take()
            .or_else(|| text("headline"))
            .or_else(|| text("name").filter(|_| kind == Kind::Article));
        if kind == Kind::Article {
            self.body = self.body.take().or_else(|| text("articleBody")).or_else(|| text("reviewBody"));
            self.published = self.published.take().or_else(|| text("datePublished")).or_else(|| text("dateCreated"));
        }
        self.published = self.published.take().or_else(|| text("datePublished"));
        if self.authors.is_empty() {
            for key in ["author", "creator"] {
                let Some(value) = node.get(key) else { continue };
                self.authors = people(value, nodes);
                if !self.authors.is_empty() {
                    break;
                }
            }
        }
        self.site = self.site.take().or_else(|| {
            let publisher = node.get("publisher").or_else(|| node.get("sourceOrganization"))?;
            people(publisher, nodes).into_iter().next()
        });
        self.image = self.image.take().or_else(|| {
            let image = node.get("image").or_else(|| node.get("thumbnailUrl"))?;
            first_text(resolve(image, nodes), &["url", "contentUrl", "@id"])
        });
        self.description = self.description.take().or_else(|| text("description"));
        self.language = self.language.take().or_else(|| text("inLanguage"));
        self.rights = self.rights.take().or_else(|| text("copyrightNotice"));
        if let Some(license) = node.get("license").and_then(|value| first_text(value, &["url", "@id"])) {
            self.licenses.push(license);
        }
        self.is_free = self.is_free.or_else(|| node.get("isAccessibleForFree").and_then(truth));
    }
}

/// `true`, `"True"`, `"https://schema.org/False"`, ….
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => truth_of(text),
        _ => None,
    }
}

/// [`truth`] of a text.
pub(super) fn truth_of(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    match text.rsplit('/').next().unwrap_or_default() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// The first text in `value`: itself, that of a list's first element, or under one of `keys`.
fn first_text(value: &Value, keys: &[&str]) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => return list.iter().find_map(|value| first_text(value, keys)),
        Value::Object(node) => {
            return keys
                .iter()
                .find_map(|key| node.get(*key).filter(|value| value.is_string() || value.is_array()))
                .and_then(|value| first_text(value, keys));
        }
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// The object that `value` stands for: itself, or the one with its `@id`.
fn resolve<'a>(value: &'a Value, nodes: &[&'a Map<String, Value>]) -> &'a Value {
    let Some(node) = value.as_object() else { return value };
    let Some(id) = node.get("@id").filter(|_| node.len() == 1) else { return value };
    let named = nodes.iter().find(|other| other.get("@id") == Some(id) && other.len() > 1);
    named
        .and_then(|other| other.get("url").or_else(|| other.get("contentUrl")).or_else(|| other.get("name")))
        .unwrap_or(value)
}

/// Names of people or organisations.
fn people(value: &Value, nodes: &[&Map<String, Value>]) -> Vec<String> {
    let list: Vec<&Value> = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
    list.into_iter()
        .filter_map(|one| match one {
            Value::Object(node) => {
                let by_id =
                    |id: &Value| nodes.iter().find(|other| other.get("@id") == Some(id) && other.contains_key("name"));
                let name = node.get("name").or_else(|| by_id(node.get("@id")?)?.get("name"))?;
                first_text(name, &["@value"])
            }
            other => first_text(other, &["name"]),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_is_found_in_a_graph() {
        let script = r##"{"@graph":[{"@type":"WebPage","name":"x","datePublished":"2020-01-01"},
            {"@type":["NewsArticle"],"headline":"H","author":[{"@id":"#a"},{"name":"B"}],"isAccessibleForFree":"False",
             "publisher":{"name":"P"},"image":[{"url":"https://e.org/i.jpg"}],"articleBody":"a b","datePublished":"2021-02-03"},
            {"@id":"#a","@type":"Person","name":"A"}]}"##;
        let got = read(&[script]);
        assert_eq!(got.headline.as_deref(), Some("H"));
        assert_eq!(got.authors, ["A", "B"]);
        assert_eq!(got.published.as_deref(), Some("2021-02-03"));
        assert_eq!(got.image.as_deref(), Some("https://e.org/i.jpg"));
        assert_eq!((got.site.as_deref(), got.is_free), (Some("P"), Some(false)));
        assert!(got.is_article);
    }

    #[test]
    fn what_is_broken_is_counted_and_line_ends_in_strings_are_forgiven() {
        let got = read(&["{\"@type\":\"Article\",\"headline\":\"a\nb\"}", "{\"@type\":", "", "[[[["]);
        assert_eq!((got.headline.as_deref(), got.broken), (Some("a\nb"), 3));
        assert_eq!(read(&[&"[".repeat(100_000)]).broken, 1);
    }

    #[test]
    fn small_faults_lose_no_object() {
        for script in [
            r#"{"@type":"WebSite","name":"S"}{"@type":"NewsArticle","headline":"H"}"#,
            r#"{"@type":"NewsArticle","headline":"H",};"#,
            r#"{"@type":"NewsArticle","description":"\ud800 x","headline":"H"}"#,
            r#"{"@type":"NewsArticle","headline":"H","articleBody":"The ci"#,
            r#"var article = {"@type":"NewsArticle","headline":"H"};"#,
            r#"{"@type":"NewsArticle","description":"A "big" one","headline":"H"}"#,
            "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;H&quot;}",
            "{'@type':'NewsArticle','headline':'H'}",
            "/* <![CDATA[ */ {\"@type\":\"NewsArticle\",\"headline\":\"H\"} /* ]]> */",
        ] {
            assert_eq!(read(&[script]).headline.as_deref(), Some("H"), "{script}");
        }
    }
}
