//! A hub on loopback that a test plays: it notes what it is asked, and answers as the test wants.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use ring::hmac;

use super::stand::PATIENCE;

/// What came in: path, headers in lower case, body.
#[derive(Debug, Clone)]
pub(super) struct Came {
    pub(super) target: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Came {
    /// The fields of its form.
    pub(super) fn fields(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The fields of its query.
    pub(super) fn query(&self) -> BTreeMap<String, String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    pub(super) fn is_get(&self) -> bool {
        self.headers[":method"] == "GET"
    }
}

/// What is answered: a status line with further lines, and a body.
pub(super) type Answering = Arc<dyn Fn(&Came) -> (String, String) + Send + Sync>;

/// A server that notes what comes.
pub(super) struct Stand {
    pub(super) address: SocketAddr,
    came: Arc<(Mutex<Vec<Came>>, Condvar)>,
    answering: Arc<Mutex<Answering>>,
}

impl Stand {
    pub(super) fn new(answering: impl Fn(&Came) -> (String, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let came: Arc<(Mutex<Vec<Came>>, Condvar)> = Arc::default();
        let answering: Arc<Mutex<Answering>> = Arc::new(Mutex::new(Arc::new(answering)));
        let (notes, answers) = (Arc::clone(&came), Arc::clone(&answering));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (notes, answers) = (Arc::clone(&notes), Arc::clone(&answers));
                thread::spawn(move || answer(stream, &notes, &answers));
            }
        });
        Self { address, came, answering }
    }

    /// A hub that accepts what it is asked, and does nothing by itself.
    pub(super) fn accepting() -> Self {
        Self::new(|_| ("202 Accepted".to_owned(), String::new()))
    }

    pub(super) fn answer(&self, answering: impl Fn(&Came) -> (String, String) + Send + Sync + 'static) {
        *self.answering.lock().unwrap() = Arc::new(answering);
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn count(&self) -> usize {
        self.came.0.lock().unwrap().len()
    }

    /// Waits until `count` requests have come; the last of them.
    #[track_caller]
    pub(super) fn wait_for(&self, count: usize) -> Came {
        let (lock, changed) = &*self.came;
        let came = lock.lock().unwrap();
        let (came, waited) = changed.wait_timeout_while(came, PATIENCE, |came| came.len() < count).unwrap();
        assert!(!waited.timed_out(), "only {} of {count} requests came", came.len());
        came[count - 1].clone()
    }

    pub(super) fn all(&self) -> Vec<Came> {
        self.came.0.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, notes: &(Mutex<Vec<Came>>, Condvar), answering: &Mutex<Answering>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split(' ');
    let mut headers = BTreeMap::from([(":method".to_owned(), words.next().unwrap().to_owned())]);
    let target = words.next().unwrap_or_default().to_owned();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap();
        let name = name.to_ascii_lowercase();
        let value = value.trim().to_owned();
        headers.entry(name).and_modify(|before: &mut String| *before = format!("{before}, {value}")).or_insert(value);
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let came = Came { target, headers, body };
    notes.0.lock().unwrap().push(came.clone());
    notes.1.notify_all();
    // One that takes its time keeps no other waiting.
    let answering = Arc::clone(&answering.lock().unwrap());
    let (head, text) = answering(&came);
    let reply = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len());
    // It may not wait for it.
    let _ = reader.into_inner().write_all(reply.as_bytes());
}

/// `X-Hub-Signature` of `body` with `secret`.
pub(super) fn signature(method: &str, secret: &str, body: &[u8]) -> String {
    let algorithm = match method {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        other => panic!("{other}"),
    };
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), body);
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{method}={digits}")
}
