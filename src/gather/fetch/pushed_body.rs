//! A body that was pushed, as it is meant.

use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

use super::coding::Declared;
use super::error::FetchError;
use super::unpack::{UnpackError, Unpacker};

/// `body` unpacked, whose sender declares `encoding`.
///
/// # Errors
/// If it cannot be unpacked, or is larger than `limit_bytes` then.
pub(crate) fn unpacked(body: &[u8], encoding: Option<&str>, limit_bytes: u64) -> Result<Vec<u8>, FetchError> {
    let mut headers = HeaderMap::new();
    if let Some(value) = encoding.and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(CONTENT_ENCODING, value);
    }
    let mut unpacker = Unpacker::new(Declared::of(&headers), limit_bytes);
    let mut bytes = Vec::with_capacity(body.len());
    let pushed = unpacker.push(&mut &body[..], &mut bytes, usize::MAX);
    match pushed.and_then(|()| unpacker.finish(&mut bytes)) {
        Ok(()) => Ok(bytes),
        Err(UnpackError::TooLarge) => Err(FetchError::TooLarge { limit_bytes }),
        Err(UnpackError::Unknown(encoding)) => Err(FetchError::Encoding { encoding }),
        Err(error) => Err(FetchError::Decode { source: error.into() }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_pushed_body_is_unpacked_within_its_limit() {
        let plain = b"<rss version=\"2.0\"><channel></channel></rss>".repeat(50);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&plain).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(unpacked(&plain, None, 10_000).unwrap(), plain);
        assert_eq!(unpacked(&gzip, Some("gzip"), 10_000).unwrap(), plain);
        assert!(matches!(unpacked(&gzip, Some("gzip"), 1_000), Err(FetchError::TooLarge { .. })));
        assert!(unpacked(&gzip[..40], Some("gzip"), 10_000).is_err());
    }
}
