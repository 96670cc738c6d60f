//! Lengths as attributes and styles give them (CSS Values and Units 4, section 6).

/// A length in pixels, with 16 for the size of the letters.
pub(super) fn pixels(value: &str) -> Option<f32> {
    let value = value.trim();
    let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(value.len());
    let number: f32 = value[..end].parse().ok()?;
    let unit = match value[end..].trim().to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "em" | "rem" => 16.0,
        "ex" | "ch" => 8.0,
        "pt" => 4.0 / 3.0,
        _ => return None,
    };
    Some(number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_pixels_whatever_their_unit() {
        for (value, want) in [
            ("32", Some(32.0)),
            (" 16px ", Some(16.0)),
            ("1.5em", Some(24.0)),
            ("2REM", Some(32.0)),
            ("1ex", Some(8.0)),
            ("3pt", Some(4.0)),
            ("-900px", Some(-900.0)),
            ("100%", None),
            ("auto", None),
            ("", None),
        ] {
            assert_eq!(pixels(value), want, "{value}");
        }
    }
}
