//! Every case of docs/cases.md is named at a test, and every case that a test names stands there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The page that says what each case is.
const CASES: &str = include_str!("../../../docs/cases.md");

#[test]
fn every_acceptance_case_is_named_at_the_test_that_holds_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests/it"), root.join("src"), root.join("tests/e2e")];
    let mut named = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
                let text = fs::read_to_string(&path).unwrap();
                let lines: Vec<&str> = text.lines().map(str::trim).collect();
                named.extend(lines.iter().filter_map(|line| case_of_name(line)));
                for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_case(line)) {
                    let test = lines[at..].iter().take(8).any(|line| line.starts_with("#[") && line.contains("test"));
                    assert!(test || line.starts_with("\"\"\""), "{}: {line}: no test below it", path.display());
                    named.extend(line.split(|c: char| !c.is_alphanumeric()).filter_map(case_number));
                }
            }
        }
    }
    let rows: Vec<u32> =
        CASES.lines().filter_map(|line| case_number(line.strip_prefix("| ")?.split(' ').next()?)).collect();
    assert!(rows.len() > 80, "docs/cases.md has its cases in tables: {rows:?}");
    let missing: Vec<&u32> = rows.iter().filter(|number| !named.contains(number)).collect();
    assert!(missing.is_empty(), "no test is named T{missing:02?}");
    let unknown: Vec<&u32> = named.iter().filter(|number| !rows.contains(number)).collect();
    assert!(unknown.is_empty(), "docs/cases.md has no T{unknown:02?}");
}

/// Whether a line opens the description of a test by the number of its case.
fn is_case(line: &str) -> bool {
    let text = line.strip_prefix("/// ").or_else(|| line.strip_prefix("\"\"\""));
    text.and_then(|text| text.split([':', '.', ',']).next()).and_then(case_number).is_some()
}

/// The case in the name of a test, as in `fn t82_what_denies_is_not_published`.
fn case_of_name(line: &str) -> Option<u32> {
    let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn t")?;
    let (digits, _) = name.split_once('_')?;
    digits.parse().ok().filter(|_| digits.len() == 2)
}

fn case_number(word: &str) -> Option<u32> {
    word.strip_prefix('T').filter(|digits| digits.len() == 2).and_then(|digits| digits.parse().ok())
}
