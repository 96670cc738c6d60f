//! One attempt: one request, and the reading of what it brought.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;

use super::clock::Clock;
use super::fetch::robots::Robots;
use super::fetch::tdmrep::TdmPolicy;
use super::fetch::{Answer, Ask, Document, Extent, FetchError, Fetched, Fetcher, Freshness, Waited, Wanted, read_file};
use super::hubs::HubLinks;
use super::in_flight::Pulse;
use super::outcome::{FeedAnswer, FeedBody, HostRules, Outcome, PageAnswer, Unfinished};
use super::pages::leads_away;
use super::panics;
use super::reader::{ArticleReader, ReadFailure, ReadOut, Reader};
use super::report::SourceError;
use super::request::{FeedTarget, HostFile, PageTarget, ProbeKind, Target};
use super::task::{Attempt, Task};
use crate::config::SourceConfig;
use crate::extract::{PictureCopyError, picture_copy};
use crate::model::Article;
use crate::rights::{self, Renewed};
use crate::text::content_hash;

/// What every attempt needs.
pub(crate) struct Context {
    pub(crate) fetcher: Arc<Fetcher>,
    pub(crate) reader: Reader,
    pub(crate) article_reader: Option<ArticleReader>,
    pub(crate) clock: Clock,
    pub(crate) max_body_bytes: u64,
    /// One permit for each document that is being read ([`parse_permits`]).
    pub(crate) parse_permits: Semaphore,
}

