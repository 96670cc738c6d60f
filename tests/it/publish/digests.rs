//! Digests through the binary: one issue a day, each story in one of them, frozen, whatever clocks and databases do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use crate::random::Random;

/// Two outlets, and digests of what they write.
struct Desk {
    folder: TempDir,
    /// Number, outlet, title, time.
    entries: Vec<(usize, &'static str, String, Timestamp)>,
}

const DIGEST: &str = "[[output]]\nfile = \"digest.json\"\ndigest = \"daily\"\nat = \"02:30\"\n";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A word that no other number has.
fn word(mut number: usize) -> String {
    let mut word = String::new();
    for _ in 0..4 {
        word.push(char::from(b"bdfgklmnprstvz"[number % 14]));
        word.push(char::from(b"aeiou"[number % 5]));
        number = number / 14 + number % 14 * 31 + 7;
    }
    word
}

impl Desk {
    fn new(top: &str, outputs: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), entries: Vec::new() };
        desk.configure(top, outputs);
        desk.serve();
        desk
    }

    fn configure(&self, top: &str, outputs: &str) {
        let source = |id: &str| {
            format!("[[source]]\nid = \"{id}\"\nurl = \"file:{id}.xml\"\ntags = [\"of-{id}\"]\nmax_age = \"366d\"\n")
        };
        let toml = format!(
            "link = \"https://f.example/\"\ntitle = \"News\"\n{top}\n[weave]\nsame_story = \"exact\"\n{}{}[[output]]\nfile = \"feed.json\"\n\
             items = 1000\nspan = \"366d\"\n{outputs}",
            source("amber"),
            source("birch")
        );
        fs::write(self.path("feeds.toml"), toml).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&mut self, outlet: &'static str, at: Timestamp) {
        let number = self.entries.len();
        let title = format!("Report {number} on {} and {}", word(number * 3), word(number * 3 + 1));
        self.entries.push((number, outlet, title, at));
        self.serve();
    }

    /// The feeds hold the last thirty of each.
    fn serve(&self) {
        for outlet in ["amber", "birch"] {
            let mut items = String::new();
            for (number, _, title, at) in self.entries.iter().filter(|(_, of, ..)| *of == outlet).rev().take(30) {
                let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT");
                write!(
                    items,
                    "<item><title>{title}</title><link>https://{outlet}.example/{number}</link><pubDate>{date}</pubDate>\
                     <description>What {title} says, by {outlet}.</description></item>"
                )
                .unwrap();
            }
            let feed = format!(
                "<rss version=\"2.0\"><channel><title>The {outlet}</title><link>https://{outlet}.example/</link>{items}</channel></rss>"
            );
            fs::write(self.path(&format!("{outlet}.xml")), feed).unwrap();
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.arg("--config").arg(self.path("feeds.toml")).args(words);
        command
    }

    #[track_caller]
    fn does(&self, words: &[&str]) -> Output {
        let done = self.command(words).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        done
    }

    #[track_caller]
    fn run(&self, now: Timestamp) {
        self.does(&["run", "--all", "--now", &now.to_string()]);
    }

    fn document(&self, file: &str) -> Vec<u8> {
        fs::read(self.path("data/public").join(file)).unwrap()
    }

    fn output(&self, file: &str) -> Vec<Value> {
        let bytes = self.document(file);
        serde_json::from_slice::<Value>(&bytes).unwrap()["items"].as_array().unwrap().clone()
    }

    fn issues(&self) -> Vec<Value> {
        self.output("digest.json")
    }
}

