//! The form that nearly all feeds write: `Thu, 01 Jan 2004 19:48:21 GMT`, with a zone of digits or `GMT`.

use jiff::civil::Date;

use super::clock::Clock;
use super::parts::Parts;
use super::zone::Zone;

/// Reads `text`; `None` if it has any other form, which is left to the other readers.
pub(super) fn read(text: &str) -> Option<Parts> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let bytes = text.as_bytes();
    let rest = if bytes.get(3) == Some(&b',') && bytes.get(4) == Some(&b' ') { bytes.get(5..)? } else { bytes };
    let (day, rest) = if rest.get(1) == Some(&b' ') {
        (digits(rest.get(..1)?)?, rest.get(2..)?)
    } else {
        (digits(rest.get(..2)?)?, rest.get(2..)?.strip_prefix(b" ")?)
    };
    let name = rest.get(..3)?;
    let month = MONTHS.chunks_exact(3).position(|known| known == name)? + 1;
    let rest = rest.get(3..)?.strip_prefix(b" ")?;
    let year = digits(rest.get(..4)?)?;
    let rest = rest.get(4..)?.strip_prefix(b" ")?;
    let [h1, h2, b':', m1, m2, b':', s1, s2, b' ', zone @ ..] = rest else { return None };
    let (hour, minute, second) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?, digits(&[*s1, *s2])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let offset = match zone {
        b"GMT" | b"UTC" | b"Z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if hours > 14 || minutes > 59 {
                return None;
            }
            let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let small = |number: i16| i8::try_from(number).ok();
    let date = Date::new(year, i8::try_from(month).ok()?, small(day)?).ok()?;
    let clock = Clock { hour: small(hour)?, minute: small(minute)?, second: small(second)?, ..Clock::default() };
    Some(Parts { date, clock: Some(clock), zone: Some(Zone::Offset(offset)) })
}

fn digits(bytes: &[u8]) -> Option<i16> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i16::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::date::words;

    #[test]
    fn it_reads_as_the_reader_of_words_does() {
        for text in [
            "Thu, 01 Jan 2004 19:48:21 GMT",
            "Sun, 1 Feb 2026 00:00:00 +0530",
            "31 Dec 1999 23:59:59 -0800",
            "Wed, 29 Feb 2012 12:00:00 UTC",
        ] {
            let point = |parts: Option<Parts>| parts.and_then(Parts::assemble).map(|date| date.at);
            assert!(point(read(text)).is_some(), "{text}");
            assert_eq!(point(read(text)), point(words::read(text, None)), "{text}");
        }
        for text in
            ["Thu, 01 Jan 2004 24:00:00 GMT", "Thu, 01 Jan 04 19:48:21 GMT", "Thu, 32 Jan 2004 19:48:21 GMT", "", "é"]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
