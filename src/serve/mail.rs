//! What is sent to a mailbox: what hubs verify and push, and what subscribers ask our own hub.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use tokio::time::timeout;

use super::incoming::{BodyError, read};
use super::mailbox::Mailbox;
use super::reply::{Reply, closing, of_type, plain};
use super::shared::Shared;
use crate::websub::{Delivery, Intent, Push, Reception, Rejection, Subscriber, Verified};

/// How long a body waits until others are read.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest form that our own hub reads.
const LARGEST_FORM_BYTES: u64 = 16 * 1024;
/// Headers of a push that say how its body is to be read, and what is reserved.
const KEPT: [&str; 8] = [
    "content-type",
    "content-encoding",
    "content-language",
    "x-robots-tag",
    "tdm-reservation",
    "content-usage",
    "content-signal",
    "link",
];

/// The answer to whoever sends `body` to `mailbox`.
pub(super) async fn answer(mailbox: Mailbox, shared: Arc<Shared>, asked: &Parts, body: Incoming) -> Reply {
    let Mailbox::Callback(path) = mailbox else { return petition(&shared, asked, body).await };
    let Some(subscriber) = shared.subscriber() else { return not_yet() };
    match asked.method {
        Method::POST => deliver(&shared, &subscriber, &path, asked, body).await,
        _ => verify(&subscriber, &path, asked).await,
    }
}

/// What somebody asks our own hub.
async fn petition(shared: &Shared, asked: &Parts, body: Incoming) -> Reply {
    let Some(hub) = shared.hub() else { return closing(nothing()) };
    match asked.method {
        Method::POST => {}
        Method::OPTIONS => return methods(),
        _ => return plain(StatusCode::OK, "a hub for the feeds of this site: https://www.w3.org/TR/websub/"),
    }
    let media_type = asked.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let media_type = media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    if !media_type.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
        return closing(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a hub is asked by a form"));
    }
    let Some(_place) = shared.petition_places.try_acquire() else { return closing(busy()) };
    let form = match read(body, LARGEST_FORM_BYTES).await {
        Ok(form) => form,
        Err(error) => return refusal(error),
    };
    match hub.ask(&form).await {
        Ok(()) => plain(StatusCode::ACCEPTED, ""),
        Err(Rejection::Full) => busy(),
        Err(why) => {
            let status = match why {
                Rejection::NotOurs => StatusCode::NOT_FOUND,
                Rejection::Forbidden => StatusCode::FORBIDDEN,
                Rejection::TooMany => StatusCode::TOO_MANY_REQUESTS,
                Rejection::Malformed(_) | Rejection::Full => StatusCode::BAD_REQUEST,
            };
            plain(status, why.to_string())
        }
    }
}

async fn verify(subscriber: &Arc<Subscriber>, path: &str, asked: &Parts) -> Reply {
    let Some(intent) = asked.uri.query().and_then(Intent::of_query) else { return nothing() };
    match subscriber.verify(path, &intent).await {
        Verified::Yes(challenge) => {
            of_type(StatusCode::OK, HeaderValue::from_static("text/plain; charset=utf-8"), Bytes::from(challenge))
        }
        Verified::No => nothing(),
        Verified::NotYet => not_yet(),
    }
}

async fn deliver(shared: &Shared, subscriber: &Arc<Subscriber>, path: &str, asked: &Parts, body: Incoming) -> Reply {
    let limit_bytes = match subscriber.reception(path) {
        Reception::Read(limit_bytes) => limit_bytes,
        Reception::Unknown => return closing(nothing()),
        Reception::Gone => return closing(plain(StatusCode::GONE, "this subscription is over")),
        Reception::NotYet => return closing(not_yet()),
    };
    let Ok(Ok(_place)) = timeout(PATIENCE, shared.mail_places.acquire()).await else { return closing(busy()) };
    let body = match read(body, limit_bytes).await {
        Ok(body) => body,
        Err(error) => return refusal(error),
    };
    let text = |name: &str| {
        let lines = asked.headers.get_all(name).iter();
        lines.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect::<Vec<_>>()
    };
    let headers = KEPT.iter().flat_map(|name| text(name).into_iter().map(|value| ((*name).to_owned(), value)));
    // Two signatures are none.
    let signature =
        Some(text("x-hub-signature")).filter(|lines| lines.len() == 1).and_then(|lines| lines.into_iter().next());
    let delivery = Delivery { signature, headers: headers.collect(), body };
    match subscriber.take(path, delivery).await {
        // Whoever guesses at a secret does not learn how it went (WebSub §7.1).
        Push::Taken | Push::Unsigned => plain(StatusCode::ACCEPTED, ""),
        Push::Full => busy(),
        Push::Stray => nothing(),
    }
}

/// What is said to a body that is not read to its end.
fn refusal(error: BodyError) -> Reply {
    closing(match error {
        BodyError::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "this is more than is read here"),
        BodyError::Slow => plain(StatusCode::REQUEST_TIMEOUT, "this took too long"),
        BodyError::Broken => plain(StatusCode::BAD_REQUEST, "this broke off"),
    })
}

/// How our own hub may be asked.
fn methods() -> Reply {
    let mut reply = plain(StatusCode::NO_CONTENT, "");
    reply.headers_mut().insert(header::ALLOW, HeaderValue::from_static(Mailbox::Hub.methods()));
    reply
}

fn nothing() -> Reply {
    plain(StatusCode::NOT_FOUND, "there is nothing here")
}

fn not_yet() -> Reply {
    later("the service has only begun")
}

fn busy() -> Reply {
    later("there is no room for this now")
}

fn later(words: &str) -> Reply {
    let mut reply = plain(StatusCode::SERVICE_UNAVAILABLE, words);
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    reply
}
