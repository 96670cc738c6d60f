//! A folder of a person, and the program run in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::publisher::Response;
use crate::scene::files;

pub(super) const OWLS: &[&str] = &["Owls learn to juggle", "Lighthouse sold to a choir"];
pub(super) const KITES: &[&str] = &["Kite maker opens a school", "Bridge painted in one night"];

pub(super) const HEAD: &str = "title = \"A test\"\nlink = \"https://feeds.example.org/\"\ncontact = \"https://feeds.example.org/about\"\n\
                    \n[fetch]\nallow = [\"127.0.0.1\"]\nspacing = \"0s\"\n";

/// A folder of a person, and the program run in it.
pub(super) struct Home {
    pub(super) folder: TempDir,
}

/// What a command did.
pub(super) struct Done {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) said: String,
}

impl Done {
    #[track_caller]
    pub(super) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.out, self.said);
        assert!(!self.said.contains("panicked"), "{}", self.said);
        self
    }

    #[track_caller]
    pub(super) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.said.contains(word), "no {word:?} in stderr: {}", self.said);
        }
        self
    }

    #[track_caller]
    pub(super) fn prints(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.out.contains(word), "no {word:?} in stdout: {}", self.out);
        }
        self
    }

    #[track_caller]
    pub(super) fn silent(self) {
        assert_eq!((self.out.as_str(), self.said.as_str()), ("", ""));
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Home {
    pub(super) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A feeds.toml with these sources, by id and address.
    pub(super) fn new(sources: &[(&str, &str)]) -> Self {
        let home = Self::empty();
        home.subscribe(sources);
        home
    }

    pub(super) fn subscribe(&self, sources: &[(&str, &str)]) {
        let mut text = HEAD.to_owned();
        for (id, url) in sources {
            write!(text, "\n[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n").unwrap();
        }
        self.write("feeds.toml", &text);
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A local feed; its address.
    pub(super) fn feed(&self, name: &str, titles: &[&str]) -> String {
        let path = self.path(name);
        self.write(name, &rss(name.trim_end_matches(".xml"), titles));
        format!("file://{}", path.display())
    }

    /// The program in this folder; nobody is watching.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.current_dir(self.folder.path()).args(args).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", self.path("no-config")).env_remove("RUST_LOG").env_remove("HTTP_PROXY");
        command
    }

    pub(super) fn does(&self, args: &[&str]) -> Done {
        let Output { status, stdout, stderr } = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done { code: status.code(), out: text(stdout), said: text(stderr) }
    }

    /// `run --all` with more arguments, at an hour of one day.
    pub(super) fn runs(&self, hour: u8, more: &[&str]) -> Done {
        let now = format!("2026-03-02T{hour:02}:00:00Z");
        self.does(&[&["run", "--all", "--now", &now], more].concat())
    }

    pub(super) fn outputs(&self) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
        files(&self.path("data/public"))
    }

    /// Every file and folder with its bytes.
    pub(super) fn disk(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                    found.insert(path, None);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    found.insert(path, Some(bytes));
                }
            }
        }
        found
    }

    pub(super) fn titles(&self) -> Vec<String> {
        let feed: Value = serde_json::from_slice(&fs::read(self.path("data/public/feed.json")).unwrap()).unwrap();
        let items = feed["items"].as_array().unwrap();
        items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }
}

pub(super) fn rss(name: &str, titles: &[&str]) -> String {
    let mut text = format!(
        "<rss version=\"2.0\"><channel><title>{name}</title><link>https://{name}.example/</link><description>d</description>"
    );
    for (at, title) in titles.iter().enumerate() {
        let slug = title.to_lowercase().replace(' ', "-");
        write!(
            text,
            "<item><title>{title}</title><link>https://{name}.example/{slug}</link><guid isPermaLink=\"false\">{slug}</guid>\
             <pubDate>Mon, 02 Mar 2026 00:{at:02}:00 GMT</pubDate><description>About {slug}.</description></item>"
        )
        .unwrap();
    }
    text + "</channel></rss>"
}

pub(super) fn ok(body: &str) -> Response {
    Response::new(200, &[("Content-Type", b"application/rss+xml")], body.as_bytes())
}
