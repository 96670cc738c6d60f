//! Whom an item of another feedloom credits, as JSON among the rarer fields of an entry.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::{GivenCredits, NamedOutlet, NamedPage};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RawCredits {
    #[serde(rename = "outlets", default)]
    outlets: Vec<RawOutlet>,
    #[serde(rename = "discussions", default, skip_serializing_if = "Vec::is_empty")]
    discussions: Vec<RawPage>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawOutlet {
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "feed", default, skip_serializing_if = "Option::is_none")]
    feed: Option<String>,
    #[serde(rename = "site", default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(rename = "host", default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(rename = "url")]
    url: String,
    #[serde(rename = "title", default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(rename = "author", default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(rename = "published", default, skip_serializing_if = "Option::is_none")]
    published: Option<i64>,
    #[serde(rename = "via", default, skip_serializing_if = "Option::is_none")]
    via: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawPage {
    #[serde(rename = "name")]
    name: String,
    #[serde(rename = "url")]
    url: String,
}

impl RawCredits {
    pub(super) fn of(given: &GivenCredits) -> Self {
        let text = |url: &Option<Url>| url.as_ref().map(ToString::to_string);
        let outlets = given.outlets.iter().map(|outlet| RawOutlet {
            name: outlet.name.clone(),
            feed: text(&outlet.feed),
            site: text(&outlet.site),
            host: outlet.host.clone(),
            url: outlet.url.to_string(),
            title: outlet.title.clone(),
            author: outlet.author.clone(),
            published: outlet.published.map(Timestamp::as_second),
            via: outlet.via.clone(),
        });
        let discussions = given.discussions.iter();
        Self {
            outlets: outlets.collect(),
            discussions: discussions
                .map(|page| RawPage { name: page.name.clone(), url: page.url.to_string() })
                .collect(),
        }
    }

    /// Addresses were checked before they were written; what no longer parses is left out.
    pub(super) fn read(self) -> GivenCredits {
        let parse = |text: Option<String>| text.and_then(|text| Url::parse(&text).ok());
        let outlets = self.outlets.into_iter().filter_map(|outlet| {
            Some(NamedOutlet {
                name: outlet.name,
                feed: parse(outlet.feed),
                site: parse(outlet.site),
                host: outlet.host,
                url: Url::parse(&outlet.url).ok()?,
                title: outlet.title,
                author: outlet.author,
                published: outlet.published.and_then(|at| Timestamp::from_second(at).ok()),
                via: outlet.via,
            })
        });
        let discussions = self.discussions.into_iter();
        GivenCredits {
            outlets: outlets.collect(),
            discussions: discussions
                .filter_map(|page| Some(NamedPage { name: page.name, url: Url::parse(&page.url).ok()? }))
                .collect(),
        }
    }
}
