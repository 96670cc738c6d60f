/// A number with its noun: "1 entry", "3 entries".
pub(super) fn count<N: std::fmt::Display + PartialEq + From<u8> + Copy>(number: N, noun: &str) -> String {
    if number == N::from(1) {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ if noun.ends_with(['s', 'x', 'z']) || noun.ends_with("ch") || noun.ends_with("sh") => {
            format!("{number} {noun}es")
        }
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_all_else_plural() {
        for (number, noun, want) in [
            (0_u32, "source", "0 sources"),
            (1, "source", "1 source"),
            (2, "source", "2 sources"),
            (1, "story", "1 story"),
            (3, "story", "3 stories"),
            (2, "new entry", "2 new entries"),
            (2, "day", "2 days"),
            (2, "push", "2 pushes"),
            (2, "address", "2 addresses"),
        ] {
            assert_eq!(count(number, noun), want);
        }
    }
}
