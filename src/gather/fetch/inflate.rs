//! `Content-Encoding: deflate`, which is sent in two forms: in zlib's wrapping, as it should be (RFC 9110 §8.4.1.2),
//! and bare (RFC 1951), as some servers have always done. Browsers read both.

use flate2::{Decompress, DecompressError, FlushDecompress, Status};

/// Space that is made for the output at a time.
const STEP_BYTES: usize = 32 * 1024;

/// A body being decompressed.
#[derive(Debug, Default)]
pub(crate) struct Inflater {
    /// The first bytes, until it is known which form it has.
    head: Vec<u8>,
    stream: Option<Decompress>,
    is_complete: bool,
}

/// What came is not a deflated body, or ends too early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InflateError {
    #[error("deflate decompression error")]
    Damaged(#[from] DecompressError),
    #[error("unexpected end of the deflated body")]
    CutShort,
}

impl Inflater {
    /// Inflates `chunk` onto the end of `out`, until that exceeds `limit_bytes`.
    pub(crate) fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>, limit_bytes: u64) -> Result<(), InflateError> {
        let Some(stream) = &mut self.stream else {
            self.head.extend_from_slice(chunk);
            if let [first, second, ..] = self.head[..] {
                self.stream = Some(Decompress::new(is_zlib(first, second)));
                let head = std::mem::take(&mut self.head);
                return self.push(&head, out, limit_bytes);
            }
            return Ok(());
        };
        let mut rest = chunk;
        while !self.is_complete && out.len() as u64 <= limit_bytes {
            out.reserve(STEP_BYTES);
            let before = stream.total_in();
            let status = stream.decompress_vec(rest, out, FlushDecompress::None)?;
            let taken = usize::try_from(stream.total_in() - before).unwrap_or(rest.len());
            rest = &rest[taken..];
            self.is_complete = status == Status::StreamEnd;
            if rest.is_empty() && out.len() < out.capacity() {
                break;
            }
        }
        Ok(())
    }

    /// The body is complete: the stream must have ended by itself, unless nothing came at all.
    pub(crate) fn finish(&self) -> Result<(), InflateError> {
        let nothing_came = self.stream.is_none() && self.head.is_empty();
        if self.is_complete || nothing_came { Ok(()) } else { Err(InflateError::CutShort) }
    }
}

/// Whether a stream that begins like this is in zlib's wrapping (RFC 1950 §2.2): deflate, no preset dictionary, and a
/// checksum that a bare stream has by accident only if it begins with a stored block whose padding is not zero.
fn is_zlib(first: u8, second: u8) -> bool {
    let is_deflate = first & 0x0F == 8 && first >> 4 <= 7;
    is_deflate && second & 0x20 == 0 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: u64 = 1 << 20;

    fn both_forms(text: &[u8], level: u32) -> [Vec<u8>; 2] {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(level));
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::new(level));
        zlib.write_all(text).unwrap();
        bare.write_all(text).unwrap();
        [zlib.finish().unwrap(), bare.finish().unwrap()]
    }

    /// The body in pieces of `size` bytes.
    fn inflated(body: &[u8], size: usize) -> Result<Vec<u8>, InflateError> {
        let (mut inflater, mut out) = (Inflater::default(), Vec::new());
        for chunk in body.chunks(size) {
            inflater.push(chunk, &mut out, LIMIT)?;
        }
        inflater.finish().map(|()| out)
    }

    #[test]
    fn both_forms_are_read_in_pieces_of_any_size() {
        let long: Vec<u8> = (0..200_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        for text in [&b""[..], b"x", b"<rss/>", &long[..900_000]] {
            for body in (0..=9).flat_map(|level| both_forms(text, level)) {
                for size in [1, 2, 3, 1_000, body.len()] {
                    assert!(inflated(&body, size).unwrap() == text, "{} bytes by {size}", text.len());
                }
            }
        }
        assert!(inflated(b"", 1).unwrap().is_empty());
    }

    #[test]
    fn what_is_cut_or_no_such_thing_is_an_error() {
        for body in both_forms(&b"some text ".repeat(500), 6) {
            for end in 1..body.len() - 5 {
                assert!(inflated(&body[..end], 7).is_err(), "{end} of {}", body.len());
            }
        }
        assert!(inflated(b"<rss version=\"2.0\">", 100).is_err());
    }

    #[test]
    fn nothing_is_inflated_far_beyond_the_limit() {
        for body in both_forms(&vec![0; 64 << 20], 9) {
            let (mut inflater, mut out) = (Inflater::default(), Vec::new());
            inflater.push(&body, &mut out, LIMIT).unwrap();
            assert!(out.len() as u64 > LIMIT && out.capacity() < 4 << 20, "{} of {}", out.len(), out.capacity());
        }
    }
}
