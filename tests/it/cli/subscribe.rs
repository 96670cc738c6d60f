//! `add` and `remove`: what they write, what they leave, and what they refuse.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::home::{HEAD, Home, KITES, OWLS, ok, rss};
use crate::publisher::{Publisher, Response};

fn page(links: &[(&str, &str)]) -> Response {
    let links: String = links
        .iter()
        .map(|(kind, href)| format!("<link rel=\"alternate\" type=\"{kind}\" title=\"x\" href=\"{href}\">\n"))
        .collect();
    let body =
        format!("<!doctype html><html><head><title>A site</title>{links}</head><body><p>Hello</p></body></html>");
    Response::new(200, &[("Content-Type", b"text/html; charset=utf-8")], body.as_bytes())
}

/// A feeds.toml as a person keeps it.
fn kept(url: &str) -> String {
    format!(
        "# mine\n\n{HEAD}\n# ---- news ----\n\n[[source]] # the best\nurl   =  \"{url}\"\nid=\"old\"\n\n\n[[output]]\n\
         file = \"feed.xml\"   # all of it\n"
    )
}

#[test]
fn a_feed_is_added_at_the_end_and_all_else_stays_byte_for_byte() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("Owl Weekly - All articles", OWLS))]);
    let home = Home::empty();
    for (text, dos) in [(kept("https://a.example/x"), false), (kept("https://a.example/x").replace('\n', "\r\n"), true)]
    {
        home.write("feeds.toml", &text);
        let before = home.does(&["add", &publisher.url("/owls"), "--tag", "birds", "--dry-run"]).exits(0);
        assert_eq!(fs::read_to_string(home.path("feeds.toml")).unwrap(), text);
        let done = home.does(&["add", &publisher.url("/owls"), "--tag", "birds", "--kind", "aggregator"]).exits(0);
        done.prints(&["added owl-weekly", "2 entries"]);
        let now = fs::read_to_string(home.path("feeds.toml")).unwrap();
        let added = now.strip_prefix(&text).unwrap();
        let want = format!(
            "\n[[source]]\nid = \"owl-weekly\"\nurl = \"{}\"\nname = \"Owl Weekly\"\ntags = [\"birds\"]\n",
            publisher.url("/owls")
        );
        assert_eq!(before.out.trim(), want.trim());
        assert_eq!(added.replace("\r\n", "\n"), format!("{want}kind = \"aggregator\"\n"));
        assert_eq!(added.contains("\r\n"), dos);
        home.does(&["check"]).exits(0).prints(&["2 sources"]);
        // And it can be taken out again.
        home.does(&["remove", "owl-weekly"]).exits(0).prints(&["[[source]]", "owl-weekly"]);
        assert_eq!(fs::read_to_string(home.path("feeds.toml")).unwrap(), text);
    }
}

#[test]
fn a_site_is_added_by_the_feed_that_it_announces() {
    let publisher = Publisher::start();
    publisher.script("/", [page(&[("application/rss+xml", "/owls"), ("application/rss+xml", "/comments/feed/")])]);
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    home.does(&["check"]).exits(2).says(&["names no source", "feedloom add "]);
    home.does(&["add", &publisher.url("/")]).exits(0).prints(&["added owls"]);
    home.does(&["check"]).exits(0).prints(&["1 source,"]);
}

#[test]
fn of_ten_feeds_on_a_page_none_is_taken_unasked_and_each_can_be_pasted() {
    let publisher = Publisher::start();
    let addresses: Vec<String> = (0..10).map(|number| format!("/feed{number}?a=1&b={number}")).collect();
    let links: Vec<(&str, &str)> = addresses.iter().map(|href| ("application/rss+xml", href.as_str())).collect();
    publisher.script("/", [page(&links)]);
    publisher.script("/feed7?a=1&b=7", [ok(&rss("seven", KITES))]);
    let home = Home::empty();
    home.write("my feeds.toml", HEAD);
    let done = home.does(&["--config", "my feeds.toml", "add", &publisher.url("/")]).exits(1);
    let done = done.says(&["announces 10 feeds", "add "]);
    assert_eq!(fs::read_to_string(home.path("my feeds.toml")).unwrap(), HEAD);
    let line = done.said.lines().find(|line| line.contains("/feed7")).unwrap().trim();
    let line = line.replace("feedloom ", &format!("{} ", env!("CARGO_BIN_EXE_feedloom")));
    let shell = std::process::Command::new("sh").arg("-c").arg(line).current_dir(home.folder.path()).output().unwrap();
    assert!(shell.status.success(), "{}", String::from_utf8_lossy(&shell.stderr));
    assert!(fs::read_to_string(home.path("my feeds.toml")).unwrap().contains("/feed7?a=1&b=7"));
}

