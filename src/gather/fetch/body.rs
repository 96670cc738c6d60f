//! The body of an answer: unpacked, and counted as it comes.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

use super::answer::Wanted;
use super::coding::Declared;
use super::error::FetchError;
use super::large_bodies::{LARGE_BYTES, LargeBodies, Place, Waited};
use super::robots;
use super::unpack::{UnpackError, Unpacker};
use super::whole::is_whole;

/// Largest decoded page: of 181 real ones the largest has a third of it.
const MOST_PAGE_BYTES: u64 = 3 * 1024 * 1024;

/// Largest picture: what feeds offer for a list is smaller, and what a camera made larger.
const MOST_PICTURE_BYTES: u64 = 4 * 1024 * 1024;

/// A large body of which nothing comes for this long gives its place to one that waits for it.
const STALLED: Duration = Duration::from_secs(5);

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
        Wanted::Picture => room.most_bytes.min(MOST_PICTURE_BYTES),
        Wanted::HostFile => robots::MOST_BYTES as u64,
    };
    let is_cut = matches!(wanted, Wanted::HostFile);
    let announced = response.content_length().unwrap_or(0);
    if announced > limit_bytes && !is_cut {
        return Err(FetchError::TooLarge { limit_bytes });
    }
    let bytes = Vec::with_capacity(usize::try_from(announced.min(256 * 1024)).unwrap_or(0));
    let unpacker = Unpacker::new(Declared::of(response.headers()), limit_bytes);
    let mut coming = Coming { bytes, place: None, unpacker };
    let ended = loop {
        match in_time(response.chunk(), &coming.place, room.large).await? {
            Ok(Some(chunk)) => match coming.take(&chunk, room).await {
                Ok(()) => {}
                Err(error) => break Err(error),
            },
            Ok(None) => break coming.unpacker.finish(&mut coming.bytes),
            Err(error) if error.is_timeout() => return Ok(Err(error)),
            Err(error) => return Ok(coming.cut_off(wanted).ok_or(error)),
        }
    };
    let Coming { bytes, place, .. } = coming;
    match ended {
        Ok(()) => Ok(Ok(Body { bytes, place })),
        Err(UnpackError::TooLarge) if is_cut => Ok(Ok(Body { bytes, place })),
        Err(UnpackError::TooLarge) => Err(FetchError::TooLarge { limit_bytes }),
        Err(UnpackError::Unknown(encoding)) => Err(FetchError::Encoding { encoding }),
        Err(UnpackError::CutShort) if proves_itself(wanted, &bytes) => Ok(Ok(Body { bytes, place })),
        Err(error) => Err(FetchError::Decode { source: error.into() }),
    }
}

/// A body of which more is to come.
struct Coming {
    bytes: Vec<u8>,
    place: Place,
    unpacker: Unpacker,
}

impl Coming {
    /// Unpacks `chunk`; what becomes large by it waits for its place first.
    async fn take(&mut self, chunk: &[u8], room: Room<'_>) -> Result<(), UnpackError> {
        let mut rest = chunk;
        if self.place.is_none() {
            self.unpacker.push(&mut rest, &mut self.bytes, LARGE_BYTES)?;
            self.place = room.large.make_room(self.bytes.len(), None, room.waited).await;
        }
        if self.place.is_some() { self.unpacker.push(&mut rest, &mut self.bytes, usize::MAX) } else { Ok(()) }
    }

    /// What came until the connection broke off. Many servers close without saying that it was the end, and some count
    /// wrongly: what proves itself to be whole is whole.
    fn cut_off(mut self, wanted: Wanted<'_>) -> Option<Body> {
        let has_ended = self.unpacker.has_ended();
        let is_read = self.unpacker.finish(&mut self.bytes).is_ok();
        let is_whole = match wanted {
            Wanted::Feed { .. } | Wanted::Page => has_ended && is_read,
            // Half of the rules are not all of them, half a picture is none, and another compressed stream may have been to come.
            Wanted::Picture | Wanted::HostFile => false,
        };
        (is_whole || proves_itself(wanted, &self.bytes)).then_some(Body { bytes: self.bytes, place: self.place })
    }
}

/// What comes next of a body. One that has a place keeps it while it makes progress, or nobody waits for it.
async fn in_time<T>(coming: impl Future<Output = T>, place: &Place, large: &LargeBodies) -> Result<T, FetchError> {
    if place.is_none() {
        return Ok(coming.await);
    }
    tokio::pin!(coming);
    loop {
        match tokio::time::timeout(STALLED, &mut coming).await {
            Ok(came) => return Ok(came),
            Err(_) if large.is_crowded() => return Err(FetchError::Stalled { after: STALLED }),
            Err(_) => {}
        }
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
        Wanted::Picture | Wanted::HostFile => false,
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[tokio::test]
    async fn a_bomb_is_not_unpacked_before_it_has_a_place() {
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        bomb.write_all(b"<rss/>").and_then(|()| bomb.write_all(&vec![0; 8 << 20])).unwrap();
        let bomb = bomb.finish().unwrap();
        let (large, waited) = (LargeBodies::default(), Waited::default());
        let mut places = Vec::new();
        while let Ok(place) =
            tokio::time::timeout(Duration::from_millis(1), large.make_room(LARGE_BYTES, None, &waited)).await
        {
            places.push(place);
        }
        let room = Room { most_bytes: 16 << 20, large: &large, waited: &waited };
        let coming =
            || Coming { bytes: Vec::new(), place: None, unpacker: Unpacker::new(Declared::default(), room.most_bytes) };
        let mut waits = coming();
        let taken = tokio::time::timeout(Duration::from_millis(50), waits.take(&bomb, room)).await;
        assert!(taken.is_err() && waits.bytes.len() < LARGE_BYTES + 64 * 1024, "{}", waits.bytes.len());
        drop(places.pop());
        let mut has_place = coming();
        has_place.take(&bomb, room).await.unwrap();
        assert!(has_place.place.is_some());
        assert_eq!(has_place.bytes.len(), (8 << 20) + 6);
    }
}
