//! `inspect --article`: the article behind a page, and what each step found on the way to it.

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::console::json_line;
use super::exit::Exit;
use super::plural::count;
use crate::extract::{Choice, Look, Page, Way, look, read};
use crate::model::Article;
use crate::publish::excerpt_of_article;
use crate::text::{for_terminal, web_url};

/// Longest excerpt in an answer, in characters: the default of a source.
const EXCERPT_CHARS: usize = 280;
/// A page is not read beyond this many bytes.
const LONGEST_BYTES: u64 = 32 * 1024 * 1024;

/// One request of `inspect --article --server`.
#[derive(Debug, Deserialize)]
struct Request {
    id: Option<Value>,
    file: PathBuf,
    url: Option<String>,
}

/// Answers every line, whatever it holds; ends when standard input does.
pub(super) fn serve() -> Result<Exit> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.context("standard input")?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        writeln!(out, "{}", json_line(&answer_line(&line)))?;
        out.flush()?;
    }
    Ok(Exit::Current)
}

fn answer_line(line: &[u8]) -> Value {
    let request: Request = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => {
            return json!({"id": null, "error": format!("the request is not a JSON object with a file: {error}")});
        }
    };
    let read = from_file(&request.file).map_err(|error| format!("{error:#}")).and_then(|bytes| {
        let url = address(request.url.as_deref());
        read(&Page { url: &url, bytes: &bytes, headers: &[] }, &Choice::default()).map_err(|error| error.to_string())
    });
    match read {
        Ok(article) => answer(&request.id, &article),
        Err(error) => json!({"id": request.id, "error": error}),
    }
}

/// The address of the page that a file holds: the one given, or one that leads nowhere.
pub(super) fn address(given: Option<&str>) -> Url {
    given
        .and_then(|url| web_url(url, None))
        .unwrap_or_else(|| Url::parse("https://page.invalid/page").expect("constant"))
}

fn answer(id: &Option<Value>, article: &Article) -> Value {
    json!({
        "id": id,
        "title": article.title,
        "byline": article.byline,
        "date": article.published.map(|at| at.to_string()),
        "site": article.site,
        "image": article.image.as_ref().map(Url::as_str),
        "excerpt": excerpt_of_article(article, EXCERPT_CHARS),
        "body": article.text,
    })
}

/// The bytes of a saved page, inflated if gzipped.
pub(super) fn from_file(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    file.take(LONGEST_BYTES).read_to_end(&mut bytes).with_context(|| path.display().to_string())?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut inflated = Vec::new();
        let inflate = flate2::read::GzDecoder::new(&*bytes).take(LONGEST_BYTES).read_to_end(&mut inflated);
        inflate.with_context(|| format!("{}: a broken gzip file", path.display()))?;
        bytes = inflated;
    }
    Ok(bytes)
}

/// What the operator wants to see: what is believed, what else the page claims, and the body.
pub(super) fn show(page: &Page<'_>, choice: &Choice<'_>, out: &mut impl Write) -> Result<Exit> {
    let look = look(page, choice).with_context(|| for_terminal(page.url.as_str()).into_owned())?;
    out.write_all(in_words(&look).as_bytes())?;
    Ok(Exit::Current)
}

/// The same for a program, as one JSON document.
pub(super) fn show_json(page: &Page<'_>, choice: &Choice<'_>, out: &mut impl Write) -> Result<Exit> {
    match look(page, choice) {
        Ok(look) => {
            writeln!(out, "{}", json_line(&whole(&look)))?;
            Ok(Exit::Current)
        }
        Err(error) => {
            writeln!(out, "{}", json_line(&json!({"ok": false, "error": error.to_string()})))?;
            Ok(Exit::Nothing)
        }
    }
}

