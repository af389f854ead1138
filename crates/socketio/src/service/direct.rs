//! WebSocket handshakes served without an HTTP server in between.
//!
//! Nearly every client's connection is one request, whole in the first bytes that arrive, and a WebSocket from then on. An
//! HTTP server would have a task and buffers for each, hand the stream over to another task, and write its answer by
//! itself. Whatever looks different in any way is given back for an HTTP server to serve, refusals included: there is one
//! place that says them.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, request};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::request::{RequestTarget, asked, is_ours};
use crate::admission::AdmissionLimit;
use crate::engine::core::EngineCore;
use crate::engine::read_buffer::with_read_buffer;
use crate::engine::websocket::{self, WebSocketOpening};
use crate::engine::{EngineIo, PeekedStream, TransportKind};
use crate::gate::GuestTicket;

/// A request with more headers than this is not looked at here.
const MOST_HEADERS: usize = 64;

/// What a connection begins with.
struct FirstBytes {
    bytes: Bytes,
    handshake: Option<PendingHandshake>,
}

/// A request for a WebSocket that can be granted.
struct PendingHandshake {
    parts: request::Parts,
    asked: RequestTarget,
    key: HeaderValue,
    /// How many bytes of the first ones it takes.
    length: usize,
}

impl EngineIo {
    /// Serves a new connection if it begins with a WebSocket handshake that succeeds; gives it back otherwise, to be served
    /// by an HTTP server with [`Self::layer`] or [`Self::service`]. `ticket` is the place of a WebSocket among the guests.
    ///
    /// # Errors
    /// When nothing came within `patience`, or the connection is broken or was closed.
    pub async fn take(
        &self,
        stream: TcpStream,
        patience: Duration,
        ticket: impl FnOnce(&mut request::Parts) -> Result<GuestTicket, AdmissionLimit>,
    ) -> io::Result<Option<PeekedStream>> {
        let first = poll_fn(|cx| poll_first(&self.0, &stream, cx));
        let first = timeout(patience, first).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let FirstBytes { bytes, handshake: Some(PendingHandshake { mut parts, asked, key, length }) } = first else {
            return Ok(Some(PeekedStream::new(first.bytes, stream)));
        };
        let opening =
            ticket(&mut parts).ok().and_then(|ticket| WebSocketOpening::of(&self.0, parts, asked.session, ticket).ok());
        let Some(opening) = opening else {
            return Ok(Some(PeekedStream::new(bytes, stream)));
        };
        websocket::open_directly(&self.0, opening, stream, &key, &bytes[length..]);
        Ok(None)
    }
}

fn poll_first(core: &Arc<EngineCore>, stream: &TcpStream, cx: &mut Context<'_>) -> Poll<io::Result<FirstBytes>> {
    loop {
        ready!(stream.poll_read_ready(cx))?;
        let read: io::Result<FirstBytes> = with_read_buffer(|buffer| {
            let count = stream.try_read(buffer)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let bytes = Bytes::copy_from_slice(&buffer[..count]);
            Ok(FirstBytes { handshake: handshake(core, &bytes), bytes })
        });
        match read {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return Poll::Ready(read),
        }
    }
}

fn handshake(core: &Arc<EngineCore>, bytes: &[u8]) -> Option<PendingHandshake> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(bytes).ok()? else { return None };
    let uri = Uri::try_from(request.path?).ok()?;
    if (request.method?, request.version?) != ("GET", 1) || !is_ours(&core.config, uri.path()) {
        return None;
    }
    let mut parts = Request::new(()).into_parts().0;
    (parts.uri, parts.headers) = (uri, headers_of(request.headers)?);
    if [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|name| parts.headers.contains_key(name)) {
        return None;
    }
    let asked = asked(core, &parts).ok().filter(|asked| asked.transport == TransportKind::WebSocket)?;
    let key = websocket::accept_key(&parts.headers).ok()?;
    Some(PendingHandshake { parts, asked, key, length })
}

/// The key that the answer to a handshake proves, and the handshake's length, where it would be granted.
#[cfg(feature = "fuzzing")]
pub(crate) fn granted(core: &Arc<EngineCore>, bytes: &[u8]) -> Option<(HeaderValue, usize)> {
    handshake(core, bytes).map(|handshake| (handshake.key, handshake.length))
}

fn headers_of(headers: &[httparse::Header<'_>]) -> Option<HeaderMap> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        map.append(HeaderName::from_bytes(header.name.as_bytes()).ok()?, HeaderValue::from_bytes(header.value).ok()?);
    }
    Some(map)
}
