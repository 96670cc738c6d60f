//! One connection, from its first byte to its last.
//!
//! While it is idle, nothing of it is kept but the socket: ten thousand readers that keep their connections open cost
//! little. hyper has it from the first byte of a request until it is idle again.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep_until, timeout};

use super::activity::Activity;
use super::door::Door;
use super::handler::{Guest, Handler};
use super::stop::Stop;
use super::stream::{Socket, Stream};

/// How long a new connection may say nothing, and an old one may be idle.
const FIRST_BYTE: Duration = Duration::from_secs(30);
const KEPT_OPEN: Duration = Duration::from_secs(75);
/// How long a head may take, from when it began or its connection was last idle.
const HEAD: Duration = Duration::from_secs(10);
/// How often a connection that hyper has is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Largest head, and largest thing of hyper's that is kept for a connection.
const LARGEST_HEAD: usize = 16 * 1024;
/// Most lines of a head.
const MOST_LINES: usize = 100;
/// After an answer that ends a connection, what the client still sends is read for so long and so much: a socket that
/// is closed with bytes unread takes the answer with it.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// The answer to a head that is too slow.
fn late() -> String {
    let date = httpdate::fmt_http_date(SystemTime::now());
    format!("HTTP/1.1 408 Request Timeout\r\nDate: {date}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
}

/// How hyper gave a connection back.
enum Given {
    /// Nothing happens on it; what was read of a next request, and how many were answered meanwhile.
    Idle(Socket, Bytes, u64),
    /// It is over, and everything was sent that was to be sent.
    Over(Socket),
    /// It is of no use any more.
    Gone,
}

/// Serves `socket` until it ends.
pub(super) async fn drive(mut socket: Socket, guest: Guest, mut stop: Stop) {
    let door = &guest.shared.door;
    let mut patience = FIRST_BYTE;
    let mut ahead = Bytes::new();
    let mut head_began = None;
    loop {
        if ahead.is_empty() && !is_asked(&socket, patience, door, &mut stop).await {
            return;
        }
        let mut began = *head_began.get_or_insert_with(Instant::now);
        // In boxes of their own: what they need is given back while the connection is idle.
        let given = Box::pin(talk(socket, ahead, &guest, &mut stop)).await;
        if matches!(given, Given::Idle(_, _, 1..)) {
            // What was read since is the head of another request.
            began = *head_began.insert(Instant::now());
        }
        match given {
            Given::Idle(back, rest, _) if rest.is_empty() => (socket, ahead, head_began) = (back, rest, None),
            Given::Idle(back, rest, _) if began.elapsed() < HEAD => (socket, ahead) = (back, rest),
            Given::Idle(back, ..) => {
                door.counters.answered(StatusCode::REQUEST_TIMEOUT, 0);
                return Box::pin(part(back, late().as_bytes())).await;
            }
            Given::Over(back) => return Box::pin(part(back, &[])).await,
            Given::Gone => return,
        }
        if ahead.is_empty() {
            patience = KEPT_OPEN;
        }
    }
}

/// Waits for the first byte of a request; false: there will be none, or there is no room for who says nothing.
async fn is_asked(socket: &Socket, patience: Duration, door: &Door, stop: &mut Stop) -> bool {
    tokio::select! {
        ready = timeout(patience, socket.readable()) => matches!(ready, Ok(Ok(()))),
        () = door.pressure.notified() => false,
        () = stop.wait() => false,
    }
}

/// Lets hyper have the connection until nothing happens on it.
async fn talk(socket: Socket, ahead: Bytes, guest: &Guest, stop: &mut Stop) -> Given {
    let activity = Arc::new(Activity::default());
    let handler = Handler { guest: guest.clone(), activity: Arc::clone(&activity) };
    let io = TokioIo::new(Stream::new(socket, ahead, Arc::clone(&activity)));
    let mut connection = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_LINES)
        .half_close(true)
        .serve_connection(io, handler);
    let (mut look, mut asked, mut is_stopping) = (Instant::now() + LOOK, 0, stop.is_set());
    if is_stopping {
        Pin::new(&mut connection).graceful_shutdown();
    }
    loop {
        tokio::select! {
            biased;
            done = &mut connection => {
                if let Some(error) = done.as_ref().err().filter(|error| error.is_parse()) {
                    guest.shared.door.counters.sent_nonsense(answered(error));
                }
                // A client that went away, or does not take what is sent, is owed nothing more.
                let is_answered = done.as_ref().map_or_else(hyper::Error::is_parse, |()| true);
                return if is_answered { Given::Over(connection.into_parts().io.into_inner().into_parts().0) } else { Given::Gone };
            }
            () = stop.wait(), if !is_stopping => {
                is_stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            () = sleep_until(look) => {
                let is_quiet = activity.is_idle() && activity.asked() == asked;
                if is_quiet {
                    let parts = connection.into_parts();
                    let (socket, unread) = parts.io.into_inner().into_parts();
                    let rest = if parts.read_buf.is_empty() { unread } else { parts.read_buf };
                    return if is_stopping { Given::Gone } else { Given::Idle(socket, rest, asked) };
                }
                asked = activity.asked();
                look = Instant::now() + LOOK;
            }
        }
    }
}

/// What hyper answers to what is no request.
fn answered(error: &hyper::Error) -> StatusCode {
    if error.is_parse_too_large() { StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE } else { StatusCode::BAD_REQUEST }
}

/// Sends what there is to say last, and reads what the client still sends.
async fn part(socket: Socket, last: &[u8]) {
    let mut stream = Stream::new(socket, Bytes::new(), Arc::default());
    let parting = async {
        stream.write_all(last).await?;
        stream.shutdown().await?;
        let (mut unheard, mut buffer) = (0, [0; 4096]);
        while unheard < LINGER_BYTES {
            match stream.read(&mut buffer).await? {
                0 => break,
                read => unheard += read,
            }
        }
        std::io::Result::Ok(())
    };
    // It is over either way.
    let _ = timeout(LINGER, parting).await;
}
