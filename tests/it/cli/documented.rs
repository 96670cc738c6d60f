//! Every command line in README.md and docs/ is run, in a folder as a reader of that page has it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::home::{HEAD, Home, KITES, OWLS, ok, rss};
use crate::publisher::Publisher;

/// What is not run, by the beginning of the line, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("systemctl ", "needs systemd as root; .ci/tests verifies the units and installs the package"),
    ("journalctl ", "needs systemd"),
    ("cargo test", "this is it"),
    ("cargo bench", "takes minutes; benches/README.md has its figures"),
    ("cargo install ", "builds the program from the network"),
    ("cargo build ", "builds the program"),
    ("cargo deb", "builds a package; .ci/tests does"),
    ("apt install ", "needs root; .ci/tests installs the package"),
    ("docker ", "needs docker; .ci/tests looks at the image's root"),
    ("feedloom demo --serve", "serves until it is stopped; `demo` itself is run in first_steps.rs"),
    ("feedloom serve", "serves until it is stopped; tests/it/serve does"),
    ("feedloom add https://", "asks a publisher's server"),
];

/// Commands that are named without what they need: their help is asked for.
const NAMED_ONLY: &[&str] =
    &["search", "config", "join", "split", "add", "remove", "import", "backup", "why", "takedown"];

/// One line of a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    page: String,
    text: String,
}

fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md"), root.join("SECURITY.md")];
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    paths.extend(docs.filter(|path| path.extension().is_some_and(|end| end == "md")));
    let named = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
    paths.iter().map(|path| (named(path), fs::read_to_string(path).unwrap())).collect()
}

/// Commands in blocks of `console`, `sh` and `cron`, and those in running text that begin with a program's name; scripts
/// (blocks that begin with `#!`) apart.
fn lines() -> (BTreeSet<Line>, Vec<String>) {
    let (mut lines, mut scripts) = (BTreeSet::new(), Vec::new());
    for (page, text) in pages() {
        let mut prose = String::new();
        for (number, part) in text.split("```").enumerate() {
            let (kind, block) = part.split_once('\n').unwrap_or((part, ""));
            if number % 2 == 0 {
                prose.push_str(part);
            } else if ["console", "sh", "cron"].contains(&kind) {
                if block.starts_with("#!") {
                    scripts.push(block.to_owned());
                    continue;
                }
                lines.extend(block.lines().flat_map(commands_of).map(|text| Line { page: page.clone(), text }));
            }
        }
        for code in prose.split('`').skip(1).step_by(2) {
            let text = code.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.starts_with("feedloom ") || text.starts_with("cargo ") {
                lines.insert(Line { page: page.clone(), text });
            }
        }
    }
    (lines, scripts)
}

/// The commands of a line: without prompt, schedule, comment and `cd`.
fn commands_of(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches(['$', '#']).trim();
    let line = line.split("  #").next().unwrap_or(line).trim();
    let line = line.rsplit("* *  ").next().unwrap_or(line);
    let parts = line.split("&&").map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty() && !part.starts_with("cd ")).collect()
}

/// A folder with a feeds.toml that has run once: two outlets with one story, and a third feed to be added.
struct Reader {
    home: Home,
    publisher: Publisher,
    stories: Vec<String>,
}

impl Reader {
    fn new() -> Self {
        let publisher = Publisher::start();
        publisher.script("/owls", [ok(&rss("owls", OWLS))]);
        publisher.script("/echo", [ok(&rss("echo", &OWLS[..1]))]);
        publisher.script("/kites", [ok(&rss("kites", KITES))]);
        let home = Home::empty();
        let source =
            |id: &str| format!("\n[[source]]\nid = \"{id}\"\nurl = \"{}\"\n", publisher.url(&format!("/{id}")));
        home.write("feeds.toml", &format!("{HEAD}{}{}", source("owls"), source("echo")));
        home.write(
            "list.opml",
            &format!("<opml><body><outline type=\"rss\" xmlUrl=\"{}\"/></body></opml>", publisher.url("/kites")),
        );
        fs::create_dir(home.path("backup")).unwrap();
        home.runs(1, &[]).exits(0);
        let story =
            |words: &str| home.does(&["why", "--json", words]).exits(0).json()["story"].as_str().unwrap().to_owned();
        let stories = vec![story("owls"), story("lighthouse")];
        Self { home, publisher, stories }
    }

