//! The closing words of `feedloom demo`.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::console::shell_word;
use crate::cli::plural::count;
use crate::config::{Config, SourceConfig};
use crate::model::{Member, SourceId, SourceKind, Story};
use crate::text::for_terminal;

use super::samples::SAMPLES;

/// How many of the newest items are shown.
const NEWEST: usize = 5;
/// Columns of a title; the outlets are on a line of their own.
const TITLE_CHARS: usize = 92;

/// A source that yielded nothing in the pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// Its id.
    pub(super) source: SourceId,
    /// Why, as the pass reports it.
    pub(super) why: String,
}

/// The very last words, unless the result is being served already.
pub(super) const LOOK: &str = "  feedloom demo --serve\n      look at it in a browser\n";

/// The demo's last words but one: sources, newest items, shared stories, files, what to type next.
/// `stories` newest first.
pub(super) fn closing(config: &Config, stories: &[Story], broken: &[Broken]) -> String {
    let mut text = String::new();
    // Writing to a string never fails; the macro keeps the lines below readable.
    macro_rules! say { ($($part:tt)*) => { writeln!(text, $($part)*).expect("writing to a string") } }
    let entries: usize = stories.iter().map(|story| story.members.len()).sum();
    let given = config.sources.len().saturating_sub(broken.len());
    say!(
        "{given} of {} gave {}, woven into {}",
        count(config.sources.len(), "source"),
        count(entries, "entry"),
        count(stories.len(), "story")
    );
    if !broken.is_empty() {
        say!("\nBroken");
    }
    for one in broken {
        let on_purpose = SAMPLES.iter().any(|sample| sample.id == one.source.as_str() && sample.is_broken());
        let note = if on_purpose { " (broken on purpose, to show how that looks)" } else { "" };
        say!("  {}: {}{note}", one.source, for_terminal(&one.why));
    }
    say!("\nNewest");
    for story in stories.iter().take(NEWEST) {
        say!("  {}\n      {}", title(story), names(config, &sources(story)).join(", "));
    }
    let outlets = |story| {
        let mut ids = sources(story);
        ids.retain(|id| !is_list(config, id));
        names(config, &ids)
    };
    let shared: Vec<(&Story, Vec<String>)> =
        stories.iter().map(|story| (story, outlets(story))).filter(|(_, outlets)| outlets.len() > 1).collect();
    say!("\nCovered by several outlets: {}", shared.len());
    for (story, outlets) in &shared {
        say!("  {}\n      {}: {}", title(story), outlets.len(), outlets.join(", "));
    }
    say!("\nWritten to {}", config.output_dir.display());
    for output in &config.outputs {
        say!("  {}", output.file);
    }
    text.push_str(&next(&config.path, shared.first().map(|(story, _)| *story)));
    text
}

fn next(config: &Path, shared: Option<&Story>) -> String {
    let why = shared.map_or_else(String::new, |story| {
        let config = shell_word(&config.display().to_string());
        format!("  feedloom --config {config} why {}\n      why these entries are one story\n", story.id)
    });
    format!(
        "
Next
{why}  feedloom init
      a feeds.toml with real sources, here
  feedloom run
      fetch them and write data/public/
"
    )
}

fn lead(story: &Story) -> Option<&Member> {
    story.members.get(story.lead).or_else(|| story.members.first())
}

fn title(story: &Story) -> String {
    let title = lead(story).map_or("", |member| member.entry.title.as_str());
    let mut shown: String = title.chars().take(TITLE_CHARS).collect();
    if shown.len() < title.len() {
        shown.push('…');
    }
    for_terminal(&shown).into_owned()
}

/// The sources that tell it, each once, the leading one first.
fn sources(story: &Story) -> Vec<&SourceId> {
    let mut ids: Vec<&SourceId> = Vec::new();
    for member in lead(story).into_iter().chain(&story.members) {
        if !ids.contains(&&member.entry.key.source) {
            ids.push(&member.entry.key.source);
        }
    }
    ids
}

