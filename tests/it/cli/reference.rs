//! docs/config.md, the schema, the man page and what the program accepts are one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::home::Home;

const DOCS: &str = include_str!("../../../docs/config.md");

/// Table and key of every heading.
fn documented() -> Vec<(String, String)> {
    let mut table = String::new();
    let mut keys = Vec::new();
    for line in DOCS.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            table = title.strip_prefix('`').map(|title| title.trim_end_matches('`').to_owned()).unwrap_or_default();
        } else if let Some(key) = line.strip_prefix("### `") {
            keys.push((table.clone(), key.trim_end_matches('`').to_owned()));
        }
    }
    keys
}

/// The keys that the program knows in a table, by its own word.
fn known(home: &Home, table: &str) -> BTreeSet<String> {
    let source = "[[source]]\nurl = \"https://a.example/\"\n";
    let text = match table {
        "" => format!("qqqq = 1\n{source}"),
        "[[source]]" => format!("{source}qqqq = 1\n"),
        "[[list]]" => format!("{source}[[list]]\nurl = \"https://l.example/\"\nqqqq = 1\n"),
        "[[output]]" => format!("{source}[[output]]\nfile = \"a.xml\"\nqqqq = 1\n"),
        "[[post]]" => format!("{source}[[post]]\nrun = [\"cat\"]\nqqqq = 1\n"),
        table => format!("{source}{table}\nqqqq = 1\n"),
    };
    home.write("feeds.toml", &text);
    let said = home.does(&["check"]).exits(2).said;
    let list = said.split("known here: ").nth(1).unwrap_or_else(|| panic!("{table}: {said}"));
    list.lines().next().unwrap().split(", ").map(str::to_owned).collect()
}

#[test]
fn every_key_has_its_heading_and_no_heading_is_of_nothing() {
    let home = Home::empty();
    let documented = documented();
    let of = |table: &str| -> BTreeSet<String> {
        documented.iter().filter(|(of, _)| of == table).map(|(_, key)| key.clone()).collect()
    };
    let tables: BTreeSet<String> =
        ["defaults", "fetch", "list", "output", "post", "source", "store", "publish", "serve", "weave", "phrases"]
            .map(str::to_owned)
            .into();
    for table in ["[fetch]", "[weave]", "[store]", "[serve]", "[phrases]", "[[source]]", "[[output]]", "[[post]]"] {
        assert_eq!(known(&home, table), of(table), "{table}");
    }
    let mut top = known(&home, "");
    top.remove("public_url");
    assert_eq!(top.difference(&tables).cloned().collect::<BTreeSet<_>>(), of(""));
    let mut of_lists = of("[[source]]");
    of_lists.extend(of("[[list]]"));
    let known_of_lists: BTreeSet<String> = known(&home, "[[list]]");
    assert!(known_of_lists.is_subset(&of_lists), "{known_of_lists:?}");
}

