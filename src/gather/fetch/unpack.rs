//! A body as it is meant: whatever is compressed is decompressed, as its first bytes show and its headers state.
//!
//! Servers declare gzip over plain XML, plain XML over gzip, and gzip twice where a proxy and a program both compress:
//! what the bytes say counts, and the names only where bytes say nothing (brotli, bare deflate).

use super::codec::{Codec, CodecError};
use super::coding::{Coding, Declared};
use super::shown::{Shown, shown_by};

/// Bytes by which the format of a body is known.
const HEAD_BYTES: usize = 8;
/// Space for the output of a step.
const STEP_BYTES: usize = 32 * 1024;
/// Compressions around each other that are unpacked.
const MOST_LAYERS: usize = 3;
/// Streams behind one another that are unpacked: those that compress in blocks need a few hundred.
const MOST_MEMBERS: usize = 10_000;

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
    #[error("more than {MOST_MEMBERS} compressed bodies behind one another")]
    TooManyMembers,
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
    /// Streams that have begun in this layer.
    members: usize,
    /// Bytes that come before all others: what they are the beginning of is not known, or they are not used up since. At
    /// most [`HEAD_BYTES`].
    ahead: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The first bytes will tell what they are.
    Head,
    Plain,
    Packed(Codec, Box<Inside>),
    /// A compressed stream ended; what comes after it may be the beginning of another one.
    After(Box<Inside>),
    /// The last stream ended; what comes after it is padding that nobody reads.
    Ended(Box<Inside>),
}

/// What the streams of a layer hold.
#[derive(Debug)]
struct Inside {
    unpacker: Unpacker,
    /// The output of the last step.
    space: Vec<u8>,
    /// How much of `space` was made, …
    made: usize,
    /// … and how much of that the unpacker has taken.
    given: usize,
    /// That was the last step of its stream.
    is_last: bool,
}

/// Whether there is more to do at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    GoesOn,
    /// For more of the body, or for the leave to unpack more of it.
    Waits,
}

impl Unpacker {
    /// For the body of an answer that declared this.
    pub(super) fn new(declared: Declared, limit_bytes: u64) -> Self {
        Self { declared, limit_bytes, taken_bytes: 0, layer: 0, members: 0, ahead: Vec::new(), state: State::Head }
    }

    /// Unpacks `rest` onto the end of `out`, until it is used up or `out` has `enough` bytes; `out` may exceed that, and the
    /// limit, a little.
    pub(super) fn push(&mut self, rest: &mut &[u8], out: &mut Vec<u8>, enough: usize) -> Result<(), UnpackError> {
        let before = rest.len();
        self.take(rest, out, enough)?;
        self.taken_bytes += (before - rest.len()) as u64;
        let most = self.taken_bytes.max(out.len() as u64);
        if most > self.limit_bytes { Err(UnpackError::TooLarge) } else { Ok(()) }
    }

