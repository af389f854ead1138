//! The way of a frame from a sender to the kernel, or to the queue when the kernel is full.

use std::io::IoSlice;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::core::EngineCore;
use super::frame::EngineFrame;
use super::outbox::MAX_SLICES;
use super::session::{EngineSession, SessionLink, SessionPhase, SessionState};
use super::wire::{ConnectionWire, DirectWriter};
use crate::reason::DisconnectReason;

/// What the connection's task is to do after a flush.
pub(crate) enum FlushResult {
    Live,
    /// Everything was written after the session's end.
    Finished,
    Dead,
}

impl EngineSession {
    /// Writes frames straight from the caller's thread when nothing waits before them, and queues
    /// what the kernel refuses. The caller holds the lock, so frames never mix.
    pub(super) fn transmit(&self, state: &mut SessionState, frames: &[EngineFrame]) {
        let mut written = 0;
        let idle = state.outbox.is_empty();
        if idle
            && !state.corked
            && let SessionLink::WebSocket(Some(writer)) = &state.link
        {
            written = write_now(writer, frames);
            self.core.counters.bytes_sent.fetch_add(written as u64, Relaxed);
            if written == frames.iter().map(EngineFrame::len).sum::<usize>() {
                return;
            }
        }
        let before = state.outbox.bytes();
        for frame in frames {
            state.outbox.push(frame.clone());
        }
        state.outbox.advance(written);
        self.core.counters.queued_bytes.fetch_add(state.outbox.bytes() - before, Relaxed);
        if idle && !state.corked {
            state.begin_waiting();
        }
    }

    /// Does something and sends whatever it sent in one piece.
    pub(crate) fn gather<T>(&self, act: impl FnOnce() -> T) -> T {
        {
            let mut state = self.lock();
            // What waits already is written by the task, and in one piece with what follows.
            state.corked = state.outbox.is_empty();
        }
        let done = act();
        let mut state = self.lock();
        if std::mem::take(&mut state.corked) && !state.outbox.is_empty() {
            self.write_gathered(&mut state);
            if !state.outbox.is_empty() {
                state.begin_waiting();
            }
            drop(state);
            // Others may have waited for what was gathered to be gone.
            self.changed.notify_waiters();
        }
        done
    }

    /// Writes what was gathered as far as the kernel takes it.
    fn write_gathered(&self, state: &mut SessionState) {
        let SessionState { outbox, link: SessionLink::WebSocket(Some(writer)), .. } = state else { return };
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let used = outbox.slices(&mut slices);
        let written = writer.try_write(&slices[..used]);
        outbox.advance(written);
        if written > 0 {
            state.took(written, &self.core);
        }
    }

    /// As [`Self::transmit`] for one frame, but before everything that waits.
    pub(super) fn transmit_urgent(&self, state: &mut SessionState, frame: EngineFrame) {
        if state.outbox.is_empty() {
            self.transmit(state, &[frame]);
        } else {
            self.core.counters.queued_bytes.fetch_add(frame.len(), Relaxed);
            state.outbox.push_urgent(frame);
        }
    }

    /// Writes what waits, and notes whom to wake when there is more to do.
    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>, wire: &mut ConnectionWire) -> FlushResult {
        let mut state = self.lock();
        state.watch(cx);
        if state.phase == SessionPhase::Closed {
            return FlushResult::Dead;
        }
        let before = state.outbox.bytes();
        let mut broken = false;
        while !state.outbox.is_empty() {
            let SessionState { outbox, link, .. } = &mut *state;
            let writer = if let SessionLink::WebSocket(writer) = link { writer.as_ref() } else { None };
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let used = outbox.slices(&mut slices);
            match wire.poll_write(writer, cx, &slices[..used]) {
                Poll::Ready(Ok(count)) if count > 0 => outbox.advance(count),
                Poll::Ready(_) => {
                    broken = true;
                    break;
                }
                Poll::Pending => break,
            }
        }
        let sent = before - state.outbox.bytes();
        if sent > 0 {
            state.took(sent, &self.core);
        }
        broken |= matches!(wire.poll_flush(cx), Poll::Ready(Err(_)));
        let finished = state.outbox.is_empty() && matches!(state.phase, SessionPhase::Flushing(_));
        if finished {
            self.shut(&mut state);
        }
        drop(state);
        if sent > 0 {
            self.changed.notify_waiters();
        }
        if broken {
            self.abort(DisconnectReason::TransportError);
            return FlushResult::Dead;
        }
        if finished { FlushResult::Finished } else { FlushResult::Live }
    }

    /// Answers a WebSocket ping, unless the peer sends more of them than it reads answers.
    pub(super) fn answer_ping(&self, data: &[u8]) {
        let pong = EngineFrame::pong(data);
        let mut state = self.lock();
        if state.phase == SessionPhase::Open && state.outbox.bytes() + pong.len() <= self.core.config.queue_bytes {
            self.transmit_urgent(&mut state, pong);
        }
    }

    pub(super) fn transport_gauge(&self) -> &AtomicUsize {
        self.transport_gauge_of(&self.lock().link)
    }

    pub(super) fn transport_gauge_of(&self, link: &SessionLink) -> &AtomicUsize {
        match link {
            SessionLink::Polling(_) => &self.core.counters.polling,
            SessionLink::WebSocket(_) => &self.core.counters.websocket,
        }
    }
}

impl SessionState {
    /// Something waits for the peer from now on: a parked poll takes it, or the task sees to it.
    fn begin_waiting(&mut self) {
        if let SessionLink::Polling(polling) = &mut self.link
            && polling.parked
        {
            if let Some(waker) = polling.waker.take() {
                waker.wake();
            }
            return;
        }
        self.stalled_since = Some(Instant::now());
        self.wake_task();
    }

    /// The peer took `count` bytes of what waited for it.
    pub(super) fn took(&mut self, count: usize, core: &EngineCore) {
        core.counters.queued_bytes.fetch_sub(count, Relaxed);
        core.counters.bytes_sent.fetch_add(count as u64, Relaxed);
        self.fetched();
    }

    /// The peer took something, which is a sign of life.
    pub(super) fn fetched(&mut self) {
        let now = Instant::now();
        self.progress = Some(now);
        self.stalled_since = (!self.outbox.is_empty()).then_some(now);
    }

    /// Remembers the task to wake.
    pub(super) fn watch(&mut self, cx: &Context<'_>) {
        match &mut self.task {
            Some(task) => task.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    /// The session's clock is to be looked at again.
    pub(super) fn wake_task(&self) {
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }

    pub(super) fn wake_all(&mut self) {
        self.wake_task();
        if let SessionLink::Polling(polling) = &mut self.link
            && let Some(waker) = polling.waker.take()
        {
            waker.wake();
        }
    }
}

fn write_now(writer: &DirectWriter, frames: &[EngineFrame]) -> usize {
    if let [only] = frames {
        return writer.try_write(&[IoSlice::new(only.wire())]);
    }
    let mut slices = [IoSlice::new(&[]); MAX_SLICES];
    let mut used = 0;
    for (slot, frame) in slices.iter_mut().zip(frames) {
        *slot = IoSlice::new(frame.wire());
        used += 1;
    }
    writer.try_write(&slices[..used])
}
