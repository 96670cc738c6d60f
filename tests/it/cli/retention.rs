//! `[store] keep`: what is old is forgotten but for its keys, the database stays level, nothing comes twice.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;

use super::home::{HEAD, Home, ok};
use crate::publisher::Publisher;

/// Ten entries of each day, and those of the days before in the same feed as far back as `back`.
fn feed(day: i64, back: i64) -> String {
    const WORDS: [&str; 12] =
        ["amber", "birch", "cobalt", "dune", "ember", "fjord", "glade", "heron", "indigo", "juniper", "krill", "larch"];
    let mut text = "<rss version=\"2.0\"><channel><title>Days</title><link>https://days.example/</link><description>d</description>".to_owned();
    for of in (day - back)..=day {
        for number in 0..10 {
            let at = jiff::Timestamp::from_second(1_767_225_600 + of * 86_400 + number * 60).unwrap();
            let words: Vec<String> = (0..6)
                .map(|place| {
                    format!(
                        "{}{}",
                        WORDS[usize::try_from((of * 7 + number * 5 + place * 3).rem_euclid(12)).unwrap()],
                        of * 10 + number
                    )
                })
                .collect();
            let long = format!("{} ", words.join(" ")).repeat(60);
            write!(
                text,
                "<item><title>{}</title><link>https://days.example/{of}/{number}</link><guid isPermaLink=\"false\">g{of}-{number}</guid><pubDate>{}</pubDate><description>{long}</description></item>",
                words.join(" "),
                at.strftime("%a, %d %b %Y %H:%M:%S GMT")
            )
            .unwrap();
        }
    }
    text + "</channel></rss>"
}

fn now(day: i64) -> String {
    jiff::Timestamp::from_second(1_767_225_600 + day * 86_400 + 3_600).unwrap().to_string()
}