#[test]
fn every_example_is_accepted() {
    let home = Home::empty();
    home.write("page.html", "{{ channel.title }}");
    home.write("my-filter", "#!/bin/sh\ncat\n");
    home.write("toot", "#!/bin/sh\ncat\n");
    home.write("write", "#!/bin/sh\ncat\n");
    fs::set_permissions(home.path("my-filter"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut table = String::new();
    let mut key = String::new();
    let mut tried = 0;
    for line in DOCS.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            table = title.strip_prefix('`').map(|title| title.trim_end_matches('`').to_owned()).unwrap_or_default();
        } else if let Some(name) = line.strip_prefix("### `") {
            key = name.trim_end_matches('`').to_owned();
        } else if let Some(example) = line.strip_prefix("- example: `").and_then(|line| line.strip_suffix('`')) {
            assert!(example.starts_with(&format!("{key} = ")), "{example}");
            let source =
                "[[source]]\nid = \"lwn\"\nname = \"x\"\nurl = \"https://a.example/\"\ntags = [\"security\"]\n";
            let (head, first) = match table.as_str() {
                "" => (format!("{example}\n{source}"), ""),
                "[[source]]" if key == "url" => (format!("[[source]]\n{example}\n"), ""),
                "[[source]]" if ["title", "link", "date", "summary"].contains(&key.as_str()) => {
                    (format!("[[source]]\nurl = \"https://b.example/\"\nitems = \"article\"\n{example}\n"), "")
                }
                "[[source]]" => (format!("[[source]]\nurl = \"https://b.example/\"\n{example}\n"), ""),
                "[[list]]" if key == "url" => (format!("{source}[[list]]\n{example}\n"), ""),
                "[[list]]" => (format!("{source}[[list]]\nurl = \"https://l.example/\"\n{example}\n"), ""),
                "[[output]]" if key == "file" => (format!("{source}[[output]]\n{example}\n"), ""),
                "[[output]]" | "[[post]]" if ["at", "zone", "sections"].contains(&key.as_str()) => {
                    let first = if table == "[[post]]" { "run = [\"cat\"]" } else { "file = \"a.xml\"" };
                    (format!("{source}{table}\n{first}\ndigest = \"daily\"\n{example}\n"), "")
                }
                "[[output]]" if key.starts_with("filter_") => {
                    (format!("{source}[[output]]\nfile = \"a.xml\"\nfilter = [\"cat\"]\n{example}\n"), "")
                }
                "[[output]]" if ["timeout", "budget", "max_answer", "env", "wait"].contains(&key.as_str()) => {
                    (format!("{source}[[output]]\nfile = \"a.xml\"\nrewrite = [\"cat\"]\n{example}\n"), "")
                }
                "[[output]]" => {
                    let file =
                        if ["template", "archive", "story_pages", "tag_pages", "source_pages", "images", "noindex"]
                            .contains(&key.as_str())
                        {
                            "a.html"
                        } else {
                            "a.xml"
                        };
                    (format!("{source}[[output]]\nfile = \"{file}\"\n{example}\n"), "link = \"https://x.example/\"\n")
                }
                "[[post]]" if key == "run" => (format!("{source}[[post]]\n{example}\n"), ""),
                "[[post]]" => (format!("{source}[[post]]\nrun = [\"cat\"]\n{example}\n"), ""),
                "[serve]" if key == "hub" => {
                    (format!("{source}[serve]\n{example}\n"), "link = \"https://x.example/\"\n")
                }
                table => (format!("{source}{table}\n{example}\n"), ""),
            };
            home.write("feeds.toml", &format!("{first}{head}"));
            let done = home.command(&["check"]).env("EXAMPLE_TOKEN", "x").output().unwrap();
            assert!(done.status.success(), "{table} {example}: {}", String::from_utf8_lossy(&done.stderr));
            tried += 1;
        }
    }
    assert_eq!(tried, documented().len());
}

/// What the schema says of a key.
fn property<'a>(schema: &'a Value, table: &str, key: &str) -> &'a Value {
    let name = table.trim_matches(['[', ']']);
    match table {
        "" => &schema["properties"][key],
        table if table.starts_with("[[") => &schema["properties"][name]["items"]["properties"][key],
        _ => &schema["properties"][name]["properties"][key],
    }
}

/// Whether `schema` takes `value`, as far as our schema uses the words of JSON Schema.
fn takes(schema: &Value, value: &Value) -> bool {
    let is_of_type = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.as_array().is_some_and(|items| items.iter().all(|item| takes(&schema["items"], item))),
        Some("object") => value.is_object(),
        Some(other) => panic!("{other}"),
        None => true,
    };
    let is_one_of =
        |list: &str, fits: &dyn Fn(&Value) -> bool| schema[list].as_array().is_none_or(|all| all.iter().any(fits));
    let fits_pattern = schema["pattern"]
        .as_str()
        .is_none_or(|pattern| value.as_str().is_some_and(|text| regex::Regex::new(pattern).unwrap().is_match(text)));
    let fits_range = value.as_i64().is_none_or(|number| {
        schema["minimum"].as_i64().is_none_or(|least| least <= number)
            && schema["maximum"].as_i64().is_none_or(|most| number <= most)
    });
    is_of_type
        && fits_pattern
        && fits_range
        && is_one_of("enum", &|word| word == value)
        && is_one_of("anyOf", &|schema| takes(schema, value))
}