/// One permit per core: more readers in parallel are no faster, and each keeps the memory that its thread once
/// needed.
pub(crate) fn parse_permits() -> Semaphore {
    Semaphore::new(std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
}

/// What one attempt led to.
pub(crate) enum StepResult {
    /// It continues at another address.
    Redirected(Box<Task>),
    Ended(Box<Outcome>, Attempt),
}

/// One request of `task`, which began at `began`; `pulse` is kept up to date.
pub(crate) async fn step(context: Arc<Context>, task: Box<Task>, began: Instant, pulse: Arc<Pulse>) -> StepResult {
    let Task { target, mut attempt } = *task;
    let answer = match target.local_file() {
        Some(path) => local(&context, path.to_owned(), attempt.left).await.map(Answer::Document),
        None => remote(&context, &target, &mut attempt, began, &pulse.waited).await,
    };
    pulse.is_answered.store(true, Ordering::Relaxed);
    let answer = match answer {
        Ok(Answer::Redirect { status, headers }) => {
            let from = target.page_address();
            let followed = attempt.chain.follow(&attempt.url, status, &headers);
            match followed.and_then(|to| match from.and_then(|from| leads_away(&from, &to)) {
                Some(where_to) => Err(FetchError::LeadsAway { where_to }),
                None => Ok(to),
            }) {
                Ok(to) => {
                    attempt.url = to;
                    return StepResult::Redirected(Box::new(Task { target, attempt }));
                }
                Err(error) => Err(error),
            }
        }
        answer => answer,
    };
    let outcome = match answer {
        Ok(Answer::Document(document)) => read(&context, target, &mut attempt, document, began).await,
        Ok(Answer::NotModified { validators, freshness, headers }) => match target {
            Target::Feed(feed) => {
                let links = HubLinks::of(headers.get_all("link").iter(), &attempt.url);
                let named: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
                let body = FeedBody::NotModified(links, Renewed::of(&named));
                Outcome::Feed(feed, Ok(FeedAnswer { validators, freshness, body }))
            }
            target => target.without_answer(FetchError::NotModifiedUnasked.into()),
        },
        Ok(Answer::Redirect { status, .. }) => {
            let what = "it was not followed".to_owned();
            target.without_answer(FetchError::BadRedirect { status, what }.into())
        }
        Err(error) => target.without_answer(error.into()),
    };
    StepResult::Ended(Box::new(outcome), attempt)
}

/// A local file instead of an answer.
///
/// Reading may never end, as with a pipe in disguise, and nothing can stop a thread: it gets one that nobody waits
/// for, which ends with the process.
async fn local(context: &Context, path: PathBuf, limit: Duration) -> Result<Document, FetchError> {
    let limit_bytes = context.max_body_bytes;
    let (sender, receiver) = oneshot::channel();
    let reading = move || {
        // If the time was up, nobody receives it.
        let _ = sender.send(read_file(&path, limit_bytes));
    };
    let fault = |what: String| FetchError::Fault { what };
    std::thread::Builder::new().name("file".to_owned()).spawn(reading).map_err(|error| fault(error.to_string()))?;
    let fetched = match tokio::time::timeout(limit, receiver).await {
        Ok(read) => read.map_err(|died| fault(died.to_string()))??,
        Err(_) => return Err(FetchError::Timeout { limit }),
    };
    Ok(Document {
        fetched,
        validators: None,
        freshness: Freshness::Unsaid,
        retry_after: None,
        extent: Extent::Whole,
        place: None,
    })
}

async fn remote(
    context: &Context,
    target: &Target,
    attempt: &mut Attempt,
    began: Instant,
    waited: &Waited,
) -> Result<Answer, FetchError> {
    let wanted = match target {
        Target::Feed(feed) => Wanted::Feed { source: &feed.source, validators: feed.state.validators.as_ref() },
        Target::Probe(probe) if probe.kind == ProbeKind::Feed => {
            Wanted::Feed { source: &probe.source, validators: None }
        }
        Target::Page(_) | Target::Probe(_) => Wanted::Page,
        Target::Picture(_) => Wanted::Picture,
        Target::HostFile(_) => Wanted::HostFile,
    };
    let ask = Ask {
        wanted,
        url: &attempt.url,
        limit: attempt.left,
        now: context.clock.at(began),
        protocol: attempt.protocol,
        keep: attempt.keep,
        waited,
    };
    let answer = context.fetcher.ask(ask).await;
    attempt.left = attempt.left.saturating_sub(began.elapsed().saturating_sub(waited.so_far()));
    answer
}

/// Turns `document` into what the target is for.
async fn read(context: &Context, target: Target, attempt: &mut Attempt, document: Document, began: Instant) -> Outcome {
    attempt.bytes += document.fetched.bytes.len() as u64;
    match target {
        Target::Feed(feed) => {
            let mut answer = read_feed(context, &feed, document, began).await;
            if let Ok(FeedAnswer { body: FeedBody::Read { out, .. }, .. }) = &mut answer {
                // What the host reserves.
                out.feed.signals.extend(attempt.signals.iter().cloned());
            }
            Outcome::Feed(feed, answer.map_err(Unfinished::Failed))
        }
        Target::Page(page) => {
            attempt.add_signals(rights::of_page_headers(document.fetched.named_headers()));
            let answer = read_page(context, &page, document.fetched).await;
            if let Err(SourceError::Read(failure)) = &answer {
                attempt.add_signals(failure.signals.iter().cloned());
            }
            Outcome::Page(page, answer.map_err(Unfinished::Failed))
        }
        Target::Picture(picture) => {
            let answer = read_picture(context, document).await;
            Outcome::Picture(picture, answer.map_err(Unfinished::Failed))
        }
        Target::HostFile(file) => {
            let bytes = &document.fetched.bytes;
            let rules = match file.file {
                HostFile::Robots => HostRules::Robots(Robots::parse(bytes, context.fetcher.tokens())),
                HostFile::Tdmrep => HostRules::Tdm(TdmPolicy::parse(bytes)),
            };
            Outcome::HostFile(file, Ok(rules))
        }
        Target::Probe(probe) => Outcome::Probe(probe, Ok(Box::new(document.fetched))),
    }
}

/// Reads a document on a thread for blocking work, unless it is the same as last time.
async fn read_feed(
    context: &Context,
    feed: &FeedTarget,
    document: Document,
    began: Instant,
) -> Result<FeedAnswer, SourceError> {
    let Document { fetched, validators, freshness, retry_after, extent, place: _held } = document;
    let (reader, source, now) = (context.reader, Arc::clone(&feed.source), context.clock.at(began));
    let last_hash = feed.state.body_hash;
    let _permit = context.parse_permits.acquire().await;
    let reading = tokio::task::spawn_blocking(move || {
        let hash = answer_hash(&fetched);
        if last_hash == Some(hash) {
            return Ok(FeedBody::Same(HubLinks::of_document(&fetched)));
        }
        let out = panics::quietly(|| reader(&fetched, &source, now));
        let out = out.unwrap_or_else(|what| Err(ReadFailure::panicked(&what)));
        let retry_after = retry_after.map(SignedDuration::unsigned_abs);
        let out: ReadOut = out.map_err(|failure| ReadFailure { retry_after, ..failure })?;
        Ok(FeedBody::Read { hash, extent, out: Box::new(out) })
    });
    let body = reading.await.unwrap_or_else(|died| Err(ReadFailure::panicked(&died.to_string())))?;
    Ok(FeedAnswer { validators, freshness, body })
}

/// Stands for a document and for what its headers state of rights: where either changes, it is read again.
fn answer_hash(fetched: &Fetched) -> [u8; 32] {
    let mut hash = content_hash(&fetched.bytes);
    for signal in rights::of_feed_headers(fetched.named_headers()) {
        hash = content_hash(&[&hash[..], signal.kind.code().as_bytes(), b"\n", signal.value.as_bytes()].concat());
    }
    hash
}

/// Turns a page into an article, on a thread for blocking work.
async fn read_page(context: &Context, page: &PageTarget, fetched: Fetched) -> Result<Box<PageAnswer>, SourceError> {
    let Some(reader) = context.article_reader else {
        return Err(FetchError::Fault { what: "there is no reader for pages".to_owned() }.into());
    };
    let source = Arc::clone(&page.source);
    let url = fetched.url.clone();
    let _permit = context.parse_permits.acquire().await;
    let reading = tokio::task::spawn_blocking(move || guarded(reader, &fetched, &source));
    let article = reading.await.unwrap_or_else(|died| Err(ReadFailure::panicked(&died.to_string())))?;
    Ok(Box::new(PageAnswer { url, article }))
}

/// Makes a small copy of a picture, on a thread for blocking work, unless its server keeps it back.
async fn read_picture(context: &Context, document: Document) -> Result<Vec<u8>, SourceError> {
    let Document { fetched, place: _held, .. } = document;
    if !rights::may_copy_picture(&rights::of_page_headers(fetched.named_headers())) {
        return Err(ReadFailure::new("its server lets nobody show it (X-Robots-Tag)").into());
    }
    let _permit = context.parse_permits.acquire().await;
    let reading = tokio::task::spawn_blocking(move || {
        let made = panics::quietly(|| picture_copy(&fetched.bytes));
        made.unwrap_or_else(|what| Err(PictureCopyError::Unreadable(what)))
    });
    let made = reading.await.unwrap_or_else(|died| Err(PictureCopyError::Unreadable(died.to_string())));
    made.map_err(|error| ReadFailure::new(error.to_string()).into())
}

fn guarded(reader: ArticleReader, page: &Fetched, source: &SourceConfig) -> Result<Article, ReadFailure> {
    panics::quietly(|| reader(page, source)).unwrap_or_else(|what| Err(ReadFailure::panicked(&what)))
}