fn names(config: &Config, ids: &[&SourceId]) -> Vec<String> {
    ids.iter().map(|id| for_terminal(name(&config.sources, id)).into_owned()).collect()
}

/// Whether a source only links to the articles of outlets.
fn is_list(config: &Config, id: &SourceId) -> bool {
    config.sources.iter().any(|source| source.id == *id && source.kind == Some(SourceKind::Aggregator))
}

fn name<'a>(sources: &'a [SourceConfig], id: &'a SourceId) -> &'a str {
    sources.iter().find(|source| source.id == *id).and_then(|source| source.name.as_deref()).unwrap_or(id.as_str())
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::cli::demo::origin::feeds_toml;
    use crate::model::{Entry, EntryKey, Reason, StoredEntry, StoryId};

    fn config() -> Config {
        let address = ([127, 0, 0, 1], 8123).into();
        Config::parse(Path::new("/demo folder/feeds.toml"), &feeds_toml(address)).unwrap()
    }

    /// An entry that opened a story.
    pub(crate) fn member(source: &str, title: &str) -> Member {
        let entry = Entry::new(
            EntryKey { source: SourceId::new(source).unwrap(), guid: title.to_owned() },
            "https://bytewire.example/a".parse().unwrap(),
            title,
        );
        let entry = StoredEntry::without_page(entry, Timestamp::UNIX_EPOCH);
        Member { entry, reason: Reason::Opened, joined: Timestamp::UNIX_EPOCH, shown: None }
    }

    fn story(members: Vec<Member>, lead: usize) -> Story {
        let id = StoryId::mint(&members[0].entry.key, &members[0].entry.url, 0);
        Story { id, members, lead, first_published: None, date: None }
    }

    #[test]
    fn shared_stories_name_each_outlet_once_the_lead_first_and_no_link_list() {
        let twice = vec![
            member("stacklist", "a"),
            member("gadgetry", "b"),
            member("bytewire", "Lead"),
            member("gadgetry", "c"),
        ];
        let linked = vec![member("cutwire", "Alone"), member("stacklist", "d")];
        let stories = [story(twice, 2), story(linked, 0)];
        let text = closing(&config(), &stories, &[]);
        assert!(text.contains("15 of 15 sources gave 6 entries, woven into 2 stories"), "{text}");
        assert!(text.contains("  Alone\n      Cutwire, Stacklist\n"), "{text}");
        let shared = "Covered by several outlets: 1\n  Lead\n      2: Bytewire, Gadgetry Weekly\n\n";
        assert!(text.contains(shared), "{text}");
        assert!(text.contains(&format!("--config '/demo folder/feeds.toml' why {}", stories[0].id)), "{text}");
        assert!(text.contains("/demo folder/data/public\n  feed.xml\n"), "{text}");
    }

    #[test]
    fn broken_on_purpose_is_told_from_broken() {
        let broken = ["lostpage", "bytewire"]
            .map(|id| Broken { source: SourceId::new(id).unwrap(), why: "the server answered 404".to_owned() });
        let text = closing(&config(), &[], &broken);
        assert!(text.contains("  lostpage: the server answered 404 (broken on purpose, to show how that looks)\n"));
        assert!(text.contains("  bytewire: the server answered 404\n"), "{text}");
        assert!(text.contains("13 of 15 sources"), "{text}");
    }

    #[test]
    fn text_from_a_feed_cannot_command_the_terminal() {
        let text = closing(&config(), &[story(vec![member("bytewire", "a\u{1b}[2Jb")], 0)], &[]);
        assert!(!text.contains('\u{1b}') && text.contains("a\u{FFFD}[2Jb"), "{text}");
    }

    #[test]
    fn a_long_title_is_cut() {
        let text = closing(&config(), &[story(vec![member("bytewire", &"é".repeat(300))], 0)], &[]);
        assert!(text.contains(&format!("  {}…\n", "é".repeat(TITLE_CHARS))), "{text}");
    }
}
