//! The kind of post that this program was started for, line for line in every format: from an entry of a feed, from the page
//! behind one, and from a program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use feedloom::plain_text;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::publisher::{Publisher, Response};

/// A post of the same shape as the one that is given.
const OWN: &str = "Norway Builds a Library for Seeds of Lost Apples\n\nSome links in this post earn us money, at no cost to you.\n\n\
Norway is digging a second vault into the mountains of Hardanger. It will hold the seeds of nine hundred kinds of apple that \
nobody sells any more.\n\nThe ministry of agriculture wants to open it before the next harvest. Farmers in four valleys have \
already sent in what grew behind their barns.\n\nWhy Apples Are Hard to Keep\n\nAn apple tree that grows from a seed is never \
like its mother. That is why the vault keeps cuttings, too, at a temperature that was found by trial and error.\n\nThe Cold \
Does the Work\n\nThe rock is at four degrees all year round. Nothing has to be cooled, and nothing can fail while the power is \
out.\n\nConclusion: A Cellar for the Whole World\n\nOther countries have asked for room. Whether they get it depends on how \
deep the builders can dig before winter.\n\nHere is the source article for this story: \u{2018}Cold comfort\u{2019}: Norway\u{2019}s \
second vault is for apples\n\nScroll to Top";

/// A post in parts.
struct Post {
    title: String,
    disclosure: String,
    /// Paragraphs and headings.
    body: Vec<String>,
    /// `Here is the source article for this story: …`
    source: String,
}

impl Post {
    fn read(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        let (title, disclosure) = (lines.next().unwrap(), lines.next().unwrap());
        let mut body: Vec<String> = Vec::new();
        let source = loop {
            let line = lines.next().unwrap();
            if line.starts_with("Here is the source article for this story: ") {
                break line;
            }
            body.push(line);
        };
        assert!(body.len() > 5);
        Self { title, disclosure, body, source }
    }

    /// The title of the article that it was made from.
    fn article(&self) -> &str {
        self.source.split_once(": ").unwrap().1
    }

    fn is_heading(line: &str) -> bool {
        !line.ends_with(['.', '!', '?'])
    }

    fn html(&self) -> String {
        let part = |line: &String| {
            let name = if Self::is_heading(line) { "h2" } else { "p" };
            format!("<{name}>{}</{name}>", line.replace('&', "&amp;"))
        };
        self.body.iter().map(part).collect()
    }

    /// As a program answers.
    fn answer(&self) -> Value {
        let mut lead: Vec<&str> = Vec::new();
        let mut sections: Vec<(String, String)> = Vec::new();
        for line in &self.body {
            match sections.last_mut() {
                _ if Self::is_heading(line) => sections.push((line.clone(), String::new())),
                Some((_, html)) => html.push_str(&format!("<p>{line}</p>")),
                None => lead.push(line),
            }
        }
        let sections: Vec<Value> =
            sections.iter().map(|(heading, html)| json!({"heading": heading, "html": html})).collect();
        json!({"title": self.title, "lead": lead.join("\n\n"), "sections": sections})
    }
}

/// Where the text of the post comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Entry,
    Page,
    Program,
}

fn published(post: &Post, way: Way) -> (TempDir, Publisher) {
    let folder = tempfile::tempdir().unwrap();
    let origin = Publisher::start();
    let title = if way == Way::Program { post.article() } else { &post.title };
    let content = match way {
        Way::Entry => format!("<content:encoded><![CDATA[{}]]></content:encoded>", post.html()),
        Way::Page | Way::Program => String::new(),
    };
    let feed = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>CNA</title><link>{0}</link><item><title>{title}\
         </title><link>{0}one</link><guid>{0}one</guid><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>\
         <dc:creator>Lim Yun Suk</dc:creator>{content}</item></channel></rss>",
        origin.url("/"),
    );
    origin.script("/f", [Response::new(200, &[("Content-Type", b"application/rss+xml")], feed.as_bytes())]);
    let page = format!(
        "<!doctype html><html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home</a></nav><main><article>\
         <h1>{title}</h1>{}</article></main><footer>About us</footer></body></html>",
        post.html()
    );
    origin.script("/one", [Response::new(200, &[("Content-Type", b"text/html; charset=utf-8")], page.as_bytes())]);
    let keys = if way == Way::Page { "article = \"always\"\n" } else { "" };
    let rewrite = if way == Way::Program { "rewrite = [\"./write\"]\n" } else { "" };
    let output =
        |file: &str| format!("[[output]]\nfile = \"{file}\"\ndisclosure = {}\n{rewrite}", json!(post.disclosure));
    let outputs: String = ["feed.xml", "atom.xml", "feed.json", "index.html"].into_iter().map(output).collect();
    let toml = format!(
        "title = \"T\"\nlink = \"https://f.example/\"\n[fetch]\nallow = [\"127.0.0.1\"]\nspacing = \"0s\"\n\
         [[source]]\nid = \"cna\"\nurl = \"{}\"\nrepublish = \"full\"\n{keys}{outputs}",
        origin.url("/f"),
    );
    fs::write(folder.path().join("feeds.toml"), toml).unwrap();
    let script = folder.path().join("write");
    fs::write(folder.path().join("answer.json"), post.answer().to_string()).unwrap();
    fs::write(&script, "#!/bin/sh\ncat > /dev/null\ncat answer.json\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.arg("--config").arg(folder.path().join("feeds.toml")).args([
        "run",
        "--all",
        "--now",
        "2026-11-03T00:00:00Z",
    ]);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    (folder, origin)
}

