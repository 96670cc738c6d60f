//! One decompressor, whatever its format.

use std::fmt;
use std::io;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, DecompressError, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, Operation as _};

/// Largest window of a zstd body, as a power of two: 8 MiB, as RFC 9659 demands for the web.
const ZSTD_WINDOW_LOG: u32 = 23;
/// Window of gzip and zlib, as a power of two: the largest there is.
const GZIP_WINDOW_LOG: u8 = 15;

type Brotli = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// A stream being decompressed.
pub(super) enum Codec {
    /// gzip, zlib or a bare stream: they differ in how it begins and ends.
    Inflate(Decompress),
    Brotli(Box<Brotli>),
    Zstd(ZstdDecoder<'static>),
}

/// How far one step got.
pub(super) struct Step {
    /// Bytes of the input that were used up.
    pub(super) taken: usize,
    /// Bytes that were written.
    pub(super) made: usize,
    /// The stream ended by itself, and its checksum held if it has one.
    pub(super) has_ended: bool,
}

/// The body is not what its headers or first bytes say.
#[derive(Debug, thiserror::Error)]
pub(super) enum CodecError {
    #[error("deflate decompression error")]
    Inflate(#[from] DecompressError),
    #[error("brotli decompression error")]
    Brotli,
    #[error("zstd decompression error")]
    Zstd(#[from] io::Error),
}

impl Codec {
    pub(super) fn gzip() -> Self {
        Self::Inflate(Decompress::new_gzip(GZIP_WINDOW_LOG))
    }

    pub(super) fn zlib() -> Self {
        Self::Inflate(Decompress::new(true))
    }

    /// RFC 1951 without any wrapping.
    pub(super) fn bare() -> Self {
        Self::Inflate(Decompress::new(false))
    }

    pub(super) fn brotli() -> Self {
        let alloc = StandardAlloc::default;
        Self::Brotli(Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())))
    }

    pub(super) fn zstd() -> Result<Self, CodecError> {
        let mut decoder = ZstdDecoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
        Ok(Self::Zstd(decoder))
    }

    /// Decompresses from `input` into `out`, until one of them is used up or the stream ends.
    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Step, CodecError> {
        match self {
            Self::Inflate(stream) => {
                let (taken_before, made_before) = (stream.total_in(), stream.total_out());
                let status = stream.decompress(input, out, FlushDecompress::None)?;
                Ok(Step {
                    taken: distance(taken_before, stream.total_in(), input.len()),
                    made: distance(made_before, stream.total_out(), out.len()),
                    has_ended: status == Status::StreamEnd,
                })
            }
            Self::Brotli(state) => {
                let (mut left, mut taken, mut space, mut made, mut total) = (input.len(), 0, out.len(), 0, 0);
                let result =
                    BrotliDecompressStream(&mut left, &mut taken, input, &mut space, &mut made, out, &mut total, state);
                match result {
                    BrotliResult::ResultFailure => Err(CodecError::Brotli),
                    result => Ok(Step { taken, made, has_ended: matches!(result, BrotliResult::ResultSuccess) }),
                }
            }
            Self::Zstd(decoder) => {
                let status = decoder.run_on_buffers(input, out)?;
                let (taken, made) = (status.bytes_read, status.bytes_written);
                Ok(Step { taken, made, has_ended: status.remaining == 0 })
            }
        }
    }
}

fn distance(before: u64, after: u64, most: usize) -> usize {
    usize::try_from(after - before).unwrap_or(most)
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inflate(_) => "Inflate",
            Self::Brotli(_) => "Brotli",
            Self::Zstd(_) => "Zstd",
        })
    }
}
