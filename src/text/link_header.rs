//! `Link` headers (RFC 8288).

/// One link of a `Link` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderLink {
    /// Where it leads, as written.
    pub(crate) target: String,
    /// Its relations, lower case.
    pub(crate) rels: Vec<String>,
}

/// Links of one response that are read; a hostile one may have thousands.
const MOST: usize = 100;

/// The links of one `Link` header. What has an `anchor` is about another document and left out; of parameters with the
/// same name the first counts (§3.3).
pub(crate) fn header_links(value: &str) -> Vec<HeaderLink> {
    let mut links = Vec::new();
    let mut rest = value;
    while links.len() < MOST {
        let Some((_, after)) = rest.split_once('<') else { break };
        let Some((target, after)) = after.split_once('>') else { break };
        let (parameters, after) = parameters(after);
        rest = after;
        if parameters.iter().any(|(name, _)| name == "anchor") {
            continue;
        }
        let rel = parameters.iter().find(|(name, _)| name == "rel").map_or("", |(_, value)| value);
        let rels = rel.split_whitespace().map(str::to_ascii_lowercase).collect();
        links.push(HeaderLink { target: target.trim().to_owned(), rels });
    }
    links
}

/// The parameters of one link, names in lower case, and what comes after the comma that ends them.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix(';') {
        let after = after.trim_start();
        let end = after.find(['=', ';', ',']).unwrap_or(after.len());
        let name = after[..end].trim().to_ascii_lowercase();
        rest = &after[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = parameter_value(after.trim_start());
        }
        found.push((name, value));
        rest = rest.trim_start();
    }
    (found, rest.split_once(',').map_or("", |(_, after)| after))
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[place + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, want: &[(&str, &[&str])]) {
        let links = header_links(value);
        let found: Vec<(&str, Vec<&str>)> =
            links.iter().map(|link| (link.target.as_str(), link.rels.iter().map(String::as_str).collect())).collect();
        let want: Vec<(&str, Vec<&str>)> = want.iter().map(|(target, rels)| (*target, rels.to_vec())).collect();
        assert_eq!(found, want, "{value}");
    }

    #[test]
    fn links_are_read_however_they_are_written() {
        check("<https://h.example/>; rel=hub", &[("https://h.example/", &["hub"])]);
        check("<https://h.example/>;REL=\"Hub\"", &[("https://h.example/", &["hub"])]);
        check(
            "<https://h.example/?a,b;c>; title=\"x, y; z\" ; rel=\"hub self\", </f>; rel = self",
            &[("https://h.example/?a,b;c", &["hub", "self"]), ("/f", &["self"])],
        );
        check("<a>; title=\"q \\\" >, <b>; rel=hub\"; rel=self", &[("a", &["self"])]);
        check("<a>; rel=self; rel=hub", &[("a", &["self"])]);
        check("<a>; rel*=UTF-8''hub", &[("a", &[])]);
        check("<a>; anchor=\"/other\"; rel=hub, <b>; rel=hub", &[("b", &["hub"])]);
        check(", ,<a>;rel=hub,,", &[("a", &["hub"])]);
        check("<a>, <b>;flag;rel=hub", &[("a", &[]), ("b", &["hub"])]);
    }

    #[test]
    fn what_is_broken_ends_where_it_breaks() {
        for value in ["", "a", "<a", "<", "rel=hub", ";;;"] {
            check(value, &[]);
        }
        check("<a>; rel=\"hub", &[("a", &["hub"])]);
        check("<a>; rel", &[("a", &[])]);
        assert_eq!(header_links(&"<a>;rel=hub,".repeat(5_000)).len(), MOST);
    }
}
