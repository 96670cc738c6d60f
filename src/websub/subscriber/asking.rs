//! One request to a hub (WebSub §5.1).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;
use url::form_urlencoded::Serializer;

use super::super::intent::Mode;
use super::book::Request;
use super::wishes::may_know_secrets;
use crate::gather::{Courier, Letter};

/// Time limit of one request.
const LIMIT: Duration = Duration::from_secs(10);
/// How much of an answer is read: it may say in words why it refuses.
const MOST_ANSWER_BYTES: usize = 1_024;
/// How often a hub may send a request on to another address.
const MOST_HOPS: usize = 3;

/// Why a hub did not take what it was asked.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) problem: String,
    /// When it wants to be asked again.
    pub(super) again: Option<SignedDuration>,
}

/// Asks a hub; it verifies later, or has done so before this returns.
pub(super) async fn ask(courier: &Courier, request: &Request, clock: fn() -> Timestamp) -> Result<(), Refusal> {
    let refusal = |problem: String| Refusal { problem, again: None };
    let form = form(request);
    let mut hub = request.hub.clone();
    for _ in 0..=MOST_HOPS {
        let letter = Letter {
            to: &hub,
            body: Some(form.clone().into_bytes()),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            limit: LIMIT,
            most_answer_bytes: MOST_ANSWER_BYTES,
        };
        let receipt = courier.send(letter, clock()).await.map_err(|error| refusal(said(&error)))?;
        match receipt.status {
            200..=299 => return Ok(()),
            307 | 308 => match receipt.location {
                Some(next) if is_no_less(&hub, &next) => hub = next,
                _ => return Err(refusal("the hub sends the request on to where it may not go".to_owned())),
            },
            status => {
                let words = String::from_utf8_lossy(&receipt.body);
                let words = words.lines().next().unwrap_or_default().trim();
                let why = if words.is_empty() || words.starts_with('<') { String::new() } else { format!(": {words}") };
                return Err(Refusal { problem: format!("the hub answered {status}{why}"), again: receipt.retry_after });
            }
        }
    }
    Err(refusal("the hub sends the request on and on".to_owned()))
}

/// Whether what was meant for `from` may go to `to`: a secret that was sent safely stays safe.
fn is_no_less(from: &Url, to: &Url) -> bool {
    may_know_secrets(to) || !may_know_secrets(from)
}

fn form(request: &Request) -> String {
    let mut form = Serializer::new(String::new());
    let mode = match request.mode {
        Mode::Unsubscribe => "unsubscribe",
        Mode::Subscribe | Mode::Denied => "subscribe",
    };
    form.append_pair("hub.callback", &request.callback);
    form.append_pair("hub.mode", mode);
    form.append_pair("hub.topic", &request.topic);
    // Hubs of PubSubHubbub 0.3 want to know; others overlook it.
    form.append_pair("hub.verify", "async");
    if request.mode == Mode::Subscribe {
        form.append_pair("hub.lease_seconds", &request.lease.as_secs().to_string());
    }
    if let Some(secret) = &request.secret {
        form.append_pair("hub.secret", secret.expose());
    }
    form.finish()
}

/// The error with what caused it.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::PushSecret;

    #[test]
    fn a_request_says_what_the_specification_asks_for() {
        let request = |mode, secret: Option<&str>| Request {
            path: "p".to_owned(),
            mode,
            hub: Url::parse("https://h.example/").unwrap(),
            topic: "https://a.example/?x=1&y".to_owned(),
            callback: "https://me.example/websub/p".to_owned(),
            secret: secret.map(|text| PushSecret::new(text.to_owned())),
            lease: SignedDuration::from_hours(1),
        };
        let common = "hub.topic=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y&hub.verify=async";
        let callback = "hub.callback=https%3A%2F%2Fme.example%2Fwebsub%2Fp";
        assert_eq!(
            form(&request(Mode::Subscribe, Some("s"))),
            format!("{callback}&hub.mode=subscribe&{common}&hub.lease_seconds=3600&hub.secret=s")
        );
        assert_eq!(form(&request(Mode::Unsubscribe, None)), format!("{callback}&hub.mode=unsubscribe&{common}"));
    }

    #[test]
    fn a_secret_does_not_go_on_to_where_it_could_be_read() {
        let may = |from: &str, to: &str| is_no_less(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
        assert!(may("https://h.example/", "https://i.example/") && may("http://h.example/", "http://i.example/"));
        assert!(may("http://h.example/", "https://h.example/"));
        assert!(!may("https://h.example/", "http://h.example/"));
        assert!(!may("http://127.0.0.1/", "http://h.example/"));
    }
}
