//! The bytes of a picture → a small JPEG of it.
//!
//! What it is, its bytes say, whatever a header claims. What is read is bounded before anything is unpacked: a few bytes may
//! stand for billions of pixels. Of what moves, the first frame counts. Nothing but the pixels goes into the copy: no place, no
//! camera, no colour profile.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage, guess_format, imageops};

/// The largest copy in pixels: a page shows 96 × 64 of it, on dense screens with twice as many.
const MOST_WIDTH: u32 = 256;
/// The same of its height.
const MOST_HEIGHT: u32 = 192;
/// A picture of fewer pixels on a side is an ornament, …
const LEAST_SIDE: u32 = 64;
/// … and so is one whose longer side is more than this many times the shorter.
const MOST_ASPECT: u32 = 4;
/// Most pixels on a side of a picture that is read.
const MOST_SIDE: u32 = 16_384;
/// Most pixels in all: what has more is hardly meant for a list.
const MOST_PIXELS: u64 = 16_000_000;
/// Most bytes of them.
const MOST_PIXEL_BYTES: u64 = 4 * MOST_PIXELS;
/// Most passes in which a JPEG is drawn; those that are made for the web have about ten.
const MOST_SCANS: usize = 64;
/// Most bytes that a decoder takes beside them.
const MOST_WORKING_BYTES: u64 = 48 * 1024 * 1024;
/// A copy is to have no more bytes than this; …
const AIM_BYTES: usize = 25 * 1024;
/// … the first of these qualities that makes it so is taken, else the last.
const QUALITIES: [u8; 4] = [75, 60, 45, 30];

/// Why there is no copy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureCopyError {
    /// Its first bytes are those of something else.
    #[error("it is neither JPEG nor PNG, WebP or GIF")]
    NotAPicture,
    /// It is broken, or ends too early.
    #[error("the picture cannot be read: {0}")]
    Unreadable(String),
    /// It would take too long: each pass of a JPEG goes over all of it, in however few bytes.
    #[error("the picture is drawn in {scans} passes")]
    TooManyScans {
        /// Its passes.
        scans: usize,
    },
    /// It would take too much memory.
    #[error("the picture is too large: {width} × {height} pixels")]
    TooLarge {
        /// Its width in pixels.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// It is too small or too narrow to be the picture of a story.
    #[error("the picture is an ornament: {width} × {height} pixels")]
    Ornament {
        /// Its width in pixels.
        width: u32,
        /// Its height.
        height: u32,
    },
}

/// The small copy, a JPEG, of the picture that `bytes` are.
///
/// # Errors
/// [`PictureCopyError`]. A decoder that panics does so here: whoever calls guards against that.
pub(crate) fn picture_copy(bytes: &[u8]) -> Result<Vec<u8>, PictureCopyError> {
    let (picture, orientation) = read_bounded(bytes)?;
    let small = turned(small(picture, orientation), orientation);
    let unwritable = |error: image::ImageError| PictureCopyError::Unreadable(error.to_string());
    let mut written = Vec::new();
    for quality in QUALITIES {
        written.clear();
        JpegEncoder::new_with_quality(&mut written, quality).encode_image(&small).map_err(unwritable)?;
        if written.len() <= AIM_BYTES {
            break;
        }
    }
    Ok(written)
}

/// The picture and how it is to be turned, unless it is no picture of a story or would take too much memory.
fn read_bounded(bytes: &[u8]) -> Result<(DynamicImage, Orientation), PictureCopyError> {
    let format = guess_format(bytes).map_err(|_| PictureCopyError::NotAPicture)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif) {
        return Err(PictureCopyError::NotAPicture);
    }
    if format == ImageFormat::Jpeg {
        match scans(bytes) {
            None => return Err(PictureCopyError::Unreadable("it ends too early".to_owned())),
            Some(scans) if scans > MOST_SCANS => return Err(PictureCopyError::TooManyScans { scans }),
            Some(_) => {}
        }
    }
    let unreadable = |error: image::ImageError| PictureCopyError::Unreadable(error.to_string());
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_PIXEL_BYTES + MOST_WORKING_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > MOST_SIDE || pixels > MOST_PIXELS || decoder.total_bytes() > MOST_PIXEL_BYTES {
        return Err(PictureCopyError::TooLarge { width, height });
    }
    let (short, long) = (width.min(height), width.max(height));
    if short < LEAST_SIDE || long > short.saturating_mul(MOST_ASPECT) {
        return Err(PictureCopyError::Ornament { width, height });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder).map_err(unreadable)?, orientation))
}

