//! Programs that rewrite, through the binary: what they are given, what counts of their answers, and what stands without.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::publisher::{Publisher, Response};
use crate::random::Random;

/// The first run, …
const NOW: &str = "2026-11-03T00:00:00Z";
/// … one soon after, and one after that.
const SOON: &str = "2026-11-03T00:10:00Z";
const LATER: &str = "2026-11-03T02:00:00Z";

/// A folder with feeds and a program called `write`.
struct Desk {
    folder: TempDir,
    sources: String,
}

/// An entry of a feed.
#[derive(Clone, Default)]
struct News {
    name: &'static str,
    title: String,
    text: String,
    more: String,
}

impl News {
    fn new(name: &'static str, title: &str) -> Self {
        let text = format!("{title}, it was said on Monday, and the rest of it stands in the paper.");
        Self { name, title: title.to_owned(), text, more: String::new() }
    }

    fn with(mut self, more: &str) -> Self {
        more.clone_into(&mut self.more);
        self
    }
}

impl Desk {
    fn new(program: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), sources: String::new() };
        desk.script(program);
        desk
    }

    /// Adds a source of `news` with further `keys`.
    fn source(mut self, id: &str, keys: &str, news: &[News]) -> Self {
        self.feed(id, news);
        write!(self.sources, "[[source]]\nid = \"{id}\"\nurl = \"file:{id}.xml\"\n{keys}\n").unwrap();
        self
    }

    fn feed(&self, id: &str, news: &[News]) {
        let items: String = news
            .iter()
            .enumerate()
            .map(|(n, news)| {
                format!(
                    "<item><title>{}</title><link>https://{id}.example/{}</link><guid isPermaLink=\"false\">{}</guid>\
                     <pubDate>Mon, 02 Nov 2026 10:{:02}:00 GMT</pubDate><dc:creator>Kim Poe</dc:creator>\
                     <description>{}</description>{}</item>",
                    news.title,
                    news.name,
                    news.name,
                    59 - n % 60,
                    news.text,
                    news.more,
                )
            })
            .collect();
        let feed = format!(
            "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:rsl=\"https://rslstandard.org/rsl\" \
             xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>The {id} Paper</title>\
             <link>https://{id}.example/</link>{items}</channel></rss>"
        );
        fs::write(self.path(&format!("{id}.xml")), feed).unwrap();
    }

    /// Writes feeds.toml with `outputs`.
    fn outputs(self, outputs: &str) -> Self {
        self.configure(outputs);
        self
    }

    fn configure(&self, outputs: &str) {
        let text = format!("title = \"T\"\nlink = \"https://f.example/\"\n{}{outputs}", self.sources);
        fs::write(self.path("feeds.toml"), text).unwrap();
    }

    fn script(&self, body: &str) {
        let path = self.path("write");
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.env("MY_SECRET", "hush").env("MY_TOKEN", "open").env("LC_ALL", "C");
        command.arg("--config").arg(self.path("feeds.toml")).args(words);
        command
    }

    fn say(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    #[track_caller]
    fn runs(&self, now: &str, code: i32) -> String {
        let done = self.say(&["-v", "run", "--all", "--now", now]);
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(code), "{told}");
        assert!(!told.contains("panicked"), "{told}");
        told
    }

    fn out(&self, file: &str) -> String {
        fs::read_to_string(self.path("data/public").join(file)).unwrap_or_default()
    }

    fn items(&self) -> Vec<Value> {
        let feed: Value = serde_json::from_str(&self.out("feed.json")).unwrap();
        feed["items"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn item(&self, title: &str) -> Value {
        let items = self.items();
        let found = items.iter().find(|item| item["title"] == title);
        found.unwrap_or_else(|| panic!("{title} is not in {items:#?}")).clone()
    }

    /// What the program was given, call by call.
    fn asked(&self) -> Vec<Value> {
        let asked = fs::read_to_string(self.path("asked")).unwrap_or_default();
        asked.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn answers_kept(&self) -> i64 {
        let store = rusqlite::Connection::open(self.path("data/feedloom.db")).unwrap();
        store.query_row("SELECT count(*) FROM rewrite_answer", [], |row| row.get(0)).unwrap()
    }

    fn why(&self, words: &str) -> String {
        String::from_utf8(self.say(&["why", words]).stdout).unwrap()
    }

    fn status(&self) -> String {
        String::from_utf8(self.say(&["status"]).stdout).unwrap()
    }
}

/// A program that writes down what it was given, and answers with `answer`.
fn answering(answer: &str) -> String {
    format!("cat >> asked; echo >> asked\ncat <<'END'\n{answer}\nEND")
}

const PLAIN: &str = r#"{"title": "A machine's title", "content_html": "<p>A machine's words about it.</p>"}"#;

const EVERY_KIND: &str = "[[output]]\nfile = \"feed.xml\"\nrewrite = [\"./write\"]\n\
    [[output]]\nfile = \"atom.xml\"\nrewrite = [\"./write\"]\n\
    [[output]]\nfile = \"feed.json\"\nrewrite = [\"./write\"]\n\
    [[output]]\nfile = \"index.html\"\nrewrite = [\"./write\"]\n";
const JSON: &str = "[[output]]\nfile = \"feed.json\"\nrewrite = [\"./write\"]\n";

#[test]
fn a_story_is_asked_about_once_and_its_answer_is_the_same_in_every_output() {
    let one = News::new("one", "Sunda builds a dam of glass");
    let desk = Desk::new(&answering(PLAIN))
        .source("a", "", std::slice::from_ref(&one))
        .source("b", "", &[])
        .outputs(EVERY_KIND);
    desk.runs(NOW, 0);
    let asked = desk.asked();
    assert_eq!(asked.len(), 1);
    let question = &asked[0];
    assert_eq!(
        (&question["title"], &question["url"]),
        (&"Sunda builds a dam of glass".into(), &"https://a.example/one".into())
    );
    assert_eq!(question["outlets"], serde_json::json!(["The a Paper"]));
    let entry = &question["entries"][0];
    assert_eq!((&entry["source"], &entry["url"]), (&"The a Paper".into(), &"https://a.example/one".into()));
    assert!(entry["excerpt"].as_str().unwrap().starts_with("Sunda builds a dam of glass, it was said"), "{entry}");
    assert_eq!(entry.get("text"), None, "silence is no consent");

    let item = desk.item("A machine's title");
    assert_eq!(question["id"], item["id"]);
    assert_eq!(item["url"], "https://a.example/one");
    assert_eq!(item["_feedloom"]["rewritten"], true);
    assert_eq!(item["authors"][0]["name"], "after Kim Poe (The a Paper)");
    assert_eq!(item["_feedloom"]["sources"][0]["title"], "Sunda builds a dam of glass");
    assert_eq!(
        item["content_text"],
        "Rewritten by machine\n\nA machine's words about it.\n\nHere is the source article for this story: Sunda builds a \
         dam of glass – https://a.example/one (The a Paper, Kim Poe, 2 Nov 2026)"
    );
    for (file, author) in [
        ("feed.xml", "<dc:creator>after Kim Poe (The a Paper)</dc:creator>"),
        ("atom.xml", "<name>after Kim Poe (The a Paper)</name>"),
        ("index.html", "after Kim Poe (The a Paper)"),
    ] {
        let out = desk.out(file).replace("&#39;", "'").replace("&#x27;", "'").replace("&apos;", "'");
        for part in [
            "A machine's title",
            "A machine's words about it.",
            "Rewritten by machine",
            author,
            "https://a.example/one",
        ] {
            assert!(out.contains(part), "{part} is not in {file}: {out}");
        }
        assert!(out.contains("Here is the source article for this story"), "{file}: {out}");
    }
    // Another run, another output and another outlet are no reason to ask.
    desk.runs(SOON, 0);
    let two = News::new("two", "Sunda builds a dam of glass");
    desk.feed("b", &[two]);
    desk.configure(&format!("{EVERY_KIND}[[output]]\nfile = \"more.xml\"\nrewrite = [\"./write\"]\n"));
    desk.runs(LATER, 0);
    assert_eq!(desk.asked().len(), 1);
    let item = desk.item("A machine's title");
    assert_eq!(item["_feedloom"]["sources"].as_array().unwrap().len(), 2);
    assert!(item["content_html"].as_str().unwrap().contains("https://b.example/two"));
    assert!(desk.out("more.xml").contains("words about it."));
    // Another text is.
    let mut edited = one;
    edited.text = "It was a dam of clay after all, said the builders, and they were sorry for the mistake.".to_owned();
    desk.feed("a", &[edited]);
    desk.runs("2026-11-03T04:00:00Z", 0);
    assert_eq!(desk.asked().len(), 2);
    assert_eq!(desk.asked()[1]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(desk.answers_kept(), 1, "the answer to what was edited is forgotten");
    assert!(desk.why("Sunda").contains("rewritten by ./write"), "{}", desk.why("Sunda"));
}

#[test]
fn only_a_text_whose_use_is_allowed_is_given() {
    let whole = "<content:encoded><![CDATA[<p>The whole text, part one.</p><h2>More</h2><p>Part two with \
        <a href=\"https://elsewhere.example/own\">a link</a>.</p>]]></content:encoded>";
    let title = |name: &str| {
        let titles = [
            ("harbour", "Ferries leave the harbour of Sunda for good"),
            ("river", "Nobody fishes in the Tamar any more"),
            ("palace", "An emperor's kitchen was dug up under Vienna"),
            ("tower", "Lightning strikes one tower in Tirol nine times"),
            ("market", "Saffron is dearer than silver this autumn"),
            ("bridge", "A cellist swam home with her instrument"),
        ];
        titles.into_iter().find(|(known, _)| *known == name).unwrap().1.to_owned()
    };
    let paper = |name| News::new(name, &title(name)).with(whole);
    let licensed = paper("palace").with(&format!("{whole}<license xmlns=\"http://backend.userland.com/creativeCommonsRssModule\">https://creativecommons.org/licenses/by/4.0/</license>"));
    let no = |what: &str| {
        format!(
            "{whole}<rsl:content url=\"/\"><rsl:license><rsl:prohibits type=\"usage\">{what}</rsl:prohibits></rsl:license></rsl:content>"
        )
    };
    let desk = Desk::new(&answering(PLAIN))
        .source("silent", "", &[paper("harbour")])
        .source("consents", "republish = \"full\"", &[paper("river")])
        .source("free", "", &[licensed])
        .source(
            "refuses",
            "republish = \"full\"",
            &[paper("tower").with(&no("ai-input")), paper("market").with(&no("ai-train"))],
        )
        .source("curt", "republish = \"headline\"", &[paper("bridge")])
        .outputs(JSON);
    let told = desk.runs(NOW, 0);
    let asked = desk.asked();
    let text_of = |name: &str| {
        let title = title(name);
        let question = asked.iter().find(|question| question["title"] == title.as_str())?;
        Some(question["entries"][0]["text"].as_str().map(str::to_owned))
    };
    let text = "The whole text, part one.\n\nMore\n\nPart two with a link.";
    assert_eq!(text_of("harbour"), Some(None));
    assert_eq!(text_of("river"), Some(Some(text.to_owned())));
    assert_eq!(text_of("palace"), Some(Some(text.to_owned())));
    assert_eq!(text_of("market"), Some(None));
    for (name, why) in [("tower", "prohibits ai-input"), ("bridge", "republish = \"headline\"")] {
        assert_eq!(text_of(name), None, "{name}");
        let title = title(name);
        let item = desk.item(&title);
        assert_eq!(item["_feedloom"].get("rewritten"), None);
        assert_eq!(
            item["authors"][0]["name"],
            format!("The {} Paper (Kim Poe)", if name == "tower" { "refuses" } else { "curt" })
        );
        for (place, said) in [("run", &told), ("why", &desk.why(&title)), ("status", &desk.status())] {
            assert!(said.contains("not rewritten") && said.contains(why), "{place} does not say {why}: {said}");
        }
    }
    assert_eq!(asked.len(), 4);
}

#[test]
fn who_begins_to_forbid_and_what_is_taken_down_leaves_no_answer() {
    let news = |name, title| News::new(name, title);
    let (one, two) =
        (news("one", "A bridge of paper opens in Sunda"), news("two", "The zoo of Perth gave away its last lion"));
    let desk = Desk::new(&answering(PLAIN)).source("a", "", &[one.clone(), two.clone()]).outputs(JSON);
    desk.runs(NOW, 0);
    assert_eq!((desk.asked().len(), desk.answers_kept()), (2, 2));
    let no = "<rsl:content url=\"/\"><rsl:license><rsl:prohibits type=\"usage\">ai-all</rsl:prohibits></rsl:license></rsl:content>";
    desk.feed("a", &[one.clone().with(no), two.clone()]);
    desk.runs(LATER, 0);
    assert_eq!(desk.item(&one.title)["_feedloom"].get("rewritten"), None);
    assert_eq!((desk.asked().len(), desk.answers_kept()), (2, 1));
    let down = desk.say(&["takedown", "https://a.example/two", "--now", LATER]);
    assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
    assert_eq!(desk.answers_kept(), 0);
    assert!(!desk.out("feed.json").contains("machine"), "{}", desk.out("feed.json"));
}

#[test]
fn what_a_program_does_wrong_is_said_and_stands_nowhere() {
    let scene = |body: &str, keys: &str| {
        Desk::new(body)
            .source("a", "", &[News::new("one", "A bridge of paper opens in Sunda")])
            .source("b", "name = \"Beta Blog\"", &[News::new("b", "The zoo of Perth gave away its last lion")])
            .outputs(&format!("[[output]]\nfile = \"feed.json\"\nsources = [\"a\"]\nrewrite = [\"./write\"]\n{keys}"))
    };
    let answer = |html: &str| answering(&serde_json::json!({"title": "T", "content_html": html}).to_string());
    for (body, why) in [
        ("cat > /dev/null; exit 3", "exit status: 3"),
        ("echo 'no quota' >&2; exit 1", "exit status: 1: no quota"),
        ("sleep 1000 & echo $! > pid; wait", "longer than 1 s"),
        ("(while :; do sleep 1; done) & (while :; do sleep 1; done) & sleep 1000", "longer than 1 s"),
        ("yes", "more than 262144 bytes"),
        ("head -c 5000000 /dev/zero | tr '\\0' x", "more than 262144 bytes"),
        ("kill -9 $$", "signal: 9"),
        ("true", "it wrote nothing"),
        ("echo nonsense", "did not write JSON"),
        (&answer(""), "left no text"),
        (&answer("<script>alert(1)</script>"), "left no text"),
        (&answer("<p>As Beta Blog reports, all is well.</p>"), "names Beta Blog"),
        (&answering("{\"title\": \"\", \"content_html\": \"<p>x</p>\"}"), "left no title"),
    ] {
        let desk = scene(body, "timeout = \"1s\"\n");
        let told = desk.runs(NOW, 0);
        assert!(told.contains(why) && told.contains("A bridge of paper opens in Sunda"), "{why}: {told}");
        let item = desk.item("A bridge of paper opens in Sunda");
        assert_eq!(item["_feedloom"].get("rewritten"), None, "{why}");
        assert!(item["content_text"].as_str().unwrap().contains("it was said on Monday"), "{why}");
        assert!(desk.status().contains(why) && desk.why("bridge").contains(why), "{why}: {}", desk.status());
    }
    // What an honest answer may not hold is taken out of it.
    let html = "<p onclick=\"x()\">See <a href=\"https://spam.example/\">this</a> and <a href=\"https://a.example/one\">that</a>, \
        https://spam.example/2.</p><p>Here is the source article for this story: Another (The Times)</p><img src=\"https://spam.example/x.png\">";
    let desk = scene(&answer(html), "");
    desk.runs(NOW, 0);
    let item = desk.item("T");
    let body = item["content_html"].as_str().unwrap();
    assert!(body.contains("See this and <a href=\"https://a.example/one\""), "{body}");
    assert!(!body.contains("spam") && !body.contains("onclick") && !body.contains("The Times"), "{body}");
    assert!(
        body.contains("Here is the source article for this story: <a href=\"https://a.example/one\">A bridge of paper"),
        "{body}"
    );
}

#[test]
fn no_feed_keeps_others_from_being_rewritten_by_what_it_calls_itself() {
    let answer = answering(r#"{"title": "Today in Sunda", "content_html": "<p>The bridge is new Today.</p>"}"#);
    for (keys, is_rewritten) in [("", true), ("name = \"Today\"", false)] {
        let desk = Desk::new(&answer)
            .source("a", "", &[News::new("one", "A bridge of paper opens in Sunda")])
            .source("b", keys, &[News::new("b", "The zoo of Perth gave away its last lion")])
            .outputs("[[output]]\nfile = \"feed.json\"\nsources = [\"a\"]\nrewrite = [\"./write\"]\n");
        let feed = fs::read_to_string(desk.path("b.xml")).unwrap();
        fs::write(desk.path("b.xml"), feed.replace("The b Paper", "Today")).unwrap();
        let told = desk.runs(NOW, 0);
        assert_eq!(desk.items()[0]["_feedloom"]["rewritten"] == true, is_rewritten, "{keys}: {told}");
    }
}

#[test]
fn a_program_that_fails_is_left_alone_longer_and_longer() {
    let titles = [
        "Sunda builds a dam of glass",
        "The zoo of Perth gave away its last lion",
        "A comet was named after a cook",
        "Bread is taxed by weight in Tirol",
        "Two pianos fell from a bridge in Basel",
    ];
    let news: Vec<News> =
        ["n0", "n1", "n2", "n3", "n4"].into_iter().zip(titles).map(|(name, title)| News::new(name, title)).collect();
    let desk = Desk::new("cat > /dev/null; echo x >> calls; exit 1").source("a", "", &news).outputs(JSON);
    let calls = || fs::read_to_string(desk.path("calls")).unwrap_or_default().lines().count();
    let told = desk.runs(NOW, 0);
    assert_eq!(calls(), 3);
    assert!(told.contains("is left alone until 2026-11-03 00:05 UTC"), "{told}");
    assert!(desk.status().contains("failed 3 times in a row"), "{}", desk.status());
    desk.runs("2026-11-03T00:04:00Z", 0);
    assert_eq!(calls(), 3);
    desk.runs("2026-11-03T00:06:00Z", 0);
    assert_eq!(calls(), 4, "one more try");
    desk.runs("2026-11-03T00:15:00Z", 0);
    assert_eq!(calls(), 4, "the next wait is longer");
    desk.script(&answering(PLAIN));
    desk.runs("2026-11-03T02:00:00Z", 0);
    assert_eq!(desk.items().iter().filter(|item| item["_feedloom"]["rewritten"] == true).count(), 5);
    assert!(!desk.status().contains("failed"), "{}", desk.status());
    // A story that it fails on again and again keeps nothing else from it.
    let poison = "input=$(cat); echo x >> calls; case $input in *comet*) exit 1;; esac; echo \"$ANSWER\"";
    let desk = Desk::new(&poison.replace("echo \"$ANSWER\"", &answering(PLAIN))).source("a", "", &news).outputs(JSON);
    let mut told = String::new();
    for hour in 0..14 {
        told = told + &desk.runs(&format!("2026-11-03T{hour:02}:00:00Z"), 0);
    }
    let calls = fs::read_to_string(desk.path("calls")).unwrap().lines().count();
    assert_eq!(calls, 4 + 5);
    assert!(told.contains("is not asked about \"A comet was named after a cook\" any more"), "{told}");
    assert!(desk.why("comet").contains("which failed on it 5 times"), "{}", desk.why("comet"));
}

#[test]
fn a_failure_is_remembered_if_the_run_is_killed_after_it() {
    let news = [
        News::new("one", "A bridge of paper opens in Sunda"),
        News::new("two", "The zoo of Perth gave away its last lion"),
    ];
    let body = "input=$(cat); case $input in *bridge*) echo x >> bridges; exit 1;; esac\n\
        echo $$ > slow.new; mv slow.new slow; exec sleep 1000";
    let desk = Desk::new(body).source("a", "", &news).outputs(JSON);
    let mut run = desk.command(&["run", "--all", "--now", NOW]).stderr(Stdio::null()).spawn().unwrap();
    let is_reached = comes_true(|| desk.path("slow").exists());
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(is_reached, "the second story is not asked about");
    let left_running = fs::read_to_string(desk.path("slow")).unwrap();
    let _ = Command::new("kill").arg(left_running.trim()).status().unwrap();
    let failures = || fs::read_to_string(desk.path("bridges")).unwrap().lines().count();
    assert_eq!(failures(), 1);
    desk.script(&format!("case $(tee -a all) in *bridge*) echo x >> bridges;; esac\n{}", answering(PLAIN)));
    desk.runs("2026-11-03T00:04:00Z", 0);
    assert_eq!(failures(), 1, "it is not its turn yet");
    assert_eq!(desk.item("A machine's title")["url"], "https://a.example/two");
    assert!(
        desk.why("bridge").contains("which failed on it once: it ended with exit status: 1"),
        "{}",
        desk.why("bridge")
    );
    desk.runs(SOON, 0);
    assert_eq!(failures(), 2);
}

/// Whether it does within half a minute.
fn comes_true(mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn a_run_asks_within_its_budget_and_sources_take_turns() {
    const SUBJECTS: [&str; 6] = ["dam", "lion", "comet", "piano", "glacier", "violin"];
    let many: Vec<News> = SUBJECTS
        .into_iter()
        .map(|name| News::new(name, &format!("Whatever became of the {name} in {name}burg")))
        .collect();
    let desk = Desk::new(&answering(PLAIN))
        .source("busy", "", &many)
        .source("quiet", "", &[News::new("quiet", "Bread is taxed by weight in Tirol")])
        .outputs(&format!("{JSON}budget = 3\n"));
    let rewritten = || desk.items().iter().filter(|item| item["_feedloom"]["rewritten"] == true).count();
    let dry = desk.say(&["run", "--offline", "--dry-run", "--now", NOW]);
    assert!(dry.status.success() && desk.asked().is_empty());
    let told = desk.runs(NOW, 0);
    assert!(told.contains("rewrote ./write: 3 stories, 4 waiting"), "{told}");
    assert_eq!((rewritten(), desk.items().len()), (3, 7));
    assert!(desk.asked().iter().any(|question| question["url"] == "https://quiet.example/quiet"));
    let dry = desk.say(&["run", "--offline", "--dry-run", "--now", SOON]);
    let said = String::from_utf8(dry.stdout).unwrap();
    assert!(said.contains("would ask ./write to rewrite 4 stories"), "{said}");
    assert_eq!(desk.asked().len(), 3);
    // Nothing is new, and what waits is asked about all the same.
    desk.runs(SOON, 0);
    assert_eq!(rewritten(), 6);
    desk.runs(LATER, 0);
    assert_eq!((rewritten(), desk.asked().len()), (7, 7));
    desk.runs("2026-11-03T03:00:00Z", 0);
    assert_eq!(desk.asked().len(), 7);
}

#[test]
fn a_story_may_wait_until_it_is_rewritten() {
    let news = [
        News::new("one", "A bridge of paper opens in Sunda"),
        News::new("two", "The zoo of Perth gave away its last lion"),
    ];
    let body = "input=$(cat); case $input in *bridge*) test -e ready || exit 1;; esac\n\
        printf '%s' \"$input\" | sed 's/.*\"title\":\"\\([^\"]*\\)\",\"url\".*/{\"title\": \"About: \\1\", \"content_html\": \"<p>So it was.<\\/p>\"}/'";
    let desk = Desk::new(body).source("a", "", &news).outputs(&format!("{JSON}wait = true\n"));
    desk.runs(NOW, 0);
    let titles =
        |desk: &Desk| desk.items().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(titles(&desk), ["About: The zoo of Perth gave away its last lion"]);
    let dry = desk.say(&["run", "--offline", "--dry-run", "--now", SOON]);
    let said = String::from_utf8(dry.stdout).unwrap();
    assert!(said.contains("it waits to be rewritten"), "{said}");
    fs::write(desk.path("ready"), "").unwrap();
    desk.runs(LATER, 0);
    assert_eq!(
        titles(&desk),
        ["About: A bridge of paper opens in Sunda", "About: The zoo of Perth gave away its last lion"]
    );
    // While an edited one waits, its last version stays.
    fs::remove_file(desk.path("ready")).unwrap();
    desk.feed("a", &[News::new("one", "A bridge of paper opened in Sunda"), news[1].clone()]);
    desk.runs("2026-11-03T04:00:00Z", 0);
    assert_eq!(titles(&desk)[0], "About: A bridge of paper opens in Sunda");
    fs::write(desk.path("ready"), "").unwrap();
    desk.runs("2026-11-03T06:00:00Z", 0);
    assert_eq!(titles(&desk)[0], "About: A bridge of paper opened in Sunda");
}

#[test]
fn feeds_toml_says_how_a_program_is_called() {
    let news = [News::new("one", "A bridge of paper opens in Sunda")];
    let told = |keys: &str, format: &str| {
        let desk = Desk::new(&answering(PLAIN))
            .source("a", "", &news)
            .outputs(&format!("[[output]]\nfile = \"{format}\"\n{keys}"));
        let done = desk.say(&["check"]);
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    for (keys, format, why) in [
        ("rewrite = [\"./none\"]", "feed.json", "there is no program"),
        ("wait = true", "feed.json", "add rewrite"),
        ("rewrite = [\"./write\"]\ntimeout = \"1h\"", "feed.json", "`timeout` is out of range"),
        ("rewrite = [\"./write\"]\nbudget = 0", "feed.json", "budget"),
        ("rewrite = [\"./write\"]\nmax_answer = \"1GiB\"", "feed.json", "max_answer"),
        ("rewrite = [\"./write\"]\nenv = [\"a b\"]", "feed.json", "no name of a variable"),
        ("rewrite = [\"./write\"]", "sources.opml", "no items to rewrite"),
        ("rewrite = [\"./write\"]\ndigest = \"daily\"", "feed.json", "a digest has no `rewrite`"),
    ] {
        let (code, said) = told(keys, format);
        assert!(code == Some(2) && said.contains(why), "{keys}: {said}");
    }
    let good = "rewrite = [\"./write\", \"-m\"]\nwait = true\ntimeout = \"5m\"\nbudget = 40\nmax_answer = \"1MiB\"\nenv = [\"MY_TOKEN\"]";
    assert_eq!(told(good, "feed.json").0, Some(0));
    let body = format!("echo \"$1|$MY_SECRET|$MY_TOKEN|$PWD\" > called\n{}", answering(PLAIN));
    let desk = Desk::new(&body).source("a", "", &news).outputs(&format!("[[output]]\nfile = \"feed.json\"\n{good}"));
    desk.runs(NOW, 0);
    let here = fs::canonicalize(desk.folder.path()).unwrap();
    assert_eq!(fs::read_to_string(desk.path("called")).unwrap().trim(), format!("-m||open|{}", here.display()));
    // An edited script asks for nothing anew; another word does.
    desk.script(&body.replace("A machine's title", "Another title"));
    desk.runs(LATER, 0);
    assert_eq!(
        (desk.asked().len(), desk.item("A machine's title")["_feedloom"]["rewritten"].clone()),
        (1, true.into())
    );
    desk.configure(&format!("[[output]]\nfile = \"feed.json\"\n{}", good.replace("-m", "-n")));
    desk.runs("2026-11-03T04:00:00Z", 0);
    assert_eq!(desk.asked().len(), 2);
    desk.item("Another title");
}

#[test]
fn an_output_shows_nothing_that_was_made_from_an_outlet_that_it_does_not_credit() {
    let title = "A bridge of paper opens in Sunda";
    let desk = Desk::new(&answering(PLAIN))
        .source("a", "tags = [\"one\"]", &[News::new("one", title)])
        .source("b", "", &[News::new("two", title)])
        .outputs(&format!("{JSON}[[output]]\nfile = \"one.json\"\ntags = [\"one\"]\nrewrite = [\"./write\"]\n"));
    desk.runs(NOW, 0);
    let given: Vec<usize> = desk.asked().iter().map(|asked| asked["entries"].as_array().unwrap().len()).collect();
    assert_eq!(given, [2, 1]);
    assert_eq!(desk.answers_kept(), 2);
    desk.runs(LATER, 0);
    assert_eq!(desk.asked().len(), 2);
}

#[test]
fn a_filter_sees_what_goes_out() {
    let filter = "sed 's/A machine/The machine/g'";
    let news = [News::new("one", "A bridge of paper opens in Sunda")];
    let desk = Desk::new(&answering(PLAIN))
        .source("a", "", &news)
        .outputs(&format!("{JSON}filter = [\"sh\", \"-c\", \"{filter}\"]\n"));
    desk.runs(NOW, 0);
    let item = desk.item("The machine's title");
    assert!(item["content_text"].as_str().unwrap().contains("The machine's words about it."), "{item}");
    assert_eq!(item["_feedloom"]["rewritten"], true);
}

#[test]
fn the_disclosure_of_an_output_leaves_the_note_to_the_source_line() {
    let news = [News::new("one", "A bridge of paper opens in Sunda")];
    let with = |keys: &str| {
        let desk = Desk::new(&answering(PLAIN)).source("a", "", &news).outputs(&format!("{JSON}{keys}\n"));
        desk.runs(NOW, 0);
        desk.item("A machine's title")["content_text"].as_str().unwrap().to_owned()
    };
    let text = with("disclosure = \"This post contains affiliate links.\"");
    assert!(text.starts_with("This post contains affiliate links.\n\nA machine's words"), "{text}");
    assert!(text.ends_with("(The a Paper, Kim Poe, 2 Nov 2026; rewritten by machine)"), "{text}");
    let text = with("disclosure = \"Rewritten by machine from the papers named below.\"");
    assert!(text.ends_with("(The a Paper, Kim Poe, 2 Nov 2026)"), "{text}");
    let text = with("language = \"de\"");
    assert!(text.starts_with("Maschinell umgeschrieben\n\n"), "{text}");
    let text = with(
        "phrases = { rewritten = \"written by our robot\" }\nattribution = \"{source}: {link}\"\ndisclosure = \"x\"",
    );
    assert!(text.ends_with("https://a.example/one (written by our robot)"), "{text}");
}

#[test]
fn the_recipe_asks_a_model() {
    let is_there = |name: &str| Command::new(name).arg("--version").output().is_ok_and(|done| done.status.success());
    if !is_there("jq") || !is_there("curl") {
        eprintln!("skipped: jq or curl is not installed");
        return;
    }
    let content =
        serde_json::json!({"title": "T", "lead": "First words.", "sections": [{"heading": "H", "html": "<p>x</p>"}]});
    let answer = serde_json::json!({"choices": [{"message": {"content": content.to_string()}}]}).to_string();
    let model =
        Publisher::answering(move |_| Response::new(200, &[("Content-Type", b"application/json")], answer.as_bytes()));
    let news = [News::new("one", "A bridge of paper opens in Sunda")];
    let desk = Desk::new("exit 1")
        .source("a", "", &news)
        .outputs(&format!("{JSON}env = [\"MODEL_URL\", \"MODEL_KEY\", \"MODEL\"]\n"));
    fs::copy("contrib/rewrite/model", desk.path("write")).unwrap();
    let mut command = desk.command(&["run", "--all", "--now", NOW]);
    let done = command
        .env("MODEL_URL", model.url("/v1/chat/completions"))
        .env("MODEL", "m")
        .env("MODEL_KEY", "k")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = desk.item("T")["content_html"].as_str().unwrap().to_owned();
    assert!(text.contains("<p>First words.</p><h2>H</h2><p>x</p>"), "{text}");
}

/// A piece of what a program that lies could write.
fn piece(random: &mut Random, n: usize) -> String {
    let pieces = [
        "<p>Plain words of no harm.</p>",
        "<p>See <a href=\"https://spam.example/x\">this</a>.</p>",
        "<p>See <a href=\"https://a.example/n0\">that</a>.</p>",
        "<a href=javascript:alert(1)>x</a>",
        "<script>alert(1)</script>",
        "<p onclick=alert(1) style=color:red>y",
        "<img src=x onerror=alert(1)>",
        "</p></div></body></html>",
        "<p>Here is the source article for this story: <a href=\"https://spam.example/\">Spam</a> (Spam Times)</p>",
        "<iframe src=https://spam.example/></iframe><form action=https://spam.example/><input></form>",
        "<p>https://spam.example/free and www.spam.example</p>",
        "<p class=\"feedloom\">Also covered by:</p><ul class=feedloom><li><a href=//spam.example>Spam</a></li></ul>",
        "]]><item><link>https://spam.example/</link></item><![CDATA[",
        "<!-- <p> --><svg><a xlink:href=https://spam.example/>z</a></svg>",
        "&lt;script&gt;\u{202e}\u{0}\u{b}\u{fffe}",
        "<h1>Big</h1><table><tr><td><a href='https://spam.example/%0a'>cell</a>",
        "<p>As The b Paper reports.</p>",
        "<base href=https://spam.example/><meta http-equiv=refresh content=0;url=https://spam.example/>",
    ];
    let piece = *random.one_of(&pieces.each_ref());
    piece.replace("n0", &format!("n{n}"))
}

fn lie(random: &mut Random, n: usize) -> Vec<u8> {
    let html: String = (0..=random.below(5)).map(|_| piece(random, n)).collect();
    let title = *random.one_of(&[
        &"A made title",
        &"<b>Bold",
        &"See https://spam.example/ now",
        &"The b Paper: so",
        &"",
        &"]]>\u{202e}x",
    ]);
    let value = match random.below(8) {
        0 => {
            serde_json::json!({"title": title, "lead": html, "sections": [{"heading": piece(random, n), "html": html}]})
        }
        1 => serde_json::json!({"title": title}),
        2 => serde_json::json!([html]),
        _ => {
            serde_json::json!({"title": title, "content_html": html, "author": "Spam Times", "url": "https://spam.example/"})
        }
    };
    let mut bytes = value.to_string().into_bytes();
    match random.below(12) {
        0 => bytes.truncate(random.below(bytes.len())),
        1 => (0..5).for_each(|_| {
            let at = random.below(bytes.len());
            bytes[at] = u8::try_from(random.below(256)).unwrap();
        }),
        2 => bytes = html.into_bytes(),
        _ => {}
    }
    bytes
}

/// Every address in `text` that a reader could follow.
fn addresses(text: &str) -> Vec<String> {
    let starts = text.match_indices("href=\"").map(|(at, mark)| at + mark.len());
    starts.map(|at| text[at..].split('"').next().unwrap().replace("&amp;", "&")).collect()
}

#[test]
fn a_program_that_lies_harms_no_item() {
    const TOPICS: [&str; 10] =
        ["glacier", "violin", "saffron", "harbour", "comet", "lizard", "tunnel", "orchid", "tannery", "carillon"];
    let mut rewritten = 0;
    for world in 0..4 {
        let mut random = Random::of_world(world);
        let news: Vec<News> = ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"]
            .into_iter()
            .zip(TOPICS)
            .map(|(name, topic)| News::new(name, &format!("Who in {topic}ville bought the {topic}")))
            .collect();
        let body = "name=$(sed 's/.*a.example.\\(n[0-9]\\)\".*/\\1/'); cat answers/$name";
        let desk = Desk::new(body)
            .source("a", "", &news)
            .source("b", "name = \"The b Paper\"", &[News::new("b", "The zoo of Perth gave away its last lion")])
            .outputs(&EVERY_KIND.replace("[\"./write\"]", "[\"./write\"]\nsources = [\"a\"]"));
        fs::create_dir(desk.path("answers")).unwrap();
        for round in 0..3 {
            for (n, one) in news.iter().enumerate() {
                fs::write(desk.path("answers").join(one.name), lie(&mut random, n)).unwrap();
            }
            desk.runs(&format!("2026-11-03T{:02}:00:00Z", round * 7), 0);
            let items = desk.items();
            assert_eq!(items.len(), news.len());
            for item in &items {
                let url = item["url"].as_str().unwrap();
                let body = item["content_html"].as_str().unwrap();
                assert!(!item["title"].as_str().unwrap().trim().is_empty());
                for address in addresses(body) {
                    assert_eq!(address, url, "world {world}: {body}");
                }
                let last = body.rsplit("<p class=\"feedloom\">").next().unwrap();
                assert!(
                    last.starts_with("Here is the source article for this story: <a href=\""),
                    "world {world}: {body}"
                );
                assert!(last.contains(url) && last.contains("(The a Paper, Kim Poe"), "world {world}: {body}");
                assert!(!item.to_string().contains("spam.example"), "world {world}: {item:#}");
                assert!(!item.to_string().contains("The b Paper"), "world {world}: {item:#}");
                let is_rewritten = item["_feedloom"]["rewritten"] == true;
                rewritten += usize::from(is_rewritten);
                let author = item["authors"][0]["name"].as_str().unwrap();
                assert_eq!(author == "after Kim Poe (The a Paper)", is_rewritten, "{author}");
                assert_eq!(body.to_lowercase().contains("rewritten by machine"), is_rewritten);
            }
            let bodies: String = items.iter().map(|item| item["content_html"].as_str().unwrap()).collect();
            let of_file = |file: &str| if file == "feed.json" { bodies.clone() } else { desk.out(file) };
            for file in ["feed.xml", "atom.xml", "feed.json", "index.html"] {
                let out = of_file(file);
                for wrong in
                    ["<script", "onclick", "onerror", "javascript:", "<iframe", "<form", "spam.example", "Spam Times"]
                {
                    assert!(!out.contains(wrong), "world {world}: {wrong} is in {file}");
                }
            }
        }
    }
    assert!(rewritten > 20, "{rewritten} items were rewritten, which shows little");
}

#[test]
fn a_lost_database_turns_no_words_of_a_machine_into_a_publishers() {
    let desk = Desk::new(&answering(PLAIN))
        .source("a", "", &[News::new("one", "A bridge of paper opens in Sunda")])
        .outputs(JSON);
    desk.runs(NOW, 0);
    assert_eq!(desk.item("A machine's title")["_feedloom"]["rewritten"], true);
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(desk.path(&format!("data/feedloom.db{suffix}")));
    }
    // Its feed has moved on: nothing says what stood there, and what its publisher allows.
    desk.feed("a", &[News::new("two", "Quite another thing happens in Varna")]);
    desk.runs(LATER, 0);
    let asked: Vec<Value> = desk.asked().iter().map(|asked| asked["entries"][0]["title"].clone()).collect();
    assert_eq!(asked, ["A bridge of paper opens in Sunda", "Quite another thing happens in Varna"]);
    let item = desk.item("A bridge of paper opens in Sunda");
    assert!(!item.to_string().contains("machine"), "{item}");
    assert_eq!(desk.items().len(), 2);
    assert!(desk.why("bridge").contains("it waits until its source is read again"), "{}", desk.why("bridge"));
    // When it comes back, it is rewritten again.
    desk.feed("a", &[News::new("one", "A bridge of paper opens in Sunda")]);
    desk.runs("2026-11-03T04:00:00Z", 0);
    assert_eq!(desk.asked().len(), 3);
    assert!(desk.items().iter().all(|item| item["_feedloom"]["rewritten"] == true), "{:#?}", desk.items());
}

#[test]
fn a_takedown_waits_for_no_program() {
    let news = [News::new("one", "A bridge of paper opens in Sunda"), News::new("two", "A mill in Varna burns down")];
    let desk = Desk::new("grep -c a.example/two data/public/feed.json >> seen\ncat > /dev/null\nexit 1")
        .source("a", "", &news)
        .outputs(JSON);
    desk.runs(NOW, 0);
    assert!(desk.out("feed.json").contains("a.example/two"));
    let down = desk.say(&["takedown", "https://a.example/two", "--now", SOON]);
    assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
    let seen = fs::read_to_string(desk.path("seen")).unwrap();
    assert_eq!(seen.lines().last(), Some("0"), "it had left when the program was asked: {seen}");
    assert!(!desk.out("feed.json").contains("a.example/two"));
}
