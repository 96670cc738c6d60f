//! A file as it is served: its type, its validators, its encodings.

use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use brotli::BrotliCompress;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use hyper::header::HeaderValue;

use super::encoding::Encoding;
use super::watch::{FileStamp, Stamp};
use crate::config::Format;
use crate::text::{content_hash, content_name};

/// Smaller files fit into one packet as they are.
const LEAST_ENCODED_BYTES: usize = 600;
/// Of smaller pages of stories and days Brotli saves a packet at most, and there are thousands of them.
const LEAST_BROTLI_BYTES: usize = 32 * 1024;
/// Brotli's quality: above it, a megabyte takes seconds for one or two per cent.
const BROTLI_QUALITY: i32 = 7;
/// Brotli's window, as a power of two: 4 MiB, more than the largest feed.
const BROTLI_WINDOW: i32 = 22;
/// What a page may do that says nothing of it itself: no output holds a script.
const USUAL_POLICY: &str = "script-src 'none'; object-src 'none'; base-uri 'none'";
/// What a page cannot say of itself: nobody may show it inside another.
const FRAMES: &str = "; frame-ancestors 'none'";

/// One file, in every encoding that makes it smaller.
#[derive(Debug)]
pub(super) struct Page {
    /// `Content-Type`.
    pub(super) media_type: HeaderValue,
    /// What it is to a browser.
    pub(super) kind: Kind,
    /// `Last-Modified`, …
    pub(super) last_modified: HeaderValue,
    /// … and the same in seconds since 1970.
    pub(super) changed_s: u64,
    /// What tells the file from its next version.
    pub(super) stamp: Stamp,
    /// SHA-256 of the file.
    pub(super) hash: [u8; 32],
    pub(super) identity: Variant,
    pub(super) gzip: Option<Variant>,
    pub(super) brotli: Option<Variant>,
}

/// What a file is to a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any page of any site may read it: a feed, a list of sources.
    Feed,
    /// It is shown, under this `Content-Security-Policy`.
    Page(HeaderValue),
    /// Its name says what is in it: it never changes.
    Named,
    /// Anything else.
    Other,
}

/// A file in one encoding.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    /// `ETag`: strong, and different in each encoding.
    pub(super) tag: HeaderValue,
    pub(super) bytes: Bytes,
}

impl Page {
    /// The file `name` of an output in `format` (`None`: it belongs to one), as `stamp` says.
    pub(super) fn new(name: &str, format: Option<Format>, bytes: Vec<u8>, stamp: FileStamp) -> Self {
        let changed_s = stamp.changed_s();
        let hash = content_hash(&bytes);
        let (media_type, is_text) = media_type(name, format);
        let kind = if is_named_by(&hash, name) { Kind::Named } else { kind(media_type, &bytes) };
        let encoded = |least: usize, encode: fn(&[u8]) -> Option<Vec<u8>>, suffix| {
            let is_worth_it = is_text && bytes.len() >= least;
            is_worth_it.then(|| smaller(encode(&bytes), &bytes, &hash, suffix)).flatten()
        };
        let gzip = encoded(LEAST_ENCODED_BYTES, in_gzip, "-gz");
        let least = if format.is_some() { LEAST_ENCODED_BYTES } else { LEAST_BROTLI_BYTES };
        let brotli = encoded(least, in_brotli, "-br");
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(changed_s));
        Self {
            media_type: HeaderValue::from_static(media_type),
            kind,
            last_modified: header_value(&date),
            changed_s,
            stamp: Some(stamp),
            hash,
            identity: Variant { tag: tag(&hash, ""), bytes: Bytes::from(bytes) },
            gzip,
            brotli,
        }
    }

    /// The encoding that is given to who prefers them in this order.
    pub(super) fn variant(&self, preferred: [Encoding; 3]) -> (Encoding, &Variant) {
        let available = |encoding| match encoding {
            Encoding::Identity => Some(&self.identity),
            Encoding::Gzip => self.gzip.as_ref(),
            Encoding::Brotli => self.brotli.as_ref(),
        };
        let found = preferred.into_iter().find_map(|encoding| Some((encoding, available(encoding)?)));
        found.unwrap_or((Encoding::Identity, &self.identity))
    }

    /// Whether there is more than one encoding of it.
    pub(super) fn varies(&self) -> bool {
        self.gzip.is_some() || self.brotli.is_some()
    }

    /// What it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let of = |variant: &Option<Variant>| variant.as_ref().map_or(0, |variant| variant.bytes.len());
        self.identity.bytes.len() + of(&self.gzip) + of(&self.brotli)
    }
}

/// `Content-Type`, and whether it is worth compressing.
fn media_type(name: &str, format: Option<Format>) -> (&'static str, bool) {
    match format {
        Some(Format::Rss) => ("application/rss+xml; charset=utf-8", true),
        Some(Format::Atom) => ("application/atom+xml; charset=utf-8", true),
        Some(Format::Json) => ("application/feed+json; charset=utf-8", true),
        Some(Format::Html | Format::About) => ("text/html; charset=utf-8", true),
        Some(Format::Opml) => ("text/x-opml; charset=utf-8", true),
        None => match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "html" | "htm" => ("text/html; charset=utf-8", true),
            "xml" => ("application/xml; charset=utf-8", true),
            "xsl" => ("text/xsl; charset=utf-8", true),
            "json" => ("application/json", true),
            "opml" => ("text/x-opml; charset=utf-8", true),
            "css" => ("text/css; charset=utf-8", true),
            "txt" => ("text/plain; charset=utf-8", true),
            "svg" => ("image/svg+xml", true),
            "png" => ("image/png", false),
            "jpg" | "jpeg" => ("image/jpeg", false),
            "webp" => ("image/webp", false),
            "ico" => ("image/vnd.microsoft.icon", false),
            _ => ("application/octet-stream", false),
        },
    }
}