/// The passes of a JPEG; `None`: it has no end, and the decoder would fill up with grey what is missing. Before the first pass,
/// segments state their length, and may hold a small picture of their own; from there on, no byte of the picture looks like a
/// marker (ITU T.81, B.1.1).
fn scans(bytes: &[u8]) -> Option<usize> {
    const SCAN: [u8; 2] = [0xFF, 0xDA];
    const END: [u8; 2] = [0xFF, 0xD9];
    let mut at = 2;
    while let [0xFF, marker, high, low, ..] = bytes[at.min(bytes.len())..] {
        if marker == SCAN[1] {
            let drawn = || bytes[at..].windows(2);
            return drawn().any(|two| two == END).then(|| drawn().filter(|two| *two == SCAN).count());
        }
        // A byte of padding counts for itself.
        at += if marker == 0xFF { 1 } else { 2 + usize::from(u16::from_be_bytes([high, low])) };
    }
    None
}

/// `picture` scaled down to what a page needs once it is turned, over white.
fn small(picture: DynamicImage, orientation: Orientation) -> RgbImage {
    let (width, height) = match is_on_its_side(orientation) {
        false => fitting(picture.width(), picture.height()),
        true => {
            let (height, width) = fitting(picture.height(), picture.width());
            (width, height)
        }
    };
    // Of the many kinds of pixels two are left: each more is a copy of all this in the program.
    let reduced = match picture {
        DynamicImage::ImageRgb8(picture) if (picture.width(), picture.height()) == (width, height) => return picture,
        DynamicImage::ImageRgb8(picture) => return imageops::thumbnail(&picture, width, height),
        other => imageops::thumbnail(&other.into_rgba8(), width, height),
    };
    RgbImage::from_fn(width, height, |x, y| {
        let [red, green, blue, alpha] = reduced.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|colour| over_white(colour, alpha)))
    })
}

