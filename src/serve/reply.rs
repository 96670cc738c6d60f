//! Answers, and their bodies.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};

use super::activity::Asking;

/// An answer before it is sent.
pub(super) type Reply = Response<Bytes>;

/// The body of an answer; while it is there, its connection is at work.
#[derive(Debug)]
pub(super) struct ReplyBody {
    bytes: Bytes,
    _asking: Asking,
}

impl ReplyBody {
    pub(super) fn new(bytes: Bytes, asking: Asking) -> Self {
        Self { bytes, _asking: asking }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

/// A short answer in words, for people who look at it by hand.
pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Reply {
    let mut text: String = text.into();
    if !text.is_empty() {
        text.push('\n');
    }
    of_type(status, HeaderValue::from_static("text/plain; charset=utf-8"), Bytes::from(text))
}

/// An answer that is made for each request, and kept by nobody.
pub(super) fn of_type(status: StatusCode, media_type: HeaderValue, bytes: Bytes) -> Reply {
    let mut reply = Response::new(bytes);
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

/// The answer to a request after which its connection is of no use: what follows cannot be told from its body.
pub(super) fn closing(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    reply
}