/// The numbers of the stories in an issue, first to last.
fn numbers(issue: &Value) -> Vec<usize> {
    let number = |source: &Value| source["url"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    issue["_feedloom"]["sources"].as_array().unwrap().iter().map(number).collect()
}

#[test]
fn an_issue_is_made_when_it_is_due_and_stays_as_it_is() {
    let formats = "[[output]]\nfile = \"digest.xml\"\ndigest = \"daily\"\nat = \"02:30\"\n[[output]]\nfile = \"digest-atom.xml\"\ndigest = \"daily\"\nat = \"02:30\"\n";
    let mut desk = Desk::new("", &format!("{DIGEST}{formats}"));
    for minute in 0..3 {
        desk.write("amber", time("2026-11-10T08:00:00Z") + SignedDuration::from_mins(minute));
    }
    desk.write("birch", time("2026-11-10T08:10:00Z"));
    desk.entries[3].2 = desk.entries[1].2.clone();
    desk.serve();
    desk.run(time("2026-11-10T09:00:00Z"));
    assert!(desk.issues().is_empty(), "a valid empty file until the first time");
    desk.run(time("2026-11-11T02:29:59Z"));
    assert!(desk.issues().is_empty());
    desk.write("birch", time("2026-11-10T09:10:00Z"));
    desk.run(time("2026-11-11T02:45:00Z"));
    let first = desk.issues();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0]["title"], "News: 2026-11-11");
    assert_eq!(first[0]["date_published"], "2026-11-11T02:30:00Z");
    let numbers_of_first = numbers(&first[0]);
    assert_eq!(numbers_of_first[..1], [1], "by rank: two outlets tell it");
    assert_eq!(numbers_of_first.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([0, 1, 2, 4]));
    let html = first[0]["content_html"].as_str().unwrap();
    assert!(html.contains("<a href=\"https://birch.example/3\">The birch</a>"), "every outlet is credited: {html}");
    let why = String::from_utf8(desk.does(&["why", &desk.entries[1].2]).stdout).unwrap();
    assert!(why.contains("digest.json: in the issue of 2026-11-11"), "{why}");
    // Edits, time and another run change nothing.
    desk.entries[0].2 = "Something else".to_owned();
    desk.serve();
    for hour in [3, 9, 20] {
        desk.run(time("2026-11-11T00:00:00Z") + SignedDuration::from_hours(hour));
        assert_eq!(desk.issues(), first);
    }
    // A day without news has no issue; missed ones are made up for by one.
    desk.run(time("2026-11-12T03:00:00Z"));
    assert_eq!(desk.issues(), first);
    desk.write("amber", time("2026-11-12T04:00:00Z"));
    desk.run(time("2026-11-12T05:00:00Z"));
    assert_eq!(desk.issues(), first, "what comes later waits for the next");
    desk.write("amber", time("2026-11-14T04:00:00Z"));
    desk.run(time("2026-11-15T12:00:00Z"));
    let issues = desk.issues();
    assert_eq!(issues.len(), 2);
    assert_eq!((issues[0]["date_published"].as_str(), &issues[1]), (Some("2026-11-15T02:30:00Z"), &first[0]));
    assert_eq!(numbers(&issues[0]).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([5, 6]));
    for file in ["digest.xml", "digest-atom.xml"] {
        let bytes = fs::read(desk.path("data/public").join(file)).unwrap();
        let feed = feed_rs::parser::parse(&bytes[..]).unwrap();
        assert_eq!(feed.entries.len(), 2, "{file}");
    }
    // What was taken down leaves the issues, too.
    desk.does(&["takedown", "https://amber.example/5", "--now", "2026-11-15T13:00:00Z"]);
    assert_eq!(numbers(&desk.issues()[0]), [6]);
    assert_eq!(desk.issues()[0]["id"], issues[0]["id"]);
}

