//! Which of a page's claims are believed.

use jiff::Timestamp;
use url::Url;

use super::facts::{Facts, Field};
use super::names;
use crate::text::{parse_date, publisher_of, web_url};

/// What is believed.
#[derive(Debug, Default)]
pub(super) struct Believed {
    pub(super) title: Option<String>,
    pub(super) byline: Option<String>,
    pub(super) site: Option<String>,
    pub(super) published: Option<Timestamp>,
    pub(super) description: Option<String>,
    pub(super) canonical: Option<Url>,
    pub(super) image: Option<Url>,
    pub(super) language: Option<String>,
}

impl Facts {
    /// Believes one claim about each field; relative addresses are resolved against `base`; the page came from `url`.
    pub(super) fn believed(&self, base: &Url, url: &Url) -> Believed {
        let site = self
            .on(Field::Site)
            .map(|claim| claim.value.clone())
            .find(|site| site.chars().count() <= 80 && !site.contains("://"));
        Believed {
            title: names::title(self, site.as_deref()),
            byline: self.on(Field::Byline).find_map(|claim| names::byline(&claim.value)),
            published: self.on(Field::Date).find_map(|claim| plausible(parse_date(&claim.value)?)),
            description: self.on(Field::Description).map(|claim| claim.value.clone()).next(),
            canonical: self.on(Field::Canonical).find_map(|claim| canonical(&claim.value, base, url)),
            image: self.on(Field::Image).find_map(|claim| web_url(&claim.value, Some(base))),
            language: self.on(Field::Language).map(|claim| claim.value.replace('_', "-")).next(),
            site,
        }
    }
}

/// The address a page gives for itself: of the same publisher, and not the site's root.
fn canonical(value: &str, base: &Url, url: &Url) -> Option<Url> {
    let found = web_url(value, Some(base))?;
    let publisher = |url: &Url| url.host_str().map(|host| publisher_of(host).unwrap_or(host).to_owned());
    let is_root = found.path().trim_matches('/').is_empty() && found.query().is_none();
    let was_root = url.path().trim_matches('/').is_empty();
    (publisher(&found) == publisher(url) && (!is_root || was_root)).then_some(found)
}

/// No page of the web is older than this.
fn plausible(at: Timestamp) -> Option<Timestamp> {
    const FIRST: i64 = 662_688_000; // 1991-01-01
    (at.as_second() >= FIRST).then_some(at)
}