/// Whether a file is called by the hash of what is in it, as copies of pictures are.
fn is_named_by(hash: &[u8; 32], name: &str) -> bool {
    let stem = name.rsplit('/').next().and_then(|name| name.strip_suffix(".jpg"));
    stem.is_some_and(|stem| stem.len() == 32 && stem == content_name(hash))
}

fn kind(media_type: &str, bytes: &[u8]) -> Kind {
    if media_type.starts_with("text/html") {
        let own = own_policy(&String::from_utf8_lossy(bytes)).unwrap_or_else(|| USUAL_POLICY.to_owned());
        return Kind::Page(HeaderValue::try_from(own + FRAMES).unwrap_or(HeaderValue::from_static(USUAL_POLICY)));
    }
    let is_feed = ["xml", "json", "opml"].iter().any(|what| media_type.contains(what)) && !media_type.contains("svg");
    if is_feed { Kind::Feed } else { Kind::Other }
}

/// What a page says in its head that it may do.
fn own_policy(page: &str) -> Option<String> {
    let head = page.split_once("</head").map_or(page, |(head, _)| head);
    head.split("<meta ").skip(1).find_map(|meta| {
        let meta = meta.split('>').next().unwrap_or_default();
        if !meta.to_ascii_lowercase().contains("http-equiv=\"content-security-policy\"") {
            return None;
        }
        let content = meta.split_once("content=\"")?.1.split('"').next()?;
        let content = content.trim().trim_end_matches(';').replace("&#39;", "'").replace("&amp;", "&");
        Some(content).filter(|content| !content.is_empty())
    })
}

fn in_gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn in_brotli(bytes: &[u8]) -> Option<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut encoded = Vec::new();
    BrotliCompress(&mut &*bytes, &mut encoded, &params).ok()?;
    Some(encoded)
}

/// `encoded`, if it is worth its header.
fn smaller(encoded: Option<Vec<u8>>, bytes: &[u8], hash: &[u8; 32], suffix: &str) -> Option<Variant> {
    let mut encoded = encoded.filter(|encoded| encoded.len() < bytes.len())?;
    encoded.shrink_to_fit();
    Some(Variant { tag: tag(hash, suffix), bytes: Bytes::from(encoded) })
}

fn tag(hash: &[u8; 32], suffix: &str) -> HeaderValue {
    header_value(&format!("\"{}{suffix}\"", content_name(hash)))
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("hex digits and dates are visible ASCII")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn every_encoding_holds_the_same_and_has_its_own_tag() {
        let text = "Each story once, every outlet credited. ".repeat(100).into_bytes();
        let page = Page::new("feed.xml", Some(Format::Rss), text.clone(), FileStamp::at(1));
        assert_eq!((page.changed_s, page.last_modified.as_bytes()), (1, &b"Thu, 01 Jan 1970 00:00:01 GMT"[..]));
        let (gzip, brotli) = (page.gzip.as_ref().unwrap(), page.brotli.as_ref().unwrap());
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&gzip.bytes[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
        let mut back = Vec::new();
        brotli_decompressor::Decompressor::new(&brotli.bytes[..], 4096).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
        let tags = [&page.identity.tag, &gzip.tag, &brotli.tag];
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
        let again = Page::new("feed.xml", Some(Format::Rss), text, FileStamp::at(0));
        assert_eq!(again.gzip.unwrap().tag, gzip.tag, "the content alone decides");
    }

    #[test]
    fn what_gains_nothing_is_not_encoded() {
        let small = Page::new("feed.xml", Some(Format::Rss), vec![b'a'; 100], FileStamp::at(0));
        assert!(!small.varies());
        assert!(!Page::new("a/preview.png", None, vec![0; 10_000], FileStamp::at(0)).varies());
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..2_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect();
        assert!(Page::new("x.txt", None, noise, FileStamp::at(0)).gzip.is_none());
    }

    #[test]
    fn a_page_has_the_policy_that_it_states_itself() {
        let policy = |page: &str| match Page::new("a.html", None, page.as_bytes().to_vec(), FileStamp::at(0)).kind {
            Kind::Page(policy) => policy.to_str().unwrap().to_owned(),
            other => panic!("{other:?}"),
        };
        let own = "<head><meta charset=utf-8><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src *;\"></head>";
        assert_eq!(policy(own), "default-src 'none'; img-src *; frame-ancestors 'none'");
        let usual = format!("{USUAL_POLICY}{FRAMES}");
        for other in ["", "<p>", "<head></head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src *\">"]
        {
            assert_eq!(policy(other), usual, "{other}");
        }
        assert_eq!(policy("<head><meta http-equiv=\"Content-Security-Policy\" content=\"a\u{1}b\">"), USUAL_POLICY);
    }
}
