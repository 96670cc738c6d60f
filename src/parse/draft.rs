//! A feed, an entry or a source while it is being read: values with the rank of where they came from.

use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::document::{Category, Content, Fields, Link, Media};
use super::names::Tag;
use crate::model::{Markup, Person, Signal};

/// Values of one kind that are kept; a hostile entry may have a million.
const MOST: usize = 200;
/// A picture with fewer pixels is an icon: 100 in both directions.
const SMALL_PIXELS: u64 = 100 * 100;
/// Links of one feed or entry that are kept.
const MOST_LINKS: usize = 500;

/// Signals of one feed or entry that are kept: their meaning is decided anew at each publish.
const MOST_SIGNALS: usize = 20;

/// Where a value came from: the smaller, the better. Depth comes first: a deeper value never replaces
/// a nearer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(usize);

impl Rank {
    const NONE: Self = Self(usize::MAX);
    /// Values of one depth.
    const STEPS: usize = 8;
    /// The step of `media:description` among summaries.
    const CAPTION: usize = 4;

    fn is_caption(self) -> bool {
        self.0 % Self::STEPS == Self::CAPTION
    }
}

/// A picture of Media RSS.
#[derive(Debug)]
pub(super) struct MediaPicture {
    pub(super) url: String,
    /// It represents the entry.
    pub(super) is_default: bool,
    /// Width by height in pixels, 0 if not given.
    pub(super) size: u64,
}

/// An id as read.
#[derive(Debug)]
pub(super) struct Id {
    /// Resolved if it is an address.
    pub(super) resolved: String,
    /// As written.
    pub(super) written: String,
    /// It says that it is the entry's address.
    pub(super) is_permalink: bool,
}

/// [`Fields`] with ranks.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) fields: Fields,
    /// Height of the stack at its own element.
    pub(super) depth: usize,
    title: Rank,
    summary: Rank,
    link: Rank,
    id: Rank,
    published: Rank,
    updated: Rank,
    created: Rank,
    /// `dc:date`: the last change in RSS 1.0and, for want of a better one, also the first publication.
    dc_date: Option<Timestamp>,
    /// How many of the contents are `content:encoded`.
    encoded: usize,
    /// Media files of Media RSS, which come after enclosures.
    media: Vec<Media>,
    /// Pictures of Media RSS, and thumbnails, which come after them.
    pictures: Vec<MediaPicture>,
    thumbnails: Vec<MediaPicture>,
}

impl Draft {
    pub(super) fn new(depth: usize, base: Option<&Arc<Url>>) -> Self {
        Self {
            fields: Fields { base: base.cloned(), ..Fields::default() },
            depth,
            title: Rank::NONE,
            summary: Rank::NONE,
            link: Rank::NONE,
            id: Rank::NONE,
            published: Rank::NONE,
            updated: Rank::NONE,
            created: Rank::NONE,
            dc_date: None,
            encoded: 0,
            media: Vec::new(),
            pictures: Vec::new(),
            thumbnails: Vec::new(),
        }
    }

    /// What was read, tidied: enclosures before media files, pictures before thumbnails, the default before larger ones,
    /// and those before smaller ones; no person or value twice.
    pub(super) fn finish(mut self) -> Fields {
        for mut pictures in [std::mem::take(&mut self.pictures), std::mem::take(&mut self.thumbnails)] {
            pictures.sort_by_key(|picture| std::cmp::Reverse((picture.is_default, picture.size)));
            let is_small = |picture: &MediaPicture| (1..SMALL_PIXELS).contains(&picture.size);
            let (small, large): (Vec<_>, Vec<_>) = pictures.into_iter().partition(is_small);
            large.into_iter().for_each(|picture| self.image(picture.url));
            self.fields.small_images.extend(small.into_iter().map(|picture| picture.url));
        }
        for media in self.media {
            if !self.fields.enclosures.iter().any(|known| known.url == media.url) {
                self.fields.enclosures.push(media);
            }
        }
        let written = self.fields.id_as_written.as_ref().or(self.fields.id.as_ref());
        // A permalink by name only (`12345`) is not an address, whatever it resolves to.
        let is_path = written.is_some_and(|id| id.contains('/'));
        let is_web = |id: &String| id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
        if self.fields.link.is_none()
            && self.fields.id_is_permalink
            && is_path
            && self.fields.id.as_ref().is_some_and(is_web)
        {
            self.fields.link = self.fields.id.clone();
        }
        self.fields.published = self.fields.published.or(self.dc_date);
        self.fields
    }

