//! Response bodies that keep a value alive until they have been sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};

/// Frames smaller than this many bytes count as sent once the connection has accepted them: wrapping costs more than it
/// bounds.
const SMALL_BYTES: usize = 1 << 10;

/// A body that keeps `T` alive until the last of its bytes has been written.
pub struct HeldBody<T> {
    body: Body,
    held: Arc<T>,
}

/// Bytes with the value they keep alive.
struct ChargedBytes<T> {
    bytes: Bytes,
    _held: Arc<T>,
}

/// Returns the bytes with a reference to `held` that is dropped with the last reference to them.
pub fn hold_with<T: Send + Sync + 'static>(bytes: Bytes, held: &Arc<T>) -> Bytes {
    Bytes::from_owner(ChargedBytes { bytes, _held: Arc::clone(held) })
}

impl<T> HeldBody<T> {
    /// Creates a body that owns `held`.
    pub fn new(body: Body, held: T) -> Self {
        Self { body, held: Arc::new(held) }
    }
}

impl<T> AsRef<[u8]> for ChargedBytes<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T: Send + Sync + 'static> http_body::Body for HeldBody<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        // Every frame keeps `held` alive until the connection has written it.
        let hold = |bytes: Bytes| if bytes.len() < SMALL_BYTES { bytes } else { hold_with(bytes, &self.held) };
        polled.map(|frame| frame.map(|frame| frame.map(|frame| frame.map_data(hold))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
