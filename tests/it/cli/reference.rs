//! docs/config.md, the schema, the man page and what the program accepts are one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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

#[test]
fn schema_man_page_and_help_hold_every_key() {
    let home = Home::empty();
    let schema = home.does(&["schema"]).exits(0).json();
    let man = home.does(&["man"]).exits(0).out.replace("\\-", "-");
    let help = home.does(&["help", "config"]).exits(0).out;
    for (table, key) in documented() {
        let properties = match table.as_str() {
            "" => &schema["properties"],
            table if table.starts_with("[[") => {
                &schema["properties"][table.trim_matches(['[', ']'])]["items"]["properties"]
            }
            table => &schema["properties"][table.trim_matches(['[', ']'])]["properties"],
        };
        assert!(properties[&key]["description"].is_string(), "{table} {key} is not in the schema");
        assert!(man.contains(&format!("\n{key} (")), "{table} {key} is not in the man page");
        assert!(help.contains(&format!("### `{key}`")), "{table} {key} is not in the help");
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