    fn rank(&self, depth: usize, order: usize) -> Rank {
        Rank(depth.saturating_sub(self.depth) * Rank::STEPS + order)
    }

    /// The first title of the best rank stays.
    pub(super) fn title(&mut self, tag: Tag, depth: usize, value: Markup) {
        let rank = self.rank(
            depth,
            match tag {
                Tag::Title => 0,
                Tag::DcTitle => 1,
                _ => 2,
            },
        );
        if rank < self.title {
            self.title = rank;
            self.fields.title = Some(value);
        }
    }

    /// The first summary of the best rank stays; a second one that is its equal, or longer, is taken for
    /// the content.
    pub(super) fn summary(&mut self, tag: Tag, depth: usize, value: Markup) {
        let rank = self.rank(
            depth,
            match tag {
                Tag::Description | Tag::Summary | Tag::Subtitle => 0,
                Tag::Abstract => 1,
                Tag::DcDescription => 2,
                Tag::ItunesSummary => 3,
                Tag::MediaDescription => Rank::CAPTION,
                _ => 5,
            },
        );
        let equal = rank == self.summary;
        let (spare, spare_rank) = if rank < self.summary {
            (self.fields.summary.replace(value), std::mem::replace(&mut self.summary, rank))
        } else {
            (Some(value), rank)
        };
        // What describes a picture or a film is not the content beside a description.
        let Some(spare) = spare.filter(|_| equal || !spare_rank.is_caption()) else { return };
        let kept = self.fields.summary.as_ref();
        let other = kept.is_none_or(|kept| if equal { kept != &spare } else { kept.raw().len() < spare.raw().len() });
        if other && self.fields.contents.is_empty() {
            let media_type = media_type(&spare).into();
            self.fields.contents.push(Content { value: spare, media_type, src: None });
        }
    }

    /// `content:encoded` comes before other contents.
    pub(super) fn content(&mut self, tag: Tag, content: Content) {
        if self.fields.contents.len() >= MOST {
            return;
        }
        if tag == Tag::Encoded {
            self.fields.contents.insert(self.encoded, content);
            self.encoded += 1;
        } else {
            self.fields.contents.push(content);
        }
    }

    /// The last page of the best depth stays, as in feedparser.
    pub(super) fn page(&mut self, depth: usize, href: String) {
        let rank = self.rank(depth, 0);
        if rank <= self.link {
            self.link = rank;
            self.fields.link = Some(href);
        }
    }

    /// The last id of the best depth stays; `rdf:about` gives way to every other.
    pub(super) fn id(&mut self, depth: usize, id: Id) {
        let Id { resolved, written, is_permalink } = id;
        let rank = self.rank(depth, 0);
        if rank <= self.id {
            self.id = rank;
            self.fields.id_as_written = (resolved != written).then_some(written);
            self.fields.id = Some(resolved);
            self.fields.id_is_permalink = is_permalink;
        }
    }

    /// `rdf:about` of the element.
    pub(super) fn about(&mut self, id: String) {
        self.fields.id = Some(id);
    }

    pub(super) fn date(&mut self, tag: Tag, depth: usize, at: Timestamp) {
        let rank = self.rank(depth, 0);
        if tag == Tag::DcDate {
            self.dc_date = Some(at);
        }
        let (known, slot) = match tag {
            Tag::Published => (&mut self.published, &mut self.fields.published),
            Tag::Created => (&mut self.created, &mut self.fields.created),
            _ => (&mut self.updated, &mut self.fields.updated),
        };
        if rank <= *known {
            *known = rank;
            *slot = Some(at);
        }
    }

