//! What is worth knowing about a feeds.toml that is valid.

use url::Url;

use super::settings::FetchConfig;

/// Each a sentence.
pub(super) fn warnings(fetch: &FetchConfig, link: Option<&Url>, contact: Option<&String>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !fetch.allow.is_empty() {
        warnings.push("[fetch] allow lets sources reach addresses that are not public".to_owned());
    }
    if contact.is_none() && fetch.user_agent.is_none() {
        warnings
            .push("no `contact` in feeds.toml: publishers cannot reach you; add contact = \"https://…\"".to_owned());
    }
    if link.is_none() {
        warnings.push(
            "no `link` in feeds.toml: the outputs cannot say where they live; add link = \"https://…/\"".to_owned(),
        );
    }
    warnings
}
