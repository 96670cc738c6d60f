//! Drafts that name kinds of use: AIPREF `Content-Usage` (`search=n`) and Cloudflare's `Content-Signal`
//! (`search=no`). Always recorded, obeyed if feeds.toml says `obey_drafts = true`.

/// Whether `value` (`search=yes, ai-train=no`; `/path search=n`) refuses to be found by search, the one
/// kind of use that showing headlines and excerpts come close to.
pub(super) fn refuses_search(value: &str) -> bool {
    let parts = value.split([',', ';', ' ']).filter_map(|part| part.split_once('='));
    let mut search = parts.filter(|(name, _)| name.trim().eq_ignore_ascii_case("search"));
    search.any(|(_, is)| matches!(is.trim().trim_matches('"').to_ascii_lowercase().as_str(), "n" | "no" | "?0" | "0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_search_counts() {
        for refused in ["search=no", "ai-train=no, Search=NO", "train-ai=n, search=n", "/blog/ search=n"] {
            assert!(refuses_search(refused), "{refused}");
        }
        for open in ["", "search=yes, ai-train=no", "search=y", "train-ai=n", "research=no", "search"] {
            assert!(!refuses_search(open), "{open}");
        }
    }
}
