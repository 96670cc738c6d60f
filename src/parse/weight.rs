//! How much memory the entries of one document may take: a few bytes of a document become a hundred in memory, and a
//! hostile one is made of nothing else.

use std::mem::size_of;

use super::document::{Category, Content, Fields, Link, MOST_ENTRIES, Media, Post};
use crate::model::{Markup, Person, Signal};

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
    let Fields { title, summary, rights, contents, links, authors, contributors, publishers, .. } = fields;
    let markup = |text: &Option<Markup>| text.as_ref().map_or(0, |text| text.raw().len());
    let people = [authors, contributors, publishers].map(|people| of_parts::<Person>(people.capacity()));
    let texts: usize = contents.iter().map(|content| content.value.raw().len()).sum();
    let addresses = [&fields.licenses, &fields.images].map(|list| of_parts::<String>(list.capacity()));
    let single = [&fields.id, &fields.link, &fields.comments].map(|text| text.as_ref().map_or(0, String::len));
    markup(title)
        + markup(summary)
        + markup(rights)
        + texts
        + of_parts::<Content>(contents.capacity())
        + of_parts::<Link>(links.capacity())
        + of_parts::<Category>(fields.categories.capacity())
        + of_parts::<Media>(fields.enclosures.capacity())
        + of_parts::<Signal>(fields.signals.capacity())
        + people.iter().sum::<usize>()
        + addresses.iter().sum::<usize>()
        + single.iter().sum::<usize>()
        + 3 * SHORT_TEXT
}

/// A list of parts for which there is room for this many.
fn of_parts<T>(room: usize) -> usize {
    room * (size_of::<T>() + TEXTS)
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
    }
}
