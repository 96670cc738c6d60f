//! What an edit does to an entry's place in a story that it shares: whoever makes something else of an entry takes it out
//! of what others told.

use super::exact::title_key;
use super::features::Features;
use super::prepared::Prepared;
use super::query_vector::QueryVector;
use super::tokenizer::Tokenizer;
use super::tokens::Tokens;
use super::vocabulary::Vocabulary;
use crate::model::Sites;
use crate::store::BeforeEdit;

/// Cosine of a title with what others wrote, from which both are about one subject: they share a rare word.
const ONE_SUBJECT: f32 = 0.08;

/// What the publisher of an entry changed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// Neither its title nor its address, or what it was is not known.
    Within,
    Title,
    /// The address alone; the hash of the one before.
    Address(i64),
    Both,
}

/// What an entry is to its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Lead,
    /// Its article is on its source's own site.
    FollowerAtHome,
    Follower,
}

impl Edit {
    pub(super) fn of(entry: &Prepared, before: Option<&BeforeEdit>) -> Self {
        let Some(before) = before else { return Self::Within };
        let new_title = before.title.as_ref().is_some_and(|title| title_key(title) != title_key(&entry.entry.title));
        match (new_title, before.address != entry.address()) {
            (false, false) => Self::Within,
            (true, false) => Self::Title,
            (false, true) => Self::Address(before.address),
            (true, true) => Self::Both,
        }
    }

    /// Whether it has to be looked at closely.
    pub(super) fn may_leave(self) -> bool {
        self != Self::Within
    }

    /// Whether the entry leaves the story that it shares with `others`: the title is about something else, or it points
    /// from now on to an article elsewhere. Who gives an article of its own another headline and slug, stays. Who was
    /// there as a link to the article of another source, and is that no longer, stays for its words alone.
    pub(super) fn leaves(
        self,
        entry: &Prepared,
        place: Place,
        others: &[&Prepared],
        sites: &Sites<'_>,
        subjects: &mut Subjects,
    ) -> bool {
        match (self, place) {
            (Self::Within, _) => false,
            (Self::Address(before), _) => {
                let is_at_home = |other: &Prepared| sites.is_own(other.owner.as_deref(), &other.entry.key.source);
                let was_link = others.iter().any(|other| other.address() == before && is_at_home(other));
                was_link && !subjects.has_one(entry, others)
            }
            (Self::Both, Place::Follower) => true,
            (Self::Title, _) | (Self::Both, Place::Lead | Place::FollowerAtHome) => !subjects.has_one(entry, others),
        }
    }
}

/// Compares titles with what others wrote, by the rarity that words have in the long term.
#[derive(Default)]
pub(super) struct Subjects(Option<(Vocabulary, Tokenizer)>);

impl Subjects {
    /// Whether the title of `entry` is about what one of `others` is about.
    fn has_one(&mut self, entry: &Prepared, others: &[&Prepared]) -> bool {
        let (vocabulary, tokenizer) = self.0.get_or_insert_with(|| (Vocabulary::new(), Tokenizer::new()));
        let title = &entry.entry.title;
        let tokens = Tokens::of(title, "", entry.entry.language.as_deref(), tokenizer);
        let query = QueryVector::of(&Features::of(title, &tokens, vocabulary), vocabulary);
        others.iter().any(|other| {
            let features = Features::of(&other.entry.title, &other.tokens, vocabulary);
            query.is_near(&features, &mut 0.0, vocabulary, ONE_SUBJECT)
        })
    }
}
