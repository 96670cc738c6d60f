use jiff::Timestamp;
use url::Url;

/// What was extracted from the page behind an entry. Texts are plain and cleaned; addresses are absolute http(s).
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The page's own headline, without the outlet's name.
    pub title: Option<String>,
    /// Who wrote it: `Jane Doe, John Roe`.
    pub byline: Option<String>,
    /// The outlet's name.
    pub site: Option<String>,
    /// When it was published, by its own account.
    pub published: Option<Timestamp>,
    /// The page's own description: JSON-LD, OpenGraph or meta.
    pub description: Option<String>,
    /// The address it gives for itself: `rel=canonical` or `og:url`, of the same registrable domain and not
    /// the site's root.
    pub canonical: Option<Url>,
    /// The lead picture.
    pub image: Option<Url>,
    /// Language as written.
    pub language: Option<String>,
    /// The body as an HTML fragment with absolute addresses: headings, paragraphs, lists, tables,
    /// figures, code. Sanitised again before it leaves.
    pub html: String,
    /// The same as plain text: what weaving compares.
    pub text: String,
    /// What the page says about rights, as written.
    pub rights: PageRights,
}

/// What a page says of its rights, as written there and in the headers that came with it; `src/rights` says what it means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRights {
    /// Directives of `<meta name=robots>` (and of the same element under our own name), lower case.
    pub robots: Vec<String>,
    /// `isAccessibleForFree` of JSON-LD or microdata.
    pub is_free: Option<bool>,
    /// `rel=license` and the licences of JSON-LD and `dcterms`.
    pub licenses: Vec<Url>,
    /// Links of the type `application/rsl+xml`.
    pub rsl: Vec<Url>,
    /// `<meta name=tdm-reservation>` (TDMRep §6).
    pub tdm_reservation: Option<bool>,
    /// `dc.rights`, `copyright` and `copyrightNotice`.
    pub statement: Option<String>,
}
