//! What `check` finds in a feeds.toml that is valid but will not do what its writer expects; each with what to write.

use std::path::{Component, Path, PathBuf};

use jiff::SignedDuration;
use url::{Host, Url};

use crate::config::{Config, FetchConfig, SourceAddress, SourceConfig, in_one_unit};
use crate::gather::is_public;
use crate::model::{NameClaim, Source};
use crate::text::has_local_end;

/// Suffixes of files that a feed or a page is written to.
const FILE_ENDS: [&str; 7] = [".xml", ".json", ".html", ".rss", ".atom", ".rdf", ".opml"];

/// Each a sentence.
pub(super) fn findings(config: &Config) -> Vec<String> {
    let mut findings = Vec::new();
    findings.extend(link_is_a_file(config));
    findings.extend(nobodys_contact(config));
    findings.extend(published_by_mistake(config));
    let fetch = &config.fetch;
    if let Some(every) = fetch.every.filter(|every| *every < fetch.floor) {
        findings.push(too_often("[fetch] every", every, fetch.floor));
    }
    for source in config.sources.iter().filter(|source| source.list.is_none()) {
        let name = format!("`{}` (line {})", source.id, source.line);
        let floor = source.floor.unwrap_or(fetch.floor);
        if let Some(every) = source.every.filter(|every| *every < floor) {
            findings.push(too_often(&format!("every of {name}"), every, floor));
        }
        if let SourceAddress::Http(url) = &source.address {
            findings.extend(private_address(url, fetch).map(|what| format!("{name} will be refused: {what}")));
        }
        findings.extend(foreign_file(source, config).map(|what| format!("{name}: {what}")));
    }
    findings
}

/// What is to be known about a name that looks like that of another source.
pub(super) fn alike_name(source: &Source) -> Option<String> {
    let NameClaim::Alike(other) = &source.name_claim else { return None };
    let name = &source.name;
    Some(format!(
        "it calls itself {name:?}, which looks like the name of `{other}`: the host is shown beside it, unless feeds.toml \
         gives it a `name`"
    ))
}

fn too_often(what: &str, every: SignedDuration, floor: SignedDuration) -> String {
    format!(
        "{what} is {every:#}, and no source is asked more often than every {floor:#}: write every = \"{}\", or a lower \
         floor where the publisher allows that",
        in_one_unit(floor)
    )
}

fn link_is_a_file(config: &Config) -> Option<String> {
    let link = config.link.as_ref()?;
    let path = link.path().trim_end_matches('/').to_lowercase();
    let end = FILE_ENDS.iter().find(|end| path.ends_with(**end))?;
    let last = path.rsplit('/').next().unwrap_or(end);
    let mut folder = link.clone();
    folder.path_segments_mut().ok()?.pop_if_empty().pop().push("");
    Some(format!("link is the folder that the outputs are in, and {last:?} names a file: write link = \"{folder}\""))
}

fn nobodys_contact(config: &Config) -> Option<String> {
    let contact = config.contact.as_deref().filter(|contact| !contact.contains('@') && !contact.contains("://"))?;
    Some(format!(
        "contact = {contact:?} leads publishers to nobody: write a mail address, or a page with https:// before it"
    ))
}

/// Files of ours that everybody may read once the output folder is on the web.
fn published_by_mistake(config: &Config) -> Option<String> {
    let absolute = |path: &Path| std::path::absolute(path).map(|path| without_dots(&path)).ok();
    let folder = absolute(&config.output_dir)?;
    let lies_in = |path: &Path| absolute(path).is_some_and(|path| path.starts_with(&folder));
    let (what, instead) = if lies_in(&config.path) {
        ("feeds.toml lies", "write output_dir = \"data/public\"".to_owned())
    } else if lies_in(&config.database) {
        let name = config.database.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = folder.with_file_name(name);
        ("the database lies", format!("write database = {beside:?}, and move it there with the files of its name"))
    } else {
        return None;
    };
    Some(format!("{what} in the output folder, {}, where everybody can read it: {instead}", folder.display()))
}

/// Why `url` will not be asked.
pub(super) fn private_address(url: &Url, fetch: &FetchConfig) -> Option<String> {
    let (ip, shown) = match url.host()? {
        Host::Ipv4(ip) => (Some(ip.into()), ip.to_string()),
        Host::Ipv6(ip) => (Some(ip.into()), format!("[{ip}]")),
        Host::Domain(name) => {
            if !has_local_end(name) {
                return None;
            }
            (None, name.trim_end_matches('.').to_owned())
        }
    };
    let port = url.port_or_known_default().unwrap_or(443);
    match ip {
        Some(ip) if is_public(ip) || fetch.allow.iter().any(|rule| rule.covers(ip, port)) => None,
        Some(_) => {
            let rule = if url.port().is_some() { format!("{shown}:{port}") } else { shown.clone() };
            Some(format!("{shown} is not a public address; if you mean it: [fetch] allow = [\"{rule}\"]"))
        }
        None if !fetch.allow.is_empty() => None,
        None => {
            Some(format!("{shown} is not a public name; if you mean it, allow its address: [fetch] allow = [\"…\"]"))
        }
    }
}

