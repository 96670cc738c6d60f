//! A page's bytes → its article, step by step.

use memchr::memmem;
use url::Url;

use super::believed::Believed;
use super::body::{self, Body, Known, Way};
use super::choice::Choice;
use super::dated::{self, SlashDates};
use super::facts::{Claim, Facts, Field};
use super::features::SelfDescription;
use super::jsonld::{self, JsonArticle};
use super::marked::{self, Marked};
use super::scan::{self, Scan};
use super::seen_block::SeenBlock;
use super::wall::{self, Said, Wall};
use super::{decode, names, rights, signed, streamed};
use crate::model::{Article, PageRights};
use crate::text::{parse_date, plain_text_within, web_url};

/// Bytes of a page that are looked at, at most.
const LONGEST_BYTES: usize = 10 * 1024 * 1024;
/// Text that is taken from a page for which no tree may be built, at most, in bytes.
const LONGEST_TEXT: usize = 256 * 1024;

/// A page as received.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Its address, after redirects.
    pub url: &'a Url,
    /// The body, decompressed.
    pub bytes: &'a [u8],
    /// The headers of the response: names in lower case, values as sent.
    pub headers: &'a [(String, Vec<u8>)],
}

/// Why a page yielded no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArticleError {
    /// No bytes, or only white space.
    #[error("the page is empty")]
    Empty,
    /// Not HTML.
    #[error("the page is {what}, not HTML")]
    NotHtml {
        /// What it is instead: a type as the server names it, or `binary data`.
        what: String,
    },
    /// More than 10 MiB.
    #[error("the page has {bytes} bytes; pages of more than {} are not read", LONGEST_BYTES)]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// A page that stands in front of the article.
    #[error("the page is not an article: it {wall}")]
    Wall {
        /// What it wants.
        wall: Wall,
    },
    /// Markup without text.
    #[error("the page holds no text")]
    NoText {
        /// What it says about rights nevertheless.
        rights: Box<PageRights>,
    },
}

/// An article, and what each step found along the way.
#[derive(Debug)]
pub struct Look {
    /// What [`read`] returns.
    pub article: Article,
    /// The encoding, as WHATWG names it.
    pub encoding: &'static str,
    /// How the body was found.
    pub way: Way,
    /// Every claim of the page about a field, the most trusted first.
    pub claims: Vec<Claim>,
    /// JSON-LD scripts that could not be read.
    pub(crate) broken_json: usize,
    /// The blocks, in document order; none if no tree was built.
    pub blocks: Vec<SeenBlock>,
}

/// Reads the article of `page`.
///
/// # Errors
/// [`ArticleError`] if the page holds nothing to read.
pub fn read(page: &Page<'_>, choice: &Choice<'_>) -> Result<Article, ArticleError> {
    look(page, choice).map(|look| look.article)
}

/// [`read`], with what each step found.
///
/// # Errors
/// As for [`read`].
pub fn look(page: &Page<'_>, choice: &Choice<'_>) -> Result<Look, ArticleError> {
    let content_type = headers(page).find(|(name, _)| *name == "content-type").map(|(_, value)| value);
    check_size(page.bytes)?;
    check_kind(page.bytes, content_type)?;
    let (html, encoding) = decode::decode(page.bytes, content_type);
    let scan = scan::scan(&html);
    let json = jsonld::read(&scan.json);
    let base = scan.base.as_deref().and_then(|base| web_url(base, Some(page.url))).unwrap_or_else(|| page.url.clone());
    let tree = scan.too_much.is_none().then(|| streamed::parse(&html));
    let marked = tree.as_ref().map(marked::marked).unwrap_or_default();
    let mut facts = facts(&scan, &json, &marked);
    let mut believed = facts.believed(&base, page.url);
    let body = match &tree {
        Some(tree) => {
            let known = Known { stated: stated(&believed, &json, &scan), facts: &facts, base: &base, url: page.url };
            let shown = body::of_tree(tree, choice, &known);
            let in_json = known.stated.body;
            if body::is_hardly_shown(in_json, &shown) { body::of_json(in_json, shown) } else { shown }
        }
        None => body::of_text(&plain_text_within(&html, LONGEST_TEXT), scan.too_much.unwrap_or_default()),
    };
    let stated_rights = rights::rights(&scan, &json, &marked, headers(page), &base);
    if body.text.trim().is_empty() && believed.title.is_none() {
        return Err(ArticleError::NoText { rights: Box::new(stated_rights) });
    }
    let may_be_wall = matches!(body.way, Way::Chosen | Way::SelectedNothing);
    let is_marked = scan.metas.iter().any(is_article_type) || memmem::find(html.as_bytes(), b"<article").is_some();
    let said = Said {
        titles: [&believed.title, &scan.title].map(|title| title.as_deref().unwrap_or_default()),
        is_article: json.is_article || is_marked,
    };
    if may_be_wall && let Some(wall) = wall::wall(&html, headers(page), said, &body.blocks) {
        return Err(ArticleError::Wall { wall });
    }
    complete(&mut facts, &mut believed, &marked, &body.blocks, page.url);
    let Body { html, text, way, blocks, picture } = body;
    let article = article(believed, html, text, picture, stated_rights);
    Ok(Look { article, encoding, way, claims: facts.claims, broken_json: json.broken, blocks })
}

