//! How single values are written: dates, addresses, ids, names.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use url::Url;

use crate::model::{Attribution, Channel, Item, Source, SourceRef, TITLE_JOINT};
use crate::publish::addresses::has_secret;
use crate::publish::plain_line::closed;
use crate::text::{owner_of, without_illegal_xml};

/// The id of an item in every format: `tag:HOST,YEAR:s/ID` (RFC 4151).
pub(crate) fn item_id(tag_base: &str, item: &Item) -> String {
    format!("{tag_base}s/{}", item.story)
}

/// `Mon, 23 Nov 2026 21:34:26 GMT`: RFC 822 with a four-digit year and the zone that every validator accepts.
pub(super) fn rfc822(time: Timestamp) -> String {
    // Only years before 0 or after 9999 cannot be written; no such date gets into an item.
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
}

/// `2026-11-23T21:34:26Z`: RFC 3339, whole seconds, UTC.
pub(crate) fn full_date(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

/// `23 Nov 2026`, UTC: the date as people read it.
pub(crate) fn short_date(time: Timestamp) -> String {
    time.strftime("%-d %b %Y").to_string()
}

/// An address that RFC 3986 accepts as it is: what `Url` leaves bare (`|`, `^`, `[` in a query, a lone
/// `%`) is percent-encoded.
pub(crate) fn uri(url: &Url) -> String {
    let text = url.as_str();
    let after_host = url[..url::Position::BeforePath].len();
    let (head, tail) = text.split_at(after_host);
    let mut out = String::with_capacity(text.len());
    out.push_str(head);
    let fragment = tail.find('#').unwrap_or(tail.len());
    for (at, byte) in tail.bytes().enumerate() {
        let fits = byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte) || at == fragment || {
            byte == b'%' && tail.as_bytes()[at + 1..].iter().take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2
        };
        if fits {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The address that stands for an outlet in public: its feed, without user info, if that or no home page is on the
/// domain of `article`; else its home page, else the host of `article`.
pub(crate) fn public_address(source: &SourceRef, article: &Url) -> Url {
    let is_at_home = |url: &Url| owner_of(url) == owner_of(article);
    let site = source.site.clone();
    if let Some(feed) = source.feed_url.as_ref().and_then(public_feed) {
        // A feed that a service serves does not vouch for an article; the home page behind it does.
        let is_served = !is_at_home(&feed) && site.as_ref().is_some_and(is_at_home);
        return site.filter(|_| is_served).unwrap_or(feed);
    }
    site.unwrap_or_else(|| {
        let mut origin = article.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        origin
    })
}

/// `feed` as it may be shown: http(s), without the user name and password that may be in it; `None` if a key to
/// it is a part of the address.
pub(super) fn public_feed(feed: &Url) -> Option<Url> {
    if !matches!(feed.scheme(), "http" | "https") {
        return None;
    }
    let mut feed = feed.clone();
    // Both fail only if an address has no host, which http(s) addresses have.
    let _ = feed.set_username("");
    let _ = feed.set_password(None);
    feed.set_fragment(None);
    (!has_secret(&feed)).then_some(feed)
}

/// The home page of a source as it may be shown.
pub(super) fn public_site(source: &Source) -> Option<&Url> {
    source.site.as_ref().filter(|site| matches!(site.scheme(), "http" | "https") && !has_secret(site))
}

/// Whose words an item is: [`creator`] of what leads it, or, where a machine wrote it, `after Jane Doe (Ars Technica)`.
pub(super) fn author_of(item: &Item) -> String {
    let lead = item.lead();
    let Some(rewritten) = &item.rewritten else { return creator(lead) };
    let outlet = lead.source.shown();
    without_mail_addresses(&match &lead.author {
        Some(author) => format!("{} {author} ({outlet})", rewritten.after),
        None => format!("{} {outlet}", rewritten.after),
    })
}

/// `Ars Technica (Jane Doe)`, or the outlet alone: a reader shows it beside the title, and cuts it at its end.
fn creator(credit: &Attribution) -> String {
    match &credit.author {
        Some(author) => without_mail_addresses(&format!("{} ({author})", credit.source.shown())),
        None => without_mail_addresses(&credit.source.shown()),
    }
}

/// The text with `jane at a.example` for `jane@a.example`: readers look for addresses in names, to take them apart, and
/// some fail at what stands beside them.
fn without_mail_addresses(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_before = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c));
        let is_after =
            text[at..].strip_prefix('@').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
        if is_before && is_after { written.push_str(" at ") } else { written.push(c) }
    }
    written
}

/// The text of a link to the article of another outlet: the outlet, then the title.
pub(super) fn link_title(credit: &Attribution) -> String {
    format!("{}{TITLE_JOINT}{}", credit.source.shown(), closed(&credit.title))
}

