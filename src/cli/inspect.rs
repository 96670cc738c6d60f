use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::console::json_line;
use super::exit::Exit;
use super::session::Session;
use super::{article, console, one_document};
use crate::extract::{Choice, Page};
use crate::gather::{ProbeKind, Probed};
use crate::model::{Markup, Person, SignalKind};
use crate::parse::{Category, Content, Document, Fields, Headers, Input, Link, Media, Post, read};
use crate::rights;
use crate::text::{Selector, canonical_of, for_terminal, plain_text_within, sanitize_to_inspect, web_url};

/// Show what is read from a feed, for people or for a program
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The feed: a file or an address, `-` for standard input
    #[arg(value_name = "FILE|URL", required_unless_present_any = ["server", "canonical"])]
    feed: Option<PathBuf>,

    /// Print one JSON document
    #[arg(long)]
    json: bool,

    /// Read the file as if it came from this address
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Read the file as if it came with this response header
    #[arg(long = "header", value_name = "NAME:VALUE")]
    headers: Vec<String>,

    /// Show the article behind a page, not a feed
    #[arg(long, conflicts_with = "canonical")]
    article: bool,

    /// With --article: where its body is, as a CSS selector
    #[arg(long, value_name = "CSS", requires = "article")]
    select: Option<Selector>,

    /// With --article: what does not belong to it, as a CSS selector
    #[arg(long, value_name = "CSS", requires = "article")]
    remove: Vec<Selector>,

    /// Answer requests: a JSON line {"file", "url", "headers"} in, a JSON document a line out
    #[arg(long, conflicts_with_all = ["feed", "json", "url", "headers"])]
    server: bool,

    /// Print the key of each address: addresses with the same key are the same article
    #[arg(long, value_name = "URL", num_args = 1.., conflicts_with_all = ["feed", "json", "url", "headers", "server"])]
    canonical: Vec<String>,
}

/// A body with what is known about it, from a file or from the network.
#[derive(Debug, Default)]
struct Body {
    bytes: Vec<u8>,
    url: Option<Url>,
    headers: Vec<(String, String)>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    if args.server {
        return if args.article { article::serve() } else { serve() };
    }
    if !args.canonical.is_empty() {
        return Ok(print_canonical(&args.canonical));
    }
    let Some(feed) = &args.feed else { bail!("name a file or an address") };
    let body = match feed.to_str().and_then(|feed| web_url(feed, None)) {
        Some(url) if args.article => from_web(session, url.as_str(), ProbeKind::Page)?,
        Some(url) => from_web(session, url.as_str(), ProbeKind::Feed)?,
        None => from_file(feed, args)?,
    };
    let mut out = std::io::stdout().lock();
    if args.article {
        let url = body.url.clone().unwrap_or_else(|| article::address(None));
        let headers: Vec<(String, Vec<u8>)> =
            body.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone().into_bytes())).collect();
        let page = Page { url: &url, bytes: &body.bytes, headers: &headers };
        let choice = Choice { select: args.select.as_ref(), remove: &args.remove };
        return if args.json {
            article::show_json(&page, &choice, &mut out)
        } else {
            article::show(&page, &choice, &mut out)
        };
    }
    let read = body.read();
    if args.json {
        console::print_json(&answer(read.as_ref().map_err(ToString::to_string)));
        return Ok(if read.is_ok() { Exit::Current } else { Exit::Nothing });
    }
    let document = read.with_context(|| for_terminal(&feed.display().to_string()).into_owned())?;
    show(&document, &mut out)?;
    Ok(Exit::Current)
}

/// Fetches `url` as a pass would, by the `[fetch]` of feeds.toml if there is one.
fn from_web(session: &Session, url: &str, kind: ProbeKind) -> Result<Body> {
    let Probed { fetched, signals } = one_document::fetch(session, url, kind)?;
    let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
    let mut headers: Vec<_> = fetched.headers.into_iter().map(|(name, value)| (name, text(value))).collect();
    // What the host reserves for the page counts as if the page's own answer stated it.
    let reserved = signals.into_iter().filter(|signal| signal.kind == SignalKind::TdmReservation);
    headers.extend(reserved.map(|signal| ("tdm-reservation".to_owned(), signal.value)));
    Ok(Body { bytes: fetched.bytes, url: Some(fetched.url), headers })
}