/// Whether its width becomes its height.
fn is_on_its_side(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// `picture` the right way up.
fn turned(picture: RgbImage, orientation: Orientation) -> RgbImage {
    match orientation {
        Orientation::NoTransforms => picture,
        Orientation::Rotate90 => imageops::rotate90(&picture),
        Orientation::Rotate180 => imageops::rotate180(&picture),
        Orientation::Rotate270 => imageops::rotate270(&picture),
        Orientation::FlipHorizontal => imageops::flip_horizontal(&picture),
        Orientation::FlipVertical => imageops::flip_vertical(&picture),
        Orientation::Rotate90FlipH => imageops::flip_horizontal(&imageops::rotate90(&picture)),
        Orientation::Rotate270FlipH => imageops::flip_horizontal(&imageops::rotate270(&picture)),
    }
}

/// Width and height within the largest, in the same relation; never larger than they are.
fn fitting(width: u32, height: u32) -> (u32, u32) {
    if width <= MOST_WIDTH && height <= MOST_HEIGHT {
        return (width, height);
    }
    let scaled = |side: u32, by: u32, of: u32| u32::try_from(u64::from(side) * u64::from(by) / u64::from(of.max(1)));
    let by_width = (MOST_WIDTH, scaled(height, MOST_WIDTH, width).unwrap_or(MOST_HEIGHT).max(1));
    let by_height = (scaled(width, MOST_HEIGHT, height).unwrap_or(MOST_WIDTH).max(1), MOST_HEIGHT);
    if by_width.1 <= MOST_HEIGHT { by_width } else { by_height }
}

/// `colour` with this opacity, both of 255, before white.
fn over_white(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    u8::try_from((colour * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use image::{Rgba, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    /// A picture with some detail, in `format`.
    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let shade = |x: u32, y: u32| u8::try_from((x * 7 + y * 13) % 256).unwrap();
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb([shade(x, y), shade(y, x), 90]));
        let mut out = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture).write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    /// Width and height of a copy.
    fn size(copy: &[u8]) -> (u32, u32) {
        let copy = image::load_from_memory_with_format(copy, ImageFormat::Jpeg).unwrap();
        (copy.width(), copy.height())
    }

    const FORMATS: [ImageFormat; 4] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];

    #[test]
    fn each_kind_becomes_a_small_jpeg() {
        for format in FORMATS {
            let copy = picture_copy(&picture(800, 450, format)).unwrap();
            assert_eq!(size(&copy), (256, 144), "{format:?}");
            assert!(copy.len() <= AIM_BYTES, "{format:?}: {}", copy.len());
        }
    }

    #[test]
    fn the_relation_of_the_sides_stays_and_nothing_grows() {
        for (size, want) in [
            ((1600, 900), (256, 144)),
            ((900, 1600), (108, 192)),
            ((1000, 1000), (192, 192)),
            ((256, 192), (256, 192)),
            ((100, 80), (100, 80)),
            ((4000, 1000), (256, 64)),
            ((300, 100), (256, 85)),
        ] {
            assert_eq!(fitting(size.0, size.1), want, "{size:?}");
        }
    }

    #[test]
    fn a_picture_on_its_side_is_turned() {
        // EXIF with one entry, the orientation, before all else of the JPEG.
        let with = |orientation: u8| {
            let exif = [
                b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
                &[orientation, 0, 0, 0, 0, 0, 0],
            ];
            let plain = picture(800, 450, ImageFormat::Jpeg);
            [&plain[..2], &exif.concat(), &plain[2..]].concat()
        };
        for (orientation, want) in [
            (1, (256, 144)),
            (2, (256, 144)),
            (3, (256, 144)),
            (4, (256, 144)),
            (5, (108, 192)),
            (6, (108, 192)),
            (8, (108, 192)),
        ] {
            let copy = picture_copy(&with(orientation)).unwrap();
            assert_eq!(size(&copy), want, "{orientation}");
        }
        let mut plain = RgbImage::new(3, 2);
        plain.put_pixel(0, 0, Rgb([9, 9, 9]));
        let corner = |orientation| {
            let turned = turned(plain.clone(), orientation);
            turned.enumerate_pixels().find(|(_, _, pixel)| pixel.0 == [9, 9, 9]).map(|(x, y, _)| (x, y)).unwrap()
        };
        assert_eq!(corner(Orientation::Rotate90), (1, 0));
        assert_eq!(corner(Orientation::Rotate180), (2, 1));
        assert_eq!(corner(Orientation::Rotate270), (0, 2));
    }

    #[test]
    fn ornaments_are_left_out() {
        for (width, height, is_kept) in
            [(1, 1, false), (63, 64, false), (64, 64, true), (256, 64, true), (257, 64, false), (64, 300, false)]
        {
            let made = picture_copy(&picture(width, height, ImageFormat::Png));
            match made {
                Ok(_) => assert!(is_kept, "{width}x{height}"),
                Err(error) => assert_eq!((error, is_kept), (PictureCopyError::Ornament { width, height }, false)),
            }
        }
    }

    #[test]
    fn what_is_transparent_is_white() {
        let mut clear = RgbaImage::from_pixel(80, 80, Rgba([0, 0, 0, 0]));
        clear.put_pixel(0, 0, Rgba([0, 0, 0, 0]));
        let mut png = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(clear).write_to(&mut png, ImageFormat::Png).unwrap();
        let copy = image::load_from_memory(&picture_copy(&png.into_inner()).unwrap()).unwrap().to_rgb8();
        assert!(copy.pixels().all(|pixel| pixel.0.iter().all(|colour| *colour > 250)));
        assert_eq!([over_white(0, 255), over_white(10, 0), over_white(0, 128)], [0, 255, 127]);
    }

    #[test]
    fn what_claims_more_pixels_than_it_may_have_is_not_unpacked() {
        let mut bomb = picture(80, 80, ImageFormat::Png);
        // Its header says so, with a sum that fits.
        bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
        let sum = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.to_be_bytes());
        let made = picture_copy(&bomb);
        assert!(
            matches!(
                made,
                Err(PictureCopyError::TooLarge { width: 60_000, height: 60_000 } | PictureCopyError::Unreadable(_))
            ),
            "{made:?}"
        );
    }

    #[test]
    fn a_jpeg_of_thousands_of_passes_is_not_drawn() {
        let plain = picture(200, 150, ImageFormat::Jpeg);
        let scan = plain.windows(2).rposition(|two| two == [0xFF, 0xDA]).unwrap();
        let (head, drawn) = plain.split_at(scan);
        let (pass, end) = drawn.split_at(drawn.len() - 2);
        assert_eq!((scans(&plain), scans(&[head, &pass.repeat(12), end].concat())), (Some(1), Some(12)));
        let many = [head, &pass.repeat(1_000), end].concat();
        assert_eq!(picture_copy(&many), Err(PictureCopyError::TooManyScans { scans: 1_000 }));
    }

    /// CRC-32 as PNG has it.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
        })
    }

    #[test]
    fn what_is_no_picture_or_broken_is_none() {
        for other in [
            b"".as_slice(),
            b"<!doctype html><p>Not found",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"300\"/>",
            b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
            b"BM\0\0\0\0",
        ] {
            assert_eq!(picture_copy(other), Err(PictureCopyError::NotAPicture));
        }
        for format in FORMATS {
            let whole = picture(200, 150, format);
            let cut = picture_copy(&whole[..whole.len() / 2]);
            assert!(matches!(cut, Err(PictureCopyError::Unreadable(_))), "{format:?}: {cut:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn no_change_of_bytes_makes_it_panic(
            kind in 0_usize..4,
            flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = picture(70, 66, FORMATS[kind]);
            for (at, value) in flips {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let length = bytes.len();
            bytes.truncate(length.min(length / 2 + cut.index(length)));
            let made = catch_unwind(AssertUnwindSafe(|| picture_copy(&bytes)));
            prop_assert!(made.is_ok(), "it panics");
            if let Ok(Ok(copy)) = made {
                let (width, height) = size(&copy);
                prop_assert!(width <= MOST_WIDTH && height <= MOST_HEIGHT);
            }
        }
    }
}
