//! Every path that a page or a comment names leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Endings of files that only a project has: a name with one of them is taken for a path.
const ENDINGS: [&str; 9] = ["rs", "py", "md", "sh", "sql", "trees", "jsonl", "service", "timer"];

/// Files that pages name and that are no files of this project.
const NOT_OURS: [(&str, &str); 6] = [
    ("truth.jsonl", "of the corpus"),
    ("dev.jsonl", "of the corpus"),
    ("windows.jsonl", "of the corpus"),
    ("score.py", "of the corpus"),
    ("run.py", "of the corpus"),
    ("rows.jsonl", "made by a recipe"),
];

/// A page or a source file of the project.
pub(super) struct Page {
    /// From the root, as in `docs/config.md`.
    pub(super) path: String,
    pub(super) text: String,
}

/// What there is: files and folders by their paths from the root.
pub(super) struct Ground(BTreeSet<String>);

impl Ground {
    pub(super) fn new(files: impl IntoIterator<Item = String>) -> Self {
        let mut all = BTreeSet::new();
        for file in files {
            let mut path = file.as_str();
            while let Some((folder, _)) = path.rsplit_once('/') {
                all.insert(folder.to_owned());
                path = folder;
            }
            all.insert(file);
        }
        Self(all)
    }

    fn has(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// Whether some path ends with `tail`, name by name.
    fn has_tail(&self, tail: &str) -> bool {
        self.has(tail) || self.0.iter().any(|path| path.strip_suffix(tail).is_some_and(|head| head.ends_with('/')))
    }

    /// Whether `name` begins with a folder at the root, or with a room of the program and a slash.
    fn is_rooted(&self, name: &str) -> bool {
        let Some((first, _)) = name.split_once('/') else { return false };
        // What is in `data` belongs to the user.
        first != "data" && (self.has(first) || self.has(&format!("src/{first}")))
    }
}

/// The page of the map, whose tree of folders is read line by line.
const MAP: &str = "ARCHITECTURE.md";

/// What `page` names and `ground` has not.
pub(super) fn complaints(page: &Page, ground: &Ground) -> Vec<String> {
    let text = if page.path.ends_with(".rs") { comments(&page.text) } else { page.text.clone() };
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut complain = |what: &str| found.push(format!("{}:{}: there is no {what}", page.path, at + 1));
        names(line).filter(|name| !leads_somewhere(name, page, ground)).for_each(|name| complain(&name));
        if page.path.ends_with(".md") {
            links(line).filter(|link| !ground.has(&from(&page.path, link))).for_each(complain);
        }
    }
    if page.path == MAP {
        found.extend(missing_in_tree(&page.text, ground));
    }
    found
}

/// Where the comments of a source file stand; all else is left out.
fn comments(text: &str) -> String {
    let comment = |line: &str| line.split_once("//").map_or(String::new(), |(_, comment)| comment.to_owned());
    text.lines().map(comment).collect::<Vec<_>>().join("\n")
}

/// Words of a line that may be paths, braces written out: `a/{b,c}.txt` is two.
fn names(line: &str) -> impl Iterator<Item = String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_.-/{},*:".contains(c);
    let words = line.split(move |c: char| !is_part(c)).filter(|word| !word.contains("://") && !word.contains("::"));
    words.flat_map(|word| written_out(word.trim_end_matches(['.', ',', ':', '/'])))
}

fn written_out(word: &str) -> Vec<String> {
    let parts = word.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?)));
    match parts {
        Some((head, (inside, tail))) => inside.split(',').map(|part| format!("{head}{part}{tail}")).collect(),
        None => word.split(',').map(str::to_owned).collect(),
    }
}

/// Whether `name` is no path of the project, or one that exists.
fn leads_somewhere(name: &str, page: &Page, ground: &Ground) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let has_ending = last.split_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending));
    let is_ours = !NOT_OURS.iter().any(|(other, _)| *other == last)
        && !name.starts_with('/')
        && !name.starts_with("..")
        && !name.contains('*');
    if !is_ours || !(has_ending || ground.is_rooted(name)) {
        return true;
    }
    let is_there = |name: &str| ["", ".rs"].iter().any(|ending| ground.has_tail(&format!("{name}{ending}")));
    // By its bare name a comment names a file of its own room.
    is_there(name) && (name.contains('/') || page.path.ends_with(".md") || is_in_room(name, page, ground))
}

fn is_in_room(name: &str, page: &Page, ground: &Ground) -> bool {
    let mut parts = page.path.split('/');
    let top = parts.next().unwrap_or_default();
    let room = if top == "src" { parts.next().map(|room| format!("{top}/{room}")) } else { None };
    let room = room.filter(|room| ground.has(room) && !room.ends_with(".rs")).unwrap_or_else(|| top.to_owned());
    ground.0.iter().any(|path| path.starts_with(&room) && path.rsplit('/').next() == Some(name))
        || ground.has(name)
        || page.path.starts_with("tests") && ground.has_tail(name)
}

/// Targets of links in Markdown that lead to files of the project, without their anchors.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let targets = targets.map(|target| target.split('#').next().unwrap_or_default());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// `link` as seen from the root.
fn from(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Lines of the tree begin with names, indented by two for each folder around them; what they say follows after a gap.
fn missing_in_tree(text: &str, ground: &Ground) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    let mut missing = Vec::new();
    let tree = text.lines().skip_while(|line| *line != "src/").take_while(|line| *line != "```");
    for line in tree {
        let indent = line.len() - line.trim_start().len();
        if indent > 8 {
            continue;
        }
        folders.truncate(indent / 2);
        let names = line.trim_start().split("  ").next().unwrap_or_default();
        for name in names.split(|c: char| ", ()".contains(c)).filter(|name| !name.is_empty()) {
            let path = format!("{}{name}", folders.concat());
            if !ground.has(path.trim_end_matches('/')) {
                missing.push(format!("{MAP}: its tree has {path}, the project has not"));
            }
        }
        let first = names.split([',', ' ']).next().unwrap_or_default();
        folders.push(if first.ends_with('/') { first.to_owned() } else { String::new() });
    }
    missing
}

/// All there is below the root, but for what is made and what git keeps.
fn project() -> (Vec<Page>, Ground) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut pages, mut files, mut folders) = (Vec::new(), Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", ".git", "node_modules"].contains(&name.as_str()) {
                    files.push(name);
                    folders.push(path);
                }
                continue;
            }
            if name.ends_with(".md") || name.ends_with(".rs") && !name.starts_with("tests/it/tidy") {
                pages.push(Page { path: name.clone(), text: fs::read_to_string(&path).unwrap() });
            }
            files.push(name);
        }
    }
    (pages, Ground::new(files))
}

#[test]
fn every_path_that_a_page_or_a_comment_names_exists() {
    let (pages, ground) = project();
    assert!(pages.len() > 100 && pages.iter().any(|page| page.path == MAP), "the project was not found");
    let found: Vec<String> = pages.iter().flat_map(|page| complaints(page, &ground)).collect();
    assert!(found.is_empty(), "{} paths lead nowhere:\n{}", found.len(), found.join("\n"));
}