fn print_canonical(addresses: &[String]) -> Exit {
    let mut exit = Exit::Current;
    for address in addresses {
        match canonical_of(address) {
            Ok(key) => console::print(&for_terminal(&key)),
            Err(error) => {
                console::note(&format!("error: {}: {error}", for_terminal(address)));
                exit = Exit::Usage;
            }
        }
    }
    exit
}

fn from_file(feed: &Path, args: &Args) -> Result<Body> {
    let mut bytes = Vec::new();
    if feed.as_os_str() == "-" {
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).context("standard input")?;
    } else {
        bytes = article::from_file(feed)?;
    }
    let url = args.url.as_deref().map(|url| Url::parse(url).with_context(|| format!("--url {url}"))).transpose()?;
    let headers = args.headers.iter().map(|header| {
        let (name, value) = header.split_once(':').with_context(|| format!("--header {header:?} has no colon"))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    });
    Ok(Body { bytes, url, headers: headers.collect::<Result<_>>()? })
}

impl Body {
    fn read(&self) -> Result<Document, crate::parse::ReadError> {
        let header = |name: &str| {
            self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        };
        read(&Input {
            bytes: &self.bytes,
            url: self.url.as_ref(),
            headers: Headers {
                content_type: header("content-type"),
                content_location: header("content-location"),
                content_language: header("content-language"),
            },
            ..Input::default()
        })
    }
}

/// One request of `--server`.
#[derive(Debug, Deserialize)]
struct Request {
    file: PathBuf,
    url: Option<String>,
    headers: Option<serde_json::Map<String, Value>>,
}

/// Answers every line, whatever it holds; ends when standard input does.
fn serve() -> Result<Exit> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.context("standard input")?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read = request(&line).and_then(|body| body.read().map_err(|error| error.to_string()));
        writeln!(out, "{}", json_line(&answer(read.as_ref().map_err(Clone::clone))))?;
        out.flush()?;
    }
    Ok(Exit::Current)
}

fn request(line: &[u8]) -> Result<Body, String> {
    let request: Request = serde_json::from_slice(line)
        .map_err(|error| format!("the request is not a JSON object with a file: {error}"))?;
    let bytes = std::fs::read(&request.file).map_err(|error| format!("{}: {error}", request.file.display()))?;
    let headers = request.headers.unwrap_or_default().into_iter();
    let headers = headers.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    Ok(Body { bytes, url: request.url.and_then(|url| Url::parse(&url).ok()), headers: headers.collect() })
}

