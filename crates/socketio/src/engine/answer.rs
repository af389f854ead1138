//! HTTP responses.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use rand::RngExt as _;

/// Response to one request.
pub(crate) struct Answer(pub(crate) Response<Full<Bytes>>);

/// Reason for rejecting a request; codes and messages are those of the Node.js server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    UnknownTransport,
    UnknownSession,
    BadMethod,
    BadRequest,
    /// The body is not a valid payload.
    BadPacket,
    Forbidden,
    BadVersion,
    /// The request asks for an unsupported version of WebSocket (RFC 6455, section 4.2.2).
    BadWebSocketVersion,
    TooLarge,
    Unavailable,
}

/// Hint for [`Problem::UnknownSession`]: its usual causes.
const UNKNOWN_SESSION_HINT: &str = "It ended, or another server process opened it: a proxy before several must send all \
    requests of a long-polling session to the same one (sticky sessions).";
/// Hint for clients of Socket.IO 2.x and older.
const BAD_VERSION_HINT: &str = "This server speaks Engine.IO 4 (EIO=4) and Socket.IO 5: use socket.io-client 3 or 4, \
    python-socketio 5, or another client of these protocols.";
/// Hint for clients with a custom parser.
const BAD_PACKET_HINT: &str = "A packet is malformed, and the session was closed. Of Socket.IO's parsers only the default one \
    is supported, not msgpack.";

impl Problem {
    fn hint(self) -> Option<&'static str> {
        match self {
            Problem::UnknownSession => Some(UNKNOWN_SESSION_HINT),
            Problem::BadVersion => Some(BAD_VERSION_HINT),
            Problem::BadPacket => Some(BAD_PACKET_HINT),
            _ => None,
        }
    }
}

impl Answer {
    pub(crate) fn payload(body: Bytes) -> Answer {
        let mut answer = Answer::new(StatusCode::OK, body);
        answer.set(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
        answer
    }

    pub(crate) fn ok() -> Answer {
        let mut answer = Answer::new(StatusCode::OK, Bytes::from_static(b"ok"));
        answer.set(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        answer
    }

    pub(crate) fn no_content() -> Answer {
        Answer::new(StatusCode::NO_CONTENT, Bytes::new())
    }

    pub(crate) fn switching_protocols(accept_key: HeaderValue) -> Answer {
        let mut answer = Answer::new(StatusCode::SWITCHING_PROTOCOLS, Bytes::new());
        answer.set(CONNECTION, HeaderValue::from_static("Upgrade"));
        answer.set(UPGRADE, HeaderValue::from_static("websocket"));
        answer.set(SEC_WEBSOCKET_ACCEPT, accept_key);
        answer
    }

    /// Returns the same response as [`Self::switching_protocols`] in serialized form.
    pub(crate) fn granted(accept_key: &HeaderValue) -> String {
        let key = accept_key.to_str().unwrap_or_default();
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {key}\r\n\r\n"
        )
    }

    pub(crate) fn problem(problem: Problem) -> Answer {
        let (status, code, message) = match problem {
            Problem::UnknownTransport => (StatusCode::BAD_REQUEST, 0, "Transport unknown"),
            Problem::UnknownSession => (StatusCode::BAD_REQUEST, 1, "Session ID unknown"),
            Problem::BadMethod => (StatusCode::BAD_REQUEST, 2, "Bad handshake method"),
            Problem::BadRequest | Problem::BadPacket => (StatusCode::BAD_REQUEST, 3, "Bad request"),
            Problem::Forbidden => (StatusCode::FORBIDDEN, 4, "Forbidden"),
            Problem::BadVersion => (StatusCode::BAD_REQUEST, 5, "Unsupported protocol version"),
            Problem::BadWebSocketVersion => (StatusCode::UPGRADE_REQUIRED, 3, "Bad request"),
            Problem::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, 3, "Payload too large"),
            Problem::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, 3, "Service unavailable"),
        };
        // Clients evaluate code and message; the hint is for developers.
        let hint = problem.hint().map(|hint| format!(",\"hint\":\"{hint}\""));
        let body = format!("{{\"code\":{code},\"message\":\"{message}\"{}}}", hint.unwrap_or_default());
        let mut answer = Answer::new(status, body.into());
        answer.set(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match problem {
            // Randomized, so that clients rejected together do not return together.
            Problem::Unavailable => answer.set(RETRY_AFTER, HeaderValue::from(rand::rng().random_range(3_u16..=9))),
            Problem::BadWebSocketVersion => answer.set(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
            // The rest of the body is not read, so the connection cannot be reused.
            Problem::TooLarge => answer.set(CONNECTION, HeaderValue::from_static("close")),
            _ => {}
        }
        answer
    }

    pub(crate) fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.headers_mut().insert(name, value);
    }

    fn new(status: StatusCode, body: Bytes) -> Answer {
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Answer(response)
    }
}
