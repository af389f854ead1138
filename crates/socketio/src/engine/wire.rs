//! The byte stream of a WebSocket.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use rustix::net::{self, SendFlags};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use super::frame::EngineFrame;
use super::peeked_stream::PeekedStream;

/// How long a closed connection waits for the client to close it as well.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// Suppresses SIGPIPE if the peer has closed the connection. Apple platforms have a socket option for that instead.
#[cfg(not(target_vendor = "apple"))]
const QUIETLY: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_vendor = "apple")]
const QUIETLY: SendFlags = SendFlags::empty();

/// The part used only by the connection's task.
pub(crate) enum ConnectionWire {
    /// A plain TCP stream, whose write half any thread may use.
    Tcp(OwnedReadHalf),
    /// Any other stream, such as TLS, which only the task reads and writes.
    Other(Box<dyn ByteStream>),
}

/// Any byte stream.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// The write half, used directly by senders.
pub(crate) struct DirectWriter(OwnedWriteHalf);

/// An upgraded connection in parts.
pub(crate) struct UpgradedParts {
    pub(crate) wire: ConnectionWire,
    pub(crate) writer: Option<DirectWriter>,
    /// Bytes that were read together with the HTTP request.
    pub(crate) read: Bytes,
}

/// Extracts the TCP stream from hyper, so that frames can be written without its buffers.
pub(crate) fn open(upgraded: Upgraded, send_buffer: Option<usize>) -> UpgradedParts {
    let (stream, read) = match tcp_below(upgraded) {
        Ok(found) => found,
        Err(upgraded) => {
            let wire = ConnectionWire::Other(Box::new(TokioIo::new(upgraded)));
            return UpgradedParts { wire, writer: None, read: Bytes::new() };
        }
    };
    let (wire, writer) = split(stream, send_buffer);
    UpgradedParts { wire, writer: Some(writer), read }
}

/// Returns the underlying TCP stream and the bytes that hyper has read ahead.
fn tcp_below(upgraded: Upgraded) -> Result<(TcpStream, Bytes), Upgraded> {
    let upgraded = match hyper_util::server::conn::auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => return Ok((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => upgraded,
    };
    let upgraded = match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => return Ok((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => upgraded,
    };
    let parts = upgraded.downcast::<TokioIo<PeekedStream>>()?;
    let (stream, head) = parts.io.into_inner().into_parts();
    // hyper read before the remaining head, so its buffer comes first.
    let read = if head.is_empty() { parts.read_buf } else { [parts.read_buf, head].concat().into() };
    Ok((stream, read))
}

/// Configures a TCP stream and splits it.
pub(super) fn split(stream: TcpStream, send_buffer: Option<usize>) -> (ConnectionWire, DirectWriter) {
    // A failure only costs performance; a broken stream is detected by the first read.
    let _ = stream.set_nodelay(true);
    if let Some(size) = send_buffer {
        let _ = SockRef::from(&stream).set_send_buffer_size(size);
    }
    let (reader, writer) = stream.into_split();
    (ConnectionWire::Tcp(reader), DirectWriter(writer))
}

impl ConnectionWire {
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        match self {
            ConnectionWire::Tcp(reader) => ready!(Pin::new(reader).poll_read(cx, &mut buffer))?,
            ConnectionWire::Other(stream) => ready!(Pin::new(stream).poll_read(cx, &mut buffer))?,
        }
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Writes through the direct writer, if there is one.
    pub(crate) fn poll_write(
        &mut self,
        writer: Option<&DirectWriter>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match (self, writer) {
            (ConnectionWire::Other(stream), _) => Pin::new(stream).poll_write_vectored(cx, slices),
            (ConnectionWire::Tcp(_), Some(DirectWriter(writer))) => loop {
                match writer.try_write_vectored(slices) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        ready!(writer.as_ref().poll_write_ready(cx))?;
                    }
                    done => return Poll::Ready(done),
                }
            },
            (ConnectionWire::Tcp(_), None) => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Flushes the buffer of a buffering stream.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            ConnectionWire::Tcp(_) => Poll::Ready(Ok(())),
            ConnectionWire::Other(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    /// Writes a frame, bypassing the session's queue.
    pub(crate) async fn write_all(&mut self, writer: Option<&DirectWriter>, frame: &EngineFrame) -> io::Result<()> {
        let mut rest = frame.wire().clone();
        while rest.has_remaining() {
            match poll_fn(|cx| self.poll_write(writer, cx, &[IoSlice::new(&rest)])).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => rest.advance(count),
            }
        }
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Waits for the peer to close as well, after everything was written and the writer was dropped: closing a socket
    /// with unread input resets the connection, and the close frame could be lost.
    pub(crate) async fn linger(&mut self) {
        let until_closed = async {
            let mut buffer = [0; 512];
            poll_fn(|cx| self.poll_shutdown(cx)).await?;
            while poll_fn(|cx| self.poll_read(cx, &mut buffer)).await? > 0 {}
            io::Result::Ok(())
        };
        // The stream is closed in any case.
        let _ = timeout(LINGER, until_closed).await;
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            // Dropping the write half has shut it down.
            ConnectionWire::Tcp(_) => Poll::Ready(Ok(())),
            ConnectionWire::Other(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    /// Discards data in the kernel's send buffer when the stream is closed (`SO_LINGER` 0), by a reset.
    pub(crate) fn discard_on_close(&self) {
        if let ConnectionWire::Tcp(reader) = self {
            let _ = SockRef::from(reader.as_ref()).set_linger(Some(Duration::ZERO));
        }
    }
}

impl DirectWriter {
    /// Drops the write half without shutting down the stream, which would signal an orderly end to the peer.
    pub(crate) fn forget(self) {
        self.0.forget();
    }

    /// Writes as much as the kernel accepts without blocking; returns the number of bytes.
    pub(crate) fn try_write(&self, slices: &[IoSlice<'_>]) -> usize {
        // The reading task will observe the error as well, and closes the session.
        match slices {
            // Bypasses tokio's readiness check: its state is in other cache lines, and loading them takes longer than a
            // system call that returns EAGAIN.
            [one] => net::send(self.0.as_ref(), one, QUIETLY).unwrap_or(0),
            many => self.0.try_write_vectored(many).unwrap_or(0),
        }
    }
}
