//! Request bodies with a time limit, drained if their handler does not read them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::admission::HttpConnection;

/// A request's body.
///
/// It has to arrive within the request timeout plus one second per 64 KB received: a large body may arrive at an ordinary
/// rate, but none may occupy a connection by sending slowly (slowloris). Only a handler that reads a stream may permit
/// pauses, through the [`BodyPace`] in the request's extensions.
///
/// On drop the unread rest is read and discarded: closing a connection while the client is sending resets it, and the client
/// would not see the response that explains the refusal (RFC 9112, section 9.6).
pub struct RequestStream {
    incoming: Option<Incoming>,
    visit: HttpConnection,
    pace: BodyPace,
    timeout: Duration,
    begun: Instant,
    received: u64,
    /// Created when the body is first waited for, which is rarely the case.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// Time limit of a body; clones refer to the same body.
///
/// It does not depend on the content type, because clients may claim any type for any operation.
#[derive(Clone, Default)]
pub struct BodyPace(Arc<Mutex<Option<Instant>>>);

/// Error: the body was not complete in time, or paused for too long.
#[derive(Debug, Clone, Copy)]
pub struct BodyDeadline;

/// Minimum rate of a body after the request timeout, in bytes per second.
const BYTES_PER_SECOND: u64 = 64 << 10;

/// Maximum bytes of an unread body that are drained.
const LINGER_BYTES: usize = 64 << 20;
/// Maximum time for draining.
const LINGER_TIME: Duration = Duration::from_secs(10);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl RequestStream {
    /// Wraps the body of a request whose head has just been read.
    pub fn new(incoming: Incoming, pace: BodyPace, visit: HttpConnection, timeout: Duration) -> Self {
        Self { incoming: Some(incoming), visit, pace, timeout, begun: Instant::now(), received: 0, deadline: None }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = match *self.pace.lock() {
            Some(active_at) => active_at + self.timeout,
            None => self.begun + self.timeout + Duration::from_millis(self.received * 1000 / BYTES_PER_SECOND),
        };
        let sleep = self.deadline.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if sleep.deadline() != due {
            sleep.as_mut().reset(due);
        }
        sleep.as_mut().poll(cx)
    }
}

impl BodyPace {
    /// Permits a body of any duration, without pauses longer than the request timeout. The current pause starts now, so that
    /// time in which the handler did not read is not counted.
    pub fn let_pause(&self) {
        *self.lock() = Some(Instant::now());
    }

    fn received(&self) {
        if let Some(active_at) = &mut *self.lock() {
            *active_at = Instant::now();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock()
    }
}

impl http_body::Body for RequestStream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(incoming).poll_frame(cx) {
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref);
            self.received += data.map_or(0, |data| data.len() as u64);
            self.pace.received();
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.poll_deadline(cx));
        self.visit.missed_deadline();
        // The handler responds with 408; draining the rest would take longer still.
        self.incoming = None;
        Poll::Ready(Some(Err(BodyDeadline.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl Drop for RequestStream {
    fn drop(&mut self) {
        let Some(body) = self.incoming.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let mut rest = Limited::new(body, LINGER_BYTES);
        // The task needs no owner: it ends with the connection or at its time limit.
        tokio::spawn(tokio::time::timeout(LINGER_TIME, async move { while let Some(Ok(_)) = rest.frame().await {} }));
    }
}

impl fmt::Display for BodyDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it was not complete in time")
    }
}

impl std::error::Error for BodyDeadline {}
