//! What was made of a page, or why nothing → the store.

use jiff::Timestamp;

use super::outcome::{PageAnswer, Unfinished};
use super::pages::{self, Verdict, Wait};
use super::report::Pages;
use super::request::PageTarget;
use crate::store::{ArticleEnd, Batch, StoreError};
use crate::text::for_terminal;

/// Keeps what was made of a page, or why nothing was: the entry then keeps the feed's own text.
pub(super) fn commit_page(
    batch: &mut Batch<'_>,
    page: &PageTarget,
    answer: Result<Box<PageAnswer>, Unfinished>,
    at: Timestamp,
) -> Result<Pages, StoreError> {
    let number = page.wanted.number;
    let source = page.source.id.as_str();
    let why = match answer {
        Ok(kept) => {
            tracing::debug!(source, url = kept.url.as_str(), "page kept");
            batch.end_article(number, &ArticleEnd::Kept { article: &kept.article, url: &kept.url }, at)?;
            return Ok(Pages { kept: 1, ..Pages::default() });
        }
        Err(why) => why,
    };
    match pages::judge(Wait { since: page.wanted.since, tries: page.wanted.tries }, &why, at) {
        Verdict::StillWanted => Ok(Pages { waiting: 1, ..Pages::default() }),
        Verdict::Again { at: next, tries, reason } => {
            let error = for_terminal(&reason).to_string();
            tracing::debug!(source, url = page.wanted.address.as_str(), error, "page failed for now");
            batch.end_article(number, &ArticleEnd::Again { at: next, tries, reason: &reason }, at)?;
            Ok(Pages { waiting: 1, ..Pages::default() })
        }
        Verdict::Failed { reason } => {
            let error = for_terminal(&reason).to_string();
            tracing::info!(source, url = page.wanted.address.as_str(), error, "page failed");
            batch.end_article(number, &ArticleEnd::Failed { reason: &reason }, at)?;
            Ok(Pages { failed: 1, ..Pages::default() })
        }
    }
}
