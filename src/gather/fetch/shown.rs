//! What the first bytes of a body show. Pure.

/// What first bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Gzip,
    Zstd,
    /// zlib's wrapping, or a bare stream that looks like it.
    Zlib,
    /// Markup or JSON.
    Document,
    Nothing,
}

/// What a body is that begins with `head`.
pub(super) fn shown_by(head: &[u8]) -> Shown {
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
