//! What is worth knowing about a feeds.toml that is valid.

use super::settings::Config;

/// Each a sentence.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    let Config { fetch, link, contact, sources, outputs, .. } = config;
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
    for output in outputs.iter().filter(|output| output.story_pages) {
        if let Some(template) = output.template.as_ref().filter(|template| !template.has_story) {
            warnings.push(format!(
                "{} does not use `story`: the pages of the single stories of {} are made with the built-in template; \
                 docs/template.md says what to add, story_pages = false makes none",
                template.path.display(),
                output.file
            ));
        }
    }
    for template in outputs.iter().filter_map(|output| output.template.as_ref()) {
        for line in &template.unquoted {
            let warning = format!(
                "line {line} of {} prints something in a tag outside of quotes, where what a feed says becomes attributes: \
                 write quotes around {{{{ … }}}}",
                template.path.display()
            );
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    for source in sources {
        if let Some(part) = source.secret_in_address() {
            warnings.push(format!(
                "the address of `{}` (line {}) seems to hold a secret (`{part}`): it is kept out of the public outputs; \
                 keep it out of feeds.toml too, with url = \"env:NAME\" or with headers",
                source.id, source.line
            ));
        }
    }
    warnings
}
