//! What a quotation mark or a word in broken JSON stands for, by what follows it.

/// Whether a quote before `rest` ends its string: what may follow a string follows. Any other quote is a part of it that
/// should have been escaped.
pub(super) fn ends_string(rest: &[u8]) -> bool {
    match rest.trim_ascii_start() {
        [] | [b'}' | b']' | b':' | b'"' | b'\'' | b'/', ..] => true,
        [b',', after @ ..] => {
            let after = after.trim_ascii_start();
            let is_value = |word: &&[u8]| after.starts_with(word);
            matches!(after, [] | [b'"' | b'\'' | b'{' | b'[' | b'}' | b']' | b',' | b'/' | b'-' | b'0'..=b'9', ..])
                || [&b"true"[..], b"false", b"null", b"NaN"].iter().any(is_value)
                || is_bare_key(after)
        }
        _ => false,
    }
}

/// Whether `rest` begins with a key without quotes, its colon and the start of a value.
fn is_bare_key(rest: &[u8]) -> bool {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'@');
    let length = rest.iter().position(|b| !is_part(b)).unwrap_or(rest.len());
    let after = rest[length..].trim_ascii_start();
    let is_name = (1..=LONGEST_BARE_KEY).contains(&length) && !rest[0].is_ascii_digit();
    let value = after.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
    is_name && matches!(value, Some([b'"' | b'\'' | b'{' | b'[' | b'-' | b'0'..=b'9', ..]))
}

/// Keys without quotes are names of members.
const LONGEST_BARE_KEY: usize = 40;
