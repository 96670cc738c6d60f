//! HTML as read → HTML that may be published.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use memchr::memmem;
use url::Url;

use super::address::web_url;
use super::attrs::Attrs;
use super::complexity::{HtmlLimits, is_harmless};
use super::html::{plain_text, tag_end};
use super::{entities, prepare, reshape, resolve};

const TAGS: [&str; 47] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
];

/// Elements removed together with their content.
const GONE: [&str; 15] = [
    "script",
    "style",
    "noscript",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "template",
    "title",
    "textarea",
    "xmp",
    "noembed",
    "noframes",
    "plaintext",
];

/// Elements shown to somebody who inspects a feed, beyond [`TAGS`]: as harmless, but not for publication.
const SHOWN: [&str; 42] = [
    "acronym", "address", "area", "article", "aside", "audio", "big", "button", "caption", "center", "cite", "col",
    "colgroup", "details", "dfn", "dialog", "dir", "div", "fieldset", "font", "footer", "form", "h1", "header",
    "input", "label", "legend", "map", "menu", "nav", "optgroup", "option", "section", "select", "source", "span",
    "strike", "summary", "textarea", "tt", "video", "ruby",
];

/// Attributes shown on any element to somebody who inspects a feed.
const SHOWN_ATTRIBUTES: [&str; 60] = [
    "abbr",
    "accept",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "char",
    "charoff",
    "charset",
    "checked",
    "cite",
    "class",
    "clear",
    "cols",
    "colspan",
    "color",
    "compact",
    "controls",
    "coords",
    "datetime",
    "dir",
    "disabled",
    "face",
    "for",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "ismap",
    "label",
    "lang",
    "maxlength",
    "media",
    "multiple",
    "name",
    "nohref",
    "noshade",
    "nowrap",
    "poster",
    "rel",
    "rows",
    "rowspan",
    "rules",
    "scope",
    "selected",
    "shape",
    "size",
    "span",
    "src",
    "title",
    "type",
    "valign",
    "width",
];

static FOR_PUBLICATION: LazyLock<Builder<'static>> = LazyLock::new(|| for_publication(harmless));

fn for_publication(filter: AttributeFilter) -> Builder<'static> {
    let attributes: HashMap<&str, HashSet<&str>> = [
        ("a", vec!["href", "title"]),
        ("li", vec!["value"]),
        ("abbr", vec!["title"]),
        ("acronym", vec!["title"]),
        ("ol", vec!["start", "reversed"]),
        ("img", vec!["src", "alt", "title", "width", "height"]),
        ("td", vec!["colspan", "rowspan"]),
        ("th", vec!["colspan", "rowspan"]),
        ("time", vec!["datetime"]),
    ]
    .into_iter()
    .map(|(tag, names)| (tag, names.into_iter().collect()))
    .collect();
    let gone: Vec<&str> = GONE.into_iter().filter(|name| *name != "noscript").collect();
    let others = reshape::LOOSE.into_iter().chain(reshape::RENAMED.into_iter().map(|(name, _)| name));
    let mut builder = cleaner(TAGS.into_iter().chain(others).collect(), &gone, filter);
    builder.generic_attributes(["dir"].into_iter().collect());
    builder.tag_attributes(attributes).link_rel(Some(REL));
    builder
}

/// The same for text with links that somebody paid for, which go on saying so (`rel="sponsored"`); [`with_rel`] adds the rest.
static FOR_PUBLICATION_SPONSORED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = for_publication(harmless_or_sponsored);
    builder.link_rel(None).add_tag_attributes("a", ["rel"]);
    builder
});

const SPONSORED: &str = "sponsored";

static FOR_INSPECTION: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let gone: Vec<&str> = GONE.into_iter().filter(|name| !SHOWN.contains(name)).collect();
    let mut builder = cleaner(TAGS.into_iter().chain(SHOWN).collect(), &gone, harmless);
    builder.generic_attributes(SHOWN_ATTRIBUTES.into_iter().collect()).link_rel(None);
    builder
});

