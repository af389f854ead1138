//! A request's body: bounded in time, and read to its end where its handler did not.

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
/// All of it is to arrive within the request timeout and one second for every 64 KB that have: a body of any size may come at
/// an ordinary pace, and none may occupy a connection for long by dripping. Only a handler that reads a stream lets it pause, by
/// the [`BodyPace`] among the request's extensions.
///
/// What its handler did not read is read when it is dropped: closing a connection while its client still sends destroys the
/// answer on its way, and the client would see a broken connection in place of the reason why it was refused.
pub struct RequestStream {
    incoming: Option<Incoming>,
    visit: HttpConnection,
    pace: BodyPace,
    timeout: Duration,
    begun: Instant,
    received: u64,
    /// Made when the body is waited for, which most are not.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// How a body may come; clones are of the same body.
///
/// The content type does not decide it: every client may claim any, for any operation.
#[derive(Clone, Default)]
pub struct BodyPace(Arc<Mutex<Option<Instant>>>);

/// A body that was not complete in time, or paused for too long.
#[derive(Debug, Clone, Copy)]
pub struct BodyDeadline;

/// The slowest that a body may come, besides the request timeout.
const BYTES_PER_SECOND: u64 = 64 << 10;

const LINGER_BYTES: usize = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(10);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl RequestStream {
    /// The body of a request that has just begun.
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
    /// Lets the body last as long as no pause in it is longer than the request timeout. A pause begins now: called again, this
    /// excuses the time in which the handler did not read.
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
        // There is nothing to be gained from reading the rest.
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
        // It ends with its connection.
        tokio::spawn(tokio::time::timeout(LINGER_TIME, async move { while let Some(Ok(_)) = rest.frame().await {} }));
    }
}

impl fmt::Display for BodyDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it was not complete in time")
    }
}

impl std::error::Error for BodyDeadline {}
