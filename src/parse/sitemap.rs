//! A news sitemap (developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap): what a site publishes of
//! its latest articles where it has no feed. Title, date and language of each; no text.

use std::sync::Arc;

use url::Url;

use super::document::{Category, Document, Fields, Format, Post};
use super::draft;
use super::error::ReadError;
use super::limits;
use super::mend::{Fault, Mends};
use super::token::{TagForm, Token, Tokens};
use super::weight::Weight;
use crate::model::Markup;
use crate::text::attrs::decode;
use crate::text::{parse_date, resolve, web_url};

/// Elements nested deeper are not looked at.
const DEEPEST: usize = 32;
/// Sitemaps of an index that are named.
const MOST_LISTED: usize = 20;
/// Keywords of one article that are kept.
const MOST_KEYWORDS: usize = 50;

/// Whether `root` is that of a sitemap, or of an index of sitemaps.
pub(super) fn is_root(root: &str) -> bool {
    ["urlset", "sitemapindex"].contains(&local(root).as_str())
}

/// Reads a news sitemap.
///
/// # Errors
/// [`ReadError::NoNews`], and [`ReadError::SitemapIndex`] with the sitemaps that it lists.
pub(super) fn read(
    text: &str,
    encoding: &'static str,
    base: Option<Arc<Url>>,
    mut mends: Mends,
) -> Result<Document, ReadError> {
    let address = base.clone();
    let mut reader = Reader::new(address.as_deref(), Weight::of_document(text.len()));
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next(&mut mends) {
        match token {
            Token::Start { name, form, .. } => reader.start(name, form),
            Token::End { name } => reader.end(name),
            Token::Text(text) => reader.text(&decode(text)),
            Token::Cdata(text) => reader.text(text),
        }
        if reader.weight.is_full() {
            mends.add(Fault::TooManyEntries);
            reader.open.clear();
            break;
        }
    }
    if reader.is_index {
        return Err(ReadError::SitemapIndex { listed: reader.listed });
    }
    if !reader.open.is_empty() {
        mends.add(Fault::CutShort);
        reader.post = None;
    }
    if !reader.has_news {
        return Err(ReadError::NoNews);
    }
    let head = Fields {
        title: reader.publication.map(Markup::Text),
        language: reader.language,
        base: base.clone(),
        ..Fields::default()
    };
    let mended = mends.list();
    Ok(Document {
        format: Format::Sitemap,
        encoding,
        base,
        head,
        channel: Default::default(),
        posts: reader.posts,
        mended,
    })
}

#[derive(Debug)]
struct Reader<'a> {
    base: Option<&'a Url>,
    /// Names of the open elements without their prefixes.
    open: Vec<String>,
    text: String,
    post: Option<Post>,
    /// The open `url` has a `news:news`.
    is_news: bool,
    posts: Vec<Post>,
    weight: Weight,
    has_news: bool,
    /// Name and language of the first publication.
    publication: Option<String>,
    language: Option<String>,
    is_index: bool,
    listed: Vec<Url>,
}

impl<'a> Reader<'a> {
    fn new(base: Option<&'a Url>, weight: Weight) -> Self {
        Self {
            base,
            open: Vec::new(),
            text: String::new(),
            post: None,
            is_news: false,
            posts: Vec::new(),
            weight,
            has_news: false,
            publication: None,
            language: None,
            is_index: false,
            listed: Vec::new(),
        }
    }

    fn start(&mut self, name: &str, form: TagForm) {
        let name = local(name);
        self.text.clear();
        match name.as_str() {
            "sitemapindex" if self.open.is_empty() => self.is_index = true,
            // Also if the one before it was never closed.
            "url" => {
                self.open.truncate(1);
                (self.post, self.is_news) = (Some(Post::default()), false);
            }
            "news" => self.is_news = true,
            _ => {}
        }
        if form == TagForm::Open && self.open.len() < DEEPEST {
            self.open.push(name);
        }
    }

