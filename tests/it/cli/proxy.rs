//! `[fetch] proxy`: what goes through it, and what it is never asked for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::home::{Home, OWLS, ok, rss};
use crate::publisher::Publisher;

fn home(proxy: &str, fetch: &str, url: &str) -> Home {
    let home = Home::empty();
    let head = "link = \"https://feeds.example.org/\"\n[fetch]\nspacing = \"0s\"\n";
    let source = format!("[[source]]\nid = \"it\"\nurl = \"{url}\"\n");
    home.write("feeds.toml", &format!("{head}proxy = \"{proxy}\"\n{fetch}\n{source}"));
    home
}

#[test]
fn an_http_proxy_is_asked_by_the_whole_address_also_for_names_that_only_it_knows() {
    let proxy = Publisher::answering(|_| ok(&rss("owls", OWLS)));
    let home = home(
        &proxy.url("").trim_end_matches('/').replace("http://", "http://me:secret@"),
        "",
        "http://feeds.owls.invalid/rss",
    );
    home.runs(1, &[]).exits(0);
    assert_eq!(home.titles().len(), 2);
    let asked = proxy.take_asked();
    assert_eq!(asked.iter().map(|asked| asked.path.as_str()).collect::<Vec<_>>(), ["http://feeds.owls.invalid/rss"]);
    assert!(asked[0].header("proxy-authorization").is_some_and(|value| value.starts_with(b"Basic ")));
    assert!(!home.does(&["status", "-v"]).out.contains("secret"));
}

#[test]
fn the_guard_judges_what_the_proxy_is_asked_for() {
    let proxy = Publisher::answering(|_| ok(&rss("owls", OWLS)));
    for url in [
        "http://10.0.0.5/rss",
        "http://127.0.0.1:8080/rss",
        "http://[::1]/rss",
        "http://169.254.169.254/latest",
        "http://localhost/rss",
        "http://router.lan/rss",
        "http://intranet/rss",
        "http://db.internal./rss",
        "http://feeds.owls.invalid:25/rss",
    ] {
        // A port that feeds.toml names is open: the last one is that of a redirect.
        let (url, is_redirect) =
            if url.contains(":25/") { ("http://feeds.owls.invalid/rss", true) } else { (url, false) };
        if is_redirect {
            let proxy = Publisher::answering(|_| {
                crate::publisher::Response::new(302, &[("Location", b"http://feeds.owls.invalid:25/rss")], b"")
            });
            home(proxy.url("").trim_end_matches('/'), "", url).runs(1, &[]).exits(1).says(&["port 25"]);
            assert_eq!(proxy.take_asked().len(), 1);
            continue;
        }
        home(proxy.url("").trim_end_matches('/'), "", url).runs(1, &[]).exits(1).says(&["address guard refuses"]);
    }
    assert_eq!(proxy.take_asked().len(), 0, "the proxy was asked for none of them");
}

#[test]
fn the_environment_counts_only_where_feeds_toml_says_so() {
    let proxy = Publisher::answering(|_| ok(&rss("owls", OWLS)));
    let address = proxy.url("").trim_end_matches('/').to_owned();
    let run = |home: &Home| {
        let mut command = home.command(&["run", "--all", "--now", "2026-03-02T01:00:00Z"]);
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "MY_PROXY"] {
            command.env(name, &address);
        }
        command.output().unwrap()
    };
    let named = home("env:MY_PROXY", "", "http://feeds.owls.invalid/rss");
    assert!(run(&named).status.success());
    assert_eq!(proxy.take_asked().len(), 1);
    let origin = Publisher::start();
    origin.script("/rss", [ok(&rss("owls", OWLS))]);
    let unnamed = Home::new(&[("it", &origin.url("/rss"))]);
    assert!(run(&unnamed).status.success());
    assert_eq!((proxy.take_asked().len(), origin.take_asked().len()), (0, 1));
    let unset = home("env:NO_SUCH_PROXY", "", "http://feeds.owls.invalid/rss");
    unset.does(&["check"]).exits(2).says(&["NO_SUCH_PROXY is not set"]);
    home("ftp://p", "", "http://feeds.owls.invalid/rss")
        .does(&["check"])
        .exits(2)
        .says(&["feeds.toml:4:9", "socks5://"]);
}

/// A SOCKS5 proxy (RFC 1928) that connects to `origin` whatever it is asked for, and notes that.
fn socks(origin: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    thread::spawn(move || {
        for client in listener.incoming() {
            let notes = Arc::clone(&notes);
            thread::spawn(move || drop(client.and_then(|client| serve(client, origin, &notes))));
        }
    });
    (port, asked)
}

fn serve(mut client: TcpStream, origin: u16, notes: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = [0; 2];
    client.read_exact(&mut head)?;
    client.read_exact(&mut vec![0; usize::from(head[1])])?;
    client.write_all(&[5, 0])?;
    let mut request = [0; 4];
    client.read_exact(&mut request)?;
    let host = match request[3] {
        1 => {
            let mut ip = [0; 4];
            client.read_exact(&mut ip)?;
            std::net::Ipv4Addr::from(ip).to_string()
        }
        3 => {
            let mut length = [0];
            client.read_exact(&mut length)?;
            let mut name = vec![0; usize::from(length[0])];
            client.read_exact(&mut name)?;
            String::from_utf8_lossy(&name).into_owned()
        }
        _ => return Ok(()),
    };
    client.read_exact(&mut [0; 2])?;
    notes.lock().unwrap().push(host);
    client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])?;
    let mut server = TcpStream::connect(("127.0.0.1", origin))?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
    std::io::copy(&mut server, &mut client)?;
    Ok(())
}

#[test]
fn a_socks_proxy_gets_the_checked_address_or_with_socks5h_the_name() {
    let origin = Publisher::start();
    origin.script("/rss", [ok(&rss("owls", OWLS))]);
    let (port, asked) = socks(origin.port());
    let by_name = home(&format!("socks5h://127.0.0.1:{port}"), "", "http://feeds.owls.invalid/rss");
    by_name.runs(1, &[]).exits(0);
    assert_eq!(std::mem::take(&mut *asked.lock().unwrap()), ["feeds.owls.invalid"]);
    let allow = format!("allow = [\"127.0.0.1:{}\"]", origin.port());
    let by_address =
        home(&format!("socks5://127.0.0.1:{port}"), &allow, &origin.url("/rss").replace("127.0.0.1", "localhost"));
    // `localhost` may be ::1 too, which is not allowed.
    let done = by_address.runs(1, &[]);
    let asked_for = std::mem::take(&mut *asked.lock().unwrap());
    assert!(
        asked_for == ["127.0.0.1"] || (asked_for.is_empty() && done.said.contains("address guard refuses")),
        "{asked_for:?} {}",
        done.said
    );
    let refused = home(&format!("socks5://127.0.0.1:{port}"), "", "http://localhost/rss");
    refused.runs(1, &[]).exits(1).says(&["address guard refuses"]);
    assert_eq!(asked.lock().unwrap().len(), 0);
}
