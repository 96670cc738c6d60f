//! `[serve]` from its table to a checked [`ServeConfig`].

use std::path::{Component, Path, PathBuf};

use url::Url;

use super::folder_address::with_slash;
use super::serve::{AccessLog, Listen, ServeConfig, TokenPlace};
use super::table::{At, Table};

/// Longest path of a socket (`sun_path` of unix(7), without its end).
const LONGEST_SOCKET_PATH: usize = 107;

/// Reads `[serve]`; paths are relative to `folder`, and `link` is where readers find the outputs.
pub(super) fn read_serve(table: Option<Table<'_>>, folder: &Path, link: Option<&Url>) -> ServeConfig {
    let usual = ServeConfig { public_url: link.cloned(), ..ServeConfig::default() };
    let Some(table) = table else { return usual };
    let listen = table.words("listen").and_then(|text| read_listen(&table, &text, folder));
    let listen = listen.unwrap_or(usual.listen);
    let metrics_at = table.words("metrics_listen");
    let metrics_listen = metrics_at.as_ref().and_then(|text| read_listen(&table, text, folder));
    if let (Some(metrics), Some(text)) = (&metrics_listen, &metrics_at)
        && *metrics == listen
    {
        let instead = "give it another port, or write `token` and leave `metrics_listen` out";
        table.wrong(text.at.clone(), "`metrics_listen` is the same as `listen`", instead);
    }
    let public_url = table.web_address("public_url").map(|url| with_slash(url.value));
    let token = table.words("token").and_then(|text| read_token(&table, &text, folder));
    let access_log = table.words("access_log").map(|text| match text.value.trim() {
        "stderr" => AccessLog::Stderr,
        path => AccessLog::File(folder.join(path)),
    });
    let websub = table.flag("websub").unwrap_or(usual.websub);
    let hub = table.flag("hub").unwrap_or(usual.hub);
    if hub
        && link.is_none()
        && let Some(value) = table.value("hub")
    {
        let instead = "add link = \"https://…/\" at the top of the file";
        table.wrong(value.span(), "a hub needs the address of the feeds", instead);
    }
    table.finish();
    let public_url = public_url.or(usual.public_url);
    ServeConfig { listen, metrics_listen, public_url, token, access_log, websub, hub }
}

fn read_listen(table: &Table<'_>, text: &At<&str>, folder: &Path) -> Option<Listen> {
    let wrong = |what: String| {
        let instead =
            "write \"127.0.0.1:8080\", \"[::1]:8080\", \"0.0.0.0:8080\" for everybody, or \"unix:feedloom.sock\"";
        table.wrong(text.at.clone(), what, instead);
    };
    let trimmed = text.value.trim();
    let Some(path) = trimmed.strip_prefix("unix:") else {
        let numeric = trimmed.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let address = numeric.as_deref().unwrap_or(trimmed).parse().ok();
        if address.is_none() {
            wrong(format!("{trimmed:?} is no address with a port"));
        }
        return address.map(Listen::Tcp);
    };
    let path = plain(&folder.join(path));
    if path == folder || path.as_os_str().len() > LONGEST_SOCKET_PATH {
        wrong(format!("a socket needs a path of at most {LONGEST_SOCKET_PATH} bytes"));
        return None;
    }
    Some(Listen::Unix(path))
}

/// `path` without its dots that change nothing.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn read_token(table: &Table<'_>, text: &At<&str>, folder: &Path) -> Option<TokenPlace> {
    let place = match text.value.trim().split_once(':') {
        Some(("env", name)) if !name.is_empty() => Some(TokenPlace::Environment(name.to_owned())),
        Some(("file", path)) if !path.is_empty() => Some(TokenPlace::File(folder.join(path))),
        _ => None,
    };
    if place.is_none() {
        let what = "`token` says where the token stands; it is not the token itself";
        table.wrong(text.at.clone(), what, "write \"env:FEEDLOOM_TOKEN\" or \"file:/etc/feedloom/token\"");
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const SOURCE: &str = "[[source]]\nurl = \"https://a.example/\"\n";

    fn read(serve: &str) -> Result<ServeConfig, String> {
        let text = format!("link = \"https://x.example/news\"\n{SOURCE}[serve]\n{serve}\n");
        Config::parse(Path::new("/home/me/feeds.toml"), &text)
            .map(|config| config.serve)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_written_is_this_machine_and_the_link() {
        let serve = read("").unwrap();
        assert_eq!(serve.listen.to_string(), "http://127.0.0.1:8080/");
        assert_eq!(serve.public_url.as_ref().unwrap().as_str(), "https://x.example/news/");
        assert_eq!(serve.hub_address(), None);
        assert_eq!(read("hub = true").unwrap().hub_address().unwrap().as_str(), "https://x.example/news/hub");
        assert!(Config::parse(Path::new("/f.toml"), &format!("{SOURCE}[serve]\nhub = true\n")).is_err());
        assert!(serve.websub && !read("websub = false").unwrap().websub);
        assert!(serve.metrics_listen.is_none() && serve.token.is_none() && serve.access_log.is_none());
    }

    #[test]
    fn an_address_is_a_number_with_a_port_or_a_path() {
        for (written, want) in [
            ("0.0.0.0:80", "http://0.0.0.0:80/"),
            ("[::1]:8080", "http://[::1]:8080/"),
            ("localhost:0", "http://127.0.0.1:0/"),
            ("unix:/run/feedloom/http.sock", "unix:/run/feedloom/http.sock"),
            ("unix:./data/http.sock", "unix:/home/me/data/http.sock"),
            ("unix:///run/x", "unix:/run/x"),
        ] {
            let listen = read(&format!("listen = \"{written}\"")).map(|serve| serve.listen.to_string());
            assert_eq!(listen.unwrap(), want);
        }
        for wrong in ["8080", "127.0.0.1", ":8080", "example.org:80", "127.0.0.1:99999", "::1:80", "unix:", ""] {
            assert!(read(&format!("listen = \"{wrong}\"")).is_err(), "{wrong:?}");
        }
        let long = "x".repeat(120);
        assert!(read(&format!("listen = \"unix:{long}\"")).is_err());
        assert!(read("listen = \"127.0.0.1:9\"\nmetrics_listen = \"127.0.0.1:9\"").is_err());
    }

    #[test]
    fn a_token_stands_elsewhere() {
        let token = |text: &str| read(&format!("token = \"{text}\"")).map(|serve| serve.token.unwrap());
        assert_eq!(token("env:T").unwrap(), TokenPlace::Environment("T".to_owned()));
        assert_eq!(token("file:t").unwrap(), TokenPlace::File("/home/me/t".into()));
        for wrong in ["hunter2", "env:", "file:", ":", "x:y"] {
            let said = token(wrong).unwrap_err();
            assert!(said.contains("it is not the token itself"), "{said}");
        }
    }
}
