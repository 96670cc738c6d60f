//! TEMPORARY: stands in for helpers of `crate::text` that are built at the same time. To be deleted:
//! `borrowed::sanitize` → `text::sanitize`, `borrowed::plain_text` → `text::plain_text`,
//! `borrowed::without_tracking` → `text::without_tracking`, `borrowed::unwrap_redirect` → `text::unwrap_redirect`.

use url::Url;

pub(super) fn sanitize(html: &str, base: Option<&Url>) -> String {
    let tags = "a abbr b blockquote br code dd del dl dt em figcaption figure h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q s samp small strong sub sup table tbody td tfoot th thead time tr u ul var";
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(tags.split(' ').collect())
        .tag_attributes([("a", ["href", "title"].into()), ("img", ["src", "alt"].into())].into())
        .clean_content_tags(
            "script style noscript iframe object embed svg math template title textarea xmp noembed noframes plaintext"
                .split(' ')
                .collect(),
        )
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("noopener noreferrer nofollow"));
    if let Some(base) = base {
        builder.url_relative(ammonia::UrlRelative::RewriteWithBase(base.clone()));
    }
    builder.clean(html).to_string()
}

pub(super) fn plain_text(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('>').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ").replace("&amp;", "&")
}

pub(super) fn without_tracking(url: &Url) -> Url {
    url.clone()
}

pub(super) fn unwrap_redirect(_url: &Url) -> Option<Url> {
    None
}