    pub(super) fn link(&mut self, link: Link) {
        if self.fields.links.len() < MOST_LINKS {
            self.fields.links.push(link);
        }
    }

    pub(super) fn category(&mut self, category: Category) {
        let empty = category.term.is_none() && category.scheme.is_none() && category.label.is_none();
        if !empty {
            add(&mut self.fields.categories, category);
        }
    }

    pub(super) fn enclosure(&mut self, media: Media) {
        if self.fields.enclosures.len() < MOST {
            self.fields.enclosures.push(media);
        }
    }

    pub(super) fn media(&mut self, media: Media) {
        if self.media.len() < MOST {
            self.media.push(media);
        }
    }

    pub(super) fn image(&mut self, url: String) {
        if !url.is_empty() {
            add(&mut self.fields.images, url);
        }
    }

    /// The channel's own picture, which comes before others.
    pub(super) fn own_image(&mut self, url: String) {
        let known = &mut self.fields.images;
        if !known.contains(&url) {
            known.insert(0, url);
            known.truncate(MOST);
        }
    }

    pub(super) fn picture(&mut self, picture: MediaPicture) {
        if self.pictures.len() < MOST {
            self.pictures.push(picture);
        }
    }

    pub(super) fn thumbnail(&mut self, thumbnail: MediaPicture) {
        if self.thumbnails.len() < MOST {
            self.thumbnails.push(thumbnail);
        }
    }

    pub(super) fn license(&mut self, url: String) {
        if !url.is_empty() {
            add(&mut self.fields.licenses, url);
        }
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        let known = &mut self.fields.signals;
        if !signal.value.is_empty() && known.len() < MOST_SIGNALS && !known.contains(&signal) {
            known.push(signal);
        }
    }

    pub(super) fn person(&mut self, role: Role, person: Person) {
        let known = match role {
            Role::Author => &mut self.fields.authors,
            Role::Contributor => &mut self.fields.contributors,
            Role::Publisher => &mut self.fields.publishers,
        };
        if person != Person::default() {
            add(known, person);
        }
    }
}

/// Adds `value` to those that are known, unless it is one of them or there are enough.
pub(super) fn add<T: PartialEq>(known: &mut Vec<T>, value: T) {
    if known.len() < MOST && !known.contains(&value) {
        known.push(value);
    }
}

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Author,
    Contributor,
    Publisher,
}

/// The media type of a text without one of its own.
pub(super) fn media_type(value: &Markup) -> &'static str {
    match value {
        Markup::Text(_) => "text/plain",
        Markup::Html(_) => "text/html",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_fills_in_only_for_a_missing_description() {
        let text = |text: &str| Markup::Text(text.to_owned());
        let long = "A long caption of the film.";
        let read = |texts: &[(Tag, usize, &str)]| {
            let mut draft = Draft::new(0, None);
            texts.iter().for_each(|(tag, depth, value)| draft.summary(*tag, *depth, text(value)));
            let fields = draft.finish();
            (fields.summary, fields.contents.len())
        };
        let (caption, description) = ((Tag::MediaDescription, 2, long), (Tag::Description, 1, "Short."));
        assert_eq!(read(&[caption, description]), (Some(text("Short.")), 0));
        assert_eq!(read(&[description, caption]), (Some(text("Short.")), 0));
        assert_eq!(read(&[caption]), (Some(text(long)), 0));
        assert_eq!(read(&[description, (Tag::ItunesSummary, 1, long)]), (Some(text("Short.")), 1));
    }

    #[test]
    fn pictures_of_its_own_come_first_and_are_bounded_too() {
        let mut draft = Draft::new(0, None);
        draft.image("a".to_owned());
        (0..100_000).for_each(|n| draft.own_image(n.to_string()));
        draft.own_image("99999".to_owned());
        assert_eq!((draft.fields.images.len(), &*draft.fields.images[0]), (MOST, "99999"));
    }
}