#[test]
fn what_may_no_longer_be_public_leaves_even_if_no_issue_is_left() {
    type Change = fn(&Desk);
    let cases: [(&str, Change); 4] = [
        ("takedown", |desk| drop(desk.does(&["takedown", "https://amber.example/0", "--now", "2026-11-11T04:00:00Z"]))),
        ("takedown of a feed", |desk| {
            desk.configure("takedown = [\"https://amber.example/feed\"]", DIGEST);
            let toml = fs::read_to_string(desk.path("feeds.toml")).unwrap();
            let toml = toml.replace("file:amber.xml", "https://amber.example/feed");
            fs::write(desk.path("feeds.toml"), toml).unwrap();
            // Nobody is asked for anything.
            desk.does(&["run", "--offline", "--now", "2026-11-11T04:00:00Z"]);
            assert_eq!(desk.issues(), Vec::<Value>::new());
            desk.configure("takedown = [\"https://amber.example/\"]", DIGEST);
        }),
        ("republish of the source", |desk| {
            let toml = fs::read_to_string(desk.path("feeds.toml")).unwrap();
            fs::write(desk.path("feeds.toml"), toml.replace("id = \"amber\"", "id = \"amber\"\nrepublish = \"off\""))
                .unwrap();
        }),
        ("rights", |desk| {
            let feed = fs::read_to_string(desk.path("amber.xml")).unwrap();
            let block =
                "<channel><itunes:block xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\">yes</itunes:block>";
            fs::write(desk.path("amber.xml"), feed.replace("<channel>", block)).unwrap();
        }),
    ];
    for (what, change) in cases {
        let mut desk = Desk::new("", DIGEST);
        desk.run(time("2026-11-10T09:00:00Z"));
        desk.write("amber", time("2026-11-10T10:00:00Z"));
        desk.run(time("2026-11-11T03:00:00Z"));
        assert_eq!(desk.issues().len(), 1, "{what}");
        change(&desk);
        // What else is in feed.json is refused or not as the gate decides: the digest alone counts here.
        drop(desk.command(&["run", "--all", "--now", "2026-11-11T05:00:00Z"]).output().unwrap());
        assert_eq!(desk.issues(), Vec::<Value>::new(), "{what}");
    }
}

/// The outlet says something about single entries only after the issue with them was made.
#[test]
fn what_an_entry_itself_denies_leaves_the_issues_and_all_else_stays() {
    let formats = "[[output]]\nfile = \"digest.xml\"\ndigest = \"daily\"\nat = \"02:30\"\n\
                   [[output]]\nfile = \"digest-atom.xml\"\ndigest = \"daily\"\nat = \"02:30\"\n";
    let rsl = |usage: &str| {
        format!(
            "<rsl:content xmlns:rsl=\"https://rslstandard.org/rsl\" url=\"/\"><rsl:license>\
             <rsl:prohibits type=\"usage\">{usage}</rsl:prohibits></rsl:license></rsl:content>"
        )
    };
    let block = "<itunes:block xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\">yes</itunes:block>";
    let deny = "<a:restriction xmlns:a=\"http://www.bloglines.com/about/specs/fac-1.0\" relationship=\"deny\"/>";
    let cases = [(block.to_owned(), false), (deny.to_owned(), false), (rsl("all"), false), (rsl("search"), true)];
    for (mark, stays_with_title) in cases {
        let mut desk = Desk::new("", &format!("{DIGEST}{formats}"));
        desk.run(time("2026-11-10T09:00:00Z"));
        for minute in 0..3 {
            desk.write("amber", time("2026-11-10T10:00:00Z") + SignedDuration::from_mins(minute));
        }
        desk.run(time("2026-11-11T03:00:00Z"));
        let first = desk.issues();
        let titles: Vec<String> = desk.entries.iter().map(|(_, _, title, _)| title.clone()).collect();
        let holds = |text: &str| {
            ["digest.json", "digest.xml", "digest-atom.xml"]
                .map(|file| fs::read_to_string(desk.path("data/public").join(file)).unwrap().contains(text))
        };
        let text_of = |number: usize| format!("What {} says", titles[number]);
        assert!((0..3).all(|number| holds(&titles[number]) == [true; 3] && holds(&text_of(number)) == [true; 3]));

        let feed = fs::read_to_string(desk.path("amber.xml")).unwrap();
        let marked = |of: &dyn Fn(&str) -> bool| {
            let with_mark =
                |item: &str| if of(item) { format!("{item}{mark}</item>") } else { format!("{item}</item>") };
            let (items, end) = feed.rsplit_once("</item>").unwrap();
            items.split("</item>").map(with_mark).collect::<String>() + end
        };
        fs::write(desk.path("amber.xml"), marked(&|item| item.contains("/1</link>"))).unwrap();
        // What else is in feed.json is refused or not as the gate decides: the digest alone counts here.
        drop(desk.command(&["run", "--all", "--now", "2026-11-11T05:00:00Z"]).output().unwrap());
        assert_eq!(holds(&text_of(1)), [false; 3], "{mark}");
        assert_eq!(holds(&titles[1]), [stays_with_title; 3], "{mark}");
        assert!([0, 2].iter().all(|number| holds(&text_of(*number)) == [true; 3]), "{mark}");
        fs::write(desk.path("amber.xml"), marked(&|_| true)).unwrap();
        drop(desk.command(&["run", "--all", "--now", "2026-11-11T07:00:00Z"]).output().unwrap());
        assert!((0..3).all(|number| holds(&text_of(number)) == [false; 3]), "{mark}");
        assert_eq!(desk.issues().len(), usize::from(stays_with_title), "{mark}");
        // Taken back, the issue is what it was.
        fs::write(desk.path("amber.xml"), &feed).unwrap();
        desk.run(time("2026-11-11T09:00:00Z"));
        assert_eq!(desk.issues(), first, "{mark}");
    }
}

