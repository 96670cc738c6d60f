//! The rarer fields of an entry, as JSON in one column. Every key is written out: renaming a field does not change any
//! stored byte.

use rusqlite::Row;
use serde::{Deserialize, Serialize};
use url::Url;

use super::columns::unreadable;
use super::given_credits::RawCredits;
use crate::model::{Enclosure, Entry, Person, TitleOrigin, Via};

/// An entry's fields that few entries have, as JSON; an empty string if it has none of them.
pub(super) fn extra_column(entry: &Entry) -> String {
    let extra = Extra::of(entry);
    if extra.is_empty() { String::new() } else { serde_json::to_string(&extra).expect("strings and numbers") }
}

/// Fills the fields that [`extra_column`] wrote.
pub(super) fn read_into(row: &Row<'_>, entry: &mut Entry) -> rusqlite::Result<()> {
    let text = row.get_ref("extra")?.as_str()?;
    if !text.is_empty() {
        let extra: Extra = serde_json::from_str(text).map_err(|_| unreadable("extra", text))?;
        extra.put_into(entry);
    }
    Ok(())
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Extra {
    #[serde(rename = "authors", default, skip_serializing_if = "Vec::is_empty")]
    authors: Vec<RawPerson>,
    #[serde(rename = "categories", default, skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(rename = "enclosures", default, skip_serializing_if = "Vec::is_empty")]
    enclosures: Vec<RawEnclosure>,
    #[serde(rename = "image", default, skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(rename = "language", default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(rename = "rights", default, skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
    #[serde(rename = "license", default, skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(rename = "comments", default, skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    #[serde(rename = "via", default, skip_serializing_if = "Option::is_none")]
    via: Option<RawVia>,
    #[serde(rename = "credits", default, skip_serializing_if = "Option::is_none")]
    credits: Option<RawCredits>,
    /// The source gave no title.
    #[serde(rename = "title_made", default, skip_serializing_if = "std::ops::Not::not")]
    title_made: bool,
    /// Only the beginning of the text is kept; also written by long_texts.rs.
    #[serde(rename = "cut", default, skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawPerson {
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "email", default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(rename = "uri", default, skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawEnclosure {
    #[serde(rename = "url")]
    url: String,
    #[serde(rename = "media_type", default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(rename = "length_bytes", default, skip_serializing_if = "Option::is_none")]
    length_bytes: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawVia {
    #[serde(rename = "title", default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(rename = "url", default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(rename = "site", default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
}

impl Extra {
    fn of(entry: &Entry) -> Self {
        let text = |url: &Option<Url>| url.as_ref().map(ToString::to_string);
        Self {
            authors: entry
                .authors
                .iter()
                .map(|p| RawPerson { name: p.name.clone(), email: p.email.clone(), uri: p.uri.clone() })
                .collect(),
            categories: entry.categories.clone(),
            enclosures: entry
                .enclosures
                .iter()
                .map(|e| RawEnclosure {
                    url: e.url.to_string(),
                    media_type: e.media_type.clone(),
                    length_bytes: e.length_bytes,
                })
                .collect(),
            image: text(&entry.image),
            language: entry.language.clone(),
            rights: entry.rights.clone(),
            license: text(&entry.license),
            comments: text(&entry.comments),
            via: entry.via.as_ref().map(|via| RawVia {
                title: via.title.clone(),
                url: text(&via.url),
                site: text(&via.site),
            }),
            credits: entry.credits.as_deref().map(RawCredits::of),
            title_made: entry.title_origin == TitleOrigin::Made,
            cut: entry.is_cut,
        }
    }

    fn is_empty(&self) -> bool {
        self.authors.is_empty()
            && self.categories.is_empty()
            && self.enclosures.is_empty()
            && self.image.is_none()
            && self.language.is_none()
            && self.rights.is_none()
            && self.license.is_none()
            && self.comments.is_none()
            && self.via.is_none()
            && self.credits.is_none()
            && !self.title_made
            && !self.cut
    }

    /// Addresses were checked before they were written; one that no longer parses is left out.
    fn put_into(self, entry: &mut Entry) {
        let parse = |text: Option<String>| text.and_then(|text| Url::parse(&text).ok());
        entry.authors = self.authors.into_iter().map(|p| Person { name: p.name, email: p.email, uri: p.uri }).collect();
        entry.categories = self.categories;
        entry.enclosures = self
            .enclosures
            .into_iter()
            .filter_map(|e| {
                let url = Url::parse(&e.url).ok()?;
                Some(Enclosure { url, media_type: e.media_type, length_bytes: e.length_bytes })
            })
            .collect();
        entry.image = parse(self.image);
        entry.language = self.language;
        entry.rights = self.rights;
        entry.license = parse(self.license);
        entry.comments = parse(self.comments);
        if self.title_made {
            entry.title_origin = TitleOrigin::Made;
        }
        entry.is_cut = self.cut;
        entry.via = self.via.map(|via| Via { title: via.title, url: parse(via.url), site: parse(via.site) });
        entry.credits = self.credits.map(|credits| Box::new(credits.read()));
    }
}
