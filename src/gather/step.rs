//! One step of an errand: one request, and the reading of what it brought.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::errand::{Ended, Errand, FeedBody, FeedBrought, FeedErrand, HostFile, Job, PageBrought, PageErrand, Trip};
use super::fetch::robots::Robots;
use super::fetch::tdmrep;
use super::fetch::{Answer, Ask, Document, Extent, FetchError, Fetched, Fetcher, Freshness, Wanted, read_file};
use super::pages::leads_away;
use super::report::SourceError;
use super::side_by_side::Clock;
use super::{ArticleReader, ReadFailure, ReadOut, Reader, panics};
use crate::config::{SourceAddress, SourceConfig};
use crate::model::Article;
use crate::rights;
use crate::text::content_hash;

/// What every step needs.
pub(crate) struct Tools {
    pub(crate) fetcher: Fetcher,
    pub(crate) reader: Reader,
    pub(crate) article_reader: Option<ArticleReader>,
    pub(crate) clock: Clock,
    pub(crate) max_body_bytes: u64,
    /// One permit for each document that is read at once ([`desks`]).
    pub(crate) desks: Semaphore,
}

/// A permit for each core: more readers at once are no faster, and each keeps the memory that its thread once
/// needed.
pub(crate) fn desks() -> Semaphore {
    Semaphore::new(std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
}

/// What one step led to.
pub(crate) enum Landed {
    /// It goes on at another address.
    Redirected(Box<Job>),
    Ended(Box<Ended>, Trip),
}

/// One request of `job`, which began at `began`.
pub(crate) async fn step(tools: Arc<Tools>, job: Box<Job>, began: Instant) -> Landed {
    let Job { errand, mut trip } = *job;
    if let Errand::Feed(feed) = errand {
        return match &feed.source.address {
            SourceAddress::File(_) => {
                let brought = local(&tools, &feed, &mut trip, began).await;
                Landed::Ended(Box::new(Ended::Feed(feed, brought)), trip)
            }
            SourceAddress::Http(_) => remote(&tools, Errand::Feed(feed), trip, began).await,
        };
    }
    remote(&tools, errand, trip, began).await
}

/// A local file as a feed.
async fn local(tools: &Tools, feed: &FeedErrand, trip: &mut Trip, began: Instant) -> Result<FeedBrought, SourceError> {
    let SourceAddress::File(path) = &feed.source.address else {
        return Err(FetchError::Fault { what: "it is no file".to_owned() }.into());
    };
    let (path, limit_bytes) = (path.clone(), tools.max_body_bytes);
    let reading = tokio::task::spawn_blocking(move || read_file(&path, limit_bytes)).await;
    let fetched = reading.map_err(|died| FetchError::Fault { what: died.to_string() })??;
    let document = Document { fetched, validators: None, freshness: Freshness::Unsaid, extent: Extent::Whole };
    read_feed(tools, feed, trip, document, began).await
}

async fn remote(tools: &Tools, errand: Errand, mut trip: Trip, began: Instant) -> Landed {
    let wanted = match &errand {
        Errand::Feed(feed) => Wanted::Feed { source: &feed.source, validators: feed.state.validators.as_ref() },
        Errand::Page(_) => Wanted::Page,
        Errand::Robots(_) => Wanted::Robots,
    };
    let ask = Ask { wanted, url: &trip.url, limit: trip.left, now: tools.clock.at(began) };
    let answer = tools.fetcher.ask(ask).await;
    trip.left = trip.left.saturating_sub(began.elapsed());
    let answer = match answer {
        Ok(Answer::Redirect { status, headers }) => {
            let followed = trip.chain.follow(&trip.url, status, &headers).and_then(|to| match &errand {
                Errand::Page(page) => match leads_away(&page.wanted.address, &to) {
                    Some(where_to) => Err(FetchError::LeadsAway { where_to }),
                    None => Ok(to),
                },
                _ => Ok(to),
            });
            match followed {
                Ok(to) => {
                    trip.url = to;
                    return Landed::Redirected(Box::new(Job { errand, trip }));
                }
                Err(error) => Err(error),
            }
        }
        other => other,
    };
    let ended = match (errand, answer) {
        (errand, Err(error)) => errand.failed(error.into()),
        (Errand::Feed(feed), Ok(Answer::NotModified { validators, freshness })) => {
            Ended::Feed(feed, Ok(FeedBrought { validators, freshness, body: FeedBody::NotModified }))
        }
        (Errand::Feed(feed), Ok(Answer::Document(document))) => {
            let brought = read_feed(tools, &feed, &mut trip, document, began).await;
            Ended::Feed(feed, brought)
        }
        (Errand::Page(mut page), Ok(Answer::Document(document))) => {
            page.signals.extend(rights::of_page_headers(document.fetched.named_headers()));
            trip.bytes += document.fetched.bytes.len() as u64;
            let brought = read_page(tools, &page, document.fetched).await;
            if let Err(SourceError::Read(failure)) = &brought {
                page.signals.extend_from_slice(&failure.signals);
            }
            Ended::Page(page, brought)
        }
        (Errand::Robots(robots), Ok(Answer::Document(document))) => {
            trip.bytes += document.fetched.bytes.len() as u64;
            let bytes = &document.fetched.bytes;
            let read = match robots.file {
                HostFile::Robots => Robots::parse(bytes, tools.fetcher.tokens()),
                HostFile::Tdmrep => tdmrep::reserved(bytes),
            };
            Ended::Robots(robots, Ok(read))
        }
        (errand, Ok(Answer::NotModified { .. } | Answer::Redirect { .. })) => {
            errand.failed(FetchError::NotModifiedUnasked.into())
        }
    };
    Landed::Ended(Box::new(ended), trip)
}

/// Reads a document on a thread for blocking work, unless it is that of last time.
async fn read_feed(
    tools: &Tools,
    feed: &FeedErrand,
    trip: &mut Trip,
    document: Document,
    began: Instant,
) -> Result<FeedBrought, SourceError> {
    let Document { fetched, validators, freshness, extent } = document;
    trip.bytes += fetched.bytes.len() as u64;
    let (reader, source, now) = (tools.reader, Arc::clone(&feed.source), tools.clock.at(began));
    let last_hash = feed.state.body_hash;
    let _desk = tools.desks.acquire().await;
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
async fn read_page(tools: &Tools, page: &PageErrand, fetched: Fetched) -> Result<Box<PageBrought>, SourceError> {
    let Some(reader) = tools.article_reader else {
        return Err(FetchError::Fault { what: "no reader of pages is at hand".to_owned() }.into());
    };
    let source = Arc::clone(&page.source);
    let url = fetched.url.clone();
    let _desk = tools.desks.acquire().await;
    let reading = tokio::task::spawn_blocking(move || guarded(reader, &fetched, &source));
    let article = reading.await.unwrap_or_else(|died| Err(ReadFailure::panicked(&died.to_string())))?;
    Ok(Box::new(PageBrought { url, article }))
}

fn guarded(reader: ArticleReader, page: &Fetched, source: &SourceConfig) -> Result<Article, ReadFailure> {
    panics::quietly(|| reader(page, source)).unwrap_or_else(|what| Err(ReadFailure::panicked(&what)))
}
