//! How much memory the entries of one document may take: a few bytes of a document become a hundred in memory, and a
//! hostile one is made of nothing else.

use std::mem::size_of;

use super::document::{Fields, Link, MOST_ENTRIES, Post};
use crate::model::{Markup, Person};

/// Entries of a document together, in bytes; as much again as it is long where it is longer.
const MOST_BYTES: usize = 20 * 1024 * 1024;
/// What a short text costs beside its letters.
const SHORT_TEXT: usize = 32;
/// Most texts of a part of an entry that are usually there: an address and what it is.
const TEXTS: usize = 2 * SHORT_TEXT;

/// What the entries so far take.
#[derive(Debug)]
pub(super) struct Weight {
    entries: usize,
    bytes: usize,
    most_bytes: usize,
    is_full: bool,
}

impl Weight {
    /// For a document of `length` bytes.
    pub(super) fn of_document(length: usize) -> Self {
        Self { entries: 0, bytes: 0, most_bytes: MOST_BYTES.max(2 * length), is_full: false }
    }

    pub(super) fn add(&mut self, post: &Post) {
        self.entries += 1;
        self.bytes += size_of::<Post>() + of_fields(&post.fields) + post.source.as_deref().map_or(0, of_fields);
        self.is_full = self.entries >= MOST_ENTRIES || self.bytes >= self.most_bytes;
    }

    /// Whether no more entries are read.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }
}

fn of_fields(fields: &Fields) -> usize {
    let Fields { title, summary, rights, contents, authors, contributors, publishers, .. } = fields;
    let markup = |text: &Option<Markup>| text.as_ref().map_or(0, |text| text.raw().len());
    let people = [authors, contributors, publishers].map(|people| of_parts(people, of_person));
    let texts: usize = contents.iter().map(|content| content.value.raw().len()).sum();
    let addresses = [&fields.licenses, &fields.images, &fields.small_images].map(|list| of_parts(list, String::len));
    let single = [&fields.id, &fields.id_as_written, &fields.link, &fields.original_link, &fields.comments];
    markup(title)
        + markup(summary)
        + markup(rights)
        + texts
        + of_parts(contents, |content| of_text(&content.src))
        + of_parts(&fields.links, of_link)
        + of_parts(&fields.categories, |category| {
            of_text(&category.term) + of_text(&category.scheme) + of_text(&category.label)
        })
        + of_parts(&fields.enclosures, |media| media.url.len() + of_text(&media.media_type) + of_text(&media.length))
        + of_parts(&fields.signals, |signal| signal.value.len())
        + people.iter().sum::<usize>()
        + addresses.iter().sum::<usize>()
        + single.into_iter().map(of_text).sum::<usize>()
        + 3 * SHORT_TEXT
}

fn of_person(person: &Person) -> usize {
    of_text(&person.name) + of_text(&person.email) + of_text(&person.uri)
}

fn of_link(link: &Link) -> usize {
    let media_type = link.media_type.as_ref().map_or(0, |media_type| media_type.len());
    let texts = [&link.href, &link.title, &link.hreflang, &link.length];
    media_type + link.rel.len() + texts.into_iter().map(of_text).sum::<usize>()
}

fn of_text(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

/// A list of parts with the room that it has for more; what their texts are longer than usual counts too.
fn of_parts<T>(parts: &Vec<T>, of_texts: impl Fn(&T) -> usize) -> usize {
    let longer: usize = parts.iter().map(|part| of_texts(part).saturating_sub(TEXTS)).sum();
    parts.capacity() * (size_of::<T>() + TEXTS) + longer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_entries_are_read_by_the_thousand_and_laden_ones_are_not() {
        let fits = |post: &Post, length: usize| {
            let mut weight = Weight::of_document(length);
            while !weight.is_full() {
                weight.add(post);
            }
            weight.entries
        };
        let text = |bytes| Some(Markup::Text("x".repeat(bytes)));
        let plain =
            Post { fields: Fields { title: text(60), summary: text(2_000), ..Fields::default() }, ..Post::default() };
        assert!(fits(&plain, 10 * 1024 * 1024) > 5_000, "{}", fits(&plain, 10 * 1024 * 1024));
        let links = vec![Link::default(); 200];
        let laden = Post { fields: Fields { links, ..Fields::default() }, ..Post::default() };
        assert!(fits(&laden, 10 * 1024 * 1024) < 1_000, "{}", fits(&laden, 10 * 1024 * 1024));
        assert!(fits(&plain, 100 * 1024 * 1024) > fits(&plain, 1024));
        assert_eq!(fits(&Post::default(), 1 << 30), MOST_ENTRIES);
        // The same links, each as long as the base it was resolved against.
        let far = Link { href: Some("x".repeat(2_048)), ..Link::default() };
        let resolved = Post { fields: Fields { links: vec![far; 200], ..Fields::default() }, ..Post::default() };
        assert!(fits(&resolved, 10 * 1024 * 1024) < 60, "{}", fits(&resolved, 10 * 1024 * 1024));
    }
}
