//! What on a page could do more than be read: whoever wrote its template, no text of a feed may become active in it.

use crate::text::PageElement;

/// Elements that run, load or send something.
const ELEMENTS: [&str; 11] =
    ["script", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "base", "portal", "fencedframe"];
/// Attributes that send, or hold a page of their own.
const ATTRIBUTES: [&str; 4] = ["action", "formaction", "ping", "srcdoc"];
/// Attributes that are a single address.
const ADDRESSES: [&str; 9] =
    ["href", "src", "data", "poster", "background", "cite", "longdesc", "manifest", "codebase"];
/// Elements of SVG that change an attribute of another one.
const ANIMATIONS: [&str; 3] = ["animate", "set", "animatetransform"];

/// What in `element` is active, in words; `None`: nothing.
pub(super) fn active_part(element: &PageElement) -> Option<String> {
    let name = element.name.as_str();
    if ELEMENTS.contains(&name) {
        return Some(format!("<{name}"));
    }
    let changes = |what: &str| what.eq_ignore_ascii_case("href") || what.to_ascii_lowercase().starts_with("on");
    if ANIMATIONS.contains(&name)
        && element.attribute("attributename").is_some_and(|what| changes(what.rsplit(':').next().unwrap_or(what)))
    {
        return Some(format!("<{name}> of an address"));
    }
    if name == "meta" && element.attribute("http-equiv").is_some_and(|what| what.trim().eq_ignore_ascii_case("refresh"))
    {
        let content = element.attribute("content").unwrap_or_default();
        let only_waits = content.trim().bytes().all(|byte| byte.is_ascii_digit());
        return (!only_waits).then(|| "a refresh that leads elsewhere".to_owned());
    }
    element.attributes.iter().find_map(|(key, value)| {
        let is_active = key.starts_with("on")
            || ATTRIBUTES.contains(&key.as_str())
            || (ADDRESSES.contains(&key.as_str()) && !is_harmless(name, value));
        is_active.then(|| format!("<{name} {key}>"))
    })
}

/// Whether following or loading an address can do no more than that: it is relative, or of a harmless scheme.
fn is_harmless(element: &str, address: &str) -> bool {
    // As browsers do (WHATWG URL): tabs and line breaks are removed wherever they are.
    let address: String = address.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let address = address.trim_start_matches(|c: char| c <= ' ').to_ascii_lowercase();
    let Some((scheme, rest)) = address.split_once(':') else { return true };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    match scheme {
        _ if !is_scheme => true,
        "http" | "https" | "mailto" => true,
        "data" => matches!(element, "img" | "link" | "source") && rest.starts_with("image/"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::page_elements;

    fn is_active(body: &str) -> bool {
        page_elements(&format!("<!doctype html>{body}")).iter().any(|element| active_part(element).is_some())
    }

    #[test]
    fn whatever_runs_sends_or_leads_elsewhere_is_active() {
        for body in [
            "<SCRIPT>x</SCRIPT>",
            "<p title=x onmouseover=alert(1)>",
            "<img src=x OnError=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" \u{1}java\tscript\n:alert(1)\">x</a>",
            "<a href=\"JaVaScRiPt&colon;alert(1)\">x</a>",
            "<a href=vbscript:x>x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<img src=\"data:text/html,x\">",
            "<svg><a xlink:href=\"javascript:alert(1)\"><text>z</text></a></svg>",
            "<svg><a><animate attributeName=href values=javascript:alert(1)></a></svg>",
            "<svg><set attributeName=xlink:href to=javascript:x></svg>",
            "<button formaction=\"https://a.example/\">x</button>",
            "<form action=/x></form>",
            "<iframe srcdoc=x></iframe>",
            "<base href=\"https://a.example/\">",
            "<meta http-equiv=refresh content=\"0;url=https://a.example/\">",
            "<meta HTTP-EQUIV=\" Refresh\" content=\"0;url=javascript:x\">",
            "<math><mi xlink:href=\"javascript:x\">x</mi></math>",
            "<table background=\"javascript:x\">",
        ] {
            assert!(is_active(body), "{body}");
        }
    }

    #[test]
    fn what_only_shows_something_is_not() {
        for body in [
            "<p title=\"x onmouseover=alert(1)\">text with &lt;script&gt; in it",
            "<a href=\"https://a.example/?javascript:x\">x</a><a href=\"#top\">y</a><a href=\"../feed.xml\">z</a>",
            "<a href=\"a/b:c\">x</a><a href=\"mailto:a@b.example\">x</a><a href=\"?q=a:b\">y</a>",
            "<link rel=icon href=\"data:image/png;base64,AA==\"><meta http-equiv=refresh content=300>",
            "<style>p { color: red }</style><p style=\"color: red\">x",
            "<svg><path d=\"M0 0\"/><animate attributeName=opacity values=\"0;1\"/></svg>",
            "<details open><summary>x</summary></details><time datetime=2026-11-03>x</time>",
        ] {
            assert!(!is_active(body), "{body}");
        }
    }
}
