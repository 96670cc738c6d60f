//! Filter programs of an output, through the binary: what they may do, and that they fail closed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a source of `entries` entries, and an output whose filter is the shell script `body`.
fn scene(entries: usize, body: &str, more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let item = |n: usize| {
        format!(
            "<item><title>Report {n} on subject{n}</title><link>https://a.example/{n}</link>\
             <guid isPermaLink=\"false\">g{n}</guid><pubDate>Mon, 02 Nov 2026 10:{n:02}:00 GMT</pubDate>\
             <category>plain</category><description>What subject{n} is about, in one sentence.</description></item>"
        )
    };
    let items: String = (0..entries).map(item).collect();
    let feed =
        format!("<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}</channel></rss>");
    fs::write(folder.path().join("a.xml"), feed).unwrap();
    script(folder.path(), body);
    let toml = format!(
        "link = \"https://f.example/\"\n[[source]]\nid = \"a\"\nurl = \"file:a.xml\"\n{more}\n\
         [[output]]\nfile = \"feed.json\"\nfilter = [\"./my-filter\", \"an argument\"]\n"
    );
    fs::write(folder.path().join("feeds.toml"), toml).unwrap();
    folder
}

fn script(folder: &Path, body: &str) {
    let path = folder.join("my-filter");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn run(folder: &Path, now: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.env("MY_SECRET", "hush").env("LC_ALL", "C");
    command.arg("--config").arg(folder.join("feeds.toml")).args(["run", "--all", "--now", now]);
    command.output().unwrap()
}

const NOW: &str = "2026-11-03T00:00:00Z";
const LATER: &str = "2026-11-03T02:00:00Z";

#[track_caller]
fn runs(folder: &Path, now: &str, code: i32) -> String {
    let done = run(folder, now);
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(code), "{told}");
    told
}

