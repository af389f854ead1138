//! HTTP responses.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use rand::RngExt as _;

/// Response to one request.
pub(crate) struct HttpAnswer(pub(crate) Response<Full<Bytes>>);

/// Reason for rejecting a request; codes and messages are those of the Node.js server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestProblem {
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

/// Hint for [`RequestProblem::UnknownSession`]: its usual causes.
const UNKNOWN_SESSION_HINT: &str = "It ended, or another server process opened it: a proxy before several must send all \
    requests of a long-polling session to the same one (sticky sessions).";
/// Hint for clients of Socket.IO 2.x and older.
const BAD_VERSION_HINT: &str = "This server speaks Engine.IO 4 (EIO=4) and Socket.IO 5: use socket.io-client 3 or 4, \
    python-socketio 5, or another client of these protocols.";
/// Hint for clients with a custom parser.
const BAD_PACKET_HINT: &str = "A packet is malformed, and the session was closed. Of Socket.IO's parsers only the default one \
    is supported, not msgpack.";

impl RequestProblem {
    fn hint(self) -> Option<&'static str> {
        match self {
            RequestProblem::UnknownSession => Some(UNKNOWN_SESSION_HINT),
            RequestProblem::BadVersion => Some(BAD_VERSION_HINT),
            RequestProblem::BadPacket => Some(BAD_PACKET_HINT),
            _ => None,
        }
    }
}

impl HttpAnswer {
    pub(crate) fn payload(body: Bytes) -> HttpAnswer {
        let mut answer = HttpAnswer::new(StatusCode::OK, body);
        answer.set(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
        answer
    }

    pub(crate) fn ok() -> HttpAnswer {
        let mut answer = HttpAnswer::new(StatusCode::OK, Bytes::from_static(b"ok"));
        answer.set(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        answer
    }

    pub(crate) fn no_content() -> HttpAnswer {
        HttpAnswer::new(StatusCode::NO_CONTENT, Bytes::new())
    }

    pub(crate) fn switching_protocols(accept_key: HeaderValue) -> HttpAnswer {
        let mut answer = HttpAnswer::new(StatusCode::SWITCHING_PROTOCOLS, Bytes::new());
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

    pub(crate) fn problem(problem: RequestProblem) -> HttpAnswer {
        let (status, code, message) = match problem {
            RequestProblem::UnknownTransport => (StatusCode::BAD_REQUEST, 0, "Transport unknown"),
            RequestProblem::UnknownSession => (StatusCode::BAD_REQUEST, 1, "Session ID unknown"),
            RequestProblem::BadMethod => (StatusCode::BAD_REQUEST, 2, "Bad handshake method"),
            RequestProblem::BadRequest | RequestProblem::BadPacket => (StatusCode::BAD_REQUEST, 3, "Bad request"),
            RequestProblem::Forbidden => (StatusCode::FORBIDDEN, 4, "Forbidden"),
            RequestProblem::BadVersion => (StatusCode::BAD_REQUEST, 5, "Unsupported protocol version"),
            RequestProblem::BadWebSocketVersion => (StatusCode::UPGRADE_REQUIRED, 3, "Bad request"),
            RequestProblem::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, 3, "Payload too large"),
            RequestProblem::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, 3, "Service unavailable"),
        };
        // Clients evaluate code and message; the hint is for developers.
        let hint = problem.hint().map(|hint| format!(",\"hint\":\"{hint}\""));
        let body = format!("{{\"code\":{code},\"message\":\"{message}\"{}}}", hint.unwrap_or_default());
        let mut answer = HttpAnswer::new(status, body.into());
        answer.set(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match problem {
            // Randomized, so that clients rejected together do not return together.
            RequestProblem::Unavailable => {
                answer.set(RETRY_AFTER, HeaderValue::from(rand::rng().random_range(3_u16..=9)));
            }
            RequestProblem::BadWebSocketVersion => answer.set(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
            // The rest of the body is not read, so the connection cannot be reused.
            RequestProblem::TooLarge => answer.set(CONNECTION, HeaderValue::from_static("close")),
            _ => {}
        }
        answer
    }

    pub(crate) fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.headers_mut().insert(name, value);
    }

    fn new(status: StatusCode, body: Bytes) -> HttpAnswer {
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        HttpAnswer(response)
    }
}
