//! WebSocket handshakes without an HTTP server.
//!
//! Nearly every client's connection consists of one request, complete in the first bytes read, and a WebSocket after
//! that. An HTTP server would use a task and buffers for each, pass the stream to another task, and write the response
//! separately. Anything unusual is returned for an HTTP server to handle, including handshakes to be rejected, so that
//! all rejections are in one place.

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

/// Requests with more headers are left to the HTTP server.
const MOST_HEADERS: usize = 64;

/// The beginning of a connection.
struct FirstBytes {
    bytes: Bytes,
    handshake: Option<PendingHandshake>,
}

/// A valid handshake request.
struct PendingHandshake {
    parts: request::Parts,
    asked: RequestTarget,
    key: HeaderValue,
    /// Length of the request in bytes.
    length: usize,
}

impl EngineIo {
    /// Serves a new connection if it starts with a valid WebSocket handshake. Otherwise returns it, to be served by an
    /// HTTP server with [`Self::layer`] or [`Self::service`]. `ticket` charges the connection to the budget for
    /// unauthenticated connections.
    ///
    /// # Errors
    /// If nothing arrives within `patience`, or the connection failed or was closed.
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
    // HTTP/1.1 only; httparse reports the minor version.
    if (request.method?, request.version?) != ("GET", 1) || !is_ours(&core.config, uri.path()) {
        return None;
    }
    let mut parts = Request::new(()).into_parts().0;
    (parts.uri, parts.headers) = (uri, headers_of(request.headers)?);
    // A body would have to be read before the first frame.
    if [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|name| parts.headers.contains_key(name)) {
        return None;
    }
    let asked = asked(core, &parts).ok().filter(|asked| asked.transport == TransportKind::WebSocket)?;
    let key = websocket::accept_key(&parts.headers).ok()?;
    Some(PendingHandshake { parts, asked, key, length })
}

/// Returns the accept key and the length of a handshake request if it is valid.
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