#[test]
fn several_feeds_are_listed_by_what_the_page_calls_them() {
    let publisher = Publisher::start();
    let link = |href: &str, title: &str| {
        format!("<link rel=alternate type=application/rss+xml href=\"{href}\" title=\"{title}\">")
    };
    let head = [
        link("/all", "Kites &amp; Owls &raquo; Feed"),
        link("/owls", "Owls\nonly \u{202e}\u{1b}[2J"),
        link("/plain", ""),
        link("/long", &"long ".repeat(60)),
    ];
    let body = format!("<!doctype html><html><head><title>Site</title>{}</head><body><p>Hello", head.concat());
    publisher.script("/", [Response::new(200, &[("Content-Type", b"text/html")], body.as_bytes())]);
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    let done = home.does(&["add", &publisher.url("/")]).exits(1);
    let lines: Vec<&str> = done.said.lines().map(str::trim).collect();
    let before = |path: &str| {
        let place = lines.iter().position(|line| line.ends_with(&format!("{}'", publisher.url(path))));
        let place = place.unwrap_or_else(|| panic!("{path}: {}", done.said));
        lines[place - 1]
    };
    assert_eq!(before("/all"), "Kites & Owls » Feed:");
    assert_eq!(before("/owls"), "Owls only [2J:", "nothing of it reaches the terminal as a command");
    assert!(before("/plain").starts_with("feedloom add "), "it has no name");
    assert_eq!(before("/long"), format!("{}:", ["long"; 20].join(" ")), "a name is no longer than a line");
}

#[test]
fn what_is_there_already_is_named_however_it_is_spelled() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    publisher.script("/moved", [Response::new(301, &[("Location", b"/owls")], b"")]);
    publisher.script("/", [page(&[("application/rss+xml", "/owls/#x"), ("application/atom+xml", "/owls/")])]);
    let home = Home::new(&[("owls", &publisher.url("/owls"))]);
    let before = home.disk();
    let port = publisher.port();
    for spelled in ["/owls", "/owls/", "/owls#top", "/moved", "/"] {
        let done = home.does(&["add", &publisher.url(spelled)]).exits(1);
        let done = done.says(&["is there already, as `owls`", "feeds.toml:9"]);
        assert!(!done.said.contains("announces"), "{}", done.said);
    }
    home.does(&["add", &format!("https://127.0.0.1:{port}/owls")]).exits(1).says(&["is there already"]);
    home.does(&["add", &format!("feed://127.0.0.1:{port}/owls")]).exits(1).says(&["is there already"]);
    assert_eq!(home.disk(), before);
}

#[test]
fn what_cannot_be_added_is_named_and_the_others_are_added() {
    let publisher = Publisher::start();
    publisher.script("/none", [page(&[])]);
    publisher.script("/gone", [Response::new(404, &[], b"")]);
    publisher.script("/words", [Response::new(200, &[("Content-Type", b"text/plain")], b"just words")]);
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    let home = Home::empty();
    home.write("feeds.toml", HEAD);
    let urls: Vec<String> = ["/none", "/gone", "/words", "/owls"].iter().map(|path| publisher.url(path)).collect();
    let mut args = vec!["add", "file:///etc/passwd", "http://10.1.2.3/feed", "not an address", "ftp://a.example/"];
    args.extend(urls.iter().map(String::as_str));
    let done = home.does(&args).exits(1);
    done.says(&[
        "/none",
        "announces no feed",
        "/gone",
        "404",
        "/words",
        "10.1.2.3",
        "not an address",
        "ftp://a.example/",
    ])
    .prints(&["added owls"]);
    let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
    assert_eq!(text.matches("[[source]]").count(), 1, "{text}");
}