/// What becomes of an attribute: element, name and value → the value that stays.
type AttributeFilter = for<'v> fn(&str, &str, &'v str) -> Option<Cow<'v, str>>;

fn cleaner(tags: HashSet<&'static str>, gone: &[&'static str], filter: AttributeFilter) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .clean_content_tags(gone.iter().copied().collect())
        .url_schemes(["http", "https", "mailto"].into_iter().collect())
        .url_relative(UrlRelative::Deny)
        .attribute_filter(filter);
    builder
}

/// An attribute with a value that does no harm.
fn harmless<'v>(element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let fits = match name {
        "href" | "src" => !has_user(value),
        // ammonia checks the schemes of `href` and `src` only.
        "cite" | "poster" => web_url(value, None).is_some(),
        "dir" => {
            let known = ["ltr", "rtl", "auto"].into_iter().find(|known| value.trim().eq_ignore_ascii_case(known));
            return known.map(Cow::Borrowed);
        }
        "start" => value.parse::<i32>().is_ok(),
        "value" => element != "li" || value.parse::<i32>().is_ok(),
        _ => true,
    };
    fits.then(|| value.into())
}

/// The same; of what a link says of itself, only that it was paid for.
fn harmless_or_sponsored<'v>(element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    if name != "rel" {
        return harmless(element, name, value);
    }
    value.split_whitespace().any(|word| word.eq_ignore_ascii_case(SPONSORED)).then(|| SPONSORED.into())
}