fn items(folder: &Path) -> Vec<Value> {
    let feed = fs::read(folder.join("data/public/feed.json")).unwrap();
    serde_json::from_slice::<Value>(&feed).unwrap()["items"].as_array().unwrap().clone()
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

#[test]
fn a_filter_changes_and_drops_items_and_is_asked_once_for_each_version() {
    let body = "input=$(cat); echo \"$1|$MY_SECRET|$PWD\" >> asked\n\
        case $input in *subject1*) exit 0;; esac\n\
        printf '%s' \"$input\" | sed 's/\"title\":\"Report\\([^\"]*\",\"upd\\)/\"title\":\"Filtered report\\1/; s/\"plain\"/\"new\",\"two\"/; s/in one sentence/shortly/'";
    let scene = scene(3, body, "");
    let folder = scene.path();
    runs(folder, NOW, 0);
    let found = items(folder);
    assert_eq!(found.len(), 2, "one was dropped");
    for item in &found {
        assert!(item["title"].as_str().unwrap().starts_with("Filtered report"));
        assert_eq!(item["tags"], serde_json::json!(["new", "two"]));
        let body = item["content_html"].as_str().unwrap();
        assert!(body.contains("is about, shortly.") && body.contains("Here is the source article"), "{body}");
        assert!(body.contains(item["url"].as_str().unwrap()));
    }
    let asked = folder.join("asked");
    let here = fs::canonicalize(folder).unwrap();
    assert_eq!(fs::read_to_string(&asked).unwrap().lines().next(), Some(&*format!("an argument||{}", here.display())));
    assert_eq!(lines(&asked), 3);
    // A new entry alone is given to it; an edited program is asked anew.
    let feed = fs::read_to_string(folder.join("a.xml")).unwrap();
    let new = "<item><title>Fresh subject4</title><link>https://a.example/4</link><guid>g4</guid></item></channel>";
    fs::write(folder.join("a.xml"), feed.replace("</channel>", new)).unwrap();
    runs(folder, LATER, 0);
    assert_eq!((items(folder).len(), lines(&asked)), (3, 4));
    script(folder, &body.replace("Filtered", "Other"));
    runs(folder, "2026-11-03T02:00:01Z", 0);
    assert_eq!(lines(&asked), 8);
    assert!(items(folder).iter().any(|item| item["title"].as_str().unwrap().starts_with("Other report")));
}

#[test]
fn an_item_that_a_filter_fails_on_is_left_out_told_and_tried_again() {
    let failing =
        "input=$(cat); case $input in *subject1*) echo 'no such thing' >&2; exit 3;; esac; printf '%s' \"$input\"";
    let scene = scene(4, failing, "");
    let told = runs(scene.path(), NOW, 0);
    assert!(told.contains("./my-filter an argument") && told.contains("Report 1 on subject1"), "{told}");
    assert!(told.contains("exit status: 3: no such thing"), "{told}");
    assert_eq!(items(scene.path()).len(), 3);
    assert!(!items(scene.path()).iter().any(|item| item["url"] == "https://a.example/1"));
    runs(scene.path(), "2026-11-03T00:10:00Z", 0);
    // Whatever was wrong is mended beside the program: nothing that feedloom could see has changed.
    fs::write(scene.path().join("my-filter"), "#!/bin/sh\ncat\n").unwrap();
    runs(scene.path(), LATER, 0);
    assert_eq!(items(scene.path()).len(), 4);
}

/// A source whose every text changed, and on some of whose texts the filter fails, costs the others nothing; what the filter
/// can take of its own is back within hours.
#[test]
fn a_source_that_a_filter_fails_on_does_not_hold_the_output_back() {
    let scene = scene(4, "input=$(cat); case $input in *unwanted*) exit 3;; esac; printf '%s' \"$input\"", "");
    let folder = scene.path();
    let toml = fs::read_to_string(folder.join("feeds.toml")).unwrap();
    let second = "[[source]]\nid = \"b\"\nurl = \"file:b.xml\"\n[[output]]";
    fs::write(folder.join("feeds.toml"), toml.replace("[[output]]", second)).unwrap();
    let write = |edit: &str, unwanted: usize| {
        let item = |n: usize| {
            let word = if n < unwanted { "unwanted" } else { edit };
            format!(
                "<item><title>Other {n} of thing{n}</title><link>https://b.example/{n}</link><guid>https://b.example/{n}</guid>\
                 <pubDate>Mon, 02 Nov 2026 12:{:02}:00 GMT</pubDate><description>A {word} text of thing{n}.</description></item>",
                59 - n
            )
        };
        let items: String = (0..20).map(item).collect();
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>B</title><link>https://b.example/</link>{items}</channel></rss>"
        );
        fs::write(folder.join("b.xml"), feed).unwrap();
    };
    let of = |host: &str| items(folder).iter().filter(|item| item["url"].as_str().unwrap().contains(host)).count();
    write("first", 0);
    runs(folder, NOW, 0);
    assert_eq!((of("//a."), of("//b.")), (4, 20));

    write("second", 7);
    let a = fs::read_to_string(folder.join("a.xml")).unwrap();
    let news = "<item><title>Report 9 on subject9</title><link>https://a.example/9</link>\
                <pubDate>Tue, 03 Nov 2026 01:00:00 GMT</pubDate><description>What it is about.</description></item>";
    fs::write(folder.join("a.xml"), a.replace("</channel>", &format!("{news}</channel>"))).unwrap();
    let told = runs(folder, LATER, 0);
    assert_eq!(told.matches("failed on").count(), 5, "{told}");
    assert_eq!(of("//a."), 5, "all of the other source, and its news: {told}");
    let mut dry_run = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    dry_run.arg("--config").arg(folder.join("feeds.toml"));
    let told = dry_run.args(["run", "--dry-run", "--json", "--offline", "--now", LATER]).output().unwrap().stdout;
    let told: Value = serde_json::from_slice(&told).unwrap();
    let stories = told["outputs"][0]["stories"].as_array().unwrap();
    let kept = |story: &&Value| story["kept"] == true;
    assert_eq!(stories.iter().filter(kept).count(), items(folder).len(), "{stories:#?}");

    for hour in 3..9 {
        runs(folder, &format!("2026-11-03T{hour:02}:00:00Z"), 0);
    }
    assert_eq!((of("//a."), of("//b.")), (5, 13));
}

