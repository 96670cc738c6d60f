//! One step of an target: one request, and the reading of what it brought.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::clock::Clock;
use super::fetch::robots::Robots;
use super::fetch::tdmrep;
use super::fetch::{Answer, Ask, Document, Extent, FetchError, Fetched, Fetcher, Freshness, Wanted, read_file};
use super::pages::leads_away;
use super::panics;
use super::reader::{ArticleReader, ReadFailure, ReadOut, Reader};
use super::report::SourceError;
use super::request::{
    Attempt, Ended, FeedBody, FeedBrought, FeedTarget, HostFile, PageBrought, PageTarget, Target, Task,
};

use crate::config::{SourceAddress, SourceConfig};
use crate::model::Article;
use crate::rights;
use crate::text::content_hash;

/// What every step needs.
pub(crate) struct Context {
    pub(crate) fetcher: Fetcher,
    pub(crate) reader: Reader,
    pub(crate) article_reader: Option<ArticleReader>,
    pub(crate) clock: Clock,
    pub(crate) max_body_bytes: u64,
    /// One permit for each document that is read at once ([`parse_permits`]).
    pub(crate) parse_permits: Semaphore,
}

/// A permit for each core: more readers at once are no faster, and each keeps the memory that its thread once
/// needed.
pub(crate) fn parse_permits() -> Semaphore {
    Semaphore::new(std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
}

/// What one step led to.
pub(crate) enum StepResult {
    /// It goes on at another address.
    Redirected(Box<Task>),
    Ended(Box<Ended>, Attempt),
}

/// One request of `task`, which began at `began`.
pub(crate) async fn step(context: Arc<Context>, task: Box<Task>, began: Instant) -> StepResult {
    let Task { target, mut attempt } = *task;
    if let Target::Feed(feed) = target {
        return match &feed.source.address {
            SourceAddress::File(_) => {
                let brought = local(&context, &feed, &mut attempt, began).await;
                StepResult::Ended(Box::new(Ended::Feed(feed, brought)), attempt)
            }
            SourceAddress::Http(_) => remote(&context, Target::Feed(feed), attempt, began).await,
        };
    }
    remote(&context, target, attempt, began).await
}

/// A local file as a feed.
async fn local(
    context: &Context,
    feed: &FeedTarget,
    attempt: &mut Attempt,
    began: Instant,
) -> Result<FeedBrought, SourceError> {
    let SourceAddress::File(path) = &feed.source.address else {
        return Err(FetchError::Fault { what: "it is no file".to_owned() }.into());
    };
    let (path, limit_bytes) = (path.clone(), context.max_body_bytes);
    let reading = tokio::task::spawn_blocking(move || read_file(&path, limit_bytes)).await;
    let fetched = reading.map_err(|died| FetchError::Fault { what: died.to_string() })??;
    let document = Document { fetched, validators: None, freshness: Freshness::Unsaid, extent: Extent::Whole };
    read_feed(context, feed, attempt, document, began).await
}

async fn remote(context: &Context, target: Target, mut attempt: Attempt, began: Instant) -> StepResult {
    let wanted = match &target {
        Target::Feed(feed) => Wanted::Feed { source: &feed.source, validators: feed.state.validators.as_ref() },
        Target::Page(_) => Wanted::Page,
        Target::Robots(_) => Wanted::Robots,
    };
    let ask = Ask { wanted, url: &attempt.url, limit: attempt.left, now: context.clock.at(began) };
    let answer = context.fetcher.ask(ask).await;
    attempt.left = attempt.left.saturating_sub(began.elapsed());
    let answer = match answer {
        Ok(Answer::Redirect { status, headers }) => {
            let followed = attempt.chain.follow(&attempt.url, status, &headers).and_then(|to| match &target {
                Target::Page(page) => match leads_away(&page.wanted.address, &to) {
                    Some(where_to) => Err(FetchError::LeadsAway { where_to }),
                    None => Ok(to),
                },
                _ => Ok(to),
            });
            match followed {
                Ok(to) => {
                    attempt.url = to;
                    return StepResult::Redirected(Box::new(Task { target, attempt }));
                }
                Err(error) => Err(error),
            }
        }
        other => other,
    };
    let ended = match (target, answer) {
        (target, Err(error)) => target.failed(error.into()),
        (Target::Feed(feed), Ok(Answer::NotModified { validators, freshness })) => {
            Ended::Feed(feed, Ok(FeedBrought { validators, freshness, body: FeedBody::NotModified }))
        }
        (Target::Feed(feed), Ok(Answer::Document(document))) => {
            let brought = read_feed(context, &feed, &mut attempt, document, began).await;
            Ended::Feed(feed, brought)
        }
        (Target::Page(mut page), Ok(Answer::Document(document))) => {
            page.signals.extend(rights::of_page_headers(document.fetched.named_headers()));
            attempt.bytes += document.fetched.bytes.len() as u64;
            let brought = read_page(context, &page, document.fetched).await;
            if let Err(SourceError::Read(failure)) = &brought {
                page.signals.extend_from_slice(&failure.signals);
            }
            Ended::Page(page, brought)
        }
        (Target::Robots(robots), Ok(Answer::Document(document))) => {
            attempt.bytes += document.fetched.bytes.len() as u64;
            let bytes = &document.fetched.bytes;
            let read = match robots.file {
                HostFile::Robots => Robots::parse(bytes, context.fetcher.tokens()),
                HostFile::Tdmrep => tdmrep::reserved(bytes),
            };
            Ended::Robots(robots, Ok(read))
        }
        (target, Ok(Answer::NotModified { .. } | Answer::Redirect { .. })) => {
            target.failed(FetchError::NotModifiedUnasked.into())
        }
    };
    StepResult::Ended(Box::new(ended), attempt)
}

/// Reads a document on a thread for blocking work, unless it is that of last time.
async fn read_feed(
    context: &Context,
    feed: &FeedTarget,
    attempt: &mut Attempt,
    document: Document,
    began: Instant,
) -> Result<FeedBrought, SourceError> {
    let Document { fetched, validators, freshness, extent } = document;
    attempt.bytes += fetched.bytes.len() as u64;
    let (reader, source, now) = (context.reader, Arc::clone(&feed.source), context.clock.at(began));
    let last_hash = feed.state.body_hash;
    let _permit = context.parse_permits.acquire().await;
    let reading = tokio::task::spawn_blocking(move || {
        let hash = content_hash(&fetched.bytes);
        if last_hash == Some(hash) {
            return Ok(FeedBody::Same);
        }
        let out = panics::quietly(|| reader(&fetched, &source, now));
        let out: ReadOut = out.unwrap_or_else(|what| Err(ReadFailure::panicked(&what)))?;
        Ok(FeedBody::Read { hash, extent, out: Box::new(out) })
    });
    let body = reading.await.unwrap_or_else(|died| Err(ReadFailure::panicked(&died.to_string())))?;
    Ok(FeedBrought { validators, freshness, body })
}

/// Makes an article of a page, on a thread for blocking work.
async fn read_page(context: &Context, page: &PageTarget, fetched: Fetched) -> Result<Box<PageBrought>, SourceError> {
    let Some(reader) = context.article_reader else {
        return Err(FetchError::Fault { what: "no reader of pages is at hand".to_owned() }.into());
    };
    let source = Arc::clone(&page.source);
    let url = fetched.url.clone();
    let _permit = context.parse_permits.acquire().await;
    let reading = tokio::task::spawn_blocking(move || guarded(reader, &fetched, &source));
    let article = reading.await.unwrap_or_else(|died| Err(ReadFailure::panicked(&died.to_string())))?;
    Ok(Box::new(PageBrought { url, article }))
}

fn guarded(reader: ArticleReader, page: &Fetched, source: &SourceConfig) -> Result<Article, ReadFailure> {
    panics::quietly(|| reader(page, source)).unwrap_or_else(|what| Err(ReadFailure::panicked(&what)))
}
