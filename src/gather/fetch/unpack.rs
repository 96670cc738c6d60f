//! A body as it is meant: whatever is compressed is decompressed, as its first bytes show and its headers state.
//!
//! Servers declare gzip over plain XML, plain XML over gzip, and gzip twice where a proxy and a program both compress:
//! what the bytes say counts, and the names only where bytes say nothing (brotli, bare deflate).

use super::codec::{Codec, CodecError};
use super::coding::{Coding, Declared};

/// Bytes by which the format of a body is known.
const HEAD_BYTES: usize = 8;
/// Space for the output of a step.
const STEP_BYTES: usize = 32 * 1024;
/// Compressions around each other that are unpacked.
const MOST_LAYERS: usize = 3;

/// What came cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnpackError {
    /// A coding that is not read over something that is no feed.
    #[error("unknown encoding {0:?}")]
    Unknown(String),
    #[error(transparent)]
    Damaged(#[from] CodecError),
    #[error("it does not begin as a compressed body does")]
    NotCompressed,
    #[error("unexpected end of the compressed body")]
    CutShort,
    /// In any of its forms.
    #[error("larger than allowed")]
    TooLarge,
}

/// A body being unpacked.
#[derive(Debug)]
pub(super) struct Unpacker {
    declared: Declared,
    /// For what comes in and, separately, for what goes out.
    limit_bytes: u64,
    taken_bytes: u64,
    layer: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The first bytes, until it is known what they are.
    Head(Vec<u8>),
    Plain,
    Packed(Codec, Box<Unpacker>),
    /// A compressed stream ended; these bytes come after it, which may be the beginning of another one.
    After(Vec<u8>, Box<Unpacker>),
    /// The last stream ended; what comes after it is padding that nobody reads.
    Ended(Box<Unpacker>),
}

impl Unpacker {
    /// For the body of an answer that declared this.
    pub(super) fn new(declared: Declared, limit_bytes: u64) -> Self {
        Self { declared, limit_bytes, taken_bytes: 0, layer: 0, state: State::Head(Vec::new()) }
    }

    /// Unpacks `chunk` onto the end of `out`, which may exceed the limit a little.
    pub(super) fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), UnpackError> {
        self.taken_bytes += chunk.len() as u64;
        self.take(chunk, out)?;
        let most = self.taken_bytes.max(out.len() as u64);
        if most > self.limit_bytes { Err(UnpackError::TooLarge) } else { Ok(()) }
    }

    fn take(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), UnpackError> {
        match &mut self.state {
            State::Head(head) => {
                head.extend_from_slice(chunk);
                if head.len() < HEAD_BYTES { Ok(()) } else { self.begin(out) }
            }
            State::Plain => {
                out.extend_from_slice(chunk);
                Ok(())
            }
            State::Packed(..) => self.unpack(chunk, out),
            State::After(rest, _) => {
                rest.extend_from_slice(chunk);
                if rest.len() < HEAD_BYTES { Ok(()) } else { self.next_member(out) }
            }
            State::Ended(_) => Ok(()),
        }
    }

    /// All of the body has come.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), UnpackError> {
        if let State::Head(head) = &self.state {
            if head.is_empty() {
                return Ok(());
            }
            self.begin(out)?;
        }
        if let State::After(..) = &self.state {
            self.next_member(out)?;
        }
        match &mut self.state {
            State::Packed(_, inner) => {
                // What has come so far is worth reading if it proves itself to be whole.
                inner.finish(out)?;
                Err(UnpackError::CutShort)
            }
            State::After(_, inner) | State::Ended(inner) => inner.finish(out),
            State::Head(_) | State::Plain => Ok(()),
        }
    }

    /// Whether a compressed stream came to its own end: nothing is missing, whatever the connection did.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::After(..) | State::Ended(_))
    }

    /// Decides what the body is.
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), UnpackError> {
        let State::Head(head) = &mut self.state else { return Ok(()) };
        let head = std::mem::take(head);
        let codec = if self.layer < MOST_LAYERS { self.codec(&head)? } else { None };
        self.state = match codec {
            Some(codec) => {
                let inner = Self {
                    declared: std::mem::take(&mut self.declared),
                    limit_bytes: self.limit_bytes,
                    taken_bytes: 0,
                    layer: self.layer + 1,
                    state: State::Head(Vec::new()),
                };
                State::Packed(codec, Box::new(inner))
            }
            None => State::Plain,
        };
        self.take(&head, out)
    }

    /// The decompressor for what begins with `head`; `None`: it is not compressed.
    fn codec(&mut self, head: &[u8]) -> Result<Option<Codec>, UnpackError> {
        let shown = shown_by(head);
        // The coding that was applied last is undone first.
        let declared = self.declared.codings.pop();
        match (shown, declared) {
            (Shown::Gzip, _) => Ok(Some(Codec::gzip())),
            (Shown::Zstd, _) => Ok(Some(Codec::zstd()?)),
            (Shown::Document, _) => Ok(None),
            (Shown::Zlib, Some(Coding::Gzip | Coding::Deflate)) => Ok(Some(Codec::zlib())),
            (_, Some(Coding::Deflate)) => Ok(Some(Codec::bare())),
            (_, Some(Coding::Brotli)) => Ok(Some(Codec::brotli())),
            // What a layer around it was declared twice is no fault of what it holds.
            (_, Some(_)) if self.layer > 0 => Ok(None),
            (_, Some(_)) => Err(UnpackError::NotCompressed),
            (_, None) => match self.declared.unknown.take() {
                Some(name) if self.layer == 0 => Err(UnpackError::Unknown(name)),
                _ => Ok(None),
            },
        }
    }

    fn unpack(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), UnpackError> {
        let State::Packed(codec, inner) = &mut self.state else { return Ok(()) };
        let mut space = vec![0; STEP_BYTES];
        let mut rest = chunk;
        loop {
            let step = codec.step(rest, &mut space)?;
            rest = &rest[step.taken..];
            inner.push(&space[..step.made], out)?;
            if step.has_ended {
                return self.ended(rest, out);
            }
            let stands_still = step.taken == 0 && step.made == 0;
            if stands_still || (rest.is_empty() && step.made < space.len()) {
                break;
            }
        }
        Ok(())
    }

    /// The stream ended before `rest`.
    fn ended(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Result<(), UnpackError> {
        let State::Packed(_, inner) = std::mem::replace(&mut self.state, State::Plain) else { return Ok(()) };
        self.state = State::After(Vec::new(), inner);
        self.take(rest, out)
    }

    /// Goes on with the next of several members (RFC 1952 §2.2, RFC 8878 §3.1).
    fn next_member(&mut self, out: &mut Vec<u8>) -> Result<(), UnpackError> {
        let State::After(rest, inner) = std::mem::replace(&mut self.state, State::Plain) else { return Ok(()) };
        let codec = match shown_by(&rest) {
            Shown::Gzip => Codec::gzip(),
            Shown::Zstd => Codec::zstd()?,
            _ => {
                self.state = State::Ended(inner);
                return Ok(());
            }
        };
        self.state = State::Packed(codec, inner);
        self.take(&rest, out)
    }
}

