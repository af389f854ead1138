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

use super::answer::{HttpAnswer, RequestProblem};
use super::core::EngineCore;
use super::frame::EngineFrame;
use super::guest::ReportedMemory;
use super::payload::{self, PayloadElement};
use super::session::{EngineSession, FAREWELL, SessionEntry};
use super::session_state::{PollingState, SessionEnd, SessionLink, SessionPhase, UpgradeState};
use super::transport::TransportKind;
use crate::reason::DisconnectReason;

/// How long a poll that arrives during an upgrade waits before it is answered with a noop: the packet that completes
/// the upgrade is often already in transit.
const UPGRADE_GRACE: Duration = Duration::from_millis(50);

/// Opens a session on long-polling.
pub(crate) fn open(core: &Arc<EngineCore>, entry: SessionEntry) -> HttpAnswer {
    let session = EngineSession::open(core, entry, SessionLink::Polling(PollingState::default()), None);
    core.spawn(keep_time(Arc::clone(&session)));
    HttpAnswer::payload(core.open_packet(session.id, TransportKind::Polling).into())
}

/// Answers a GET request once packets are available.
pub(crate) async fn get(session: Arc<EngineSession>) -> HttpAnswer {
    let late_upgrade = match park(&session) {
        Ok(late_upgrade) => late_upgrade,
        Err(problem) => return HttpAnswer::problem(problem),
    };
    let parked = ParkedPoll(&session);
    let outcome = if late_upgrade {
        timeout(UPGRADE_GRACE, wait(&session, true)).await.unwrap_or(PollOutcome::Noop)
    } else {
        wait(&session, false).await
    };
    parked.leave();
    match outcome {
        PollOutcome::Packets(frames) => {
            let body = payload::encode(&frames);
            session.core.counters.bytes_sent.fetch_add(body.len() as u64, Relaxed);
            HttpAnswer::payload(body)
        }
        PollOutcome::Noop => HttpAnswer::payload(Bytes::from_static(b"6")),
        PollOutcome::Gone => HttpAnswer::problem(RequestProblem::BadRequest),
    }
}

/// Processes the packets of a POST request, no faster than handlers accept them.
pub(crate) async fn post<B>(session: Arc<EngineSession>, body: B) -> HttpAnswer
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let alone = match &mut session.lock().link {
        SessionLink::Polling(polling) => !std::mem::replace(&mut polling.posting, true),
        SessionLink::WebSocket(_) => return HttpAnswer::problem(RequestProblem::BadRequest),
    };
    if !alone {
        return close_misused(&session);
    }
    let posting = PostInProgress { session: &session, done: false };
    let limit = session.message_limit();
    session.hold(ReportedMemory::Input, limit);
    let body = tokio::select! {
        // `biased`: if the body is complete already, it is processed even if the session is closing, so that packets
        // queued for its next poll are not lost.
        biased;
        body = Limited::new(body, limit).collect() => body,
        // A slow body must not keep a closed session alive.
        () = session.until(|session| !session.is_open()) => return HttpAnswer::problem(RequestProblem::BadRequest),
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
            return HttpAnswer::problem(if too_large { RequestProblem::TooLarge } else { RequestProblem::BadRequest });
        }
    };
    let accepted = receive(&session, &body).await;
    drop(body);
    session.hold(ReportedMemory::Input, 0);
    posting.done();
    if accepted.is_none() {
        session.abort(DisconnectReason::ParseError);
        return HttpAnswer::problem(RequestProblem::BadPacket);
    }
    HttpAnswer::ok()
}

/// Processes the packets of a payload; `None` if it is malformed.
async fn receive(session: &Arc<EngineSession>, body: &[u8]) -> Option<()> {
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
            PayloadElement::Binary(data) => session.receive_binary(data).ok()?,
            PayloadElement::Text(text) => {
                if !session.receive_text(text).ok()? {
                    let farewell = SessionEnd::Flush(Some(EngineFrame::text("6")), Instant::now() + FAREWELL);
                    session.end(DisconnectReason::TransportClose, farewell);
                }
            }
        }
    }
    Some(())
}

