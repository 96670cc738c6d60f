//! What a page and the headers that came with it say about its rights, as written (`model::PageRights`).

use url::Url;

use super::jsonld::{JsonArticle, truth_of};
use super::marked::Marked;
use super::scan::Scan;
use crate::model::PageRights;
use crate::text::web_url;

/// Reads what is stated about rights; addresses are resolved against `base`.
pub(super) fn rights<'h>(
    scan: &Scan<'_>,
    json: &JsonArticle,
    marked: &Marked,
    headers: impl Iterator<Item = (&'h str, &'h str)>,
    base: &Url,
) -> PageRights {
    let mut found = PageRights { is_free: json.is_free, statement: json.rights.clone(), ..PageRights::default() };
    for (name, value) in headers {
        match name {
            "x-robots-tag" => add_directives(&mut found.robots, for_everybody(value)),
            "tdm-reservation" => found.tdm_reservation = reservation(value),
            "link" => link_header(&mut found, value, base),
            _ => {}
        }
    }
    for (name, value) in &scan.metas {
        match name.as_str() {
            "robots" | "feedloom" => add_directives(&mut found.robots, value),
            "tdm-reservation" => found.tdm_reservation = reservation(value).or(found.tdm_reservation),
            "dc.rights" | "dcterms.rights" | "rights" | "copyright" if found.statement.is_none() => {
                found.statement = Some(value.clone());
            }
            "dcterms.license" | "dc.rights.license" => add_address(&mut found.licenses, value, base),
            "isaccessibleforfree" => found.is_free = found.is_free.or_else(|| truth_of(value)),
            _ => {}
        }
    }
    for (rel, href, kind) in &scan.links {
        add_link(&mut found, rel, href, kind, base);
    }
    for license in json.licenses.iter().chain(&marked.licenses) {
        add_address(&mut found.licenses, license, base);
    }
    // What a picture or a comment says of itself allows nothing; beside what the page allows, it may forbid.
    let is_licensed = !found.licenses.is_empty();
    for (rel, href, kind) in scan.links_apart.iter().filter(|(.., kind)| is_licensed || is_rsl(kind)) {
        add_link(&mut found, rel, href, kind, base);
    }
    found.is_free = found.is_free.or_else(|| truth_of(marked.is_free.as_deref()?));
    found
}

fn add_link(found: &mut PageRights, rel: &str, href: &str, kind: &str, base: &Url) {
    if is_rsl(kind) {
        add_address(&mut found.rsl, href, base);
    } else if rel.split_ascii_whitespace().any(|word| word == "license") {
        add_address(&mut found.licenses, href, base);
    }
}

fn is_rsl(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim() == "application/rsl+xml")
}

/// The directives of an X-Robots-Tag header: those after the name of another robot are not for us.
fn for_everybody(value: &str) -> &str {
    const WITH_VALUE: [&str; 4] = ["max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"];
    let Some((name, rest)) = value.split_once(':') else { return value };
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "feedloom" | "*" => rest,
        _ if name.contains(',') || WITH_VALUE.contains(&name.as_str()) => value,
        _ => "",
    }
}

/// `noindex, max-snippet:50`.
fn add_directives(robots: &mut Vec<String>, value: &str) {
    for directive in value.split(',') {
        let directive = directive.trim().to_ascii_lowercase();
        if !directive.is_empty() && !robots.contains(&directive) {
            robots.push(directive);
        }
    }
}

fn reservation(value: &str) -> Option<bool> {
    match value.trim() {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

fn add_address(list: &mut Vec<Url>, address: &str, base: &Url) {
    if let Some(url) = web_url(address, Some(base)).filter(|url| !list.contains(url)) {
        list.push(url);
    }
}

/// `Link: <https://…>; rel="license"; type="application/rsl+xml"` (RFC 8288).
fn link_header(found: &mut PageRights, value: &str, base: &Url) {
    for link in value.split('<').skip(1) {
        let Some((address, parameters)) = link.split_once('>') else { continue };
        let parameter = |name: &str| {
            parameters.split(';').find_map(|parameter| {
                let (known, value) = parameter.split_once('=')?;
                let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
                known.trim().eq_ignore_ascii_case(name).then(|| value.to_ascii_lowercase())
            })
        };
        if !parameter("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word == "license")) {
            continue;
        }
        let is_rsl = parameter("type").is_some_and(|kind| is_rsl(&kind));
        add_address(if is_rsl { &mut found.rsl } else { &mut found.licenses }, address, base);
    }
}