    /// The words of a command with everything that stands for something else replaced.
    fn words(&self, text: &str) -> Vec<String> {
        let mut stories = self.stories.iter().cycle();
        let folder = self.home.folder.path().to_str().unwrap();
        let one = |word: &str| match word {
            "URL" | "URL…" => self.publisher.url("/kites"),
            "ID" | "NAME" => "owls".to_owned(),
            "WORDS" => "juggle".to_owned(),
            "KEY" => "keep".to_owned(),
            "SHELL" => "bash".to_owned(),
            "FILE.opml" => "list.opml".to_owned(),
            "STORY" => stories.next().unwrap().clone(),
            "ENTRY" => "https://echo.example/owls-learn-to-juggle".to_owned(),
            "ADDRESS" => "https://owls.example/lighthouse-sold-to-a-choir".to_owned(),
            path => path.replace("/srv/feeds", folder).replace("/backup/", &format!("{folder}/backup/")),
        };
        let mut one = one;
        text.split(' ').map(|word| one(word.trim_matches('"'))).collect()
    }
}

#[test]
fn every_command_line_of_the_documentation_does_what_it_says() {
    let (lines, scripts) = lines();
    assert!(lines.len() > 20, "{lines:?}");
    let mut left_out = BTreeSet::new();
    for Line { page, text } in &lines {
        let text = text.replace("cargo run --release -- ", "feedloom ");
        if let Some((start, _)) = NOT_RUN.iter().find(|(start, _)| text.starts_with(start)) {
            left_out.insert(*start);
            if let Some(command) = text.strip_prefix("feedloom ").and_then(|text| text.split(' ').next()) {
                Home::empty().does(&["help", command]).exits(0);
            }
            continue;
        }
        let Some(typed) = text.strip_prefix("feedloom ") else {
            panic!("{page}: {text:?} is neither run nor in NOT_RUN")
        };
        let reader = Reader::new();
        let (typed, into) = typed.split_once(" > ").map_or((typed, None), |(typed, into)| (typed, Some(into)));
        let mut words = reader.words(typed);
        if let [only] = &words[..]
            && NAMED_ONLY.contains(&only.as_str())
        {
            words.push("--help".to_owned());
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words.first() == Some(&"init") {
            fs::remove_file(reader.home.path("feeds.toml")).unwrap();
        }
        let done = reader.home.does(&words);
        assert_eq!(done.code, Some(0), "{page}: {text}\n{}\n{}", done.out, done.said);
        assert!(into.is_none() || !done.out.is_empty(), "{page}: {text} prints nothing");
    }
    for script in scripts {
        let mut sh = Command::new("sh").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(sh.stdin.as_mut().unwrap(), script.as_bytes()).unwrap();
        assert!(sh.wait().unwrap().success(), "{script}");
    }
    // What is in the list and nowhere else is out of date, unless it is about how the program gets there.
    let about_installing =
        ["cargo install ", "cargo build ", "cargo deb", "apt install ", "docker ", "feedloom add https://"];
    for (start, why) in NOT_RUN.iter().filter(|(start, _)| !about_installing.contains(start)) {
        assert!(left_out.contains(start), "{start:?} ({why}) is in no page");
    }
}

#[test]
fn every_command_of_the_readme_exists_and_every_command_is_in_it() {
    let (_, readme) = pages().into_iter().next().unwrap();
    let table = readme.split("## Commands").nth(1).unwrap().split("\n## ").next().unwrap();
    let first_cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let named: BTreeSet<String> = first_cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|code| code.split(' ').next().map(str::to_owned))
        .collect();
    let home = Home::empty();
    for command in &named {
        home.does(&["help", command]).exits(0);
    }
    let help = home.does(&["--help"]).exits(0).out;
    let all = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let inline = |command: &str| readme.contains(&format!("`{command} ")) || readme.contains(&format!("`{command}`"));
    for command in all.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()) {
        assert!(command.is_empty() || command == "help" || inline(command), "{command} is not in the README");
    }
}
