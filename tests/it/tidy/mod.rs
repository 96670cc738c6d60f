//! The house rules that can be read off the source: who may import whom, where a crate may be used.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file under `src`, by its path from there, with the code before its tests.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                // A file of tests is none of the program.
                if name.ends_with("/tests.rs") {
                    continue;
                }
                found.push((name, code.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")));
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "the source tree was not found");
    found
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// The top-level module that a file belongs to.
fn module(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

/// Top-level modules that a file imports or names.
fn imported(code: &str) -> Vec<&str> {
    let mut names: Vec<&str> = code
        .split("crate::")
        .skip(1)
        .flat_map(|after| {
            let after = after.strip_prefix('{').map_or(after, |list| list.split('}').next().unwrap_or_default());
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
            [&after[..end]]
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn imports_point_downwards_only() {
    let below: &[(&str, &[&str])] = &[
        ("model", &["model", "text"]),
        ("text", &["model", "text"]),
        ("rights", &["rights", "model", "text"]),
        ("config", &["config", "rights", "model", "text"]),
        ("store", &["store", "rights", "model", "text"]),
        ("parse", &["parse", "config", "rights", "model", "text"]),
        ("extract", &["extract", "parse", "config", "rights", "model", "text"]),
        ("gather", &["gather", "parse", "extract", "store", "config", "rights", "model", "text"]),
        ("weave", &["weave", "store", "config", "rights", "model", "text"]),
        ("publish", &["publish", "store", "config", "rights", "model", "text"]),
        (
            "pass",
            &["pass", "gather", "parse", "extract", "weave", "publish", "store", "config", "rights", "model", "text"],
        ),
        (
            "ops",
            &[
                "ops", "pass", "gather", "parse", "extract", "weave", "publish", "store", "config", "rights", "model",
                "text",
            ],
        ),
        (
            "cli",
            &[
                "cli", "ops", "pass", "gather", "parse", "extract", "weave", "publish", "store", "config", "rights",
                "model", "text",
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        let here = module(&file);
        if matches!(here, "main" | "lib") {
            continue;
        }
        let Some((_, allowed)) = below.iter().find(|(name, _)| *name == here) else {
            wrong.push(format!("{file}: the module `{here}` has no place in the layering"));
            continue;
        };
        for name in imported(&code) {
            if !allowed.contains(&name) {
                wrong.push(format!("{file} imports crate::{name}, which lies above or beside it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_homes() {
    let homes: &[(&str, &[&str])] = &[
        ("reqwest", &["gather/fetch/"]),
        ("feed_rs", &["publish/gate.rs"]),
        ("ammonia", &["text/"]),
        ("scraper", &["text/css.rs", "extract/"]),
        ("ego_tree", &["text/css.rs", "extract/"]),
        ("aho_corasick", &["extract/"]),
        ("rusqlite", &["store/"]),
        ("rss", &["publish/render/"]),
        ("minijinja", &["publish/render/", "config/template.rs"]),
        ("toml", &["config/"]),
        ("axum", &["cli/demo/"]),
        ("clap", &["cli/"]),
        ("anyhow", &["cli/"]),
        ("indicatif", &["cli/"]),
        ("rust_stemmers", &["weave/"]),
    ];
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        for (name, allowed) in homes {
            let path = format!("{name}::");
            let used = code
                .match_indices(&path)
                .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if used && !allowed.iter().any(|home| file.starts_with(home)) {
                wrong.push(format!("{file} uses {name}, which lives in {}", allowed.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_prints_or_reads_the_clock() {
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        if file.starts_with("cli/") {
            continue;
        }
        for word in ["println!", "eprintln!", "print!(", "Timestamp::now", "SystemTime::now", "Zoned::now"] {
            if code.contains(word) {
                wrong.push(format!("{file} has {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn async_stays_where_waiting_is() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(file, code)| {
            code.contains("async fn") && !(file.starts_with("cli/") || file == "pass.rs" || file.starts_with("gather/"))
                || (file.starts_with("parse/") || file.starts_with("extract/")) && code.contains("async ")
        })
        .map(|(file, _)| file)
        .collect();
    assert!(wrong.is_empty(), "async outside gather, pass and cli: {}", wrong.join(", "));
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(file, code)| !file.ends_with("/tests.rs") && code.contains(".unwrap()"))
        .map(|(file, _)| file)
        .collect();
    assert!(wrong.is_empty(), "unwrap in {}", wrong.join(", "));
}

/// The last row of the acceptance cases that is about the wire, the machine and what must not be lost.
const LAST_CASE: u32 = 81;

#[test]
fn every_acceptance_case_is_named_at_the_test_that_holds_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests/it"), root.join("src"), root.join("tests/e2e")];
    let mut named = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
                let text = fs::read_to_string(&path).unwrap();
                let lines: Vec<&str> = text.lines().map(str::trim).collect();
                for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_case(line)) {
                    let test = lines[at..].iter().take(8).any(|line| line.starts_with("#[") && line.contains("test"));
                    assert!(test || line.starts_with("\"\"\""), "{}: {line}: no test below it", path.display());
                    named.extend(line.split(|c: char| !c.is_alphanumeric()).filter_map(case_number));
                }
            }
        }
    }
    let missing: Vec<u32> = (1..=LAST_CASE).filter(|number| !named.contains(number)).collect();
    assert!(missing.is_empty(), "no test is named T{missing:02?}");
}

/// Whether a line opens the description of a test by the number of its case.
fn is_case(line: &str) -> bool {
    let text = line.strip_prefix("/// ").or_else(|| line.strip_prefix("\"\"\""));
    text.and_then(|text| text.split([':', '.', ',']).next()).and_then(case_number).is_some()
}

fn case_number(word: &str) -> Option<u32> {
    word.strip_prefix('T').filter(|digits| digits.len() == 2).and_then(|digits| digits.parse().ok())
}
