//! A connection as bytes: over TCP or a socket in the file system, and only as long as the client takes what is sent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, Sleep, sleep};

use super::activity::Activity;

/// A client that is waited for has to take [`LEAST_BYTES`] in each such span: 500 bytes a second.
const SPAN: Duration = Duration::from_secs(30);
const LEAST_BYTES: usize = 15_000;

/// What a client came in by.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A connection whose client is watched.
#[derive(Debug)]
pub(super) struct Stream {
    socket: Socket,
    activity: Arc<Activity>,
    /// Read already, and to be read again first.
    ahead: Bytes,
    /// What was written since the client was first waited for, and when that is judged.
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    written: usize,
    over: Pin<Box<Sleep>>,
}

impl Socket {
    /// Waits until there is something to read, or the client is gone.
    pub(super) async fn readable(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.readable().await,
            Self::Unix(stream) => stream.readable().await,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
            Self::Unix(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
        }
    }
}

impl Stream {
    /// `socket`, from which `ahead` was read before.
    pub(super) fn new(socket: Socket, ahead: Bytes, activity: Arc<Activity>) -> Self {
        Self { socket, activity, ahead, waiting: None }
    }

    /// The socket, and what was to be read again and was not.
    pub(super) fn into_parts(self) -> (Socket, Bytes) {
        (self.socket, self.ahead)
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match self.socket.poll_write(cx, parts) {
            Poll::Ready(Ok(written)) => {
                match &mut self.waiting {
                    Some(waiting) => waiting.written += written,
                    None => return Poll::Ready(Ok(written)),
                }
                self.activity.unblock();
                Poll::Ready(Ok(written))
            }
            Poll::Pending => {
                self.activity.block();
                self.judge(cx).map_ok(|()| 0)
            }
            failed @ Poll::Ready(Err(_)) => failed,
        }
    }

    /// An error once the client has taken too little for too long.
    fn judge(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let waiting = self.waiting.get_or_insert_with(|| Waiting { written: 0, over: Box::pin(sleep(SPAN)) });
        while waiting.over.as_mut().poll(cx).is_ready() {
            if waiting.written < LEAST_BYTES {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            waiting.written = 0;
            waiting.over.as_mut().reset(Instant::now() + SPAN);
        }
        Poll::Pending
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return self.socket.poll_read(cx, buffer);
        }
        let first = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead.split_to(first));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Everything is with the system: the client is waited for no longer.
        self.waiting = None;
        self.activity.unblock();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        match &mut self.socket {
            Socket::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Socket::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