#[test]
fn a_source_that_is_missing_by_mistake_does_not_empty_a_digest() {
    let mut desk = Desk::new("", DIGEST);
    desk.run(time("2026-11-10T09:00:00Z"));
    desk.write("amber", time("2026-11-10T10:00:00Z"));
    desk.run(time("2026-11-11T03:00:00Z"));
    let toml = fs::read_to_string(desk.path("feeds.toml")).unwrap();
    fs::write(desk.path("feeds.toml"), toml.replace("amber", "birch-too").replace("file:birch-too", "file:birch"))
        .unwrap();
    drop(desk.command(&["run", "--all", "--now", "2026-11-11T05:00:00Z"]).output().unwrap());
    assert_eq!(desk.issues().len(), 1);
}

#[test]
fn a_digest_that_is_new_holds_nothing_that_was_there_and_sections_come_in_order() {
    let mut desk = Desk::new("", "");
    desk.write("amber", time("2026-11-10T08:00:00Z"));
    desk.run(time("2026-11-10T09:00:00Z"));
    let sections = "sections = [\"of-birch\"]\n";
    desk.configure(
        "zone = \"Europe/Berlin\"",
        &format!("{}{sections}", DIGEST.replace("daily", "weekly").replace("02:30", "6:05")),
    );
    desk.run(time("2026-11-10T10:00:00Z"));
    desk.write("birch", time("2026-11-10T10:30:00Z"));
    desk.write("amber", time("2026-11-10T10:40:00Z"));
    for day in 0..7 {
        desk.run(time("2026-11-10T11:00:00Z") + SignedDuration::from_hours(day * 24));
    }
    let issues = desk.issues();
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0]["date_published"], "2026-11-16T05:05:00Z", "Monday, in Berlin");
    let html = issues[0]["content_html"].as_str().unwrap();
    let place = |part: &str| html.find(part).unwrap_or_else(|| panic!("{part}: {html}"));
    assert!(
        place("amber.example/2") < place("<h2>of-birch</h2>") && place("<h2>of-birch</h2>") < place("birch.example/1")
    );
    assert!(!html.contains("amber.example/0"));
}

