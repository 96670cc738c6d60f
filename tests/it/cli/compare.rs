//! `run --dry-run --with OTHER.toml`: what another configuration would gain, lose or regroup.

use serde_json::Value;

use super::home::{Done, Home};

/// Two that tell the same news in other words, a third in the same, and news of their own.
fn home() -> Home {
    let home = Home::empty();
    let same = "Corvane launches Heron X2, a 24-core laptop chip with two days of battery";
    home.feed("wire.xml", &[same, "Lighthouse sold to a choir"]);
    home.feed(
        "ledger.xml",
        &["Corvane unveils Heron X2 laptop chip: 24 cores, two days of battery", "Owls learn to juggle"],
    );
    home.feed("echo.xml", &[same, "Kite maker opens a school"]);
    home.write("feeds.toml", &toml("", &["wire", "ledger", "echo"]));
    home.runs(1, &[]).exits(0);
    home
}

fn toml(more: &str, sources: &[&str]) -> String {
    let of = |id: &&str| format!("\n[[source]]\nid = \"{id}\"\nurl = \"file:{id}.xml\"\n");
    format!("link = \"https://feeds.example.org/\"\n{more}\n{}", sources.iter().map(of).collect::<String>())
}

fn compares(home: &Home, other: &str, more: &[&str]) -> Done {
    home.write("other.toml", other);
    let now = ["run", "--dry-run", "--with", "other.toml", "--now", "2026-03-02T02:00:00Z"];
    let before = home.disk();
    let done = home.does(&[&now, more].concat());
    assert_eq!(before, home.disk(), "nothing is written");
    done
}

/// Titles gained and lost, and the numbers of items regrouped "now>then", of the first output.
#[track_caller]
fn check(home: &Home, other: &str, want: (&[&str], &[&str], &[&str])) -> Value {
    let told = compares(home, other, &["--json"]).exits(0).json();
    let first = &told["outputs"][0];
    let titles = |kind: &str| -> Vec<String> {
        let mut titles: Vec<String> =
            first[kind].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    let entries = |side: &Value| -> String {
        let count = |story: &Value| story["entries"].as_array().unwrap().len();
        let mut counts: Vec<usize> = side.as_array().unwrap().iter().map(count).collect();
        counts.sort_unstable();
        counts.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
    };
    let regrouped: Vec<String> = first["regrouped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| format!("{}>{}", entries(&change["now"]), entries(&change["then"])))
        .collect();
    assert_eq!((titles("gained"), titles("lost"), regrouped), (own(want.0), own(want.1), own(want.2)), "{told:#}");
    told
}

fn own(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

const ALL: &[&str] = &["wire", "ledger", "echo"];

#[test]
fn the_same_configuration_differs_in_nothing() {
    let home = home();
    check(&home, &toml("", ALL), (&[], &[], &[]));
    compares(&home, &toml("", ALL), &[]).exits(0).prints(&["other.toml would show the same stories in every output"]);
}

#[test]
fn a_source_less_loses_its_stories_and_its_credits() {
    let home = home();
    check(&home, &toml("", &["wire", "ledger"]), (&[], &["Kite maker opens a school"], &["3>2"]));
    check(&home, &toml("", &["echo"]), (&[], &["Lighthouse sold to a choir", "Owls learn to juggle"], &["3>1"]));
    let filtered = toml("[defaults]\nexclude = [{ field = \"title\", contains = \"owls\" }]", ALL);
    let told = check(&home, &filtered, (&[], &["Owls learn to juggle"], &[]));
    assert_eq!(told["outputs"][0]["lost"][0]["rule"], "exclude");
}

#[test]
fn other_settings_of_weave_group_what_is_stored_anew() {
    let home = home();
    let exact = toml("[weave]\nsame_story = \"exact\"", ALL);
    check(&home, &exact, (&[], &[], &["3>1+2"]));
    check(&home, &toml("[weave]\nsame_story = \"off\"", ALL), (&[], &[], &["3>1+1+1"]));
    compares(&home, &exact, &[]).exits(0).prints(&[
        "feed.xml, atom.xml, feed.json, index.html: 4 items now, 5 then: 0 gained, 0 lost, 1 regrouped",
        "regrouped  now  Corvane",
        "3 entries",
        "then ",
    ]);
    // And back again, once the other is in use.
    home.write("feeds.toml", &exact);
    std::fs::remove_dir_all(home.path("data")).unwrap();
    home.runs(1, &[]).exits(0);
    check(&home, &toml("", ALL), (&[], &[], &["1+2>3"]));
}

#[test]
fn outputs_come_and_go_and_grow() {
    let home = home();
    let few = toml(
        "[[output]]\nfile = \"feed.xml\"\nitems = 2\n[[output]]\nfile = \"owls.json\"\nsources = [\"ledger\"]",
        ALL,
    );
    let told = compares(&home, &few, &["--json"]).exits(0).json();
    let of = |file: &str| {
        let outputs = told["outputs"].as_array().unwrap();
        outputs.iter().find(|one| one["files"].as_array().unwrap().iter().any(|name| name == file)).unwrap().clone()
    };
    assert_eq!((of("feed.xml")["now"].clone(), of("feed.xml")["then"].clone()), (4.into(), 2.into()));
    assert_eq!(of("feed.xml")["lost"][0]["rule"], "items");
    assert_eq!((of("owls.json")["now"].clone(), of("owls.json")["then"].clone()), (Value::Null, 2.into()));
    assert_eq!((of("index.html")["now"].clone(), of("index.html")["then"].clone()), (4.into(), Value::Null));
    // The other way round it is gained, and the rule is the present one's.
    home.write("feeds.toml", &few);
    std::fs::remove_dir_all(home.path("data")).unwrap();
    home.runs(1, &[]).exits(0);
    let told = compares(&home, &toml("", ALL), &["--json"]).exits(0).json();
    let gained = told["outputs"][0]["gained"].as_array().unwrap();
    assert_eq!((gained.len(), &gained[0]["rule"]), (2, &Value::from("items")));
}

#[test]
fn what_was_never_fetched_is_said_not_guessed() {
    let home = home();
    let told = check(&home, &toml("", &["wire", "ledger", "echo", "novel"]), (&[], &[], &[]));
    assert_eq!(told["not_known"], serde_json::json!(["novel"]));
    compares(&home, &toml("", &["wire", "ledger", "echo", "novel"]), &[])
        .exits(0)
        .prints(&["no entry is stored yet of 1 source in other.toml, so what that would bring is not known: novel"]);
}

#[test]
fn a_wrong_other_is_an_error_with_its_place() {
    let home = home();
    compares(&home, "link = 7\n", &[]).exits(2).says(&["other.toml:1"]);
    home.does(&["run", "--dry-run", "--with", "nowhere.toml"]).exits(2).says(&["nowhere.toml"]);
    home.does(&["run", "--with", "other.toml"]).exits(2).says(&["--dry-run"]);
    let empty = Home::empty();
    empty.write("feeds.toml", &toml("", ALL));
    compares(&empty, &toml("", ALL), &[]).exits(1);
}
