//! A list of subscriptions (OPML, opml.org/spec2.opml) as real-world feed readers write it: nested folders, feeds
//! listed in several, attributes in any case, broken ends.

use std::borrow::Cow;

use super::error::{self, ReadError};
use super::mend::{Fault, Mends};
use super::token::{TagForm, Token, Tokens};
use super::{decode, json};
use crate::text::attrs::Attrs;
use crate::text::one_line;

/// Deeper folders add no tags; their feeds are still read.
const DEEPEST_FOLDER: usize = 16;
/// Most tags of a feed; more are left out.
const MOST_TAGS: usize = 16;
/// Most feeds of a list; more are left out.
const MOST_FEEDS: usize = 100_000;
/// Bytes that the tags of all feeds may take together; feeds after that have none. Every feed of a folder has its name.
const MOST_TAG_BYTES: usize = 16 * 1024 * 1024;

/// A list of feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Opml {
    /// The title of the list.
    pub(crate) title: Option<String>,
    /// Its feeds in the order of the document, as often as they occur in it.
    pub(crate) feeds: Vec<OpmlFeed>,
    /// Names of outlines that look like feeds and have no address.
    pub(crate) without_address: Vec<String>,
    /// Addresses of other lists that it includes; they are not followed.
    pub(crate) included: Vec<String>,
    /// Feeds that are commented out (`isComment`), by name or address.
    pub(crate) commented_out: Vec<String>,
    /// The document ends before its end tag.
    pub(crate) is_cut_short: bool,
    /// The bytes are not in the declared encoding, or some mean nothing in it.
    pub(crate) is_misdeclared: bool,
}

/// One feed of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpmlFeed {
    /// Its address as written.
    pub(crate) url: String,
    pub(crate) name: Option<String>,
    /// The folders it is in, the outermost first, and its categories.
    pub(crate) tags: Vec<String>,
}

/// Why no list was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpmlError {
    /// It is something else; what, in a sentence.
    #[error("it is not a list of feeds (OPML): {0}")]
    Other(String),
}

/// Reads a list of feeds.
///
/// # Errors
/// [`OpmlError`]: the document is of a different kind. A broken one is read as far as possible.
pub(crate) fn read_opml(bytes: &[u8], content_type: Option<&str>) -> Result<Opml, OpmlError> {
    error::refuse_bytes(bytes).map_err(|why| OpmlError::Other(why.to_string()))?;
    let mut mends = Mends::default();
    let decoded = decode::decode(bytes, None, content_type, &mut mends);
    let mut reader = Reader::default();
    let mut tokens = Tokens::new(&decoded.text);
    while let Some(token) = tokens.next(&mut mends) {
        reader.take(token);
    }
    if !reader.is_opml {
        return Err(OpmlError::Other(what_it_is(&decoded.text, reader.root)));
    }
    let faults = mends.list();
    let is_misdeclared = faults.iter().any(|mend| matches!(mend.fault, Fault::WrongEncoding | Fault::UndecodableByte));
    Ok(Opml { is_cut_short: !reader.is_closed, is_misdeclared, ..reader.opml })
}

fn what_it_is(text: &str, root: Option<&str>) -> String {
    if json::candidate(text).is_some() {
        return "it is JSON".to_owned();
    }
    match root {
        Some(root) if ["rss", "feed", "rdf:rdf", "channel"].contains(&&*root.to_lowercase()) => {
            "it is a feed itself".to_owned()
        }
        root => match error::refuse_text(text, root, None) {
            ReadError::Page { title: Some(title), .. } => format!("it is a web page ({title:?})"),
            ReadError::Page { .. } => "it is a web page".to_owned(),
            other => other.to_string(),
        },
    }
}