/// A runner that keeps nothing but feeds.toml and the published folder.
#[test]
fn without_its_database_a_digest_goes_on_from_what_is_published() {
    let files = ["digest.xml", "digest.json", "digest.atom"];
    let outputs: String = files
        .map(|file| {
            let format = if file == "digest.atom" { "format = \"atom\"\n" } else { "" };
            format!("[[output]]\nfile = \"{file}\"\n{format}digest = \"daily\"\nat = \"02:30\"\n")
        })
        .concat();
    let mut desk = Desk::new("", &outputs);
    desk.write("amber", time("2026-11-09T22:00:00Z"));
    desk.run(time("2026-11-09T23:00:00Z"));
    let mut issues: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for hour in (0..96).step_by(3) {
        let now = time("2026-11-10T00:00:00Z") + SignedDuration::from_hours(hour);
        // Some are told hours after their date says so: around the time of an issue, too.
        desk.write("amber", now - SignedDuration::from_hours(hour % 4));
        desk.write("birch", now);
        if hour > 3 {
            for entry in fs::read_dir(desk.path("data")).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    fs::remove_file(path).unwrap();
                }
            }
        }
        let before: Vec<Vec<u8>> = files.map(|file| desk.document(file)).into();
        desk.run(now + SignedDuration::from_mins(1));
        let newest = desk.issues().into_iter().next();
        let title = newest.as_ref().map(|issue| issue["title"].as_str().unwrap().to_owned());
        if title.as_ref().is_none_or(|title| issues.contains_key(title)) && hour > 3 {
            let after: Vec<Vec<u8>> = files.map(|file| desk.document(file)).into();
            assert!(before == after, "{now}: nothing is due, so nothing changes");
        }
        let Some(title) = title else { continue };
        let of_it = numbers(&newest.unwrap());
        assert_eq!(
            *issues.entry(title.clone()).or_insert_with(|| of_it.clone()),
            of_it,
            "{now}: it stays as it was made"
        );
        for file in files {
            let text = String::from_utf8(desk.document(file)).unwrap();
            let all = of_it.iter().all(|number| text.contains(&format!(".example/{number}\"")));
            assert!(all && text.contains(&title), "{now}: {file} has the same issue: {text}");
        }
    }
    let days: Vec<&str> = issues.keys().map(|title| &title["News: ".len()..]).collect();
    assert_eq!(days, ["2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"]);
    let mut told: Vec<usize> = issues.values().flatten().copied().collect();
    told.sort_unstable();
    let last = *told.last().unwrap();
    assert_eq!(told, (0..=last).collect::<Vec<_>>(), "each in one issue");
    for file in files {
        let text = String::from_utf8(desk.document(file)).unwrap();
        assert!(days.iter().all(|day| text.contains(day)), "{file} still has what came before: {text}");
    }
    // What is taken down leaves an issue, too.
    let gone = format!("https://birch.example/{}", issues.values().last().unwrap().iter().max().unwrap());
    fs::remove_file(desk.path("data/feedloom.db")).unwrap();
    let _ = fs::remove_file(desk.path("data/feedloom.db.issues"));
    desk.configure(&format!("takedown = [\"{gone}\"]"), &outputs);
    desk.run(time("2026-11-13T23:59:00Z"));
    for file in files {
        assert!(!String::from_utf8(desk.document(file)).unwrap().contains(&gone), "{file}");
    }
}

#[test]
fn with_older_issues_a_digest_keeps_what_is_published() {
    let mut desk = Desk::new("", DIGEST);
    desk.run(time("2026-11-09T12:00:00Z"));
    let kept = desk.path("data/feedloom.db.issues");
    let mut older = Vec::new();
    for day in 10..15 {
        desk.write("amber", time(&format!("2026-11-{day}T01:00:00Z")));
        if day == 14 {
            fs::write(&kept, &older).unwrap();
            let before = desk.issues();
            desk.run(time("2026-11-14T01:30:00Z"));
            let after = desk.issues();
            assert_eq!(after.len(), 4);
            assert!(before.iter().all(|issue| after.contains(issue)), "nothing is due: {after:?}");
        }
        desk.run(time(&format!("2026-11-{day}T03:00:00Z")));
        if day == 11 {
            older = fs::read(&kept).unwrap();
        }
    }
    let issues = desk.issues();
    let found: Vec<(&str, Vec<usize>)> =
        issues.iter().map(|issue| (issue["title"].as_str().unwrap(), numbers(issue))).collect();
    let title = |day: usize| format!("News: 2026-11-{day}");
    let titles: Vec<String> = (10..15).rev().map(title).collect();
    let want: Vec<(&str, Vec<usize>)> =
        titles.iter().map(String::as_str).zip((0..5).rev().map(|number| vec![number])).collect();
    let mut sorted = found.clone();
    sorted.sort_by(|one, other| other.0.cmp(one.0));
    assert_eq!(sorted, want);
}

