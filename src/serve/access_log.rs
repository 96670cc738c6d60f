//! A line for each request, where feeds.toml asks for one: the only place that an address of a reader ever stands.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{PoisonError, RwLock};
use std::thread;

use hyper::header::{self, HeaderName};
use hyper::http::request::Parts;
use jiff::Timestamp;

use super::client::Client;
use super::counters::Counters;
use super::mailbox::Mailbox;
use super::reply::Reply;

/// Lines that wait to be written: a slow disk delays no answer.
const WAITING: usize = 4_096;
/// Longest piece of a line that the client chooses.
const LONGEST: usize = 512;

/// Where lines go.
#[derive(Debug, Default)]
pub(super) struct AccessLines(RwLock<Option<SyncSender<String>>>);

impl AccessLines {
    /// From now on lines go to the file at `path`, which is opened again: it may have been moved away.
    ///
    /// # Errors
    /// If it cannot be opened; then lines go where they went before.
    pub(super) fn write_to(&self, path: &Path) -> io::Result<()> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        self.write_with(Box::new(file));
        Ok(())
    }

    /// From now on lines go to `sink`.
    pub(super) fn write_with(&self, sink: Box<dyn Write + Send>) {
        let (sender, receiver) = sync_channel(WAITING);
        thread::spawn(move || write_lines(&receiver, sink));
        self.replace(Some(sender));
    }

    pub(super) fn stop(&self) {
        self.replace(None);
    }

    fn replace(&self, sender: Option<SyncSender<String>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = sender;
    }

    pub(super) fn add(&self, client: &Client, asked: &Parts, reply: &Reply, counters: &Counters) {
        let sender = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = sender.as_ref() else { return };
        if let Err(TrySendError::Full(_)) = sender.try_send(line(client, asked, reply, Timestamp::now())) {
            counters.could_not_log();
        }
    }
}

fn write_lines(lines: &Receiver<String>, mut sink: Box<dyn Write + Send>) {
    while let Ok(line) = lines.recv() {
        // A full disk costs lines of the log, and no answers.
        let _ = sink.write_all(line.as_bytes());
    }
}

/// In the "combined" format of other servers, which programs know.
fn line(client: &Client, asked: &Parts, reply: &Reply, now: Timestamp) -> String {
    let address = client.address.map_or_else(|| "-".to_owned(), |address| address.ip().to_string());
    let time = now.strftime("%d/%b/%Y:%H:%M:%S +0000");
    let target = asked.uri.path_and_query().map_or_else(|| asked.uri.to_string(), ToString::to_string);
    // A token in an address is not written down, nor is an address that is one.
    let target = match target.split_once(Mailbox::CALLBACKS) {
        Some((before, _)) => format!("{before}{}...", Mailbox::CALLBACKS),
        None if target.contains("token=") => asked.uri.path().to_owned(),
        None => target,
    };
    let of =
        |name: HeaderName| asked.headers.get(name).map_or_else(|| "-".to_owned(), |value| quoted(value.as_bytes()));
    format!(
        "{address} - - [{time}] \"{} {} {:?}\" {} {} \"{}\" \"{}\"\n",
        quoted(asked.method.as_str().as_bytes()),
        quoted(target.as_bytes()),
        asked.version,
        reply.status().as_u16(),
        reply.body().len(),
        of(header::REFERER),
        of(header::USER_AGENT),
    )
}

/// What a client wrote, so that it stays inside its quotes and its line.
fn quoted(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => text.push_str(&format!("\\x{other:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use hyper::StatusCode;

    use super::*;
    use crate::serve::reply::plain;

    #[test]
    fn a_line_is_one_line_and_holds_no_token() {
        let asked = Request::builder()
            .uri("/feed.xml?x=%22")
            .header("user-agent", "a\"b\\c")
            .header("referer", hyper::header::HeaderValue::from_bytes(b"\xe9\t").unwrap())
            .body(())
            .unwrap();
        let client = Client { address: Some("192.0.2.1:4711".parse().unwrap()) };
        let now = "2026-11-27T12:00:00Z".parse().unwrap();
        let written = line(&client, &asked.into_parts().0, &plain(StatusCode::NOT_FOUND, "x"), now);
        let want = "192.0.2.1 - - [27/Nov/2026:12:00:00 +0000] \"GET /feed.xml?x=%22 HTTP/1.1\" 404 2 \"\\xe9\\x09\" \"a\\\"b\\\\c\"\n";
        assert_eq!(written, want);
        let asked = Request::builder().uri("/status?token=hunter2").body(()).unwrap();
        let written = line(&Client { address: None }, &asked.into_parts().0, &plain(StatusCode::OK, ""), now);
        let asked = Request::builder().uri("/websub/0a1b?hub.challenge=c").body(()).unwrap();
        let callback = line(&Client { address: None }, &asked.into_parts().0, &plain(StatusCode::OK, ""), now);
        assert!(callback.contains("\"GET /websub/... HTTP/1.1\""), "{callback}");
        assert!(!written.contains("hunter2") && written.starts_with("- - - ["), "{written}");
    }
}
