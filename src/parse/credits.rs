//! Whom an entry credits by its own account: the feed it was taken from, and the outlets of an item that another
//! feedloom instance wove.

use jiff::Timestamp;
use url::Url;

use super::document::{Fields, Post};
use super::limits;
use super::plain::{text_of, text_within};
use crate::model::{GivenCredits, Markup, NamedOutlet, NamedPage, OUR_CLASS, TITLE_JOINT, Via};
use crate::text::{anchors, escape_into, plain_text, web_url};

/// Outlets or discussions of one item that are kept.
const MOST: usize = 60;
/// The entry as the leading article.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead<'a> {
    pub(super) url: &'a Url,
    pub(super) title: &'a str,
    pub(super) published: Option<Timestamp>,
}

/// Whether `generator` is the one we write.
pub(super) fn is_ours(generator: &str) -> bool {
    generator.trim() == "feedloom"
}

/// The feed that an entry was taken from, with the home page behind it.
pub(super) fn via(source: &Fields) -> Option<Via> {
    let title = source.title.as_ref().map(|title| text_within(title, limits::PLAIN_TITLE_BYTES));
    let title = title.filter(|title| !title.is_empty());
    let by_rel = |rel: &str| {
        let link = source.links.iter().find(|link| link.rel == rel).and_then(|link| link.href.as_deref());
        link.and_then(|link| web_url(link, None))
    };
    let page = source.link.as_deref().and_then(|url| web_url(url, None));
    let site = by_rel("alternate").or_else(|| page.clone());
    let url = by_rel("self").or(page);
    (title.is_some() || url.is_some()).then_some(Via { title, url, site })
}

/// What another feedloom instance added to an item.
#[derive(Debug)]
pub(super) struct Woven {
    given: Option<Box<GivenCredits>>,
    /// Its author slot: `The Outlet (Jane Doe)`.
    slot: Option<String>,
}

impl Woven {
    /// Takes it out of `post`. What a machine wrote there is not the outlet's: of that its own title alone is left, and
    /// what else has to be said of a text stays in front of it.
    pub(super) fn take(post: &mut Post) -> Self {
        let slot = post.fields.authors.first().and_then(|person| person.name.clone());
        if let Some(title) = &mut post.fields.title {
            without_guards(title);
        }
        if let Some(title) = post.source.as_mut().and_then(|source| source.title.as_mut()) {
            without_guards(title);
        }
        let ours = without_our_lines(&mut post.fields);
        let given = post.credits.take();
        if let Some(notice) = notice(&ours) {
            let named = post.source.as_ref().and_then(|source| source.title.as_ref()).map(text_of);
            let outlet = given.as_ref().and_then(|given| given.outlets.first()?.name.clone()).or(named);
            match slot.as_deref().zip(outlet) {
                Some((slot, outlet)) if !slot.starts_with(&outlet) => as_the_original(&mut post.fields, &ours),
                _ => say_first(&mut post.fields, &notice),
            }
        }
        Self { given, slot }
    }

    /// Whom the item credits.
    pub(super) fn credits(self, post: &Post, lead: &Lead<'_>) -> Box<GivenCredits> {
        self.given.unwrap_or_else(|| Box::new(of_links(post, lead, self.slot.as_deref())))
    }
}

/// The credits of an item in XML: the outlet that its `source` names, those of its related links, the discussions.
fn of_links(post: &Post, lead: &Lead<'_>, slot: Option<&str>) -> GivenCredits {
    let named = post.source.as_deref().and_then(via);
    let shown = named.as_ref().and_then(|named| named.title.clone());
    let (name, host) = parted(shown.clone(), lead.url);
    let first = NamedOutlet {
        author: slot.and_then(|slot| author_of(slot, shown.as_deref())),
        name,
        host,
        feed: named.as_ref().and_then(|named| named.url.clone()),
        site: named.and_then(|named| named.site),
        url: lead.url.clone(),
        title: Some(lead.title.to_owned()),
        published: lead.published,
        via: None,
    };
    let by_rel = |rel: &'static str| post.fields.links.iter().filter(move |link| link.rel == rel).take(MOST);
    let others = by_rel("related").filter_map(|link| {
        let url = web_url(link.href.as_deref()?, None)?;
        let (name, title) = link.title.as_deref()?.split_once(TITLE_JOINT)?;
        let (name, host) = parted(Some(unguarded(name)), &url);
        let title = Some(unguarded(title));
        Some(NamedOutlet { name, host, feed: None, site: None, url, title, author: None, published: None, via: None })
    });
    let outlets = std::iter::once(first).chain(others).collect();
    let discussions = by_rel("replies").filter_map(|link| {
        Some(NamedPage { url: web_url(link.href.as_deref()?, None)?, name: unguarded(link.title.as_deref()?) })
    });
    let discussions = discussions.collect();
    GivenCredits { outlets, discussions }
}

/// What we write behind a `<` or `&` of a text that some readers would take for markup.
const GUARD: char = '\u{200B}';