fn count(home: &Home, table: &str) -> i64 {
    let conn = Connection::open(home.path("data/feedloom.db")).unwrap();
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn the_database_stays_level_and_what_comes_back_is_known() {
    let publisher = Publisher::start();
    let home = Home::empty();
    let text = format!(
        "{HEAD}\n[store]\nkeep = \"5d\"\n\n[[source]]\nid = \"days\"\nurl = \"{}\"\n\n[[output]]\nfile = \"feed.json\"\nitems = 5\n",
        publisher.url("/days")
    );
    home.write("feeds.toml", &text);
    let mut sizes = Vec::new();
    for day in 0..40 {
        publisher.script("/days", [ok(&feed(day, 1))]);
        home.does(&["run", "--all", "--now", &now(day)]).exits(0).silent();
        sizes.push(fs::metadata(home.path("data/feedloom.db")).unwrap().len());
    }
    // Six days of ten, those that the output may choose from, and a step of a day.
    let held = count(&home, "entry");
    assert!((50..=90).contains(&held), "{held} entries are held");
    assert_eq!(held + count(&home, "remembered"), 410);
    assert!(sizes[39] <= sizes[15] + sizes[15] / 5, "it grows: {sizes:?}");
    for table in ["member", "story"] {
        assert!((40..=90).contains(&count(&home, table)), "{table}");
    }
    let check = Connection::open(home.path("data/feedloom.db")).unwrap();
    let foreign: Vec<String> = {
        let mut stmt = check.prepare("PRAGMA foreign_key_check").unwrap();
        stmt.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(foreign, Vec::<String>::new());
    let json = home.does(&["status", "--json", "--now", &now(39)]).exits(0).json();
    assert_eq!(json["entries"], held);
    assert_eq!(json["stories"], count(&home, "story"));
    drop(check);
    // The whole archive comes back, also under other guids: nothing of it is news.
    let shown = home.titles();
    publisher.script("/days", [ok(&feed(39, 39))]);
    home.does(&["run", "--all", "--now", &now(40)]).exits(0).silent();
    assert_eq!(home.titles(), shown);
    assert_eq!(count(&home, "entry") + count(&home, "remembered"), 410);
    let other = feed(39, 39).replace("false\">g", "false\">other-");
    publisher.script("/days", [ok(&other)]);
    home.does(&["run", "--all", "--now", &now(41)]).exits(0).silent();
    assert_eq!(home.titles(), shown, "the addresses tell");
}

/// A page of many entries, such as a changelog: what was forgotten of it does not silence what is new there.
#[test]
fn a_page_of_many_entries_brings_news_for_ever() {
    let publisher = Publisher::start();
    let home = Home::empty();
    let source = format!("\n[[source]]\nid = \"log\"\nurl = \"{}\"\n", publisher.url("/log"));
    home.write(
        "feeds.toml",
        &format!("{HEAD}\n[store]\nkeep = \"5d\"\n{source}\n[[output]]\nfile = \"feed.json\"\nitems = 5\n"),
    );
    for day in 0..40 {
        let at = jiff::Timestamp::from_second(1_767_225_600 + day * 86_400).unwrap();
        let page = format!(
            "<rss version=\"2.0\"><channel><title>Log</title><link>https://log.example/</link><description>d</description>\
             <item><title>Version {day} of the kettle is out</title><link>https://log.example/changes#v{day}</link>\
             <guid isPermaLink=\"false\">v{day}</guid><pubDate>{}</pubDate><description>News.</description></item></channel></rss>",
            at.strftime("%a, %d %b %Y %H:%M:%S GMT")
        );
        publisher.script("/log", [ok(&page)]);
        home.does(&["run", "--all", "--now", &now(day)]).exits(0);
        assert!(home.titles().contains(&format!("Version {day} of the kettle is out")), "day {day}");
    }
    assert!(count(&home, "remembered") > 0, "nothing was forgotten");
}

#[test]
fn what_an_output_shows_is_kept_however_old_it_is() {
    let publisher = Publisher::start();
    let home = Home::empty();
    let source = format!("\n[[source]]\nid = \"days\"\nurl = \"{}\"\n", publisher.url("/days"));
    home.write(
        "feeds.toml",
        &format!("{HEAD}\n[store]\nkeep = \"5d\"\n{source}\n[[output]]\nfile = \"feed.json\"\nitems = 5\n"),
    );
    publisher.script("/days", [ok(&feed(0, 1))]);
    home.does(&["run", "--all", "--now", &now(0)]).exits(0);
    let shown = home.titles();
    for day in [30, 60, 90] {
        home.does(&["run", "--all", "--now", &now(day)]).exits(0);
        assert_eq!(home.titles(), shown);
    }
    let held = count(&home, "entry");
    assert!((15..20).contains(&held), "three times as many as it shows could be shown: {held}");
}

#[test]
fn forever_forgets_nothing() {
    let publisher = Publisher::start();
    let home = Home::empty();
    let source = format!("\n[[source]]\nid = \"days\"\nurl = \"{}\"\n", publisher.url("/days"));
    home.write(
        "feeds.toml",
        &format!("{HEAD}\n[store]\nkeep = \"forever\"\n{source}\n[[output]]\nfile = \"feed.json\"\nitems = 2\n"),
    );
    for day in [0, 400, 800] {
        publisher.script("/days", [ok(&feed(day, 1))]);
        home.does(&["run", "--all", "--now", &now(day)]).exits(0);
    }
    assert_eq!((count(&home, "entry"), count(&home, "remembered")), (60, 0));
}

#[test]
fn a_keep_that_is_too_short_is_wrong_with_the_number_to_write() {
    let home = Home::empty();
    let source = "[[source]]\nurl = \"https://a.example/\"\n";
    for (keep, more, words) in [
        ("30d", "", &["the archive of index.html and a day", "write at least \"31d\""][..]),
        ("3d", "[[output]]\nfile = \"a.xml\"\n", &["the lookback of [weave]", "write at least \"4d\""]),
        ("20d", "[weave]\nlookback = \"20d\"\n[[output]]\nfile = \"a.xml\"\n", &["lookback", "at least \"21d\""]),
        ("30d", "[[output]]\nfile = \"a.xml\"\nmax_age = \"60d\"\n", &["the max_age of a.xml", "at least \"61d\""]),
        ("soon", "", &["no duration", "\"forever\""]),
    ] {
        home.write("feeds.toml", &format!("{source}[store]\nkeep = \"{keep}\"\n{more}"));
        home.does(&["check"]).exits(2).says(words).says(&["feeds.toml:4:8"]);
    }
    for fine in ["31d", "180d", "forever"] {
        home.write("feeds.toml", &format!("{source}[store]\nkeep = \"{fine}\"\n"));
        home.does(&["check"]).exits(0);
    }
    // Without a word the default gives way to what an output looks back on.
    home.write("feeds.toml", &format!("{source}[[output]]\nfile = \"a.xml\"\nmax_age = \"300d\"\n"));
    home.does(&["check"]).exits(0);
}

#[test]
fn outputs_can_be_read_by_a_web_server_whatever_the_umask() {
    let home = Home::empty();
    let owls = home.feed("owls.xml", &["Owls learn to juggle"]);
    home.subscribe(&[("owls", &owls)]);
    let run = format!("umask 077; exec {} run --now 2026-03-02T01:00:00Z", env!("CARGO_BIN_EXE_feedloom"));
    let done = std::process::Command::new("sh").arg("-c").arg(run).current_dir(home.folder.path()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mode = |name: &str| fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data/public"), mode("data/public/feed.xml")), (0o755, 0o644));
    assert_eq!(
        (mode("data") & 0o011, mode("data/feedloom.db")),
        (0o011, 0o600),
        "others pass through and read nothing else"
    );
}

/// A feed of long texts: `entries` of `bytes` each, those of poll `poll`.
fn long_feed(outlet: &str, poll: i64, entries: usize, bytes: usize, edit: &str) -> String {
    let mut text = format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>{outlet}</title><link>https://{outlet}.example/</link><description>d</description>"
    );
    for number in 0..entries {
        let long = format!("{edit} {outlet}{poll}x{number} said more. ");
        let long = long.repeat(bytes / long.len() + 1);
        write!(
            text,
            "<item><title>{outlet} tells {poll} {number} of it</title><link>https://{outlet}.example/{poll}/{number}</link><content:encoded>&lt;p&gt;{long}&lt;/p&gt;</content:encoded></item>"
        )
        .unwrap();
    }
    text + "</channel></rss>"
}

/// Bytes of the contents of the entries of poll `poll`.
fn contents(home: &Home, outlet: &str, poll: i64) -> i64 {
    let conn = Connection::open(home.path("data/feedloom.db")).unwrap();
    conn.query_row(
        "SELECT coalesce(sum(octet_length(content)), 0) FROM entry WHERE url LIKE ?1",
        [format!("https://{outlet}.example/{poll}/%")],
        |row| row.get(0),
    )
    .unwrap()
}

fn items(home: &Home) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(home.path("data/public/feed.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap()["items"].as_array().unwrap().clone()
}

/// Nobody fills the disk: what a source brings beyond 8 MiB of text a week is kept as excerpts, whether it is new or an
/// edit; other sources lose nothing by it, and a week later it has room again.
#[test]
fn a_flood_of_text_is_kept_as_excerpts() {
    const MEGABYTE: i64 = 1_000_000;
    let publisher = Publisher::start();
    let home = Home::new(&[("flood", &publisher.url("/flood")), ("calm", &publisher.url("/calm"))]);
    let poll = |day: i64, of: i64, entries: usize, edit: &str| {
        publisher.script("/flood", [ok(&long_feed("flood", of, entries, 150_000, edit))]);
        publisher.script("/calm", [ok(&long_feed("calm", day, 10, 20_000, ""))]);
        home.does(&["run", "--all", "--now", &now(day)]).exits(0);
        assert!(contents(&home, "calm", day) >= 200_000, "day {day}");
    };
    let all = |polls: std::ops::Range<i64>| polls.map(|of| contents(&home, "flood", of)).sum::<i64>();
    poll(1, 1, 30, "A");
    assert!(all(1..2) > 4 * MEGABYTE, "within the week's share all is kept");
    poll(2, 2, 30, "B");
    poll(3, 3, 30, "B");
    assert!(all(1..4) < 9 * MEGABYTE, "{} bytes", all(1..4));
    home.does(&["status", "flood", "--now", &now(3)]).exits(0).prints(&["more text than is kept in a week"]);
    let item = items(&home).into_iter().find(|item| item["url"] == "https://flood.example/3/29").unwrap();
    assert!(item["content_html"].as_str().unwrap().contains("flood3x29 said more"), "{item}");
    // What was cut does not come back as an edit, nor a month later.
    poll(4, 3, 30, "edited");
    poll(40, 3, 30, "edited again");
    assert!(all(1..4) < 9 * MEGABYTE, "{} bytes by edits", all(1..4));
    poll(41, 41, 30, "C");
    assert!(all(41..42) > 4 * MEGABYTE, "a later week has its own share");
}

/// The whole text of what is too old for any output is let go; title, address and excerpt stay.
#[test]
fn old_texts_are_let_go_where_nothing_shows_them() {
    let publisher = Publisher::start();
    let home = Home::empty();
    let source = format!("\n[[source]]\nid = \"calm\"\nurl = \"{}\"\n", publisher.url("/calm"));
    home.write("feeds.toml", &format!("{HEAD}\n{source}\n[[output]]\nfile = \"feed.json\"\nitems = 3\n"));
    for day in [1, 2, 3] {
        publisher.script("/calm", [ok(&long_feed("calm", day, 15, 20_000, ""))]);
        home.does(&["run", "--all", "--now", &now(day)]).exits(0);
    }
    let shown = items(&home);
    home.does(&["run", "--offline", "--now", &now(60)]).exits(0);
    assert!(contents(&home, "calm", 1) <= 15 * 600, "{}", contents(&home, "calm", 1));
    assert!(contents(&home, "calm", 3) >= 3 * 20_000, "what is shown keeps its text");
    assert_eq!(count(&home, "entry"), 45);
    assert_eq!(items(&home), shown);
    home.does(&["why", "https://calm.example/1/0", "--now", &now(60)]).exits(0).prints(&["calm tells 1 0 of it"]);
}

/// A text that was cut is the whole of nothing: it leaves as an excerpt, and not at all under a licence that lets nobody
/// cut it.
#[test]
fn what_was_cut_never_goes_out_as_the_whole_text() {
    let publisher = Publisher::start();
    let home = Home::empty();
    let mut sources = String::new();
    for outlet in ["full", "noderivs"] {
        let url = publisher.url(&format!("/{outlet}"));
        write!(sources, "[[source]]\nid = \"{outlet}\"\nurl = \"{url}\"\nrepublish = \"full\"\n").unwrap();
    }
    home.write(
        "feeds.toml",
        &format!(
            "{HEAD}\n{sources}[[output]]\nfile = \"feed.json\"\nrepublish = \"full\"\nitems = 200\nspan = \"9d\"\nmax_bytes = \"50MiB\"\n"
        ),
    );
    for poll in [1, 2, 3] {
        publisher.script("/full", [ok(&long_feed("full", poll, 30, 120_000, ""))]);
        let license = "<license xmlns=\"http://backend.userland.com/creativeCommonsRssModule\">https://creativecommons.org/licenses/by-nd/4.0/</license><item>";
        publisher
            .script("/noderivs", [ok(&long_feed("noderivs", poll, 30, 120_000, "").replacen("<item>", license, 1))]);
        home.does(&["run", "--all", "--now", &now(poll)]).exits(0);
    }
    let items = items(&home);
    let length = |outlet: &str, poll: i64, number: i64| {
        let url = format!("https://{outlet}.example/{poll}/{number}");
        let item = items.iter().find(|item| item["url"] == url.as_str()).unwrap_or_else(|| panic!("{url} is shown"));
        item["content_text"].as_str().or(item["content_html"].as_str()).map_or(0, str::len)
    };
    let whole = [length("full", 1, 0), length("noderivs", 1, 0)];
    assert!(whole.iter().all(|length| *length > 100_000), "what is whole goes out whole: {whole:?}");
    assert!((100..700).contains(&length("full", 3, 29)), "{}", length("full", 3, 29));
    let why = |outlet: &str, words: &str| {
        home.does(&["why", &format!("https://{outlet}.example/3/29"), "--now", &now(3)]).exits(0).prints(&[words])
    };
    why("full", "only the beginning of the text is kept");
    why("noderivs", "title and link only");
    let item = items.iter().find(|item| item["url"] == "https://noderivs.example/3/29").unwrap();
    assert!(!item.to_string().contains("noderivs3x29 said more"), "{item}");
}