/// What the page says about itself, for the choice of its blocks.
fn stated<'a>(believed: &'a Believed, json: &'a JsonArticle, scan: &Scan<'_>) -> SelfDescription<'a> {
    SelfDescription {
        title: believed.title.as_deref().unwrap_or_default(),
        description: believed.description.as_deref().unwrap_or_default(),
        body: json.body.as_deref().unwrap_or_default(),
        is_article: json.is_article || scan.metas.iter().any(is_article_type),
    }
}

fn is_article_type((name, value): &(String, String)) -> bool {
    name == "og:type" && value == "article"
}

/// The article made from what is believed; `picture` is that of the body, for a page that declares none.
fn article(believed: Believed, html: String, text: String, picture: Option<Url>, rights: PageRights) -> Article {
    Article {
        title: believed.title,
        byline: believed.byline,
        site: believed.site,
        published: believed.published,
        description: believed.description,
        canonical: believed.canonical,
        image: believed.image.or(picture),
        language: believed.language,
        html,
        text,
        rights,
    }
}

/// Looks in the text for what the page does not mark: the day, and who signed it.
fn complete(facts: &mut Facts, believed: &mut Believed, marked: &Marked, blocks: &[SeenBlock], url: &Url) {
    let title = believed.title.as_deref().unwrap_or_default();
    if believed.published.is_none() {
        let is_american = believed.language.as_deref().is_none_or(|code| matches!(code, "en" | "en-US"));
        let slashes = if is_american { SlashDates::MonthFirst } else { SlashDates::DayFirst };
        if let Some((day, origin)) = dated::on_page(url.path(), &marked.dated, blocks, title, slashes) {
            facts.add(Field::Date, &day.to_string(), origin);
            believed.published = parse_date(&day.to_string());
        }
    }
    if believed.byline.is_none()
        && let Some(names) = signed::on_page(blocks, title)
    {
        facts.add(Field::Byline, &names, "text");
        believed.byline = names::byline(&names);
    }
}

fn headers<'a>(page: &Page<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    page.headers.iter().filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value).ok()?)))
}

/// Every claim, in the order of trust.
fn facts(scan: &Scan<'_>, json: &JsonArticle, marked: &Marked) -> Facts {
    let mut facts = Facts::default();
    facts.json(json);
    facts.head(scan);
    marked.note(&mut facts);
    if let Some(title) = &scan.title {
        facts.add(Field::Title, title, "title");
    }
    facts
}

/// Refuses what is empty or too large to be looked at.
fn check_size(bytes: &[u8]) -> Result<(), ArticleError> {
    if bytes.len() > LONGEST_BYTES {
        return Err(ArticleError::TooLarge { bytes: bytes.len() });
    }
    if bytes.trim_ascii().is_empty() { Err(ArticleError::Empty) } else { Ok(()) }
}

/// Refuses what the server calls something other than HTML or text, and what is binary whatever it is called.
fn check_kind(bytes: &[u8], content_type: Option<&str>) -> Result<(), ArticleError> {
    const LOOKED_AT: usize = 2_048;
    let kind = content_type.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = kind.is_empty() || kind.contains("html") || kind.starts_with("text/") || kind.ends_with("xml");
    if !is_text && kind != "application/octet-stream" {
        return Err(ArticleError::NotHtml { what: kind });
    }
    let near = &bytes[..bytes.len().min(LOOKED_AT)];
    // UTF-16 has a zero in each pair of bytes; other text has none.
    let zeros = near.iter().filter(|byte| **byte == 0).count();
    let marked = encoding_rs::Encoding::for_bom(near).is_some();
    let controls = near.iter().filter(|byte| matches!(byte, 1..=8 | 14..=26 | 28..=31)).count();
    let is_binary =
        controls * 20 > near.len() || (zeros > 0 && !marked && zeros * 3 < near.len()) || near.starts_with(b"%PDF-");
    if is_binary {
        return Err(ArticleError::NotHtml { what: "binary data".to_owned() });
    }
    Ok(())
}
