//! A request and who answers it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::service::Service;
use hyper::{Method, Request, Response, StatusCode};
use jiff::Timestamp;

use super::activity::{Activity, Asking};
use super::admit::{refusal, refusal_of_mail};
use super::client::{Client, Entrance};
use super::door::{not_yet, nothing_here};
use super::endpoint::Endpoint;
use super::mail;
use super::mailbox::Mailbox;
use super::on_disk::OnDisk;
use super::outputs;
use super::page::Kind;
use super::reply::{Reply, ReplyBody, closing, plain};
use super::shared::Shared;
use super::target::{TargetError, path_of};

/// Who is on a connection.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub(super) client: Client,
    pub(super) entrance: Entrance,
    pub(super) shared: Arc<Shared>,
}

/// Answers the requests of one connection.
#[derive(Debug)]
pub(super) struct Handler {
    pub(super) guest: Guest,
    pub(super) activity: Arc<Activity>,
}

/// What is answered, or by whom.
enum Answer {
    Now(Reply),
    /// It is read first.
    Disk(OnDisk),
    Later(Endpoint),
    /// Its body is for it.
    Mail(Mailbox),
}

impl Guest {
    fn answer(&self, asked: &Parts, now: Timestamp) -> Answer {
        if let Some(mailbox) = self.mailbox(asked) {
            return refusal_of_mail(asked, &mailbox).map_or(Answer::Mail(mailbox), Answer::Now);
        }
        if let Some(refused) = refusal(asked) {
            return Answer::Now(refused);
        }
        if asked.method == Method::OPTIONS && asked.uri.path() == "*" {
            return Answer::Now(outputs::options(&Kind::Other));
        }
        let path = match path_of(&asked.uri) {
            Ok(path) => path,
            Err(TargetError::TooLong) => {
                return Answer::Now(closing(plain(StatusCode::URI_TOO_LONG, "this address is too long")));
            }
            Err(TargetError::Malformed) => {
                return Answer::Now(plain(StatusCode::BAD_REQUEST, "this address cannot be decoded"));
            }
        };
        let door = &self.shared.door;
        let below = door.below_prefix(&path);
        let of_outputs = door.of_outputs(asked, &path, now).or_else(|| door.of_outputs(asked, below, now));
        match of_outputs {
            Some(outputs::Answer::Ready(reply)) => return Answer::Now(reply),
            Some(outputs::Answer::OnDisk(file)) => return Answer::Disk(file),
            None => {}
        }
        match Endpoint::at(&path).or_else(|| Endpoint::at(below)) {
            Some(endpoint) => match endpoint.refusal(&self.shared, self.entrance, asked) {
                Some(refused) => Answer::Now(refused),
                None => Answer::Later(endpoint),
            },
            None if door.site().is_none() => Answer::Now(not_yet()),
            None => Answer::Now(nothing_here()),
        }
    }

    /// What the request is sent to; most are sent to nothing.
    fn mailbox(&self, asked: &Parts) -> Option<Mailbox> {
        if !Mailbox::may_be(asked.uri.path()) {
            return None;
        }
        let path = path_of(&asked.uri).ok()?;
        let mailbox = Mailbox::at(&path).or_else(|| Mailbox::at(self.shared.door.below_prefix(&path)));
        mailbox.filter(|mailbox| *mailbox != Mailbox::Hub || self.shared.hub().is_some())
    }

    /// Counts and logs `reply`, and makes it one that can be sent.
    fn send(&self, asked: &Parts, reply: Reply, asking: Asking) -> Response<ReplyBody> {
        let door = &self.shared.door;
        door.count(asked, &reply);
        door.access_log.add(&self.client, asked, &reply, &door.counters);
        let reply = if asked.method == Method::HEAD { without_body(reply) } else { reply };
        reply.map(|bytes| ReplyBody::new(bytes, asking))
    }
}

/// The answer to HEAD: what GET would be given, but for the body.
fn without_body(mut reply: Reply) -> Reply {
    let length = HeaderValue::from(reply.body().len());
    if !matches!(reply.status(), StatusCode::NOT_MODIFIED | StatusCode::NO_CONTENT) {
        reply.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    reply.map(|_| Bytes::new())
}

impl Service<Request<Incoming>> for Handler {
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let asking = self.activity.ask();
        let (asked, body) = request.into_parts();
        let now = Timestamp::now();
        match self.guest.answer(&asked, now) {
            Answer::Now(reply) => Box::pin(std::future::ready(Ok(self.guest.send(&asked, reply, asking)))),
            Answer::Disk(file) => {
                let guest = self.guest.clone();
                Box::pin(async move {
                    let reply = guest.shared.door.page_on_disk(file, &asked, now).await;
                    Ok(guest.send(&asked, reply, asking))
                })
            }
            Answer::Mail(mailbox) => {
                let guest = self.guest.clone();
                Box::pin(async move {
                    let reply = mail::answer(mailbox, Arc::clone(&guest.shared), &asked, body).await;
                    Ok(guest.send(&asked, reply, asking))
                })
            }
            Answer::Later(endpoint) => {
                let guest = self.guest.clone();
                Box::pin(async move {
                    let reply = endpoint.answer(Arc::clone(&guest.shared), &asked, now).await;
                    Ok(guest.send(&asked, reply, asking))
                })
            }
        }
    }
}