/// Failures are not remembered: each output asks about an item on which the program hangs.
#[test]
fn a_source_that_a_filter_hangs_on_does_not_use_up_the_time_of_the_others() {
    let hangs = "input=$(cat); case $input in *unwanted*) sleep 100;; esac; printf '%s' \"$input\"";
    let scene = scene(6, hangs, "[[source]]\nid = \"b\"\nurl = \"file:b.xml\"");
    let folder = scene.path();
    let limits = "filter = [\"./my-filter\"]\nfilter_timeout = \"1s\"\nfilter_total = \"4s\"\n";
    let others = ["two", "three"]
        .map(|name| format!("[[output]]\nfile = \"{name}.json\"\nitems = 40\nmax_age = \"9d\"\n{limits}"));
    let toml = fs::read_to_string(folder.join("feeds.toml")).unwrap();
    let first = toml.replace(
        "filter = [\"./my-filter\", \"an argument\"]",
        &limits.replace("./my-filter\"]", "./my-filter\", \"1\"]"),
    );
    fs::write(
        folder.join("feeds.toml"),
        first + &others[0] + &others[1].replace("./my-filter\"]", "./my-filter\", \"3\"]"),
    )
    .unwrap();
    let a = fs::read_to_string(folder.join("a.xml")).unwrap();
    let b = a
        .replace("a.example", "b.example")
        .replace("Report", "Other")
        .replace("What", "An unwanted")
        .replace("subject", "thing");
    fs::write(folder.join("b.xml"), b).unwrap();
    let told = runs(folder, NOW, 0);
    for name in ["feed", "two", "three"] {
        let feed = fs::read_to_string(folder.join(format!("data/public/{name}.json"))).unwrap();
        assert_eq!(feed.matches("\"url\": \"https://a.example/").count().min(6), 6, "{name}: {told}");
        assert!(!feed.contains("unwanted"), "{name}");
    }
}

/// Where it fails for most sources, the program is to blame, and the output keeps what it had.
#[test]
fn a_filter_that_fails_for_most_sources_leaves_the_last_version() {
    let scene = scene(2, "cat", "");
    let folder = scene.path();
    let toml = fs::read_to_string(folder.join("feeds.toml")).unwrap();
    let more: String = ["b", "c"].map(|id| format!("[[source]]\nid = \"{id}\"\nurl = \"file:{id}.xml\"\n")).concat();
    fs::write(folder.join("feeds.toml"), toml.replace("[[output]]", &format!("{more}[[output]]"))).unwrap();
    let write = |word: &str| {
        for id in ["b", "c"] {
            let item = |n: usize| {
                format!(
                    "<item><title>Thing {n}{id} of maker{n}{id}</title><link>https://{id}.example/{n}</link>\
                     <pubDate>Mon, 02 Nov 2026 12:0{n}:00 GMT</pubDate><description>A {word} text.</description></item>"
                )
            };
            let items: String = (0..4).map(item).collect();
            let link = format!("https://{id}.example/");
            let feed =
                format!("<rss version=\"2.0\"><channel><title>{id}</title><link>{link}</link>{items}</channel></rss>");
            fs::write(folder.join(format!("{id}.xml")), feed).unwrap();
        }
    };
    write("first");
    runs(folder, NOW, 0);
    assert_eq!(items(folder).len(), 10);
    script(folder, "input=$(cat); case $input in *second*) exit 3;; esac; printf '%s' \"$input\"");
    write("second");
    let told = runs(folder, LATER, 1);
    assert!(told.contains("was not published, the last version stays"), "{told}");
    assert_eq!(items(folder).len(), 10);
}

#[test]
fn what_a_filter_lets_through_later_comes_first_and_keeps_its_date() {
    let scene = scene(4, "input=$(cat); case $input in *subject0*) exit 0;; esac; printf '%s' \"$input\"", "");
    let folder = scene.path();
    runs(folder, NOW, 0);
    let urls = |folder: &Path| items(folder).iter().map(|item| item["url"].to_string()).collect::<Vec<_>>();
    let before = urls(folder);
    assert_eq!(before.len(), 3);
    script(folder, "cat");
    runs(folder, LATER, 0);
    let after = urls(folder);
    assert_eq!((&*after[0], &after[1..]), ("\"https://a.example/0\"", &before[..]));
    assert_eq!(items(folder)[0]["date_published"], "2026-11-02T10:00:00Z");
    // It stays there.
    fs::write(folder.join("data/public/feed.json"), "").unwrap();
    runs(folder, "2026-11-03T04:00:00Z", 0);
    assert_eq!(urls(folder), after);
}

