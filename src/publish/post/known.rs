//! What a publish knows that posts may be about: the items of each post, and what was taken down.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::account::What;
use crate::config::OutputConfig;
use crate::model::{Attribution, Item, StoryId};
use crate::publish::digest;
use crate::publish::input::Input;
use crate::publish::item_set::DraftSet;
use crate::publish::plan::{AtHand, at_hand};
use crate::publish::rule::Rule;
use crate::text::{Fingerprint, article_keys, key_hash};

/// Most articles of a story by which it is known again.
const MOST_KEYS: usize = 8;

/// What one post could call its program with, and what is gone.
#[derive(Debug, Default)]
pub(super) struct KnownItems {
    /// The stories of the post, the first to post first, and since when it has each.
    pub(super) items: Vec<(Timestamp, Item)>,
    /// Ids of stories that a rule leaves out, and which rule.
    pub(super) left_out: BTreeMap<String, Rule>,
    /// Stories of which nothing may be published since they were taken down.
    pub(super) taken_down: BTreeSet<StoryId>,
}

/// The items of every post, in the order of feeds.toml.
pub(super) fn known_items(input: &Input<'_>) -> Vec<KnownItems> {
    let AtHand { stories, refused } = at_hand(input);
    let is_taken_down = |rule: &Rule| matches!(rule, Rule::TakenDown);
    let taken_down: BTreeSet<StoryId> =
        refused.iter().filter(|(_, rule)| is_taken_down(rule)).filter_map(|(id, _)| StoryId::parse(id)).collect();
    let of_post = |output: &OutputConfig| {
        if output.digest.is_some() {
            let items = digest::items(input, output).into_iter().rev().collect();
            return KnownItems { items, ..KnownItems::default() };
        }
        let (mut items, left_out) = DraftSet::new(input, output, &stories, &refused).into_items();
        items.reverse();
        KnownItems { items, left_out, taken_down: taken_down.clone() }
    };
    input.config.posts.iter().map(|post| of_post(&post.output)).collect()
}

/// What is noted of a story that is to be posted.
pub(super) fn wanted(item: &Item) -> What {
    let lead = item.lead();
    What::Want {
        source: lead.source.id.clone(),
        title: item.title.clone(),
        url: lead.url.to_string(),
        print: print(item),
        keys: keys(item),
    }
}

/// Changes with what a program is given, but for dates.
pub(super) fn print(item: &Item) -> i64 {
    let mut print = Fingerprint::new();
    for part in [&item.title, item.lead().url.as_str(), &item.body_html] {
        print.add(part);
    }
    print.finish()
}

/// Hashes of the articles that an item credits, by source, address and title, by which its story is known under another
/// id, too. Without the source, a feed that claims the article of another one would keep that out.
pub(super) fn keys(item: &Item) -> Vec<i64> {
    let credits = item.attributions().iter().take(MOST_KEYS);
    let key = |credit: &Attribution| {
        let keys = article_keys(&credit.url);
        Some(key_hash(&format!("{}\n{}\n{}", credit.source.id, keys.first()?, credit.title)))
    };
    credits.filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceRef;

    #[test]
    fn an_article_of_another_source_has_another_key() {
        let published = Timestamp::from_second(1).unwrap();
        let of = |letter: &str, source: &str| {
            let source = SourceRef {
                id: source.to_owned(),
                name: source.to_owned(),
                feed_url: None,
                site: None,
                host: None,
                via: None,
            };
            let credit = Attribution {
                title: "T".to_owned(),
                url: "https://honest.example/1".parse().unwrap(),
                source,
                author: None,
                published,
                guid: letter.to_owned(),
                rights: None,
                licenses: Vec::new(),
                rsl: Vec::new(),
                rsl_documents: Vec::new(),
                again: None,
            };
            let story = StoryId::parse(&letter.repeat(16)).unwrap();
            keys(&Item::new(story, "T".to_owned(), published, vec![credit]).unwrap())
        };
        assert_eq!(of("a", "liar"), of("b", "liar"));
        assert_ne!(of("a", "liar"), of("b", "honest"));
    }
}