/// The lines of HTML as a person reads them.
fn lines(html: &str) -> Vec<String> {
    let mut html = html.to_owned();
    for end in ["</p>", "</h1>", "</h2>", "</h3>", "</h4>", "</li>", "</div>", "</summary>"] {
        html = html.replace(end, &format!("{end}\n"));
    }
    html.lines().map(plain_text).filter(|line| !line.is_empty()).collect()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let at = text.find(start).unwrap_or_else(|| panic!("no {start} in {text}")) + start.len();
    text[at..].split(end).next().unwrap()
}

#[track_caller]
fn check_body(post: &Post, lines: &[String], way: Way, what: &str) {
    let mut want = vec![post.disclosure.clone()];
    want.extend(post.body.iter().cloned());
    assert_eq!(lines[..lines.len() - 1], want, "{way:?} in {what}");
    let last = lines.last().unwrap();
    let title = if way == Way::Program { post.article() } else { &post.title };
    let start = format!("Here is the source article for this story: {title}");
    assert!(last.starts_with(&start), "{way:?} in {what}: {last}");
    let rest = &last[start.len()..];
    let rest = rest
        .strip_prefix(" – ")
        .map_or(rest, |rest| rest.split_once(' ').map_or("", |_| &rest[rest.find(' ').unwrap()..]));
    let note = if way == Way::Program { "; rewritten by machine" } else { "" };
    assert_eq!(rest, format!(" (CNA, Lim Yun Suk, 2 Nov 2026{note})"), "{way:?} in {what}");
}

fn check(text: &str) {
    let post = Post::read(text);
    for way in [Way::Entry, Way::Page, Way::Program] {
        let (folder, _origin) = published(&post, way);
        let out = |file: &str| fs::read_to_string(folder.path().join("data/public").join(file)).unwrap();
        let rss = out("feed.xml");
        check_body(&post, &lines(between(&rss, "<content:encoded><![CDATA[", "]]>")), way, "RSS");
        assert_eq!(plain_text(between(between(&rss, "<item>", "</item>"), "<title>", "</title>")), post.title);
        let atom = out("atom.xml");
        let content = between(&atom, "<content type=\"html\">", "</content>");
        let content = content
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&");
        check_body(&post, &lines(&content), way, "Atom");
        let json: Value = serde_json::from_str(&out("feed.json")).unwrap();
        let item = &json["items"][0];
        assert_eq!(item["title"], post.title.as_str());
        check_body(&post, &lines(item["content_html"].as_str().unwrap()), way, "JSON");
        let text: Vec<String> = item["content_text"].as_str().unwrap().split("\n\n").map(str::to_owned).collect();
        check_body(&post, &text, way, "JSON as text");
        for file in ["index.html", "archive/2026-11-02.html"] {
            let page = out(file);
            let article = lines(between(&page, "<article", "</article>"));
            let at = |line: &str| article.iter().position(|found| found.ends_with(line) || found.starts_with(line));
            let places: Vec<usize> = std::iter::once(&post.title)
                .chain([&post.disclosure])
                .chain(&post.body)
                .map(|line| at(line).unwrap_or_else(|| panic!("{way:?} in {file}: no {line:?} in {article:#?}")))
                .collect();
            assert!(places.is_sorted(), "{way:?} in {file}: {article:#?}");
            if way == Way::Program {
                assert!(at(&post.source).unwrap() > *places.last().unwrap(), "{article:#?}");
            }
        }
        let author = item["authors"][0]["name"].as_str().unwrap();
        assert_eq!(author, if way == Way::Program { "after Lim Yun Suk (CNA)" } else { "CNA (Lim Yun Suk)" });
    }
}

#[test]
fn a_post_comes_out_line_for_line() {
    check(OWN);
}

#[test]
fn the_given_post_comes_out_line_for_line() {
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/seed-post.txt");
    if let Ok(text) = fs::read_to_string(given) {
        check(&text);
    }
}