#[test]
fn a_filter_that_cannot_be_used_leaves_the_last_version() {
    let scene = scene(3, "cat", "");
    let folder = scene.path();
    runs(folder, NOW, 0);
    let before = fs::read(folder.join("data/public/feed.json")).unwrap();
    for (body, why) in [
        ("exit 1", "exit status: 1"),
        ("cat >/dev/null; echo nonsense", "did not write JSON"),
        ("cat | sed 's#https://a.example/#https://spam.example/#g'", "changed `sources`"),
        ("cat | sed 's/\"sources\"/\"origins\"/'", "left out `sources`"),
        ("yes", "more than"),
        ("cat >/dev/null; printf '\\377'", "UTF-8"),
    ] {
        script(folder, body);
        let told = runs(folder, LATER, 1);
        assert!(told.contains(why), "{why}: {told}");
        assert_eq!(fs::read(folder.join("data/public/feed.json")).unwrap(), before, "{why}");
    }
    fs::set_permissions(folder.join("my-filter"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(runs(folder, LATER, 1).contains("cannot be started"));
    fs::remove_file(folder.join("my-filter")).unwrap();
    assert!(runs(folder, LATER, 2).contains("there is no program"));
    assert_eq!(fs::read(folder.join("data/public/feed.json")).unwrap(), before);
}

#[test]
fn a_filter_that_hangs_is_ended_with_all_that_it_started() {
    let scene = scene(1, "sleep 1000 & echo $! > pid; wait", "");
    assert!(runs(scene.path(), NOW, 1).contains("longer than"));
    let pid = fs::read_to_string(scene.path().join("pid")).unwrap();
    let alive = Path::new("/proc").join(pid.trim()).join("cmdline");
    assert_ne!(fs::read(alive).unwrap_or_default(), b"sleep\x001000\x00", "what it started is ended too");
    assert!(!scene.path().join("data/public/feed.json").exists(), "nothing unfiltered gets out");
}

#[test]
fn feeds_toml_says_how_far_a_filter_may_go() {
    let failing = "input=$(cat); case $input in *subject[0-3]*) exit 3;; esac; printf '%s' \"$input\"";
    let with = |entries: usize, body: &str, keys: &str| {
        let scene = scene(entries, body, "");
        let toml = fs::read_to_string(scene.path().join("feeds.toml")).unwrap();
        fs::write(scene.path().join("feeds.toml"), format!("{toml}{keys}\n")).unwrap();
        scene
    };
    runs(with(6, failing, "filter_failures = 4").path(), NOW, 1);
    let tolerant = with(6, failing, "filter_failures = 6");
    runs(tolerant.path(), NOW, 0);
    assert_eq!(items(tolerant.path()).len(), 2);
    let told = runs(with(1, "sleep 100", "filter_timeout = \"1s\"").path(), NOW, 1);
    assert!(told.contains("longer than 1 s"), "{told}");
    let told = runs(with(1, "yes", "filter_max_answer = \"2KiB\"").path(), NOW, 1);
    assert!(told.contains("more than 2048 bytes"), "{told}");
    let told = runs(with(3, "sleep 1; sleep 0.2; cat", "filter_total = \"1s\"").path(), NOW, 0);
    assert!(told.contains("filters have taken 1 s in this pass"), "{told}");
    let alone = scene(1, "cat", "");
    let toml = fs::read_to_string(alone.path().join("feeds.toml")).unwrap();
    let toml: String =
        toml.lines().filter(|line| !line.starts_with("filter")).map(|line| format!("{line}\n")).collect();
    fs::write(alone.path().join("feeds.toml"), format!("{toml}filter_total = \"5m\"\n")).unwrap();
    assert!(runs(alone.path(), NOW, 2).contains("add filter"));
}

#[test]
fn a_filter_gives_no_more_than_may_be_published_and_nothing_active() {
    let longer = "words=$(printf 'word %.0s' $(seq 200)); sed \"s/\\\"excerpt\\\":\\\"[^\\\"]*\\\"/\\\"excerpt\\\":\\\"$words\\\"/\"";
    let short = scene(1, longer, "excerpt_length = 40");
    runs(short.path(), NOW, 0);
    let summary = items(short.path())[0]["summary"].as_str().unwrap().to_owned();
    assert!(summary.chars().count() <= 40 && summary.starts_with("word"), "{summary}");

    let active = "cat | sed 's#\"content_html\":\"[^\"]*\"#\"content_html\":\"<h2>Mine</h2><script>x</script><p onclick=x>text</p>\"#'";
    let whole = scene(1, active, "republish = \"full\"");
    runs(whole.path(), NOW, 0);
    let body = items(whole.path())[0]["content_html"].as_str().unwrap().to_owned();
    assert!(body.contains("<h2>Mine</h2>") && body.contains("<p>text</p>") && !body.contains("script"), "{body}");

    let added = "cat | sed 's#\"excerpt\"#\"content_html\":\"<p>all of it</p>\",\"excerpt\"#'";
    let headline = scene(1, added, "republish = \"headline\"");
    assert!(runs(headline.path(), NOW, 1).contains("added `content_html`"));
}
