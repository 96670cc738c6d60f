//! Requests of the service to hubs and subscribers, through the guard that every request goes through.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::fetch::{ClientError, FetchError, Fetcher, Refused, Sending, Sent};
use crate::config::Config;

/// Sends letters.
#[derive(Debug)]
pub(crate) struct Courier(Fetcher);

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Letter<'a> {
    pub(crate) to: &'a Url,
    /// `None`: GET.
    pub(crate) body: Option<Vec<u8>>,
    /// Names in lower case.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) limit: Duration,
    /// How much of the answer is read.
    pub(crate) most_answer_bytes: usize,
}

impl Courier {
    /// By the rules of `[fetch]`.
    ///
    /// # Errors
    /// If the client cannot be set up.
    pub(crate) fn new(config: &Config) -> Result<Self, ClientError> {
        Fetcher::new(config).map(Self)
    }

    /// Whether the address guard lets a request leave for `url`, as far as is known without a look-up.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refused> {
        self.0.check(url)
    }

    /// Sends `letter` at `now`.
    ///
    /// # Errors
    /// The guard or the network; a status is none.
    pub(crate) async fn send(&self, letter: Letter<'_>, now: Timestamp) -> Result<Sent, FetchError> {
        let sending = Sending { body: letter.body, headers: letter.headers };
        self.0.send(letter.to, sending, letter.limit, letter.most_answer_bytes, now).await
    }
}
