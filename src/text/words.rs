//! HTML for somebody who reads only its words: what becomes text, in its place, and nothing else.

use std::borrow::Cow;

use memchr::memmem;

use super::prepare::{Players, pass};
use super::whole::whole;

/// What shows that words are not where the source has them.
const SIGNS: [&str; 9] =
    ["<math", "katex", "math/tex", "<rt", "display", "hidden", "line-through", "</label>", "</button>"];

/// `html` with formulas and readings as text, without what nobody is to see; players leave no link. As it is if there is
/// no sign that it needs this.
pub(crate) fn prepared_words(html: &str) -> Cow<'_, str> {
    if SIGNS.iter().any(|sign| memmem::find(html.as_bytes(), sign.as_bytes()).is_some()) {
        whole(html, |html| pass(html, Players::Unshown))
    } else {
        Cow::Borrowed(html)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_only_words_meets_no_players() {
        let check = |html: &str, want: &str| assert_eq!(prepared_words(html), want, "{html}");
        check("<p style=color:red>a</p><iframe src=x></iframe>", "<p style=color:red>a</p><iframe src=x></iframe>");
        check(
            "<math><mi>x</mi></math><lite-youtube videoid=abc12345678></lite-youtube><video src=v.mp4></video>",
            "x<lite-youtube videoid=abc12345678></lite-youtube><video src=v.mp4></video>",
        );
        check("<span style='display:block'>a</span><span style='display: block'>b</span>", "<div>a</div><div>b</div>");
        check("<div style='display:none;max-height:0'>a</div>b", "b");
        check("<ruby>東<rt>とう</rt></ruby>", "<ruby>東<rt>(とう)</rt></ruby>");
    }
}
