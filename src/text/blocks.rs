//! HTML → the plain text of its paragraphs: a linear scan, no tree.

use memchr::{memchr, memmem};

use super::html::{inside_of, is_inline, lower_name, plain_text, tag_end};

/// A paragraph: its HTML, and its plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    pub(crate) html: &'a str,
    pub(crate) text: String,
    /// Whether it is an item of a list, or begins one.
    pub(crate) is_item: bool,
}

/// The paragraphs, list items and quotes of `html`, in order, none empty, without headings and what is in figures,
/// tables, code and navigation. Line breaks separate, too. If all that says something is in tables, these only serve
/// layout, as in newsletters, and their cells are paragraphs.
#[must_use]
pub(crate) fn paragraphs(html: &str) -> Vec<Block<'_>> {
    let found = outside(html, is_no_paragraph);
    let may_be_layout = || memchr::memmem::find(html.as_bytes(), b"<t").is_some();
    if may_be_layout() && !found.iter().any(|block| is_prose(&block.text)) {
        let mut cells = outside(html, |name| is_no_paragraph(name) && name != b"table");
        cells.retain(|cell| is_prose(&cell.text));
        if found.is_empty() || !cells.is_empty() {
            return cells;
        }
    }
    found
}

/// Whether a text says something: it is a sentence, or as long as one.
fn is_prose(text: &str) -> bool {
    const LONG_CHARS: usize = 60;
    text.ends_with(['.', '!', '?', '…', '。', '！', '？']) || text.chars().nth(LONG_CHARS).is_some()
}

/// The texts that are in none of the elements that `is_beside` names.
fn outside(html: &str, is_beside: impl Fn(&[u8]) -> bool) -> Vec<Block<'_>> {
    let bytes = html.as_bytes();
    let mut found = Vec::new();
    let mut last_ends = LastEnds { bytes, known: Vec::new() };
    let (mut start, mut at, mut skipped, mut is_item) = (0, 0, 0_usize, false);
    let mut take = |from: usize, to: usize, skipped: usize, is_item| {
        let text = if skipped == 0 { plain_text(&html[from..to]) } else { String::new() };
        if !text.is_empty() {
            found.push(Block { html: &html[from..to], text, is_item });
        }
    };
    while let Some(step) = memchr(b'<', &bytes[at..]) {
        let tag = at + step;
        if bytes[tag..].starts_with(b"<!--") {
            // `<!-->` is a comment, too.
            at = memmem::find(&bytes[tag + 2..], b"-->").map_or(bytes.len(), |end| tag + 2 + end + 3);
            continue;
        }
        let closing = bytes.get(tag + 1) == Some(&b'/');
        let name_start = tag + 1 + usize::from(closing);
        let (name, length) = lower_name(bytes.get(name_start..).unwrap_or_default());
        let name = &name[..length];
        if length == 0 || is_inline(name) || name == b"img" {
            at = tag + 1;
            continue;
        }
        take(start, tag, skipped, is_item);
        is_item = !closing && (name == b"li" || is_item && name == b"p");
        let mut end = (tag_end(bytes, name_start + length) + 1).min(bytes.len());
        if !closing && matches!(name, b"script" | b"style") {
            (_, end) = inside_of(name, bytes, end);
        } else if is_beside(name) {
            skipped = match closing {
                true => skipped.saturating_sub(1),
                false => skipped + usize::from(last_ends.of(name) > end),
            };
        }
        (start, at) = (end, end);
    }
    take(start, bytes.len(), skipped, is_item);
    found
}

/// Where elements end for the last time: one that never ends does not hold back all that follows it.
struct LastEnds<'a> {
    bytes: &'a [u8],
    known: Vec<(Vec<u8>, usize)>,
}

impl LastEnds<'_> {
    /// After the start of the last end tag of `name`; 0 if there is none.
    fn of(&mut self, name: &[u8]) -> usize {
        if let Some((_, end)) = self.known.iter().find(|(known, _)| known == name) {
            return *end;
        }
        let is_its = |at: &usize| {
            let (found, length) = lower_name(&self.bytes[at + 2..]);
            &found[..length] == name
        };
        let end = memmem::rfind_iter(self.bytes, b"</").find(is_its).map_or(0, |at| at + 1);
        self.known.push((name.to_vec(), end));
        end
    }
}

fn is_no_paragraph(name: &[u8]) -> bool {
    matches!(
        name,
        b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"figure"
            | b"figcaption"
            | b"table"
            | b"pre"
            | b"nav"
            | b"aside"
            | b"form"
            | b"button"
            | b"select"
            | b"script"
            | b"style"
            | b"template"
            | b"noscript"
            | b"iframe"
            | b"object"
            | b"svg"
            | b"title"
            | b"textarea"
            | b"math"
            | b"video"
            | b"audio"
            | b"header"
            | b"footer"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_stand_alone() {
        let texts = |html: &str| paragraphs(html).into_iter().map(|block| block.text).collect::<Vec<_>>();
        let check = |html: &str, want: &[&str]| assert_eq!(texts(html), want, "{html}");
        check(
            "<h2>Head</h2><p>One <b>bold</b> &amp; two.</p>\n<figure><img src=x alt='a>b'><figcaption>Photo: X</figcaption>\
             </figure><ul><li>a<li>b</ul>tail",
            &["One bold & two.", "a", "b", "tail"],
        );
        let items = paragraphs("a<ul><li>b</li><li><p>c</p>d<li>e</ul>f").into_iter().map(|block| block.is_item);
        assert_eq!(items.collect::<Vec<_>>(), [false, true, true, false, true, false]);
        check("no markup", &["no markup"]);
        check("a<br>b", &["a", "b"]);
        check("<script>if (a<b) {}</script>c", &["c"]);
        check("<figure><b>open", &["open"]);
        check("<form><p>a</p><video src=x><p>b</p><h2>c</h2>", &["a", "b"]);
        check("<form>a<form>b</form>c", &[]);
        check("<script>a", &[]);
        check("<head><title>Page</title></head><p>a</p>", &["a"]);
        check("a<!-- <p>b</p> -->c<!-- <p>d", &["ac"]);
        check("<p>I <3 feeds.</p><p>5 <6 <7</p>", &["I <3 feeds.", "5 <6 <7"]);
        check("</figure><p>a", &["a"]);
        check("1 < 2 <", &["1 < 2 <"]);
        check("<p><img src='x'>text</p>", &["text"]);
        check("<table><tr><td>One.</td></tr><tr><td><p>Two.</p></td></tr></table>", &["One.", "Two."]);
        check("<table><tr><td>submitted by <a href=x>/u/y</a></td></tr></table>", &[]);
        check("<p>a</p><table><tr><td>1</td></tr></table>", &["a"]);
        check("<div>Letter 4</div><table><tr><td><h1>Head</h1>It is here.</td></tr></table>", &["It is here."]);
        check("<p>It is here.</p><table><tr><td>Each costs ten.</td></tr></table>", &["It is here."]);
        check("<p>Prices</p><table><tr><td>A</td><td>10</td></tr></table>", &["Prices"]);
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|p|figure|h2| |'|\"|&|é|x){0,40}") {
            proptest::prop_assert!(paragraphs(&html).iter().all(|block| !block.text.is_empty()));
        }
    }
}
