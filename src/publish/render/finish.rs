//! The last step of every document.

use memchr::memmem;

/// The document ending in a line break, without suspects.
pub(super) fn finished(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() != Some(&b'\n') {
        bytes.push(b'\n');
    }
    without_suspects(bytes)
}

/// The document without two characters that XML allows and that validators take for a wrong encoding: U+0085 (a
/// C1 control) is removed, and U+FFFD, where somebody lost a letter, becomes a question mark.
fn without_suspects(bytes: Vec<u8>) -> Vec<u8> {
    const NEXT_LINE: &[u8] = "\u{85}".as_bytes();
    const LOST: &[u8] = "\u{FFFD}".as_bytes();
    if memmem::find(&bytes, NEXT_LINE).is_none() && memmem::find(&bytes, LOST).is_none() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = &bytes[..];
    while let Some((&first, after)) = rest.split_first() {
        rest = if let Some(after) = rest.strip_prefix(NEXT_LINE) {
            after
        } else if let Some(after) = rest.strip_prefix(LOST) {
            out.push(b'?');
            after
        } else {
            out.push(first);
            after
        };
    }
    out
}