#[test]
fn a_digest_is_posted_once_for_each_issue() {
    let post = "[[post]]\nrun = [\"sh\", \"-c\", \"tr -d '\\\\n' >> posted; echo >> posted\"]\nname = \"mail\"\ndigest = \"daily\"\nat = \"02:30\"\n";
    let mut desk = Desk::new("", &format!("{DIGEST}{post}"));
    for day in 0..4 {
        let now = time("2026-11-10T08:00:00Z") + SignedDuration::from_hours(day * 24);
        desk.run(now);
        desk.write("amber", now);
        desk.run(now + SignedDuration::from_hours(1));
    }
    let posted: Vec<Value> = fs::read_to_string(desk.path("posted"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |items: &[Value], key: &str| items.iter().map(|item| item[key].clone()).collect::<Vec<_>>();
    let mut issues = desk.issues();
    issues.reverse();
    assert_eq!(posted.len(), 3);
    assert_eq!(of(&posted, "content_html"), of(&issues, "content_html"));
    assert!(of(&posted, "event").iter().all(|event| event == "new"));
}

/// An issue is made, then noted for its post; the program may end in between.
#[test]
fn an_issue_that_could_not_be_noted_is_posted_by_the_next_run() {
    let post = "[[post]]\nrun = [\"sh\", \"-c\", \"tr -d '\\\\n' >> posted; echo >> posted\"]\nname = \"mail\"\ndigest = \"daily\"\nat = \"02:30\"\n";
    let mut desk = Desk::new("", &format!("{DIGEST}{post}"));
    desk.run(time("2026-11-10T08:00:00Z"));
    desk.write("amber", time("2026-11-10T08:30:00Z"));
    desk.run(time("2026-11-10T09:00:00Z"));
    let (ledger, aside) = (desk.path("data/feedloom.db.posts"), desk.path("aside"));
    fs::rename(&ledger, &aside).unwrap();
    fs::create_dir(&ledger).unwrap();
    let done = desk.command(&["run", "--all", "--now", "2026-11-11T08:00:00Z"]).output().unwrap();
    assert_eq!(desk.issues().len(), 1, "{}", String::from_utf8_lossy(&done.stderr));
    fs::remove_dir(&ledger).unwrap();
    fs::rename(&aside, &ledger).unwrap();
    let posted = || fs::read_to_string(desk.path("posted")).unwrap_or_default().lines().count();
    assert_eq!(posted(), 0);
    for hour in ["09", "10"] {
        desk.run(time(&format!("2026-11-11T{hour}:00:00Z")));
        assert_eq!(posted(), 1);
    }
}

#[test]
fn a_wrong_digest_is_told_with_its_line() {
    let outputs = "[[output]]\nfile = \"a.html\"\ndigest = \"daily\"\nat = \"7\"\nzone = \"Europe/Bonn\"\nsections = [\"none\"]\n\
                   [[output]]\nfile = \"b.xml\"\nat = \"07:00\"\n[[output]]\nfile = \"c.xml\"\ndigest = \"daily\"\norder = \"top\"\n";
    let done = Desk::new("zone = \"x\"", outputs).command(&["check"]).output().unwrap();
    let told = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2), "{told}");
    for part in [
        "a digest is a feed",
        "\"7\" is no time of day",
        "there is no time zone \"Europe/Bonn\"",
        "there is no time zone \"x\"",
        "no source has the tag \"none\"",
        "`at` is of a digest",
        "a digest has no `order`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn issues_that_cannot_be_kept_hold_no_other_output_back() {
    let mut desk = Desk::new("", DIGEST);
    desk.run(time("2026-11-10T09:00:00Z"));
    desk.write("amber", time("2026-11-10T10:00:00Z"));
    // In the place of the file is a folder.
    let file = desk.path("data/feedloom.db.issues");
    let aside = desk.path("aside");
    fs::rename(&file, &aside).unwrap();
    fs::create_dir(&file).unwrap();
    let done = desk.does(&["run", "--all", "--now", "2026-11-11T03:00:00Z"]);
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(told.contains("no issue of a digest could be made"), "{told}");
    assert_eq!((desk.output("feed.json").len(), desk.issues().len()), (1, 0));
    fs::remove_dir(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    desk.run(time("2026-11-11T03:15:00Z"));
    assert_eq!(desk.issues().len(), 1, "the next run makes it");
}

/// T91. `FEEDLOOM_DAYS` sets how many days pass.
#[test]
fn days_with_gaps_kills_other_zones_and_lost_databases_have_one_issue_each() {
    let days: i64 = std::env::var("FEEDLOOM_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(30);
    let mut desk = Desk::new("zone = \"Europe/Berlin\"", DIGEST);
    let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
    // Clocks change on 25 October in Berlin, on 1 November in New York.
    let start = time("2026-10-20T00:00:00Z");
    desk.run(start);
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    let (mut kills, mut off) = (0, 0);
    for day in 0..days {
        match day * 60 / days {
            20..35 => desk.configure("zone = \"America/New_York\"", DIGEST),
            35..45 => desk.configure("zone = \"Asia/Tokyo\"", DIGEST),
            45.. => desk.configure("zone = \"Europe/Berlin\"", DIGEST),
            _ => {}
        }
        let hours = [random.below(8), 8 + random.below(8), 16 + random.below(8)];
        for hour in hours {
            let now = start + SignedDuration::from_hours(day * 24 + i64::try_from(hour).unwrap());
            desk.write(if random.below(2) == 0 { "amber" } else { "birch" }, now);
            if (10..13).contains(&day) || (50..52).contains(&day) {
                off += 1;
                continue;
            }
            if random.below(5) == 0 {
                let now = now.to_string();
                let mut child = desk.command(&["run", "--all", "--now", &now]).stderr(Stdio::null()).spawn().unwrap();
                std::thread::sleep(random.pause(Duration::from_millis(150)));
                kills += usize::from(child.try_wait().unwrap().is_none());
                // It may have ended by itself.
                let _ = child.kill();
                child.wait().unwrap();
            }
            if random.below(3) == 0 {
                let edited = random.below(desk.entries.len());
                desk.entries[edited].2.push_str(" (updated)");
                desk.serve();
            }
            if hour == hours[2] && day % 16 == 15 {
                for suffix in ["", "-wal", "-shm"] {
                    // Not every one is there.
                    let _ = fs::remove_file(desk.path(&format!("data/feedloom.db{suffix}")));
                }
            }
            desk.run(now + SignedDuration::from_mins(40));
            for issue in desk.issues() {
                let id = issue["id"].as_str().unwrap().to_owned();
                let before = seen.entry(id).or_insert_with(|| issue.clone());
                assert_eq!(*before, issue, "an issue is frozen");
            }
        }
    }
    let mut issues: Vec<&Value> = seen.values().collect();
    issues.sort_by_key(|issue| issue["date_published"].as_str());
    let titles: Vec<&str> = issues.iter().map(|issue| issue["title"].as_str().unwrap()).collect();
    assert!(titles.windows(2).all(|pair| pair[0] < pair[1]), "one a day: {titles:?}");
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    for number in issues.iter().flat_map(|issue| numbers(issue)) {
        *times.entry(number).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "a story is in two issues: {times:?}");
    let last = issues.last().unwrap()["date_published"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let lost: Vec<usize> = desk
        .entries
        .iter()
        .filter(|(number, _, _, at)| *at + SignedDuration::from_hours(2) < last && !times.contains_key(number))
        .map(|(number, ..)| *number)
        .collect();
    assert!(lost.is_empty(), "{lost:?} are in no issue");
    println!(
        "{days} days, {kills} kills, {off} runs missed, 3 other zones, {} databases lost: {} issues, {} stories, none twice, none lost",
        days / 16,
        issues.len(),
        times.len()
    );
}