#[derive(Debug, Default)]
struct Reader<'a> {
    opml: Opml,
    /// The first element.
    root: Option<&'a str>,
    is_opml: bool,
    is_closed: bool,
    /// Open outlines, with the name of each that is a folder.
    open: Vec<Option<String>>,
    /// So many are open around an outline that is commented out with all that is in it.
    commented_at: Option<usize>,
    in_title: bool,
    tag_bytes: usize,
    attrs: Attrs<'a>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, token: Token<'a>) {
        match token {
            Token::Start { name, attrs, form } => self.start(name, attrs, form),
            Token::End { name } if name.eq_ignore_ascii_case("outline") => {
                self.open.pop();
                self.commented_at = self.commented_at.filter(|depth| self.open.len() > *depth);
            }
            Token::End { name } => {
                self.in_title = false;
                self.is_closed |= name.eq_ignore_ascii_case("opml");
            }
            Token::Text(text) if self.in_title => {
                let text = crate::text::attrs::decode(text);
                self.opml.title = self.opml.title.take().or_else(|| one_line(&text));
            }
            Token::Cdata(text) if self.in_title => {
                self.opml.title = self.opml.title.take().or_else(|| one_line(text));
            }
            Token::Text(_) | Token::Cdata(_) => {}
        }
    }

    fn start(&mut self, name: &'a str, raw: &'a str, form: TagForm) {
        self.root = self.root.or(Some(name));
        self.is_opml |= name.eq_ignore_ascii_case("opml") || name.eq_ignore_ascii_case("outline");
        self.in_title = name.eq_ignore_ascii_case("title") && form == TagForm::Open;
        if !name.eq_ignore_ascii_case("outline") {
            return;
        }
        self.attrs.read(raw);
        // Some readers write what they read from a feed without decoding it.
        let named = self.attrs.first(&["title", "text"]).and_then(|name| one_line(&crate::text::attrs::decode(&name)));
        let kind = self.attrs.filled("type").unwrap_or_default().to_lowercase();
        let is_feed = matches!(&*kind, "rss" | "atom" | "feed" | "rss1" | "rss2" | "pie" | "json");
        let url = self.attrs.filled("xmlurl").or_else(|| self.attrs.filled("url").filter(|_| is_feed));
        let is_comment = self.attrs.filled("iscomment").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        match url {
            _ if is_comment || self.commented_at.is_some() => {
                let name = named.clone().or(url.map(|url| url.trim().to_owned()));
                self.opml.commented_out.extend(name.filter(|_| is_feed || self.attrs.filled("xmlurl").is_some()));
            }
            _ if kind == "include" => self.opml.included.extend(self.attrs.filled("url").map(Cow::into_owned)),
            Some(_) if self.opml.feeds.len() == MOST_FEEDS => {}
            Some(url) => {
                let url = url.trim().to_owned();
                let tags = if self.tag_bytes < MOST_TAG_BYTES { self.tags() } else { Vec::new() };
                self.tag_bytes += tags.iter().map(String::len).sum::<usize>();
                self.opml.feeds.push(OpmlFeed { url, name: named.clone(), tags });
            }
            None if is_feed => self.opml.without_address.push(named.clone().unwrap_or_default()),
            None => {}
        }
        if form == TagForm::Open {
            let is_folder = !is_feed && self.attrs.filled("xmlurl").is_none();
            if is_comment && self.commented_at.is_none() {
                self.commented_at = Some(self.open.len());
            }
            self.open.push(named.filter(|_| is_folder));
        }
    }

    /// The folders around an outline and its own categories, each once.
    fn tags(&self) -> Vec<String> {
        let categories = self.attrs.filled("category").unwrap_or_default();
        let categories = categories.split([',', '/']).filter_map(one_line);
        let folders = self.open.iter().take(DEEPEST_FOLDER).flatten().cloned();
        let mut tags: Vec<String> = Vec::new();
        for tag in folders.chain(categories) {
            if tags.len() == MOST_TAGS {
                break;
            }
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each feed as `address|name|tags`.
    #[track_caller]
    fn check(document: &str, want: &[&str]) -> Opml {
        let opml = read_opml(document.as_bytes(), None).unwrap();
        let got: Vec<String> = opml
            .feeds
            .iter()
            .map(|feed| format!("{}|{}|{}", feed.url, feed.name.as_deref().unwrap_or("-"), feed.tags.join(",")))
            .collect();
        assert_eq!(got, want);
        opml
    }

    #[test]
    fn folders_become_tags_and_attributes_are_read_in_any_case() {
        let opml = check(
            "<?xml version=\"1.0\"?><opml version=\"1.0\"><head><title>My &amp; list</title></head><body>\
             <outline text=\"Tech\" title=\"Tech &amp; more\"><outline text=\"Deep\">\
             <outline type=\"rss\" text=\"A\" xmlUrl=\"https://a.example/?x=1&amp;y=2\" htmlUrl=\"https://a.example/\"/>\
             </outline><OUTLINE TYPE='RSS' TEXT='B' XMLURL='https://b.example/'></OUTLINE></outline>\
             <outline xmlUrl=\"https://c.example/\" category=\"/News/World,Daily\"/></body></opml>",
            &[
                "https://a.example/?x=1&y=2|A|Tech & more,Deep",
                "https://b.example/|B|Tech & more",
                "https://c.example/|-|News,World,Daily",
            ],
        );
        assert_eq!(opml.title.as_deref(), Some("My & list"));
        assert!(!opml.is_cut_short && !opml.is_misdeclared);
    }

    #[test]
    fn what_is_no_feed_is_told_apart() {
        let opml = check(
            "<opml><body><outline type=\"rss\" text=\"No address\"/><outline text=\"empty folder\"></outline>\
             <outline type=\"include\" url=\"https://other.example/list.opml\"/><outline type=\"link\" url=\"https://l.example/\"/>\
             <outline type=\"atom\" url=\"https://a.example/\" text=\"x\n y\"/>",
            &["https://a.example/|x y|"],
        );
        assert_eq!(opml.without_address, ["No address"]);
        assert_eq!(opml.included, ["https://other.example/list.opml"]);
        assert!(opml.is_cut_short);
    }

    #[test]
    fn what_is_commented_out_is_no_feed_nor_is_what_is_in_it() {
        let opml = check(
            "<opml><body><outline text=\"Off\" isComment=\"true\"><outline type=\"rss\" text=\"a\" xmlUrl=\"https://a.example/\"/>\
             <outline text=\"deeper\"><outline xmlUrl=\"https://b.example/\"/></outline></outline>\
             <outline type=\"rss\" text=\"c\" isComment=\"True\" xmlUrl=\"https://c.example/\"></outline>\
             <outline type=\"rss\" text=\"d\" isComment=\"false\" xmlUrl=\"https://d.example/\"/></body></opml>",
            &["https://d.example/|d|"],
        );
        assert_eq!(opml.commented_out, ["a", "https://b.example/", "c"]);
    }

    #[test]
    fn a_list_made_to_burst_is_cut() {
        let long = "x".repeat(100_000);
        let mut document = format!("<opml><body><outline text=\"{long}\"><outline text=\"a\u{202e}b\">");
        for number in 0..3_000 {
            document.push_str(&format!("<outline xmlUrl=\"https://a.example/{number}\"/>"));
        }
        let many: String = (0..20_000).map(|number| format!("t{number},")).collect();
        document.push_str(&format!("<outline xmlUrl=\"https://b.example/\" category=\"{many}\"/></body></opml>"));
        let opml = read_opml(document.as_bytes(), None).unwrap();
        assert_eq!(opml.feeds.len(), 3_001);
        assert_eq!(opml.feeds[0].tags, [&long[..100], "a b"]);
        assert_eq!(opml.feeds[3_000].tags.len(), MOST_TAGS);
    }

    #[test]
    fn what_is_no_list_is_named() {
        for (document, want) in [
            ("", "empty"),
            ("<rss><channel/></rss>", "a feed itself"),
            ("<!doctype html><html><title>Hi</title></html>", "a web page (\"Hi\")"),
            ("{\"items\": []}", "JSON"),
            ("just words", "plain text"),
            ("<other/>", "<other>"),
        ] {
            let error = read_opml(document.as_bytes(), None).unwrap_err().to_string();
            assert!(error.contains(want), "{document}: {error}");
        }
    }
}
