//! Programs that are called for each story once, through the binary: never twice, whatever ends, fails or is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::random::Random;

const WORDS: [&str; 24] = [
    "harbour",
    "kernel",
    "mountain",
    "violin",
    "turbine",
    "orchard",
    "satellite",
    "glacier",
    "compiler",
    "museum",
    "battery",
    "lantern",
    "parliament",
    "reactor",
    "saffron",
    "tunnel",
    "umbrella",
    "voyager",
    "windmill",
    "xylophone",
    "yacht",
    "zeppelin",
    "anchor",
    "bakery",
];

/// Writes what it is given as one line of `posted`.
const TOOT: &str = "tr -d '\\n' >> posted; echo >> posted; echo receipt-$$";

/// A source of made news, and a post.
struct Desk {
    folder: TempDir,
    entries: Vec<(usize, String)>,
}

impl Desk {
    fn new(entries: usize, script: &str, keys: &str) -> Self {
        let mut desk = Self { folder: tempfile::tempdir().unwrap(), entries: Vec::new() };
        let toml = format!(
            "link = \"https://f.example/\"\n[weave]\nsame_story = \"exact\"\n[[source]]\nid = \"a\"\nurl = \"file:a.xml\"\n\
             [[output]]\nfile = \"feed.json\"\n[[post]]\nrun = [\"./toot\"]\n{keys}\n"
        );
        fs::write(desk.path("feeds.toml"), toml).unwrap();
        desk.script(script);
        desk.write(entries);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, body: &str) {
        fs::write(self.path("toot"), format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(self.path("toot"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The source brings this many more entries.
    fn write(&mut self, more: usize) {
        for _ in 0..more {
            let number = self.entries.len();
            let words = format!("{} {}", WORDS[number % 24], WORDS[(number / 24 + number * 7 + 5) % 24]);
            self.entries.push((number, format!("Report {number} on the {words}")));
        }
        self.serve();
    }

    fn serve(&self) {
        let mut items = String::new();
        for (number, title) in self.entries.iter().rev() {
            write!(
                items,
                "<item><title>{title}</title><link>https://a.example/{number}</link><guid isPermaLink=\"false\">g{number}</guid>\
                 <pubDate>Mon, 02 Nov 2026 {:02}:{:02}:00 GMT</pubDate><description>What report {number} is about.</description></item>",
                number / 60,
                number % 60
            )
            .unwrap();
        }
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}</channel></rss>"
        );
        fs::write(self.path("a.xml"), feed).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.env("TOKEN", "given").env("OTHER", "hush").env("LC_ALL", "C");
        command.arg("--config").arg(self.path("feeds.toml")).args(words);
        command
    }

    #[track_caller]
    fn does(&self, words: &[&str]) -> Output {
        let done = self.command(words).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        done
    }

    /// A run at this hour of 3 November; what it complained about.
    #[track_caller]
    fn run(&self, hour: usize) -> String {
        let done = self.does(&["run", "--all", "--now", &time(hour)]);
        String::from_utf8(done.stderr).unwrap()
    }

    fn posted(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("posted")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }

    fn titles(&self) -> Vec<String> {
        self.posted().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }

    fn items(&self) -> Vec<Value> {
        let feed: Value = serde_json::from_slice(&fs::read(self.path("data/public/feed.json")).unwrap()).unwrap();
        feed["items"].as_array().unwrap().clone()
    }

    fn status(&self, hour: usize) -> Value {
        let done = self.does(&["status", "--json", "--now", &time(hour)]);
        serde_json::from_slice::<Value>(&done.stdout).unwrap()["posts"][0].clone()
    }

    fn title(&self, number: usize) -> String {
        self.entries[number].1.clone()
    }
}

fn time(hour: usize) -> String {
    let start: jiff::Timestamp = "2026-11-03T00:00:00Z".parse().unwrap();
    (start + jiff::SignedDuration::from_hours(i64::try_from(hour).unwrap())).to_string()
}

#[test]
fn each_story_is_posted_once_with_its_item() {
    let mut desk = Desk::new(15, TOOT, "burst = 3\nenv = [\"TOKEN\"]");
    let dry = desk.does(&["run", "--all", "--now", &time(0)]);
    assert_eq!(String::from_utf8(dry.stderr).unwrap(), "");
    // The first run posts the newest, in the order in which they came.
    assert_eq!(desk.titles(), [desk.title(12), desk.title(13), desk.title(14)]);
    let item = desk.posted()[2].clone();
    let mut want = desk.items()[0].clone();
    for (key, value) in [("event", "new"), ("post", "toot")] {
        want[key] = value.into();
    }
    want["story"] = item["story"].clone();
    assert_eq!(item, want, "the item as in feed.json");
    assert!(item["id"].as_str().unwrap().ends_with(item["story"].as_str().unwrap()));

    desk.write(2);
    desk.script(&format!("env | grep -E 'TOKEN|OTHER' >> environment; {TOOT}"));
    let dry = desk.does(&["run", "--offline", "--dry-run", "--now", &time(1)]);
    assert!(String::from_utf8(dry.stdout).unwrap().contains("would post 0 stories by toot"));
    desk.run(1);
    desk.run(2);
    assert_eq!(desk.titles()[3..], [desk.title(15), desk.title(16)]);
    assert_eq!(fs::read_to_string(desk.path("environment")).unwrap(), "TOKEN=given\nTOKEN=given\n");
    let status = desk.status(3);
    assert_eq!((&status["posted"], &status["waiting"]), (&5.into(), &0.into()), "{status}");
    let why = String::from_utf8(desk.does(&["why", &desk.title(16)]).stdout).unwrap();
    assert!(why.contains("post toot, new: called at 2026-11-03 01:00 UTC: receipt-"), "{why}");
    let why = String::from_utf8(desk.does(&["why", &desk.title(1)]).stdout).unwrap();
    assert!(why.contains("post toot: not called: the story was there before it"), "{why}");
}

#[test]
fn a_post_that_is_new_takes_nothing_that_was_there() {
    let mut desk = Desk::new(5, TOOT, "");
    let with_post = fs::read_to_string(desk.path("feeds.toml")).unwrap();
    fs::write(desk.path("feeds.toml"), with_post.split("[[post]]").next().unwrap()).unwrap();
    desk.run(0);
    assert!(!desk.path("data/feedloom.db.posts").exists());
    fs::write(desk.path("feeds.toml"), &with_post).unwrap();
    desk.run(1);
    desk.write(1);
    desk.run(2);
    assert_eq!(desk.titles(), [desk.title(5)]);
    // Other rules announce nothing that is old, either.
    fs::write(
        desk.path("feeds.toml"),
        format!("{with_post}exclude = [{{ field = \"title\", contains = \"Report 6\" }}]\n"),
    )
    .unwrap();
    desk.write(2);
    desk.run(3);
    fs::write(desk.path("feeds.toml"), &with_post).unwrap();
    desk.run(4);
    assert_eq!(desk.titles(), [desk.title(5), desk.title(7)]);
}

/// The program is killed while it notes the first run of a post: nothing of that run was published.
#[test]
fn a_first_run_that_was_cut_off_anywhere_is_no_reason_to_post_more() {
    let mut desk = Desk::new(10, TOOT, "burst = 3");
    desk.run(0);
    let ledger = desk.path("data/feedloom.db.posts");
    let whole = fs::read_to_string(&ledger).unwrap();
    let noted = whole.lines().position(|line| line.contains("\"do\":\"call\"")).unwrap();
    assert_eq!(noted, 5, "what passes, three that are wanted, and the beginning: {whole}");
    let ends: Vec<usize> = whole.match_indices('\n').map(|(at, _)| at + 1).take(noted).collect();
    let middles = ends.iter().map(|end| end - 7);
    for cut in std::iter::once(0).chain(middles).chain(ends.iter().copied()) {
        fs::remove_dir_all(desk.path("data")).unwrap();
        let _ = fs::remove_file(desk.path("posted"));
        fs::create_dir(desk.path("data")).unwrap();
        fs::write(&ledger, &whole[..cut]).unwrap();
        for hour in 1..4 {
            desk.run(hour);
        }
        let titles = desk.titles();
        assert_eq!(titles, [desk.title(7), desk.title(8), desk.title(9)], "cut at {cut} of {ends:?}");
    }
    desk.write(1);
    desk.run(4);
    assert_eq!(desk.titles().len(), 4);
}

#[test]
fn nothing_is_posted_again_after_anything_was_lost() {
    let mut desk = Desk::new(4, TOOT, "");
    desk.run(0);
    assert_eq!(desk.titles().len(), 4);
    let data = desk.path("data");
    let copy = desk.path("copy.db");
    desk.does(&["backup", copy.to_str().unwrap()]);
    desk.write(2);
    desk.run(1);
    assert_eq!(desk.titles().len(), 6);
    // The database is an older one.
    fs::copy(&copy, data.join("feedloom.db")).unwrap();
    desk.run(2);
    // It is lost, and then the outputs with it.
    fs::remove_file(data.join("feedloom.db")).unwrap();
    desk.run(3);
    fs::remove_file(data.join("feedloom.db")).unwrap();
    fs::remove_dir_all(data.join("public")).unwrap();
    desk.run(4);
    assert_eq!(desk.titles().len(), 6, "{:?}", desk.titles());
    // The ledger is lost: what stands in feed.json counts as posted.
    fs::remove_file(data.join("feedloom.db.posts")).unwrap();
    fs::remove_file(data.join("feedloom.db")).unwrap();
    desk.run(5);
    assert_eq!(desk.titles().len(), 6);
    // New ids, new titles: no news.
    for (_, title) in desk.entries.iter_mut().take(3) {
        title.push_str(" (updated)");
    }
    desk.serve();
    let feed = fs::read_to_string(desk.path("a.xml")).unwrap();
    fs::write(desk.path("a.xml"), feed.replace("\">g", "\">new-")).unwrap();
    desk.run(6);
    assert_eq!(desk.titles().len(), 6);
}

/// What was posted is no longer known.
#[test]
fn a_damaged_ledger_is_told_and_posts_nothing_until_it_is_whole() {
    let mut desk = Desk::new(6, TOOT, "burst = 20");
    desk.run(0);
    desk.write(2);
    desk.run(1);
    assert_eq!(desk.titles().len(), 8);
    let ledger = desk.path("data/feedloom.db.posts");
    let whole = fs::read(&ledger).unwrap();
    let third = whole.len() / 3;
    let mut flipped = whole.clone();
    (1..7).for_each(|at| flipped[at * whole.len() / 7] ^= 4);
    let damages: [(&str, Vec<u8>); 4] = [
        ("cut in half", whole[..whole.len() / 2].to_vec()),
        ("a third zeroed", [&whole[..third], &vec![0; third], &whole[2 * third..]].concat()),
        ("bits flipped", flipped),
        ("emptied", Vec::new()),
    ];
    desk.write(2);
    for (what, damaged) in &damages {
        fs::write(&ledger, damaged).unwrap();
        let done = desk.command(&["run", "--all", "--now", "2026-11-03T12:00:00Z"]).output().unwrap();
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{what}: {told}");
        assert!(told.contains("feedloom.db.posts is damaged") && told.contains("hint: "), "{what}: {told}");
        assert_eq!(desk.titles().len(), 8, "{what}");
        assert_eq!(&fs::read(&ledger).unwrap(), damaged, "{what}: nothing is written over it");
    }
    // A line that was being written when the power went, on a whole ledger.
    fs::write(&ledger, [&whole[..], &whole[..20]].concat()).unwrap();
    desk.write(1);
    desk.run(40);
    assert!(desk.titles().len() > 8);
    let titles = desk.titles();
    assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), titles.len(), "nothing twice: {titles:?}");
}