fn foreign_file(source: &SourceConfig, config: &Config) -> Option<String> {
    let SourceAddress::File(path) = &source.address else { return None };
    let folder = std::path::absolute(&config.path).ok()?;
    let folder = folder.parent()?;
    if without_dots(path).starts_with(folder) {
        return None;
    }
    Some(format!(
        "{} lies outside {}, and what it holds is published: put a copy beside feeds.toml and write url = \"file:{}\"",
        path.display(),
        folder.display(),
        path.file_name().unwrap_or_default().to_string_lossy()
    ))
}

/// `path` with each `..` resolved, as far as its text allows; links are not followed.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &[&str]) {
        let config = Config::parse(Path::new("/srv/feeds/feeds.toml"), text).unwrap();
        let found = findings(&config);
        assert_eq!(found.len(), want.len(), "{text}: {found:?}");
        for (found, want) in found.iter().zip(want) {
            assert!(found.contains(want), "{text}: {found}");
        }
    }

    fn source(url: &str) -> String {
        format!("[[source]]\nurl = \"{url}\"\n")
    }

    #[test]
    fn what_will_be_refused_is_told_with_what_to_write() {
        for (url, want) in [
            ("https://10.1.2.3/feed", "allow = [\"10.1.2.3\"]"),
            ("http://127.0.0.1:8080/feed", "allow = [\"127.0.0.1:8080\"]"),
            ("http://[fd00::1]/feed", "allow = [\"[fd00::1]\"]"),
            ("http://2130706433/feed", "127.0.0.1"),
            ("http://localhost/feed", "localhost"),
            ("http://nas.local/feed", "nas.local"),
            ("file:///etc/passwd", "url = \"file:passwd\""),
            ("file:../other/feed.xml", "outside /srv/feeds"),
        ] {
            check(&source(url), &[want]);
        }
        for fine in ["https://93.184.216.34/", "https://localhost.example/", "https://mylocal/", "file:sub/feed.xml"] {
            check(&source(fine), &[]);
        }
        check(&format!("[fetch]\nallow = [\"10.0.0.0/8\"]\n{}", source("https://10.1.2.3/feed")), &[]);
    }

    #[test]
    fn an_interval_under_the_floor_is_told_with_the_floor() {
        check(&format!("{}every = \"5m\"\n", source("https://a.example/")), &["every = \"30m\""]);
        check(&format!("{}every = \"5m\"\nfloor = \"5m\"\n", source("https://a.example/")), &[]);
        check(&format!("{}every = \"2h\"\nfloor = \"3h\"\n", source("https://a.example/")), &["every = \"3h\""]);
        check(&format!("[fetch]\nevery = \"10m\"\n{}", source("https://a.example/")), &["[fetch] every"]);
    }

    #[test]
    fn a_contact_that_leads_to_nobody_is_told() {
        let with = |contact: &str| format!("contact = \"{contact}\"\n{}", source("https://a.example/"));
        check(&with("me"), &["contact = \"me\" leads"]);
        check(&with("feeds.example.org"), &["https:// before it"]);
        for fine in ["https://x.example/about", "me@x.example", "mailto:me@x.example"] {
            check(&with(fine), &[]);
        }
    }

    #[test]
    fn what_would_be_on_the_web_by_mistake_is_told_with_another_place() {
        let with = |lines: &str| format!("{lines}\n{}", source("https://a.example/"));
        check(&with("output_dir = \"data\""), &["write database = \"/srv/feeds/feedloom.db\""]);
        check(&with("output_dir = \"/srv/www\"\ndatabase = \"/srv/www/x/../f.db\""), &["\"/srv/f.db\""]);
        for folder in [".", "..", "/", "data/.."] {
            check(&with(&format!("output_dir = \"{folder}\"")), &["feeds.toml lies in the output folder"]);
        }
        check(&with("output_dir = \"public\"\ndatabase = \"public.db\""), &[]);
        check(&with("database = \"data/public/../f.db\""), &[]);
    }

    #[test]
    fn a_link_to_a_file_is_told_with_its_folder() {
        let with = |link: &str| format!("link = \"{link}\"\n{}", source("https://a.example/"));
        check(&with("https://x.example/news/feed.xml"), &["link = \"https://x.example/news/\""]);
        check(&with("https://x.example/index.html?x"), &["link = \"https://x.example/\""]);
        check(&with("https://x.example/v1.2/"), &[]);
    }
}
