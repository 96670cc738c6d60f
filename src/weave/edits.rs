//! What an edit does to an entry's place in a story that it shares: whoever makes something else of an entry takes it out
//! of what others told.

use super::exact::title_key;
use super::features::Features;
use super::prepared::Prepared;
use super::tokenizer::Tokenizer;
use super::tokens::Tokens;
use super::vocabulary::Vocabulary;
use crate::model::Sites;
use crate::store::BeforeEdit;

/// Share of the rarity of a title's words that others have to name for both to be about one subject. One rare word is not
/// enough: whoever makes an advertisement of an entry keeps one.
const ONE_SUBJECT: f32 = 0.5;

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

/// Where the article of an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On its source's own site.
    Home,
    /// On another one, though its source has a site.
    Away,
    /// Its source has no site that is known, or is a link list.
    Anywhere,
}

impl Place {
    pub(super) fn of(entry: &Prepared, sites: &Sites<'_>) -> Self {
        let source = sites.sources().get(&entry.entry.key.source);
        if entry.facts().is_own(sites) {
            Self::Home
        } else if source.is_some_and(|source| source.own_site().is_some() && !source.is_list()) {
            Self::Away
        } else {
            Self::Anywhere
        }
    }
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
    /// from now on to an article elsewhere, in one step or several. Who gives an article of its own another headline and
    /// slug, stays. Who was there as a link to the article of another source, and is that no longer, stays for its words
    /// alone.
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
            (Self::Address(_), Place::Away) | (Self::Both, Place::Away | Place::Anywhere) => true,
            (Self::Address(before), Place::Home | Place::Anywhere) => {
                let is_at_home = |other: &Prepared| sites.is_own(other.owner.as_deref(), &other.entry.key.source);
                let was_link = others.iter().any(|other| other.address() == before && is_at_home(other));
                was_link && !subjects.has_one(entry, others)
            }
            (Self::Title, _) | (Self::Both, Place::Home) => !subjects.has_one(entry, others),
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
        let said = Features::of(title, &tokens, vocabulary).title;
        let whole: f32 = said.iter().map(|term| vocabulary.idf(*term)).sum();
        others.iter().any(|other| {
            let features = Features::of(&other.entry.title, &other.tokens, vocabulary);
            let named: f32 =
                said.iter().filter(|term| features.names_any(&[**term])).map(|term| vocabulary.idf(*term)).sum();
            named > 0.0 && named >= whole * ONE_SUBJECT
        })
    }
}
