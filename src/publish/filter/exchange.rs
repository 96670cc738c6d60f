//! An item as a filter program sees it, and what counts of its answer.

use serde_json::{Map, Value, json};

use crate::model::{Attribution, Item};
use crate::publish::plain_line::one_line;
use crate::publish::program::ProgramError;
use crate::publish::render::{full_date, uri};

/// What a program may change; everything else has to come back as it was.
const CHANGEABLE: [&str; 4] = ["title", "excerpt", "content_html", "categories"];
/// Maximum length of a title in characters.
const TITLE_CHARS: usize = 512;

/// Why a program did not give a valid answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::publish) enum FilterError {
    /// It did not end well.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// What it wrote is not an item.
    #[error("{0}")]
    BadAnswer(String),
}

/// What a program made of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::publish) struct Changed {
    pub(in crate::publish) title: String,
    pub(in crate::publish) excerpt: String,
    /// If the whole text may be given; not sanitised yet.
    pub(in crate::publish) content_html: Option<String>,
    pub(in crate::publish) categories: Vec<String>,
}

/// How much of an item's text a program is given, and may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenText {
    Whole,
    Excerpt,
}

/// `item` as it is given to a program.
pub(super) fn outgoing(item: &Item, id: &str, file: &str, given: GivenText) -> Value {
    let mut sent = json!({
        "id": id,
        "output": file,
        "title": item.title,
        "url": uri(&item.lead().url),
        "excerpt": item.excerpt,
        "categories": item.categories,
        "published": full_date(item.published),
        "updated": full_date(item.updated),
        "language": item.language,
        "disclosure": item.disclosure,
        "comments": item.discussions.first().map(|page| uri(&page.url)),
        "sources": item.attributions().iter().map(source).collect::<Vec<_>>(),
    });
    if given == GivenText::Whole {
        sent["content_html"] = item.text_html.clone().into();
    }
    sent
}

fn source(credit: &Attribution) -> Value {
    json!({
        "id": credit.source.id,
        "name": credit.source.name,
        "title": credit.title,
        "url": uri(&credit.url),
        "author": credit.author,
        "published": full_date(credit.published),
        "rights": credit.rights,
        "licenses": credit.licenses.iter().map(uri).collect::<Vec<_>>(),
    })
}

/// What counts of `answer` to `sent`; `None`: the item is dropped.
pub(super) fn incoming(sent: &Value, answer: &[u8]) -> Result<Option<Changed>, FilterError> {
    let bad = |what: String| FilterError::BadAnswer(what);
    let text = std::str::from_utf8(answer).map_err(|_| bad("it wrote something that is not UTF-8".to_owned()))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let back: Value = serde_json::from_str(text).map_err(|error| bad(format!("it did not write JSON: {error}")))?;
    let (Value::Object(back), Value::Object(sent)) = (back, sent) else {
        return Err(bad("it did not write a JSON object".to_owned()));
    };
    for (key, value) in sent.iter().filter(|(key, _)| !CHANGEABLE.contains(&key.as_str())) {
        if back.get(key) != Some(value) {
            let did = if back.contains_key(key) { "changed" } else { "left out" };
            return Err(bad(format!("it {did} `{key}`, which has to stay as it was")));
        }
    }
    if let Some(key) = back.keys().find(|key| !sent.contains_key(*key)) {
        return Err(bad(format!("it added `{key}`, which this item may not have")));
    }
    let given = if sent.contains_key("content_html") { GivenText::Whole } else { GivenText::Excerpt };
    changed(&back, given).map(Some)
}

fn changed(back: &Map<String, Value>, given: GivenText) -> Result<Changed, FilterError> {
    let bad = |what: &str| FilterError::BadAnswer(what.to_owned());
    let text = |key: &str| match back.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(FilterError::BadAnswer(format!("`{key}` is not text"))),
    };
    let title: String = one_line(&text("title")?).chars().take(TITLE_CHARS).collect();
    if title.is_empty() {
        return Err(bad("it left no title"));
    }
    let categories = match back.get("categories") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|one| {
                one.as_str().map(str::to_owned).ok_or_else(|| bad("`categories` holds something that is not text"))
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(bad("`categories` is not a list")),
    };
    let content_html = match given {
        GivenText::Whole => Some(text("content_html")?),
        GivenText::Excerpt => None,
    };
    Ok(Changed { title, excerpt: text("excerpt")?, content_html, categories })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent() -> Value {
        json!({"id": "1", "title": "T", "url": "https://e.org/", "excerpt": "E.", "categories": ["a"], "sources": [{"url": "https://e.org/"}]})
    }

    #[track_caller]
    fn refused(change: impl Fn(&mut Value), why: &str) {
        let mut back = sent();
        change(&mut back);
        let error = incoming(&sent(), back.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }

    #[test]
    fn what_a_filter_may_change_is_taken_over() {
        let mut back = sent();
        back["title"] = " New\n title ".into();
        back["categories"] = json!(["b", "c"]);
        let changed = incoming(&sent(), back.to_string().as_bytes()).unwrap().unwrap();
        assert_eq!((changed.title.as_str(), changed.excerpt.as_str()), ("New title", "E."));
        assert_eq!(changed.categories, ["b", "c"]);
        assert_eq!(changed.content_html, None);
        assert_eq!(incoming(&sent(), b" \n"), Ok(None));
    }

    #[test]
    fn links_credits_ids_and_what_it_has_no_right_to_stay() {
        refused(|back| back["url"] = "https://spam.example/".into(), "changed `url`");
        refused(|back| back["id"] = "2".into(), "changed `id`");
        refused(|back| back["sources"] = json!([]), "changed `sources`");
        refused(|back| drop(back.as_object_mut().unwrap().remove("sources")), "left out `sources`");
        refused(|back| back["content_html"] = "<p>all</p>".into(), "added `content_html`");
        refused(|back| back["title"] = " ".into(), "no title");
        refused(|back| back["title"] = 1.into(), "not text");
        refused(|back| back["categories"] = json!([1]), "not text");
        for text in ["[]", "nonsense", "{}", "\"\"", "{\"id\": \"1\"} {}"] {
            assert!(incoming(&sent(), text.as_bytes()).is_err(), "{text}");
        }
        assert!(incoming(&sent(), b"\xff").is_err());
    }
}
