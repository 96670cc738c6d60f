//! What an item shows on a page, as a number: while it is the same, no page with it has to be made again.

use jiff::Timestamp;

use crate::model::{Again, Attribution, CreditLine, Discussion, Item, SourceRef};
use crate::text::EditHash;

/// Changes with everything of `item` that a page shows, the file of its `picture` with it.
pub(super) fn item_print(item: &Item, picture: Option<&str>) -> i64 {
    let mut print = EditHash::default();
    let Item {
        story, title, published, updated, excerpt, text_html, credit, categories, language, discussions, ..
    } = item;
    let CreditLine { html, is_usual, is_last, .. } = credit;
    [story.as_str(), title, excerpt, text_html, html].into_iter().for_each(|text| print.add(text));
    [published, updated].into_iter().for_each(|time| add_time(&mut print, *time));
    print.add(&format!("{is_usual} {is_last} {} {}", item.coverage.outlets, item.coverage.articles));
    print.add(if item.rewritten.is_some() { "rewritten" } else { "" });
    add_optional(&mut print, language.as_deref());
    add_optional(&mut print, item.disclosure.as_deref());
    add_list(&mut print, categories.iter().map(String::as_str));
    add_list(&mut print, discussions.iter().flat_map(|Discussion { name, url }| [name.as_str(), url.as_str()]));
    print.add(&item.attributions().len().to_string());
    item.attributions().iter().for_each(|credit| add_credit(&mut print, credit));
    picture.into_iter().for_each(|file| print.add(file));
    print.finish()
}

fn add_credit(print: &mut EditHash, credit: &Attribution) {
    let Attribution { title, url, source, author, published, guid, rights, licenses, rsl, rsl_documents, again } =
        credit;
    let SourceRef { id, name, feed_url, site, host, via } = source;
    [title, url.as_str(), id, name, guid].into_iter().for_each(|text| print.add(text));
    add_time(print, *published);
    let address = |url: &Option<url::Url>| url.as_ref().map(|url| url.as_str().to_owned());
    for text in [address(feed_url), address(site), host.clone(), via.clone(), author.clone(), rights.clone()] {
        add_optional(print, text.as_deref());
    }
    add_list(print, licenses.iter().map(url::Url::as_str));
    add_list(print, rsl.iter().map(String::as_str));
    add_list(print, rsl_documents.iter().map(url::Url::as_str));
    match again {
        None => print.add("once"),
        Some(Again { title, url, published }) => {
            [title, url.as_str()].into_iter().for_each(|text| print.add(text));
            add_time(print, *published);
        }
    }
}

fn add_time(print: &mut EditHash, time: Timestamp) {
    print.add(&time.as_second().to_string());
}

fn add_optional(print: &mut EditHash, text: Option<&str>) {
    print.add(if text.is_some() { "some" } else { "none" });
    print.add(text.unwrap_or_default());
}

fn add_list<'a>(print: &mut EditHash, list: impl Iterator<Item = &'a str>) {
    for text in list {
        print.add("more");
        print.add(text);
    }
    print.add("end");
}
