//! Who wrote an entry: itself, the feed that it was taken from, or the feed that it stands in says so.

use url::Url;

use super::document::Fields;
use super::limits::AUTHORS_BYTES;
use super::plain::text_of;
use crate::model::Person;
use crate::text::{is_blank, plain_text, web_url, without_directions};

/// Who wrote an entry of the feed at `head`: those that the entry names, else those of the feed that it was taken from
/// (RFC 4287, section 4.2.1), else those of this feed.
pub(super) fn authors(entry: &Fields, source: Option<&Fields>, head: &Fields, base: Option<&Url>) -> Vec<Person> {
    let feed = source.filter(|source| !is_one_feed(source, head, base)).unwrap_or(head);
    let named = [&entry.authors, &feed.authors, &feed.publishers].into_iter().find(|of| !of.is_empty());
    let mut seen: Vec<Person> = Vec::new();
    let mut bytes = 0;
    for author in named.into_iter().flatten() {
        let tidy = |text: &Option<String>| text.as_deref().map(plain_text).filter(|text| !is_blank(text));
        let uri = author.uri.as_deref().and_then(|uri| web_url(uri, base)).map(String::from);
        let name = tidy(&author.name).map(|name| without_directions(&name));
        let person = Person { name, email: tidy(&author.email), uri };
        let known = seen.iter().any(|known| known.name.is_some() && known.name == person.name);
        let texts = [&person.name, &person.email, &person.uri];
        bytes += texts.into_iter().flatten().map(String::len).sum::<usize>();
        if bytes > AUTHORS_BYTES {
            break;
        }
        if person != Person::default() && !known {
            seen.push(person);
        }
    }
    seen
}

/// Whether the feed that an entry names as its source is the one that it stands in.
fn is_one_feed(source: &Fields, head: &Fields, base: Option<&Url>) -> bool {
    let addresses = |of: &Fields| -> Vec<Url> {
        let selves = of.links.iter().filter(|link| link.rel == "self").filter_map(|link| link.href.as_deref());
        let written = selves.chain(of.link.as_deref()).chain(of.id.as_deref());
        written.filter_map(|address| web_url(address, base)).collect()
    };
    let title = |of: &Fields| of.title.as_ref().map(text_of);
    let (named, mut own) = (addresses(source), addresses(head));
    own.extend(base.cloned());
    named.is_empty() || named.iter().any(|address| own.contains(address)) || title(source) == title(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Markup;

    #[test]
    fn a_planet_wrote_nothing_and_a_feed_that_names_itself_did() {
        let person = |name: &str| vec![Person { name: Some(name.to_owned()), email: None, uri: None }];
        let feed = |title: &str, link: &str| Fields {
            title: Some(Markup::Text(title.to_owned())),
            link: Some(link.to_owned()),
            ..Fields::default()
        };
        let head = Fields { authors: person("Planet"), ..feed("Planet", "https://planet.example/") };
        let by = |entry: &Fields, source: Option<Fields>| {
            let found = authors(entry, source.as_ref(), &head, None);
            found.into_iter().filter_map(|author| author.name).collect::<Vec<_>>()
        };
        let nobody = Fields::default();
        let outlet = || feed("Alpha", "https://alpha.example/");
        assert_eq!(by(&nobody, None), ["Planet"]);
        assert_eq!(by(&nobody, Some(outlet())), [""; 0]);
        assert_eq!(by(&nobody, Some(Fields { publishers: person("Alpha House"), ..outlet() })), ["Alpha House"]);
        assert_eq!(by(&nobody, Some(Fields { authors: person("Bea"), ..outlet() })), ["Bea"]);
        assert_eq!(by(&Fields { authors: person("Ann"), ..Fields::default() }, Some(outlet())), ["Ann"]);
        assert_eq!(by(&Fields { authors: person("\u{202E}nnA\u{202C}"), ..Fields::default() }, None), ["nnA"]);
        assert_eq!(by(&Fields { authors: person("\u{200B}"), ..Fields::default() }, None), [""; 0]);
        assert_eq!(by(&nobody, Some(feed("Planet (all)", "https://planet.example/"))), ["Planet"], "by its address");
        assert_eq!(by(&nobody, Some(feed("Planet", "https://planet.example/feed"))), ["Planet"], "by its name");
        assert_eq!(by(&nobody, Some(Fields { link: None, ..feed("A name", "") })), ["Planet"], "a bare name");
    }
}
