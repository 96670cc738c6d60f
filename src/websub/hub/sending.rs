//! Requests of the hub to callbacks: what they are to confirm, what they are sent, and that it is over.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;
use url::form_urlencoded::Serializer;

use super::super::signature::sign;
use super::content::Content;
use super::roll::Delivered;
use crate::gather::{Courier, Letter};
use crate::store::{HubPetition, HubSubscriber, HubWish};

/// Time limits of one request.
const LIMIT: Duration = Duration::from_secs(10);
const DELIVERY_LIMIT: Duration = Duration::from_secs(20);
/// How much of an answer to a delivery is read.
const MOST_ANSWER_BYTES: usize = 1_024;

/// Whether the callback confirms `petition` (WebSub §5.3): with 2xx and the challenge, whole and nothing else.
pub(super) async fn confirms(courier: &Courier, petition: &HubPetition, challenge: &str, now: Timestamp) -> bool {
    let mut fields = vec![
        ("hub.mode", petition.wish.code().to_owned()),
        ("hub.topic", petition.topic.clone()),
        ("hub.challenge", challenge.to_owned()),
    ];
    if petition.wish == HubWish::Subscribe {
        fields.push(("hub.lease_seconds", petition.lease.as_secs().to_string()));
    }
    let to = with_fields(&petition.callback, &fields);
    let letter =
        Letter { to: &to, body: None, headers: Vec::new(), limit: LIMIT, most_answer_bytes: challenge.len() + 1 };
    let sent = courier.send(letter, now).await;
    sent.is_ok_and(|sent| (200..300).contains(&sent.status) && sent.body == challenge.as_bytes())
}

/// Tells a callback that its subscription is over (WebSub §5.2); whether it hears is its own matter.
pub(super) async fn deny(courier: &Courier, subscriber: &HubSubscriber, now: Timestamp) {
    let fields = [
        ("hub.mode", "denied".to_owned()),
        ("hub.topic", subscriber.topic.clone()),
        ("hub.reason", "this hub does not have this topic any more".to_owned()),
    ];
    let to = with_fields(&subscriber.callback, &fields);
    let letter = Letter { to: &to, body: None, headers: Vec::new(), limit: LIMIT, most_answer_bytes: 0 };
    // Nothing is owed to it any more.
    let _ = courier.send(letter, now).await;
}

/// Sends `content` to `subscriber` (WebSub §6).
pub(super) async fn deliver(
    courier: &Courier,
    subscriber: &HubSubscriber,
    content: &Content,
    hub: &Url,
    now: Timestamp,
) -> Delivered {
    let links = format!("<{hub}>; rel=\"hub\", <{}>; rel=\"self\"", content.topic);
    let mut headers = vec![("content-type", content.media_type.clone()), ("link", links)];
    if let Some(secret) = &subscriber.secret {
        headers.push(("x-hub-signature", sign(secret.expose(), &content.bytes)));
    }
    let letter = Letter {
        to: &subscriber.callback,
        body: Some(content.bytes.to_vec()),
        headers,
        limit: DELIVERY_LIMIT,
        most_answer_bytes: MOST_ANSWER_BYTES,
    };
    match courier.send(letter, now).await {
        Ok(sent) if (200..300).contains(&sent.status) => Delivered::Yes,
        Ok(sent) if sent.status == 410 => Delivered::NeverAgain,
        Ok(sent) => Delivered::No(sent.retry_after),
        Err(_) => Delivered::No(None::<SignedDuration>),
    }
}

/// `callback` with more fields in its query: those that it has stay as they are.
fn with_fields(callback: &Url, fields: &[(&str, String)]) -> Url {
    let more = Serializer::new(String::new()).extend_pairs(fields).finish();
    let query = match callback.query() {
        Some(before) if !before.is_empty() => format!("{before}&{more}"),
        _ => more,
    };
    let mut to = callback.clone();
    to.set_query(Some(&query));
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_callback_stays_as_it_is() {
        for (callback, want) in [
            ("https://a.example/cb", "https://a.example/cb?hub.topic=t%26u"),
            ("https://a.example/cb?", "https://a.example/cb?hub.topic=t%26u"),
            ("https://a.example/cb?x=%20a+b&&y", "https://a.example/cb?x=%20a+b&&y&hub.topic=t%26u"),
        ] {
            let to = with_fields(&Url::parse(callback).unwrap(), &[("hub.topic", "t&u".to_owned())]);
            assert_eq!(to.as_str(), want);
        }
    }
}
