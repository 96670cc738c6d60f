//! What a feed says about itself, checked and tidied.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use url::Url;

use super::document::{Document, Fields};
use super::limits;
use super::plain::text_within;
use super::rights;
use super::title_tail::title_tail;
use crate::model::{Feed, Markup};
use crate::text::{is_feed_host, owner_of, plain_text, unwrap_redirect, web_url};

/// Addresses of one kind that are kept.
const MOST: usize = 10;
/// Fewest other sites that a list of links leads to: a single one is a second home.
const LISTED_SITES: usize = 3;
/// With fewer entries, a feed that does not look like a list may still turn out to be one.
const ENOUGH_ENTRIES: usize = 5;
/// Minutes that a `ttl` may state.
const TTL: std::ops::RangeInclusive<i64> = 1..=24 * 60;

impl Document {
    /// What the feed says about itself: texts plain, addresses of the web only.
    #[must_use]
    pub fn feed(&self) -> Feed {
        let head = &self.head;
        let base = self.base.as_deref();
        let by_rel = |rel: &'static str| {
            let links = head.links.iter().filter(move |link| link.rel == rel);
            links.filter_map(|link| web_url(link.href.as_deref()?, None))
        };
        let authors = if head.authors.is_empty() { &head.publishers } else { &head.authors };
        Feed {
            id: head.id.clone(),
            title: head.title.as_ref().and_then(|title| filled(title, limits::PLAIN_TITLE_BYTES)),
            link: head.link.as_deref().and_then(|link| web_url(link, base)),
            self_url: by_rel("self").next(),
            hubs: by_rel("hub").take(MOST).collect(),
            description: head.summary.as_ref().and_then(|summary| filled(summary, limits::DESCRIPTION_BYTES)),
            language: head.language.clone(),
            updated: head.updated.or(head.published),
            rights: head.rights.as_ref().and_then(|rights| filled(rights, limits::RIGHTS_BYTES)),
            licenses: rights::licenses(head).into_iter().take(MOST).collect(),
            generator: head.generator.as_deref().map(plain_text).filter(|text| !text.is_empty()),
            image: image(head, base),
            authors: authors.clone(),
            categories: head
                .categories
                .iter()
                .filter_map(|category| category.label.as_deref().or(category.term.as_deref()))
                .map(plain_text)
                .collect(),
            refresh_hint: self.refresh_hint(),
            skip_hours: self.channel.skip_hours,
            skip_days: self.channel.skip_days,
            signals: head.signals.clone(),
            lists: self.lists(),
            title_tail: self.title_tail(),
        }
    }

    /// Whether its entries mostly link to sites other than its own: to several of them, or each with a discussion at its
    /// own.
    fn lists(&self) -> Option<bool> {
        let base = self.base.as_deref();
        let head = &self.head;
        let of_head = head.links.iter().filter(|link| link.rel == "self").filter_map(|link| link.href.as_deref());
        let own = of_head.chain(head.link.as_deref()).filter_map(|link| web_url(link, base));
        let own: Vec<String> = own.chain(self.base.as_deref().cloned()).filter_map(|url| owner_of(&url)).collect();
        let owner = |link: &str| {
            let url = web_url(link, base)?;
            let url = unwrap_redirect(&url).unwrap_or(url);
            owner_of(&url).filter(|_| !is_feed_host(&url))
        };
        // The owner of each link, and whether it is discussed at home.
        let links: Vec<(String, bool)> = self
            .posts
            .iter()
            .filter_map(|post| {
                let link = owner(post.fields.original_link.as_deref().or(post.fields.link.as_deref())?)?;
                let discussion = post.fields.comments.as_deref().and_then(owner);
                Some((link, discussion.is_some_and(|discussion| own.contains(&discussion))))
            })
            .collect();
        head.link.as_ref()?;
        let foreign: Vec<&(String, bool)> = links.iter().filter(|(link, _)| !own.contains(link)).collect();
        if 2 * foreign.iter().filter(|(_, is_discussed)| *is_discussed).count() > links.len() {
            return Some(true);
        }
        let sites: BTreeSet<&String> = foreign.iter().map(|(link, _)| link).collect();
        let lists = 2 * foreign.len() > links.len() && sites.len() >= LISTED_SITES;
        (lists || links.len() >= ENOUGH_ENTRIES).then_some(lists)
    }

    /// What the titles of all its entries end with.
    fn title_tail(&self) -> Option<String> {
        let titles = self.posts.iter().filter_map(|post| post.fields.title.as_ref());
        title_tail(titles.map(|title| text_within(title, limits::PLAIN_TITLE_BYTES)))
    }

    /// `ttl` in minutes, if it is within a day (anything else is nonsense), else `sy:updatePeriod` by
    /// `sy:updateFrequency`; at least a minute, at most a month.
    fn refresh_hint(&self) -> Option<SignedDuration> {
        let channel = &self.channel;
        let ttl = channel.ttl.as_deref().and_then(|ttl| ttl.trim().parse().ok()).filter(|ttl| TTL.contains(ttl));
        let syndication = || Some(i64::from(channel.period_hours?) * 60 / i64::from(channel.frequency.unwrap_or(1)));
        ttl.or_else(syndication).map(|minutes| SignedDuration::from_mins(minutes.clamp(1, 31 * 24 * 60)))
    }
}

fn filled(value: &Markup, most_bytes: usize) -> Option<String> {
    Some(text_within(value, most_bytes)).filter(|text| !text.is_empty())
}

fn image(head: &Fields, base: Option<&Url>) -> Option<Url> {
    head.images.iter().chain(&head.logo).chain(&head.icon).find_map(|image| web_url(image, base))
}

#[cfg(test)]
mod tests {
    use super::super::{Headers, Input, read};
    use super::*;

    #[track_caller]
    fn wants(channel: &str, hours: Option<i64>) {
        let text = format!(
            "<rss version=\"2.0\" xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"><channel>\
             <title>T</title>{channel}</channel></rss>"
        );
        let input =
            Input { bytes: text.as_bytes(), url: None, headers: Headers::default(), encoding: None, base_url: None };
        let hint = read(&input).unwrap().feed().refresh_hint;
        assert_eq!(hint, hours.map(SignedDuration::from_hours), "{channel}");
    }

    #[test]
    fn a_ttl_that_is_nonsense_does_not_hide_the_period() {
        const WEEKLY: &str = "<sy:updatePeriod>weekly</sy:updatePeriod>";
        wants("<ttl>120</ttl>", Some(2));
        wants("<ttl>1440</ttl>", Some(24));
        wants("<ttl>1441</ttl>", None);
        wants("<ttl>-5</ttl>", None);
        wants(WEEKLY, Some(7 * 24));
        for ttl in ["0", "-5", "1441", "soon"] {
            wants(&format!("<ttl>{ttl}</ttl>{WEEKLY}"), Some(7 * 24));
        }
        wants(&format!("<ttl>60</ttl>{WEEKLY}"), Some(1));
    }
}
