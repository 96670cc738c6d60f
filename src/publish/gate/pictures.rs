//! Which pictures a page may show where its readers are promised that it asks nobody else for them.

use crate::config::PICTURE_FOLDER;
use crate::publish::copied_pictures::hash_in;
use crate::publish::rendered::Pictures;
use crate::text::PageElement;

/// What in `element` shows a picture that a page under `rule` may not, in words; `None`: nothing.
pub(super) fn strange_picture(element: &PageElement, rule: Pictures) -> Option<String> {
    if !matches!(element.name.as_str(), "img" | "source" | "image") {
        return None;
    }
    let is_fine = |address: &str| match rule {
        Pictures::Any => true,
        Pictures::OfSite => is_data(address) || is_of_site(address),
        Pictures::Copies => is_data(address) || is_copy(address),
    };
    let addresses = element.attributes.iter().filter(|(key, _)| matches!(key.as_str(), "src" | "href" | "xlink:href"));
    let of_set = element.attribute("srcset").into_iter().flat_map(|set| set.split(','));
    let of_set = of_set.filter_map(|candidate| candidate.split_ascii_whitespace().next());
    let strange = addresses.map(|(_, value)| value.trim()).chain(of_set).find(|address| !is_fine(address))?;
    Some(format!("the picture {strange}"))
}

fn is_data(address: &str) -> bool {
    address.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}

/// Whether an address has neither a scheme nor a host: browsers read a backslash as a slash, and leave out line breaks.
fn is_of_site(address: &str) -> bool {
    let is_other = |c: char| matches!(c, ':' | '\\') || c.is_control();
    !address.starts_with("//") && !address.split(['?', '#']).next().unwrap_or_default().contains(is_other)
}

/// Whether an address is that of a copy, from whatever folder.
fn is_copy(address: &str) -> bool {
    let mut rest = address;
    while let Some(above) = rest.strip_prefix("../") {
        rest = above;
    }
    rest.strip_prefix(PICTURE_FOLDER).and_then(hash_in).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::page_elements;

    fn is_refused(picture: &str, rule: Pictures) -> bool {
        let elements = page_elements(&format!("<!doctype html>{picture}"));
        elements.iter().any(|element| strange_picture(element, rule).is_some())
    }

    #[test]
    fn a_page_of_copies_shows_copies() {
        let copy = format!("pictures/{}.jpg", "ab".repeat(16));
        for fine in [
            format!("<img src=\"{copy}\">"),
            format!("<img src=\"../{copy}\">"),
            format!("<img src=\"../../{copy}\">"),
            "<img src=\"data:image/png;base64,AA\">".to_owned(),
            "<a href=\"https://a.example/x.jpg\">x</a>".to_owned(),
        ] {
            assert!(!is_refused(&fine, Pictures::Copies), "{fine}");
            assert!(!is_refused(&fine, Pictures::OfSite), "{fine}");
        }
        for (strange, is_of_site) in [
            ("<img src=\"https://a.example/x.jpg\">", false),
            ("<img src=\"//a.example/x.jpg\">", false),
            ("<img src=\"\\\\a.example/x.jpg\">", false),
            ("<img src=\"x.jpg\" srcset=\"https://a.example/x.jpg 2x\">", false),
            ("<img src=\"pictures/x.jpg\">", true),
            ("<img src=\"/logo.svg?v=1\">", true),
        ] {
            assert!(is_refused(strange, Pictures::Copies), "{strange}");
            assert_eq!(is_refused(strange, Pictures::OfSite), !is_of_site, "{strange}");
            assert!(!is_refused(strange, Pictures::Any));
        }
    }
}