#[test]
fn a_program_that_fails_is_tried_again_later_and_in_order() {
    let mut desk = Desk::new(3, "echo no token >&2; exit 3", "");
    let told = desk.run(0);
    let why = "the post toot failed on \"Report 0 on the harbour orchard\", which is tried again later: it ended with exit status: 3: no token";
    assert!(told.contains(why), "{told}");
    assert_eq!(desk.status(0)["waiting"], 3);
    assert_eq!(desk.status(0)["failing"]["times"], 1);
    // Not before its time.
    desk.script(TOOT);
    assert_eq!(desk.run(0), "");
    assert!(desk.posted().is_empty());
    desk.write(1);
    assert_eq!(desk.run(1), "");
    assert_eq!(desk.titles(), (0..4).map(|number| desk.title(number)).collect::<Vec<_>>());
    assert_eq!(desk.status(1)["failing"], Value::Null);

    // A program that is gone has done nothing.
    fs::rename(desk.path("toot"), desk.path("away")).unwrap();
    fs::create_dir(desk.path("toot")).unwrap();
    desk.write(1);
    assert_eq!(desk.command(&["run", "--all", "--now", &time(2)]).output().unwrap().status.code(), Some(2));
    fs::remove_dir(desk.path("toot")).unwrap();
    fs::write(desk.path("toot"), "no program").unwrap();
    let told = desk.run(3);
    assert!(told.contains("it cannot be started"), "{told}");
    desk.script(TOOT);
    desk.run(4);
    assert_eq!(desk.titles().len(), 5);
}

