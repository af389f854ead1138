//! The byte stream under a WebSocket.

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

/// How long a finished connection waits for the client to close it too.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// A peer that is gone is no reason for a signal. Where this is not a flag, the socket has it as an option.
#[cfg(not(target_vendor = "apple"))]
const QUIETLY: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_vendor = "apple")]
const QUIETLY: SendFlags = SendFlags::empty();

/// The half that only the connection's task uses.
pub(crate) enum ConnectionWire {
    /// A plain TCP stream, whose other half any thread may write to.
    Tcp(OwnedReadHalf),
    /// Anything else, such as TLS, which is read and written by the task alone.
    Other(Box<dyn ByteStream>),
}

/// A stream of any kind.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// The half that senders write to directly.
pub(crate) struct DirectWriter(OwnedWriteHalf);

/// An upgraded connection taken apart.
pub(crate) struct UpgradedParts {
    pub(crate) wire: ConnectionWire,
    pub(crate) writer: Option<DirectWriter>,
    /// Bytes that were read along with the HTTP request.
    pub(crate) read: Bytes,
}

/// Gets at the TCP stream below hyper, so that frames go to the kernel without a detour.
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

/// The TCP stream that hyper was given, and what it had read of it.
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
    let read = if head.is_empty() { parts.read_buf } else { [parts.read_buf, head].concat().into() };
    Ok((stream, read))
}

/// Sets a TCP stream up, and takes it apart.
pub(super) fn split(stream: TcpStream, send_buffer: Option<usize>) -> (ConnectionWire, DirectWriter) {
    // Refused options only cost speed: a stream that is gone shows itself at the first read.
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

    /// Writes through the direct writer where there is one.
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

    /// Pushes out what a buffering stream still holds.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            ConnectionWire::Tcp(_) => Poll::Ready(Ok(())),
            ConnectionWire::Other(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    /// Writes a frame that goes past the session's queue.
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

    /// Waits for the peer to close as well, after everything was written and the writer dropped:
    /// closing with unread input would reset the connection before the farewell is read.
    pub(crate) async fn linger(&mut self) {
        let until_closed = async {
            let mut buffer = [0; 512];
            poll_fn(|cx| self.poll_shutdown(cx)).await?;
            while poll_fn(|cx| self.poll_read(cx, &mut buffer)).await? > 0 {}
            io::Result::Ok(())
        };
        // Whatever the peer does in the end, the stream is done with.
        let _ = timeout(LINGER, until_closed).await;
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            // The write half's end is the shutdown.
            ConnectionWire::Tcp(_) => Poll::Ready(Ok(())),
            ConnectionWire::Other(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    /// Makes the end of the stream drop what the kernel still holds for the peer.
    pub(crate) fn discard_on_close(&self) {
        if let ConnectionWire::Tcp(reader) = self {
            let _ = SockRef::from(reader.as_ref()).set_linger(Some(Duration::ZERO));
        }
    }
}

impl DirectWriter {
    /// Leaves the stream to its other half. Dropping this one tells the peer that all was sent.
    pub(crate) fn forget(self) {
        self.0.forget();
    }

    /// Hands over as much as the kernel takes at once.
    pub(crate) fn try_write(&self, slices: &[IoSlice<'_>]) -> usize {
        // An error is found again, and acted upon, by the task that reads.
        match slices {
            // The runtime is not asked whether the kernel would take something: what it knows of that lies elsewhere in
            // memory, and to fetch it takes longer than to be refused.
            [one] => net::send(self.0.as_ref(), one, QUIETLY).unwrap_or(0),
            many => self.0.try_write_vectored(many).unwrap_or(0),
        }
    }
}