    fn text(&mut self, text: &str) {
        if self.text.len() + text.len() <= limits::VALUE_BYTES {
            self.text.push_str(text);
        }
    }

    fn end(&mut self, name: &str) {
        let name = local(name);
        let Some(at) = self.open.iter().rposition(|open| *open == name) else { return };
        let parent = at.checked_sub(1).map(|parent| self.open[parent].clone()).unwrap_or_default();
        self.open.truncate(at);
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if name == "url" {
            self.close();
        } else if !text.is_empty() {
            self.take(&parent, &name, text);
        }
    }

    fn close(&mut self) {
        let Some(mut post) = self.post.take().filter(|_| self.is_news) else { return };
        self.has_news = true;
        post.fields.language = post.fields.language.take().or_else(|| self.language.clone());
        self.weight.add(&post);
        self.posts.push(post);
    }

    fn take(&mut self, parent: &str, name: &str, text: &str) {
        if (parent, name) == ("sitemap", "loc") && self.listed.len() < MOST_LISTED {
            self.listed.extend(web_url(text, self.base));
        }
        let Some(Post { fields, .. }) = &mut self.post else { return };
        match (parent, name) {
            ("url", "loc") => fields.link = Some(resolve::address(text, self.base)),
            ("url", "lastmod") => fields.updated = parse_date(text),
            ("news", "title") => fields.title = Some(Markup::Text(text.to_owned())),
            ("news", "publication_date") => fields.published = parse_date(text),
            ("news", "keywords") => add_keywords(&mut fields.categories, text),
            ("image", "loc") => draft::add(&mut fields.images, resolve::address(text, self.base)),
            ("publication", "language") => {
                let language = limits::cut(text, limits::LANGUAGE_BYTES);
                fields.language = Some(language.to_owned());
                self.language.get_or_insert_with(|| language.to_owned());
            }
            ("publication", "name") => {
                self.publication.get_or_insert_with(|| text.to_owned());
            }
            _ => {}
        }
    }
}

fn add_keywords(known: &mut Vec<Category>, text: &str) {
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if known.len() >= MOST_KEYWORDS {
            return;
        }
        draft::add(known, Category { term: Some(word.to_owned()), ..Category::default() });
    }
}

