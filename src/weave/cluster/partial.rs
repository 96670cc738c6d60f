//! A window of which only the entries that can matter were read: the others are only counted.

use crate::model::EntryKey;
use crate::weave::signature::Count;
use crate::weave::similarity::Habitual;
use crate::weave::templates::Patterns;
use crate::weave::vocabulary::TermId;

use super::clusterer::Clusterer;

impl Clusterer {
    /// Whether the operator corrected anything about an entry, by its key or its address.
    pub(in crate::weave) fn has_constraints_on(&self, key: &EntryKey, address: i64) -> bool {
        !self.constraints_on(key, address).is_empty()
    }

    /// Gives terms their numbers before any entry is restored: in the order in which all entries would have.
    pub(in crate::weave) fn number_terms<'a>(&mut self, terms: impl Iterator<Item = (&'a str, &'a Count)>) {
        for (text, count) in terms {
            self.number_term(text, count);
        }
    }

    /// Counts the entries that were not restored: `terms` counts all of them, `entries` is how many there are,
    /// `absent` are the patterns of those that were left out, `habits` how their sources write.
    pub(in crate::weave) fn count_absent<'a>(
        &mut self,
        terms: impl Iterator<Item = (&'a str, &'a Count)>,
        entries: u32,
        absent: impl Iterator<Item = Patterns>,
        habits: impl Iterator<Item = Habitual>,
    ) {
        self.vocabulary.set_entries(entries);
        for (text, count) in terms {
            let id = self.number_term(text, count);
            self.vocabulary.set_whole(id, count.entries, count.case);
        }
        absent.for_each(|patterns| self.templates.add(patterns));
        habits.for_each(|(bigrams, teaser)| self.columns.count(&bigrams, teaser));
    }

    fn number_term(&mut self, text: &str, count: &Count) -> TermId {
        let id = self.vocabulary.intern(text);
        if count.is_foreign {
            self.vocabulary.mark_foreign(id);
        }
        id
    }

    /// Sets the candidates of the entries that are placed next, in their order; they are not looked up then.
    pub(in crate::weave) fn prepare(&mut self, candidates: Vec<Vec<u32>>) {
        self.prepared = Some(candidates.into());
    }
}
