//! The body of an answer, with something that is held until it has been sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};

/// A part of a body that is smaller than this counts as sent when the connection has taken it.
const SMALL_BYTES: usize = 1 << 10;

/// A body that holds `T` until the last of its bytes has been written.
pub struct HeldBody<T> {
    body: Body,
    held: Arc<T>,
}

/// Bytes together with what is held for them.
struct ChargedBytes<T> {
    bytes: Bytes,
    _held: Arc<T>,
}

/// The same bytes, holding something until the last reference to them is gone.
pub fn hold_with<T: Send + Sync + 'static>(bytes: Bytes, held: &Arc<T>) -> Bytes {
    Bytes::from_owner(ChargedBytes { bytes, _held: Arc::clone(held) })
}

impl<T> HeldBody<T> {
    /// A body that holds something.
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
