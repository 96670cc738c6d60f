//! A stub publisher: a raw HTTP/1.1 server on loopback that answers as scripted and keeps what it was
//! asked, byte for byte.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A publisher on a port of its own, gone when dropped.
pub(crate) struct Publisher {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    scripts: Mutex<HashMap<String, Vec<Response>>>,
    asked: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    closing: AtomicBool,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The path, with the query.
    pub(crate) path: String,
    /// The whole head, byte for byte.
    pub(crate) head: Vec<u8>,
    /// The body, where there is one.
    pub(crate) body: Vec<u8>,
    /// When its head was complete.
    pub(crate) at: Instant,
}

impl Asked {
    /// The value of a header, byte for byte.
    pub(crate) fn header(&self, name: &str) -> Option<Vec<u8>> {
        self.head.split(|byte| *byte == b'\n').find_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            line[..colon].eq_ignore_ascii_case(name.as_bytes()).then(|| line[colon + 1..].trim_ascii().to_vec())
        })
    }

    /// Names of all headers, lower case, in order.
    pub(crate) fn header_names(&self) -> Vec<String> {
        let lines = self.head.split(|byte| *byte == b'\n').skip(1);
        let name = |line: &[u8]| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some(String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase())
        };
        lines.filter_map(name).collect()
    }
}

/// Bytes and pauses; the connection is closed after them unless `keep_alive`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Response {
    pieces: Vec<Piece>,
    keep_alive: bool,
}

#[derive(Debug, Clone)]
enum Piece {
    Bytes(Vec<u8>),
    Pause(Duration),
    /// The same bytes again and again, with a pause between, until the client is gone.
    Drip(Vec<u8>, Duration),
}

impl Response {
    /// An ordinary answer; its length is counted.
    pub(crate) fn new(status: u16, headers: &[(&str, &[u8])], body: &[u8]) -> Self {
        let mut head = format!("HTTP/1.1 {status} Some Words\r\n").into_bytes();
        for (name, value) in headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        if status != 304 {
            head.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(body);
        Self { pieces: vec![Piece::Bytes(head)], keep_alive: true }
    }

    /// These bytes, then the end of the connection.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { pieces: vec![Piece::Bytes(bytes.into())], keep_alive: false }
    }

    /// The end of the connection.
    pub(crate) fn hang_up() -> Self {
        Self::default()
    }

    /// The same answer, later.
    pub(crate) fn after(mut self, pause: Duration) -> Self {
        self.pieces.insert(0, Piece::Pause(pause));
        self
    }

    /// Afterwards the same bytes for ever.
    pub(crate) fn then_drip(mut self, bytes: &[u8], pause: Duration) -> Self {
        self.pieces.push(Piece::Drip(bytes.to_vec(), pause));
        self
    }
}

impl Publisher {
    /// On 127.0.0.1.
    pub(crate) fn start() -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST)
    }

    /// On another loopback address.
    pub(crate) fn start_at(ip: Ipv4Addr) -> Self {
        Self::start_with(ip, Arc::new(Shared::default()))
    }

    /// On one more port, with the same scripts and one count of what is under way on all of them.
    pub(crate) fn start_beside(&self) -> Self {
        Self::start_with(Ipv4Addr::LOCALHOST, Arc::clone(&self.shared))
    }

    fn start_with(ip: Ipv4Addr, shared: Arc<Shared>) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if server.closing.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                server.connections.fetch_add(1, Ordering::SeqCst);
                let server = Arc::clone(&server);
                // A client that goes away in mid-answer is part of the game.
                std::thread::spawn(move || _ = server.talk(stream));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The answers for `path`, one request each; the last one stays.
    pub(crate) fn script(&self, path: &str, answers: impl IntoIterator<Item = Response>) {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        self.shared.scripts.lock().unwrap().insert(path.to_owned(), answers);
    }

    /// Everything it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// What was asked since the last call, and forgets it.
    pub(crate) fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.asked.lock().unwrap())
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The most requests that were under way at the same time.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.most_in_flight.load(Ordering::SeqCst)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        // Wakes the listener; where that fails it is gone already.
        _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn talk(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        while let Some(head) = read_head(&mut stream)? {
            let line =
                String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let mut asked = Asked { path: path.clone(), head, body: Vec::new(), at: Instant::now() };
            let length = asked.header("content-length").and_then(|text| String::from_utf8(text).ok()?.parse().ok());
            asked.body.resize(length.unwrap_or(0), 0);
            stream.read_exact(&mut asked.body)?;
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            self.asked.lock().unwrap().push(asked);
            let response = self.next_answer(&path);
            let (last, first) = match response.pieces.split_last() {
                Some((Piece::Bytes(last), first)) => (&last[..], first),
                _ => (&[][..], &response.pieces[..]),
            };
            let sent = first.iter().try_for_each(|piece| send(&mut stream, piece));
            // Before its last bytes are out: who has them may ask again before this thread goes on.
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            sent?;
            stream.write_all(last)?;
            if !response.keep_alive {
                break;
            }
        }
        Ok(())
    }

    fn next_answer(&self, path: &str) -> Response {
        let mut scripts = self.scripts.lock().unwrap();
        match scripts.get_mut(path) {
            Some(answers) if answers.len() > 1 => answers.pop().unwrap(),
            Some(answers) if answers.len() == 1 => answers[0].clone(),
            _ => Response::new(404, &[], b"nothing here"),
        }
    }
}

fn send(stream: &mut TcpStream, piece: &Piece) -> std::io::Result<()> {
    match piece {
        Piece::Bytes(bytes) => stream.write_all(bytes),
        Piece::Pause(pause) => {
            std::thread::sleep(*pause);
            Ok(())
        }
        Piece::Drip(bytes, pause) => loop {
            stream.write_all(bytes)?;
            std::thread::sleep(*pause);
        },
    }
}

fn read_head(stream: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
        // The hello of TLS has no end that this server would know.
        if head.ends_with(b"\r\n\r\n") || head[0] == 0x16 {
            return Ok(Some(head));
        }
    }
    Ok(None)
}