/// What first bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Gzip,
    Zstd,
    /// zlib's wrapping, or a bare stream that looks like it.
    Zlib,
    /// Markup or JSON.
    Document,
    Nothing,
}

fn shown_by(head: &[u8]) -> Shown {
    match head {
        [0x1F, 0x8B, 0x08, ..] | [0x1F, 0x8B] => Shown::Gzip,
        // A frame, or one of the frames to skip (RFC 8878 §3.1).
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Shown::Zstd,
        _ if is_document(head) => Shown::Document,
        [first, second, ..] if is_zlib(*first, *second) => Shown::Zlib,
        _ => Shown::Nothing,
    }
}

/// Markup or JSON in UTF-8, UTF-16 or a charset that shares ASCII.
fn is_document(head: &[u8]) -> bool {
    let is_wide = |head: &[u8]| {
        matches!(head, [0xFF, 0xFE, _, 0, ..] | [0xFE, 0xFF, 0, ..] | [b'<', 0, _, 0, ..] | [0, b'<', 0, ..])
    };
    if is_wide(head) {
        return true;
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    matches!(text, [b'<' | b'{', ..]) && !text.iter().any(is_control)
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
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: u64 = 1 << 20;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(text: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bare(text: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        ::zstd::stream::encode_all(text, 3).unwrap()
    }

    /// The body in pieces of `size` bytes, declared by those codings, and whether a stream came to its end.
    fn unpacked(codings: &[Coding], unknown: Option<&str>, body: &[u8], size: usize) -> Result<Vec<u8>, UnpackError> {
        let declared = Declared { codings: codings.to_vec(), unknown: unknown.map(str::to_owned) };
        let (mut unpacker, mut out) = (Unpacker::new(declared, LIMIT), Vec::new());
        for chunk in body.chunks(size.max(1)) {
            unpacker.push(chunk, &mut out)?;
        }
        unpacker.finish(&mut out).map(|()| out)
    }

    #[track_caller]
    fn reads(codings: &[Coding], body: &[u8], want: &[u8]) {
        for size in [1, 2, 3, 7, 1_000, body.len()] {
            let got = unpacked(codings, None, body, size);
            assert!(got.as_ref().is_ok_and(|got| got == want), "{codings:?} by {size}: {got:?}");
        }
    }

    const FEED: &[u8] = b"<?xml version=\"1.0\"?><rss><channel/></rss>";

    #[test]
    fn what_the_bytes_show_counts_whatever_is_declared() {
        use Coding::{Brotli, Deflate, Gzip, Zstd};
        let all: [&[Coding]; 7] = [&[], &[Gzip], &[Deflate], &[Brotli], &[Zstd], &[Gzip, Gzip], &[Deflate, Gzip]];
        for declared in all {
            reads(declared, FEED, FEED);
            reads(declared, b"\xEF\xBB\xBF\n <feed/>", b"\xEF\xBB\xBF\n <feed/>");
            reads(declared, b"{\"items\":[]}", b"{\"items\":[]}");
            reads(declared, b"\xFF\xFE<\0r\0s\0s\0>\0", b"\xFF\xFE<\0r\0s\0s\0>\0");
            reads(declared, &gzip(FEED), FEED);
            reads(declared, &zstd(FEED), FEED);
            reads(declared, b"", b"");
        }
        for declared in [&[Gzip][..], &[Deflate], &[Gzip, Gzip]] {
            reads(declared, &zlib(FEED, 6), FEED);
        }
        reads(&[], b"feed", b"feed");
    }

    #[test]
    fn bare_and_wrapped_deflate_are_read_at_every_level_in_pieces_of_any_size() {
        let long: Vec<u8> = (0..200_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        for text in [&b""[..], b"x", b"<rss/>", &long[..900_000]] {
            for body in (0..=9).flat_map(|level| [zlib(text, level), bare(text, level)]) {
                for size in [1, 2, 3, 1_000, body.len()] {
                    let got = unpacked(&[Coding::Deflate], None, &body, size).unwrap();
                    assert!(got == text, "{} bytes by {size}", text.len());
                }
            }
        }
    }

    #[test]
    fn several_layers_and_several_members_are_read() {
        use Coding::{Deflate, Gzip};
        reads(&[Gzip], &gzip(&gzip(FEED)), FEED);
        reads(&[Gzip, Gzip], &gzip(&gzip(FEED)), FEED);
        reads(&[Deflate, Gzip], &gzip(&bare(FEED, 6)), FEED);
        reads(&[Gzip, Deflate], &zlib(&gzip(FEED), 6), FEED);
        let (first, second) = FEED.split_at(9);
        for end in [&b""[..], b"\0\0\0\0\0\0\0\0\0\0\0\0", b"\n", b"\x1F", b"garbage \x1F\x8B\x08 behind"] {
            reads(&[Gzip], &[gzip(first), gzip(b""), gzip(second), end.to_vec()].concat(), FEED);
            reads(&[Coding::Zstd], &[zstd(first), zstd(second), end.to_vec()].concat(), FEED);
        }
    }

    #[test]
    fn an_unknown_name_is_no_matter_over_a_document() {
        for name in ["aws-chunked", "UTF-8", "foo"] {
            assert_eq!(unpacked(&[], Some(name), FEED, 5).unwrap(), FEED);
            assert_eq!(unpacked(&[], Some(name), &gzip(FEED), 5).unwrap(), FEED);
            let compressed = unpacked(&[], Some(name), b"\x1F\x9D\x90text", 5);
            assert!(matches!(compressed, Err(UnpackError::Unknown(got)) if got == name));
        }
    }

    #[test]
    fn what_is_cut_or_damaged_is_an_error() {
        use Coding::{Brotli, Deflate, Gzip, Zstd};
        let text = b"some text ".repeat(500);
        for (coding, body) in
            [(Gzip, gzip(&text)), (Deflate, zlib(&text, 6)), (Deflate, bare(&text, 6)), (Zstd, zstd(&text))]
        {
            for end in 1..body.len() - 5 {
                assert!(unpacked(&[coding], None, &body[..end], 7).is_err(), "{coding:?} {end} of {}", body.len());
            }
        }
        let mut damaged = gzip(&text);
        let at = damaged.len() - 6;
        damaged[at] ^= 1;
        assert!(matches!(unpacked(&[Gzip], None, &damaged, 9), Err(UnpackError::Damaged(_))), "its checksum is wrong");
        for coding in [Gzip, Zstd, Brotli] {
            assert!(unpacked(&[coding], None, b"no such thing at all", 100).is_err());
        }
    }

    #[test]
    fn nothing_is_unpacked_far_beyond_the_limit() {
        let zeros = vec![0; 8 << 20];
        let (once, behind) = (gzip(&zeros), gzip(&[gzip(FEED), zeros.clone()].concat()));
        for body in [zlib(&zeros, 9), bare(&zeros, 9), gzip(&once), once, zstd(&zeros), behind] {
            let declared = Declared { codings: vec![Coding::Deflate], unknown: None };
            let (mut unpacker, mut out) = (Unpacker::new(declared, LIMIT), Vec::new());
            assert!(matches!(unpacker.push(&body, &mut out), Err(UnpackError::TooLarge)));
            assert!(out.capacity() < 4 << 20, "{}", out.capacity());
        }
    }
}
