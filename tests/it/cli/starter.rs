//! The feeds.toml that the project ships, and that `feedloom init` writes, is as it should be.

use std::path::Path;

use feedloom::{Config, SourceAddress};

const STARTER: &str = include_str!("../../../feeds.toml");

#[test]
fn the_shipped_file_is_valid_and_holds_twelve_web_sources() {
    let config = Config::parse(Path::new("/somewhere/feeds.toml"), STARTER).unwrap();
    assert_eq!(config.sources.len(), 12);
    for source in &config.sources {
        let SourceAddress::Http(url) = &source.address else { panic!("{} is no web address", source.id) };
        assert_eq!(url.scheme(), "https", "{url}");
        assert!(!source.disabled, "{url}");
    }
    assert!(config.fetch.allow.is_empty());
}

#[test]
fn it_is_short_enough_to_be_read() {
    assert!(STARTER.lines().count() <= 60);
}

#[test]
fn what_it_shows_commented_out_is_valid_too() {
    let shown: String = STARTER
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.starts_with("[[") || key.contains(" = ") => key,
            _ => line,
        })
        .fold(String::new(), |text, line| text + line + "\n");
    let config = Config::parse(Path::new("/somewhere/feeds.toml"), &shown).unwrap();
    assert!(config.link.is_some() && config.contact.is_some());
    assert_eq!(config.outputs.len(), 1);
}
