//! A stream whose first bytes were read ahead and are returned again.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TCP stream whose first bytes were read ahead and will be read again.
#[derive(Debug)]
pub struct PeekedStream {
    head: Bytes,
    stream: TcpStream,
}

impl PeekedStream {
    pub(crate) fn new(head: Bytes, stream: TcpStream) -> PeekedStream {
        PeekedStream { head, stream }
    }

    /// Applies a function to the stream, such as moving it to another runtime.
    ///
    /// # Errors
    /// The error of `map`.
    pub fn try_map(self, map: impl FnOnce(TcpStream) -> io::Result<TcpStream>) -> io::Result<PeekedStream> {
        Ok(PeekedStream { head: self.head, stream: map(self.stream)? })
    }

    /// Returns the stream and those of its first bytes that were not read again.
    pub(super) fn into_parts(self) -> (TcpStream, Bytes) {
        (self.stream, self.head)
    }
}

impl From<TcpStream> for PeekedStream {
    fn from(stream: TcpStream) -> PeekedStream {
        PeekedStream { head: Bytes::new(), stream }
    }
}

impl AsyncRead for PeekedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.head.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let count = self.head.len().min(buffer.remaining());
        buffer.put_slice(&self.head[..count]);
        self.head.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PeekedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