/// The value of `line`, as in JSON.
fn value_of(line: &str) -> Value {
    let (key, _) = line.split_once(" = ").unwrap();
    let table: toml::Table = toml::from_str(line).unwrap();
    serde_json::to_value(&table[key]).unwrap()
}

#[test]
fn the_schema_takes_every_example_and_not_what_is_plainly_wrong() {
    let schema = Home::empty().does(&["schema"]).exits(0).json();
    let examples = DOCS.lines().filter_map(|line| line.strip_prefix("- example: `")?.strip_suffix('`'));
    for ((table, key), example) in documented().iter().zip(examples) {
        let value = value_of(example);
        assert!(takes(property(&schema, table, key), &value), "{table} {example}");
        assert!(!takes(property(&schema, table, key), &Value::Null), "{table} {key} takes nothing at all");
    }
    for (table, line, want) in [
        ("", "settle = \"20\"", false),
        ("", "settle = \"20 minutes\"", false),
        ("", "settle = \"1h30m\"", true),
        ("[store]", "keep = \"forever\"", true),
        ("[store]", "keep = \"ever\"", false),
        ("[[source]]", "max_age = \"none\"", true),
        ("[[source]]", "date_offset = \"-2h\"", true),
        ("[[source]]", "tags = \"one\"", true),
        ("[fetch]", "max_body = \"10 MB\"", false),
        ("[fetch]", "max_body = \"10 MiB\"", true),
        ("[fetch]", "max_body = \"4096\"", true),
        ("[fetch]", "parallelism = 0", false),
        ("[[output]]", "include = [{ field = \"title\", contains = \"x\" }]", true),
        ("[[post]]", "exclude = [{ field = \"language\", is = \"de\" }]", true),
        ("[[output]]", "include = \"x\"", false),
    ] {
        let key = line.split(" = ").next().unwrap();
        assert_eq!(takes(property(&schema, table, key), &value_of(line)), want, "{table} {line}");
    }
}

#[test]
fn schema_man_page_and_help_hold_every_key() {
    let home = Home::empty();
    let schema = home.does(&["schema"]).exits(0).json();
    let man = home.does(&["man"]).exits(0).out.replace("\\-", "-");
    let help = home.does(&["help", "config"]).exits(0).out;
    for (table, key) in documented() {
        let is_there = property(&schema, &table, &key)["description"].is_string();
        assert!(is_there, "{table} {key} is not in the schema");
        assert!(man.contains(&format!("\n{key} (")), "{table} {key} is not in the man page");
        assert!(help.contains(&format!("### `{key}`")), "{table} {key} is not in the help");
    }
    for empty in ["\n.PP\n.", "\n.PP\n\n"] {
        assert!(!man.contains(empty), "an empty paragraph in the man page");
    }
    for command in ["run", "add", "remove", "import", "export", "search", "backup", "status", "schema"] {
        assert!(man.contains(&format!(".SS {command}\n")), "{command} is not in the man page");
    }
    home.does(&["config", "keep"]).exits(0).prints(&["[store] keep", "180d"]);
    for table in ["defaults", "[defaults]", "phrases", "[phrases]", "output", "[[output]]"] {
        let name = table.trim_matches(['[', ']']);
        home.does(&["config", table]).exits(0).prints(&[&format!("[{name}]"), "\n    "]);
    }
    home.does(&["config", "[phrases]"]).exits(0).prints(&["[phrases] also", "Also covered by"]);
    home.does(&["config", "via"]).exits(0).prints(&["[phrases] via"]);
    for unknown in ["zzz", "[zzz]", "[]", ""] {
        home.does(&["config", unknown]).exits(1).says(&[&format!("no key or table `{unknown}`")]);
    }
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md").exists());
}
