//! A request that no feed or page is fetched by: guarded as every request is, never redirected, and only the beginning
//! of its answer is read.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Response};
use url::Url;

use super::answer::{Keep, Protocol};
use super::client::Fetcher;
use super::error::FetchError;
use super::retry_after::retry_after;

/// What is sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sending {
    /// `None`: GET.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) status: u16,
    /// Where it leads, for whoever wants to follow.
    pub(crate) location: Option<Url>,
    pub(crate) retry_after: Option<SignedDuration>,
    /// No longer than was asked for.
    pub(crate) body: Vec<u8>,
}

impl Fetcher {
    /// Sends `sending` to `url` at `now`, within `limit`, and reads `most_bytes` of the answer at most.
    pub(crate) async fn send(
        &self,
        url: &Url,
        sending: Sending,
        limit: Duration,
        most_bytes: usize,
        now: Timestamp,
    ) -> Result<Sent, FetchError> {
        self.guard().check(url)?;
        let host = url.host_str().unwrap_or_default();
        if url.scheme() == "https" && self.trusts_nobody() {
            return Err(FetchError::NoCertificates { host: host.to_owned() });
        }
        let exchange = async {
            self.guard().check_for_proxy(url).await?;
            let response =
                self.sent(url, sending).await?.map_err(|error| FetchError::from_request(error, host, limit))?;
            Ok(answer(response, url, most_bytes, now).await)
        };
        tokio::time::timeout(limit, exchange).await.unwrap_or(Err(FetchError::Timeout { limit }))
    }

    async fn sent(&self, url: &Url, sending: Sending) -> Result<Result<Response, reqwest::Error>, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        for (name, text) in &sending.headers {
            let bad = || FetchError::Header { name: (*name).to_owned() };
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(text).map_err(|_| bad())?);
        }
        let method = if sending.body.is_some() { Method::POST } else { Method::GET };
        let request = self.client(Protocol::Any, Keep::Close)?.request(method, url.clone()).headers(headers);
        let request = match sending.body {
            Some(body) => request.body(body),
            None => request,
        };
        Ok(request.send().await)
    }
}

async fn answer(mut response: Response, url: &Url, most_bytes: usize, now: Timestamp) -> Sent {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let mut sent = Sent {
        status: response.status().as_u16(),
        location: location.and_then(|text| url.join(text).ok()),
        retry_after: retry_after(response.headers(), now),
        body: Vec::new(),
    };
    // The status stands, whatever becomes of the rest.
    while sent.body.len() < most_bytes {
        let Ok(Some(chunk)) = response.chunk().await else { break };
        let left = most_bytes - sent.body.len();
        sent.body.extend_from_slice(&chunk[..chunk.len().min(left)]);
    }
    sent
}