/// A text as it was before we wrote it where it may be taken for markup: it is none.
fn unguarded(text: &str) -> String {
    let plain = text.replace(&format!("<{GUARD}")[..], "<").replace(&format!("&{GUARD}")[..], "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// [`unguarded`] of a text that we guarded.
fn without_guards(value: &mut Markup) {
    if ["<\u{200B}", "&\u{200B}"].iter().any(|guarded| value.raw().contains(guarded)) {
        *value = Markup::Text(unguarded(value.raw()));
    }
}

/// `Name (host)` as name and host, if it is the host of `url`.
pub(super) fn parted(name: Option<String>, url: &Url) -> (Option<String>, Option<String>) {
    let host = url.host_str().map(|host| host.trim_start_matches("www."));
    let split = name.as_deref().zip(host).and_then(|(name, host)| {
        let bare = name.strip_suffix(&format!(" ({host})"))?;
        Some((bare.to_owned(), host.to_owned()))
    });
    match split {
        Some((name, host)) => (Some(name), Some(host)),
        None => (name, None),
    }
}

/// `Jane Doe` from `The Outlet (Jane Doe)`.
fn author_of(slot: &str, outlet: Option<&str>) -> Option<String> {
    let author = slot.strip_prefix(outlet?)?.strip_prefix(" (")?.strip_suffix(')')?;
    Some(author.to_owned()).filter(|author| !author.is_empty())
}

/// Takes what we added out of the texts of an item, so that only the outlet's own words are left, and our author slot,
/// which names the outlet, and the link to a discussion, which stands among ours with its name. Returns our parts.
fn without_our_lines(fields: &mut Fields) -> String {
    fields.authors.clear();
    if fields.links.iter().any(|link| link.rel == "replies") {
        fields.comments = None;
    }
    let mut ours = String::new();
    let mut is_all_ours = false;
    for content in &mut fields.contents {
        if let Markup::Html(html) = &mut content.value {
            let (rest, taken) = parts(html);
            *html = rest;
            is_all_ours = html.is_empty() && !taken.is_empty();
            ours = taken;
        }
    }
    // The plain form of the body accompanies the HTML and has the same text.
    if fields.contents.iter().any(|content| matches!(content.value, Markup::Html(_))) {
        fields.contents.retain(|content| matches!(content.value, Markup::Html(_)));
    }
    // If there is no excerpt, the description is our line, written in another way.
    let lines = plain_text(&ours);
    if is_all_ours || fields.summary.as_ref().is_some_and(|summary| lines.contains(text_of(summary).trim())) {
        fields.summary = None;
    }
    ours
}

/// What has to be said of the text of an item: that it is paid for, or a machine's.
fn notice(ours: &str) -> Option<String> {
    let start = format!("<p class=\"{OUR_CLASS}\"><em>");
    let inside = ours.lines().find_map(|part| part.strip_prefix(&start)?.strip_suffix("</em></p>"))?;
    Some(plain_text(inside)).filter(|notice| !notice.is_empty())
}

/// Leaves the title of the article that a machine wrote after, and nothing of what it wrote.
fn as_the_original(fields: &mut Fields, ours: &str) {
    let links = anchors(ours);
    let article = links.into_iter().rfind(|link| Some(&link.href) == fields.link.as_ref());
    if let Some(article) = article {
        fields.title = Some(Markup::Text(article.text));
    }
    fields.contents.clear();
    fields.summary = None;
}

/// Puts `notice` in front of the texts of an item.
fn say_first(fields: &mut Fields, notice: &str) {
    for content in &mut fields.contents {
        if let Markup::Html(html) = &mut content.value {
            let mut escaped = String::new();
            escape_into(notice, &mut escaped);
            *html = format!("<p><em>{escaped}</em></p>\n{html}");
        }
    }
    if let Some(summary) = &mut fields.summary {
        *summary = Markup::Text(format!("{notice} – {}", text_of(summary)));
    }
}

/// A body without our parts, and our parts.
fn parts(html: &str) -> (String, String) {
    let (mut rest, mut ours) = (String::with_capacity(html.len()), String::new());
    let mut left = html;
    let mark = format!("class=\"{OUR_CLASS}\">");
    while let Some(at) = left.find(&mark) {
        let start = left[..at].rfind('<').unwrap_or(at);
        let name: String = left[start + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let close = format!("</{name}>");
        let end = left[at..].find(&close).map_or(left.len(), |end| at + end + close.len());
        rest.push_str(&left[..start]);
        ours.push_str(&left[start..end]);
        ours.push('\n');
        left = &left[end..];
    }
    rest.push_str(left);
    (rest.trim().to_owned(), ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_parts_are_told_from_the_outlets_text() {
        let html = "<p class=\"feedloom\"><em>Ad</em></p>\n<p>Text <b>it</b> is.</p>\n<div class=\"feedloom\"><p>Also \
                    covered by:</p><ul><li>x</li></ul></div>\n<p class=\"feedloom\">Here</p>";
        let (rest, ours) = parts(html);
        assert_eq!(rest, "<p>Text <b>it</b> is.</p>");
        assert_eq!(plain_text(&ours), "Ad Also covered by: x Here");
        assert_eq!(parts("<p>None</p>").0, "<p>None</p>");
    }

    #[test]
    fn the_author_slot_names_the_outlet_first() {
        assert_eq!(author_of("The Paper (Jane Doe)", Some("The Paper")).as_deref(), Some("Jane Doe"));
        assert_eq!(author_of("The Paper (a.example) (J)", Some("The Paper (a.example)")).as_deref(), Some("J"));
        assert_eq!(author_of("The Paper", Some("The Paper")), None);
        assert_eq!(author_of("Jane Doe", None), None);
    }

    #[test]
    fn a_host_beside_the_name_is_parted_from_it() {
        let url: Url = "https://www.b.example/1".parse().unwrap();
        let of = |name: &str| parted(Some(name.to_owned()), &url);
        assert_eq!(of("A (b.example)"), (Some("A".to_owned()), Some("b.example".to_owned())));
        assert_eq!(of("A (c.example)"), (Some("A (c.example)".to_owned()), None));
    }
}
