//! The text of an item as a page shows it: no pictures, headings below the story's own.

/// `html` (serialised by our sanitiser) for a page: each picture is replaced by its description, as the
/// page loads nothing from other hosts, which would reveal who reads it; headings are set below the
/// story's own, which is of `level`, without leaving out a level.
pub(super) fn for_page(html: &str, level: usize) -> String {
    below_the_story(&without_empty_links(&without_images(html)), level)
}

fn without_images(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<img") {
        out.push_str(&rest[..at]);
        let tag = &rest[at..at + tag_length(&rest[at..])];
        if let Some(alt) = attribute(tag, "alt").filter(|alt| !alt.trim().is_empty()) {
            // Still escaped as it was in the attribute, which may contain a bare `<`.
            out.push_str(&format!("[{}]", alt.replace('<', "&lt;").replace('>', "&gt;")));
        }
        rest = &rest[at + tag.len()..];
    }
    out.push_str(rest);
    out
}

/// A link around nothing but spaces, or a picture without a description, leads nowhere that a reader could name.
fn without_empty_links(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<a ") {
        out.push_str(&rest[..at]);
        let tag = &rest[at..at + tag_length(&rest[at..])];
        let behind = &rest[at + tag.len()..];
        rest = match after_spaces(behind).strip_prefix("</a>") {
            Some(after) => after,
            None => {
                out.push_str(tag);
                behind
            }
        };
    }
    out.push_str(rest);
    out
}

/// `html` without the spaces at its start, including those that a serialiser writes by name.
fn after_spaces(html: &str) -> &str {
    let mut rest = html.trim_start();
    while let Some(behind) = rest.strip_prefix("&nbsp;") {
        rest = behind.trim_start();
    }
    rest
}

fn below_the_story(html: &str, story_level: usize) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<u8> = Vec::new();
    let mut level = story_level;
    let mut rest = html;
    while let Some(at) = rest.find("<h").into_iter().chain(rest.find("</h")).min() {
        let name = at + rest[at..].find('h').unwrap_or(1);
        let digit = rest.as_bytes().get(name + 1).copied().filter(|digit| (b'1'..=b'6').contains(digit));
        let ends = rest.as_bytes().get(name + 2).is_some_and(|next| matches!(next, b'>' | b' '));
        let Some(digit) = digit.filter(|_| ends) else {
            out.push_str(&rest[..=name]);
            rest = &rest[name + 1..];
            continue;
        };
        if rest[at..].starts_with("<h") {
            open.retain(|above| *above < digit);
            open.push(digit);
            level = (story_level + open.len()).min(6);
        }
        out.push_str(&rest[..=name]);
        out.push_str(&level.to_string());
        rest = &rest[name + 2..];
    }
    out.push_str(rest);
    out
}

/// Length in bytes of the tag at the start of `html`; a `>` inside quotes does not end it.
fn tag_length(html: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}

/// The value, as written, of an attribute that a serialiser wrote: always in double quotes.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_become_their_description() {
        let check = |html, want: &str| assert_eq!(without_images(html), want);
        check("<p>a<img src=\"https://e.org/x.png\" alt=\"a > b &amp; <c\">z</p>", "<p>a[a &gt; b &amp; &lt;c]z</p>");
        check("<img src=\"https://e.org/x.png\">", "");
        check("<img alt=\"\" src=\"x\"><img alt=\"two\" src=\"y\">", "[two]");
        check("<p>no picture</p>", "<p>no picture</p>");
        check("cut <img alt=\"x", "cut [x]");
    }

    #[test]
    fn a_link_around_a_nameless_picture_or_spaces_goes_with_it() {
        let check = |html, want: &str| assert_eq!(for_page(html, 3), want);
        check("<p>a <a href=\"x\"> <img src=\"y\"> </a>b</p>", "<p>a b</p>");
        check(
            "<p>a<a href=\"x\">&nbsp; &nbsp;</a>b</p><a href=\"y\">&nbsp;c</a>",
            "<p>ab</p><a href=\"y\">&nbsp;c</a>",
        );
        check("<a href=\"x\"><img alt=\"z\" src=\"y\"></a>", "<a href=\"x\">[z]</a>");
        check("<a href=\"x\">t</a><abbr>u</abbr><a title=\"</a>\"></a>", "<a href=\"x\">t</a><abbr>u</abbr>");
    }

    #[test]
    fn headings_follow_the_storys_own_without_a_gap() {
        let check = |html, want: &str| assert_eq!(for_page(html, 3), want);
        check("<h1>a</h1><h4 dir=\"rtl\">b</h4><h2>c</h2>", "<h4>a</h4><h5 dir=\"rtl\">b</h5><h5>c</h5>");
        check("<h2>a</h2><p>x</p><h2>b</h2><h3>c</h3>", "<h4>a</h4><p>x</p><h4>b</h4><h5>c</h5>");
        check("<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4>", "<h4>1</h4><h5>2</h5><h6>3</h6><h6>4</h6>");
        check("<hr><p>h1 &lt;h2&gt;</p><h3>z</h3>", "<hr><p>h1 &lt;h2&gt;</p><h4>z</h4>");
        assert_eq!(for_page("<h1>a</h1><h3>b</h3>", 1), "<h2>a</h2><h3>b</h3>");
    }
}