/// The JSON document: `{"ok":true, …}` or `{"ok":false,"error":"…"}`.
fn answer(read: Result<&Document, String>) -> Value {
    let document = match read {
        Ok(document) => document,
        Err(error) => return json!({"ok": false, "error": error}),
    };
    let channel = &document.channel;
    let mut feed = fields(&document.head);
    feed["description"] = feed["summary"].take();
    feed["ttl"] = json!(channel.ttl);
    feed["hub"] = json!(document.feed().hubs.iter().map(Url::as_str).collect::<Vec<_>>());
    feed["denies_republishing"] = json!(document.head.signals.iter().any(rights::forbids_all));
    json!({
        "ok": true,
        "error": null,
        "format": document.format.as_str(),
        "encoding": document.encoding,
        "feed": feed,
        "entries": document.posts.iter().map(entry).collect::<Vec<_>>(),
        "mended": document.mended.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn entry(post: &Post) -> Value {
    let mut entry = fields(&post.fields);
    entry["image"] = json!(post.image());
    entry["guid_is_permalink"] = json!(post.fields.id_is_permalink);
    entry["cut_short"] = json!(post.cut_short);
    entry["source"] = post.source.as_deref().map_or(Value::Null, |source| {
        let mut value = fields(source);
        value["description"] = value["summary"].clone();
        value
    });
    entry
}

fn fields(fields: &Fields) -> Value {
    let markup = |value: Option<&Markup>| value.map(|value| safe(value, fields));
    let content = fields.contents.first();
    json!({
        "id": fields.id,
        "title": markup(fields.title.as_ref()),
        "link": fields.link,
        "summary": markup(fields.summary.as_ref()),
        "content": markup(content.map(|content| &content.value)),
        "content_type": content.map(|content: &Content| &*content.media_type),
        "content_src": content.and_then(|content| content.src.as_deref()),
        "published": fields.published.map(|at| at.to_string()),
        "updated": fields.updated.map(|at| at.to_string()),
        "created": fields.created.map(|at| at.to_string()),
        "authors": fields.authors.iter().map(person).collect::<Vec<_>>(),
        "contributors": fields.contributors.iter().map(person).collect::<Vec<_>>(),
        "publishers": fields.publishers.iter().map(person).collect::<Vec<_>>(),
        "categories": fields.categories.iter().map(category).collect::<Vec<_>>(),
        "enclosures": fields.enclosures.iter().map(enclosure).collect::<Vec<_>>(),
        "links": fields.links.iter().map(link).collect::<Vec<_>>(),
        "image": fields.images.first(),
        "icon": fields.icon,
        "logo": fields.logo,
        "language": fields.language,
        "rights": markup(fields.rights.as_ref()),
        "license": fields.licenses.first(),
        "signals": fields.signals.iter().map(super::rights::signal).collect::<Vec<_>>(),
        "comments": fields.comments,
        "generator": fields.generator,
    })
}

/// A text as it may be output: HTML cleaned, plain text as it is or, if a reader might take it for
/// HTML, escaped.
fn safe(value: &Markup, of: &Fields) -> String {
    match value {
        Markup::Html(html) => sanitize_to_inspect(html, of.base.as_deref()),
        Markup::Text(text) if text.contains('<') => {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
        }
        Markup::Text(text) => text.clone(),
    }
}

fn person(person: &Person) -> Value {
    json!({"name": person.name, "email": person.email, "uri": person.uri})
}

fn category(category: &Category) -> Value {
    json!({"term": category.term, "scheme": category.scheme, "label": category.label})
}

fn enclosure(media: &Media) -> Value {
    json!({"url": media.url, "type": media.media_type, "length": media.length})
}

fn link(link: &Link) -> Value {
    json!({
        "href": link.href, "rel": link.rel, "type": link.media_type,
        "title": link.title, "hreflang": link.hreflang, "length": link.length,
    })
}

/// What the operator wants to see: the feed in a few lines, what was mended, the entries one by one.
fn show(document: &Document, out: &mut impl Write) -> Result<()> {
    let feed = document.feed();
    let line = |name: &str, value: Option<String>| {
        value.map(|value| format!("{name:<12}{}\n", for_terminal(&value))).unwrap_or_default()
    };
    let mut text = String::new();
    text += &line("title", feed.title);
    text += &line("link", feed.link.map(String::from));
    text += &line("description", feed.description.map(|text| plain_text_within(&text, 200)));
    text += &line("format", Some(format!("{}, {}", document.format.as_str(), document.encoding)));
    text += &line("language", feed.language);
    text += &line("rights", feed.rights);
    text += &line("updated", feed.updated.map(|at| at.to_string()));
    text += &line("entries", Some(document.posts.len().to_string()));
    for mend in &document.mended {
        text += &line("mended", Some(mend.to_string()));
    }
    for post in &document.posts {
        let fields = &post.fields;
        let date = fields
            .published
            .or(fields.updated)
            .map_or_else(|| "undated".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string());
        let title =
            fields.title.as_ref().map_or_else(|| "(no title)".to_owned(), |title| plain_text_within(title.raw(), 200));
        let cut = if post.cut_short { "  (cut short)" } else { "" };
        text += &format!("\n{date}  {}{cut}\n", for_terminal(&title));
        text += &line("", fields.link.clone());
    }
    out.write_all(text.as_bytes())?;
    Ok(())
}