#[test]
fn an_unwritable_feeds_toml_is_left_as_it_is() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    let home = Home::new(&[("a", "https://a.example/"), ("b", "https://b.example/")]);
    fs::set_permissions(home.path("feeds.toml"), fs::Permissions::from_mode(0o444)).unwrap();
    let before = home.disk();
    home.does(&["add", &publisher.url("/owls")])
        .exits(1)
        .says(&["cannot write", "nothing was changed"])
        .prints(&["[[source]]"]);
    home.does(&["remove", "a"]).exits(1).says(&["cannot write", "feeds.toml"]);
    assert_eq!(home.disk(), before);
}

#[test]
fn what_someone_else_writes_meanwhile_stays() {
    let home = Home::empty();
    let path = home.path("feeds.toml");
    let more = "\n# by hand\n[[source]]\nurl = \"https://hand.example/feed\"\n";
    let publisher = Publisher::answering(move |asked| {
        if asked.path == "/owls" {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text + more).unwrap();
        }
        ok(&rss("owls", OWLS))
    });
    home.write("feeds.toml", HEAD);
    home.does(&["add", &publisher.url("/owls")]).exits(0).says(&["changed by someone else"]).prints(&["added owls"]);
    let text = fs::read_to_string(home.path("feeds.toml")).unwrap();
    assert!(text.starts_with(&format!("{HEAD}{more}\n[[source]]\nid = \"owls\"\n")), "{text}");
}

#[test]
fn a_wrong_feeds_toml_is_not_written_and_a_link_to_one_stays_a_link() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    let home = Home::empty();
    home.does(&["add", &publisher.url("/owls")]).exits(2).says(&["there is no feeds.toml", "feedloom init"]);
    home.write("feeds.toml", "[[source]]\nurl = \"https://a.example/\"\nnmae = \"A\"\n");
    home.does(&["add", &publisher.url("/owls")]).exits(2).says(&["feeds.toml:3", "name"]);
    home.does(&["remove", "a.example"]).exits(2);
    assert!(publisher.asked().is_empty(), "nothing is asked for a file that is wrong");
    home.write("elsewhere/real.toml", HEAD);
    fs::remove_file(home.path("feeds.toml")).unwrap();
    symlink(home.path("elsewhere/real.toml"), home.path("feeds.toml")).unwrap();
    home.does(&["add", &publisher.url("/owls")]).exits(0);
    assert!(fs::symlink_metadata(home.path("feeds.toml")).unwrap().is_symlink());
    assert!(fs::read_to_string(home.path("elsewhere/real.toml")).unwrap().contains("/owls"));
}

#[test]
fn a_list_on_one_line_keeps_its_form() {
    let publisher = Publisher::start();
    publisher.script("/owls", [ok(&rss("owls", OWLS))]);
    let home = Home::empty();
    let top = "source = [ { url = \"https://a.example/\" }, # first\n  { url = \"https://b.example/\" } ]\n";
    let text = format!("{top}{HEAD}");
    home.write("feeds.toml", &text);
    home.does(&["add", &publisher.url("/owls")]).exits(0);
    home.does(&["check"]).exits(0).prints(&["3 sources"]);
    let with = fs::read_to_string(home.path("feeds.toml")).unwrap();
    assert_eq!((with.matches("# first").count(), with.lines().count()), (1, text.lines().count() + 1), "{with}");
    home.does(&["remove", "owls"]).exits(0);
    assert_eq!(fs::read_to_string(home.path("feeds.toml")).unwrap(), text);
}

#[test]
fn remove_names_what_is_not_there_and_keeps_the_last_source() {
    let home = Home::new(&[("owls", "https://owls.example/feed")]);
    let before = home.disk();
    home.does(&["remove", "kites"]).exits(1).says(&["no source `kites`", "feedloom status -v"]);
    home.does(&["remove", "owls"]).exits(2).says(&[
        "`owls` is the only source of feeds.toml",
        "add another first (feedloom add URL)",
        "disabled = true",
        "nothing was changed",
        "names no source",
    ]);
    home.does(&["remove", "http://www.owls.example/feed/", "--dry-run"]).exits(2);
    assert_eq!(home.disk(), before);
}
