//! What of a private feed's address never leaves: its own entries may repeat the key that stands in it.

use url::Position;

use crate::config::{SourceAddress, SourceConfig};
use crate::model::{Entry, Markup};
use crate::text::{secret_values, short_hash};

/// Shorter texts stand in any address.
const LEAST_CHARS: usize = 8;

/// The keys in the address of a source.
#[derive(Debug)]
pub(super) struct Private(Vec<String>);

impl Private {
    pub(super) fn of(source: &SourceConfig) -> Self {
        let SourceAddress::Http(url) = &source.address else { return Self(Vec::new()) };
        let mut keys = secret_values(url);
        if source.address_variable.is_some() {
            // A path alone may be the beginning of every article's address.
            let hidden = url.query().map(|_| url[Position::BeforePath..Position::AfterQuery].to_owned());
            keys.extend(hidden.iter().map(|address| address.replace('&', "&amp;")).chain(hidden.clone()));
        }
        keys.retain(|key| key.len() >= LEAST_CHARS);
        keys.dedup();
        Self(keys)
    }

    /// Whether a key stands in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|key| text.contains(key.as_str()))
    }

    /// `guid`, or what stands for one with a key in it.
    pub(super) fn guid(&self, guid: String) -> String {
        if self.is_in(&guid) { format!("private:{}", short_hash(&[&guid])) } else { guid }
    }

    /// Takes the keys out of what else `entry` says: addresses with one go, texts lose it.
    pub(super) fn hide(&self, entry: &mut Entry) {
        if self.0.is_empty() {
            return;
        }
        entry.enclosures.retain(|media| !self.is_in(media.url.as_str()));
        for address in [&mut entry.image, &mut entry.comments, &mut entry.license] {
            *address = address.take().filter(|url| !self.is_in(url.as_str()));
        }
        if let Some(via) = &mut entry.via {
            for address in [&mut via.url, &mut via.site] {
                *address = address.take().filter(|url| !self.is_in(url.as_str()));
            }
        }
        if let Some(credits) = &mut entry.credits {
            credits.outlets.retain(|outlet| !self.is_in(outlet.url.as_str()));
            credits.discussions.retain(|page| !self.is_in(page.url.as_str()));
        }
        for author in &mut entry.authors {
            author.uri = author.uri.take().filter(|uri| !self.is_in(uri));
        }
        let people = entry.authors.iter_mut().flat_map(|author| author.name.iter_mut().chain(&mut author.email));
        let names = people.chain(entry.via.iter_mut().flat_map(|via| &mut via.title)).chain(&mut entry.categories);
        // What is stated of rights stays: it may deny something.
        let signals = entry.signals.iter_mut().map(|signal| &mut signal.value);
        let own = [&mut entry.title, &mut entry.text].into_iter().chain(&mut entry.rights);
        own.chain(signals).chain(names).for_each(|text| self.strike_out(text));
        for markup in entry.summary.iter_mut().chain(&mut entry.content) {
            let (Markup::Text(text) | Markup::Html(text)) = markup;
            self.strike_out(text);
        }
    }

    fn strike_out(&self, text: &mut String) {
        for key in &self.0 {
            if text.contains(key.as_str()) {
                *text = text.replace(key.as_str(), "…");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Input, entries, read};
    use super::*;
    use crate::config::Config;

    /// What is made of one item of a feed at `https://news.example/` with this path and query.
    fn entry(path: &str, home: &str, item: &str) -> Option<Entry> {
        let toml = format!("[[source]]\nid = \"a\"\nurl = \"https://news.example/{path}\"\n");
        let config = Config::parse(std::path::Path::new("feeds.toml"), &toml).unwrap();
        let text = format!(
            "<rss version='2.0'><channel><title>A</title><link>{home}</link><item>{item}</item></channel></rss>"
        );
        let document = read(&Input { bytes: text.as_bytes(), ..Input::default() }).unwrap();
        entries(document, &config.sources[0], jiff::Timestamp::UNIX_EPOCH).entries.pop()
    }

    #[test]
    fn a_key_that_a_feeds_own_entries_repeat_goes() {
        const HOME: &str = "https://news.example/";
        for (path, key) in [
            ("f?token=s3cr3tT0ken01", "s3cr3tT0ken01"),
            ("private/s3cr3tT0ken01.rss", "s3cr3tT0ken01"),
            ("private-5ekret0tok1/f", "5ekret0tok1"),
            ("secret:5ekret0tok1/f", "5ekret0tok1"),
        ] {
            for item in [
                "<title>T</title><link>https://news.example/KEY/1</link>",
                "<title>T KEY</title><link>https://news.example/1</link><guid>https://news.example/KEY</guid>",
                "<title>T</title><link>https://news.example/1</link><category>KEY</category><author>KEY (KEY)</author>",
                "<title>T</title><link>https://news.example/1</link><description>see ?token=KEY&amp;a</description>",
                "<title>T</title><link>https://news.example/1</link><enclosure url='https://news.example/KEY/a.mp3' type='audio/mpeg'/>",
                "<title>T</title><link>https://news.example/1</link><source url='https://news.example/KEY'>KEY</source>",
            ] {
                let entry = entry(path, HOME, &item.replace("KEY", key)).unwrap();
                assert!(!format!("{entry:?}").contains(key), "{path} {item}: {entry:#?}");
            }
            let home = format!("https://news.example/{key}/");
            let item = format!("<title>T</title><link>https://news.example/{key}/1</link>");
            assert!(entry(path, &home, &item).is_none_or(|entry| !entry.url.as_str().contains(key)), "{path}");
        }
    }

    #[test]
    fn what_is_no_key_stays() {
        for (path, word) in [
            ("biz.xml?section_key=business", "business"),
            ("3f2504e0-4f89-41d3-9a0c-0305e82c3301/feed.xml", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
            ("f?key=news", "news"),
        ] {
            let item = "<title>T WORD</title><link>https://news.example/WORD/1</link>\
                        <enclosure url='https://news.example/WORD/a.mp3' type='audio/mpeg'/>";
            let entry = entry(path, "https://news.example/", &item.replace("WORD", word)).unwrap();
            assert_eq!(entry.title, format!("T {word}"), "{path}");
            assert_eq!(entry.url.as_str(), format!("https://news.example/{word}/1"), "{path}");
            assert_eq!(entry.enclosures.len(), 1, "{path}");
        }
    }
}
