//! Notifies the hub of a document that it changed (WebSub, w3.org/TR/websub, and PubSubHubbub 0.4 §7:
//! `hub.mode=publish`); the hub then notifies its subscribers.

use std::time::{Duration, Instant};

use url::Url;
use url::form_urlencoded::Serializer;

use super::fetch::{ClientError, FetchError, Fetcher};
use crate::config::Config;

/// Time limit of one ping.
const LIMIT: Duration = Duration::from_secs(5);
/// Time limit of all pings of a run: a hub that hangs never holds up a run for long.
const LIMIT_OF_ALL: Duration = Duration::from_secs(15);

/// A document that changed, and the hub to notify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ping {
    /// The hub.
    pub(crate) hub: Url,
    /// The document's own public address, as it names itself (`rel=self`).
    pub(crate) topic: String,
}

/// What became of a ping. A failure is reported and nothing more: the hub looks by itself now and then.
#[derive(Debug)]
pub(crate) struct PingReport {
    /// The ping.
    pub(crate) ping: Ping,
    /// Whether the hub accepted it.
    pub(crate) result: Result<(), PingError>,
}

/// Why a hub could not be notified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PingError {
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The guard, the network or the hub.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The pings before it took too long.
    #[error("the time for hubs was up")]
    OutOfTime,
}

/// Notifies the hubs, one after another: one request each, guarded as every request is, never redirected.
pub(crate) async fn ping(config: &Config, pings: Vec<Ping>) -> Vec<PingReport> {
    let begun = Instant::now();
    let mut fetcher = None;
    let mut reports = Vec::new();
    for ping in pings {
        let limit = LIMIT.min(LIMIT_OF_ALL.saturating_sub(begun.elapsed()));
        let result = notify(config, &mut fetcher, &ping, limit).await;
        reports.push(PingReport { ping, result });
    }
    reports
}

async fn notify(config: &Config, fetcher: &mut Option<Fetcher>, ping: &Ping, limit: Duration) -> Result<(), PingError> {
    if limit.is_zero() {
        return Err(PingError::OutOfTime);
    }
    let fetcher = match fetcher {
        Some(fetcher) => fetcher,
        None => fetcher.insert(Fetcher::new(config)?),
    };
    let form =
        Serializer::new(String::new()).append_pair("hub.mode", "publish").append_pair("hub.url", &ping.topic).finish();
    Ok(fetcher.post_form(&ping.hub, form, limit).await?)
}