/// Everything, as one JSON document.
fn whole(look: &Look) -> Value {
    let article = &look.article;
    let mut value = answer(&None, article);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("id");
    }
    let urls = |urls: &[Url]| urls.iter().map(|url| url.as_str().to_owned()).collect::<Vec<_>>();
    value["ok"] = json!(true);
    value["html"] = json!(article.html);
    value["description"] = json!(article.description);
    value["canonical"] = json!(article.canonical.as_ref().map(Url::as_str));
    value["language"] = json!(article.language);
    value["encoding"] = json!(look.encoding);
    value["way"] = json!(way(look.way));
    value["rights"] = json!({
        "robots": article.rights.robots,
        "is_free": article.rights.is_free,
        "licenses": urls(&article.rights.licenses),
        "rsl": urls(&article.rights.rsl),
        "tdm_reservation": article.rights.tdm_reservation,
        "rights": article.rights.statement,
    });
    value["said"] = look
        .claims
        .iter()
        .map(|claim| json!({"field": claim.field.as_str(), "value": claim.value, "origin": claim.origin}))
        .collect();
    value["broken_json_ld"] = json!(look.broken_json);
    value["blocks"] = look
        .blocks
        .iter()
        .map(|block| json!({"text": block.text, "chance": block.chance, "kept": block.kept}))
        .collect();
    value
}

fn way(way: Way) -> String {
    match way {
        Way::Chosen => "chosen block by block".to_owned(),
        Way::Selected => "by select".to_owned(),
        Way::SelectedNothing => "select found nothing or too little: chosen block by block".to_owned(),
        Way::JsonLd => "by articleBody of JSON-LD: the page shows hardly any of it".to_owned(),
        Way::TextAlone { why } => format!("text alone, without markup: {why}"),
    }
}

fn in_words(look: &Look) -> String {
    let article = &look.article;
    let mut text = String::new();
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text += &format!("{name:<12}{}\n", for_terminal(&plain(&value, 300)));
        }
    };
    line("title", article.title.clone());
    line("byline", article.byline.clone());
    line("date", article.published.map(|at| at.to_string()));
    line("site", article.site.clone());
    line("canonical", article.canonical.clone().map(String::from));
    line("image", article.image.clone().map(String::from));
    line("language", article.language.clone());
    line("excerpt", Some(excerpt_of_article(article, EXCERPT_CHARS)));
    let rights = &article.rights;
    line("robots", Some(rights.robots.join(", ")));
    line("free", rights.is_free.map(|free| if free { "yes" } else { "no" }.to_owned()));
    line("licences", Some(rights.licenses.iter().map(Url::as_str).collect::<Vec<_>>().join(" ")));
    line("rsl", Some(rights.rsl.iter().map(Url::as_str).collect::<Vec<_>>().join(" ")));
    line("tdm", rights.tdm_reservation.map(|reserved| if reserved { "reserved" } else { "not reserved" }.to_owned()));
    line("rights", rights.statement.clone());
    line("encoding", Some(look.encoding.to_owned()));
    if look.broken_json > 0 {
        line("json-ld", Some(format!("{} unreadable", look.broken_json)));
    }
    let kept = look.blocks.iter().filter(|block| block.kept).count();
    line(
        "body",
        Some(format!(
            "{}; {kept} of {}, {}",
            way(look.way),
            count(look.blocks.len(), "block"),
            count(article.text.chars().count(), "character")
        )),
    );
    text += "\nclaimed by the page\n";
    for claim in &look.claims {
        let value = plain(&claim.value, 120);
        text += &format!("  {:<12}{:<10} {}\n", claim.field.as_str(), claim.origin, for_terminal(&value));
    }
    text += "\nblocks (chance, text; - is dropped)\n";
    for block in &look.blocks {
        let sign = if block.kept { '+' } else { '-' };
        text += &format!("{sign} {:.2} {}\n", block.chance, for_terminal(&plain(&block.text, 100)));
    }
    if look.blocks.is_empty() {
        text += &for_terminal(&plain(&article.text, 2_000));
        text.push('\n');
    }
    text
}

/// The beginning of a plain text.
fn plain(text: &str, limit_chars: usize) -> String {
    let mut short: String = text.chars().take(limit_chars).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
