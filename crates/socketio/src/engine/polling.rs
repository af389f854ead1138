//! HTTP long-polling.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::{Instant, sleep_until, timeout};

use super::answer::{Answer, Problem};
use super::core::Core;
use super::frame::Frame;
use super::guest::Held;
use super::payload::{self, Element};
use super::session::{End, Entry, FAREWELL, Link, Phase, Polling, Session, Upgrade};
use super::transport::Transport;
use crate::reason::DisconnectReason;

/// How long a poll that arrives during an upgrade waits before it is answered with a noop: the packet that completes
/// the upgrade is often already in transit.
const UPGRADE_GRACE: Duration = Duration::from_millis(50);

/// Opens a session on long-polling.
pub(crate) fn open(core: &Arc<Core>, entry: Entry) -> Answer {
    let session = Session::open(core, entry, Link::Polling(Polling::default()), None);
    core.spawn(keep_time(Arc::clone(&session)));
    Answer::payload(core.open_packet(session.id, Transport::Polling).into())
}

/// Answers a GET request once packets are available.
pub(crate) async fn get(session: Arc<Session>) -> Answer {
    let late_upgrade = match park(&session) {
        Ok(late_upgrade) => late_upgrade,
        Err(problem) => return Answer::problem(problem),
    };
    let parked = Parked(&session);
    let outcome = if late_upgrade {
        timeout(UPGRADE_GRACE, wait(&session, true)).await.unwrap_or(Outcome::Noop)
    } else {
        wait(&session, false).await
    };
    parked.leave();
    match outcome {
        Outcome::Packets(frames) => {
            let body = payload::encode(&frames);
            session.core.counters.bytes_sent.fetch_add(body.len() as u64, Relaxed);
            Answer::payload(body)
        }
        Outcome::Noop => Answer::payload(Bytes::from_static(b"6")),
        Outcome::Gone => Answer::problem(Problem::BadRequest),
    }
}

/// Processes the packets of a POST request, no faster than handlers accept them.
pub(crate) async fn post<B>(session: Arc<Session>, body: B) -> Answer
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let alone = match &mut session.lock().link {
        Link::Polling(polling) => !std::mem::replace(&mut polling.posting, true),
        Link::WebSocket(_) => return Answer::problem(Problem::BadRequest),
    };
    if !alone {
        return close_misused(&session);
    }
    let posting = Posting { session: &session, done: false };
    let limit = session.message_limit();
    session.hold(Held::Input, limit);
    let body = tokio::select! {
        // `biased`: if the body is complete already, it is processed even if the session is closing, so that packets
        // queued for its next poll are not lost.
        biased;
        body = Limited::new(body, limit).collect() => body,
        // A slow body must not keep a closed session alive.
        () = session.until(|session| !session.is_open()) => return Answer::problem(Problem::BadRequest),
    };
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            let too_large = error.is::<LengthLimitError>();
            if too_large {
                session.reject_traffic();
            }
            session.abort(if too_large { DisconnectReason::ParseError } else { DisconnectReason::TransportError });
            posting.done();
            return Answer::problem(if too_large { Problem::TooLarge } else { Problem::BadRequest });
        }
    };
    let accepted = receive(&session, &body).await;
    drop(body);
    session.hold(Held::Input, 0);
    posting.done();
    if accepted.is_none() {
        session.abort(DisconnectReason::ParseError);
        return Answer::problem(Problem::BadPacket);
    }
    Answer::ok()
}

/// Processes the packets of a payload; `None` if it is malformed.
async fn receive(session: &Arc<Session>, body: &[u8]) -> Option<()> {
    let body = str::from_utf8(body).ok()?;
    if payload::count(body) > session.core.config.max_packets_per_payload {
        return None;
    }
    for element in payload::decode(body) {
        session.room().await;
        if !session.is_open() {
            return Some(());
        }
        match element.ok()? {
            Element::Binary(data) => session.receive_binary(data).ok()?,
            Element::Text(text) => {
                if !session.receive_text(text).ok()? {
                    let farewell = End::Flush(Some(Frame::text("6")), Instant::now() + FAREWELL);
                    session.end(DisconnectReason::TransportClose, farewell);
                }
            }
        }
    }
    Some(())
}

