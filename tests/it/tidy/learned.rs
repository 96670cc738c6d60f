//! Every learned table says in its head when it was made, by which recipe, from what, and how good it is; each has its place
//! in the script that makes it again.

use std::fs;
use std::path::Path;

/// Tables that a person wrote.
const BY_HAND: [&str; 1] = ["src/weave/models/kinds.txt"];
/// Folders of learned tables.
const FOLDERS: [&str; 2] = ["src/weave/models", "src/extract/models"];
/// What makes them again and compares.
const CHECK: &str = include_str!("../../../quality/tables.py");

/// What is missing in `head`, the comments of a table; `exists` is asked for paths from the root.
fn missing(head: &str, exists: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let words: Vec<&str> = head.split(|c: char| c.is_whitespace() || ",;.()".contains(c)).collect();
    let is_hash =
        |word: &&&str| word.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) && [16, 64].contains(&word.len());
    let is_date = |word: &&&str| word.parse::<jiff::civil::Date>().is_ok();
    let recipe = head.split(|c: char| c.is_whitespace() || ",;".contains(c)).find(|word| word.starts_with("quality/"));
    let mut missing = Vec::new();
    for (what, there) in [
        ("a date", words.iter().filter(is_date).count() == 1),
        ("its recipe", recipe.is_some_and(&exists)),
        ("the hash of its corpus", words.iter().filter(is_hash).count() == 1 && head.contains("corpus")),
        ("figures", head.lines().any(|line| ["F1 ", " terms "].iter().any(|figure| line.contains(figure)))),
    ] {
        if !there {
            missing.push(what);
        }
    }
    missing
}

fn head_of(text: &str) -> String {
    text.lines().take_while(|line| line.starts_with("# ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_learned_table_says_where_it_comes_from() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for folder in FOLDERS {
        for path in fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if BY_HAND.contains(&format!("{folder}/{name}").as_str()) {
                continue;
            }
            let missing = missing(&head_of(&fs::read_to_string(&path).unwrap()), |recipe| root.join(recipe).is_file());
            assert!(missing.is_empty(), "{folder}/{name} does not state {missing:?}");
            assert!(CHECK.contains(&name), "quality/tables.py does not make {name} again");
            seen += 1;
        }
    }
    assert_eq!(seen, 5);
}

#[test]
fn a_head_that_says_less_is_found() {
    let head = "# Made 2026-11-27 by quality/a.py from the corpus, sha256 0123456789abcdef.\n# F1 .9 on unseen pages.";
    let of = |head: &str| missing(&head_of(&format!("{head}\nfirst 1\n")), |path| path == "quality/a.py");
    assert_eq!(of(head), Vec::<&str>::new());
    for (from, to, what) in [
        ("2026-11-27", "2026-13-27", "a date"),
        ("2026-11-27", "today", "a date"),
        ("quality/a.py", "quality/b.py", "its recipe"),
        ("quality/a.py", "a.py", "its recipe"),
        ("0123456789abcdef", "0123456789abcdeg", "the hash of its corpus"),
        ("0123456789abcdef", "0123456789abcde", "the hash of its corpus"),
        ("0123456789abcdef", "0123456789ABCDEF", "the hash of its corpus"),
        ("the corpus, ", "", "the hash of its corpus"),
        ("F1 .9", "good", "figures"),
        ("# F1", "F1", "figures"),
    ] {
        assert_eq!(of(&head.replace(from, to)), [what], "{from} -> {to}");
    }
}
