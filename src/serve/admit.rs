//! What is refused before it is looked at: requests that a proxy in front could understand otherwise than we do.

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};

use super::mailbox::Mailbox;
use super::reply::{Reply, closing, plain};

/// The methods that are answered, for `Allow`.
pub(super) const METHODS: &str = "GET, HEAD, OPTIONS";

/// The refusal of `asked`; `None`: it may be answered.
///
/// Who sends a body, or lines that contradict each other, is not heard again on this connection: what follows could be
/// taken for the next request by one side and not by the other (RFC 9112 §11.2).
pub(super) fn refusal(asked: &Parts) -> Option<Reply> {
    if let Some(refused) = misreadable(asked) {
        return Some(refused);
    }
    match asked.method {
        Method::GET | Method::HEAD | Method::OPTIONS if has_body(asked) => Some(no_body()),
        Method::GET | Method::HEAD | Method::OPTIONS => None,
        _ => Some(not_allowed(asked, METHODS, "nothing can be written here")),
    }
}

/// The same for what is sent to `mailbox`: there, POST has a body.
pub(super) fn refusal_of_mail(asked: &Parts, mailbox: &Mailbox) -> Option<Reply> {
    if let Some(refused) = misreadable(asked) {
        return Some(refused);
    }
    let methods = mailbox.methods();
    if !methods.split(", ").any(|method| method == asked.method.as_str()) {
        return Some(not_allowed(asked, methods, "this is not asked in this way"));
    }
    (asked.method != Method::POST && has_body(asked)).then(no_body)
}

fn misreadable(asked: &Parts) -> Option<Reply> {
    let headers = &asked.headers;
    if !has_one_host(headers, asked.version) {
        return Some(closing(plain(StatusCode::BAD_REQUEST, "a request names its host once")));
    }
    if asked.method != Method::CONNECT && asked.uri.scheme().is_none() && asked.uri.authority().is_some() {
        return Some(closing(plain(StatusCode::BAD_REQUEST, "an address begins with a slash")));
    }
    if let Some(expected) = headers.get(header::EXPECT)
        && !expected.as_bytes().eq_ignore_ascii_case(b"100-continue")
    {
        return Some(closing(plain(StatusCode::EXPECTATION_FAILED, "this expectation cannot be met")));
    }
    if !is_chunked_at_most(headers) {
        return Some(closing(plain(StatusCode::NOT_IMPLEMENTED, "this transfer coding is not known here")));
    }
    None
}

fn has_body(asked: &Parts) -> bool {
    let length = asked.headers.get(header::CONTENT_LENGTH);
    asked.headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length.as_bytes() != b"0")
}

fn no_body() -> Reply {
    closing(plain(StatusCode::PAYLOAD_TOO_LARGE, "a request has no body here"))
}

fn not_allowed(asked: &Parts, methods: &'static str, words: &str) -> Reply {
    let mut reply = plain(StatusCode::METHOD_NOT_ALLOWED, words);
    reply.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(methods));
    if has_body(asked) || asked.method == Method::CONNECT { closing(reply) } else { reply }
}

/// RFC 9112 §3.2: one `Host`, and in HTTP/1.0 perhaps none.
fn has_one_host(headers: &HeaderMap, version: Version) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version != Version::HTTP_11,
        (Some(host), None) => host.as_bytes().iter().all(|byte| is_of_host(*byte)),
        (Some(_), Some(_)) => false,
    }
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(&byte)
}

fn is_chunked_at_most(headers: &HeaderMap) -> bool {
    const CODING: HeaderName = header::TRANSFER_ENCODING;
    let mut codings = headers.get_all(CODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    #[track_caller]
    fn check(method: &str, lines: &[(&str, &str)], want: Option<u16>) {
        let mut request = Request::builder().method(method).uri("/feed.xml");
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        let refused = refusal(&request.body(()).unwrap().into_parts().0);
        assert_eq!(refused.as_ref().map(|reply| reply.status().as_u16()), want, "{method} {lines:?}");
        if let Some(reply) = refused.filter(|reply| reply.status() == StatusCode::METHOD_NOT_ALLOWED) {
            assert_eq!(reply.headers()[header::ALLOW], METHODS);
        }
    }

    #[test]
    fn a_mailbox_takes_a_body_by_post_alone() {
        let status = |method: &str, mailbox: &Mailbox, length: &str| {
            let request =
                Request::builder().method(method).uri("/x").header("host", "x").header("content-length", length);
            let refused = refusal_of_mail(&request.body(()).unwrap().into_parts().0, mailbox);
            refused.map(|reply| reply.status().as_u16())
        };
        let callback = Mailbox::Callback("0a".to_owned());
        for (method, hub, of_callback) in [
            ("GET", Some(413), Some(413)),
            ("HEAD", Some(413), Some(405)),
            ("OPTIONS", Some(413), Some(405)),
            ("POST", None, None),
            ("PUT", Some(405), Some(405)),
            ("ET", Some(405), Some(405)),
            ("get", Some(405), Some(405)),
        ] {
            assert_eq!(
                (status(method, &Mailbox::Hub, "5"), status(method, &callback, "5")),
                (hub, of_callback),
                "{method}"
            );
            let without = |refused: Option<u16>| refused.filter(|status| *status == 405);
            let want = (without(hub), without(of_callback));
            assert_eq!((status(method, &Mailbox::Hub, "0"), status(method, &callback, "0")), want, "{method}");
        }
    }

    #[test]
    fn a_request_is_one_that_nobody_can_misread() {
        const HOST: (&str, &str) = ("host", "feeds.example.org:8080");
        for method in ["GET", "HEAD", "OPTIONS"] {
            check(method, &[HOST], None);
            check(method, &[HOST, ("content-length", "0")], None);
            check(method, &[HOST, ("content-length", "5")], Some(413));
            check(method, &[HOST, ("transfer-encoding", "chunked")], Some(413));
            check(method, &[], Some(400));
            check(method, &[HOST, HOST], Some(400));
            check(method, &[("host", "a b")], Some(400));
            check(method, &[("host", "a/b")], Some(400));
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "X"] {
            check(method, &[HOST], Some(405));
            check(method, &[HOST, ("content-length", "5")], Some(405));
        }
        check("GET", &[HOST, ("expect", "100-Continue")], None);
        check("GET", &[HOST, ("expect", "tea")], Some(417));
        for coding in ["gzip, chunked", "identity", "chunked, chunked", "xchunked"] {
            check("GET", &[HOST, ("transfer-encoding", coding)], Some(501));
        }
        check("GET", &[HOST, ("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], Some(501));
    }
}
