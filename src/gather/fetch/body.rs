//! The body of an answer: decoded, and counted as it comes.

use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use super::answer::Wanted;
use super::error::FetchError;
use super::inflate::{InflateError, Inflater};
use super::large_bodies::{LargeBodies, Place, Waited};
use super::robots;

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

/// The decoded body, counted as it comes.
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
    let mut inflater = is_deflated(response.headers()).then(Inflater::default);
    let mut place = None;
    let damaged = |error: InflateError| FetchError::Decode { source: error.into() };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                match &mut inflater {
                    Some(inflater) => inflater.push(&chunk, &mut bytes, limit_bytes).map_err(damaged)?,
                    None => bytes.extend_from_slice(&chunk),
                }
                if bytes.len() as u64 > limit_bytes {
                    return if is_cut {
                        Ok(Ok(Body { bytes, place }))
                    } else {
                        Err(FetchError::TooLarge { limit_bytes })
                    };
                }
                place = room.large.make_room(bytes.len(), place, room.waited).await;
            }
            Ok(None) => {
                inflater.map_or(Ok(()), |inflater| inflater.finish()).map_err(damaged)?;
                return Ok(Ok(Body { bytes, place }));
            }
            Err(error) => return Ok(Err(error)),
        }
    }
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

fn is_deflated(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"deflate"))
}

/// Fails if the body has an encoding that is not read.
pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), FetchError> {
    // The client removes the header if it decodes.
    let encodings = headers.get_all(CONTENT_ENCODING).iter().count();
    if encodings == 1 && is_deflated(headers) {
        return Ok(());
    }
    let left_over = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .find(|value| !value.as_bytes().is_empty() && !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    match left_over {
        None => Ok(()),
        Some(value) => Err(FetchError::Encoding { encoding: String::from_utf8_lossy(value.as_bytes()).into_owned() }),
    }
}