/// T90.
#[test]
fn what_fails_for_a_week_is_told_and_not_posted_late() {
    let mut desk = Desk::new(2, "exit 1", "span = \"2d\"");
    desk.run(0);
    let mut told = String::new();
    for day in 1..8 {
        desk.write(1);
        told.push_str(&desk.run(day * 24));
    }
    for number in 0..5 {
        assert!(told.contains(&format!("the post toot does not post {:?}", desk.title(number))), "{told}");
    }
    desk.script(TOOT);
    desk.run(8 * 24);
    let status = desk.status(8 * 24);
    let dropped: BTreeSet<&str> =
        status["dropped"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    let posted = desk.titles();
    let published = desk.items();
    assert_eq!(published.len(), 8);
    for item in &published {
        let title = item["title"].as_str().unwrap().to_owned();
        assert!(dropped.contains(&*title) != posted.contains(&title), "{title}: {status}");
    }
    assert!(status["dropped"][0]["why"].as_str().unwrap().contains("before, it ended with exit status: 1"), "{status}");
}

/// T90.
#[test]
fn a_call_that_does_not_end_is_in_doubt_and_never_repeated() {
    let cases = [
        (format!("{TOOT}; sleep 1000"), "it took longer than 1 s"),
        (format!("{TOOT}; echo broken off >&2; exit 74"), "it ended with exit status: 74: broken off"),
        (format!("{TOOT}; yes"), "it wrote more than 65536 bytes"),
        (format!("{TOOT}; kill -9 $$"), "it ended with signal: 9"),
    ];
    for (script, why) in cases {
        let mut desk = Desk::new(2, &script, "timeout = \"1s\"");
        let began = Instant::now();
        let told = desk.run(0);
        assert!(began.elapsed() < Duration::from_secs(20), "{script}");
        assert!(told.contains(why) && told.contains("it is not tried again"), "{told}");
        desk.script(TOOT);
        desk.run(1);
        desk.write(1);
        desk.run(2);
        assert_eq!(desk.titles(), (0..3).map(|number| desk.title(number)).collect::<Vec<_>>(), "{script}");
        let status = desk.status(2);
        assert_eq!(status["in_doubt"][0]["title"], desk.title(0), "{status}");
        let said = String::from_utf8(desk.does(&["status", "--now", &time(2)]).stdout).unwrap();
        assert!(said.contains("may be posted or not, and is not tried again"), "{said}");
    }
}

#[test]
fn a_program_that_was_started_is_not_called_again_where_nobody_says_how_it_ended() {
    let desk = Desk::new(1, TOOT, "");
    for hour in 0..2 {
        let mut command = Command::new("env");
        command.args(["--ignore-signal=CHLD", env!("CARGO_BIN_EXE_feedloom"), "--config"]);
        command.arg(desk.path("feeds.toml")).args(["run", "--all", "--now", &time(hour)]);
        assert_eq!(command.output().unwrap().status.code(), Some(0));
    }
    assert_eq!(desk.titles(), [desk.title(0)]);
    assert_eq!(desk.status(2)["in_doubt"][0]["title"], desk.title(0));
}

#[test]
fn a_program_may_complain_at_length() {
    let lines = "i=0; while [ $i -lt 9000 ]; do echo \"warning $i\" >&2; i=$((i + 1)); done";
    let mut desk = Desk::new(1, &format!("{lines}; {TOOT}"), "");
    assert_eq!(desk.run(0), "");
    assert_eq!(desk.status(0)["posted"], 1);
    desk.script(&format!("{lines}; echo no token >&2; exit 3"));
    desk.write(1);
    let told = desk.run(1);
    assert!(told.contains("it ended with exit status: 3: no token"), "{told}");
}

#[test]
fn what_a_program_leaves_running_ends_with_it() {
    let desk = Desk::new(1, &format!("{TOOT}; sleep 1000 & echo $! > pid"), "timeout = \"20s\"");
    let began = Instant::now();
    assert_eq!(desk.run(0), "");
    assert!(began.elapsed() < Duration::from_secs(10), "nobody waits for what it left");
    assert_eq!(desk.status(0)["posted"], 1);
    let pid = fs::read_to_string(desk.path("pid")).unwrap();
    let alive = fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
    assert_ne!(alive, b"sleep\x001000\x00");
}

#[test]
fn limits_spread_what_comes_at_once() {
    let mut desk = Desk::new(1, TOOT, "burst = 4\nper_hour = 6");
    desk.run(0);
    desk.write(15);
    let mut counts = Vec::new();
    for minutes in [60, 80, 100, 125, 190, 260] {
        let start: jiff::Timestamp = "2026-11-03T00:00:00Z".parse().unwrap();
        let now = (start + jiff::SignedDuration::from_mins(minutes)).to_string();
        desk.does(&["run", "--all", "--now", &now]);
        counts.push(desk.titles().len());
    }
    assert_eq!(counts, [5, 7, 7, 11, 15, 16].map(|n: usize| n), "{counts:?}");
    assert_eq!(desk.titles(), (0..16).map(|number| desk.title(number)).collect::<Vec<_>>(), "in order");
}

#[test]
fn a_correction_and_a_takedown_are_told_with_the_receipt() {
    let keys = "events = [\"new\", \"updated\", \"taken_down\"]";
    let mut desk = Desk::new(3, "tr -d '\\n' >> posted; echo >> posted; echo https://social.example/7", keys);
    desk.run(0);
    desk.run(1);
    assert_eq!(desk.posted().len(), 3);
    desk.entries[1].1.push_str(", corrected");
    desk.serve();
    desk.run(2);
    desk.run(3);
    let events = |desk: &Desk| -> Vec<(String, String)> {
        let one = |item: &Value| (item["event"].as_str().unwrap().to_owned(), item["url"].as_str().unwrap().to_owned());
        desk.posted().iter().skip(3).map(one).collect()
    };
    let updated = ("updated".to_owned(), "https://a.example/1".to_owned());
    assert_eq!(events(&desk), std::slice::from_ref(&updated));
    assert_eq!(desk.posted()[3]["receipt"], "https://social.example/7");
    assert_eq!(desk.posted()[3]["title"], desk.title(1));
    desk.does(&["takedown", "https://a.example/1", "--now", &time(4)]);
    desk.does(&["takedown", "https://a.example/2", "--now", &time(4)]);
    desk.run(5);
    desk.run(6);
    let gone = |number: usize| ("taken_down".to_owned(), format!("https://a.example/{number}"));
    assert_eq!(events(&desk), [updated, gone(1), gone(2)]);
    let last = desk.posted().pop().unwrap();
    assert_eq!(last.get("title"), None, "nothing of its text: {last}");
    assert_eq!(last["receipt"], "https://social.example/7");
}

#[test]
fn what_is_taken_down_before_its_turn_is_not_posted() {
    let desk = Desk::new(3, "exit 1", "");
    desk.run(0);
    desk.script(TOOT);
    desk.does(&["takedown", "https://a.example/1", "--now", &time(1)]);
    desk.run(2);
    assert_eq!(desk.titles(), [desk.title(0), desk.title(2)]);
    assert_eq!(desk.status(2)["dropped"][0]["why"], "it was taken down");
}

#[test]
fn only_stories_of_its_rules_are_posted_and_when_they_come_to_meet_them() {
    let mut desk = Desk::new(3, TOOT, "min_outlets = 2");
    let toml = fs::read_to_string(desk.path("feeds.toml")).unwrap();
    let second = "[[source]]\nid = \"b\"\nurl = \"file:b.xml\"\n[[output]]";
    fs::write(desk.path("feeds.toml"), toml.replacen("[[output]]", second, 1)).unwrap();
    let feed = |entries: &[(usize, String)]| {
        let mut items = String::new();
        for (number, title) in entries {
            write!(items, "<item><title>{title}</title><link>https://b.example/{number}</link></item>").unwrap();
        }
        format!("<rss version=\"2.0\"><channel><title>B</title><link>https://b.example/</link>{items}</channel></rss>")
    };
    fs::write(desk.path("b.xml"), feed(&[])).unwrap();
    desk.run(0);
    assert!(desk.posted().is_empty());
    fs::write(desk.path("b.xml"), feed(&[(1, desk.title(1))])).unwrap();
    desk.write(1);
    desk.run(2);
    desk.run(4);
    assert_eq!(desk.titles(), [desk.title(1)], "it has a second outlet now");
}

#[test]
fn a_wrong_post_is_told_with_its_line() {
    let desk = Desk::new(
        1,
        TOOT,
        "events = [\"gone\"]\nenv = [\"A=B\"]\nburst = 0\n[[post]]\nname = \"toot\"\nrun = [\"./none\"]\n[[post]]",
    );
    let done = desk.command(&["check"]).output().unwrap();
    let told = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2), "{told}");
    for part in
        ["no story has the event \"gone\"", "no name of a variable", "`burst`", "there is no program", "has no program"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_post_is_called_for_new_stories_in_any_case() {
    for (events, is_right) in
        [("\"updated\"", false), ("\"taken_down\", \"updated\"", false), ("\"updated\", \"new\"", true)]
    {
        let done = Desk::new(1, TOOT, &format!("events = [{events}]")).command(&["check"]).output().unwrap();
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(told.contains("what was never posted"), !is_right, "{events}: {told}");
        assert_eq!(done.status.code(), Some(if is_right { 0 } else { 2 }), "{events}: {told}");
    }
}

/// A moment so many minutes after midnight.
fn minute(minutes: usize) -> String {
    let start: jiff::Timestamp = "2026-11-03T00:00:00Z".parse().unwrap();
    (start + jiff::SignedDuration::from_mins(i64::try_from(minutes).unwrap())).to_string()
}

/// T89. `FEEDLOOM_KILLS` sets how many kills there are.
#[test]
fn killed_at_random_no_story_is_posted_twice_and_none_is_lost() {
    let kills: usize = std::env::var("FEEDLOOM_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(16);
    let slow = "read -r item; sleep 0.0$(( $$ % 4 )); printf '%s\\n' \"$item\" >> posted; sleep 0.0$(( $$ % 3 ))";
    let mut desk = Desk::new(2, slow, "burst = 100\nper_hour = 1000");
    let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
    let (mut killed, mut passes, mut whole) = (0, 0, Duration::from_millis(200));
    while killed < kills {
        passes += 1;
        desk.write(2);
        let began = Instant::now();
        let now = minute(passes * 7);
        let mut child = desk.command(&["run", "--all", "--now", &now]).stderr(Stdio::null()).spawn().unwrap();
        // Somewhere in a pass that takes as long as the last whole one: its end, where the calls are, above all.
        let share = u32::try_from(random.below(1_000)).unwrap();
        let until = if passes % 8 == 0 { Duration::MAX } else { whole * (300 + share) / 1_200 };
        while began.elapsed() < until && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(300));
        }
        match child.try_wait().unwrap() {
            Some(_) => whole = began.elapsed(),
            None => {
                killed += 1;
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }
    // A program that outlived its caller may still be at work.
    std::thread::sleep(Duration::from_millis(200));
    for more in 1..4 {
        desk.does(&["run", "--all", "--now", &minute((passes + more) * 7 + more * 60)]);
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for title in desk.titles() {
        *times.entry(title).or_default() += 1;
    }
    let repeated: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(repeated.is_empty(), "{repeated:?}");
    let done = desk.does(&["status", "--json", "--now", &minute(passes * 7)]);
    let status = serde_json::from_slice::<Value>(&done.stdout).unwrap()["posts"][0].clone();
    let titles = |of: &str| -> BTreeSet<String> {
        status[of].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    };
    let (in_doubt, dropped) = (titles("in_doubt"), titles("dropped"));
    for (number, title) in &desk.entries {
        let is_told = in_doubt.contains(title) || dropped.contains(title);
        assert!(times.contains_key(title) || is_told, "{number} is neither posted nor told: {status}");
        assert!(!(times.contains_key(title) && dropped.contains(title)), "{number} is posted and told not to be");
    }
    let place = |title: &String| desk.entries.iter().position(|(_, of)| of == title).unwrap();
    let order: Vec<usize> = desk.titles().iter().map(place).collect();
    assert!(order.is_sorted(), "{order:?}");
    let lost = in_doubt.iter().filter(|title| !times.contains_key(*title)).count();
    println!(
        "{killed} kills in {passes} passes: {} stories, {} posted, {} in doubt (of which {lost} were not posted), {} dropped, \
         0 repeated, 0 neither posted nor told",
        desk.entries.len(),
        times.len(),
        in_doubt.len(),
        dropped.len()
    );
}