/// Cleaned HTML with `rel` at every link, as ammonia writes it; what was paid for keeps its mark.
fn with_rel(html: &str) -> String {
    let own = format!(" rel=\"{SPONSORED}\"");
    let mut out = String::with_capacity(html.len() + 64);
    let mut rest = html;
    let next =
        |rest: &str| rest.match_indices("<a").map(|(at, _)| at).find(|at| rest[at + 2..].starts_with([' ', '>']));
    while let Some(at) = next(rest) {
        let end = tag_end(rest.as_bytes(), at + 2).min(rest.len());
        let tag = &rest[at..end];
        let mark = if tag.contains(&own) { " sponsored" } else { "" };
        out.push_str(&rest[..at]);
        out.push_str(&tag.replace(&own, ""));
        out.push_str(&format!(" rel=\"{REL}{mark}\""));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

const REL: &str = "noopener noreferrer nofollow";

/// `html` cleaned for publication: known elements and attributes only, addresses http(s) or mailto and resolved against
/// `base`, those within the page too; no scripts, no tracking pixels. What is dropped leaves its meaning: players a
/// link, blocks a paragraph or a break, formulas and emoji their text. HTML that is too complex is reduced to its text.
#[must_use]
pub fn sanitize(html: &str, base: Option<&Url>) -> String {
    let html = if html.len() > HtmlLimits::ITEM.bytes { Cow::Borrowed(html) } else { prepare::prepared(html) };
    let resolved = |html: String| resolve::html_with_places(html, base);
    let is_sponsored = memmem::find(html.as_bytes(), &SPONSORED.as_bytes()[1..]).is_some();
    let cleaned = if is_sponsored {
        cleaned(&html, resolved, &FOR_PUBLICATION_SPONSORED).map(|html| with_rel(&html))
    } else {
        cleaned(&html, resolved, &FOR_PUBLICATION)
    };
    cleaned.map_or_else(|text| text, |html| reshape::reshaped(without_pixels(html)))
}

/// `html` as harmless as after [`sanitize`], but with more of it left, for somebody who wants to see what
/// a feed holds.
#[must_use]
pub fn sanitize_to_inspect(html: &str, base: Option<&Url>) -> String {
    cleaned(html, |html| resolve::html(html, base), &FOR_INSPECTION).unwrap_or_else(|text| text)
}

/// Cleaned HTML; as an error only the text, escaped, if there is no markup or too much.
fn cleaned(html: &str, resolved: impl FnOnce(String) -> String, cleaner: &Builder<'static>) -> Result<String, String> {
    let escaped = |text: &str| {
        let mut out = String::with_capacity(text.len());
        entities::escape_into(text, &mut out);
        out
    };
    if !html.contains(['<', '&']) {
        return Err(escaped(html));
    }
    if !is_harmless(html, &HtmlLimits::ITEM) {
        return Err(escaped(&plain_text(html)));
    }
    Ok(cleaner.clean(&resolved(html.to_owned())).to_string())
}

/// Whether an address names a user, and perhaps a password.
fn has_user(value: &str) -> bool {
    let value = value.trim();
    if value.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        return false;
    }
    Url::parse(value).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// Cleaned HTML without pictures that are not meant to be seen: no address, 1×1 or 0×0, known counters.
fn without_pixels(html: String) -> String {
    let bytes = html.as_bytes();
    let mut out = String::new();
    let mut done = 0;
    for at in memmem::find_iter(bytes, b"<img") {
        let end = (tag_end(bytes, at + 4) + 1).min(bytes.len());
        let mut attrs = Attrs::default();
        attrs.read(&html[at + 4..end - 1]);
        if is_hidden_image(&attrs) && at >= done {
            out.push_str(&html[done..at]);
            done = end;
        }
    }
    if done == 0 {
        return html;
    }
    out.push_str(&html[done..]);
    out
}

/// Whether an image is there to be counted, not to be seen: 1×1 or 0×0, from a tracking host, or
/// from nowhere.
pub(crate) fn is_hidden_image(attrs: &Attrs<'_>) -> bool {
    let tiny = |name: &str| attrs.get(name).is_some_and(|size| matches!(size.trim_end_matches("px"), "0" | "1"));
    (tiny("width") && tiny("height")) || attrs.filled("src").as_deref().is_none_or(is_counter)
}

/// Pictures that only count readers.
pub(crate) fn is_counter(src: &str) -> bool {
    const PARTS: [&str; 14] = [
        "feeds.feedburner.com/~r/",
        "feeds.feedburner.com/~ff/",
        "feedproxy.google.com/~r/",
        ".feedsportal.com/",
        "feedsportal.com/c/",
        "pixel.wp.com/",
        "stats.wordpress.com/b.gif",
        "pixel.quantserve.com/",
        "google-analytics.com/",
        "feeds.wordpress.com/1.0/",
        "b.scorecardresearch.com/",
        "sb.scorecardresearch.com/",
        "/piwik.php?",
        "/matomo.php?",
    ];
    PARTS.iter().any(|part| src.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, want: &str) {
        let base = Url::parse("https://example.org/a/").unwrap();
        assert_eq!(sanitize(html, Some(&base)), want, "{html}");
    }

    #[test]
    fn known_markup_stays() {
        check("<p>a <b>b</b><br>c &amp; d &lt;i&gt;</p>", "<p>a <b>b</b><br>c &amp; d &lt;i&gt;</p>");
        check(
            "<a href=\"b?c=1&amp;d=2\" onclick=x title=t>x</a>",
            "<a href=\"https://example.org/a/b?c=1&amp;d=2\" title=\"t\" rel=\"noopener noreferrer nofollow\">x</a>",
        );
        check(
            "<img src=//h/i.png alt=a width=20 height=10>",
            "<img src=\"https://h/i.png\" alt=\"a\" width=\"20\" height=\"10\">",
        );
        check("plain > text", "plain &gt; text");
    }

    #[test]
    fn a_link_that_was_paid_for_says_so() {
        check(
            "<p><a rel=\"nofollow Sponsored\" href=https://s/ title=\"a > b\">x</a> <a href=https://e/>y</a><abbr>z</abbr><a>w</a>sponsored</p>",
            "<p><a href=\"https://s/\" title=\"a &gt; b\" rel=\"noopener noreferrer nofollow sponsored\">x</a> \
             <a href=\"https://e/\" rel=\"noopener noreferrer nofollow\">y</a><abbr>z</abbr>\
             <a rel=\"noopener noreferrer nofollow\">w</a>sponsored</p>",
        );
        check(
            "<a href=https://u:p@h/ rel=sponsored>x</a><a href=https://h/ rel=onsponsoredx>y</a>",
            "<a rel=\"noopener noreferrer nofollow sponsored\">x</a><a href=\"https://h/\" rel=\"noopener noreferrer nofollow\">y</a>",
        );
    }

    #[test]
    fn what_runs_or_hides_is_gone() {
        check("a<script>x</script><style>p{}</style><svg><a href=x></a></svg>b", "ab");
        check("<a href=javascript:x>x</a>", "<a rel=\"noopener noreferrer nofollow\">x</a>");
        check("<a href=\"java&#10;script:x\">x</a>", "<a rel=\"noopener noreferrer nofollow\">x</a>");
        check("<a href=https://u:p@h/>x</a>", "<a rel=\"noopener noreferrer nofollow\">x</a>");
        check("<div style=x><form><input><h1>t</h1></form></div>", "<h2>t</h2>");
    }

    #[test]
    fn blocks_of_other_names_leave_paragraphs_or_breaks() {
        // Lines of code that are blocks of their own, as Chroma and others mark them up: one break each.
        let line = |text: &str| format!("<span style=\"display:flex;\"><span>{text}\n</span></span>");
        check(
            &format!("<pre><code>{}{}{}</code></pre>", line("fn a() {"), line("  b()"), line("}")),
            "<pre><code>fn a() {\n  b()\n}\n</code></pre>",
        );
        check("<pre><div class=line>a</div>\n<div class=line>b</div></pre>", "<pre>a\nb</pre>");
        check("<pre><div>a</div><div>b</div></pre>", "<pre>a<br>b</pre>");
        check("<div>One ends.</div><div>Two <b>starts</b>.</div>", "<p>One ends.</p><p>Two <b>starts</b>.</p>");
        check("<div>A<section>B<article>C</article></section>D</div>", "<p>A</p><p>B</p><p>C</p><p>D</p>");
        check("Loose<center>middle</center>end", "<p>Loose</p><p>middle</p><p>end</p>");
        check("<ul><li><div>a</div><div>b</div></li><li><div>c</div></li></ul>", "<ul><li>a<br>b</li><li>c</li></ul>");
        check(
            "<table><tr><td><div>a</div>b</td></tr></table>",
            "<table><tbody><tr><td>a<br>b</td></tr></tbody></table>",
        );
        check("<details><summary>More</summary><p>Text</p></details>", "<p>More</p><p>Text</p>");
        check("<h1>Head</h1>text", "<h2>Head</h2>text");
        check("<dl><dt><div>a</div></dt><dd><div>b</div><div>c</div></dd></dl>", "<dl><dt>a</dt><dd>b<br>c</dd></dl>");
        check("<address>Rue 1<br>Paris</address>x", "<p>Rue 1<br>Paris</p><p>x</p>");
        check("<div><p>a</p> <p>b</p></div>", "<p>a</p> <p>b</p>");
        check("<div><img src=//h/i.png></div>", "<p><img src=\"https://h/i.png\"></p>");
        check(
            "<a href=//h/x><div>a</div><div>b</div></a>",
            "<a href=\"https://h/x\" rel=\"noopener noreferrer nofollow\"><p>a</p><p>b</p></a>",
        );
        check(
            "<table><caption>T</caption><tr><td>1</td></tr></table>",
            "<p>T</p><table><tbody><tr><td>1</td></tr></tbody></table>",
        );
        check("<b><div>a</div><div>c</div></b>", "<b><p>a</p><p>c</p></b>");
    }

    #[test]
    fn sense_stays() {
        check("<strike>a</strike><del>b</del><tt>c</tt>", "<s>a</s><del>b</del><code>c</code>");
        check("<ol start=3 reversed><li value=10>a</ol>", "<ol start=\"3\" reversed=\"\"><li value=\"10\">a</li></ol>");
        check("<ol start=x><li value=1e9>a</ol>", "<ol><li>a</li></ol>");
        check("<p dir=rtl onclick=x>a</p><div dir=rtl>b</div>", "<p dir=\"rtl\">a</p><p dir=\"rtl\">b</p>");
        check(
            "<p>x<a href=#fn1>1</a></p>",
            "<p>x<a href=\"https://example.org/a/#fn1\" rel=\"noopener noreferrer nofollow\">1</a></p>",
        );
        check("x <math><mi>a</mi><mo>&lt;</mo><mi>b</mi></math>", "x a&lt;b");
        check(
            "<video src=v.mp4>none</video>",
            "<p><a href=\"https://example.org/a/v.mp4\" rel=\"noopener noreferrer nofollow\">Video</a></p>",
        );
    }

    /// T66: pixels and beacons.
    #[test]
    fn counting_pixels_are_gone() {
        check("a<img src=https://h/i width=1 height=1>b<img src=https://h/i width=0px height=0>c<img>d", "abcd");
        check("<img src=\"http://feeds.feedburner.com/~r/x/~4/y\"><img src=\"https://pixel.wp.com/b.gif?x\">x", "x");
    }

    #[test]
    fn html_that_is_too_complex_gives_its_text() {
        let html = "<p><b title=i>x &lt;".repeat(4_000);
        let got = sanitize(&html, None);
        assert!(!got.contains('<') && got.starts_with("x &lt; x"));
    }

    #[test]
    fn directions_stay_wherever_they_were_said() {
        check("<div dir=rtl><p>a</p><p dir=ltr>b</p></div>", "<p dir=\"rtl\">a</p><p dir=\"ltr\">b</p>");
        check(
            "<div dir=rtl><ul><li>a</li></ul><blockquote>b</blockquote></div>",
            "<ul dir=\"rtl\"><li>a</li></ul><blockquote dir=\"rtl\">b</blockquote>",
        );
        check("<p style='direction: rtl'>a</p>", "<p dir=\"rtl\">a</p>");
        check("<p>x <span dir=RTL>a<b>b</b>c</span> y</p>", "<p>x <bdi dir=\"rtl\">a<b>b</b>c</bdi> y</p>");
        check("<p>x <span style='direction: rtl'>abc</span> y</p>", "<p>x <bdi dir=\"rtl\">abc</bdi> y</p>");
        check("<p>x <span dir=x>abc</span> y</p>", "<p>x abc y</p>");
        check("<html><body dir=rtl><p>a</p></body></html>", "<p dir=\"rtl\">a</p>");
        check("<html dir=rtl><head></head><body><p>a</p></body></html>", "<p dir=\"rtl\">a</p>");
        check("<body dir=rtl><p>a</p>", "<p dir=\"rtl\">a</p>");
        check("<p>x <bdo dir=RTL>abc</bdo> <bdi>y</bdi></p>", "<p>x <bdo dir=\"rtl\">abc</bdo> <bdi>y</bdi></p>");
        check("<p dir=sideways>a</p>", "<p>a</p>");
    }

    #[test]
    fn what_only_a_style_says_is_said() {
        check("<p style='text-decoration:line-through'>Wrong.</p><p>Right.</p>", "<p><s>Wrong.</s></p><p>Right.</p>");
        check("<b style='text-decoration: line-through'>100</b> 80", "<b><s>100</s></b> 80");
        check("<font style='text-decoration-line:line-through'>100</font> 80", "<s>100</s> 80");
        check(
            "<span style='display:block'>One ends.</span><span style='display:block'>Two starts.</span>",
            "<p>One ends.</p><p>Two starts.</p>",
        );
        check("<acronym title='as one word'>a</acronym>", "<abbr title=\"as one word\">a</abbr>");
    }

    #[test]
    fn an_object_that_plays_nothing_shows_what_it_holds() {
        check("<object data=p.pdf type=application/pdf><p>Get <b>it</b>.</p></object>", "<p>Get <b>it</b>.</p>");
        check("<object data=x.swf><object data=y.swf>no</object></object>z", "noz");
    }
}
