//! The body of an answer: unpacked, and counted as it comes.

use reqwest::header::{CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use reqwest::{Response, Version};

use super::answer::Wanted;
use super::coding::Declared;
use super::error::FetchError;
use super::large_bodies::{LargeBodies, Place, Waited};
use super::robots;
use super::unpack::{UnpackError, Unpacker};
use super::whole::is_whole;

/// Largest decoded page: of 181 real ones the largest has a third of it.
const MOST_PAGE_BYTES: u64 = 3 * 1024 * 1024;

/// A decoded body.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) place: Place,
}

/// The room for a body.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub(super) most_bytes: u64,
    pub(super) large: &'a LargeBodies,
    pub(super) waited: &'a Waited,
}

/// The body, as it is meant.
///
/// The inner error is the client's: what it means depends on the request.
pub(super) async fn read(
    response: &mut Response,
    wanted: Wanted<'_>,
    room: Room<'_>,
) -> Result<Result<Body, reqwest::Error>, FetchError> {
    let limit_bytes = match wanted {
        Wanted::Feed { .. } => room.most_bytes,
        Wanted::Page => room.most_bytes.min(MOST_PAGE_BYTES),
        Wanted::HostFile => robots::MOST_BYTES as u64,
    };
    let is_cut = matches!(wanted, Wanted::HostFile);
    let announced = response.content_length().unwrap_or(0);
    if announced > limit_bytes && !is_cut {
        return Err(FetchError::TooLarge { limit_bytes });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(announced.min(256 * 1024)).unwrap_or(0));
    let is_open_ended = is_open_ended(response);
    let mut unpacker = Unpacker::new(Declared::of(response.headers()), limit_bytes);
    let mut place = None;
    loop {
        let ended = match response.chunk().await {
            Ok(Some(chunk)) => match unpacker.push(&mut &chunk[..], &mut bytes, usize::MAX) {
                Ok(()) => {
                    place = room.large.make_room(bytes.len(), place, room.waited).await;
                    continue;
                }
                Err(error) => Err(error),
            },
            Ok(None) => unpacker.finish(&mut bytes),
            Err(error) if error.is_timeout() => return Ok(Err(error)),
            Err(error) => {
                // Many servers close without saying that it was the end, and some count wrongly: what proves itself to
                // be whole is whole.
                let is_proven = unpacker.has_ended();
                let is_read = unpacker.finish(&mut bytes).is_ok();
                return Ok(
                    if (is_proven && is_read)
                        || (is_open_ended && is_lines(wanted, &bytes))
                        || proves_itself(wanted, &bytes)
                    {
                        Ok(Body { bytes, place })
                    } else {
                        Err(error)
                    },
                );
            }
        };
        return match ended {
            Ok(()) => Ok(Ok(Body { bytes, place })),
            Err(UnpackError::TooLarge) if is_cut => Ok(Ok(Body { bytes, place })),
            Err(UnpackError::TooLarge) => Err(FetchError::TooLarge { limit_bytes }),
            Err(UnpackError::Unknown(encoding)) => Err(FetchError::Encoding { encoding }),
            Err(UnpackError::CutShort) if proves_itself(wanted, &bytes) => Ok(Ok(Body { bytes, place })),
            Err(error) => Err(FetchError::Decode { source: error.into() }),
        };
    }
}

/// The first `limit_bytes` of a body, or as much of them as comes.
pub(super) async fn head(response: &mut Response, limit_bytes: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut unpacker = Unpacker::new(Declared::of(response.headers()), limit_bytes as u64);
    while let Ok(Some(chunk)) = response.chunk().await {
        if unpacker.push(&mut &chunk[..], &mut bytes, usize::MAX).is_err() {
            return bytes;
        }
    }
    // What is missing at its end is not looked at.
    let _ = unpacker.finish(&mut bytes);
    bytes
}

/// Whether nothing of it can be missing.
fn proves_itself(wanted: Wanted<'_>, bytes: &[u8]) -> bool {
    match wanted {
        Wanted::Feed { .. } | Wanted::Page => is_whole(bytes),
        Wanted::HostFile => false,
    }
}

/// Rules of a host are lines: they have no end, but the last of them does.
fn is_lines(wanted: Wanted<'_>, bytes: &[u8]) -> bool {
    matches!(wanted, Wanted::HostFile) && bytes.ends_with(b"\n")
}

/// Whether the end of the connection is the end of the body.
fn is_open_ended(response: &Response) -> bool {
    response.version() <= Version::HTTP_11
        && response.content_length().is_none()
        && !response.headers().contains_key(TRANSFER_ENCODING)
}

/// Fails unless the answer declares itself a page, or declares nothing.
pub(super) fn check_is_page(headers: &HeaderMap) -> Result<(), FetchError> {
    let Some(given) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let given = String::from_utf8_lossy(given.as_bytes());
    let kind = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "" | "text/html" | "application/xhtml+xml" => Ok(()),
        _ => Err(FetchError::NotAPage { kind }),
    }
}
