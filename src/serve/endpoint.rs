//! What the service says of itself, beside the outputs.

use std::sync::Arc;

use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use tokio::task::spawn_blocking;

use super::client::Entrance;
use super::metrics;
use super::outputs;
use super::page::Kind;
use super::reply::{Reply, plain};
use super::search::{self, Form};
use super::shared::Shared;
use super::status_page;

/// A page of the service's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// It is alive.
    Health,
    /// It may be sent readers.
    Ready,
    /// For programs that watch it.
    Metrics,
    /// For the operator.
    Status,
    /// For readers.
    Search(Form),
}

impl Endpoint {
    pub(super) fn at(path: &str) -> Option<Self> {
        match path {
            "healthz" => Some(Self::Health),
            "readyz" => Some(Self::Ready),
            "metrics" => Some(Self::Metrics),
            "status" => Some(Self::Status),
            "search" => Some(Self::Search(Form::Page)),
            "search.json" => Some(Self::Search(Form::Json)),
            _ => None,
        }
    }

    /// Whether it is for the operator alone.
    fn is_private(self) -> bool {
        matches!(self, Self::Metrics | Self::Status)
    }

    /// Why `asked`, who came in by `entrance`, is not answered; `None`: nothing speaks against it.
    pub(super) fn refusal(self, shared: &Shared, entrance: Entrance, asked: &Parts) -> Option<Reply> {
        if !self.is_private() || entrance == Entrance::Private {
            return None;
        }
        // Without a token nobody can tell that it is there.
        let Some(token) = shared.token() else { return Some(plain(StatusCode::NOT_FOUND, "there is nothing here")) };
        let given = asked.headers.get(header::AUTHORIZATION);
        if given.is_some_and(|given| token.is_in(given.as_bytes())) {
            return None;
        }
        let mut reply = plain(StatusCode::UNAUTHORIZED, "this page needs the token of feeds.toml");
        let how = HeaderValue::from_static("Basic realm=\"feedloom\", charset=\"UTF-8\"");
        reply.headers_mut().append(header::WWW_AUTHENTICATE, how);
        Some(reply)
    }

    /// The answer to whoever may have it.
    pub(super) async fn answer(self, shared: Arc<Shared>, asked: &Parts, now: Timestamp) -> Reply {
        if asked.method == Method::OPTIONS {
            return outputs::options(&Kind::Other);
        }
        match self {
            Self::Health => plain(StatusCode::OK, "alive"),
            Self::Ready => match shared.facts.read().unready(now) {
                None => plain(StatusCode::OK, "ready"),
                Some(why) => plain(StatusCode::SERVICE_UNAVAILABLE, why),
            },
            Self::Metrics => metrics::reply(&shared),
            Self::Search(form) => search::reply(shared, form, &asked.uri).await,
            // It reads the database.
            Self::Status => spawn_blocking(move || status_page::reply(&shared, now))
                .await
                .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "a fault in feedloom")),
        }
    }
}