    fn take(&mut self, rest: &mut &[u8], out: &mut Vec<u8>, enough: usize) -> Result<(), UnpackError> {
        loop {
            match &mut self.state {
                State::Head | State::After(_) => {
                    let (first, others) = rest.split_at(rest.len().min(HEAD_BYTES - self.ahead.len()));
                    self.ahead.extend_from_slice(first);
                    *rest = others;
                    if self.ahead.len() < HEAD_BYTES {
                        return Ok(());
                    }
                    self.decide()?;
                }
                State::Plain => {
                    out.append(&mut self.ahead);
                    out.extend_from_slice(std::mem::take(rest));
                    return Ok(());
                }
                State::Ended(_) => {
                    self.ahead.clear();
                    *rest = &[];
                    return Ok(());
                }
                State::Packed(..) => {
                    if self.unpack(rest, out, enough)? == Pace::Waits {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// All of the body has come.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), UnpackError> {
        self.take(&mut &[][..], out, usize::MAX)?;
        while matches!(self.state, State::Head | State::After(_)) && !self.ahead.is_empty() {
            self.decide()?;
            self.take(&mut &[][..], out, usize::MAX)?;
        }
        match &mut self.state {
            State::Packed(_, inside) => {
                // What has come so far is worth reading if it proves itself to be whole.
                inside.unpacker.finish(out)?;
                Err(UnpackError::CutShort)
            }
            State::After(inside) | State::Ended(inside) => inside.unpacker.finish(out),
            State::Head | State::Plain => Ok(()),
        }
    }

    /// Whether a compressed stream came to its own end: nothing is missing, whatever the connection did.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::After(_) | State::Ended(_))
    }

    /// What the bytes ahead are the beginning of.
    fn decide(&mut self) -> Result<(), UnpackError> {
        self.state = match std::mem::replace(&mut self.state, State::Plain) {
            State::Head => match self.first()? {
                Some(codec) => State::Packed(codec, Box::new(self.inside())),
                None => State::Plain,
            },
            State::After(inside) => match self.next_member()? {
                Some(codec) => State::Packed(codec, inside),
                None => State::Ended(inside),
            },
            known => known,
        };
        Ok(())
    }

    /// The decompressor for the body; `None`: it is not compressed.
    fn first(&mut self) -> Result<Option<Codec>, UnpackError> {
        if self.layer >= MOST_LAYERS {
            return Ok(None);
        }
        let shown = shown_by(&self.ahead);
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

    fn inside(&mut self) -> Inside {
        let mut unpacker = Self::new(std::mem::take(&mut self.declared), self.limit_bytes);
        unpacker.layer = self.layer + 1;
        Inside { unpacker, space: vec![0; STEP_BYTES], made: 0, given: 0, is_last: false }
    }

    /// The decompressor for the next of several members (RFC 1952 §2.2, RFC 8878 §3.1); `None`: it is none.
    fn next_member(&mut self) -> Result<Option<Codec>, UnpackError> {
        let codec = match shown_by(&self.ahead) {
            Shown::Gzip => Codec::gzip(),
            Shown::Zstd => Codec::zstd()?,
            _ => return Ok(None),
        };
        self.members += 1;
        if self.members < MOST_MEMBERS { Ok(Some(codec)) } else { Err(UnpackError::TooManyMembers) }
    }

    /// One step of the decompressor, once the layer inside has taken all of the last one.
    fn unpack(&mut self, rest: &mut &[u8], out: &mut Vec<u8>, enough: usize) -> Result<Pace, UnpackError> {
        let State::Packed(codec, inside) = &mut self.state else { return Ok(Pace::GoesOn) };
        inside.hand_over(out, enough)?;
        if out.len() >= enough {
            return Ok(Pace::Waits);
        }
        if inside.is_last {
            self.end_member();
            return Ok(Pace::GoesOn);
        }
        let is_ahead = !self.ahead.is_empty();
        let input = if is_ahead { &self.ahead[..] } else { *rest };
        if input.is_empty() && inside.made < inside.space.len() {
            return Ok(Pace::Waits);
        }
        let step = codec.step(input, &mut inside.space)?;
        (inside.made, inside.given, inside.is_last) = (step.made, 0, step.has_ended);
        let stands_still = step.taken == 0 && step.made == 0 && !step.has_ended;
        let used = if stands_still { input.len() } else { step.taken };
        if is_ahead {
            self.ahead.drain(..used);
        } else {
            *rest = &rest[used..];
        }
        Ok(Pace::GoesOn)
    }

    fn end_member(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Plain) {
            State::Packed(_, mut inside) => {
                inside.is_last = false;
                State::After(inside)
            }
            other => other,
        };
    }
}

impl Inside {
    fn hand_over(&mut self, out: &mut Vec<u8>, enough: usize) -> Result<(), UnpackError> {
        let mut rest = &self.space[self.given..self.made];
        self.unpacker.push(&mut rest, out, enough)?;
        self.given = self.made - rest.len();
        Ok(())
    }
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
            unpacker.push(&mut &chunk[..], &mut out, usize::MAX)?;
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
            let pushed = unpacker.push(&mut &body[..], &mut out, usize::MAX);
            assert!(matches!(pushed, Err(UnpackError::TooLarge)));
            assert!(out.capacity() < 4 << 20, "{}", out.capacity());
        }
    }

    #[test]
    fn a_body_of_nothing_but_empty_members_is_refused() {
        let (member, frame) = (gzip(b""), b"\x50\x2A\x4D\x18\0\0\0\0");
        for one in [&member[..], frame] {
            let many = one.repeat((10 << 20) / one.len());
            for body in [gzip(&many), zstd(&many), many] {
                let (mut unpacker, mut out) = (Unpacker::new(Declared::default(), 100 << 20), Vec::new());
                let pushed = unpacker.push(&mut &body[..], &mut out, usize::MAX);
                assert!(matches!(pushed, Err(UnpackError::TooManyMembers)) && out.is_empty(), "{pushed:?}");
            }
            let few = [one.repeat(5_000), gzip(FEED)].concat();
            assert_eq!(unpacked(&[], None, &few, 1_000).unwrap(), FEED);
            assert_eq!(unpacked(&[], None, &gzip(&few), 1_000).unwrap(), FEED);
        }
    }

    #[test]
    fn it_stops_where_there_is_enough_and_goes_on_from_there() {
        const ENOUGH: usize = 100_000;
        let text: Vec<u8> = [FEED, &(0..150_000_u32).flat_map(u32::to_be_bytes).collect::<Vec<u8>>()].concat();
        let zeros = [FEED, &vec![0; 600_000]].concat();
        for text in [text, zeros] {
            for body in [gzip(&text), zstd(&text), gzip(&gzip(&text)), gzip(&zstd(&gzip(&text)))] {
                let (mut unpacker, mut out) = (Unpacker::new(Declared::default(), LIMIT), Vec::new());
                let mut rest = &body[..];
                unpacker.push(&mut rest, &mut out, ENOUGH).unwrap();
                assert!((ENOUGH..ENOUGH + 2 * STEP_BYTES).contains(&out.len()), "{}", out.len());
                unpacker.push(&mut rest, &mut out, ENOUGH).unwrap();
                assert!(out.len() < ENOUGH + 2 * STEP_BYTES, "not without leave");
                unpacker.push(&mut rest, &mut out, usize::MAX).unwrap();
                unpacker.finish(&mut out).unwrap();
                assert!(out == text && rest.is_empty());
            }
        }
    }
}