/// Reserves the session's single slot for a GET request. `Ok(true)` means that an upgrade is in progress.
fn park(session: &Session) -> Result<bool, Problem> {
    let config = &session.core.config;
    let mut state = session.lock();
    let waiting = !state.outbox.is_empty();
    let late =
        state.phase == Phase::Open && state.heartbeat.missed_by_poll(Instant::now(), config.ping_timeout, waiting);
    match &mut state.link {
        Link::Polling(polling) if polling.parked => {
            drop(state);
            close_misused(session);
            Err(Problem::BadRequest)
        }
        Link::Polling(_) if late => {
            drop(state);
            session.abort(DisconnectReason::PingTimeout);
            Err(Problem::UnknownSession)
        }
        Link::Polling(polling) => {
            polling.parked = true;
            Ok(polling.upgrade == Upgrade::Probed)
        }
        Link::WebSocket(_) => Err(Problem::BadRequest),
    }
}

enum Outcome {
    Packets(Vec<Frame>),
    // Answered with a noop, so that the client can complete the upgrade.
    Noop,
    /// The session has ended or has been upgraded.
    Gone,
}

async fn wait(session: &Session, ignore_probe: bool) -> Outcome {
    poll_fn(|cx| {
        let mut state = session.lock();
        let flushing = matches!(state.phase, Phase::Flushing(_));
        if state.phase == Phase::Closed || matches!(state.link, Link::WebSocket(_)) {
            return Poll::Ready(Outcome::Gone);
        }
        if !state.outbox.is_empty() {
            let before = state.outbox.bytes();
            let frames = state.outbox.take_payload(session.core.config.max_payload);
            let taken = before - state.outbox.bytes();
            session.core.counters.queued_bytes.fetch_sub(taken, Relaxed);
            state.fetched();
            if flushing && state.outbox.is_empty() {
                session.shut(&mut state);
                state.wake_all();
            }
            drop(state);
            session.changed.notify_waiters();
            return Poll::Ready(Outcome::Packets(frames));
        }
        let Link::Polling(polling) = &mut state.link else { return Poll::Ready(Outcome::Gone) };
        if polling.upgrade == Upgrade::Probed && !ignore_probe {
            return Poll::Ready(Outcome::Noop);
        }
        polling.waker = Some(cx.waker().clone());
        Poll::Pending
    })
    .await
}

/// Closes the session after two concurrent requests of one kind, since the order of packets would be undefined.
fn close_misused(session: &Session) -> Answer {
    let farewell = End::Flush(Some(Frame::text("1")), Instant::now() + FAREWELL);
    session.end(DisconnectReason::TransportError, farewell);
    Answer::problem(Problem::BadRequest)
}

/// Guard of a pending GET request: if the client aborts it, packets may be lost, so the session ends.
struct Parked<'a>(&'a Session);

impl Parked<'_> {
    fn leave(self) {
        self.clear();
        std::mem::forget(self);
    }

    fn clear(&self) {
        if let Link::Polling(polling) = &mut self.0.lock().link {
            polling.parked = false;
            polling.waker = None;
        }
    }
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        self.clear();
        if self.0.transport() == Transport::Polling {
            self.0.abort(DisconnectReason::TransportClose);
        }
    }
}

/// Guard of a POST request: if the client aborts it, packets may be lost, so the session ends.
struct Posting<'a> {
    session: &'a Session,
    done: bool,
}

impl Posting<'_> {
    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Posting<'_> {
    fn drop(&mut self) {
        if let Link::Polling(polling) = &mut self.session.lock().link {
            polling.posting = false;
        }
        if !self.done {
            self.session.abort(DisconnectReason::TransportError);
        }
    }
}

/// Drives the timeouts of a session on long-polling, which has no connection task.
async fn keep_time(session: Arc<Session>) {
    let mut sleep = pin!(sleep_until(Instant::now()));
    poll_fn(|cx| {
        {
            let mut state = session.lock();
            if matches!(state.link, Link::WebSocket(_)) {
                return Poll::Ready(());
            }
            state.watch(cx);
        }
        loop {
            let Some(deadline) = session.tick(Instant::now()) else { return Poll::Ready(()) };
            sleep.as_mut().reset(deadline);
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
}
