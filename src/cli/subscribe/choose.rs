//! Which of several feeds the operator wants.

use std::io::{BufRead as _, IsTerminal as _};

use url::Url;

use crate::cli::console;
use crate::cli::plural::count;
use crate::cli::session::Session;
use crate::parse::AnnouncedFeed;
use crate::text::for_terminal;

/// Of the feeds that `page` announces, those that are wanted: asked at a terminal, otherwise listed with what to type.
pub(super) fn choose(session: &Session, page: &str, feeds: &[AnnouncedFeed]) -> Vec<Url> {
    let worth_asking: Vec<&Url> = feeds.iter().map(|feed| &feed.url).filter(|feed| !is_of_comments(feed)).collect();
    if let [only] = worth_asking[..] {
        return vec![only.clone()];
    }
    console::note(&format!("{} announces {}:", for_terminal(page), count(feeds.len(), "feed")));
    if !(std::io::stdin().is_terminal() && console::is_terminal()) || session.quiet {
        for feed in feeds {
            let command = session.command(&format!("add {}", console::shell_word(feed.url.as_str())));
            if let Some(title) = &feed.title {
                console::note_unwrapped(&format!("  {}:", for_terminal(title)));
            }
            console::note_unwrapped(&format!("    {}", for_terminal(&command)));
        }
        return Vec::new();
    }
    for (number, feed) in feeds.iter().enumerate() {
        let title = feed.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
        console::note_unwrapped(&format!(
            "  {}  {}{}",
            number + 1,
            for_terminal(feed.url.as_str()),
            for_terminal(&title)
        ));
    }
    loop {
        console::note("which ones? numbers separated by spaces, `all`, or nothing for none");
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => return Vec::new(),
            Ok(_) => {}
        }
        match numbers(&line, feeds.len()) {
            Some(chosen) => return chosen.into_iter().map(|number| feeds[number - 1].url.clone()).collect(),
            None => console::note(&format!("write numbers from 1 to {}", feeds.len())),
        }
    }
}

/// WordPress announces the comments of every page beside the feed.
fn is_of_comments(feed: &Url) -> bool {
    feed.path().split('/').any(|part| part == "comments")
}

/// The numbers in `line`, each once, from 1 to `most`; `None` if anything else is written.
fn numbers(line: &str, most: usize) -> Option<Vec<usize>> {
    if line.trim() == "all" {
        return Some((1..=most).collect());
    }
    let mut chosen = Vec::new();
    for word in line.split([' ', ',', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
        let number = word.parse().ok().filter(|number| (1..=most).contains(number))?;
        if !chosen.contains(&number) {
            chosen.push(number);
        }
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(numbers("2, 1 2\n", 3), Some(vec![2, 1]));
        assert_eq!(numbers("all\r\n", 2), Some(vec![1, 2]));
        assert_eq!(numbers("\n", 2), Some(vec![]));
        for wrong in ["0", "3", "one", "1-2", "-1", "99999999999999999999"] {
            assert_eq!(numbers(wrong, 2), None, "{wrong}");
        }
    }
}
