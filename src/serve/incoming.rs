//! The body of a request: as much of it as is wanted, from whoever sends it in time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use hyper::body::{Body as _, Bytes, Incoming};
use tokio::time::{Instant, timeout_at};

/// A client has to send [`LEAST_BYTES`] in each such span, …
const SPAN: Duration = Duration::from_secs(10);
const LEAST_BYTES: usize = 5_000;
/// … and all of it within this time.
const ALL: Duration = Duration::from_secs(120);
/// Room that is made before anything has come.
const FIRST_BYTES: u64 = 64 * 1024;

/// Why a body is not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// 413.
    TooLarge,
    /// 408.
    Slow,
    /// 400.
    Broken,
}

/// The whole of `body`, of at most `limit_bytes`.
///
/// # Errors
/// [`BodyError`]; the connection is of no use then.
pub(super) async fn read(mut body: Incoming, limit_bytes: u64) -> Result<Vec<u8>, BodyError> {
    let announced = body.size_hint().lower();
    if announced > limit_bytes {
        return Err(BodyError::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(announced.min(FIRST_BYTES)).unwrap_or(0));
    let latest = Instant::now() + ALL;
    let (mut span_end, mut span_bytes) = (Instant::now() + SPAN, 0);
    loop {
        let frame = match timeout_at(span_end.min(latest), next(&mut body)).await {
            Ok(None) => return Ok(bytes),
            Ok(Some(frame)) => frame.map_err(|_| BodyError::Broken)?,
            Err(_) if span_bytes >= LEAST_BYTES && Instant::now() < latest => {
                (span_end, span_bytes) = (Instant::now() + SPAN, 0);
                continue;
            }
            Err(_) => return Err(BodyError::Slow),
        };
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if (bytes.len() + data.len()) as u64 > limit_bytes {
            return Err(BodyError::TooLarge);
        }
        span_bytes += data.len();
        bytes.extend_from_slice(&data);
    }
}

async fn next(body: &mut Incoming) -> Option<Result<hyper::body::Frame<Bytes>, hyper::Error>> {
    poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}
