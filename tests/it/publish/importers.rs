//! What sites and mail programs that take our items in as posts of their own find in them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn write_feed(folder: &Path, text: &str) {
    let feed = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>The Paper</title>\
         <link>https://a.example/</link><item><title>A lamp for sailors</title><link>https://a.example/lamp</link>\
         <guid isPermaLink=\"false\">lamp</guid><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate><dc:creator>Kim Poe</dc:creator>\
         <category>Ships</category><category>Light</category><media:thumbnail url=\"https://a.example/lamp.jpg\"/>\
         <content:encoded><![CDATA[<h1>A Lamp for  Sailors</h1><p>{text}</p><h2>Where to buy it</h2><p>At \
         <a href=\"https://shop.example/lamp\" rel=\"sponsored noopener\">the shop</a>, <a href=\"https://b.example/\">or not</a>.\
         </p>]]></content:encoded></item></channel></rss>"
    );
    fs::write(folder.join("a.xml"), feed).unwrap();
}

fn run(folder: &Path, now: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.env("SENDMAIL", folder.join("sendmail")).env("HERE", folder);
    command.arg("--config").arg(folder.join("feeds.toml")).args(["run", "--all", "--now", now]);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_site_that_imports_finds_picture_text_author_and_categories_and_updates_by_guid() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_feed(here, "It burns for a year.");
    let output = |file: &str| format!("[[output]]\nfile = \"{file}\"\n");
    let toml = format!(
        "link = \"https://f.example/\"\n[[source]]\nurl = \"file:a.xml\"\nrepublish = \"full\"\n{}{}",
        output("feed.xml"),
        output("feed.json")
    );
    fs::write(here.join("feeds.toml"), toml).unwrap();
    run(here, "2026-11-03T00:00:00Z");
    let read = || {
        let xml = fs::read(here.join("data/public/feed.xml")).unwrap();
        let mut feed = feed_rs::parser::parse(&xml[..]).unwrap();
        assert_eq!(feed.entries.len(), 1);
        (feed.entries.remove(0), String::from_utf8(xml).unwrap())
    };
    let (post, xml) = read();
    assert_eq!(post.title.unwrap().content, "A lamp for sailors");
    assert_eq!(post.categories.iter().map(|category| category.term.as_str()).collect::<Vec<_>>(), ["Ships", "Light"]);
    assert!(
        post.authors.iter().any(|author| author.name.as_deref() == Some("The Paper (Kim Poe)")),
        "{:?}",
        post.authors
    );
    let pictures: Vec<&str> = post
        .media
        .iter()
        .flat_map(|media| &media.content)
        .filter_map(|content| content.url.as_ref().map(url::Url::as_str))
        .collect();
    assert_eq!(pictures, ["https://a.example/lamp.jpg"]);
    assert!(xml.contains("<media:content medium=\"image\" url=\"https://a.example/lamp.jpg\">"), "{xml}");
    assert!(xml.contains("<media:thumbnail url=\"https://a.example/lamp.jpg\">"), "{xml}");
    let body = post.content.unwrap().body.unwrap();
    assert!(body.starts_with("<p>It burns for a year.</p><h2>Where to buy it</h2>"), "{body}");
    assert!(
        body.contains("<a href=\"https://shop.example/lamp\" rel=\"noopener noreferrer nofollow sponsored\">"),
        "{body}"
    );
    assert!(body.contains("<a href=\"https://b.example/\" rel=\"noopener noreferrer nofollow\">"), "{body}");
    let json: Value = serde_json::from_slice(&fs::read(here.join("data/public/feed.json")).unwrap()).unwrap();
    let text = json["items"][0]["content_text"].as_str().unwrap();
    assert!(text.starts_with("It burns for a year.\n\nWhere to buy it\n\nAt the shop, or not.\n\n"), "{text}");

    write_feed(here, "It burns for two years, the maker corrects.");
    run(here, "2026-11-03T03:00:00Z");
    let (updated, _) = read();
    assert_eq!(updated.id, post.id);
    assert!(updated.content.unwrap().body.unwrap().starts_with("<p>It burns for two years"));
}

#[test]
fn a_mail_program_gets_a_digest_as_text_and_html() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|done| done.status.success()) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_feed(here, "It burns for a year.");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/posts/mail"), here.join("mail")).unwrap();
    fs::write(here.join("sendmail"), "#!/bin/sh\ncat > \"$HERE/mailed\"\n").unwrap();
    fs::set_permissions(here.join("sendmail"), fs::Permissions::from_mode(0o755)).unwrap();
    let toml = "title = \"Tech\"\nlink = \"https://f.example/\"\n[[source]]\nurl = \"file:a.xml\"\n\
        [[output]]\nfile = \"feed.xml\"\n[[post]]\nrun = [\"./mail\", \"news@example.org\"]\nenv = [\"SENDMAIL\", \"HERE\"]\n\
        digest = \"daily\"\nat = \"07:00\"\n";
    fs::write(here.join("feeds.toml"), toml).unwrap();
    run(here, "2026-11-02T12:00:00Z");
    assert!(!here.join("mailed").exists());
    run(here, "2026-11-03T07:30:00Z");
    let mail = fs::read_to_string(here.join("mailed")).unwrap();
    assert!(mail.contains("Subject: Tech: 2026-11-03") && mail.contains("To: news@example.org"), "{mail}");
    let parts: Vec<&str> = mail.split("Content-Type: ").collect();
    let part =
        |kind: &str| *parts.iter().find(|part| part.starts_with(kind)).unwrap_or_else(|| panic!("no {kind}: {mail}"));
    let (text, html) = (part("text/plain"), part("text/html"));
    assert!(text.contains("A lamp for sailors") && text.contains("<https://a.example/lamp>"), "{text}");
    assert!(html.contains("<h3>") && html.contains("https://a.example/lamp"), "{html}");
    assert!(mail.contains("multipart/alternative"), "{mail}");
}
