//! Lists of entity tags, as requests send them (RFC 9110 §8.8.3, §13.1).

/// How two tags are compared (RFC 9110 §8.8.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// A weak tag equals none.
    Strong,
    /// `W/` does not count.
    Weak,
}

/// Whether `list`, the value of `If-Match` or `If-None-Match`, names `tag`, which is strong and quoted.
///
/// What is not a tag names nothing; a comma may stand inside a tag. `*` names everything that exists.
pub(super) fn names(list: &[u8], tag: &[u8], comparison: Comparison) -> bool {
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        let (is_weak, after) = match rest.strip_prefix(b"W/") {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let end = match after.strip_prefix(b"\"") {
            Some(opaque) => opaque.iter().position(|byte| *byte == b'"').map(|end| end + 2),
            None => None,
        };
        let Some(end) = end else {
            // Not a tag: what follows the next comma may be one.
            let Some(comma) = rest.iter().position(|byte| *byte == b',') else { return false };
            rest = rest[comma + 1..].trim_ascii_start();
            continue;
        };
        if &after[..end] == tag && (comparison == Comparison::Weak || !is_weak) {
            return true;
        }
        rest = after[end..].trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, strong: bool, weak: bool) {
        assert_eq!(names(list.as_bytes(), b"\"a,b\"", Comparison::Strong), strong, "{list}");
        assert_eq!(names(list.as_bytes(), b"\"a,b\"", Comparison::Weak), weak, "{list}");
    }

    #[test]
    fn a_list_names_what_stands_in_it_as_a_whole() {
        for list in ["\"a,b\"", "*", " * ", "\"x\", \"a,b\"", "\"x\" , , \"a,b\",", "\"x\"\t,\"a,b\"", "x, \"a,b\""] {
            check(list, true, true);
        }
        for list in ["W/\"a,b\"", "\"x\", W/\"a,b\""] {
            check(list, false, true);
        }
        for list in
            ["", "a,b", "\"a\"", "\"a,b", "\"A,B\"", "w/\"a,b\"", "\"a\",\"b\"", "**", "\"*\"", "\"", "W/", ",,,"]
        {
            check(list, false, false);
        }
    }
}
