//! Limits as they are written: one that may be turned off, and a size in bytes.

use std::ops::RangeInclusive;

use jiff::SignedDuration;

use super::table::Table;

/// A limit that may be turned off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// `"none"`.
    None,
    /// This long.
    Of(SignedDuration),
}

impl Limit {
    /// The limit itself.
    pub(super) fn duration(self) -> Option<SignedDuration> {
        match self {
            Self::None => None,
            Self::Of(duration) => Some(duration),
        }
    }
}

impl Table<'_> {
    /// A duration, or `"none"` for no limit; `None`: the key is missing, or wrong.
    pub(super) fn limit(&self, key: &'static str, range: RangeInclusive<SignedDuration>) -> Option<Limit> {
        if self.value(key)?.get_ref().as_str() == Some("none") {
            return Some(Limit::None);
        }
        self.duration(key, range).map(Limit::Of)
    }

    /// A size in bytes, written as `"10MiB"`.
    pub(super) fn size(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(key)?;
        let bytes = value.get_ref().as_str().and_then(size).filter(|bytes| range.contains(bytes));
        if bytes.is_none() {
            let (least, most) = (in_units(*range.start()), in_units(*range.end()));
            let instead = format!("write {least} to {most}, such as \"10MiB\"");
            self.wrong(value.span(), format!("`{key}` is no size"), instead);
        }
        bytes
    }
}

/// Bytes of `"10MiB"`, `"500KiB"`, `"4096"`.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let factor = match unit.trim() {
        "" | "B" => 1,
        "KiB" | "K" => 1024,
        "MiB" | "M" => 1024 * 1024,
        "GiB" | "G" => 1024 * 1024 * 1024,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// `16KiB`, `1024MiB`.
fn in_units(bytes: u64) -> String {
    match bytes {
        0..0x10_0000 => format!("{}KiB", bytes / 1024),
        _ => format!("{}MiB", bytes / (1024 * 1024)),
    }
}
