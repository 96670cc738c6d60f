//! The stub publisher of all tests and benches: a raw HTTP/1.1 server on loopback. It answers as scripted and keeps what
//! it was asked, byte for byte, or lets a function answer.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A publisher on a port of its own, gone when dropped.
pub(crate) struct Publisher {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// Who answers.
enum Answers {
    /// By path, one request each; the last answer stays. What was asked is kept.
    Scripted(Mutex<HashMap<String, Vec<Response>>>),
    By(Box<dyn Fn(&Asked) -> Response + Send + Sync>),
}

struct Shared {
    answers: Answers,
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
    /// The head as text.
    pub(crate) fn head(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.head)
    }

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
    Bytes(Arc<[u8]>),
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
        Self::whole(&head.into())
    }

    /// These bytes, then the end of the connection.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { pieces: vec![Piece::Bytes(bytes.into().into())], keep_alive: false }
    }

    /// These bytes, a whole answer that says its length; the connection stays open.
    pub(crate) fn whole(bytes: &Arc<[u8]>) -> Self {
        Self { pieces: vec![Piece::Bytes(Arc::clone(bytes))], keep_alive: true }
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
        Self::bound(ip, Shared::new(Answers::Scripted(Mutex::default())))
    }

    /// On one more port, with the same scripts and one count of what is under way on all of them.
    pub(crate) fn start_beside(&self) -> Self {
        Self::bound(Ipv4Addr::LOCALHOST, Arc::clone(&self.shared))
    }

    /// On 127.0.0.1, answering by this function.
    pub(crate) fn answering(answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Self {
        Self::on(free_port(Ipv4Addr::LOCALHOST), answer)
    }

    /// Where this listens, answering by this function.
    pub(crate) fn on(listener: TcpListener, answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Self {
        Self::listening(listener, Shared::new(Answers::By(Box::new(answer))))
    }

    fn bound(ip: Ipv4Addr, shared: Arc<Shared>) -> Self {
        Self::listening(free_port(ip), shared)
    }

    fn listening(listener: TcpListener, shared: Arc<Shared>) -> Self {
        let address = listener.local_addr().expect("a bound socket has an address");
        let server = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if server.closing.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                // A socket on every address of the machine serves its own programs only.
                if !stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback()) {
                    continue;
                }
                server.connections.fetch_add(1, Ordering::SeqCst);
                let server = Arc::clone(&server);
                // A client that goes away in mid-answer is part of the game.
                let talk = move || _ = server.talk(stream);
                _ = std::thread::Builder::new().stack_size(256 * 1024).spawn(talk);
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
        let Answers::Scripted(scripts) = &self.shared.answers else { panic!("this publisher answers by a function") };
        lock(scripts).insert(path.to_owned(), answers);
    }

    /// Everything it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    /// What was asked since the last call, and forgets it.
    pub(crate) fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *lock(&self.shared.asked))
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
    fn new(answers: Answers) -> Arc<Self> {
        Arc::new(Self {
            answers,
            asked: Mutex::default(),
            connections: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
        })
    }

    fn talk(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(head) = read_head(&mut reader)? {
            let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let path = String::from_utf8_lossy(line).split(' ').nth(1).unwrap_or_default().to_owned();
            let mut asked = Asked { path, head, body: Vec::new(), at: Instant::now() };
            let length = asked.header("content-length").and_then(|text| String::from_utf8(text).ok()?.parse().ok());
            asked.body.resize(length.unwrap_or(0), 0);
            reader.read_exact(&mut asked.body)?;
            let closes = asked.header("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            let response = self.answer(asked);
            let (last, first) = match response.pieces.split_last() {
                Some((Piece::Bytes(last), first)) => (&last[..], first),
                _ => (&[][..], &response.pieces[..]),
            };
            let sent = first.iter().try_for_each(|piece| send(&mut stream, piece));
            // Before its last bytes are out: who has them may ask again before this thread goes on.
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            sent?;
            stream.write_all(last)?;
            if closes || !response.keep_alive {
                break;
            }
        }
        stream.shutdown(std::net::Shutdown::Both)
    }

    fn answer(&self, asked: Asked) -> Response {
        match &self.answers {
            Answers::By(answer) => {
                let response = answer(&asked);
                lock(&self.asked).push(asked);
                response
            }
            Answers::Scripted(scripts) => {
                let path = asked.path.clone();
                lock(&self.asked).push(asked);
                let mut scripts = lock(scripts);
                let answers = scripts.get_mut(&path).filter(|answers| !answers.is_empty());
                match answers {
                    Some(answers) if answers.len() > 1 => answers.pop().unwrap_or_default(),
                    Some(answers) => answers[0].clone(),
                    None => Response::new(404, &[], b"nothing here"),
                }
            }
        }
    }
}

fn free_port(ip: Ipv4Addr) -> TcpListener {
    TcpListener::bind((ip, 0)).expect("a free port")
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

fn read_head(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    // The hello of TLS has no end that this server would know.
    if reader.fill_buf()?.first() == Some(&0x16) {
        return Ok(Some(vec![0x16]));
    }
    while reader.read_until(b'\n', &mut head)? > 0 {
        if head.ends_with(b"\r\n\r\n") {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

/// What another thread's panic left is good enough for a stub.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