/// Reserves the session's single slot for a GET request. `Ok(true)` means that an upgrade is in progress.
fn park(session: &EngineSession) -> Result<bool, RequestProblem> {
    let config = &session.core.config;
    let mut state = session.lock();
    let waiting = !state.outbox.is_empty();
    let late = state.phase == SessionPhase::Open
        && state.heartbeat.missed_by_poll(Instant::now(), config.ping_timeout, waiting);
    match &mut state.link {
        SessionLink::Polling(polling) if polling.parked => {
            drop(state);
            close_misused(session);
            Err(RequestProblem::BadRequest)
        }
        SessionLink::Polling(_) if late => {
            drop(state);
            session.abort(DisconnectReason::PingTimeout);
            Err(RequestProblem::UnknownSession)
        }
        SessionLink::Polling(polling) => {
            polling.parked = true;
            Ok(polling.upgrade == UpgradeState::Probed)
        }
        SessionLink::WebSocket(_) => Err(RequestProblem::BadRequest),
    }
}

enum PollOutcome {
    Packets(Vec<EngineFrame>),
    // Answered with a noop, so that the client can complete the upgrade.
    Noop,
    /// The session has ended or has been upgraded.
    Gone,
}

async fn wait(session: &EngineSession, ignore_probe: bool) -> PollOutcome {
    poll_fn(|cx| {
        let mut state = session.lock();
        let flushing = matches!(state.phase, SessionPhase::Flushing(_));
        if state.phase == SessionPhase::Closed || matches!(state.link, SessionLink::WebSocket(_)) {
            return Poll::Ready(PollOutcome::Gone);
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
            return Poll::Ready(PollOutcome::Packets(frames));
        }
        let SessionLink::Polling(polling) = &mut state.link else { return Poll::Ready(PollOutcome::Gone) };
        if polling.upgrade == UpgradeState::Probed && !ignore_probe {
            return Poll::Ready(PollOutcome::Noop);
        }
        polling.waker = Some(cx.waker().clone());
        Poll::Pending
    })
    .await
}

/// Closes the session after two concurrent requests of one kind, since the order of packets would be undefined.
fn close_misused(session: &EngineSession) -> HttpAnswer {
    let farewell = SessionEnd::Flush(Some(EngineFrame::text("1")), Instant::now() + FAREWELL);
    session.end(DisconnectReason::TransportError, farewell);
    HttpAnswer::problem(RequestProblem::BadRequest)
}

/// Guard of a pending GET request: if the client aborts it, packets may be lost, so the session ends.
struct ParkedPoll<'a>(&'a EngineSession);

impl ParkedPoll<'_> {
    fn leave(self) {
        self.clear();
        std::mem::forget(self);
    }

    fn clear(&self) {
        if let SessionLink::Polling(polling) = &mut self.0.lock().link {
            polling.parked = false;
            polling.waker = None;
        }
    }
}

impl Drop for ParkedPoll<'_> {
    fn drop(&mut self) {
        self.clear();
        if self.0.transport() == TransportKind::Polling {
            self.0.abort(DisconnectReason::TransportClose);
        }
    }
}

/// Guard of a POST request: if the client aborts it, packets may be lost, so the session ends.
struct PostInProgress<'a> {
    session: &'a EngineSession,
    done: bool,
}

impl PostInProgress<'_> {
    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for PostInProgress<'_> {
    fn drop(&mut self) {
        if let SessionLink::Polling(polling) = &mut self.session.lock().link {
            polling.posting = false;
        }
        if !self.done {
            self.session.abort(DisconnectReason::TransportError);
        }
    }
}

/// Drives the timeouts of a session on long-polling, which has no connection task.
async fn keep_time(session: Arc<EngineSession>) {
    let mut sleep = pin!(sleep_until(Instant::now()));
    poll_fn(|cx| {
        {
            let mut state = session.lock();
            if matches!(state.link, SessionLink::WebSocket(_)) {
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
