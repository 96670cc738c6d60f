//! What the tests of rights stand on: a publisher, a folder, and the binary run over both.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::publisher::{Publisher, Response};

/// A publisher on loopback, and a folder whose feeds.toml subscribes to what it serves.
pub(super) struct Stand {
    pub(super) publisher: Publisher,
    pub(super) folder: tempfile::TempDir,
}

impl Stand {
    /// `more` stands above the sources.
    pub(super) fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "title = \"T\"\nlink = \"https://feeds.example.org/\"\ncontact = \"https://me.example/\"\n{more}\n\
             [fetch]\nallow = [\"127.0.0.1\"]\nspacing = \"0s\"\n"
        );
        std::fs::write(folder.path().join("feeds.toml"), text).unwrap();
        Self { publisher: Publisher::start(), folder }
    }

    /// Adds a source `id` whose feed is `body`, with these headers and keys.
    pub(super) fn source(&self, id: &str, headers: &[(&str, &str)], body: &str, keys: &str) {
        let path = format!("/{id}/feed");
        let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        self.publisher.script(&path, [Response::new(200, &headers, body.as_bytes())]);
        let toml = self.folder.path().join("feeds.toml");
        let text = std::fs::read_to_string(&toml).unwrap();
        let url = self.publisher.url(&path);
        std::fs::write(toml, format!("{text}\n[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n{keys}\n")).unwrap();
    }

    pub(super) fn say(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.arg("--config").arg(self.folder.path().join("feeds.toml")).args(words).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// What a command prints.
    #[track_caller]
    pub(super) fn tell(&self, words: &[&str]) -> String {
        let done = self.say(words);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    #[track_caller]
    pub(super) fn run(&self, now: &str) {
        self.tell(&["run", "--all", "--now", now]);
    }

    pub(super) fn file(&self, name: &str) -> String {
        let path: &Path = self.folder.path();
        std::fs::read_to_string(path.join("data/public").join(name)).unwrap()
    }

    /// The items of the JSON Feed.
    pub(super) fn items(&self) -> Vec<serde_json::Value> {
        let feed: serde_json::Value = serde_json::from_str(&self.file("feed.json")).unwrap();
        feed["items"].as_array().unwrap().clone()
    }

    #[track_caller]
    pub(super) fn item(&self, title: &str) -> serde_json::Value {
        self.items().into_iter().find(|item| item["title"] == title).unwrap_or_else(|| panic!("no item {title}"))
    }
}

/// A feed with `head` above these items.
pub(super) fn rss(head: &str, items: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:access=\"http://www.bloglines.com/about/specs/fac-1.0\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" \
         xmlns:creativeCommons=\"http://backend.userland.com/creativeCommonsRssModule\" xmlns:rsl=\"https://rslstandard.org/rsl\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Of it</title>\
         <link>https://a.example/</link>{head}{}</channel></rss>",
        items.concat()
    )
}

/// An item called `title` with a teaser and a whole text of about 3,500 characters.
pub(super) fn item(title: &str, more: &str) -> String {
    let (path, text) = (title.replace(' ', "-"), "And it goes on like this for long. ".repeat(100));
    format!(
        "<item><title>{title}</title><link>https://a.example/{path}</link><pubDate>Tue, 03 Nov 2026 09:00:00 GMT</pubDate>\
         <description>The teaser of {title}.</description>\
         <content:encoded>&lt;p&gt;All of {title}. {text}&lt;/p&gt;</content:encoded>{more}</item>"
    )
}