/// A name without its prefix, in lower case.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::read as read_document;
    use super::super::{Headers, Input};
    use super::*;

    fn read(text: &str) -> Result<Document, ReadError> {
        let url = Url::parse("https://news.example/map.xml").unwrap();
        let input = Input { bytes: text.as_bytes(), url: Some(&url), headers: Headers::default(), ..Input::default() };
        read_document(&input)
    }

    fn urlset(inside: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">{inside}</urlset>"
        )
    }

    const ONE: &str = "<url><loc>https://news.example/a?x=1&amp;y=2</loc><lastmod>2026-03-02T09:00:00Z</lastmod><news:news>\
        <news:publication><news:name>The Example</news:name><news:language>de</news:language></news:publication>\
        <news:publication_date>2026-03-01T08:00:00+01:00</news:publication_date>\
        <news:title><![CDATA[Eulen & Käuze]]></news:title><news:keywords>owls, birds,,</news:keywords></news:news>\
        <image:image><image:loc>/owl.jpg</image:loc></image:image></url>";

    #[test]
    fn title_date_language_and_name_are_read() {
        let document = read(&urlset(ONE)).unwrap();
        assert_eq!((document.format, document.posts.len()), (Format::Sitemap, 1));
        assert_eq!(document.head.title, Some(Markup::Text("The Example".to_owned())));
        let fields = &document.posts[0].fields;
        assert_eq!(fields.link.as_deref(), Some("https://news.example/a?x=1&y=2"));
        assert_eq!(fields.title, Some(Markup::Text("Eulen & Käuze".to_owned())));
        assert_eq!(fields.language.as_deref(), Some("de"));
        assert_eq!(fields.published.unwrap().to_string(), "2026-03-01T07:00:00Z");
        assert_eq!(fields.updated.unwrap().to_string(), "2026-03-02T09:00:00Z");
        assert_eq!(fields.categories.len(), 2);
        assert_eq!(fields.images, ["https://news.example/owl.jpg"]);
    }

    #[test]
    fn any_prefix_counts_and_pages_that_are_no_news_do_not() {
        let other = ONE.replace("news:", "n:").replace("/a?", "/b?");
        let page = "<url><loc>https://news.example/about</loc></url>";
        let document = read(&urlset(&format!("{ONE}{page}{other}"))).unwrap();
        assert_eq!(document.posts.len(), 2);
    }

    #[test]
    fn what_is_no_news_sitemap_is_told() {
        let plain = urlset("<url><loc>https://news.example/about</loc></url>");
        assert_eq!(read(&plain).unwrap_err(), ReadError::NoNews);
        let index = "<sitemapindex><sitemap><loc>/news.xml</loc></sitemap><sitemap><loc>/all.xml</loc></sitemap></sitemapindex>";
        let error = read(index).unwrap_err().to_string();
        assert_eq!(error, "it is an index of sitemaps, of https://news.example/news.xml, https://news.example/all.xml");
    }

    #[test]
    fn a_cut_one_gives_what_is_whole_and_says_so() {
        let whole = urlset(&format!("{ONE}{ONE}"));
        let document = read(&whole[..whole.len() - 150]).unwrap();
        assert_eq!(document.posts.len(), 1);
        assert!(document.mended.iter().any(|mend| mend.fault == Fault::CutShort));
        let unclosed = urlset(&format!("{}{ONE}", ONE.replace("</url>", "")));
        assert_eq!(read(&unclosed).unwrap().posts.len(), 1);
    }

    #[test]
    fn a_hostile_one_is_bounded() {
        let deep = urlset(&"<url><news:news>".repeat(200_000));
        assert_eq!(read(&deep).unwrap_err(), ReadError::NoNews);
        let many = urlset(&"<url><loc>/a</loc><n:news/></url>".repeat(30_000));
        assert_eq!(read(&many).unwrap().posts.len(), super::super::document::MOST_ENTRIES);
        let long =
            urlset(&format!("<url><loc>/a</loc><n:news><n:title>{}</n:title></n:news></url>", "x".repeat(1_000_000)));
        assert_eq!(read(&long).unwrap().posts[0].fields.title, None);
    }

    #[test]
    fn pictures_and_keywords_of_an_article_are_bounded() {
        let pictures: String = (0..150_000).map(|n| format!("<i:image><i:loc>{n}</i:loc></i:image>")).collect();
        let same = "<i:image><i:loc>/a</i:loc></i:image>".repeat(1_000);
        let words: String = (0..150_000).map(|n| format!("<n:keywords>{n},{n},a</n:keywords>")).collect();
        let document = read(&urlset(&format!("<url><n:news>{same}{pictures}{words}</n:news></url>"))).unwrap();
        let fields = &document.posts[0].fields;
        assert_eq!((fields.images.len(), fields.categories.len()), (200, MOST_KEYWORDS));
        assert_eq!((&*fields.images[0], &*fields.images[1]), ("https://news.example/a", "https://news.example/0"));
    }

    #[test]
    fn laden_articles_are_read_until_they_weigh_too_much() {
        let pictures: String = (0..200).map(|n| format!("<i:image><i:loc>{n}</i:loc></i:image>")).collect();
        let document = read(&urlset(&format!("<url><n:news/>{pictures}</url>").repeat(1_500))).unwrap();
        assert!(document.posts.len() < 1_500, "{}", document.posts.len());
        assert!(document.mended.iter().any(|mend| mend.fault == Fault::TooManyEntries));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(inside in "(<url>|</url>|<n:news>|</n:news>|<loc>|</loc>|<n:title/>|&|x|<!\\[CDATA\\[|\\]\\]>){0,60}") {
            let _ = read(&urlset(&inside));
        }
    }
}
