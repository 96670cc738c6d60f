//! What the published document of a digest holds of issues that are not kept, since their file was lost: they stay in it as
//! they are, and a runner that starts from feeds.toml and the published folder alone goes on with the next one.

use std::collections::BTreeSet;
use std::fs;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use url::Url;

use super::issue::{Issue, OfDigest, PublicIssue, PublicIssues, SHOWN};
use super::schedule;
use crate::config::{Config, Digest, OutputConfig};
use crate::model::Item;
use crate::publish::gate::{Form, read_back, shown_links, with_items, without_items};
use crate::publish::render::uri;
use crate::publish::rendered::{Expected, Rendered};
use crate::publish::rule::Rule;
use crate::publish::taken_down::TakenDown;

impl PublicIssues {
    /// Those of `output`, beside what is kept of it; `None` if there are none.
    pub(super) fn read(config: &Config, output: &OutputConfig, digest: &Digest, kept: &OfDigest) -> Option<Self> {
        if kept.issues.len() >= SHOWN {
            return None;
        }
        let document = fs::read(config.output_dir.join(&output.file)).ok()?;
        let is_kept = |id: &str| kept.issues.iter().any(|issue| issue.id.as_str() == id);
        let of_items = shown_links(output.format, &document).into_iter();
        let mut issues: Vec<PublicIssue> = of_items
            .filter(|(item, _)| !is_kept(&item.story))
            .filter_map(|(item, links)| {
                let due = item.date?;
                Some(PublicIssue { date: day_of(output, digest, &item.story, due)?, id: item.story, due, links })
            })
            .collect();
        issues.sort_by_key(|issue| std::cmp::Reverse(issue.due));
        (!issues.is_empty()).then_some(Self { document, issues })
    }

    /// The day of the last one, and when that was due.
    pub(super) fn last(&self) -> (Date, Timestamp) {
        (self.issues[0].date, self.issues[0].due)
    }

    /// When the one before that was due: what came after it is in the last one or in none.
    pub(super) fn before(&self, digest: &Digest) -> Timestamp {
        let known = self.issues.get(1).map(|issue| issue.due);
        known.or_else(|| schedule::last_due_before(digest, self.last().1)).unwrap_or(self.last().1)
    }

    /// Whether one of them links to what leads `item`.
    pub(super) fn holds(&self, item: &Item) -> bool {
        let lead = &item.lead().url;
        self.issues.iter().any(|issue| issue.links.contains(&uri(lead)) || issue.links.contains(lead.as_str()))
    }

    /// `rendered`, what is kept of the digest, with these issues as they are; without those that have an article that was
    /// taken down.
    pub(super) fn beside(&self, mut rendered: Rendered, output: &OutputConfig, taken_down: &TakenDown) -> Rendered {
        let is_gone = |link: &String| Url::parse(link).is_ok_and(|url| taken_down.has_address(&url));
        let (gone, stay): (Vec<_>, Vec<_>) = self.issues.iter().partition(|issue| issue.links.iter().any(is_gone));
        rendered.left_out.extend(gone.into_iter().map(|issue| (issue.id.clone(), Rule::TakenDown)));
        let stay: BTreeSet<&str> =
            stay.into_iter().take(SHOWN - rendered.items.min(SHOWN)).map(|issue| issue.id.as_str()).collect();
        match self.together(&rendered, output, &stay).filter(|_| !stay.is_empty()) {
            Some((bytes, expected)) => Rendered { items: expected.len(), bytes, expected, ..rendered },
            None => rendered,
        }
    }

    fn together(
        &self,
        rendered: &Rendered,
        output: &OutputConfig,
        stay: &BTreeSet<&str>,
    ) -> Option<(Vec<u8>, Vec<Expected>)> {
        let form = Form::of(rendered);
        if rendered.items > 0 {
            return with_items(form, &rendered.bytes, &self.document, output.max_bytes, |id| stay.contains(id));
        }
        let rest = without_items(form, &self.document, |id| !stay.contains(id))?;
        let expected = read_back(form, &rest).ok()?;
        Some((rest, expected))
    }
}

/// The day of the issue `id` that was due at `due`, also where the digest has moved to another zone since.
fn day_of(output: &OutputConfig, digest: &Digest, id: &str, due: Timestamp) -> Option<Date> {
    let day = digest.zone.to_datetime(due).date();
    let days = [Some(day), day.checked_sub(1.day()).ok(), day.checked_add(1.day()).ok()];
    days.into_iter().flatten().find(|day| Issue::id_of(&output.file, *day).is_some_and(|of_day| of_day.as_str() == id))
}
