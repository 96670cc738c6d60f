//! Drafts that name kinds of use: AIPREF `Content-Usage` (`search=n`) and Cloudflare's `Content-Signal`
//! (`search=no`). Always recorded, obeyed if feeds.toml says `obey_drafts = true`.

/// Whether `value` (`search=yes, ai-train=no`; `/path search=n`) refuses to be found by search, the one
/// kind of use that showing headlines and excerpts come close to.
pub(super) fn refuses_search(value: &str) -> bool {
    refuses(value, &["search"])
}

/// Whether `value` refuses that a machine makes something of a text: as input of a model, or by any automated use.
pub(super) fn refuses_use(value: &str) -> bool {
    refuses(value, &["ai-input", "ai-use", "ai-output", "ai-inference", "ai-all", "ai", "genai", "bots", "tdm", "all"])
}

/// Whether `value` refuses that a machine learns from a text.
pub(super) fn refuses_training(value: &str) -> bool {
    refuses(value, &["train-ai", "ai-train", "ai-training", "train-genai", "genai-train"])
}

/// Whether `value` says no to one of these kinds of use.
fn refuses(value: &str, kinds: &[&str]) -> bool {
    let parts = value.split([',', ';', ' ']).filter_map(|part| part.split_once('='));
    let mut named = parts.filter(|(name, _)| kinds.iter().any(|kind| name.trim().eq_ignore_ascii_case(kind)));
    named.any(|(_, is)| matches!(is.trim().trim_matches('"').to_ascii_lowercase().as_str(), "n" | "no" | "?0" | "0"))
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
