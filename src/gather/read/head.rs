//! What a feed says of itself, checked and tidied.

use jiff::SignedDuration;
use url::Url;

use super::document::{Document, Fields};
use super::rights;
use crate::model::{Feed, Markup};
use crate::text::{plain_text, web_url};

/// Addresses of one kind that are kept.
const MOST: usize = 10;

impl Document {
    /// What the feed says of itself: texts plain, addresses of the web only.
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
            title: head.title.as_ref().and_then(text),
            link: head.link.as_deref().and_then(|link| web_url(link, base)),
            self_url: by_rel("self").next(),
            hubs: by_rel("hub").take(MOST).collect(),
            description: head.summary.as_ref().and_then(text),
            language: head.language.clone(),
            updated: head.updated.or(head.published),
            rights: head.rights.as_ref().and_then(text),
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
        }
    }

    /// `ttl` (minutes), else `sy:updatePeriod` by `sy:updateFrequency`; at least a minute, at most a month.
    fn refresh_hint(&self) -> Option<SignedDuration> {
        let channel = &self.channel;
        let ttl = channel.ttl.as_deref().and_then(|ttl| ttl.trim().parse::<i64>().ok()).filter(|minutes| *minutes > 0);
        let syndication = || Some(i64::from(channel.period_hours?) * 60 / i64::from(channel.frequency.unwrap_or(1)));
        ttl.or_else(syndication).map(|minutes| SignedDuration::from_mins(minutes.clamp(1, 31 * 24 * 60)))
    }
}

fn text(value: &Markup) -> Option<String> {
    let text = match value {
        Markup::Html(html) => plain_text(html),
        Markup::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    (!text.is_empty()).then_some(text)
}

fn image(head: &Fields, base: Option<&Url>) -> Option<Url> {
    head.images.iter().chain(&head.logo).chain(&head.icon).find_map(|image| web_url(image, base))
}
