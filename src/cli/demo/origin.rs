//! The sample feeds as a web server in this process, and the feeds.toml that reads them.

use std::fmt::Write as _;
use std::net::SocketAddr;

use jiff::Timestamp;

use super::pages::{Page, Pages};
use super::samples::{Answer, SAMPLES};
use super::template::{BadPlaceholder, Filling, fill};

/// First line of every feeds.toml that a demo writes: a demo overwrites no other.
pub(super) const MARK: &str = "# Written by `feedloom demo`, which writes it anew each time.";

/// The sample feeds as they are at `now` on an origin at `address`; missing ones are not among them.
///
/// # Errors
/// [`BadPlaceholder`] if a sample holds one.
pub(super) fn pages(address: SocketAddr, now: Timestamp) -> Result<Pages, BadPlaceholder> {
    let origin = format!("http://{address}");
    let filling = Filling { now, origin: &origin };
    let mut pages = Pages::new();
    for sample in &SAMPLES {
        if let Answer::Document { content_type, template, .. } = sample.answer {
            let page = Page::found(content_type, fill(template, filling)?, now);
            pages.insert(format!("/{}", sample.file), page);
        }
    }
    Ok(pages)
}

/// The feeds.toml of a demo whose origin is at `address`.
pub(super) fn feeds_toml(address: SocketAddr) -> String {
    let mut toml = format!(
        "{MARK}
# The sources are sample feeds that `feedloom demo` serves while it runs; `feedloom init` writes a
# feeds.toml with real ones.

title   = \"Tech, woven (demo)\"
link    = \"https://feeds.example.org/\"
contact = \"https://feeds.example.org/about\"

[fetch]
allow   = [\"{address}\"]   # the origin of the demo; private addresses are refused otherwise
spacing = \"0s\"                # all sources share one host here
"
    );
    for sample in &SAMPLES {
        write!(
            toml,
            "\n# {}\n[[source]]\nid   = \"{}\"\nurl  = \"http://{address}/{}\"\nname = \"{}\"\n",
            sample.shows, sample.id, sample.file, sample.name
        )
        .expect("writing to a string");
        for key in sample.keys {
            writeln!(toml, "{key}").expect("writing to a string");
        }
    }
    toml
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::pages::tests::{ask, while_served};
    use super::*;
    use crate::config::{Config, SourceAddress};

    fn now() -> Timestamp {
        "2026-03-01T01:30:07Z".parse().unwrap()
    }

    fn address() -> SocketAddr {
        ([127, 0, 0, 1], 8123).into()
    }

    #[test]
    fn the_generated_feeds_toml_is_valid_and_asks_only_the_origin() {
        let config = Config::parse(Path::new("/demo/feeds.toml"), &feeds_toml(address())).unwrap();
        assert_eq!(config.sources.len(), SAMPLES.len());
        for (source, sample) in config.sources.iter().zip(&SAMPLES) {
            let SourceAddress::Http(url) = &source.address else { panic!("{} is no web address", source.id) };
            assert_eq!(source.id.as_str(), sample.id);
            assert_eq!(url.as_str(), format!("http://127.0.0.1:8123/{}", sample.file));
        }
        let [allowed] = config.fetch.allow.as_slice() else { panic!("one rule: {:?}", config.fetch.allow) };
        assert!(allowed.covers(address().ip(), 8123));
        assert!(!allowed.covers(address().ip(), 8124));
        assert!(config.fetch.spacing.is_zero());
    }

    #[test]
    fn the_first_line_tells_a_demo_file() {
        assert!(feeds_toml(address()).lines().next().is_some_and(|line| line == MARK));
    }

    #[test]
    fn no_placeholder_is_left() {
        for (path, page) in pages(address(), now()).unwrap() {
            assert!(!String::from_utf8_lossy(page.body()).contains("{{"), "{path}");
        }
    }

    #[test]
    fn no_sample_is_dated_ahead_of_the_run() {
        for sample in &SAMPLES {
            let Answer::Document { template, .. } = sample.answer else { continue };
            let text = String::from_utf8_lossy(template);
            for dated in text.split("{{rfc").skip(1) {
                let age = dated.split_ascii_whitespace().nth(1).unwrap();
                assert!(age.starts_with('-'), "{age} in {}", sample.file);
            }
        }
    }

    #[test]
    fn dates_follow_the_run() {
        let later = "2026-06-09T12:00:00Z".parse().unwrap();
        let body = |now| String::from_utf8_lossy(pages(address(), now).unwrap()["/bytewire.xml"].body()).into_owned();
        assert!(body(now()).contains("Sat, 28 Feb 2026 20:30:07 +0000"));
        assert!(body(later).contains("Tue, 9 Jun 2026 07:00:00 +0000"));
    }

    #[test]
    fn the_origin_answers_feeds_pages_and_404() {
        while_served(pages(address(), now()).unwrap(), |at| {
            for sample in &SAMPLES {
                let answer = ask(at, &format!("GET /{} HTTP/1.1", sample.file));
                let want = match sample.answer {
                    Answer::Document { content_type, .. } => {
                        assert!(answer.contains(&format!("content-type: {content_type}\r\n")), "{answer}");
                        "HTTP/1.1 200 "
                    }
                    Answer::Missing => "HTTP/1.1 404 ",
                };
                assert!(answer.starts_with(want), "{}: {answer}", sample.file);
            }
        });
    }
}
