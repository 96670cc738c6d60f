//! Which encoding of an output a client is given (RFC 9110 §12.5.3).

/// The encodings that an output is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

impl Encoding {
    /// Its name in `Content-Encoding`; `None`: none is written.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// How much a client wants each encoding, in thousandths; 0: it refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    brotli: u16,
    gzip: u16,
    identity: u16,
}

/// The encodings in the order in which a client wants them, by the lines of its `Accept-Encoding`.
///
/// One that refuses all of them is given the thing as it is: a reader that cannot say what it takes still takes that.
pub(super) fn preferred<'a>(lines: impl Iterator<Item = &'a [u8]>) -> [Encoding; 3] {
    let Wanted { brotli, gzip, identity } = wanted(lines);
    let mut order = [(brotli, Encoding::Brotli), (gzip, Encoding::Gzip), (identity, Encoding::Identity)];
    // Stable: of those that are wanted equally, the smallest comes first.
    order.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let place = order.iter().position(|(weight, encoding)| *weight == 0 && *encoding != Encoding::Identity);
    let identity = order.iter().position(|(_, encoding)| *encoding == Encoding::Identity);
    if let (Some(place), Some(identity)) = (place, identity)
        && place < identity
    {
        order[place..=identity].rotate_right(1);
    }
    order.map(|(_, encoding)| encoding)
}

fn wanted<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Wanted {
    let (mut brotli, mut gzip, mut identity, mut others) = (None, None, None, None);
    for part in lines.flat_map(|line| line.split(|byte| *byte == b',')) {
        let mut parts = part.split(|byte| *byte == b';');
        let name = parts.next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
        let Some(weight) = weight(parts) else { continue };
        let place = match name.as_slice() {
            b"br" => &mut brotli,
            b"gzip" | b"x-gzip" => &mut gzip,
            b"identity" => &mut identity,
            b"*" => &mut others,
            _ => continue,
        };
        *place = Some(weight);
    }
    let rest = others.unwrap_or(0);
    // What is not named is acceptable as it is, after everything that is named.
    let identity = identity.or(others.filter(|weight| *weight == 0)).unwrap_or(1);
    Wanted { brotli: brotli.unwrap_or(rest), gzip: gzip.unwrap_or(rest), identity }
}

/// The weight of a part by its parameters, in thousandths; `None`: it is not one (RFC 9110 §12.4.2).
fn weight<'a>(mut parameters: impl Iterator<Item = &'a [u8]>) -> Option<u16> {
    let Some(parameter) = parameters.next() else { return Some(1000) };
    let text = std::str::from_utf8(parameter.trim_ascii()).ok()?;
    let value = text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?;
    let (whole, rest) = value.split_once('.').unwrap_or((value, ""));
    let is_number = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit()) && parameters.next().is_none();
    let thousandths: u16 = format!("{rest:0<3}").parse().ok().filter(|_| is_number)?;
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_given_what_it_wants_most() {
        use Encoding::{Brotli, Gzip, Identity};
        for (asked, want) in [
            ("gzip, deflate, br", Brotli),
            ("gzip, deflate", Gzip),
            ("deflate, zstd", Identity),
            ("GZIP", Gzip),
            ("x-gzip", Gzip),
            ("br;q=0.5, gzip", Gzip),
            ("br;q=0.5,gzip;q=0.499", Brotli),
            ("gzip;q=0, br;q=0", Identity),
            ("*", Brotli),
            ("*;q=0", Identity),
            ("gzip;q=0.001, *;q=0", Gzip),
            ("br;q=0, *", Gzip),
            ("identity", Identity),
            ("identity, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip", Gzip),
            ("identity;q=0", Identity),
            ("identity;q=0, gzip", Gzip),
            ("identity;q=0, br;q=0.2", Brotli),
            ("gzip ; q=1.000", Gzip),
            ("gzip;Q=0.3", Gzip),
            ("", Identity),
            (",,", Identity),
            ("gzip;q=2, br;q=x", Identity),
            ("gzip;q=0.1234", Identity),
            ("gzip;q=-1", Identity),
            ("gzip;level=9", Identity),
            ("gzip;q=1;x=y", Identity),
            ("\u{fffd}", Identity),
        ] {
            assert_eq!(preferred([asked.as_bytes()].into_iter())[0], want, "{asked:?}");
        }
        assert_eq!(preferred(std::iter::empty())[0], Identity, "a client that says nothing may decode nothing");
        let lines: [&[u8]; 2] = [b"gzip;q=0", b"br"];
        assert_eq!(preferred(lines.into_iter())[0], Brotli, "several lines are one list");
    }

    #[test]
    fn what_is_refused_comes_after_the_thing_as_it_is() {
        use Encoding::{Brotli, Gzip, Identity};
        for (asked, want) in [
            ("gzip", [Gzip, Identity, Brotli]),
            ("br, gzip", [Brotli, Gzip, Identity]),
            ("", [Identity, Brotli, Gzip]),
            ("identity;q=0, gzip", [Gzip, Identity, Brotli]),
            ("*;q=0", [Identity, Brotli, Gzip]),
        ] {
            assert_eq!(preferred([asked.as_bytes()].into_iter()), want, "{asked:?}");
        }
    }
}
