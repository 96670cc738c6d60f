//! Dates in every form that feeds and pages have been seen to write.
//!
//! RFC 822 / 1123 / 2822 and its abuses, W3CDTF and the rest of ISO 8601, asctime, RFC 850, slashes and dots, Chinese,
//! Japanese and Korean forms, Unix time, zones by offset, abbreviation or IANA name, names of months in the languages of
//! Unicode CLDR, two-digit years, `24:00`, seconds of 60.

mod read;
mod rfc822;
mod iso;
mod words;
mod east_asian;
mod parts;
mod clock;
mod zone;
mod names;

pub(crate) use names::month_named;
pub(crate) use parts::DatePrecision;
pub(crate) use read::{parse_date, read_date};