/// Whether two addresses without tracking parameters are forms of one: `http` or `https`, with or without
/// `www.`, a last slash, or a fragment.
pub(crate) fn is_same_page(a: &Url, b: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    host(a) == host(b) && path(a) == path(b) && a.query() == b.query() && a.port() == b.port()
}

/// Plain text → HTML that shows it: `&`, `<`, `>` and quotes become references, illegal characters are removed.
pub(crate) fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in without_illegal_xml(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The address of `file` once it is public; `None` if the channel has no address.
pub(super) fn address_of(channel: &Channel, file: &str) -> Option<Url> {
    address_under(channel.link.as_ref()?, file)
}

/// The address of `file` if the outputs are public under `link`.
pub(in crate::publish) fn address_under(link: &Url, file: &str) -> Option<Url> {
    let mut address = link.clone();
    // Not `Url::join`: a file called `a:b.xml` would be taken for an address with a scheme.
    address.path_segments_mut().ok()?.pop_if_empty().extend(file.split('/'));
    Some(address)
}

/// The home page that the channel names. RSS requires one, so a channel without a public address names
/// the authority of its ids.
pub(super) fn home_of(channel: &Channel) -> String {
    match &channel.link {
        Some(link) => uri(link),
        None => {
            let authority = channel.tag_base.strip_prefix("tag:").and_then(|rest| rest.split(',').next());
            format!("https://{}/", authority.unwrap_or("localhost"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_mail_address() {
        let check = |name: &str, want: &str| assert_eq!(without_mail_addresses(name), want);
        check("Jane <jane@a.example>", "Jane <jane at a.example>");
        check("«jane@a.example»", "«jane at a.example»");
        check("@jane of a@", "@jane of a@");
    }

    #[test]
    fn an_address_becomes_one_that_rfc_3986_takes() {
        let check = |url: &str, want: &str| assert_eq!(uri(&Url::parse(url).unwrap()), want);
        check("https://e.org/a b?q=ü|x", "https://e.org/a%20b?q=%C3%BC%7Cx");
        check("https://e.org/100%?a[]=1&b={2}^`", "https://e.org/100%25?a%5B%5D=1&b=%7B2%7D%5E%60");
        check("https://e.org/%C3%BC?x=%2f#a'b", "https://e.org/%C3%BC?x=%2f#a'b");
        check("https://e.org/#a#b", "https://e.org/#a%23b");
        check("http://[::1]:8080/x", "http://[::1]:8080/x");
        check("https://bücher.example/", "https://xn--bcher-kva.example/");
    }

    proptest::proptest! {
        /// Whoever copies a published address finds the entry by it: to take it down, or after the database was lost.
        #[test]
        fn a_published_address_has_the_key_of_the_entrys(tail in "(/|\\?|#|#!/|&|=|%|%25|%2|%zz|%c3|%41|\\||\\[|\\^|'|a|é| |;){0,12}") {
            let url = Url::parse(&format!("https://e.org/{tail}")).unwrap();
            let published = Url::parse(&uri(&url)).unwrap();
            proptest::prop_assert_eq!(crate::text::canonical(&published), crate::text::canonical(&url));
        }
    }

    #[test]
    fn forms_of_one_address_lead_to_one_page() {
        let same = |a: &str, b: &str| is_same_page(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        let page = "https://e.org/a/b?p=1";
        for form in ["http://e.org/a/b?p=1", "https://www.e.org/a/b/?p=1", "https://e.org/a/b?p=1#c", page] {
            assert!(same(page, form), "{form}");
        }
        for other in ["https://e.org/a/b", "https://e.org/a/b?p=2", "https://e.org/a?p=1", "https://m.org/a/b?p=1"] {
            assert!(!same(page, other), "{other}");
        }
    }

    #[test]
    fn dates_are_gmt_and_whole_seconds() {
        let time: Timestamp = "2026-11-03T04:05:06.789Z".parse().unwrap();
        assert_eq!(rfc822(time), "Tue, 03 Nov 2026 04:05:06 GMT");
        assert_eq!(full_date(time), "2026-11-03T04:05:06Z");
        assert_eq!(short_date(time), "3 Nov 2026");
    }

    #[test]
    fn a_password_in_a_feed_address_stays_at_home() {
        let shown = public_feed(&Url::parse("https://me:secret@e.org/feed?x=1").unwrap());
        assert_eq!(shown.unwrap().as_str(), "https://e.org/feed?x=1");
        assert_eq!(public_feed(&Url::parse("file:///home/me/feed.xml").unwrap()), None);
    }
}
