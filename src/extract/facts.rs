//! What a page claims about its article, and where each claim is made.

use super::jsonld::JsonArticle;
use super::scan::Scan;
use crate::text::plain_text;

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The headline.
    Title,
    /// Who wrote it.
    Byline,
    /// When it was published.
    Date,
    /// The outlet's name.
    Site,
    /// What it is about.
    Description,
    /// Its own address.
    Canonical,
    /// The lead picture.
    Image,
    /// The language.
    Language,
}

impl Field {
    /// Its name, as `inspect` shows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Byline => "byline",
            Self::Date => "date",
            Self::Site => "site",
            Self::Description => "description",
            Self::Canonical => "canonical",
            Self::Image => "image",
            Self::Language => "language",
        }
    }
}

/// One claim of a page about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it is about.
    pub field: Field,
    /// The value, as written apart from white space and references.
    pub value: String,
    /// Its origin: `json-ld`, `og`, `meta`, `microdata`, `link`, `h1`, `title`, `html`, `time`, `class`, `text`, `address`.
    pub origin: &'static str,
}

/// What a page says outside of its markup, as plain text: many encode that as if it stood there.
pub(super) fn plain(value: &str) -> String {
    if value.contains(['&', '<']) { plain_text(value) } else { tidy(value) }
}

/// All claims of a page, in the order of trust.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// In the order in which they are believed, field by field.
    pub(super) claims: Vec<Claim>,
}

impl Facts {
    /// Notes a claim, unless it is empty or noted already.
    pub(super) fn add(&mut self, field: Field, value: &str, origin: &'static str) {
        const LONGEST_BYTES: usize = 4_096;
        let value = plain(value);
        let known = |claim: &Claim| claim.field == field && claim.value == value;
        if !value.is_empty() && value.len() <= LONGEST_BYTES && !self.claims.iter().any(known) {
            self.claims.push(Claim { field, value, origin });
        }
    }

    /// The claims about `field`, the most trusted first.
    pub(super) fn on(&self, field: Field) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |claim| claim.field == field)
    }

    /// Notes what JSON-LD says.
    pub(super) fn json(&mut self, json: &JsonArticle) {
        let words = [
            (Field::Title, &json.headline),
            (Field::Date, &json.published),
            (Field::Site, &json.site),
            (Field::Image, &json.image),
            (Field::Description, &json.description),
            (Field::Language, &json.language),
        ];
        for (field, word) in words {
            if let Some(word) = word {
                self.add(field, word, "json-ld");
            }
        }
        if !json.authors.is_empty() {
            self.add(Field::Byline, &json.authors.join(", "), "json-ld");
        }
    }

    /// Notes what the head says.
    pub(super) fn head(&mut self, scan: &Scan<'_>) {
        for (field, names, origin) in HEAD {
            for name in *names {
                let values = scan.metas.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
                if *field == Field::Byline {
                    let people: Vec<&str> = values.filter(|value| !value.contains("://")).collect();
                    self.add(Field::Byline, &people.join(", "), origin);
                } else {
                    for value in values.take(3) {
                        self.add(*field, value, origin);
                    }
                }
            }
        }
        for (rel, href, _) in &scan.links {
            if rel == "canonical" {
                self.add(Field::Canonical, href, "link");
            }
            if rel == "image_src" {
                self.add(Field::Image, href, "link");
            }
        }
        for value in scan.metas.iter().filter(|(name, _)| name == "og:url").map(|(_, value)| value) {
            self.add(Field::Canonical, value, "og");
        }
        if let Some(language) = &scan.language {
            self.add(Field::Language, language, "html");
        }
    }
}

/// Where heads state what, the most trusted first.
const HEAD: &[(Field, &[&str], &str)] = &[
    (Field::Title, &["og:title"], "og"),
    (
        Field::Title,
        &["twitter:title", "parsely-title", "dc.title", "dcterms.title", "sailthru.title", "headline"],
        "meta",
    ),
    (Field::Byline, &["og:article:author", "article:author", "book:author"], "og"),
    (
        Field::Byline,
        &[
            "author",
            "byl",
            "byline",
            "dc.creator",
            "dcterms.creator",
            "parsely-author",
            "sailthru.author",
            "citation_author",
            "article.author",
            "authors",
            "dc.contributor",
        ],
        "meta",
    ),
    (Field::Date, &["article:published_time", "og:article:published_time", "og:published_time", "og:pubdate"], "og"),
    (
        Field::Date,
        &[
            "datepublished",
            "pubdate",
            "publishdate",
            "publish-date",
            "publish_date",
            "parsely-pub-date",
            "sailthru.date",
            "dc.date.issued",
            "dcterms.issued",
            "dc.date.created",
            "dcterms.created",
            "dc.date",
            "dcterms.date",
            "date",
            "article.published",
            "published_time",
            "publication_date",
            "cxenseparse:recs:publishtime",
            "citation_publication_date",
            "citation_date",
            "displaydate",
            "originalpublicationdate",
            "article_date_original",
            "timestamp",
            "datecreated",
            "release_date",
        ],
        "meta",
    ),
    (Field::Site, &["og:site_name"], "og"),
    (
        Field::Site,
        &["application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher", "copyright"],
        "meta",
    ),
    (Field::Description, &["og:description"], "og"),
    (Field::Description, &["description", "twitter:description", "dc.description", "sailthru.description"], "meta"),
    (Field::Image, &["og:image", "og:image:url", "og:image:secure_url"], "og"),
    (
        Field::Image,
        &["twitter:image", "twitter:image:src", "thumbnail", "sailthru.image.full", "parsely-image-url"],
        "meta",
    ),
    (Field::Language, &["og:locale"], "og"),
    (Field::Language, &["content-language", "language", "dc.language"], "meta"),
];

/// As one line, white space collapsed.
pub(super) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
