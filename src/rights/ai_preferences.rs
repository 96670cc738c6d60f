//! Drafts that name kinds of use: AIPREF `Content-Usage` (`search=n`) and Cloudflare's `Content-Signal`
//! (`search=no`). Always recorded, obeyed if feeds.toml says `obey_drafts = true`.

/// Whether `value` (`search=yes, ai-train=no`; `/path search=n`) refuses to be found by search, the one
/// kind of use that showing headlines and excerpts come close to.
pub(super) fn refuses_search(value: &str) -> bool {
    refuses(value, &["search"])
}

/// Whether `value` refuses that a machine makes something of a text: as input of a model, or by any automated use.
pub(super) fn refuses_use(value: &str) -> bool {
    const USES: [&str; 11] = [
        "ai-input",
        "ai-use",
        "ai-output",
        "ai-inference",
        "ai-summarize",
        "ai-all",
        "ai",
        "genai",
        "bots",
        "tdm",
        "all",
    ];
    refuses(value, &USES)
}

/// Whether `value` refuses that a machine learns from a text.
pub(super) fn refuses_training(value: &str) -> bool {
    refuses(value, &["train-ai", "ai-train", "ai-training", "train-genai", "genai-train"])
}

/// Whether `value` says no to one of these kinds of use.
fn refuses(value: &str, kinds: &[&str]) -> bool {
    // As in `/path ai-input = no`: a sign belongs to the words around it.
    let value = value.split('=').map(str::trim).collect::<Vec<_>>().join("=");
    let parts = value.split([',', ';', ' ', '\t']).filter_map(|part| part.split_once('='));
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
        for refused in ["search = no", "/blog/ search =n", "train-ai=y, search= ?0", "ai-train = yes; search\t=\tno"] {
            assert!(refuses_search(refused), "{refused}");
        }
        for open in [
            "",
            "search = yes, ai-train = no",
            "search=y ai-train =no",
            "=no",
            "search=yes, ai-train=no",
            "search=y",
            "train-ai=n",
            "research=no",
            "search",
        ] {
            assert!(!refuses_search(open), "{open}");
        }
    }

    #[test]
    fn each_word_against_use_or_training_counts() {
        for refused in ["ai-use=n", "ai-summarize = no", "search=yes, AI-Input = No", "/news/ bots =n", "tdm=0"] {
            assert!(refuses_use(refused) && !refuses_training(refused), "{refused}");
        }
        for refused in ["train-ai=n", "search=y, train-genai = n", "ai-train= no", "genai-train=?0"] {
            assert!(refuses_training(refused) && !refuses_use(refused), "{refused}");
        }
        for open in ["ai-use=y", "ai-summarize = yes", "train-genai=y", "ai-input, search=no"] {
            assert!(!refuses_use(open) && !refuses_training(open), "{open}");
        }
    }
}
